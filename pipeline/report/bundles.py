"""Everything that an edition publishes in one file: a zip of the CSV files, and a workbook as XLSX and as ODS.

Belongs here: what the files are called and what lies in the zip. The workbook is made in ``workbook``.
"""

import json
from collections.abc import Mapping

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.report.downloads import (
    AUTHORS,
    CSV_PATH,
    PROJECT,
    PROJECT_TITLE,
    attributions,
    bundle_names,
    citation,
    csv_text,
    data_package,
)
from pipeline.report.workbook.contents import workbooks
from pipeline.report.workbook.sheets import zipped


def bundles(
    edition: Edition,
    published: Mapping[str, pd.DataFrame],
    sources: pd.DataFrame,
    versions: Mapping[str, str],
    texts: Mapping[str, str],
) -> dict[str, bytes]:
    """Return the files by name; ``texts``: those of the edition, of which the CSV files that are there are taken."""
    made = {"zip": _zip(edition, published, sources, versions, texts)}
    made |= workbooks(edition, published, sources, versions)
    return {name: made[ending] for ending, name in bundle_names(edition).items()}


def _zip(
    edition: Edition,
    published: Mapping[str, pd.DataFrame],
    sources: pd.DataFrame,
    versions: Mapping[str, str],
    texts: Mapping[str, str],
) -> bytes:
    package = data_package(edition, published, sources, versions)
    # It names what lies beside it: in the zip there is each table once.
    for resource in package["resources"]:
        del resource["parquet"]
    paths = {name: CSV_PATH.format(name) for name in published}
    return zipped(
        {
            "README.txt": _readme(edition, sources, versions),
            "CITATION.cff": citation(edition, versions).cff + "\n",
            "datapackage.json": json.dumps(package, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
            **{path: texts.get(path) or csv_text(published[name], name) for name, path in paths.items()},
        }
    )


def _readme(edition: Edition, sources: pd.DataFrame, versions: Mapping[str, str]) -> str:
    lines = (
        edition.title,
        f"Edition {edition.edition} of {PROJECT} ({AUTHORS}): {PROJECT_TITLE}",
        edition.reasons,
        "The folder tables has one CSV file for each table. datapackage.json says what each column means, in which "
        "unit, and where the data come from. An empty field is not known, not published or does not apply; it never "
        "means 0.",
        f"How to cite: {citation(edition, versions).text}",
        "Name the sources in these words:",
        *attributions(sources),
    )
    return "\n\n".join(lines) + "\n"
