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


CARE = "unit_cost/child_in_care/2026"
LEFT_OUT = "It was left out. These are the assumptions of this edition."


@pytest.mark.parametrize("begins", ["?", "#try?"])
def test_what_an_address_says_in_vain_changes_nothing_and_is_told(
    browser: "Browser", page_of: PageOf, begins: str
) -> None:
    path = page_of(EDITION).as_uri()
    nobody = "This link names “{}”, which this edition does not have."
    for said, expected in (
        ("nobody=1", f"{nobody.format('nobody')} {LEFT_OUT}"),
        ("time=for%20ever", f"“How long a result counts” has no option “for ever” in this edition. {LEFT_OUT}"),
        (f"{CARE}=", f"This link sets “A year in care” to “”, which is not a number. {LEFT_OUT}"),
        (f"{CARE}=NaN", f"This link sets “A year in care” to “NaN”, which is not a number. {LEFT_OUT}"),
        (f"{CARE}=1e999", f"This link sets “A year in care” to “1e999”, which is not a number. {LEFT_OUT}"),
        ("__proto__=1", f"{nobody.format('__proto__')} {LEFT_OUT}"),
        ("constructor=2", f"{nobody.format('constructor')} {LEFT_OUT}"),
        ("%3Cimg%20src=x", f"{nobody.format('<img src')} {LEFT_OUT}"),
        ("time=measured&%F0%9F=", f"{nobody.format(chr(0xFFFD))} {LEFT_OUT}"),
        (f"{'x' * 90}=1", f"{nobody.format('x' * 60 + '…')} {LEFT_OUT}"),
    ):
        reader = Reader(browser, WIDTHS["laptop"], "light")
        reader.page.goto(f"{path}{begins}{said}")
        assert part(reader.page, "said").inner_text() == expected
        assert part(reader.page, "said").locator("*").count() == 0
        assert reader.noted == []
        reader.page.context.close()


def test_a_value_beyond_the_evidence_becomes_its_end_and_the_reader_is_told(
    browser: "Browser", page_of: PageOf
) -> None:
    reader = Reader(browser, WIDTHS["laptop"], "light")
    page = reader.page
    page.goto(f"{page_of(EDITION).as_uri()}?{CARE}=9e9&a=1&b=1&c=1&d=1&e=1#try")
    said = part(page, "said").inner_text()
    assert said.startswith(
        "This link sets “A year in care” to £9,000,000,000. We set it to £86,000, where its evidence"
    )
    assert "There is 1 more fault in this link." in said
    assert "You have changed: A year in care: £86,000 instead of £66,600." in said
    # Whoever goes on has read it.
    page.get_by_role("slider", name="A year in care").press("ArrowLeft")
    assert part(page, "said").inner_text().startswith("You have changed: ")
    assert page.url.endswith("=85660#try")
    assert reader.noted == []


def test_a_change_without_effect_is_said_to_have_none(
    browser: "Browser", page_of: PageOf, reference: Reference, tables_of: TablesOf
) -> None:
    model = model_of(reference.editions[EDITION], tables_of(EDITION))
    assert model
    reader = Reader(browser, WIDTHS["laptop"], "light")
    page, path = reader.page, page_of(EDITION).as_uri()
    # At the low end of all unit costs no unit cost has a say of its own.
    page.goto(f"{path}?unit_value_level=low&{CARE}=70000")
    said = part(page, "said").inner_text()
    assert "A year in care: £70,000 instead of £66,600 (no effect). This is not the figure of this edition." in said
    assert said.count("no effect") == 1
    published = evaluated(model)
    for switch, options in model["options"].items():
        for option in options:
            if option == model["published"][switch] or len(options) == 1:
                continue
            found = evaluated(model, {switch: option})
            page.goto("about:blank")
            page.goto(f"{path}?{switch}={option.replace('+', '%2B')}")
            said = part(page, "said").inner_text()
            assert said.startswith("You have changed: "), (switch, option)
            assert ("(no effect)" in said) is (found == published), (switch, option)
            assert ("Every result is as in this edition." in said) is (found == published), (switch, option)
            is_same = found[MARKET].ratio == published[MARKET].ratio
            assert ("no effect" in said) is is_same, (switch, option)
            assert ("This is not the figure of this edition." in said or "less than a penny" in said) is not is_same
    assert reader.noted == []


