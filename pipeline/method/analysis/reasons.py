"""Why a published figure has the status that it has, in words.

Belongs here: sentences, each made from the numbers of its own row. ``reconciliation`` decides the status of a figure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.method.analysis.our_figures import MEASURES, Ours, day_of, gbp, percent, words_of
from pipeline.tables.dates import first_day
from pipeline.tables.reference import CLAIM, CONTEXT
from pipeline.tables.vocabulary import PUBLISHED_METHODS

# Units of what is counted whole.
COUNTED = ("contracts", "projects", "people", "organisations", "areas")


@dataclass(frozen=True)
class Published:
    """A published figure, as far as judging it needs.

    ``study``: of which it is, or whose figure it repeats; ``bound``: ``floor``, ``ceiling``, ``most`` (of several
    contracts the highest) or empty; ``depends_on``: study, measure and figure in words, of each from which it follows.
    """

    study: str
    measure: str
    value: float
    high: float
    bound: str
    unit: str
    method: str
    comparison: str
    tolerance: float
    depends_on: Sequence[tuple[str, str, str]] = ()

    @property
    def margin(self) -> float:
        """How far ours may lie from it and still be called the same, in its own unit."""
        return self.tolerance * abs(self.value)

    @property
    def said(self) -> str:
        """The figure in its unit."""
        low = in_unit(self.value, self.unit)
        return low if self.high == self.value else f"{low} to {in_unit(self.high, self.unit)}"


def in_unit(value: float, unit: str) -> str:
    """Return a number in its unit: pounds, shares in per cent, ratios in pounds, anything else plainly."""
    if math.isinf(value):
        return "without limit"
    if unit in ("GBP", "GBP per person", "GBP per child"):
        return gbp(value)
    if unit in ("share", "proportion"):
        return percent(value)
    plain = f"{value:,.0f}" if unit in COUNTED else f"{value:,.2f}"
    # Of the ratios of pounds only those to payments are told to the penny.
    is_ratio = unit == "ratio"
    if not is_ratio and "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return f"£{plain}".replace("£-", "−£") if is_ratio or unit.startswith("GBP per GBP") else plain


def ours_said(ours: Ours, unit: str) -> str:
    """Return our figure, or the range that public data leave open."""
    if not math.isnan(ours.value):
        return in_unit(ours.value, unit)
    return f"{in_unit(ours.low, unit)} to {in_unit(ours.high, unit)}" if ours.is_known else "nothing"


def another_study(published: Published, own: str, ours: Ours) -> str:
    """Return that a figure is of another study than the one that an edition reproduces."""
    other = f"this edition reproduces the {own} one" if own else "this edition does not try to reproduce a study"
    return f"The published figure is from the {published.study} study; {other}{_beside(published, ours)}"


def another_method(published: Published, ours: Ours) -> str:
    """Return how a figure came about that was made in another way than ours."""
    told = PUBLISHED_METHODS[published.method]
    return f"{told[:1].upper()}{told[1:]}{_beside(published, ours)}"


def no_comparison(published: Published) -> str:
    """Return what is wrong with the comparison of a claim."""
    claim = f"“{words_of(published.measure)}: {published.said}”"
    if published.comparison == "unmatched":
        return f"The claim {claim} compares people who were not matched, so it does not show an effect"
    return f"The claim {claim} does not say what it is compared with"


def other_dates(published: Published, as_of: str, ours: Ours, day: date, did: str) -> str:
    """Return that a figure counts up to another day than ours; ``did``: what contracts did in between."""
    return (
        f"The published {published.said} counts up to {dated(as_of)}, our {ours_said(ours, published.unit)} up to "
        f"{day_of(day)}; contracts {did} in between"
    )


def dated(as_of: str) -> str:
    """Return a day as precise as it is known, in words."""
    day = first_day(as_of)
    if day is None or len(as_of) == len("2025"):
        return as_of
    return f"{day:%B} {day.year}" if len(as_of) == len("2025-05") else day_of(day)


def nothing_of_ours(published: Published) -> str:
    """Return that public data have nothing to compare with a figure."""
    return f"Public data have no figure for {words_of(published.measure)}"


def reproduced(published: Published, ours: Ours) -> str:
    """Return in what way ours agrees."""
    found = ours_said(ours, published.unit)
    within = f"within {percent(published.tolerance)} of the published {published.said}"
    if ours.value == published.value:
        return f"Our figure is the same as the published {published.said}"
    if published.bound == "floor" and ours.high > published.value:
        return f"Our figure, {found}, is above the published minimum of {published.said}"
    if published.bound == "ceiling" and ours.low < published.value:
        return f"Our figure, {found}, is below the published maximum of {published.said}"
    if published.bound == "most":
        return f"The highest figure of any contract, {in_unit(ours.high, published.unit)}, is {within}"
    return f"Our figure, {found}, is {within}"


def partly(published: Published, ours: Ours, is_sum: bool) -> str:
    """Return how far public data go, and that ours agrees so far."""
    found, data = ours_said(ours, published.unit), _data(ours)
    if is_sum and ours.high < published.value:
        part = in_unit(_share(ours) * published.value, published.unit)
        reached = percent(ours.high / published.value)
        return (
            f"Our figure, {found}, is {reached} of the published {published.said}. Missing data can explain the rest: "
            f"with {data} we would expect {part}"
        )
    if math.isnan(ours.value):
        return f"With {data} the figure can be {found}, which includes the published {published.said}"
    return f"With {data} our figure is {found}, which agrees with the published {published.said} as far as the data go"


def differs(published: Published, ours: Ours, is_sum: bool) -> str:
    """Return how far ours is off, in pounds where it is a value or a ratio to payments."""
    found, share, data, figure = ours_said(ours, published.unit), _share(ours), _data(ours), published.said
    if share <= published.tolerance:
        return f"Only {data} are public, too few to compare; our figure is {found}, the published one {figure}"
    if not math.isnan(ours.brought_gbp):
        would = ours.payments_gbp * published.value
        return (
            f"At the published {figure} for every £1, the {gbp(ours.payments_gbp)} paid under the contracts in our "
            f"ratio would have brought {gbp(would)}. We find {gbp(ours.brought_gbp)}, "
            f"{_part_of(ours.brought_gbp, would)} that"
        )
    if is_sum and ours.high < published.value:
        if share == 1:
            part = _part_of(ours.high, published.value)
            return f"Our figure, {found}, is {part} the published {figure}, and we know of no missing data"
        would = share * published.value
        part = in_unit(would, published.unit)
        return (
            f"With {data} we would expect {part} of the published {figure}. Our figure is {found}, "
            f"{_part_of(ours.high, would)} that"
        )
    if is_sum and ours.low > published.high:
        more = in_unit(ours.low - published.high, published.unit)
        return f"Our figure, {found}, is {more} above the published {figure}, which missing data cannot explain"
    return f"Public data show {found}, not {figure}"


def rest_needed(published: Published, ours: Ours, paid_gbp: float) -> str:
    """Return what the rest of the payments would need to be worth for a published ratio to be right; or nothing.

    ``paid_gbp``: the published payments, of which ``data_share`` are in our ratio.
    """
    rest_gbp = paid_gbp * (1 - ours.data_share)
    if math.isnan(ours.brought_gbp) or not rest_gbp > 0 or ours.value >= published.value:
        return ""
    needed = (published.value * paid_gbp - ours.brought_gbp) / rest_gbp
    return f"Each £1 of the other {gbp(rest_gbp)} would need to have brought £{needed:,.1f}"


def depends(published: Published) -> str:
    """Return from which other published figures it is worked out, or which it repeats."""
    named = []
    for study, measure, said in published.depends_on:
        of = "" if study == published.study or study in (CLAIM, CONTEXT) else f" of {study}"
        named.append(f"{words_of(measure)}{of} ({said})")
    return f"It follows from the published {' and '.join(named)}" if named else ""


def nearest_said(measure: str, ours: Ours) -> str:
    """Return what public data give in place of the figure."""
    if not ours.is_known:
        return f"The nearest measure is {words_of(measure)}, but public data do not show it. {ours.covers}"
    found = ours_said(ours, MEASURES[measure].unit)
    return f"The nearest measure in public data, {words_of(measure)}, is {found}. {ours.covers}"


def _beside(published: Published, ours: Ours) -> str:
    """Ours, for a figure with which it cannot be compared; nothing where there is none."""
    if not ours.is_known:
        return ""
    at_most = " at most" if published.bound == "ceiling" else ""
    return f". Our figure is {ours_said(ours, published.unit)}, the published one {published.said}{at_most}"


def _share(ours: Ours) -> float:
    return 1.0 if math.isnan(ours.data_share) else ours.data_share


def _data(ours: Ours) -> str:
    return f"data for {percent(_share(ours))} of the {ours.share_of}"


def _part_of(part: float, whole: float) -> str:
    return f"{percent(part / whole)} of" if whole > 0 else "none of"
