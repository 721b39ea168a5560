"""Short facts about a service of INDIGO: codes for what prose names, and plain numbers."""

from pathlib import Path

import pytest

from pipeline.importers.indigo import columns as indigo
from pipeline.importers.indigo.words import WORDS, codes_in
from pipeline.tables.vocabulary import INTERVENTIONS, TARGET_GROUPS
from tests.importers.indigo.made_up_export import (
    A,
    B,
    Tables,
    read_export,
    read_rows,
    run_import,
    snapshot,
    write_export,
)

SECRET = "Secret sentence: Adults who sleep  rough or are Rough\nSleepers, some of them care leavers."


def test_codes_stand_for_prose_which_is_not_copied(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.PROJECTS][0] |= {
        indigo.TARGET_POPULATION: SECRET,
        indigo.INTERVENTION: "A Housing First service, with a key worker each",
        indigo.MONTHS_PLANNED: "36",
        indigo.RETURN_TARGET: "0.110",
    }
    tables[indigo.INVESTMENTS][1][indigo.INVESTOR_RETURN_MOST] = "0.12"
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert [tuple(row.values()) for row in read_rows(raw / A / "service.csv")] == [
        ("target_group", "care_leavers", "", "indigo-2025-05", f"projects: {A}"),
        ("target_group", "rough_sleepers", "", "indigo-2025-05", f"projects: {A}"),
        ("intervention", "housing_first", "", "indigo-2025-05", f"projects: {A}"),
        ("intervention", "link_worker", "", "indigo-2025-05", f"projects: {A}"),
        ("months_planned", "", "36", "indigo-2025-05", f"projects: {A}"),
        ("return_target", "", "0.11", "indigo-2025-05", f"projects: {A}"),
        ("return_most", "", "0.12", "indigo-2025-05", f"investments: {A} #2"),
    ]
    assert not (raw / B / "service.csv").exists()
    assert "service: 7 in 1 contract" in plan.summary()
    assert not any(b"Secret" in content for content in snapshot(raw).values())


@pytest.mark.parametrize(
    ("given", "reason"),
    [("about 36", "not a plain number"), ("-1", "below 0"), ("0.08934794962406162", "too many digits")],
)
def test_what_is_no_plain_number_is_rejected(tmp_path: Path, tables: Tables, given: str, reason: str) -> None:
    tables[indigo.PROJECTS][1][indigo.MONTHS_LASTED] = given
    contract = read_export(write_export(tmp_path / "export", tables))[B]
    assert contract.service == []
    assert [(row["column"], row["reason"]) for row in contract.rejected] == [(indigo.MONTHS_LASTED, reason)]


def test_each_code_has_words_and_each_word_is_in_small_letters() -> None:
    for section, codes in (("target_groups", TARGET_GROUPS), ("interventions", INTERVENTIONS)):
        assert set(WORDS[section]) == set(codes)
        for code, words in WORDS[section].items():
            assert words
            for word in words:
                assert word == word.lower()
                assert code in codes_in(f"About {word.upper()}.", section)


def test_a_text_without_such_words_has_no_code() -> None:
    assert codes_in("", "target_groups") == codes_in("Everybody in town", "target_groups") == []
