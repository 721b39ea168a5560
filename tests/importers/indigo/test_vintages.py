"""A later vintage of INDIGO: what is unchanged stays, what is new has the source of its vintage, what was said is kept.

Belongs here: two vintages, one after the other. What one export is read as stands in the tests beside.
"""

import csv
import datetime as dt
import os
import zipfile
from pathlib import Path

import pytest

from pipeline.facts.raw import read_raw
from pipeline.importers.imported import ImportProblem
from pipeline.importers.indigo import columns as indigo
from pipeline.importers.indigo.importer import plan_import
from pipeline.importers.indigo.vintages import source_of, vintage_of
from pipeline.importers.sources import COLUMNS
from pipeline.tables.reference import Corrections
from tests.conftest import Run
from tests.importers.indigo.made_up_export import (
    NEXT,
    TODAY,
    VINTAGE,
    A,
    B,
    Tables,
    csv_text,
    location,
    payment,
    read_rows,
    result,
    run_import,
    snapshot,
    write_export,
)

PROJECT = Path(__file__).parents[3]
C = "INDIGO-POJ-9004"
OLD, NEW = f"indigo-{VINTAGE}", f"indigo-{NEXT}"


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """Reference tables with the source of the first vintage and no correction."""
    folder = tmp_path / "reference"
    folder.mkdir()
    with (folder / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerow(source_of(VINTAGE))
    columns = ",".join(Corrections.to_schema().columns)
    (folder / "corrections.csv").write_text(f"{columns}\n", encoding="utf-8")
    return folder


def next_vintage(tables: Tables) -> None:
    """Change an export as a year does: a project, results, a payment are new or other, and a row comes in between."""
    tables[indigo.PROJECTS].append(
        {"ID": C, indigo.NAME: "New Start", indigo.STAGE: "Implementation", indigo.SECTOR: "Education"}
    )
    tables[indigo.LOCATIONS].append(location(C, "Sampleton"))
    tables[indigo.RESULTS][0] |= {indigo.ACHIEVED: "15", indigo.PERIOD_END: "2026-03"}
    tables[indigo.RESULTS].insert(0, result(A, "outcomemetric0", "1"))
    tables[indigo.PAYMENTS].insert(1, payment(A, "700", kind="Actual", payer="INDIGO-ORG-2"))
    tables[indigo.PAYMENTS][2][indigo.PAYMENT_AMOUNT] = "4100"


def test_only_what_changed_has_the_new_source(tmp_path: Path, tables: Tables, raw: Path, reference: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    before = snapshot(raw)
    next_vintage(tables)
    plan = run_import(write_export(tmp_path / "export", tables), raw, NEXT, reference)
    assert plan.changes == [
        f"+ reference/sources.csv: {NEW}",
        f"+ {A}/outcomes.csv: outcomemetric0 quantity 1, result_type final",
        f"~ {A}/outcomes.csv: outcomemetric1 period_end 2020-02-29 -> 2026-03-31, quantity 12 -> 15, "
        f"source_id {OLD} -> {NEW}, locator results: {A} #1 -> results: {A} #2 ({NEXT})",
        f"+ {A}/payments.csv: payments: {A} #1 basis paid, amount_gbp 700",
        f"~ {A}/payments.csv: payments: {A} #2 amount_gbp 4000 -> 4100, source_id {OLD} -> {NEW}, "
        f"locator payments: {A} #1 -> payments: {A} #2",
        f"+ {C}/contract.toml: New Start",
        f"+ {C}/places.csv: locations: {C} #1 place Sampleton",
    ]
    places = {row["metric_id"]: (row["source_id"], row["locator"]) for row in read_rows(raw / A / "outcomes.csv")}
    assert places == {
        "outcomemetric0": (NEW, f"results: {A} #1"),
        "outcomemetric1": (NEW, f"results: {A} #2 ({NEXT})"),
        # Third in the export now; it says what it said, and is cited as it was read.
        "outcomemetric2": (OLD, f"results: {A} #2"),
    }
    after = snapshot(raw)
    assert {name for name in before if after[name] != before[name]} == {f"{A}/outcomes.csv", f"{A}/payments.csv"}
    rows = {row["source_id"]: row for row in read_rows(reference / "sources.csv")}
    assert rows[NEW]["published"] == NEXT
    assert rows[NEW]["attribution"].endswith("copy of April 2026; facts only, labels are ours")


def test_a_vintage_that_is_imported_twice_changes_nothing(
    tmp_path: Path, tables: Tables, raw: Path, reference: Path
) -> None:
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    next_vintage(tables)
    path = write_export(tmp_path / "export", tables)
    dry = plan_import(path, raw, reference, NEXT, TODAY)
    run_import(path, raw, NEXT, reference)
    assert {name: text.encode() for name, text in dry.files.items()} == {
        name: (raw / name).read_bytes() for name in dry.files
    }
    before = snapshot(tmp_path)
    assert run_import(path, raw, NEXT, reference).changes == []
    # The same export under a later month says nothing new, so nothing is of that month.
    assert run_import(path, raw, "2026-10", reference).changes == []
    assert snapshot(tmp_path) == before


def test_what_was_said_before_is_kept(tmp_path: Path, tables: Tables, raw: Path, reference: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    next_vintage(tables)
    tables[indigo.PROJECTS][0][indigo.PEOPLE_TARGETED] = "210"
    del tables[indigo.RESULTS][2]
    path = write_export(tmp_path / "export", tables)
    assert run_import(path, raw, NEXT, reference).removals == (f"{A}: missing: 1 of outcomes.csv",)
    told = [tuple(row.values()) for row in read_rows(raw / A / "restatements.csv")]
    second, first_paid = f"results: {A} #2", f"payments: {A} #2"
    assert told == [
        ("contracts", "", "people_targeted", "200", "210", OLD, NEW, f"projects: {A}"),
        ("outcomes", "outcomemetric1", "period_end", "2020-02-29", "2026-03-31", OLD, NEW, second),
        ("outcomes", "outcomemetric1", "quantity", "12", "15", OLD, NEW, second),
        ("outcomes", "outcomemetric2", "quantity", "145852", "", OLD, NEW, second),
        ("payments", "", "amount_gbp", "4000", "4100", OLD, NEW, first_paid),
    ]
    facts, problems = read_raw(raw, Corrections.empty())
    assert [problem for problem in problems if problem.path.endswith("restatements.csv")] == []
    assert facts.restatements["value_after"].tolist() == ["210", "2026-03-31", "15", "", "4100"]


def test_what_a_vintage_corrects_of_itself_is_one_restatement(
    tmp_path: Path, tables: Tables, raw: Path, reference: Path
) -> None:
    def said(quantity: str) -> list[tuple[str, str]]:
        tables[indigo.RESULTS][0][indigo.ACHIEVED] = quantity
        run_import(write_export(tmp_path / "export", tables), raw, NEXT, reference)
        file = raw / A / "restatements.csv"
        rows = read_rows(file) if file.exists() else []
        return [(row["value_before"], row["value_after"]) for row in rows]

    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    assert said("15") == [("12", "15")]
    assert said("16") == [("12", "16")]
    assert said("12") == []


def test_the_first_vintage_restates_nothing(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    tables[indigo.RESULTS][0][indigo.ACHIEVED] = "15"
    run_import(write_export(tmp_path / "export", tables), raw)
    assert not list(raw.rglob("restatements.csv"))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_rows_that_only_moved_are_not_changed(
    tmp_path: Path, tables: Tables, raw: Path, order: tuple[int, ...]
) -> None:
    rows = [payment(A, amount, kind="Actual", note=note) for amount, note in (("10", "x"), ("20", ""), ("10", "y"))]
    tables[indigo.PAYMENTS] = rows
    run_import(write_export(tmp_path / "export", tables), raw)
    tables[indigo.PAYMENTS] = [rows[n] for n in order]
    plan = run_import(write_export(tmp_path / "export", tables), raw, NEXT)
    assert all(line.endswith("layout only (quotes, line ends or order of rows)") for line in plan.changes)
    assert {row["source_id"] for row in read_rows(raw / A / "payments.csv")} == {OLD}


def test_a_result_after_its_vintage_is_refused_and_under_its_own_taken(
    tmp_path: Path, tables: Tables, raw: Path, reference: Path
) -> None:
    tables[indigo.RESULTS][0][indigo.PERIOD_END] = "2026-03"
    path = write_export(tmp_path / "export", tables)
    refused = f"results: {A} #1: period_end: ends after its source was published .found '2026-03-31'"
    with pytest.raises(ImportProblem, match=refused):
        run_import(path, raw, VINTAGE, reference)
    assert not raw.exists()
    run_import(path, raw, NEXT, reference)
    assert read_rows(raw / A / "outcomes.csv")[0]["period_end"] == "2026-03-31"


def test_a_correction_that_no_longer_fits_stops_the_import(
    tmp_path: Path, tables: Tables, raw: Path, reference: Path
) -> None:
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    corrections = reference / "corrections.csv"
    row = f"outcomes,{A},results: {A} #1,quantity,12,13,misread,{OLD}\n"
    corrections.write_text(corrections.read_text(encoding="utf-8") + row, encoding="utf-8")
    before = snapshot(tmp_path / "raw")
    tables[indigo.RESULTS][0][indigo.ACHIEVED] = "15"
    path = write_export(tmp_path / "export", tables)
    with pytest.raises(
        ImportProblem,
        match=r"reference/corrections.csv:2: reported: the reported value has changed \(found '15', expected '12'\); "
        "look at the row of the source again, change or delete the correction, and import once more",
    ):
        run_import(path, raw, NEXT, reference)
    assert snapshot(tmp_path / "raw") == before
    corrections.write_text(corrections.read_text(encoding="utf-8").replace(",12,", ",15,"), encoding="utf-8")
    run_import(path, raw, NEXT, reference)


def test_a_correction_of_a_row_that_only_moved_still_fits(
    tmp_path: Path, tables: Tables, raw: Path, reference: Path
) -> None:
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    corrections = reference / "corrections.csv"
    row = f"outcomes,{A},results: {A} #2,quantity,145852,145850,misread,{OLD}\n"
    corrections.write_text(corrections.read_text(encoding="utf-8") + row, encoding="utf-8")
    next_vintage(tables)
    run_import(write_export(tmp_path / "export", tables), raw, NEXT, reference)


@pytest.mark.parametrize(
    ("name", "column", "message"),
    [
        (
            indigo.RESULTS,
            "Outcome achieved",
            r"projects_results.csv:1: Outcomes achieved: column missing; 'Outcome achieved' looks like it, renamed",
        ),
        (indigo.RESULTS, None, r"projects_results.csv:1: Outcomes achieved: column missing \(found 'Project ID,"),
    ],
)
def test_a_layout_that_is_not_known_is_refused_with_the_column(
    tmp_path: Path, tables: Tables, raw: Path, name: str, column: str | None, message: str
) -> None:
    path = write_export(tmp_path / "export", tables)
    rows = list(csv.reader(csv_text(name, tables[name]).splitlines()))
    at = rows[0].index(f"{indigo.ACHIEVED} - (Value)")
    for row in rows:
        row[at : at + 1] = [] if column is None else [row[at]]
    if column:
        rows[0][at] = f"{column} - (Value)"
    with (path / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(ImportProblem, match=message):
        plan_import(path, raw)


def test_a_column_that_is_new_changes_nothing(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = write_export(tmp_path / "export", tables)
    run_import(path, raw)
    file = path / indigo.RESULTS
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([f"{head},Outcomes foreseen", *(f"{line},9" for line in lines), ""]), encoding="utf-8")
    assert run_import(path, raw, NEXT).changes == []


def test_a_vintage_without_a_contract_is_brought_in_once_it_is_said_what_became_of_it(
    tmp_path: Path, tables: Tables, raw: Path, reference: Path, publicvalue: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    next_vintage(tables)
    for name, key in ((indigo.PROJECTS, "ID"), *((name, indigo.PROJECT_ID) for name in indigo.OF_PROJECTS)):
        tables[name] = [row for row in tables.get(name, []) if row.get(key) != B]
    asked = ("import", "indigo", str(write_export(tmp_path / "export", tables)), "--vintage", NEXT)
    before = snapshot(tmp_path)
    status, out, err = publicvalue(*asked)
    assert (status, out) == (1, "")
    assert f"{B}: the export no longer has this contract; nothing was written" in err
    assert f'use --withdrawn {B} to delete it here too. To keep it, use --keep {B} --because "…"' in err
    status, out, _ = publicvalue(*asked, "--withdrawn", B, "--dry-run")
    assert (status, out.splitlines()[-1]) == (0, "Nothing was written (--dry-run).")
    assert f"- {B}: withdrawn" in out
    assert snapshot(tmp_path) == before
    status, out, _ = publicvalue(*asked, "--withdrawn", B)
    assert status == 0
    assert not (raw / B).exists()
    assert (raw / C / "contract.toml").exists()
    after = snapshot(tmp_path)
    assert [name for name, content in after.items() if B.encode() in content] == ["reference/gone_contracts.csv"]
    # Said again, there is nothing left to do, and nothing is asked any more.
    assert publicvalue(*asked)[0] == 0
    assert snapshot(tmp_path) == after
    assert publicvalue(*asked, "--withdrawn", B)[0] == 0
    assert snapshot(tmp_path) == after
    status, _, err = publicvalue(*asked, "--withdrawn", A)
    assert (status, f"--withdrawn {A}: not gone: the export has it" in err) == (1, True)


def test_a_row_that_a_rejected_one_moves_up_to_is_lost_all_the_same(
    tmp_path: Path, tables: Tables, raw: Path, reference: Path
) -> None:
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    tables[indigo.RESULTS][1][indigo.ACHIEVED] = "see report"
    path = write_export(tmp_path / "export", tables)
    # Rejected, it is still there.
    assert run_import(path, raw, "2026-03", reference).removals == ()
    del tables[indigo.RESULTS][0]
    plan = plan_import(write_export(tmp_path / "export", tables), raw, reference, NEXT, TODAY)
    assert plan.removals == (f"{A}: missing: 1 of outcomes.csv",)


def test_a_period_that_ends_before_it_starts_is_corrected_wherever_its_row_moves(
    tmp_path: Path, tables: Tables, raw: Path, reference: Path
) -> None:
    corrections = reference / "corrections.csv"
    row = f"payments,{A},payments: {A} #1,period_end,2019-03-31,2019-06-30,a slip,{OLD}\n"
    corrections.write_text(corrections.read_text(encoding="utf-8") + row, encoding="utf-8")
    tables[indigo.PAYMENTS][1][indigo.PERIOD_END] = "2019-03"
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    tables[indigo.PAYMENTS].insert(0, payment(A, "700", kind="Actual", payer="INDIGO-ORG-2"))
    run_import(write_export(tmp_path / "export", tables), raw, NEXT, reference)
    places = {row["amount_gbp"]: row["locator"] for row in read_rows(raw / A / "payments.csv")}
    assert (places["4000"], places["700"]) == (f"payments: {A} #1", f"payments: {A} #1 ({NEXT})")


def test_a_file_that_has_lost_its_last_row_goes(tmp_path: Path, tables: Tables, raw: Path, reference: Path) -> None:
    tables[indigo.RESULTS].append(result(B, "outcomemetric1", "some"))
    run_import(write_export(tmp_path / "export", tables), raw, reference=reference)
    assert (raw / B / "rejected.csv").exists()
    tables[indigo.RESULTS][-1][indigo.ACHIEVED] = "7"
    assert run_import(write_export(tmp_path / "export", tables), raw, NEXT, reference).removals == ()
    assert not (raw / B / "rejected.csv").exists()
    assert run_import(tmp_path / "export", raw, NEXT, reference).changes == []


# --- Which vintage an export is -------------------------------------------------------------------------------


def test_the_row_of_the_first_vintage_is_the_one_of_the_project() -> None:
    rows = {row["source_id"]: row for row in read_rows(PROJECT / "reference" / "sources.csv")}
    assert rows[OLD] == source_of(VINTAGE)


@pytest.mark.parametrize(
    ("given", "sources", "message"),
    [
        ("2026", [], "--vintage 2026: not a month such as 2026-04"),
        ("2026-13", [], "--vintage 2026-13: not a month"),
        ("26-04", [], "not a month"),
        ("2026-12", [], "--vintage 2026-12: this month is in the future"),
        ("2025-04", [VINTAGE], f"--vintage 2025-04: older than {OLD}, which raw/ already has"),
        (None, [NEXT, VINTAGE], f"its files are of 2026-03: older than {NEW}, which raw/ already has"),
    ],
)
def test_a_vintage_that_cannot_be_is_refused(given: str | None, sources: list[str], message: str) -> None:
    dates = [dt.date(2026, 2, 28), dt.date(2026, 3, 1)]
    with pytest.raises(ImportProblem, match=message):
        vintage_of(given, dates, [source_of(vintage) for vintage in sources], TODAY)


def test_the_newest_file_dates_an_export(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = write_export(tmp_path / "export", tables)
    for n, file in enumerate(sorted(path.iterdir())):
        moment = dt.datetime(2026, 2, 1 + n, 12, tzinfo=dt.UTC).timestamp()
        os.utime(file, (moment, moment))
    os.utime(path / indigo.FUNDS, (moment, dt.datetime(2026, 4, 9, 12, tzinfo=dt.UTC).timestamp()))
    # A file that is not read dates nothing.
    os.utime(path / indigo.UNREAD[0], (moment, dt.datetime(2026, 9, 9, 12, tzinfo=dt.UTC).timestamp()))
    plan = plan_import(path, raw, today=TODAY)
    assert all(NEW in text for name, text in plan.files.items() if name.name == "contract.toml")


def test_the_newest_file_dates_a_zip(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n, (name, rows) in enumerate(tables.items()):
            archive.writestr(zipfile.ZipInfo(name, (2026, 4, 1 + n, 0, 0, 0)), csv_text(name, rows))
    plan = plan_import(path, raw, today=TODAY)
    assert all(NEW in text for name, text in plan.files.items() if name.name == "contract.toml")
