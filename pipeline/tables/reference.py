"""Tables of what analysts judged or looked up: files under ``reference/``.

Belongs here: models of outcome types, mappings, published figures, sources, corrections; no results. The tables whose
numbers a value is worked out from stand in ``parameters``.
"""

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.base import (
    CASH,
    CONTRACT_ID_PATTERN,
    KEBAB_CASE_PATTERN,
    LONGEST_LINE_YEARS,
    SNAKE_CASE_PATTERN,
    Table,
    described,
    filled,
)
from pipeline.tables.dates import last_day
from pipeline.tables.vocabulary import (
    COMPARISONS,
    DOUBTS,
    MAPPING_GRADES,
    MILESTONE_UNITS,
    POLICY_AREAS,
    PRICED_TREATMENTS,
    PUBLISHED_METHODS,
    RUN_DOUBTS,
    TIME_UNITS,
    TREATMENTS,
    UNITS,
    YEARS_PER_UNIT,
)

# What was published about the market in no study of it, what was claimed of the market or of contracts beside the
# studies, and what a study is called: by its year.
CONTEXT, CLAIM = "context", "claim"
STUDY_PATTERN = rf"^((19|20)\d\d|{CONTEXT}|{CLAIM})$"
# Milestones in pounds are those of wages since a job began.
MOST_EARNED_GBP = 1_000_000
# Tables of what was reported whose values a correction may name.
CORRECTED_TABLES = (
    *("contracts", "outcomes", "payments", "organisations", "places"),
    *("prices", "targets", "planned_payments", "service"),
)


