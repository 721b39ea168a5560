"""DuckDB and Spark: the same expression gives the same table; what an engine says of a row stays unsaid."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import duckdb
import pandas as pd
import pytest

from pipeline.claims.engines import EngineChoice, EngineError, claims_in, opened, pseudonyms, speaking_of_no_claim
from pipeline.claims.reduction import claim_cells, claim_tallies
from pipeline.load import load
from tests.claims.in_spark import InSpark


@pytest.mark.slow
def test_spark_gives_the_same_table_as_duckdb_to_the_last_digit(in_spark: InSpark) -> None:
    facts, _ = load(in_spark.project / "raw", in_spark.project / "reference")
    assert len(facts.claim_counts) > 80
    pd.testing.assert_frame_equal(in_spark.counts(), facts.claim_counts, check_exact=True)
    ids = pd.read_parquet(next(in_spark.project.glob("raw/*/claims.parquet")))["participant_id"]
    assert ids.iloc[0] not in in_spark.printed()


def test_what_an_engine_says_of_a_row_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text("participant_id,metric_id\nperson-1,started\nperson-2\n")
    with opened(EngineChoice()) as backend, pytest.raises(EngineError) as raised, speaking_of_no_claim(backend):
        backend.to_pyarrow(claims_in(backend, path, ["participant_id", "metric_id"]))
    assert raised.value.line == 3
    assert "person" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_the_folder_for_what_is_spilled_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with opened(EngineChoice(memory="100MB")) as backend:
        (folder,) = tmp_path.iterdir()
        (spill,) = backend.con.execute("select current_setting('temp_directory')").fetchone()
        assert Path(spill) == folder
    assert not list(tmp_path.iterdir())


def test_what_is_spilled_holds_no_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of memory are spilled as they are, with remains of what was read into them before."""
    folder, path = tmp_path / "spill", tmp_path / "claims.parquet"
    folder.mkdir()
    duckdb.execute(
        "copy (select 'person-' || i as participant_id, 'crimes' as metric_id, "
        "date '2015-04-01' + (i % 1000)::integer as achieved_on, null::decimal(18, 2) as amount_gbp, "
        f"'record-' || i as evidence_id from range(1_000_000) as claims(i)) to '{path}'"
    )
    ladders = pd.DataFrame({"metric_id": ["crimes"], "unit": "incident", "ladder": 0, "rung": 0, "years": 0.0})
    found = {"bytes": 0, "ids": 0}
    is_done = threading.Event()

    def look() -> None:
        while not is_done.wait(0.005):
            for file in folder.rglob("*.*"):
                content = file.read_bytes() if file.exists() else b""
                found["bytes"] = max(found["bytes"], len(content))
                found["ids"] += content.count(b"person-") + content.count(b"record-")

    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with opened(EngineChoice(memory="60MB")) as backend, ThreadPoolExecutor() as others:
        backend.con.execute("set threads = 2")
        claims = claims_in(backend, path)
        tallies = backend.to_pyarrow(claim_tallies(claims)).to_pandas()
        looking = others.submit(look)
        try:
            backend.to_pyarrow(claim_cells(claims, ladders, tallies, pseudonyms(backend)))
        finally:
            is_done.set()
        looking.result()
    assert found["bytes"] > 0
    assert found["ids"] == 0


@pytest.mark.parametrize(("name", "value"), [("ENGINE", "pyspark"), ("MEMORY", "1GB")])
def test_the_environment_chooses_the_engine(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PUBLICVALUE_CLAIMS_{name}", value)
    monkeypatch.setenv("PUBLICVALUE_SPARK", "spark://cluster:7077")
    chosen = EngineChoice.from_environment()
    assert value in (chosen.engine, chosen.memory)
    assert chosen.spark == "spark://cluster:7077"


def test_a_spark_that_cannot_be_opened_is_told_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether Spark is installed or not: what stands for it refuses the address, and quotes it."""

    class RefusedError(Exception):
        pass

    session = MagicMock()
    opened_by = session.builder.appName.return_value.config.return_value.remote.return_value
    opened_by.getOrCreate.side_effect = RefusedError("invalid address: sc://host/;token=S3CRET")
    stand_ins: dict[str, dict[str, Any]] = {
        "py4j": {},
        "py4j.protocol": {"Py4JError": RefusedError},
        "pyspark": {},
        "pyspark.errors": {"PySparkException": RefusedError},
        "pyspark.sql": {"SparkSession": session},
    }
    for name, members in stand_ins.items():
        monkeypatch.setitem(sys.modules, name, MagicMock(**members))
    with pytest.raises(EngineError) as caught, opened(EngineChoice("pyspark", spark="sc://host/;token=S3CRET")):
        pass
    assert str(caught.value) == "the engine for claims stopped: RefusedError when PUBLICVALUE_SPARK was opened"
    assert caught.value.__context__ is None
