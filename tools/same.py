"""``make same``: whether two published folders tell the same, value by value and figure by figure.

Belongs here: the comparison that developers run before and after a change of the code that should move nothing.
Tables are compared as Parquet: which there are, their columns and types in order, their rows in order, each value. Of
pages and other texts each number is compared; where only words differ, the file is listed as reworded. Versions
(hashes, and the steps of the form of the tables) and descriptions of columns may differ. What has moved since the last
run, a run itself says.
"""

import re
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
# Versions are hashes: 16 hexadecimal digits by which nothing is counted.
HASH = re.compile(r"\b[0-9a-f]{16}\b")
# That of the form counts its steps; what it has stepped for is told column by column.
FORM = re.compile(r'"schema_version": \d+')
TEXTS = (".html", ".md", ".json", ".csv", ".svg", ".txt")
AROUND = 60


def differences(before: Path, after: Path) -> Iterator[str]:
    """Yield a line for each thing that differs in value: a file, a column, a type, an order, a value, a figure."""
    names = {folder: {str(path.relative_to(folder)) for path in _files(folder)} for folder in (before, after)}
    for name in sorted(names[before] ^ names[after]):
        yield f"{name}: only in {before if name in names[before] else after}"
    for name in sorted(names[before] & names[after]):
        compare = _tables if name.endswith(".parquet") else _figures
        yield from (f"{name}: {what}" for what in compare(before / name, after / name))


def reworded(before: Path, after: Path) -> list[str]:
    """Return the texts that are not the same, word by word."""
    both = {str(path.relative_to(before)) for path in _files(before)}
    texts = sorted(name for name in both if name.endswith(TEXTS) and (after / name).exists())
    return [name for name in texts if _text(before / name) != _text(after / name)]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in (".parquet", *TEXTS)]


def _tables(before: Path, after: Path) -> Iterator[str]:
    old, new = pq.read_table(before), pq.read_table(after)
    if old.column_names != new.column_names:
        yield f"columns {', '.join(old.column_names)} -> {', '.join(new.column_names)}"
        return
    types = zip(old.schema, new.schema, strict=True)
    yield from (f"{was.name}: type {was.type} -> {now.type}" for was, now in types if was.type != now.type)
    if len(old) != len(new):
        yield f"{len(old)} rows -> {len(new)}"
        return
    moved = [line for name in old.column_names for line in _values(name, old[name], new[name])]
    if moved and _in_any_order(old) == _in_any_order(new):
        moved = ["the same rows in another order"]
    yield from moved


def _values(name: str, was: pa.ChunkedArray, now: pa.ChunkedArray) -> Iterator[str]:
    """The first value of a column that differs; a value that is not a number is like another such."""
    if was == now:
        return
    pairs = enumerate(zip(was.to_pylist(), now.to_pylist(), strict=True))
    differ = [(row, old, new) for row, (old, new) in pairs if old != new and not (old != old and new != new)]
    if differ:
        row, old, new = differ[0]
        yield f"{name}: {len(differ)} values, the first in row {row + 1}: {old!r} -> {new!r}"


def _in_any_order(table: pa.Table) -> list[str]:
    return sorted(map(repr, table.to_pylist()))


def _figures(before: Path, after: Path) -> Iterator[str]:
    """The first number of a text that differs, with the words before it."""
    old, new = _text(before), _text(after)
    if old == new:
        return
    for was, now in zip_longest(NUMBER.finditer(old), NUMBER.finditer(new)):
        if was is None or now is None or was.group() != now.group():
            yield f"{_place(old, was)} -> {_place(new, now)}"
            return


def _text(path: Path) -> str:
    return FORM.sub("", HASH.sub("", path.read_text(encoding="utf-8")))


def _place(text: str, number: re.Match[str] | None) -> str:
    if number is None:
        return "no further figure"
    return " ".join(text[max(number.start() - AROUND, 0) : number.end()].split())


def main() -> None:
    """Compare the two folders of the command line; the exit status is 1 where anything differs in value."""
    before, after = map(Path, sys.argv[1:3])
    found = list(differences(before, after))
    for line in found:
        print(line)
    words = [name for name in reworded(before, after) if not any(line.startswith(f"{name}: ") for line in found)]
    tables = len(list(after.rglob("*.parquet")))
    print(f"{len(found)} differences in {tables} tables and {len(_files(after)) - tables} texts; {len(words)} reworded")
    for name in words:
        print(f"  reworded: {name}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
