"""The INDIGO import: on small made-up exports, and on the published copy where it lies beside the project."""

import csv
import datetime as dt
import io
import tomllib
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.facts import indigo
from pipeline.facts.indigo import ImportPlan, ImportProblem, plan_import, read_export, write_import

A, B = "INDIGO-POJ-9001", "INDIGO-POJ-9002"
Rows = list[dict[str, str]]
Tables = dict[str, Rows]

PROSE = "Secret sentence of the source: about half of the young people did better than they would have done."


# --- A made-up export ---------------------------------------------------------------------------------------


def made_up_tables() -> Tables:
    """Two GB projects and one elsewhere, by file; columns that are not named are empty."""
    return {
        indigo.PROJECTS: [
            {
                "ID": A,
                indigo.NAME: "  Steady   Homes ",
                indigo.STAGE: "Complete",
                indigo.SECTOR: "Child and family welfare",
                indigo.SERVICE_START: "2018-10",
                indigo.SERVICE_ENDS["completion_anticipated"]: "2020",
                indigo.PEOPLE_TARGETED: "200",
                indigo.MAXIMUM: "1500000.50",
                indigo.MAXIMUM_CURRENCY: "GBP",
            },
            {"ID": B, indigo.NAME: "Work First", indigo.STAGE: "Implementation", indigo.SECTOR: "Health"},
            {
                "ID": "INDIGO-POJ-9003",
                indigo.NAME: "Elsewhere",
                indigo.STAGE: "Complete",
                indigo.SECTOR: "Health",
            },
        ],
        indigo.LOCATIONS: [
            location(A, "  Sampleton,  North ", "52.5", "-1.50"),
            location(A, "Shire"),
            location(B, "Sampleton", "52.5", "-1.5"),
            location("INDIGO-POJ-9003", "Paris", "48.9", "2.3", country="FR"),
        ],
        indigo.RESULTS: [
            result(A, "outcomemetric1", "12", start="2018-10", end="2020-02"),
            result(A, "outcomemetric2", "145852.0"),
            result("INDIGO-POJ-9003", "outcomemetric1", "7"),
        ],
        indigo.PAYMENTS: [
            payment(A, "5000", kind="Planned"),
            payment(A, "4000", kind="Actual", payer="INDIGO-ORG-1, INDIGO-ORG-2"),
            payment(B, "300", note="This is 99% of the total outcome payment available"),
        ],
        indigo.COMMITMENTS: [
            {indigo.PROJECT_ID: A, indigo.ORGANISATION_ID: "INDIGO-ORG-1", indigo.COMMITMENT_AMOUNT: "900000"},
            {indigo.PROJECT_ID: B, indigo.ORGANISATION_ID: "INDIGO-ORG-1"},
            {indigo.PROJECT_ID: B, indigo.ORGANISATION_ID: "INDIGO-ORG-2", indigo.COMMITMENT_AMOUNT: "800"},
        ],
        indigo.PROJECT_FUNDS: [{indigo.PROJECT_ID: A, "Id": "INDIGO-FUND-1"}],
        indigo.FUNDS: [{"ID": "INDIGO-FUND-1", indigo.FUND_NAME: "Made-up Fund - United Kingdom"}],
        indigo.ORGANISATIONS: [
            {"ID": "INDIGO-ORG-1", "Name": "Department for Examples "},
            {"ID": "INDIGO-ORG-2", "Name": "Sampleton City Council"},
            {"ID": "INDIGO-ORG-3", "Name": "Steady\nCharity"},
            {"ID": "INDIGO-ORG-4", "Name": "Pension funds"},
            {"ID": "INDIGO-ORG-5", "Name": "Sampleton Pension Funds"},
        ],
        indigo.PROVISIONS: [{indigo.PROJECT_ID: A, indigo.ORGANISATION_ID: "INDIGO-ORG-3"}],
        indigo.INVESTMENTS: [investment(A, "INDIGO-ORG-4"), investment(A, "INDIGO-ORG-5", "250000.0")],
        # Read by nobody: its ids repeat, and a join with it would multiply the results.
        "projects_outcome_metrics.csv": [{indigo.PROJECT_ID: A, "Id": "outcomemetric1"}] * 2,
        "projects_outcome_payment_plans.csv": [{indigo.PROJECT_ID: A, "Outcome Payment Plan Id": "plan1"}],
    }


