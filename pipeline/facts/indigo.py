"""The INDIGO import: from the dataset's CSV export to one folder per UK contract in `raw/`.

What it is: INDIGO (Government Outcomes Lab, University of Oxford) publishes its impact bond dataset as
a set of CSV files. This module reads them from a folder or a zip and writes, for each project with a
delivery location in Great Britain, `contract.toml`, `outcomes.csv`, `payments.csv`, `organisations.csv`,
`places.csv` and `rejected.csv`.

What belongs here: what INDIGO reports, brought into the raw formats, and the merge with what analysts have
added. Nothing is estimated or corrected: a known error goes to `reference/corrections.csv`.

What stays out: outcome types, values, cut-off dates and every judgement about a figure.

Rules that a reader of `raw/` relies on:

- **Who owns a row.** A row whose `source_id` starts with `indigo-` and whose `locator` starts with
  `results:`, `payments:`, `commitments:`, `projects:`, `provisions:`, `investments:` or `locations:` belongs to the
  import: it is replaced, updated or removed. Every other row was added by hand and stays as it is, after the
  imported ones. The columns `label`, `unit` and `is_net_of_deadweight` are ours and survive an import by `metric_id`.
  In `contract.toml`, keys and sources that the import does not know stay, and so does a value that the export does
  not give.
- **Dates.** INDIGO gives `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. A start, and the date of signing, becomes the
  first day of that year or month, an end the last day. A period that ends before it starts is kept for the correction
  that is made for it; without one its end is rejected.
- **Numbers.** Only a plain number counts (`1,200`, `00290`, `about 50` and prose do not); `-0` is 0.
- **Rejected** means a cell, named in `rejected.csv` by file, row and column. A result without a number and a
  payment without an amount in pounds do not enter the tables at all; a date that cannot be is left empty
  and its row stays. Long texts of the source are not copied, only their length is given.
- **Results stand on their own.** They are not joined with INDIGO's table of metrics, whose ids repeat.
- **Payments** are those of type `Actual` (`paid`) and without a type (`reported`). One below 0 is money that went back
  (`returned`). One without a period is rejected, since its prices are not known. Planned ones are never taken. Maximum
  payments (`commitment`) and a project page's total (`evaluation`) are bases of their own.
- **Organisations** are the entries of INDIGO's own register, by its ids: those that committed or made payments
  (`commissioner`), provided the service (`provider`) and invested (`investor`). Who pays by plan only is not taken. An
  entry whose name stands for several that it does not name, such as "Retail Investors", is marked `is_group`. Of
  investments the amount for the whole contract is a row without an organisation; where a range is given, its low end.
- **Places** are locations of delivery in Great Britain with the point that INDIGO gives, which may be any point of a
  whole county. A point outside the United Kingdom is rejected and left empty; its place stays.
- **Half a file is no file.** A row with fewer or more cells than the header, a name given twice, an empty line, the
  header or a row again, an end within a line: the export is refused. So is one that lacks what an earlier one had,
  until whoever imports says that it is rightly gone.
- **Nothing that `check` refuses.** What would be written is read as `check` reads it, and refused if it would be.
- **Nothing leaves the folder.** Nothing is written through a link within `raw/`. An export is read in memory, never
  unpacked: a zip that holds more than `LARGEST_EXPORT_BYTES`, links, or names that lead out of it is refused whole, and
  so is a project id that cannot name a folder. Cells are text, put on one line, and stay as they are, also where a
  spreadsheet would see a formula.
- **Locators** name file, project and place: `results: INDIGO-POJ-0121 #3` is the third row of that project in
  the results. In the payments, only rows of the two types taken are counted, not planned ones.
"""

import csv
import datetime as dt
import io
import os
import re
import stat
import tomllib
import zipfile
import zlib
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import IO, Any

import pandas as pd
import tomlkit
from tomlkit.exceptions import TOMLKitError

from pipeline.facts.characters import odd_character
from pipeline.facts.files import UnreadableFileError, decoded, read_toml
from pipeline.facts.problems import Problem, one_line
from pipeline.facts.raw import CLAIMS_FILES, read_raw
from pipeline.facts.typed_csv import (
    MINUS_ZERO,
    SAME_ROW,
    TextRows,
    is_number,
    read_text_rows,
    rows_of,
    to_table,
    wrong_digits,
)
from pipeline.tables.base import CONTRACT_ID_PATTERN, LONGEST_NAME
from pipeline.tables.dates import middle_day
from pipeline.tables.raw import LATITUDES, LONGITUDES
from pipeline.tables.reference import Corrections
from pipeline.tables.vocabulary import RESULT_TYPES, RETURNED
from pipeline.writing import not_through_a_link, write_all

INDIGO_SOURCE_ID = "indigo-2025-05"
# Over the files that are read, unpacked; the copy of May 2025 has less than 2 MB.
LARGEST_EXPORT_BYTES = 200_000_000
COUNTRY = "GB"
CURRENCY = "GBP"

PROJECTS = "projects.csv"
LOCATIONS = "projects_delivery_locations.csv"
RESULTS = "projects_results.csv"
PAYMENTS = "projects_outcome_payments.csv"
COMMITMENTS = "projects_outcome_payment_commitments.csv"
PROJECT_FUNDS = "projects_outcome_funds.csv"
FUNDS = "funds.csv"
ORGANISATIONS = "organisations.csv"
PROVISIONS = "projects_service_provisions.csv"
INVESTMENTS = "projects_investments.csv"

PROJECT_ID = "Project ID"
COUNTRY_COLUMN = "Location - Country"
NAME = "Impact Bond Name"
STAGE = "Stage of Development"
SECTOR = "Purpose and classifications - Policy sector"
SIGNED = "Dates - Date outcomes contract signed"
SERVICE_START = "Dates - Start date of service provision"
PEOPLE_TARGETED = "Service and beneficiaries - Targeted number of unique service users or beneficiaries (total)"
PEOPLE_ENGAGED = "Service and beneficiaries - Actual number of unique service users or beneficiaries engaged (total)"
MAXIMUM = "Overall project finance - Maximum potential outcome payment - Amount"
MAXIMUM_CURRENCY = "Overall project finance - Maximum potential outcome payment - Currency"
TOTAL_PAID = "Overall project finance - Total outcome payments made - Amount"
TOTAL_PAID_CURRENCY = "Overall project finance - Total outcome payments made - Currency"
METRIC_ID = "Outcome Metric Id"
RESULT_TYPE = "Result type"
PERIOD_START = "Period - Start"
PERIOD_END = "Period - End"
ACHIEVED = "Outcomes achieved"
ENGAGED = "Number engaged In impact bond"
PAYER_ID = "Payer Organisation ID"
PAYMENT_TYPE = "Type"
PAYMENT_CURRENCY = "Payments - Currency"
PAYMENT_AMOUNT = "Payments - Amount"
NOTES = "Notes"
INVESTMENT = "Overall project finance - Total investment commitment - Amount - Exact"
INVESTMENT_LOW = "Overall project finance - Total investment commitment - Amount - Min"
INVESTMENT_CURRENCY = "Overall project finance - Total investment commitment - Currency"
# In the commitments, the provisions of service and the investments alike.
ORGANISATION_ID = "Organisation ID"
INVESTED = "Investment Commitment - Amount - Exact"
INVESTED_LOW = "Investment Commitment - Amount - Min"
INVESTED_CURRENCY = "Investment Commitment - Currency"
PLACE = "Location - Name"
LATITUDE = "Lat/Lng - Lat"
LONGITUDE = "Lat/Lng - Lng"
COMMITMENT_CURRENCY = "Maximum potential Outcome payment - Currency"
COMMITMENT_AMOUNT = "Maximum potential Outcome payment - Amount"
FUND_NAME = "Fund - Name"

# Which end of service is used, best first, and what `service_end_basis` calls it.
SERVICE_ENDS = {
    "actual": "Dates - Actual end date of service provision",
    "anticipated": "Dates - Anticipated end date of service provision",
    "completion_actual": "Dates - Actual completion date",
    "completion_anticipated": "Dates - Anticipated completion date",
}

