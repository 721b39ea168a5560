"""How many people claims count on two ladders: what is published of it, what is withheld, what the page says."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.checks.publication import small_overlaps_published
from pipeline.checks.suites import SUITE_OF
from pipeline.checks.validation import run_suite
from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.tables import analysed, published_tables
from pipeline.method.steps.protection import protected_overlaps
from pipeline.method.valuation import value_edition
from pipeline.report.pages import contracts
from pipeline.report.pages.frame import Site
from pipeline.report.text.headline import headline
from tests.report.undrawn import rendered

Shared = dict[tuple[str, str, str], tuple[int, ...]]
Facts = Callable[..., RawFacts]
Editions = Callable[..., Edition]

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}
COUNTS = {
    ("C-1", "started"): (60, 40, 0),
    ("C-1", "trained"): (0, 50, 30),
    ("C-1", "qualified"): (30, 0, 0),
    ("C-1", "part_13_weeks"): (0, 0, 40),
}
# All who are on each ladder, then who is on two.
SHARED: Shared = {
    ("C-1", "started", "started"): (60, 40, 0),
    ("C-1", "trained", "trained"): (0, 50, 30),
    ("C-1", "qualified", "qualified"): (30, 0, 0),
    ("C-1", "part_13_weeks", "part_13_weeks"): (0, 0, 40),
    ("C-1", "started", "trained"): (0, 17, 16),
    ("C-1", "qualified", "started"): (12, 0, 0),
    ("C-1", "part_13_weeks", "started"): (0, 0, 23),
    ("C-1", "qualified", "trained"): (0, 0, 4),
}


def overlaps_of(facts: RawFacts, edition: Edition) -> pd.DataFrame:
    return protected_overlaps(facts.outcomes, facts.claim_counts, facts.claim_overlaps, edition)


def shown(table: pd.DataFrame) -> dict[tuple[str, str], float | None]:
    people = [None if np.isnan(number) else number for number in table["people"]]
    return dict(zip(zip(table["metric_id"], table["other_metric_id"], strict=True), people, strict=True))


@pytest.fixture
def claimed(make_claimed_facts: Facts) -> RawFacts:
    return make_claimed_facts(COUNTS, shared=SHARED)


def test_each_two_ladders_have_their_protected_number_up_to_the_cut_off(
    claimed: RawFacts, make_edition: Editions
) -> None:
    assert shown(overlaps_of(claimed, make_edition())) == {
        ("started", "trained"): 35,
        ("qualified", "started"): 10,
        ("part_13_weeks", "started"): 25,
        ("qualified", "trained"): None,
        # Nobody is on both, which is no secret.
        ("part_13_weeks", "qualified"): 0,
        ("part_13_weeks", "trained"): 0,
    }
    # Those on a ladder only later are not there yet.
    assert shown(overlaps_of(claimed, make_edition(cut_off=date(2019, 3, 31)))) == {
        ("started", "trained"): 15,
        ("qualified", "started"): 10,
        # Nobody yet, but few later: it is not told of either.
        ("qualified", "trained"): None,
    }
    assert overlaps_of(claimed, make_edition(cut_off=date(2018, 3, 30))).empty


def test_of_almost_all_on_a_ladder_the_number_is_withheld(claimed: RawFacts, make_edition: Editions) -> None:
    """Beside the number of all on it it would tell of the few who are on no other."""

    def with_both(people: int) -> float | None:
        overlaps = claimed.claim_overlaps
        is_pair = (overlaps["metric_id"] == "qualified") & (overlaps["other_metric_id"] == "started")
        facts = replace(claimed, claim_overlaps=overlaps.assign(people=overlaps["people"].mask(is_pair, people)))
        return shown(overlaps_of(facts, make_edition()))["qualified", "started"]

    assert [with_both(people) for people in (20, 21, 29, 30)] == [20, None, None, 30]


def test_an_edition_that_withholds_nothing_shows_all(claimed: RawFacts, make_edition: Editions) -> None:
    edition = make_edition(disclosure_threshold=0, disclosure_rounding=1)
    found = shown(overlaps_of(claimed, edition))
    assert found["qualified", "trained"] == 4
    assert found["started", "trained"] == 33


def test_without_claims_there_is_nothing_to_tell(make_facts: Facts, make_edition: Editions) -> None:
    assert overlaps_of(make_facts({("C-1", "started"): 3}), make_edition()).empty


# --- Laws -----------------------------------------------------------------------------------------------------


@st.composite
def people_on_ladders(draw: st.DrawFn) -> tuple[dict[tuple[str, str], tuple[int, ...]], Shared]:
    """Groups of people who are first on some of three ladders in some years."""
    ladders = ("qualified", "started", "trained")
    since = st.tuples(*(st.none() | st.integers(0, 2) for _ in ladders)).filter(any_of)
    groups = draw(st.lists(st.tuples(since, st.integers(1, 25)), min_size=1, max_size=6))
    counts = {("C-1", ladder): [0] * 3 for ladder in ladders}
    shared: dict[tuple[str, str, str], list[int]] = {}
    for years, people in groups:
        on = {ladder: year for ladder, year in zip(ladders, years, strict=True) if year is not None}
        for ladder, year in on.items():
            counts["C-1", ladder][year] += people
        for one, other in itertools.combinations_with_replacement(sorted(on), 2):
            shared.setdefault(("C-1", one, other), [0] * 3)[max(on[one], on[other])] += people
    return {key: tuple(n) for key, n in counts.items()}, {key: tuple(n) for key, n in shared.items()}


def any_of(years: tuple[int | None, ...]) -> bool:
    return any(year is not None for year in years)


@settings(max_examples=40)
@given(
    people_on_ladders(),
    st.sampled_from([(10, 5), (10, 1), (3, 5)]),
    st.sampled_from([None, date(2018, 3, 31), date(2019, 3, 31)]),
)
def test_nothing_of_few_people_is_shown_of_two_ladders_or_of_one_only(
    make_claimed_facts: Facts,
    make_edition: Editions,
    people: tuple[dict[tuple[str, str], tuple[int, ...]], Shared],
    policy: tuple[int, int],
    cut_off: date | None,
) -> None:
    counts, shared = people
    facts = make_claimed_facts(counts, shared=shared)
    threshold, rounding = policy
    edition = make_edition(cut_off=cut_off, disclosure_threshold=threshold, disclosure_rounding=rounding)
    years = {None: 3, date(2018, 3, 31): 1, date(2019, 3, 31): 2}[cut_off]
    exact = {pair[1:]: sum(of_years[:years]) for pair, of_years in shared.items()}
    table = overlaps_of(facts, edition)
    for (one, other), number in shown(table).items():
        both = exact.get((one, other), 0)
        if number is not None:
            assert abs(number - both) <= rounding / 2
            for few in (both, exact[one, one] - both, exact[other, other] - both):
                assert few == 0 or few >= threshold
    ladders = sorted(one for one, other in exact if one == other and exact[one, other])
    assert sorted(shown(table)) == list(itertools.combinations(ladders, 2))
    found = small_overlaps_published(edition, table, facts.claim_overlaps, facts.outcomes, facts.contracts)
    assert (found["found"] == 0).all()


# --- Published ------------------------------------------------------------------------------------------------


def test_of_two_that_save_the_same_money_one_counts(
    claimed: RawFacts, made_up_reference: Reference, make_edition: Editions
) -> None:
    valuation = value_edition(claimed, made_up_reference, make_edition())
    table = analysed("double_counting", claimed, made_up_reference, valuation)
    once = table.loc[table["is_counted_once"], ["outcome_id", "other_outcome_id"]].to_numpy().tolist()
    # Full-time and part-time are two branches of one ladder: both count.
    assert once == [["part_time", "training"], ["full_time", "training"]]
    mapping = made_up_reference.metric_outcomes
    treatment = mapping["treatment"].mask(mapping["metric_id"] == "qualified", "overlap")
    treated = replace(made_up_reference, metric_outcomes=mapping.assign(treatment=treatment))
    table = analysed("double_counting", claimed, treated, value_edition(claimed, treated, make_edition()))
    assert table.loc[table["metric_id"] == "qualified", "is_counted_once"].all()


def test_the_page_of_a_contract_shows_who_is_counted_twice(
    claimed: RawFacts, make_claimed_facts: Facts, made_up_reference: Reference, make_edition: Editions
) -> None:
    edition = make_edition(edition="x")

    def page_of(facts: RawFacts) -> str:
        tables = published_tables(facts, made_up_reference, value_edition(facts, made_up_reference, edition))
        made_from = Site(edition, tables, headline(tables, edition), made_up_reference, VERSIONS)
        return rendered(made_from, contracts.PAGE)["contracts/C-1.html"]

    page = page_of(claimed)
    (table,) = re.findall(r'<caption id="double-counting-caption">.*?</table>', page, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", line) for line in table.split("<tr>")[2:]]
    assert [[re.sub("<[^>]+>", "", cell) for cell in (row[0], *row[2:])] for row in cells] == [
        ["100 people", "80 people", "35 people", "one of the two"],
        ["40 people", "100 people", "25 people", "both"],
        ["30 people", "100 people", "10 people", "both"],
    ]
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "We withhold the number for 1 pair of outcomes" in words
    assert "Nobody is counted for both outcomes of 2 pairs." in words
    # Fiscal value is cashable only in part.
    assert not re.search(r"\bsav(ed|es?|ings?)\b", words)
    assert 'id="double-counting"' not in page_of(make_claimed_facts(COUNTS))


def test_a_number_that_tells_of_few_is_caught_by_a_check_of_its_own(
    claimed: RawFacts, made_up_reference: Reference, make_edition: Editions
) -> None:
    edition = make_edition()
    lax = make_edition(disclosure_threshold=0, disclosure_rounding=1)
    suite = replace(
        SUITE_OF["reconciliation"],
        checks=tuple(c for c in SUITE_OF["reconciliation"].checks if c.name == "no_small_overlap_is_published"),
    )

    def came_out(by: Edition) -> pd.Series:
        table = analysed("double_counting", claimed, made_up_reference, value_edition(claimed, made_up_reference, by))
        tables = {
            "contracts": claimed.contracts,
            "outcomes": claimed.outcomes,
            "claim_overlaps": claimed.claim_overlaps,
            "published_double_counting": table,
        }
        return run_suite(suite, {"x": tables}, {"x": edition})["x"].iloc[0]

    assert came_out(edition)["outcome"] == "passed"
    failed = came_out(lax)
    assert (failed["outcome"], failed["examples"]) == ("failed", "C-1: found 1, expected 0")
