"""Every link of README and docs to a file, or to a heading of one, leads somewhere."""

import os
import re
from pathlib import Path

import pytest

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def texts(root: Path) -> list[Path]:
    return [*root.glob("*.md"), *(root / "docs").glob("*.md")]


def anchors(path: Path) -> set[str]:
    """The names of headings, as they are made where Markdown is shown: small letters, hyphens for blanks."""
    words = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in HEADING.findall(path.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", name.strip().lower()).replace(" ", "-") for name in words}


def dead(path: Path) -> list[str]:
    """The links of a text that lead nowhere; addresses of the web are not tried."""
    found = []
    for link in LINK.findall(path.read_text("utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = Path(os.path.normpath(path.parent / name)) if name else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            found.append(link)
    return found


def test_every_link_leads_somewhere(project_root: Path) -> None:
    assert len(texts(project_root)) > 8
    assert {path.name: dead(path) for path in texts(project_root) if dead(path)} == {}


@pytest.mark.parametrize(("link", "is_dead"), [("a.md#two-words", False), ("a.md#three", True), ("b.md", True)])
def test_a_dead_link_is_found(tmp_path: Path, link: str, is_dead: bool) -> None:
    (tmp_path / "a.md").write_text(f"## Two *words*\n\n[there]({link})", encoding="utf-8")
    assert dead(tmp_path / "a.md") == ([link] if is_dead else [])