# The files and columns that are read (without the suffix ` - (Value)` that most headers carry).
COLUMNS = {
    PROJECTS: (
        "ID",
        NAME,
        STAGE,
        SECTOR,
        SIGNED,
        SERVICE_START,
        *SERVICE_ENDS.values(),
        PEOPLE_TARGETED,
        PEOPLE_ENGAGED,
        MAXIMUM,
        MAXIMUM_CURRENCY,
        TOTAL_PAID,
        TOTAL_PAID_CURRENCY,
        INVESTMENT,
        INVESTMENT_LOW,
        INVESTMENT_CURRENCY,
    ),
    LOCATIONS: (PROJECT_ID, COUNTRY_COLUMN, PLACE, LATITUDE, LONGITUDE),
    RESULTS: (PROJECT_ID, METRIC_ID, RESULT_TYPE, PERIOD_START, PERIOD_END, ACHIEVED, ENGAGED),
    PAYMENTS: (
        PROJECT_ID,
        METRIC_ID,
        PERIOD_START,
        PERIOD_END,
        PAYER_ID,
        PAYMENT_TYPE,
        PAYMENT_CURRENCY,
        PAYMENT_AMOUNT,
        NOTES,
    ),
    COMMITMENTS: (PROJECT_ID, ORGANISATION_ID, COMMITMENT_CURRENCY, COMMITMENT_AMOUNT),
    PROJECT_FUNDS: (PROJECT_ID, "Id"),
    FUNDS: ("ID", FUND_NAME),
    ORGANISATIONS: ("ID", "Name"),
    PROVISIONS: (PROJECT_ID, ORGANISATION_ID),
    INVESTMENTS: (PROJECT_ID, ORGANISATION_ID, INVESTED, INVESTED_LOW, INVESTED_CURRENCY),
}

# Files with a row for each thing of one kind, and those with rows of projects; a project stands once in the first file.
REGISTERS = (FUNDS, ORGANISATIONS)
OF_PROJECTS = tuple(name for name, columns in COLUMNS.items() if PROJECT_ID in columns)

# Files of the export that are not read. They are known so that none is taken for another by its ending.
UNREAD = (
    "projects_outcome_metrics.csv",
    "projects_outcome_payment_plans.csv",
    "projects_outcome_pricings.csv",
)

BASIS_OF_TYPE = {"actual": "paid", "": "reported"}

# Our codes for INDIGO's notes on payments; a note that none of these describes gets no code. A share "of the
# total ... claimed" is not a share of the maximum.
NOTE_CODES = {
    "covid_relief": re.compile(r"covid claim payment", re.IGNORECASE),
    "capped": re.compile(r"capped payments?", re.IGNORECASE),
    "temporary_uplift": re.compile(r"temporary payment of £2000", re.IGNORECASE),
    "share_of_maximum": re.compile(r"\d+% of the total outcome (payment|value) available", re.IGNORECASE),
}

# What tells a kind of payer, looked for in the organisation's name. INDIGO's own type ("Government body")
# does not part central from local and is empty for many. These words place every organisation that pays for
# a GB project in the copy of May 2025, but for foundations, charities and two ids without a name. Sport
# England and the lottery fund are national bodies; combined and Greater London authorities are local.
PAYER_KIND_WORDS = {
    "central": (
        "department for ",
        "ministry of ",
        "cabinet office",
        "home office",
        "national lottery",
        "job centre plus",
        "sport england",
    ),
    "local": (
        "council",
        "borough",
        "local authority",
        "combined authority",
        "greater london authority",
        "ccg",
        "clinical commissioning group",
        "integrated care board",
        "hospital trust",
        "nhs foundation trust",
        "children's trust",
        "police",
    ),
}

# What tells an entry of the register that stands for several organisations, or people, and names none of them. An
# entry that names its members is one organisation.
GROUP_WORDS = (
    "any local authority",
    "six district councils",
    "philanthropic contributions",
    "12 service providers",
    "(charity) members",
    "retail investors",
    "individual investors",
    "local investors",
    "local government pension schemes",
)
# A group as the whole name, since single funds carry the words too.
GROUP_NAMES = ("pension funds",)

# Keys of contract.toml that not every project gives.
OPTIONAL_KEYS = (
    "contract_signed",
    "service_start",
    "service_end",
    "service_end_basis",
    "people_targeted",
    "people_engaged",
)

# All keys of contract.toml that the import fills.
IMPORTED_KEYS = (
    *OPTIONAL_KEYS,
    "contract_id",
    "name",
    "policy_area",
    "outcomes_fund",
    "stage",
    "delivery_places",
    "sources",
)

OWNED_SOURCE = "indigo-"
# How locators name the files of the export.
LOCATOR_KINDS = {
    PROJECTS: "projects",
    RESULTS: "results",
    PAYMENTS: "payments",
    COMMITMENTS: "commitments",
    PROVISIONS: "provisions",
    INVESTMENTS: "investments",
    LOCATIONS: "locations",
}
OWNED_LOCATORS = tuple(f"{kind}:" for kind in LOCATOR_KINDS.values())
CONTRACT_FILE = "contract.toml"
SHORT_VALUE = 40

Row = dict[str, str]
_NUMBER_AND_DATE = re.compile(r"[\d.,]+\s*\(.*\b\d{4}\b.*\)")
# Years as the reader of raw/ takes them: none of these contracts is older.
_DATE = re.compile(r"(20[0-9]{2})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_CONTRACT_ID = re.compile(CONTRACT_ID_PATTERN)


class ImportProblem(Exception):
    """The export, or a file in `raw/` that it has to be merged with, cannot be read as it is."""

    def __str__(self) -> str:
        """Return what is wrong on one line, whatever characters a name in the export has."""
        return one_line(super().__str__())


@dataclass(frozen=True)
class RawContract:
    """One contract as the export reports it, before it is merged with `raw/`.

    `contract` holds the values of contract.toml; the others hold rows of text with the columns of the files of the
    same names.
    """

    contract_id: str
    contract: dict[str, Any]
    outcomes: list[Row]
    payments: list[Row]
    organisations: list[Row]
    places: list[Row]
    rejected: list[Row]


@dataclass(frozen=True)
class _TableFile:
    """A CSV file of a contract folder: its columns, what tells its rows apart, what a change line shows."""

    name: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    shown: tuple[str, ...]
    ours: tuple[str, ...] = ()


OUTCOMES_FILE = _TableFile(
    name="outcomes.csv",
    columns=(
        "metric_id",
        "label",
        "result_type",
        "period_start",
        "period_end",
        "quantity",
        "unit",
        "is_net_of_deadweight",
        "source_id",
        "locator",
    ),
    identity=("metric_id",),
    shown=("quantity", "result_type"),
    ours=("label", "unit", "is_net_of_deadweight"),
)
PAYMENTS_FILE = _TableFile(
    name="payments.csv",
    columns=(
        "payer",
        "payer_kind",
        "period_start",
        "period_end",
        "amount_gbp",
        "basis",
        "metric_id",
        "source_id",
        "locator",
        "note",
    ),
    identity=("locator",),
    shown=("basis", "amount_gbp"),
)
ORGANISATIONS_FILE = _TableFile(
    name="organisations.csv",
    columns=(
        "role",
        "organisation_id",
        "name",
        "is_group",
        "investment_committed_gbp",
        "is_low_end",
        "source_id",
        "locator",
    ),
    identity=("locator", "organisation_id"),
    shown=("role", "name", "investment_committed_gbp"),
)
PLACES_FILE = _TableFile(
    name="places.csv",
    columns=("place", "latitude", "longitude", "source_id", "locator"),
    identity=("locator",),
    shown=("place",),
)
REJECTED_FILE = _TableFile(
    name="rejected.csv",
    columns=("file", "row", "column", "value", "reason", "source_id", "locator"),
    identity=("locator", "column"),
    shown=("value", "reason"),
)


TABLE_FILES = (OUTCOMES_FILE, PAYMENTS_FILE, ORGANISATIONS_FILE, PLACES_FILE, REJECTED_FILE)


@dataclass(frozen=True)
class ImportPlan:
    """What an import would write.

    `files`: the full new text of each file, by its path relative to the raw folder; `changes`: a line per
    row or value that is added (`+`), changed (`~`) or removed (`-`), empty when nothing changes; `removals`: a line per
    contract of which the export no longer has all that an earlier one had, as when it was cut off: whoever writes the
    plan asks first whether that is right.
    """

    files: dict[Path, str]
    changes: list[str]
    _summary: tuple[str, ...]
    removals: tuple[str, ...] = ()

    def summary(self) -> str:
        """Several lines on contracts, results, payments by basis, rejected rows and what is left to do."""
        return "\n".join(self._summary)


# --- The export: finding and reading its files --------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    """A file of an export: its place in the folder or zip, the size that the zip declares, and what opens it."""

    place: PurePosixPath
    declared_bytes: int
    open: Callable[[], IO[bytes]]


# What reading a damaged zip raises; a runtime error is a method of packing or encrypting that is not known.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError)


@contextmanager
def _or_problem(what: str) -> Iterator[None]:
    """Raise ImportProblem, with what cannot be done, when a file or zip cannot be read."""
    try:
        yield
    except _UNREADABLE as error:
        raise ImportProblem(f"{what} ({error})") from error


@contextmanager
def _files_of(path: Path) -> Iterator[list[_File]]:
    """The files of a folder or zip, at any depth; a zip stays open as long as they are read."""
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file())
        # Nobody declares the size of a file in a folder; it is seen when it is read.
        yield [_File(PurePosixPath(f.relative_to(path).as_posix()), 0, _opener(f)) for f in found]
    elif path.is_file() and zipfile.is_zipfile(path):
        with _or_problem(f"{path}: not a readable zip file"):
            archive = zipfile.ZipFile(path)
        with archive:
            files = [info for info in archive.infolist() if not info.filename.endswith("/")]
            yield [_member(path, archive, info) for info in files]
    elif path.exists():
        raise ImportProblem(f"{path}: neither a folder nor a zip file")
    else:
        raise ImportProblem(f"{path}: no such folder or zip file")


