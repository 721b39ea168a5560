"""Tables of parameters: what units are worth, what would have happened anyway, prices and discounting.

Belongs here: models of the reference tables whose numbers a value is worked out from, with the rules of their ranges.
What was judged about metrics and looked up beside them stands in ``reference``.
"""

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.base import (
    LONGEST_LINE_YEARS,
    PRICE_YEAR_PATTERN,
    SNAKE_CASE_PATTERN,
    Table,
    described,
    filled,
)
from pipeline.tables.vocabulary import (
    DEADWEIGHT_LAYERS,
    DISCOUNT_SCHEDULES,
    GRADES,
    KINDS,
    RANGE_BASES,
    UNITS,
    VALUE_SETS,
)

CHECKED_ON = described("The day on which somebody last held the row against its source.")
REVIEW_BY = described("The day by which somebody should look for a newer value.")
RANGE_BASIS = described("On what low and high rest.", isin=list(RANGE_BASES))
RANGE_REASON = filled("What the range rests on, or why there is none.")


class Parameter(Table):
    """What every table of parameters has: ``checked_on`` and ``review_by``, its last columns."""

    @pa.dataframe_check(error="review_by: not after checked_on")
    @classmethod
    def reviewed_later(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A review lies ahead of the day on which the row was checked."""
        return df["review_by"] > df["checked_on"]


class UncertainParameter(Parameter):
    """A parameter with a range: of the mean over the people of our contracts, never of single people or kinds.

    ``low`` and ``high`` are the 2.5th and the 97.5th percentile of what is believed of that mean; ``range_basis`` and
    ``range_reason`` say on what they rest.
    """


def in_order(low: "pd.Series[float]", central: "pd.Series[float]", high: "pd.Series[float]") -> "pd.Series[bool]":
    """Central lies between the two, or all three are one: the end of a range is no best estimate."""
    return ((low < central) & (central < high)) | ((low == central) & (central == high))


def _is_fixed(low: "pd.Series[float]", high: "pd.Series[float]", basis: "pd.Series[str]") -> "pd.Series[bool]":
    """A row without a range says that it is fixed, and no other does."""
    return (low == high) == (basis == "fixed")


OUT_OF_ORDER = "low, central and high are out of order: central lies between the two, or all three are the same"
# The scale of which one point for a year is a WELLBY, and the units of a step and of a WELLBY.
LIFE_SATISFACTION = "life_satisfaction"
STEP = "points of life satisfaction per point of the scale"
WELLBY = "GBP per point of life satisfaction and year, at price_year"
NOT_FIXED = "fixed where low and high differ, or not fixed where they are the same"


class UnitCosts(UncertainParameter):
    """One row per price list and unit cost: what one unit of something is worth, from low to high."""

    value_set: str = described("The price list to which the row belongs.", isin=list(VALUE_SETS))
    unit_cost_id: str = described("The id of the unit cost.", str_matches=SNAKE_CASE_PATTERN)
    name: str = filled("What the unit cost is the price of.")
    kind: str = described("The kind of value: fiscal (public budgets), economic or social.", isin=list(KINDS))
    agency: str = filled("The public body or group that bears the cost or gains.")
    low_gbp: float = described(
        "The low end of the range of the mean: its 2.5th percentile.", unit="GBP per unit, at price_year", ge=0
    )
    central_gbp: float = described("The best estimate of the mean.", unit="GBP per unit, at price_year", ge=0)
    high_gbp: float = described(
        "The high end of the range of the mean: its 97.5th percentile.", unit="GBP per unit, at price_year", ge=0
    )
    lowest_kind_gbp: float = described(
        "The value of the cheapest kind of place or person, which editions at the low level use. It "
        "is not the end of a range.",
        unit="GBP per unit, at price_year",
        ge=0,
        nullable=True,
    )
    highest_kind_gbp: float = described(
        "The value of the dearest kind, which editions at the high level use.",
        unit="GBP per unit, at price_year",
        ge=0,
        nullable=True,
    )
    unit: str = described("What one unit is.", isin=list(UNITS))
    price_year: str = described("The financial year of the prices.", str_matches=PRICE_YEAR_PATTERN)
    data_year: str = described(
        "The financial year of the data behind the value. An old figure stays old when it is uprated.",
        str_matches=PRICE_YEAR_PATTERN,
    )
    is_transfer: bool = described("True for fiscal value that somebody else loses. It is no part of public value.")
    grade: str = described("How good the evidence is.", isin=list(GRADES))
    source_id: str = filled("The source of the value.")
    locator: str = filled("Where in the source.")
    derivation: str = described(
        "How low, central and high are worked out from the source. It is empty if they are as read."
    )
    range_basis: str = RANGE_BASIS
    range_reason: str = RANGE_REASON
    checked_on: pa.DateTime = CHECKED_ON
    review_by: pa.DateTime = REVIEW_BY

    class Config:
        """A unit cost stands once in a price list."""

        unique = ["value_set", "unit_cost_id"]

    @pa.dataframe_check(error=f"central_gbp: {OUT_OF_ORDER}")
    @classmethod
    def ordered(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Central lies between low and high."""
        return in_order(df["low_gbp"], df["central_gbp"], df["high_gbp"])

    @pa.dataframe_check(error=f"range_basis: {NOT_FIXED}")
    @classmethod
    def fixed_or_not(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Only a row without a range is fixed."""
        return _is_fixed(df["low_gbp"], df["high_gbp"], df["range_basis"])

    @pa.dataframe_check(error="lowest_kind_gbp: kinds stand on both sides of central, or there are none")
    @classmethod
    def kinds_about_central(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """The average of some kinds lies between the cheapest and the dearest."""
        lowest, highest = df["lowest_kind_gbp"], df["highest_kind_gbp"]
        return (lowest.isna() & highest.isna()) | ((lowest <= df["central_gbp"]) & (df["central_gbp"] <= highest))

    @pa.dataframe_check(error="is_transfer: only fiscal value can be a transfer")
    @classmethod
    def transfers_are_fiscal(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A transfer is a fiscal gain."""
        return ~df["is_transfer"] | (df["kind"] == "fiscal")


class UnitCostChecks(Table):
    """One row per figure that somebody else gives for the mean of a unit cost, to compare its range with."""

    value_set: str = described("The price list of the unit cost.", isin=list(VALUE_SETS))
    unit_cost_id: str = filled("The unit cost.")
    check_gbp: float = described("The figure that somebody else gives.", unit="GBP per unit, at price_year", ge=0)
    unit: str = described("What one unit is. It is the unit of the unit cost.", isin=list(UNITS))
    price_year: str = described("The financial year of its prices.", str_matches=PRICE_YEAR_PATTERN)
    data_year: str = described("The financial year of the data behind it.", str_matches=PRICE_YEAR_PATTERN)
    is_official: bool = described("True if a public body gives the figure.")
    is_first_hand: bool = described("True if it was read in its own source.")
    source_id: str = filled("The source of the figure.")
    locator: str = filled("Where in the source.")


class WellbeingScales(UncertainParameter):
    """One row per wellbeing scale: the step, in points of life satisfaction on 0 to 10, for one point more on it.

    The sign tells the direction: a step is positive where a higher score is better, and negative where a lower one is,
    at both ends of its range too; ``low_points`` is the smaller number. ``range_basis`` and ``range_reason`` are those
    of the step. Pounds stand at life satisfaction alone, a point of which for a year is a WELLBY; what a point of
    another scale is worth follows from it.
    """

    scale_id: str = described("The id of the scale.", str_matches=SNAKE_CASE_PATTERN, unique=True)
    name: str = filled("The name of the scale.")
    lowest_score: float = described("The lowest score that the scale has.", unit="points of the scale")
    highest_score: float = described("The highest score that it has.", unit="points of the scale")
    low_points: float = described("The low end of the range of the mean step: its 2.5th percentile.", unit=STEP)
    central_points: float = described("The best estimate of the mean step.", unit=STEP)
    high_points: float = described("The high end of the range of the mean step: its 97.5th percentile.", unit=STEP)
    low_gbp: float = described(
        "The low value of a WELLBY: one point of life satisfaction for one person and one year.",
        unit=WELLBY,
        gt=0,
        nullable=True,
    )
    central_gbp: float = described("The best estimate of the value of a WELLBY.", unit=WELLBY, gt=0, nullable=True)
    high_gbp: float = described("The high value of a WELLBY.", unit=WELLBY, gt=0, nullable=True)
    price_year: str = described("The financial year of the prices. It is empty without pounds.")
    grade: str = described("How good the evidence is.", isin=list(GRADES))
    source_id: str = filled("The source of the step.")
    locator: str = filled("Where in the source, or the reasoning.")
    range_basis: str = RANGE_BASIS
    range_reason: str = RANGE_REASON
    checked_on: pa.DateTime = CHECKED_ON
    review_by: pa.DateTime = REVIEW_BY

    @pa.dataframe_check(error="highest_score: not above lowest_score")
    @classmethod
    def scores_apart(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A scale has more than one score."""
        return df["lowest_score"] < df["highest_score"]

    @pa.dataframe_check(error=f"central_points: {OUT_OF_ORDER}")
    @classmethod
    def ordered(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Central lies between low and high."""
        return in_order(df["low_points"], df["central_points"], df["high_points"])

    @pa.dataframe_check(error="central_points: low and high lie on two sides of 0, or at it: a scale has one direction")
    @classmethod
    def one_direction(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A higher score is better, or a lower one is."""
        return df["low_points"] * df["high_points"] > 0

    @pa.dataframe_check(error=f"range_basis: {NOT_FIXED}")
    @classmethod
    def fixed_or_not(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Only a row without a range is fixed."""
        return _is_fixed(df["low_points"], df["high_points"], df["range_basis"])

    @pa.dataframe_check(
        error=f"central_gbp: {LIFE_SATISFACTION} has low, central and high in order with their price_year, others none"
    )
    @classmethod
    def pounds_of_a_wellby(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What a WELLBY is worth stands in one place."""
        is_wellby = df["scale_id"] == LIFE_SATISFACTION
        is_whole = in_order(df["low_gbp"], df["central_gbp"], df["high_gbp"])
        is_empty = df[["low_gbp", "central_gbp", "high_gbp"]].isna().all(axis=1) & (df["price_year"] == "")
        return (is_wellby & is_whole & df["price_year"].str.match(PRICE_YEAR_PATTERN)) | (~is_wellby & is_empty)


class OutcomeUnitCosts(Table):
    """One row per price list, outcome and unit cost that values it; lines of one group are the same benefit.

    A list that holds any row of an outcome holds all of them: older lists then have no say in that outcome.
    """

    value_set: str = described("The price list to which the row belongs.", isin=list(VALUE_SETS))
    outcome_id: str = filled("The outcome, by its id.")
    unit_cost_id: str = filled("The unit cost.")
    units_per_outcome: float = described(
        "How many units of the unit cost are in one unit of the outcome.", gt=0, le=100
    )
    horizon_years: float = described(
        "For how many years the value runs on. It is empty if it does not.",
        unit="years",
        gt=0,
        le=LONGEST_LINE_YEARS,
        nullable=True,
    )
    overlap_group: str = described(
        "Values in the same group are the same benefit, so that only the largest ladder of a contract counts."
    )
    source_id: str = filled("The source of the judgement.")
    locator: str = filled("Where in the source, or the reasoning.")

    class Config:
        """A unit cost is used once per outcome of a list."""

        unique = ["value_set", "outcome_id", "unit_cost_id"]


class HoursWeights(UncertainParameter):
    """One row per weight of hours of work: how much of a full-time job the hours of an outcome are."""

    hours_weight_id: str = described("The id of the weight.", str_matches=SNAKE_CASE_PATTERN, unique=True)
    low: float = described("The low end of the range of the mean weight: its 2.5th percentile.", unit="share", ge=0)
    central: float = described("The best estimate of the mean, which the editions take.", unit="share", gt=0)
    high: float = described("The high end of the range of the mean weight: its 97.5th percentile.", unit="share", le=1)
    grade: str = described("How good the evidence is.", isin=list(GRADES))
    source_id: str = filled("The source of the weight.")
    locator: str = filled("Where in the source, or the reasoning.")
    range_basis: str = RANGE_BASIS
    range_reason: str = RANGE_REASON
    checked_on: pa.DateTime = CHECKED_ON
    review_by: pa.DateTime = REVIEW_BY

    @pa.dataframe_check(error=f"central: {OUT_OF_ORDER}")
    @classmethod
    def ordered(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Central lies between low and high."""
        return in_order(df["low"], df["central"], df["high"])

    @pa.dataframe_check(error=f"range_basis: {NOT_FIXED}")
    @classmethod
    def fixed_or_not(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Only a row without a range is fixed."""
        return _is_fixed(df["low"], df["high"], df["range_basis"])


class Deadweight(UncertainParameter):
    """One row per rate of deadweight: the share of an outcome that would have happened anyway."""

    outcome_id: str = filled("The outcome.")
    contract_id: str = described("The contract, if the rate is for that contract only.")
    layer: str = described(
        "Whether the rate is assumed or studied.", isin=[layer for layer in DEADWEIGHT_LAYERS if layer != "none"]
    )
    low: float = described("The low end of the range of the mean rate: its 2.5th percentile.", unit="share", ge=0)
    central: float = described("The best estimate of the mean rate.", unit="share", ge=0)
    high: float = described(
        "The high end of the range of the mean rate: its 97.5th percentile. Above 1, a study found harm.",
        unit="share",
        ge=0,
        le=2,
    )
    study: str = filled("The kind of evidence.")
    grade: str = described("How good the evidence is.", isin=list(GRADES))
    source_id: str = filled("The source of the rate.")
    locator: str = filled("Where in the source, or the reasoning.")
    range_basis: str = RANGE_BASIS
    range_reason: str = RANGE_REASON
    checked_on: pa.DateTime = CHECKED_ON
    review_by: pa.DateTime = REVIEW_BY

    class Config:
        """One rate per outcome, contract and layer."""

        unique = ["outcome_id", "contract_id", "layer"]

    @pa.dataframe_check(error=f"central: {OUT_OF_ORDER}")
    @classmethod
    def ordered(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Central lies between low and high."""
        return in_order(df["low"], df["central"], df["high"])

    @pa.dataframe_check(error=f"range_basis: {NOT_FIXED}")
    @classmethod
    def fixed_or_not(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Only a row without a range is fixed."""
        return _is_fixed(df["low"], df["high"], df["range_basis"])

    @pa.dataframe_check(error="high: above 1 without a study that shows harm")
    @classmethod
    def harm_is_studied(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Nobody may assume that a service does harm."""
        return (df["high"] <= 1) | (df["layer"] == "studied")


class OptimismBias(Parameter):
    """One row per grade of evidence: by how much value that rests on it is likely to be overstated."""

    grade: str = described("The grade of the evidence.", isin=list(GRADES), unique=True)
    optimism_bias: float = described(
        "The share by which value on evidence of that grade is reduced.", unit="share", ge=0, lt=1
    )
    is_verified: bool = described("True if somebody has read the correction in its primary source.")
    source_id: str = filled("The source of the correction.")
    locator: str = filled("Where in the source, or the reasoning.")
    checked_on: pa.DateTime = CHECKED_ON
    review_by: pa.DateTime = REVIEW_BY


class GdpDeflators(Parameter):
    """One row per financial year: the deflator that brings its pounds into the prices of another."""

    price_year: str = described("The financial year.", str_matches=PRICE_YEAR_PATTERN, unique=True)
    gdp_deflator: float = described("The GDP deflator at market prices.", unit="index, 2024-25 = 100", gt=0)
    is_forecast: bool = described("True if the figure for the year is a forecast.")
    source_id: str = filled("The source of the figure, by its id.")
    locator: str = filled("Where in the source.")
    checked_on: pa.DateTime = CHECKED_ON
    review_by: pa.DateTime = REVIEW_BY


class DiscountRates(Parameter):
    """One row per span of years: the discount rate of value that lies in it."""

    schedule: str = described("Which schedule of rates it belongs to.", isin=list(DISCOUNT_SCHEDULES))
    year_from: pd.Int64Dtype = described("The first year to which the rate applies.", unit="years from now", ge=1)
    year_to: pd.Int64Dtype = described("The last year to which the rate applies.", unit="years from now", ge=1)
    discount_rate: float = described("The rate for each of those years.", unit="share", ge=0, le=0.1)
    source_id: str = filled("The source.")
    locator: str = filled("Where in the source.")
    checked_on: pa.DateTime = CHECKED_ON
    review_by: pa.DateTime = REVIEW_BY
