"""The letter to the authors is what the tables say today."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pipeline.facts.reference import Reference
from pipeline.report.reading_words import ANOTHER_FIGURE
from tools.letter import LETTER, NEEDED, letter, studies_of

TablesOf = Callable[[str], dict[str, pd.DataFrame]]


def tables(reference: Reference, tables_of: TablesOf) -> dict[str, dict[str, pd.DataFrame]]:
    editions = studies_of(reference.editions)
    return {study: {name: tables_of(key)[name] for name in NEEDED} for study, key in editions.items()}


def test_the_letter_stands_as_it_would_be_made_now(
    project_root: Path, reference: Reference, tables_of: TablesOf
) -> None:
    made = letter(tables(reference, tables_of))
    assert (project_root / LETTER).read_text(encoding="utf-8") == made, "make report writes it anew"


def test_every_question_is_asked_with_every_answer(reference: Reference, tables_of: TablesOf) -> None:
    of_studies = tables(reference, tables_of)
    made = letter(of_studies)
    assert list(of_studies) == ["2022", "2024"]
    for found in of_studies.values():
        for row in found["questions"].itertuples():
            assert f"{row.question_order}. {row.question}" in made
            assert f"   - {row.answer}: would leave {row.readings_left} of our {row.readings} readings." in made
    asked = [found["questions"].drop_duplicates("question_order") for found in of_studies.values()]
    areas = sum(int((table["subject_kind"] == "policy_area").sum()) for table in asked)
    assert made.count(f"   - {ANOTHER_FIGURE}.") == areas > 0


def test_what_is_put_in_is_told_as_it_is(reference: Reference, tables_of: TablesOf) -> None:
    """The ratio of 2022 is a figure of another study in the reading of 2024, and in that of 2022 its own."""
    of_2024, of_2022 = (
        " ".join(part.split()) for part in letter(tables(reference, tables_of)).split("## The study")[1:]
    )
    assert "(14.6, a figure of the earlier study) for public value in education and employment and training" in of_2024
    assert "the published ratio of 2022 (14.6) for public value" in of_2022
    assert "takes off less than our rates" in of_2024
    assert "because nothing is taken off" in of_2022
    assert "for contracts with payments that we cannot value" in of_2024


def test_without_questions_the_letter_says_so(reference: Reference, tables_of: TablesOf) -> None:
    of_studies = tables(reference, tables_of)
    none = {study: {**found, "questions": found["questions"].iloc[:0]} for study, found in of_studies.items()}
    assert letter(none).count("None of our questions would tell them apart.") == 2