def _opener(file: Path) -> Callable[[], IO[bytes]]:
    return lambda: file.open("rb")


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _File:
    """A file of a zip; refuses names that lead out of the zip, links, and what cannot be unpacked within bounds."""
    # Windows paths know both kinds of slashes, and drives.
    name = PureWindowsPath(info.filename)
    if name.anchor or ".." in name.parts:
        raise ImportProblem(f"{path}: the name {info.filename!r} leads out of the zip")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ImportProblem(f"{path}: {info.filename!r} is a link, expected a file")
    if info.flag_bits & 1:
        raise ImportProblem(f"{path}: {info.filename!r} is encrypted; unpack the zip and import its folder")
    # The other methods unpack a block of any size at once, before it could be refused.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ImportProblem(f"{path}: {info.filename!r} is packed by a method that is not read; zip it again")
    return _File(PurePosixPath(info.filename), info.file_size, lambda: archive.open(info))


def _csv_files(path: Path, files: Iterable[_File]) -> list[_File]:
    """The CSV files without hidden ones and archive leftovers, in the order of their places."""
    shown = [file for file in files if not any(part.startswith((".", "__MACOSX")) for part in file.place.parts)]
    found = [file for file in shown if file.place.suffix.lower() == ".csv"]
    inner = [file for file in shown if file.place.suffix.lower() == ".zip"]
    if inner and not found:
        raise ImportProblem(f"{path}: holds no CSV file but another zip, {str(inner[0].place)!r}; unpack it first")
    return sorted(found, key=lambda file: file.place)


def _canonical_name(file_name: str) -> str | None:
    """The known file that a name ends in, after nothing or a prefix that does not end in a letter or digit.

    The longest known name is tried first: `x_projects_outcome_funds.csv` also ends in `funds.csv`.
    """
    for known in sorted((*COLUMNS, *UNREAD), key=len, reverse=True):
        prefix, is_end = file_name[: -len(known)], file_name.lower().endswith(known)
        if is_end and not prefix[-1:].isalnum():
            return known
    return None


def _locate(path: Path, files: Iterable[_File]) -> dict[str, _File]:
    """Which file is which. Of several for one name, the one with the folder and prefix of the other files."""
    candidates: dict[str, list[tuple[str, _File]]] = defaultdict(list)
    for file in files:
        known = _canonical_name(file.place.name)
        if known:
            candidates[known].append((str(file.place)[: -len(known)], file))
    origins = Counter(origin for found in candidates.values() for origin, _ in found)
    located = {}
    for known in COLUMNS:
        found = candidates[known]
        if not found:
            raise ImportProblem(f"{path}: {known} is missing")
        most = max(origins[origin] for origin, _ in found)
        best = [file for origin, file in found if origins[origin] == most]
        if len(best) > 1:
            names = ", ".join(str(file.place) for file in best)
            raise ImportProblem(f"{path}: several files could be {known}: {names}")
        located[known] = best[0]
    return located


def _read_tables(path: Path) -> dict[str, list[Row]]:
    """The needed columns of every needed file, read one after the other within the bound on all of them."""
    tables: dict[str, TextRows] = {}
    left = LARGEST_EXPORT_BYTES
    with _files_of(path) as files:
        for known, file in _locate(path, _csv_files(path, files)).items():
            content = _read_bytes(path, file, left)
            left -= len(content)
            tables[known] = _rows_of(known, file.place, content)
    return {
        known: [{column: record[column] for column in COLUMNS[known]} for record in rows.records]
        for known, rows in tables.items()
    }


def _id_problems(known: str, rows: TextRows) -> Iterator[Problem]:
    """Ids that stand for two things in a register, and rows of no project."""
    of_id: dict[str, Row] = {}
    for record, (path, row) in zip(rows.records, rows.places, strict=True):
        if known in REGISTERS and of_id.setdefault(record["ID"], record) != record:
            yield Problem(path, row, "ID", "used twice", record["ID"], "each once")
        if not record.get(PROJECT_ID, "of no project"):
            yield Problem(path, row, PROJECT_ID, "missing")


def _read_bytes(path: Path, file: _File, at_most: int) -> bytes:
    """The content of a file; the size that a zip declares is believed only where it is too large."""
    content = b""
    if file.declared_bytes <= at_most:
        with _or_problem(f"{path}: {file.place} cannot be read"), file.open() as stream:
            content = stream.read(at_most + 1)
    if max(file.declared_bytes, len(content)) > at_most:
        raise ImportProblem(f"{path}: its files hold more than {LARGEST_EXPORT_BYTES / 1e6:g} MB, up to {file.place}")
    return content


def _plain_name(column: str) -> str:
    """The name of a column without the suffix ` - (Value)` that most headers carry."""
    return column.strip().removesuffix("- (Value)").strip()


def _rows_of(known: str, file: PurePosixPath, content: bytes) -> TextRows:
    """The rows of one file of the export, whole; half a file, or one that is twice what it was, is refused."""
    with _or_refused():
        text = decoded(content, str(file))
    rows = rows_of(text, str(file), COLUMNS[known], name_of=_plain_name, is_export=True)
    if not rows.problems and not text.endswith(("\n", "\r")):
        # All files of INDIGO end with the end of a line. A number cut within its digits is a number too.
        line, what = text.count("\n") + 1, "the file ends in the middle of a line"
        rows.problems.append(Problem(str(file), line, "row", what, expected="the whole file: download it again"))
    rows.problems.extend(_id_problems(known, rows))
    if known in OF_PROJECTS:
        rows.problems.extend(_repeated(rows))
    _refuse(rows.problems)
    return rows


def _repeated(rows: TextRows) -> Iterator[Problem]:
    """Rows that stand in the export already: each of its rows is of something else."""
    first: dict[tuple[str, ...], int] = {}
    for record, (path, row) in zip(rows.records, rows.places, strict=True):
        before = first.setdefault(tuple(record.values()), row)
        if before != row:
            yield Problem(path, row, "row", SAME_ROW, expected=f"each row once; first in row {before}")


@contextmanager
def _or_refused() -> Iterator[None]:
    """Raise ImportProblem for a file that is no text, or no TOML."""
    try:
        yield
    except UnreadableFileError as error:
        _refuse([error.problem])


def _refuse(problems: Iterable[Problem]) -> None:
    """Raise ImportProblem with the first problem, if there is one, and say how many more there are."""
    found = sorted(problems)
    if found:
        more = f"; and {len(found) - 1:,} more" if len(found) > 1 else ""
        raise ImportProblem(f"{found[0]}{more}")


@dataclass(frozen=True)
class _Export:
    """The tables of an export, by project where they have one; `gb_places` counts GB delivery locations."""

    projects: dict[str, Row]
    gb_places: Counter[str]
    results: dict[str, list[Row]]
    payments: dict[str, list[Row]]
    commitments: dict[str, list[Row]]
    provisions: dict[str, list[Row]]
    investments: dict[str, list[Row]]
    locations: dict[str, list[Row]]
    funds: dict[str, list[Row]]
    fund_names: dict[str, str]
    organisation_names: dict[str, str]


