"""Tables of what was reported, as it is published, and of how the checks came out.

Belongs here: models of published tables that set beside the facts how an edition counts them, and show counts of claims
only as far as they may be shown. The facts as they were read stand in ``raw`` and ``claims``.
"""

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.base import CASH, PRICE_YEAR_PATTERN, PRICES, WITHHELD, Table, described, filled
from pipeline.tables.raw import Contracts
from pipeline.tables.vocabulary import (
    CHECK_OUTCOMES,
    MAPPING_GRADES,
    PAYMENT_BASES,
    SEVERITIES,
    TREATMENTS,
    UNITS,
)


class PublishedContracts(Contracts):
    """One row per contract: what it is for, when it runs, and what is known of it."""

    has_outcomes: bool = described("some result is reported")
    has_payments: bool = described("some payment is recorded, of the bases that the edition counts")


class ReportedOutcomes(Table):
    """One row per contract, metric and period, as reported, and how the edition treats it."""

    contract_id: str = filled("contract")
    metric_id: str = filled("metric")
    label: str = filled("what the metric counts")
    result_type: str = filled("interim or final")
    period_start: pa.DateTime = described("first day of the period", nullable=True)
    period_end: pa.DateTime = described("last day of the period", nullable=True)
    quantity: float = described(f"how many were reported; {WITHHELD}", unit="as in column unit", ge=0, nullable=True)
    unit: str = filled("what one of them is")
    is_net_of_deadweight: bool = described("the count is already net of what would have happened anyway")
    share_counted: float = described("share that the edition counts, by its cut-off", unit="share", ge=0, le=1)
    quantity_counted: float = described(
        f"quantity × share_counted; {WITHHELD}", unit="as in column unit", ge=0, nullable=True
    )
    is_estimated: bool = described("counted pro rata, because the period straddles the cut-off")
    outcome_id: str = filled("outcome that the metric counts")
    milestone: float = described("how far along its ladder", unit="milestone_unit", nullable=True)
    milestone_unit: str = described("unit of the milestone")
    treatment: str = described("how the metric is treated", isin=list(TREATMENTS))
    mapping_grade: str = described(
        "how good the evidence is that the metric counts the outcome; empty where no value is worked out",
        isin=["", *MAPPING_GRADES],
    )
    reason: str = filled("why")
    source_id: str = filled("source of the result")
    locator: str = filled("where in the source")


