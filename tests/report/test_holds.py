"""What was held is let go by a person, once, for the very data on which it was held."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pipeline.report.history import FOLDER
from pipeline.report.holds import (
    HELD,
    RELEASED,
    Held,
    NothingHeldError,
    Release,
    held_now,
    note_held,
    release,
    released,
    state,
    told,
    use_up,
    with_words,
)
from tests.conftest import Run

OLD, NEW = ({"data_version": version, "code_version": "1"} for version in ("a", "b"))
MOVED = Held("open-2026", "no_contract_carries_the_move", "1 of 1 moves of contracts failed", "C-1: found 9")
DROPPED = Held("open-2026", "no_contract_dropped", "1 of 2 contracts failed", "C-2: found 0")
FEW_DRAWS = ("--draws", "100")
MOMENT = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_a_release_is_for_the_data_on_which_it_was_held_and_used_up_with_them(tmp_path: Path) -> None:
    note_held(tmp_path, OLD, [MOVED, DROPPED])
    assert held_now(tmp_path) == [MOVED, DROPPED]
    assert released(tmp_path, OLD) == []
    assert state(tmp_path) == ""
    assert release(tmp_path, (), "A. Reviewer", "looked at the rows", MOMENT) == [MOVED, DROPPED]
    (one, other) = released(tmp_path, OLD)
    assert one == Release("open-2026", MOVED.check, "A. Reviewer", "looked at the rows", "2026-11-29-120000")
    assert other.check == DROPPED.check
    assert released(tmp_path, NEW) == []
    assert state(tmp_path) != ""
    use_up(tmp_path)
    assert (held_now(tmp_path), released(tmp_path, OLD), state(tmp_path)) == ([], [], "")


def test_checks_are_let_go_by_name_one_after_the_other(tmp_path: Path) -> None:
    note_held(tmp_path, OLD, [MOVED, DROPPED])
    release(tmp_path, [MOVED.check], "A", "first", MOMENT)
    release(tmp_path, [DROPPED.check], "B", "second", MOMENT)
    release(tmp_path, [MOVED.check], "C", "looked once more", MOMENT)
    assert [(each.check, each.by) for each in released(tmp_path, OLD)] == [(DROPPED.check, "B"), (MOVED.check, "C")]


def test_what_is_held_on_other_data_is_not_let_go_with_what_was_said_before(tmp_path: Path) -> None:
    note_held(tmp_path, OLD, [MOVED])
    release(tmp_path, (), "A", "right", MOMENT)
    note_held(tmp_path, NEW, [DROPPED])
    assert released(tmp_path, NEW) == []
    release(tmp_path, (), "A", "right too", MOMENT)
    assert [each.check for each in released(tmp_path, NEW)] == [DROPPED.check]
    assert released(tmp_path, OLD) == []


def test_nothing_held_is_nothing_to_let_go(tmp_path: Path) -> None:
    with pytest.raises(NothingHeldError, match="nothing is held"):
        release(tmp_path, (), "A", "right", MOMENT)
    note_held(tmp_path, OLD, [MOVED])
    with pytest.raises(NothingHeldError, match="not held by no_contract_dropped; it is held by: no_contract_carries_t"):
        release(tmp_path, ["no_contract_dropped"], "A", "right", MOMENT)
    note_held(tmp_path, OLD, [])
    assert held_now(tmp_path) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"held": 3}'])
def test_what_is_damaged_holds_nothing_and_releases_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / FOLDER).mkdir()
    for name in (HELD, RELEASED):
        (tmp_path / FOLDER / name).write_text(content, encoding="utf-8")
    assert (held_now(tmp_path), released(tmp_path, OLD), state(tmp_path)) == ([], [], "")


def test_what_is_let_go_in_one_edition_is_let_go_in_no_other(tmp_path: Path) -> None:
    note_held(tmp_path, OLD, [MOVED])
    release(tmp_path, (), "A", "right", MOMENT)
    (said,) = released(tmp_path, OLD)
    assert (said.edition, said.check) == ("open-2026", MOVED.check)
    assert told("atq-2024", [MOVED.check], [said])[0]["by"] == "the person who started the run"


def test_with_a_publication_is_kept_who_accepted_what_and_why() -> None:
    said = [Release("open-2026", "no_contract_dropped", "A", "its funder has ended it", "2026-11-29-120000")]
    assert told("open-2026", ["no_contract_dropped", "market_near_the_last"], said) == [
        {"check": "no_contract_dropped", "by": "A", "because": "its funder has ended it"},
        {
            "check": "market_near_the_last",
            "by": "the person who started the run",
            "because": "they named the check when they started it",
        },
    ]


def test_the_checks_that_are_published_say_who_accepted_which_and_why() -> None:
    said = [Release("open-2026", "no_contract_dropped", "A", "its funder has ended it", "2026-11-29-120000")]
    outcomes = pd.DataFrame({"check": ["no_contract_dropped", "levels_agree"], "outcome": ["accepted", "passed"]})
    table = with_words(outcomes, "open-2026", said)
    assert table["accepted_by"].to_list() == ["A", ""]
    assert table["accepted_because"].to_list() == ["its funder has ended it", ""]


def test_a_publication_that_is_held_is_let_go_by_hand(
    small_project: Path, publicvalue: Run, checks_ready: None
) -> None:
    assert publicvalue("accept", "--by", "A", "--because", "b")[0] == 2
    assert publicvalue("run", *FEW_DRAWS)[0] == 0
    before = (small_project / "reports/main/headline.json").read_bytes()
    path = small_project / "raw/C-1/payments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",100000,", ",390000,"), encoding="utf-8")
    status, _, err = publicvalue("run", *FEW_DRAWS)
    assert status == 1
    assert "no_contract_carries_the_move" in err
    assert (small_project / "reports/main/headline.json").read_bytes() == before
    status, out, _ = publicvalue("accept", "--by", "A. Reviewer", "--because", "the council has paid it")
    assert status == 0
    assert "main: no_contract_carries_the_move: " in out
    assert out.endswith(
        "Accepted once, for the data as they are now. publicvalue run, or the next refresh, publishes it.\n"
    )
    # Other data are held again, and a run of them leaves those alone that were let go.
    path.write_text(path.read_text(encoding="utf-8").replace(",390000,", ",390001,"), encoding="utf-8")
    assert publicvalue("run", *FEW_DRAWS)[0] == 1
    path.write_text(path.read_text(encoding="utf-8").replace(",390001,", ",390000,"), encoding="utf-8")
    assert publicvalue("run", *FEW_DRAWS)[0] == 0
    status, out, _ = publicvalue("history")
    assert (
        "accepted although it failed: no_contract_carries_the_move, by A. Reviewer, because the council has paid it"
        in out
    )
    assert publicvalue("accept", "--by", "A", "--because", "b")[0] == 2
