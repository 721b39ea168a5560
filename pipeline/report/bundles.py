"""Everything that an edition publishes in one file: a zip of the CSV files, and a workbook as XLSX and as ODS.

Belongs here: what the files are called and what lies in the zip. The workbook is made in ``workbook``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.common.beside import Work
from pipeline.facts.editions import Edition
from pipeline.report.citation import AUTHORS, PROJECT, PROJECT_TITLE, attributions, citation
from pipeline.report.downloads import CSV_PATH, bundle_names, csv_text, data_package
from pipeline.report.workbook.contents import workbooks
from pipeline.report.workbook.sheets import zipped


@dataclass(frozen=True)
class Bundle:
    """What the files of an edition are made from: the tables that it publishes, and what is told of them."""

    edition: Edition
    published: Mapping[str, pd.DataFrame]
    sources: pd.DataFrame
    versions: Mapping[str, str]

    def files(self, texts: Mapping[str, str], books: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the files by name.

        ``texts``: those of the edition, of which the CSV files that are there are taken; ``books``: the workbook in
        each format, by the end of its name.
        """
        made = {"zip": _zip(self, texts), **books}
        return {name: made[ending] for ending, name in bundle_names(self.edition).items()}


def begun_workbooks(of_editions: Sequence[Bundle]) -> Work[dict[str, bytes]]:
    """Have another process begin with the workbook of each edition, in each format by the end of its name."""
    return Work(_workbooks, of_editions, [(number,) for number in range(len(of_editions))])


def _workbooks(of_editions: Sequence[Bundle], number: int) -> dict[str, bytes]:
    bundle = of_editions[number]
    return workbooks(bundle.edition, bundle.published, bundle.sources, bundle.versions)


def _zip(bundle: Bundle, texts: Mapping[str, str]) -> bytes:
    edition, published, versions = bundle.edition, bundle.published, bundle.versions
    package = data_package(edition, published, bundle.sources, versions)
    # It names what lies beside it: in the zip there is each table once.
    for resource in package["resources"]:
        del resource["parquet"]
    paths = {name: CSV_PATH.format(name) for name in published}
    return zipped(
        {
            "README.txt": _readme(edition, bundle.sources, versions),
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