def _by_project(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[PROJECT_ID]].append(row)
    return grouped


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _load(path: Path) -> _Export:
    tables = _read_tables(path)
    in_gb = Counter(row[PROJECT_ID] for row in tables[LOCATIONS] if row[COUNTRY_COLUMN] == COUNTRY)
    projects = {row["ID"]: row for row in tables[PROJECTS] if row["ID"] in in_gb}
    _check_ids(in_gb, [row["ID"] for row in tables[PROJECTS]])
    return _Export(
        projects=projects,
        gb_places=in_gb,
        results=_by_project(tables[RESULTS]),
        payments=_by_project(tables[PAYMENTS]),
        commitments=_by_project(tables[COMMITMENTS]),
        provisions=_by_project(tables[PROVISIONS]),
        investments=_by_project(tables[INVESTMENTS]),
        locations=_by_project(tables[LOCATIONS]),
        funds=_by_project(tables[PROJECT_FUNDS]),
        fund_names={row["ID"]: row[FUND_NAME] for row in tables[FUNDS]},
        organisation_names={row["ID"]: _one_line(row["Name"]) for row in tables[ORGANISATIONS]},
    )


def _check_ids(in_gb: Iterable[str], project_ids: list[str]) -> None:
    """Each GB project stands once in projects.csv, under an id that can name a folder."""
    times = Counter(project_ids)
    for contract_id in in_gb:
        if times[contract_id] != 1:
            raise ImportProblem(f"{PROJECTS}: {contract_id!r} stands {times[contract_id]} times, expected once")
        if not _CONTRACT_ID.fullmatch(contract_id) or len(contract_id) > LONGEST_NAME:
            raise ImportProblem(f"{PROJECTS}: ID {contract_id!r} cannot name a folder")


# --- Cells --------------------------------------------------------------------------------------------------


