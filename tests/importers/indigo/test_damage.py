"""The INDIGO import, given half an export, another file, a damaged one, or a raw/ with links: whole, or not at all."""

import csv
import datetime as dt
import io
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipeline.common.files import CannotWriteError, write_all
from pipeline.facts.raw import read_raw
from pipeline.facts.reference import Reference
from pipeline.facts.rules.tables import Tables
from pipeline.facts.rules.values import contracts_paid_nothing, more_returned_than_paid
from pipeline.importers.imported import ImportProblem
from pipeline.importers.indigo import columns as indigo
from pipeline.importers.indigo.importer import plan_import
from pipeline.importers.merge import write_import
from pipeline.tables.reference import Corrections

A, B = "INDIGO-POJ-9001", "INDIGO-POJ-9002"
NO_CORRECTIONS = pd.DataFrame(columns=list(Corrections.to_schema().columns))
Run = Callable[..., tuple[int, str, str]]
Cells = dict[str, str]


def made_up() -> dict[str, list[Cells]]:
    """Two contracts with something in every file; columns that are not named are empty."""
    project = {indigo.STAGE: "Complete", indigo.SECTOR: "Homelessness"}
    period = {indigo.PERIOD_START: "2019-04", indigo.PERIOD_END: "2019-06"}
    paid = period | {indigo.PAYMENT_TYPE: "Actual", indigo.PAYMENT_CURRENCY: "GBP", indigo.PAYER_ID: "INDIGO-ORG-1"}
    return {
        indigo.PROJECTS: [
            project | {"ID": A, indigo.NAME: "Steady Homes", indigo.MAXIMUM: "900000"},
            project | {"ID": B, indigo.NAME: "Work First"},
        ],
        indigo.LOCATIONS: [
            {indigo.PROJECT_ID: each, indigo.COUNTRY_COLUMN: "GB", indigo.PLACE: "Sampleton"} for each in (A, B)
        ],
        indigo.RESULTS: [
            period
            | {
                indigo.PROJECT_ID: each,
                indigo.METRIC_ID: metric,
                indigo.RESULT_TYPE: "Final",
                indigo.ACHIEVED: achieved,
            }
            for each, metric, achieved in ((A, "m1", "12"), (A, "m2", "13"), (B, "m1", "14"))
        ],
        indigo.PAYMENTS: [
            paid | {indigo.PROJECT_ID: each, indigo.PAYMENT_AMOUNT: amount}
            for each, amount in ((A, "400000"), (A, "837077"), (B, "300"), (B, "837077"))
        ],
        indigo.COMMITMENTS: [
            {indigo.PROJECT_ID: B, indigo.ORGANISATION_ID: "INDIGO-ORG-1", indigo.COMMITMENT_AMOUNT: "900"}
        ],
        indigo.PROVISIONS: [{indigo.PROJECT_ID: A, indigo.ORGANISATION_ID: "INDIGO-ORG-2"}],
        indigo.INVESTMENTS: [{indigo.PROJECT_ID: A, indigo.ORGANISATION_ID: "INDIGO-ORG-2", indigo.INVESTED: "250"}],
        indigo.METRICS: [{indigo.PROJECT_ID: A, "Id": "m1", indigo.TARGET_PEOPLE: "40"}],
        indigo.PRICES: [
            {indigo.PROJECT_ID: A, indigo.METRIC_ID: metric, indigo.PRICE_CURRENCY: "GBP", indigo.PRICE: price}
            for metric, price in (("m1", "500"), ("m2", "600"))
        ],
        indigo.PROJECT_FUNDS: [{indigo.PROJECT_ID: A, "Id": "INDIGO-FUND-1"}],
        indigo.FUNDS: [{"ID": "INDIGO-FUND-1", indigo.FUND_NAME: "Made-up Fund"}],
        indigo.ORGANISATIONS: [
            {"ID": "INDIGO-ORG-1", "Name": "Sampleton City Council"},
            {"ID": "INDIGO-ORG-2", "Name": "Steady Charity"},
        ],
    }


def csv_text(name: str, rows: list[Cells], end: str = "\r\n") -> str:
    """A file as INDIGO writes it; the amount stands last, where a cut hurts most."""
    columns = sorted(indigo.COLUMNS[name], key=lambda column: column in (indigo.PAYMENT_AMOUNT, indigo.ACHIEVED))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """The made-up export, as a folder."""
    return written(tmp_path / "export", made_up())


