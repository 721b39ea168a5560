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

    has_outcomes: bool = described("True if at least one result is public.")
    has_payments: bool = described("True if at least one payment that the edition counts is public.")


class ReportedOutcomes(Table):
    """One row per contract, metric and period, as reported, and how the edition treats it."""

    contract_id: str = filled("The contract, by its id.")
    metric_id: str = filled("The metric that was reported on, by its id in the source.")
    label: str = filled("What the metric counts, in a few words.")
    result_type: str = filled("Whether the result is interim or final.")
    period_start: pa.DateTime = described("The first day of the period that the result is for.", nullable=True)
    period_end: pa.DateTime = described("The last day of the period that the result is for.", nullable=True)
    quantity: float = described(f"How many were reported. {WITHHELD}", unit="as in column unit", ge=0, nullable=True)
    unit: str = filled("What one of them is, such as a person or a day.")
    is_net_of_deadweight: bool = described("True if the reported count leaves out what would have happened anyway.")
    share_counted: float = described(
        "The share of the row that the edition counts, by its cut-off date.", unit="share", ge=0, le=1
    )
    quantity_counted: float = described(
        f"How many the edition counts: the quantity times the share counted. {WITHHELD}",
        unit="as in column unit",
        ge=0,
        nullable=True,
    )
    is_estimated: bool = described(
        "True if the period runs past the cut-off, so that only a share of the row is counted."
    )
    outcome_id: str = filled("The outcome that the metric counts, by its id.")
    milestone: float = described(
        "How far along its ladder of milestones the outcome is.", unit="milestone_unit", nullable=True
    )
    milestone_unit: str = described("The unit of the milestone, such as weeks.")
    treatment: str = described(
        "How the edition treats the metric, such as valued or not valued.", isin=list(TREATMENTS)
    )
    mapping_grade: str = described(
        "How good the evidence is that the metric counts this outcome. It is empty where no value is worked out.",
        isin=["", *MAPPING_GRADES],
    )
    reason: str = filled("Why the metric is treated in this way.")
    source_id: str = filled("The source of the result, by its id in the table of sources.")
    locator: str = filled("Where to find the result in that source.")


class Claims(Table):
    """One row per metric and financial year of a contract with participant-level claims, up to the cut-off.

    Each person counts once for each milestone, in the year in which they first reached it. Counts are protected: those
    of too few people are withheld, with others from which they could be worked out, and the rest is rounded, each count
    and each total by itself, so that they need not add up. A metric that nobody ever claimed has no row.
    """

    contract_id: str = filled("The contract, by its id.")
    metric_id: str = filled("The metric that was claimed, by its id.")
    outcome_id: str = filled("The outcome that the metric counts, by its id.")
    financial_year: str = described(
        "The financial year in which the outcome was achieved.", str_matches=PRICE_YEAR_PATTERN
    )
    quantity: float = described(
        f"How many were achieved in that year. {WITHHELD}", unit="as in column unit", ge=0, nullable=True
    )
    unit: str = described("What one of them is, such as a person.", isin=list(UNITS))
    is_withheld: bool = described("True if the count for the year is withheld.")
    total_to_year_end: float = described(
        f"How many were achieved up to the end of that year. {WITHHELD}", unit="as in column unit", ge=0, nullable=True
    )
    is_total_withheld: bool = described("True if that total is withheld.")

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

    contract_id: str = filled("The contract, by its id.")
    metric_id: str = filled("The first metric of one ladder of milestones.")
    outcome_id: str = filled("The outcome that it counts.")
    other_metric_id: str = filled("The first metric of the other ladder.")
    other_outcome_id: str = filled("The outcome that it counts.")
    people: float = described(
        f"How many people are counted on both ladders up to the cut-off. {WITHHELD}", unit="people", ge=0, nullable=True
    )
    is_withheld: bool = described("True if that number is withheld.")
    is_counted_once: bool = described("True if only one of the two counts, because both bring the same benefit.")

    class Config:
        """Two ladders stand together once."""

        unique = ["contract_id", "metric_id", "other_metric_id"]


