"""Tables of participant-level claims: what a claim is, and to what claims are reduced.

Belongs here: models of the files of claims in a contract folder and of what is counted from them. What is counted is
exact and stays in the working area; what may be published of it is decided in ``pipeline.claims.disclosure``.
"""

import pandas as pd

from pipeline.tables.base import CONTRACT_ID_PATTERN, PRICE_YEAR_PATTERN, Table, described, filled
from pipeline.tables.vocabulary import UNITS


class ClaimedMetrics(Table):
    """One row per metric that a contract with claims pays for (``metrics.csv``)."""

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("id of the metric, as in the claims")
    label: str = filled("what the metric counts, in our own short words")
    unit: str = described("what one claim of it counts", isin=list(UNITS))
    is_net_of_deadweight: bool = described("the count is already net of what would have happened anyway")
    source_id: str = filled("source of the claims")
    locator: str = filled("where in the source")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    class Config:
        """A metric is described once."""

        unique = ["contract_id", "metric_id"]


class ClaimCounts(Table):
    """One row per metric and year of a contract with claims: exact counts, never published as they are.

    Each person counts once for each milestone, in the year in which they first reached it; each day, week, month,
    quarter or year once for each person; each event once. A year in which nothing was claimed has no row.
    """

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("id of the metric within the contract")
    financial_year: str = described("financial year in which it was achieved", str_matches=PRICE_YEAR_PATTERN)
    unit: str = described("what one of them is", isin=list(UNITS))
    quantity: float = described("how many were achieved for the first time in the year", unit="as in column unit", gt=0)
    people: pd.Int64Dtype = described("people behind them; of the same person in two years each counts", ge=1)
    quantity_after_gap: float = described(
        "of them, people whose milestone just before on the same ladder was never claimed", unit="people", ge=0
    )
    years_after_gap: float = described(
        "time between their last claimed milestone and this one that the counts of the ladder leave out",
        unit="person-years",
        ge=0,
    )
    claims: pd.Int64Dtype = described("claims, repeated ones among them", ge=1)
    amount_gbp: float = described("amount claimed, as far as stated", unit="GBP, cash", nullable=True)

    class Config:
        """One row per metric and year."""

        unique = ["contract_id", "metric_id", "financial_year"]


class ClaimOverlaps(Table):
    """One row per two ladders and year of a contract with claims: people on both, never published as it is.

    Of ladders that count people and are worked out in pounds; a metric that is no rung is a ladder by itself. Each is
    known by its first metric, and stands with itself too: all people on it. A year without any has no row.
    """

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("first metric of the one ladder")
    other_metric_id: str = filled("first metric of the other ladder, in the order of the alphabet, or the same")
    financial_year: str = described("financial year by which they were on both", str_matches=PRICE_YEAR_PATTERN)
    people: pd.Int64Dtype = described("people who were on both for the first time in the year", ge=1)

    class Config:
        """One row per pair and year."""

        unique = ["contract_id", "metric_id", "other_metric_id", "financial_year"]