class Claims(Table):
    """One row per metric and financial year of a contract with participant-level claims, up to the cut-off.

    Each person counts once for each milestone, in the year in which they first reached it. Counts are protected: those
    of too few people are withheld, with others from which they could be worked out, and the rest is rounded, each count
    and each total by itself, so that they need not add up. A metric that nobody ever claimed has no row.
    """

    contract_id: str = filled("contract")
    metric_id: str = filled("metric")
    outcome_id: str = filled("outcome that the metric counts")
    financial_year: str = described("financial year in which it was achieved", str_matches=PRICE_YEAR_PATTERN)
    quantity: float = described(f"how many in that year; {WITHHELD}", unit="as in column unit", ge=0, nullable=True)
    unit: str = described("what one of them is", isin=list(UNITS))
    is_withheld: bool = described("the count of the year is withheld")
    total_to_year_end: float = described(
        f"how many up to and including that year; {WITHHELD}", unit="as in column unit", ge=0, nullable=True
    )
    is_total_withheld: bool = described("the total up to the year is withheld")

    class Config:
        """A metric stands once for each year."""

        unique = ["contract_id", "metric_id", "financial_year"]

    @pa.dataframe_check(error="quantity, total_to_year_end: shown though withheld, or missing though not")
    @classmethod
    def withheld_is_missing(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What is withheld is not there, and nothing else is missing."""
        return (df["quantity"].isna() == df["is_withheld"]) & (
            df["total_to_year_end"].isna() == df["is_total_withheld"]
        )


class DoubleCounting(Table):
    """One row per two ladders of a contract with participant-level claims: how many people are counted on both.

    Of metrics that count people and are worked out in pounds; one that is no rung is a ladder by itself. Each ladder is
    known by its first metric. Protected as in ``claims``.
    """

    contract_id: str = filled("contract")
    metric_id: str = filled("first metric of the one ladder")
    outcome_id: str = filled("outcome that it counts")
    other_metric_id: str = filled("first metric of the other ladder")
    other_outcome_id: str = filled("outcome that it counts")
    people: float = described(f"people on both up to the cut-off; {WITHHELD}", unit="people", ge=0, nullable=True)
    is_withheld: bool = described("the number is withheld")
    is_counted_once: bool = described(
        "of the two only one counts: they bring the same benefit (overlap_group), or one is treated as overlap"
    )

    class Config:
        """Two ladders stand together once."""

        unique = ["contract_id", "metric_id", "other_metric_id"]


class PublishedPayments(Table):
    """One row per payment or commitment, and the share of it that the edition counts."""

    contract_id: str = filled("contract")
    payer: str = described("who pays")
    payer_kind: str = filled("central, local, mixed or unknown")
    period_start: pa.DateTime = described("first day of the period paid for", nullable=True)
    period_end: pa.DateTime = described("last day of the period paid for", nullable=True)
    amount_gbp: float = described("amount as recorded; below 0 if it went back", unit=CASH)
    share_counted: float = described("share that the edition counts, by its cut-off", unit="share", ge=0, le=1)
    amount_counted_gbp: float = described("amount_gbp × share_counted", unit=CASH)
    amount_real_gbp: float = described("amount counted, deflated", unit=PRICES, nullable=True)
    price_year: str = described("financial year of the middle of the period")
    basis: str = described("kind of figure", isin=list(PAYMENT_BASES))
    is_estimated: bool = described("counted pro rata, because the period straddles the cut-off")
    metric_id: str = described("metric paid for, if stated")
    note: str = described("what is special about it")
    source_id: str = filled("source")
    locator: str = filled("where in the source")


class PublishedRestatements(Table):
    """One row per value that a source said before and says differently now, and what the difference is worth."""

    contract_id: str = filled("contract")
    table: str = described("table of the value", isin=["contracts", "outcomes", "payments"])
    metric_id: str = described("metric of the result or payment, if it is of one")
    column: str = filled("column of the value")
    value_before: str = described("value as it was said before; empty: nothing was")
    value_after: str = described("value as it is said now; empty: nothing is, or the row is gone")
    public_value_effect_gbp: float = described(
        "public value of the contract, less that with the row as it was said before; once for each row, empty where it "
        "is not known",
        unit=PRICES,
        nullable=True,
    )
    outcome_payments_effect_gbp: float = described(
        "amount now less amount before, of payments", unit=CASH, nullable=True
    )
    source_id_before: str = filled("source that said it before")
    source_id: str = filled("source that says it now, or no longer says it")
    locator: str = filled("where in the source")


class Checks(Table):
    """One row per check across tables: how it came out, what it saw, which rows failed and who accepted that."""

    suite: str = filled("suite to which the check belongs: the layer that it guards")
    guards_suite: str = filled("what the suite guards")
    asset: str = filled("asset whose tables are checked before they are stored")
    check: str = filled("name of the check")
    guards: str = filled("what the check guards against")
    severity: str = described(
        "error: if it fails, nothing is published; warning: the run reports it and goes on", isin=list(SEVERITIES)
    )
    rows: int = described("rows compared", unit="rows", ge=0)
    failed: int = described("rows that failed", unit="rows", ge=0)
    outcome: str = described("how it came out", isin=list(CHECK_OUTCOMES))
    saw: str = filled("what the check saw")
    examples: str = described("the first rows that failed, one a line")
    accepted_by: str = described("who accepted that it failed; empty where nobody did")
    accepted_because: str = described("why they accepted it; empty where nobody did")

    class Config:
        """A check is named once in its suite."""

        unique = ["suite", "check"]
