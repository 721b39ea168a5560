"""What a person sees on an asset in the Dagster UI: rows, sums, previews and pictures.

Belongs here: which of them an asset shows. Tables and charts themselves are made in ``pipeline.report``. Nothing of
it is worked out for a run that nobody will look at.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dagster as dg
import pandas as pd

from pipeline.checks import great_expectations
from pipeline.facts.versions import names_in, versions
from pipeline.orchestration.assets.inputs import Inputs, current_editions
from pipeline.orchestration.assets.specs import column_lineage
from pipeline.orchestration.server import pictures
from pipeline.orchestration.server.instance import PROCESS_TAG, keep_connections
from pipeline.orchestration.settings import Settings
from pipeline.report.charts.bridge import bridge_chart
from pipeline.report.charts.choices import spread_of_choices
from pipeline.report.charts.contracts import value_and_payments_by_contract
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.outcomes import ladder_funnels, quantities_by_period
from pipeline.report.charts.published import coverage, reconciliation
from pipeline.report.charts.uncertainty import acceptability_curve, ranges, tornado
from pipeline.report.charts.value import value_by_policy_area
from pipeline.report.charts.what_if import beside
from pipeline.report.pages.gathered import UnsafePathError, contract_path
from pipeline.report.previews import LARGE, markdown_table, preview
from pipeline.report.rows import names_of
from pipeline.report.text.news import News, path_of
from pipeline.report.wording import counted, markdown_text, pounds

ROW_COUNT = "dagster/row_count"
PREVIEWED_ROWS = 10
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


def contract_metadata(tables: Tables, problems: int, settings: Settings) -> Metadata:
    """Return what is shown of one contract; ``tables``: its facts, by asset; ``problems``: what was warned of.

    The results of one with claims are exact until an edition protects them, so that no quantity of it is shown.
    """
    (contract,) = tables["contracts"].to_dict("records")
    outcomes, payments, rejected = (tables[name] for name in ("outcomes", "payments", "rejected_rows"))
    committed = payments[payments["basis"] == "commitment"]
    paid_gbp = float(payments["amount_gbp"].sum() - committed["amount_gbp"].sum())
    committed_gbp = float(committed["amount_gbp"].sum())
    return {
        "name": contract["name"],
        **folder_metadata(contract["contract_id"], settings),
        "paid": f"{pounds(paid_gbp)} in cash",
        "committed": f"{pounds(committed_gbp)} in cash",
        ROW_COUNT: len(outcomes) + len(payments),
        "results": len(outcomes),
        **(_quantities(outcomes, settings) if tables["claim_counts"].empty else {}),
        "payments": len(payments),
        "payments_gbp": paid_gbp,
        "commitments_gbp": committed_gbp,
        "problems": problems,
        "rejected_rows": len(rejected),
        "rejected": dg.MetadataValue.md(preview(rejected)),
    }


def folder_metadata(contract_id: str, settings: Settings) -> Metadata:
    """Return where a contract can be read on: its folder and files, its pages in the report, what was read of it."""
    folder = (settings.raw_dir / contract_id).absolute()
    links = [f"- [what was read of it](/assets/contract_facts?view=partitions&partition={quote(contract_id)})"]
    with suppress(UnsafePathError):
        page = contract_path(contract_id)
        links[:0] = [f"- [its page in {edition}](/reports/{edition}/{page})" for edition in current_editions(settings)]
    return {
        "where to read on": dg.MetadataValue.md("\n".join(links)),
        "folder": dg.MetadataValue.path(str(folder)),
        "files": ", ".join(names_in(folder)),
    }


def _quantities(outcomes: pd.DataFrame, settings: Settings) -> Metadata:
    by_metric = outcomes.groupby(["metric_id", "label", "unit"], as_index=False)["quantity"].sum()
    return {
        "chart": image(quantities_by_period(outcomes), settings),
        "quantity": dg.MetadataValue.md(preview(by_metric)),
    }


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
    settings: Settings,
) -> Metadata:
    """Return what is shown of the headlines, by edition: the ratios, what moved, where to read on, the text itself.

    ``headlines``: as in headline.json; ``texts``: headline.md; ``moved``: since the edition was last published.
    """
    described: Metadata = {}
    for edition_id, data in headlines.items():
        described[f"bcr {edition_id}"] = data["bcr"]
        described[f"fiscal bcr {edition_id}"] = data["fiscal_bcr"]
    if is_seen(context):
        for edition_id, told in moved.items():
            nothing = "published for the first time" if told.is_first else "nothing since it was last published"
            lines = told.said(path_of(settings.data_dir, edition_id)) or [nothing]
            described[f"moved {edition_id}"] = dg.MetadataValue.md("\n".join(f"- {markdown_text(x)}" for x in lines))
        described["where to read on"] = dg.MetadataValue.md(_links(headlines))
        described |= {f"headline {edition_id}": dg.MetadataValue.md(text) for edition_id, text in texts.items()}
    return described


def _links(editions: Iterable[str]) -> str:
    """Links to what is published of each edition, and to the assets that hold assumptions and sources."""
    reports = [
        f"- {edition}: [the report](/reports/{edition}/index.html), [headline](/reports/{edition}/headline.md), "
        f"[what was checked](/reports/{edition}/checks.html)"
        for edition in editions
    ]
    assets = ("unit_costs", "deadweight", "metric_outcomes", "editions", "sources", "reconciliation", "checks")
    others = ", ".join(f"[{asset}](/assets/{asset})" for asset in assets)
    return "\n".join([*reports, f"- assumptions, sources and how each figure was checked: {others}"])


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
        "choices": dg.MetadataValue.json(dict(choices)),
        "bcr": changed["bcr"],
        "fiscal bcr": changed["fiscal_bcr"],
        "chart": image(beside(base, changed), settings),
        "beside the edition": dg.MetadataValue.md(
            markdown_table(("figure", str(base["edition"]), "what if"), rows, right=(str(base["edition"]), "what if"))
        ),
        "headline": dg.MetadataValue.md(text),
        "folder": dg.MetadataValue.path(str(folder.absolute())),
    }


def _figure(number: float | None) -> str:
    """Counts and pounds whole, so that both columns fit beside each other; ratios with two places."""
    if number is None:
        return "–"
    return f"{number:,.0f}" if isinstance(number, int) or abs(number) >= LARGE else f"{number:,.2f}"


def image(figure: Figure, settings: Settings) -> dg.MarkdownMetadataValue:
    """Return a figure as the UI shows it."""
    return dg.MetadataValue.md(figure.as_image(pictures.kept(figure.titled, settings)))
