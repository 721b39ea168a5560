"""The version of the code is that of what it does, over all code that decides figures."""

import ast
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline.facts.versions import CODE_THAT_DECIDES, code_version, folder_version, meaning

PACKAGE = Path(pipeline.__file__).parent
# How files are written, and how long things take.
NO_FIGURES = {"common"}


def imported(path: Path) -> Iterator[str]:
    """Modules of this package that a module imports, as parts of their names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pipeline."):
            yield node.module.removeprefix("pipeline.")
            yield from (f"{node.module}.{alias.name}".removeprefix("pipeline.") for alias in node.names)


def test_code_that_decides_figures_imports_only_code_that_does() -> None:
    deciding = {Path(name).stem for name in CODE_THAT_DECIDES}
    found = [path for name in deciding for path in [PACKAGE / f"{name}.py", *(PACKAGE / name).rglob("*.py")]]
    names = {name for path in found if path.exists() for name in imported(path)}
    assert {name.split(".")[0] for name in names} - NO_FIGURES <= deciding


@pytest.mark.parametrize(
    ("code", "is_the_same"),
    [
        (b'"""Other words."""\n\nRATE = 2  # as the guidance has it\n\n\ndef f() -> int:\n    return RATE\n', True),
        (b'"""Words."""\nRATE = (2)\ndef f() -> int:\n    """What it is."""\n    return RATE\n', True),
        (b'"""Words."""\nRATE = 3\ndef f() -> int:\n    return RATE\n', False),
        (b'"""Words."""\nRATE = "2"\ndef f() -> int:\n    return RATE\n', False),
    ],
)
def test_only_what_code_does_counts(code: bytes, is_the_same: bool) -> None:
    plain = b'"""Words."""\nRATE = 2\n\n\ndef f() -> int:\n    return RATE\n'
    assert (meaning(code) == meaning(plain)) == is_the_same


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package whose version is asked for."""
    copy = tmp_path / "pipeline"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(pipeline, "__file__", str(copy / "__init__.py"))
    return copy


def appended(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "change", "moves"),
    [
        ("method/steps/value.py", appended("\n# A remark.\n"), False),
        ("method/steps/value.py", appended("\nRATE = 2\n"), True),
        ("method/steps_of_tomorrow.py", lambda path: path.write_text("RATE = 2\n"), True),
        ("method/steps/value.py", Path.unlink, True),
        ("load.py", appended("\nRATE = 2\n"), True),
        ("importers/merge.py", appended("\nRATE = 2\n"), False),
        ("importers/indigo/contracts.py", appended("\nRATE = 2\n"), False),
        ("synthetic/claims.py", appended("\nRATE = 2\n"), False),
        ("report/text/headline.py", appended("\nRATE = 2\n"), False),
    ],
)
def test_the_version_moves_with_what_decides_figures(
    package: Path, name: str, change: Callable[[Path], object], moves: bool
) -> None:
    before = code_version()
    change(package / name)
    assert (code_version() != before) == moves


def test_what_lies_behind_a_link_within_the_folder_counts_and_nothing_outside(tmp_path: Path) -> None:
    raw, outside = tmp_path / "raw", tmp_path / "outside"
    for folder in (raw / ".real", outside):
        folder.mkdir(parents=True)
        (folder / "outcomes.csv").write_text("a", encoding="utf-8")
    without = folder_version(raw)
    (raw / "C-2").symlink_to(outside)
    (raw / "round").symlink_to(raw)
    assert folder_version(raw) == without
    (raw / "C-1").symlink_to(raw / ".real")
    linked = folder_version(raw)
    assert linked != without
    (raw / ".real/outcomes.csv").write_text("b", encoding="utf-8")
    assert folder_version(raw) not in (linked, without)
    (raw / ".real/back").symlink_to(raw)
    folder_version(raw)  # comes to an end
