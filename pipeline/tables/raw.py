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

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN, unique=True)
    name: str = filled("The name of the contract.")
    policy_area: str = described("The policy area of the contract.", isin=list(POLICY_AREAS))
    outcomes_fund: str = described("The outcomes funds that pay into it, separated by semicolons.")
    stage: str = described("The stage of the contract when it was last published.", isin=list(STAGES))
    contract_signed: pa.DateTime = described(
        "The day on which it was signed. Where only a month is known, it is the first of that month.", nullable=True
    )
    service_start: pa.DateTime = described("The first day of the service.", nullable=True)
    service_end: pa.DateTime = described("The last day of the service, actual or expected.", nullable=True)
    service_end_basis: str = described("Which of the published end dates is used.")
    people_targeted: pd.Int64Dtype = described(
        "How many people it set out to reach.", unit="people", ge=1, nullable=True
    )
    people_engaged: pd.Int64Dtype = described("How many people it reached.", unit="people", ge=0, nullable=True)
    delivery_places: pd.Int64Dtype = described(
        "How many places in Great Britain it is delivered in. Where the source does not say, it is "
        "the number of rows in places.csv.",
        unit="places",
        ge=0,
        nullable=True,
    )
    source_id: str = filled("The source of the row, by its id in the table of sources.")

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

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("The metric, by its id in the source.")
    label: str = filled("What the metric counts, in a few words of ours.")
    result_type: str = described("Whether the result is interim or final.", isin=list(RESULT_TYPES))
    period_start: pa.DateTime = described("The first day of the period that the result is for.", nullable=True)
    period_end: pa.DateTime = described("The last day of the period that the result is for.", nullable=True)
    quantity: float = described("How many were reported.", unit="as in column unit", ge=0)
    unit: str = described("What one of them is, such as a person or a day.", isin=list(UNITS))
    is_net_of_deadweight: bool = described("True if the reported count leaves out what would have happened anyway.")
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")
    row: pd.Int64Dtype = described(
        "The row in outcomes.csv. The header is row 1, and 0 means counted from claims.", ge=0
    )

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

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    payer: str = described("Who pays, separated by semicolons. It is empty where the source names nobody.")
    payer_kind: str = described(
        "The kind of payer: central government, local government, mixed or unknown.", isin=list(PAYER_KINDS)
    )
    period_start: pa.DateTime = described("The first day of the period that the payment is for.", nullable=True)
    period_end: pa.DateTime = described("The last day of the period that the payment is for.", nullable=True)
    amount_gbp: float = described("The amount as it was recorded. It is below 0 if money went back.", unit="GBP, cash")
    basis: str = described(
        "What kind of figure it is, such as paid, reported or a commitment.", isin=list(PAYMENT_BASES)
    )
    metric_id: str = described("The metric that was paid for, where the source says so.")
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")
    note: str = described("A short code for anything special about the payment.")
    row: pd.Int64Dtype = described("The row in the contract's file. The header is row 1.", ge=2)

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

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    role: str = described(
        "What it does in the contract: commissioner, provider or investor.", isin=list(ORGANISATION_ROLES)
    )
    organisation_id: str = described(
        "The organisation, by its id in the source. It is empty for all investors of the contract together."
    )
    name: str = described(
        "The name in the source, or the id where there is no name. It is empty for all investors together."
    )
    is_group: bool = described(
        "True if the name stands for several that it does not list. It is not counted as an organisation."
    )
    investment_committed_gbp: float = described(
        "The investment committed, if public. The amount for all investors together is the same money"
        " as the amounts for each.",
        unit="GBP, cash",
        ge=0,
        nullable=True,
    )
    is_low_end: bool = described("True if the source gives a range and this is its low end.")
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")
    row: pd.Int64Dtype = described("The row in the contract's file. The header is row 1.", ge=2)

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

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    place: str = filled("The place, district or county, as the source names it.")
    latitude: float = described(
        "How far north of the equator the place is.",
        unit="degrees",
        ge=LATITUDES[0],
        le=LATITUDES[1],
        nullable=True,
    )
    longitude: float = described(
        "How far east of Greenwich the place is. It is below 0 to the west.",
        unit="degrees",
        ge=LONGITUDES[0],
        le=LONGITUDES[1],
        nullable=True,
    )
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")
    row: pd.Int64Dtype = described("The row in the contract's file. The header is row 1.", ge=2)

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

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("The metric, by its id in the source. It need not have been reported on.")
    price_gbp: float = described("The price of one.", unit="GBP, cash", gt=0, le=MOST_FOR_ONE_GBP)
    price_basis: str = described("The prices in which it is quoted.", isin=list(PRICE_BASES))
    maximum_gbp: float = described(
        "The most that is paid, where the contract says so.", unit="GBP, cash", gt=0, nullable=True
    )
    maximum_basis: str = described(
        "What that maximum covers. It is empty where there is none.", isin=["", *PRICE_MAXIMA]
    )
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")
    row: pd.Int64Dtype = described("The row in the contract's file. The header is row 1.", ge=2)

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

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    metric_id: str = filled("The metric, by its id in the source. It need not have been reported on.")
    measure: str = described("What the target counts.", isin=list(TARGET_MEASURES))
    target: float = described("How many were to be reached.", unit="as in column unit", ge=0)
    unit: str = described("What one of them is. It is empty where the source does not say.", isin=["", *TARGET_UNITS])
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")
    row: pd.Int64Dtype = described("The row in the contract's file. The header is row 1.", ge=2)

    class Config:
        """A source has one target of a metric and measure."""

        unique = ["contract_id", "metric_id", "measure", "source_id"]


