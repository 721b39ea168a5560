"""The report as people open it: from a folder, without a network, on a phone, a laptop and paper, in light and dark."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd
import pytest

from pipeline.claims.marks import CONTRACT_PREFIX
from pipeline.facts.price_lists import of_edition
from pipeline.facts.reference import Reference
from pipeline.report.pages import PAGES
from pipeline.report.pages.checks import checks_page
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.editions import write_front
from pipeline.report.text.headline import as_json, headline
from pipeline.report.text.history import write_page
from tests.orchestration.browser import installed_browser, picture
from tests.report.conftest import CONTRACT_WITH_CLAIMS, EDITION_WITH_CLAIMS
from tests.report.pages.test_checks import EVERY_OUTCOME, GATES, made_up
from tests.report.pages.test_index import VERSIONS, TablesOf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
EDITION = "open-2026"
# An edition that reproduces a study has a page of its own.
OF_A_STUDY, ONLY_THERE = "atq-2024", "reconstruction.html"
WIDTHS = {"phone": 390, "laptop": 1280, "desk": 1920}
CONTRACT, CONTRACT_WITHOUT_A_RATIO = "INDIGO-POJ-0178", "INDIGO-POJ-0109"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What axe-core knows of WCAG 2.2 A and AA, and what it calls good practice beyond that.
AXE = """() => axe.run({
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"],
})"""
# Files that are written when an edition is published, and by no page.
WITH_THE_TABLES = (".parquet", ".zip", ".xlsx", ".ods")
Scheme = Literal["light", "dark"]
# Colours do not depend on the width, nor widths on the colours: each of both is enough.
LOOKS: tuple[tuple[Scheme, str], ...] = (("light", "phone"), ("dark", "laptop"))


@pytest.fixture(scope="module")
def folder(tables_of: TablesOf, reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an edition, as a run writes it, with checks of every outcome."""
    edition, tables = reference.editions[EDITION], tables_of(EDITION)
    folder = tmp_path_factory.mktemp("report") / EDITION
    pages = site(Site(edition, tables, headline(tables, edition), of_edition(reference, edition), VERSIONS))
    pages["checks.html"] = checks_page(edition, made_up(*EVERY_OUTCOME), GATES, VERSIONS)
    pages["headline.json"] = as_json(headline(tables, edition))
    write(pages, folder)
    return folder


