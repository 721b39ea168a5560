"""What charts say in words: titles that are findings, right in all editions and in odd cases, in plain English."""

from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.charts.bridge import bridge_chart
from pipeline.report.charts.choices import spread_of_choices
from pipeline.report.charts.contracts import ratios_of_contracts
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.places import places
from pipeline.report.charts.published import coverage, gap, reconciliation
from pipeline.report.charts.readings import map_of_readings, near_readings
from pipeline.report.charts.uncertainty import acceptability_curve, ranges, tornado
from pipeline.report.charts.value import payers_and_beneficiaries, value_by_policy_area
from pipeline.report.charts.what_if import beside
from pipeline.report.pages import PAGES
from pipeline.report.pages.frame import Site
from pipeline.report.text.headline import headline
from tests.conftest import EDITIONS
from tests.report.charts.conftest import CELLS
from tests.report.charts.taken_apart import Tables
from tests.report.conftest import VERSIONS
from tests.report.plain_english import faults_of

LONGEST_TITLE = 110
# What the vocabulary of the method calls a choice, which other pages say too.
OF_CHOICES = "choices"


@pytest.fixture(scope="module", params=EDITIONS)
def shown(
    request: pytest.FixtureRequest, tables_of: Callable[[str], Tables], reference: Reference
) -> dict[str, Figure]:
    """All charts on pages of an edition, by id."""
    tables, edition = tables_of(request.param), reference.editions[request.param]
    made_from = Site(edition, tables, headline(tables, edition), reference, VERSIONS)
    figures = (figure for page in PAGES for figure in page.figures(made_from))
    return {figure.id: figure.published_in(edition.edition, edition.price_year) for figure in figures}


def test_words_of_charts_are_plain_english(shown: dict[str, Figure]) -> None:
    found = [
        f"{id_}: {fault}"
        for id_, figure in shown.items()
        for text in (figure.title, figure.subtitle, figure.alt)
        for fault in faults_of(text)
    ]
    assert not found, "\n".join(found)


def test_a_title_is_short_and_what_is_described_is_not_said_twice(shown: dict[str, Figure]) -> None:
    for id_, figure in shown.items():
        assert len(figure.title) <= LONGEST_TITLE, id_
        assert not figure.title.endswith("."), id_
        assert figure.title[0].isupper() or figure.title[0].isdigit() or figure.title[0] == "“", id_
        texts = (figure.title, figure.subtitle, figure.alt)
        assert not any(one and one in other for one in texts for other in texts if one is not other), id_


def test_what_is_in_real_pounds_says_of_which_year(shown: dict[str, Figure], reference: Reference) -> None:
    (edition,) = {figure.source.rpartition(" ")[2] for figure in shown.values()}
    prices = f"Prices of {reference.editions[edition].price_year}."
    assert shown["areas"].subtitle.endswith(prices)
    assert shown["contracts"].subtitle.endswith(prices)
    assert "Prices of" not in shown["places"].subtitle
    # Without a study nothing of it is covered, and there is no such chart.
    assert "coverage" not in shown or "Payments in cash" in shown["coverage"].subtitle


# --- Odd cases --------------------------------------------------------------------------------------------------


def contracts_with(tables: Tables, *ratios: float) -> str:
    table, uncertainty = tables["contract_value"], tables["uncertainty"]
    known = table[table["is_in_bcr"]].head(len(ratios)).assign(bcr=list(ratios))
    return ratios_of_contracts(known, uncertainty).title


def test_contracts_above_one_pound_are_counted_as_they_are_written(tables: Tables) -> None:
    more = "more than £1 of public value for each £1 paid"
    assert contracts_with(tables, 1.2, 0.8, 0.5) == f"1 of 3 contracts shows {more}"
    assert contracts_with(tables, 1.2, 1.3, 0.5) == f"2 of 3 contracts show {more}"
    assert contracts_with(tables, 1.2, 1.3) == f"All of the 2 contracts show {more}"
    # £1.00 is not more than £1.
    assert contracts_with(tables, 1.004, 0.2) == f"None of the 2 contracts shows {more}"
    assert contracts_with(tables, 1.25) == "The one contract here shows £1.25 of public value for each £1 paid"


def areas_with(*gbp: float) -> str:
    names = ["health", "education", "homelessness"][: len(gbp)]
    columns = ["fiscal_gbp", "transfers_gbp", "economic_gbp", "social_gbp", "gross_public_value_gbp"]
    table = pd.DataFrame({"policy_area": names, "public_value_gbp": gbp, "outcome_payments_real_gbp": 1e6})
    return value_by_policy_area({"e": table.assign(**dict.fromkeys(columns, 0.0))}).title


def test_the_area_of_most_value_is_named_and_ties_are_said() -> None:
    assert areas_with(3e6, 1e6) == "Health brings the most public value: £3.0m of £4.0m"
    assert areas_with(3e6, 3.01e6, 1e6) == "Health and education bring the most public value: £3.0m each of £7.0m"
    assert areas_with(3e6) == "All of the public value is in health: £3.0m"
    assert areas_with(0.0, -1e6) == "Public value and payments by policy area"
    assert areas_with(float("nan"), 2e6) == "All of the public value is in education: £2.0m"


def gains(**by_agency: float) -> str:
    rows = [{"agency": agency, "payer_kind": "local", "value_gbp": gbp} for agency, gbp in by_agency.items()]
    return payers_and_beneficiaries(pd.DataFrame(rows)).title


