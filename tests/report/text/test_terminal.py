"""The end of a run in a terminal: what an edition is worth, what is overdue, and what moved."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pipeline.facts.reference import Reference
from pipeline.report.publish import publish_edition
from pipeline.report.text.headline import as_json, headline
from pipeline.report.text.news import path_of
from pipeline.report.text.terminal import headline_text, moved_lines, published_before

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
EDITION = "open-2026"


def test_parameters_past_their_review_are_told_and_others_not(tables_of: TablesOf, reference: Reference) -> None:
    data = headline(tables_of(EDITION), reference.editions[EDITION])
    data["evidence_age"]["reviews"] = {
        "2000-01-01": {"parameters": 2, "share": 0.25},
        "9999-01-01": {"parameters": 3, "share": 0.5},
    }
    said = headline_text(EDITION, data, Path("out"))
    assert "  25% of public value rests on 2 parameters past the review of 2000-01-01; publicvalue check" in said
    assert "9999" not in said
    assert said.endswith(f"  {Path('out') / EDITION / 'index.html'}")


def test_a_range_is_told_of_each_ratio_that_has_one(tables_of: TablesOf, reference: Reference) -> None:
    data = headline(tables_of(EDITION), reference.editions[EDITION])
    both = headline_text(EDITION, data, Path("out"))
    assert " of public value, £" in both
    data["uncertainty"]["fiscal_bcr"]["has_range"] = False
    one = headline_text(EDITION, data, Path("out"))
    assert "in eight of ten simulations" in one
    assert " of public value, £" not in one
    assert "simulations" not in headline_text(EDITION, data | {"uncertainty": {}}, Path("out"))


def test_what_moved_since_the_last_publication_is_told_with_where_the_rest_stands(
    tables_of: TablesOf, reference: Reference, tmp_path: Path
) -> None:
    tables, edition = tables_of(EDITION), reference.editions[EDITION]
    data = headline(tables, edition)
    out, working = tmp_path / "out", tmp_path / "data"

    def publish(headline_json: str) -> None:
        publish_edition(out, EDITION, tables, {"headline.json": headline_json}, {})

    publish(as_json(data))
    before = published_before(out)
    assert set(before) == {EDITION}
    assert moved_lines(before, EDITION, out, working) == []
    publish(as_json(data | {"bcr": 9.0}))
    lines = moved_lines(before, EDITION, out, working)
    assert lines[0].startswith("  moved: public value per £1: ")
    assert lines[-1] == f"  moved: 1 line in full: {path_of(working, EDITION)}"
    # Nothing is said of an edition that was never published before.
    assert moved_lines({}, EDITION, out, working) == []
