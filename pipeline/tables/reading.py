"""Tables of a reading of somebody else's study: the steps of a reconstruction, and values that only it uses.

Belongs here: their models. They say what others may have done, and are no input of an edition of ours: ``facts.rules``
refuses an edition that takes a value of them. What is made of them stands in ``method.analysis.reconstruction``.
"""

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.base import SNAKE_CASE_PATTERN, Table, described, filled
from pipeline.tables.parameters import OUT_OF_ORDER, in_order
from pipeline.tables.vocabulary import COUNTS_BY, GRADES, KINDS, LONG_VALUES, READING_CHOICES, RESTS_ON, VALUED_IN

# A step that puts in a published ratio is no choice of the method: no edition can make it.
PUBLISHED_RATIO = "published_ratio"
# The ratios of the study that an edition reproduces, for the contracts of which nothing is public.
OWN_STUDY = "own_study"
FIGURES_APART = "; "
# Each choice doubles the number of readings.
MOST_STEPS = 16


class ReadingValues(Table):
    """One row per value that only a reading of somebody else's study uses, from low to high.

    What it adds to an outcome is ``gbp × units`` for each person who reached it, or for each of its units.
    """

    reading_value_id: str = described("The id of the value.", str_matches=SNAKE_CASE_PATTERN, unique=True)
    added_value: str = described("The group of values that are added together.", str_matches=SNAKE_CASE_PATTERN)
    name: str = filled("What it is the value of.")
    outcome_id: str = filled("The outcome to which it is added.")
    contract_id: str = described("The contract, if the value is for that contract only.")
    metric_id: str = described("The metric of that contract that is counted, if it is not the outcome.")
    counts_by: str = described("What it is multiplied by.", isin=list(COUNTS_BY))
    is_instead: bool = described("True if it takes the place of what the price list says of the outcome.")
    kind: str = described("Fiscal, economic or social.", isin=list(KINDS))
    agency: str = filled("Who bears the cost, or gains.")
    is_transfer: bool = described("True for a fiscal gain that somebody else loses.")
    valued_in: str = described("Whether it is in pounds or in WELLBYs of wellbeing_scales.csv.", isin=list(VALUED_IN))
    low_gbp: float = described("The low value. It is empty in WELLBYs.", unit="GBP, at price_year", ge=0, nullable=True)
    central_gbp: float = described(
        "The central value. It is empty in WELLBYs.", unit="GBP, at price_year", ge=0, nullable=True
    )
    high_gbp: float = described(
        "The high value. It is empty in WELLBYs.", unit="GBP, at price_year", ge=0, nullable=True
    )
    price_year: str = described("The financial year of the prices. It is empty in WELLBYs.")
    low_units: float = described("The fewest of them for each one that is counted.", gt=0)
    central_units: float = described(
        "How many of them there are for each one that is counted, such as points times years.", gt=0
    )
    high_units: float = described("The most of them for each one that is counted.", gt=0)
    deadweight: float = described(
        "The share that would have happened anyway, for an outcome without a rate in deadweight.csv. "
        "Otherwise it is empty.",
        unit="share",
        ge=0,
        le=1,
        nullable=True,
    )
    grade: str = described("How good the evidence is.", isin=list(GRADES))
    source_id: str = filled("The source of the value, or of its units where it is in WELLBYs.")
    locator: str = filled("Where to find it in that source, or the sum by which it comes from there.")
    reason: str = filled("Why somebody might value it in this way.")

    @pa.dataframe_check(error=f"central_units: {OUT_OF_ORDER}")
    @classmethod
    def units_ordered(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Central lies between low and high."""
        return in_order(df["low_units"], df["central_units"], df["high_units"])

    @pa.dataframe_check(
        error=f"central_gbp: in pounds {OUT_OF_ORDER}, with their price_year; in WELLBYs there are none"
    )
    @classmethod
    def pounds_or_wellbys(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What a WELLBY is worth stands in one place, and that is not here."""
        pounds = df[["low_gbp", "central_gbp", "high_gbp"]]
        is_whole = in_order(pounds["low_gbp"], pounds["central_gbp"], pounds["high_gbp"]) & (df["price_year"] != "")
        is_empty = pounds.isna().all(axis=1) & (df["price_year"] == "")
        return is_whole.where(df["valued_in"] == "pound", is_empty)

    @pa.dataframe_check(error="is_transfer: only fiscal value can be a transfer")
    @classmethod
    def transfers_are_fiscal(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A transfer is a fiscal gain."""
        return ~df["is_transfer"] | (df["kind"] == "fiscal")

    @pa.dataframe_check(error="metric_id: a metric is one of a contract, which has to be named")
    @classmethod
    def metrics_have_contracts(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Ids of metrics are those of a contract."""
        return (df["metric_id"] == "") | (df["contract_id"] != "")


class Reconstruction(Table):
    """One row per step by which a published result is rebuilt: a choice of the method, and what it rests on.

    No pounds: the effect of each step is worked out.
    """

    step_id: str = described("The id of the step.", str_matches=SNAKE_CASE_PATTERN, unique=True)
    order: pd.Int64Dtype = described("The place of the step.", ge=1)
    name: str = filled("What it does, in a few words.")
    choice: str = described(
        "The choice of an edition that it makes. Published_ratio means that a published result is put in.",
        isin=list(READING_CHOICES),
    )
    setting: str = filled("What is chosen.")
    low_setting: str = described(
        "What might be chosen instead, at the low end. It is empty if that is as without the step."
    )
    high_setting: str = described("What might be chosen instead, at the high end.")
    rests_on: str = described("On what the step rests.", isin=list(RESTS_ON))
    is_plug: bool = described("It puts in what was published, so that it explains nothing.")
    holds: str = described("Whether it adds wellbeing or lifetime values.", isin=["", *LONG_VALUES])
    question: str = filled("What its authors would be asked to settle it.")
    reason: str = filled("Why it is a candidate, decided before its effect was seen.")
    figure_ids: str = described("The published figures that it takes or follows from, separated by semicolons.")
    source_id: str = filled("The source of the reason.")

    @pa.dataframe_check(error="order: two steps at one place")
    @classmethod
    def one_at_a_place(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Steps follow each other."""
        return ~df["order"].duplicated(keep=False)

    @pa.dataframe_check(error="is_plug: what puts in a published result comes last")
    @classmethod
    def plugs_come_last(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What is explained is explained without them."""
        first = df.loc[df["is_plug"], "order"].min()
        return df["is_plug"] | pd.isna(first) | (df["order"] < (0 if pd.isna(first) else first))

    @pa.dataframe_check(error=f"is_plug: {PUBLISHED_RATIO} puts in a published result, so it is a plug")
    @classmethod
    def ratios_are_plugs(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A published ratio explains nothing."""
        return df["is_plug"] | (df["choice"] != PUBLISHED_RATIO)
