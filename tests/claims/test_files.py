"""Half a file is no file: each kind of damage is refused in one line with its row, and no claim is quoted."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.claims.reading import read_facts
from pipeline.claims.row_rules import COLUMNS
from pipeline.facts.reference import read_reference
from tests.claims.made_up_claims import Write, as_csv, reported_claims

pytestmark = pytest.mark.slow

CLAIMS = as_csv(reported_claims())
ROWS = CLAIMS.splitlines()
ROW = "person-0001,started,0,2019-06-30,,file 1"
LAST = len(ROWS)


def problems_of(project: Path) -> list[str]:
    """What is said of the claims; never what stands in them."""
    reference, _ = read_reference(project / "reference")
    _, problems = read_facts(project / "raw", reference, ["C-1"])
    said = [str(problem) for problem in sorted(set(problems)) if "claims." in problem.path]
    assert not [line for line in said if "person-" in line or "file 1" in line]
    return [line.removeprefix("raw/C-1/") for line in said]


def with_line(line: str, at: int = 5) -> str:
    """The claims with one line more; the header is line 1."""
    return "\n".join([*ROWS[: at - 1], line, *ROWS[at - 1 :], ""])


EMPTY = [f"claims.csv:1: {name}: column missing" for name in sorted(COLUMNS)]
CELLS = "not readable as CSV: a row with too few or too many cells"
HEADER_QUOTE = "claims.csv:1: header: not readable as CSV: a quotation mark that is not closed"
LINE_END = "a line end within the cell, as where a quotation mark is not closed"
LONG = "not readable as CSV: a line of more than 2 MB, as where a quotation mark is not closed"
MIXED = "not readable as CSV: lines that end in different ways, or a quotation mark out of place"
NUL = "a character that is not what it looks like, U+0000"
HEADER_AGAIN = [
    "achieved_on: not a date", "amount_gbp: not a number", "metric_id: not a metric of the contract",
    "milestone: not a number",
]  # fmt: skip
QUOTE = "not readable as CSV: a quotation mark that is not closed, or out of place"
CSV = [
    ('"' + CLAIMS, [HEADER_QUOTE]),
    (CLAIMS.replace(",evidence_id", ',"evidence_id', 1), [HEADER_QUOTE]),
    ("x" * 70_000 + CLAIMS, ["claims.csv:1: header: longer than 64,000 bytes"]),
    ("", EMPTY),
    ("\ufeff", EMPTY),
    (ROWS[0], ["claims.csv:1: row: no rows (expected at least one claim)"]),
    (CLAIMS.encode("utf-16"), ["claims.csv:1: file: text in UTF-16"]),
    (CLAIMS.encode("utf-16-le"), ["claims.csv:1: file: text in UTF-16"]),
    (CLAIMS.encode("utf-32-be"), ["claims.csv:1: file: text in UTF-16"]),
    (gzip.compress(CLAIMS.encode()), ["claims.csv:1: file: compressed"]),
    (CLAIMS.replace(",", ";"), ["claims.csv:1: header: the cells are separated by ';'"]),
    (CLAIMS.replace(",", "\t"), ["claims.csv:1: header: the cells are separated by tabs"]),
    (CLAIMS.replace(",evidence_id", ",evidence_id,evidence_id", 1), ["claims.csv:1: evidence_id: column given twice"]),
    (CLAIMS.encode()[:6] + b"\xe9" + CLAIMS.encode()[6:], ["claims.csv:1: file: not UTF-8 text"]),
    (with_line("p\xe9,started,0,2019-06-30,,x").encode("latin-1"),
     ["claims.csv:5: file: not readable as CSV: not UTF-8 text"]),
    (with_line(ROW.rpartition(",")[0]), [f"claims.csv:5: file: {CELLS}"]),
    (with_line(f"{ROW},x"), [f"claims.csv:5: file: {CELLS}"]),
    (with_line("  "), [f"claims.csv:5: file: {CELLS}"]),
    (CLAIMS[: len(CLAIMS) - 30], [f"claims.csv:{LAST}: file: {CELLS}"]),
    (CLAIMS + "\0" * 5_000, [f"claims.csv:{LAST + 1}: file: NUL bytes at the end"]),
    (with_line(f'"{ROW}'), [f"claims.csv:5: file: {QUOTE}"]),
    (with_line(ROW.replace(",file", ',"file')), [f"claims.csv:5: file: {QUOTE}"]),
    (with_line(ROW.replace("person", '"per"son')), [f"claims.csv:5: file: {QUOTE}"]),
    # A mark is closed, by the one of another row that is not: the rows between have become one cell.
    (with_line(f'x,started,0,2019-06-30,,"y\n{ROW}\n{ROW}\nx,started,0,2019-06-30,,y"'),
     [f"claims.csv:5: evidence_id: {LINE_END}"]),
    (with_line(f'"x\n{ROW}\ny",started,0,2019-06-30,,z'), [f"claims.csv:5: participant_id: {LINE_END}"]),
    (with_line("p" * 3_000_000 + ROW[6:]), [f"claims.csv:5: file: {LONG}"]),
    (with_line(ROWS[0]), [f"claims.csv:5: {said}" for said in HEADER_AGAIN]),
    (CLAIMS.replace("\n", "\r\n", 9), [f"claims.csv:0: file: {MIXED}"]),
    (with_line("a\0b,started,0,2019-06-30,,z"), [f"claims.csv:5: participant_id: {NUL}"]),
    # Blank lines are no claims; what stands after them is named by its own line.
    (with_line("\n\nx,started,0,2019-06-31,,y\n"), ["claims.csv:7: achieved_on: a day that no calendar has"]),
    (with_line('\n"x",started,0,2019-06-30,,"y\nz"\nx,begun,0,2019-06-30,,y'),
     [f"claims.csv:6: evidence_id: {LINE_END}", "claims.csv:8: metric_id: not a metric of the contract"]),
    (CLAIMS.replace("\n", "\r"), []),
    (CLAIMS.replace("\n", "\r\n"), []),
    (CLAIMS.rstrip("\n"), []),
    (CLAIMS + "\n\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), CSV, ids=range(len(CSV)))
def test_what_is_wrong_with_a_csv_file(claiming: Write, content: str | bytes, said: list[str]) -> None:
    project = claiming([])
    as_bytes = content if isinstance(content, bytes) else content.encode()
    (project / "raw/C-1/claims.csv").write_bytes(as_bytes)
    assert [line.partition(" (")[0] for line in problems_of(project)] == [line.partition(" (")[0] for line in said]


def parquet(project: Path) -> Path:
    claims = pd.read_csv(project / "raw/C-1/claims.csv", dtype=str)
    (project / "raw/C-1/claims.csv").unlink()
    path = project / "raw/C-1/claims.parquet"
    claims.to_parquet(path, index=False)
    return path


def footer(whole: bytes) -> int:
    """Bytes at the end of a Parquet file that are no rows."""
    return int.from_bytes(whole[-8:-4], "little") + 8


NOT_WHOLE = "(expected the whole file, as it was written)"
DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda whole: b"", f"the file is empty {NOT_WHOLE}"),
    "cut off": (lambda whole: whole[: len(whole) // 2], f"it is cut off {NOT_WHOLE}"),
    "the end is lost": (lambda whole: whole[:-1], f"it is cut off {NOT_WHOLE}"),
    "the beginning is lost": (lambda whole: whole[1:], f"it does not begin as Parquet does {NOT_WHOLE}"),
    "four letters": (lambda whole: b"PAR1", f"it is cut off {NOT_WHOLE}"),
    "garbage": (lambda whole: b"person-0001 " * 99, f"it does not begin as Parquet does {NOT_WHOLE}"),
    "encrypted": (lambda whole: b"PARE" + whole[4:-4] + b"PARE", f"it is encrypted {NOT_WHOLE}"),
    "the middle is lost": (lambda whole: b"PAR1PAR1", ""),
    "a footer of zeros": (lambda whole: whole[: -footer(whole)] + b"\0" * (footer(whole) - 8) + whole[-8:], ""),
    "a footer that is too long": (lambda whole: whole[:-8] + b"\xff\xff\xff\x7f" + whole[-4:], ""),
    "pages of zeros": (lambda whole: whole[:4] + b"\0" * 2_000 + whole[2_004:], ""),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_wrong_with_a_parquet_file(claiming: Write, kind: str) -> None:
    project = claiming(reported_claims())
    path = parquet(project)
    damaged, said = DAMAGE[kind]
    path.write_bytes(damaged(path.read_bytes()))
    (line,) = problems_of(project)
    assert line.startswith(f"claims.parquet:0: file: not readable as PARQUET: {said}")


def test_after_a_damaged_file_the_next_is_read(claiming: Write) -> None:
    """What an engine has stumbled over concerns no other contract."""
    project = claiming(reported_claims())
    path = parquet(project)
    whole = path.read_bytes()
    for at in range(4, len(whole), len(whole) // 12):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        problems_of(project)
    path.write_bytes(whole)
    assert problems_of(project) == []


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.string()), pa.struct([("a", pa.string())]), pa.map_(pa.string(), pa.string()), pa.binary(),
        pa.binary(4), pa.time64("us"), pa.duration("s"), pa.bool_(), pa.float16(), pa.decimal128(38, 10),
        pa.dictionary(pa.int8(), pa.string()), pa.large_string(), pa.null(), pa.uint64(), pa.date64(),
        pa.timestamp("ns"), pa.timestamp("s", "Europe/London"),
    ],
    ids=str,
)  # fmt: skip
def test_a_column_of_any_type_ends_in_no_crash(claiming: Write, kind: pa.DataType) -> None:
    project = claiming([])
    (project / "raw/C-1/claims.csv").unlink()
    for columns in (["achieved_on"], list(COLUMNS)):
        cells = {column: pa.nulls(1, kind) if column in columns else pa.array(["x"]) for column in COLUMNS}
        pq.write_table(pa.table(cells), project / "raw/C-1/claims.parquet")
        assert problems_of(project)


IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from pipeline.load import find_problems
import ibis; ibis.duckdb.connect().disconnect()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
_, _, problems = find_problems(Path("raw"), Path("reference"))
print([str(p) for p in problems if "claims" in p.path])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("beginning", ["", "\n".join(ROWS[:5]) + "\n", "\n".join(ROWS[:5]) + '\n"'])
def test_a_line_without_an_end_takes_little_memory(claiming: Write, beginning: str) -> None:
    project = claiming([])
    path = project / "raw/C-1/claims.csv"
    path.write_text(beginning + "x")
    # A gigabyte that takes no room on the disk.
    os.truncate(path, 1_000_000_000)
    run = subprocess.run(
        [sys.executable, "-c", IN_LITTLE_MEMORY], cwd=project, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    said, megabytes = run.stdout.splitlines()
    assert said.count("claims.csv:") == 1
    assert int(megabytes) < 400


def test_a_file_that_nobody_may_read(claiming: Write) -> None:
    project = claiming(reported_claims())
    path = project / "raw/C-1/claims.csv"
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    assert problems_of(project) == ["claims.csv:0: file: cannot be read: Permission denied"]