def result(
    project: str, metric: str, achieved: str, start: str = "", end: str = "", engaged: str = ""
) -> dict[str, str]:
    """A row of the results."""
    return {
        indigo.PROJECT_ID: project,
        indigo.METRIC_ID: metric,
        indigo.RESULT_TYPE: "Final",
        indigo.PERIOD_START: start,
        indigo.PERIOD_END: end,
        indigo.ACHIEVED: achieved,
        indigo.ENGAGED: engaged,
    }


def location(project: str, place: str, latitude: str = "", longitude: str = "", country: str = "GB") -> dict[str, str]:
    """A row of the delivery locations."""
    return {
        indigo.PROJECT_ID: project,
        indigo.COUNTRY_COLUMN: country,
        indigo.PLACE: place,
        indigo.LATITUDE: latitude,
        indigo.LONGITUDE: longitude,
    }


def investment(project: str, investor: str, exact: str = "", low: str = "", currency: str = "GBP") -> dict[str, str]:
    """A row of the investments."""
    return {
        indigo.PROJECT_ID: project,
        indigo.ORGANISATION_ID: investor,
        indigo.INVESTED: exact,
        indigo.INVESTED_LOW: low,
        indigo.INVESTED_CURRENCY: currency,
    }


def payment(
    project: str, amount: str, kind: str = "", payer: str = "", note: str = "", currency: str = "GBP"
) -> dict[str, str]:
    """A row of the payments."""
    return {
        indigo.PROJECT_ID: project,
        indigo.PERIOD_START: "2019-04",
        indigo.PERIOD_END: "2019-06",
        indigo.PAYER_ID: payer,
        indigo.PAYMENT_TYPE: kind,
        indigo.PAYMENT_CURRENCY: currency,
        indigo.PAYMENT_AMOUNT: amount,
        indigo.NOTES: note,
    }


def csv_text(name: str, rows: Rows) -> str:
    """A file of the export, with INDIGO's suffix on the headers that carry it."""
    columns = list(indigo.COLUMNS.get(name, rows[0] if rows else ()))
    plain = (indigo.PROJECT_ID, "ID", "Id", "Name", indigo.NOTES, indigo.FUND_NAME)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column if column in plain else f"{column} - (Value)" for column in columns])
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue()


