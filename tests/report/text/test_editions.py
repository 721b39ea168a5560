"""The front door of the reports: it leads to every edition that stands, says what each comes to, and names no other."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.report.history import note_standing
from pipeline.report.text.editions import FRONT, STYLE, write_front
from tests.report.taken_apart import TakenApart

HOSTILE = '</script><b>"£1"'


def published(out_dir: Path, edition: str, pages: tuple[str, ...] = (), **headline: Any) -> None:
    folder = out_dir / edition
    for page in ("index.html", *pages):
        path = folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("<p>", encoding="utf-8")
    said = {"edition": edition, "title": f"Title of {edition}", "cut_off": None, **headline}
    (folder / "headline.json").write_text(json.dumps(said), encoding="utf-8")


def links(html: str) -> list[str]:
    return [tag["href"] for tag in TakenApart(html).named("a")]


def listed(out_dir: Path) -> dict[str, dict[str, Any]]:
    script = (out_dir / "editions.js").read_text(encoding="utf-8")
    before, said, after = script.partition("const publishedEditions = ")
    assert (before, bool(said)) == ("", True)
    found: dict[str, dict[str, Any]] = json.loads(after.removesuffix(";\n"))
    return found


def test_it_leads_to_each_edition_our_own_first(tmp_path: Path) -> None:
    published(tmp_path, "atq-2022", ("contracts.html",), cut_off="2022-03-31")
    published(tmp_path, "atq-2024", ("reconstruction.html", "contracts/C-1.html"), cut_off="2024-03-31")
    sums: dict[str, Any] = {
        "public_value_in_bcr_gbp": 99e6,
        "outcome_payments_in_bcr_real_gbp": 135e6,
        "contracts_in_bcr": 36,
    }
    sure = {"bcr": {"has_range": True, "p10": 0.61, "p90": 0.86}}
    published(tmp_path, "open-2026", bcr=0.734, uncertainty=sure, price_year="2024-25", deadweight_layer="x", **sums)
    page = write_front(tmp_path)
    html = page.read_text(encoding="utf-8")
    assert links(html) == [
        *("open-2026/index.html", "atq-2024/index.html", "atq-2024/reconstruction.html"),
        *("atq-2022/index.html", "atq-2022/contracts.html", "history/index.html"),
    ]
    said = " ".join(TakenApart(html).text.split())
    assert "£0.73 for every £1 paid (80% range £0.61 to £0.86): £99.0m of public value for £135.0m" in said
    assert listed(tmp_path)["atq-2024"] == {
        "name": "Title of atq-2024",
        "pages": ["contracts/C-1.html", "index.html", "reconstruction.html"],
    }


def test_an_edition_without_pages_or_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    published(tmp_path, "open-2026")
    (tmp_path / "atq-2022").mkdir()
    (tmp_path / "atq-2022/headline.json").write_text("{}", encoding="utf-8")
    (tmp_path / "atq-2024").mkdir()
    (tmp_path / "atq-2024/index.html").write_text("", encoding="utf-8")
    write_front(tmp_path)
    assert list(listed(tmp_path)) == ["open-2026"]


def test_before_anything_is_published_it_says_what_to_do(tmp_path: Path) -> None:
    assert "publicvalue run" in write_front(tmp_path).read_text(encoding="utf-8")
    assert listed(tmp_path) == {}
    assert {path.name for path in tmp_path.iterdir()} == set(FRONT)


def test_links_out_of_an_edition_are_shown_and_those_to_an_edition_that_does_not_stand_are_not(tmp_path: Path) -> None:
    for edition in ("open-2026", "atq-2024"):
        published(tmp_path, edition)
    write_front(tmp_path)
    shutil.rmtree(tmp_path / "atq-2024")
    assert "atq-2024" in (tmp_path / STYLE).read_text(encoding="utf-8")
    write_front(tmp_path)
    assert (tmp_path / STYLE).read_text(encoding="utf-8") == (
        '.beside { display: inline; }\n.beside[data-to]:not([data-to="open-2026"]) { display: none; }\n'
    )
    assert "atq-2024" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_it_says_of_when_it_is_and_is_not_written_again_for_nothing(tmp_path: Path) -> None:
    published(tmp_path, "open-2026")
    note_standing(tmp_path, "open-2026", datetime(2026, 11, 29, 12, tzinfo=UTC), [], [])
    page = write_front(tmp_path)
    assert "was written when an edition was last published, on 2026-11-29 12:00 UTC" in page.read_text(encoding="utf-8")
    before = {name: (tmp_path / name).stat().st_ino for name in FRONT}
    write_front(tmp_path)
    assert {name: (tmp_path / name).stat().st_ino for name in FRONT} == before


def test_two_editions_of_one_title_are_told_apart(tmp_path: Path) -> None:
    for edition in ("mine", "yours"):
        published(tmp_path, edition, title="Our own estimate: only what has been shown")
    write_front(tmp_path)
    names = {said["name"] for said in listed(tmp_path).values()}
    assert names == {"Our own estimate (mine)", "Our own estimate (yours)"}


def test_a_hostile_title_and_a_hostile_name_are_text(tmp_path: Path) -> None:
    published(tmp_path, "a<b>", title=HOSTILE)
    html = write_front(tmp_path).read_text(encoding="utf-8")
    assert HOSTILE not in html
    assert HOSTILE in TakenApart(html).text
    assert "a%3Cb%3E/index.html" in links(html)


@pytest.mark.parametrize("name", FRONT)
def test_it_writes_through_no_link(tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere").write_text("mine", encoding="utf-8")
    out_dir = tmp_path / "reports"
    out_dir.mkdir()
    (out_dir / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        write_front(out_dir)
    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == "mine"
