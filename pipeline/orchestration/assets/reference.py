"""Assets of the reference tables and editions: what analysts judged or looked up.

Belongs here: bringing what lies in ``reference/`` into the store, all of it sound or none of it.
"""

import dagster as dg

from pipeline.facts.problems import Problem
from pipeline.facts.reference import read_reference
from pipeline.orchestration.assets.begun import start_beside
from pipeline.orchestration.assets.failures import gate, gate_spec
from pipeline.orchestration.assets.inputs import EDITIONS, Inputs, editions_table
from pipeline.orchestration.assets.metadata import begin, table_metadata
from pipeline.orchestration.assets.specs import CheckedAndMaterialized, asset_spec, table_spec
from pipeline.orchestration.assets.store import TableStore
from pipeline.orchestration.server.instance import POOL
from pipeline.orchestration.server.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.tables.catalogue import REFERENCE_TABLES

EDITIONS_ARE = "Each row is an edition: a named set of choices under which the contracts are valued."
GATE = gate_spec(
    "reference_is_sound", EDITIONS, "a reference table or an edition with a row or a value that cannot be right"
)


def reference_assets() -> dg.AssetsDefinition:
    """Return the assets of the reference tables and editions, read and checked together."""

    @dg.multi_asset(
        name="reference_tables",
        specs=[
            *(table_spec(table, code=(read_reference,)) for table in REFERENCE_TABLES),
            asset_spec(EDITIONS, EDITIONS_ARE, code=(read_reference,)),
        ],
        check_specs=[GATE],
        pool=POOL,
    )
    def reference_tables(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        begin(context, settings)
        on_step("reading reference tables")
        inputs = Inputs(settings, store)
        assets, made_from = (*REFERENCE_TABLES, EDITIONS), inputs.reference_version
        problems: list[Problem] = []  # tables are stored only when there is none
        if not inputs.is_stored(assets, made_from):
            start_beside()
            reference, problems = read_reference(settings.reference_dir)
        yield from gate(GATE, problems, settings)
        go_on(context)
        if not inputs.is_stored(assets, made_from):
            # The editions come last: once they are written, all are.
            for name in REFERENCE_TABLES:
                store.write(name, getattr(reference, name), made_from)
            store.write(EDITIONS, editions_table(reference.editions.values()), made_from)
        for asset in assets:
            yield dg.MaterializeResult(
                asset_key=asset,
                metadata=table_metadata(context, store.read(asset)),
                data_version=dg.DataVersion(store.content_version(asset) or ""),
            )

    return reference_tables
