"""The first page of the report: its numbers are those of the tables, and nothing on it is loaded from elsewhere."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import value_edition
from pipeline.report.choice_words import CHOICES
from pipeline.report.pages import index
from pipeline.report.pages.first_screen import line_of_pounds, verdict
from pipeline.report.pages.frame import Site
from pipeline.report.site import with_charts
from pipeline.report.text.headline import headline, said_of_older_lists
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.report.text.terminal import headline_text
from pipeline.report.wording import chance, million, percent, ratio_text
from pipeline.tables.vocabulary import DEADWEIGHT_LAYERS, TIME_CONVENTIONS, UNIT_VALUE_LEVELS, VALUE_SETS
from tests.conftest import EDITIONS

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}
HOSTILE = "<script>alert(1)</script>"


class Text(HTMLParser):
    """What a page says, the ids it has, and what it refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.ids: list[str] = []
        self.refers: list[str] = []
        self.headings: list[int] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("href", "src", "xlink:href", "action", "srcset") and value:
                self.refers.append(value)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def said(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page_of(tables_of: TablesOf, reference: Reference) -> Callable[..., str]:
    """Make the first page of an edition, some tables replaced."""

    def of(edition_id: str, **other: pd.DataFrame) -> str:
        tables, edition = tables_of(edition_id) | other, reference.editions[edition_id]
        made_from = Site(edition, tables, headline(tables, edition), reference, VERSIONS)
        return index.render(with_charts(made_from, [index.PAGE]))["index.html"]

    return of


# What an edition of the list of 2026 publishes that has to take a year in care from that of 2015.
OLDER = "of public value depends on unit costs from the 2015 price list, as the 2026 list does not have them"


@pytest.fixture(scope="module")
def without_care(facts: RawFacts, reference: Reference) -> dict[str, pd.DataFrame]:
    """The lines of value of open-2026, and its contracts, when the list of 2026 has no row for a year in care."""
    costs = reference.unit_costs
    is_care = (costs["unit_cost_id"] == "child_in_care") & (costs["value_set"] == "2026")
    assert is_care.sum() == 1
    spoilt = replace(reference, unit_costs=costs[~is_care])
    valuation = value_edition(facts, spoilt, reference.editions["open-2026"])
    return {"valued_outcomes": valuation.valued_outcomes, "contract_value": valuation.contract_value}


def test_it_is_said_how_much_rests_on_an_older_price_list(
    without_care: dict[str, pd.DataFrame], page_of: Callable[..., str], tables_of: TablesOf, reference: Reference
) -> None:
    tables, edition = tables_of("open-2026") | without_care, reference.editions["open-2026"]
    data = headline(tables, edition)
    contracts, lines = without_care["contract_value"], without_care["valued_outcomes"]
    in_ratio = lines["contract_id"].isin(contracts.loc[contracts["is_in_bcr"], "contract_id"])
    public = lines[in_ratio & ~lines["is_transfer"]]
    of_care = public.loc[public["unit_cost_id"] == "child_in_care", "net_gbp"].sum()
    assert data["older_list_share"] == pytest.approx(of_care / public["net_gbp"].sum(), abs=1e-6)
    assert data["older_list_share"] > 0.1
    said = f"{percent(data['older_list_share'])} {OLDER}"
    assert f"\n  {said}\n" in headline_text("open-2026", data, Path("reports"))
    assert f"\n\n{said}.\n\n" in as_markdown(tables, edition, data)
    assert f" {said}. " in Text(page_of("open-2026", **without_care)).said()
    assert said_of_older_lists(data | {"older_list_share": 0.004}) == f"under 1% {OLDER}"


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_nothing_is_said_of_older_price_lists_where_none_stands_in(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf, reference: Reference
) -> None:
    tables, edition = tables_of(edition_id), reference.editions[edition_id]
    data = headline(tables, edition)
    assert data["older_list_share"] == 0
    texts = page_of(edition_id), as_markdown(tables, edition, data), headline_text(edition_id, data, Path("reports"))
    assert not [text for text in texts if "does not have them" in text]
    nothing = {"valued_outcomes": tables["valued_outcomes"].iloc[:0]}
    assert headline(tables | nothing, edition)["older_list_share"] is None
    assert said_of_older_lists(data | {"older_list_share": None}) == ""
    # As it was published before the share was known.
    assert said_of_older_lists({"value_set": "2026"}) == ""


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_first_screen_says_paid_worth_ratio_and_range(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf, reference: Reference
) -> None:
    answer = Text(page_of(edition_id).split('<div class="answer">')[1].split('<div class="questions">')[0]).said()
    market = tables_of(edition_id)["market_value"].iloc[0]
    sure = tables_of(edition_id)["uncertainty"].query("scope_kind == 'market'").set_index("measure")
    low = ", with every unit cost at its low end: "
    verdicts = {"atq-2022": f"{low}more", "atq-2024": f"{low}less", "open-2026": ": less"}
    assert answer.startswith(f"£{ratio_text(market['bcr'])} of public value for every £1 paid")
    assert f"for every £1 paid{verdicts[edition_id]} than was paid" in answer
    assert f"£{ratio_text(market['fiscal_bcr'])} of fiscal value for every £1" in answer
    ends = f"£{ratio_text(sure.loc['bcr', 'p10'])} to £{ratio_text(sure.loc['bcr', 'p90'])}"
    assert (f"80% range : {ends}" in answer) is bool(sure.loc["bcr", "has_range"])
    assert f"Paid {million(market['outcome_payments_in_bcr_real_gbp'])} for results" in answer
    assert f"Worth {million(market['public_value_in_bcr_gbp'])} to the public" in answer
    assert f"{market['contracts_in_bcr']} of the {market['contracts']} contracts we know of" in answer
    covered = market["outcome_payments_in_bcr_gbp"] / market["outcome_payments_gbp"]
    assert f"{percent(covered)} of the payments we can see" in answer
    assert f"{reference.editions[edition_id].price_year} prices" in answer
    is_net = reference.editions[edition_id].deadweight_layer != "none"
    assert ("after taking off what would have happened anyway" in answer) is is_net
    assert ("before taking off what would have happened anyway" in answer) is not is_net


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_it_says_how_certain_why_another_figure_was_published_and_what_is_left_out(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf, reference: Reference
) -> None:
    said = Text(page_of(edition_id).split('<div class="questions">')[1].split('id="where"')[0]).said()
    tables = tables_of(edition_id)
    sure = tables["uncertainty"].query("scope_kind == 'market' and measure == 'bcr'").iloc[0]
    data = headline(tables, reference.editions[edition_id])
    certain = f"worth more than they cost is {chance(sure['chance_above_1'])}." in said
    assert certain is bool(sure["has_range"])
    assert ("We give no range" in said) is not sure["has_range"]
    others = [row["bcr"] for options in data["by_choice"].values() for row in options.values()]
    assert f"£{ratio_text(min(others))} to £{ratio_text(max(others))}" in said
    published = {"atq-2022": "10.20"}.get(edition_id, "8.57")
    assert f"Why is it not £{published}?" in said
    reached = data["reading"].get("bcr", {}).get("explained")
    assert (reached is None) is (edition_id == "open-2026")
    assert reached is None or f"£{ratio_text(reached)}" in said
    assert f"£{ratio_text(data['scenarios']['bcr']['highest'])}" in said
    none_off = data["by_choice"]["deadweight_layer"]["none"]["bcr"]
    assert (f"With nothing taken off, the figure would be £{ratio_text(none_off)}." in said) is (
        edition_id == "open-2026"
    )
    assert ("gives only £5.08" in said) is (edition_id == "open-2026")
    assert ("after the last time somebody checked on it" in said) is (edition_id == "open-2026")
    assert f"{data['contracts'] - data['contracts_in_bcr']} contracts of {data['contracts']}" in said
    assert f"{len(tables['not_valued'])} kinds of result" in said


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_what_matters_most_are_the_two_largest_choices_and_the_largest_contracts(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf, reference: Reference
) -> None:
    cards = re.findall(r"<li><h3>.*?</li>", page_of(edition_id), re.DOTALL)
    tables, edition = tables_of(edition_id), reference.editions[edition_id]
    data = headline(tables, edition)
    moves = {
        name: max(abs(row["bcr"] - data["bcr"]) for row in data["by_choice"].get(name, {}).values())
        for name, choice in CHOICES.items()
        if choice.heading and name in data["by_choice"]
    }
    expected = [CHOICES[name].heading for name in sorted(moves, key=lambda name: -moves[name])[:2]]
    assert [Text(card).words[0] for card in cards] == [*expected, "A few contracts carry the total"]
    for card, name in zip(cards, sorted(moves, key=lambda name: -moves[name])[:2], strict=False):
        others = {key for key in data["by_choice"][name] if key != getattr(edition, name)}
        assert {f"£{ratio_text(data['by_choice'][name][key]['bcr'])}" for key in others} <= set(
            re.findall(r"£[\d.]+", card)
        )
    assert percent(data["concentration"]["contract"]["top_five_share"]) in cards[2]


def test_every_option_of_an_edition_has_words(reference: Reference) -> None:
    options = {
        "deadweight_layer": DEADWEIGHT_LAYERS,
        "unit_value_level": UNIT_VALUE_LEVELS,
        "time_convention": TIME_CONVENTIONS,
        "value_set": VALUE_SETS,
    }
    for name, known in options.items():
        assert set(CHOICES[name].done) == set(CHOICES[name].otherwise) == set(known)


def test_the_line_of_pounds_keeps_its_proportions() -> None:
    sure = {"bcr": {"p10": 0.6, "p90": 0.9}}
    span = {"lowest": 0.45, "highest": 1.8}
    line = line_of_pounds({"bcr": 0.72}, sure, span, 8.57)
    of_nine = {"at": 0.72, "even": 1, "published": 8.57, "low": 0.6, "high": 0.9, "lowest": 0.45, "highest": 1.8}
    assert line == {name: round(100 * pounds / 9, 2) for name, pounds in of_nine.items()} | {"whole": 9}
    alone = line_of_pounds({"bcr": 3.0}, {}, {}, None)
    assert alone == {"at": 75.0, "even": 25.0, "whole": 4}


def test_the_verdict_is_that_of_the_range() -> None:
    ranges = {(0.6, 0.9): "less", (0.9, 1.1): "about as much as", (1.01, 2.0): "more"}
    for (low, high), words in ranges.items():
        said = verdict({"bcr": 1.0}, {"bcr": {"p10": low, "p90": high}})
        assert said.startswith(words)
        assert said.endswith("was paid")
    assert verdict({"bcr": 1.45}, {}) == "more than was paid"
    assert verdict({"bcr": None}, {}) == ""


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_it_names_the_largest_source_and_the_weakest_assumption(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf, reference: Reference
) -> None:
    said = Text(page_of(edition_id)).said()
    largest = tables_of(edition_id)["concentration"].query("kind == 'outcome' and rank == 1").iloc[0]
    names = reference.outcome_types.set_index("outcome_id")["name"]
    assert f"The kind of result that counts most is {names[largest['id']]} ({percent(largest['share'])})" in said
    weak = tables_of(edition_id)["sensitivity"].query("measure == 'bcr' and grade == 'weak'")
    assert ("The weakest one that matters is" in said) is not weak.empty
    for swing in weak.head(1).to_dict("records"):
        assert f"£{ratio_text(swing['ratio_at_low'])} to £{ratio_text(swing['ratio_at_high'])}" in said


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_it_says_who_publishes_when_next_and_how_to_cite(edition_id: str, page_of: Callable[..., str]) -> None:
    about = Text(page_of(edition_id).split('id="about"')[1]).said()
    for words in ("Published by", "Next update", "Corrections", "Licence", "How to cite", f"Edition {edition_id}"):
        assert words in about
    assert "due for review by 30 Nov 2027" in about


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_a_chart_has_a_title_a_description_and_its_figures(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf, reference: Reference
) -> None:
    page, tables, edition = page_of(edition_id), tables_of(edition_id), reference.editions[edition_id]
    shown = list(index.PAGE.figures(Site(edition, tables, headline(tables, edition), reference, VERSIONS)))
    figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert len(figures) == len(shown)
    for figure in figures:
        assert re.search(r'<h[23] id="[^"]+">[^<]+</h[23]>', figure)
        assert re.search(r'role="img" aria-label="[^"]{20,}"', figure)
        assert "<svg" in figure
        # One that has nothing to show says so, and why.
        assert ("<table>" in figure) is not ("No range is given: " in Text(figure).said())


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_facts_of_the_market_are_those_of_the_table(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf
) -> None:
    section = page_of(edition_id).split('id="market"')[1].split("<figure>")[0]
    rows = [[Text(cell).said() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in section.split("<tr>")[2:]]
    facts = tables_of(edition_id)["market_facts"].query("scope == 'market'")
    assert len(rows) == len(facts)
    writes: dict[str, Callable[[float], str]] = {
        "GBP": million,
        "share": percent,
        "GBP per GBP of payments": lambda value: f"£{ratio_text(value)}",
    }
    for (fact, ours, published), row in zip(rows, facts.itertuples(), strict=True):
        write = writes.get(row.unit, "{:,.0f}".format)
        assert fact.endswith(row.note)
        assert ours == write(row.ours)
        study = f"{row.published_edition}, {row.value_qualifier}"
        assert published == ("" if pd.isna(row.published) else f"{write(row.published)} {study}")


def test_each_place_stands_behind_the_map(page_of: Callable[..., str], tables_of: TablesOf) -> None:
    tables = tables_of("open-2026")
    figure = page_of("open-2026").split('id="places-table"')[1].split("</table>")[0]
    shown = [Text(row).said() for row in figure.split("<tr>")[2:]]
    names = tables["contracts"].set_index("contract_id")["name"]
    assert len(shown) == tables["places"]["contract_id"].nunique()
    for place in tables["places"].itertuples():
        name, said = (" ".join(text.split()) for text in (names[place.contract_id], place.place))
        assert any(row.startswith(name) and said in row for row in shown)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_it_loads_nothing_and_links_only_within_the_report(edition_id: str, page_of: Callable[..., str]) -> None:
    text = Text(page_of(edition_id))
    assert not [address for address in text.refers if re.match(r"[a-z]+:|//", address)]
    assert len(text.ids) == len(set(text.ids))
    assert text.headings[0] == 1
    # No level of heading is left out on the way down.
    assert all(after - before <= 1 for before, after in zip(text.headings, text.headings[1:], strict=False))


def test_a_hostile_name_shows_as_text(page_of: Callable[..., str], tables_of: TablesOf) -> None:
    contracts = tables_of("open-2026")["contracts"]
    page = page_of("open-2026", contracts=contracts.assign(name=HOSTILE))
    assert HOSTILE not in page
    assert HOSTILE in Text(page).said()


def test_without_any_ratio_it_says_so(page_of: Callable[..., str], tables_of: TablesOf) -> None:
    tables = tables_of("open-2026")
    none = {name: tables[name].head(0) for name in ("uncertainty", "sensitivity", "acceptability", "concentration")}
    without = {
        name: tables[name].assign(bcr=float("nan"), fiscal_bcr=float("nan")) for name in ("scenarios", "market_value")
    }
    values = tables["contract_value"].assign(is_in_bcr=False)
    said = Text(page_of("open-2026", **none, **without, contract_value=values)).said()
    assert "so there is no figure" in said
