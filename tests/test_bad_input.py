"""What `publicvalue check` says of bad input: each case with its exact lines, and what is accepted as it stands.

The project that is spoilt lies in small_project/: C-1 reports a ladder of jobs and crimes avoided, C-2 days in a home
that are net of deadweight already.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from pipeline.facts.characters import ODD_CHARACTER, PLAIN_TEXT
from pipeline.facts.files import SAVE_AS_CSV
from pipeline.load import load

Run = Callable[..., tuple[int, str, str]]

OUTCOMES, PAYMENTS = "raw/C-1/outcomes.csv", "raw/C-1/payments.csv"
CONTRACT, EDITION = "raw/C-1/contract.toml", "reference/editions/main.toml"
MAPPING, TYPES = "reference/metric_outcomes.csv", "reference/outcome_types.csv"
COSTS, LINES = "reference/unit_costs.csv", "reference/outcome_unit_costs.csv"
RATES, SOURCES = "reference/deadweight.csv", "reference/sources.csv"
CORRECTIONS, DEFLATORS = "reference/corrections.csv", "reference/gdp_deflators.csv"

A_NUMBER = "expected a plain number such as 1234.5"
A_DATE = "expected a date such as 2018-10-31"
# How a row of a parameter with a range ends.
RANGED = ",convention,made up,2022-01-31,2030-01-31"
NO_CORRECTIONS = "table,contract_id,locator,column,reported,used,reason,source_id\n"
ACCEPTED = "reference/accepted.csv"
LOOKED_AT = (
    "check,key,value,reason,source_id,accepted_on\n"
    "people_within_engaged,C-1 C-1 line 1,160,looked at,survey-2021,2026-01-31\n"
)


@dataclass(frozen=True)
class Edit:
    """In a file one text becomes another."""

    path: str
    old: str
    new: str

    def apply(self, project: Path) -> None:
        text = (project / self.path).read_bytes().decode()
        assert self.old in text, f"{self.old!r} is not in {self.path}"
        (project / self.path).write_bytes(text.replace(self.old, self.new, 1).encode())


@dataclass(frozen=True)
class Write:
    """A file has another content."""

    path: str
    content: str | bytes

    def apply(self, project: Path) -> None:
        content = self.content if isinstance(self.content, bytes) else self.content.encode()
        (project / self.path).parent.mkdir(exist_ok=True)
        (project / self.path).write_bytes(content)


@dataclass(frozen=True)
class Recode:
    """A file is written in another way."""

    path: str
    how: Callable[[str], str | bytes]

    def apply(self, project: Path) -> None:
        Write(self.path, self.how((project / self.path).read_text(encoding="utf-8"))).apply(project)


@dataclass(frozen=True)
class Add:
    """A file has a further line at its end."""

    path: str
    line: str

    def apply(self, project: Path) -> None:
        Recode(self.path, lambda text: f"{text}{self.line}\n").apply(project)


@dataclass(frozen=True)
class Move:
    """A file has another name."""

    path: str
    name: str

    def apply(self, project: Path) -> None:
        (project / self.path).rename((project / self.path).with_name(self.name))


@dataclass(frozen=True)
class Remove:
    """A file is gone."""

    path: str

    def apply(self, project: Path) -> None:
        (project / self.path).unlink()


@dataclass(frozen=True)
class Link:
    """A path is a symbolic link."""

    path: str
    target: str

    def apply(self, project: Path) -> None:
        (project / self.path).unlink(missing_ok=True)
        (project / self.path).symlink_to(self.target)


@dataclass(frozen=True)
class Folder:
    """A file is a folder."""

    path: str

    def apply(self, project: Path) -> None:
        (project / self.path).unlink()
        (project / self.path).mkdir()


Change = Edit | Write | Recode | Add | Move | Remove | Link | Folder


def case(name: str, *changes: Change, said: str | list[str] = "") -> object:
    """A case: what is changed, and the lines that are said of it."""
    return pytest.param(changes, [said] if isinstance(said, str) else said, id=name)


def quantity(text: str) -> Edit:
    """The first quantity of the first contract becomes another text."""
    return Edit(OUTCOMES, ",60,person,", f",{text},person,")


def not_a_number(name: str, text: str, shown: str = "") -> object:
    cell = f'"{text}"' if "," in text else text
    said = f"{OUTCOMES}:2: quantity: not a number (found '{shown or text}', {A_NUMBER})"
    return case(name, quantity(cell), said=said)


FILES = [
    case("missing file", Remove(TYPES), said=f"{TYPES}:0: file: missing"),
    case("missing contract.toml", Remove(CONTRACT), said=f"{CONTRACT}:0: file: missing"),
    case(
        "empty file",
        Write(PAYMENTS, ""),
        said=f"{PAYMENTS}:1: header: the file is empty (expected "
        "payer,payer_kind,period_start,period_end,amount_gbp,basis,metric_id,source_id,locator,note)",
    ),
    case(
        "header only, raw",
        Recode(OUTCOMES, lambda text: text.partition("\n")[0]),
        said=f"{OUTCOMES}:1: row: no rows (expected at least one row; a file with nothing to say is left out)",
    ),
    case(
        "header only, reference",
        Recode(RATES, lambda text: text.partition("\n")[0]),
        said=f"{RATES}:1: row: no rows (expected at least one row)",
    ),
    case(
        "missing column",
        Edit(SOURCES, "publisher,", ""),
        said=f"{SOURCES}:1: publisher: column missing (found 'source_id,title,published,address,licence,attribution')",
    ),
    case("extra column", Edit(SOURCES, "attribution\n", "attribution,xyz\n"), said=f"{SOURCES}:1: xyz: unknown column"),
    case(
        "misspelt column",
        Edit(OUTCOMES, "quantity", "quantitiy"),
        said=f"{OUTCOMES}:1: quantitiy: unknown column (found 'quantitiy', expected 'quantity')",
    ),
    case("duplicate column", Edit(RATES, ",study", ",study,study"), said=f"{RATES}:1: study: column given twice"),
    case(
        "tabs for commas",
        Recode(OUTCOMES, lambda text: text.replace(",", "\t")),
        said=f"{OUTCOMES}:1: header: the cells are separated by tabs (expected ',')",
    ),
    case(
        "semicolons for commas",
        Recode(COSTS, lambda text: text.replace(",", ";")),
        said=f"{COSTS}:1: header: the cells are separated by ';' (expected ',')",
    ),
    case(
        "UTF-16",
        Recode(OUTCOMES, lambda text: text.encode("utf-16")),
        said=f"{OUTCOMES}:1: file: text in UTF-16 (expected {SAVE_AS_CSV})",
    ),
    case(
        "UTF-16 contract",
        Recode(CONTRACT, lambda text: text.encode("utf-16")),
        said=f"{CONTRACT}:1: file: text in UTF-16 (expected UTF-8 text; save it again as UTF-8)",
    ),
    case(
        "Latin-1 pound sign",
        Recode(PAYMENTS, lambda text: text.replace("54000", "£54000").encode("latin-1")),
        said=f"{PAYMENTS}:3: file: not UTF-8 text (expected UTF-8; save it again)",
    ),
    case(
        "two header lines",
        Recode(OUTCOMES, lambda text: text.partition("\n")[0] + "\n" + text),
        said=f"{OUTCOMES}:2: row: the header again",
    ),
    case(
        "row with a trailing comma",
        Edit(OUTCOMES, "C-1 line 2", "C-1 line 2,"),
        said=f"{OUTCOMES}:3: row: wrong number of cells (found '11', expected 10 cells)",
    ),
    case(
        "trailing commas in every row",
        Recode(OUTCOMES, lambda text: text.replace("\n", ",\n")),
        said=f"{OUTCOMES}:1: (no name): unknown column",
    ),
    case(
        "column of quotes",
        Edit(OUTCOMES, "in the job for 13 weeks", '"""""""'),
        said=f"{OUTCOMES}:3: row: not readable as CSV: unexpected end of data",
    ),
    case(
        "quote that does not close",
        Edit(OUTCOMES, "crimes avoided", '"crimes avoided'),
        said=f"{OUTCOMES}:5: row: not readable as CSV: unexpected end of data",
    ),
    case("file that is a folder", Folder(PAYMENTS), said=f"{PAYMENTS}:0: file: not a file"),
    case(
        "cell of 50 MB in a CSV file",
        Recode(OUTCOMES, lambda _: b"x" * 50_000_000),
        said=f"{OUTCOMES}:0: file: larger than 20 MB (found '50,000,000 bytes')",
    ),
    case(
        "text of 50 MB in a contract",
        Recode(CONTRACT, lambda _: b'name = "' + b"x" * 49_999_992),
        said=f"{CONTRACT}:0: file: larger than 0.1 MB (found '50,000,000 bytes')",
    ),
    case(
        "text of 50 MB in an edition",
        Recode(EDITION, lambda _: b'name = "' + b"x" * 49_999_992),
        said=f"{EDITION}:0: file: larger than 0.1 MB (found '50,000,000 bytes')",
    ),
    case(
        "cell that is too long",
        Edit(OUTCOMES, "started a job", "x" * 131_073),
        said=f"{OUTCOMES}:2: row: a cell longer than 131,072 characters",
    ),
]

FOLDERS = [
    case(
        "folder name and contract_id disagree",
        Edit(CONTRACT, '"C-1"', '"C-3"'),
        said=f"{CONTRACT}:1: contract_id: not the name of its folder (found 'C-3', expected C-1)",
    ),
    case(
        "Outcomes.csv",
        Move(OUTCOMES, "Outcomes.csv"),
        said="raw/C-1/Outcomes.csv:0: file: unknown file (expected 'outcomes.csv')",
    ),
    case(
        "outcome.csv",
        Move(OUTCOMES, "outcome.csv"),
        said="raw/C-1/outcome.csv:0: file: unknown file (expected 'outcomes.csv')",
    ),
    case(
        "payments (1).csv",
        Move(PAYMENTS, "payments (1).csv"),
        said="raw/C-1/payments (1).csv:0: file: unknown file (expected 'payments.csv')",
    ),
    case(
        "unknown file in a contract folder",
        Write("raw/C-1/minutes.docx", "x"),
        said="raw/C-1/minutes.docx:0: file: unknown file "
        "(expected only claims.csv, claims.parquet, contract.toml, metrics.csv, organisations.csv, outcomes.csv, "
        "payments.csv, places.csv, planned_payments.csv, prices.csv, rejected.csv, restatements.csv, service.csv, "
        "targets.csv)",
    ),
    case(
        "claims beside outcomes",
        Write("raw/C-1/claims.csv", "x"),
        said="raw/C-1/outcomes.csv:0: file: outcomes beside claims "
        "(expected only one of them: outcomes are counted from claims.csv)",
    ),
    case(
        "file beside the contract folders",
        Write("raw/C-3.toml", "x"),
        said="raw/C-3.toml:0: file: unknown file (expected only a folder for each contract)",
    ),
    case(
        "unknown reference table",
        Write("reference/unit_cost.csv", "x"),
        said="reference/unit_cost.csv:0: file: unknown file (expected 'unit_costs.csv')",
    ),
    case(
        "edition with another ending",
        Write("reference/editions/other.tml", "x"),
        said="reference/editions/other.tml:0: file: unknown file (expected only main.toml)",
    ),
    case(
        "link out of raw/",
        Write("outside.csv", "secret"),
        Link("raw/C-2/outcomes.csv", "../../outside.csv"),
        said="raw/C-2/outcomes.csv:0: file: a link out of the folder",
    ),
    case(
        "contract folder that is a link out of raw/",
        Write("elsewhere/contract.toml", "secret"),
        Link("raw/C-3", "../elsewhere"),
        said="raw/C-3:0: folder: a link out of the folder",
    ),
    case(
        "link out of reference/",
        Write("outside.csv", "secret"),
        Link(RATES, "../outside.csv"),
        said=f"{RATES}:0: file: a link out of the folder",
    ),
    case(
        "edition id of dots",
        Recode(EDITION, lambda text: text.replace('"main"', '".."')),
        Move(EDITION, "...toml"),
        said="reference/editions/...toml:1: edition: not of the form required "
        "(found '..', expected '^[a-z0-9]+(-[a-z0-9]+)*$')",
    ),
    case(
        "edition id that leads elsewhere",
        Edit(EDITION, '"main"', '"../../main"'),
        said=f"{EDITION}:1: edition: not of the form required "
        "(found '../../main', expected '^[a-z0-9]+(-[a-z0-9]+)*$')",
    ),
    case(
        "two editions with one id",
        Recode("reference/editions/main.toml", lambda text: text),
        Write("reference/editions/second.toml", (Path(__file__).parent / "small_project" / EDITION).read_bytes()),
        said="reference/editions/second.toml:1: edition: not the name of its file (found 'main', expected second)",
    ),
]

TOML = [
    case(
        "unknown key in a contract", Edit(CONTRACT, "stage", "xyz = 1\nstage"), said=f"{CONTRACT}:5: xyz: unknown key"
    ),
    case("unknown key in an edition", Add(EDITION, "horizon = 5"), said=f"{EDITION}:14: horizon: unknown key"),
    case(
        "broken TOML in a contract",
        Edit(CONTRACT, "stage = ", "stage "),
        said=f"{CONTRACT}:5: file: not readable as TOML: Expected '=' after a key in a key/value pair",
    ),
    case(
        "broken TOML in an edition",
        Edit(EDITION, "horizon_years = 5", "horizon_years = 5,0"),
        said=f"{EDITION}:11: file: not readable as TOML: Expected newline or end of document after a statement",
    ),
    case(
        "unknown policy area",
        Edit(CONTRACT, "employment_and_training", "employment"),
        said=f"{CONTRACT}:3: policy_area: not one of the words allowed (found 'employment', expected "
        "['child_and_family_welfare', 'criminal_justice', 'education', 'employment_and_training', 'health', "
        "'homelessness'])",
    ),
    case(
        "number with a remark",
        Edit(CONTRACT, "people_engaged = 100", 'people_engaged = "100 (as of Jan 2019)"'),
        said=f"{CONTRACT}:9: people_engaged: not a whole number "
        "(found '100 (as of Jan 2019)', expected a plain whole number such as 1234)",
    ),
    case(
        "horizon beyond all discount rates",
        Edit(EDITION, "horizon_years = 5", "horizon_years = 61"),
        said=f"{EDITION}:11: horizon_years: too large (found '61', expected at most 60)",
    ),
    case(
        "edition by a price list that does not exist",
        Edit(EDITION, 'value_set = "2015"', 'value_set = "2014"'),
        said=f"{EDITION}:7: value_set: input should be '2015' or '2026' (found '2014')",
    ),
    case(
        "edition in prices of a year without a deflator",
        Edit(EDITION, '"2020-21"', '"2031-32"'),
        said=f"{EDITION}:1: price_year: no deflator for this year (found '2031-32', expected one of gdp_deflators.csv)",
    ),
]

CELLS = [
    not_a_number("thousands separators", "1,234"),
    not_a_number("pounds and thousands", "£1,000"),
    not_a_number("n/a", "n/a"),
    not_a_number("number with a remark", "12 (approx)"),
    not_a_number("scientific notation", "1e3"),
    not_a_number("NaN", "NaN"),
    not_a_number("infinity", "inf"),
    not_a_number("Excel's decimal comma", "1.234,56"),
    not_a_number("non-breaking space", "1\xa0000", r"1\xa0000"),
    not_a_number("Unicode minus", "\N{MINUS SIGN}5"),
    not_a_number("full-width digits", "\N{FULLWIDTH DIGIT SIX}\N{FULLWIDTH DIGIT ZERO}"),
    not_a_number("NUL byte in a number", "6\x000", r"6\x000"),
    case(
        "NUL byte in a text",
        Edit(OUTCOMES, "started a job", "started\x00a job"),
        said=rf"{OUTCOMES}:2: label: {ODD_CHARACTER}, U+0000 (found 'started\x00a job', expected {PLAIN_TEXT})",
    ),
    case(
        "quoted line end",
        Edit(OUTCOMES, "started a job", '"started\r\na job"'),
        said=rf"{OUTCOMES}:2: label: a line end within the cell (found 'started\r\na job')",
    ),
    case(
        "row after a quoted line end",
        Edit(OUTCOMES, "started a job", '"started\na job"'),
        Edit(OUTCOMES, ",12,incident", ",x,incident"),
        said=[
            rf"{OUTCOMES}:2: label: a line end within the cell (found 'started\na job')",
            f"{OUTCOMES}:6: quantity: not a number (found 'x', {A_NUMBER})",
        ],
    ),
    case(
        "leading zero",
        quantity("060"),
        said=f"{OUTCOMES}:2: quantity: a leading zero (found '060', expected the number without it)",
    ),
    case(
        "zero with a minus sign",
        quantity("-0.00"),
        said=f"{OUTCOMES}:2: quantity: a zero with a minus sign (found '-0.00', expected 0)",
    ),
    case(
        "negative quantity",
        quantity("-60"),
        said=f"{OUTCOMES}:2: quantity: too small (found '-60', expected at least 0)",
    ),
    case(
        "fraction of a person",
        quantity("59.5"),
        said=f"{OUTCOMES}:2: quantity: a fraction of a person or an event (found '59.5')",
    ),
    case(
        "more people than were engaged",
        quantity("160"),
        said=f"{OUTCOMES}:2: quantity: more people than were engaged "
        "(found '160', expected at most 100 (people_engaged); or, if it is true, a row in reference/accepted.csv: "
        "people_within_engaged,C-1 C-1 line 1,160)",
    ),
    case(
        "negative payment",
        Edit(PAYMENTS, ",100000,", ",-100000,"),
        said=f"{PAYMENTS}:2: amount_gbp: too small: only money that went back is below 0, with basis 'returned' "
        "(found '-100000')",
    ),
    case(
        "all payments zero",
        Edit("raw/C-2/payments.csv", ",250000,", ",0,"),
        said="raw/C-2/payments.csv:2: amount_gbp: all payments are zero "
        "(found '0', expected at least one above 0; leave the file out if nothing was paid)",
    ),
    case(
        "month 13",
        Edit(OUTCOMES, "2018-04-01", "2018-13"),
        said=f"{OUTCOMES}:2: period_start: not a date (found '2018-13', {A_DATE})",
    ),
    case(
        "day and month swapped",
        Edit(OUTCOMES, "2020-03-31", "2020-31-03"),
        said=f"{OUTCOMES}:2: period_end: not a date (found '2020-31-03', {A_DATE})",
    ),
    case(
        "31 February",
        Edit(OUTCOMES, "2018-04-01", "2018-02-31"),
        said=f"{OUTCOMES}:2: period_start: not a date (found '2018-02-31', {A_DATE})",
    ),
    case(
        "dd/mm/yyyy",
        Edit(OUTCOMES, "2018-04-01", "01/04/2018"),
        said=f"{OUTCOMES}:2: period_start: not a date (found '01/04/2018', {A_DATE})",
    ),
    case(
        "end before start",
        Edit(OUTCOMES, "2020-03-31", "2018-03-31"),
        said=f"{OUTCOMES}:2: period_end: ends before it starts (found '2018-03-31')",
    ),
    case(
        "period in the future",
        Edit("raw/C-2/outcomes.csv", "2019-04-01,2021-03-31", "2029-04-01,2031-03-31"),
        said="raw/C-2/outcomes.csv:2: period_start: begins after its source was published "
        "(found '2029-04-01', expected 2021-06-30 at the latest)",
    ),
    case(
        "period that ends in the future",
        Edit("raw/C-2/outcomes.csv", "2019-04-01,2021-03-31", "2019-04-01,2031-03-31"),
        said="raw/C-2/outcomes.csv:2: period_end: ends after its source was published "
        "(found '2031-03-31', expected 2021-06-30 at the latest)",
    ),
    case(
        "payment of a year without a deflator",
        Edit(PAYMENTS, "2018-04-01,2019-03-31", "2008-04-01,2009-03-31"),
        said=[
            f"{PAYMENTS}:2: period_start: long before the service begins (found '2008-04-01', expected at most 365 "
            "days from 2018-04-01; or, if it is true, a row in reference/accepted.csv: "
            "within_the_service,C-1 C-1 payment 1,2008-04-01)",
            f"{PAYMENTS}:2: period_start: no deflator for this year "
            "(found '2008-09', expected one of gdp_deflators.csv)",
        ],
    ),
    case(
        "duplicate key",
        Add(OUTCOMES, "crimes,crimes avoided,final,2018-04-01,2020-03-31,13,incident,false,survey-2021,C-1 line 5"),
        said=f"{OUTCOMES}:6: row: the same key twice (found 'C-1, crimes, final, 2018-04-01, 2020-03-31, "
        "survey-2021', expected contract_id, metric_id, result_type, period_start, period_end and source_id together "
        "once; first in row 5)",
    ),
    case(
        "same row twice",
        Add(OUTCOMES, "crimes,crimes avoided,final,2018-04-01,2020-03-31,12,incident,false,survey-2021,C-1 line 4"),
        said=f"{OUTCOMES}:6: row: the same row twice (expected each row once; first in row 5)",
    ),
    case(
        "same payment in two contracts",
        Edit("raw/C-2/payments.csv", "C-2 payment 2", "C-1 payment 1"),
        said="raw/C-2/payments.csv:3: row: the same key twice (found 'survey-2021, C-1 payment 1', expected source_id "
        f"and locator together once; first in {PAYMENTS}:2)",
    ),
    case(
        "several faults in one row",
        Edit(
            OUTCOMES,
            "started,started a job,final,2018-04-01,2020-03-31,60,person",
            "started,,Final,01/04/2018,2018-03-31,-1,persons",
        ),
        said=[
            f"{OUTCOMES}:2: label: missing",
            f"{OUTCOMES}:2: period_start: not a date (found '01/04/2018', {A_DATE})",
            f"{OUTCOMES}:2: quantity: too small (found '-1', expected at least 0)",
            f"{OUTCOMES}:2: result_type: not one of the words allowed (found 'Final', expected ['interim', 'final'])",
            f"{OUTCOMES}:2: unit: not one of the words allowed (found 'persons', expected "
            "['day', 'week', 'month', 'quarter', 'year', 'person', 'incident', 'pound'])",
        ],
    ),
    case(
        "script in a cell that is wrong",
        quantity("<script>alert(1)</script>"),
        said=f"{OUTCOMES}:2: quantity: not a number (found '<script>alert(1)</script>', {A_NUMBER})",
    ),
]

REFERENCE = [
    case(
        "metric unknown to the mapping",
        Add(OUTCOMES, "more,more,final,2018-04-01,2020-03-31,1,person,false,survey-2021,C-1 line 5"),
        said=f"{OUTCOMES}:6: metric_id: no treatment "
        f"(found 'more', expected a row in {MAPPING}: outcome, treatment and reason)",
    ),
    case(
        "mapping to an unknown outcome",
        Edit(MAPPING, "C-1,crimes,crime,", "C-1,crimes,crimes,"),
        said=f"{MAPPING}:5: outcome_id: unknown outcome (found 'crimes', expected one of outcome_types.csv, "
        "such as crime (crime avoided))",
    ),
    case(
        "unknown contract in the mapping",
        Add(MAPPING, "C-3,days,housed,,,,valued,weak,days as reported,survey-2021"),
        said=f"{MAPPING}:7: contract_id: unknown contract (found 'C-3', expected a folder in raw/)",
    ),
    case(
        "unknown contract in the deadweight",
        Add(RATES, "job,C-3,studied,0,0.2,0.4,study,weak,costs-2019,table" + RANGED),
        said=f"{RATES}:5: contract_id: unknown contract (found 'C-3', expected a folder in raw/)",
    ),
    case(
        "mapped metric that is not reported",
        Add(MAPPING, "C-2,weeks,housed,,,,valued,weak,weeks,survey-2021"),
        said=f"{MAPPING}:7: metric_id: the metric is not reported "
        "(found 'weeks', expected a row in raw/C-2/outcomes.csv, or no row here)",
    ),
    case(
        "valued outcome without a unit cost",
        Edit(LINES, "2015,crime,harm,1,,,costs-2019,a crime\n", ""),
        said=f"{MAPPING}:5: outcome_id: valued, but the outcome has no unit cost "
        "(found 'crime', expected a row in outcome_unit_costs.csv)",
    ),
    case(
        "valued outcome without deadweight",
        Edit(RATES, f"crime,,assumed,0,0.2,0.4,convention,weak,costs-2019,guidance{RANGED}\n", ""),
        said=f"{MAPPING}:5: outcome_id: valued, but the outcome has no assumed deadweight "
        "(found 'crime', expected a row in deadweight.csv)",
    ),
    case(
        "rung without a milestone",
        Edit(MAPPING, "weeks_13,job,13,week,", "weeks_13,job,,,"),
        said=f"{MAPPING}:3: milestone: a metric treated as rung needs a milestone and its unit",
    ),
    case(
        "value without a grade of its mapping",
        Edit(MAPPING, "valued,medium,days", "valued,,days"),
        said=f"{MAPPING}:6: grade: a metric treated as valued, rung or overlap needs one; no other may have one",
    ),
    case(
        "milestones out of order",
        Edit(MAPPING, "job,13,week", "job,39,week"),
        said=f"{MAPPING}:4: milestone: milestones out of order "
        "(found '26 week', expected a milestone after that of row 3, 39 week)",
    ),
    case(
        "two rungs at one milestone",
        Edit(MAPPING, "job,13,week", "job,26,week"),
        said=[f"{MAPPING}:{row}: milestone: the same milestone twice (found '26 week')" for row in (3, 4)],
    ),
    case(
        "milestone in pounds on the way through time",
        Edit(MAPPING, "job,26,week", "job,26,pound"),
        said=f"{MAPPING}:4: milestone_unit: does not fit the unit of the outcome "
        "(found 'pound for an outcome in year')",
    ),
    case(
        "rungs that are not counted alike",
        Edit(OUTCOMES, ",40,person,", ",40,week,"),
        said=f"{MAPPING}:3: metric_id: not counted like the other milestones of its outcome "
        "(found 'week', expected person)",
    ),
    case(
        "metric that cannot be converted",
        Edit("raw/C-2/outcomes.csv", ",day,", ",incident,"),
        said=f"{MAPPING}:6: metric_id: its unit cannot be converted into that of its outcome "
        "(found 'incident', expected year, or a quantity_per_unit; reported in raw/C-2/outcomes.csv:2)",
    ),
    case(
        "unit cost that cannot be converted",
        Edit(COSTS, ",300,,,week,", ",300,,,incident,"),
        said=f"{LINES}:5: unit_cost_id: its unit cannot be converted into that of the outcome "
        "(found 'incident', expected year)",
    ),
    case(
        "unit cost of a year without a deflator",
        Edit(COSTS, "incident,2018-19", "incident,2008-09"),
        said=f"{COSTS}:6: price_year: no deflator for this year (found '2008-09', expected one of gdp_deflators.csv)",
    ),
    case(
        "unknown unit cost",
        Edit(LINES, "housed,shelter,", "housed,shelters,"),
        said=f"{LINES}:5: unit_cost_id: unknown unit cost (found 'shelters', expected one of unit_costs.csv, "
        "of the list of 2015, such as shelter (temporary accommodation))",
    ),
    case(
        "unit cost of a newer list than its line",
        Edit(COSTS, "2015,shelter,", "2026,shelter,"),
        said=f"{LINES}:5: unit_cost_id: unknown unit cost (found 'shelter', expected one of unit_costs.csv, "
        "of the list of 2015)",
    ),
    case(
        "best estimate at the end of its range",
        Edit(COSTS, ",8000,14000,15000,", ",8000,15000,15000,"),
        said=f"{COSTS}:2: central_gbp: low, central and high are out of order: central lies between the two, or all "
        "three are the same (found '15000')",
    ),
    case(
        "row to be looked at again before it was looked at",
        Edit(
            DEFLATORS,
            "2019-20,97,false,prices-2022,table 1,2022-01-31",
            "2019-20,97,false,prices-2022,table 1,2030-01-31",
        ),
        said=f"{DEFLATORS}:3: review_by: not after checked_on (found '2030-01-31')",
    ),
    case(
        "overlapping unit costs",
        Edit(COSTS, "E&E1.0.2", "E&E1.0.1"),
        said=f"{LINES}:4: unit_cost_id: overlapping unit costs "
        "(found 'health, E&E1.0.1', expected nothing that row 3 covers: benefits, E&E1.0.1)",
    ),
    case(
        "a unit cost and its part",
        Edit(COSTS, "E&E1.0.1", "E&E1.0"),
        said=f"{LINES}:4: unit_cost_id: overlapping unit costs "
        "(found 'health, E&E1.0.2', expected nothing that row 3 covers: benefits, E&E1.0)",
    ),
    case(
        "deadweight below 0",
        Edit(RATES, "crime,,assumed,0,", "crime,,assumed,-0.1,"),
        said=f"{RATES}:4: low: too small (found '-0.1', expected at least 0)",
    ),
    case(
        "deadweight above 1, assumed",
        Edit(RATES, "crime,,assumed,0,0.2,0.4", "crime,,assumed,0,0.2,1.4"),
        said=f"{RATES}:4: high: above 1 without a study that shows harm (found '1.4')",
    ),
    case(
        "deadweight on a count that is net already",
        Add(RATES, "housed,C-2,studied,0,0.2,0.4,study,weak,costs-2019,table" + RANGED),
        said=f"{RATES}:5: contract_id: deadweight for a count that is already net of deadweight (found 'C-2 housed')",
    ),
    case(
        "line that runs on for too long",
        Edit(LINES, "housed,shelter,1,,", "housed,shelter,1,61,"),
        said=f"{LINES}:5: horizon_years: too large (found '61', expected at most 60)",
    ),
    case(
        "unknown source of a result",
        Edit(OUTCOMES, "survey-2021,C-1 line 2", "survey-2012,C-1 line 2"),
        said=f"{OUTCOMES}:3: source_id: unknown source (found 'survey-2012', expected one of sources.csv, "
        "such as survey-2021 (A survey))",
    ),
    case(
        "unknown source of a contract",
        Edit(CONTRACT, "survey-2021", "survey-2012"),
        said=f"{CONTRACT}:1: source_id: unknown source (found 'survey-2012', expected one of sources.csv, "
        "such as survey-2021 (A survey))",
    ),
    case(
        "unknown source of a rejected row",
        Edit("raw/C-2/rejected.csv", "survey-2021", "survey-2012"),
        said="raw/C-2/rejected.csv:0: source_id: unknown source (found 'survey-2012', expected one of sources.csv, "
        "such as survey-2021 (A survey))",
    ),
    case(
        "unknown source of a unit cost",
        Edit(COSTS, "weak,costs-2019", "weak,costs-2018"),
        said=f"{COSTS}:6: source_id: unknown source (found 'costs-2018', expected one of sources.csv, "
        "such as costs-2019 (Unit costs))",
    ),
    case(
        "correction that matches nothing",
        Edit(CORRECTIONS, "C-1 payment 2", "C-1 payment 9"),
        said=f"{CORRECTIONS}:2: locator: the correction matches no row (found 'payments of C-1: C-1 payment 9')",
    ),
    case(
        "correction whose reported value has changed",
        Edit(PAYMENTS, ",54000,", ",54001,"),
        said=f"{CORRECTIONS}:2: reported: the reported value has changed (found '54001', expected '54000')",
    ),
    case(
        "correction that corrects nothing",
        Edit(CORRECTIONS, ",54000,45000,", ",54000,54000,"),
        said=f"{CORRECTIONS}:2: used: the same as reported; what is true though odd is a row of accepted.csv "
        "(found '54000')",
    ),
    case(
        "contract that a correction leaves out",
        Add(CORRECTIONS, "contracts,C-1,C-1,people_engaged,100,,why,survey-2021"),
        said=f"{CORRECTIONS}:3: used: a contract cannot be left out, nor get another id: remove or rename its folder",
    ),
    case(
        "contract that gets another id by a correction",
        Add(CORRECTIONS, "contracts,C-1,C-1,contract_id,C-1,C-9,why,survey-2021"),
        said=f"{CORRECTIONS}:3: used: a contract cannot be left out, nor get another id: remove or rename its folder "
        "(found 'C-9')",
    ),
    case(
        "payment for a metric that there is not",
        Edit(PAYMENTS, ",100000,paid,,", ",100000,paid,nothing,"),
        said=f"{PAYMENTS}:2: metric_id: unknown metric (found 'nothing', expected one of the contract's results, or "
        "none)",
    ),
    case(
        "value accepted on a day to come",
        quantity("160"),
        Write(ACCEPTED, LOOKED_AT.replace("2026-01-31", "2099-12-31")),
        said=f"{ACCEPTED}:2: accepted_on: after today (found '2099-12-31', expected {date.today()} at the latest, "
        "which is today on this computer's clock)",
    ),
    case(
        "fund that stands twice",
        Edit(CONTRACT, '["One Fund"]', '["One Fund", "One fund"]'),
        said=f"{CONTRACT}:4: outcomes_fund: a fund without a name, or twice the same (found 'One Fund; One fund')",
    ),
    case(
        "payer that stands twice",
        Edit(PAYMENTS, "\nA Council,", "\nA Council; A Council,"),
        said=f"{PAYMENTS}:2: payer: a payer without a name, or twice the same (found 'A Council; A Council')",
    ),
    case(
        "nobody targeted",
        Edit(CONTRACT, "people_engaged = 100", "people_engaged = 100\npeople_targeted = 0"),
        said=f"{CONTRACT}:10: people_targeted: too small (found '0', expected at least 1)",
    ),
    case(
        "file of which some rows are missing does not make others wrong",
        Edit(SOURCES, "costs-2019,Unit costs,", "costs-2019,Unit costs"),
        said=f"{SOURCES}:3: row: wrong number of cells (found '6', expected 7 cells)",
    ),
    case(
        "id that cannot be read does not make others wrong",
        Edit(DEFLATORS, "2018-19", "2018/19"),
        said=f"{DEFLATORS}:2: price_year: not of the form required "
        r"(found '2018/19', expected '^(19|20)\d\d-\d\d$')",
    ),
]


@pytest.mark.parametrize(("changes", "lines"), [*FILES, *FOLDERS, *TOML, *CELLS, *REFERENCE])
def test_bad_input_is_said_line_by_line(
    changes: list[Change], lines: list[str], small_project: Path, publicvalue: Run
) -> None:
    for change in changes:
        change.apply(small_project)
    status, out, err = publicvalue("check")
    *said, last = err.splitlines()
    assert said == lines
    assert last == ("1 problem" if len(lines) == 1 else f"{len(lines)} problems") + "; nothing was published."
    assert (status, out) == (1, "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(small_project: Path, publicvalue: Run) -> None:
    (small_project / OUTCOMES).chmod(0)
    status, _, err = publicvalue("check")
    assert status == 1
    assert err.splitlines()[0] == f"{OUTCOMES}:0: file: cannot be read: Permission denied"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([], id="the project as it is"),
        pytest.param([Recode(OUTCOMES, lambda text: text.encode("utf-8-sig"))], id="byte order mark"),
        pytest.param([Recode(CONTRACT, lambda text: text.encode("utf-8-sig"))], id="byte order mark in TOML"),
        pytest.param([Recode(OUTCOMES, lambda text: text.replace("\n", "\r\n"))], id="CRLF"),
        pytest.param([Recode(EDITION, lambda text: text.replace("\n", "\r\n"))], id="CRLF in TOML"),
        pytest.param([Recode(OUTCOMES, lambda text: text.rstrip("\n"))], id="no line end at the end"),
        pytest.param([Add(OUTCOMES, "\n\n")], id="empty lines at the end"),
        pytest.param([quantity("60.00")], id="zeros after a number"),
        pytest.param([quantity('" 60 "')], id="spaces around a number"),
        pytest.param([quantity("160"), Write(ACCEPTED, LOOKED_AT)], id="accepted above the cohort"),
        pytest.param([Edit(OUTCOMES, ",30,person,", ",50,person,")], id="count that rises along a ladder"),
        pytest.param(
            [Add(RATES, "job,,studied,0,1,1.3,a study of harm,medium,costs-2019,table" + RANGED)],
            id="harm that is studied",
        ),
        pytest.param([Write(CORRECTIONS, NO_CORRECTIONS)], id="nothing to correct"),
        pytest.param([Write("raw/README.md", "x"), Write("raw/C-1/.notes", "x")], id="notes for readers"),
        pytest.param([Write("reference/README.md", "x")], id="notes beside the tables"),
        pytest.param([Remove("raw/C-2/rejected.csv")], id="nothing rejected"),
    ],
)
def test_what_is_accepted(changes: list[Change], small_project: Path, publicvalue: Run) -> None:
    for change in changes:
        change.apply(small_project)
    status, out, err = publicvalue("check")
    assert (status, err) == (0, "")
    assert out.startswith("No problem found: 2 contracts, 5 results, 5 payments and commitments, ")


ODD_TEXTS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "<b>A & B</b>",
    "| a | b |",
    "{{ x }}",
)


def test_text_is_data_and_stays_as_it_is(small_project: Path, publicvalue: Run) -> None:
    """Each text in a contract of its own, all in one project."""
    texts = dict(zip(["C-1", *more_contracts(small_project)], ODD_TEXTS, strict=True))
    for contract, text in texts.items():
        Edit(f"raw/{contract}/outcomes.csv", "started a job", text).apply(small_project)
        Edit(f"raw/{contract}/contract.toml", "Work Together", text).apply(small_project)
    status, _, err = publicvalue("check")
    assert (status, err) == (0, "")
    facts, _ = load(small_project / "raw", small_project / "reference")
    names = facts.contracts.set_index("contract_id")["name"].drop("C-2")
    labels = facts.outcomes[facts.outcomes["metric_id"] == "started"].set_index("contract_id")["label"]
    assert names.to_dict() == texts
    assert labels.to_dict() == texts


def test_a_source_that_nobody_cites_is_a_warning(small_project: Path, publicvalue: Run) -> None:
    Add(SOURCES, "memory-2020,A memory,Nobody,2020,,none,").apply(small_project)
    status, out, err = publicvalue("check")
    assert (status, err) == (0, "")
    warning, last = out.splitlines()
    assert warning == f"warning: {SOURCES}:5: source_id: no row cites it (found 'memory-2020')"
    assert last.startswith("No problem found: ")


def test_the_project_s_own_data_have_no_problem_and_no_warning(
    project_root: Path, monkeypatch: pytest.MonkeyPatch, publicvalue: Run
) -> None:
    monkeypatch.chdir(project_root)
    status, out, err = publicvalue("check")
    assert (status, err) == (0, "")
    (line,) = out.splitlines()
    assert line.startswith("No problem found: 100 contracts, ")


TWENTY: list[tuple[Change, str]] = [
    (Edit("raw/C-1/outcomes.csv", ",60,", ",sixty,"), "raw/C-1/outcomes.csv:2: quantity: not a number"),
    (Edit("raw/C-1/payments.csv", ",local,", ",regional,"), "raw/C-1/payments.csv:2: payer_kind: not one of"),
    (Edit("raw/C-2/outcomes.csv", "interim", "preliminary"), "raw/C-2/outcomes.csv:2: result_type: not one of"),
    (Edit("raw/C-2/payments.csv", "2020-04-01", "01/04/2020"), "raw/C-2/payments.csv:3: period_start: not a date"),
    (Edit("raw/C-3/contract.toml", '"C-3"', '"C-33"'), "raw/C-3/contract.toml:1: contract_id: not the name of"),
    (Edit("raw/C-3/outcomes.csv", ",30,", ",-30,"), "raw/C-3/outcomes.csv:4: quantity: too small"),
    (Edit("raw/C-4/contract.toml", "complete", "finished"), "raw/C-4/contract.toml:5: stage: not one of"),
    (Edit("raw/C-4/outcomes.csv", ",40,", ",40.5,"), "raw/C-4/outcomes.csv:3: quantity: a fraction of a person"),
    (Write("raw/C-5/contract.toml", "="), "raw/C-5/contract.toml:1: file: not readable as TOML"),
    (Edit("raw/C-5/payments.csv", ",100000,", ",-1,"), "raw/C-5/payments.csv:2: amount_gbp: too small"),
    (Write("raw/C-6/outcomes.csv", ""), "raw/C-6/outcomes.csv:1: header: the file is empty"),
    (Write("raw/C-6/claims.csv", "x"), "raw/C-6/outcomes.csv:0: file: outcomes beside claims"),
    (Edit("raw/C-7/outcomes.csv", "quantity", "quantitiy"), "raw/C-7/outcomes.csv:1: quantitiy: unknown column"),
    (Edit("raw/C-7/payments.csv", "note\n", "note,x\n"), "raw/C-7/payments.csv:1: x: unknown column"),
    (Move("raw/C-8/payments.csv", "payment.csv"), "raw/C-8/payment.csv:0: file: unknown file"),
    (Edit("raw/C-8/outcomes.csv", ",60,", ",101,"), "raw/C-8/outcomes.csv:2: quantity: more people than"),
    (Edit("raw/C-9/outcomes.csv", "started,", "begun,"), "raw/C-9/outcomes.csv:2: metric_id: no treatment"),
    (Edit("raw/C-9/payments.csv", "survey-2021", "hearsay"), "raw/C-9/payments.csv:2: source_id: unknown source"),
    (Write("raw/C-10/payments.csv", b"\xa3"), "raw/C-10/payments.csv:1: file: not UTF-8 text"),
    (Edit("raw/C-10/outcomes.csv", ",person,", ",people,"), "raw/C-10/outcomes.csv:2: unit: not one of"),
]


def more_contracts(project: Path) -> list[str]:
    """Eight more contracts like the first; returns their names."""
    contracts = [f"C-{number}" for number in range(3, 11)]
    mapping = (project / MAPPING).read_text(encoding="utf-8").splitlines()
    of_first = [line for line in mapping if line.startswith("C-1,")]
    for contract in contracts:
        shutil.copytree(project / "raw" / "C-1", project / "raw" / contract)
        for file in (project / "raw" / contract).iterdir():
            file.write_text(file.read_text(encoding="utf-8").replace("C-1", contract), encoding="utf-8")
        mapping += [line.replace("C-1,", f"{contract},") for line in of_first]
    (project / MAPPING).write_text("\n".join(mapping) + "\n", encoding="utf-8")
    return contracts


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, with the content of files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


def test_twenty_faults_in_ten_contracts_are_all_listed_and_nothing_is_written(
    small_project: Path, publicvalue: Run
) -> None:
    more_contracts(small_project)
    # The first metric of C-9 is not mapped, since it will be misspelt.
    Edit(MAPPING, "C-9,started,job,0,week,,rung,strong,the entry,survey-2021\n", "").apply(small_project)
    for change, _ in TWENTY:
        change.apply(small_project)
    before = tree(small_project)
    status, out, err = publicvalue("check")
    *said, last = err.splitlines()
    unsaid = [line for _, line in TWENTY if not any(each.startswith(line) for each in said)]
    assert unsaid == []
    assert len(said) == len(TWENTY) == 20
    assert (status, out, last) == (1, "", "20 problems; nothing was published.")
    assert tree(small_project) == before
