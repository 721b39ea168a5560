"""What a person sees of one contract in the Dagster UI: its name, its figures in words, its rows, where to read on.

Belongs here: what stands on the page of a partition. Nobody is shown an exact count of claims there, nor where on the
machine the folder lies.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import dagster as dg
import pandas as pd

from pipeline.facts.raw import FILES
from pipeline.facts.versions import names_in
from pipeline.orchestration.assets.inputs import current_editions
from pipeline.orchestration.assets.metadata import ROW_COUNT, Metadata, Tables, image, partition_of
from pipeline.orchestration.settings import Settings
from pipeline.report.charts.outcomes import quantities_by_period
from pipeline.report.pages.gathered import UnsafePathError, contract_path
from pipeline.report.previews import link, markdown_table, preview, shown_as_text
from pipeline.report.rows import Row, with_none
from pipeline.report.wording import capital, counted, money, period, pounds, quantity, words

# Rows of a file that are shown; the longest has fewer today.
MOST_ROWS = 100
# The columns of what is shown of a result and of a payment.
OF_A_RESULT = ("row", "what was counted", "how many", "when", "source", "where in the source")
OF_A_PAYMENT = ("row", "amount (cash)", "what it is", "when", "source", "where in the source")


def contract_metadata(tables: Tables, warnings: Sequence[str] | None, settings: Settings) -> Metadata:
    """Return what is shown of one contract.

    ``tables``: its facts, by asset; ``warnings``: those of its last reading, None where they are not known. The results
    of one with claims are exact until an edition protects them, so that none of them is shown.
    """
    (contract,) = with_none(tables["contracts"])
    outcomes, payments, rejected = (tables[name] for name in ("outcomes", "payments", "rejected_rows"))
    has_claims = not tables["claim_counts"].empty
    contract_id = contract["contract_id"]
    described: Metadata = {
        "name": contract["name"],
        "in short": _in_short(contract, outcomes, payments, len(rejected), has_claims),
        "read on": _read_on(contract_id, "raw_folder", "the folder and its files", settings),
    }
    described["last checks"] = _checks(warnings, settings)
    if not has_claims and not outcomes.empty:
        described["chart"] = image(quantities_by_period(outcomes), settings)
        described["results"] = _rows(OF_A_RESULT, [_result(row) for row in with_none(outcomes)])
    if not payments.empty:
        described["payments"] = _rows(OF_A_PAYMENT, [_payment(row) for row in with_none(payments)])
    if not rejected.empty:
        described["not used"] = dg.MetadataValue.md(preview(rejected))
    return {**described, ROW_COUNT: len(outcomes) + len(payments)}


def folder_metadata(contract_id: str, name: str, settings: Settings) -> Metadata:
    """Return what is shown of the folder of a contract; ``name``: as the folder gives it, empty where it cannot."""
    files = names_in(settings.raw_dir / contract_id)
    return {
        "name": name,
        "read on": _read_on(contract_id, "contract_facts", "what was read from the folder", settings),
        "folder": f"{settings.raw_dir.name}/{contract_id}",
        "files": ", ".join(files),
    }


def _read_on(contract_id: str, asset: str, words_: str, settings: Settings) -> dg.MarkdownMetadataValue:
    """Links to the pages of a contract in the report of each edition, and to what else the UI shows of it."""
    links = [link(words_, partition_of(asset, contract_id))]
    with suppress(UnsafePathError):
        page = contract_path(contract_id)
        links[:0] = [
            link(f"its page in {edition}", f"/reports/{edition}/{page}") for edition in current_editions(settings)
        ]
    return dg.MetadataValue.md("\n".join(f"- {each}" for each in links))


def _in_short(contract: Row, outcomes: pd.DataFrame, payments: pd.DataFrame, rejected: int, has_claims: bool) -> str:
    is_committed = payments["basis"] == "commitment"
    paid, committed = payments[~is_committed], payments[is_committed]
    service = _days(contract["service_start"], contract["service_end"])
    said = [
        f"{capital(words(contract['policy_area']))}; service {service}.",
        "Its results are counted from claims; the report shows them, protected."
        if has_claims
        else f"{counted(len(outcomes), 'result')} reported."
        if len(outcomes)
        else "No results are public.",
        f"{money(float(paid['amount_gbp'].sum()))} paid (cash), in {counted(len(paid), 'payment')}."
        if len(paid)
        else "No payments are public.",
    ]
    if len(committed):
        said.append(f"Up to {money(float(committed['amount_gbp'].sum()))} is committed.")
    if rejected:
        said.append(f"{counted(rejected, 'value')} could not be used.")
    return " ".join(said)


def _checks(warnings: Sequence[str] | None, settings: Settings) -> dg.MarkdownMetadataValue:
    """How its folder passed when it was last read, and where all checks stand; a folder that fails is not kept."""
    said = "Passed when the folder was last read."
    if warnings is None:
        said += " What was warned of then, publicvalue check prints."
    elif warnings:
        said += f" {counted(len(warnings), 'warning')}:"
    pages = [link(f"all checks of {e}", f"/reports/{e}/checks.html") for e in current_editions(settings)]
    lines = [said, *(f"- {shown_as_text(warning)}" for warning in warnings or ())]
    return dg.MetadataValue.md("\n".join([*lines, "", ", ".join(pages)]))


def _result(row: Row) -> tuple[str, ...]:
    much = quantity(row["quantity"], row["unit"])
    return (f"{FILES['outcomes']}:{row['row']}", row["label"], much, _when(row), row["source_id"], row["locator"])


def _payment(row: Row) -> tuple[str, ...]:
    return (
        f"{FILES['payments']}:{row['row']}",
        pounds(row["amount_gbp"]),
        words(row["basis"]),
        _when(row),
        row["source_id"],
        row["locator"],
    )


def _when(row: Row) -> str:
    return _days(row["period_start"], row["period_end"])


def _days(start: date | None, end: date | None) -> str:
    return "on dates not known" if start is None and end is None else period(start, end)


def _rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dg.MarkdownMetadataValue:
    text = markdown_table(columns, rows[:MOST_ROWS], right=columns[2:3] if columns is OF_A_RESULT else columns[1:2])
    left = len(rows) - MOST_ROWS
    return dg.MetadataValue.md(f"{text}\n\n… and {left} more" if left > 0 else text)
