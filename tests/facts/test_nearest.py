"""What was probably meant by a name that does not exist."""

import pandas as pd
import pytest

from pipeline.facts.files import meant, nearest
from pipeline.facts.reference import Reference
from pipeline.facts.rules.tables import HINTED, rows_not_in

KNOWN = {
    "accommodation_entered": "moved into settled accommodation",
    "accommodation_sustained": "held settled accommodation",
    "employment_full_time": "in work for 16 hours a week or more",
    "m2": "second step",
    "m10": "tenth step",
}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("accommodation", ["accommodation_entered", "accommodation_sustained"]),
        ("accommodation_sustaind", ["accommodation_sustained"]),
        ("Employment_Full_Time", ["employment_full_time"]),
        ("held settled", ["accommodation_sustained"]),
        ("work", ["employment_full_time"]),
        ("Tenth Step", ["m10"]),
        # Of so short a word the beginning says nothing.
        ("se", []),
        ("unheard_of", []),
        ("", []),
        ("\n", []),
        ("🙂", []),
        ("x" * 100_000, []),
    ],
)
def test_what_was_meant_is_found_by_id_by_name_and_by_words(asked: str, expected: list[str]) -> None:
    found = nearest(asked, KNOWN)
    assert found[: len(expected)] == expected or set(expected) == set(found)
    assert bool(found) == bool(expected)


def test_each_is_named_with_what_it_is_called() -> None:
    assert meant("work", KNOWN) == "employment_full_time (in work for 16 hours a week or more)"
    assert meant("A", {"a": ""}) == "a"


def test_an_outcome_of_the_project_is_found_by_a_word(reference: Reference) -> None:
    types = reference.outcome_types
    names = dict(zip(types["outcome_id"], types["name"], strict=True))
    assert nearest("accommodation", names)
    assert all("accommodation" in f"{found} {names[found]}" for found in nearest("accommodation", names))


def test_a_file_full_of_unknown_names_is_answered_as_fast() -> None:
    table = pd.DataFrame({"outcome_id": [f"accommodation_{number}" for number in range(HINTED + 5)]})
    said = [problem.expected for problem in rows_not_in(table, "outcome_id", KNOWN, "p", "unknown", "one of them")]
    assert sum(expected.startswith("one of them, such as accommodation_") for expected in said) == HINTED
    assert said[-1] == "one of them"
