"""Questions to the authors: those that tell most come first, and other readings give other questions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.method.analysis.reconstruction.questions import (
    Question,
    asked_about,
    chosen_questions,
    information,
    questions,
)
from pipeline.method.analysis.reconstruction.readings import AllReadings
from pipeline.tables.vocabulary import POLICY_AREAS

SCOPES = ["market", *POLICY_AREAS]


def made_up(made: list[list[int]], bcr: list[float]) -> AllReadings:
    """Readings with three steps, of which the last is a plug, and a public value per £1 that is alike in all scopes."""
    steps = [
        SimpleNamespace(step_id=name, name=f"do {name}", question=f"Did you {name}?", is_plug=name == "c", holds="")
        for name in ("a", "b", "c")
    ]
    value = np.repeat(np.array(bcr)[:, None], len(SCOPES), axis=1)
    paid = np.ones_like(value)
    return AllReadings(
        steps, np.array(made, dtype=bool), SCOPES, value, value / 2, paid, {"bcr": 1.0, "fiscal_bcr": 0.5}, {}
    )


def question(name: str, given: list[int]) -> Question:
    return Question("choice", name, f"{name}?", ("no", "yes"), np.array(given))


def test_information_is_entropy_in_bits() -> None:
    assert information(np.array([0, 1, 0, 1])) == 1
    assert information(np.array([0, 1, 2, 3])) == 2
    assert information(np.array([0, 0, 0])) == 0
    assert information(np.array([0, 0, 0, 1])) == pytest.approx(0.75 * np.log2(4 / 3) + 0.5)


def test_the_question_that_splits_evenly_is_asked_first_and_one_that_tells_nothing_never() -> None:
    asked = [question("same", [1] * 4), question("rare", [0, 0, 0, 1]), question("half", [0, 0, 1, 1])]
    found = chosen_questions(asked)
    assert [one.subject for one, _ in found] == ["half", "rare"]
    assert len(set(found[-1][1].tolist())) == 3


def test_a_question_that_another_has_answered_is_not_asked() -> None:
    asked = [question("half", [0, 0, 1, 1]), question("not half", [1, 1, 0, 0]), question("other", [0, 1, 0, 1])]
    assert [one.subject for one, _ in chosen_questions(asked)] == ["half", "other"]


def test_each_answer_says_what_it_leaves_and_what_it_settles() -> None:
    found = made_up([[0, 1, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]], [0.95, 1.0, 1.05, 1.06])
    table = questions(found)
    assert set(table["asked_about"]) == {"readings that come near both ratios and fit the areas"}
    first = table[table["question_order"] == 1].set_index("answer")
    assert first.loc["no", "subject"] == "a"
    assert (first.loc["no", "readings_left"], first.loc["no", "readings_ruled_out"]) == (1, 2)
    assert (first.loc["no", "then_made"], first.loc["no", "then_not_made"]) == ("b", "")
    assert first.loc["yes", "expected_left"] == pytest.approx((1 + 4) / 3)
    assert table["expected_left"].iloc[-1] == 1


def test_some_with_a_published_result_are_not_called_all() -> None:
    found = made_up([[0, 0, 0], [0, 1, 1], [1, 0, 1]], [1.02, 1.0, 1.01])
    assert asked_about(found)[0].endswith("some with a published result put in")


def test_what_nearly_all_share_anyway_no_answer_settles() -> None:
    """Of 40 readings 39 make b: that all that are left make it tells nothing, but that none does would."""
    made = [[n % 2, int(n != 1), 0] for n in range(40)]
    table = questions(made_up(made, [0.95 + n / 400 for n in range(40)]))
    assert set(table["then_made"]) == {""}
    few = [[n % 2, int(n not in (1, 3, 5, 7)), 0] for n in range(40)]
    table = questions(made_up(few, [0.95 + n / 400 for n in range(40)])).set_index(["subject", "answer"])
    assert table.loc[("a", "no"), "then_made"] == "b"


def test_other_readings_give_other_questions() -> None:
    one = made_up([[0, 0, 0], [1, 0, 0]], [1.0, 1.02])
    other = made_up([[0, 0, 0], [0, 1, 0]], [1.0, 1.02])
    assert list(dict.fromkeys(questions(one)["subject"])) == ["a"]
    assert list(dict.fromkeys(questions(other)["subject"])) == ["b"]


def test_readings_that_come_to_the_same_are_one() -> None:
    """A choice that moves nothing is not worth a question."""
    assert questions(made_up([[0, 0, 0], [1, 0, 0]], [1.0, 1.0])).empty


def test_an_area_is_asked_about_where_that_tells_more() -> None:
    found = made_up([[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]], [1.0, 1.01, 1.02, 1.03])
    public = found.public_gbp.copy()
    public[:, SCOPES.index("health")] = [1.9, 2.1, 4.1, 6.1]
    found = replace(found, public_gbp=public)
    table = questions(found)
    assert set(table["subject"]) == {"health"}
    assert list(table["answer"]) == ["under £2", "£2 to £4", "£4 to £6", "£6 to £8"]
    assert set(table["expected_left"]) == {1.0}


def test_the_narrowest_readings_that_are_enough_for_five_questions_are_told_apart() -> None:
    """Two that fit would need one question; those that are near need all of them."""
    near = [[0, 0, 0]] * 40
    found = made_up(near, [0.95 + n / 400 for n in range(40)])
    fits = found.public_gbp.copy()
    fits[:, SCOPES.index("health")] = [7.0] * 2 + [1.0] * 38
    # In thousands of pounds, since readings that come to the same pence are one.
    found = replace(
        found,
        public_gbp=fits * 1000,
        fiscal_gbp=found.fiscal_gbp * 1000,
        paid_gbp=found.paid_gbp * 1000,
        areas={"health": (7.0, False)},
    )
    assert found.fits_areas.sum() == 2
    name, which = asked_about(found)
    assert (name, which.sum()) == ("readings that come near both ratios", 40)
    parts = {name: getattr(found, name)[:6] for name in ("made", "public_gbp", "fiscal_gbp", "paid_gbp")}
    few = replace(found, **parts)
    assert asked_about(few)[0] == "readings that come near both ratios and fit the areas"


def test_where_none_is_near_those_with_plugs_are_told_apart_then_the_nearest() -> None:
    with_plugs = made_up([[0, 0, 0], [0, 1, 1], [1, 0, 1]], [9.0, 1.0, 1.01])
    assert asked_about(with_plugs)[0].endswith("all with a published result put in")
    far = made_up([[0, 0, 0], [0, 1, 1], [1, 0, 1]], [9.0, 8.0, 7.0])
    name, which = asked_about(far)
    assert name == "readings that come nearest"
    assert list(which) == [False, False, True]
    assert questions(far).empty
    assert questions(None).empty
