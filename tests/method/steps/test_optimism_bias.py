"""What is taken off for weak evidence: by the weakest grade of a line, and only where the edition says so."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.parameters import parameters
from pipeline.method.analysis.ratios import ratios
from pipeline.method.steps.optimism_bias import EVIDENCE_GRADES, corrections_of, is_unverified, with_optimism_bias
from pipeline.method.valuation import Valuation, value_edition

TAKEN_OFF = {"strong": 0.0, "medium": 0.1, "contract": 0.15, "weak": 0.25}


@pytest.fixture(scope="module")
def by_grade(reference: Reference, facts: RawFacts) -> Valuation:
    """The project's own estimate, less optimism bias."""
    return value_edition(facts, reference, replace(reference.editions["open-2026"], optimism_bias="by_grade"))


def test_the_weakest_evidence_of_a_line_decides(made_up_reference: Reference) -> None:
    corrections = made_up_reference.optimism_bias
    grades = [
        ("strong", "", "strong"),
        ("medium", "strong", "strong"),
        ("strong", "contract", "medium"),
        ("medium", "weak", "strong"),
        ("strong", "strong", "weak"),
    ]
    lines = pd.DataFrame(grades, columns=list(EVIDENCE_GRADES))
    assert list(with_optimism_bias(lines, corrections)["optimism_bias"]) == [0.0, 0.1, 0.15, 0.25, 0.25]
    assert (with_optimism_bias(lines, None)["optimism_bias"] == 0).all()
    with pytest.raises(KeyError, match="weak"):
        with_optimism_bias(lines, corrections[corrections["grade"] != "weak"])


def test_only_an_edition_that_says_so_takes_it_off(reference: Reference, make_edition: Callable[..., Edition]) -> None:
    assert corrections_of(reference.optimism_bias, make_edition()).empty
    assert len(corrections_of(reference.optimism_bias, make_edition(optimism_bias="by_grade"))) == len(TAKEN_OFF)
    assert all(edition.optimism_bias == "none" for edition in reference.editions.values())


def test_a_table_is_unverified_until_all_of_it_has_been_read(made_up_reference: Reference) -> None:
    corrections = made_up_reference.optimism_bias
    assert is_unverified(corrections)
    assert is_unverified(corrections.assign(is_verified=[True, True, False, True]))
    assert not is_unverified(corrections.assign(is_verified=True))
    assert not is_unverified(corrections.iloc[:0])


def test_each_line_of_an_edition_is_less_by_its_weakest_grade(by_grade: Valuation, reference: Reference) -> None:
    table = dict(zip(reference.optimism_bias["grade"], reference.optimism_bias["optimism_bias"], strict=True))
    assert table == TAKEN_OFF
    lines = by_grade.valued_outcomes
    grades = lines[list(EVIDENCE_GRADES)]
    worst = grades.map(lambda grade: table.get(grade, 0.0)).max(axis=1)
    assert (worst > 0).any()
    np.testing.assert_allclose(lines["optimism_bias"], worst)
    expected = lines["gross_gbp"] * (1 - lines["deadweight"]) * (1 - worst)
    np.testing.assert_allclose(lines["net_gbp"], expected, atol=0.006)


def test_the_simulations_take_it_off_too(by_grade: Valuation, reference: Reference) -> None:
    used = parameters(by_grade.valued_outcomes, reference.unit_costs, reference.hours_weights, reference.deadweight)
    model = ratios(by_grade.valued_outcomes, by_grade.contract_value, used, reference.deadweight)
    np.testing.assert_allclose(model.at(used[["taken"]].to_numpy())[:, 0], model.rows["ratio"], atol=1e-6)
