"""What people see and do in the UI, in a real browser, over some of the project's own data.

The first look at each page is also its picture for the docs (``make screenshots``).
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.facts.raw import RawFacts
from pipeline.orchestration.assets.metadata import BY_NAME
from pipeline.orchestration.assets.specs import GROUPS
from pipeline.orchestration.server.instance import POSTGRES_URL
from pipeline.orchestration.server.ui import CODE_LOCATION, LOCATION_NAME
from pipeline.tables.catalogue import ENTRIES
from tests.orchestration.browser import SCREENSHOTS, Visitor, installed_browser
from tests.orchestration.made_up_contracts import change
from tests.orchestration.ui_process import ASSETS, PATIENCE_SECONDS, OpenUI, opening
from tests.small_market import lay_out

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
CONTRACT = "INDIGO-POJ-0178"
# The one that is damaged is another: tests come in any order, and its partition stays failed.
DAMAGED_CONTRACT = "INDIGO-POJ-0171"
# Of some areas, of each of which value and payments are known; more rows were left out than a preview has.
FEW = [f"INDIGO-POJ-{number:04}" for number in (111, 121, *range(138, 148), 171, 172, 178)]
PROBLEM = (
    f"raw/{DAMAGED_CONTRACT}/outcomes.csv:2: quantity: not a number "
    "(found 'many', expected a plain number such as 1234.5)"
)
CHECKS_PAGE = "/reports/open-2026/checks.html"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The installed browser."""
    with installed_browser() as found:
        yield found


