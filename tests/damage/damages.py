"""Random damage to a project, as people, programs and disks do it; the same seed does the same damage.

Belongs here: what can happen to a file, a cell, a key, a folder. What must hold whatever happens stands in
``test_damage``.
"""

import os
import random
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

# What stands in cells where something else should.
NUMBERS = (
    *("0", "-0", "-1", "1", "00290", "+5", "1e5", "1E400", "inf", "nan", "0.5", "12.5", "1,000", "£5", "50%", "0x1F"),
    *("999999999999999", "9999999999999999", "0.000000000000001", "", " ", "3600 (as of Jan 2019)"),
    *("\uff11\uff12", "\u22125", "12\u00a0000"),
)
DATES = (
    *("1066-10-14", "1899-12-31", "1970-01-01", "1999-12-31", "2000-01-01", "2099-01-01", "2262-04-12", "9999-12-31"),
    *("2018-02-30", "2018-13-01", "31/10/2018", "2018-1-1", "2018", "43404", "2018-10-31T00:00:00", "20181031"),
    *("", "31 October 2018"),
)
TEXTS = (
    "",
    " ",
    "NULL",
    "nan",
    "-",
    "=1+1",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "a\u200bb",
    "\u0410gency",
    "\x1b[31m",
    "\u202egnp",
    "x" * 300,
    "word " * 1_000,
    "🙂",
    "../../x",
    "a/b",
    "a|b",
    "`x` *y* [z](w)",
    "C:\\x",
    "%s %(x)s {x} {0}",
    "INDIGO-POJ-9999",
    "true",
    "1",
)
FACTORS = (0, 0.01, 0.1, 1.4, 10, 100, 1_000, 1e9)
NAMES = (
    "x[y]",
    "a*b",
    "a?b",
    "C-9",
    "c-9",
    "C 9",
    "C-" + "9" * 250,
    "caf\udce9",
    "🙂",
    "...",
    "-rf",
    "con",
    "a\nb",
    ".hidden",
)
# What an edition may choose, for choices that are allowed and seldom made.
CHOICES = (
    "payment_bases = []",
    'payment_bases = ["commitment"]',
    'payment_bases = ["paid", "paid"]',
    'payment_bases = ["evaluation", "commitment", "reported", "paid"]',
    'time_convention = "horizon"',
    'time_convention = "annual"',
    'unit_value_level = "high"',
    'unit_value_level = "low"',
    'value_set = "2026"',
    'deadweight_layer = "studied"',
    'deadweight_layer = "none"',
    'optimism_bias = "by_grade"',
    'distribution = "fixed"',
    'distribution = "triangular"',
    'discounting = "lower"',
    'discounting = "none"',
    'value_set = "2026"',
    'value_set = "2015"',
    'superseded_by = "main"',
    'superseded_by = "other"',
    "horizon_years = 60",
    "horizon_years = 0.001",
    "cut_off = 1900-01-01",
    "cut_off = 2019-01-01",
    "cut_off = 2099-12-31",
    'price_year = "2012-13"',
    'price_year = "1955-56"',
    'published_edition = "2022"',
    'published_edition = "1999"',
    'annual_rung = "entry"',
    "disclosure_threshold = 0",
    "disclosure_rounding = 1000000",
    'title = ""',
    'title = "' + "x" * 4_000 + '"',
)

# Values of TOML, of every type.
VALUES = (
    *(
        '""',
        '" "',
        "'x'",
        '"\\u200b"',
        '"""a\nb"""',
        '"2018-10-31"',
        "true",
        "0",
        "-1",
        "0xff",
        "1e400",
        "nan",
        "9" * 4_900,
    ),
    *("1900-01-01", "2099-01-01", "07:30:00", "2018-10-31T00:00:00Z", "[]", "[[]]", '["a", ["b"]]', "{}", '{en = "x"}'),
)

