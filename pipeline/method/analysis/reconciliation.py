"""Every published figure beside ours, with the reason for any difference.

Belongs here: the rule by which the two are judged, row by row and from the data (``docs/method.md`` has it in words).
What ours is stands in ``our_figures``, how the reason is worded in ``reasons``. What was published is data
(``reference/published_figures.csv``). No figure of ours is ever changed here.
"""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis import reasons
from pipeline.method.analysis.our_figures import BEGUN, MEASURES, REPORTED, Asked, Ours, our_figure
from pipeline.method.analysis.published_scopes import Scope, scopes_of
from pipeline.method.analysis.reasons import Published
from pipeline.tables.analysis import Reconciliation
from pipeline.tables.dates import first_day, last_day
from pipeline.tables.raw import Contracts, RawOrganisations
from pipeline.tables.reference import CLAIM, CONTEXT, OutcomeTypes, PublishedFigures, studies
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, OutcomesInScope, PaymentsInScope
from pipeline.tables.vocabulary import RATIOS, RECONCILIATION_STATUSES

REPRODUCED, PARTLY, NOT_COMPARABLE, NOT_REPRODUCIBLE = RECONCILIATION_STATUSES
# Words of a qualifier that make a figure a bound; anything else is the figure itself.
BOUNDS = {"more than": "floor", "at least": "floor", "over": "floor", "at most": "ceiling", "up to": "most"}
# Published figures are dated by the year or the month, so days that lie further apart than this are never the same.
YEAR = timedelta(days=366)


def study_beside(edition: Edition, figures: pd.DataFrame) -> str:
    """Return the study beside which an edition is held: the one that it reproduces, else the latest.

    ``figures``: those published, with their ``published_edition``. Empty where there is no study.
    """
    return edition.published_edition or next(reversed(studies(figures)), "")


def published_ratios(published: DataFrame[PublishedFigures], edition: Edition) -> dict[str, float]:
    """Return the published ratios of the market beside which an edition is held, by measure; those that there are."""
    study = study_beside(edition, published)
    figures = published[(published["published_edition"] == study) & (published["scope"] == "market")]
    first = figures[figures["measure"].isin(RATIOS)].drop_duplicates("measure")
    return dict(zip(first["measure"], first["value"].astype(float), strict=True))


def reconciliation(
    edition: Edition,
    editions: Mapping[str, Edition],
    contracts: DataFrame[Contracts],
    organisations: DataFrame[RawOrganisations],
    outcomes_in_scope: DataFrame[OutcomesInScope],
    outcome_types: DataFrame[OutcomeTypes],
    payments_in_scope: DataFrame[PaymentsInScope],
    contract_value: DataFrame[ContractValue],
    published_figures: DataFrame[PublishedFigures],
) -> DataFrame[Reconciliation]:
    """Return one row per published figure with ours, the difference, a status and the reason.

    Columns: those of ``Reconciliation``. A figure of another study than the one the edition reproduces is set beside
    ours too, and marked as not like for like; one of the context, or a claim, is held beside every edition.
    """
    figures = published_figures
    scopes = scopes_of(
        figures["scope"],
        edition,
        contracts,
        organisations,
        outcomes_in_scope,
        outcome_types,
        payments_in_scope,
        contract_value,
    )
    by_id = {row.figure_id: row for row in figures.itertuples()}
    paid = _paid(figures)
    cut_offs = {each.published_edition: each.cut_off for each in editions.values() if each.published_edition}
    rows = [_row(row, by_id, edition, scopes.get(row.scope), paid, cut_offs) for row in by_id.values()]
    names = ["figure_id", "published_edition", "scope", "measure", "value_qualifier", "unit", "comparison"]
    table = figures[[*names, "source_id", "would_settle"]].reset_index(drop=True)
    table["published"], table["published_high"] = (figures[name].to_numpy(float) for name in ("value", "value_high"))
    # Without a published figure the columns are there all the same.
    found = pd.DataFrame(rows, index=table.index, columns=list(MADE)).astype(MADE)
    numbers = [name for name, kind in MADE.items() if kind == "float64"]
    found[numbers] = found[numbers].round(4)
    table["difference"] = (found["ours"] - table["published"]).round(4)
    return table.join(found)