def _date(text: str, is_end: bool) -> dt.date | None:
    """A date of INDIGO: the first day of a year or month, or the last at an end; None if impossible."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        month = month if month is not None else (12 if is_end else 1)
        if day is None:
            day = monthrange(year, month)[1] if is_end else 1
        return dt.date(year, month, day)
    except ValueError:
        return None


def _plain(number: Decimal) -> str:
    """A number without exponent, zeros at its end or a sign of nothing: `145852`, `8629679.5`, `0`."""
    text = f"{number.copy_abs() if number.is_zero() else number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(text: str) -> Decimal | None:
    """A number as the reader of raw/ takes it; a sum of what cancels out may be written as `-0`, and is 0."""
    return Decimal(text) if is_number(text) or MINUS_ZERO.fullmatch(text) else None


def _why_no_number(text: str) -> str:
    if not text:
        return "no number reported"
    if _NUMBER_AND_DATE.fullmatch(text):
        return "a number and a date in one field"
    if what := wrong_digits(text)[0]:
        return what
    return "text in a number field" if len(text) > SHORT_VALUE else "not a plain number"


# Tables and locators, by contract, of what `reference/corrections.csv` corrects; None where that is not known.
_Corrected = frozenset[tuple[str, str, str]] | None


class _Rejections:
    """Collects the rejected cells of one contract, in the order in which they are met.

    `corrected`: what stays as reported though it cannot be, because a correction is made for it.
    """

    def __init__(self, contract_id: str, corrected: _Corrected = None) -> None:
        self.contract_id = contract_id
        self.corrected = corrected
        self.rows: list[Row] = []

    def is_backward(self, table: str, locator: str, start: dt.date | None, end: dt.date | None) -> bool:
        """Whether a period ends before it starts and nothing is known to correct it."""
        if start is None or end is None or end >= start or self.corrected is None:
            return False
        return (table, self.contract_id, locator) not in self.corrected

    def add(self, file: str, row: int, column: str, value: str, reason: str) -> None:
        """Record a cell; `row` counts the rows of this project in the file, from 1, as in the locators."""
        shown = _one_line(value) if len(value) <= SHORT_VALUE else f"(text of {len(value)} characters)"
        if odd := odd_character(shown):
            shown = f"(text with {odd})"
        cells = (
            file,
            str(row),
            column,
            shown,
            reason,
            INDIGO_SOURCE_ID,
            _locator(file, self.contract_id, row),
        )
        self.rows.append(dict(zip(REJECTED_FILE.columns, cells, strict=True)))

    def number(self, file: str, row: int, column: str, value: str) -> Decimal | None:
        """The number in a cell, or None after recording why there is none."""
        found = _number(value)
        if found is None:
            self.add(file, row, column, value, _why_no_number(value))
        return found

    def amount(self, file: str, row: int, column: str, value: str) -> Decimal | None:
        """The number in a cell, at least 0, or None after recording why there is none."""
        found = self.number(file, row, column, value)
        if found is not None and found < 0:
            self.add(file, row, column, value, "below 0")
            return None
        return found

    def date(self, file: str, row: int, column: str, value: str, is_end: bool = False) -> dt.date | None:
        """The date in a cell, or None: if it is empty, or after recording that there is no such date."""
        found = _date(value, is_end)
        if found is None and value:
            self.add(file, row, column, value, "no such date")
        return found

    def whole_number(self, file: str, row: int, column: str, value: str) -> int | None:
        """The count in a cell, or None: if it is empty, or after recording why it is not one."""
        found = self.amount(file, row, column, value) if value else None
        if found is not None and found != int(found):
            self.add(file, row, column, value, "not a whole number")
            return None
        return None if found is None else int(found)

    def is_in_pounds(self, file: str, row: int, column: str, currency: str) -> bool:
        """Whether the currency is GBP; records it if not."""
        if currency != CURRENCY:
            self.add(file, row, column, currency, f"currency is not {CURRENCY}")
        return currency == CURRENCY


def _locator(file: str, contract_id: str, row: int) -> str:
    """Where a row stands in the export, e.g. `results: INDIGO-POJ-0121 #3`."""
    if file == PROJECTS:
        return f"projects: {contract_id}"
    return f"{LOCATOR_KINDS[file]}: {contract_id} #{row}"


def _iso(date: dt.date | None) -> str:
    return date.isoformat() if date else ""


# --- From the export's tables to one contract ---------------------------------------------------------------


def _snake(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _fund_name(export: _Export, fund_id: str) -> str:
    return _one_line(export.fund_names.get(fund_id, fund_id)).removesuffix(" - United Kingdom")


def _contract(export: _Export, contract_id: str, rejections: _Rejections) -> dict[str, Any]:
    """The values of contract.toml in their order; what INDIGO does not give is left out."""
    project = export.projects[contract_id]
    ends = {
        basis: rejections.date(PROJECTS, 1, column, project[column], is_end=True)
        for basis, column in SERVICE_ENDS.items()
    }
    start = rejections.date(PROJECTS, 1, SERVICE_START, project[SERVICE_START])
    for basis, column in SERVICE_ENDS.items():
        if rejections.is_backward("contracts", contract_id, start, ends[basis]):
            rejections.add(PROJECTS, 1, column, project[column], "ends before it starts")
            ends[basis] = None
    end_basis = next((basis for basis, date in ends.items() if date), None)
    fund_ids = dict.fromkeys(row["Id"] for row in export.funds.get(contract_id, []))
    values = {
        "contract_id": contract_id,
        "name": _one_line(project[NAME]),
        "policy_area": _snake(project[SECTOR]),
        "outcomes_fund": [_fund_name(export, fund) for fund in fund_ids],
        "stage": _snake(project[STAGE]),
        "contract_signed": rejections.date(PROJECTS, 1, SIGNED, project[SIGNED]),
        "service_start": start,
        "service_end": ends[end_basis] if end_basis else None,
        "service_end_basis": end_basis,
        "people_targeted": rejections.whole_number(PROJECTS, 1, PEOPLE_TARGETED, project[PEOPLE_TARGETED]),
        "people_engaged": rejections.whole_number(PROJECTS, 1, PEOPLE_ENGAGED, project[PEOPLE_ENGAGED]),
        "delivery_places": export.gb_places[contract_id],
        "sources": [{"source_id": INDIGO_SOURCE_ID, "locator": _locator(PROJECTS, contract_id, 1)}],
    }
    return {key: value for key, value in values.items() if value is not None}


def _outcomes(rows: list[Row], rejections: _Rejections) -> list[Row]:
    """One row per result with a plain number; every other result is rejected on `Outcomes achieved`."""
    outcomes = []
    told: set[tuple[str, str, dt.date | None, dt.date | None]] = set()
    for ordinal, row in enumerate(rows, start=1):
        quantity = rejections.amount(RESULTS, ordinal, ACHIEVED, row[ACHIEVED])
        if row[ENGAGED]:
            rejections.number(RESULTS, ordinal, ENGAGED, row[ENGAGED])
        if quantity is None:
            continue
        if not row[METRIC_ID]:
            rejections.add(RESULTS, ordinal, ACHIEVED, row[ACHIEVED], "no metric id to count it under")
            continue
        result_type = _one_line(row[RESULT_TYPE].lower())
        if result_type not in RESULT_TYPES:
            rejections.add(RESULTS, ordinal, RESULT_TYPE, row[RESULT_TYPE], "neither interim nor final")
            continue
        start, end = _period(RESULTS, "outcomes", ordinal, row, rejections)
        key = (_one_line(row[METRIC_ID]), result_type, start, end)
        if key in told:
            rejections.add(RESULTS, ordinal, ACHIEVED, row[ACHIEVED], "a second number for the same metric and period")
            continue
        told.add(key)
        outcomes.append(
            {
                "metric_id": _one_line(row[METRIC_ID]),
                "label": "",
                "result_type": result_type,
                "period_start": _iso(start),
                "period_end": _iso(end),
                "quantity": _plain(quantity),
                "unit": "",
                "is_net_of_deadweight": "false",
                "source_id": INDIGO_SOURCE_ID,
                "locator": _locator(RESULTS, rejections.contract_id, ordinal),
            }
        )
    return outcomes


def _period(
    file: str, table: str, ordinal: int, row: Row, rejections: _Rejections
) -> tuple[dt.date | None, dt.date | None]:
    """Start and end of a period; an end before the start is rejected, unless a correction is made for that row."""
    start = rejections.date(file, ordinal, PERIOD_START, row[PERIOD_START])
    end = rejections.date(file, ordinal, PERIOD_END, row[PERIOD_END], is_end=True)
    if rejections.is_backward(table, _locator(file, rejections.contract_id, ordinal), start, end):
        rejections.add(file, ordinal, PERIOD_END, row[PERIOD_END], "ends before it starts")
        end = None
    return start, end


def _payer(export: _Export, ids: str) -> dict[str, str]:
    """The names of the payers whose ids are given, joined by `; `, and their kind."""
    names = [_name(export, payer) for payer in _ids(ids)]
    return {"payer": "; ".join(names), "payer_kind": _payer_kind(names)}


def _ids(cell: str) -> list[str]:
    """The ids of a cell that may hold several, each once."""
    return list(dict.fromkeys(part for part in (_one_line(each) for each in cell.split(",")) if part))


def _name(export: _Export, organisation_id: str) -> str:
    """The name that the register gives an id; one that the register does not have stays as its id."""
    return export.organisation_names.get(organisation_id) or organisation_id


def _payer_kind(names: list[str]) -> str:
    """`central` or `local` if all payers are, `unknown` if none can be placed, else `mixed`."""
    kinds = {_kind_of_one(name) for name in names}
    if kinds <= {"unknown"}:
        return "unknown"
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _kind_of_one(name: str) -> str:
    for kind, words in PAYER_KIND_WORDS.items():
        if any(word in name.lower() for word in words):
            return kind
    return "unknown"


def _note_code(note: str) -> str:
    return next((code for code, pattern in NOTE_CODES.items() if pattern.search(note)), "")


def _payment_row(amount: Decimal, basis: str, locator: str, payer: dict[str, str], **cells: str) -> Row:
    row = dict.fromkeys(PAYMENTS_FILE.columns, "") | payer | cells
    return row | {
        "amount_gbp": _plain(amount),
        "basis": basis,
        "source_id": INDIGO_SOURCE_ID,
        "locator": locator,
    }


def _payments_taken(export: _Export, contract_id: str) -> list[Row]:
    return [row for row in export.payments.get(contract_id, []) if row[PAYMENT_TYPE].lower() in BASIS_OF_TYPE]


def _recorded(export: _Export, rejections: _Rejections) -> list[Row]:
    """Payments of type `Actual` and without a type, and money that went back: those below 0.

    An amount of 0 is a reported fact and stays, but not where nothing else is recorded of the contract. What went back
    is rejected where by some day it is more than what was paid by then.
    """
    found = dict(_recorded_by_place(export, rejections))
    amounts = {ordinal: Decimal(row["amount_gbp"]) for ordinal, row in found.items()}
    # As `check` does: by the last day of each period and by that in its middle; of one day what was paid comes first.
    in_time = (
        sorted(found, key=lambda ordinal: (day(found[ordinal]), -amounts[ordinal])) for day in (_last_day, _middle_day)
    )
    if any(min(accumulate(amounts[ordinal] for ordinal in order), default=0) < 0 for order in in_time):
        _reject_amounts(
            [n for n, amount in amounts.items() if amount < 0], found, "more went back than was paid", rejections
        )
    if not any(amounts[ordinal] for ordinal in found):
        _reject_amounts(list(found), found, "all payments of the contract are zero", rejections)
    return list(found.values())


def _last_day(row: Row) -> dt.date:
    return dt.date.fromisoformat(row["period_end"])


def _middle_day(row: Row) -> dt.date:
    return middle_day(dt.date.fromisoformat(row["period_start"]), _last_day(row))


def _reject_amounts(ordinals: list[int], found: dict[int, Row], why: str, rejections: _Rejections) -> None:
    for ordinal in ordinals:
        rejections.add(PAYMENTS, ordinal, PAYMENT_AMOUNT, found.pop(ordinal)["amount_gbp"], why)


def _recorded_by_place(export: _Export, rejections: _Rejections) -> Iterator[tuple[int, Row]]:
    """Those that can be used, by their number among themselves: planned rows come and go from export to export."""
    for ordinal, row in enumerate(_payments_taken(export, rejections.contract_id), start=1):
        if not rejections.is_in_pounds(PAYMENTS, ordinal, PAYMENT_CURRENCY, row[PAYMENT_CURRENCY]):
            continue
        amount = rejections.number(PAYMENTS, ordinal, PAYMENT_AMOUNT, row[PAYMENT_AMOUNT])
        if amount is None:
            continue
        start, end = _period(PAYMENTS, "payments", ordinal, row, rejections)
        if start is None or end is None:
            rejections.add(PAYMENTS, ordinal, PAYMENT_AMOUNT, row[PAYMENT_AMOUNT], "no period, in whose prices it is")
            continue
        yield (
            ordinal,
            _payment_row(
                amount,
                RETURNED if amount < 0 else BASIS_OF_TYPE[row[PAYMENT_TYPE].lower()],
                _locator(PAYMENTS, rejections.contract_id, ordinal),
                _payer(export, row[PAYER_ID]),
                period_start=_iso(start),
                period_end=_iso(end),
                metric_id=_one_line(row[METRIC_ID]),
                note=_note_code(row[NOTES]),
            ),
        )


def _project_amount(project: Row, amount_column: str, currency_column: str, rejections: _Rejections) -> Decimal | None:
    """An amount of projects.csv; a currency that is not given is pounds, since the projects are GB ones."""
    if not project[amount_column]:
        return None
    if not rejections.is_in_pounds(PROJECTS, 1, currency_column, project[currency_column] or CURRENCY):
        return None
    return rejections.amount(PROJECTS, 1, amount_column, project[amount_column])


def _payer_maxima(export: _Export, rejections: _Rejections, period: dict[str, str]) -> Iterator[Row]:
    """Each payer's own maximum, where a number is given."""
    for ordinal, row in enumerate(export.commitments.get(rejections.contract_id, []), start=1):
        if not row[COMMITMENT_AMOUNT]:
            continue
        currency = row[COMMITMENT_CURRENCY] or CURRENCY
        if not rejections.is_in_pounds(COMMITMENTS, ordinal, COMMITMENT_CURRENCY, currency):
            continue
        amount = rejections.amount(COMMITMENTS, ordinal, COMMITMENT_AMOUNT, row[COMMITMENT_AMOUNT])
        if amount is None:
            continue
        locator = _locator(COMMITMENTS, rejections.contract_id, ordinal)
        yield _payment_row(amount, "commitment", locator, _payer(export, row[ORGANISATION_ID]), **period)


def _project_sums(export: _Export, contract: dict[str, Any], rejections: _Rejections) -> Iterator[Row]:
    """The maximum (of the project, else of its payers: never both, they are the same money) and the total."""
    contract_id = rejections.contract_id
    project, nobody = export.projects[contract_id], _payer(export, "")
    period = {f"period_{end}": _iso(contract.get(f"service_{end}")) for end in ("start", "end")}
    maximum = _project_amount(project, MAXIMUM, MAXIMUM_CURRENCY, rejections)
    if maximum is None:
        yield from _payer_maxima(export, rejections, period)
    else:
        yield _payment_row(maximum, "commitment", f"projects: {contract_id} maximum", nobody, **period)
    total = _project_amount(project, TOTAL_PAID, TOTAL_PAID_CURRENCY, rejections)
    if total is not None:
        locator = f"projects: {contract_id} total payments made"
        yield _payment_row(total, "evaluation", locator, nobody, **period)


