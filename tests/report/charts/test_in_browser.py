"""Charts as people see them: letters large enough on a phone and on a laptop, colours on either paper, files to keep.

Belongs here: what only a browser can tell of charts, over all charts of all editions. What each shows is tested in a
module of its own.
"""

import csv
import io
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from xml.etree import ElementTree

import pytest

from tests.conftest import EDITIONS
from tests.orchestration.browser import installed_browser
from tests.report.charts.seen import contrast

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
WIDTHS = {"phone": 390, "laptop": 1280}
SMALLEST_LETTERS = 12
# A drawing is as wide as its column, which in a single one is the width of text.
LEAST_FILLED = 0.96
WIDEST_TEXT = 704
# Of every drawing that is seen: its name, its place, and its texts with their letters, in pixels of the screen.
SEEN = """() => [...document.querySelectorAll("figure")].map((figure) => {
  const svg = [...figure.querySelectorAll(".drawn svg")].find((each) => each.getBoundingClientRect().width);
  const box = svg.getBoundingClientRect(), column = figure.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  const texts = [...svg.querySelectorAll("text")].map((text) => {
    const at = text.getBoundingClientRect();
    return {
      said: text.textContent, fill: getComputedStyle(text).fill,
      size: parseFloat(getComputedStyle(text).fontSize) * scale, left: at.left - box.left, right: at.right - box.right,
    };
  });
  const marks = [...svg.querySelectorAll("path, line")].map((mark) => getComputedStyle(mark)).map(
    (style) => ({ fill: style.fill, stroke: style.stroke }));
  return { id: figure.querySelector("h2, h3").id, column: column.width, width: box.width, texts, marks };
})"""
# Lines for orientation and the land under the map, which carry no number, and white edges between points.
BACKGROUND = {"#E4E4E4", "#343C43", "#EFEFEF", "#252C31", "#FFFFFF", "#14181B"}
PAPERS: dict[Literal["light", "dark"], str] = {"light": "#FFFFFF", "dark": "#14181B"}
# A spread of shades from few to many, whose squares have an edge that is seen.
SHADED = {"map_of_readings"}


# What does not depend on what a chart shows.
OF_ONE_EDITION = pytest.mark.parametrize("folder", ["open-2026"], indirect=True)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with installed_browser() as found:
        yield found


