"""What a person sees on an asset in the Dagster UI: rows, sums, previews and pictures.

Belongs here: which of them an asset shows. Tables and charts themselves are made in ``pipeline.report``. Nothing of
it is worked out for a run that nobody will look at.
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dagster as dg
import pandas as pd

from pipeline.checks import great_expectations
from pipeline.facts.versions import versions
from pipeline.orchestration.assets.inputs import Inputs
from pipeline.orchestration.assets.specs import column_lineage
from pipeline.orchestration.server import pictures
from pipeline.orchestration.server.instance import PROCESS_TAG, keep_connections
from pipeline.orchestration.settings import Settings
from pipeline.report.charts.bridge import bridge_chart
from pipeline.report.charts.choices import spread_of_choices
from pipeline.report.charts.contracts import value_and_payments_by_contract
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.outcomes import ladder_funnels
from pipeline.report.charts.published import coverage, reconciliation
from pipeline.report.charts.uncertainty import acceptability_curve, ranges, tornado
from pipeline.report.charts.value import value_by_policy_area
from pipeline.report.charts.what_if import beside
from pipeline.report.previews import LARGE, link, markdown_table, preview
from pipeline.report.rows import as_rows, names_of
from pipeline.report.text.news import News, path_of
from pipeline.report.wording import RATIO_WORDS, counted, markdown_text, per_pound, span

ROW_COUNT = "dagster/row_count"
PREVIEWED_ROWS = 10
# What is linked of each edition, and of assumptions beside them.
PAGES_OF_AN_EDITION = {"index.html": "Report", "headline.md": "all figures as text", "checks.html": "what was checked"}
READ_ON = ("unit_costs", "deadweight", "metric_outcomes", "editions", "sources", "reconciliation", "checks")
# Under which the contracts are listed.
BY_NAME = "contracts by name"
LEVELS = {"low": "lowest", "high": "highest"}
Metadata = dict[str, Any]
Tables = Mapping[str, pd.DataFrame]


# --- What is drawn of the tables of the editions ----------------------------------------------------------------


def _by_contract(table: pd.DataFrame, edition_id: str, inputs: Inputs) -> Figure:
    return value_and_payments_by_contract(table, names_of(inputs.fact_table("contracts"), "contract_id"))


def _acceptability(table: pd.DataFrame, edition_id: str, inputs: Inputs) -> Figure:
    return acceptability_curve(table, inputs.edition_table("uncertainty", inputs.editions[edition_id]))


# Figures of which each edition has one of its own, by asset.
OF_EACH_EDITION: Mapping[str, Callable[[pd.DataFrame, str, Inputs], Figure]] = {
    "outcomes_in_scope": lambda table, *_: ladder_funnels(table),
    "contract_value": _by_contract,
    "coverage": lambda table, *_: coverage(table),
    "reconciliation": lambda table, *_: reconciliation(table),
    "uncertainty": lambda table, *_: ranges(table),
    "acceptability": _acceptability,
    "sensitivity": lambda table, *_: tornado(table),
    "scenarios": lambda table, *_: spread_of_choices(table),
    "bridge": lambda table, edition_id, *_: bridge_chart(table, edition_id),
}
# Figures that hold all editions.
OF_ALL_EDITIONS: Mapping[str, Callable[[Tables], Figure]] = {
    "policy_area_value": value_by_policy_area,
}


def is_seen(context: dg.AssetExecutionContext) -> bool:
    """Whether this run is recorded, so that somebody can look at it."""
    return not context.instance.is_ephemeral


def begin(context: dg.AssetExecutionContext, settings: Settings) -> None:
    """Do what the first step of a run does: note the versions it works on, and call what takes long to come."""
    is_own_process = PROCESS_TAG in context.run.tags  # then it was called, and the records opened, before the run
    if not is_own_process:
        great_expectations.start()
    if is_seen(context):
        if not is_own_process:
            keep_connections(context.instance)
        noted = versions(settings.raw_dir, settings.reference_dir)
        context.instance.add_run_tags(context.run.run_id, {f"publicvalue/{name}": v for name, v in noted.items()})


def table_metadata(context: dg.AssetExecutionContext, table: pd.DataFrame, claimed: Collection[str] = ()) -> Metadata:
    """Return what is shown of a table that is the same for all editions.

    ``claimed``: contracts whose rows are exact counts of claims, which nobody is shown.
    """
    described: Metadata = {ROW_COUNT: len(table)}
    if is_seen(context):
        shown = table[~table["contract_id"].isin(claimed)] if claimed else table
        hidden = len(table) - len(shown)
        said = f"\n\n{counted(hidden, 'row')} with exact counts of claims not shown" if hidden else ""
        described["preview"] = dg.MetadataValue.md(preview(shown) + said)
    return described


def edition_metadata(context: dg.AssetExecutionContext, asset: str, tables: Tables, inputs: Inputs) -> Metadata:
    """Return what is shown of the tables of an asset, by edition."""
    described: Metadata = {ROW_COUNT: sum(len(table) for table in tables.values())}
    if not is_seen(context):
        return described
    lineage = column_lineage(asset)
    if lineage:
        described["dagster/column_lineage"] = lineage
    if asset in OF_ALL_EDITIONS:
        described["chart"] = image(OF_ALL_EDITIONS[asset](tables), inputs.settings)
    for edition_id, table in tables.items():
        if asset in OF_EACH_EDITION:
            figure = OF_EACH_EDITION[asset](table, edition_id, inputs)
            described[f"chart {edition_id}"] = image(figure, inputs.settings)
        described[f"rows {edition_id}"] = dg.MetadataValue.md(preview(table, PREVIEWED_ROWS))
    return described


def headline_metadata(
    context: dg.AssetExecutionContext,
    headlines: Mapping[str, Mapping[str, Any]],
    texts: Mapping[str, str],
    moved: Mapping[str, News],
    inputs: Inputs,
) -> Metadata:
    """Return what is shown of the headlines: each edition in a sentence, what moved, the contracts, the text itself.

    ``headlines``: as in headline.json, by edition; ``texts``: headline.md; ``moved``: since it was last published. Our
    own estimate comes first. The bare numbers come last: Dagster draws them over time.
    """
    own_first = sorted(headlines, key=lambda edition_id: bool(inputs.editions[edition_id].published_edition))
    described: Metadata = {}
    if is_seen(context):
        for edition_id in own_first:
            described[edition_id] = dg.MetadataValue.md(_in_short(edition_id, headlines[edition_id]))
        described[BY_NAME] = contracts_by_name(inputs.fact_table("contracts"), inputs.fact_table("organisations"))
        for edition_id in own_first:
            told = moved[edition_id]
            nothing = "published for the first time" if told.is_first else "nothing since it was last published"
            lines = told.said(path_of(Path(inputs.settings.data_dir.name), edition_id)) or [nothing]
            described[f"moved {edition_id}"] = dg.MetadataValue.md("\n".join(f"- {markdown_text(x)}" for x in lines))
        described["assumptions and sources"] = dg.MetadataValue.md(", ".join(link(a, f"/assets/{a}") for a in READ_ON))
        described |= {f"full text {edition_id}": dg.MetadataValue.md(texts[edition_id]) for edition_id in own_first}
    for edition_id in own_first:
        for measure, words in RATIO_WORDS.items():
            if headlines[edition_id][measure] is not None:
                described[f"{words} per £1, {edition_id}"] = round(headlines[edition_id][measure], 2)
    return described


def _in_short(edition_id: str, data: Mapping[str, Any]) -> str:
    """What an edition says, in a few sentences, with links to what is published of it."""
    pages = [link(words, f"/reports/{edition_id}/{page}") for page, words in PAGES_OF_AN_EDITION.items()]
    said = [
        f"**{_ratio(data, 'bcr')} of public value for every £1 paid**{_range(data, 'bcr')}.",
        f"{_ratio(data, 'fiscal_bcr')} of fiscal value{_range(data, 'fiscal_bcr')}.",
        *([f"Unit costs are taken at their {LEVELS[data['unit_value_level']]}."] if data["bound"] else []),
        *(["Nothing is taken off for what would have happened anyway."] if data["deadweight_layer"] == "none" else []),
        f"{counted(data['contracts_in_bcr'], 'contract')}, prices of {data['price_year']}.",
    ]
    return f"{' '.join(said)}\n\n{' · '.join(pages)}"


def _ratio(data: Mapping[str, Any], measure: str) -> str:
    return per_pound(data[measure]) if data[measure] is not None else "An unknown amount"


def _range(data: Mapping[str, Any], measure: str) -> str:
    """The range of a ratio, nothing where it has none."""
    range_ = span(data["uncertainty"][measure], "£") if data["uncertainty"] else ""
    return f" (80% range: {range_})" if range_ else ""


def contracts_by_name(contracts: pd.DataFrame, organisations: pd.DataFrame) -> dg.MarkdownMetadataValue:
    """Return the contracts by name, with who delivers each, and a link to where it is shown.

    Dagster searches the ids of partitions and nothing that is said of them: this list is where a name is found.
    """
    providers = organisations[organisations["role"] == "provider"].groupby("contract_id")["name"].agg(", ".join)
    alike = set(contracts["name"][contracts["name"].duplicated()])
    rows = [
        (
            link(
                f"{row['name']} ({row['contract_id']})" if row["name"] in alike else row["name"],
                partition_of("contract_facts", row["contract_id"]),
            ),
            delivered,
        )
        for row in sorted(as_rows(contracts), key=lambda row: (row["name"].casefold(), row["contract_id"]))
        for delivered in [str(providers.get(row["contract_id"], ""))]
    ]
    return dg.MetadataValue.md(markdown_table(("contract", "delivered by"), rows))


def partition_of(asset: str, contract_id: str) -> str:
    """Return the address at which the UI shows a contract."""
    return f"/assets/{asset}?view=partitions&partition={quote(contract_id)}"


def what_if_metadata(
    base: Mapping[str, Any],
    changed: Mapping[str, Any],
    choices: Mapping[str, Any],
    text: str,
    folder: Path,
    settings: Settings,
) -> Metadata:
    """Return what is shown of a what-if: its figures beside those of the edition, the choices made, where it lies."""
    rows = [(name, _figure(base[name]), _figure(changed[name])) for name in base if isinstance(base[name], int | float)]
    return {
        "in short": f"{_ratio(changed, 'bcr')} of public value for every £1 paid{_range(changed, 'bcr')}; in "
        f"{base['edition']} it is {_ratio(base, 'bcr')}{_range(base, 'bcr')}.",
        "choices": dg.MetadataValue.json(dict(choices)),
        "chart": image(beside(base, changed), settings),
        "beside the edition": dg.MetadataValue.md(
            markdown_table(("figure", str(base["edition"]), "what if"), rows, right=(str(base["edition"]), "what if"))
        ),
        "full text": dg.MetadataValue.md(text),
        # Without the way to it: a picture of the page names no machine.
        "folder": dg.MetadataValue.path(f"{settings.data_dir.name}/{folder.relative_to(settings.data_dir).as_posix()}"),
        **{f"{words} per £1": changed[measure] for measure, words in RATIO_WORDS.items()},
    }


def _figure(number: float | None) -> str:
    """Counts and pounds whole, so that both columns fit beside each other; ratios with two places."""
    if number is None:
        return "–"
    return f"{number:,.0f}" if isinstance(number, int) or abs(number) >= LARGE else f"{number:,.2f}"


def image(figure: Figure, settings: Settings) -> dg.MarkdownMetadataValue:
    """Return a figure as the UI shows it."""
    return dg.MetadataValue.md(figure.as_image(pictures.kept(figure.titled, settings)))
