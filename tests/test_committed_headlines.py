"""The committed headlines and the README are what the software prints today.

They are goldens: they change only by ``make report``, which prints every figure that moved.
"""

import json
from pathlib import Path

import pytest

from pipeline.cli import headline_text
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.facts.versions import versions
from pipeline.method.published import published_tables
from pipeline.method.valuation import value_edition
from pipeline.report.headline import as_json, as_markdown, headline

EDITIONS = ("atq-2022", "atq-2024", "open-2025")


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_committed_headline_is_what_a_run_gives(
    edition_id: str, facts: RawFacts, reference: Reference, project_root: Path
) -> None:
    edition = reference.editions[edition_id]
    tables = published_tables(facts, reference, value_edition(facts, reference, edition))
    data = headline(tables, edition, versions(project_root / "raw", project_root / "reference"))
    folder = project_root / "reports" / edition_id
    hint = "run `make report`, look at what moved, and commit reports/ with the reason"
    assert (folder / "headline.json").read_text(encoding="utf-8") == as_json(data), hint
    assert (folder / "headline.md").read_text(encoding="utf-8") == as_markdown(tables, edition, data), hint


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_readme_shows_the_committed_headline(edition_id: str, project_root: Path) -> None:
    data = json.loads((project_root / "reports" / edition_id / "headline.json").read_text(encoding="utf-8"))
    readme = (project_root / "README.md").read_text(encoding="utf-8")
    assert headline_text(edition_id, data, Path("reports")) in readme
