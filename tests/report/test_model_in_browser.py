"""Other assumptions, tried in a browser: the figures are those of the method, the address keeps them, words say so."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.report.pages import PAGES, assumptions
from pipeline.report.pages.frame import Site
from pipeline.report.pages.model import model_of
from pipeline.report.pages.model_sum import MARKET, evaluated
from pipeline.report.site import SCRIPTS
from pipeline.report.text.editions import write_front
from pipeline.report.text.headline import headline
from pipeline.report.wording import ratio_text, template
from tests.conftest import EDITIONS
from tests.orchestration.browser import installed_browser, picture
from tests.report.pages.test_index import HOSTILE, VERSIONS, TablesOf
from tests.report.pages.test_model import as_figures, assert_same, figures_of, random_states, revalued
from tests.report.test_report_in_browser import AXE, LOOKS, OVERFLOW, WIDTHS, Reader, grave

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.slow
EDITION = "open-2026"
# Random states: so many beside a valuation by the method, so many beside the sum in Python, which is held to it too.
VALUED, SUMMED = 8, 60
FIGURES = """states => states.map(([choices, values]) => Object.entries(evaluated(choices, values).scopes).map(
  ([scope, s]) => [scope, [s.payments, s.public, s.fiscal, s.ratio, s.fiscalRatio]]))"""
# The smallest that a target may be is 24 px each way; what is beside a control in words does not count.
TARGETS = """() => [...document.querySelectorAll("#model select, #model button, #model input, #model summary")]
  .filter(each => each.checkVisibility()).map(each => each.getBoundingClientRect())
  .map(({ width, height }) => [Math.round(width), Math.round(height)])"""
PageOf = Callable[[str], Path]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The installed browser."""
    with installed_browser() as found:
        yield found


def write(made_from: Site, folder: Path) -> Path:
    """The page of assumptions with all that it loads, in the folder of its edition."""
    of_all = {name: template(f"pages/{name}").render() for name in SCRIPTS}
    of_all |= {"style.css": template("pages/style.css.j2").render()}
    edition = folder / made_from.edition.edition
    edition.mkdir()
    for name, text in (of_all | assumptions.render(made_from)).items():
        (edition / name).write_text(text, encoding="utf-8")
    write_front(folder)
    return edition / "assumptions.html"


@pytest.fixture(scope="module")
def made_from(tables_of: TablesOf, reference: Reference) -> Callable[[str], Site]:
    def of(edition_id: str) -> Site:
        edition, tables = reference.editions[edition_id], tables_of(edition_id)
        return Site(edition, tables, headline(tables, edition), reference, VERSIONS, pages=PAGES)

    return of


@pytest.fixture(scope="module")
def page_of(made_from: Callable[[str], Site], tmp_path_factory: pytest.TempPathFactory) -> PageOf:
    return lambda edition_id: write(made_from(edition_id), tmp_path_factory.mktemp(edition_id))


def part(page: "Page", name: str) -> "Locator":
    return page.locator(f'#model [data-part="{name}"]')


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_figures_in_the_browser_are_those_of_the_method(
    browser: "Browser",
    page_of: PageOf,
    facts: RawFacts,
    reference: Reference,
    tables_of: Callable[[str], dict[str, pd.DataFrame]],
    edition_id: str,
) -> None:
    edition = reference.editions[edition_id]
    model = model_of(edition, tables_of(edition_id))
    assert model
    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.opens(page_of(edition_id))
    states = random_states(model, VALUED + SUMMED, f"browser {edition_id}")
    found = [{scope: tuple(figures) for scope, figures in each} for each in reader.page.evaluate(FIGURES, states)]
    for (choices, values), figures in zip(states[:VALUED], found[:VALUED], strict=True):
        made = revalued(facts, reference, edition, choices, values)
        assert_same(figures, figures_of(made, choices["price_base"]))
    for (choices, values), figures in zip(states[VALUED:], found[VALUED:], strict=True):
        assert figures == {scope: as_figures(sums) for scope, sums in evaluated(model, choices, values).items()}
    assert reader.noted == []


def test_a_reader_changes_assumptions_sees_what_follows_and_sends_it_to_somebody(
    browser: "Browser", page_of: PageOf, reference: Reference, tables_of: TablesOf
) -> None:
    model = model_of(reference.editions[EDITION], tables_of(EDITION))
    assert model
    path = page_of(EDITION)
    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.opens(path)
    page = reader.page
    published = evaluated(model)[MARKET].ratio
    assert part(page, "market").inner_text() == f"£{ratio_text(published)}"
    assert part(page, "said").inner_text() == "These are the assumptions of this edition."
    assert part(page, "range").is_visible()
    assert not part(page, "no-range").is_visible()

    page.get_by_label("How long a result counts").select_option("annual/first_sustained")
    slider = page.get_by_role("slider", name="A year in care")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.get_by_label("One policy area or contract").select_option("contract/INDIGO-POJ-0178")
    low, high = 52_000.0, 86_000.0
    step = round((66_600 - low) / (high - low) * 100) + 3
    value = float(f"{low + (high - low) * step / 100:.4g}")
    expected = evaluated(model, {"time": "annual/first_sustained"}, {"unit_cost/child_in_care/2026": value})
    changed = part(page, "market").inner_text()
    assert changed == f"£{ratio_text(expected[MARKET].ratio)}" != f"£{ratio_text(published)}"
    assert part(page, "chosen").inner_text() == f"£{ratio_text(expected['contract/INDIGO-POJ-0178'].ratio)}"
    said = part(page, "said").inner_text()
    assert said.startswith("You have changed: How long a result counts: “one year for each person who kept it”")
    assert f"A year in care: £{value:,.0f} instead of £66,600. This is not the figure of this edition." in said
    assert not part(page, "range").is_visible()
    assert "We show no range here" in part(page, "no-range").inner_text()
    picture(page, "assumptions")

    # Somebody opens the address in a fresh browser.
    other = Reader(browser, WIDTHS["phone"], "dark")
    other.page.goto(page.url)
    assert part(other.page, "said").inner_text() == said
    assert part(other.page, "market").inner_text() == changed
    assert other.page.get_by_label("How long a result counts").input_value() == "annual/first_sustained"

    # A link to another place of the page leaves the state as it is.
    page.get_by_role("link", name="Optimism bias").first.click()
    assert part(page, "market").inner_text() == changed

    slider.locator("xpath=ancestor::div[@data-parameter]").get_by_role("button").click()
    assert "A year in care" not in part(page, "said").inner_text()
    page.get_by_role("button", name="As in this edition").click()
    assert part(page, "market").inner_text() == f"£{ratio_text(published)}"
    assert page.url.endswith("#try")
    assert not part(page, "reset-all").is_visible()
    assert reader.noted == other.noted == []