def written(folder: Path, tables: dict[str, list[Cells]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        (folder / name).write_text(csv_text(name, rows), encoding="utf-8", newline="")
    return folder


@pytest.fixture
def raw(tmp_path: Path, export: Path) -> Path:
    """The export as it was imported before."""
    raw = tmp_path / "raw"
    write_import(plan_import(export, raw), raw)
    return raw


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def refused(export: Path, raw: Path, publicvalue: Run) -> Callable[..., str]:
    """Import what must be refused; returns the one line that is said, or the last of several."""

    def of(lines: int = 1) -> str:
        before = snapshot(raw)
        status, out, err = publicvalue("import", "indigo", str(export), "--raw", str(raw))
        assert (status, out) == (1, "")
        assert snapshot(raw) == before
        said = err.splitlines()
        assert len(said) == lines
        assert all(line.isprintable() for line in said)
        return "\n".join(said)

    return of


# --- Half a file is no file ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        # Cut within the last amount: 837077 would have become 837.
        (indigo.PAYMENTS, lambda t: t.removesuffix("077\r\n"), "5: row: the file ends in the middle of a line"),
        (indigo.PAYMENTS, lambda t: t[: t.index(",837077")], "3: row: wrong number of cells (found '9'"),
        (indigo.PAYMENTS, lambda t: t.replace("Actual", '"Actual', 1), ": row: not readable as CSV"),
        (indigo.PAYMENTS, lambda t: t.replace(",Actual", ",,Actual", 1), "wrong number of cells (found '11'"),
        (indigo.PAYMENTS, lambda t: t.replace("Notes", "Notes,Notes - (Value)"), "1: Notes: column given twice"),
        (indigo.PAYMENTS, lambda t: t.replace("\r\n", "\r\n\r\n", 2), "2: row: an empty line among the rows"),
        (indigo.PAYMENTS, lambda t: t + t, "6: row: the header again"),
        (indigo.PAYMENTS, lambda t: t + t[t.index("\n") + 1 :], "6: row: the same row twice"),
        (indigo.PAYMENTS, lambda t: t + "," * 9 + "\r\n", "6: Project ID: missing"),
        (indigo.PAYMENTS, lambda t: "", "1: header: the file is empty"),
        (indigo.PAYMENTS, lambda t: t.replace("400000", "4" * 140_000), "2: row: a cell longer than 131,072"),
        (indigo.PAYMENTS, lambda t: t.replace("400000", "400\x00000"), "2: row: a NUL character"),
        (indigo.PAYMENTS, lambda t: t.replace(",", ";"), "1: header: the cells are separated by ';' (expected ',')"),
        (indigo.FUNDS, lambda t: "<!DOCTYPE html>\n<p>503</p>\n", "1: file: a web page"),
        (indigo.ORGANISATIONS, lambda t: t + "INDIGO-ORG-1,Another\r\n", "4: ID: used twice (found 'INDIGO-ORG-1'"),
    ],
)  # fmt: skip
def test_half_a_file_is_refused_with_its_row(
    export: Path, refused: Callable[..., str], name: str, change: Callable[[str], str], said: str
) -> None:
    text = (export / name).read_bytes().decode()
    changed = change(text)
    assert changed != text
    (export / name).write_bytes(changed.encode())
    line = refused()
    assert line.startswith(f"{name}:")
    assert said in line


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("ID,Name\r\n".encode("utf-16"), "text in UTF-16 (expected UTF-8 text; from Excel: Save As, CSV UTF-8"),
        ("ID,Name\r\n".encode("utf-16-le"), "text in UTF-16"),
        (b"PK\x03\x04" + bytes(100), "a zip file, such as an Excel workbook"),
        (b"ID,Name\r\nINDIGO-ORG-1,\xe9\r\n", "not UTF-8 text"),
    ],
)
def test_what_is_no_csv_is_called_by_its_name(
    export: Path, refused: Callable[..., str], content: bytes, said: str
) -> None:
    (export / indigo.ORGANISATIONS).write_bytes(content)
    assert said in refused()


@pytest.mark.parametrize("name", list(indigo.COLUMNS))
def test_a_file_cut_at_the_end_of_any_row_is_refused(
    export: Path, raw: Path, refused: Callable[..., str], publicvalue: Run, name: str
) -> None:
    lines = (export / name).read_bytes().decode().splitlines(keepends=True)
    for kept in range(1, len(lines)):
        (export / name).write_text("".join(lines[:kept]), newline="")
        status, out, err = publicvalue("import", "indigo", str(export), "--raw", str(raw))
        assert status == 1, kept
        assert out == ""
        assert A in err or B in err


