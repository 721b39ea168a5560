"""Faults that are put into the code: what is drawn is the same every time and can be read, what is written applies."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.mutants import SAMPLED, WRITTEN, Map, Mutant, candidates, compared, drawn, first_failed, written

SOURCE = '''"""Text."""
def paid(amounts: "list[int] | None", top: int = 3) -> bool:
    if not amounts:
        return None
    share = f"{top + 1} é" + str(sum(amounts, start=0))
    return len(share) > top and max(amounts) != -1
'''


def faults(source: str) -> list[str]:
    text = source.encode()
    return [m.put_into(text).decode().splitlines()[m.line - 1].strip() for m in candidates(source, "paid.py")]


def test_each_fault_changes_one_thing_of_what_runs() -> None:
    found = faults(SOURCE)
    assert found == [
        'def paid(amounts: "list[int] | None", top: int = (4)) -> bool:',
        "if (not (not amounts)):",
        "if (amounts):",
        "share = (f'{top + 1} é' - str(sum(amounts, start=0)))",
        'share = f"{top + 1} é" + str((sum(amounts)))',
        'share = f"{top + 1} é" + str(sum(amounts, start=(1)))',
        "return None",
        "return (len(share) > top or max(amounts) != -1)",
        "return (len(share) >= top) and max(amounts) != -1",
        "return len(share) > top and (max(amounts) == -1)",
        "return len(share) > top and (min(amounts)) != -1",
        "return len(share) > top and max(amounts) != (1)",
        "return len(share) > top and max(amounts) != -(2)",
    ]


def test_a_sample_is_the_same_each_time_and_another_module_leaves_the_rest_of_it_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / SAMPLED[0]
    folder.mkdir(parents=True)
    (folder / "one.py").write_text(SOURCE, encoding="utf-8")
    sample = drawn(tmp_path, 6, "1")
    assert sample == drawn(tmp_path, 6, "1") != drawn(tmp_path, 6, "2")
    (folder / "other.py").write_text(SOURCE, encoding="utf-8")
    of_one = {mutant for mutant in drawn(tmp_path, 12, "1") if mutant.file.endswith("one.py")}
    assert of_one <= {*sample} or of_one >= {*sample}


def test_every_fault_that_is_drawn_is_python(project_root: Path) -> None:
    sample = drawn(project_root, 200, "1")
    assert {mutant.file.rsplit("/", 1)[0].split("/")[1] for mutant in sample} == {Path(f).name for f in SAMPLED}
    assert len({mutant.key for mutant in sample}) == 200
    for mutant in sample:
        source = (project_root / mutant.file).read_bytes()
        assert ast.dump(ast.parse(mutant.put_into(source))) != ast.dump(ast.parse(source))


def test_what_is_written_applies(project_root: Path, tmp_path: Path) -> None:
    faults = written(project_root, project_root / WRITTEN)
    assert len({mutant.key for mutant in faults}) == 40
    for mutant in faults:
        ast.parse(mutant.put_into((project_root / mutant.file).read_bytes()))
    listed = tmp_path / "mutants.toml"
    listed.write_text(
        '[[mutant]]\nfile = "pipeline/cli.py"\nold = "nowhere"\nnew = ""\ntests = ["tests/test_cli.py"]\n',
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match=r"pipeline/cli.py: 'nowhere' is there 0 times"):
        written(project_root, listed)


def test_a_test_reaches_what_its_fixtures_reach_the_cheapest_first() -> None:
    def noted(seconds: float, *fixtures: str) -> dict[str, Any]:
        return {"seconds": seconds, "fixtures": [*fixtures]}

    tests = {
        "t.py::dear": noted(9.0),
        "t.py::by_fixture": noted(2.0, "facts"),
        "t.py::cheap": noted(1.0),
        "t.py::other": noted(0.1),
        "t.py::red": noted(0.1),
        "t/test_m.py::own": noted(3.0),
    }
    lines = {"": [1], "t.py::dear": [3], "fixture facts": [3], "t.py::cheap": [3], "t.py::other": [4], "t.py::red": [3]}
    reached = Map([{"tests": tests, "failed": ["t.py::red"], "reached": {"pipeline/m.py": lines}}])

    def at(line: int) -> Mutant:
        return Mutant("pipeline/m.py", line, 0, 0, "", "", "")

    assert reached.within_budget(at(3), 7.0) == ["t.py::cheap", "t.py::by_fixture", "t/test_m.py::own"]
    assert reached.within_budget(at(3), 70.0)[-1] == "t.py::dear"
    # What runs when the module is loaded is reached by all that reach anything of it.
    assert "t.py::other" in reached.within_budget(at(1), 70.0)
    assert "t.py::other" not in reached.within_budget(at(3), 70.0)


def test_what_was_found_before_and_is_not_now_is_named() -> None:
    def results(*caught: bool) -> Iterator[dict[str, Any]]:
        for number, is_caught in enumerate(caught):
            yield {"key": str(number), "caught": is_caught, "where": f"m.py:{number}", "old": "a", "new": "b"}

    lost, line = compared([*results(True, True, False)], [*results(True, False, True, True)])
    assert lost == ["m.py:1 'a' -> 'b'"]
    assert line.startswith("before 2 of 3 caught, after 3 of 4; of the 3 in both, 1 caught before survive")


def test_the_first_test_that_failed_is_named() -> None:
    said = "..F\n/x/t.py:3: assert 1 == 2\nFAILED t.py::test_a[b - c] - assert 1 == 2\n1 failed, 2 passed in 0.1s\n"
    assert first_failed(said, ["t.py::test_a", "t.py::test_a[b - c]"]) == "t.py::test_a[b - c]"
    assert first_failed(said, ["t.py"]) == "t.py::test_a[b - c]"
    assert first_failed("no summary", []) == ""
