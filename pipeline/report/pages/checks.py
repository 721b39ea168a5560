"""The page ``checks.html``: what was checked before an edition was published, and how it came out.

Belongs here: putting the results of the checks, corrections, rejected rows and flags in order for a reader. Nothing is
checked or judged here; the template has the words, ``gates`` the rules of the tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.pages.gates import Gate
from pipeline.report.rows import as_rows
from pipeline.report.wording import template
from pipeline.tables.vocabulary import CHECK_OUTCOMES, SEVERITIES


@dataclass(frozen=True)
class Mark:
    """How an outcome is marked: its sign, how it is said in a sum, and what all checks together are then called."""

    sign: str
    said: str
    overall: str


# Gravest first. The outcomes and what they mean are the vocabulary's.
MARKS = {
    "failed": Mark("✗", "failed", "failed"),
    "warned": Mark("!", "gave a warning", "passed, with warnings"),
    "accepted": Mark("≈", "accepted", "passed, with failures that somebody accepted"),
    "passed": Mark("✓", "passed", "passed"),
    "nothing to compare": Mark("–", "had nothing to compare", "nothing to compare"),
}


def render(made_from: Site) -> Files:
    """Return the page by its path; none where nobody has said what the tables had to meet."""
    if made_from.gates is None:
        return {}
    others = {
        edition: each.title.partition(":")[0]
        for edition, each in sorted(made_from.reference.editions.items(), reverse=True)
        if edition != made_from.edition.edition
    }
    page = checks_page(
        made_from.edition, made_from.tables, made_from.gates, made_from.versions, made_from.pages, others
    )
    return {"checks.html": page}


def checks_page(
    edition: Edition,
    tables: Mapping[str, pd.DataFrame],
    gates: Sequence[Gate],
    versions: Mapping[str, str],
    pages: Sequence[Page] = (),
    others: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the page as one HTML file without scripts or outside requests.

    ``tables``: published tables, of which ``checks``, ``corrections``, ``accepted``, ``rejected_rows`` and ``flags``
    are shown, rows in the order given; ``versions``: by ``data_version`` and so on; ``pages``: those beside it;
    ``others``: what the other editions are called, by id. Raises ``KeyError`` when one of the tables is missing or a
    check came out in a way that the vocabulary does not know.
    """
    checks, rejected = tables["checks"], tables["rejected_rows"]
    accepted = tables["accepted"]
    lists = {
        "corrections": ("What did we correct?", as_rows(tables["corrections"]), "value"),
        "accepted": (
            "Which doubted values are true?",
            as_rows(accepted.assign(accepted_on=accepted["accepted_on"].dt.strftime("%Y-%m-%d"))),
            "value",
        ),
        "rejected": ("Which values could we not use?", as_rows(rejected), "value"),
        "flags": ("Which unusual figures did we keep?", as_rows(tables["flags"]), "figure"),
    }
    return template("pages/checks.html.j2").render(
        pages=pages,
        others=others,
        edition=edition,
        versions={name.removesuffix("_version"): version for name, version in versions.items()},
        total=_total(checks),
        suites=[_suite(str(name), rows) for name, rows in checks.groupby("suite", sort=False)],
        marks=MARKS,
        meanings=CHECK_OUTCOMES,
        severities=SEVERITIES,
        gates=gates,
        let_pass=as_rows(checks[checks["outcome"] == "accepted"]),
        lists=lists,
        **{name: rows for name, (_, rows, _) in lists.items()},
        reasons=_by_reason(rejected),
    )


def _suite(name: str, checks: pd.DataFrame) -> dict[str, Any]:
    return {
        "name": name,
        "guards": checks["guards_suite"].iloc[0],
        "assets": list(checks["asset"].unique()),
        "total": _total(checks),
        "checks": [row | {"examples": list(filter(None, row["examples"].split("\n")))} for row in as_rows(checks)],
    }


def _total(checks: pd.DataFrame) -> dict[str, Any]:
    """Numbers of suites, checks and rows, of checks by outcome (gravest first), and the gravest outcome."""
    counts = checks["outcome"].value_counts()
    by_outcome = {outcome: int(counts.get(outcome, 0)) for outcome in MARKS}
    return {
        "suites": checks["suite"].nunique(),
        "checks": len(checks),
        "rows": int(checks["rows"].sum()),
        "by_outcome": by_outcome,
        "gravest": next((outcome for outcome, number in by_outcome.items() if number), "nothing to compare"),
    }


def _by_reason(rejected: pd.DataFrame) -> list[dict[str, Any]]:
    """Number of rejected values by reason, most frequent first."""
    numbers = rejected.groupby("reason").size().reset_index(name="values")
    return as_rows(numbers.sort_values(["values", "reason"], ascending=[False, True]))


PAGE = Page("checks.html", "Checks", render)
