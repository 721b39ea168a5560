"""``make mutants``: small faults are put into the code one at a time, to see which the tests find.

Two lists: a sample of ``DRAWN`` faults of ``SAMPLED``, drawn by a seed from all that ``candidates`` can make, and those
that are written in ``tools/mutants.toml``, each with the tests that should find it. Each is put into a copy of the
project, and a forked process in which the libraries are loaded already runs tests until one fails: for a drawn fault
those that reach its line, cheapest first, as ``tools/reached.py`` has noted them, as many as ``BUDGET_SECONDS`` allow.

    python -m tools.mutants                             # build/mutants/results.json
    python -m tools.mutants --compare before.json after.json

What it cannot see: a line that only another process reaches belongs to no test of the sample; and a fault that survives
may be found by a test beyond the budget, or change nothing that anybody could see.
"""

import argparse
import ast
import hashlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.shared import WHERE, Shared

SAMPLED = ("pipeline/method", "pipeline/claims", "pipeline/facts")
DRAWN, SEED = 200, "1"
WRITTEN = Path("tools/mutants.toml")
WORK = Path("build/mutants")
BUDGET_SECONDS = 40.0
# The tests of a fault that is written down take no longer.
WRITTEN_SECONDS = 120.0
# A fault may make a loop endless; then a test that does not end has found it.
PATIENCE_SECONDS, PATIENCE_FACTOR = 120.0, 6.0
# Tables of which no part of the method can change how they are made: the floors of ``pipeline`` see to it.
KEPT = {"pipeline/method": ("facts", "reference"), "pipeline/claims": ("facts", "reference")}
# Loaded once, before any process is forked: what takes long to load and knows nothing of the project.
LIBRARIES = (
    *("pandas", "pandera.pandas", "pyarrow.parquet", "pyarrow.compute", "scipy.stats", "hypothesis.strategies"),
    *("altair", "jinja2", "tomlkit", "duckdb", "ibis", "dagster", "pydantic", "xdist.plugin"),
)
# What is run to see which tests reach what.
MAPPED = ["-m", "not slow", *(f"tests/{name}" for name in ("common", "tables", "facts", "claims", "method"))]
MAPPED += ["tests/test_laws.py", "tests/test_bridge_laws.py"]
QUIET = (
    *("-q", "-x", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=line"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


# --- The faults -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """A fault: in a file, from one byte to another, one text in the place of another."""

    file: str
    line: int
    begin: int
    end: int
    old: str
    new: str
    kind: str
    # How many faults of the same text there are before it in the same function.
    within: str = ""
    tests: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """By which it is known again, also where lines before it have come or gone."""
        return f"{self.file}|{self.within}|{self.kind}|{self.old}|{self.new}"

    def put_into(self, source: bytes) -> bytes:
        """Return the text of its file with the fault."""
        return source[: self.begin] + self.new.encode() + source[self.end :]


COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
WORKED_OUT: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NAMED = {"min": "max", "max": "min", "any": "all", "all": "any", "first": "last", "last": "first"}
NAMED |= {"floor": "ceil", "ceil": "floor", "cumsum": "cumprod", "idxmax": "idxmin", "idxmin": "idxmax"}


def _compared(node: ast.Compare) -> Iterator[tuple[str, ast.expr]]:
    ops: list[ast.cmpop] = [COMPARED[type(op)]() for op in node.ops]
    for number, op in enumerate(ops):
        changed = [*node.ops[:number], op, *node.ops[number + 1 :]]
        yield "comparison", ast.Compare(node.left, changed, node.comparators)


def _worked_out(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    if type(node.op) in WORKED_OUT:
        yield "arithmetic", ast.BinOp(node.left, WORKED_OUT[type(node.op)](), node.right)


def _both_or_one(node: ast.BoolOp) -> Iterator[tuple[str, ast.expr]]:
    yield "and/or", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _turned(node: ast.UnaryOp) -> Iterator[tuple[str, ast.expr]]:
    yield "removed " + {ast.Not: "not", ast.Invert: "~", ast.USub: "-", ast.UAdd: "+"}[type(node.op)], node.operand


def _constant(node: ast.Constant) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield "constant", ast.Constant(node.value + 1)


def _called(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    for keyword in node.keywords:
        if keyword.arg:
            others = [other for other in node.keywords if other is not keyword]
            yield f"dropped {keyword.arg}=", ast.Call(node.func, node.args, others)
    if isinstance(node.func, ast.Attribute) and node.func.attr in NAMED:
        named: ast.expr = ast.Attribute(node.func.value, NAMED[node.func.attr], ast.Load())
        yield "name", ast.Call(named, node.args, node.keywords)
    elif isinstance(node.func, ast.Name) and node.func.id in NAMED:
        yield "name", ast.Call(ast.Name(NAMED[node.func.id], ast.Load()), node.args, node.keywords)


def _chosen(node: ast.IfExp) -> Iterator[tuple[str, ast.expr]]:
    yield "negated if", ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


FAULTS: dict[type[ast.AST], Callable[[Any], Iterator[tuple[str, ast.expr]]]] = {
    ast.Compare: _compared,
    ast.BinOp: _worked_out,
    ast.BoolOp: _both_or_one,
    ast.UnaryOp: _turned,
    ast.Constant: _constant,
    ast.Call: _called,
    ast.IfExp: _chosen,
}
# What is in them is no code that runs, or stands elsewhere than Python 3.11 says.
LEFT_OUT = {"annotation", "returns", "decorator_list", "type_comment"}


def _nodes(node: ast.AST, within: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Yield each node in which there may be a fault, with the name of its function."""
    for name, value in ast.iter_fields(node):
        if name in LEFT_OUT or _is_for_types(node):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                continue
            inside = within
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inside = f"{within}.{child.name}" if within else child.name
            yield inside, child
            yield from _nodes(child, inside)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _of(node: ast.AST) -> Iterator[tuple[str, ast.expr, str]]:
    """Yield the faults of a node: of which kind, which expression is changed, what into."""
    for of_type, make in FAULTS.items():
        if type(node) is of_type:
            for kind, new in make(node):
                yield kind, node, f"({ast.unparse(ast.fix_missing_locations(new))})"  # type: ignore[misc]
    if isinstance(node, ast.Return) and node.value and not _is_none(node.value):
        yield "returned", node.value, "None"
    if isinstance(node, ast.If | ast.While) and not _is_for_types(node):
        yield "negated if", node.test, f"(not ({ast.unparse(node.test)}))"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def candidates(source: str, file: str) -> list[Mutant]:
    """Return all faults that can be made in the text of a file."""
    begins = [0]
    for line in source.encode().splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    text, found, met = source.encode(), [], Counter[str]()
    for within, node in _nodes(ast.parse(source)):
        for kind, place, new in _of(node):
            assert place.end_lineno is not None
            assert place.end_col_offset is not None
            begin = begins[place.lineno - 1] + place.col_offset
            end = begins[place.end_lineno - 1] + place.end_col_offset
            old = text[begin:end].decode()
            name = f"{within}|{kind}|{old}|{new}"
            met[name] += 1
            found.append(Mutant(file, place.lineno, begin, end, old, new, kind, f"{within}#{met[name]}"))
    return found


def drawn(root: Path, number: int, seed: str) -> list[Mutant]:
    """Draw a sample of the faults of ``SAMPLED``: those whose hash with the seed is lowest.

    So a change of one module leaves the rest of the sample as it was.
    """
    files = sorted(path for folder in SAMPLED for path in (root / folder).rglob("*.py"))
    every = [
        mutant
        for path in files
        for mutant in candidates(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
    ]
    chosen = sorted(every, key=lambda mutant: hashlib.sha256(f"{seed}|{mutant.key}".encode()).digest())
    return sorted(chosen[:number], key=lambda mutant: (mutant.file, mutant.begin))


def written(root: Path, listed: Path) -> list[Mutant]:
    """Return the faults that are written down; ``ValueError`` names each that does not apply any more."""
    found, wrong = [], []
    for entry in tomllib.loads(listed.read_text(encoding="utf-8"))["mutant"]:
        source = (root / entry["file"]).read_bytes()
        old, tests = entry["old"].encode(), entry["tests"]
        missing = [test for test in tests if not (root / test.split("::")[0]).exists()]
        if source.count(old) != 1 or missing:
            wrong.append(f"{entry['file']}: {entry['old']!r} is there {source.count(old)} times{missing or ''}")
            continue
        begin = source.index(old)
        line = source[:begin].count(b"\n") + 1
        found.append(
            Mutant(
                entry["file"], line, begin, begin + len(old), entry["old"], entry["new"], "written", "", tuple(tests)
            )
        )
    if wrong:
        raise ValueError("\n".join(wrong))
    return found


# --- Which tests reach them -------------------------------------------------------------------------------------------


class Map:
    """Which tests reach which line, and how long they take."""

    def __init__(self, notes: Iterable[dict[str, Any]]) -> None:
        self.tests: dict[str, dict[str, Any]] = {}
        self.reached: dict[str, dict[str, set[int]]] = {}
        failed: set[str] = set()
        for note in notes:
            self.tests |= note["tests"]
            failed |= set(note["failed"])
            for file, contexts in note["reached"].items():
                lines = self.reached.setdefault(file, {})
                for name, reached in contexts.items():
                    lines.setdefault(name, set()).update(reached)
        for test in failed:
            self.tests.pop(test, None)

    def of(self, mutant: Mutant) -> list[str]:
        """Return the tests that reach its line; where it runs at loading, those that reach anything of its file."""
        contexts = self.reached.get(mutant.file, {})
        at_loading = mutant.line in contexts.get("", ())
        reaching = {name for name, lines in contexts.items() if at_loading or mutant.line in lines}
        own = f"test_{Path(mutant.file).stem}.py"
        return [
            test
            for test, noted in self.tests.items()
            if test in reaching
            or any(f"fixture {fixture}" in reaching for fixture in noted["fixtures"])
            or test.split("::")[0].endswith(f"/{own}")
        ]

    def within_budget(self, mutant: Mutant, seconds: float) -> list[str]:
        """Return the tests to run: the cheapest first, as many as take so many seconds together."""
        chosen, taken = [], 0.0
        for test in sorted(self.of(mutant), key=lambda test: (self.tests[test]["seconds"], test)):
            taken += self.tests[test]["seconds"]
            if taken > seconds:
                break
            chosen.append(test)
        return chosen

    def expected(self, tests: Iterable[str]) -> float:
        """Return how many seconds tests take, where that is known."""
        return sum(self.tests[test]["seconds"] for test in tests if test in self.tests)


def read_map(folder: Path) -> Map:
    """Read the notes of all processes of a session of tests."""
    return Map(json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json")))


def make_map(root: Path, into: Path, arguments: list[str]) -> None:
    """Run tests, and note which lines each reaches."""
    environment = {
        **os.environ,
        "PUBLICVALUE_REACHED_INTO": str(into),
        "PUBLICVALUE_REACHED_FOLDERS": ",".join(SAMPLED),
    }
    environment["PYTHONPATH"] = os.pathsep.join([str(root), str((WORK / "lib").resolve())])
    shutil.rmtree(into, ignore_errors=True)
    command = [sys.executable, "-P", "-m", "pytest", "-p", "tools.reached", *arguments]
    subprocess.run(command, env=environment, cwd=root, check=False)


# --- What they find ---------------------------------------------------------------------------------------------------


class Copy:
    """A copy of the project, into which one fault after the other is put."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder, self.number = folder, 0
        shutil.rmtree(folder, ignore_errors=True)
        files = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True).stdout
        for name in files.decode().split("\0"):
            if name and (root / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, folder / name)
        # Compiled once, so that a forked process compiles no more than the file with the fault.
        subprocess.run(
            [sys.executable, "-m", "compileall", "-q", "pipeline", "tests", "tools"], cwd=folder, check=False
        )

    @contextmanager
    def with_fault(self, mutant: Mutant | None) -> Iterator[None]:
        """Put a fault in, and take it out again."""
        if mutant is None:
            yield
            return
        path = self.folder / mutant.file
        before, times = path.read_bytes(), path.stat()
        self.number += 1
        path.write_bytes(mutant.put_into(before))
        # Python knows a compiled file by the second and size of its source: no two faults have the same.
        os.utime(path, (0, self.number))
        try:
            yield
        finally:
            path.write_bytes(before)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


class Forked:
    """Runs tests in the copy, each time in a process of their own in which the libraries are loaded."""

    def __init__(self, copy: Copy, kept: Path) -> None:
        self.copy, self.kept = copy, kept
        os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        os.environ |= {"DAGSTER_DISABLE_TELEMETRY": "1", "GX_ANALYTICS_ENABLED": "false"}
        for name in LIBRARIES:
            importlib.import_module(name)

    def run(self, tests: Iterable[str], kept: Iterable[str], patience: float, *options: str) -> tuple[int | None, str]:
        """Run tests; returns how pytest ended, None if it had to be ended, and what it printed."""
        said = self.kept.parent / "said.txt"
        shared = self.kept.parent / "shared"
        shutil.rmtree(shared, ignore_errors=True)
        shared.mkdir(parents=True)
        for name in kept:
            for path in self.kept.glob(f"{name}.pickle*"):
                shutil.copy2(path, shared)
        number = os.fork()
        if not number:
            self._in_the_fork([*QUIET, *options, *tests], said, shared)
        ended = self._waited_for(number, patience)
        with suppress(ProcessLookupError):
            os.killpg(number, signal.SIGKILL)
        if not self.kept.exists():
            shutil.copytree(shared, self.kept)
        Shared(shared).end()
        return ended, said.read_text(encoding="utf-8", errors="replace")

    def _in_the_fork(self, arguments: list[str], said: Path, shared: Path) -> None:
        status = 70
        try:
            os.setsid()
            into = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(into, 1)
            os.dup2(into, 2)
            os.chdir(self.copy.folder)
            for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "tools", "pipeline")]:
                del sys.modules[name]
            sys.path[:] = [str(self.copy.folder), *(path for path in sys.path if path != os.getcwd())]
            os.environ |= {"PYTHONPATH": str(self.copy.folder), WHERE: str(shared)}
            status = int(pytest.main(arguments))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    @staticmethod
    def _waited_for(number: int, patience: float) -> int | None:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            ended, status = os.waitpid(number, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.killpg(number, signal.SIGKILL)
        os.waitpid(number, 0)
        return None


def first_failed(said: str, tests: Iterable[str]) -> str:
    """Return which test has failed, from what pytest printed; empty if none is named. ``tests``: those it ran."""
    lines = [line.split(" ", 1)[1] for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if not lines:
        return ""
    known = [test for test in tests if f"{lines[0]} ".startswith(f"{test} ")]
    return max(known, key=len) if known else lines[0].rsplit(" - ", 1)[0]


def tried(mutant: Mutant, tests: list[str], forked: Forked, patience: float) -> dict[str, Any]:
    """Put a fault in, run tests and tell what came of it."""
    begin = time.perf_counter()
    kept = next((names for folder, names in KEPT.items() if mutant.file.startswith(folder)), ())
    with forked.copy.with_fault(mutant):
        status, said = forked.run(tests, kept, patience) if tests else (0, "")
    return {
        "key": mutant.key,
        "where": f"{mutant.file}:{mutant.line}",
        "kind": mutant.kind,
        "old": mutant.old,
        "new": mutant.new,
        "tests": len(tests),
        "caught": status != 0,
        "by": "does not end" if status is None else first_failed(said, tests),
        "seconds": round(time.perf_counter() - begin, 1),
    }


def compared(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[list[str], str]:
    """Return which faults were caught before and survive now, and a line about all."""
    now = {result["key"]: result for result in after}
    both = [(result, now[result["key"]]) for result in before if result["key"] in now]
    lost = [f"{then['where']} {then['old']!r} -> {then['new']!r}" for then, result in both if _lost(then, result)]
    caught = [sum(result["caught"] for result in results) for results in (before, after)]
    return lost, (
        f"before {caught[0]} of {len(before)} caught, after {caught[1]} of {len(after)}; "
        f"of the {len(both)} in both, {len(lost)} caught before survive now"
    )


def _lost(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return bool(before["caught"]) and not after["caught"]


# --- The command ------------------------------------------------------------------------------------------------------


def run(options: argparse.Namespace, root: Path) -> list[dict[str, Any]]:
    """Try all faults; returns what came of each."""
    work = (root / WORK).resolve()
    mutants = written(root, root / WRITTEN) if options.only != "drawn" else []
    mutants += drawn(root, options.number, options.seed) if options.only != "written" else []
    if options.caught_in:
        caught = {result["key"] for result in json.loads(options.caught_in.read_text("utf-8")) if result["caught"]}
        mutants = [mutant for mutant in mutants if mutant.key in caught]
    reached = read_map(options.map or work / "map")
    forked = Forked(Copy(root, work / "copy"), work / "kept")
    _without_fault(forked, reached)
    results: list[dict[str, Any]] = []
    for number, mutant in enumerate(mutants, 1):
        tests = list(mutant.tests) or reached.within_budget(mutant, options.budget)
        patience = PATIENCE_SECONDS + PATIENCE_FACTOR * (WRITTEN_SECONDS if mutant.tests else reached.expected(tests))
        result = tried(mutant, tests, forked, patience)
        results.append(result)
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        came = "caught" if result["caught"] else "SURVIVES"
        what = f"{result['where']} {result['old']!r:.60} -> {result['new']!r:.60}"
        print(f"{number}/{len(mutants)} {came} {result['seconds']} s {what} {result['by']}", flush=True)
    # A test that fails in the copy without any fault has found none: those that it seemed to find are tried without it.
    anyway = _fail_anyway({result["by"] for result in results if "::" in result["by"]}, forked)
    for number, mutant in enumerate(mutants):
        if results[number]["by"] in anyway and mutant.tests:
            results[number] |= {"caught": False, "by": f"{results[number]['by']}, which fails without it too"}
        elif results[number]["by"] in anyway:
            tests = [test for test in reached.within_budget(mutant, options.budget) if test not in anyway]
            results[number] = tried(mutant, tests, forked, PATIENCE_SECONDS + WRITTEN_SECONDS * PATIENCE_FACTOR)
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return results


def _without_fault(forked: Forked, reached: Map) -> None:
    """Run one test without any fault: it keeps the tables of ``KEPT``, and shows that tests pass in the copy."""
    with_facts = [test for test, noted in reached.tests.items() if {"facts", "reference"} <= {*noted["fixtures"]}]
    shutil.rmtree(forked.kept, ignore_errors=True)
    cheapest = min(with_facts, key=lambda test: float(reached.tests[test]["seconds"]))
    status, said = forked.run([cheapest], (), PATIENCE_SECONDS)
    if status:
        sys.exit(f"{cheapest} fails without any fault:\n{said}")


def _fail_anyway(tests: Iterable[str], forked: Forked) -> set[str]:
    """Return which tests fail in the copy without any fault."""
    found = sorted(tests)
    _, said = forked.run(found, (), PATIENCE_SECONDS * 30, "--maxfail=10000") if found else (0, "")
    lines = said.splitlines()
    return {test for test in found if any(line.startswith((f"FAILED {test}", f"ERROR {test}")) for line in lines)}


def main() -> None:
    """Note what tests reach, where that is not known yet, and try all faults; or compare what came of two times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--out", type=Path, default=WORK / "results.json")
    parser.add_argument("--only", choices=("drawn", "written"))
    parser.add_argument("--number", type=int, default=DRAWN, help="of faults to draw")
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--caught-in", type=Path, metavar="BEFORE", help="try no more than what was caught before")
    parser.add_argument("--budget", type=float, default=BUDGET_SECONDS, help="seconds of tests for one fault")
    parser.add_argument("--map", type=Path, help="a folder of notes by tools/reached.py, in place of a new one")
    options = parser.parse_args()
    if options.compare:
        lost, line = compared(*(json.loads(path.read_text(encoding="utf-8")) for path in options.compare))
        print("\n".join([*lost, line]))
        sys.exit(bool(lost))
    root = Path.cwd()
    options.out = options.out.resolve()
    if options.map is None and options.only != "written":
        make_map(root, (root / WORK / "map").resolve(), MAPPED)
    results = run(options, root)
    survive = [result for result in results if not result["caught"]]
    print(f"{len(results) - len(survive)} of {len(results)} caught; {options.out}")


if __name__ == "__main__":
    main()
