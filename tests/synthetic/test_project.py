"""A project of synthetic contracts: it holds what was reported, marked, and nothing is wrong with it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import tomlkit

from pipeline.claims.marks import CONTRACT_PREFIX, EVIDENCE_PREFIX, PARQUET_METADATA, SOURCE_ID
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.load import find_problems
from pipeline.synthetic import project as project_writer
from pipeline.synthetic.claims import CLAIMS, in_whole_units
from pipeline.synthetic.project import CannotMakeError, synthetic_project
from pipeline.tables.claims import ClaimCounts

Run = Callable[..., tuple[int, str, str]]

# More people than were engaged, corrections, deadweight of its own, pounds, days, ladders.
OF_EACH_KIND = [f"INDIGO-POJ-{n}" for n in ("0111", "0120", "0121", "0122", "0130", "0154", "0174", "0176", "0178")]


def engaged(facts: RawFacts, contract_id: str) -> int | None:
    people = facts.contracts.set_index("contract_id").at[contract_id, "people_engaged"]
    return None if pd.isna(people) else int(people)


@pytest.fixture(scope="module")
def project(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out_dir = tmp_path_factory.mktemp("project") / "synthetic"
    made = synthetic_project(project_root / "raw", project_root / "reference", out_dir, 1, OF_EACH_KIND)
    assert (made.raw_dir, made.reference_dir, made.contracts) == (out_dir / "raw", out_dir / "reference", 9)
    files = out_dir.glob("raw/*/claims.parquet")
    assert made.claims == sum(pq.read_metadata(path).num_rows for path in files) > 150_000
    assert sorted(path.name for path in out_dir.iterdir()) == ["raw", "reference"]
    return out_dir


def test_a_project_holds_what_was_reported_and_nothing_is_wrong_with_it(project: Path, facts: RawFacts) -> None:
    found, reference, problems = find_problems(project / "raw", project / "reference")
    assert problems == []
    assert list(found.contracts["contract_id"]) == [f"{CONTRACT_PREFIX}{name}" for name in OF_EACH_KIND]
    columns = ["contract_id", "metric_id", "unit", "is_net_of_deadweight", "quantity"]
    reported = in_whole_units(facts.outcomes[facts.outcomes["contract_id"].isin(OF_EACH_KIND)])
    counted = found.outcomes.sort_values("period_end").drop_duplicates(["contract_id", "metric_id"], keep="last")
    pd.testing.assert_frame_equal(
        counted[columns].sort_values(columns, ignore_index=True),
        reported.assign(contract_id=CONTRACT_PREFIX + reported["contract_id"])[columns].sort_values(
            columns, ignore_index=True
        ),
    )
    assert found.payments["amount_gbp"].sum() > 0
    assert found.organisations.empty
    assert found.places.empty
    assert reference.deadweight["contract_id"].str.startswith(CONTRACT_PREFIX).sum() == 7
    assert reference.paid_per_unit.empty
    assert reference.shared_results.empty
    assert not reference.wellbeing_scales.empty
    assert not reference.published_figures["scope"].str.contains("INDIGO").any()
    assert set(reference.corrections["table"]) == {"contracts", "payments"}


def test_a_contract_has_as_many_people_as_its_claims(project: Path, facts: RawFacts) -> None:
    people = {}
    for path in (project / "raw").glob("*/contract.toml"):
        contract = tomlkit.parse(path.read_text("utf-8")).unwrap()
        claimed = pd.read_parquet(path.with_name("claims.parquet"))["participant_id"].nunique()
        people[path.parent.name.removeprefix(CONTRACT_PREFIX)] = contract.get("people_engaged", claimed)
        assert claimed <= people[path.parent.name.removeprefix(CONTRACT_PREFIX)]
    assert (people["INDIGO-POJ-0130"], engaged(facts, "INDIGO-POJ-0130")) == (388, 335)
    assert people["INDIGO-POJ-0178"] == engaged(facts, "INDIGO-POJ-0178") == 404


def test_all_that_is_synthetic_is_marked(project: Path) -> None:
    for folder in (project / "raw").iterdir():
        contract = tomlkit.parse((folder / "contract.toml").read_text("utf-8")).unwrap()
        assert folder.name.startswith("SYNTHETIC-INDIGO-POJ-")
        assert contract["contract_id"] == folder.name
        assert contract["name"].startswith("Synthetic: ")
        metrics = pd.read_csv(folder / "metrics.csv")
        assert metrics["label"].str.startswith("synthetic: ").all()
        assert set(metrics["source_id"]) == {SOURCE_ID}
        path = folder / "claims.parquet"
        assert pd.read_parquet(path)["evidence_id"].str.startswith(EVIDENCE_PREFIX).all()
        assert pq.read_metadata(path).metadata.items() >= PARQUET_METADATA.items()
        assert pq.read_schema(path).equals(CLAIMS)


def test_no_payment_names_its_metric(project: Path) -> None:
    payments = [pd.read_csv(path) for path in (project / "raw").glob("*/payments.csv")]
    assert sum(map(len, payments)) > 50
    assert all(of["metric_id"].isna().all() for of in payments)


def test_a_project_of_any_size_follows_the_ladders(project_root: Path, tmp_path: Path) -> None:
    data = (project_root / "raw", project_root / "reference")
    made = synthetic_project(*data, tmp_path / "out", 1, ["INDIGO-POJ-0131"], people=1_000)
    folder = tmp_path / "out/raw/SYNTHETIC-INDIGO-POJ-0131"
    assert pq.read_metadata(folder / "claims.parquet").num_rows == made.claims > 5_000
    assert tomlkit.parse((folder / "contract.toml").read_text("utf-8"))["people_engaged"] == 1_000
    assert len(pd.read_csv(folder / "metrics.csv")) == 21
    assert find_problems(made.raw_dir, made.reference_dir)[2] == []


def test_contracts_that_count_no_people_are_left_out_where_people_are_asked_for(small_project: Path) -> None:
    made = synthetic_project(Path("raw"), Path("reference"), Path("out"), 1, people=100)
    assert [path.name for path in made.raw_dir.iterdir()] == ["SYNTHETIC-C-1"]


def test_what_cannot_be_made_is_refused_and_nothing_written(
    project_root: Path, small_project: Path, facts: RawFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (small_project / "raw", small_project / "reference")
    (small_project / "full").mkdir()
    (small_project / "full" / "a").touch()
    (small_project / "empty").mkdir()
    for out, contracts, people, words in (
        ("full", None, None, "full is not empty"),
        ("full/a", None, None, "a is not empty"),
        ("raw/new", None, None, "raw: real and synthetic data must not mix"),
        ("full/../reference", None, None, "reference: real and synthetic data must not mix"),
        ("empty", ["C-1", "C-9"], None, "no contract C-9 in "),
        ("empty", ["C-2"], 10, "no reported people of which to make claims: C-2"),
    ):
        with pytest.raises(CannotMakeError, match=words):
            synthetic_project(*data, small_project / out, 1, contracts, people)
    assert not list((small_project / "empty").iterdir())
    assert not (small_project / "raw" / "new").exists()


def test_a_contract_without_results_or_with_claims_of_its_own_is_refused(
    project_root: Path, tmp_path: Path, facts: RawFacts, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = pd.DataFrame({name: pd.Series(dtype="str") for name in ClaimCounts.to_schema().columns})
    counts.loc[0, "contract_id"] = "INDIGO-POJ-0131"
    claimed = replace(facts, claim_counts=counts)
    monkeypatch.setattr(project_writer, "load", lambda *_: (claimed, reference))
    for contract_id in ("INDIGO-POJ-0131", "INDIGO-POJ-0142"):
        with pytest.raises(CannotMakeError, match=f"no reported results of which to make claims: {contract_id}"):
            synthetic_project(project_root / "raw", project_root / "reference", tmp_path / "out", 1, [contract_id])
    assert not (tmp_path / "out").exists()


# --- The command ----------------------------------------------------------------------------------------------


def test_the_command_says_what_it_wrote_and_what_to_type_next(small_project: Path, publicvalue: Run) -> None:
    status, out, err = publicvalue("synthetic-claims", "--out", "to practise")
    assert (status, err) == (0, "")
    assert out.splitlines()[:2] == [
        "to practise/raw: 2 contracts, 7,442 claims. None of the people are real.",
        "to practise/reference: the reference tables for these contracts.",
    ]
    assert re.fullmatch(r"Next: cd 'to practise' && \S+publicvalue run", out.splitlines()[2])
    assert publicvalue("synthetic-claims", "--contract", "C-1", "--people", "100", "--seed", "3")[0] == 0
    assert [path.name for path in Path("synthetic/raw").iterdir()] == ["SYNTHETIC-C-1"]


def test_the_command_refuses_in_one_line(small_project: Path, publicvalue: Run) -> None:
    status, out, err = publicvalue("synthetic-claims", "--out", "raw/more")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1] == "Error: raw/more lies within raw: real and synthetic data must not mix"
