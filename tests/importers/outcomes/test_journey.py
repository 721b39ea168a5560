"""The whole way of a stranger: a template, filled in, imported, mapped and published, with nothing else by hand."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.importers.outcomes.filled import FIRST, MAPPED, RESULTS, fill
from tests.small_market import lay_out

Run = Callable[..., tuple[int, str, str]]


def test_new_contract_writes_a_folder_with_the_template_and_names_what_is_optional(
    small_project: Path, publicvalue: Run
) -> None:
    status, out, err = publicvalue("new-contract", "NORTH-1")
    assert (status, err) == (0, "")
    first, *lines, last = out.splitlines()
    assert first == (
        "new-contracts/NORTH-1/NORTH-1.xlsx: sheets contract, results, payments, outcome types, allowed words"
    )
    assert "  results, optional: period start, period end, is net of deadweight, outcome type" in lines
    assert "  outcome types: 3, offered by name in the results" in lines
    assert last == "Next: fill it in, then run publicvalue import outcomes new-contracts/NORTH-1/NORTH-1.xlsx"
    assert [path.name for path in (small_project / "new-contracts/NORTH-1").iterdir()] == ["NORTH-1.xlsx"]
    # A folder without its contract would stop every run; it comes with the import.
    assert not (small_project / "raw/NORTH-1").exists()
    assert publicvalue("check")[0] == 0


def test_a_template_that_may_be_filled_in_is_not_written_over(small_project: Path, publicvalue: Run) -> None:
    publicvalue("new-contract", "NORTH-1")
    path = fill(small_project / "new-contracts/NORTH-1/NORTH-1.xlsx")
    before = path.read_bytes()
    status, out, err = publicvalue("new-contract", "NORTH-1")
    assert (status, out) == (2, "")
    assert err.endswith("already exists and may be filled in: move it, or name another folder with --out\n")
    assert path.read_bytes() == before


@pytest.mark.parametrize("contract_id", ["", "north-1", "../X", "A/B", "A" * 101, "\x1b[31m", "é", "\u200b"])
def test_an_id_that_no_contract_has_is_wrong_use(small_project: Path, publicvalue: Run, contract_id: str) -> None:
    status, out, err = publicvalue("new-contract", "--", contract_id)
    assert (status, out) == (2, "")
    assert "cannot be the id of a contract, expected an id of capital letters, digits and hyphens" in err
    assert err.splitlines()[-1].isprintable()
    assert not (small_project / "new-contracts").exists()


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    small_project: Path, publicvalue: Run, filled: Path
) -> None:
    before = {path: path.read_bytes() for path in small_project.rglob("*") if path.is_file()}
    status, out, err = publicvalue("import", "outcomes", str(filled), "--dry-run")
    assert (status, err) == (0, "")
    assert out.startswith("+ reference/sources.csv: results-of-north-1\n+ NORTH-1/contract.toml: Northern Job Start\n")
    assert "NORTH-1,started,job,,,,,,,results-of-north-1\n" in out
    assert out.endswith("Nothing was written (--dry-run).\n")
    assert {path: path.read_bytes() for path in small_project.rglob("*") if path.is_file()} == before


def test_refusals_are_lines_and_exit_status_1(small_project: Path, publicvalue: Run, template: Path) -> None:
    fill(template, results=[["a", "b", "final", "2011-12", None, "12*", "person"]])
    status, out, err = publicvalue("import", "outcomes", str(template))
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        f"{template}, sheet results:3: period start: a month or a financial year (found '2011-12', "
        "expected 2011/12 for the financial year, or days for the month)",
        f"{template}, sheet results:3: quantity: a number with a mark (found '12*', "
        "expected the number alone if it counts as it stands; .. if the source gives none)",
        "2 problems; nothing was written.",
    ]
    status, out, err = publicvalue("import", "outcomes", "raw/C-1/contract.toml")
    assert (status, out) == (1, "")
    assert err == (
        "raw/C-1/contract.toml:1: header: no row of headings found "
        "(expected a CSV file of results or of payments, with the headings of the template)\n"
    )
    assert publicvalue("import", "outcomes", "nowhere.xlsx")[0] == 2


def test_rows_that_are_gone_need_a_yes(small_project: Path, publicvalue: Run, filled: Path) -> None:
    publicvalue("import", "outcomes", str(filled))

    def delete_last(book: Workbook) -> None:
        for sheet in ("results", "payments"):
            book[sheet].delete_rows(FIRST + 2)

    fill(filled, results=[], payments=[], change=delete_last)
    status, out, err = publicvalue("import", "outcomes", str(filled))
    assert (status, out) == (1, "")
    assert err == (
        "NORTH-1: missing: 1 of outcomes.csv, 1 of payments.csv\n"
        f"{filled}: rows of an earlier import are missing; nothing was written. If they were rightly removed: "
        "--accept-removals.\n"
    )
    status, out, _ = publicvalue("import", "outcomes", str(filled), "--accept-removals")
    assert status == 0
    assert "- NORTH-1/outcomes.csv: weeks_26" in out
    assert len((small_project / "raw/NORTH-1/outcomes.csv").read_text(encoding="utf-8").splitlines()) == len(RESULTS)


@pytest.mark.slow
def test_the_contract_of_a_stranger_is_in_the_ratio(small_project: Path, publicvalue: Run, checks_ready: None) -> None:
    assert publicvalue("new-contract", "NORTH-1")[0] == 0
    path = fill(small_project / "new-contracts/NORTH-1/NORTH-1.xlsx")
    status, out, _ = publicvalue("import", "outcomes", str(path))
    assert status == 0
    # Until somebody has judged what the metrics count, nothing is published.
    status, _, err = publicvalue("check")
    assert status == 1
    assert err.count("no treatment") == len(RESULTS)

    mapping = small_project / "reference/metric_outcomes.csv"
    header, *_ = mapping.read_text(encoding="utf-8").splitlines()
    assert header in out.splitlines()
    with mapping.open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in MAPPED)

    status, _, err = publicvalue("check")
    assert (status, err) == (0, "")
    status, out, err = publicvalue("run")
    assert (status, err) == (0, "")
    published = json.loads((small_project / "reports/main/headline.json").read_text(encoding="utf-8"))
    assert (published["contracts"], published["contracts_in_bcr"]) == (3, 3)
    # £145,000 (corrected) and £250,000 in the small project; here £60,000 and £41,500: a commitment is no payment.
    assert published["outcome_payments_in_bcr_gbp"] == 145_000 + 250_000 + 60_000 + 41_500
    status, out, _ = publicvalue("explain", "NORTH-1")
    assert status == 0
    assert "[results-of-north-1, results row 3]" in out
    assert "results-of-north-1: Northern Job Start: final results, Northern Combined Authority, 2020-06" in out


# --- As docs/adding.md shows it ----------------------------------------------------------------------------------

BLOCK = re.compile(r"^```\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"


def shown_in_the_docs(project_root: Path) -> list[tuple[str, list[str]]]:
    """Each command of the journey, with the lines that docs/adding.md shows below it."""
    section = (project_root / "docs/adding.md").read_text(encoding="utf-8").partition("## A contract\n")[2]
    text = "".join(BLOCK.findall(section.partition("\n## ")[0]))
    commands = [part.splitlines() for part in re.split(r"^\$ ", text, flags=re.MULTILINE) if part]
    return [(command, lines) for command, *lines in commands]


def test_the_docs_show_what_is_printed(
    tmp_path: Path,
    project_root: Path,
    publicvalue: Run,
    monkeypatch: pytest.MonkeyPatch,
    known_tables: None,
) -> None:
    lay_out(tmp_path, project_root, ["INDIGO-POJ-0178"])
    monkeypatch.chdir(tmp_path)
    steps = shown_in_the_docs(project_root)
    assert [command.split()[0] for command, _ in steps] == ["publicvalue"] * 3 + ["cat"] + ["publicvalue"] * 2
    results = [[*row[:8], "job, hours not stated"] for row in RESULTS]
    suppressed = ["crimes", "crimes avoided", "final", "2018/19", None, "<5", "incident"]
    rows = [*results, suppressed, ["Total", None, None, None, None, 110]]
    for number, (command, lines) in enumerate(steps[:3]):
        if number:
            mark = "*" if number == 1 else ""
            fill(Path(command.split()[-1]), results=[[*rows[0][:5], f"50{mark}", *rows[0][6:]], *rows[1:]])
        _, out, err = publicvalue(*command.split()[1:])
        printed = [*out.splitlines(), *err.splitlines()]
        assert [line for line in lines if line.strip() != LEFT_OUT and line not in printed] == []
    with Path("reference/metric_outcomes.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in steps[3][1])
    status, out, err = publicvalue("check")
    assert (status, err) == (0, "")
    assert "No problem found: 2 contracts, " in out
