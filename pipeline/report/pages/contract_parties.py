"""What the page of a contract says of who took part, where it was delivered, and its sources.

Belongs here: putting organisations and places together by role, and the sources that the rows of a page name.
"""

from pipeline.report.pages.gathered import Gathered
from pipeline.report.rows import Row
from pipeline.report.wording import about
from pipeline.tables.vocabulary import ORGANISATION_ROLES

SOURCE_COLUMNS = ("source_id", "deadweight_source_id")


def taking_part(organisations: list[Row], places: list[Row]) -> list[Row]:
    """Return who took part in a contract by role, what was invested and where it was delivered.

    ``what``, ``rows``, ``cited``. Each row with ``shown``; ``cited``: the first row in each table of each source.
    """
    named = [row for row in organisations if row["organisation_id"]]
    by_role = {
        role: [row | {"shown": _investor(row)} for row in named if row["role"] == role] for role in ORGANISATION_ROLES
    }
    groups = {
        **by_role,
        "investment committed": [row | {"shown": _committed(row)} for row in organisations if row not in named],
        "place of delivery": [row | {"shown": row["place"]} for row in places],
    }
    several = {"place of delivery": "places of delivery", "investment committed": "investment committed"}
    return [
        {"what": what if len(rows) == 1 else several.get(what, f"{what}s"), "rows": _once(rows), "cited": _cited(rows)}
        for what, rows in groups.items()
        if rows
    ]


def _once(rows: list[Row]) -> list[Row]:
    """The first row of each that shows the same."""
    return list({row["shown"]: row for row in reversed(rows)}.values())[::-1]


def _investor(row: Row) -> str:
    """The name of an organisation, with what it committed where that is known."""
    amount = row["investment_committed_gbp"]
    return str(row["name"]) if amount is None else f"{row['name']} ({_committed(row)})"


def _committed(row: Row) -> str:
    return f"{about(row['investment_committed_gbp'])}{' or more' if row['is_low_end'] else ''}"


def _cited(rows: list[Row]) -> list[Row]:
    """The first row of each table of each source."""
    firsts = {(row["source_id"], row["locator"].partition(" #")[0]): row for row in reversed(rows)}
    return list(firsts.values())[::-1]


def sources_of(gathered: Gathered, *rows: Row | list[Row]) -> list[Row]:
    """Return the sources that rows name, as the register has them; a cell may name several."""
    flat = [row for each in rows for row in (each if isinstance(each, list) else [each])]
    cells = [row[column] for row in flat for column in SOURCE_COLUMNS if row.get(column)]
    ids = sorted({source_id for cell in cells for source_id in cell.split("; ")})
    return [gathered.sources[source_id] for source_id in ids if source_id in gathered.sources]
