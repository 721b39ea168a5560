"""Assets of an edition: from results in scope to what is published.

Belongs here: which step follows which, in the order of the method, and what each takes in. Every step is a plain
function of ``pipeline.method`` or ``pipeline.report``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
from pydantic import Field

from pipeline.checks.last import headline_tables, last_edition
from pipeline.checks.suites import MAY_BE_ACCEPTED, SUITES
from pipeline.facts.editions import Edition
from pipeline.facts.raw import RAW_TABLES
from pipeline.facts.reference import REFERENCE_TABLES
from pipeline.method.outcome_units import mapped_outcomes, outcome_units
from pipeline.method.published import published_tables
from pipeline.method.scope import outcomes_in_scope, payments_in_scope
from pipeline.method.sums import contract_value, summed
from pipeline.method.valuation import Valuation, edition_factors, edition_unit_values
from pipeline.method.value import gross_value, net_value, without_overlaps
from pipeline.orchestration.asset_checks import check_specs, checked_across, outcomes_so_far
from pipeline.orchestration.failures import shown_as_failures
from pipeline.orchestration.inputs import EDITIONS, FACT_ASSETS, EditionTables, Inputs
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.orchestration.specs import ROW_COUNT, CheckedAndMaterialized, checked, materialized, table_spec
from pipeline.orchestration.storage import TableStore
from pipeline.report.checks_page import checks_page, gates
from pipeline.report.headline import as_json, as_markdown, headline
from pipeline.report.publish import publish_edition
from pipeline.tables.results import shaped

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Step:
    """One step of the valuation: the tables it makes, each described; from which others (and the editions); how."""

    group: str
    tables: Mapping[str, str]
    made_from: tuple[str, ...]
    compute: Callable[[Inputs, Edition], Tables]


class Publication(dg.Config):
    """What somebody who publishes may say of it."""

    accepted_checks: list[str] = Field(
        default=[],
        description="Names of checks against the last edition that do not hold and are accepted, because the data have "
        f"changed for a reason. One of: {', '.join(MAY_BE_ACCEPTED)}.",
    )


# --- What each step computes: read, call, hand back -----------------------------------------------------------


def _outcomes_in_scope(inputs: Inputs, edition: Edition) -> Tables:
    facts, reference = inputs.matched
    counted = outcomes_in_scope(facts.outcomes, edition)
    return {"outcomes_in_scope": mapped_outcomes(counted, reference.metric_outcomes, reference.outcome_types)}


def _payments_in_scope(inputs: Inputs, edition: Edition) -> Tables:
    deflators = inputs.reference_table("gdp_deflators")
    return {"payments_in_scope": payments_in_scope(inputs.fact_table("payments"), edition, deflators)}


def _outcome_units(inputs: Inputs, edition: Edition) -> Tables:
    mapped = inputs.edition_table("outcomes_in_scope", edition)
    return {"outcome_units": outcome_units(mapped, edition, edition_factors(inputs.reference))}


def _unit_values(inputs: Inputs, edition: Edition) -> Tables:
    return {"unit_values": edition_unit_values(inputs.reference, edition)}


def _gross_value(inputs: Inputs, edition: Edition) -> Tables:
    units, values = inputs.edition_table("outcome_units", edition), inputs.edition_table("unit_values", edition)
    return {"gross_value": gross_value(units, values, edition, edition_factors(inputs.reference))}


def _net_value(inputs: Inputs, edition: Edition) -> Tables:
    lines, rates = inputs.edition_table("gross_value", edition), inputs.reference_table("deadweight")
    return {"net_value": net_value(lines, rates, edition.deadweight_layer)}


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
            "treated. Refuses data whose tables do not fit together."
        },
        ("reported_outcomes", "metric_outcomes", "outcome_types"),
        _outcomes_in_scope,
    ),
    Step(
        "valuation",
        {"payments_in_scope": "The payments that the edition counts, up to its cut-off, in cash and in its prices."},
        ("payments", "gdp_deflators"),
        _payments_in_scope,
    ),
    Step(
        "valuation",
        {"outcome_units": "How many units of each outcome each contract achieved, ladders counted as one cohort."},
        ("outcomes_in_scope", "discount_rates"),
        _outcome_units,
    ),
    Step(
        "valuation",
        {"unit_values": "What one unit of each outcome is worth, at the level and in the prices of the edition."},
        ("outcome_unit_costs", "unit_costs", "outcome_types", "gdp_deflators"),
        _unit_values,
    ),
    Step(
        "valuation",
        {"gross_value": "Units × unit value, by contract, outcome and unit cost, before anything is taken off."},
        ("outcome_units", "unit_values", "discount_rates"),
        _gross_value,
    ),
    Step(
        "valuation",
        {"net_value": "Gross value less what would have happened anyway, by the edition's layer of deadweight."},
        ("gross_value", "deadweight"),
        _net_value,
    ),
    Step(
        "valuation",
        {
            "overlaps": "The lines that would count a benefit twice: worked out, shown, left out.",
            "valued_outcomes": "Every pound of the headline: the lines of net value that count, no benefit twice.",
        },
        ("net_value",),
        _valued_outcomes,
    ),
    Step(
        "results",
        {"contract_value": "Value, payments and ratios of each contract; a ratio only where both sides are known."},
        ("contracts", "valued_outcomes", "payments_in_scope"),
        _contract_value,
    ),
    Step(
        "results",
        {"policy_area_value": "Sums over the contracts of each policy area, and their ratios."},
        ("contract_value",),
        _policy_area_value,
    ),
    Step(
        "results",
        {"market_value": "Sums over all contracts, and the ratios of the market."},
        ("contract_value",),
        _market_value,
    ),
)
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
# The last step: what is said about the valuation, and the headline. Description, and from which assets it is made.
ALL_FACTS = tuple(FACT_ASSETS.values())
REPORTED = {
    "reconciliation": (
        "Every published figure beside ours, with the reason for any difference.",
        ("contracts", "outcomes_in_scope", "contract_value", "published_figures"),
    ),
    "coverage": (
        "How much of the market the public data cover: known, mapped, valued.",
        ("contracts", "outcomes_in_scope", "payments_in_scope", "market_value", "published_figures"),
    ),
    "not_valued": (
        "The outcomes without a defensible unit cost, and how often they are reported.",
        ("outcomes_in_scope", "outcome_types"),
    ),
    "scenarios": (
        "One choice of the edition changed at a time, all else as it is.",
        ("contracts", "reported_outcomes", "payments", *REFERENCE_TABLES, "market_value"),
    ),
    "flags": (
        "What looks odd in the reported data and was left as it is.",
        ("contracts", "outcomes_in_scope", "payments_in_scope"),
    ),
    "checks": (
        "How each check across tables came out, what it saw and which rows do not hold.",
        tuple(suite.asset for suite in SUITES if suite.asset in VALUATION_ASSETS.values()),
    ),
}
HEADLINE = "headline"
HEADLINE_SPEC = (
    "The edition as published: the headline for people and for machines, and all its tables as Parquet files. "
    "A new edition takes the place of the last good one as a whole.",
    (*ALL_FACTS, "metric_outcomes", "outcome_types", *VALUATION_ASSETS.values(), *REPORTED),
)


# --- From steps to assets -------------------------------------------------------------------------------------


def edition_assets(partitions: dg.StaticPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """Return the assets of the editions, in order; one run works on all its editions step by step."""
    return [*(_asset_of(step, partitions) for step in STEPS), _headline_asset(partitions)]


def _asset_of(step: Step, partitions: dg.StaticPartitionsDefinition) -> dg.AssetsDefinition:
    name = list(step.tables)[-1]

    @dg.multi_asset(
        name=name,
        specs=[table_spec(a, step.group, text, _deps(step.made_from)) for a, text in step.tables.items()],
        check_specs=check_specs(step.tables),
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def compute(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        on_step(name.replace("_", " "))
        with shown_as_failures(settings.reference_dir.name):
            inputs = Inputs(settings, store)
            made = {key: step.compute(inputs, inputs.editions[key]) for key in context.partition_keys}
            # All tables of all editions are checked before the first is written.
            made = {key: {name: checked(t, name) for name, t in tables.items()} for key, tables in made.items()}
            yield from checked_across(step.tables, _named(made, inputs), inputs)
        for key, tables in made.items():
            _store(context, store, tables, inputs.edition_version, key)
        yield from materialized(step.tables)

    return compute


def _headline_asset(partitions: dg.StaticPartitionsDefinition) -> dg.AssetsDefinition:
    """The step that publishes: all editions of the run are worked out before the first is written."""

    @dg.multi_asset(
        name=HEADLINE,
        specs=[
            *(table_spec(asset, "results", text, _deps(after)) for asset, (text, after) in REPORTED.items()),
            table_spec(HEADLINE, "results", HEADLINE_SPEC[0], _deps(HEADLINE_SPEC[1]), kinds=("markdown", "parquet")),
        ],
        check_specs=check_specs((*REPORTED, HEADLINE)),
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def publish(
        context: dg.AssetExecutionContext,
        config: Publication,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        on_step("reconciliation, coverage, scenarios and headline")
        with shown_as_failures(settings.reference_dir.name):
            inputs = Inputs(settings, store)
            made = {key: _publication(inputs, inputs.editions[key]) for key in context.partition_keys}
            seen = {key: _beside_last(tables, data, settings.out_dir / key) for key, (tables, data) in made.items()}
            accepted = config.accepted_checks
            yield from checked_across((*REPORTED, HEADLINE), _named(seen, inputs), inputs, accepted)
            made = {key: (_with_checks(inputs, key, tables), data) for key, (tables, data) in made.items()}
            files = {key: _files(inputs, inputs.editions[key], *parts) for key, parts in made.items()}
        for key, (tables, data) in made.items():
            _store(context, store, {name: tables[name] for name in REPORTED}, inputs.edition_version, key)
            texts = files[key]
            folder = publish_edition(settings.out_dir, key, tables, texts, inputs.versions)
            context.add_asset_metadata(
                {
                    "bcr": data["bcr"],
                    "fiscal_bcr": data["fiscal_bcr"],
                    "headline": dg.MetadataValue.md(texts["headline.md"]),
                    "report": dg.MetadataValue.path(str(folder.absolute())),
                    "checks": dg.MetadataValue.path(str((folder / "checks.html").absolute())),
                },
                asset_key=HEADLINE,
                partition_key=key,
            )
        yield from materialized((*REPORTED, HEADLINE))

    return publish


def _publication(inputs: Inputs, edition: Edition) -> tuple[Tables, dict[str, Any]]:
    """The published tables of an edition and its headline."""
    parts = {name: inputs.edition_table(asset, edition) for name, asset in VALUATION_ASSETS.items()}
    tables = published_tables(inputs.facts, inputs.reference, Valuation(edition=edition, **parts))
    return tables, headline(tables, edition, inputs.versions)


def _beside_last(tables: Tables, data: Mapping[str, Any], last: Path) -> Tables:
    """What is about to be published and what was published last, by the names that the checks use."""
    published = {f"published_{name}": table for name, table in tables.items()}
    return {**published, **headline_tables(data, "published"), **last_edition(last)}


def _with_checks(inputs: Inputs, edition_id: str, tables: Tables) -> Tables:
    """The published tables, with how the checks of all suites came out."""
    outcomes = outcomes_so_far(inputs.store, edition_id, inputs.edition_version)
    return {**tables, "checks": shaped(outcomes, "checks")}


def _files(inputs: Inputs, edition: Edition, tables: Tables, data: dict[str, Any]) -> dict[str, str]:
    """The files that tell an edition; ``tables`` has also how the checks came out."""
    raw = {name: inputs.fact_table(asset) for name, asset in FACT_ASSETS.items()}
    reference = {name: inputs.reference_table(name) for name in REFERENCE_TABLES}
    gate = gates(raw | reference, RAW_TABLES | REFERENCE_TABLES)
    return {
        "headline.json": as_json(data),
        "headline.md": as_markdown(tables, edition, data),
        "checks.html": checks_page(edition, tables, gate, inputs.versions),
    }


def _named(made: Mapping[str, Tables], inputs: Inputs) -> dict[str, EditionTables]:
    """For each edition the tables just made, and all others by name."""
    return {key: EditionTables(tables, inputs, inputs.editions[key]) for key, tables in made.items()}


def _store(
    context: dg.AssetExecutionContext, store: TableStore, tables: Tables, made_from: str, edition_id: str
) -> None:
    for asset, table in tables.items():
        store.write(asset, table, made_from, edition_id)
        context.add_asset_metadata({ROW_COUNT: len(table)}, asset_key=asset, partition_key=edition_id)


def _deps(assets: Iterable[str]) -> list[dg.AssetDep]:
    """An edition rests on all contracts, on the reference as it is, and on its own tables."""
    everywhere = dg.AllPartitionMapping()
    own = [dg.AssetDep(a, partition_mapping=everywhere if a in ALL_FACTS else None) for a in assets]
    return [*own, dg.AssetDep(EDITIONS)]
