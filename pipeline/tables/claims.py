"""Tables of participant-level claims: what a claim is, and to what claims are reduced.

Belongs here: models of the files of claims in a contract folder and of what is counted from them. What is counted is
exact and stays in the working area; what may be published of it is decided in ``pipeline.claims.disclosure``.
"""

import pandas as pd

from pipeline.tables.base import CONTRACT_ID_PATTERN, PRICE_YEAR_PATTERN, Table, described, filled
from pipeline.tables.vocabulary import UNITS


class ClaimedMetrics(Table):
    """One row per metric that a contract with claims pays for (``metrics.csv``)."""

    contract_id: str = described("The id of the contract.", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("The id of the metric, as in the claims.")
    label: str = filled("What the metric counts, in our own short words.")
    unit: str = described("What one claim of it counts.", isin=list(UNITS))
    is_net_of_deadweight: bool = described("The count is already net of what would have happened anyway.")
    source_id: str = filled("The source of the claims.")
    locator: str = filled("Where in the source.")
    row: pd.Int64Dtype = described("The row in its file, the header being row 1.", ge=2)

    class Config:
        """A metric is described once."""

        unique = ["contract_id", "metric_id"]


class ClaimCounts(Table):
    """One row per metric and year of a contract with claims: exact counts, never published as they are.

    Each person counts once for each milestone, in the year in which they first reached it; each day, week, month,
    quarter or year once for each person; each event once. A year in which nothing was claimed has no row.
    """

    contract_id: str = described("The id of the contract.", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("The id of the metric within the contract.")
    financial_year: str = described("The financial year in which it was achieved.", str_matches=PRICE_YEAR_PATTERN)
    unit: str = described("What one of them is.", isin=list(UNITS))
    quantity: float = described(
        "How many were achieved for the first time in the year.", unit="as in column unit", gt=0
    )
    people: pd.Int64Dtype = described("How many people are behind them. A person counts once in each year.", ge=1)
    quantity_after_gap: float = described(
        "How many of them are people whose milestone just before was never claimed.", unit="people", ge=0
    )
    years_after_gap: float = described(
        "The time between their last claimed milestone and this one, which the counts of the ladder leave out.",
        unit="person-years",
        ge=0,
    )
    claims: pd.Int64Dtype = described("How many claims there are, with repeated ones.", ge=1)
    amount_gbp: float = described("How much was claimed, where the claims say so.", unit="GBP, cash", nullable=True)

    class Config:
        """One row per metric and year."""

        unique = ["contract_id", "metric_id", "financial_year"]


class ClaimOverlaps(Table):
    """One row per two ladders and year of a contract with claims: people on both, never published as it is.

    Of ladders that count people and are worked out in pounds; a metric that is no rung is a ladder by itself. Each is
    known by its first metric, and stands with itself too: all people on it. A year without any has no row.
    """

    contract_id: str = described("The id of the contract.", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("The first metric of the one ladder.")
    other_metric_id: str = filled("The first metric of the other ladder, in the order of the alphabet, or the same.")
    financial_year: str = described("The financial year by which they were on both.", str_matches=PRICE_YEAR_PATTERN)
    people: pd.Int64Dtype = described("People who were on both for the first time in the year.", ge=1)

    class Config:
        """One row per pair and year."""

        unique = ["contract_id", "metric_id", "other_metric_id", "financial_year"]
