"""The last step: what is said about a valuation, the headline, and publishing all of it or none.

Belongs here: what is put together for publication, checked as a whole and written. What the tables and pages say is
worked out in ``pipeline.method`` and ``pipeline.report``, the valuation itself in ``edition_assets``.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.checks.last import headline_tables, last_edition
from pipeline.checks.suites import SUITES
from pipeline.checks.validation import run_suite
from pipeline.facts.editions import Edition, current
from pipeline.facts.raw import FACT_ASSETS, FACT_TABLES
from pipeline.facts.reference import REFERENCE_TABLES
from pipeline.facts.versions import hash_of_files
from pipeline.method.bounds import bounds
from pipeline.method.coverage import coverage, flags, not_valued
from pipeline.method.evidence import concentration, evidence_age, evidence_quality, payer_beneficiary, robustness
from pipeline.method.market_facts import market_facts
from pipeline.method.published import double_counting, published_claims, published_editions
from pipeline.method.reconciliation import reconciliation
from pipeline.method.scenarios import scenarios
from pipeline.method.sensitivity import sensitivity, switching_values
from pipeline.method.uncertainty import Simulation, acceptability, uncertainty
from pipeline.method.valuation import VALUATION_TABLES, Valuation
from pipeline.orchestration.asset_checks import check_specs, checked_across, outcomes_of
from pipeline.orchestration.edition_assets import (
    ALL_FACTS,
    Tables,
    deps_of,
    named,
    stored,
)
from pipeline.orchestration.failures import shown_as_failures
from pipeline.orchestration.inputs import Inputs, present_version, published_versions
from pipeline.orchestration.instance import POOL
from pipeline.orchestration.metadata import headline_metadata
from pipeline.orchestration.run_config import ACCEPTED_CHECKS, SIMULATION, EditionChoice, simulation
from pipeline.orchestration.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.orchestration.specs import CheckedAndMaterialized, table_spec
from pipeline.orchestration.storage import TableStore
from pipeline.report import drawing
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gates import gates
from pipeline.report.previews import markdown_table
from pipeline.report.publish import publish_edition
from pipeline.report.site import site
from pipeline.report.text.headline import as_json, as_markdown, headline
from pipeline.report.text.news import last_published, news, of_tables, path_of
from pipeline.report.text.news import write as write_news
from pipeline.tables.results import shaped

# What is said about the valuation: description, and from which assets it is made.
REPORTED = {
    "reconciliation": (
        "Every published figure beside ours, with the reason for any difference.",
        ("contracts", "organisations", "outcomes_in_scope", "contract_value", "published_figures"),
    ),
    "market_facts": (
        "How many contracts, organisations and people, who pays, how much is invested; the published figure beside.",
        ("contracts", "organisations", "payments_in_scope", "contract_value", "published_figures"),
    ),
    "claims": (
        "What participant-level claims come to by metric and year, as far and as exactly as it may be shown.",
        ("reported_outcomes", "claim_counts", "metric_outcomes"),
    ),
    "double_counting": (
        "How many people participant-level claims count on two ladders, as far as it may be shown.",
        (
            "reported_outcomes",
            "claim_counts",
            "claim_overlaps",
            "metric_outcomes",
            "outcome_types",
            "outcome_unit_costs",
        ),
    ),
    "coverage": (
        "How much of the market the public data cover: known, mapped, valued.",
        ("contracts", "outcomes_in_scope", "payments_in_scope", "market_value", "published_figures"),
    ),
    "not_valued": (
        "The outcomes without a defensible unit cost, and how often they are reported.",
        ("outcomes_in_scope", "outcome_types"),
    ),
    "uncertainty": (
        "The range of each ratio: unit costs, rates of deadweight and weights of hours, drawn once for all contracts.",
        ("valued_outcomes", "contract_value", "unit_costs", "hours_weights", "deadweight", "published_figures"),
    ),
    "acceptability": (
        "The chance that each ratio of the market lies above each threshold, from the draws of its range.",
        ("valued_outcomes", "contract_value", "unit_costs", "hours_weights", "deadweight"),
    ),
    "sensitivity": (
        "How far each unit cost, rate and weight of hours moves the ratios, and what knowing it would be worth.",
        ("valued_outcomes", "contract_value", "unit_costs", "hours_weights", "deadweight"),
    ),
    "switching_values": (
        "The deadweight, the fall in unit values and the rise in payments at which each ratio is 1.",
        ("valued_outcomes", "contract_value", "unit_costs", "hours_weights", "deadweight"),
    ),
    "concentration": (
        "What each contract, outcome and unit cost carries of the market's value, and the ratios without it.",
        ("valued_outcomes", "contract_value"),
    ),
    "evidence_quality": (
        "The share of each ratio that rests on each grade of unit cost, of deadweight and of mapping.",
        ("valued_outcomes", "contract_value"),
    ),
    "evidence_age": (
        "How old the unit costs, rates and weights are on which public value rests, and when each is due for review.",
        (
            *("valued_outcomes", "contract_value", "unit_costs", "unit_cost_checks", "deadweight", "hours_weights"),
            "gdp_deflators",
        ),
    ),
    "robustness": (
        "The ratios of the market for parts of its value: the contracts of the edition before, without weak values.",
        ("contracts", "reported_outcomes", "payments", *REFERENCE_TABLES, "valued_outcomes", "contract_value"),
    ),
    "payer_beneficiary": (
        "The value of the contracts in the ratio by who paid and who gains.",
        ("valued_outcomes", "payments_in_scope", "contract_value"),
    ),
    "bounds": (
        "Bounds for what is missing: reported only, and up to the maximum commitment; no part of the headline.",
        ("contracts", "payments_in_scope", "contract_value", "gdp_deflators"),
    ),
    "scenarios": (
        "The market under combinations of choices, the edition's own among them, with ranges where one differs.",
        ("contracts", "reported_outcomes", "payments", *REFERENCE_TABLES, "market_value"),
    ),
    "flags": (
        "What looks odd in the reported data and was left as it is.",
        ("contracts", "reported_outcomes", "claim_counts", "outcomes_in_scope", "payments_in_scope"),
    ),
    "checks": (
        "How each check across tables came out, what it saw and which rows do not hold.",
        tuple(suite.asset for suite in SUITES if suite.asset in VALUATION_TABLES),
    ),
}
UP_TO_DATE = dg.AssetCheckSpec(
    "every_edition_is_up_to_date",
    asset="headline",
    description="Guards against an edition that was published from other data than the others.",
)
CODE: Mapping[str, Callable[..., object]] = {
    "reconciliation": reconciliation,
    "market_facts": market_facts,
    "claims": published_claims,
    "double_counting": double_counting,
    "coverage": coverage,
    "not_valued": not_valued,
    "uncertainty": uncertainty,
    "acceptability": acceptability,
    "sensitivity": sensitivity,
    "switching_values": switching_values,
    "concentration": concentration,
    "evidence_quality": evidence_quality,
    "evidence_age": evidence_age,
    "robustness": robustness,
    "payer_beneficiary": payer_beneficiary,
    "bounds": bounds,
    "scenarios": scenarios,
    "flags": flags,
    "checks": run_suite,
}
HEADLINE = "headline"
# A day later than the weekly refresh the headline is called late, two days later overdue.
WEEKLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=9), warn_window=timedelta(days=8))
HEADLINE_SPEC = (
    "The edition as published: the headline for people and for machines, the report, and all its tables. "
    "A new edition takes the place of the last good one as a whole.",
    (*ALL_FACTS, "metric_outcomes", "outcome_types", *VALUATION_TABLES, *REPORTED),
)


def publication_asset() -> dg.AssetsDefinition:
    """Return the step that publishes; all editions of a run are worked out and checked before the first is written."""

    @dg.multi_asset(
        name=HEADLINE,
        specs=[
            *(
                table_spec(asset, "results", text, deps_of(after), code=(CODE[asset],))
                for asset, (text, after) in REPORTED.items()
            ),
            table_spec(
                HEADLINE,
                "results",
                HEADLINE_SPEC[0],
                deps_of(HEADLINE_SPEC[1]),
                kinds=("markdown", "parquet"),
                freshness_policy=WEEKLY,
                code=(headline, site, publish_edition),
            ),
        ],
        check_specs=[UP_TO_DATE, *check_specs((*REPORTED, HEADLINE))],
        config_schema={"accepted_checks": ACCEPTED_CHECKS, **SIMULATION},
        pool=POOL,
    )
    def publish(
        context: dg.AssetExecutionContext,
        choice: EditionChoice,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        on_step("reconciliation, coverage, uncertainty, scenarios and headline")
        go_on(context)
        drawing.start()  # it is ready when there is something to draw
        said = context.op_execution_context.op_config
        with shown_as_failures(settings.reference_dir.name):
            inputs = Inputs(settings, store)
            editions = [inputs.editions[key] for key in choice.of(inputs.editions)]
            made = _publications(inputs, editions, simulation(said))
            seen = {
                key: _beside_last(tables, data, inputs.versions, settings.out_dir / key)
                for key, (tables, data) in made.items()
            }
            accepted = said["accepted_checks"]
            yield from checked_across((*REPORTED, HEADLINE), named(seen, inputs), inputs, accepted)
            headlines = {key: data for key, (_, data) in made.items()}
            published = _with_checks(inputs, made)
            files = {key: _files(inputs, inputs.editions[key], published[key], headlines[key]) for key in made}
        reported = {key: {name: tables[name] for name in REPORTED} for key, tables in published.items()}
        yield from stored(context, inputs, reported)
        moved = {
            key: news(last_published(settings.out_dir / key), of_tables(*of_edition))
            for key, of_edition in made.items()
        }
        for key, tables in published.items():
            publish_edition(settings.out_dir, key, tables, files[key], inputs.versions, partial(go_on, context))
        for key, told in moved.items():
            write_news(told, path_of(settings.data_dir, key))
        texts = {key: of_edition["headline.md"] for key, of_edition in files.items()}
        yield dg.MaterializeResult(
            asset_key=HEADLINE,
            metadata=headline_metadata(context, headlines, texts, moved, settings),
            data_version=content_of_headlines(settings.out_dir, current(inputs.editions)),
        )
        yield up_to_date(settings)

    return publish


def up_to_date(settings: Settings) -> dg.AssetCheckResult:
    """Say whether all editions are published from the data as they are; a run may have published one of them only."""
    present = present_version(settings)
    rows = [
        (edition, "up to date" if version == present else "published from other data" if version else "not published")
        for edition, version in published_versions(settings).items()
    ]
    return dg.AssetCheckResult(
        asset_key=HEADLINE,
        check_name=UP_TO_DATE.name,
        passed=all(state == "up to date" for _, state in rows),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"editions": dg.MetadataValue.md(markdown_table(("edition", "state"), rows))},
    )


def content_of_headlines(out_dir: Path, editions: Iterable[str]) -> dg.DataVersion:
    """Return the version of the headlines of all editions together, as they stand published."""
    return dg.DataVersion(hash_of_files(out_dir, (out_dir / edition / "headline.json" for edition in editions)))


def _publications(
    inputs: Inputs, editions: Iterable[Edition], draws: Simulation
) -> dict[str, tuple[Tables, dict[str, Any]]]:
    """The published tables of some editions and their headlines, by edition."""
    valuations = []
    for edition in editions:
        parts = {name: inputs.edition_table(name, edition) for name in VALUATION_TABLES}
        valuations.append(Valuation(edition=edition, **parts))
    # Each step has validated its tables before they were stored.
    published = published_editions(inputs.facts, inputs.reference, valuations, draws, is_validated=True)
    return {key: (tables, headline(tables, inputs.editions[key])) for key, tables in published.items()}


def _beside_last(tables: Tables, data: Mapping[str, Any], versions: Mapping[str, str], last: Path) -> Tables:
    """What is about to be published and what was published last, by the names that the checks use."""
    published = {f"published_{name}": table for name, table in tables.items()}
    return {**published, **headline_tables(data, versions, "published"), **last_edition(last)}


def _with_checks(inputs: Inputs, made: Mapping[str, tuple[Tables, dict[str, Any]]]) -> dict[str, Tables]:
    """The published tables by edition, with how the checks of all suites came out."""
    checks = shaped({key: outcomes_of(inputs, inputs.editions[key]) for key in made}, "checks")
    return {key: {**tables, "checks": checks[key]} for key, (tables, _) in made.items()}


def _files(inputs: Inputs, edition: Edition, tables: Tables, data: dict[str, Any]) -> dict[str, str]:
    """The files that tell an edition; ``tables`` has also how the checks came out."""
    raw = {name: inputs.fact_table(asset) for name, asset in FACT_ASSETS.items()}
    reference = {name: inputs.reference_table(name) for name in REFERENCE_TABLES}
    gate = gates(raw | reference, {name: FACT_TABLES[name] for name in raw} | REFERENCE_TABLES)
    return {
        "headline.json": as_json(data),
        "headline.md": as_markdown(tables, edition, data),
        **site(Site(edition, tables, data, inputs.reference, inputs.versions, gate)),
    }
