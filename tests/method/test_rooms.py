"""The rooms of the method: steps know of no valuation, and neither they nor the valuation of any analysis."""

import ast
from pathlib import Path

import pytest


def imported(path: Path) -> set[str]:
    """The modules from which a module imports, whole names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    # ``from pipeline.method import valuation`` imports a module too.
    return {*plain, *(f"{node.module}.{alias.name}" for node in froms for alias in node.names)}


@pytest.mark.parametrize(
    ("room", "above"),
    [("steps/*.py", ("valuation", "analysis")), ("valuation.py", ("analysis",))],
)
def test_no_arrow_runs_back_up(project_root: Path, room: str, above: tuple[str, ...]) -> None:
    modules = list((project_root / "pipeline" / "method").glob(room))
    assert modules
    refused = tuple(f"pipeline.method.{name}." for name in above)
    back = {path.name: [name for name in imported(path) if f"{name}.".startswith(refused)] for path in modules}
    assert not any(back.values()), back