# A damage may find nothing to do, in an empty table say.
MOST_TRIES = 20

Random = random.Random
Damage = Callable[[Random, Path], str]


def _files(project: Path, *endings: str) -> list[Path]:
    found = (path for folder in ("raw", "reference") for path in (project / folder).rglob("*"))
    return sorted(path for path in found if path.is_file() and path.suffix in (endings or (".csv", ".toml")))


def _shown(project: Path, path: Path) -> str:
    return str(path.relative_to(project))


# --- Cells ------------------------------------------------------------------------------------------------------


def _rows(path: Path) -> list[list[str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    import csv

    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _in_cells(kind: str, take: Callable[[str], bool], put: Callable[[Random, str], str]) -> Damage:
    """One cell of those that ``take`` chooses becomes another."""

    def damage(chance: Random, project: Path) -> str:
        path = chance.choice(_files(project, ".csv"))
        rows = _rows(path)
        cells = [(r, c) for r, row in enumerate(rows[1:], 1) for c, cell in enumerate(row) if take(cell)]
        if not cells:
            return ""
        row, column = chance.choice(cells)
        old = rows[row][column]
        rows[row][column] = put(chance, old)
        if rows[row][column] == old:
            return ""
        _write(path, rows)
        return f"{_shown(project, path)}:{row + 1}: {rows[0][column]}: {old[:30]!r} -> {rows[row][column][:30]!r}"

    damage.__name__ = kind
    return damage


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell))


def _is_date(cell: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell))


def _times(chance: Random, old: str) -> str:
    return f"{float(old) * chance.choice(FACTORS):.15g}"


def _another(chance: Random, project: Path) -> str:
    """A cell takes the value of another row: a plausible slip of somebody who sorts or copies a column."""
    path = chance.choice(_files(project, ".csv"))
    rows = _rows(path)
    if len(rows) < 3:
        return ""
    column, (to, other) = chance.randrange(len(rows[0])), chance.sample(range(1, len(rows)), 2)
    old, rows[to][column] = rows[to][column], rows[other][column]
    if rows[to][column] == old:
        return ""
    _write(path, rows)
    return f"{_shown(project, path)}:{to + 1}: {rows[0][column]}: {old[:30]!r} -> {rows[to][column][:30]!r}"


def _column(chance: Random, project: Path) -> str:
    """A whole column is gone, doubled, renamed, scaled or sorted."""
    path = chance.choice(_files(project, ".csv"))
    rows = _rows(path)
    column, how = chance.randrange(len(rows[0])), chance.choice(["gone", "twice", "renamed", "scaled", "sorted"])
    name = rows[0][column]
    if how == "gone":
        rows = [row[:column] + row[column + 1 :] for row in rows]
    elif how == "twice":
        rows = [[*row, row[column]] for row in rows]
    elif how == "renamed":
        rows[0][column] = chance.choice([name.upper(), name + " ", name + "s", "", "\ufeff" + name])
    elif how == "scaled":
        factor = chance.choice(FACTORS)
        for row in rows[1:]:
            row[column] = f"{float(row[column]) * factor:.15g}" if _is_number(row[column]) else row[column]
    else:
        for row, value in zip(rows[1:], sorted(row[column] for row in rows[1:]), strict=True):
            row[column] = value
    _write(path, rows)
    return f"{_shown(project, path)}: column {name} {how}"


def _line(chance: Random, project: Path) -> str:
    """A line is gone, doubled, moved, cut, or joined to the next."""
    path = chance.choice(_files(project))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at, how = chance.randrange(len(lines)), chance.choice(["gone", "twice", "moved", "cut", "joined"])
    if how == "gone":
        del lines[at]
    elif how == "twice":
        lines.insert(at, lines[at])
    elif how == "moved":
        lines.insert(chance.randrange(len(lines)), lines.pop(at))
    elif how == "cut":
        lines[at] = lines[at][: chance.randrange(len(lines[at]))] + "\n"
    else:
        lines[at] = lines[at].rstrip("\n")
    path.write_text("".join(lines), encoding="utf-8")
    return f"{_shown(project, path)}:{at + 1}: line {how}"


