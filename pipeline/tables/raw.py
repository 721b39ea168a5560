"""Tables of what was reported, agreed and planned, and of what had to be rejected.

Belongs here: models of the files of a contract folder under ``raw/``; nothing that analysts judged.
"""

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.base import CONTRACT_ID_PATTERN, Table, described, filled
from pipeline.tables.vocabulary import (
    INTERVENTIONS,
    MOVED,
    ORGANISATION_ROLES,
    PAYER_KINDS,
    PAYMENT_BASES,
    POLICY_AREAS,
    PRICE_BASES,
    PRICE_MAXIMA,
    RESULT_TYPES,
    RETURNED,
    SERVICE_CODES,
    SERVICE_NUMBERS,
    STAGES,
    TARGET_GROUPS,
    TARGET_MEASURES,
    TARGET_UNITS,
    UNITS,
)

# Within which a place of the United Kingdom lies, in degrees.
LATITUDES = (49.8, 60.9)
LONGITUDES = (-8.7, 1.8)
# The most for one outcome; £9,340 is the highest price that a contract names today.
MOST_FOR_ONE_GBP = 250_000


def _names_differ(text: str) -> bool:
    """Tell whether all names between semicolons are there, and none is there twice."""
    names = [name.strip().casefold() for name in text.split(";")]
    return text == "" or ("" not in names and len(set(names)) == len(names))