def test_what_is_gone_is_said_and_taken_when_somebody_says_that_it_is_right(
    export: Path, raw: Path, refused: Callable[..., str], publicvalue: Run
) -> None:
    lines = (export / indigo.PAYMENTS).read_bytes().decode().splitlines(keepends=True)
    (export / indigo.PAYMENTS).write_text("".join(lines[:3]), newline="")
    first, last = refused(lines=2).splitlines()
    assert first == f"{B}: missing: 2 of payments.csv"
    assert last == (
        f"{export}: the export lacks rows that raw/ has for 1 contract, so it may have been cut off; nothing was "
        "written. If the rows were rightly removed: --accept-removals."
    )
    status, out, _ = publicvalue("import", "indigo", str(export), "--raw", str(raw), "--accept-removals")
    assert status == 0
    assert f"- {B}/payments.csv: payments: {B} #1" in out.splitlines()


def test_a_row_that_is_rejected_now_is_not_gone(export: Path, raw: Path, publicvalue: Run) -> None:
    tables = made_up()
    tables[indigo.PAYMENTS][0][indigo.PAYMENT_AMOUNT] = "about 400,000"
    status, out, err = publicvalue("import", "indigo", str(written(export, tables)), "--raw", str(raw))
    assert (status, err) == (0, "")
    assert "rejected: 1" in out
    status, out, err = publicvalue("import", "indigo", str(written(export, made_up())), "--raw", str(raw))
    assert (status, err) == (0, "")


# --- Money that goes back -----------------------------------------------------------------------------------


def test_an_amount_below_zero_is_money_that_went_back(export: Path, raw: Path, publicvalue: Run) -> None:
    tables = made_up()
    tables[indigo.PAYMENTS][0][indigo.PAYMENT_AMOUNT] = "-139078"
    status, out, err = publicvalue("import", "indigo", str(written(export, tables)), "--raw", str(raw))
    assert (status, err) == (0, "")
    assert "payments, returned: 1, −£139,078" in out
    payments = read_raw(raw, NO_CORRECTIONS)[0].payments.set_index("locator")
    assert tuple(payments.loc[f"payments: {A} #1", ["basis", "amount_gbp"]]) == ("returned", -139_078)


@pytest.mark.parametrize(
    ("name", "column", "value", "reason"),
    [
        (indigo.PAYMENTS, indigo.PAYMENT_AMOUNT, "-837077.01", "more was paid back than had been paid"),
        (indigo.PAYMENTS, indigo.PERIOD_END, "", "no period, in whose prices it is"),
        (indigo.PAYMENTS, indigo.PERIOD_START, "1999-04", "no such date"),
        (indigo.PROJECTS, indigo.MAXIMUM, "-1", "below 0"),
        (indigo.PROJECTS, indigo.PEOPLE_ENGAGED, "-1", "below 0"),
        (indigo.RESULTS, indigo.ACHIEVED, "-1", "below 0"),
        (indigo.RESULTS, indigo.METRIC_ID, "m2", "a second number for the same metric and period"),
        (indigo.RESULTS, indigo.RESULT_TYPE, "Expected", "neither interim nor final"),
        (indigo.INVESTMENTS, indigo.INVESTED, "-1", "below 0"),
        (indigo.METRICS, indigo.TARGET_PEOPLE, "-1", "below 0"),
        (indigo.METRICS, indigo.TARGET_PEOPLE, "40 (in 2019)", "a number and a date in one field"),
        (indigo.METRICS, "Id", "", "no metric id"),
        (indigo.PRICES, indigo.PRICE, "0", "nothing"),
        (indigo.PRICES, indigo.PRICE, "250001", "more than any price"),
        (indigo.PRICES, indigo.PRICE_MAXIMUM, "499", "less than the price of one"),
        (indigo.PRICES, indigo.METRIC_ID, "m2", "one of several prices of the metric, which nothing tells apart"),
    ],
)
def test_what_check_would_refuse_is_rejected(
    tmp_path: Path, export: Path, name: str, column: str, value: str, reason: str
) -> None:
    tables, raw = made_up(), tmp_path / "raw"
    tables[name][0][column] = value
    write_import(plan_import(written(export, tables), raw), raw)
    facts, problems = read_raw(raw, NO_CORRECTIONS)
    assert {problem.column for problem in problems} <= {"label", "unit"}
    assert reason in set(facts.rejected_rows["reason"])


