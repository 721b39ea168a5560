"""Assets that read: facts by contract, and the reference tables.

Belongs here: bringing what lies in the folders into the store, all of it sound or none of it; nothing is valued.
"""

from collections.abc import Sequence

import dagster as dg
import pandas as pd

from pipeline.facts.problems import raise_if_any
from pipeline.facts.raw import contract_folders, read_raw
from pipeline.facts.reference import REFERENCE_TABLES, read_reference
from pipeline.orchestration.failures import shown_as_failures
from pipeline.orchestration.inputs import EDITIONS, FACT_ASSETS, Inputs, contract_versions, editions_table
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.orchestration.specs import ROW_COUNT, Materialized, materialized, table_spec
from pipeline.orchestration.storage import TableStore

FACT_DESCRIPTIONS = {
    "contracts": "What is known of each outcomes contract: name, policy area, stage, dates, people engaged.",
    "reported_outcomes": "Every result as reported, by metric and period, after declared corrections of known errors.",
    "payments": "Every payment and commitment as recorded, in cash, with what kind of figure it is.",
    "rejected_rows": "Every value of a source that could not be used, with the reason; nothing is dropped unseen.",
}
REFERENCE_DESCRIPTIONS = {
    "outcome_types": "The common outcomes to which metrics of different contracts are mapped, and their units.",
    "metric_outcomes": "For each reported metric: which outcome it counts, how it is treated, and why.",
    "unit_costs": "What one unit of something is worth, from low to high, with kind, bearer, price year and grade.",
    "outcome_unit_costs": "Which unit costs value which outcome, and which of them save the same money.",
    "deadweight": "The share of an outcome that would have happened anyway, assumed or studied, with its evidence.",
    "gdp_deflators": "The GDP deflator by financial year, which brings pounds of one year into the prices of another.",
    "discount_rates": "The discount rates for value that lies in later years.",
    "published_figures": "What others have published about the market, to be held beside our figures.",
    "sources": "The register of sources: title, publisher, date, address, licence.",
    "corrections": "Known errors of sources: what was reported, what is used instead, and why.",
    EDITIONS: "The editions: named sets of choices under which the contracts are valued.",
}


def fact_assets(partitions: dg.StaticPartitionsDefinition | None) -> dg.AssetsDefinition:
    """Return the assets of the facts; one run reads all its contracts at once, checks them, and then writes.

    Without partitions all contracts are read as one, which spares Dagster a record of each; stored are the same tables.
    """
    corrections = [dg.AssetDep("corrections")]
    descriptions = FACT_DESCRIPTIONS.items()

    @dg.multi_asset(
        name="facts",
        specs=[table_spec(asset, "facts", description, corrections) for asset, description in descriptions],
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run() if partitions else None,
    )
    def facts(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> Materialized:
        contracts = context.partition_keys if partitions else contract_folders(settings.raw_dir)
        on_step(f"reading {len(contracts)} contracts")
        with shown_as_failures(settings.reference_dir.name):
            made_from = contract_versions(settings)
            corrections = Inputs(settings, store).reference_table("corrections")
            tables, problems = read_raw(settings.raw_dir, corrections, only=contracts)
            raise_if_any(problems)
        for name, asset in FACT_ASSETS.items():
            for contract, table in _by_contract(getattr(tables, name), contracts).items():
                store.write(asset, table, made_from[contract], contract)
                if partitions:
                    context.add_asset_metadata({ROW_COUNT: len(table)}, asset_key=asset, partition_key=contract)
        yield from materialized(FACT_ASSETS.values())

    return facts


def _by_contract(table: pd.DataFrame, contracts: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Split a table by contract; a contract without rows gets an empty table."""
    parts = dict(list(table.groupby("contract_id")))
    return {contract: parts.get(contract, table.iloc[:0]).reset_index(drop=True) for contract in contracts}


def reference_assets() -> dg.AssetsDefinition:
    """Return the assets of the reference tables and editions, read and checked together."""
    descriptions = REFERENCE_DESCRIPTIONS.items()

    @dg.multi_asset(
        name="reference_tables",
        specs=[table_spec(asset, "reference", description) for asset, description in descriptions],
    )
    def reference_tables(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> Materialized:
        on_step("reading reference tables")
        with shown_as_failures(settings.reference_dir.name):
            made_from = Inputs(settings, store).versions["reference_version"]
            reference, problems = read_reference(settings.reference_dir)
            raise_if_any(problems)
        tables = {name: getattr(reference, name) for name in REFERENCE_TABLES}
        # The editions come last: once they are written, all are.
        tables[EDITIONS] = editions_table(reference.editions.values())
        for asset, table in tables.items():
            store.write(asset, table, made_from)
            context.add_asset_metadata({ROW_COUNT: len(table)}, asset_key=asset)
        yield from materialized(tables)

    return reference_tables
