"""A template as a stranger fills it in: three metrics, three payments, and what a test changes of it."""

import datetime as dt
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl

CONTRACT_ID = "NORTH-1"
FACTS: dict[str, Any] = {
    "name": "Northern Job Start",
    "policy area": "employment_and_training",
    "stage": "complete",
    "contract signed": "March 2018",
    "service start": dt.date(2018, 4, 1),
    "service end": dt.date(2020, 3, 31),
    "people engaged": 90,
    "source title": "Northern Job Start: final results",
    "source publisher": "Northern Combined Authority",
    "source published": "June 2020",
    "source licence": "fact cited",
}
RESULTS: list[list[Any]] = [
    ["started", "started a job", "final", "2018/19", None, 50, "person", None, "job"],
    ["weeks_13", "in the job for 13 weeks", "final", dt.date(2018, 4, 1), dt.date(2020, 3, 31), 36, "person", "no", ""],
    ["weeks_26", "in the job for 26 weeks", "final", "1 April 2018", "31/03/2020", "24", "person", "no", None],
]
PAYMENTS: list[list[Any]] = [
    ["A Council", "local", "2018/19", None, "£60,000.00", "paid", None, None],
    ["A Council", "local", "2019/20", None, "41\u00a0500", "paid", None, None],
    ["A Council", "local", None, None, 150000, "commitment", None, None],
]
MAPPED = [
    "NORTH-1,started,job,0,week,,rung,strong,the entry,results-of-north-1",
    "NORTH-1,weeks_13,job,13,week,,rung,strong,13 weeks,results-of-north-1",
    "NORTH-1,weeks_26,job,26,week,,rung,strong,26 weeks,results-of-north-1",
]
# The first row of a sheet that is filled in, after headings and hints.
FIRST = 3


def fill(
    template: Path,
    facts: Mapping[str, Any] = FACTS,
    results: Iterable[Iterable[Any]] = RESULTS,
    payments: Iterable[Iterable[Any]] = PAYMENTS,
    change: Callable[[openpyxl.Workbook], None] = lambda book: None,
) -> Path:
    """Fill in a template where it lies; ``change`` does with the workbook what else somebody might do."""
    book = openpyxl.load_workbook(template)
    for line in book["contract"].iter_rows(min_row=2):
        asked = str(line[0].value)
        if asked in facts:
            line[1].value = facts[asked]
    for name, rows in (("results", results), ("payments", payments)):
        for number, cells in enumerate(rows, start=FIRST):
            for column, value in enumerate(cells, start=1):
                book[name].cell(number, column, value)
    change(book)
    book.save(template)
    return template


def with_part(path: Path, part: str, change: Callable[[str], str], *, into: Path) -> Path:
    """Copy a workbook with the text of one of its parts changed, as no program would write it."""
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name)
            if name == part:
                changed = change(text.decode()).encode()
                assert changed != text
                text = changed
            after.writestr(name, text)
    return into


def part_of_sheet(path: Path, name: str) -> str:
    """The part of a workbook, as openpyxl writes it, that holds a sheet."""
    number = openpyxl.load_workbook(path, read_only=True).sheetnames.index(name) + 1
    return f"xl/worksheets/sheet{number}.xml"


def copied(path: Path, into: Path) -> Path:
    """Copy a file, and return where it is now."""
    return Path(shutil.copy(path, into))
