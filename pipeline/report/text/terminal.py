"""What a run prints about each edition at its end, in a terminal.

Belongs here: the lines of one edition and what moved in it. ``headline`` has the figures, ``news`` works out what
moved.
"""

from datetime import date
from pathlib import Path
from typing import Any

from pipeline.report.text.headline import said_of_older_lists
from pipeline.report.text.news import path_of, read_back
from pipeline.report.wording import RATIO_WORDS, counted, million, per_pound, percent, span


def moved_lines(edition_id: str, data_dir: Path) -> list[str]:
    """Return what a run has just written of what moved in an edition, in a few lines; none where nothing did."""
    return [f"  moved: {line}" for line in read_back(path_of(data_dir, edition_id))]


def headline_text(edition_id: str, data: dict[str, Any], out_dir: Path) -> str:
    """Return what a run prints about an edition at its end: its ratios first."""
    lines = [
        f"{edition_id}: public value {per_pound(data['bcr'])} and fiscal value {per_pound(data['fiscal_bcr'])} for "
        "every £1 of outcome payments"
        + (f", each a {data['bound']} in its unit costs" if data["bound"] else "")
        + (", before deadweight" if data["deadweight_layer"] == "none" else ""),
        *_range_text(data["uncertainty"]),
        f"  {million(data['public_value_in_bcr_gbp'])} of public value for "
        f"{million(data['outcome_payments_in_bcr_real_gbp'])} of payments under "
        f"{counted(data['contracts_in_bcr'], 'contract')} ({data['price_year']} prices)",
        *_past_review(data["evidence_age"]["reviews"]),
        *_older_lists(data),
        f"  {counted(data['contracts'], 'contract')} in public data, {data['contracts_valued']} with a valued outcome; "
        f"{million(data['outcome_payments_gbp'])} of payments known (cash)",
        f"  {out_dir / edition_id / 'index.html'}",
    ]
    return "\n".join(lines)


def _range_text(sure: dict[str, Any]) -> list[str]:
    """Return the ranges of the ratios that have one."""
    said = [f"{span(sure[m], '£')} of {words}" for m, words in RATIO_WORDS.items() if sure and sure[m]["has_range"]]
    return [f"  80% range: {', '.join(said)} (8 in 10 simulations fall inside it)"] if said else []


def _older_lists(data: dict[str, Any]) -> list[str]:
    """Return how much of the value depends on an older price list than the edition's own, where any does."""
    return [f"  {said}"] if (said := said_of_older_lists(data)) else []


def _past_review(reviews: dict[str, dict[str, Any]]) -> list[str]:
    """Return how much of the value depends on parameters that somebody should have reviewed by now."""
    today = date.today().isoformat()
    return [
        f"  {percent(due['share'])} of public value depends on {counted(due['parameters'], 'parameter')} that should "
        f"have been reviewed by {day}; publicvalue check lists them"
        for day, due in reviews.items()
        if day < today
    ]
