"""The asset graph, put together, with the jobs over it and what starts them.

Belongs here: assets, resources, jobs, schedule and sensors of one set of folders. Nothing is built when the module is
imported.
"""

import dagster as dg

from pipeline.facts.editions import first_choice, read_editions
from pipeline.orchestration.assets.facts import all_facts, contract_facts, raw_folder
from pipeline.orchestration.assets.publication import publication_asset
from pipeline.orchestration.assets.reference import reference_assets
from pipeline.orchestration.assets.store import table_store
from pipeline.orchestration.assets.valuation import step_assets
from pipeline.orchestration.assets.what_if import what_if_asset
from pipeline.orchestration.automation import (
    contract_folders_sensor,
    failure_sensor,
    new_data_sensor,
    success_sensor,
    weekly_refresh,
)
from pipeline.orchestration.jobs import jobs
from pipeline.orchestration.run_config import EditionChoice
from pipeline.orchestration.settings import OnStep, Settings, edition_ids, silent


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return the asset graph over some folders. A new contract or edition needs no new definitions.

    Only the launchpads offer the editions that were there when this was called.
    """
    editions = edition_ids(settings)
    default = default_edition(settings)
    return dg.Definitions(
        assets=[*build_assets(), contract_facts(), raw_folder(), what_if_asset(editions, default)],
        resources=build_resources(settings),
        jobs=jobs(editions, default),
        schedules=[weekly_refresh()],
        sensors=[
            contract_folders_sensor(settings),
            new_data_sensor(settings),
            failure_sensor(),
            success_sensor(settings),
        ],
        # A process for each step would take far longer than the steps.
        executor=dg.in_process_executor,
    )


def build_assets() -> list[dg.AssetsDefinition]:
    """Return all assets that lead to a headline, in the order of the method."""
    return [reference_assets(), all_facts(), *step_assets(), publication_asset()]


def build_resources(settings: Settings, on_step: OnStep = silent) -> dict[str, object]:
    """Return what the assets work with: the folders, the store below them, and who hears that a step begins."""
    return {
        "settings": settings,
        "store": table_store(settings),
        "on_step": on_step,
        "choice": EditionChoice(),
    }


def default_edition(settings: Settings) -> str:
    """Return the edition that launchpads start with; the first of the files where none can be read."""
    read, _ = read_editions(settings.reference_dir / "editions", "editions")
    return first_choice(read) or next(iter(edition_ids(settings)), "")
