"""The last step: what is said about a valuation, the headline, and publishing all of it or none.

Belongs here: what is put together for publication, checked as a whole and written. What the tables and pages say is
worked out in ``pipeline.method`` and ``pipeline.report``, the valuation itself in ``valuation``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from pipeline.checks.last_edition import headline_tables, last_edition, moves, version_of_last
from pipeline.checks.suites import MAY_BE_ACCEPTED, SUITES
from pipeline.checks.validation import run_suite
from pipeline.facts.editions import Edition, current
from pipeline.facts.problems import DataProblems
from pipeline.facts.versions import hash_of_files, joint_version
from pipeline.method.analysis.bridge.bridge import can_tell
from pipeline.method.analysis.tables import ANALYSED, ANALYSES, analysed_editions, as_published, validated
from pipeline.method.valuation import STEPS, VALUATION_TABLES, Valuation
from pipeline.orchestration.assets.begun import begun, start_beside
from pipeline.orchestration.assets.checks import check_specs, checked_across, outcomes_of, outcomes_stored_as
from pipeline.orchestration.assets.failures import shown_as_failures
from pipeline.orchestration.assets.inputs import Inputs, present_version, published_versions
from pipeline.orchestration.assets.metadata import headline_metadata
from pipeline.orchestration.assets.published import Notes
from pipeline.orchestration.assets.specs import CheckedAndMaterialized, asset_spec, table_spec
from pipeline.orchestration.assets.store import TableStore
from pipeline.orchestration.assets.valuation import Tables, deps_of, stored
from pipeline.orchestration.run_config import ACCEPTED_CHECKS, SIMULATION, EditionChoice, simulation_of
from pipeline.orchestration.server.instance import POOL
from pipeline.orchestration.server.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.report import drawing
from pipeline.report.bundles import Bundle, begun_workbooks
from pipeline.report.history import keep_standing, last_kept, note_standing
from pipeline.report.holds import Held, Release, note_held, released, told, use_up, with_words
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gates import gates
from pipeline.report.previews import markdown_table
from pipeline.report.publish import publish_edition
from pipeline.report.sharing import PICTURE, checked_address, picture_of
from pipeline.report.site import begun_charts, site, sites
from pipeline.report.text.editions import write_front
from pipeline.report.text.headline import as_json, headline
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.report.text.history import write_page
from pipeline.report.text.news import News, Published, last_published, news, of_tables, path_of, terms_between
from pipeline.report.text.news import write as write_news
from pipeline.tables.catalogue import ENTRIES, FACT_TABLES, REFERENCE_TABLES, shaped

# What the checks of the valuation saw is made from the tables that they guard.
CHECKED = tuple(suite.asset for suite in SUITES if suite.asset in VALUATION_TABLES)
REPORTED = (*ANALYSED, "checks")
# What the headline states. All else that is published is checked as a whole before, so that it stands behind `checks`:
# named here too, it would make of the lineage a drawing that nobody can read.
STATED = (
    "market_value",
    "policy_area_value",
    "contract_value",
    "uncertainty",
    "scenarios",
    "reconciliation",
    "not_valued",
    "checks",
)
UP_TO_DATE = dg.AssetCheckSpec(
    "every_edition_is_up_to_date",
    asset="headline",
    description="Warns if an edition was published from other data than the rest.",
)
HEADLINE = "headline"
# How the checks of this step came out.
OUTCOMES = outcomes_stored_as((*REPORTED, HEADLINE))
# A day later than the weekly refresh the headline is called late, two days later overdue.
WEEKLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=9), warn_window=timedelta(days=8))
HEADLINE_IS = (
    "What each edition finds, with links to its report. An edition is published whole or not at all; if something is "
    "wrong, the last good one stays."
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
            table_spec("checks", deps_of(_checked_last()), code=(run_suite,)),
            asset_spec(
                HEADLINE,
                HEADLINE_IS,
                deps_of(STATED),
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
        config = context.op_execution_context.op_config
        with shown_as_failures(settings.reference_dir.name):
            inputs = Inputs(settings, store, simulation_of(config))
            releases = released(settings.out_dir, inputs.versions)
            accepted = sorted({*config["accepted_checks"], *(f"{each.edition} {each.check}" for each in releases)})
            editions = [inputs.editions[key] for key in choice.among(inputs.editions)]
            notes = _notes(settings)
            due = [edition for edition in editions if not _is_as_published(notes, inputs, edition, accepted)]
            if due:
                start_beside()
            made = _publications(inputs, due)
            last = {key: _last(settings.out_dir, key) for key in made}
            now = {key: of_tables(*of_edition) for key, of_edition in made.items()}
            terms = {key: terms_between(last[key], now[key]) for key in made}
            seen = {
                key: {
                    **_beside_last(tables, data, inputs.versions, _folder_of_last(settings.out_dir, key)),
                    "published_moves": _moves(last[key], now[key], terms[key]),
                }
                for key, (tables, data) in made.items()
            }
            # Whatever is wrong with a chart is raised after the checks, which say it better, have had their say.
            with ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts") as meanwhile:
                charts = meanwhile.submit(begun_charts, _sites(inputs, made))
                try:
                    yield from checked_across((*REPORTED, HEADLINE), editions, seen, inputs, accepted)
                except DataProblems:
                    note_held(settings.out_dir, inputs.versions, _held(inputs, editions))
                    raise
            published = _with_checks(inputs, made, releases)
            files = _files(inputs, published, made, charts.result())
        reported = {
            key: {name: tables[ENTRIES[name].published_as] for name in REPORTED} for key, tables in published.items()
        }
        yield from stored(context, inputs, REPORTED, editions, reported)
        moved = dict.fromkeys((edition.edition for edition in editions), News()) | {
            key: news(last[key], now[key], terms[key]) for key in made
        }
        made_from = {key: _made_from(inputs, key, accepted) for key in made}
        for key, tables in published.items():
            keep_standing(settings.out_dir, key)
            publish_edition(settings.out_dir, key, tables, files[key], inputs.versions, partial(go_on, context))
            failed = tables["checks"].query("outcome == 'accepted'")["check"]
            accepted_here = told(key, failed, releases)
            note_standing(settings.out_dir, key, datetime.now(UTC), moved[key].lines, accepted_here, context.run.run_id)
            notes.write(key, made_from[key])
        if published:
            use_up(settings.out_dir)
            write_page(settings.out_dir)
        # An edition may have been removed since this was written.
        write_front(settings.out_dir)
        for key, of_edition in moved.items():
            write_news(of_edition, path_of(settings.data_dir, key))
        headlines, texts = _as_it_stands(settings.out_dir, moved)
        yield dg.MaterializeResult(
            asset_key=HEADLINE,
            metadata=headline_metadata(context, headlines, texts, moved, inputs),
            data_version=content_of_headlines(settings.out_dir, current(inputs.editions)),
        )
        yield up_to_date(settings)

    return publish


def _checked_last() -> list[str]:
    """The tables that are checked before they are published: those of the suites, and all from which none is made."""
    read = {name for made in (*STEPS, *ANALYSES) for name in made.reads}
    published = (*FACT_TABLES, *REFERENCE_TABLES, *VALUATION_TABLES, *ANALYSED)
    return list(dict.fromkeys([*CHECKED, *(name for name in published if name not in read)]))


def _moves(last: Published | None, now: Published, terms: pd.DataFrame | None) -> pd.DataFrame:
    """What the checks see of the bridge from the last publication; nothing where it could name no cause."""
    if last is None or last.result is None or now.result is None or not can_tell(last.result, now.result):
        return moves(None)
    return moves(terms)


def _held(inputs: Inputs, editions: Iterable[Edition]) -> list[Held]:
    """Which checks held a publication; nothing where others failed too, which nobody can let go."""
    found = []
    for edition in editions:
        failed = outcomes_of(inputs, edition).query("outcome == 'failed'")
        if not set(failed["check"]) <= set(MAY_BE_ACCEPTED):
            return []
        found += [
            Held(edition.edition, row.check, row.saw, row.examples.partition("\n")[0]) for row in failed.itertuples()
        ]
    return found


def _last(out_dir: Path, edition_id: str) -> Published | None:
    """The publication that stands; where none does, as after a contract was withdrawn, the last one that was kept."""
    return last_published(_folder_of_last(out_dir, edition_id))


def _folder_of_last(out_dir: Path, edition_id: str) -> Path:
    standing = out_dir / edition_id
    return standing if (standing / "headline.json").exists() else last_kept(out_dir, edition_id) or standing


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


def stands_as_made(inputs: Inputs, edition: Edition, accepted: Iterable[str]) -> bool:
    """Tell whether an edition stands published as it would be made now, and nothing is told of what moved in it."""
    is_told = path_of(inputs.settings.data_dir, edition.edition).exists()
    return not is_told and _is_as_published(_notes(inputs.settings), inputs, edition, accepted)


def _notes(settings: Settings) -> Notes:
    return Notes(settings.data_dir / "published", settings.out_dir)


def _is_as_published(notes: Notes, inputs: Inputs, edition: Edition, accepted: Iterable[str]) -> bool:
    """Whether an edition stands published as it would be made now, with all that is kept of it beside."""
    is_stored = inputs.is_edition_stored((*REPORTED, *OUTCOMES), edition)
    return is_stored and notes.holds(edition.edition, _made_from(inputs, edition.edition, accepted))


def _made_from(inputs: Inputs, edition_id: str, accepted: Iterable[str]) -> str:
    """The version of all from which an edition is published: also what it is held against, what the checks saw, and
    where it is going to be read.

    A run that was refused since then has left there what it saw.
    """
    last = version_of_last(_folder_of_last(inputs.settings.out_dir, edition_id))
    seen = (str(inputs.store.content_version(name, edition_id)) for name in OUTCOMES)
    read_at = [f"read at {address}"] if (address := _address(inputs)) else []
    return joint_version([inputs.version_of(ANALYSED[0]), last, *seen, *sorted(accepted), *read_at])


def _address(inputs: Inputs) -> str:
    return checked_address(inputs.settings.address)


def _publications(inputs: Inputs, editions: Sequence[Edition]) -> dict[str, tuple[Tables, dict[str, Any]]]:
    """The published tables of some editions and their headlines, by edition."""
    valuations = {
        edition.edition: Valuation(edition, **{name: inputs.edition_table(name, edition) for name in VALUATION_TABLES})
        for edition in editions
    }
    kept = {
        edition.edition: {name: inputs.edition_table(name, edition) for name in ANALYSED}
        for edition in editions
        if inputs.is_edition_stored(ANALYSED, edition)
    }
    due = [valuation for key, valuation in valuations.items() if key not in kept]
    # Each step has validated its tables before they were stored.
    made = []
    if due:
        under_way = begun(inputs, [valuation.edition for valuation in due])
        made = analysed_editions(inputs.facts, inputs.reference, due, inputs.simulation, under_way)
    valid = kept | validated({each.edition.edition: tables for each, tables in zip(due, made, strict=True)})
    published = {
        key: as_published(inputs.facts, inputs.reference, valuation, valid[key])
        for key, valuation in valuations.items()
    }
    return {key: (tables, headline(tables, inputs.editions[key])) for key, tables in published.items()}


def _beside_last(tables: Tables, data: Mapping[str, Any], versions: Mapping[str, str], last: Path) -> Tables:
    """What is about to be published and what was published last, by the names that the checks use."""
    published = {f"published_{name}": table for name, table in tables.items()}
    return {**published, **headline_tables(data, versions, "published"), **last_edition(last)}


def _with_checks(
    inputs: Inputs, made: Mapping[str, tuple[Tables, dict[str, Any]]], releases: Sequence[Release]
) -> dict[str, Tables]:
    """The published tables by edition, with how the checks of all suites came out, and who accepted which and why."""
    outcomes = {key: outcomes_of(inputs, inputs.editions[key]) for key in made}
    checks = shaped({key: with_words(table, key, releases) for key, table in outcomes.items()}, "checks")
    return {key: {**tables, "checks": checks[key]} for key, (tables, _) in made.items()}


def _sites(inputs: Inputs, made: Mapping[str, tuple[Tables, dict[str, Any]]]) -> list[Site]:
    """What the report of each edition is made from, before the checks have come out."""
    return [
        Site(inputs.editions[key], tables, data, inputs.reference, inputs.versions, address=_address(inputs))
        for key, (tables, data) in made.items()
    ]


def _files(
    inputs: Inputs,
    published: Mapping[str, Tables],
    made: Mapping[str, tuple[Tables, dict[str, Any]]],
    begun: Sequence[Site],
) -> dict[str, dict[str, str | bytes]]:
    """The files that tell each edition; the tables of ``published`` have also how the checks came out.

    ``begun``: from what each report is made, with its charts.
    """
    if not made:
        return {}
    raw = {name: inputs.fact_table(name) for name in FACT_TABLES}
    reference = {name: inputs.reference_table(name) for name in REFERENCE_TABLES}
    gate = gates(raw | reference, FACT_TABLES | REFERENCE_TABLES)
    bundles = [Bundle(inputs.editions[key], published[key], inputs.reference.sources, inputs.versions) for key in made]
    books = begun_workbooks(bundles)
    reports = sites([replace(each, tables=published[each.edition.edition], gates=gate) for each in begun])
    pictures = drawing.pictures([picture_of(inputs.editions[key], data) for key, (_, data) in made.items()])
    return {
        key: {
            "headline.json": as_json(data),
            "headline.md": as_markdown(published[key], inputs.editions[key], data),
            **report,
            PICTURE: picture,
            **bundle.files(report, of_edition),
        }
        for (key, (_, data)), report, picture, bundle, of_edition in zip(
            made.items(), reports, pictures.result(), bundles, books.results(), strict=True
        )
    }


def _as_it_stands(out_dir: Path, editions: Iterable[str]) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Headlines as they are published, for machines and for people, by edition."""
    folders = {key: out_dir / key for key in editions}
    headlines = {key: json.loads((folder / "headline.json").read_text("utf-8")) for key, folder in folders.items()}
    return headlines, {key: (folder / "headline.md").read_text("utf-8") for key, folder in folders.items()}
