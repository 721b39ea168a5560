"""The import of a filled template into a small project: new, again, corrected, in part, and what is refused of it."""

import csv
import datetime as dt
import io
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.common.files import CannotWriteError
from pipeline.facts.problems import DataProblems
from pipeline.importers.imported import ImportProblem
from pipeline.importers.outcomes.forms import owner_of
from pipeline.importers.outcomes.importer import OutcomesPlan, plan_outcomes, write_outcomes
from tests.importers.outcomes.filled import FACTS, PAYMENTS, RESULTS, copied, fill

RAW, REFERENCE = Path("raw"), Path("reference")
FOLDER = RAW / "NORTH-1"
SOURCES = REFERENCE / "sources.csv"
HEADINGS = "metric id,label,result type,period start,period end,quantity,unit"


@pytest.fixture(autouse=True)
def project(small_project: Path) -> Path:
    """Each test is in a copy of the small project."""
    return small_project


@pytest.fixture
def again(empty_template: Path, tmp_path: Path) -> Callable[..., Path]:
    """Fill in the template anew, under the name that it had before."""

    def filled_again(**changed: Any) -> Path:
        return fill(copied(empty_template, tmp_path / "NORTH-1.xlsx"), **changed)

    return filled_again


def imported(path: Path, contract_id: str | None = None) -> OutcomesPlan:
    planned = plan_outcomes(path, RAW, REFERENCE, contract_id)
    write_outcomes(planned, RAW)
    return planned


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def with_row(rows: list[list[Any]], number: int, **cells: Any) -> list[list[Any]]:
    """Rows of results with other cells in one of them."""
    names = [name.replace(" ", "_") for name in HEADINGS.split(",")]
    row = [cells.get(name, old) for name, old in zip(names, rows[number], strict=False)]
    return [*rows[:number], row, *rows[number + 1 :]]


def refused(path: Path, contract_id: str | None = None) -> str:
    """What is said of a file that is refused, of which nothing is written."""
    before = {each: each.read_bytes() for each in Path().rglob("*") if each.is_file()}
    with pytest.raises((ImportProblem, DataProblems)) as error:
        plan_outcomes(path, RAW, REFERENCE, contract_id)
    assert {each: each.read_bytes() for each in Path().rglob("*") if each.is_file()} == before
    return str(error.value).removeprefix(f"{path}: ")


# --- New, again, corrected ---------------------------------------------------------------------------------------


def test_a_new_contract(filled: Path) -> None:
    before = SOURCES.read_text(encoding="utf-8")
    planned = imported(filled)
    assert planned.changes == [
        "+ reference/sources.csv: results-of-north-1",
        "+ NORTH-1/contract.toml: Northern Job Start",
        "+ NORTH-1/outcomes.csv: started quantity 50, result_type final",
        "+ NORTH-1/outcomes.csv: weeks_13 quantity 36, result_type final",
        "+ NORTH-1/outcomes.csv: weeks_26 quantity 24, result_type final",
        "+ NORTH-1/payments.csv: payments row 3 basis paid, amount_gbp 60000",
        "+ NORTH-1/payments.csv: payments row 4 basis paid, amount_gbp 41500",
        "+ NORTH-1/payments.csv: payments row 5 basis commitment, amount_gbp 150000",
    ]
    assert sorted(path.name for path in FOLDER.iterdir()) == ["contract.toml", "outcomes.csv", "payments.csv"]
    contract = tomllib.loads((FOLDER / "contract.toml").read_text(encoding="utf-8"))
    assert contract["sources"] == [{"source_id": "results-of-north-1", "locator": "contract"}]
    assert contract["people_engaged"] == 90
    cited = "results-of-north-1,Northern Job Start: final results,Northern Combined Authority,2020-06,,fact cited,\n"
    assert SOURCES.read_text(encoding="utf-8") == before + cited


