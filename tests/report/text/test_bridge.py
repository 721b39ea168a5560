"""A bridge in words: a table that people can read, data for machines, and what is said when there is nothing."""

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.method.analysis.bridge.bridge import bridge
from pipeline.method.analysis.bridge.causes import CAUSES, CODE
from pipeline.report.text.bridge import End, TornResultError, UnknownResultError, as_json, as_text, because, end_of
from pipeline.tables.kept import KEPT_COLUMNS
from tests.conftest import Run

BEFORE, AFTER = "2026-11-28-open-2026", "2026-11-28-open-2025"


@pytest.fixture(scope="module")
def ends(project_root: Path) -> tuple[End, End]:
    first, second = (end_of(name, project_root / "nowhere", project_root / "reference") for name in (BEFORE, AFTER))
    return first, second


@pytest.fixture(scope="module")
def terms(ends: tuple[End, End]) -> pd.DataFrame:
    return bridge(ends[0].result, ends[1].result)


def test_the_terms_of_two_kept_publications_sum_to_the_move(ends: tuple[End, End], terms: pd.DataFrame) -> None:
    whole = terms[(terms["detail"] == "") & (terms["scope"] == "market")]
    for measure in ("public_value_gbp", "outcome_payments_real_gbp"):
        first, second = (end.result.contract_value[measure].sum() for end in ends)
        assert whole.loc[whole["measure"] == measure, "term"].sum() == pytest.approx(second - first, abs=0.001)


def test_a_bridge_reads_as_a_table(ends: tuple[End, End], terms: pd.DataFrame) -> None:
    text = as_text(*ends, terms)
    lines = text.splitlines()
    assert lines[0] == f"From {BEFORE} to {AFTER}: contracts in the ratio, each side in the prices of its own edition"
    causes = [cause for cause in CAUSES if cause in set(terms["cause"])]
    assert [words for cause in causes for line in lines if line.startswith(words := CAUSES[cause])]
    assert lines[-1] == "The causes explain the whole change, to the penny."
    first = next(line for line in lines if line.startswith(BEFORE))
    assert first.split()[-2] == f"{ratio(ends[0]):.3f}"
    last = next(line for line in lines if line.startswith(AFTER))
    assert last.split()[-2] == f"{ratio(ends[1]):.3f}"
    assert text.isprintable() or all(line.isprintable() for line in lines)


def ratio(end: End) -> float:
    value = end.result.contract_value
    matched = value[value["is_in_bcr"]]
    return float(matched["public_value_gbp"].sum() / matched["outcome_payments_real_gbp"].sum())


def test_machines_get_every_term(ends: tuple[End, End], terms: pd.DataFrame) -> None:
    data = json.loads(as_json(*ends, terms))
    assert (data["from"], data["to"]) == (BEFORE, AFTER)
    assert len(data["terms"]) == len(terms)
    assert {row["cause"] for row in data["terms"]} == set(terms["cause"])


def test_nothing_moves_between_a_publication_and_itself(ends: tuple[End, End]) -> None:
    terms = bridge(ends[0].result, ends[0].result)
    assert as_text(ends[0], ends[0], terms) == f"{BEFORE} to {BEFORE}: nothing changed."
    assert because(terms, {}) == ""


def test_a_publication_that_kept_less_leaves_it_to_the_program(tmp_path: Path, project_root: Path) -> None:
    """As one of before: its contracts and payments, and no unit costs."""
    kept = project_root / "reference/earlier" / BEFORE
    for name in ("contract_value", "contracts"):
        (tmp_path / f"{name}.parquet").write_bytes((kept / f"{name}.parquet").read_bytes())
    older = end_of(str(tmp_path), tmp_path / "nowhere", project_root / "reference")
    newer = end_of(AFTER, tmp_path / "nowhere", project_root / "reference")
    terms = bridge(older.result, newer.result)
    moved = terms[(terms["scope"] == "market") & (terms["measure"] == "public_value_gbp") & (terms["detail"] == "")]
    expected = (
        newer.result.contract_value["public_value_gbp"].sum() - older.result.contract_value["public_value_gbp"].sum()
    )
    assert moved["term"].sum() == pytest.approx(expected, abs=0.001)
    assert CODE in set(moved.loc[moved["term"] != 0, "cause"])
    text = as_text(older, newer, terms)
    assert "the program, and data that were not kept" in text
    assert f"{tmp_path} does not have choices, reported_outcomes" in text


def test_a_torn_table_is_no_table_that_was_not_kept(tmp_path: Path, project_root: Path, publicvalue: Run) -> None:
    kept = project_root / "reference/earlier" / BEFORE
    for path in kept.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "unit_costs.parquet").write_bytes((kept / "unit_costs.parquet").read_bytes()[:500])
    with pytest.raises(TornResultError, match=r"unit_costs\.parquet: cannot be read"):
        end_of(str(tmp_path), tmp_path / "nowhere", project_root / "reference")
    status, out, err = publicvalue("bridge", str(tmp_path), BEFORE, "--reference", str(project_root / "reference"))
    assert (status, out) == (1, "")
    assert "unit_costs.parquet: cannot be read as a table; nothing is compared" in err


def test_an_archive_of_csv_is_said_to_be_one(project_root: Path) -> None:
    folder = project_root / "reports/archive/2026-11-28/open-2025"
    with pytest.raises(UnknownResultError, match="has its tables only as CSV"):
        end_of(str(folder), project_root / "nowhere", project_root / "reference")
    with pytest.raises(UnknownResultError, match=f"did you mean '{AFTER}'"):
        end_of("open-2025", project_root / "nowhere", project_root / "reference")


def test_a_name_that_is_not_there_is_answered_with_those_that_are(project_root: Path, publicvalue: Run) -> None:
    with pytest.raises(UnknownResultError, match=f"did you mean '{BEFORE}'"):
        end_of("2026-11-28-open-202", project_root / "nowhere", project_root / "reference")
    status, _, err = publicvalue("bridge", "x", "y", "--reference", str(project_root / "reference"), "--out", "nowhere")
    assert status == 2
    assert "nothing is published as 'x'; there are: 2026-11-28-atq-2022, " in err


@pytest.mark.parametrize("publication", ["2026-11-28-atq-2022", "2026-11-28-atq-2024", AFTER, BEFORE])
def test_what_is_kept_has_all_that_a_bridge_needs_and_no_more(publication: str, project_root: Path) -> None:
    folder = project_root / "reference/earlier" / publication
    assert {path.stem for path in folder.iterdir()} == set(KEPT_COLUMNS)
    for name, columns in KEPT_COLUMNS.items():
        assert tuple(pq.read_schema(folder / f"{name}.parquet").names) == columns