def test_every_area_and_contract_is_in_a_table_beside_what_is_published(
    browser: "Browser", page_of: PageOf, reference: Reference, tables_of: TablesOf
) -> None:
    model = model_of(reference.editions[EDITION], tables_of(EDITION))
    assert model
    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.page.goto(f"{page_of(EDITION).as_uri()}#try?deadweight_layer=none")
    names = reader.page.eval_on_selector_all("#model-scope option", "all => all.map(each => each.value)")
    rows = reader.page.eval_on_selector_all(
        "#model [data-part=rows] tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    assert len(rows) == len(names) == len(model["contracts"]) + len(set(model["areas"]))
    published, now = evaluated(model), evaluated(model, {"deadweight_layer": "none"})
    for name, cells in zip(names, rows, strict=True):
        assert cells[1:3] == [ratio_text(published[name].ratio), ratio_text(now[name].ratio)]


def test_an_address_that_is_none_of_ours_changes_nothing(browser: "Browser", page_of: PageOf) -> None:
    path = page_of(EDITION).as_uri()
    for said in (
        "time=for%20ever&nobody=1",
        "unit_cost%2Fchild_in_care%2F2026=9e9",
        "unit_cost%2Fchild_in_care%2F2026=",
        "unit_cost%2Fchild_in_care%2F2026=NaN&__proto__=1&constructor=2",
        "time=measured&%F0%9F",
    ):
        reader = Reader(browser, WIDTHS["laptop"], "light")
        reader.page.goto(f"{path}#try?{said}")
        assert part(reader.page, "said").inner_text() == "These are the assumptions of this edition."
        assert reader.noted == []


def test_without_scripts_everything_else_is_there(browser: "Browser", page_of: PageOf) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(page_of(EDITION).as_uri())
    assert page.get_by_text("The controls need JavaScript").is_visible()
    assert not page.locator("#model").is_visible()
    assert page.locator("h2").count() > 10


def test_the_controls_hinder_nobody_and_fit_a_phone(browser: "Browser", page_of: PageOf) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    reader = Reader(browser, WIDTHS["phone"], "light")
    reader.page.goto(f"{page_of(EDITION).as_uri()}#try?deadweight_layer=none&unit_cost%2Fchild_in_care%2F2026=70000")
    reader.page.evaluate("() => document.querySelectorAll('#model details').forEach(each => { each.open = true })")
    assert reader.page.evaluate(OVERFLOW) <= 0
    targets = reader.page.evaluate(TARGETS)
    assert len(targets) > 30
    assert min(min(target) for target in targets) >= 24
    stays = reader.page.locator("#model .result").bounding_box()
    assert stays
    assert stays["height"] < 200
    reader.page.evaluate(axe)
    for scheme, device in LOOKS:
        reader.page.emulate_media(color_scheme=scheme)
        reader.page.set_viewport_size({"width": WIDTHS[device], "height": 900})
        seen = reader.page.evaluate(AXE)
        assert seen["passes"]
        assert grave(seen["violations"]) == []


def test_names_that_carry_html_are_text_in_the_controls_too(
    browser: "Browser", made_from: Callable[[str], Site], tmp_path: Path
) -> None:
    one = made_from(EDITION)
    quoted = f'{HOSTILE}" onmouseover="alert(2)'
    tables: dict[str, Any] = dict(one.tables)
    for table in ("unit_costs", "contracts", "outcome_types"):
        tables[table] = tables[table].assign(name=[f"{name} {quoted}" for name in tables[table]["name"]])
    hostile = Site(one.edition, tables, one.data, one.reference, VERSIONS, pages=PAGES)
    reader = Reader(browser, WIDTHS["laptop"], "light")
    reader.page.on("dialog", lambda dialog: reader.noted.append(dialog.message))
    reader.page.goto(f"{write(hostile, tmp_path).as_uri()}#try?unit_cost%2Fchild_in_care%2F2026=70000")
    assert f"{quoted}: £70,000 instead of £66,600" in part(reader.page, "said").inner_text()
    assert reader.page.locator("#model [onmouseover], #model script").count() == 0
    assert reader.noted == []


def test_the_script_is_small() -> None:
    assert len(template("pages/model.js").render().encode()) < 60_000