def _organisation_row(export: _Export, role: str, organisation_id: str, locator: str, **cells: str) -> Row:
    name = _name(export, organisation_id)
    is_group = name.lower() in GROUP_NAMES or any(words in name.lower() for words in GROUP_WORDS)
    return dict.fromkeys(ORGANISATIONS_FILE.columns, "") | {
        "role": role,
        "organisation_id": organisation_id,
        "name": name,
        "is_group": _true_or_false(is_group),
        "is_low_end": "false",
        "source_id": INDIGO_SOURCE_ID,
        "locator": locator,
        **cells,
    }


def _true_or_false(value: bool) -> str:
    return "true" if value else "false"


def _organisations_of(file: str, ordinal: int, row: Row, rejections: _Rejections) -> list[str]:
    """The ids of the organisations that a row names, at least one unless it is rejected."""
    found = _ids(row[ORGANISATION_ID])
    if not found:
        rejections.add(file, ordinal, ORGANISATION_ID, "", "no organisation")
    return found


def _commissioners(export: _Export, rejections: _Rejections) -> Iterator[Row]:
    """Who committed to pay, with or without an amount, and who paid without being named there."""
    contract_id, named = rejections.contract_id, set()
    committed = export.commitments.get(contract_id, [])
    naming = [
        (COMMITMENTS, ordinal, _organisations_of(COMMITMENTS, ordinal, row, rejections))
        for ordinal, row in enumerate(committed, start=1)
    ]
    paid = enumerate(_payments_taken(export, contract_id), start=1)
    # Somebody pays every quarter, and is one commissioner.
    for file, ordinal, ids in (*naming, *((PAYMENTS, ordinal, _ids(row[PAYER_ID])) for ordinal, row in paid)):
        for organisation_id in ids:
            if organisation_id not in named:
                named.add(organisation_id)
                yield _organisation_row(export, "commissioner", organisation_id, _locator(file, contract_id, ordinal))


def _providers(export: _Export, rejections: _Rejections) -> Iterator[Row]:
    for ordinal, row in enumerate(export.provisions.get(rejections.contract_id, []), start=1):
        locator = _locator(PROVISIONS, rejections.contract_id, ordinal)
        for organisation_id in _organisations_of(PROVISIONS, ordinal, row, rejections):
            yield _organisation_row(export, "provider", organisation_id, locator)


def _investors(export: _Export, rejections: _Rejections) -> Iterator[Row]:
    """The amount that all investors together committed, then each investor with its own where there is one."""
    contract_id = rejections.contract_id
    columns = (INVESTMENT, INVESTMENT_LOW, INVESTMENT_CURRENCY)
    total = _investment(PROJECTS, 1, export.projects[contract_id], columns, rejections)
    if total:
        yield _organisation_row(export, "investor", "", f"projects: {contract_id} investment", **total)
    columns = (INVESTED, INVESTED_LOW, INVESTED_CURRENCY)
    for ordinal, row in enumerate(export.investments.get(contract_id, []), start=1):
        amount = _investment(INVESTMENTS, ordinal, row, columns, rejections)
        locator = _locator(INVESTMENTS, contract_id, ordinal)
        ids = _organisations_of(INVESTMENTS, ordinal, row, rejections)
        if amount and len(ids) > 1:
            # Each with the whole of it, it would count as often as there are names.
            given = amount["investment_committed_gbp"]
            rejections.add(INVESTMENTS, ordinal, INVESTED, given, "one amount of several organisations")
            amount = {}
        for organisation_id in ids:
            yield _organisation_row(export, "investor", organisation_id, locator, **amount)


def _investment(
    file: str, ordinal: int, row: Row, columns: tuple[str, str, str], rejections: _Rejections
) -> dict[str, str]:
    """The exact amount, else the low end of a range; nothing if none is given or none is usable.

    ``columns``: of the exact amount, of the low end, and of the currency, which is pounds if it is not given.
    """
    exact, low, currency = columns
    column = exact if row[exact] else low
    if not row[column] or not rejections.is_in_pounds(file, ordinal, currency, row[currency] or CURRENCY):
        return {}
    amount = rejections.amount(file, ordinal, column, row[column])
    if amount is None:
        return {}
    return {"investment_committed_gbp": _plain(amount), "is_low_end": _true_or_false(column == low)}


def _places(rows: list[Row], rejections: _Rejections) -> Iterator[Row]:
    """Each location in Great Britain; an empty point stays empty, one outside the country is rejected."""
    for ordinal, row in enumerate(rows, start=1):
        if row[COUNTRY_COLUMN] != COUNTRY:
            rejections.add(LOCATIONS, ordinal, COUNTRY_COLUMN, row[COUNTRY_COLUMN], "not in Great Britain")
            continue
        if not row[PLACE]:
            rejections.add(LOCATIONS, ordinal, PLACE, "", "no name of a place")
            continue
        yield {
            "place": _one_line(row[PLACE]),
            **_point(ordinal, row, rejections),
            "source_id": INDIGO_SOURCE_ID,
            "locator": _locator(LOCATIONS, rejections.contract_id, ordinal),
        }


def _point(ordinal: int, row: Row, rejections: _Rejections) -> dict[str, str]:
    """Latitude and longitude, both or neither."""
    found = {}
    for name, column, limits in (("latitude", LATITUDE, LATITUDES), ("longitude", LONGITUDE, LONGITUDES)):
        number = rejections.number(LOCATIONS, ordinal, column, row[column]) if row[column] else None
        if number is not None and not limits[0] <= number <= limits[1]:
            rejections.add(LOCATIONS, ordinal, column, row[column], "outside the United Kingdom")
            number = None
        found[name] = "" if number is None else _plain(number)
    return found if all(found.values()) else dict.fromkeys(found, "")


def _raw_contract(export: _Export, contract_id: str, corrected: _Corrected) -> RawContract:
    rejections = _Rejections(contract_id, corrected)
    contract = _contract(export, contract_id, rejections)
    outcomes = _outcomes(export.results.get(contract_id, []), rejections)
    payments = [*_recorded(export, rejections), *_project_sums(export, contract, rejections)]
    organisations = [
        *_commissioners(export, rejections),
        *_providers(export, rejections),
        *_investors(export, rejections),
    ]
    places = list(_places(export.locations.get(contract_id, []), rejections))
    return RawContract(contract_id, contract, outcomes, payments, organisations, places, rejections.rows)


def _contracts(export: _Export, corrected: _Corrected = None) -> dict[str, RawContract]:
    return {contract_id: _raw_contract(export, contract_id, corrected) for contract_id in export.projects}


def read_export(path: Path) -> dict[str, RawContract]:
    """Read INDIGO's CSV export, a folder or a zip, and return its GB contracts in the export's order.

    File names may carry a prefix and stand in a sub-folder. Raises ImportProblem, naming the file and the
    column, if a file or a column is missing, or a file cannot be read.
    """
    return _contracts(_load(path))


# --- Merging with raw/ --------------------------------------------------------------------------------------


def _is_owned(row: Mapping[str, Any]) -> bool:
    """Whether the import may change a row or source, or someone added it by hand."""
    source_id, locator = str(row.get("source_id", "")), str(row.get("locator", ""))
    return source_id.startswith(OWNED_SOURCE) and locator.startswith(OWNED_LOCATORS)


def _existing_rows(path: Path, table: _TableFile) -> list[Row]:
    if not path.exists():
        return []
    rows = read_text_rows(path, str(path), table.columns, expected_rows=None)
    _refuse(rows.problems)
    return rows.records


def _keep_ours(rows: list[Row], existing: list[Row], table: _TableFile) -> list[Row]:
    """The rows with our own columns as they are in `raw/`, found by metric and locator, else by metric."""
    if not table.ours:
        return rows
    known: dict[tuple[str, ...], Row] = {}
    for row in existing:
        known.setdefault((row["metric_id"],), row)
        known[row["metric_id"], row["locator"]] = row
    merged = []
    for row in rows:
        ours = known.get((row["metric_id"], row["locator"])) or known.get((row["metric_id"],)) or row
        merged.append(row | {column: ours[column] for column in table.ours})
    return merged