# --- Keys of TOML files -----------------------------------------------------------------------------------------


def _key(chance: Random, project: Path) -> str:
    """The value of a key becomes one of another type, or beyond all bounds."""
    path = chance.choice(_files(project, ".toml"))
    lines = path.read_text(encoding="utf-8").splitlines()
    at = chance.choice([number for number, line in enumerate(lines) if " = " in line])
    key = lines[at].partition(" = ")[0]
    value = chance.choice(VALUES)
    lines[at] = f"{key} = {value}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"{_shown(project, path)}: {lines[at][:50]}"


def _new_key(chance: Random, project: Path) -> str:
    """A key that nobody knows, or a known one at another place."""
    path = chance.choice(_files(project, ".toml"))
    line = chance.choice(
        ["x = 1", "people_engaged = 7", "[x]\ny = 1", "[[sources]]", "a.b.c = 1", '"" = 1', "locater = 1", "="]
    )
    text = path.read_text(encoding="utf-8")
    at = chance.choice([0, len(text)])
    path.write_text(f"{text[:at]}{line}\n{text[at:]}", encoding="utf-8")
    return f"{_shown(project, path)}: {line!r} at {at}"


def _choice(chance: Random, project: Path) -> str:
    """An edition chooses something else."""
    path = project / "reference" / "editions" / "main.toml"
    line = chance.choice(CHOICES)
    key = line.partition(" = ")[0]
    kept = [old for old in path.read_text(encoding="utf-8").splitlines() if not old.startswith(f"{key} = ")]
    path.write_text("\n".join([*kept, line]) + "\n", encoding="utf-8")
    return line[:60]


# --- Files ------------------------------------------------------------------------------------------------------


