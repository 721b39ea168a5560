"""The version of the code is that of all code that decides figures."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pipeline
from pipeline.facts.versions import CODE_THAT_DECIDES

PACKAGE = Path(pipeline.__file__).parent
# How files are written, how long things take, and the one door to what is counted.
NO_FIGURES = {"writing", "timing", "load"}


def imported(path: Path) -> Iterator[str]:
    """Parts of this package that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pipeline."):
            yield node.module.split(".")[1]


def test_code_that_decides_figures_imports_only_code_that_does() -> None:
    modules = [PACKAGE / "load.py", *(path for name in CODE_THAT_DECIDES for path in (PACKAGE / name).rglob("*.py"))]
    names = {name for module in modules for name in imported(module)}
    assert names - NO_FIGURES == set(CODE_THAT_DECIDES)
