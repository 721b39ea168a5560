"""A code location for tests: the project's own, but files are taken to be whole after a second at rest."""

import dagster as dg

from pipeline.orchestration.automation import (
    contract_folders_sensor,
    failure_sensor,
    new_data_sensor,
    success_sensor,
)
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.server.forked_runs import fork_runs
from pipeline.orchestration.settings import Settings


def hasty(settings: Settings) -> dg.Definitions:
    """The graph and the jobs as they are, beside a watch that is less patient."""
    own = build_definitions(settings)
    return dg.Definitions(
        assets=own.assets,
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


fork_runs()
defs = hasty(Settings.default())
