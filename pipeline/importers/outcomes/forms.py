"""What the template asks for: its sheets, their columns, and who owns the rows made from it.

Belongs here: names, which of them are needed, the hints beside them, allowed words. How a cell is read stands in
``cells``, how the workbook is written in ``template``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from pipeline.importers.imported import Owner
from pipeline.tables.base import CONTRACT_ID_PATTERN, LONGEST_NAME
from pipeline.tables.vocabulary import PAYER_KINDS, PAYMENT_BASES, POLICY_AREAS, RESULT_TYPES, STAGES, UNITS

CONTRACT, RESULTS, PAYMENTS = "contract", "results", "payments"
OUTCOME_TYPES, ALLOWED_WORDS = "outcome types", "allowed words"
CONTRACT_ID = f"an id of capital letters, digits and hyphens, of at most {LONGEST_NAME} characters"
# As the importer of INDIGO writes it; a person may give any words of their own.
END_BASES = {"actual": "it has ended on that day", "anticipated": "it is expected to end on that day"}
YES_OR_NO = {"yes": "", "no": ""}
NEEDED, OPTIONAL = "needed", "optional"
PERIOD_HINT = (
    "first day; or the financial year, such as 2021/22, and no end (up to 2011/12 with ' before it, "
    "or Excel makes a month of it)"
)


class Kind(Enum):
    """How a cell is read."""

    TEXT = auto()
    WORD = auto()
    NUMBER = auto()
    START = auto()
    END = auto()
    TRUTH = auto()
    NAMES = auto()
    PUBLISHED = auto()


@dataclass(frozen=True)
class Field:
    """A column of a sheet, or a line of the sheet of the contract.

    ``name``: as in ``raw/``; people see it with blanks. ``words``: the allowed ones with their meanings; of a text they
    are only offered.
    """

    name: str
    kind: Kind
    hint: str
    needed: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """Return what stands above the column, or before the line."""
        return self.name.replace("_", " ")

    @property
    def expected(self) -> str:
        """Return what is said to be expected where nothing was filled in."""
        return f"one of {', '.join(self.words)}" if self.kind is Kind.WORD else self.hint

    @property
    def marked_hint(self) -> str:
        """Return what stands below the heading: whether it is needed, and what belongs there."""
        return f"{NEEDED if self.needed else OPTIONAL}: {self.hint}"


RESULT_FIELDS = (
    Field("metric_id", Kind.TEXT, "a short id of your own, the same each time, such as job_13_weeks", needed=True),
    Field("label", Kind.TEXT, "what is counted, in a few words", needed=True),
    Field("result_type", Kind.WORD, "choose", needed=True, words=RESULT_TYPES),
    Field("period_start", Kind.START, PERIOD_HINT),
    Field("period_end", Kind.END, "last day"),
    Field("quantity", Kind.NUMBER, "how many; .. where the source gives no number", needed=True),
    Field("unit", Kind.WORD, "what one of them is: choose", needed=True, words=UNITS),
    Field(
        "is_net_of_deadweight",
        Kind.TRUTH,
        "yes if what would have happened anyway is taken off already; empty: no",
        words=YES_OR_NO,
    ),
    Field("outcome_type", Kind.TEXT, "which outcome it may be: a hint for whoever judges it, kept nowhere"),
)
PAYMENT_FIELDS = (
    Field("payer", Kind.TEXT, "who paid; several with ; between them"),
    Field("payer_kind", Kind.WORD, "choose, if a payer is named", words=PAYER_KINDS),
    Field("period_start", Kind.START, f"{PERIOD_HINT}; only a commitment may be without"),
    Field("period_end", Kind.END, "last day"),
    Field("amount_gbp", Kind.NUMBER, "pounds, as paid at the time", needed=True),
    Field("basis", Kind.WORD, "choose", needed=True, words=PAYMENT_BASES),
    Field("metric_id", Kind.TEXT, "metric that was paid for, if it was one"),
    Field("note", Kind.TEXT, "a short code for what is special about it"),
)
FACT_FIELDS = (
    Field("contract_id", Kind.TEXT, "as it stands", needed=True),
    Field("name", Kind.TEXT, "name of the contract", needed=True),
    Field("policy_area", Kind.WORD, "choose", needed=True, words=POLICY_AREAS),
    Field("outcomes_fund", Kind.NAMES, "funds that pay into it, with ; between them"),
    Field("stage", Kind.WORD, "choose", needed=True, words=STAGES),
    Field("contract_signed", Kind.START, "day of signing, or month"),
    Field("service_start", Kind.START, "first day of the service"),
    Field("service_end", Kind.END, "last day of the service, actual or expected"),
    Field("service_end_basis", Kind.TEXT, "which of these it is", words=END_BASES),
    Field("people_targeted", Kind.NUMBER, "people to be reached"),
    Field("people_engaged", Kind.NUMBER, "people reached"),
    Field("delivery_places", Kind.NUMBER, "places of delivery in Great Britain"),
)
SOURCE = "source_"
SOURCE_FIELDS = (
    Field(f"{SOURCE}title", Kind.TEXT, "title of the report, table or letter that says all this", needed=True),
    Field(f"{SOURCE}publisher", Kind.TEXT, "who published it, or keeps it", needed=True),
    Field(f"{SOURCE}published", Kind.PUBLISHED, "when: a day, a month (2024-05) or a year"),
    Field(f"{SOURCE}address", Kind.TEXT, "web address"),
    Field(f"{SOURCE}licence", Kind.TEXT, "its licence, such as CC BY 4.0; or: fact cited", needed=True),
    Field(f"{SOURCE}attribution", Kind.TEXT, "the words that the licence asks for"),
)
CONTRACT_FIELDS = (*FACT_FIELDS, *SOURCE_FIELDS)
# Sheets of rows by name; the contract is a sheet of lines.
TABLES = {RESULTS: RESULT_FIELDS, PAYMENTS: PAYMENT_FIELDS}
# By which column a table without a name is known.
TELLING = {RESULTS: "quantity", PAYMENTS: "amount_gbp"}


@dataclass(frozen=True)
class OwnerOfOneSource(Owner):
    """The owner of the rows of exactly one source: that of another contract may begin like it."""

    def owns(self, row: Mapping[str, Any]) -> bool:
        """Whether the import may change a row, or a source of contract.toml."""
        return row.get("source_id", "") == self.source and super().owns(row)


def is_contract_id(text: str) -> bool:
    """Tell whether a text can be the id of a contract, which names its folder."""
    return bool(re.fullmatch(CONTRACT_ID_PATTERN, text)) and len(text) <= LONGEST_NAME


def source_of(contract_id: str) -> str:
    """Return the id of the source of a contract's own results and payments."""
    return f"results-of-{contract_id.lower()}"


def locator_of(sheet: str, row: int) -> str:
    """Return where a row stands: `results row 5`, without a comma, so that it can be typed into accepted.csv."""
    return f"{sheet} row {row}"


def row_of(locator: str) -> int:
    """Return the row that a locator of a row names."""
    return int(locator.rpartition(" ")[2])


def owner_of(contract_id: str, sheets: tuple[str, ...]) -> Owner:
    """Return whose the rows of an import are: those of the sheets that it brings, and of no other."""
    return OwnerOfOneSource(
        source=source_of(contract_id),
        locators=(CONTRACT, *(f"{sheet} row " for sheet in sheets)),
        gives=("label", "unit", "is_net_of_deadweight"),
    )
