"""``make schema``: which columns are published, of which types, kept in ``docs/published-columns.json``.

Belongs here: comparing what was published with what would be now. Those who read the tables by program rely on both, so
a column that goes or changes its type takes a step of ``SCHEMA_VERSION`` and a line in CHANGELOG.md; one that is added
does not. What a column means stands in its model, and in the data package of an edition.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.report.publish import arrow_table
from pipeline.tables.catalogue import PUBLISHED_TABLES, SCHEMA_VERSION

KEPT = Path("docs/published-columns.json")
STEP = "step SCHEMA_VERSION in pipeline/tables/catalogue.py, say so in CHANGELOG.md, and run make schema"

Columns = Mapping[str, Mapping[str, str]]


def published() -> dict[str, Any]:
    """Return the version of the form, and the type of each column by table, as in the Parquet files."""
    schemas = {name: arrow_table(model.empty(), name, {}).schema for name, model in PUBLISHED_TABLES.items()}
    tables = {name: {field.name: str(field.type) for field in schema} for name, schema in schemas.items()}
    return {"schema_version": SCHEMA_VERSION, "tables": tables}


def broken(before: Columns, now: Columns) -> Iterator[str]:
    """Yield a sentence for each table or column that is gone, and for each of another type."""
    for table, columns in before.items():
        if table not in now:
            yield f"table {table} is gone"
            continue
        for column, type_before in columns.items():
            found = now[table].get(column)
            if found is None:
                yield f"column {column} of table {table} is gone"
            elif found != type_before:
                yield f"column {column} of table {table} was {type_before} and is {found}"


def problems(kept: Mapping[str, Any], now: Mapping[str, Any], changelog: str) -> list[str]:
    """Return what keeps the columns from being published as they are now, each with what to do about it."""
    version, found = now["schema_version"], []
    if version == kept["schema_version"]:
        found = [f"{what}: put it back, or {STEP}" for what in broken(kept["tables"], now["tables"])]
    elif version != kept["schema_version"] + 1:
        found = [f"SCHEMA_VERSION went from {kept['schema_version']} to {version}: a step is 1"]
    if f"`schema_version` {version}" not in changelog:
        found.append(f"CHANGELOG.md has no line with `schema_version` {version}: say there what readers need")
    return found


def main() -> None:
    """Write the columns as they are now, unless that takes a step that has not been made; then the exit status is 1."""
    now = published()
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else now
    found = problems(kept, now, Path("CHANGELOG.md").read_text(encoding="utf-8"))
    for line in found:
        print(line, file=sys.stderr)
    if found:
        sys.exit(1)
    KEPT.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
