"""A code location for tests: the project's own, but files are taken to be whole after a second at rest.

Beside its assets there is one that takes as long as it is told to, and waits for its turn as they do.
"""

import dagster as dg

from pipeline.orchestration.automation import (
    contract_folders_sensor,
    failure_sensor,
    new_data_sensor,
    success_sensor,
)
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.settings import Settings

# Which also has runs forked, as the project's own code location does.
from tests.orchestration.lasting_runs import lasting


def hasty(settings: Settings) -> dg.Definitions:
    """The graph and the jobs as they are, beside a watch that is less patient."""
    own = build_definitions(settings)
    return dg.Definitions(
        assets=[*(own.assets or ()), lasting],
        resources=own.resources,
        jobs=own.jobs,
        sensors=[
            contract_folders_sensor(settings),
            new_data_sensor(settings, rest_seconds=1),
            failure_sensor(),
            success_sensor(settings),
        ],
        executor=own.executor,
    )


defs = hasty(Settings.default())
