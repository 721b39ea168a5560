"""Where Dagster keeps its records of runs, and how it is set up here.

Belongs here: Dagster's home folder and its configuration: nothing calls home, nothing waits for a daemon.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from pipeline.orchestration.settings import Settings

PROCESS_TAG = "publicvalue/process"

CONFIGURATION = """\
# Written anew by every run; change pipeline/orchestration/instance.py instead.
telemetry:
  enabled: false
nux:
  enabled: false
# Runs start at once, without a daemon that takes them from a queue.
run_coordinator:
  module: dagster._core.run_coordinator
  class: DefaultRunCoordinator
# Assets print nothing; catching their output would take two more processes for each step.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def _home(settings: Settings) -> Path:
    return (settings.data_dir / "dagster").absolute()


def dagster_home(settings: Settings) -> Path:
    """Return Dagster's home below the data folder, made if need be; absolute."""
    home = _home(settings)
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    if not file.exists() or file.read_text(encoding="utf-8") != CONFIGURATION:
        file.write_text(CONFIGURATION, encoding="utf-8")
    return home


@contextmanager
def run_records(settings: Settings) -> Iterator[dg.DagsterInstance | None]:
    """Open the records of runs that the UI shows; None when the UI was never opened, so that there are none."""
    if not _home(settings).exists():
        yield None
        return
    with dg.DagsterInstance.from_config(str(dagster_home(settings))) as instance:
        yield instance
