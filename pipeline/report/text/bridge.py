"""A bridge between two results in words: as a table for a terminal, as data, and in one line for the end of a run.

Belongs here: laying out the terms that ``pipeline.method.analysis.bridge`` has worked out, and finding the two ends of
a bridge by name. No figure is worked out here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.facts.earlier import FOLDER
from pipeline.facts.files import close_match
from pipeline.facts.problems import quoted
from pipeline.method.analysis.bridge.bridge import bridge, is_recorded
from pipeline.method.analysis.bridge.causes import CAUSES, CODE, CODE_WORDS, NOT_RECORDED_WORDS
from pipeline.method.analysis.bridge.results import MADE_FROM, Result, result_of
from pipeline.method.analysis.bridge.terms import MARKET, RATIOS
from pipeline.report.history import edition_ids, publications
from pipeline.report.reading import tables_in, unreadable_in
from pipeline.report.rows import with_none
from pipeline.report.wording import counted
from pipeline.tables.kept import KEPT_COLUMNS
from pipeline.tables.reference import STANDS_FOR

# What a table in a terminal shows: pounds of the contracts in the ratio, so that they divide to it.
SHOWN = {
    "public_value_in_bcr_gbp": ("public value", "£m"),
    "outcome_payments_in_bcr_real_gbp": ("payments", "£m"),
    "bcr": ("public value", "per £1"),
    "fiscal_bcr": ("fiscal value", "per £1"),
}
# In the line at the end of a run: pounds of all contracts, whether in the ratio or not.
TOLD = {"public_value_gbp": "public value", "outcome_payments_real_gbp": "payments"}
NAMED = 3
WIDTH, FIRST = 14, 48


class UnknownResultError(LookupError):
    """Nothing was published under a name, or in a folder."""


class TornResultError(LookupError):
    """A table of a publication is there and cannot be read."""


@dataclass(frozen=True)
class End:
    """One end of a bridge: how it was called, what was published there, and the names of its contracts.

    ``lacks``: tables that were not published there, or not with the columns that a bridge needs.
    """

    name: str
    result: Result
    names: Mapping[str, str]
    lacks: Sequence[str] = ()


def end_of(name: str, out_dir: Path, reference_dir: Path) -> End:
    """Return what was published under a name: an edition, an earlier publication that is kept, or a folder.

    ``open-2026@2026-11-29-210455`` is a publication of the history of an edition.

    Raises ``UnknownResultError``, which says what there is, ``TornResultError`` for a table that cannot be read.
    """
    earlier = reference_dir / FOLDER
    places = [out_dir / name, earlier / name, *_in_history(name, out_dir), Path(name)]
    for place in places:
        if torn := unreadable_in(place, KEPT_COLUMNS):
            raise TornResultError(f"{', '.join(map(str, torn))}: cannot be read as a table; nothing is compared")
        tables = tables_in(place, KEPT_COLUMNS)
        result = result_of(tables)
        if result is not None:
            contracts = tables.get("contracts", pd.DataFrame(columns=["contract_id", "name"]))
            names = dict(zip(contracts["contract_id"], contracts["name"], strict=True))
            lacks = [table for table in MADE_FROM if table not in result.published]
            return End(name, result, names, lacks)
    if any((place / "contract_value.csv").is_file() for place in (Path(name), Path(name) / "tables")):
        raise UnknownResultError(f"{quoted(name)} has its tables only as CSV; a bridge needs them as Parquet")
    known = sorted(path.name for folder in (out_dir, earlier) for path in folder.glob("*") if _has_tables(path))
    known += [each.name for edition in edition_ids(out_dir) for each in publications(out_dir, edition)[:-1]]
    like = " or ".join(repr(one) for one in known if one.endswith(f"-{name}")) or close_match(name, known)
    hint = f"did you mean {like}? " if like else ""
    there = f"there are: {', '.join(known)}, or the folder of a publication" if known else "publicvalue run publishes"
    raise UnknownResultError(f"nothing is published as {quoted(name)}; {hint}{there}")


def _in_history(name: str, out_dir: Path) -> list[Path]:
    """The folder of a publication of the history of an edition, by its name there."""
    edition, _, asked = name.partition("@")
    return [each.folder for each in publications(out_dir, edition) if asked and each.publication_id == asked]


def _has_tables(folder: Path) -> bool:
    return any((place / "contract_value.parquet").is_file() for place in (folder, folder / "tables"))


def bridged(first: End, second: End) -> pd.DataFrame:
    """Return the bridge between two ends, as ``bridge`` does."""
    return bridge(first.result, second.result)


def cause_words(cause: str, recorded: bool = True) -> str:
    """Return what a cause is called; ``recorded``: whether both publications hold all that they were made from."""
    return (CODE_WORDS if recorded else NOT_RECORDED_WORDS) if cause == CODE else CAUSES[cause]


# --- For a terminal ---------------------------------------------------------------------------------------------


def as_text(first: End, second: End, terms: pd.DataFrame) -> str:
    """Return a bridge as a table for people: the market, cause by cause, with what carries each."""
    market = terms[terms["scope_kind"] == MARKET]
    whole = market[market["detail"] == ""]
    if not whole["term"].any():
        return f"{first.name} to {second.name}: nothing changed."
    shown = [measure for measure in SHOWN if measure in set(whole["measure"])]
    amounts = whole.pivot_table(index="place", columns="measure", values=["before", "after", "term", "least", "most"])
    causes = dict(zip(whole["place"], whole["cause"], strict=True))
    recorded = is_recorded(first.result, second.result)
    lines = [
        f"From {first.name} to {second.name}: contracts in the ratio, each side in the prices of its own edition",
        "",
        _line("", [SHOWN[measure][0] for measure in shown], "per £1, range"),
        _line("", [SHOWN[measure][1] for measure in shown], "in other orders"),
        _line(first.name, [_amount(amounts["before"][measure].iloc[0], measure) for measure in shown]),
    ]
    for place, cause in causes.items():
        signed = [_amount(amounts["term"].loc[place, measure], measure, signed=True) for measure in shown]
        lines.append(_line(cause_words(cause, recorded), signed, _orders(amounts, place)))
        lines += [f"    {said}" for said in _carried_by(terms, cause, {**first.names, **second.names})]
    lines.append(_line(second.name, [_amount(amounts["after"][measure].iloc[-1], measure) for measure in shown]))
    lines += ["", *_explained(first, second, terms)]
    return "\n".join(line.rstrip() for line in lines)


def _line(words: str, cells: Sequence[str], last: str = "") -> str:
    return f"{words[:FIRST]:<{FIRST}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells) + (f"   {last}" if last else "")


def _amount(value: float, measure: str, signed: bool = False) -> str:
    number = value if measure in RATIOS else value / 1e6
    return f"{number:+,.3f}" if signed else f"{number:,.3f}"


def _orders(amounts: pd.DataFrame, place: int) -> str:
    """The range of a cause over all orders, where it has one that is more than its own term."""
    if ("least", "bcr") not in amounts or pd.isna(amounts["least"].loc[place, "bcr"]):
        return ""
    ends = [amounts[end].loc[place, "bcr"] for end in ("least", "most")]
    return " to ".join(f"{end:+.3f}" for end in ends)


def _carried_by(terms: pd.DataFrame, cause: str, names: Mapping[str, str]) -> list[str]:
    """The contracts, and the unit costs or rates, that move most by a cause."""
    is_shown = terms["measure"] == next(iter(SHOWN))
    rows = terms[(terms["cause"] == cause) & is_shown & (terms["term"] != 0)]
    contracts = rows[(rows["scope_kind"] == "contract") & (rows["detail"] == "")]
    details = rows[(rows["scope_kind"] == MARKET) & (rows["detail"] != "")]
    found = [
        _most(details, "detail", {}),
        _most(contracts, "scope", names),
    ]
    return [said for said in found if said]


def _most(rows: pd.DataFrame, column: str, names: Mapping[str, str]) -> str:
    """The rows that move most, each with its pounds, and how many others do."""
    largest = rows.reindex(rows["term"].abs().sort_values(ascending=False, kind="stable").index)
    said = [f"{_name(row[column], names)} {_pounds(row['term'])}" for row in largest.head(NAMED).to_dict("records")]
    others = len(largest) - NAMED
    return "; ".join(said) + (f"; {others} more" if others > 0 else "")


def _name(id_: str, names: Mapping[str, str]) -> str:
    # The name is somebody's text: it must neither break the line nor command a terminal.
    unnamed = "a withdrawn contract" if id_.startswith(STANDS_FOR) else ""
    name = "".join(char if char.isprintable() else " " for char in names.get(id_, unnamed))
    return f"{name} ({id_})" if name else id_


def _pounds(amount: float) -> str:
    sign = "+" if amount > 0 else "-"
    size = abs(amount)
    if size >= 1e6:
        return f"{sign}£{size / 1e6:,.1f}m"
    return f"{sign}£{size:,.0f}" if size >= 1 else f"{sign}£{size:.2f}"


def _explained(first: End, second: End, terms: pd.DataFrame) -> list[str]:
    """How much the causes leave."""
    left = terms[(terms["cause"] == CODE) & (terms["scope"] == MARKET) & (terms["measure"] == "public_value_gbp")]
    amount = float(left["term"].iloc[0]) if len(left) else 0.0
    if is_recorded(first.result, second.result):
        explained, changed = (
            "The causes explain the whole change, to the penny.",
            "The program explains what no cause does.",
        )
        return [explained if amount == 0 else changed]
    return [
        f"{end.name} does not have {', '.join(end.lacks)}. The last cause covers what these would explain."
        for end in (first, second)
        if end.lacks
    ]


# --- As data ----------------------------------------------------------------------------------------------------


def as_json(first: End, second: End, terms: pd.DataFrame) -> str:
    """Return a bridge as JSON: both ends, and all terms."""
    data: dict[str, Any] = {"from": first.name, "to": second.name, "terms": with_none(terms)}
    return json.dumps(data, indent=2, ensure_ascii=False)


# --- In a line --------------------------------------------------------------------------------------------------


def because(terms: pd.DataFrame, names: Mapping[str, str], recorded: bool = True) -> str:
    """Return why anything moved, in one line: the causes that move most first, with contracts by name.

    Empty where nothing moves.
    """
    rows = terms[(terms["detail"] == "") & terms["measure"].isin(list(TOLD)) & (terms["term"] != 0)]
    market = rows[rows["scope_kind"] == MARKET]
    sizes = rows[rows["scope_kind"] == "contract"].groupby("cause")["term"].agg(lambda term: term.abs().sum())
    said = []
    for cause in sizes.sort_values(ascending=False, kind="stable").index:
        of = market[market["cause"] == cause].set_index("measure")["term"]
        amounts = [f"{words} {_pounds(of[measure])}" for measure, words in TOLD.items() if measure in of.index]
        contracts = rows[(rows["cause"] == cause) & (rows["scope_kind"] == "contract")]
        by_size = contracts.groupby("scope")["term"].agg(lambda term: term.abs().sum()).sort_values(ascending=False)
        named = [_name(contract, names) for contract in by_size.index[:NAMED]]
        others = [f"{counted(len(by_size) - NAMED, 'other')}"] if len(by_size) > NAMED else []
        moved_by = ", ".join(amounts or ["no change in total"])
        parts = _parts(terms, cause)
        said.append(f"{cause_words(cause, recorded)}{parts}: {moved_by}, from {', '.join([*named, *others])}")
    return "; ".join(said)


def _parts(terms: pd.DataFrame, cause: str) -> str:
    """The unit costs or rates that move most by a cause, in brackets."""
    is_part = (terms["cause"] == cause) & (terms["detail"] != "") & (terms["scope_kind"] == MARKET)
    rows = terms[is_part & terms["measure"].isin(list(TOLD)) & (terms["term"] != 0)]
    sizes = rows.groupby("detail")["term"].agg(lambda term: term.abs().sum()).sort_values(ascending=False)
    others = [counted(len(sizes) - NAMED, "other")] if len(sizes) > NAMED else []
    return f" ({', '.join([*sizes.index[:NAMED], *others])})" if len(sizes) else ""


def in_full(terms: pd.DataFrame, names: Mapping[str, str], recorded: bool = True) -> list[str]:
    """Return every term of every contract in pounds, a line each."""
    rows = terms[
        (terms["scope_kind"] == "contract")
        & (terms["detail"] == "")
        & terms["measure"].isin(list(TOLD))
        & (terms["term"] != 0)
    ]
    return [
        f"{cause_words(row['cause'], recorded)}: {_name(row['scope'], names)}, {TOLD[row['measure']]} "
        f"{row['before']:,.2f} -> {row['after']:,.2f}"
        for row in rows.to_dict("records")
    ]