def test_what_is_left_to_do_is_printed_to_be_filled_in(filled: Path) -> None:
    assert imported(filled).left_to_do == [
        "still to do in reference/metric_outcomes.csv: say what each metric counts. "
        "Its header, and a row to complete for each:",
        (REFERENCE / "metric_outcomes.csv").read_text(encoding="utf-8").splitlines()[0],
        "NORTH-1,started,job,,,,,,,results-of-north-1",
        "NORTH-1,weeks_13,,,,,,,,results-of-north-1",
        "NORTH-1,weeks_26,,,,,,,,results-of-north-1",
        "treatment: one of valued, rung, process, overlap, no_unit_cost. A metric treated as rung needs "
        "milestone and milestone_unit, such as 13,week.",
        "grade of the evidence, for valued, rung, overlap: strong, medium, weak. reason: yours.",
        "outcomes in employment and training (all outcomes are in reference/outcome_types.csv):",
        "  job: job (counted by the year)",
    ]


def test_metrics_that_are_mapped_are_not_asked_for_again(filled: Path) -> None:
    imported(filled)
    with (REFERENCE / "metric_outcomes.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"NORTH-1,{metric},job,,,,process,,r,survey-2021\n" for metric in ("started", "weeks_13"))
    rows = [line for line in imported(filled).left_to_do if line.startswith("NORTH-1,")]
    assert rows == ["NORTH-1,weeks_26,,,,,,,,results-of-north-1"]


def test_the_same_file_again_changes_nothing(filled: Path) -> None:
    imported(filled)
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*") if path.is_file()}
    assert imported(filled).changes == []
    assert {path: path.stat().st_mtime_ns for path in Path().rglob("*") if path.is_file()} == before


def test_a_corrected_file_changes_just_what_differs(filled: Path, again: Callable[..., Path]) -> None:
    imported(filled)
    results = with_row(RESULTS, 1, label="13 weeks in the job", quantity=35, unit="week")
    corrected = again(facts=FACTS | {"people engaged": 91, "source published": "2020-07"}, results=results)
    assert imported(corrected).changes == [
        "~ reference/sources.csv: results-of-north-1 published 2020-06 -> 2020-07",
        "~ NORTH-1/contract.toml: people_engaged 90 -> 91",
        "~ NORTH-1/outcomes.csv: weeks_13 label in the job for 13 weeks -> 13 weeks in the job, "
        "quantity 36 -> 35, unit person -> week",
    ]


def test_a_row_that_is_gone_is_asked_about(filled: Path, again: Callable[..., Path]) -> None:
    imported(filled)
    planned = plan_outcomes(again(results=RESULTS[:2]), RAW, REFERENCE)
    assert planned.plan.removals == ("NORTH-1: missing: 1 of outcomes.csv",)


def test_an_emptied_sheet_takes_its_rows_away_and_a_missing_one_does_not(
    filled: Path, again: Callable[..., Path]
) -> None:
    imported(filled)
    assert plan_outcomes(again(payments=[]), RAW, REFERENCE).plan.removals == ("NORTH-1: missing: 3 of payments.csv",)

    def without(book: openpyxl.Workbook) -> None:
        del book["payments"]

    planned = plan_outcomes(again(change=without), RAW, REFERENCE)
    assert (planned.changes, planned.plan.removals) == ([], ())


def test_results_alone_of_a_new_contract(again: Callable[..., Path]) -> None:
    imported(again(payments=[]))
    assert sorted(path.name for path in FOLDER.iterdir()) == ["contract.toml", "outcomes.csv"]


def test_results_beside_claims_are_refused_and_payments_are_not(again: Callable[..., Path]) -> None:
    imported(again())
    (FOLDER / "outcomes.csv").unlink()
    (FOLDER / "claims.csv").write_text("participant_id\n", encoding="utf-8")
    assert refused(again()) == (
        "results of NORTH-1 are counted from its claims.csv, and these would count them again; leave the sheet empty"
    )
    planned = imported(again(results=[], payments=[*PAYMENTS, ["A Council", "local", "2019/20", None, 5, "paid"]]))
    assert planned.changes == ["+ NORTH-1/payments.csv: payments row 6 basis paid, amount_gbp 5"]


def test_rows_and_files_by_hand_stay(filled: Path, again: Callable[..., Path]) -> None:
    imported(filled)
    by_hand = "own,what we count,final,,,3,person,false,survey-2021,p. 9\n"
    with (FOLDER / "outcomes.csv").open("a", encoding="utf-8") as file:
        file.write(by_hand)
    places = "place,latitude,longitude,source_id,locator\nSampleton,,,survey-2021,p. 1\n"
    (FOLDER / "places.csv").write_text(places, encoding="utf-8")
    imported(again(results=with_row(RESULTS, 0, quantity=51)))
    assert (FOLDER / "outcomes.csv").read_text(encoding="utf-8").endswith(by_hand)
    assert (FOLDER / "places.csv").read_text(encoding="utf-8") == places


def test_a_suppressed_number_stands_among_the_rejected(again: Callable[..., Path]) -> None:
    planned = imported(again(results=[*RESULTS, ["crimes", "crimes avoided", "final", None, None, "<5", "incident"]]))
    assert rows_of(FOLDER / "rejected.csv") == [
        {
            "file": "results",
            "row": "6",
            "column": "quantity",
            "value": "<5",
            "reason": "no number: the source suppresses it or does not have it",
            "source_id": "results-of-north-1",
            "locator": "results row 6",
        }
    ]
    assert "rejected: 1" in planned.plan.summary()
    assert not any("crimes" in line for line in planned.left_to_do)


def test_what_was_not_taken_is_said(again: Callable[..., Path]) -> None:
    def working(book: openpyxl.Workbook) -> None:
        book.create_sheet("my working")

    planned = imported(again(payments=[*PAYMENTS, ["Total", None, None, None, "=SUM(E3:E5)"]], change=working))
    summary = planned.plan.summary().splitlines()
    assert "payments row 6: left out: a row of totals ('Total') would count everything twice" in summary
    assert "sheets not read: my working" in summary
    assert len(rows_of(FOLDER / "payments.csv")) == 3


def test_a_workbook_renamed_to_csv_is_read_as_what_it_is(filled: Path, tmp_path: Path) -> None:
    imported(filled)
    assert plan_outcomes(copied(filled, tmp_path / "NORTH-1.csv"), RAW, REFERENCE).changes == []


# --- CSV ---------------------------------------------------------------------------------------------------------


def test_a_sheet_saved_as_csv_corrects_its_rows_and_no_others(filled: Path, tmp_path: Path) -> None:
    imported(filled)
    path = tmp_path / "results.csv"
    lines = [
        HEADINGS,
        "needed: a short id,needed: in a few words,needed: choose,,,needed: how many,",
        "started,started a job,final,01/04/2018,31/03/2019,52,person",
        "weeks_13,in the job for 13 weeks,final,2018-04-01,2020-03-31,36,person",
        'weeks_26,in the job for 26 weeks,final,"1 April 2018",31/03/2020,24,person',
    ]
    path.write_text("\r\n".join(lines), encoding="utf-8-sig")
    assert imported(path, "NORTH-1").changes == ["~ NORTH-1/outcomes.csv: started quantity 50 -> 52"]
    assert len(rows_of(FOLDER / "payments.csv")) == 3


def test_csv_needs_a_contract_with_a_source(filled: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text(f"{HEADINGS}\nstarted,started a job,final,,,52,person\n", encoding="utf-8")
    assert refused(path) == "does not name its contract: add --contract ID"
    said = "names no source, and {} has none of its own yet; import the workbook of `publicvalue new-contract {}` first"
    for contract_id in ("NORTH-1", "C-1"):
        assert refused(path, contract_id) == said.format(contract_id, contract_id)
    assert "cannot be the id of a contract" in refused(path, "../C-1")
    imported(filled)
    SOURCES.write_text(SOURCES.read_text(encoding="utf-8").replace("results-of-north-1", "other"), encoding="utf-8")
    assert refused(path, "NORTH-1") == "results-of-north-1 is not in reference/sources.csv: import the workbook"


# --- Refused, and asked about ------------------------------------------------------------------------------------


def test_every_cell_that_cannot_be_read_is_said(again: Callable[..., Path]) -> None:
    path = again(facts=FACTS | {"stage": "done"}, results=with_row(RESULTS, 0, quantity="12*"), payments=[["A"]])
    assert [line.partition(", sheet ")[2].partition(" (")[0] for line in refused(path).splitlines()] == [
        "contract:6: stage: not one of the words allowed",
        "payments:3: amount gbp: empty",
        "payments:3: basis: empty",
        "payments:3: payer kind: empty, though a payer is named",
        "results:3: quantity: a number with a mark",
    ]


@pytest.mark.parametrize(
    ("number", "cells", "words"),
    [
        (0, {"quantity": -5}, "results row 3: quantity: too small (found '-5', expected at least 0)"),
        (0, {"quantity": 2.5}, "results row 3: quantity: a fraction of a person or an event (found '2.5')"),
        (1, {"period_end": "2017"}, "results row 4: period_end: ends before it starts (found '2017-12-31')"),
        (1, {"metric_id": "Started"}, "results row 4: metric_id: the same id written in another way (found 'Started'"),
        (0, {"metric_id": "star\u200bted"}, "results row 3: metric_id: a character that is not what it looks like"),
        (
            2,
            {"period_end": "2021"},
            "results row 5: period_end: ends after its source was published (found '2021-12-31', "
            "expected 2020-06-30 at the latest)",
        ),
    ],
)
def test_what_check_would_refuse_is_refused_at_its_place(
    again: Callable[..., Path], number: int, cells: dict[str, Any], words: str
) -> None:
    assert refused(again(results=with_row(RESULTS, number, **cells))).startswith(words)


def test_how_many_more_rows_are_refused_is_said(again: Callable[..., Path]) -> None:
    late = with_row(RESULTS, 2, period_end="2021")
    assert refused(again(results=late)).endswith("expected 2020-06-30 at the latest)")
    assert refused(again(results=with_row(late, 1, period_end="2022"))).endswith("at the latest); and 1 more")


def test_a_payment_without_its_period_is_refused(again: Callable[..., Path]) -> None:
    path = again(payments=[["A Council", "local", None, None, 5000, "paid", None, None]])
    assert refused(path).startswith("payments row 3: period_start: a payment needs its period")


def test_a_source_that_check_would_refuse_is_refused(again: Callable[..., Path]) -> None:
    assert "licence" in refused(again(facts=FACTS | {"source licence": None}))
    said = refused(again(facts=FACTS | {"source title": "a\u200bb"}))
    assert said.startswith("reference/sources.csv:5: title: a character that is not what it looks like")


def test_what_check_would_ask_about_is_said_and_written(again: Callable[..., Path]) -> None:
    planned = imported(again(facts=FACTS | {"people engaged": 40}))
    (asked,) = [line for line in planned.left_to_do if line.startswith("publicvalue check will ask: ")]
    assert "results row 3: quantity: more people than were engaged" in asked
    assert "reference/accepted.csv: people_within_engaged,NORTH-1 results row 3,50)" in asked


def test_what_check_would_ask_about_the_contract_is_said_at_its_sheet(again: Callable[..., Path]) -> None:
    planned = imported(again(facts=FACTS | {"people targeted": 2}))
    (asked,) = [line for line in planned.left_to_do if line.startswith("publicvalue check will ask: ")]
    assert asked.startswith("publicvalue check will ask: contract: people_engaged: ")


def test_a_contract_of_another_source_keeps_its_facts(empty_template: Path, tmp_path: Path) -> None:
    before = tomllib.loads((RAW / "C-1/contract.toml").read_text(encoding="utf-8"))
    same = {"contract id": "C-1", "name": "Work Together", "stage": "complete", "service start": None}
    same |= {"contract signed": "2018-02", "service end": None, "people engaged": "100"}
    results = [["hours", "hours of help", "final", "2018/19", None, 12, "day"]]
    path = fill(copied(empty_template, tmp_path / "c.xlsx"), FACTS | same, results, [])
    assert imported(path).changes == [
        "+ reference/sources.csv: results-of-c-1",
        "~ C-1/contract.toml: contract_signed (none) -> 2018-02-01, source results-of-c-1 added",
        "+ C-1/outcomes.csv: hours quantity 12, result_type final",
    ]
    after = tomllib.loads((RAW / "C-1/contract.toml").read_text(encoding="utf-8"))
    listed = [*before["sources"], {"source_id": "results-of-c-1", "locator": "contract"}]
    assert after == before | {"contract_signed": dt.date(2018, 2, 1), "sources": listed}
    assert imported(path).changes == []
    fill(path, {"people engaged": 99}, [], [])
    assert "people engaged is 99, but 100 in C-1/contract.toml" in refused(path)


def test_facts_that_differ_from_those_of_another_source_are_refused(empty_template: Path, tmp_path: Path) -> None:
    facts = FACTS | {"contract id": "C-1", "name": "Work Together"}
    said = refused(fill(copied(empty_template, tmp_path / "c.xlsx"), facts, RESULTS, []))
    assert said.startswith(
        "contract: people engaged is 90, but 100 in C-1/contract.toml, which came from another source"
    )


def test_a_metric_that_another_source_reports_is_refused(empty_template: Path, tmp_path: Path) -> None:
    facts = {name: answer for name, answer in FACTS.items() if name.startswith("source")}
    facts |= {"contract id": "C-1", "name": "Work Together", "policy area": "employment_and_training"}
    path = fill(copied(empty_template, tmp_path / "c.xlsx"), facts | {"stage": "complete"}, RESULTS, [])
    assert refused(path).startswith(
        "results row 3: started already has results from survey-2021, and both would be counted"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda book: book.remove(book["contract"]), "does not name its contract: add --contract ID"),
        (
            lambda book: [book.remove(book[name]) for name in ("results", "payments")],
            "sheet: not there (found 'outcome types, allowed words', expected a sheet named results or payments)",
        ),
    ],
)
def test_a_sheet_that_is_missing(again: Callable[..., Path], change: Callable[..., None], words: str) -> None:
    assert refused(again(change=change)).endswith(words)