MADE: Mapping[str, str] = {
    **dict.fromkeys(("ours", "ours_low", "ours_high", "data_share"), "float64"),
    "nearest_measure": "str",
    **dict.fromkeys(("nearest", "nearest_low", "nearest_high"), "float64"),
    "nearest_unit": "str",
    "is_like_for_like": "bool",
    "status": "str",
    "reason": "str",
}


def _paid(figures: DataFrame[PublishedFigures]) -> dict[tuple[str, str], float]:
    """The payments that were published, by study and scope, where they are no more than a bound of our own making."""
    is_paid = (figures["measure"] == "outcome_payments_gbp") & (figures["method"] == "as here")
    first = figures[is_paid].drop_duplicates(["published_edition", "scope"])
    return dict(zip(zip(first["published_edition"], first["scope"], strict=True), first["value"], strict=True))


def _row(
    row: Any,
    by_id: Mapping[str, Any],
    edition: Edition,
    scope: Scope | None,
    paid: Mapping[tuple[str, str], float],
    cut_offs: Mapping[str, date | None],
) -> dict[str, object]:
    """What the table says of one published figure; ``cut_offs``: of the editions that reproduce a study, by study."""
    published = _published(row, by_id)
    is_like_for_like = published.study in (edition.published_edition, CONTEXT, CLAIM)
    # Ours is divided by published payments only where both count up to the same day.
    paid_gbp = (
        paid.get((published.study, row.scope), math.nan) if published.study == edition.published_edition else math.nan
    )
    before = max((study for study in cut_offs if study < published.study), default="")
    metrics = tuple(filter(None, row.metrics.split("+")))
    asked = Asked(metrics, row.engaged_metric, paid_gbp, cut_offs.get(before))
    ours = our_figure(scope, row.measure, asked)
    nearest = our_figure(scope, row.nearest, asked) if row.nearest and scope else Ours()
    status, why = _judged(published, row.as_of, ours, scope, edition)
    said = [why, ours.covers]
    if status == NOT_REPRODUCIBLE:
        said.append(reasons.rest_needed(published, ours, paid_gbp))
    said.append(reasons.depends(published))
    if row.nearest:
        said = [why, reasons.nearest_said(row.nearest, nearest)]
    return {
        "ours": ours.value,
        "ours_low": ours.low,
        "ours_high": ours.high if not math.isinf(ours.high) else math.nan,
        "data_share": ours.data_share if is_like_for_like and ours.is_known else math.nan,
        "nearest_measure": row.nearest,
        "nearest": nearest.value,
        "nearest_low": nearest.low,
        "nearest_high": nearest.high,
        "nearest_unit": MEASURES[row.nearest].unit if row.nearest else "",
        "is_like_for_like": is_like_for_like,
        "status": status,
        "reason": " ".join(f"{sentence}." for sentence in said if sentence),
    }


def _published(row: Any, by_id: Mapping[str, Any]) -> Published:
    """A published figure, as far as judging it needs."""
    parts = [by_id[name] for name in filter(None, row.depends_on.split("+"))]
    # A claim that repeats a figure of a study is that study's.
    repeated = [part.published_edition for part in parts if part.published_edition not in (CLAIM, CONTEXT)]
    study = repeated[0] if row.published_edition == CLAIM and repeated else row.published_edition
    return Published(
        study=study,
        measure=row.measure,
        value=float(row.value),
        high=float(row.value if math.isnan(row.value_high) else row.value_high),
        bound=next((bound for words, bound in BOUNDS.items() if words in row.value_qualifier), ""),
        unit=row.unit,
        method=row.method,
        comparison=row.comparison,
        tolerance=float(row.tolerance_share),
        depends_on=[(part.published_edition, part.measure, _said(part, row.scope)) for part in parts],
    )


def _said(row: Any, scope: str) -> str:
    """A published figure in words, with what it is of where another figure is not of that."""
    figure = reasons.in_unit(float(row.value), row.unit)
    if not math.isnan(row.value_high):
        figure = f"{figure} to {reasons.in_unit(float(row.value_high), row.unit)}"
    of = row.scope.replace("_", " ").replace("+", ", ")
    return figure if row.scope == scope else f"{figure}, {of}"