class PublishedPayments(Table):
    """One row per payment or commitment, and the share of it that the edition counts."""

    contract_id: str = filled("The contract, by its id.")
    payer: str = described("Who pays. It is empty where the source names nobody.")
    payer_kind: str = filled("The kind of payer: central government, local government, mixed or unknown.")
    period_start: pa.DateTime = described("The first day of the period that the payment is for.", nullable=True)
    period_end: pa.DateTime = described("The last day of the period that the payment is for.", nullable=True)
    amount_gbp: float = described("The amount as it was recorded. It is below 0 if money went back.", unit=CASH)
    share_counted: float = described(
        "The share of the row that the edition counts, by its cut-off date.", unit="share", ge=0, le=1
    )
    amount_counted_gbp: float = described("How much the edition counts: the amount times the share counted.", unit=CASH)
    amount_real_gbp: float = described("The amount counted, adjusted for inflation.", unit=PRICES, nullable=True)
    price_year: str = described("The financial year in the middle of the payment's period.")
    basis: str = described(
        "What kind of figure it is, such as paid, reported or a commitment.", isin=list(PAYMENT_BASES)
    )
    is_estimated: bool = described(
        "True if the period runs past the cut-off, so that only a share of the row is counted."
    )
    metric_id: str = described("The metric that was paid for, where the source says so.")
    note: str = described("A short code for anything special about the payment.")
    source_id: str = filled("The source of the payment, by its id in the table of sources.")
    locator: str = filled("Where to find the payment in that source.")


class PublishedRestatements(Table):
    """One row per value that a source now gives differently, and what the difference is worth."""

    contract_id: str = filled("The contract, by its id.")
    table: str = described("The table in which the value is.", isin=["contracts", "outcomes", "payments"])
    metric_id: str = described("The metric of the result or payment, if it belongs to one.")
    column: str = filled("The column in which the value is.")
    value_before: str = described("The value as it was before. It is empty if there was none.")
    value_after: str = described("The value as it is now. It is empty if there is none, or if the row is gone.")
    public_value_effect_gbp: float = described(
        "How much more the contract is worth with the value as it is now than with the row as it was "
        "before. It is given once for each row, and empty where it is not known.",
        unit=PRICES,
        nullable=True,
    )
    outcome_payments_effect_gbp: float = described(
        "How much larger the payment is now than before.", unit=CASH, nullable=True
    )
    source_id_before: str = filled("The source that gave the value before.")
    source_id: str = filled("The source that gives the value now, or no longer gives it.")
    locator: str = filled("Where to find the row in that source.")


class Checks(Table):
    """One row per check across tables: whether it passed, what it found and which rows failed."""

    suite: str = filled("The suite to which the check belongs, named for the step that it guards.")
    guards_suite: str = filled("What the suite guards against.")
    asset: str = filled("The asset whose tables are checked before they are stored.")
    check: str = filled("The name of the check.")
    guards: str = filled("What the check guards against.")
    severity: str = described(
        "What happens if it fails: an error stops publication, a warning is only reported.", isin=list(SEVERITIES)
    )
    rows: int = described("How many rows were compared.", unit="rows", ge=0)
    failed: int = described("How many of them failed.", unit="rows", ge=0)
    outcome: str = described("Whether the check passed, failed, warned or was accepted.", isin=list(CHECK_OUTCOMES))
    saw: str = filled("What the check found, in words.")
    examples: str = described("The first rows that failed, one on each line.")
    accepted_by: str = described("Who accepted that it failed. It is empty where nobody did.")
    accepted_because: str = described("Why they accepted it. It is empty where nobody did.")

    class Config:
        """A check is named once in its suite."""

        unique = ["suite", "check"]
