"""What a run says of each edition at its end, in a terminal.

Belongs here: the lines of one edition and what moved in it. What the headline holds stands in ``headline``, what moved
is worked out in ``news``.
"""

from datetime import date
from pathlib import Path
from typing import Any

from pipeline.report.text.headline import said_of_older_lists
from pipeline.report.text.news import path_of, read_back
from pipeline.report.wording import RATIO_WORDS, counted, million, percent, ratio_text, span


def moved_lines(edition_id: str, data_dir: Path) -> list[str]:
    """Return what a run has just written of what moved in an edition, in a few lines; none where nothing did."""
    return [f"  moved: {line}" for line in read_back(path_of(data_dir, edition_id))]


def headline_text(edition_id: str, data: dict[str, Any], out_dir: Path) -> str:
    """Return what a run says of an edition at its end."""
    lines = [
        f"{edition_id}: £{ratio_text(data['bcr'])} of public value and £{ratio_text(data['fiscal_bcr'])} of fiscal "
        "value for every £1"
        + (f", each a {data['bound']} in its unit costs" if data["bound"] else "")
        + (", before deadweight" if data["deadweight_layer"] == "none" else ""),
        *_range_text(data["uncertainty"]),
        f"  {million(data['public_value_in_bcr_gbp'])} for {million(data['outcome_payments_in_bcr_real_gbp'])} of "
        f"outcome payments, over {counted(data['contracts_in_bcr'], 'contract')}, in prices of {data['price_year']}",
        *_past_review(data["evidence_age"]["reviews"]),
        *_older_lists(data),
        f"  {counted(data['contracts'], 'contract')} known, {data['contracts_valued']} valued; "
        f"{million(data['outcome_payments_gbp'])} of payments known, in cash",
        f"  {out_dir / edition_id / 'index.html'}",
    ]
    return "\n".join(lines)


def _range_text(sure: dict[str, Any]) -> list[str]:
    """Return the ranges of the ratios that have one."""
    said = [f"{span(sure[m], '£')} of {words}" for m, words in RATIO_WORDS.items() if sure and sure[m]["has_range"]]
    return [f"  in eight of ten simulations {', '.join(said)}"] if said else []


def _older_lists(data: dict[str, Any]) -> list[str]:
    """Return how much of the value rests on an older price list than the edition's own, where any does."""
    return [f"  {said}"] if (said := said_of_older_lists(data)) else []


def _past_review(reviews: dict[str, dict[str, Any]]) -> list[str]:
    """Return how much of the value rests on parameters that should have been looked at again by now."""
    today = date.today().isoformat()
    return [
        f"  {percent(due['share'])} of public value rests on {counted(due['parameters'], 'parameter')} past the review "
        f"of {day}; publicvalue check says in which tables"
        for day, due in reviews.items()
        if day < today
    ]