def _judged(published: Published, as_of: str, ours: Ours, scope: Scope | None, edition: Edition) -> tuple[str, str]:
    """Status and reason of one published figure, by the first rule that fits."""
    if why := _why_not_comparable(published, as_of, ours, scope, edition):
        return NOT_COMPARABLE, why
    if scope is None or not ours.is_known:
        return NOT_REPRODUCIBLE, reasons.nothing_of_ours(published)
    is_sum = MEASURES[published.measure].is_sum
    status = status_of(published, ours, is_sum)
    if status == REPRODUCED:
        return status, reasons.reproduced(published, ours)
    return status, (reasons.partly if status == PARTLY else reasons.differs)(published, ours, is_sum)


def _why_not_comparable(published: Published, as_of: str, ours: Ours, scope: Scope | None, edition: Edition) -> str:
    """Why a figure is not of the same quantity as ours; nothing where it is."""
    own = edition.published_edition
    if published.study not in (own, CONTEXT, CLAIM):
        return reasons.another_study(published, own, ours)
    why = []
    if published.method != "as here":
        why.append(reasons.another_method(published, ours))
    if published.comparison != "none needed":
        why.append(reasons.no_comparison(published))
    if scope and ours.is_known:
        counts = MEASURES[published.measure].counts
        day = scope.last_day if counts == REPORTED else scope.dated
        # A study counts up to the cut-off of the edition that reproduces it.
        up_to = edition.cut_off.isoformat() if published.study == own and edition.cut_off else as_of
        if day and is_other_day(published, up_to, ours, day, scope.contracts, counts):
            did = "began" if counts == BEGUN else "continued"
            why.append(reasons.other_dates(published, up_to, ours, day, did))
    return ". ".join(why)


def status_of(published: Published, ours: Ours, is_sum: bool) -> str:
    """Return whether ours reproduces a comparable figure: ``reproduced``, ``partly`` or ``not reproducible``.

    ``is_sum``: it adds up over contracts, so that what is not public makes ours smaller.
    """
    share, margin = (1.0 if math.isnan(ours.data_share) else ours.data_share), published.margin
    if not ours.is_known or share <= published.tolerance:
        return NOT_REPRODUCIBLE
    if _agrees(published, ours):
        if is_sum and published.bound != "ceiling":
            return REPRODUCED
        is_point = not math.isnan(ours.value)
        return REPRODUCED if is_point and share >= 1 - published.tolerance else PARTLY
    most = ours.value if not math.isnan(ours.value) else ours.high
    is_short = is_sum and published.bound != "ceiling" and most < published.value
    return PARTLY if is_short and most >= share * published.value - margin else NOT_REPRODUCIBLE


def _agrees(published: Published, ours: Ours) -> bool:
    """Whether ours lies within the tolerance, or on the right side of a bound; of a range, whether any of it does."""
    low, high = (ours.low, ours.high) if math.isnan(ours.value) else (ours.value, ours.value)
    least, most = published.value - published.margin, published.high + published.margin
    if published.bound == "floor":
        return high >= least
    if published.bound == "ceiling":
        return low <= most
    if published.bound == "most":
        return least <= ours.high <= most
    return low <= most and high >= least


def is_other_day(published: Published, as_of: str, ours: Ours, day: date, contracts: pd.DataFrame, counts: str) -> bool:
    """Return whether a figure counts up to another day than ours, and contracts did something in between that counts.

    ``as_of``: as precise as known; ``day``: that of ours; ``contracts``: their ``service_start, service_end``.
    """
    first, last = first_day(as_of), last_day(as_of)
    if first is None or last is None or first <= day <= last:
        return False
    is_later = first > day  # the published one
    earlier, later = (day, first) if is_later else (last, day)
    if not _went_on(contracts, earlier, later, counts):
        return False
    if later - earlier > YEAR:
        return True
    is_explained = ours.high < published.value if is_later else ours.low > published.high
    return is_explained and not _agrees(published, ours)


def _went_on(contracts: pd.DataFrame, earlier: date, later: date, counts: str) -> bool:
    """Whether any contract began between two days, or ran on, if what it did then counts."""
    start, end = contracts["service_start"], contracts["service_end"]
    is_later = np.asarray(start > pd.Timestamp(later))
    is_before = np.asarray((start if counts == BEGUN else end) <= pd.Timestamp(earlier))
    return bool((~is_before & ~is_later).any())