def _bytes(chance: Random, project: Path) -> str:
    """A few bytes of a file are changed, put in, or gone; or the file ends early."""
    path = chance.choice(_files(project))
    content = bytearray(path.read_bytes())
    at, how = chance.randrange(len(content)), chance.choice(["changed", "put in", "gone", "ends", "repeated", "zeros"])
    if how == "changed":
        content[at] = chance.randrange(256)
    elif how == "put in":
        piece = chance.choice(
            [b'"', b",", b"\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b";", b"\t", b"\\", b"'", b"#"]
        )
        content[at:at] = piece
    elif how == "gone":
        del content[at : at + chance.randrange(1, 30)]
    elif how == "ends":
        del content[at:]
    elif how == "repeated":
        content += content[at:]
    else:
        content[at : at + 20] = bytes(20)
    path.write_bytes(bytes(content))
    return f"{_shown(project, path)}: bytes {how} at {at}"


def _kind(chance: Random, project: Path) -> str:
    """A file is of another kind: empty, another encoding, another format, another separator."""
    path = chance.choice(_files(project))
    text = path.read_text(encoding="utf-8")
    name, content = chance.choice(
        [
            ("empty", b""),
            ("a line end", b"\n"),
            ("a mark", b"\xef\xbb\xbf"),
            ("UTF-16", text.encode("utf-16")),
            ("UTF-16 without a mark", text.encode("utf-16-le")),
            ("with a mark", text.encode("utf-8-sig")),
            ("CRLF", text.replace("\n", "\r\n").encode()),
            ("CR", text.replace("\n", "\r").encode()),
            ("semicolons", text.replace(",", ";").encode()),
            ("tabs", text.replace(",", "\t").encode()),
            ("a workbook", b"PK\x03\x04" + text.encode()),
            ("a web page", b"<!DOCTYPE html><html></html>"),
            ("a Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
            ("conflict marks", f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> x\n".encode()),
            ("only its header", text.partition("\n")[0].encode()),
            ("no line end", text.rstrip("\n").encode()),
            ("noise", bytes(chance.randrange(256) for _ in range(200))),
        ]
    )
    path.write_bytes(content)
    return f"{_shown(project, path)}: {name}"


def _place(chance: Random, project: Path) -> str:
    """A file is gone, a folder, a link, elsewhere, under another name, or in the place of another."""
    path, how = (
        chance.choice(_files(project)),
        chance.choice(["gone", "folder", "link", "dangling", "named", "swapped", "pipe"]),
    )
    other = chance.choice(_files(project))
    if how == "gone":
        path.unlink()
    elif how == "folder":
        path.unlink()
        path.mkdir()
    elif how == "link":
        path.rename(project / path.name)
        path.symlink_to(project / path.name)
    elif how == "dangling":
        path.unlink()
        path.symlink_to("nowhere")
    elif how == "named":
        path.rename(
            path.with_name(chance.choice(["x.csv", path.stem, path.name.upper(), f"{path.name} (1)", "caf\udce9.csv"]))
        )
    elif how == "swapped":
        content, others = path.read_bytes(), other.read_bytes()
        path.write_bytes(others)
        other.write_bytes(content)
    else:
        path.unlink()
        os.mkfifo(path)
    return f"{_shown(project, path)}: {how}"


# --- Folders ----------------------------------------------------------------------------------------------------


def _folder(chance: Random, project: Path) -> str:
    """A folder is gone, empty, a file, a link, of another name, or there twice."""
    folder = project / chance.choice(["raw", "reference", "raw/C-1", "raw/C-2", "reference/editions"])
    how = chance.choice(["gone", "empty", "file", "link", "named", "named", "twice", "twice", "stray", "inside itself"])
    name = chance.choice(NAMES)
    if how in ("gone", "empty", "file"):
        shutil.rmtree(folder)
        folder.mkdir() if how == "empty" else folder.touch() if how == "file" else None
    elif how == "link":
        folder.rename(project / "elsewhere")
        folder.symlink_to(project / "elsewhere")
    elif how == "named":
        folder.rename(folder.with_name(name))
    elif how == "twice":
        shutil.copytree(folder, folder.with_name(name))
    elif how == "stray":
        (folder / name).mkdir()
    else:
        (folder / "loop").symlink_to(folder)
    return f"{_shown(project, folder)}: {how} {name if how in ('named', 'twice', 'stray') else ''}"


DAMAGES: dict[str, Damage] = {
    "number": _in_cells("number", _is_number, lambda chance, _: chance.choice(NUMBERS)),
    "scaled": _in_cells("scaled", _is_number, _times),
    "date": _in_cells("date", _is_date, lambda chance, _: chance.choice(DATES)),
    "text": _in_cells("text", lambda cell: True, lambda chance, _: chance.choice(TEXTS)),
    "emptied": _in_cells("emptied", bool, lambda chance, _: ""),
    "another row's": _another,
    "column": _column,
    "line": _line,
    "key": _key,
    "new key": _new_key,
    "choice": _choice,
    "bytes": _bytes,
    "kind": _kind,
    "place": _place,
    "folder": _folder,
}


def damaged(project: Path, seed: int) -> tuple[str, str]:
    """Do one to three damages to a project; returns their kinds and what was done, alike for the same seed."""
    chance = Random(seed)
    kinds: list[str] = []
    done: list[str] = []
    wanted = chance.choice([1, 1, 1, 2, 3])
    for _ in range(MOST_TRIES):
        if len(done) == wanted:
            break
        kind = chance.choice(list(DAMAGES))
        try:
            what = DAMAGES[kind](chance, project)
        except (OSError, IndexError, ValueError):  # on top of an earlier damage there may be nothing left to take
            what = ""
        if what:
            kinds.append(kind)
            done.append(what)
    return " + ".join(kinds), "; ".join(done)
