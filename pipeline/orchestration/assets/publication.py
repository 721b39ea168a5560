"""The last step: what is said about a valuation, the headline, and publishing all of it or none.

Belongs here: what is put together for publication, checked as a whole and written. What the tables and pages say is
worked out in ``pipeline.method`` and ``pipeline.report``, the valuation itself in ``valuation``.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.checks.last_edition import headline_tables, last_edition
from pipeline.checks.suites import SUITES
from pipeline.checks.validation import run_suite
from pipeline.facts.editions import Edition, current
from pipeline.facts.versions import hash_of_files
from pipeline.method.analysis.draws import Simulation
from pipeline.method.analysis.tables import ANALYSED, ANALYSES, published_editions
from pipeline.method.valuation import VALUATION_TABLES, Valuation
from pipeline.orchestration.assets.checks import check_specs, checked_across, outcomes_of
from pipeline.orchestration.assets.failures import shown_as_failures
from pipeline.orchestration.assets.inputs import Inputs, present_version, published_versions
from pipeline.orchestration.assets.metadata import headline_metadata
from pipeline.orchestration.assets.specs import CheckedAndMaterialized, asset_spec, table_spec
from pipeline.orchestration.assets.store import TableStore
from pipeline.orchestration.assets.valuation import Tables, deps_of, stored
from pipeline.orchestration.run_config import ACCEPTED_CHECKS, SIMULATION, EditionChoice, simulation_of
from pipeline.orchestration.server.instance import POOL
from pipeline.orchestration.server.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.report import drawing
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gates import gates
from pipeline.report.previews import markdown_table
from pipeline.report.publish import publish_edition
from pipeline.report.site import site
from pipeline.report.text.headline import as_json, as_markdown, headline
from pipeline.report.text.news import last_published, news, of_tables, path_of
from pipeline.report.text.news import write as write_news
from pipeline.tables.catalogue import ENTRIES, FACT_TABLES, REFERENCE_TABLES, shaped

# What the checks of the valuation saw is made from the tables that they guard.
CHECKED = tuple(suite.asset for suite in SUITES if suite.asset in VALUATION_TABLES)
REPORTED = (*ANALYSED, "checks")
UP_TO_DATE = dg.AssetCheckSpec(
    "every_edition_is_up_to_date",
    asset="headline",
    description="Guards against an edition that was published from other data than the others.",
)
HEADLINE = "headline"
# A day later than the weekly refresh the headline is called late, two days later overdue.
WEEKLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=9), warn_window=timedelta(days=8))
HEADLINE_IS = (
    "The edition as published: the headline for people and for machines, the report, and all its tables. "
    "A new edition takes the place of the last good one as a whole."
)


def publication_asset() -> dg.AssetsDefinition:
    """Return the step that publishes; all editions of a run are worked out and checked before the first is written."""

    @dg.multi_asset(
        name=HEADLINE,
        specs=[
            *(
                table_spec(table, deps_of(analysis.reads), code=(analysis.function,))
                for analysis in ANALYSES
                for table in analysis.makes
            ),
            table_spec("checks", deps_of(CHECKED), code=(run_suite,)),
            asset_spec(
                HEADLINE,
                "results",
                HEADLINE_IS,
                deps_of((*FACT_TABLES, *REFERENCE_TABLES, *VALUATION_TABLES, *REPORTED)),
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
        config = context.op_execution_context.op_config
        with shown_as_failures(settings.reference_dir.name):
            inputs = Inputs(settings, store)
            editions = [inputs.editions[key] for key in choice.among(inputs.editions)]
            made = _publications(inputs, editions, simulation_of(config))
            seen = {
                key: _beside_last(tables, data, inputs.versions, settings.out_dir / key)
                for key, (tables, data) in made.items()
            }
            accepted = config["accepted_checks"]
            yield from checked_across((*REPORTED, HEADLINE), seen, inputs, accepted)
            headlines = {key: data for key, (_, data) in made.items()}
            published = _with_checks(inputs, made)
            files = {key: _files(inputs, inputs.editions[key], published[key], headlines[key]) for key in made}
        reported = {
            key: {name: tables[ENTRIES[name].published_as] for name in REPORTED} for key, tables in published.items()
        }
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
    inputs: Inputs, editions: Iterable[Edition], simulation: Simulation
) -> dict[str, tuple[Tables, dict[str, Any]]]:
    """The published tables of some editions and their headlines, by edition."""
    valuations = []
    for edition in editions:
        parts = {name: inputs.edition_table(name, edition) for name in VALUATION_TABLES}
        valuations.append(Valuation(edition=edition, **parts))
    # Each step has validated its tables before they were stored.
    published = published_editions(inputs.facts, inputs.reference, valuations, simulation, is_validated=True)
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
    raw = {name: inputs.fact_table(name) for name in FACT_TABLES}
    reference = {name: inputs.reference_table(name) for name in REFERENCE_TABLES}
    gate = gates(raw | reference, FACT_TABLES | REFERENCE_TABLES)
    return {
        "headline.json": as_json(data),
        "headline.md": as_markdown(tables, edition, data),
        **site(Site(edition, tables, data, inputs.reference, inputs.versions, gate)),
    }