def test_a_period_that_ends_before_it_starts_stays_only_for_its_correction(small_project: Path, export: Path) -> None:
    tables, raw, reference = made_up(), small_project / "raw", small_project / "reference"
    tables[indigo.PAYMENTS][0][indigo.PERIOD_START] = "2019-08"
    plan = plan_import(written(export, tables), raw, reference)
    assert f"payments: {A} #1" not in plan.files[Path(A) / "payments.csv"]
    assert "ends before it starts" in plan.files[Path(A) / "rejected.csv"]
    with (reference / "corrections.csv").open("a") as corrections:
        corrections.write(f"payments,{A},payments: {A} #1,period_start,2019-08-01,2019-04-01,typing,survey-2021\n")
    plan = plan_import(export, raw, reference)
    assert f"payments: {A} #1" in plan.files[Path(A) / "payments.csv"]


def test_a_contract_with_claims_gets_no_second_count(export: Path, raw: Path) -> None:
    (raw / A / "outcomes.csv").rename(raw / A / "claims.csv")
    plan = plan_import(export, raw)
    assert (plan.changes, plan.removals) == ([], ())
    assert Path(A) / "outcomes.csv" not in plan.files


DAMAGES = (
    *("", " ", "0", "-0", "-0.0", "007", "01.5", "-1", "-139078", "00290", "1e9", "1,200", "9" * 15, "9" * 16),
    *("12.5", "-12.50", "=1"),
    *("1998", "2019-13", "2019-02-30", "2099-12", "2100", "0001-01-01", "2031-01-01", "N/A", "None", "Total", "USD"),
    *("\x1b[31mred", "\u202etxt", "\u200b", "a\u00a0b", "\u0410BC", "a\tb", "a\nb", "a, b", "GB"),
    *("INDIGO-ORG-1, INDIGO-ORG-1", "x" * 300, "Final", "interim", "Planned", "Homelessness", "\ud7ff", "é", "../up"),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(16))
def test_nothing_is_imported_that_check_then_refuses(
    tmp_path: Path, export: Path, reference: Reference, seed: int
) -> None:
    draw, tables, raw = random.Random(seed), made_up(), tmp_path / "raw"
    cells = [(row, column) for name, rows in tables.items() for row in rows for column in indigo.COLUMNS[name]]
    for row, column in draw.sample(cells, draw.randint(1, 6)):
        row[column] = draw.choice(DAMAGES)
    try:
        write_import(plan_import(written(export, tables), raw), raw)
    except ImportProblem as problem:
        said = str(problem)
        assert said.isprintable()
        assert not raw.exists()
        return
    facts, problems = read_raw(raw, NO_CORRECTIONS)
    known = [p for p in problems if p.column not in ("label", "unit") and p.what != "ends before it starts"]
    assert known == []
    no: frozenset[str] = frozenset()
    seen = Tables(facts, reference, "reference", "raw", no, no, frozenset(), no, dt.date(2025, 5, 1))
    assert [*contracts_paid_nothing(seen), *more_returned_than_paid(seen)] == []
    assert all(content.decode().replace("\n", "").isprintable() for content in snapshot(raw).values())


@pytest.mark.parametrize(
    ("given", "written_as", "reason"),
    [
        ("-0", "0", ""),
        ("-0.0", "0", ""),
        ("0.50", "0.5", ""),
        ("10", "10", ""),
        ("00290", "", "a leading zero"),
        ("01.5", "", "a leading zero"),
        ("9" * 16, "", "too many digits"),
    ],
)
def test_no_number_is_written_that_is_then_refused(
    tmp_path: Path, export: Path, given: str, written_as: str, reason: str
) -> None:
    """One that is not taken is rejected with its file and row, as all that is no number."""
    tables, raw = made_up(), tmp_path / "raw"
    tables[indigo.PAYMENTS][0][indigo.PAYMENT_AMOUNT] = given
    tables[indigo.RESULTS][0][indigo.ACHIEVED] = given
    write_import(plan_import(written(export, tables), raw), raw)
    facts, problems = read_raw(raw, NO_CORRECTIONS)
    assert {problem.column for problem in problems} <= {"label", "unit"}
    places = [f"payments: {A} #1", f"results: {A} #1"]
    numbers = dict(zip(facts.payments["locator"], facts.payments["amount_gbp"], strict=True))
    numbers |= dict(zip(facts.outcomes["locator"], facts.outcomes["quantity"], strict=True))
    assert [numbers.get(place) for place in places] == [float(written_as) if written_as else None] * 2
    rejected = dict(zip(facts.rejected_rows["locator"], facts.rejected_rows["reason"], strict=True))
    assert [rejected.get(place, "") for place in places] == [reason] * 2
    if written_as:
        assert f",{written_as}," in (raw / A / "payments.csv").read_text()


