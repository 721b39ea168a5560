"""The committed headlines and the README are what the software prints today.

They are goldens: they change only by ``make report``, which prints every figure that moved.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.text.headline import as_json, headline
from pipeline.report.text.headline_markdown import as_markdown
from tests.conftest import EDITIONS
from tools.figures import headlines, texts


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_committed_headline_is_what_a_run_gives(
    edition_id: str, tables_of: Callable[[str], dict[str, pd.DataFrame]], reference: Reference, project_root: Path
) -> None:
    edition, tables = reference.editions[edition_id], tables_of(edition_id)
    data = headline(tables, edition)
    folder = project_root / "reports" / edition_id
    hint = "run `make report`, look at what moved, and commit reports/ with the reason"
    assert (folder / "headline.json").read_text(encoding="utf-8") == as_json(data), hint
    assert (folder / "headline.md").read_text(encoding="utf-8") == as_markdown(tables, edition, data), hint


def test_readme_and_docs_show_the_figures_that_are_committed(project_root: Path) -> None:
    for path, text in texts(project_root).items():
        assert (project_root / path).read_text(encoding="utf-8") == text, "run `make report`: it writes them anew"


def test_our_own_estimate_stands_within_its_range(project_root: Path) -> None:
    own = headlines(project_root)["open-2026"]
    sure = own["uncertainty"]["bcr"]
    assert sure["p10"] < own["bcr"] < sure["p90"]
    assert own["evidence_age"]["shares"]["recent"] + own["evidence_age"]["shares"]["checked"] >= 0.8


def test_a_text_without_a_place_for_its_figures_is_told(tmp_path: Path, project_root: Path) -> None:
    for name in ("raw", "reference", "reports", "docs"):
        (tmp_path / name).symlink_to(project_root / name)
    (tmp_path / "README.md").write_text("no place")
    with pytest.raises(ValueError, match="no place for figures: <!-- figures: in short -->"):
        texts(tmp_path)
