"""The asset graph, put together.

Belongs here: assets, resources and partitions of one set of folders. Nothing is built when the module is imported.
"""

from collections.abc import Sequence

import dagster as dg

from pipeline.facts.raw import contract_folders
from pipeline.orchestration.edition_assets import step_assets
from pipeline.orchestration.fact_assets import fact_assets, reference_assets
from pipeline.orchestration.publication_asset import publication_asset
from pipeline.orchestration.settings import OnStep, Settings, silent
from pipeline.orchestration.storage import TableStore


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return the asset graph over the contracts and editions that lie in the folders now."""
    return dg.Definitions(
        assets=build_assets(contract_folders(settings.raw_dir), edition_ids(settings)),
        resources=build_resources(settings),
        # A process for each step would take far longer than the steps.
        executor=dg.in_process_executor,
    )


def build_assets(contracts: Sequence[str] | None, editions: Sequence[str]) -> list[dg.AssetsDefinition]:
    """Return the assets in the order of the method; a partition for each of the contracts and the editions.

    ``contracts``: None for all contracts of the folder as one, without partitions.
    """
    of_contracts = None if contracts is None else dg.StaticPartitionsDefinition(contracts)
    of_editions = dg.StaticPartitionsDefinition(editions)
    valuation = [*step_assets(of_editions), publication_asset(of_editions)]
    return [reference_assets(), fact_assets(of_contracts), *valuation]


def build_resources(settings: Settings, on_step: OnStep = silent) -> dict[str, object]:
    """Return what the assets work with: the folders, the store below them, and who hears that a step begins."""
    return {"settings": settings, "store": table_store(settings), "on_step": on_step}


def table_store(settings: Settings) -> TableStore:
    """Return the store of working tables."""
    return TableStore(settings.data_dir / "tables")


def edition_ids(settings: Settings) -> list[str]:
    """Return the names of the edition files, sorted."""
    return sorted(path.stem for path in (settings.reference_dir / "editions").glob("*.toml"))
