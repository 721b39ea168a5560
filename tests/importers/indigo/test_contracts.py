"""What a contract of INDIGO becomes: its facts, results and places."""

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from pipeline.importers.indigo import columns as indigo
from tests.importers.indigo.made_up_export import (
    PROSE,
    A,
    B,
    Tables,
    location,
    read_export,
    read_rows,
    result,
    run_import,
    snapshot,
    write_export,
)


def test_contract_facts(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    assert sorted(folder.name for folder in raw.iterdir()) == [A, B]
    contract = tomllib.loads((raw / A / "contract.toml").read_text(encoding="utf-8"))
    assert contract == {
        "contract_id": A,
        "name": "Steady Homes",
        "policy_area": "child_and_family_welfare",
        "outcomes_fund": ["Made-up Fund"],
        "stage": "complete",
        "service_start": dt.date(2018, 10, 1),
        "service_end": dt.date(2020, 12, 31),
        "service_end_basis": "completion_anticipated",
        "people_targeted": 200,
        "delivery_places": 2,
        "sources": [{"source_id": "indigo-2025-05", "locator": f"projects: {A}"}],
    }
    assert list(contract) == [*read_export(tmp_path / "export")[A].contract, "sources"]
    assert not (raw / B / "outcomes.csv").exists()


@pytest.mark.parametrize(
    ("given", "start", "end"),
    [
        ("2019", "2019-01-01", "2019-12-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2018-10-01", "2018-10-01", "2018-10-01"),
        ("", "", ""),
    ],
)
def test_dates_start_on_the_first_and_end_on_the_last_day(
    tmp_path: Path, tables: Tables, given: str, start: str, end: str
) -> None:
    tables[indigo.RESULTS] = [result(A, "outcomemetric1", "1", start=given, end=given)]
    contract = read_export(write_export(tmp_path / "export", tables))[A]
    assert (contract.outcomes[0]["period_start"], contract.outcomes[0]["period_end"]) == (start, end)
    assert contract.rejected == []


def test_the_end_of_service_falls_back_in_order(tmp_path: Path, tables: Tables) -> None:
    for basis, column in reversed(indigo.SERVICE_ENDS.items()):
        tables[indigo.PROJECTS][0][column] = "2021-06"
        contract = read_export(write_export(tmp_path / basis, tables))[A].contract
        assert (contract["service_end"], contract["service_end_basis"]) == (dt.date(2021, 6, 30), basis)


@pytest.mark.parametrize("given", ["2018-13", "2018-02-30", "2018-00", "0000", "spring 2018"])
def test_an_impossible_date_is_rejected_and_its_row_stays(tmp_path: Path, tables: Tables, given: str) -> None:
    tables[indigo.RESULTS] = [result(A, "outcomemetric1", "5", start=given, end="2019")]
    tables[indigo.PROJECTS][0][indigo.SERVICE_START] = given
    contract = read_export(write_export(tmp_path / "export", tables))[A]
    assert [(row["file"], row["row"], row["column"], row["value"], row["reason"]) for row in contract.rejected] == [
        (indigo.PROJECTS, "1", indigo.SERVICE_START, given, "no such date"),
        (indigo.RESULTS, "1", indigo.PERIOD_START, given, "no such date"),
    ]
    assert (contract.outcomes[0]["period_start"], contract.outcomes[0]["quantity"]) == ("", "5")
    assert "service_start" not in contract.contract


def test_numbers_of_people_that_are_not_whole_numbers_are_rejected(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PROJECTS][0] |= {indigo.PEOPLE_TARGETED: "about 50", indigo.PEOPLE_ENGAGED: "12.5"}
    contract = read_export(write_export(tmp_path / "export", tables))[A]
    assert [(row["column"], row["value"], row["reason"]) for row in contract.rejected] == [
        (indigo.PEOPLE_TARGETED, "about 50", "not a plain number"),
        (indigo.PEOPLE_ENGAGED, "12.5", "not a whole number"),
    ]
    assert not {"people_targeted", "people_engaged"} & set(contract.contract)


def test_results_are_written_plainly_and_are_not_multiplied(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.RESULTS].append(result(A, "outcomemetric1", "3"))
    tables[indigo.ORGANISATIONS] *= 2
    run_import(write_export(tmp_path / "export", tables), raw)
    text = (raw / A / "outcomes.csv").read_bytes().decode()
    assert text == (
        "metric_id,label,result_type,period_start,period_end,quantity,unit,is_net_of_deadweight,source_id,locator\n"
        f"outcomemetric1,,final,2018-10-01,2020-02-29,12,,false,indigo-2025-05,results: {A} #1\n"
        f"outcomemetric2,,final,,,145852,,false,indigo-2025-05,results: {A} #2\n"
        f"outcomemetric1,,final,,,3,,false,indigo-2025-05,results: {A} #3\n"
    )


def test_results_without_a_plain_number_are_rejected_once_each(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.RESULTS] = [
        result(A, "outcomemetric1", PROSE),
        result(A, "outcomemetric2", "", engaged="3600 (as of Jan 2019)"),
        result(A, "outcomemetric3", "1,200"),
        result(A, "outcomemetric4", "\uff11\uff12"),
        result(A, "outcomemetric4", "9" * 16),
        result(A, "", "40"),
        result(A, "outcomemetric5", "0"),
    ]
    run_import(write_export(tmp_path / "export", tables), raw)
    rejected = read_rows(raw / A / "rejected.csv")
    assert [(row["row"], row["column"], row["value"], row["reason"]) for row in rejected] == [
        ("1", "Outcomes achieved", f"(text of {len(PROSE)} characters)", "text in a number field"),
        ("2", "Outcomes achieved", "", "no number reported"),
        ("2", "Number engaged In impact bond", "3600 (as of Jan 2019)", "a number and a date in one field"),
        ("3", "Outcomes achieved", "1,200", "not a plain number"),
        ("4", "Outcomes achieved", "(text with FULLWIDTH DIGIT ONE (U+FF11))", "not a plain number"),
        ("5", "Outcomes achieved", "9" * 16, "too many digits"),
        ("6", "Outcomes achieved", "40", "no metric id to count it under"),
    ]
    assert {row["file"] for row in rejected} == {"projects_results.csv"}
    assert rejected[2]["locator"] == f"results: {A} #2"
    assert [row["metric_id"] for row in read_rows(raw / A / "outcomes.csv")] == ["outcomemetric5"]
    assert not any(b"Secret" in content for content in snapshot(raw).values())


def test_places_with_their_points(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    places = read_rows(raw / A / "places.csv")
    assert [(row["place"], row["latitude"], row["longitude"]) for row in places] == [
        ("Sampleton, North", "52.5", "-1.5"),
        ("Shire", "", ""),
    ]
    assert [row["locator"] for row in places] == [f"locations: {A} #1", f"locations: {A} #2"]


@pytest.mark.parametrize(
    ("given", "points", "reason"),
    [
        (location(A, "Isle", "52.5", "12.5"), [("Isle", "", "")], "outside the United Kingdom"),
        (location(A, "Isle", "about 52", "-1.5"), [("Isle", "", "")], "not a plain number"),
        (location(A, "Lille", "50.6", "3.1", country="FR"), [], "not in Great Britain"),
        (location(A, "", "52.5", "-1.5"), [], "no name of a place"),
    ],
)
def test_points_that_cannot_be_are_rejected_and_their_place_stays(
    tmp_path: Path, tables: Tables, given: dict[str, str], points: list[tuple[str, str, str]], reason: str
) -> None:
    tables[indigo.LOCATIONS] = [location(A, "Sampleton"), given]
    tables[indigo.PROJECTS].pop(1)
    contract = read_export(write_export(tmp_path / "export", tables))[A]
    found = [(row["place"], row["latitude"], row["longitude"]) for row in contract.places[1:]]
    assert (found, [row["reason"] for row in contract.rejected]) == (points, [reason])