@pytest.fixture(scope="module")
def rebuilt(tables_of: TablesOf, reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a study rebuilt, beside all others of its edition."""
    edition, tables = reference.editions[OF_A_STUDY], tables_of(OF_A_STUDY)
    folder = tmp_path_factory.mktemp("rebuilt") / OF_A_STUDY
    pages = site(Site(edition, tables, headline(tables, edition), of_edition(reference, edition), VERSIONS))
    pages["checks.html"] = checks_page(edition, made_up(*EVERY_OUTCOME), GATES, VERSIONS)
    pages["headline.json"] = as_json(headline(tables, edition))
    write(pages, folder)
    return folder / ONLY_THERE


@pytest.fixture(scope="module")
def claimed(with_claims: tuple[Reference, dict[str, pd.DataFrame]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a contract with claims for each person, beside all others of its edition."""
    folder = tmp_path_factory.mktemp("claims") / EDITION_WITH_CLAIMS
    reference, tables = with_claims
    edition = reference.editions[EDITION_WITH_CLAIMS]
    pages = site(Site(edition, tables, headline(tables, edition), of_edition(reference, edition), VERSIONS))
    pages["checks.html"] = checks_page(edition, made_up(*EVERY_OUTCOME), GATES, VERSIONS)
    pages["headline.json"] = as_json(headline(tables, edition))
    write(pages, folder)
    return folder / f"contracts/{CONTRACT_PREFIX}{CONTRACT_WITH_CLAIMS}.html"


def write(pages: Mapping[str, str], folder: Path) -> None:
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write_front(folder.parent)
    write_page(folder.parent)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The installed browser."""
    with installed_browser() as found:
        yield found


class Reader:
    """Somebody who opens pages from the folder; what is asked of elsewhere, and errors, are noted."""

    def __init__(self, browser: "Browser", width: int, scheme: Scheme) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page: Page = context.new_page()
        self.noted: list[str] = []
        self.page.on("request", lambda r: None if r.url.startswith("file:") else self.noted.append(r.url))
        self.page.on("console", lambda m: self.noted.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.noted.append(str(error)))

    def opens(self, path: Path) -> None:
        self.page.goto(path.as_uri())


def shown(folder: Path) -> list[Path]:
    """The pages of which each other has one like it."""
    contracts = [f"contracts/{contract_id}.html" for contract_id in (CONTRACT, CONTRACT_WITHOUT_A_RATIO)]
    pages = [page.path for page in PAGES if page.path != ONLY_THERE]
    return [folder / name for name in (*pages, *contracts, "areas/homelessness.html")]


@pytest.mark.parametrize(("scheme", "device"), [*LOOKS, ("light", "desk")])
def test_pages_load_without_error_from_nowhere_else_and_fit_the_window(
    browser: "Browser", folder: Path, claimed: Path, rebuilt: Path, scheme: Scheme, device: str
) -> None:
    reader = Reader(browser, WIDTHS[device], scheme)
    for path in (*shown(folder), claimed, rebuilt):
        reader.opens(path)
        assert reader.page.locator("h1").count() == 1, path
        assert reader.page.evaluate(OVERFLOW) <= 0, path
        # A style sheet that was not found would leave the browser's own font.
        assert "system-ui" in reader.page.evaluate("() => getComputedStyle(document.body).fontFamily"), path
    assert reader.noted == []


def test_nothing_hinders_people_who_read_in_other_ways(
    browser: "Browser", folder: Path, claimed: Path, rebuilt: Path
) -> None:
    assert "This contract has no ratio" in (folder / "contracts" / f"{CONTRACT_WITHOUT_A_RATIO}.html").read_text(
        encoding="utf-8"
    )
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    reader = Reader(browser, WIDTHS["phone"], "light")
    found = []
    for path in (*shown(folder), claimed, rebuilt):
        reader.opens(path)
        reader.page.evaluate(axe)
        for scheme, device in LOOKS:
            reader.page.emulate_media(color_scheme=scheme)
            reader.page.set_viewport_size({"width": WIDTHS[device], "height": 900})
            seen = reader.page.evaluate(AXE)
            assert seen["passes"], f"nothing was looked at on {path.name}"
            found += [f"{path.name}, {scheme}, {device}: {words}" for words in grave(seen["violations"])]
    assert not found, "\n".join(found)


def grave(violations: list[dict[str, Any]]) -> list[str]:
    """What of the findings of axe-core keeps somebody from reading or using a page."""
    return [
        f"{rule['id']} ({rule['impact']}) at {' '.join(map(str, node['target']))}: {rule['help']}"
        for rule in violations
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", get_args(Scheme))
def test_the_caption_of_a_wide_table_stays_in_view_on_a_phone(browser: "Browser", folder: Path, scheme: Scheme) -> None:
    reader = Reader(browser, WIDTHS["phone"], scheme)
    reader.opens(folder / "contracts.html")
    group = reader.page.locator(".scroll:has(#contracts)")
    assert group.evaluate("group => { group.scrollLeft = 10000; return group.scrollLeft }") > 100
    caption, seen = group.locator("caption").bounding_box(), group.bounding_box()
    assert caption
    assert seen
    assert caption["x"] >= seen["x"] - 1
    assert caption["x"] + caption["width"] <= seen["x"] + seen["width"] + 1


@pytest.mark.parametrize("width", ["phone", "laptop"])
def test_what_is_pressed_is_large_enough_for_a_finger(browser: "Browser", folder: Path, width: str) -> None:
    """At least 24 px each way (WCAG 2.2, 2.5.8); a box to tick is pressed by its label too."""
    reader = Reader(browser, WIDTHS[width], "light")
    for path in (path for path in shown(folder) if path.parent == folder):
        reader.opens(path)
        small = reader.page.eval_on_selector_all(
            "button, select, input, summary",
            """all => all.map(each => each.closest("label:has(> input[type=checkbox])") ?? each)
              .map(each => [each.innerText.slice(0, 30), each.getBoundingClientRect()])
              .filter(([, box]) => box.width && Math.min(box.width, box.height) < 23.9)
              .map(([text, box]) => `${text} ${box.width}x${box.height}`)""",
        )
        assert small == [], path


@pytest.mark.parametrize("page", ["index.html", "contracts.html", "assumptions.html", "bridge.html"])
def test_what_names_a_row_stays_in_view_on_a_phone_and_leaves_room_for_the_rest(
    browser: "Browser", folder: Path, page: str
) -> None:
    reader = Reader(browser, WIDTHS["phone"], "light")
    reader.opens(folder / page)
    found = reader.page.eval_on_selector_all(
        ".scroll",
        """all => all.flatMap(box => {
          box.scrollLeft = 10000;
          const name = box.querySelector("tbody tr > th:first-child");
          if (!name || box.scrollLeft < 50 || !name.getClientRects().length) return [];
          const [of, within] = [name.getBoundingClientRect(), box.getBoundingClientRect()];
          return [[of.left - within.left, of.width / within.width]];
        })""",
    )
    assert found
    assert all(abs(left) <= 1 and share <= 0.45 for left, share in found), found


def test_every_link_leads_to_a_page_and_every_anchor_to_a_place(
    browser: "Browser", folder: Path, claimed: Path, rebuilt: Path
) -> None:
    reader = Reader(browser, WIDTHS["laptop"], "light")
    for path in (*shown(folder), claimed, rebuilt):
        reader.opens(path)
        links = reader.page.eval_on_selector_all("a[href]", "all => all.map(a => [a.getAttribute('href'), a.href])")
        for said, address in links:
            if said.startswith(("http:", "https:")) or said.endswith(WITH_THE_TABLES):
                continue
            file, _, anchor = address.removeprefix("file://").partition("#")
            assert Path(file).is_file(), (path, said)
            if anchor:
                assert f'id="{anchor}"' in Path(file).read_text(encoding="utf-8"), (path, said)


def test_a_reader_finds_where_the_figure_of_a_contract_comes_from(browser: "Browser", folder: Path) -> None:
    """From the first page to a contract by search, and to the sum behind its value."""
    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.opens(folder / "index.html")
    picture(reader.page, "report")
    reader.page.evaluate("() => document.getElementById('market').scrollIntoView()")
    picture(reader.page, "market")
    reader.page.get_by_role("navigation").get_by_role("link", name="Contracts", exact=True).click()
    reader.page.get_by_role("searchbox").first.fill("stronger families norfolk")
    reader.page.get_by_role("link", name="Stronger Families Norfolk").first.click()
    assert reader.page.url.endswith(f"contracts/{CONTRACT}.html")
    picture(reader.page, "contract")
    # From the first line to the row of the source behind what was achieved, and to a payment in what is folded.
    reader.page.locator(".strip a").click()
    assert reader.page.locator("tr:target").inner_text().startswith("days out of care\n")
    reader.page.get_by_role("link", name="its row").click()
    assert reader.page.locator("tr:target").is_visible()
    assert reader.noted == []


def test_a_reader_sees_what_claims_tell_exactly_and_who_is_counted_twice(browser: "Browser", claimed: Path) -> None:
    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.opens(claimed)
    for place, name in (("claims", "claims"), ("double-counting", "double-counting")):
        reader.page.evaluate(f"() => document.getElementById('{place}').scrollIntoView()")
        assert reader.page.locator(f"#{place}").is_visible()
        picture(reader.page, name)
    text = reader.page.locator("main").inner_text()
    assert "Before that protection, the counts are exact" in text
    assert "Counted for both" in text
    assert reader.noted == []


def test_unknown_comes_last_either_way_and_the_largest_number_first(browser: "Browser", folder: Path) -> None:
    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.opens(folder / "contracts.html")
    table = reader.page.locator("table[data-sort]").first
    values = "rows => rows.map(row => row.cells[1].dataset.value)"
    for order, turn in (("descending", -1), ("ascending", 1)):
        head = table.locator("thead th").nth(1)
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
        ratios = table.locator("tbody tr").evaluate_all(values)
        known = [float(ratio) for ratio in ratios if ratio]
        assert ratios[len(known) :] == [""] * 64
        assert known == sorted(known, key=lambda ratio: turn * ratio)


def test_a_name_without_a_blank_does_not_widen_a_page(
    browser: "Browser", tables_of: TablesOf, reference: Reference, tmp_path: Path
) -> None:
    name, edition, tables = "x" * 300, reference.editions[EDITION], tables_of(EDITION)
    named = {
        "contracts": ["name", "outcomes_fund"],
        "contract_value": ["name"],
        "reported_outcomes": ["label", "reason", "locator"],
        "payments": ["payer", "note", "locator"],
        "organisations": ["name"],
        "places": ["place"],
        "flags": ["flag", "detail", "metric_id"],
        "not_valued": ["reason"],
        "corrections": ["reason", "reported"],
        "accepted": ["reason", "value"],
        "overlaps": ["overlap_reason"],
    }
    long = tables | {table: tables[table].assign(**dict.fromkeys(columns, name)) for table, columns in named.items()}
    # Each page, but only the contracts that are opened.
    kept = (CONTRACT, CONTRACT_WITHOUT_A_RATIO)
    made_from = Site(edition, long, headline(long, edition), of_edition(reference, edition), VERSIONS)
    pages = {path: text for path, text in site(made_from).items() if Path(path).stem in kept or "/" not in path}
    write(pages, tmp_path / EDITION)
    reader = Reader(browser, WIDTHS["phone"], "light")
    for path in sorted(tmp_path.rglob("*.html")):
        reader.opens(path)
        assert reader.page.evaluate(OVERFLOW) <= 0, path


def test_tables_sort_by_number_and_by_word(browser: "Browser", folder: Path) -> None:
    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.opens(folder / "contracts.html")
    table = reader.page.locator("table[data-sort]").first
    head = table.locator("thead th").first
    names = "rows => rows.map(row => row.cells[0].textContent.trim())"
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    rising = table.locator("tbody tr").evaluate_all(names)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert table.locator("tbody tr").evaluate_all(names) == rising[::-1]


def test_the_report_prints(browser: "Browser", folder: Path) -> None:
    reader = Reader(browser, WIDTHS["laptop"], "dark")
    reader.opens(folder / "index.html")
    reader.page.emulate_media(media="print", color_scheme="light")
    assert reader.page.evaluate(OVERFLOW) <= 0
    assert not reader.page.locator("nav.site").is_visible()
    assert reader.page.pdf(format="A4", print_background=True).startswith(b"%PDF")


def test_the_head_of_a_long_table_comes_again_on_each_page_of_paper(browser: "Browser", folder: Path) -> None:
    from pypdf import PdfReader

    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.opens(folder / "contracts.html")
    pages = [page.extract_text() for page in PdfReader(BytesIO(reader.page.pdf(format="A4"))).pages]
    within = [text for text in pages[1:] if "INDIGO-POJ-" in text]
    assert within
    assert all("Per £1" in text for text in within)
