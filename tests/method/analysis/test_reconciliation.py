"""Which published figures an edition is held beside, which of ours answers one, and how the two are judged."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.our_figures import BEGUN, DONE, MEASURES, REPORTED, Ours
from pipeline.method.analysis.reasons import Published, dated, differs, partly
from pipeline.method.analysis.reconciliation import (
    NOT_COMPARABLE,
    NOT_REPRODUCIBLE,
    PARTLY,
    REPRODUCED,
    is_other_day,
    published_ratios,
    status_of,
    study_beside,
)
from pipeline.method.analysis.tables import analysed
from pipeline.method.valuation import Valuation
from pipeline.tables.reference import CLAIM
from tests.conftest import EDITIONS

NAN = math.nan


@pytest.mark.parametrize(
    ("own", "published", "beside"),
    [
        ("2022", ["2022", "2024", "context", "claim"], "2022"),
        ("", ["2024", "context", "2022", "claim"], "2024"),
        # A new study is a row.
        ("", ["2022", "2024", "2027"], "2027"),
        ("", ["context", "claim"], ""),
    ],
)
def test_an_edition_is_held_beside_the_study_that_it_reproduces_or_the_latest(
    own: str, published: list[str], beside: str, make_edition: Callable[..., Edition]
) -> None:
    assert study_beside(make_edition(published_edition=own), pd.DataFrame({"published_edition": published})) == beside


def test_the_ratios_beside_an_edition_are_those_of_its_study(
    reference: Reference, make_edition: Callable[..., Edition]
) -> None:
    figures = reference.published_figures
    assert published_ratios(figures, make_edition(published_edition="2022")) == {"bcr": 10.2, "fiscal_bcr": 2.86}
    assert published_ratios(figures, make_edition()) == {"bcr": 8.57, "fiscal_bcr": 2.34}


# --- The rule -------------------------------------------------------------------------------------------------


def figure(value: float = 100.0, bound: str = "", high: float = NAN) -> Published:
    """A published figure of a study, with a tolerance of 5%."""
    most = value if math.isnan(high) else high
    return Published("2024", "outcome_payments_gbp", value, most, bound, "GBP", "as here", "none needed", 0.05)


@pytest.mark.parametrize(
    ("ours", "share", "is_sum", "bound", "status"),
    [
        # A sum: the tolerance, what is not public and the tolerance, and beyond.
        (95.0, 0.4, True, "", REPRODUCED),
        (94.9, 0.4, True, "", PARTLY),
        (35.0, 0.4, True, "", PARTLY),
        (34.9, 0.4, True, "", NOT_REPRODUCIBLE),
        (105.0, 0.4, True, "", REPRODUCED),
        (105.1, 0.4, True, "", NOT_REPRODUCIBLE),
        # Where nothing is known to be missing, nothing explains a difference.
        (94.9, NAN, True, "", NOT_REPRODUCIBLE),
        (94.9, 1.0, True, "", NOT_REPRODUCIBLE),
        # No data to speak of.
        (100.0, 0.05, True, "", NOT_REPRODUCIBLE),
        (0.0, 0.06, True, "", NOT_REPRODUCIBLE),
        (NAN, 0.4, True, "", NOT_REPRODUCIBLE),
        # Bounds.
        (300.0, 0.4, True, "floor", REPRODUCED),
        (95.0, 0.4, True, "floor", REPRODUCED),
        (36.0, 0.4, True, "floor", PARTLY),
        (30.0, 0.4, True, "ceiling", PARTLY),
        (30.0, 0.96, True, "ceiling", REPRODUCED),
        (106.0, 0.96, True, "ceiling", NOT_REPRODUCIBLE),
        # A ratio that is not that of the part which is public: missing data are no excuse for it.
        (100.0, 0.95, False, "", REPRODUCED),
        (100.0, 0.94, False, "", PARTLY),
        (60.0, 0.5, False, "", NOT_REPRODUCIBLE),
        (200.0, 0.5, False, "", NOT_REPRODUCIBLE),
        (200.0, 0.5, False, "floor", PARTLY),
    ],
)
def test_each_status_by_the_rule(ours: float, share: float, is_sum: bool, bound: str, status: str) -> None:
    assert status_of(figure(bound=bound), Ours(ours, data_share=share), is_sum) == status


def test_a_range_that_public_data_leave_open_proves_nothing() -> None:
    """Shares of payers where who paid how much of it is not told: the published one is possible, or it is not."""
    published = figure(0.2, high=0.3)
    assert status_of(published, Ours(NAN, 0.14, 1.0, 1.0), is_sum=False) == PARTLY
    assert status_of(published, Ours(NAN, 0.4, 1.0, 1.0), is_sum=False) == NOT_REPRODUCIBLE
    assert status_of(published, Ours(0.25, data_share=1.0), is_sum=False) == REPRODUCED


def test_up_to_is_held_to_the_contract_with_the_most() -> None:
    published = figure(0.61, bound="most")
    assert status_of(published, Ours(0.56, 0.52, 0.60, 1.0), is_sum=False) == REPRODUCED
    assert status_of(published, Ours(0.56, 0.52, 0.57, 1.0), is_sum=False) == NOT_REPRODUCIBLE


SHARES = st.floats(0, 1)
AMOUNTS = st.floats(0, 1e10)


@given(AMOUNTS, st.floats(1, 1e10), SHARES, st.sampled_from(["", "floor", "ceiling", "most"]), st.booleans())
def test_no_figure_is_partly_there_where_ours_is_below_what_the_rule_allows(
    ours: float, value: float, share: float, bound: str, is_sum: bool
) -> None:
    published = figure(value, bound)
    status = status_of(published, Ours(ours, data_share=share), is_sum)
    slack = 1e-9 * max(ours, value)
    if status == PARTLY and bound != "ceiling":
        least = (share - 0.05) * value if is_sum else 0.95 * value
        assert ours >= least - slack
    if status == REPRODUCED and bound != "ceiling":
        assert ours >= 0.95 * value - slack
    if status != NOT_REPRODUCIBLE and bound in ("", "ceiling", "most"):
        assert ours <= 1.05 * value + slack
    if status == REPRODUCED and not is_sum:
        assert share >= 0.95


@given(st.floats(0, 1e10), st.floats(1, 1e10), SHARES, SHARES)
def test_more_public_data_never_excuse_more(ours: float, value: float, less: float, more: float) -> None:
    less, more = sorted((less, more))
    of_a_sum = [status_of(figure(value), Ours(ours, data_share=share), is_sum=True) for share in (less, more)]
    if less > 0.05 and of_a_sum[0] == NOT_REPRODUCIBLE:
        assert of_a_sum[1] == NOT_REPRODUCIBLE


def test_reasons_say_in_pounds_what_the_public_part_would_bring() -> None:
    """£134m is far from £1,860m, also where only 38% of the contracts are public."""
    payments = figure(217e6)
    assert partly(payments, Ours(134.3e6, data_share=0.38), is_sum=True) == (
        "Our figure, £134.3m, is 62% of the published £217.0m. Missing data can explain the rest: with data for 38% of "
        "the contracts we would expect £82.5m"
    )
    value = replace(figure(1860e6), measure="public_value_gbp")
    assert differs(value, Ours(125.9e6, data_share=0.466, share_of="payments"), is_sum=True) == (
        "With data for 47% of the payments we would expect £866.8m of the published £1,860.0m. Our figure is £125.9m, "
        "15% of that"
    )
    ratio = replace(figure(8.57), measure="bcr", unit="ratio")
    ours = Ours(0.86, data_share=0.466, brought_gbp=96.0e6, payments_gbp=111.8e6)
    assert differs(ratio, ours, is_sum=False) == (
        "At the published £8.57 for every £1, the £111.8m paid under the contracts in our ratio would have brought "
        "£958.1m. We find £96.0m, 10% of that"
    )


# --- Days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "day", "ours", "counts", "is_other"),
    [
        ("", date(2024, 3, 31), 50.0, DONE, False),  # not stated
        ("2024", date(2024, 3, 31), 50.0, DONE, False),
        ("2024-06", date(2024, 3, 31), 50.0, DONE, True),  # it may have been paid in between
        ("2024-06", date(2024, 3, 31), 150.0, DONE, False),  # more on an earlier day: no day explains it
        ("2024-06", date(2024, 9, 30), 150.0, DONE, True),
        ("2024-06", date(2024, 9, 30), 103.0, DONE, False),  # agrees all the same
        ("2022", date(2024, 3, 31), 103.0, DONE, True),  # more than a year apart
        ("2022", date(2024, 3, 31), 103.0, REPORTED, True),
        ("2022", date(2024, 3, 31), 50.0, BEGUN, False),  # none began in between
        ("2027", date(2029, 3, 31), 50.0, DONE, False),  # all had ended
    ],
)
def test_another_day_makes_another_quantity_where_contracts_went_on(
    as_of: str, day: date, ours: float, counts: str, is_other: bool
) -> None:
    contracts = pd.DataFrame(
        {
            "service_start": pd.to_datetime(["2019-01-01", "2018-01-01"]),
            "service_end": pd.to_datetime(["2025-12-31", "2020-12-31"]),
        }
    )
    assert is_other_day(figure(), as_of, Ours(ours), day, contracts, counts) is is_other


def test_days_are_told_as_precisely_as_they_are_known() -> None:
    assert [dated(day) for day in ("2022", "2024-06", "2023-09-05")] == ["2022", "June 2024", "5 September 2023"]


# --- The real data --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reconciled(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]
) -> Callable[[str], pd.DataFrame]:
    made: dict[str, pd.DataFrame] = {}

    def of(edition_id: str) -> pd.DataFrame:
        if edition_id not in made:
            table = analysed("reconciliation", facts, reference, valuations[edition_id])
            made[edition_id] = table.set_index("figure_id")
        return made[edition_id]

    return of


def held(table: pd.DataFrame) -> list[Any]:
    """Rows of figures to which an edition is held and that can be compared."""
    return list(table[table["is_like_for_like"] & (table["status"] != NOT_COMPARABLE)].itertuples())


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_statuses_follow_from_the_numbers_beside_them(
    edition_id: str, reconciled: Callable[[str], pd.DataFrame], reference: Reference
) -> None:
    """Worked out anew from what is published, with the tolerance of the figure."""
    tolerances = reference.published_figures.set_index("figure_id")["tolerance_share"]
    rows = held(reconciled(edition_id))
    assert rows
    for row in rows:
        tolerance, share = tolerances[row.Index], 1.0 if pd.isna(row.data_share) else row.data_share
        if row.status == PARTLY and MEASURES[row.measure].is_sum:
            assert (share - tolerance) * row.published <= row.ours < row.published
            assert share < 1
        if row.status == REPRODUCED and row.value_qualifier in ("exact", "approx", "derived", "almost"):
            assert abs(row.difference) <= tolerance * row.published


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_no_two_figures_share_a_reason_unless_they_ask_the_same(
    edition_id: str, reconciled: Callable[[str], pd.DataFrame]
) -> None:
    table = reconciled(edition_id)
    shared = table[table["reason"].duplicated(keep=False)]
    asked = shared.groupby("reason")[["scope", "measure", "published"]].nunique()
    assert (asked == 1).all().all(), shared["reason"].to_dict()
    assert table["reason"].str.endswith(".").all()
    assert not table["reason"].str.contains("nan|inf|\\.\\.| ,", regex=True).any()


def test_value_is_not_partly_there_because_some_of_the_payments_are(
    reconciled: Callable[[str], pd.DataFrame],
) -> None:
    for edition_id, study in (("atq-2022", "2022"), ("atq-2024", "2024")):
        table = reconciled(edition_id)
        of_value = table[(table["published_edition"] == study) & table["measure"].isin(["public_value_gbp", "bcr"])]
        assert (of_value["status"] == NOT_REPRODUCIBLE).all()
        payments = table.loc[f"study_{study}_outcome_payments_gbp_market"]
        assert payments["status"] == PARTLY
        assert payments["data_share"] < payments["ours"] / payments["published"] < 1


def test_the_ratios_of_the_areas_stand_beside_ours(reconciled: Callable[[str], pd.DataFrame]) -> None:
    of_2022, of_2024 = reconciled("atq-2022"), reconciled("atq-2024")
    areas = {
        "study_2022_bcr_education_and_employment": (of_2022, 600 / 41),
        "study_2022_bcr_other_areas": (of_2022, 800 / 98),
        "study_2024_bcr_health": (of_2024, 128.6 / 26.63),
        "study_2024_bcr_child_and_family_welfare": (of_2024, 10),
    }
    for figure_id, (table, expected) in areas.items():
        row = table.loc[figure_id]
        assert row["published"] == pytest.approx(expected, abs=0.05)
        assert row["ours"] > 0
        assert row["status"] == NOT_REPRODUCIBLE
        assert "would have brought" in row["reason"]


def test_the_share_of_payments_is_that_of_payments_up_to_the_same_day(
    reconciled: Callable[[str], pd.DataFrame], valuations: dict[str, Valuation]
) -> None:
    for edition_id, study, paid_gbp in (("atq-2022", "2022", 139e6), ("atq-2024", "2024", 217e6)):
        market = valuations[edition_id].market_value.iloc[0]
        row = reconciled(edition_id).loc[f"study_{study}_bcr_market"]
        assert row["data_share"] == pytest.approx(market["outcome_payments_in_bcr_gbp"] / paid_gbp, abs=1e-4)
    # An edition that counts to another day than a study says no share of what the study counted.
    of_studies = reconciled("open-2026").query("not is_like_for_like")
    assert len(of_studies)
    assert of_studies["data_share"].isna().all()
    assert not of_studies["reason"].str.contains("% of the published").any()


def test_every_claim_says_what_would_settle_it_and_what_public_data_give(
    reconciled: Callable[[str], pd.DataFrame], reference: Reference
) -> None:
    table = reconciled("open-2026")
    claims = table[table["published_edition"] == CLAIM]
    assert len(claims) == (reference.published_figures["published_edition"] == CLAIM).sum() >= 24
    assert (claims["would_settle"] != "").all()
    beside = claims[["ours", "ours_low", "nearest"]].notna().any(axis=1)
    # Where public data allow nothing, the reason says what is missing.
    assert claims.loc[~beside, "reason"].str.contains("None says|does not say").all()
    assert (~beside).sum() == 3
    no_comparison = claims[claims["comparison"] != "none needed"]
    assert (no_comparison["status"] == NOT_COMPARABLE).all()


def test_public_data_beside_the_claims(reconciled: Callable[[str], pd.DataFrame]) -> None:
    """Worked by hand from the facts of the contracts."""
    table = reconciled("open-2026")
    cost = table.loc["claim_lower_cost_share_greater_manchester"]
    assert (cost["nearest_measure"], cost["nearest_unit"]) == ("cost_per_person_gbp", "GBP per person")
    assert cost["nearest"] == pytest.approx(2_629_000 / 406, abs=0.01)
    assert table.loc["claim_fall_in_rough_sleeping_share_greater_manchester", "nearest"] == round(195 / 406, 4)
    family = table.loc["claim_lower_cost_share_family_therapy"]
    assert family["nearest"] == family["nearest_low"] == family["nearest_high"]
    assert family["nearest"] == pytest.approx(8_626_543 / 404, abs=0.01)
    assert table.loc["claim_more_families_share_family_therapy", "nearest"] == round(404 / 431, 4)
    mill = table.loc["claim_reconviction_rate_skill_mill"]
    assert mill["ours"] == round(1 - 162 / 242, 4)
    leavers = table.loc["claim_outcome_rate_reboot_west_and_i_aspire"]
    assert (leavers["ours"], leavers["ours_low"], leavers["ours_high"]) == (
        round((126 + 159) / (241 + 264), 4),
        round(126 / 241, 4),
        round(159 / 264, 4),
    )
    assert leavers["status"] == REPRODUCED
    stronger = table.loc["claim_outcome_payments_gbp_stronger_families"]
    assert (stronger["ours"], stronger["status"]) == (8_626_543 + 4_175_783, REPRODUCED)
    assert table.loc["claim_providers_mhep", ["ours", "status"]].to_list() == [8, REPRODUCED]
    assert table.loc["claim_projects_life_chances_fund", ["ours", "status"]].to_list() == [30, REPRODUCED]


def test_what_a_payer_shares_with_others_is_no_part_of_either_alone(
    reconciled: Callable[[str], pd.DataFrame], facts: RawFacts, valuations: dict[str, Valuation]
) -> None:
    """Payments of central and local bodies together may be of one or the other."""
    funds = facts.contracts["outcomes_fund"]
    is_meant = funds.str.contains("Commissioning Better Outcomes Fund") | funds.str.contains("Life Chances Fund")
    payments = valuations["atq-2022"].payments_in_scope
    is_counted = payments["contract_id"].isin(facts.contracts.loc[is_meant, "contract_id"])
    is_counted &= payments["basis"].isin(["paid", "reported", "returned"])
    by_kind = payments[is_counted].groupby("payer_kind")["amount_counted_gbp"].sum()
    table = reconciled("atq-2022")
    share, leverage = (table.loc[f"claim_central_{name}_two_funds"] for name in ("payments_share", "leverage"))
    assert pd.isna(share["ours"])
    assert share["ours_low"] == pytest.approx(by_kind["central"] / by_kind.sum(), abs=1e-4)
    assert share["ours_high"] == pytest.approx(1 - by_kind.get("local", 0) / by_kind.sum(), abs=1e-4)
    assert leverage["ours_high"] == pytest.approx(by_kind.sum() / by_kind["central"], abs=1e-4)
    assert share["status"] == leverage["status"] == PARTLY


def test_payments_up_to_a_cut_off_are_not_divided_by_people_of_a_later_day(
    reconciled: Callable[[str], pd.DataFrame],
) -> None:
    """Who was engaged is told without a day: while a contract runs on, the payments so far are of fewer."""
    of_2022 = reconciled("atq-2022")
    assert pd.isna(of_2022.loc["claim_lower_cost_share_family_therapy", "nearest"])
    assert of_2022.loc["claim_lower_cost_share_greater_manchester", "nearest"] > 0


def test_a_figure_that_repeats_another_study_is_that_study_s(reconciled: Callable[[str], pd.DataFrame]) -> None:
    """The 10 quoted in 2024 is of 2022."""
    assert not reconciled("atq-2024").loc["claim_bcr_market", "is_like_for_like"]
    assert reconciled("atq-2022").loc["claim_bcr_market", "is_like_for_like"]
    assert "£10.20" in reconciled("atq-2022").loc["claim_bcr_market", "reason"]


def test_contracts_that_ran_on_from_the_study_before_are_counted_apart(
    reconciled: Callable[[str], pd.DataFrame], facts: RawFacts, valuations: dict[str, Valuation]
) -> None:
    contracts, before = facts.contracts.set_index("contract_id"), pd.Timestamp("2022-03-31")
    valued = valuations["atq-2024"].contract_value.set_index("contract_id")["is_valued"]
    began_since = contracts["service_start"] > before
    ran_on = ~began_since & ~(contracts["service_end"] <= before)
    table = reconciled("atq-2024")
    assert table.loc["study_2024_contracts_with_added_value_market", "ours"] == (ran_on & valued).sum()
    assert table.loc["study_2024_contracts_new_to_analysis_market", "ours"] == (began_since & valued).sum()


def test_without_a_published_figure_there_is_an_empty_table(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]
) -> None:
    none = replace(reference, published_figures=reference.published_figures.head(0))
    table = analysed("reconciliation", facts, none, valuations["open-2026"])
    assert table.empty
    assert set(table) == set(analysed("reconciliation", facts, reference, valuations["open-2026"]))


def test_people_into_work_are_those_who_began_an_outcome_that_is_a_job(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]
) -> None:
    """Which outcomes are jobs is data."""
    valuation = valuations["atq-2022"]
    types = reference.outcome_types

    def into_work(is_job: "pd.Series[bool]") -> float:
        known = replace(reference, outcome_types=types.assign(is_job=is_job))
        table = analysed("reconciliation", facts, known, valuation)
        return float(table.set_index("figure_id").loc["study_2022_people_into_work_mhep", "ours"])

    everything = into_work(types["is_job"])
    supported = into_work(types["is_job"] & types["outcome_id"].str.startswith("supported"))
    assert 0 < supported <= everything
    assert pd.isna(into_work(types["is_job"] & False))
