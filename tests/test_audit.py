"""Every finding of the audit of 2026 has an answer in docs/assumptions.md, with its reason and its effect."""

import re
from pathlib import Path

import pytest

from pipeline.facts.reference import Reference

# The findings of the audit by their codes, and what it says of reasons and payments.
CODES = [*(f"G{number}" for number in range(1, 13)), *(f"T{number}" for number in range(1, 9))]
SUBJECTS = {
    "wellbeing scales": "V4",
    "loneliness (0119)": "V5",
    "attendance (0168)": "V7",
    "attendance (0198)": "V7",
    "left residential care (0181)": "V1",
    "rough sleeping episodes (0148)": "V2",
    "A&E (0167)": "V3",
    "carers, domestic abuse, alcohol, mental health": "V8",
    "volunteering, work experience": "V6",
    "Home Group (0135)": "P1",
    "Manchester (0154)": "P2",
    "maxima of the lottery (0151, 0161)": "P3",
}
BESIDE = (
    "T9",
    "Skill Mill (0195)",
    "Outside check of Norfolk and Suffolk",
    "net cost of what replaces a service",
    "0143",
    "cashability",
    "marginal value of public funds",
    "weights for income",
)
ANSWERS = ("taken", "refused")


@pytest.fixture(scope="module")
def section(project_root: Path) -> str:
    text = (project_root / "docs" / "assumptions.md").read_text(encoding="utf-8")
    return text.split("\n## Audit of 2026\n")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def rows(section: str) -> dict[str, list[str]]:
    """The cells of each row of the table, by code."""
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:2] == "| "]
    return {cells[0]: cells for cells in found if re.fullmatch(r"[A-Z][0-9]+[a-z]?", cells[0])}


@pytest.mark.parametrize("code", [*CODES, *dict.fromkeys(SUBJECTS.values())])
def test_each_finding_is_taken_or_refused_with_a_reason_and_an_effect(code: str, rows: dict[str, list[str]]) -> None:
    _, found, answer, reason, *effects = rows[code]
    assert found
    assert answer.startswith(ANSWERS)
    assert len(reason) > 60
    assert len(effects) == 4
    assert all(re.match(r"–$|[+−]?\d+\.\d\d \(", effect) for effect in effects), effects


@pytest.mark.parametrize("subject", BESIDE)
def test_what_moves_nothing_is_answered_beside_the_table(subject: str, section: str) -> None:
    below = section.split("Beside these:")[1]
    (line,) = [item for item in below.split("\n- ") if subject in item]
    assert re.search(r"[Tt]aken|[Rr]efused|[Nn]o change", line)


def test_the_sources_that_it_names_are_registered(rows: dict[str, list[str]], reference: Reference) -> None:
    cited = {name for cells in rows.values() for name in re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", cells[3])} - set(
        reference.editions
    )
    assert len(cited) > 40
    assert cited <= set(reference.sources["source_id"])


def test_the_table_of_the_changelog_has_the_same_steps(project_root: Path, rows: dict[str, list[str]]) -> None:
    lines = (project_root / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    steps = [found[1] for line in lines if (found := re.match(r"\| ([A-Z][0-9]+[a-z]?) \| ", line))]
    assert steps == list(rows)
