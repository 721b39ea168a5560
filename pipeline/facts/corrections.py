"""Known errors of sources, corrected in the open.

Belongs here: applying the declared corrections to rows of text before they are typed; nothing is corrected
that is not declared, and a declared correction that fits nothing is itself a problem.
"""

from collections.abc import Collection, Mapping

import pandas as pd

from pipeline.facts.problems import Problem
from pipeline.facts.typed_csv import TextRows
from pipeline.tables.raw import RejectedRows
from pipeline.tables.reference import Corrections
from pipeline.tables.typed import DataFrame


def apply_corrections(
    tables: Mapping[str, TextRows],
    corrections: DataFrame[Corrections],
    shown_path: str,
    unread: Collection[tuple[str, str]] = (),
) -> tuple[list[Problem], DataFrame[RejectedRows]]:
    """Apply the corrections to the text rows in place.

    ``tables`` maps contracts, outcomes and payments to their rows. A correction names table, contract,
    locator and column, the value reported and the value used; an empty used value leaves the row out, and the value
    reported confirms it. The index of ``corrections`` is the row in the file. One of an unknown table is left to the
    model of corrections. ``unread``: table and contract of which not everything could be read, so that a row that is
    not found may still be there.
    Returns the problems (a correction that matches no row, or whose reported value has changed) and the
    rows left out.
    """
    problems: list[Problem] = []
    left_out: list[dict[str, object]] = []
    known = corrections[corrections["table"].isin(list(tables))]
    for number, correction in zip(known.index, known.to_dict("records"), strict=True):
        rows = tables[correction["table"]]
        positions = [i for i, record in enumerate(rows.records) if _matches(record, correction)]
        if not positions and (correction["table"], correction["contract_id"]) in unread:
            continue
        if len(positions) != 1:
            what = f"the correction matches {'several rows' if positions else 'no row'}"
            where = f"{correction['table']} of {correction['contract_id']}: {correction['locator']}"
            problems.append(Problem(shown_path, number, "locator", what, where))
            continue
        (position,) = positions
        record = rows.records[position]
        if record.get(correction["column"], "") != correction["reported"]:
            problems.append(
                Problem(
                    shown_path,
                    number,
                    "reported",
                    "the reported value has changed",
                    record.get(correction["column"], ""),
                    repr(correction["reported"]),
                )
            )
            continue
        if correction["used"]:
            record[correction["column"]] = correction["used"]
        else:
            left_out.append(_left_out(correction, rows, position))
            del rows.records[position], rows.places[position]
    return problems, pd.DataFrame(left_out, columns=LEFT_OUT_COLUMNS)


LEFT_OUT_COLUMNS = list(RejectedRows.to_schema().columns)


def _matches(record: Mapping[str, str], correction: Mapping[str, str]) -> bool:
    place = record["contract_id"], record.get("locator", record["contract_id"])
    return place == (correction["contract_id"], correction["locator"])


def _left_out(correction: Mapping[str, str], rows: TextRows, position: int) -> dict[str, object]:
    path, row = rows.places[position]
    return {
        "contract_id": correction["contract_id"],
        "path": path,
        "row": row,
        "column": correction["column"],
        "value": correction["reported"],
        "reason": correction["reason"],
        "source_id": correction["source_id"],
        "locator": correction["locator"],
    }
