"""A data package held to its standard by the validator of others.

Belongs here: what the validator changes for everybody in its process is put back. It lifts the limit on the length of a
cell, which says of an endless one that it is wrong.
"""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import frictionless


def report_on(folder: Path) -> "frictionless.Report":
    """What frictionless says of the package in a folder."""
    limit = csv.field_size_limit()
    try:
        import frictionless

        return frictionless.Package(str(folder / "datapackage.json")).validate()
    finally:
        csv.field_size_limit(limit)
