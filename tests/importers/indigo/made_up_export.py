"""A made-up export of INDIGO, by file, to be changed by a test; writing it, and reading what became of it."""

import csv
import datetime as dt
import io
from pathlib import Path

from pipeline.importers.imported import ImportedContract
from pipeline.importers.indigo import columns as indigo
from pipeline.importers.indigo.contracts import contracts_of
from pipeline.importers.indigo.export import load_export
from pipeline.importers.indigo.importer import plan_import
from pipeline.importers.merge import ImportPlan, write_import

A, B = "INDIGO-POJ-9001", "INDIGO-POJ-9002"
VINTAGE, NEXT = "2025-05", "2026-04"
TODAY = dt.date(2026, 11, 29)
Rows = list[dict[str, str]]
Tables = dict[str, Rows]

PROSE = "Secret sentence of the source: about half of the young people did better than they would have done."


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
        # Its ids repeat, and a join with it would multiply the results.
        indigo.METRICS: [
            metric(A, "outcomemetric1"),
            metric(A, "outcomemetric1", definition="another"),
            metric(A, "outcomemetric2", users="252", unit="Individual", outcome="18447"),
        ],
        indigo.PRICES: [price(A, "outcomemetric2", "1300.50", maximum="11700")],
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


def metric(
    project: str,
    metric_id: str,
    users: str = "",
    unit: str = "",
    unit_name: str = "",
    outcome: str = "",
    definition: str = PROSE,
) -> dict[str, str]:
    """A row of the metrics."""
    return {
        indigo.PROJECT_ID: project,
        "Id": metric_id,
        indigo.TARGET_PEOPLE: users,
        indigo.TARGET_UNIT: unit,
        indigo.TARGET_UNIT_NAME: unit_name,
        indigo.TARGET_OUTCOME: outcome,
        "Outcome Definition": definition,
    }


def price(
    project: str, metric_id: str, amount: str, currency: str = "GBP", maximum: str = "", note: str = "", rises: str = ""
) -> dict[str, str]:
    """A row of the prices."""
    return {
        indigo.PROJECT_ID: project,
        indigo.METRIC_ID: metric_id,
        indigo.PRICE_CURRENCY: currency,
        indigo.PRICE: amount,
        indigo.PRICE_MAXIMUM: maximum,
        indigo.PRICE_INCREASES: rises,
        indigo.NOTES: note,
    }


def payment(
    project: str, amount: str, kind: str = "", payer: str = "", note: str = "", currency: str = "GBP", plan: str = ""
) -> dict[str, str]:
    """A row of the payments."""
    return {
        indigo.PROJECT_ID: project,
        indigo.PLAN_ID: plan,
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
    columns = list(dict.fromkeys([*indigo.COLUMNS.get(name, ()), *(column for row in rows for column in row)]))
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


def run_import(path: Path, raw: Path, vintage: str = VINTAGE, reference: Path | None = None) -> ImportPlan:
    """Plan and write."""
    plan = plan_import(path, raw, reference, vintage, TODAY)
    write_import(plan, raw, reference)
    return plan


def read_rows(path: Path) -> Rows:
    """The rows of a file in raw/."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def read_export(path: Path) -> dict[str, ImportedContract]:
    """The contracts of an export, by id, without corrections."""
    return contracts_of(load_export(path), f"indigo-{VINTAGE}")
