"""Each publication stays reachable after the next: what it came to, when, why it moved, and a bridge from it."""

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.method.analysis.bridge.bridge import bridge
from pipeline.report import history
from pipeline.report.history import (
    CURRENT,
    FOLDER,
    keep_standing,
    last_kept,
    note_standing,
    publications,
)
from pipeline.report.publish import publish_edition
from pipeline.report.text import history as told
from pipeline.report.text.bridge import UnknownResultError, end_of
from pipeline.report.text.news import last_published
from tests.conftest import Run
from tests.report.taken_apart import TakenApart

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
EDITION = "open-2026"
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
# The sums that move from one publication to the next, in a contract that is in the ratio.
MOVES = "INDIGO-POJ-0178"
HEADLINE = {
    "bcr": 0.73,
    "fiscal_bcr": 0.56,
    "public_value_in_bcr_gbp": 99e6,
    "outcome_payments_in_bcr_real_gbp": 134.9e6,
    "contracts_in_bcr": 36,
    "price_year": "2024-25",
}


@pytest.fixture
def publish(tmp_path: Path, tables_of: TablesOf) -> Callable[..., Path]:
    """Publish the edition with so many pounds more in one contract, as a run does; returns the folder of reports."""
    tables = tables_of(EDITION)

    def publish_one(pounds: float, moment: datetime, moved: Sequence[str] = (), **headline: Any) -> Path:
        value = tables["contract_value"]
        more = value["public_value_gbp"].mask(value["contract_id"] == MOVES, value["public_value_gbp"] + pounds)
        changed = tables | {"contract_value": value.assign(public_value_gbp=more)}
        out_dir = tmp_path / "reports"
        keep_standing(out_dir, EDITION)
        texts = {"headline.json": json.dumps(HEADLINE | {"pounds": pounds} | headline)}
        publish_edition(out_dir, EDITION, changed, texts, {"code_version": str(moment)})
        note_standing(out_dir, EDITION, moment, moved, [])
        return out_dir

    return publish_one


def test_five_publications_in_a_row_are_each_a_bridge_from_the_one_before(publish: Callable[..., Path]) -> None:
    for number in range(5):
        out_dir = publish(1000.0 * number, NOON + timedelta(hours=number), [f"why: {number}"] if number else [])
    found = publications(out_dir, EDITION)
    assert [each.publication_id for each in found] == [f"2026-11-29-{12 + n}0000" for n in range(5)]
    assert [list(each.moved) for each in found] == [[], ["why: 1"], ["why: 2"], ["why: 3"], ["why: 4"]]
    assert [each.headline["pounds"] for each in found] == [0, 1000, 2000, 3000, 4000]
    ends = [end_of(each.name if each is not found[-1] else EDITION, out_dir, out_dir) for each in found]
    for before, after in pairwise(ends):
        terms = bridge(before.result, after.result, with_order=False)
        moved = terms[(terms["scope"] == "market") & (terms["measure"] == "public_value_gbp")]
        assert moved["term"].sum() == pytest.approx(1000.0, abs=0.01)
    size = sum(path.stat().st_size for path in (out_dir / FOLDER).rglob("*") if path.is_file())
    assert size < 4 * 600_000


def test_what_says_the_same_is_no_publication_of_its_own(publish: Callable[..., Path]) -> None:
    publish(0.0, NOON)
    publish(1.0, NOON + timedelta(hours=1), ["why: one"])
    # Made anew by another version of the code, to the same figures: it was published then, and not now.
    out_dir = publish(1.0, NOON + timedelta(hours=2))
    found = publications(out_dir, EDITION)
    assert [each.publication_id for each in found] == ["2026-11-29-120000", "2026-11-29-130000"]
    assert list(found[-1].moved) == ["why: one"]
    assert found[-1].folder == out_dir / EDITION


def test_a_run_that_was_killed_before_it_published_leaves_no_second_one(publish: Callable[..., Path]) -> None:
    out_dir = publish(0.0, NOON)
    keep_standing(out_dir, EDITION)
    assert [each.folder for each in publications(out_dir, EDITION)] == [out_dir / EDITION]
    keep_standing(out_dir, EDITION)
    assert len(list((out_dir / FOLDER / EDITION).glob("*/headline.json"))) == 1
    publish(1.0, NOON + timedelta(hours=1))
    assert len(publications(out_dir, EDITION)) == 2


def test_what_a_killed_run_had_begun_to_keep_is_no_publication(publish: Callable[..., Path]) -> None:
    out_dir = publish(0.0, NOON)
    kept = keep_standing(out_dir, EDITION)
    assert kept is not None
    half = kept.with_name(f".{kept.name}.123")
    kept.rename(half)
    (half.parent / f".{CURRENT}.123").touch()
    assert [each.folder for each in publications(out_dir, EDITION)] == [out_dir / EDITION]
    assert last_kept(out_dir, EDITION) is None
    publish(1.0, NOON + timedelta(hours=1))
    assert len(publications(out_dir, EDITION)) == 2
    assert not list((out_dir / FOLDER).rglob(".*"))


