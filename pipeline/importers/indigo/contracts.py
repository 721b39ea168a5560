"""One contract of INDIGO: contract.toml, results and places here, everything else from the other modules.

- **Results stand on their own.** They are not joined with INDIGO's table of metrics, whose ids repeat. A result without
  a number does not enter the table at all.
- **Places** are locations of delivery in Great Britain with the point that INDIGO gives, which may be any point of a
  whole county. A point outside the United Kingdom is rejected and left empty; its place stays.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from pipeline.importers.imported import ImportedContract, Row
from pipeline.importers.indigo.cells import Corrected, Rejections, iso, locator_of, on_one_line, period_of, plain
from pipeline.importers.indigo.columns import (
    ACHIEVED,
    COUNTRY_COLUMN,
    ENGAGED,
    LATITUDE,
    LOCATIONS,
    LONGITUDE,
    METRIC_ID,
    NAME,
    PEOPLE_ENGAGED,
    PEOPLE_TARGETED,
    PLACE,
    PROJECTS,
    RESULT_TYPE,
    RESULTS,
    SECTOR,
    SERVICE_ENDS,
    SERVICE_START,
    SIGNED,
    STAGE,
)
from pipeline.importers.indigo.export import COUNTRY, Export
from pipeline.importers.indigo.organisations import commissioners, investors, providers
from pipeline.importers.indigo.payments import project_sums, recorded_payments
from pipeline.importers.indigo.planned import planned_payments
from pipeline.importers.indigo.prices import prices
from pipeline.importers.indigo.service import service_facts
from pipeline.importers.indigo.targets import targets
from pipeline.tables.raw import LATITUDES, LONGITUDES
from pipeline.tables.vocabulary import RESULT_TYPES


def _imported_contract(export: Export, contract_id: str, source_id: str, corrected: Corrected) -> ImportedContract:
    rejections = Rejections(contract_id, corrected)
    contract = _contract(export, contract_id, rejections)
    outcomes = _outcomes(export.results.get(contract_id, []), rejections)
    payments = [*recorded_payments(export, rejections), *project_sums(export, contract, rejections)]
    organisations = [
        *commissioners(export, rejections),
        *providers(export, rejections),
        *investors(export, rejections),
    ]
    places = list(_places(export.locations.get(contract_id, []), rejections))
    agreed, aims = list(prices(export, rejections)), list(targets(export, rejections))
    plans, facts = list(planned_payments(export, rejections)), list(service_facts(export, rejections))
    return ImportedContract(
        contract_id=contract_id,
        source_id=source_id,
        locator=locator_of(PROJECTS, contract_id, 1),
        contract=contract,
        outcomes=outcomes,
        payments=payments,
        organisations=organisations,
        places=places,
        rejected=rejections.rows,
        prices=agreed,
        targets=aims,
        planned=plans,
        service=facts,
    )


def _contract(export: Export, contract_id: str, rejections: Rejections) -> dict[str, Any]:
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
        "name": on_one_line(project[NAME]),
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
    }
    return {key: value for key, value in values.items() if value is not None}


def _snake(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _fund_name(export: Export, fund_id: str) -> str:
    return on_one_line(export.fund_names.get(fund_id, fund_id)).removesuffix(" - United Kingdom")


def _outcomes(rows: list[Row], rejections: Rejections) -> list[Row]:
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
        result_type = on_one_line(row[RESULT_TYPE].lower())
        if result_type not in RESULT_TYPES:
            rejections.add(RESULTS, ordinal, RESULT_TYPE, row[RESULT_TYPE], "neither interim nor final")
            continue
        start, end = period_of(RESULTS, "outcomes", ordinal, row, rejections)
        key = (on_one_line(row[METRIC_ID]), result_type, start, end)
        if key in told:
            rejections.add(RESULTS, ordinal, ACHIEVED, row[ACHIEVED], "a second number for the same metric and period")
            continue
        told.add(key)
        outcomes.append(
            {
                "metric_id": on_one_line(row[METRIC_ID]),
                "label": "",
                "result_type": result_type,
                "period_start": iso(start),
                "period_end": iso(end),
                "quantity": plain(quantity),
                "unit": "",
                "is_net_of_deadweight": "false",
                "locator": locator_of(RESULTS, rejections.contract_id, ordinal),
            }
        )
    return outcomes


def _places(rows: list[Row], rejections: Rejections) -> Iterator[Row]:
    """Each location in Great Britain; an empty point stays empty, one outside the country is rejected."""
    for ordinal, row in enumerate(rows, start=1):
        if row[COUNTRY_COLUMN] != COUNTRY:
            rejections.add(LOCATIONS, ordinal, COUNTRY_COLUMN, row[COUNTRY_COLUMN], "not in Great Britain")
            continue
        if not row[PLACE]:
            rejections.add(LOCATIONS, ordinal, PLACE, "", "no name of a place")
            continue
        yield {
            "place": on_one_line(row[PLACE]),
            **_point(ordinal, row, rejections),
            "locator": locator_of(LOCATIONS, rejections.contract_id, ordinal),
        }


def _point(ordinal: int, row: Row, rejections: Rejections) -> dict[str, str]:
    """Latitude and longitude, both or neither."""
    found = {}
    for name, column, limits in (("latitude", LATITUDE, LATITUDES), ("longitude", LONGITUDE, LONGITUDES)):
        number = rejections.number(LOCATIONS, ordinal, column, row[column]) if row[column] else None
        if number is not None and not limits[0] <= number <= limits[1]:
            rejections.add(LOCATIONS, ordinal, column, row[column], "outside the United Kingdom")
            number = None
        found[name] = "" if number is None else plain(number)
    return found if all(found.values()) else dict.fromkeys(found, "")


def contracts_of(export: Export, source_id: str, corrected: Corrected = None) -> dict[str, ImportedContract]:
    """Return the contracts of an export, in its order, as facts of a source.

    `corrected`: what stays as reported, since it is corrected.
    """
    return {
        contract_id: _imported_contract(export, contract_id, source_id, corrected) for contract_id in export.projects
    }