# --- Nothing is written through a link ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["folder", "file", "dangling", "device", "fifo", "inside", "file for a folder"])
def test_nothing_is_written_through_a_link(
    tmp_path: Path, export: Path, raw: Path, publicvalue: Run, kind: str
) -> None:
    elsewhere, folder = tmp_path / "elsewhere", raw / A
    shutil.copytree(folder, elsewhere)
    if kind in ("folder", "inside", "file for a folder"):
        shutil.rmtree(folder)
        if kind == "file for a folder":
            folder.write_text("no folder")
        else:
            folder.symlink_to(elsewhere if kind == "folder" else raw / B)
    else:
        file = folder / "payments.csv"
        file.unlink()
        if kind == "fifo":
            os.mkfifo(file)
        else:
            targets = {"file": elsewhere / "payments.csv", "dangling": tmp_path / "new", "device": Path("/dev/full")}
            file.symlink_to(targets[kind])
    tables = made_up()
    tables[indigo.PAYMENTS][0][indigo.PAYMENT_AMOUNT] = "1"
    before = snapshot(tmp_path / "elsewhere") | snapshot(raw)
    status, out, err = publicvalue("import", "indigo", str(written(export, tables)), "--raw", str(raw))
    assert (status, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("cannot write ")
    assert str(folder) in line
    assert snapshot(tmp_path / "elsewhere") | snapshot(raw) == before
    assert not (tmp_path / "new").exists()


def test_a_raw_folder_that_is_a_link_is_the_user_s_choice(tmp_path: Path, export: Path, raw: Path) -> None:
    (tmp_path / "link").symlink_to(raw)
    tables = made_up()
    tables[indigo.PAYMENTS][0][indigo.PAYMENT_AMOUNT] = "1"
    written(export, tables)
    write_import(plan_import(export, tmp_path / "link"), tmp_path / "link")
    assert plan_import(export, raw).changes == []


@pytest.mark.parametrize(
    ("name", "column"),
    [
        (indigo.PROJECTS, indigo.NAME),
        (indigo.ORGANISATIONS, "Name"),
        (indigo.LOCATIONS, indigo.PLACE),
        (indigo.RESULTS, indigo.METRIC_ID),
    ],
)
@pytest.mark.parametrize(
    ("character", "said"),
    [("\x1b", "U+001B"), ("\x07", "U+0007"), ("\x9b", "U+009B"), ("\u202e", "U+202E"), ("\u200b", "ZERO WIDTH SPACE")],
)
def test_characters_that_nobody_sees_reach_neither_terminal_nor_raw(
    export: Path, refused: Callable[..., str], name: str, column: str, character: str, said: str
) -> None:
    tables = made_up()
    tables[name][0][column] += f"{character}[31m"
    written(export, tables)
    line = refused()
    assert said in line
    assert re.search(rf"(projects|locations|commitments|provisions|investments|payments|results): {A}", line)


# --- All or nothing -----------------------------------------------------------------------------------------


def test_a_disk_that_is_full_leaves_everything_as_it_was(
    tmp_path: Path, export: Path, publicvalue: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, real = tmp_path / "raw", Path.write_text

    def full(self: Path, *arguments: object, **named: object) -> int:
        if self.name.startswith(".places.csv.") and raw in self.parents:
            raise OSError(28, "No space left on device")
        return real(self, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", full)
    status, _, err = publicvalue("import", "indigo", str(export), "--raw", str(raw))
    assert (status, err) == (1, f"cannot write {raw / A / 'places.csv'}: No space left on device\n")
    assert not raw.exists()


def test_what_was_written_is_said_when_it_fails_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def stop(source: Path, target: Path) -> None:
        if target.name == "b":
            raise OSError(5, "Input/output error")
        real(source, target)

    monkeypatch.setattr("os.replace", stop)
    with pytest.raises(CannotWriteError, match=r"/b: Input/output error; already written: .*/a$"):
        write_all({tmp_path / name: name for name in "abc"}, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]
