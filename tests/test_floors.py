"""The floors of the package: a module imports only from its own folder and from floors below."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

import pipeline

PACKAGE = Path(pipeline.__file__).parent
# From the ground up; what stands in one line knows nothing of the others in it.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("common",),
    ("tables",),
    ("facts",),
    ("claims",),
    ("method",),
    ("load",),
    ("checks", "importers", "report", "synthetic"),
    ("withdrawal",),
    ("orchestration",),
    ("cli",),
    ("__main__",),
)
# Rooms of one folder: no module of the first imports one of those that stand after it.
ROOMS = (
    ("method.steps", "method.valuation", "method.analysis"),
    ("report.charts", "report.pages"),
    ("report.text", "report.pages"),
    ("orchestration.server", "orchestration.assets"),
)
# Imports that the floors forbid and that are there nevertheless, each with its reason.
EXCEPTIONS: dict[tuple[str, str], str] = {}
WHAT_TO_DO = (
    "Move what both need to the lower floor, or hand it over as a parameter. The floors are in tests/test_floors.py, "
    "what belongs on each in docs/developing.md."
)


def name_of(path: Path, package: Path) -> str:
    """The name of a module within the package; that of a folder for its ``__init__``."""
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def modules_of(package: Path) -> dict[str, Path]:
    """Every module of the package but its own ``__init__``, which all stand on."""
    names = {name_of(path, package): path for path in package.rglob("*.py")}
    return {name: path for name, path in names.items() if name != "__init__"}


def imports_of(path: Path, modules: Mapping[str, Path], package: str = "pipeline") -> Iterator[str]:
    """The modules of the package that a module imports, wherever in it the import stands.

    A folder that is imported from counts as its ``__init__`` only where it is not one of its modules that is meant.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: an import by dots; name the package"
            source = f"{node.module}."
            named = [f"{source}{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            source, named = "", [alias.name for alias in node.names]
        else:
            continue
        for name in named:
            if name.startswith(f"{package}."):
                inner = name.removeprefix(f"{package}.")
                yield inner if inner in modules else inner.rpartition(".")[0] or inner


def arrows(package: Path) -> set[tuple[str, str]]:
    """Who imports whom, by names of modules."""
    modules = modules_of(package)
    return {(name, other) for name, path in modules.items() for other in imports_of(path, modules) if other != name}


def folder(name: str) -> str:
    return name.partition(".")[0]


def floor_of(name: str) -> int:
    found = [number for number, names in enumerate(FLOORS) if folder(name) in names]
    assert found, f"{folder(name)} stands on no floor. Give it one in FLOORS, and a row in docs/developing.md."
    return found[0]


def forbidden(package: Path) -> set[tuple[str, str]]:
    """Imports that lead to another folder on the same floor, or to one above."""
    return {
        (one, other)
        for one, other in arrows(package)
        if folder(one) != folder(other) and floor_of(other) >= floor_of(one)
    }


def circle(package: Path) -> list[str]:
    """Modules that import each other in a circle, the first again at the end; none if there are none."""
    graph: dict[str, set[str]] = {}
    folders = modules_of(package)
    for one, other in arrows(package):
        # Whoever imports a module has the folders run first in which it stands.
        parents = (other.rsplit(".", n)[0] for n in range(1, other.count(".") + 1))
        before = {parent for parent in parents if parent in folders and not f"{one}.".startswith(f"{parent}.")}
        graph.setdefault(one, set()).update({other, *before})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_imports_lead_down_the_floors() -> None:
    found = [f"{one} imports {other}" for one, other in sorted(forbidden(PACKAGE) - set(EXCEPTIONS))]
    assert not found, f"{'; '.join(found)}: that is no floor below. {WHAT_TO_DO}"


@pytest.mark.parametrize("rooms", ROOMS)
def test_imports_lead_down_the_rooms_of_a_folder(rooms: tuple[str, ...]) -> None:
    def room_of(name: str) -> int | None:
        return next((n for n, room in enumerate(rooms) if f"{name}.".startswith(f"{room}.")), None)

    found = [(room_of(one), room_of(other), one, other) for one, other in arrows(PACKAGE)]
    assert set(range(len(rooms))) <= {place for place, *_ in found}, "a room of ROOMS is gone"
    up = [f"{one} imports {other}" for a, b, one, other in found if a is not None and b is not None and b > a]
    assert not up, f"{'; '.join(up)}. {WHAT_TO_DO}"


def test_every_exception_is_still_needed() -> None:
    assert set(EXCEPTIONS) <= forbidden(PACKAGE), "an exception in tests/test_floors.py is no longer needed: delete it"


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not circle(PACKAGE), f"{' <- '.join(circle(PACKAGE))}. {WHAT_TO_DO}"


def test_a_circle_by_way_of_a_folder_is_found(tmp_path: Path) -> None:
    folder = {"report.pages.__init__": "from pipeline.report.pages.data import PAGE"}
    data = {"report.pages.data": "from pipeline.report.downloads import files"}
    frame = {"report.pages.frame": "", "report.downloads": "from pipeline.report.pages.frame import Site"}
    write({**folder, **data, **frame}, tmp_path)
    assert circle(tmp_path)


def test_every_floor_is_there() -> None:
    assert {folder(name) for name in modules_of(PACKAGE)} == {name for names in FLOORS for name in names}


@pytest.mark.parametrize(
    ("modules", "not_allowed"),
    [
        ({"method.value": "from pipeline.tables.units import is_time"}, False),
        ({"method.value": "from pipeline.method.sums import total"}, False),
        ({"tables.units": "from pipeline.method.value import worth"}, True),
        ({"tables.units": "import pipeline.method.value"}, True),
        ({"tables.units": "from pipeline import method"}, True),
        ({"tables.units": "def late():\n    from pipeline.load import load"}, True),
        ({"report.pages": "from pipeline.checks.suites import suites"}, True),
    ],
)
def test_an_import_that_leads_up_or_across_is_found(
    tmp_path: Path, modules: Mapping[str, str], not_allowed: bool
) -> None:
    write({"method.__init__": "", **modules}, tmp_path)
    assert bool(forbidden(tmp_path)) == not_allowed


def test_a_circle_is_found(tmp_path: Path) -> None:
    write({f"method.{a}": f"from pipeline.method.{b} import x" for a, b in pairwise("abcda")}, tmp_path)
    assert set(circle(tmp_path)) == {"method.a", "method.b", "method.c", "method.d"}


def write(modules: Mapping[str, str], package: Path) -> None:
    for name, code in modules.items():
        path = package / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")


def imported_at_once(tree: ast.Module) -> Iterator[str]:
    """What a module imports as soon as it is loaded: what stands in a function or is for types only does not count."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_pandera_is_imported_where_it_is_told_how_text_is_kept() -> None:
    """Before ``pipeline.tables`` it would take text into Arrow, and what is published would be of other types."""
    elsewhere = {
        name
        for name, path in modules_of(PACKAGE).items()
        for imported in imported_at_once(ast.parse(path.read_text(encoding="utf-8")))
        if imported.split(".")[0] == "pandera" and name.split(".")[0] != "tables"
    }
    assert elsewhere == set(), "Take what is needed of Pandera from pipeline.tables.of_pandera."