def test_a_template_that_nobody_filled_in(empty_template: Path) -> None:
    said = refused(empty_template)
    assert "sheet results:0: row: no rows (expected at least one row)" in said
    assert "sheet contract:3: name: empty (expected name of the contract)" in said


def test_a_file_of_another_contract_is_refused(filled: Path) -> None:
    assert refused(filled, "C-1") == "belongs to NORTH-1, not to C-1"


def test_registers_that_cannot_be_read_are_refused(filled: Path) -> None:
    SOURCES.unlink()
    assert refused(filled) == "reference/sources.csv:0: file: missing"


# --- Whose a row is, and where it is written -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source_id", "locator", "is_owned"),
    [
        ("results-of-c-1", "results row 3", True),
        ("results-of-c-1", "contract", True),
        ("results-of-c-1", "payments row 3", False),
        ("results-of-c-1-2", "results row 3", False),
        ("results-of-c-1", "page 3", False),
        ("survey-2021", "results row 3", False),
    ],
)
def test_whose_a_row_is(source_id: str, locator: str, is_owned: bool) -> None:
    assert owner_of("C-1", ("results",)).owns({"source_id": source_id, "locator": locator}) == is_owned


def test_contracts_whose_ids_begin_alike_do_not_see_each_other(empty_template: Path, tmp_path: Path) -> None:
    for contract_id in ("N-1", "N-1-2", "N-1"):
        name = {"contract id": contract_id, "name": contract_id}
        planned = imported(fill(copied(empty_template, tmp_path / "n.xlsx"), FACTS | name))
        assert planned.plan.removals == ()
    assert planned.changes == []


@pytest.mark.parametrize("place", [SOURCES, FOLDER])
def test_nothing_is_written_through_a_link(filled: Path, tmp_path: Path, place: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    if place.exists():
        place.rename(elsewhere)
    else:
        elsewhere.mkdir()
    os.symlink(elsewhere, place)
    before = elsewhere.read_bytes() if elsewhere.is_file() else list(elsewhere.iterdir())
    with pytest.raises((CannotWriteError, ImportProblem)):
        imported(filled)
    assert (elsewhere.read_bytes() if elsewhere.is_file() else list(elsewhere.iterdir())) == before
