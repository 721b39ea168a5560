"""Assets of the valuation of an edition: from results in scope to the market.

Belongs here: which step follows which, in the order of the method, and what each takes in. Every step is a plain
function of ``pipeline.method``. What is published of it is put together in ``publication_asset``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import dagster as dg
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import of_edition
from pipeline.facts.versions import joint_version
from pipeline.method.optimism_bias import corrections_of
from pipeline.method.outcome_units import mapped_outcomes, outcome_units
from pipeline.method.protection import protected_facts
from pipeline.method.scope import outcomes_in_scope, paid_shares, payments_in_scope
from pipeline.method.sums import contract_value, summed
from pipeline.method.unit_values import unit_values
from pipeline.method.valuation import edition_factors, edition_unit_values
from pipeline.method.value import gross_value, net_value, without_overlaps
from pipeline.orchestration.asset_checks import check_specs, checked_across
from pipeline.orchestration.fact_assets import tell_of_contracts
from pipeline.orchestration.failures import gate, gate_spec, shown_as_failures
from pipeline.orchestration.inputs import EDITIONS, FACT_ASSETS, EditionTables, Inputs
from pipeline.orchestration.instance import POOL
from pipeline.orchestration.metadata import edition_metadata
from pipeline.orchestration.run_config import EditionChoice
from pipeline.orchestration.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.orchestration.specs import CheckedAndMaterialized, checked, table_spec
from pipeline.orchestration.storage import TableStore

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Step:
    """One step of the valuation: the tables it makes, each described; from which others (and the editions); how.

    ``code``: the functions of the method that it calls; ``gate``: the check that says whether what it takes in fits
    together, where it finds out.
    """

    group: str
    tables: Mapping[str, str]
    made_from: tuple[str, ...]
    compute: Callable[[Inputs, Edition], Tables]
    code: tuple[Callable[..., object], ...]
    gate: dg.AssetCheckSpec | None = None


# --- What each step computes: read, call, hand back -----------------------------------------------------------


def _outcomes_in_scope(inputs: Inputs, edition: Edition) -> Tables:
    facts, reference = inputs.matched
    reference = of_edition(reference, edition)
    paid_by_then = paid_shares(facts.payments, reference.paid_per_unit, edition.cut_off)
    counted = outcomes_in_scope(protected_facts(facts, edition).outcomes, edition, paid_by_then)
    return {"outcomes_in_scope": mapped_outcomes(counted, reference.metric_outcomes, reference.outcome_types)}


def _payments_in_scope(inputs: Inputs, edition: Edition) -> Tables:
    deflators = inputs.reference_table("gdp_deflators")
    return {"payments_in_scope": payments_in_scope(inputs.fact_table("payments"), edition, deflators)}


def _outcome_units(inputs: Inputs, edition: Edition) -> Tables:
    mapped = inputs.edition_table("outcomes_in_scope", edition)
    return {"outcome_units": outcome_units(mapped, edition, edition_factors(inputs.reference, edition))}


def _unit_values(inputs: Inputs, edition: Edition) -> Tables:
    return {"unit_values": edition_unit_values(of_edition(inputs.reference, edition), edition)}


def _gross_value(inputs: Inputs, edition: Edition) -> Tables:
    units, values = inputs.edition_table("outcome_units", edition), inputs.edition_table("unit_values", edition)
    return {"gross_value": gross_value(units, values, edition, edition_factors(inputs.reference, edition))}


def _net_value(inputs: Inputs, edition: Edition) -> Tables:
    lines, rates = inputs.edition_table("gross_value", edition), inputs.reference_table("deadweight")
    corrections = corrections_of(inputs.reference, edition)
    return {"net_value": net_value(lines, rates, edition.deadweight_layer, corrections)}


def _valued_outcomes(inputs: Inputs, edition: Edition) -> Tables:
    counted, overlaps = without_overlaps(inputs.edition_table("net_value", edition))
    return {"overlaps": overlaps, "valued_outcomes": counted}


def _contract_value(inputs: Inputs, edition: Edition) -> Tables:
    lines = inputs.edition_table("valued_outcomes", edition)
    payments = inputs.edition_table("payments_in_scope", edition)
    return {"contract_value": contract_value(inputs.fact_table("contracts"), lines, payments, edition.payment_bases)}


def _policy_area_value(inputs: Inputs, edition: Edition) -> Tables:
    return {"policy_area_value": summed(inputs.edition_table("contract_value", edition), "policy_area")}


def _market_value(inputs: Inputs, edition: Edition) -> Tables:
    return {"market_value": summed(inputs.edition_table("contract_value", edition))}


# --- The steps, in the order of the method --------------------------------------------------------------------

STEPS = (
    Step(
        "valuation",
        {
            "outcomes_in_scope": "The result of each metric that the edition counts, with its outcome and how it is "
            "treated; counts of claims are protected from here on. Refuses data whose tables do not fit together."
        },
        (
            *("reported_outcomes", "claim_counts", "payments", "paid_per_unit"),
            *("metric_outcomes", "outcome_types", "outcome_unit_costs"),
        ),
        _outcomes_in_scope,
        (protected_facts, paid_shares, outcomes_in_scope, of_edition, mapped_outcomes),
        gate_spec(
            "facts_fit_the_reference",
            "outcomes_in_scope",
            "results and registers that name what the other does not have",
        ),
    ),
    Step(
        "valuation",
        {"payments_in_scope": "The payments that the edition counts, up to its cut-off, in cash and in its prices."},
        ("payments", "gdp_deflators"),
        _payments_in_scope,
        (payments_in_scope,),
    ),
    Step(
        "valuation",
        {"outcome_units": "How many units of each outcome each contract achieved, ladders counted as one cohort."},
        ("outcomes_in_scope", "discount_rates"),
        _outcome_units,
        (outcome_units,),
    ),
    Step(
        "valuation",
        {"unit_values": "What one unit of each outcome is worth, at the level and in the prices of the edition."},
        ("outcome_unit_costs", "unit_costs", "outcome_types", "hours_weights", "gdp_deflators"),
        _unit_values,
        (of_edition, unit_values),
    ),
    Step(
        "valuation",
        {"gross_value": "Units × unit value, by contract, outcome and unit cost, before anything is taken off."},
        ("outcome_units", "unit_values", "discount_rates"),
        _gross_value,
        (gross_value,),
    ),
    Step(
        "valuation",
        {"net_value": "Gross value less what would have happened anyway, and less optimism bias if so chosen."},
        ("gross_value", "deadweight", "optimism_bias"),
        _net_value,
        (net_value,),
    ),
    Step(
        "valuation",
        {
            "overlaps": "The lines that would count a benefit twice: worked out, shown, left out.",
            "valued_outcomes": "Every pound of the headline: the lines of net value that count, no benefit twice.",
        },
        ("net_value",),
        _valued_outcomes,
        (without_overlaps,),
    ),
    Step(
        "results",
        {"contract_value": "Value, payments and ratios of each contract; a ratio only where both sides are known."},
        ("contracts", "valued_outcomes", "payments_in_scope"),
        _contract_value,
        (contract_value,),
    ),
    Step(
        "results",
        {"policy_area_value": "Sums over the contracts of each policy area, and their ratios."},
        ("contract_value",),
        _policy_area_value,
        (summed,),
    ),
    Step(
        "results",
        {"market_value": "Sums over all contracts, and the ratios of the market."},
        ("contract_value",),
        _market_value,
        (summed,),
    ),
)
ALL_FACTS = tuple(FACT_ASSETS.values())
# Assets that hold the tables of a valuation, by field.
VALUATION_ASSETS = {
    "mapped": "outcomes_in_scope",
    "payments": "payments_in_scope",
    "units": "outcome_units",
    "unit_values": "unit_values",
    "valued_outcomes": "valued_outcomes",
    "overlaps": "overlaps",
    "contract_value": "contract_value",
    "policy_area_value": "policy_area_value",
    "market_value": "market_value",
}
# --- From steps to assets -------------------------------------------------------------------------------------


def step_assets() -> list[dg.AssetsDefinition]:
    """Return the assets of the valuation, in order; each works on all editions of a run."""
    return [_asset_of(step) for step in STEPS]


def _asset_of(step: Step) -> dg.AssetsDefinition:
    name = list(step.tables)[-1]

    @dg.multi_asset(
        name=name,
        specs=[
            table_spec(a, step.group, text, deps_of(step.made_from), code=step.code) for a, text in step.tables.items()
        ],
        check_specs=[*([step.gate] if step.gate else []), *check_specs(step.tables)],
        pool=POOL,
    )
    def compute(
        context: dg.AssetExecutionContext,
        choice: EditionChoice,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        on_step(name.replace("_", " "))
        with shown_as_failures(settings.reference_dir.name):
            inputs = Inputs(settings, store)
            editions = [inputs.editions[key] for key in choice.of(inputs.editions)]
            if step.gate:
                try:
                    yield from gate(step.gate, inputs.problems_between, settings)
                except dg.Failure as failure:
                    tell_of_contracts(context, failure, settings, step.gate)
                    raise
            made = {edition.edition: step.compute(inputs, edition) for edition in editions}
            # All tables of all editions are checked before the first is written.
            valid = {name: checked({key: tables[name] for key, tables in made.items()}, name) for name in step.tables}
            made = {key: {name: tables[key] for name, tables in valid.items()} for key in made}
            yield from checked_across(step.tables, named(made, inputs), inputs)
        yield from stored(context, inputs, made)

    return compute


def named(made: Mapping[str, Tables], inputs: Inputs) -> dict[str, EditionTables]:
    """Return for each edition the tables just made, and all others by name."""
    return {key: EditionTables(tables, inputs, inputs.editions[key]) for key, tables in made.items()}


def stored(
    context: dg.AssetExecutionContext, inputs: Inputs, made: Mapping[str, Tables]
) -> Iterator[dg.MaterializeResult[None]]:
    """Store the tables just made, by edition, and say so of each asset, with what is to be seen of it."""
    go_on(context)
    for edition_id, tables in made.items():
        for asset, table in tables.items():
            inputs.store.write(asset, table, inputs.edition_version, edition_id)
    for asset in next(iter(made.values())):
        tables_of_asset = {edition_id: tables[asset] for edition_id, tables in made.items()}
        yield dg.MaterializeResult(
            asset_key=asset,
            metadata=edition_metadata(context, asset, tables_of_asset, inputs),
            data_version=content_of_editions(inputs.store, asset),
        )


def content_of_editions(store: TableStore, asset: str) -> dg.DataVersion:
    """Return the version of the tables of all editions together, also those that this run has left as they were."""
    parts = (f"{edition} {store.content_version(asset, edition)}" for edition in store.partitions(asset))
    return dg.DataVersion(joint_version(parts))


def deps_of(assets: Iterable[str]) -> list[dg.AssetDep]:
    """Return on what the assets of an edition rest: the tables it is made from, and its choices."""
    return [dg.AssetDep(asset) for asset in (*assets, EDITIONS)]
