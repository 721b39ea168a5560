"""Assets of the reference tables and editions: what analysts judged or looked up.

Belongs here: bringing what lies in ``reference/`` into the store, all of it sound or none of it.
"""

import dagster as dg

from pipeline.facts.reference import REFERENCE_TABLES, read_reference
from pipeline.orchestration.failures import gate, gate_spec
from pipeline.orchestration.inputs import EDITIONS, Inputs, editions_table
from pipeline.orchestration.metadata import begin, table_metadata
from pipeline.orchestration.server.instance import POOL
from pipeline.orchestration.server.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.orchestration.specs import CheckedAndMaterialized, table_spec
from pipeline.orchestration.storage import TableStore

DESCRIPTIONS = {
    "outcome_types": "The common outcomes to which metrics of different contracts are mapped, and their units.",
    "metric_outcomes": "For each reported metric: its outcome, how it is treated, on what grade of evidence, and why.",
    "paid_per_unit": "Which metrics are paid by the unit, so that payments tell when they were reached.",
    "unit_costs": "What one unit of something is worth, from low to high, with kind, bearer, price year and grade.",
    "unit_cost_checks": "What others say of the mean of a unit cost, beside which its range is held.",
    "wellbeing_scales": "What one point of a wellbeing scale is in life satisfaction, and what a WELLBY is worth.",
    "outcome_unit_costs": "Which unit costs value which outcome, and which of them save the same money.",
    "hours_weights": "How much of a full-time job the hours of an outcome are, from low to high, with the evidence.",
    "deadweight": "The share of an outcome that would have happened anyway, assumed or studied, with its evidence.",
    "optimism_bias": "By how much value that rests on evidence of each grade is likely to be overstated.",
    "gdp_deflators": "The GDP deflator by financial year, which brings pounds of one year into the prices of another.",
    "discount_rates": "The discount rates for value that lies in later years.",
    "published_figures": "What others have published about the market, to be held beside our figures.",
    "sources": "The register of sources: title, publisher, date, address, licence.",
    "corrections": "Known errors of sources: what was reported, what is used instead, and why.",
    "accepted": "Values that a rule doubts and somebody has looked at: true, though odd, and why.",
    EDITIONS: "The editions: named sets of choices under which the contracts are valued.",
}
GATE = gate_spec(
    "reference_is_sound", EDITIONS, "a reference table or an edition with a row or a value that cannot be right"
)


def reference_assets() -> dg.AssetsDefinition:
    """Return the assets of the reference tables and editions, read and checked together."""

    @dg.multi_asset(
        name="reference_tables",
        specs=[table_spec(asset, "reference", text, code=(read_reference,)) for asset, text in DESCRIPTIONS.items()],
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
        made_from = Inputs(settings, store).versions["reference_version"]
        reference, problems = read_reference(settings.reference_dir)
        yield from gate(GATE, problems, settings)
        go_on(context)
        tables = {name: getattr(reference, name) for name in REFERENCE_TABLES}
        # The editions come last: once they are written, all are.
        tables[EDITIONS] = editions_table(reference.editions.values())
        for asset, table in tables.items():
            version = store.write(asset, table, made_from)
            yield dg.MaterializeResult(
                asset_key=asset, metadata=table_metadata(context, table), data_version=dg.DataVersion(version)
            )

    return reference_tables
