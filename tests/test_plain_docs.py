"""README and docs are in plain English: none of the turns that made them read like a translation.

What is quoted is left out: code, what a program prints, words in quotation marks, and tables between
``<!-- quoted -->`` and ``<!-- end of quoted -->``, whose words the program has too.
"""

import re
from pathlib import Path

import pytest

from tests.report.plain_english import faults_of

# Written by a program with words of its own, about pictures, or kept as they were written.
LEFT_OUT = {"graph.md", "questions-to-the-authors.md", "tour.md", "CHANGELOG.md", "NOTICE.md"}
QUOTED = (
    r"^ *```.*?^ *```$",
    r"<!-- quoted -->.*?<!-- end of quoted -->",
    r"<!--.*?-->",
    r"^    .*?$",
)
IN_A_LINE = (r"`[^`]*`", r'"[^"]*"', r"“[^”]*”")
BEGINS_ANOTHER = r"\n\s*\n|\n(?=\s*(?:[-*] |\d+\. |#|\|))"


def words_of(markdown: str) -> list[str]:
    """The texts that are ours: each paragraph, point, heading and cell of a table is one."""
    for pattern in QUOTED:
        markdown = re.sub(pattern, "\n\n", markdown, flags=re.MULTILINE | re.DOTALL)
    markdown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    for pattern in IN_A_LINE:
        markdown = re.sub(pattern, "X", markdown)
    blocks = [block.strip() for block in re.split(BEGINS_ANOTHER, markdown.replace("*", ""))]
    cells = [block.split("|") if block.startswith("|") else [block] for block in blocks]
    return [text.strip() for of_block in cells for text in of_block if text.strip("-: ")]


def documents(root: Path) -> list[Path]:
    return [path for path in (*root.glob("*.md"), *(root / "docs").glob("*.md")) if path.name not in LEFT_OUT]


def test_readme_and_docs_are_in_plain_english(project_root: Path) -> None:
    assert len(documents(project_root)) > 10
    found = {
        path.name: [fault for text in words_of(path.read_text("utf-8")) for fault in faults_of(text)]
        for path in documents(project_root)
    }
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "markdown",
    ["# Where it stands", "- A list\n- Value is held against payments", "| a |\n|---|\n| rests on a study |"],
)
def test_a_turn_is_found_wherever_it_is(markdown: str) -> None:
    assert [fault for text in words_of(markdown) for fault in faults_of(text)]


@pytest.mark.parametrize(
    "markdown",
    [
        "```\nrests on\n```",
        "as `rests on` says",
        '"rests on" is quoted',
        "<!-- quoted -->\n| rests on |\n<!-- end of quoted -->",
        "[rests](rests on)",
    ],
)
def test_what_is_quoted_is_left_out(markdown: str) -> None:
    assert [fault for text in words_of(markdown) for fault in faults_of(text)] == []
