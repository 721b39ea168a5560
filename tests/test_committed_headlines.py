"""The committed headlines and the README are what the software prints today.

They are goldens: they change only by ``make report``, which prints every figure that moved.
"""

import json
import sys
from pathlib import Path

import pytest

from pipeline.cli import headline_text, main
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.published import published_tables
from pipeline.method.valuation import value_edition
from pipeline.report.headline import as_json, as_markdown, headline

EDITIONS = ("atq-2022", "atq-2024", "open-2026")


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_committed_headline_is_what_a_run_gives(
    edition_id: str, facts: RawFacts, reference: Reference, project_root: Path
) -> None:
    edition = reference.editions[edition_id]
    tables = published_tables(facts, reference, value_edition(facts, reference, edition))
    data = headline(tables, edition)
    folder = project_root / "reports" / edition_id
    hint = "run `make report`, look at what moved, and commit reports/ with the reason"
    assert (folder / "headline.json").read_text(encoding="utf-8") == as_json(data), hint
    assert (folder / "headline.md").read_text(encoding="utf-8") == as_markdown(tables, edition, data), hint


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_readme_shows_the_committed_headline(edition_id: str, project_root: Path) -> None:
    data = json.loads((project_root / "reports" / edition_id / "headline.json").read_text(encoding="utf-8"))
    readme = (project_root / "README.md").read_text(encoding="utf-8")
    assert headline_text(edition_id, data, Path("reports")) in readme


def test_readme_says_what_the_headlines_say(project_root: Path, reference: Reference) -> None:
    readme = (project_root / "README.md").read_text(encoding="utf-8")
    own = json.loads((project_root / "reports" / "open-2026" / "headline.json").read_text(encoding="utf-8"))
    ratios = [option["bcr"] for choice in own["by_choice"].values() for option in choice.values()]
    assert f"moves between {min(ratios):.2f} and {max(ratios):.2f}" in readme
    spread = own["scenarios"]["bcr"]
    said = f"all {own['scenarios']['combinations']} combinations of such choices it lies between "
    assert f"{said}{spread['lowest']:.2f} and {spread['highest']:.2f}, and above 1 in " in readme
    assert f"above 1 in {spread['share_above_1']:.0%} of them" in readme
    assert (
        f"Five contracts carry {own['concentration']['contract']['top_five_share']:.0%} of its public value" in readme
    )
    sure = own["uncertainty"]["bcr"]
    assert f"stands in the middle of its range, £{sure['p10']:.2f} to £{sure['p90']:.2f}" in readme
    assert sure["p10"] < own["bcr"] < sure["p90"]
    ages = own["evidence_age"]["shares"]
    assert f"{ages['recent']:.0%} of that value rests on unit costs whose data are of 2015-16 or later" in readme
    parts = own["robustness"]
    before, without_weak = parts["contracts of the superseded edition"], parts["without weak unit costs"]
    assert (
        f"For the {before['contracts']} contracts that the edition before it had, the ratio is £{before['bcr']:.2f}"
        in readme
    )
    assert f"without values graded weak it is £{without_weak['bcr']:.2f}" in readme
    published = reference.published_figures.set_index("figure_id")["value"]["study_2024_outcome_payments_gbp_market"]
    latest = json.loads((project_root / "reports" / "atq-2024" / "headline.json").read_text(encoding="utf-8"))
    assert f"{latest['outcome_payments_gbp'] / published:.0%} are public" in readme


def test_readme_shows_what_explain_prints(
    project_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project_root)
    monkeypatch.setattr(sys, "argv", ["publicvalue", "explain", "INDIGO-POJ-0178"])
    main()
    assert capsys.readouterr().out.rstrip() in (project_root / "README.md").read_text(encoding="utf-8")