class RawPlannedPayments(Table):
    """One row per payment that a plan of a contract names, in cash (``planned_payments.csv``).

    A fact of its own: no value is worked out from it, and no plan is a payment. Plans that follow one another may plan
    the same months, so that they are never added up. A plan may lie ahead of its source.
    """

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    plan_id: str = described(
        "The plan that names the payment, where several plans followed one another. It is empty if it has no name."
    )
    payer: str = described("Who is to pay, separated by semicolons. It is empty where the source names nobody.")
    payer_kind: str = described(
        "The kind of payer: central government, local government, mixed or unknown.", isin=list(PAYER_KINDS)
    )
    period_start: pa.DateTime = described("The first day of the period to be paid for.")
    period_end: pa.DateTime = described("The last day of the period to be paid for.")
    amount_gbp: float = described("The amount that is planned.", unit="GBP, cash", ge=0)
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")
    row: pd.Int64Dtype = described("The row in the contract's file. The header is row 1.", ge=2)

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

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    fact: str = described("What the row says about the service.", isin=[*SERVICE_CODES, *SERVICE_NUMBERS])
    code: str = described(
        "The target group or the intervention. It is empty for any other fact.",
        isin=["", *TARGET_GROUPS, *INTERVENTIONS],
    )
    number: float = described("The number, where the fact is a number.", unit="as the fact says", ge=0, nullable=True)
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")
    row: pd.Int64Dtype = described("The row in the contract's file. The header is row 1.", ge=2)

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
    """One row per value of a source that could not be used, with the reason (``rejected.csv``)."""

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    path: str = filled("The file of the source.")
    row: pd.Int64Dtype = described("The row of that contract in the source file, counted from 1.", ge=1)
    column: str = filled("The column of the source.")
    value: str = described("The value as it was. Of a long text it is only the length.")
    reason: str = filled("Why the value could not be used.")
    source_id: str = filled("The source of the row, by its id in the table of sources.")
    locator: str = filled("Where to find the row in that source.")


class Restatements(Table):
    """One row per value that a later version of a source gives differently (``restatements.csv``)."""

    contract_id: str = described("The contract, by its id.", str_matches=CONTRACT_ID_PATTERN)
    table: str = described("The table in which the value is.", isin=["contracts", "outcomes", "payments"])
    metric_id: str = described("The metric of the result or payment, if it belongs to one.")
    column: str = filled("The column in which the value is.")
    value_before: str = described("The value as it was before. It is empty if there was none.")
    value_after: str = described("The value as it is now. It is empty if there is none, or if the row is gone.")
    source_id_before: str = filled("The source that gave the value before.")
    source_id: str = filled("The source that gives the value now, or no longer gives it.")
    locator: str = filled("Where to find the row in that source. Of a row that is gone, where it was before.")
    row: pd.Int64Dtype = described("The row in the contract's file. The header is row 1.", ge=2)

    @pa.dataframe_check(error="value_after: the same as before")
    @classmethod
    def values_differ(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What is said alike is no restatement."""
        return df["value_after"] != df["value_before"]
