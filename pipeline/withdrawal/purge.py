"""Taking a withdrawn contract out of every place where the project keeps something of it.

Belongs here: what is deleted whole, what is deleted row by row, and where a mention is replaced. Which contract is
withdrawn, and its tombstone, is the matter of ``decisions``.

- Its folder in ``raw/`` goes, last of all: what was begun and not finished is seen by it, and done again.
- What is published, the working tables and the records of runs go whole: the next run makes them anew. Schedules and
  sensors stay switched as they are.
- In ``reference/`` and in earlier publications its rows go, and so do rows that are about it and others. Of an earlier
  publication its sum stays, under a name that says nothing, so that totals and bridges still add up.
- Elsewhere in ``raw/``, ``reference/`` and ``docs/`` a mention becomes "a withdrawn contract"; a row of a table in
  ``docs/`` that speaks of no other contract goes.

The history of git is not rewritten: whoever has to do that as well does it with the tools of git.
"""

import csv
import io
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.common.files import not_through_a_link, write_all, writing, written_whole
from pipeline.facts.earlier import FOLDER as EARLIER
from pipeline.facts.files import UnreadableFileError, read_toml
from pipeline.facts.raw import CLAIMS_FILES
from pipeline.importers.imported import CONTRACT_FILE
from pipeline.report.history import FOLDER as HISTORY
from pipeline.report.keeping import write_kept
from pipeline.withdrawal.decisions import GONE_FILE

SAID_INSTEAD = "a withdrawn contract"
# By these columns a table holds what each contract comes to, of which the sum stays.
SUMS = {"contract_id", "policy_area", "is_in_bcr", "public_value_gbp"}
# Of Dagster's records what says whether schedules and sensors are on; it names no contract.
STAYS = "schedules"
CONTRACT_NUMBER = re.compile(r"\b0\d{3}\b")
# A name of fewer words may be that of a fund, a body or another contract, or be a word of a sentence.
WORDS_OF_A_NAME = 3
# Columns in which a row says what it is about: a row about a contract goes with it.
ABOUT = ("scope", "metrics", "engaged_metric")
DOCS = "docs"
# In the folder of reports what was published before, as CSV.
ARCHIVE = "archive"


