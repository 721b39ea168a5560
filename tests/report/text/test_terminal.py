"""The end of a run in a terminal: what an edition is worth, what is overdue, and what moved."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pipeline.facts.reference import Reference
from pipeline.report.text.headline import headline
from pipeline.report.text.news import News, path_of, write
from pipeline.report.text.terminal import headline_text, moved_lines

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
EDITION = "open-2026"


def test_parameters_past_their_review_are_told_and_others_not(tables_of: TablesOf, reference: Reference) -> None:
    data = headline(tables_of(EDITION), reference.editions[EDITION])
    data["evidence_age"]["reviews"] = {
        "2000-01-01": {"parameters": 2, "share": 0.25},
        "9999-01-01": {"parameters": 3, "share": 0.5},
    }
    said = headline_text(EDITION, data, Path("out"))
    assert (
        "  25% of public value depends on 2 parameters that should have been reviewed by 2000-01-01; publicvalue check"
        in said
    )
    assert "9999" not in said
    assert said.endswith(f"  {Path('out') / EDITION / 'index.html'}")


def test_a_range_is_told_of_each_ratio_that_has_one(tables_of: TablesOf, reference: Reference) -> None:
    data = headline(tables_of(EDITION), reference.editions[EDITION])
    both = headline_text(EDITION, data, Path("out"))
    assert " of public value, £" in both
    data["uncertainty"]["fiscal_bcr"]["has_range"] = False
    one = headline_text(EDITION, data, Path("out"))
    assert "80% range: £" in one
    assert " of public value, £" not in one
    assert "simulations" not in headline_text(EDITION, data | {"uncertainty": {}}, Path("out"))


def test_what_moved_since_the_last_publication_is_told_as_the_run_has_written_it(tmp_path: Path) -> None:
    assert moved_lines(EDITION, tmp_path) == []
    path = path_of(tmp_path, EDITION)
    write(News(["public value per £1: 1.00 -> 2.00"], ["bcr: 1.0 -> 2.0"]), path)
    assert moved_lines(EDITION, tmp_path) == [
        "  moved: public value per £1: 1.00 -> 2.00",
        f"  moved: full list (1 line): {path}",
    ]
