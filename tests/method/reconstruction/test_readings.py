"""All readings: single ones are what the method says of the same choices, and what is counted is so."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.reconstruction.readings import (
    AllReadings,
    all_readings,
    reading_combinations,
    readings,
    where_readings_lie,
)
from pipeline.method.analysis.reconstruction.valuing import NOT_PUBLIC, Valuer, after, put_in
from pipeline.method.valuation import tables_of, value_edition
from pipeline.tables.vocabulary import POLICY_AREAS, RATIOS

STUDIES = ("atq-2022", "atq-2024")
TablesOf = Callable[[str], dict[str, pd.DataFrame]]
FEW = 6


@pytest.fixture(scope="module", params=STUDIES)
def found(request: pytest.FixtureRequest, facts: RawFacts, reference: Reference) -> tuple[str, AllReadings]:
    """All readings of a study, with the edition that reproduces it."""
    edition = reference.editions[request.param]
    valuer = Valuer(tables_of(facts, reference))
    every = all_readings(edition, valuer, reference.reconstruction, reference.published_figures)
    assert every
    return request.param, every


@pytest.mark.slow
def test_single_readings_are_what_an_edition_with_these_choices_says_to_the_penny(
    found: tuple[str, AllReadings], facts: RawFacts, reference: Reference
) -> None:
    """None, all, and some drawn at random."""
    edition, every = reference.editions[found[0]], found[1]
    study, figures = edition.published_edition, reference.published_figures
    drawn = np.random.default_rng(7).integers(0, len(every.made), FEW)
    extremes = [int(np.argmin(every.made.sum(axis=1))), int(np.argmax(every.made.sum(axis=1)))]
    for place in (*extremes, *drawn):
        steps = [step for step, is_made in zip(every.steps, every.made[place], strict=True) if is_made]
        chosen = [(step.choice, step.setting) for step in steps if step.choice != "published_ratio"]
        value = value_edition(facts, reference, after(edition, chosen)).contract_value
        for step in steps:
            if step.choice == "published_ratio":
                value = put_in(value, step.setting, figures, study)
        for scope in ("market", *POLICY_AREAS):
            own = value[value["is_in_bcr"] & ((scope == "market") | (value["policy_area"] == scope))]
            at = (place, every.scopes.index(scope))
            for sums, name in (
                (every.public_gbp, "public_value_gbp"),
                (every.fiscal_gbp, "fiscal_gbp"),
                (every.paid_gbp, "outcome_payments_real_gbp"),
            ):
                assert sums[at] == pytest.approx(own[name].sum(), abs=0.005), (steps, scope, name)
        assert (value["contract_id"] == NOT_PUBLIC).sum() == sum(step.setting == "own_study" for step in steps)


def moving(every: AllReadings) -> list[int]:
    """The places of the steps that are in some reading."""
    return [place for place in range(len(every.steps)) if every.made[:, place].any()]


def test_every_combination_of_the_steps_that_move_anything_is_there_once(found: tuple[str, AllReadings]) -> None:
    table, places = reading_combinations(found[1]), moving(found[1])
    expected = sorted(sum(1 << place for place in some) for some in subsets(places))
    assert list(table["reading"]) == expected


def test_a_step_that_moves_nothing_is_in_no_reading(
    found: tuple[str, AllReadings], facts: RawFacts, reference: Reference
) -> None:
    """Nobody pays in public for HIV care; in 2022 nothing is taken off, so that no rate takes the place of others."""
    still = [step.step_id for place, step in enumerate(found[1].steps) if place not in moving(found[1])]
    assert still == (["hiv_infections"] if found[0] == "atq-2024" else ["hiv_infections", "flat_deadweight"])
    table = readings(found[1])
    assert not set(still) & set(table["step_id"])
    edition, value = reference.editions[found[0]], {}
    others = [(s.choice, s.setting) for s in found[1].steps if s.choice != "published_ratio" and s.step_id not in still]
    every = [(s.choice, s.setting) for s in found[1].steps if s.choice != "published_ratio"]
    for name, chosen in (("without", others), ("with", every)):
        own = value_edition(facts, reference, after(edition, chosen)).contract_value
        value[name] = own.loc[own["is_in_bcr"], ["contract_id", "public_value_gbp", "fiscal_gbp"]]
    pd.testing.assert_frame_equal(value["without"], value["with"])


def test_at_the_ends_of_the_ranges_some_come_nearer_and_for_2022_some_come_near(
    found: tuple[str, AllReadings], facts: RawFacts, reference: Reference
) -> None:
    """What the page and the letter say of them."""
    ends = {
        "atq-2022": ["high", "", "low", "", "high", "low", "high", "high", "high", "high", "high", "", ""],
        "atq-2024": ["high"] * 13,
    }[found[0]]
    steps = reference.reconstruction[~reference.reconstruction["is_plug"]].sort_values("order").copy()
    steps["setting"] = [
        row[f"{end}_setting" if end else "setting"] for end, (_, row) in zip(ends, steps.iterrows(), strict=True)
    ]
    valuer = Valuer(tables_of(facts, reference))
    other = all_readings(reference.editions[found[0]], valuer, steps, reference.published_figures)
    assert other
    middle = found[1]
    assert other.distance.min() < middle.distance[~middle.has_plug].min()
    assert other.is_near.any() == (found[0] == "atq-2022")


def subsets(places: list[int]) -> Iterator[tuple[int, ...]]:
    """Every way to take some of them."""
    return chain.from_iterable(combinations(places, number) for number in range(len(places) + 1))


def test_the_reading_of_all_steps_is_where_they_lead(found: tuple[str, AllReadings], tables_of: TablesOf) -> None:
    edition_id, every = found
    terms = tables_of(edition_id)["reconstruction"]
    last = terms[(terms["scope"] == "market") & (terms["step_id"] == "remains")].set_index("measure")
    place = int(np.argmax(every.made.sum(axis=1)))
    for name in RATIOS:
        assert every.ratios[name][place, 0] == pytest.approx(last.loc[name, "before"], abs=1e-9)


def test_what_is_counted_is_counted_over_the_combinations(found: tuple[str, AllReadings]) -> None:
    table, every = readings(found[1]), reading_combinations(found[1])
    published = found[1].published
    farther = pd.concat([(every[name] / published[name] - 1).abs() for name in RATIOS], axis=1).max(axis=1)
    # The table has four places: of what lies at the edge it does not tell.
    assert every.loc[farther < 0.0999, "is_near"].all()
    assert not every.loc[farther > 0.1001, "is_near"].any()
    assert (every["fits_areas"] <= every["is_near"]).all()
    counts = table[table["step_id"] == ""].set_index(["plugs", "measure"])["number"]
    assert counts["with plugs", "combinations"] == len(every)
    assert counts["without plugs", "combinations"] == (~every["has_plug"]).sum()
    assert counts["with plugs", "near"] == every["is_near"].sum()
    assert counts["without plugs", "near"] == (every["is_near"] & ~every["has_plug"]).sum()
    assert counts["with plugs", "fits_areas"] == every["fits_areas"].sum()
    steps = [step.step_id for step in found[1].steps]
    shares = table[(table["plugs"] == "with plugs") & (table["measure"] == "near_with_step")].set_index("step_id")
    near = every.loc[every["is_near"], "reading"].astype("int64")
    for place, step in enumerate(steps):
        if place not in moving(found[1]):
            continue
        assert shares.loc[step, "number"] == ((near // 2**place) % 2).sum()


def test_every_reading_without_plugs_lies_in_one_cell(found: tuple[str, AllReadings]) -> None:
    every, published = reading_combinations(found[1]), found[1].published
    cells = where_readings_lie(every, published)
    assert cells["readings"].sum() == (~every["has_plug"] & every["bcr"].notna()).sum()
    near = every[every["is_near"] & ~every["has_plug"]]
    inside = cells[
        (cells["bcr_from"] >= 0.89 * published["bcr"])
        & (cells["bcr_to"] <= 1.11 * published["bcr"])
        & (cells["fiscal_bcr_from"] >= 0.89 * published["fiscal_bcr"])
        & (cells["fiscal_bcr_to"] <= 1.11 * published["fiscal_bcr"])
    ]
    assert inside["readings"].sum() == len(near)
    made_up = pd.DataFrame({"bcr": [0.95, 1.05, 1.07, None], "fiscal_bcr": [0.5, 0.51, 0.52, None], "has_plug": False})
    made_up.loc[0, "has_plug"] = True
    (cell,) = where_readings_lie(made_up, {"bcr": 1.0, "fiscal_bcr": 0.5}).to_dict("records")
    assert cell == {
        "bcr_from": 1.0,
        "bcr_to": 1.1,
        "fiscal_bcr_from": 0.5,
        "fiscal_bcr_to": 0.55,
        "readings": 2,
    } | {"bcr_to": pytest.approx(1.1), "fiscal_bcr_to": pytest.approx(0.55)}


def test_the_nearest_is_no_farther_than_any_other(found: tuple[str, AllReadings]) -> None:
    table, every = readings(found[1]), found[1]
    (nearest,) = table[(table["plugs"] == "without plugs") & (table["measure"] == "nearest")].to_dict("records")
    distance = max(abs(nearest[name] / every.published[name] - 1) for name in RATIOS)
    assert distance == pytest.approx(every.distance[~every.has_plug].min())
    (short,) = table[(table["plugs"] == "without plugs") & (table["measure"] == "nearest_without_long_values")].to_dict(
        "records"
    )
    long = {step.step_id for step in every.steps if step.holds}
    assert not long & set(short["steps"].split("; "))


@pytest.mark.parametrize("choices", [["transfers"], ["added_values"], ["published_ratio"], ["flat_deadweight"]])
def test_any_list_of_steps_has_its_readings(choices: list[str], facts: RawFacts, reference: Reference) -> None:
    """Also one without added values, or with nothing else."""
    steps = reference.reconstruction[reference.reconstruction["choice"].isin(choices)]
    valuer = Valuer(tables_of(facts, reference))
    every = all_readings(reference.editions["atq-2024"], valuer, steps, reference.published_figures)
    assert every
    assert every.made.shape == (2 ** len(moving(every)), len(steps))
    assert len({tuple(row) for row in every.made.tolist()}) == len(every.made)


def test_without_a_study_or_its_ratios_there_is_no_reading(facts: RawFacts, reference: Reference) -> None:
    valuer, figures = Valuer(tables_of(facts, reference)), reference.published_figures
    edition = reference.editions["atq-2024"]
    without = figures[figures["measure"] != "fiscal_bcr"]
    assert all_readings(edition, valuer, reference.reconstruction, without) is None
    assert all_readings(replace(edition, published_edition=""), valuer, reference.reconstruction, figures) is None
    assert readings(None).empty
    assert reading_combinations(None).empty