@pytest.fixture(scope="module", params=EDITIONS)
def folder(
    request: pytest.FixtureRequest,
    site_of: Callable[[str], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The pages of an edition with their charts."""
    folder = tmp_path_factory.mktemp(request.param)
    for name, text in site_of(request.param).items():
        if "<figure>" in text or not name.endswith(".html"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def pages(folder: Path) -> list[Path]:
    found = [path for path in sorted(folder.rglob("*.html")) if "<svg" in path.read_text(encoding="utf-8")]
    assert len(found) > 3
    return found


def opened(browser: "Browser", width: int, scheme: Literal["light", "dark"], path: Path) -> "Page":
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize(("device", "scheme"), [("phone", "light"), ("laptop", "dark")])
def test_charts_fill_their_column_and_letters_and_marks_are_seen(
    browser: "Browser", folder: Path, device: str, scheme: Literal["light", "dark"]
) -> None:
    """Letters large enough and none cut; colours do not depend on the width, nor sizes on the paper."""
    paper = PAPERS[scheme]
    for path in pages(folder):
        page = opened(browser, WIDTHS[device], scheme, path)
        for chart in page.evaluate(SEEN):
            where = f"{path.name}, {chart['id']}, {scheme}"
            assert chart["texts"], where
            small = [text for text in chart["texts"] if text["size"] < SMALLEST_LETTERS]
            assert not small, (where, small)
            assert chart["width"] >= LEAST_FILLED * min(chart["column"], WIDEST_TEXT), where
            cut = [text["said"] for text in chart["texts"] if text["left"] < -1.5 or text["right"] > 1.5]
            assert not cut, (where, cut)
            faint = {hex_of(text["fill"]) for text in chart["texts"] if contrast(hex_of(text["fill"]), paper) < 4.5}
            assert not faint, (where, faint)
            assert not list(unseen(chart, paper)), where
        page.close()


def unseen(chart: dict[str, Any], paper: str) -> Iterator[set[str]]:
    """The marks of a chart of which neither inside nor edge is seen on a paper."""
    for mark in chart["marks"]:
        colours = {hex_of(mark[part]) for part in ("fill", "stroke") if mark[part].startswith("rgb(")}
        if colours and not colours <= BACKGROUND and all(contrast(colour, paper) < 3 for colour in colours):
            yield colours


def hex_of(colour: str) -> str:
    return "#" + "".join(f"{int(part):02X}" for part in re.findall(r"\d+", colour)[:3])


def test_a_mark_that_is_not_seen_is_found() -> None:
    faint = {"marks": [{"fill": "rgb(240, 228, 66)", "stroke": "none"}]}
    assert list(unseen(faint, PAPERS["light"])) == [{"#F0E442"}]
    assert not list(unseen(faint, PAPERS["dark"]))


# --- Files to keep ----------------------------------------------------------------------------------------------


def kept(page: "Page", id_: str, button: str) -> tuple[str, bytes]:
    """The file that a chart gives at a click, with its name."""
    share = page.locator(f"figure:has(#{id_}) .share")
    share.evaluate("share => { share.open = true }")
    with page.expect_download() as download:
        share.get_by_role("button", name=button).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@OF_ONE_EDITION
def test_a_chart_can_be_kept_with_its_title_and_its_source(browser: "Browser", folder: Path) -> None:
    page = opened(browser, WIDTHS["phone"], "dark", folder / "index.html")
    edition = folder.name.rstrip("0123456789")
    for id_ in ("areas", "places", "tornado"):
        title = page.locator(f"#{id_}").inner_text()
        name, svg = kept(page, id_, "SVG")
        assert name.endswith(f"-{id_}.svg")
        texts = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
        said = "".join("".join(text.itertext()) for text in texts).replace(" ", "")
        for part in (title, page.locator(f"figure:has(#{id_}) .subtitle").inner_text(), "publicvalue, edition"):
            assert part.replace(" ", "").replace("\n", "") in said, (edition, id_)
        # On white paper with the colours of the drawing, whatever the page is like.
        assert b'fill="white"' in svg
        assert b"#e7eaec" not in svg
        name, png = kept(page, id_, "PNG")
        assert name.endswith(f"-{id_}.png")
        assert png.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", png[16:24])
        assert width == 2 * (544 + 2 * 16)
        assert height > 500
        assert len(png) > 10_000  # something is drawn on it
    page.close()


@OF_ONE_EDITION
def test_the_numbers_of_a_chart_can_be_kept(browser: "Browser", folder: Path) -> None:
    page = opened(browser, WIDTHS["laptop"], "light", folder / "index.html")
    name, text = kept(page, "areas", "CSV")
    assert name.endswith("-areas.csv")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    shown = page.locator("figure:has(#areas) table tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )
    assert rows == shown
    assert len(rows) > 3
    # What a spreadsheet would run is guarded, and a quote is no end of a cell.
    page.locator("figure:has(#areas) tbody th").first.evaluate("cell => { cell.textContent = '=1+1 \"x\"' }")
    _, text = kept(page, "areas", "CSV")
    assert next(csv.reader(io.StringIO(text.decode("utf-8-sig").split("\r\n")[1])))[0] == '\'=1+1 "x"'
    page.close()


@OF_ONE_EDITION
def test_every_chart_has_a_link_and_a_citation_without_a_script(browser: "Browser", folder: Path) -> None:
    for path in pages(folder):
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(path.as_uri())
        figures = page.locator("figure").all()
        for figure in figures:
            id_ = figure.locator("h2, h3").first.get_attribute("id")
            assert figure.locator(f'.cited a[href="#{id_}"]').count() == 1
            assert (figure.locator(".cited").text_content() or "").startswith("publicvalue, edition ")
            assert figure.get_by_role("button").count() == 0
        context.close()
