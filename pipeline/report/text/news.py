"""What a new publication of an edition tells that the last one did not: in five lines, and in full.

Belongs here: comparing two publications: the ratios with their ranges, why they changed (from the bridge between the
two), the contracts by name. ``pipeline.checks`` checks what may not differ before anything is published.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.common.files import written_whole
from pipeline.facts.files import read_whole
from pipeline.method.analysis.bridge.bridge import bridge, is_recorded
from pipeline.method.analysis.bridge.results import Result, result_of
from pipeline.report.reading import tables_in
from pipeline.report.rows import with_none
from pipeline.report.text.bridge import because
from pipeline.report.text.bridge import in_full as by_cause
from pipeline.report.text.headline import as_json, moved
from pipeline.report.wording import RATIO_WORDS, counted, pounds, ratio_text, whole_pounds
from pipeline.tables.kept import KEPT_COLUMNS
from pipeline.tables.reference import STANDS_FOR

AMOUNTS = {"public_value_gbp": "public value", "outcome_payments_real_gbp": "payments"}
COLUMNS = ["contract_id", "name", "is_valued", *AMOUNTS]
# How many contracts of a kind are named; the others are counted.
NAMED = 3
Contract = Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """What is compared: the headline, and the contracts by id, None where they cannot be read.

    ``result``: what a bridge leads from and to; None where it cannot be read.
    """

    headline: Mapping[str, Any]
    contracts: Mapping[str, Contract] | None
    result: Result | None = None


@dataclass(frozen=True)
class News:
    """What has moved, nothing of a first publication; ``in_full``: each contract and each figure on a line of its own.

    ``lines``: the ratios, why they moved and the contracts, in four lines at most.
    """

    lines: list[str] = field(default_factory=list)
    in_full: list[str] = field(default_factory=list)
    is_first: bool = False

    def said(self, path: Path) -> list[str]:
        """Return the lines that are told; ``path``: where the rest is written."""
        return [*self.lines, f"full list ({counted(len(self.in_full), 'line')}): {path}"] if self.in_full else []


def of_tables(tables: Mapping[str, pd.DataFrame], headline: Mapping[str, Any]) -> Published:
    """Return what is about to be published."""
    contracts = _contracts(tables["contract_value"][COLUMNS])
    return Published(json.loads(as_json(headline)), contracts, result_of(tables))


def last_published(folder: Path) -> Published | None:
    """Return what lies in the folder of an edition, None where there is none or it cannot be read.

    A fresh copy of the project has the headlines alone: then nothing can be told of contracts.
    """
    try:
        headline = json.loads(read_whole(folder / "headline.json"))
    except (OSError, ValueError):
        return None
    tables = tables_in(folder, KEPT_COLUMNS)
    value = tables.get("contract_value")
    if value is not None and "contracts" in tables and "name" not in value:
        # Of an earlier publication that is kept: the names stand apart, and what has no value was not valued.
        named = tables["contracts"].set_index("contract_id")["name"]
        unnamed = value["contract_id"].mask(value["contract_id"].str.startswith(STANDS_FOR), "a withdrawn contract")
        name = value["contract_id"].map(named).fillna(unnamed)
        value = value.assign(name=name, is_valued=value["public_value_gbp"].notna())
    contracts = _contracts(value[COLUMNS]) if value is not None and set(COLUMNS) <= set(value.columns) else None
    return Published(headline, contracts, result_of(tables)) if isinstance(headline, dict) else None


def news(before: Published | None, after: Published, terms: pd.DataFrame | None = None) -> News:
    """Return what the second publication tells that the first did not; ``terms``: the bridge between them, if any."""
    if before is None:
        return News(is_first=True)
    old, new = before.contracts or {}, after.contracts or {}
    known = before.contracts is not None and after.contracts is not None
    ids = {
        "added": [i for i in new if i not in old],
        "removed": [i for i in old if i not in new],
        "changed": [i for i in new if i in old and new[i] != old[i]],
    }
    told = {
        "added": [_named(i, new[i], _amounts(new[i])) for i in ids["added"]],
        "removed": [_named(i, old[i], _amounts(old[i])) for i in ids["removed"]],
        "changed": [
            _named(i, new[i], _changes(old[i], new[i]))
            for i in sorted(ids["changed"], key=lambda i: -_distance(old[i], new[i]))
        ],
    }
    by_kind = {kind: lines for kind, lines in told.items() if lines and known}
    lines = [line for measure in RATIO_WORDS for line in _ratio_line(measure, before.headline, after.headline)]
    recorded = before.result is not None and after.result is not None and is_recorded(before.result, after.result)
    names = {id_: str(contract["name"]) for id_, contract in {**old, **new}.items()}
    terms = terms if by_kind else None
    if terms is not None and (why := because(terms, names, recorded)):
        lines.append(f"why: {why}")
    if by_kind:
        lines.append("contracts " + "; ".join(f"{kind} ({len(of)}): {_first(of)}" for kind, of in by_kind.items()))
    figures = moved(before.headline, after.headline)
    in_full = [f"contract {kind}: {line}" for kind, of in by_kind.items() for line in of]
    in_full += by_cause(terms, names, recorded) if terms is not None else []
    return News(lines, in_full + figures)


def terms_between(before: Published | None, after: Published) -> pd.DataFrame | None:
    """Return the bridge between two publications, without other orders; None where one of them cannot be read."""
    if before is None or before.result is None or after.result is None:
        return None
    return bridge(before.result, after.result, with_order=False)


def path_of(data_dir: Path, edition_id: str) -> Path:
    """Return where all that moved in an edition is written: beside the working tables, as it is no part of it."""
    return data_dir / f"moved-{edition_id}.txt"


def write(told: News, path: Path) -> None:
    """Write what moved since the last publication, in few lines and in full, or take away what an earlier run wrote."""
    if not told.in_full:
        path.unlink(missing_ok=True)
        return
    with written_whole(path) as fresh:
        fresh.write_text("\n".join([*told.lines, "", *told.in_full]) + "\n", encoding="utf-8")


def read_back(path: Path) -> list[str]:
    """Return the few lines that are told of what ``write`` has written; none where there is nothing to tell."""
    try:
        rows = read_whole(path).decode("utf-8").splitlines()
    except OSError:
        return []
    blank = rows.index("")
    return News(rows[:blank], rows[blank + 1 :]).said(path)


def _contracts(table: pd.DataFrame) -> dict[str, Contract]:
    """Contracts by id; what is not known is None, also where it was once published as 0."""
    known = table.assign(
        public_value_gbp=table["public_value_gbp"].where(table["is_valued"]),
        outcome_payments_real_gbp=table["outcome_payments_real_gbp"].where(table["outcome_payments_real_gbp"] > 0),
    )
    return {str(row["contract_id"]): row for row in with_none(known)}


def _named(contract_id: str, contract: Contract, what: str) -> str:
    # The name is somebody's text: it must neither break the line nor command a terminal.
    name = "".join(char if char.isprintable() else " " for char in str(contract["name"]))
    return f"{name} ({contract_id}), {what}"


def _amounts(contract: Contract) -> str:
    return ", ".join(f"{words} {_pounds(contract[name])}" for name, words in AMOUNTS.items())


def _changes(old: Contract, new: Contract) -> str:
    changes = [
        f"{words} {_from_to(old[name], new[name], _pounds, pounds)}"
        for name, words in AMOUNTS.items()
        if old[name] != new[name]
    ]
    return ", ".join(changes) or "only its name or how a metric counts"


def _distance(old: Contract, new: Contract) -> float:
    """How far the pounds of a contract have moved; what was not known counts as nothing."""
    return max(abs((new[name] or 0.0) - (old[name] or 0.0)) for name in AMOUNTS)


def _first(lines: list[str]) -> str:
    rest = len(lines) - NAMED
    return "; ".join(lines[:NAMED]) + (f"; and {rest} more" if rest > 0 else "")


def _ratio_line(measure: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The ratio with its range before and after, where either has moved."""
    old, new = (_ratio_and_range(headline, measure) for headline in (before, after))
    if old == new:
        return []
    return [f"{RATIO_WORDS[measure]} per £1: {_from_to(old, new, _with_range(ratio_text), _with_range(_exact))}"]


def _ratio_and_range(headline: Mapping[str, Any], measure: str) -> tuple[float | None, ...]:
    sure = (headline.get("uncertainty") or {}).get(measure) or {}
    # Of an earlier publication that does not say whether its range says anything it is told as it was.
    ends = (sure.get("p10"), sure.get("p90")) if sure.get("has_range", True) else (None, None)
    return headline.get(measure), *ends


def _with_range(said: Callable[[float | None], str]) -> Callable[[Any], str]:
    return lambda ratio: said(ratio[0]) + (f" ({said(ratio[1])} to {said(ratio[2])})" if ratio[1] is not None else "")


def _exact(ratio: float | None) -> str:
    return "–" if ratio is None or math.isnan(ratio) else f"{ratio:.6f}"


def _pounds(amount: float | None) -> str:
    return "not known" if amount is None else whole_pounds(amount)


def _from_to(old: Any, new: Any, said: Callable[[Any], str], exactly: Callable[[Any], str]) -> str:
    """What was and what is, with more places where fewer would show no difference."""
    words = exactly if said(old) == said(new) else said
    return f"{words(old)} -> {words(new)}"