class Contracts(Table):
    """One row per contract: name, policy area, stage, dates, people engaged (``contract.toml``)."""

    contract_id: str = described("id of the contract in INDIGO", str_matches=CONTRACT_ID_PATTERN, unique=True)
    name: str = filled("name of the contract")
    policy_area: str = described("policy area of the contract", isin=list(POLICY_AREAS))
    outcomes_fund: str = described("outcomes funds that pay into it, separated by semicolons")
    stage: str = described("stage when last published", isin=list(STAGES))
    contract_signed: pa.DateTime = described("day (first of the month given) of signing", nullable=True)
    service_start: pa.DateTime = described("first day of the service", nullable=True)
    service_end: pa.DateTime = described("last day of the service, actual or expected", nullable=True)
    service_end_basis: str = described("which of the published end dates is used")
    people_targeted: pd.Int64Dtype = described("people to be reached", unit="people", ge=1, nullable=True)
    people_engaged: pd.Int64Dtype = described("people reached", unit="people", ge=0, nullable=True)
    delivery_places: pd.Int64Dtype = described(
        "places of delivery in Great Britain; where it is not said, the rows of places.csv, empty without any",
        unit="places",
        ge=0,
        nullable=True,
    )
    source_id: str = filled("source of the row, in the register of sources")

    @pa.dataframe_check(error="outcomes_fund: a fund without a name, or twice the same")
    @classmethod
    def funds_differ(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Each fund is named once; a contract may have none."""
        return df["outcomes_fund"].map(_names_differ)

    @pa.dataframe_check(error="service_end: ends before it starts")
    @classmethod
    def ends_after_start(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """The service cannot end before it starts."""
        return df["service_end"].isna() | df["service_start"].isna() | (df["service_end"] >= df["service_start"])


class RawOutcomes(Table):
    """One row per metric and period of a contract, as reported, known errors corrected (``outcomes.csv``)."""

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("id of the metric within the contract, as in the source")
    label: str = filled("what the metric counts, in our own short words")
    result_type: str = described("interim or final", isin=list(RESULT_TYPES))
    period_start: pa.DateTime = described("first day of the period reported on", nullable=True)
    period_end: pa.DateTime = described("last day of the period reported on", nullable=True)
    quantity: float = described("how many were reported", unit="as in column unit", ge=0)
    unit: str = described("what one of them is", isin=list(UNITS))
    is_net_of_deadweight: bool = described("the count is already net of what would have happened anyway")
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")
    row: pd.Int64Dtype = described("row in its file, the header being row 1; 0 if counted from claims", ge=0)

    class Config:
        """One report of a metric per type, period and source."""

        unique = ["contract_id", "metric_id", "result_type", "period_start", "period_end", "source_id"]

    @pa.dataframe_check(error="period_end: ends before it starts")
    @classmethod
    def ends_after_start(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A period cannot end before it starts."""
        return df["period_end"].isna() | df["period_start"].isna() | (df["period_end"] >= df["period_start"])

    @pa.dataframe_check(error="quantity: a fraction of a person or an event")
    @classmethod
    def whole_people(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """People and events are counted in whole numbers."""
        return ~df["unit"].isin(["person", "incident"]) | df["quantity"].isna() | (df["quantity"] % 1 == 0)


class RawPayments(Table):
    """One row per payment or commitment to pay, in cash, and what kind of figure it is (``payments.csv``)."""

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    payer: str = described("who pays, separated by semicolons; empty if not named")
    payer_kind: str = described("central, local, mixed or unknown", isin=list(PAYER_KINDS))
    period_start: pa.DateTime = described("first day of the period paid for", nullable=True)
    period_end: pa.DateTime = described("last day of the period paid for", nullable=True)
    amount_gbp: float = described("amount in cash; below 0 if it went back", unit="GBP, cash")
    basis: str = described("what kind of figure it is", isin=list(PAYMENT_BASES))
    metric_id: str = described("metric paid for, if stated")
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")
    note: str = described("a short code for what is special about it")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    class Config:
        """A place in a source is read once."""

        unique = ["source_id", "locator"]

    @pa.dataframe_check(error="period_end: ends before it starts")
    @classmethod
    def ends_after_start(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A period cannot end before it starts."""
        return df["period_end"].isna() | df["period_start"].isna() | (df["period_end"] >= df["period_start"])

    @pa.dataframe_check(error="payer: a payer without a name, or twice the same")
    @classmethod
    def payers_differ(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Each payer of a payment is named once; a payment may name none."""
        return df["payer"].map(_names_differ)

    @pa.dataframe_check(error="period_start: a payment needs its period (only a commitment may lack it)")
    @classmethod
    def paid_in_a_period(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What was paid was paid in some period, from which its prices follow."""
        has_period = df["period_start"].notna() & df["period_end"].notna()
        return has_period | ~df["basis"].isin(MOVED)

    @pa.dataframe_check(error=f"amount_gbp: too small: only money that went back is below 0, with basis {RETURNED!r}")
    @classmethod
    def only_returned_is_below_zero(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A payment, a total and a maximum are amounts that went one way."""
        return (df["basis"] == RETURNED) | ~(df["amount_gbp"] < 0)

    @pa.dataframe_check(error=f"amount_gbp: not below 0, though of basis {RETURNED!r}: money that went back is")
    @classmethod
    def returned_is_below_zero(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """So that sums over payments are net of what went back."""
        return (df["basis"] != RETURNED) | ~(df["amount_gbp"] >= 0)


class RawOrganisations(Table):
    """One row per organisation and what it does in a contract, as the source names it (``organisations.csv``).

    A row of role investor without an organisation holds what all investors of the contract committed together.
    """

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    role: str = described("what it does: commissioner, provider or investor", isin=list(ORGANISATION_ROLES))
    organisation_id: str = described("id in the source; empty: all investors of the contract together")
    name: str = described("name as the source has it, or the id where it has none; empty: all investors together")
    is_group: bool = described("the name stands for several that it does not name; not counted as an organisation")
    investment_committed_gbp: float = described(
        "investment committed, if public; of all investors together and of each: the same money",
        unit="GBP, cash",
        ge=0,
        nullable=True,
    )
    is_low_end: bool = described("the source gives a range, of which this is the low end")
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    class Config:
        """A place in a source names an organisation once."""

        unique = ["source_id", "locator", "organisation_id"]

    @pa.dataframe_check(error="organisation_id: empty (only the amount of all investors may be without)")
    @classmethod
    def named_unless_total(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Only the amount of all investors together belongs to no organisation."""
        is_total = (df["role"] == "investor") & df["investment_committed_gbp"].notna()
        return (df["organisation_id"] != "") | is_total

    @pa.dataframe_check(error="name: empty, or without an organisation_id")
    @classmethod
    def name_with_id(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """An organisation has an id and a name, or neither."""
        return (df["organisation_id"] == "") == (df["name"] == "")

    @pa.dataframe_check(error="investment_committed_gbp: of a role that does not invest")
    @classmethod
    def only_investors_invest(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Commissioners and providers stand here for what they do, not for their money."""
        return (df["role"] == "investor") | df["investment_committed_gbp"].isna()

    @pa.dataframe_check(error="name: not the name that the same organisation_id has elsewhere")
    @classmethod
    def one_name_per_id(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """An id is one organisation."""
        return df["name"] == df.groupby(["source_id", "organisation_id"])["name"].transform("first")


class RawPlaces(Table):
    """One row per place of delivery of a contract (``places.csv``)."""

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    place: str = filled("place, district or county as the source has it")
    latitude: float = described(
        "north of the equator; some point of the place",
        unit="degrees",
        ge=LATITUDES[0],
        le=LATITUDES[1],
        nullable=True,
    )
    longitude: float = described(
        "east of Greenwich, west of it below 0",
        unit="degrees",
        ge=LONGITUDES[0],
        le=LONGITUDES[1],
        nullable=True,
    )
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    class Config:
        """A place in a source is read once."""

        unique = ["source_id", "locator"]

    @pa.dataframe_check(error="longitude: a point needs a latitude and a longitude, or neither")
    @classmethod
    def both_or_neither(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Half of a point is none."""
        return df["latitude"].isna() == df["longitude"].isna()


class RawPrices(Table):
    """One row per metric of a contract and what is agreed to be paid for one of it, in cash (``prices.csv``).

    A fact of its own: no value is worked out from it.
    """

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("id of the metric within the contract, as in the source; it need not have been reported on")
    price_gbp: float = described("price of one", unit="GBP, cash", gt=0, le=MOST_FOR_ONE_GBP)
    price_basis: str = described("in which pounds it is quoted", isin=list(PRICE_BASES))
    maximum_gbp: float = described("the most that is paid, if stated", unit="GBP, cash", gt=0, nullable=True)
    maximum_basis: str = described("of what it is the most; empty without one", isin=["", *PRICE_MAXIMA])
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    class Config:
        """A metric has one price."""

        unique = ["contract_id", "metric_id"]

    @pa.dataframe_check(error="maximum_basis: a maximum needs its basis, and a basis its maximum")
    @classmethod
    def maximum_with_basis(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A maximum of nobody knows what says nothing."""
        return (df["maximum_basis"] == "") == df["maximum_gbp"].isna()

    @pa.dataframe_check(error="maximum_gbp: less than the price of one")
    @classmethod
    def maximum_holds_one(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """The most that is paid is paid for one at least."""
        return df["maximum_gbp"].isna() | ~(df["maximum_gbp"] < df["price_gbp"])


class RawTargets(Table):
    """One row per metric of a contract and number that was to be reached (``targets.csv``).

    A fact of its own: no value is worked out from it.
    """

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("id of the metric within the contract, as in the source; it need not have been reported on")
    measure: str = described("what the target counts", isin=list(TARGET_MEASURES))
    target: float = described("how many were to be reached", unit="as in column unit", ge=0)
    unit: str = described("what one of them is; empty: the source does not say", isin=["", *TARGET_UNITS])
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    class Config:
        """A source has one target of a metric and measure."""

        unique = ["contract_id", "metric_id", "measure", "source_id"]


class RawPlannedPayments(Table):
    """One row per payment that a plan of a contract names, in cash (``planned_payments.csv``).

    A fact of its own: no value is worked out from it, and no plan is a payment. Plans that follow one another may plan
    the same months, so that they are never added up. A plan may lie ahead of its source.
    """

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    plan_id: str = described("plan in which it stands, of several that follow one another; empty if not named")
    payer: str = described("who is to pay, separated by semicolons; empty if not named")
    payer_kind: str = described("central, local, mixed or unknown", isin=list(PAYER_KINDS))
    period_start: pa.DateTime = described("first day of the period to be paid for")
    period_end: pa.DateTime = described("last day of the period to be paid for")
    amount_gbp: float = described("amount planned", unit="GBP, cash", ge=0)
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    class Config:
        """A place in a source is read once."""

        unique = ["source_id", "locator"]

    @pa.dataframe_check(error="period_end: ends before it starts")
    @classmethod
    def ends_after_start(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A period cannot end before it starts."""
        return df["period_end"].isna() | df["period_start"].isna() | (df["period_end"] >= df["period_start"])

    @pa.dataframe_check(error="payer: a payer without a name, or twice the same")
    @classmethod
    def payers_differ(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Each payer of a payment is named once; a plan may name none."""
        return df["payer"].map(_names_differ)


class RawService(Table):
    """One row per short fact about the service of a contract: a code, or a number (``service.csv``).

    A fact of its own: no value is worked out from it. Codes are ours, for what the source says in prose.
    """

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    fact: str = described("what is said", isin=[*SERVICE_CODES, *SERVICE_NUMBERS])
    code: str = described("of a target group or an intervention; else empty", isin=["", *TARGET_GROUPS, *INTERVENTIONS])
    number: float = described("of any other fact", unit="as the fact says", ge=0, nullable=True)
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    class Config:
        """A place in a source says a thing once."""

        unique = ["contract_id", "fact", "code", "source_id", "locator"]

    @pa.dataframe_check(error="code: not one of that fact")
    @classmethod
    def codes_of_their_fact(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A group is none that was done, an intervention nobody, and a number has no code."""
        is_group = (df["fact"] == "target_group") & df["code"].isin(list(TARGET_GROUPS))
        is_done = (df["fact"] == "intervention") & df["code"].isin(list(INTERVENTIONS))
        return is_group | is_done | (df["fact"].isin(list(SERVICE_NUMBERS)) & (df["code"] == ""))

    @pa.dataframe_check(error="number: missing, or beside a code")
    @classmethod
    def number_or_code(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A fact with a code has no number, and any other has one."""
        return df["number"].notna() == df["fact"].isin(list(SERVICE_NUMBERS))


class RejectedRows(Table):
    """One row per value of a source that could not be used, and why: nothing is dropped unseen (``rejected.csv``)."""

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    path: str = filled("file of the source")
    row: pd.Int64Dtype = described("row of that contract in that file, counted from 1", ge=1)
    column: str = filled("column of the source")
    value: str = described("the value as it was; of a long text only its length")
    reason: str = filled("why it could not be used")
    source_id: str = filled("source of the row")
    locator: str = filled("where in the source")


class Restatements(Table):
    """One row per value that a source said before and a later version of it says differently (``restatements.csv``)."""

    contract_id: str = described("id of the contract", str_matches=CONTRACT_ID_PATTERN)
    table: str = described("table of the value", isin=["contracts", "outcomes", "payments"])
    metric_id: str = described("metric of the result or payment, if it is of one")
    column: str = filled("column of the value")
    value_before: str = described("value as it was said before; empty: nothing was")
    value_after: str = described("value as it is said now; empty: nothing is, or the row is gone")
    source_id_before: str = filled("source that said it before")
    source_id: str = filled("source that says it now, or no longer says it")
    locator: str = filled("where in the source; of a row that is gone, where it was in the one before")
    row: pd.Int64Dtype = described("row in its file, the header being row 1", ge=2)

    @pa.dataframe_check(error="value_after: the same as before")
    @classmethod
    def values_differ(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What is said alike is no restatement."""
        return df["value_after"] != df["value_before"]