def test_the_oldest_go_when_there_are_more_than_the_setting(
    publish: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(history.KEEP, "2")
    for number in range(5):
        out_dir = publish(1.0 * number, NOON + timedelta(hours=number))
    assert [each.publication_id[11:13] for each in publications(out_dir, EDITION)] == ["14", "15", "16"]


@pytest.mark.parametrize("setting", ["-1", "many", "2.5"])
def test_a_setting_that_is_no_number_is_refused(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(history.KEEP, setting)
    with pytest.raises(ValueError, match="PUBLICVALUE_HISTORY: not a number of publications"):
        history.keeping()


def test_one_that_says_not_when_it_was_published_goes_by_its_file(publish: Callable[..., Path]) -> None:
    out_dir = publish(0.0, NOON)
    (out_dir / FOLDER / EDITION / CURRENT).unlink()
    kept = keep_standing(out_dir, EDITION)
    assert kept is not None
    written = datetime.fromtimestamp((out_dir / EDITION / "headline.json").stat().st_mtime, UTC)
    assert kept.name == written.strftime("%Y-%m-%d-%H%M%S")


def test_without_tables_nothing_is_kept(tmp_path: Path) -> None:
    assert keep_standing(tmp_path, EDITION) is None
    (tmp_path / EDITION).mkdir()
    (tmp_path / EDITION / "headline.json").write_text("{}", encoding="utf-8")
    assert keep_standing(tmp_path, EDITION) is None
    assert not (tmp_path / FOLDER).exists()


def test_what_is_damaged_is_left_out(publish: Callable[..., Path]) -> None:
    publish(0.0, NOON)
    publish(1.0, NOON + timedelta(hours=1))
    out_dir = publish(2.0, NOON + timedelta(hours=2))
    first, second = sorted((out_dir / FOLDER / EDITION).glob("*/headline.json"))
    first.write_text("{", encoding="utf-8")
    (second.parent / "publication.json").write_text("[]", encoding="utf-8")
    assert [each.publication_id[11:13] for each in publications(out_dir, EDITION)] == ["13", "14"]


def test_where_nothing_stands_the_last_that_was_kept_is_what_moves(publish: Callable[..., Path]) -> None:
    out_dir = publish(0.0, NOON)
    kept = keep_standing(out_dir, EDITION)
    shutil.rmtree(out_dir / EDITION)
    assert kept == last_kept(out_dir, EDITION)
    assert kept is not None
    last = last_published(kept)
    assert last is not None
    assert last.contracts is not None
    assert last.contracts[MOVES]["name"] == "Stronger Families Norfolk"
    assert last.result is not None


def test_history_is_told_with_when_what_and_why(publish: Callable[..., Path], publicvalue: Run) -> None:
    publish(0.0, NOON)
    out_dir = publish(1.0, NOON + timedelta(hours=1), ["why: <b>results</b> reported"])
    status, out, _ = publicvalue("history", EDITION, "--out", str(out_dir))
    assert status == 0
    came_to = (
        "£0.73 of public value and £0.56 of fiscal value for every £1; £99.0m of public value for £134.9m of payments "
        "under 36 contracts, in 2024-25 prices"
    )
    assert out.splitlines() == [
        "open-2026",
        f"  2026-11-29 13:00 UTC: {came_to}",
        "    why: <b>results</b> reported",
        f"  2026-11-29 12:00 UTC: {came_to}",
        "  To see the whole change: publicvalue bridge open-2026@2026-11-29-120000 open-2026",
    ]
    status, out, _ = publicvalue("history", "--out", str(out_dir), "--json")
    assert [each["name"] for each in json.loads(out)[EDITION]] == [
        "open-2026@2026-11-29-130000",
        "open-2026@2026-11-29-120000",
    ]
    page = told.write_page(out_dir).read_text(encoding="utf-8")
    assert "why: &lt;b&gt;results&lt;/b&gt; reported" in page
    said = " ".join(TakenApart(page).text.split())
    assert "The history begins on 29 Nov 2026, the day of the first publication we kept." in said
    assert "Kept since 29 Nov 2026" in said


def test_the_page_has_the_frame_of_the_report_and_leads_to_what_stands(publish: Callable[..., Path]) -> None:
    out_dir = publish(0.0, NOON)
    (out_dir / EDITION / "index.html").write_text("<p>", encoding="utf-8")
    (out_dir / FOLDER / "gone-2020" / "2026-11-28-090000").mkdir(parents=True)
    said = {"title": "<b>Gone</b>: all of it", "bcr": 1.0}
    (out_dir / FOLDER / "gone-2020" / "2026-11-28-090000" / "headline.json").write_text(json.dumps(said), "utf-8")
    page = TakenApart(told.write_page(out_dir).read_text(encoding="utf-8"))
    links = [tag["href"] for tag in page.named("a")]
    assert {"../index.html", "../open-2026/index.html"} <= set(links)
    assert not any("gone-2020" in link for link in links)
    assert "<b>Gone</b>" in page.text
    assert "which is not published at present" in page.text
    assert "The history begins on 28 Nov 2026" in page.text
    assert [len(page.named(tag)) for tag in ("main", "h1", "nav", "footer", "script")] == [1, 1, 1, 1, 0]


def test_before_anything_is_published_the_page_says_so(tmp_path: Path) -> None:
    assert "Nothing has been published yet" in told.write_page(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026-11-29-210455", "2026-11-29 21:04 UTC"),
        ("2026-11-29-210455-2", "2026-11-29 21:04 UTC"),
        ("", ""),
        ("2026-13-45-000000", ""),
    ],
)
def test_a_moment_is_said_where_it_is_known(name: str, said: str) -> None:
    assert told.when(name) == said


def test_a_name_that_is_not_there_is_answered_with_those_that_are(publish: Callable[..., Path]) -> None:
    publish(0.0, NOON)
    out_dir = publish(1.0, NOON + timedelta(hours=1))
    with pytest.raises(UnknownResultError, match="open-2026@2026-11-29-120000"):
        end_of("open-2026@2020-01-01-000000", out_dir, out_dir)
    with pytest.raises(
        told.UnknownEditionError, match="no edition 'open-2025' was ever published; did you mean 'open-2026'"
    ):
        told.histories(out_dir, "open-2025")
