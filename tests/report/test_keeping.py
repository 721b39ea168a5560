"""What is kept of a publication is enough for a bridge from it, and is never changed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.earlier import read_earlier
from pipeline.method.analysis.bridge.bridge import bridge
from pipeline.method.analysis.bridge.results import result_of
from pipeline.report.keeping import NOTE, keep
from pipeline.report.publish import publish_edition
from pipeline.tables.reference import EarlierPublications

TablesOf = Callable[[str], dict[str, pd.DataFrame]]


def test_an_edition_that_is_kept_can_be_followed_to_itself(
    tmp_path: Path, project_root: Path, tables_of: TablesOf
) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(project_root / "reference/editions", reference / "editions")
    tables = tables_of("open-2026")
    publish_edition(tmp_path / "reports", "open-2026", tables, {}, {})
    assert keep(tmp_path / "reports", reference, "2030-01-02") == ["2030-01-02-open-2026"]
    register = pd.read_csv(reference / "earlier_publications.csv")
    assert register.to_dict("records") == [
        {
            "publication_id": "2030-01-02-open-2026",
            "edition": "open-2026",
            "published_on": "2030-01-02",
            "told_in": "open-2026",
            "note": NOTE,
        }
    ]
    publications = EarlierPublications.validate(register)
    earlier, problems = read_earlier(reference, "reference", publications)
    assert not problems
    before, now = result_of(earlier["2030-01-02-open-2026"]), result_of(tables)
    assert before is not None
    assert now is not None
    terms = bridge(before, now)
    # What is published is what the steps had: nothing at all differs.
    assert set(terms["cause"]) == {"code"}
    assert (terms["term"] == 0).all()
    with pytest.raises(FileExistsError, match="kept already"):
        keep(tmp_path / "reports", reference, "2030-01-02")


def test_without_tables_there_is_nothing_to_keep(tmp_path: Path, project_root: Path) -> None:
    shutil.copytree(project_root / "reference/editions", tmp_path / "reference/editions")
    (tmp_path / "reports/open-2026").mkdir(parents=True)
    assert keep(tmp_path / "reports", tmp_path / "reference", "2030-01-02") == []
