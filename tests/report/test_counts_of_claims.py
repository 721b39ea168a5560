"""What is published of counts from claims: protected counts by year, what is withheld, and nothing exact."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from html import unescape

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.tables import published_tables
from pipeline.method.valuation import value_edition
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.explain import as_text, explain
from pipeline.report.text.headline import headline
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.report.withheld import what_is_withheld
from pipeline.tables.catalogue import shaped
from tests.report.undrawn import undrawn

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}
NAN = math.nan
COUNTS = {
    ("C-1", "started"): (41, 30, 22),
    ("C-1", "full_13_weeks"): (30, 3, 0),
    ("C-1", "full_26_weeks"): (0, 0, 0),
    ("C-1", "crimes"): (0, 4, 2),
    ("C-3", "qualified"): (6,),
}


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@dataclass(frozen=True)
class Published:
    """An edition of a market with claims, as it is published."""

    facts: RawFacts
    reference: Reference
    edition: Edition
    tables: dict[str, pd.DataFrame]

    @cached_property
    def pages(self) -> dict[str, str]:
        data = headline(self.tables, self.edition)
        return site(Site(self.edition, self.tables, data, self.reference, VERSIONS), undrawn)

    @property
    def text(self) -> str:
        return as_markdown(self.tables, self.edition, headline(self.tables, self.edition))

    def explained(self, contract_id: str) -> str:
        valuation = value_edition(self.facts, self.reference, self.edition)
        return as_text(explain(self.facts, self.reference, valuation, contract_id))


@pytest.fixture(scope="module")
def publish(
    make_claimed_facts: Callable[..., RawFacts], made_up_reference: Reference, make_edition: Callable[..., Edition]
) -> Callable[..., Published]:
    """Publish the market above; ``gaps``: people after a gap by metric, in the last year of it that was claimed.

    What has been published is not published again.
    """
    before: dict[str, Published] = {}

    def of(
        gaps: dict[str, float] | None = None,
        counts: dict[tuple[str, str], tuple[int, ...]] | None = None,
        **choices: object,
    ) -> Published:
        key = repr((gaps, counts, sorted(choices.items())))
        if key not in before:
            before[key] = made(gaps, counts, **choices)
        return before[key]

    def made(
        gaps: dict[str, float] | None = None,
        counts: dict[tuple[str, str], tuple[int, ...]] | None = None,
        **choices: object,
    ) -> Published:
        facts, edition = make_claimed_facts(counts or COUNTS), make_edition(edition="x", **choices)
        last = ~facts.claim_counts.duplicated(["contract_id", "metric_id"], keep="last")
        after = facts.claim_counts["metric_id"].map(gaps or {}).where(last).fillna(0.0)
        facts = replace(facts, claim_counts=facts.claim_counts.assign(quantity_after_gap=after))
        tables = published_tables(facts, made_up_reference, value_edition(facts, made_up_reference, edition))
        return Published(facts, made_up_reference, edition, tables)

    return of


# --- The table --------------------------------------------------------------------------------------------------


def rows(claims: pd.DataFrame, metric_id: str) -> list[tuple[object, ...]]:
    chosen = claims[claims["metric_id"] == metric_id]
    columns = ["financial_year", "quantity", "total_to_year_end", "is_withheld", "is_total_withheld"]
    return list(chosen[columns].astype(object).where(chosen[columns].notna(), None).itertuples(index=False, name=None))


def test_counts_by_year_are_published_protected(publish: Callable[..., Published]) -> None:
    claims = publish().tables["claims"]
    assert rows(claims, "started") == [
        ("2017-18", 40, 40, False, False),
        ("2018-19", 30, 70, False, False),
        ("2019-20", 20, 95, False, False),
    ]
    # A small count is taken together with the year before it, so that no difference gives it away.
    assert rows(claims, "full_13_weeks") == [
        ("2017-18", None, None, True, True),
        ("2018-19", None, 35, True, False),
        ("2019-20", 0, 35, False, False),
    ]
    years = ("2017-18", "2018-19", "2019-20")
    assert rows(claims, "crimes") == [(year, None, None, True, True) for year in years]
    assert set(claims["outcome_id"]) == {"full_time", "crime", "qualification"}
    assert "full_26_weeks" not in set(claims["metric_id"])


def test_only_years_that_ended_by_the_cut_off_are_published(publish: Callable[..., Published]) -> None:
    every = publish().tables["claims"]
    for cut_off, years in (
        (date(2019, 3, 31), ["2017-18", "2018-19"]),
        (date(2020, 3, 30), ["2017-18", "2018-19"]),
        (date(2018, 3, 30), []),
    ):
        found = publish(cut_off=cut_off).tables["claims"]
        assert sorted(set(found["financial_year"])) == years
        # What is shown of a year is the same whatever the cut-off: two editions together give nothing away.
        same = every[every["financial_year"].isin(years)].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, same)


@pytest.mark.parametrize("change", [{"is_withheld": True}, {"total_to_year_end": NAN}])
def test_a_count_that_is_shown_though_withheld_is_refused(
    publish: Callable[..., Published], change: dict[str, object]
) -> None:
    claims = publish().tables["claims"].query("metric_id == 'started'")
    assert len(shaped({"x": claims}, "claims")["x"]) == 3
    wrong = claims.assign(**{c: [value, *claims[c][1:]] for c, value in change.items()})
    with pytest.raises(SchemaErrors, match="shown though withheld, or missing though not"):
        shaped({"x": wrong}, "claims")


def test_without_claims_the_table_is_empty_and_nothing_is_said(
    make_facts: Callable[..., RawFacts], made_up_reference: Reference, make_edition: Callable[..., Edition]
) -> None:
    facts, edition = make_facts({("C-1", "started"): 3}), make_edition(edition="x")
    tables = published_tables(facts, made_up_reference, value_edition(facts, made_up_reference, edition))
    assert tables["claims"].empty
    made = Published(facts, made_up_reference, edition, tables)
    assert what_is_withheld(tables["claims"]) is None
    assert "claims for each person" not in made.text
    assert "claims for each person" not in made.pages["index.html"] + made.pages["contracts/C-1.html"]


# --- What is said of it -----------------------------------------------------------------------------------------

SAID = (
    "Of 10 counts by year from claims for each person, under 2 contracts, 6 are withheld, and the total of 2 of 4 "
    "metrics (in 2 contracts). Fewer than 10 people stand behind each of them, or it would give such a count away. "
    "Where a total is withheld, an earlier one that is shown counts, or nothing. All other counts are rounded to 5."
)


def test_what_is_withheld_is_counted(publish: Callable[..., Published]) -> None:
    assert what_is_withheld(publish().tables["claims"]) == {
        "contracts": 2,
        "contracts_withheld": 2,
        "counts": 10,
        "counts_withheld": 6,
        "metrics": 4,
        "totals_withheld": 2,
    }


def test_headline_index_and_contract_say_what_is_withheld(publish: Callable[..., Published]) -> None:
    made = publish()
    assert SAID in made.text
    assert SAID in words_of(made.pages["index.html"])
    one = words_of(made.pages["contracts/C-3.html"])
    assert (
        "Of 1 count by year from claims for each person, under 1 contract, 1 is withheld, and the total of 1 of" in one
    )
    coverage = made.tables["coverage"].set_index("measure")["ours"]
    assert coverage[["metrics_withheld", "contracts_with_metrics_withheld"]].tolist() == [2, 2]
    assert "| metrics withheld | 2 |" in made.text


def test_an_edition_that_withholds_nothing_says_so(publish: Callable[..., Published]) -> None:
    made = publish(disclosure_threshold=0, disclosure_rounding=1)
    said = "Of 10 counts by year from claims for each person, under 2 contracts, none are withheld."
    assert said in words_of(made.pages["index.html"])
    assert "rounded" not in words_of(made.pages["index.html"])
    assert rows(made.tables["claims"], "crimes")[-1][1:3] == (2, 6)


def test_the_page_of_a_contract_shows_the_years_and_what_is_exact(publish: Callable[..., Published]) -> None:
    page = publish(cut_off=date(2019, 3, 31)).pages["contracts/C-1.html"]
    words = words_of(page)
    assert "We count what was reached by 31 Mar 2019." in words
    (table,) = re.findall(r'<caption id="claims-caption">.*?</table>', page, re.DOTALL)
    lines = [re.findall(r"<td[^>]*>([^<]*)</td>", line) for line in table.split("<tr>")[2:]]
    assert lines[-1] == ["40 people", "30 people", "70 people"]
    assert ["withheld", "withheld", "35 people"] in lines
    # Once among the results, with the total that counts; as a milestone and among the claims too.
    assert words.count("70 people") == 3
    assert "valued, as one milestone of several" in words
    assert words.count("started, interim") == 1


def test_where_the_total_at_the_cut_off_is_withheld_an_earlier_one_counts(publish: Callable[..., Published]) -> None:
    counts = {("C-2", "started"): (60, 30, 4), ("C-2", "full_13_weeks"): (50, 32, 30)}
    made = publish(counts=counts, cut_off=date(2019, 3, 31))
    counted = made.tables["reported_outcomes"].query("share_counted > 0").set_index("metric_id")
    assert counted["quantity_counted"].to_dict() == {"started": 60, "full_13_weeks": 80}
    words = words_of(made.pages["contracts/C-2.html"])
    assert "We count what was reached by 31 Mar 2019; where that total is withheld, by the end of an earlier" in words
    # The ladder rises for want of a total that is shown, which is not odd.
    assert not made.tables["flags"]["flag"].str.contains("later milestone").any()
    every = publish(counts={("C-2", "started"): (60,), ("C-2", "full_13_weeks"): (80,)})
    assert every.tables["flags"]["flag"].str.contains("later milestone").any()
    assert "end of an earlier year" not in words_of(every.pages["contracts/C-2.html"])


def test_a_contract_of_which_all_is_withheld_is_not_valued_and_says_why(publish: Callable[..., Published]) -> None:
    made = publish()
    value = made.tables["contract_value"].set_index("contract_id")
    assert not value.loc["C-3", "is_valued"]
    assert "C-3" not in set(made.tables["valued_outcomes"]["contract_id"])
    why = "how many people reached its outcomes is withheld, because so few could be recognised"
    assert why in words_of(made.pages["contracts/C-3.html"])


def test_metrics_are_counted_once_though_they_are_reported_for_each_year(publish: Callable[..., Published]) -> None:
    made = publish()
    assert len(made.tables["reported_outcomes"]) == 13
    assert made.tables["coverage"].set_index("measure")["ours"]["metrics"] == 5
    page = words_of(made.pages["assumptions.html"])
    assert re.search(r"milestone one milestone of several[^0-9]*3 ", page)


def test_explain_says_what_is_withheld_and_which_total_counts(publish: Callable[..., Published]) -> None:
    said = publish().explained("C-1")
    assert "  started  made up: 95 people\n" in said
    assert "  crimes  made up: withheld\n" in said
    assert "      not counted: another total of the same claims counts\n" in said
    assert "because of the cut-off" not in said


# --- Milestones claimed without the one before ------------------------------------------------------------------


def flagged(made: Published) -> dict[str, str]:
    flags = made.tables["flags"]
    of_gaps = flags[flags["flag"] == "claimed without the milestone before it"]
    return dict(zip(of_gaps["metric_id"], of_gaps["detail"], strict=True))


def test_milestones_claimed_without_the_one_before_are_flagged(publish: Callable[..., Published]) -> None:
    made = publish({"started": 12.0, "full_13_weeks": 3.0, "qualified": 6.0})
    assert flagged(made) == {
        "started": "10 people",
        "full_13_weeks": "a number that is withheld",
        "qualified": "a number that is withheld",
    }
    assert "Claimed without the milestone before it: 10 people" in words_of(made.pages["contracts/C-1.html"])
    assert flagged(publish()) == {}


def test_of_almost_all_the_number_is_withheld_too(publish: Callable[..., Published]) -> None:
    """Beside the total it would tell of the few who had the one before."""
    assert flagged(publish({"started": 22.0})) == {"started": "20 people"}
    made = publish({"started": 89.0})
    assert flagged(made) == {"started": "a number that is withheld"}


def test_what_was_claimed_after_the_cut_off_is_not_flagged(publish: Callable[..., Published]) -> None:
    assert flagged(publish({"started": 12.0}, cut_off=date(2019, 3, 31))) == {}
