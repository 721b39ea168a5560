"""The letter to the authors is what the tables say today."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pipeline.facts.reference import Reference
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
            assert f"   - {row.answer}: would leave {row.readings_left} of {row.readings}, and rule out" in made


def test_without_questions_the_letter_says_so(reference: Reference, tables_of: TablesOf) -> None:
    of_studies = tables(reference, tables_of)
    none = {study: {**found, "questions": found["questions"].iloc[:0]} for study, found in of_studies.items()}
    assert letter(none).count("No question of ours would tell them apart.") == 2
