"""Whatever happens to the files of a project, a command says each thing wrong in a line, and never in a traceback.

The damages are those of ``damages``, on the small project; ``make damage`` does all of them, ``make test`` a sample.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.damage import damages

Run = Callable[..., tuple[int, str, str]]
SMALL = Path(__file__).parent.parent / "small_project"
# How many damages there are in all, and in how many processes of their own; a tenth of what is left whole is run.
DAMAGES = int(os.environ.get("PUBLICVALUE_DAMAGES", "100"))
IN_PROCESSES = DAMAGES // 40
RUN_EACH = 10
RUN = ("run", "--draws", "100")


@pytest.fixture
def damaged_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], tuple[str, str]]:
    """Lay the small project anew, damaged by a seed, as the current folder."""

    def lay(seed: int) -> tuple[str, str]:
        folder = tmp_path / "project"
        monkeypatch.chdir(tmp_path)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(SMALL, folder)
        monkeypatch.chdir(folder)
        return damages.damaged(folder, seed)

    return lay


def said_well(status: int, out: str, err: str, what: str) -> None:
    """A status that a user can act on, and a line for each thing wrong."""
    assert status in (0, 1, 2), f"{what}\n{out}\n{err}"
    assert "Traceback" not in err, what
    assert "fault in the program" not in err, what
    assert all(character.isprintable() or character == "\n" for character in err), what
    if status == 1:
        *lines, last = err.splitlines()
        assert last.endswith("nothing was published."), what
        assert lines, what
        assert all(len(line) < 2_000 for line in lines), what


@dataclass
class Checked:
    """What ``check`` answered to a damaged project."""

    seed: int
    kinds: str
    what: str
    said: tuple[int, str, str]


@pytest.fixture(scope="module")
def checked_before() -> list[Checked]:
    """What ``check`` answered to each damage, for the tests that look at it; at first nothing."""
    return []


@pytest.fixture
def checked(
    checked_before: list[Checked],
    damaged_project: Callable[[int], tuple[str, str]],
    publicvalue: Run,
    known_tables: None,
    checks_ready: None,
) -> list[Checked]:
    """Each damage, checked once."""
    for seed in range(len(checked_before), DAMAGES):
        kinds, what = damaged_project(seed)
        checked_before.append(Checked(seed, kinds, what, publicvalue("check")))
    return checked_before


def test_no_damage_ends_in_a_fault_of_ours(
    checked: list[Checked],
    damaged_project: Callable[[int], tuple[str, str]],
    publicvalue: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What ``check`` lets pass can be run: a tenth of it is, and what it did to the figures is listed by kind."""
    for each in checked:
        said_well(*each.said, f"seed {each.seed}, {each.kinds}: {each.what}")
    damaged_project(-1)
    shutil.copytree(SMALL, ".", dirs_exist_ok=True)
    whole = _headline(publicvalue, "undamaged")
    passed = [each.seed for each in checked if each.said[0] == 0]
    moved: Counter[str] = Counter()
    lines = []
    for seed in passed[::RUN_EACH]:
        kinds, what = damaged_project(seed)
        figures = _headline(publicvalue, f"seed {seed}, {kinds}: {what}")
        if figures != whole:
            moved[kinds] += 1
            lines.append(f"  seed {seed}, {kinds}: {what}: {whole} -> {figures}")
    with capsys.disabled():
        print(f"\n{DAMAGES} damages: {len(passed)} passed the check, {len(passed[::RUN_EACH])} of them were run,")
        print(f"{moved.total()} moved a figure: {dict(moved)}", *lines, sep="\n")


def _headline(publicvalue: Run, what: str) -> tuple[Any, ...]:
    status, out, err = publicvalue(*RUN)
    assert status == 0, f"{what}\n{out}\n{err}"
    headlines = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path("reports").glob("*/headline.json"))
    ]
    return tuple((each["bcr"], each["public_value_gbp"], each["outcome_payments_gbp"]) for each in headlines)


def test_no_damage_ends_in_a_traceback_of_a_process(damaged_project: Callable[[int], tuple[str, str]]) -> None:
    for seed in range(DAMAGES, DAMAGES + IN_PROCESSES):
        kinds, what = damaged_project(seed)
        command = [sys.executable, "-P", "-m", "pipeline", "check"]
        done = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", check=False)
        said_well(done.returncode, done.stdout, done.stderr, f"seed {seed}, {kinds}: {what}")


def test_the_same_seed_does_the_same_damage(damaged_project: Callable[[int], tuple[str, str]]) -> None:
    assert [damaged_project(seed) for seed in range(20)] == [damaged_project(seed) for seed in range(20)]


def test_each_kind_of_damage_is_done(checked: list[Checked]) -> None:
    done = {kind for each in checked for kind in each.kinds.split(" + ")}
    assert done >= set(damages.DAMAGES)


def test_damage_to_the_sound_project_is_seen(checked: list[Checked]) -> None:
    """The test itself can fail: most damages are refused, and some leave the project whole."""
    statuses = Counter(each.said[0] for each in checked[:40])
    assert statuses[1] > statuses[0] > 0