class OutcomeTypes(Table):
    """One row per common outcome, to which metrics of different contracts are mapped, and its unit."""

    outcome_id: str = described("The id of the outcome.", str_matches=SNAKE_CASE_PATTERN, unique=True)
    name: str = filled("The name of the outcome.")
    policy_area: str = described("The policy area to which the outcome belongs.", isin=list(POLICY_AREAS))
    unit: str = described("The unit in which the outcome is counted once the rules are applied.", isin=list(UNITS))
    ladder: str = described("The ladder of milestones to which the outcome belongs. It is empty if there is none.")
    hours_weight_id: str = described("The weight of its hours of work. It is empty where hours do not matter.")
    is_job: bool = described("True if reaching the outcome means having a job.")
    description: str = filled("What reaching the outcome means.")

    @pa.dataframe_check(error="is_job: a job is counted by its time")
    @classmethod
    def jobs_take_time(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A job that is counted in people, events or pounds has no beginning to count."""
        return ~df["is_job"] | df["unit"].isin(TIME_UNITS)


class MetricOutcomes(Table):
    """One row per metric of a contract: which outcome it counts and how it is treated."""

    contract_id: str = filled("The id of the contract.")
    metric_id: str = filled("The id of the metric.")
    outcome_id: str = filled("The outcome that the metric counts.")
    milestone: float = described(
        "How far along its ladder of milestones the metric is.", unit="milestone_unit", ge=0, nullable=True
    )
    milestone_unit: str = described(
        "The unit of the milestone. It is empty where there is none.", isin=["", *MILESTONE_UNITS]
    )
    quantity_per_unit: float = described(
        "How many reported units make one unit of the outcome, where the units alone do not tell.", gt=0, nullable=True
    )
    treatment: str = described("How the metric is treated.", isin=list(TREATMENTS))
    grade: str = described(
        "How good the evidence is that the metric, in its unit and at its milestone, counts the "
        "outcome. It is empty where no value is worked out.",
        isin=["", *MAPPING_GRADES],
    )
    reason: str = filled("Why the metric is treated in this way.")
    source_id: str = filled("The source on which the judgement rests.")

    class Config:
        """One treatment per metric."""

        unique = ["contract_id", "metric_id"]

    @pa.dataframe_check(error="milestone: a metric treated as rung needs a milestone and its unit")
    @classmethod
    def rungs_have_milestones(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A rung without a milestone has no place on its ladder."""
        return (df["treatment"] != "rung") | (df["milestone"].notna() & (df["milestone_unit"] != ""))

    @pa.dataframe_check(error="milestone_unit: a milestone needs its unit, and a unit its milestone")
    @classmethod
    def milestones_have_units(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Half a milestone tells nothing; that a rung needs both is a rule of its own."""
        return (df["treatment"] == "rung") | (df["milestone"].notna() == (df["milestone_unit"] != ""))

    @pa.dataframe_check(error=f"milestone: beyond {LONGEST_LINE_YEARS} years, or £{MOST_EARNED_GBP:,}")
    @classmethod
    def milestones_can_be_reached(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Nobody is followed for longer than value is worked out for."""
        per_unit = df["milestone_unit"].map(YEARS_PER_UNIT).astype(float)
        most = (LONGEST_LINE_YEARS / per_unit).fillna(MOST_EARNED_GBP)
        return df["milestone"].isna() | (df["milestone"] <= most)

    @pa.dataframe_check(error="grade: a metric treated as valued, rung or overlap needs one; no other may have one")
    @classmethod
    def priced_are_graded(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Money rests on the mapping of what is priced, and on no other."""
        return is_priced(df["treatment"]) == (df["grade"] != "")


class PaidPerUnit(Table):
    """One row per metric that is paid by the unit, at a fixed price: the contract's payments tell when it was reached.

    Of a total that straddles a cut-off the share of the contract's dated payments counts, not that of the months.
    """

    contract_id: str = filled("The id of the contract.")
    metric_id: str = filled("The id of the metric.")
    reason: str = filled("Why, for a reviewer.")
    source_id: str = filled("The source of the price.")
    locator: str = filled("Where in the source.")

    class Config:
        """A metric stands once."""

        unique = ["contract_id", "metric_id"]


class SharedResults(Table):
    """One row per result that is a total of several contracts and per other contract in it.

    The result is recorded once, under one of them; no source splits it.
    """

    contract_id: str = filled("The id of the contract under which the result is recorded.")
    metric_id: str = filled("The id of the metric.")
    shared_with: str = filled("The id of another contract whose results are part of the same total.")
    reason: str = filled("How it is known that the result is a total of these contracts.")
    source_id: str = filled("The source of the total.")
    locator: str = filled("Where in the source.")

    class Config:
        """A contract is part of a total once."""

        unique = ["contract_id", "metric_id", "shared_with"]

    @pa.dataframe_check(error="shared_with: the contract itself")
    @classmethod
    def shared_with_another(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """The contract under which a total is recorded is always part of it."""
        return df["shared_with"] != df["contract_id"]


class PublishedFigures(Table):
    """One row per figure that somebody published about the market or a part of it."""

    figure_id: str = described("The id of the figure.", str_matches=SNAKE_CASE_PATTERN, unique=True)
    published_edition: str = described(
        "The study that published it, by its year. It is context or claim for what was said elsewhere.",
        str_matches=STUDY_PATTERN,
    )
    scope: str = filled(
        "What it covers: the market, or policy areas or contracts joined by +, or the contracts of a "
        "fund (fund: …) or an investor (investor: …)."
    )
    measure: str = filled("What was measured.")
    value: float = described("The figure. Of a range it is the lower end.", unit="as in column unit")
    value_high: float = described("The upper end of a range.", unit="as in column unit", nullable=True)
    value_qualifier: str = filled("How the figure is given: exact, approximate, more than, derived and so on.")
    unit: str = filled("The unit of the figure.")
    deadweight: str = described(
        "Whether what would have happened anyway was taken off.", isin=["before", "after", "not stated"]
    )
    method: str = described("How it came about.", isin=list(PUBLISHED_METHODS))
    comparison: str = described("What a claimed difference is compared with.", isin=list(COMPARISONS))
    as_of: str = described(
        "The day up to which it counts, as precisely as it is known. It is empty where that is not "
        "stated, and for a study, whose day is the cut-off of its edition."
    )
    depends_on: str = described("The figures from which it is worked out, or which it repeats, joined by +.")
    nearest: str = described("The measure of ours to set beside it where none is of the same quantity.")
    metrics: str = described("The metrics of each contract that count who reached the outcome, joined by +.")
    engaged_metric: str = described(
        "The metric of all who began, where the contract does not say how many people it engaged."
    )
    tolerance_share: float = described("The difference within which our figure counts as the same.", unit="share", ge=0)
    source_id: str = filled("The source.")
    locator: str = filled("Where in the source.")
    note: str = described("What to know when reading it.")
    would_settle: str = described("What would have to be public for the figure to be worked out, or refuted.")

    @pa.dataframe_check(error="would_settle: a claim needs what would settle it")
    @classmethod
    def claims_can_be_settled(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A claim that nothing could settle would be no statement of fact."""
        return (df["published_edition"] != CLAIM) | (df["would_settle"] != "")

    @pa.dataframe_check(error="as_of: not a date as precise as known (2025, 2025-05 or 2025-05-31)")
    @classmethod
    def counted_up_to_a_day(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Another day makes another quantity, so it has to be one."""
        return df["as_of"].map(_is_date_or_empty)

    @pa.dataframe_check(error="value_high: below value")
    @classmethod
    def ranges_are_in_order(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A range goes from its lower end to its upper one."""
        return df["value_high"].isna() | (df["value_high"] >= df["value"])


class Sources(Table):
    """One row per source: title, publisher, date, address, licence."""

    source_id: str = described("The id of the source.", str_matches=KEBAB_CASE_PATTERN, unique=True)
    title: str = filled("The title of the source.")
    publisher: str = filled("Who published it.")
    published: str = described(
        "When it was published, as precisely as it is known: 2025, 2025-05 or 2025-05-31. It is empty if unknown."
    )
    address: str = described("Its web address. It is empty if there is none.")
    licence: str = filled("The licence, or the ground on which facts are used.")
    attribution: str = described("The words that the licence asks for.")

    @pa.dataframe_check(error="published: not a date as precise as known (2025, 2025-05 or 2025-05-31)")
    @classmethod
    def published_on_a_day(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What a source says cannot lie after the day on which it was published."""
        return df["published"].map(_is_date_or_empty)


class Corrections(Table):
    """One row per known error of a source: what was reported and what is used instead.

    A value that is true though odd is none of these: it is a row of ``accepted``.
    """

    table: str = described("The table of the value.", isin=list(CORRECTED_TABLES))
    contract_id: str = filled("The contract.")
    locator: str = filled("The place in the source that marks the row. For contracts it is the contract's id.")
    column: str = filled("The column that is corrected.")
    reported: str = described("The value as it was reported. It is empty if nothing was.")
    used: str = described("The value that is used. It is empty if the row is left out.")
    reason: str = filled("Why it is corrected.")
    source_id: str = filled("The source of the reason.")

    @pa.dataframe_check(error="used: a contract cannot be left out, nor get another id: remove or rename its folder")
    @classmethod
    def contracts_stay(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A contract without its row would leave its results and payments without a contract."""
        return (df["column"] != "contract_id") & ((df["table"] != "contracts") | (df["used"] != ""))

    @pa.dataframe_check(error="used: the same as reported; what is true though odd is a row of accepted.csv")
    @classmethod
    def something_changes(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A correction corrects."""
        return df["used"] != df["reported"]


class Accepted(Table):
    """One row per unusual value that somebody has checked and found to be true.

    Good for that value only: when it changes, it is doubted again, and the row here fits nothing.
    """

    check: str = described("The rule that doubts the value.", isin=[*DOUBTS, *RUN_DOUBTS])
    key: str = filled("What is doubted, as the rule names it.")
    value: str = filled("The value that is accepted.")
    reason: str = filled("Why it is true.")
    source_id: str = filled("The source of the reason.")
    accepted_on: pa.DateTime = described("The day on which somebody looked at it.")

    class Config:
        """A value is accepted once."""

        unique = ["check", "key"]


# How the sum of a withdrawn contract is called in earlier publications: a number follows.
STANDS_FOR = "WITHDRAWN-"


class GoneContracts(Table):
    """One row per contract that its source no longer has: it stays for a reason, or this is all that is left of it."""

    contract_id: str = described("The id of the contract.", str_matches=CONTRACT_ID_PATTERN, unique=True)
    decision: str = described(
        "What was decided. Withdrawn means deleted here as well, and kept means that it stays.",
        isin=["withdrawn", "kept"],
    )
    decided_on: pa.DateTime = described("The day on which it was decided.")
    source_id: str = filled("The version of the source that no longer has it.")
    reason: str = described("Why it is kept.")
    rows: pd.Int64Dtype = described("How many rows a withdrawn contract had.", unit="rows", ge=0, nullable=True)
    outcome_payments_gbp: float = described("What had been paid for a withdrawn contract.", unit=CASH, nullable=True)

    @pa.dataframe_check(error="reason: missing, though the contract is kept")
    @classmethod
    def kept_for_a_reason(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Who keeps what its source has taken out says why."""
        return (df["decision"] != "kept") | (df["reason"] != "")


class EarlierPublications(Table):
    """One row per earlier publication that is kept, so that a bridge can lead from it to what is published today.

    What it was made from lies in ``reference/earlier/<publication_id>/``, a Parquet file for each table.
    """

    publication_id: str = described(
        "The earlier publication, by the name of its folder.", str_matches=KEBAB_CASE_PATTERN, unique=True
    )
    edition: str = filled("The edition that was published.")
    published_on: pa.DateTime = described("The day on which it was published.")
    told_in: str = filled("The edition whose report shows the bridge from it.")
    note: str = filled("What has happened since, in a few words.")


def studies(figures: pd.DataFrame) -> list[str]:
    """Return the studies of which there are figures, the latest last; ``figures``: ``published_edition``."""
    return sorted(set(figures["published_edition"]) - {CONTEXT, CLAIM})


def accepted_by_contract(accepted: pd.DataFrame) -> pd.DataFrame:
    """Return ``Accepted`` with a column ``contract_id``, with which keys begin; of other keys it is no contract's."""
    return accepted.assign(contract_id=accepted["key"].str.split(" ").str[0])


def _is_date_or_empty(text: str) -> bool:
    return not text or last_day(text) is not None


def is_priced(treatment: "pd.Series[str]") -> "pd.Series[bool]":
    """Tell which metrics are worked out in pounds: those valued, rungs, and overlaps (shown, not counted)."""
    return treatment.isin(PRICED_TREATMENTS)