def write_export(folder: Path, tables: Tables, prefix: str = "", encoding: str = "utf-8") -> Path:
    """Write an export into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{prefix}{name}").write_text(csv_text(name, rows), encoding=encoding, newline="")
    return folder


def run_import(path: Path, raw: Path) -> ImportPlan:
    """Plan and write."""
    plan = plan_import(path, raw)
    write_import(plan, raw)
    return plan


def read_rows(path: Path) -> Rows:
    """The rows of a file in raw/."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def tables() -> Tables:
    """The tables of a made-up export, to be changed by a test."""
    return made_up_tables()


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A raw folder that does not exist yet."""
    return tmp_path / "raw"


# --- Where the export's files are ---------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "indigo_", "2025-05 ", "export-2025.05-"])
def test_file_names_may_carry_a_prefix(tmp_path: Path, tables: Tables, prefix: str) -> None:
    plain = read_export(write_export(tmp_path / "plain", tables))
    assert read_export(write_export(tmp_path / "prefixed", tables, prefix)) == plain


@pytest.mark.parametrize("sub_folder", ["", "INDIGO data/csv/"])
def test_zip_with_or_without_a_sub_folder(tmp_path: Path, tables: Tables, sub_folder: str) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, rows in tables.items():
            archive.writestr(f"{sub_folder}indigo_{name}", csv_text(name, rows))
            archive.writestr(f"__MACOSX/{sub_folder}._indigo_{name}", b"\x00\x05")
    assert read_export(path) == read_export(write_export(tmp_path / "plain", tables))


def test_byte_order_mark_is_accepted(tmp_path: Path, tables: Tables) -> None:
    plain = read_export(write_export(tmp_path / "plain", tables))
    assert read_export(write_export(tmp_path / "bom", tables, encoding="utf-8-sig")) == plain


def test_a_stray_file_is_not_taken_for_the_projects(tmp_path: Path, tables: Tables) -> None:
    path = write_export(tmp_path / "export", tables)
    expected = read_export(path)
    (path / "foo_projects.csv").write_text("ID\nsomething else\n", encoding="utf-8")
    (path / "subprojects.csv").write_text("ID\nsomething else\n", encoding="utf-8")
    assert read_export(path) == expected


def test_two_exports_in_one_folder_are_refused(tmp_path: Path, tables: Tables) -> None:
    write_export(tmp_path / "export" / "a", tables)
    path = write_export(tmp_path / "export" / "b", tables).parent
    with pytest.raises(ImportProblem, match=r"several files could be projects\.csv"):
        read_export(path)


@pytest.mark.parametrize("name", list(indigo.COLUMNS))
def test_a_missing_file_is_named(tmp_path: Path, tables: Tables, name: str) -> None:
    del tables[name]
    with pytest.raises(ImportProblem, match=rf"{name} is missing"):
        read_export(write_export(tmp_path / "export", tables))


def test_a_missing_column_is_named_with_its_file(tmp_path: Path, tables: Tables) -> None:
    path = write_export(tmp_path / "export", tables)
    file = path / indigo.RESULTS
    file.write_text(file.read_text().replace("Outcomes achieved", "Results"), encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"projects_results\.csv:1: Outcomes achieved: column missing"):
        read_export(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"ID,Name\nINDIGO-ORG-1,one,two\n",
            r"organisations\.csv:2: row: wrong number of cells \(found '3', expected 2 cells\)",
        ),
        (b"ID,Name\nINDIGO-ORG-1,\xff\n", r"organisations\.csv:2: file: not UTF-8 text"),
        (b'ID,Name\nINDIGO-ORG-1,"open\n', r"organisations\.csv:2: row: not readable as CSV: unexpected end of data"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, tables: Tables, content: bytes, message: str) -> None:
    path = write_export(tmp_path / "export", tables)
    (path / indigo.ORGANISATIONS).write_bytes(content)
    with pytest.raises(ImportProblem, match=message):
        read_export(path)


def test_a_path_that_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match="no such folder or zip file"):
        read_export(tmp_path / "nowhere")
    (tmp_path / "export.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(ImportProblem, match="neither a folder nor a zip file"):
        read_export(tmp_path / "export.txt")


def test_a_damaged_zip_is_refused(tmp_path: Path, tables: Tables) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, rows in tables.items():
            archive.writestr(name, csv_text(name, rows))
    path.write_bytes(path.read_bytes().replace(b"for Examples", b"of Ensamples"))
    with pytest.raises(ImportProblem, match=r"organisations\.csv cannot be read \(Bad CRC-32"):
        read_export(path)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["../up"], "ID '../up' cannot name a folder"),
        ([".."], "ID '..' cannot name a folder"),
        (["/etc/x"], "ID '/etc/x' cannot name a folder"),
        (["C:\\x"], "cannot name a folder"),
        (["A/B"], "ID 'A/B' cannot name a folder"),
        (["-rf"], "ID '-rf' cannot name a folder"),
        ([".hidden"], "ID '.hidden' cannot name a folder"),
        (["indigo-poj-9001"], "ID 'indigo-poj-9001' cannot name a folder"),
        (["INDIGO\nPOJ"], "cannot name a folder"),
        (["A" * 101], "cannot name a folder"),
        ([""], r"projects_delivery_locations\.csv:2: Project ID: missing"),
        ([A, A], f"'{A}' stands 2 times"),
        ([], f"'{A}' stands 0 times"),
    ],
)
def test_projects_need_one_usable_id(tmp_path: Path, tables: Tables, raw: Path, ids: list[str], message: str) -> None:
    tables[indigo.PROJECTS] = [{"ID": contract_id} for contract_id in ids]
    tables[indigo.LOCATIONS] = [{indigo.PROJECT_ID: (ids or [A])[0], indigo.COUNTRY_COLUMN: "GB"}]
    with pytest.raises(ImportProblem, match=message):
        plan_import(write_export(tmp_path / "export", tables), raw)


# --- What a contract becomes --------------------------------------------------------------------------------


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
    assert list(contract) == list(read_export(tmp_path / "export")[A].contract)
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


# --- Results ------------------------------------------------------------------------------------------------


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


# --- Payments -----------------------------------------------------------------------------------------------


def test_payments_by_basis_and_never_a_planned_one(tmp_path: Path, tables: Tables, raw: Path) -> None:
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    rows = {row["locator"]: row for row in read_rows(raw / A / "payments.csv") + read_rows(raw / B / "payments.csv")}
    assert {locator: (row["basis"], row["amount_gbp"]) for locator, row in rows.items()} == {
        f"payments: {A} #1": ("paid", "4000"),
        f"projects: {A} maximum": ("commitment", "1500000.5"),
        f"payments: {B} #1": ("reported", "300"),
        f"commitments: {B} #2": ("commitment", "800"),
    }
    paid = rows[f"payments: {A} #1"]
    assert paid["payer"] == "Department for Examples; Sampleton City Council"
    assert (paid["period_start"], paid["period_end"]) == ("2019-04-01", "2019-06-30")
    assert rows[f"projects: {A} maximum"]["period_end"] == "2020-12-31"
    assert rows[f"payments: {B} #1"]["note"] == "share_of_maximum"
    assert "payments not taken, planned: 1" in plan.summary()


def test_payments_that_are_no_pounds_are_rejected(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PAYMENTS] = [
        payment(A, "n/a", kind="Planned", currency="USD"),
        payment(A, "100", currency="USD"),
        payment(A, "n/a"),
        payment(A, "", kind="Actual"),
        payment(A, "0", kind="Actual"),
        payment(A, "30", kind="Actual"),
    ]
    contract = read_export(write_export(tmp_path / "export", tables))[A]
    assert [(row["row"], row["column"], row["value"], row["reason"]) for row in contract.rejected] == [
        ("1", indigo.PAYMENT_CURRENCY, "USD", "currency is not GBP"),
        ("2", indigo.PAYMENT_AMOUNT, "n/a", "not a plain number"),
        ("3", indigo.PAYMENT_AMOUNT, "", "no number reported"),
    ]
    assert [row["amount_gbp"] for row in contract.payments if row["basis"] == "paid"] == ["0", "30"]


def test_totals_of_a_project_page_have_a_basis_of_their_own(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PROJECTS][1] |= {indigo.TOTAL_PAID: "450", indigo.TOTAL_PAID_CURRENCY: "GBP"}
    payments = read_export(write_export(tmp_path / "export", tables))[B].payments
    assert [(row["basis"], row["locator"]) for row in payments][-1] == (
        "evaluation",
        f"projects: {B} total payments made",
    )


def test_maximum_in_another_currency_is_rejected(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PROJECTS][0][indigo.MAXIMUM_CURRENCY] = "EUR"
    tables[indigo.COMMITMENTS][2] |= {indigo.COMMITMENT_CURRENCY: "EUR"}
    contracts = read_export(write_export(tmp_path / "export", tables))
    assert [row["reason"] for row in contracts[A].rejected] == ["currency is not GBP"]
    assert [row["locator"] for row in contracts[A].payments if row["basis"] == "commitment"] == [f"commitments: {A} #1"]
    assert [row["locator"] for row in contracts[B].rejected] == [f"commitments: {B} #2"]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ([], "unknown"),
        (["Department for Work and Pensions (DWP)", "The National Lottery Community Fund"], "central"),
        (["Kirklees Metropolitan Borough Council", "Ealing CCG"], "local"),
        (["Cabinet Office", "Greater London Authority (GLA)"], "mixed"),
        (["Cabinet Office", "Some Foundation"], "mixed"),
        (["Some Foundation", "INDIGO-ORG-1155"], "unknown"),
    ],
)
def test_payer_kind(tmp_path: Path, tables: Tables, names: list[str], kind: str) -> None:
    tables[indigo.ORGANISATIONS] = [{"ID": f"O{n}", "Name": name} for n, name in enumerate(names)]
    tables[indigo.PAYMENTS] = [payment(B, "1", payer=",".join(row["ID"] for row in tables[indigo.ORGANISATIONS]))]
    row = read_export(write_export(tmp_path / "export", tables))[B].payments[0]
    assert (row["payer"], row["payer_kind"]) == ("; ".join(names), kind)


def test_an_unknown_payer_stays_as_its_id(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PAYMENTS] = [payment(B, "1", payer="INDIGO-ORG-1,INDIGO-ORG-77")]
    row = read_export(write_export(tmp_path / "export", tables))[B].payments[0]
    assert (row["payer"], row["payer_kind"]) == ("Department for Examples; INDIGO-ORG-77", "mixed")


def organisations(path: Path, contract_id: str = A) -> list[tuple[str, ...]]:
    """Role, id, name, whether a group, amount and whether the low end of a range, of each row."""
    rows = read_export(path)[contract_id].organisations
    columns = ("role", "organisation_id", "name", "is_group", "investment_committed_gbp", "is_low_end")
    return [tuple(row[column] for column in columns) for row in rows]


def test_organisations_by_role_under_the_names_of_the_register(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.PROJECTS][0][indigo.INVESTMENT] = "400000"
    path = write_export(tmp_path / "export", tables)
    assert organisations(path) == [
        ("commissioner", "INDIGO-ORG-1", "Department for Examples", "false", "", "false"),
        ("commissioner", "INDIGO-ORG-2", "Sampleton City Council", "false", "", "false"),
        ("provider", "INDIGO-ORG-3", "Steady Charity", "false", "", "false"),
        ("investor", "", "", "false", "400000", "false"),
        ("investor", "INDIGO-ORG-4", "Pension funds", "true", "", "false"),
        ("investor", "INDIGO-ORG-5", "Sampleton Pension Funds", "false", "250000", "false"),
    ]
    run_import(path, raw)
    assert [row["locator"] for row in read_rows(raw / A / "organisations.csv")] == [
        f"commitments: {A} #1",
        f"payments: {A} #1",
        f"provisions: {A} #1",
        f"projects: {A} investment",
        f"investments: {A} #1",
        f"investments: {A} #2",
    ]


def test_who_pays_by_plan_only_is_no_commissioner(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PAYMENTS] = [payment(A, "5000", kind="Planned", payer="INDIGO-ORG-2")]
    found = organisations(write_export(tmp_path / "export", tables))
    assert [row[1] for row in found if row[0] == "commissioner"] == ["INDIGO-ORG-1"]


@pytest.mark.parametrize(
    ("given", "amount", "rejected"),
    [
        (investment(A, "INDIGO-ORG-3", low="100"), ("100", "true"), []),
        (investment(A, "INDIGO-ORG-3", "120", low="100"), ("120", "false"), []),
        (investment(A, "INDIGO-ORG-3", "120", currency=""), ("120", "false"), []),
        (investment(A, "INDIGO-ORG-3", "120", currency="EUR"), ("", "false"), ["currency is not GBP"]),
        (investment(A, "INDIGO-ORG-3", "=D41-D36"), ("", "false"), ["not a plain number"]),
    ],
    ids=["range", "exact", "no currency", "euro", "formula"],
)
def test_only_plain_pounds_are_an_investment_and_the_investor_stays(
    tmp_path: Path, tables: Tables, given: dict[str, str], amount: tuple[str, str], rejected: list[str]
) -> None:
    tables[indigo.INVESTMENTS] = [given]
    path = write_export(tmp_path / "export", tables)
    (row,) = (row for row in organisations(path) if row[0] == "investor")
    assert (row[1], row[4:]) == ("INDIGO-ORG-3", amount)
    assert [row["reason"] for row in read_export(path)[A].rejected] == rejected


def test_one_amount_of_several_investors_counts_for_none_of_them(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.INVESTMENTS] = [investment(A, "INDIGO-ORG-3,INDIGO-ORG-4", "120")]
    path = write_export(tmp_path / "export", tables)
    rows = [row for row in organisations(path) if row[0] == "investor"]
    assert [(row[1], row[4]) for row in rows if row[1]] == [("INDIGO-ORG-3", ""), ("INDIGO-ORG-4", "")]
    assert [row["reason"] for row in read_export(path)[A].rejected] == ["one amount of several organisations"]


@pytest.mark.parametrize("name", [indigo.COMMITMENTS, indigo.PROVISIONS, indigo.INVESTMENTS])
def test_a_row_without_an_organisation_is_rejected(tmp_path: Path, tables: Tables, name: str) -> None:
    tables[name] = [{indigo.PROJECT_ID: A}]
    (row,) = read_export(write_export(tmp_path / "export", tables))[A].rejected
    assert (row["file"], row["row"], row["reason"]) == (name, "1", "no organisation")


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


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("", ""),
        ("covid claim payment", "covid_relief"),
        ("capped payments", "capped"),
        ("Part of this is a temporary payment of £2000 per person", "temporary_uplift"),
        ("This value is 93% of the total outcome value available (1,234)", "share_of_maximum"),
        ("This is 100% of the total outcome value claimed", ""),
        ("something else", ""),
    ],
)
def test_notes_become_short_codes(tmp_path: Path, tables: Tables, note: str, code: str) -> None:
    tables[indigo.PAYMENTS] = [payment(B, "1", note=note)]
    assert read_export(write_export(tmp_path / "export", tables))[B].payments[0]["note"] == code


# --- Merging with what is there -----------------------------------------------------------------------------


def test_importing_twice_changes_nothing(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = write_export(tmp_path / "export", tables)
    first = run_import(path, raw)
    before = snapshot(raw)
    second = run_import(path, raw)
    assert f"+ {A}/outcomes.csv: outcomemetric1 quantity 12, result_type final" in first.changes
    assert second.changes == []
    assert second.files == first.files
    assert snapshot(raw) == before


def test_planning_writes_nothing(tmp_path: Path, tables: Tables, raw: Path) -> None:
    plan = plan_import(write_export(tmp_path / "export", tables), raw)
    assert plan.files
    assert not raw.exists()


def test_only_files_that_differ_are_written(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    inodes = {file: file.stat().st_ino for file in raw.rglob("*") if file.is_file()}
    tables[indigo.RESULTS][0][indigo.ACHIEVED] = "15"
    run_import(write_export(tmp_path / "export", tables), raw)
    changed = [file for file, inode in inodes.items() if file.stat().st_ino != inode]
    assert changed == [raw / A / "outcomes.csv"]
    assert set(inodes) == {file for file in raw.rglob("*") if file.is_file()}


def test_labels_survive_and_a_changed_quantity_is_shown(tmp_path: Path, tables: Tables, raw: Path) -> None:
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert "metrics that need a label or unit: 2" in plan.summary()
    file = raw / A / "outcomes.csv"
    file.write_text(
        file.read_text(encoding="utf-8")
        .replace("outcomemetric2,,", "outcomemetric2,Weeks at home,")
        # 145852 weeks, already net
        .replace("145852,,false", "145852,week,true"),
        encoding="utf-8",
        newline="",
    )
    # A result that comes in before the others moves their places, not their labels.
    tables[indigo.RESULTS] = [
        result(A, "outcomemetric0", "1"),
        result(A, "outcomemetric1", "15", start="2018-10", end="2020-02"),
        result(A, "outcomemetric2", "145852"),
    ]
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    by_metric = {row["metric_id"]: row for row in read_rows(file)}
    labelled = by_metric["outcomemetric2"]
    assert (labelled["label"], labelled["unit"], labelled["is_net_of_deadweight"]) == (
        "Weeks at home",
        "week",
        "true",
    )
    assert plan.changes == [
        f"+ {A}/outcomes.csv: outcomemetric0 quantity 1, result_type final",
        f"~ {A}/outcomes.csv: outcomemetric1 quantity 12 -> 15, locator results: {A} #1 -> results: {A} #2",
        f"~ {A}/outcomes.csv: outcomemetric2 locator results: {A} #2 -> results: {A} #3",
    ]
    assert "contracts: 2, of which new or changed: 1" in plan.summary()


def test_rows_added_by_hand_survive_after_the_imported_ones(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = write_export(tmp_path / "export", tables)
    run_import(path, raw)
    file = raw / A / "outcomes.csv"
    header, *imported = file.read_text(encoding="utf-8").splitlines()
    by_hand = [
        'outcomemetric1,"Homes, kept",final,,,9,person,false,evaluation-2021,table 4',
        "own1,Our count,final,,,8,person,false,indigo-2025-05,read from a chart",
    ]
    file.write_text("\n".join([header, by_hand[0], *imported, by_hand[1], ""]), encoding="utf-8", newline="")
    plan = run_import(path, raw)
    assert file.read_text(encoding="utf-8").splitlines() == [header, *imported, *by_hand]
    assert plan.changes == [f"~ {A}/outcomes.csv: layout only (quotes, line ends or order of rows)"]
    assert "results with a number: 2 in 1 contracts" in plan.summary()
    assert run_import(path, raw).changes == []


def test_rows_that_the_export_has_lost_are_removed(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.RESULTS].append(result(B, "outcomemetric1", "some"))
    run_import(write_export(tmp_path / "export", tables), raw)
    tables[indigo.RESULTS] = []
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert plan.changes == [
        f"- {A}/outcomes.csv: outcomemetric1",
        f"- {A}/outcomes.csv: outcomemetric2",
        f"- {B}/rejected.csv: results: {B} #1 Outcomes achieved",
    ]
    assert read_rows(raw / A / "outcomes.csv") == []


def test_contracts_of_others_are_left_alone(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = write_export(tmp_path / "export", tables)
    run_import(path, raw)
    own = raw / "OWN-1"
    own.mkdir()
    (own / "contract.toml").write_text('contract_id = "OWN-1"\n', encoding="utf-8")
    (raw / "broken").mkdir()
    (raw / "broken" / "contract.toml").write_text("= nonsense", encoding="utf-8")
    tables[indigo.LOCATIONS] = tables[indigo.LOCATIONS][:2]
    before = snapshot(raw)
    plan = run_import(write_export(path, tables), raw)
    assert snapshot(raw) == before
    assert plan.changes == []
    assert plan.summary().endswith(f"left alone, not in the export: 1\n  {B}")


def test_what_others_added_to_a_contract_stays(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    file = raw / A / "contract.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace(
        "people_targeted = 200", "people_targeted = 200 # as contracted\nlead = 'me'\npeople_engaged = 7"
    )
    file.write_text(
        text + '\n[[sources]]\nsource_id = "evaluation-2021"\nlocator = "p. 9"\n',
        encoding="utf-8",
        newline="",
    )
    tables[indigo.PROJECTS][0] |= {
        indigo.PEOPLE_TARGETED: "210",
        indigo.SIGNED: "2018-05",
        indigo.SERVICE_ENDS["actual"]: "2020-06",
    }
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert plan.changes == [
        f"~ {A}/contract.toml: contract_signed (none) -> 2018-05-01, service_end 2020-12-31 -> 2020-06-30, "
        "service_end_basis completion_anticipated -> actual, people_targeted 200 -> 210",
        f"~ {A}/payments.csv: projects: {A} maximum period_end 2020-12-31 -> 2020-06-30",
    ]
    text = file.read_text(encoding="utf-8")
    assert "people_targeted = 210 # as contracted" in text
    contract = tomllib.loads(text)
    assert (contract["lead"], contract["people_engaged"]) == ("me", 7)
    assert [source["source_id"] for source in contract["sources"]] == ["indigo-2025-05", "evaluation-2021"]
    assert f"kept though the export does not give it: 1\n  {A} people_engaged = 7" in plan.summary()
    assert run_import(tmp_path / "export", raw).changes == []


def test_line_ends_of_a_contract_file_stay(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    file = raw / A / "contract.toml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    before = snapshot(raw)
    assert run_import(tmp_path / "export", raw).changes == []
    assert snapshot(raw) == before


def test_an_earlier_source_id_is_replaced(
    tmp_path: Path, tables: Tables, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_export(tmp_path / "export", tables)
    monkeypatch.setattr(indigo, "INDIGO_SOURCE_ID", "indigo-2024-01")
    run_import(path, raw)
    monkeypatch.undo()
    plan = run_import(path, raw)
    assert f"~ {B}/contract.toml: source_id indigo-2024-01 -> indigo-2025-05" in plan.changes
    assert not any(b"indigo-2024-01" in content for content in snapshot(raw).values())


def test_a_contract_begun_by_hand_gets_the_import_as_one_more_source(tmp_path: Path, tables: Tables, raw: Path) -> None:
    file = raw / A / "contract.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f'contract_id = "{A}"\nstage = "implementation"\n\n[extra]\nk = 1\n', encoding="utf-8")
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    contract = tomllib.loads(file.read_text(encoding="utf-8"))
    assert contract["extra"] == {"k": 1}
    assert contract["stage"] == "complete"
    assert len(contract["sources"]) == 1
    assert "stage implementation -> complete" in plan.changes[0]
    assert plan.changes[0].endswith("source indigo-2025-05 added")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("contract.toml", "= nonsense", "not readable as TOML"),
        ("contract.toml", "sources = 1", "sources is not a list"),
        (
            "outcomes.csv",
            "metric_id,colour\na,b\n",
            "outcomes.csv:1: colour: unknown column; and 9 more",
        ),
    ],
)
def test_a_file_that_cannot_be_merged_stops_the_import(
    tmp_path: Path, tables: Tables, raw: Path, name: str, content: str, message: str
) -> None:
    (raw / A).mkdir(parents=True)
    (raw / A / name).write_text(content, encoding="utf-8")
    with pytest.raises(ImportProblem, match=message):
        plan_import(write_export(tmp_path / "export", tables), raw)
    assert snapshot(raw) == {f"{A}/{name}": content.encode()}


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, tables: Tables, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    before = snapshot(raw)
    tables[indigo.RESULTS][0][indigo.ACHIEVED] = "15"
    plan = plan_import(write_export(tmp_path / "export", tables), raw)

    def fail(*_: object) -> None:
        raise OSError("disk is gone")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk is gone"):
        write_import(plan, raw)
    assert snapshot(raw) == before


# --- The published copy -------------------------------------------------------------------------------------

PUBLISHED = Path(__file__).parents[3] / "shared" / "sources" / "indigo"
RAW = Path(__file__).parents[2] / "raw"
published = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="INDIGO's export (copy of May 2025) does not lie beside the project"
)


@pytest.fixture(scope="module")
def contracts() -> dict[str, indigo.RawContract]:
    """The contracts of the published copy."""
    return read_export(PUBLISHED)


@published
def test_published_contracts(contracts: dict[str, indigo.RawContract]) -> None:
    assert len(contracts) == 100
    assert Counter(contract.contract["policy_area"] for contract in contracts.values()) == {
        "employment_and_training": 32,
        "homelessness": 23,
        "child_and_family_welfare": 20,
        "health": 15,
        "education": 8,
        "criminal_justice": 2,
    }
    assert Counter(contract.contract["stage"] for contract in contracts.values()) == {
        "complete": 73,
        "implementation": 27,
    }
    assert sum(contract.contract["delivery_places"] for contract in contracts.values()) == 166
    mhep = contracts["INDIGO-POJ-0118"].contract
    assert mhep["outcomes_fund"] == ["Commissioning Better Outcomes Fund", "Social Outcomes Fund"]
    assert (mhep["service_end"], mhep["service_end_basis"]) == (dt.date(2018, 10, 31), "completion_actual")


@published
def test_published_results_are_all_accounted_for(contracts: dict[str, indigo.RawContract]) -> None:
    taken = {row["locator"] for contract in contracts.values() for row in contract.outcomes}
    rejected = [
        row for contract in contracts.values() for row in contract.rejected if row["column"] == "Outcomes achieved"
    ]
    assert sum(len(contract.outcomes) for contract in contracts.values()) == len(taken) == 415
    assert sum(bool(contract.outcomes) for contract in contracts.values()) == 41
    assert len(rejected) == len({row["locator"] for row in rejected}) == 25
    assert not taken & {row["locator"] for row in rejected}
    assert Counter(row["reason"] for row in rejected) == {
        "text in a number field": 20,
        "no number reported": 5,
    }
    assert max(len(row["value"]) for row in rejected) <= 40
    others = [row for contract in contracts.values() for row in contract.rejected if row not in rejected]
    assert [(row["locator"], row["value"]) for row in others] == [
        ("results: INDIGO-POJ-0120 #1", "3600 (as of Jan 2019)")
    ]


@published
def test_project_apollo_is_not_multiplied(contracts: dict[str, indigo.RawContract]) -> None:
    apollo = contracts["INDIGO-POJ-0123"].outcomes
    assert [row["metric_id"] for row in apollo] == [f"outcomemetric{n}" for n in range(1, 24)]


@published
def test_published_payments(contracts: dict[str, indigo.RawContract]) -> None:
    payments = [(contract_id, row) for contract_id, contract in contracts.items() for row in contract.payments]
    sums: Counter[str] = Counter()
    for _, row in payments:
        # Whole pounds but for one maximum; a Counter adds integers.
        sums[row["basis"]] += int(Decimal(row["amount_gbp"]))
    assert (sums["paid"], sums["reported"], sums["evaluation"]) == (122_852_596, 13_494_488, 4_504_011)
    recorded = [(contract_id, row) for contract_id, row in payments if row["basis"] in ("paid", "reported")]
    assert len(recorded) == 551
    assert len({contract_id for contract_id, _ in recorded}) == 38
    assert Counter(row["note"] for _, row in recorded) == {
        "": 506,
        "covid_relief": 35,
        "share_of_maximum": 6,
        "temporary_uplift": 3,
        "capped": 1,
    }
    assert len({row["locator"] for _, row in payments}) == len(payments)
    backward = [row["locator"] for _, row in recorded if row["period_end"] < row["period_start"]]
    assert backward == ["payments: INDIGO-POJ-0174 #10"]


@published
def test_published_commitments_are_of_the_project_or_of_its_payers(
    contracts: dict[str, indigo.RawContract],
) -> None:
    for contract in contracts.values():
        kinds = {row["locator"].split(":")[0] for row in contract.payments if row["basis"] == "commitment"}
        assert len(kinds) <= 1
    of_projects = [row for c in contracts.values() for row in c.payments if row["locator"].endswith("maximum")]
    assert len(of_projects) == 57


@published
def test_published_organisations_and_places_are_those_of_the_project(raw: Path) -> None:
    run_import(PUBLISHED, raw)
    for file in ("organisations.csv", "places.csv"):
        for path in raw.glob(f"*/{file}"):
            assert path.read_bytes() == (RAW / path.relative_to(raw)).read_bytes()


@published
def test_published_import_is_repeatable(raw: Path) -> None:
    run_import(PUBLISHED, raw)
    before = snapshot(raw)
    plan = run_import(PUBLISHED, raw)
    assert plan.changes == []
    assert snapshot(raw) == before
    assert "payments, paid: 544, £122,852,596" in plan.summary()
    assert "commissioners: 145\nproviders: 208\ninvestors: 76\nplaces: 166\n" in plan.summary()
