"""Published figures compared with ours, as pages and headlines show them.

Belongs here: writing the rows of ``reconciliation``, counting their statuses, and what the difference of the ratios is
made of.
``pipeline.method.analysis.reconciliation`` judges two figures.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.gap import gap_to_published
from pipeline.method.analysis.our_figures import words_of
from pipeline.method.analysis.reconciliation import study_beside
from pipeline.report.rows import Row, as_rows
from pipeline.report.wording import figure, percent
from pipeline.tables.vocabulary import RECONCILIATION_STATUSES

# The choices that may account for the difference to a published ratio.
CHOICES_OF_THE_GAP = ("time_convention", "deadweight_layer", "unit_value_level", "value_set", "price_base")


def counted_by_status(table: pd.DataFrame) -> dict[str, int]:
    """Return how many figures that an edition is compared with have each status; ``table``: ``reconciliation``."""
    status = table.loc[table["is_like_for_like"], "status"]
    return {name: int((status == name).sum()) for name in RECONCILIATION_STATUSES}


def said_of_the_figures(counts: Mapping[str, int], edition: str = "this edition") -> str:
    """Return the sentence that says how many published figures there are, and how they came out.

    ``counts``: as ``counted_by_status`` returns them; ``edition``: what it is called.
    """
    total = sum(counts.values())
    if not total:
        return f"No published figure can be compared with {edition}."
    found = [
        f"{number or 'none'} {'are' if number > 1 else 'is'} {_counted_as(status)}" for status, number in counts.items()
    ]
    listed = " and ".join([", ".join(found[:-1]), found[-1]])
    figures = "one published figure or claim" if total == 1 else f"{total} published figures and claims"
    return f"We compared {edition} with {figures}: {listed}."


def _counted_as(status: str) -> str:
    """How a status is called in a sentence that counts."""
    return "partly reproduced" if status == "partly" else status


def shown(table: pd.DataFrame) -> list[Row]:
    """Return the rows of ``reconciliation`` with what is shown of each, in words.

    ``is_of``: what was measured; ``published_said, ours_said``: both figures, or their range; ``ours_span``: the range
    over single contracts; ``status_said``: the status with the share of the data.
    """
    return [{**row, **_said(row)} for row in as_rows(table)]


def _said(row: Mapping[str, Any]) -> dict[str, str]:
    unit, low, high = row["unit"], row["ours_low"], row["ours_high"]
    # Where one number is known, its ends are those of single contracts.
    ours, span = figure(row["ours"], unit), ""
    if math.isnan(row["ours"]) and not math.isnan(low):
        ours = f"{figure(low, unit)} or more" if math.isnan(high) else f"{figure(low, unit)} to {figure(high, unit)}"
    elif low < high:
        span = f"{figure(low, unit)} to {figure(high, unit)} by contract"
    return {
        "is_of": words_of(row["measure"]),
        "published_said": _range(row["published"], row["published_high"], unit),
        "ours_said": ours,
        "ours_span": span,
        "status_said": status_said(row["status"], row["data_share"]),
    }


def status_said(status: str, data_share: float) -> str:
    """Return a status, ``partly`` with the share of the data that is public."""
    is_shared = status == "partly" and not math.isnan(data_share)
    return f"{status}: data for {percent(data_share)}" if is_shared else status


def _range(low: float, high: float, unit: str) -> str:
    return figure(low, unit) if math.isnan(high) else f"{figure(low, unit)} to {figure(high, unit)}"


def gap_of(tables: Mapping[str, pd.DataFrame], edition: Edition, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return of what the difference to the published ratio is made, or None when nothing was published.

    An edition that reproduces no study is held against the latest one. ``options``: the ratios under other choices.
    """
    study = study_beside(edition, tables["reconciliation"])
    found = gap_to_published(tables["reconciliation"], tables["contract_value"], data, study)
    return found and {
        **found,
        "is_like_for_like": bool(edition.published_edition),
        "options": {choice: data["by_choice"][choice] for choice in CHOICES_OF_THE_GAP if choice in data["by_choice"]},
    }
