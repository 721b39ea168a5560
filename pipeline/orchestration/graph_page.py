"""The asset graph as a page of the documentation, so that a change to it shows up in review.

Belongs here: how the page reads, and the command that writes it anew (``make graph``). A test holds the page to the
graph.
"""

import difflib
import sys
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from pipeline.orchestration.assets.specs import GROUPS
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.settings import Settings
from pipeline.report.previews import markdown_table

PAGE = Path("docs/graph.md")
OPENING = """\
# The graph

Every asset, check, job, schedule and sensor that the Dagster UI shows. Written by `make graph`, which prints what has
changed; a test holds this page to the code.
"""


def graph_page(definitions: dg.Definitions) -> str:
    """Return the page."""
    specs = sorted(definitions.resolve_all_asset_specs(), key=lambda spec: spec.key.to_user_string())
    parts = [OPENING]
    for group in GROUPS:
        parts += [f"## {group}\n", _assets(s for s in specs if s.group_name == group)]
    parts += ["## Checks of the data and across tables\n", _checks(definitions), "## Jobs\n", _jobs(definitions)]
    rows = sorted(_started(definitions))
    parts += ["## Schedule and sensors\n", markdown_table(("name", "at first", "does"), rows)]
    return "\n".join(parts) + "\n"


def _assets(specs: Iterable[dg.AssetSpec]) -> str:
    rows = [
        (
            spec.key.to_user_string(),
            ", ".join(sorted(dep.asset_key.to_user_string() for dep in spec.deps)),
            "each contract" if spec.partitions_def else "",
            spec.description or "",
        )
        for spec in specs
    ]
    return markdown_table(("asset", "made from", "partitions", "what it is"), rows) + "\n"


def _checks(definitions: dg.Definitions) -> str:
    graph = definitions.resolve_asset_graph()
    specs = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    rows = [
        (
            spec.asset_key.to_user_string(),
            spec.name,
            "stops the run" if spec.blocking else "warns",
            spec.description or "",
        )
        for spec in sorted(specs, key=lambda spec: (spec.asset_key.to_user_string(), spec.name))
    ]
    return markdown_table(("asset", "check", "when it fails", "what it does"), rows) + "\n"


def _jobs(definitions: dg.Definitions) -> str:
    repository = definitions.get_repository_def()
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    return (
        markdown_table(
            ("job", "fields of the launchpad", "does"),
            [
                (job.name, ", ".join(_fields(job)), job.description or "")
                for job in sorted(jobs, key=lambda job: job.name)
            ],
        )
        + "\n"
    )


def _fields(job: dg.JobDefinition) -> Iterable[str]:
    """Names of what somebody who starts a job may say: a partition, or the fields of our own."""
    if job.partitions_def is not None:
        return ["a partition"]
    said = job.config_mapping.config_schema.config_type if job.config_mapping else None
    return sorted(said.fields) if isinstance(said, dg.Shape) else []


def _started(definitions: dg.Definitions) -> Iterable[tuple[str, str, str]]:
    """Name, whether it is on at first, and description of what starts runs or hears of them."""
    for each in (*(definitions.schedules or ()), *(definitions.sensors or ())):
        if isinstance(each, dg.ScheduleDefinition | dg.SensorDefinition):
            yield each.name, "on" if each.default_status.value == "RUNNING" else "off", each.description or ""


def main() -> None:
    """Write the page anew and print what has changed."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    now = graph_page(build_definitions(Settings.default()))
    sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), now.splitlines(True), "before", "now", n=0))
    PAGE.write_text(now, encoding="utf-8")


if __name__ == "__main__":
    main()
