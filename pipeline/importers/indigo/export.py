"""INDIGO's export as tables by project, for the projects in Great Britain.

Belongs here: grouping rows by project, and the registers of funds and organisations. No cell is judged here.
"""

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.importers.imported import ImportProblem, Row
from pipeline.importers.indigo.cells import on_one_line
from pipeline.importers.indigo.columns import (
    COMMITMENTS,
    COUNTRY_COLUMN,
    FUND_NAME,
    FUNDS,
    INVESTMENTS,
    LOCATIONS,
    METRICS,
    ORGANISATIONS,
    PAYMENTS,
    PRICES,
    PROJECT_FUNDS,
    PROJECT_ID,
    PROJECTS,
    PROVISIONS,
    RESULTS,
)
from pipeline.importers.indigo.files import read_tables
from pipeline.tables.base import CONTRACT_ID_PATTERN, LONGEST_NAME

COUNTRY = "GB"
_CONTRACT_ID = re.compile(CONTRACT_ID_PATTERN)


@dataclass(frozen=True)
class Export:
    """The tables of an export, by project where they have one.

    `dates`: the days that its files are of; `gb_places` counts GB delivery locations.
    """

    dates: list[dt.date]
    projects: dict[str, Row]
    gb_places: Counter[str]
    results: dict[str, list[Row]]
    payments: dict[str, list[Row]]
    commitments: dict[str, list[Row]]
    provisions: dict[str, list[Row]]
    investments: dict[str, list[Row]]
    locations: dict[str, list[Row]]
    metrics: dict[str, list[Row]]
    prices: dict[str, list[Row]]
    funds: dict[str, list[Row]]
    fund_names: dict[str, str]
    organisation_names: dict[str, str]


def load_export(path: Path) -> Export:
    """Read an export. Raises ImportProblem, naming file and column, if something is missing or cannot be read."""
    tables, dates = read_tables(path)
    in_gb = Counter(row[PROJECT_ID] for row in tables[LOCATIONS] if row[COUNTRY_COLUMN] == COUNTRY)
    projects = {row["ID"]: row for row in tables[PROJECTS] if row["ID"] in in_gb}
    _check_ids(in_gb, [row["ID"] for row in tables[PROJECTS]])
    return Export(
        dates=dates,
        projects=projects,
        gb_places=in_gb,
        results=_by_project(tables[RESULTS]),
        payments=_by_project(tables[PAYMENTS]),
        commitments=_by_project(tables[COMMITMENTS]),
        provisions=_by_project(tables[PROVISIONS]),
        investments=_by_project(tables[INVESTMENTS]),
        locations=_by_project(tables[LOCATIONS]),
        metrics=_by_project(tables[METRICS]),
        prices=_by_project(tables[PRICES]),
        funds=_by_project(tables[PROJECT_FUNDS]),
        fund_names={row["ID"]: row[FUND_NAME] for row in tables[FUNDS]},
        organisation_names={row["ID"]: on_one_line(row["Name"]) for row in tables[ORGANISATIONS]},
    )


def _check_ids(in_gb: Iterable[str], project_ids: list[str]) -> None:
    """Each GB project stands once in projects.csv, under an id that can name a folder."""
    times = Counter(project_ids)
    for contract_id in in_gb:
        if times[contract_id] != 1:
            raise ImportProblem(f"{PROJECTS}: {contract_id!r} appears {times[contract_id]} times, expected once")
        if not _CONTRACT_ID.fullmatch(contract_id) or len(contract_id) > LONGEST_NAME:
            raise ImportProblem(f"{PROJECTS}: ID {contract_id!r} cannot name a folder")


def _by_project(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[PROJECT_ID]].append(row)
    return grouped


def name_of(export: Export, organisation_id: str) -> str:
    """Return the name that the register gives an id; one that the register does not have stays as its id."""
    return export.organisation_names.get(organisation_id) or organisation_id