def test_who_gains_most_is_named() -> None:
    assert gains(schools=2e6, courts=1e6) == "Schools gain most: £2.0m of £3.0m"
    assert gains(schools=2e6, courts=2e6) == "Courts and schools gain most: £2.0m each of £4.0m"
    assert gains(schools=-2e6) == "Nobody gains, on balance"


def test_the_range_of_the_market_and_the_chance_are_those_of_the_table(tables: Tables) -> None:
    table, curves = tables["uncertainty"], tables["acceptability"]
    row = table[(table["scope"] == "market") & (table["measure"] == "bcr")].iloc[0]
    assert (
        ranges(table).title
        == f"Public value is £{row['ratio']:.2f} for every £1 (range £{row['p10']:.2f} to £{row['p90']:.2f})"
    )
    sure = table.assign(chance_above_1=1.0)
    assert acceptability_curve(curves, sure).title == "The chance that public value exceeds what was paid is over 99%"
    none = table.assign(has_range=False)
    assert ranges(none).title == "How certain the ratios are"
    assert acceptability_curve(curves, none).title == "How likely the ratios are to exceed £1"


def test_what_matters_most_has_its_name_where_there_is_one(tables: Tables) -> None:
    first = tables["sensitivity"][tables["sensitivity"]["measure"] == "bcr"].head(1)
    row = first.assign(parameter_id="deadweight/studied/a_job/C-1", ratio_at_low=0.9, ratio_at_high=0.5)
    assert tornado(row).title == "“Deadweight (studied): a job, C-1” matters most: £0.90 to £0.50 over its range"
    named = tornado(row, {"a_job": "in work", "C-1": "One"}).title
    assert named == "“Deadweight (studied): in work, One” matters most: £0.90 to £0.50 over its range"
    unit_cost = tornado(row.assign(parameter_id="unit_cost/a_night/2026"), {"a_night": "A night"})
    assert unit_cost.title.startswith("“A night” matters most")


def test_choices_that_change_nothing_are_said_to(tables: Tables) -> None:
    same = tables["scenarios"].assign(bcr=1.2)
    assert spread_of_choices(same).title == "No other choice changes the result: £1.20 of public value for each £1 paid"


def test_places_near_london_are_counted_in_contracts(tables: Tables) -> None:
    contracts, one = tables["contracts"], tables["places"].head(1)
    near, far = one.assign(latitude=51.5, longitude=0.0), one.assign(latitude=53.0, longitude=-1.0)
    other = far.assign(contract_id=contracts["contract_id"].iloc[-1])
    assert places(near, contracts).title == "The contract works in or near London"
    assert places(far, contracts).title == "Where the contracts are delivered"
    assert places(pd.concat([near, other]), contracts).title == "1 of 2 contracts works in or near London"


def test_shares_of_a_study_and_the_gap_to_it(tables: Tables) -> None:
    table = tables["coverage"].dropna(subset="share")
    assert coverage(table).title == "62% of the published outcome payments are in public data"
    more = coverage(table.assign(share=1.16))
    assert more.title == "All of the published outcome payments are in public data"
    assert "Above 100%, public data name more" in more.subtitle
    assert "Above 100%" not in coverage(table.assign(share=0.5)).subtitle
    parts = {"payments": {"in our ratio": 1e6}, "public value": {"in our ratio": 2e6, "the rest": 8e6}}
    assert gap(parts).title == "We can value £2.0m of the £10.0m that was published"
    assert gap({"payments": {"in our ratio": 1e6}}).title == "How our figures compare with the published ones"
    like = tables["reconciliation"].query("is_like_for_like and ours > 0").head(1)
    assert reconciliation(like.assign(status="reproduced")).title == "1 of 1 published figure is reproduced"


def test_readings_near_and_below_the_published_ratios() -> None:
    own = {"bcr": 1.0, "fiscal_bcr": 0.5}
    below = map_of_readings(CELLS, {"bcr": 8.0, "fiscal_bcr": 2.0}, own)
    assert below.title == "All of the 3 readings give less public value than was published"
    above = map_of_readings(CELLS, {"bcr": 0.4, "fiscal_bcr": 0.2}, own)
    assert above.title == "None of the 3 readings gives less public value than was published"
    step = {"plugs": "with plugs", "measure": "near_with_step", "number": 1.0}
    near = {"plugs": "with plugs", "measure": "near", "step_id": "", "number": 40.0, "share": 0.5}
    shares = [{**step, "step_id": "a", "share": 1.0}, {**step, "step_id": "b", "share": 0.4}]
    words = "in all of the readings near the published ratios"
    assert near_readings(pd.DataFrame([near, *shares]), {"a": "A"}).title == f"“A” is {words}"
    ties = pd.DataFrame([near, *({**row, "share": 1.0} for row in shares)])
    assert near_readings(ties, {}).title == f"2 steps are {words}"


def test_what_moved_the_ratio_most_is_named(tables: Tables) -> None:
    terms = tables["bridge"]
    moved = bridge_chart(terms, "e")
    assert "moved public value per £1 most" in moved.title
    still = bridge_chart(terms.assign(term=0.0), "e")
    assert still.title == "Public value per £1 has not changed"


def test_a_what_if_says_what_it_changes(data: dict[str, object]) -> None:
    same, other = beside(data, data), beside(data, {**data, "bcr": 2.0})
    assert same.title.startswith("The what-if gives the same £")
    assert other.title.startswith("The what-if gives £2.00 of public value for each £1 paid, instead of £")
