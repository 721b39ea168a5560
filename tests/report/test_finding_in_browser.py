"""Finding a contract as people do: by any organisation, place or fund, however written, on a laptop and a phone."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages.contracts import PAGE
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from pipeline.tables.vocabulary import TARGET_GROUPS
from tests.orchestration.browser import installed_browser
from tests.report.conftest import VERSIONS
from tests.report.test_report_in_browser import OVERFLOW, WIDTHS, write
from tests.report.undrawn import undrawn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
TablesOf = Callable[[str], dict[str, pd.DataFrame]]

EDITION = "open-2026"
NORFOLK, SUFFOLK, WITHOUT = "INDIGO-POJ-0178", "INDIGO-POJ-0183", "INDIGO-POJ-0109"
# Asks the page for many things at once, as somebody would who types one after the other.
ASKED = """queries => {
  const box = document.getElementById("find-words");
  return queries.map(query => {
    box.value = query;
    box.dispatchEvent(new Event("input"));
    const rows = [...document.querySelectorAll("#contracts tbody tr")];
    return rows.filter(row => !row.hidden).map(row => row.dataset.contract);
  });
}"""
HOSTILE = """=<img src=x onerror="alert(1)">'"""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with installed_browser() as found:
        yield found


@pytest.fixture(scope="module")
def made(tables_of: TablesOf, reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an edition, in which the pages lie."""
    folder = tmp_path_factory.mktemp("finding") / EDITION
    edition, tables = reference.editions[EDITION], tables_of(EDITION)
    write(site(Site(edition, tables, headline(tables, edition), reference, VERSIONS), undrawn), folder)
    return folder


@pytest.fixture
def page(browser: "Browser", made: Path) -> Iterator["Page"]:
    """The list on a laptop; a fault of its script fails the test."""
    context = browser.new_context(viewport={"width": WIDTHS["laptop"], "height": 900})
    opened, faults = context.new_page(), []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto((made / PAGE.path).as_uri())
    yield opened
    context.close()
    assert faults == []


def found(page: "Page", *queries: str) -> list[list[str]]:
    return page.evaluate(ASKED, list(queries))


def test_every_contract_is_found_by_each_name_place_fund_and_group(page: "Page", tables_of: TablesOf) -> None:
    tables = tables_of(EDITION)
    of = [
        *((row.contract_id, row.name) for row in tables["organisations"].query("organisation_id != ''").itertuples()),
        *((row.contract_id, row.place) for row in tables["places"].itertuples()),
        *((row.contract_id, row.contract_id) for row in tables["contracts"].itertuples()),
        *((row.contract_id, row.name) for row in tables["contracts"].itertuples()),
        *(
            (row.contract_id, fund)
            for row in tables["contracts"].itertuples()
            for fund in row.outcomes_fund.split("; ")
        ),
        *(
            (row.contract_id, words)
            for row in tables["service"].query("fact == 'target_group'").itertuples()
            for words in (row.code.replace("_", " "), TARGET_GROUPS[row.code])
        ),
    ]
    assert len(of) > 1_500
    for ways in (str, str.upper, lambda text: re.sub(r"['’]", "", text), lambda text: text.replace("-", " ")):
        answers = found(page, *(ways(text) for _, text in of))
        missed = [pair for pair, answer in zip(of, answers, strict=True) if pair[0] not in answer]
        assert missed == []


def test_a_reader_finds_by_the_names_that_were_looked_for_in_vain(page: "Page", tables_of: TablesOf) -> None:
    st_basils, ascii_basils, project, futures, bridges, leavers, nobody = found(
        page, "St Basils", "st. basil’s", "1625", "Futures Advice", "Bridges", "care leavers", "xyzzy"
    )
    assert st_basils == ascii_basils == ["INDIGO-POJ-0137"]
    assert project == ["INDIGO-POJ-0121"]
    assert futures == ["INDIGO-POJ-0172"]
    organisations, contracts = tables_of(EDITION)["organisations"], tables_of(EDITION)["contracts"]
    assert set(bridges) >= set(organisations.loc[organisations["name"].str.startswith("Bridges"), "contract_id"])
    assert set(leavers) >= set(contracts.loc[contracts["outcomes_fund"] == "Care Leavers", "contract_id"])
    assert nobody == []
    # What was searched, and what to try, is said only then.
    assert page.locator("#find-nothing").is_visible()
    assert "providers" in page.locator("#find-nothing").inner_text()
    page.get_by_role("button", name="Show all contracts").click()
    assert page.locator("#find-said").inner_text() == "100 of 100 contracts"
    assert not page.locator("#find-nothing").is_visible()


def test_a_row_says_where_else_the_words_were_found(page: "Page") -> None:
    page.get_by_role("searchbox").fill("1625")
    assert "Providers: 1625 Independent People" in page.locator("#contracts tbody tr:visible th").inner_text()
    page.get_by_role("searchbox").fill("reboot")
    assert page.locator("#contracts tbody tr:visible .found").inner_text() == ""


def test_filters_narrow_the_list_together_with_words(page: "Page", tables_of: TablesOf) -> None:
    tables = tables_of(EDITION)
    both = tables["contract_value"].merge(tables["contracts"][["contract_id", "outcomes_fund"]], on="contract_id")
    page.get_by_label("Outcomes fund").select_option(label="Life Chances Fund")
    page.get_by_label("Only with a ratio").check()
    expected = both[both["outcomes_fund"].str.contains("Life Chances Fund") & both["is_in_bcr"]]
    assert set(found(page, "")[0]) == set(expected["contract_id"])
    page.get_by_label("Region").select_option(label="East of England")
    assert NORFOLK in found(page, "norfolk")[0]
    assert set(found(page, "norfolk")[0]) < set(expected["contract_id"])


def test_the_list_is_kept_as_it_is_shown(page: "Page", tables_of: TablesOf) -> None:
    page.get_by_role("searchbox").fill("stronger families")
    page.locator("#contracts thead th").nth(1).get_by_role("button").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this list").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["contract_id"] for row in rows] == [NORFOLK, SUFFOLK]
    values = tables_of(EDITION)["contract_value"].set_index("contract_id")
    for row in rows:
        assert float(row["public_value_per_pound"]) == values["bcr"][row["contract_id"]]
        assert float(row["public_value_gbp"]) == values["public_value_gbp"][row["contract_id"]]
        assert float(row["range_low"]) < float(row["public_value_per_pound"]) < float(row["range_high"])


def test_contracts_stand_side_by_side_under_an_address_that_can_be_sent(page: "Page", made: Path) -> None:
    for contract_id in (NORFOLK, SUFFOLK):
        page.locator(f"tr[data-contract='{contract_id}'] .pick input").check()
    page.get_by_role("button", name="Compare 2 contracts").click()
    panel = page.locator("#side-by-side")
    assert page.url.endswith(f"?compare={NORFOLK},{SUFFOLK}#all")
    assert [cell.strip() for cell in panel.locator("thead th").all_inner_texts()][1:] == [
        "Stronger Families Norfolk",
        "Stronger Families Suffolk",
    ]
    assert not page.locator("#side-by-side-areas").is_visible()
    # Somebody else opens what was sent; who is not in the ratio is told why, and areas are not to be compared.
    page.goto("about:blank")
    page.goto(f"{(made / PAGE.path).as_uri()}#compare={WITHOUT},{NORFOLK},NOBODY,{NORFOLK}")
    assert panel.locator("thead th").count() == 3
    assert "No ratio: " in panel.inner_text()
    assert page.locator("#side-by-side-areas").is_visible()
    panel.get_by_role("button", name="Close").click()
    assert not panel.is_visible()


def test_what_is_looked_for_and_compared_outlives_links_a_reload_and_another_page(page: "Page") -> None:
    page.get_by_role("searchbox").fill("stronger families")
    page.get_by_label("Outcomes fund").select_option(label="Life Chances Fund")
    page.get_by_label("Only with a ratio").check()
    shown = page.locator("#contracts tbody tr:visible")
    assert shown.count() == 2
    for box in page.locator("#contracts tbody tr:visible .pick input").all():
        box.check()

    def assert_kept(is_compared: bool) -> None:
        assert page.get_by_role("searchbox").input_value() == "stronger families"
        assert page.get_by_label("Outcomes fund").locator("option:checked").inner_text() == "Life Chances Fund"
        assert page.get_by_label("Only with a ratio").is_checked()
        assert shown.count() == 2
        assert page.locator("#side-by-side").is_visible() is is_compared
        assert not page.locator("#find-notes").is_visible()

    # A link to another place of the page takes nothing away, not even what is only ticked.
    page.evaluate("location.hash = '#areas'")
    page.get_by_role("button", name="Compare 2 contracts").wait_for()
    page.reload()
    assert_kept(is_compared=False)
    for box in page.locator("#contracts tbody tr:visible .pick input").all():
        box.check()
    page.get_by_role("button", name="Compare 2 contracts").click()
    assert_kept(is_compared=True)
    page.reload()
    assert_kept(is_compared=True)
    page.locator("#contracts tbody tr:visible th a.given").first.click()
    page.wait_for_url("**/contracts/*.html")
    page.go_back()
    assert_kept(is_compared=True)
    page.go_back()
    assert_kept(is_compared=False)
    page.go_forward()
    assert_kept(is_compared=True)
    page.get_by_role("button", name="Show all contracts").click()
    assert "stronger" not in page.url


def test_what_a_link_names_in_vain_is_said_as_text(page: "Page", made: Path) -> None:
    notes, path = page.locator("#find-notes"), (made / PAGE.path).as_uri()
    several = ",".join((NORFOLK, SUFFOLK, WITHOUT, "INDIGO-POJ-0137", "INDIGO-POJ-0121"))
    lacking = "which this edition does not have. It was left out."
    for said, expected in (
        (f"?compare={NORFOLK},NOBODY,{SUFFOLK}", f"This link names the contract “NOBODY”, {lacking}"),
        (f"#compare={NORFOLK},<b>x</b>,{SUFFOLK}", f"This link names the contract “<b>x</b>”, {lacking}"),
        (f"?compare={several}", "This link names 5 contracts. No more than 4 fit side by side"),
        (f"?compare={NORFOLK}", "There is nothing to compare: choose at least two contracts."),
        ("?region=Atlantis", "“Region” has no option “Atlantis” in this edition. It was left out."),
        ("?ratio=2", "This link sets “ratio” to “2”, which means nothing here."),
        (
            "?%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E=1",
            "“<img src=x onerror=alert(1)>”, which this page does not have.",
        ),
        ("?a=1&b=1&c=1&d=1&e=1&f=1&g=1", "There are 2 more faults in this link."),
    ):
        page.goto("about:blank")
        page.goto(path + said)
        assert expected in notes.inner_text(), said
        assert page.locator("#find-notes *").count() == 0
    # An older link becomes one of today.
    page.goto(f"{path}#compare={NORFOLK},{SUFFOLK}")
    assert page.url.endswith(f"?compare={NORFOLK},{SUFFOLK}#all")
    page.goto(f"{path}?compare={several}")
    assert page.locator("#side-by-side thead th").count() == 5
    assert page.locator(".pick input:checked").count() == 4
    page.get_by_role("searchbox").fill("norfolk")
    assert not notes.is_visible()


def test_who_has_chosen_four_is_told_that_no_more_fit(page: "Page") -> None:
    for box in page.locator(".pick input").all()[:4]:
        box.check()
    assert page.locator("#find-notes").inner_text() == "You have chosen 4 contracts: no more fit side by side."
    page.locator(".pick input").first.uncheck()
    assert not page.locator("#find-notes").is_visible()


def test_the_highest_ratios_first_come_with_what_they_rest_on(page: "Page") -> None:
    note = page.locator("#no-league-table")
    assert not note.is_visible()
    page.locator("#contracts thead th").nth(1).get_by_role("button").click()
    assert note.is_visible()
    page.locator("#contracts thead th").nth(0).get_by_role("button").click()
    assert not note.is_visible()


def test_on_a_phone_the_ratio_is_in_view(browser: "Browser", made: Path) -> None:
    context = browser.new_context(viewport={"width": WIDTHS["phone"], "height": 900})
    phone = context.new_page()
    phone.goto((made / PAGE.path).as_uri())
    cell = phone.locator(f"tr[data-contract='{NORFOLK}'] .ratio-said").bounding_box()
    assert cell
    assert cell["x"] + cell["width"] <= WIDTHS["phone"]
    phone.goto(f"{(made / PAGE.path).as_uri()}#compare={NORFOLK},{SUFFOLK},{WITHOUT}")
    assert phone.locator("#side-by-side").is_visible()
    assert phone.evaluate(OVERFLOW) <= 0
    context.close()


def test_without_scripts_the_whole_list_is_there(browser: "Browser", made: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((made / PAGE.path).as_uri())
    assert plain.locator("#contracts tbody tr:visible").count() == 100
    assert not plain.locator(".finder").is_visible()
    assert plain.locator("#no-league-table").is_visible()
    context.close()


def test_a_hostile_name_stays_a_name_on_screen_side_by_side_and_as_csv(
    browser: "Browser", tables_of: TablesOf, reference: Reference, tmp_path: Path
) -> None:
    edition, tables = reference.editions[EDITION], dict(tables_of(EDITION))
    tables["contract_value"] = tables["contract_value"].assign(name=HOSTILE)
    tables["organisations"] = tables["organisations"].assign(name=HOSTILE)
    write(site(Site(edition, tables, headline(tables, edition), reference, VERSIONS), undrawn), tmp_path / EDITION)
    context = browser.new_context()
    opened, said = context.new_page(), list[str]()
    opened.on("dialog", lambda dialog: said.append(dialog.message))
    opened.goto(f"{(tmp_path / EDITION / PAGE.path).as_uri()}#compare={NORFOLK},{SUFFOLK}")
    assert HOSTILE in opened.locator("#side-by-side").inner_text()
    opened.get_by_role("searchbox").fill("onerror")
    with opened.expect_download() as download:
        opened.get_by_role("button", name="Download this list").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"), newline="")))
    assert len(rows) == 100
    assert {row["name"] for row in rows} == {f"'{HOSTILE}"}
    assert said == []
    context.close()
