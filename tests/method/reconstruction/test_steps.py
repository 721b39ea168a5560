"""A study rebuilt: terms that add up, for both years by the same steps, and nothing of it in any edition."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.readings import SettingError, with_setting
from pipeline.facts.reference import Reference
from pipeline.method.analysis.bridge.terms import RATIOS, sums_of
from pipeline.method.analysis.reconstruction.steps import KEYS, REMAINS, START, reached, reconstruction_terms, resting
from pipeline.method.analysis.reconstruction.valuing import NOT_PUBLIC, Valuer, after, put_in
from pipeline.method.analysis.tables import published_tables
from pipeline.method.valuation import Valuation, tables_of, value_edition
from pipeline.tables.reading import ReadingValues, Reconstruction

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
STUDIES = ("atq-2022", "atq-2024")
OF_THE_READING = {"reconstruction", "readings", "reading_combinations", "questions"}
ITS_INPUTS = {"reconstruction_steps", "reading_values"}
# £128.6m of health and £230.7m of children: fiscal or public value, the study does not say; 4.83 is made from one.
UNCLEAR = {
    "study_2024_saving_gbp_health",
    "study_2024_saving_gbp_child_and_family_welfare",
    "study_2024_bcr_health",
}


@pytest.mark.parametrize("edition_id", STUDIES)
def test_the_terms_lead_from_the_edition_to_the_published_figure(edition_id: str, tables_of: TablesOf) -> None:
    terms = tables_of(edition_id)["reconstruction"]
    market = tables_of(edition_id)["market_value"].iloc[0]
    for (_, scope, measure), rows in terms.groupby(KEYS):
        first, last = rows.iloc[0], rows.iloc[-1]
        exact = 1e-9 if measure in RATIOS else 0.005
        # A contract that had nothing begins with the step that gives it something.
        assert first["step_id"] == START or (first["scope_kind"] == "contract" and first["before"] == 0)
        assert rows["term"].sum() == pytest.approx(last["after"], abs=exact), (scope, measure)
        assert list(rows["before"].iloc[1:]) == pytest.approx(list(rows["after"].iloc[:-1]), abs=exact)
        if last["step_id"] == REMAINS:
            assert last["after"] == last["published"]
    begin = terms[(terms["scope"] == "market") & (terms["step_id"] == START)].set_index("measure")["after"]
    assert begin["bcr"] == pytest.approx(market["bcr"], abs=1e-9)
    assert begin["public_value_gbp"] == market["public_value_gbp"]
    assert begin["outcome_payments_in_bcr_real_gbp"] == market["outcome_payments_in_bcr_real_gbp"]


@pytest.mark.parametrize("edition_id", STUDIES)
def test_terms_of_contracts_add_up_to_areas_and_the_market(edition_id: str, tables_of: TablesOf) -> None:
    terms = tables_of(edition_id)["reconstruction"]
    sums = terms[(terms["measure"] == "public_value_in_bcr_gbp") & (terms["step_id"] != REMAINS)]
    by_kind = sums.groupby(["step_id", "scope_kind"])["term"].sum().unstack(fill_value=0.0)
    assert (by_kind["contract"] - by_kind["market"]).abs().max() < 0.005
    # What is not public lies in no area.
    public = sums[sums["scope"] != NOT_PUBLIC].groupby(["step_id", "scope_kind"])["term"].sum().unstack(fill_value=0.0)
    assert (public["contract"] - public["policy_area"]).abs().max() < 0.005


def test_both_years_take_the_same_steps_with_the_same_settings(tables_of: TablesOf, reference: Reference) -> None:
    told = ["step_id", "step_order", "name", "choice", "setting", "rests_on", "is_plug"]
    one, other = (tables_of(edition)["reconstruction"] for edition in STUDIES)
    of_both = [table.loc[table["scope"] == "market", told].drop_duplicates() for table in (one, other)]
    pd.testing.assert_frame_equal(*(table.reset_index(drop=True) for table in of_both))
    assert list(of_both[0]["step_id"].iloc[1:-1]) == list(reference.reconstruction.sort_values("order")["step_id"])


@pytest.mark.parametrize("edition_id", STUDIES)
def test_a_test_is_a_published_figure_that_no_step_has_used(
    edition_id: str, tables_of: TablesOf, reference: Reference
) -> None:
    terms = tables_of(edition_id)["reconstruction"]
    used = {figure for cell in reference.reconstruction["figure_ids"] for figure in cell.split("; ")}
    beside = terms[terms["figure_id"] != ""].drop_duplicates("figure_id")
    assert dict(zip(beside["figure_id"], beside["is_test"], strict=True)) == {
        figure: figure not in used and figure not in UNCLEAR for figure in beside["figure_id"]
    }
    assert set(beside.loc[beside["is_unclear"], "figure_id"]) == UNCLEAR & set(beside["figure_id"])
    assert beside["is_test"].any()
    assert not beside["is_test"].all()


def test_what_is_put_in_explains_nothing(tables_of: TablesOf) -> None:
    terms = tables_of("atq-2024")["reconstruction"]
    market = terms[(terms["scope"] == "market") & (terms["measure"] == "bcr")]
    (row,) = reached(terms).query("scope == 'market' and measure == 'bcr'").to_dict("records")
    plugs = market[market["is_plug"]]
    assert row["explained"] == plugs.iloc[0]["before"]
    assert row["end"] == plugs.iloc[-1]["after"]
    assert row["left"] == pytest.approx(row["published"] - row["explained"])
    assert resting(terms)["term"].sum() == pytest.approx(row["explained"] - row["begin"])


@pytest.mark.slow
@pytest.mark.parametrize("edition_id", ["atq-2024", "open-2026"])
def test_no_table_of_an_edition_takes_anything_from_the_reading(
    edition_id: str,
    facts: RawFacts,
    reference: Reference,
    tables_of: TablesOf,
    valuation_of: Callable[[str], Valuation],
) -> None:
    emptied = replace(reference, reconstruction=Reconstruction.empty(), reading_values=ReadingValues.empty())
    valuation = value_edition(facts, emptied, emptied.editions[edition_id])
    found, with_it = published_tables(facts, emptied, valuation), tables_of(edition_id)
    assert found.keys() - {"checks"} == with_it.keys() - {"checks"}
    for name in found.keys() - OF_THE_READING - ITS_INPUTS - {"checks"}:
        pd.testing.assert_frame_equal(found[name], with_it[name], obj=name)
    assert all(found[name].empty for name in OF_THE_READING | ITS_INPUTS)


def test_an_edition_that_reproduces_no_study_has_no_reading(tables_of: TablesOf) -> None:
    assert all(tables_of("open-2026")[name].empty for name in OF_THE_READING)


@pytest.mark.parametrize("choice", ["annual_rung", "set_asides", "added_values", "flat_deadweight", "unit_value_level"])
def test_a_step_run_once_for_several_is_what_an_edition_with_the_choice_says(
    choice: str, facts: RawFacts, reference: Reference
) -> None:
    """Whatever was valued before it: what a step is taken to depend on holds."""
    edition, valuer = reference.editions["atq-2024"], Valuer(tables_of(facts, reference))
    steps = reference.reconstruction[~reference.reconstruction["choice"].isin(["published_ratio"])]
    others = list(zip(steps["choice"], steps["setting"], strict=True))
    valuer.contract_value(edition)
    valuer.contract_value(after(edition, others))
    own = [pair for pair in others if pair[0] == choice]
    for made in (own, [pair for pair in others if pair not in own]):
        changed = after(edition, made)
        expected = value_edition(facts, reference, changed).contract_value
        pd.testing.assert_frame_equal(valuer.contract_value(changed), expected)
        fast, slow = valuer.sums(changed), sums_of(expected, list(valuer.contracts))
        assert (fast.pence == slow.pence).all()
        assert (fast.areas == slow.areas).all()


def test_a_published_ratio_takes_the_place_of_what_was_worked_out(facts: RawFacts, reference: Reference) -> None:
    edition = reference.editions["atq-2022"]
    value = value_edition(facts, reference, edition).contract_value
    figures = reference.published_figures
    put = put_in(value, "study_2022_bcr_education_and_employment", figures, "2022")
    moved = put["public_value_gbp"].ne(value["public_value_gbp"]) & value["public_value_gbp"].notna()
    assert set(put.loc[moved, "policy_area"]) == {"education", "employment_and_training"}
    assert put.loc[moved, "is_in_bcr"].all()
    ratios = put.loc[moved, "public_value_gbp"] / put.loc[moved, "outcome_payments_real_gbp"]
    assert ratios.to_list() == pytest.approx([14.6] * moved.sum(), abs=1e-6)
    whole = put_in(value, "own_study", figures, "2022")
    (beyond,) = whole[whole["contract_id"] == NOT_PUBLIC].to_dict("records")
    assert beyond["outcome_payments_gbp"] == pytest.approx(139e6 - value["outcome_payments_gbp"].sum())
    assert beyond["public_value_gbp"] / beyond["outcome_payments_gbp"] == pytest.approx(10.2)
    assert whole["outcome_payments_gbp"].sum() == pytest.approx(139e6)


def test_a_project_without_steps_has_no_reading(facts: RawFacts, reference: Reference) -> None:
    valuer = Valuer(tables_of(facts, reference))
    found = reconstruction_terms(
        reference.editions["atq-2024"], valuer, Reconstruction.empty(), reference.published_figures
    )
    assert found.empty


def test_a_setting_is_a_word_a_number_or_one_more_group(make_edition: Callable[..., Edition]) -> None:
    edition = make_edition()
    assert with_setting(edition, "transfers", "both").transfers == "both"
    assert with_setting(edition, "flat_deadweight", "0.16").flat_deadweight == 0.16
    assert with_setting(edition, "published_ratio", "own_study") == edition
    assert with_setting(edition, "added_values", "") == edition
    more = with_setting(with_setting(edition, "added_values", "calm"), "added_values", "more:low")
    assert more.added_values == ("calm", "more:low")
    assert with_setting(more, "added_values", "more:high").added_values == ("calm", "more:high")
    for choice, setting in (("transfers", "all"), ("flat_deadweight", "some"), ("flat_deadweight", "2")):
        with pytest.raises(SettingError):
            with_setting(edition, choice, setting)
