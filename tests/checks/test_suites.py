"""All suites: what holds for each of them, and that the project passes them."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.checks.suite import Check
from pipeline.checks.suites import SUITE_OF, SUITES
from pipeline.facts.reference import Reference
from tests.checks.faults import Seen, not_passed, outcomes
from tests.conftest import EDITIONS


def test_names_of_checks_are_their_own_and_fit_dagster() -> None:
    names = [check.name for suite in SUITES for check in suite.checks]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


def test_each_asset_has_one_suite() -> None:
    assert len(SUITE_OF) == len(SUITES)


@pytest.mark.parametrize("check", [check for suite in SUITES for check in suite.checks], ids=lambda check: check.name)
def test_only_a_check_against_the_last_edition_says_why_there_may_be_nothing_to_compare(check: Check) -> None:
    assert bool(check.when_none) == check.is_against_last


def test_what_a_check_expects_is_not_worked_out_by_the_method(project_root: Path) -> None:
    imported = [
        name
        for path in (project_root / "pipeline/checks").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [])
    ]
    assert "pipeline.facts.price_lists" in imported
    assert [name for name in imported if name.startswith("pipeline.method")] == []


def test_great_expectations_is_imported_by_nobody_who_only_needs_the_checks() -> None:
    code = "import sys; from pipeline.checks import suites, validation; print('great_expectations' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_project_passes_every_check(seen_again: Seen, reference: Reference, edition_id: str) -> None:
    came_out = outcomes(seen_again(edition_id), reference.editions[edition_id])
    nothing = ("new_contracts_like_others", "no_contract_carries_the_move", "every_move_has_a_cause")
    assert not_passed(came_out) == {"ladders_fall": "warned", **dict.fromkeys(nothing, "nothing to compare")}


def test_the_docs_name_every_suite_and_what_it_guards(project_root: Path) -> None:
    page = (project_root / "docs/checks.md").read_text(encoding="utf-8")
    assert [suite.name for suite in SUITES if f"| {suite.name} | {suite.guards} |" not in page] == []