def test_every_slider_leads_back_to_its_published_value_by_keyboard(browser: "Browser", page_of: PageOf) -> None:
    reader = Reader(browser, WIDTHS["laptop"], "light")
    page = reader.page
    for edition_id in EDITIONS:
        reader.opens(page_of(edition_id))
        # By the grid: each end, the published value, and values that only grow in between.
        grids = page.evaluate("""() => MODEL.sliders.map(id => {
          const own = byId.get(id), values = Array.from({ length: STEPS + 1 }, (_, step) => valueAt(own, step));
          return [own.low, own.central, own.high, values, stepOf(own, own.central)];
        })""")
        for low, central, high, values, step in grids:
            assert (values[0], values[-1], values[step]) == (low, high, central)
            assert values == sorted(values)
    slider = page.get_by_role("slider").first
    published = part(page, "market").inner_text()
    for there, back in (("ArrowRight", "ArrowLeft"), ("ArrowLeft", "ArrowRight")):
        slider.press(there)
        assert "You have changed" in part(page, "said").inner_text()
        slider.press(back)
        assert part(page, "said").inner_text() == "These are the assumptions of this edition."
    _, end, begin = (slider.get_attribute("aria-valuetext"), *_ends(page))
    assert (begin, end) == tuple(
        page.locator("[data-parameter] .ends").first.locator("span").nth(n).inner_text().partition(" ")[2]
        for n in (0, 2)
    )
    # The next stop of the keyboard is the button that leads back.
    page.keyboard.press("Tab")
    button = page.locator("[data-parameter] button").first
    assert button.evaluate("each => each === document.activeElement")
    assert button.inner_text() == "Back to this edition"
    box = button.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 24
    page.keyboard.press("Enter")
    assert part(page, "said").inner_text() == "These are the assumptions of this edition."
    assert part(page, "market").inner_text() == published
    assert slider.evaluate("each => each === document.activeElement")


def _ends(page: "Page") -> list[str | None]:
    """What the first slider says after End and after Home, where it stays."""
    slider = page.get_by_role("slider").first
    said = []
    for key in ("End", "Home"):
        slider.press(key)
        said.append(slider.get_attribute("aria-valuetext"))
    return said


@pytest.mark.parametrize("is_kept", [True, False], ids=["before the place", "behind the place"])
def test_a_state_outlives_links_to_places_a_reload_and_another_page(
    browser: "Browser", page_of: PageOf, is_kept: bool
) -> None:
    reader = Reader(browser, WIDTHS["laptop"], "light")
    page, path = reader.page, page_of(EDITION)
    (path.parent / "other.html").write_text("<!doctype html><title>Another page</title>", encoding="utf-8")
    if not is_kept:
        # As a browser does that lets a page on a disk change no more than the place.
        page.add_init_script("""const change = History.prototype.replaceState;
          History.prototype.replaceState = function (state, title, address) {
            if (!address.startsWith("#")) throw new DOMException("", "SecurityError");
            return change.call(this, state, title, address);
          };""")
    reader.opens(path)
    page.get_by_label("How long a result counts").select_option("annual/first_sustained")
    said = part(page, "said").inner_text()
    assert said.startswith("You have changed: ")
    assert page.url.endswith("?time=annual/first_sustained#try" if is_kept else "#try?time=annual/first_sustained")
    page.reload()
    assert part(page, "said").inner_text() == said
    page.get_by_role("link", name="Optimism bias").first.click()
    assert part(page, "said").inner_text() == said
    if is_kept:
        page.reload()
        assert part(page, "said").inner_text() == said
    page.goto((path.parent / "other.html").as_uri())
    page.go_back()
    if is_kept:
        assert part(page, "said").inner_text() == said
    page.go_back()
    assert part(page, "said").inner_text() == said
    page.go_forward()
    if is_kept:
        assert part(page, "said").inner_text() == said
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
    assert reader.page.get_by_text("Two assumptions have no control here.").is_visible()
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