def _csv_text(rows: Iterable[Row], table: _TableFile) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, table.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _by_identity(rows: Iterable[Row], table: _TableFile) -> dict[tuple[str, int], Row]:
    """The rows by what tells them apart; rows that share it are counted."""
    seen: Counter[str] = Counter()
    keyed = {}
    for row in rows:
        identity = " ".join(row[column] for column in table.identity)
        seen[identity] += 1
        keyed[identity, seen[identity]] = row
    return keyed


def _row_changes(path: Path, old_rows: list[Row], new_rows: list[Row], table: _TableFile) -> Iterator[str]:
    """A line per row that is new, changed or gone."""
    old, new = _by_identity(old_rows, table), _by_identity(new_rows, table)
    for key, row in new.items():
        if key not in old:
            shown = ", ".join(f"{column} {row[column]}" for column in table.shown if row[column])
            yield f"+ {path.as_posix()}: {key[0]} {shown}"
        elif row != old[key]:
            yield f"~ {path.as_posix()}: {key[0]} {_cell_changes(old[key], row)}"
    for key in old:
        if key not in new:
            yield f"- {path.as_posix()}: {key[0]}"


def _cell_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    def show(value: object) -> str:
        return str(value) if value not in ("", None) else "(none)"

    return ", ".join(f"{key} {show(old.get(key))} -> {show(new[key])}" for key in new if old.get(key) != new[key])


@dataclass(frozen=True)
class _Merged:
    """One contract as it will stand in `raw/`."""

    contract_id: str
    contract: dict[str, Any]
    rows: dict[_TableFile, list[Row]]
    files: dict[Path, str]
    changes: list[str]
    kept_keys: list[str]
    lost: Counter[str]


def _merge_table(
    existing: list[Row], path: Path, imported: list[Row], table: _TableFile
) -> tuple[list[Row], list[str]]:
    """The rows that a file will hold, imported ones first, and what changes."""
    owned = [row for row in existing if _is_owned(row)]
    imported = _keep_ours(imported, owned, table)
    by_hand = [row for row in existing if not _is_owned(row)]
    return imported + by_hand, list(_row_changes(path, owned, imported, table))


def _merge(raw_dir: Path, raw: RawContract) -> _Merged:
    folder = Path(raw.contract_id)
    text, changes, kept_keys, lost_funds = _merge_contract(raw_dir, folder / CONTRACT_FILE, raw.contract)
    files = {folder / CONTRACT_FILE: text}
    tables = {
        OUTCOMES_FILE: raw.outcomes,
        PAYMENTS_FILE: raw.payments,
        ORGANISATIONS_FILE: raw.organisations,
        PLACES_FILE: raw.places,
        REJECTED_FILE: raw.rejected,
    }
    if any(os.path.lexists(raw_dir / folder / name) for name in CLAIMS_FILES):
        # Its results are counted from claims; what INDIGO says of them would be a second count.
        del tables[OUTCOMES_FILE]
    before = {table: _existing_rows(raw_dir / folder / table.name, table) for table in tables}
    rows: dict[_TableFile, list[Row]] = {table: [] for table in TABLE_FILES}
    for table, imported in tables.items():
        path = folder / table.name
        rows[table], table_changes = _merge_table(before[table], path, imported, table)
        changes += table_changes
        # A contract without such rows has no such file; one that has lost them keeps the header.
        if rows[table] or (raw_dir / path).exists():
            files[path] = _csv_text(rows[table], table)
            if not table_changes and _differs(raw_dir / path, files[path]):
                changes.append(f"~ {path.as_posix()}: layout only (quotes, line ends or order of rows)")
    lost = _lost(before, rows) + Counter({"its outcomes funds": lost_funds})
    return _Merged(raw.contract_id, tomllib.loads(text), rows, files, changes, kept_keys, lost)


def _lost(before: Mapping[_TableFile, list[Row]], now: Mapping[_TableFile, list[Row]]) -> Counter[str]:
    """How much of what an earlier export had of a contract this one lacks: rows by file, and names of organisations.

    A row that is still there and was rejected now, or no longer, is not lost.
    """
    kept = {(row["locator"], row.get("organisation_id", "")) for rows in now.values() for row in rows}
    rejected = {row["locator"] for row in now[REJECTED_FILE]}
    lost: Counter[str] = Counter()
    for table, rows in before.items():
        for row in filter(_is_owned, rows):
            key = row["locator"], row.get("organisation_id", "")
            places = {place for place, _ in kept} if table is REJECTED_FILE else rejected
            if key not in kept and row["locator"] not in places:
                lost[table.name] += 1
    names = {row["organisation_id"]: row["name"] for row in before.get(ORGANISATIONS_FILE, []) if _is_owned(row)}
    for row in now[ORGANISATIONS_FILE]:
        was_named = names.get(row["organisation_id"], row["name"]) != row["organisation_id"]
        if row["organisation_id"] and row["name"] == row["organisation_id"] and was_named:
            lost["the names of organisations"] += 1
    return lost


def _merge_contract(raw_dir: Path, path: Path, values: dict[str, Any]) -> tuple[str, list[str], list[str], int]:
    """The new text of a contract.toml, what changes in it, which keys stay though the export lacks them, funds lost.

    An existing file is edited in place, so that comments, other keys and other sources stay.
    """
    current = raw_dir / path
    document = _toml(current) if current.exists() else tomlkit.document()
    old = document.unwrap()
    imported = {key: value for key, value in values.items() if key != "sources"}
    for key, value in imported.items():
        if key not in old or old[key] != value:
            document[key] = value
    source_changes = _merge_sources(current, document, values["sources"][0])
    if not old:
        return tomlkit.dumps(document), [f"+ {path.as_posix()}: {values['name']}"], [], 0
    changed = ", ".join(filter(None, (_cell_changes(old, imported), source_changes)))
    kept = [key for key in OPTIONAL_KEYS if key in old and key not in values]
    named = old.get("outcomes_fund", [])
    lost = [fund for fund in named if fund not in values["outcomes_fund"]] if isinstance(named, list) else []
    return tomlkit.dumps(document), [f"~ {path.as_posix()}: {changed}"] if changed else [], kept, len(lost)


def _toml(file: Path) -> tomlkit.TOMLDocument:
    with _or_refused():
        # Refused as `check` refuses it, before a parser sees it that knows no bound.
        read_toml(file, str(file))
    try:
        return tomlkit.parse(file.read_bytes().decode("utf-8-sig"))
    except TOMLKitError as error:
        raise ImportProblem(f"{file}: not readable as TOML ({error})") from error


def _merge_sources(path: Path, document: tomlkit.TOMLDocument, ours: dict[str, str]) -> str:
    """Put the import's entry among the [[sources]], or bring it up to date; returns what changes."""
    if "sources" not in document:
        document.add(tomlkit.nl())
        document["sources"] = tomlkit.aot()
    sources = document["sources"]
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        raise ImportProblem(f"{path}: sources is not a list of tables ([[sources]])")
    for source in sources:
        if _is_owned(source):
            changed = _cell_changes(source, ours)
            if changed:
                source.update(ours)
            return changed
    entry = tomlkit.table()
    entry.update(ours)
    sources.append(entry)
    return f"source {ours['source_id']} added"


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_bytes() != text.encode("utf-8")


def plan_import(path: Path, raw_dir: Path, reference_dir: Path | None = None) -> ImportPlan:
    """Work out what importing the export at `path` into `raw_dir` would change; nothing is written.

    `reference_dir`: where corrections.csv tells which rows are to stay as reported though they cannot be. Raises
    ImportProblem as `read_export` does, if a file in `raw_dir` cannot be merged with, and for what `check` would
    refuse; CannotWriteError where a link or something else stands in the place of a file.
    """
    export = _load(path)
    corrections = _corrections(reference_dir)
    contracts = _contracts(export, None if corrections is None else _corrected(corrections)).values()
    for contract in contracts:
        for name in (CONTRACT_FILE, *(table.name for table in TABLE_FILES)):
            not_through_a_link(raw_dir / contract.contract_id / name, raw_dir)
    merged = [_merge(raw_dir, raw) for raw in contracts]
    _refuse_what_check_refuses(path, merged, corrections)
    return ImportPlan(
        files={path: text for contract in merged for path, text in contract.files.items()},
        changes=[line for contract in merged for line in contract.changes],
        _summary=tuple(_summarise(export, merged, raw_dir)),
        removals=tuple(_removals(merged, raw_dir)),
    )