@dataclass(frozen=True)
class Withdrawn:
    """A contract as texts may name it, and ``stands_for``: the name of its sum in earlier publications."""

    contract_id: str
    name: str
    stands_for: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return what names it: its id, a name that can be nobody else's, or its number with the word before it.

        Its number is the end of an id such as INDIGO-POJ-0201, as the documents have it.
        """
        number = CONTRACT_NUMBER.search(self.contract_id.rpartition("-")[2])
        called = r"(?:\b[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*)*,? )?"
        short = rf"|{called}(?:\({number[0]}\)|(?<![\w/.-]){number[0]}(?![\w/-]|[.,]\d))" if number else ""
        is_telling = len(self.name.split()) >= WORDS_OF_A_NAME
        name = rf"|(?<![\w-]){re.escape(self.name)}(?![\w-])" if is_telling else ""
        return re.compile(rf"(?<![\w-]){re.escape(self.contract_id)}\b{name}{short}")

    @property
    def own_source(self) -> str:
        """Return the id of the source of its own results, where somebody has brought some in."""
        return f"results-of-{self.contract_id.lower()}"

    def is_named_in(self, text: str) -> bool:
        """Whether a text names it."""
        return bool(self.pattern.search(text))

    def unnamed(self, text: str) -> str:
        """Return a text that does not name it."""
        return self.pattern.sub(lambda found: f"({SAID_INSTEAD})" if found[0][0] == "(" else SAID_INSTEAD, text)


def withdrawn_contract(raw_dir: Path, contract_id: str, stands_for: str) -> Withdrawn:
    """Return a contract of ``raw_dir`` as it is called there."""
    path = raw_dir / contract_id / CONTRACT_FILE
    try:
        name = read_toml(path, str(path)).get("name", "")
    except UnreadableFileError:
        name = ""
    return Withdrawn(contract_id, name if isinstance(name, str) else "", stands_for)


def purge(
    contract: Withdrawn, raw_dir: Path, reference_dir: Path, out_dir: Path, data_dir: Path, *, is_dry: bool = False
) -> list[str]:
    """Take a contract out of everything that the project keeps, but for its folder in ``raw_dir``.

    ``is_dry``: nothing is changed. Returns a line for each file that has changed or is gone, or would. Raises
    ``CannotWriteError``.
    """
    docs = raw_dir.parent / DOCS
    texts = dict(_texts(contract, raw_dir, reference_dir, docs, out_dir))
    for path in texts:
        roots = (raw_dir, reference_dir, docs, out_dir)
        not_through_a_link(path, next(root for root in roots if path.is_relative_to(root)))
    lines = [f"~ {path}" for path in texts]
    for path, text in texts.items() if not is_dry else ():
        write_all({path: text}, path.parent)
    earlier = (path for root in (reference_dir / EARLIER, out_dir / HISTORY) for path in root.rglob("*.parquet"))
    purged = [path for path in sorted(earlier) if _purged_parquet(path, contract, is_dry)]
    lines += [f"~ {folder}" for folder in dict.fromkeys(path.parent for path in purged)]
    published = sorted(path.parent for path in out_dir.glob("*/headline.json"))
    lines += [f"- {path}" for path in published] + ([f"- {data_dir}, but for {STAYS}"] if data_dir.exists() else [])
    if not is_dry:
        for path in (*published, *(out_dir / HISTORY).glob("index.html")):
            _remove(path)
        _empty_data(data_dir)
    return lines


def remove_folder(raw_dir: Path, contract_id: str) -> None:
    """Delete the folder of a contract, the last of what there is of it; the file by which it is found goes last."""
    folder = raw_dir / contract_id
    not_through_a_link(folder, raw_dir, is_folder=True)
    for path in sorted(folder.iterdir(), key=lambda path: path.name == CONTRACT_FILE):
        _remove(path)
    _remove(folder)


def still_named(contract: Withdrawn, folder: Path) -> list[str]:
    """Return the texts at the top of a project that still name a contract, with lines, for somebody to look at."""
    found = []
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path}:{n}" for n, line in enumerate(text.splitlines(), 1) if contract.is_named_in(line)]
    return found


# --- Texts -----------------------------------------------------------------------------------------------------------


def _texts(
    contract: Withdrawn, raw_dir: Path, reference_dir: Path, docs: Path, out_dir: Path
) -> Iterator[tuple[Path, str]]:
    """The files of text that name a contract, with what they will say."""
    own = raw_dir / contract.contract_id
    kinds: tuple[tuple[Path, str, Callable[[str, Withdrawn], str]], ...] = (
        (raw_dir, "*.csv", _without_rows),
        (raw_dir, "*.toml", lambda text, contract: contract.unnamed(text)),
        (reference_dir, "*.csv", _without_rows),
        (reference_dir, "*.toml", lambda text, contract: contract.unnamed(text)),
        (docs, "*.md", _without_lines),
        (out_dir / ARCHIVE, "*.csv", _without_rows),
        (out_dir / HISTORY, "*.json", lambda text, contract: contract.unnamed(text)),
    )
    for folder, pattern, changed in kinds:
        # Claims hold pseudonyms and counts, and may be millions of rows.
        for path in sorted(path for path in folder.rglob(pattern) if path.is_file() and path.name not in CLAIMS_FILES):
            text = path.read_bytes().decode("utf-8")
            is_kept = path.name == GONE_FILE or path.is_relative_to(own)
            if not is_kept and (contract.is_named_in(text) or contract.own_source in text):
                yield path, changed(text, contract)


def _without_rows(text: str, contract: Withdrawn) -> str:
    """A CSV file without the rows of a contract, in which no other row names it; all other rows as they are."""
    # As the reader counts lines: other ends, as U+2028, may stand within a cell.
    lines, reader = io.StringIO(text, newline="").readlines(), csv.reader(io.StringIO(text, newline=""))
    header, kept, at = None, [], 0
    for cells in reader:
        record, at = "".join(lines[at : reader.line_num]), reader.line_num
        if header is None:
            header = cells
        elif contract.is_named_in(record) or contract.own_source in record:
            record = _record(dict(zip(header, cells, strict=False)), contract, record)
        kept.append(record)
    return "".join(kept)


def _record(row: dict[str, str], contract: Withdrawn, record: str) -> str:
    if row.get("contract_id") == contract.contract_id and not set(row) >= SUMS:
        return ""
    if row.get("key", "").partition(" ")[0] == contract.contract_id:
        return ""
    if row.get("source_id") == contract.own_source and "title" in row:
        return ""
    if any(re.search(rf"{re.escape(contract.contract_id)}\b", row.get(name, "")) for name in ABOUT):
        return ""
    said = {name: contract.unnamed(cell) for name, cell in row.items()}
    if row.get("contract_id") == contract.contract_id:
        said |= {"contract_id": contract.stands_for} | ({"name": SAID_INSTEAD} if "name" in row else {})
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n" if record.endswith("\r\n") else "\n").writerow(said.values())
    return out.getvalue()


def _without_lines(text: str, contract: Withdrawn) -> str:
    """A text in Markdown without the rows of tables that speak of a contract alone, and no mention of it elsewhere."""
    kept = []
    for line in text.splitlines(keepends=True):
        said = contract.unnamed(line)
        # A row of a table stands for itself; a line of a text may be the middle of a sentence.
        if said == line or not line.startswith("|") or CONTRACT_NUMBER.search(said):
            kept.append(said)
    return "".join(kept)


# --- Tables, and what is made anew -----------------------------------------------------------------------------------


def _purged_parquet(path: Path, contract: Withdrawn, is_dry: bool) -> bool:
    """Take a contract out of a table that is kept, unless it is only asked; returns whether it was there."""
    with path.open("rb") as content, pq.ParquetFile(content) as file:
        before = file.read()
    table = before.to_pandas()
    if "contract_id" in table:
        is_own = table["contract_id"] == contract.contract_id
        if set(table.columns) >= SUMS:
            table["contract_id"] = table["contract_id"].mask(is_own, contract.stands_for)
        else:
            table = table[~is_own]
    for column in table.select_dtypes(include=["object", "str"]):
        said = table[column].map(lambda cell: contract.unnamed(cell) if isinstance(cell, str) else cell)
        table = table.assign(**{column: said})
    after = pa.Table.from_pandas(table, schema=before.schema, preserve_index=False)
    if after.equals(before):
        return False
    if not is_dry:
        with written_whole(path) as fresh:
            write_kept(after, fresh)
    return True


def _empty_data(data_dir: Path) -> None:
    """Delete the working tables, and of Dagster's records all but which schedules and sensors are on."""
    for path in sorted(data_dir.glob("*")):
        if path.name != "dagster":
            _remove(path)
    for path in sorted((data_dir / "dagster").glob("*")):
        if path.name != STAYS:
            _remove(path)
    for path in sorted((data_dir / "dagster" / STAYS).rglob("*.db")):
        with writing(path), closing(sqlite3.connect(path)) as records:
            # Of deleted rows nothing stays in the file.
            records.execute("VACUUM")


def _remove(path: Path) -> None:
    with writing(path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