@pytest.fixture(scope="module")
def contracts(facts: RawFacts) -> list[str]:
    """The contracts that are looked at: a few, and for pictures all."""
    return sorted(facts.contracts["contract_id"]) if SCREENSHOTS in os.environ else FEW


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, project_root: Path, browser: "Browser", contracts: list[str]
) -> Path:
    """A copy of the project's data, into which a wrong value may be written."""
    folder = tmp_path_factory.mktemp("project")
    if contracts == FEW:
        lay_out(folder, project_root, contracts)
    else:
        for name in ("raw", "reference"):
            shutil.copytree(project_root / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def open_ui() -> Iterator[OpenUI]:
    """Opens a UI; what a test has not stopped is killed at the end."""
    with pytest.MonkeyPatch.context() as patch, opening() as open_one:
        patch.delenv(POSTGRES_URL, raising=False)
        yield open_one


@pytest.fixture(scope="module")
def analyst(browser: "Browser", project: Path, open_ui: OpenUI) -> Visitor:
    """Somebody at the UI who has refreshed everything from the launchpad, and seen it succeed."""
    visitor = Visitor(browser, open_ui(project, root=project, location=CODE_LOCATION).ready())
    visitor.open("/jobs", "refresh_everything")
    visitor.page.get_by_role("link", name="refresh_everything").click()
    visitor.sees("Reads what is new or has changed, values all contracts and publishes every current edition.")
    visitor.open_launchpad(first_time=True)
    visitor.sees("read_again", "accepted_checks", "draws", "seed")
    visitor.picture("launchpad")
    visitor.launch()
    visitor.sees("Success", "Succeeded (13)")
    visitor.picture("run")
    return visitor


@pytest.fixture(autouse=True)
def nothing_amiss(analyst: Visitor) -> Iterator[None]:
    """No page asks another host for anything, or has an error to tell."""
    yield
    assert (analyst.elsewhere, analyst.errors) == ([], [])


def test_the_lineage_is_in_groups_of_which_each_can_be_read(analyst: Visitor) -> None:
    analyst.open("/asset-groups", "06_valuation")
    analyst.sees(*GROUPS)
    analyst.open("/assets/headline?view=lineage", "market_value")
    analyst.sees("contract_value", "uncertainty", "checks")
    analyst.picture("lineage")
    analyst.open(f"/locations/{LOCATION_NAME}/asset-groups/07_value/list", "contract_value")
    analyst.sees(*GROUPS["07_value"])
    analyst.picture("group")


def test_the_headline_gives_the_ratios_and_says_where_to_read_on(analyst: Visitor) -> None:
    page = analyst.page
    published = json.loads((analyst.ui.settings.out_dir / "open-2026/headline.json").read_text(encoding="utf-8"))
    analyst.open("/assets/headline", "open-2026")
    analyst.sees(f"£{published['bcr']:.2f} of public value for every £1 paid", "assumptions and sources")
    analyst.bring_up("Metadata")
    analyst.picture("headline")
    page.locator(f"a[href='{CHECKS_PAGE}']").click()
    page.wait_for_url(f"**{CHECKS_PAGE}")
    analyst.sees("What was checked")
    page.go_back()
    page.get_by_role("link", name="unit_costs", exact=True).first.click()
    analyst.sees(ENTRIES["unit_costs"].description)


def test_what_was_published_reads_as_well_there_as_from_a_folder(analyst: Visitor) -> None:
    """From the first page to a contract, by links, search and sorting; with its downloads, in light and dark."""
    page = analyst.page
    analyst.open("/assets/headline", "assumptions and sources")
    linked = page.eval_on_selector_all("a[href^='/reports/']", "all => all.map(a => a.href)")
    assert len(linked) == 9
    assert [page.request.get(address).status for address in linked] == [200] * 9
    analyst.open("/reports/", "Which one should I read?")
    page.get_by_role("link", name="Our own estimate: only what has been shown").click()
    page.wait_for_url("**/reports/open-2026/index.html")
    page.get_by_role("link", name="The 2024 study as we read it").click()
    page.wait_for_url("**/reports/atq-2024/index.html")
    page.get_by_role("link", name="Our own estimate").click()
    page.wait_for_url("**/reports/open-2026/index.html")
    assert "system-ui" in page.evaluate("() => getComputedStyle(document.body).fontFamily")
    page.get_by_role("navigation").get_by_role("link", name="Contracts", exact=True).click()
    page.get_by_role("searchbox").first.fill("stronger families norfolk")
    assert page.locator("table[data-sort] tbody tr:visible").count() == 1
    head = page.locator("table[data-sort] thead th").first
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    page.get_by_role("link", name="Stronger Families Norfolk").first.click()
    page.wait_for_url(f"**/contracts/{CONTRACT}.html")
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours.append(page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor"))
    assert colours[0] != colours[1]
    page.emulate_media(color_scheme="light")
    page.get_by_role("navigation").get_by_role("link", name="Data", exact=True).click()
    for ending in (".csv", ".parquet"):
        with page.expect_download() as download:
            page.locator(f"a[href$='{ending}']").first.click()
        assert download.value.path().stat().st_size > 100


def test_charts_are_drawn_and_tables_can_be_read(analyst: Visitor, contracts: list[str], facts: RawFacts) -> None:
    analyst.open("/assets/policy_area_value", "chart")
    assert analyst.is_drawn("chart")
    analyst.picture("chart")
    analyst.show("rows open-2026")
    analyst.sees("child_and_family_welfare")
    analyst.open("/assets/contract_value", "chart open-2026")
    assert analyst.is_drawn("chart open-2026")
    analyst.open("/assets/rejected_rows", "preview")
    analyst.show("preview")
    analyst.sees(f"first 20 of {facts.rejected_rows['contract_id'].isin(contracts).sum()} rows")


def test_from_the_headline_to_the_row_of_the_source_it_takes_few_clicks(
    analyst: Visitor, contracts: list[str], project: Path
) -> None:
    """Each click of somebody who knows a contract by its name, and of each a picture for the tour."""
    page = analyst.page
    analyst.open("/assets/headline", BY_NAME)
    analyst.show(BY_NAME)  # the first click
    wanted = analyst.dialog().get_by_role("link", name="Stronger Families Norfolk")
    wanted.evaluate("element => element.scrollIntoView({block: 'center'})")
    analyst.picture("contracts-by-name")
    assert analyst.dialog().locator("a[href*='partition=']").count() == len(contracts)
    wanted.click()  # the second
    analyst.sees("INDIGO-POJ-0178", "145,852 days", "outcomes.csv:2", "days out of care")
    analyst.sees(f"{len(contracts)} Partitions Selected", "Passed when the folder was last read.")
    analyst.picture("partitions")
    row = (project / "raw" / CONTRACT / "outcomes.csv").read_text(encoding="utf-8").splitlines()[1]
    locator = row.split(",")[-1]
    analyst.sees(locator)
    analyst.show("payments")  # the third
    analyst.sees("payments.csv:2", "payments.csv:23")
    analyst.close()
    page.locator(f"a[href='/reports/open-2026/contracts/{CONTRACT}.html']").click()
    analyst.sees("Stronger Families Norfolk")


def test_the_folder_of_a_contract_leads_to_what_was_read_of_it(analyst: Visitor, project: Path) -> None:
    analyst.open(f"/assets/raw_folder?view=partitions&partition={CONTRACT}", "Stronger Families Norfolk")
    there = sorted(path.name for path in (project / "raw" / CONTRACT).iterdir())
    analyst.sees(", ".join(there), f"raw/{CONTRACT}")
    analyst.page.get_by_role("link", name="what was read from the folder").click()
    analyst.sees("outcomes.csv:2")


def test_what_if_is_asked_in_the_launchpad_which_refuses_what_cannot_be(analyst: Visitor) -> None:
    analyst.open_job("what_if")
    analyst.open_launchpad()
    analyst.write("edition: open-2026\ndeadweight_layer: nothing\n")
    refusal = re.compile(r"deadweight_layer not in enum type deadweight_layer \(none, assumed, studied\) got nothing")
    analyst.page.get_by_text(refusal).wait_for()
    assert analyst.launch_button().is_disabled()
    analyst.picture("launchpad-refuses")
    analyst.write("edition: open-2026\ndeadweight_layer: none\n")
    analyst.sees("No errors")
    analyst.launch()
    analyst.sees("Success")
    analyst.open("/assets/what_if", "beside the edition")
    analyst.sees("public_value_gbp", "what if")
    analyst.bring_up("Timestamp")
    analyst.picture("what-if")
    assert analyst.is_drawn("chart")


def test_one_edition_can_be_published_alone(analyst: Visitor) -> None:
    analyst.open_job("publish_edition")
    analyst.open_launchpad()
    analyst.sees("open-2026", "accepted_checks")
    analyst.may_launch()


def test_schedule_and_sensors_show_whether_they_are_on(analyst: Visitor) -> None:
    from playwright.sync_api import expect

    analyst.open("/automation", "weekly_refresh")
    for name in ("contract_folders", "failure_to_webhook", "new_data", "success_to_webhook", "weekly_refresh"):
        row = analyst.page.get_by_text(name, exact=True).first
        switch = row.locator("xpath=following::input[@type='checkbox'][1]")
        expect(switch).to_be_checked(checked=name == "contract_folders", timeout=PATIENCE_SECONDS * 1000)
    analyst.picture("automation")


def test_reviewers_see_everything_and_can_start_nothing(
    analyst: Visitor, browser: "Browser", project: Path, open_ui: OpenUI
) -> None:
    reading = open_ui(project, root=project, location=CODE_LOCATION, read_only=True).ready()
    nodes = reading.ask(ASSETS)["assetNodes"]
    assert not any(node["hasMaterializePermission"] for node in nodes)
    assert reading.launch(nodes[0]["assetKey"]["path"][-1]) == "UnauthorizedError"
    assert reading.parts() != []
    assert not any("dagster-daemon" in part for part in reading.parts())
    assert any("dagster-daemon" in part for part in analyst.ui.parts())
    reviewer = Visitor(browser, reading)
    reviewer.open("/assets/headline?view=lineage", "market_value")
    starts_nothing(reviewer)
    reviewer.picture("read-only")
    reviewer.open_job("refresh_everything")
    starts_nothing(reviewer)
    reviewer.open("/assets/headline", "open-2026")
    starts_nothing(reviewer)
    reviewer.page.locator(f"a[href='{CHECKS_PAGE}']").click()
    reviewer.sees("What was checked")
    assert (reviewer.elsewhere, reviewer.errors) == ([], [])
    reviewer.page.context.close()
    assert reading.stop() == 0


def starts_nothing(visitor: Visitor) -> None:
    """No button of the page that would start a run can be used; there is one, or nothing would be said by that."""
    buttons = visitor.page.get_by_role("button", name=re.compile("Materialize|Launch|Execute")).all()
    assert buttons
    assert [button.inner_text() for button in buttons if button.is_enabled()] == []


def test_a_wrong_value_is_shown_on_the_check_that_stopped_the_run(
    analyst: Visitor, project: Path, contracts: list[str]
) -> None:
    made = f"Materialized ({len(contracts)})"
    analyst.open(f"/assets/contract_facts?view=partitions&partition={DAMAGED_CONTRACT}", made)
    outcomes = project / "raw" / DAMAGED_CONTRACT / "outcomes.csv"
    right = outcomes.read_bytes()
    change(outcomes, ",136,", ",many,")
    try:
        analyst.open_job("refresh_everything")
        analyst.open_launchpad()
        analyst.launch()
        analyst.sees("Failure")
    finally:
        outcomes.write_bytes(right)
    # As somebody sees it who comes when the run has ended: while it goes on, the list need not follow what comes last.
    analyst.page.reload()
    analyst.page.get_by_text(PROBLEM).locator("visible=true").first.wait_for()
    analyst.open(f"/assets/contract_facts?view=partitions&partition={DAMAGED_CONTRACT}", "Failed (1)")
    analyst.sees("why it failed", f"raw/{DAMAGED_CONTRACT}/outcomes.csv:2", "many")
    analyst.picture("failed-contract")
    analyst.open("/assets/contract_facts?view=checks", "contract_folder_is_sound")
    analyst.sees("Failed", f"1 problem in the data; nothing was written: {PROBLEM}")
    analyst.show("problems")
    analyst.sees(f"raw/{DAMAGED_CONTRACT}/outcomes.csv:2", "many")
    analyst.picture("failed-check")