def write_import(plan: ImportPlan, raw_dir: Path) -> None:
    """Write the files of a plan that differ from what is there, all or none of them as far as the disk lets it."""
    texts = {raw_dir / path: text for path, text in plan.files.items()}
    for path in texts:
        not_through_a_link(path, raw_dir)
    write_all({path: text for path, text in texts.items() if _differs(path, text)}, raw_dir)


def _removals(merged: list[_Merged], raw_dir: Path) -> Iterator[str]:
    for contract in merged:
        if contract.lost:
            yield f"{contract.contract_id}: gone are {', '.join(f'{n} of {what}' for what, n in contract.lost.items())}"
    for contract_id in _absent(merged, raw_dir):
        yield f"{contract_id}: gone is the whole contract"


# --- What `check` says of it --------------------------------------------------------------------------------

# Ours to fill in, and said in the summary; whoever imports cannot know them yet.
LEFT_TO_DO = ("label", "unit")


def _corrections(reference_dir: Path | None) -> pd.DataFrame | None:
    """The corrections of the project, None if it has none."""
    if reference_dir is None or not os.path.lexists(reference_dir / "corrections.csv"):
        return None
    columns = list(Corrections.to_schema().columns)
    rows = read_text_rows(
        reference_dir / "corrections.csv", f"{reference_dir.name}/corrections.csv", columns, expected_rows=None
    )
    table, problems = to_table(rows, Corrections, index_by_row=True)
    _refuse([*rows.problems, *problems])
    return table


def _corrected(corrections: pd.DataFrame) -> frozenset[tuple[str, str, str]]:
    return frozenset(corrections[["table", "contract_id", "locator"]].itertuples(index=False, name=None))


def _refuse_what_check_refuses(path: Path, merged: list[_Merged], corrections: pd.DataFrame | None) -> None:
    """Read what would be written as `check` reads it, and refuse what it would refuse of the import's own rows.

    Common faults of an export are rejected cell by cell before; this is for all others, so that nothing is imported
    with which nothing can be published.
    """
    by_folder = {contract.contract_id: contract for contract in merged if contract.changes}
    known = pd.DataFrame(columns=list(Corrections.to_schema().columns)) if corrections is None else corrections
    with TemporaryDirectory(prefix="publicvalue-import-") as folder:
        write_all(
            {Path(folder) / "raw" / file: text for c in by_folder.values() for file, text in c.files.items()},
            Path(folder),
        )
        _, problems = read_raw(Path(folder) / "raw", known) if by_folder else (None, [])
    backward = "ends before it starts"
    told = [
        said
        for problem in sorted(problems)
        if not problem.is_warning and not (corrections is None and problem.what == backward)
        if (said := _said_of_own_row(problem, by_folder))
    ]
    if told:
        more = f"; and {len(told) - 1:,} more" if len(told) > 1 else ""
        raise ImportProblem(f"{path}: {told[0]}{more}")


def _said_of_own_row(problem: Problem, by_folder: Mapping[str, _Merged]) -> str:
    """The problem at its place in the export; nothing of what was added by hand, or is left to do."""
    contract = by_folder.get(PurePosixPath(problem.path).parent.name)
    file = PurePosixPath(problem.path).name
    if contract is None:
        return ""
    locator = _locator(PROJECTS, contract.contract_id, 1)
    if file != CONTRACT_FILE:
        rows = next((rows for table, rows in contract.rows.items() if table.name == file), [])
        if not 0 <= problem.row - 2 < len(rows) or not _is_owned(rows[problem.row - 2]):
            return ""
        locator = rows[problem.row - 2]["locator"]
        if problem.column in LEFT_TO_DO and not problem.found:
            return ""
    elif problem.column not in IMPORTED_KEYS:
        return ""
    return f"{locator}: {str(problem).split(': ', 1)[1]}"


# --- The summary --------------------------------------------------------------------------------------------


def _summarise(export: _Export, merged: list[_Merged], raw_dir: Path) -> Iterator[str]:
    """The lines of ImportPlan.summary(); those that would say "none" are left out."""
    yield from _totals(export, merged)
    yield from _listed("metrics that need a label or unit", _unlabelled(merged))
    yield from _listed("kept though the export does not give it", _kept(merged))
    yield from _listed("ends before it starts, kept as reported", _backward(merged))
    yield from _listed("left alone, not in the export", _absent(merged, raw_dir))


def _totals(export: _Export, merged: list[_Merged]) -> Iterator[str]:
    """Counts and sums of the import's own rows."""
    changed = sum(bool(contract.changes) for contract in merged)
    yield f"contracts: {len(merged)}, of which new or changed: {changed}"
    with_results = [n for n in (_count_owned(contract.rows[OUTCOMES_FILE]) for contract in merged) if n]
    yield f"results with a number: {sum(with_results)} in {len(with_results)} contracts"
    payments = [row for contract in merged for row in contract.rows[PAYMENTS_FILE] if _is_owned(row)]
    for basis in dict.fromkeys(row["basis"] for row in payments):
        amounts = [Decimal(row["amount_gbp"]) for row in payments if row["basis"] == basis]
        total = sum(amounts)
        yield f"payments, {basis}: {len(amounts)}, {'−' if total < 0 else ''}£{abs(total):,.0f}"
    yield from _payments_not_taken(export)
    yield from _organisations_and_places(merged)
    reasons = Counter(row["reason"] for contract in merged for row in contract.rows[REJECTED_FILE] if _is_owned(row))
    yield f"rejected: {reasons.total()}"
    yield from (f"  {reason}: {count}" for reason, count in reasons.items())


def _payments_not_taken(export: _Export) -> Iterator[str]:
    types = Counter(
        row[PAYMENT_TYPE].lower() for project in export.projects for row in export.payments.get(project, [])
    )
    yield from (f"payments not taken, {kind}: {n}" for kind, n in types.items() if kind not in BASIS_OF_TYPE)


def _organisations_and_places(merged: list[_Merged]) -> Iterator[str]:
    rows = [row for contract in merged for row in contract.rows[ORGANISATIONS_FILE] if _is_owned(row)]
    for role in dict.fromkeys(row["role"] for row in rows):
        ids = {row["organisation_id"] for row in rows if row["role"] == role and row["organisation_id"]}
        yield f"{role}s: {len(ids)}"
    yield f"places: {sum(_count_owned(contract.rows[PLACES_FILE]) for contract in merged)}"


def _count_owned(rows: Iterable[Row]) -> int:
    return sum(_is_owned(row) for row in rows)


def _listed(title: str, items: Iterable[str], at_most: int = 20) -> Iterator[str]:
    items = list(dict.fromkeys(items))
    if items:
        yield f"{title}: {len(items)}"
        yield from (f"  {item}" for item in items[:at_most])
    if len(items) > at_most:
        yield f"  and {len(items) - at_most} more"


def _unlabelled(merged: list[_Merged]) -> Iterator[str]:
    for contract in merged:
        for row in contract.rows[OUTCOMES_FILE]:
            if not (row["label"] and row["unit"]):
                yield f"{contract.contract_id} {row['metric_id']}"


def _kept(merged: list[_Merged]) -> Iterator[str]:
    for contract in merged:
        for key in contract.kept_keys:
            yield f"{contract.contract_id} {key} = {contract.contract[key]}"


def _backward(merged: list[_Merged]) -> Iterator[str]:
    for contract in merged:
        start, end = contract.contract.get("service_start"), contract.contract.get("service_end")
        # A date added by hand may be a text or carry a time: not this report's business.
        if type(start) is type(end) is dt.date and end < start:
            yield f"{contract.contract_id} service_start {start}, service_end {end}"
        for row in contract.rows[OUTCOMES_FILE] + contract.rows[PAYMENTS_FILE]:
            if "" < row["period_end"] < row["period_start"]:
                yield f"{row['locator']} {row['period_start']} to {row['period_end']}"


def _absent(merged: list[_Merged], raw_dir: Path) -> Iterator[str]:
    """Contract folders that an earlier import made and that this export no longer has."""
    present = {contract.contract_id for contract in merged}
    for file in sorted(raw_dir.glob(f"*/{CONTRACT_FILE}")):
        if file.parent.name not in present and _is_imported(file):
            yield file.parent.name


def _is_imported(file: Path) -> bool:
    try:
        sources = read_toml(file, str(file)).get("sources", [])
    except UnreadableFileError:
        return False
    return any(isinstance(source, dict) and _is_owned(source) for source in sources)
