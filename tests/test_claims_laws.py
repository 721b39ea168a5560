"""Laws of markets with claims: what is published follows from protected counts alone, and is worth no more than these.

Belongs here: what holds from facts to what is published whatever was claimed. Which counts are withheld, and that
nobody can work them out, is tested with disclosure control itself.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from pipeline.claims.disclosure import protected_counts
from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.simulation import FEWEST_DRAWS, Simulation
from pipeline.method.analysis.tables import published_tables
from pipeline.method.steps.protection import policy_of, protected_gaps, protected_outcomes, protected_overlaps
from pipeline.method.valuation import value_edition
from pipeline.report.pages import PAGES
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.explain import as_text, explain
from pipeline.report.text.headline import as_json, headline
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.tables.claims import ClaimCounts
from pipeline.tables.raw import RawOutcomes
from pipeline.tables.vocabulary import TIME_CONVENTIONS
from tests.conftest import CLAIMED_YEARS, part_of
from tests.report.undrawn import undrawn

Counts = dict[tuple[str, str], tuple[int, ...]]
MakeEdition = Callable[..., Edition]

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}
FEW_DRAWS = Simulation(draws=FEWEST_DRAWS)
METRICS = ("started", "full_13_weeks", "full_26_weeks", "part_13_weeks", "days", "crimes", "qualified")
# A market that breaks a law is shown as it is: making it smaller would take minutes.
PHASES = (Phase.explicit, Phase.generate)
# How many other markets are looked at to find one with the same protected counts.
TRIED = 12
SMALL_OR_NOT = st.integers(0, 12) | st.integers(0, 200)


@dataclass(frozen=True)
class Claims:
    """What was claimed by contract and metric in each year, of how many people, and of how many after a gap."""

    quantities: Counts
    people: Counts
    gaps: Counts


@st.composite
def claims(draw: st.DrawFn) -> Claims:
    """One or two contracts with claims of any metrics, over up to four years."""
    quantities, people, gaps = {}, {}, {}
    for contract_id in draw(st.lists(st.sampled_from(["C-1", "C-2"]), min_size=1, unique=True)):
        years = draw(st.integers(1, len(CLAIMED_YEARS)))
        for metric_id in draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=4, unique=True)):
            key = contract_id, metric_id
            quantities[key] = tuple(draw(SMALL_OR_NOT) for _ in range(years))
            people[key] = tuple(draw(st.integers(min(n, 1), n)) if metric_id == "days" else n for n in quantities[key])
            gaps[key] = tuple(draw(st.integers(0, n)) if metric_id != "days" else 0 for n in quantities[key])
    assume(any(sum(of_years) for of_years in quantities.values()))
    return Claims(quantities, people, gaps)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, object]:
    """What an edition says of disclosure, and what decides which total counts and for how long."""
    return {
        "cut_off": draw(st.none() | st.sampled_from([date(2018, 3, 31), date(2019, 3, 31), date(2019, 9, 30)])),
        "time_convention": draw(st.sampled_from(list(TIME_CONVENTIONS))),
        "disclosure_threshold": draw(st.sampled_from([5, 10, 30])),
        "disclosure_rounding": draw(st.sampled_from([3, 5, 10])),
    }


@pytest.fixture(scope="module")
def make_market(make_claimed_facts: Callable[..., RawFacts]) -> Callable[[Claims], RawFacts]:
    """Build the facts of a market with claims."""

    def build(claimed: Claims) -> RawFacts:
        facts = make_claimed_facts(claimed.quantities, claimed.people, shared(claimed))
        after = {
            (*key, year): n
            for key, of_years in claimed.gaps.items()
            for year, n in zip(CLAIMED_YEARS, of_years, strict=False)
        }
        keys = facts.claim_counts[["contract_id", "metric_id", "financial_year"]].itertuples(index=False, name=None)
        gaps = pd.Series([float(after[key]) for key in keys], facts.claim_counts.index)
        return replace(facts, claim_counts=facts.claim_counts.assign(quantity_after_gap=gaps, years_after_gap=gaps / 4))

    return build


def shared(claimed: Claims) -> dict[tuple[str, str, str], tuple[int, ...]]:
    """As many as can be in each year of those who were counted for two metrics of a contract."""
    of_people = {key: n for key, n in claimed.quantities.items() if key[1] not in ("days", "crimes")}
    pairs = itertools.combinations_with_replacement(sorted(of_people), 2)
    return {
        (*one, other[1]): tuple(map(min, of_people[one], of_people[other]))
        for one, other in pairs
        if one[0] == other[0]
    }


def changed(claimed: Claims, key: tuple[str, str], year: int, by: int) -> Claims | None:
    """The same market where a few more or fewer were claimed in a year, if there were as many."""
    quantity, people = claimed.quantities[key][year] + by, claimed.people[key][year] + by
    if people < claimed.gaps[key][year] or people < min(quantity, 1):
        return None

    def with_cell(counts: Counts, value: int) -> Counts:
        return counts | {key: (*counts[key][:year], value, *counts[key][year + 1 :])}

    return Claims(with_cell(claimed.quantities, quantity), with_cell(claimed.people, people), claimed.gaps)


def cells(claimed: Claims) -> list[tuple[tuple[str, str], int, int]]:
    """By contract, metric and year: a few more or fewer."""
    return [
        (key, year, by)
        for key, of_years in claimed.quantities.items()
        for year in range(len(of_years))
        for by in (-4, -2, -1, 1, 2, 4)
    ]


def with_other_tallies(facts: RawFacts) -> RawFacts:
    """The same counts, from more claims of other amounts."""
    counts = facts.claim_counts
    return replace(facts, claim_counts=counts.assign(claims=counts["claims"] * 2 + 1, amount_gbp=counts["quantity"]))


def everything(facts: RawFacts, reference: Reference, edition: Edition) -> dict[str, str]:
    """All that is published of an edition, and told of its contracts, as text; charts as what is drawn of them."""
    valuation = value_edition(facts, reference, edition)
    tables = published_tables(facts, reference, valuation, FEW_DRAWS)
    data = headline(tables, edition)
    made_from = Site(edition, tables, data, reference, VERSIONS)
    figures = [figure for page in PAGES for figure in page.figures(made_from)]
    return {
        **{name: table.to_csv() for name, table in tables.items()},
        **{i: as_text(explain(facts, reference, valuation, i)) for i in facts.contracts["contract_id"]},
        "headline.json": as_json(data),
        "headline.md": as_markdown(tables, edition, data),
        "figures": json.dumps([[figure.titled, figure.rows] for figure in figures]),
        **site(made_from, undrawn),
    }


# --- Only protected counts --------------------------------------------------------------------------------------


@settings(max_examples=part_of(6), phases=PHASES)
@given(claims(), policies(), st.data())
def test_two_markets_with_the_same_protected_counts_are_published_alike_to_the_byte(
    make_market: Callable[[Claims], RawFacts],
    made_up_reference: Reference,
    make_edition: MakeEdition,
    claimed: Claims,
    chosen: dict[str, object],
    data: st.DataObject,
) -> None:
    """Whoever reads what is published cannot tell the one from the other, so that no exact count is in it."""
    edition = make_edition(**chosen)
    facts = make_market(claimed)

    def seen(market: RawFacts) -> list[pd.DataFrame]:
        counts = protected_counts(market.claim_counts, policy_of(edition))
        return [
            counts,
            protected_gaps(market.outcomes, market.claim_counts, edition),
            protected_overlaps(market.outcomes, market.claim_counts, market.claim_overlaps, edition),
        ]

    alike = None
    for key, year, by in data.draw(st.permutations(cells(claimed)))[:TRIED]:
        market = changed(claimed, key, year, by)
        if market and all(one.equals(two) for one, two in zip(seen(facts), seen(make_market(market)), strict=True)):
            alike = make_market(market)
            break
    assume(alike is not None)
    assert alike is not None
    assert not alike.claim_counts["quantity"].equals(facts.claim_counts["quantity"])
    one, two = (everything(each, made_up_reference, edition) for each in (facts, with_other_tallies(alike)))
    assert [name for name in one if one[name] != two[name]] == []


@settings(max_examples=part_of(8), phases=PHASES)
@given(claims(), policies())
def test_every_result_is_published_once_protected_or_withheld(
    make_market: Callable[[Claims], RawFacts],
    made_up_reference: Reference,
    make_edition: MakeEdition,
    claimed: Claims,
    chosen: dict[str, object],
) -> None:
    edition, facts = make_edition(**chosen), make_market(claimed)
    RawOutcomes.validate(facts.outcomes, lazy=True)
    ClaimCounts.validate(facts.claim_counts, lazy=True)
    valuation = value_edition(facts, made_up_reference, edition)
    tables = published_tables(facts, made_up_reference, valuation, FEW_DRAWS)
    results = tables["reported_outcomes"]
    key = ["contract_id", "metric_id", "period_end"]
    together = results.merge(facts.outcomes[[*key, "quantity"]], on=key, suffixes=("", "_exact"), validate="one_to_one")
    assert len(together) == len(results) == len(facts.outcomes)
    near = (together["quantity"] - together["quantity_exact"]).abs() <= edition.disclosure_rounding / 2
    assert (near | together["quantity"].isna()).all()
    assert (together["quantity"].dropna() % edition.disclosure_rounding == 0).all()
    counted = together[together["share_counted"] > 0]
    assert not counted.duplicated(["contract_id", "metric_id"]).any()
    # Totals and years agree with the table of claims, wherever both have them.
    claims_up_to = tables["claims"].assign(year=tables["claims"]["financial_year"].str[:4].astype(int) + 1)
    both = claims_up_to.merge(
        results.assign(year=results["period_end"].dt.year), on=["contract_id", "metric_id", "year"]
    )
    assert len(both) == len(claims_up_to)
    pd.testing.assert_series_equal(both["total_to_year_end"], both["quantity_y"], check_names=False)


# --- Worth no more ----------------------------------------------------------------------------------------------


@settings(max_examples=part_of(15), phases=PHASES)
@given(claims(), policies())
def test_a_contract_is_worth_what_its_protected_counts_give_and_nothing_for_what_is_withheld(
    make_market: Callable[[Claims], RawFacts],
    made_up_reference: Reference,
    make_edition: MakeEdition,
    claimed: Claims,
    chosen: dict[str, object],
) -> None:
    """As if it had reported the protected totals, of withheld ones the last that is shown, nobody where there is none.

    Not under ``horizon``: there a line runs on for those who began, and those of a withheld first rung are not none.
    """
    edition = make_edition(**chosen | {"time_convention": "measured" if chosen["cut_off"] else "annual"})
    facts = make_market(claimed)
    protected = protected_outcomes(facts.outcomes, facts.claim_counts, policy_of(edition))
    protected = protected.sort_values("period_end", kind="stable")
    so_far = protected.groupby(["contract_id", "metric_id"])["quantity"].ffill().fillna(0.0)
    reported = replace(facts, outcomes=protected.assign(quantity=so_far), claim_counts=ClaimCounts.empty())
    own, other = (value_edition(each, made_up_reference, edition) for each in (facts, reported))
    money = [column for column in own.contract_value if column.endswith("_gbp")]
    # Where the rung that counts is withheld and a later one is not, the value is £0 and not unknown.
    pd.testing.assert_frame_equal(own.contract_value[money].fillna(0.0), other.contract_value[money].fillna(0.0))
    withheld = own.outcomes_in_scope.loc[own.outcomes_in_scope["quantity"].isna(), ["contract_id", "metric_id"]]
    alone = {(row.contract_id, row.metric_ids) for row in own.valued_outcomes.itertuples()}
    assert not alone & set(withheld.itertuples(index=False, name=None))
