"""The INDIGO import of hostile and damaged exports: each is refused on one clear line, and nothing is written."""

import csv
import io
import stat
import sys
import tomllib
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import cli
from pipeline.facts.raw import read_raw
from pipeline.importers.imported import ImportProblem
from pipeline.importers.indigo import columns as indigo
from pipeline.importers.indigo import files
from pipeline.importers.indigo.importer import plan_import
from pipeline.importers.merge import write_import
from pipeline.tables.reference import Corrections
from tests.importers.indigo.made_up_export import read_export

A = "INDIGO-POJ-9001"
NO_CORRECTIONS = pd.DataFrame(columns=list(Corrections.to_schema().columns))
PLAIN = (indigo.PROJECT_ID, "ID", "Id", "Name")
Tables = dict[str, dict[str, str]]
MakeZip = Callable[..., Path]
Run = Callable[[Path], tuple[int, str, str]]


# --- A made-up export of one contract, one row per file ------------------------------------------------------


def made_up_tables() -> Tables:
    """One row of each file; columns that are not named are empty."""
    return {
        indigo.PROJECTS: {
            "ID": A,
            indigo.NAME: "Steady Homes",
            indigo.STAGE: "Complete",
            indigo.SECTOR: "Homelessness",
        },
        indigo.LOCATIONS: {indigo.PROJECT_ID: A, indigo.COUNTRY_COLUMN: "GB", indigo.PLACE: "Sampleton"},
        indigo.RESULTS: {
            indigo.PROJECT_ID: A,
            indigo.METRIC_ID: "outcomemetric1",
            indigo.RESULT_TYPE: "Final",
            indigo.ACHIEVED: "12",
        },
        indigo.PAYMENTS: {
            indigo.PROJECT_ID: A,
            indigo.PAYER_ID: "INDIGO-ORG-1",
            indigo.PAYMENT_CURRENCY: "GBP",
            indigo.PAYMENT_AMOUNT: "4000",
        },
        indigo.COMMITMENTS: {indigo.PROJECT_ID: A, indigo.ORGANISATION_ID: "INDIGO-ORG-1"},
        indigo.PROVISIONS: {indigo.PROJECT_ID: A, indigo.ORGANISATION_ID: "INDIGO-ORG-1"},
        indigo.INVESTMENTS: {indigo.PROJECT_ID: A, indigo.ORGANISATION_ID: "INDIGO-ORG-1"},
        indigo.METRICS: {indigo.PROJECT_ID: A, "Id": "outcomemetric1"},
        indigo.PRICES: {
            indigo.PROJECT_ID: A,
            indigo.METRIC_ID: "outcomemetric1",
            indigo.PRICE_CURRENCY: "GBP",
            indigo.PRICE: "500",
        },
        indigo.PROJECT_FUNDS: {indigo.PROJECT_ID: A, "Id": "INDIGO-FUND-1"},
        indigo.FUNDS: {"ID": "INDIGO-FUND-1", indigo.FUND_NAME: "Made-up Fund"},
        indigo.ORGANISATIONS: {"ID": "INDIGO-ORG-1", "Name": "Sampleton City Council"},
    }


def csv_text(name: str, row: dict[str, str]) -> str:
    columns = indigo.COLUMNS[name]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(column if column in PLAIN else f"{column} - (Value)" for column in columns)
    writer.writerow(row.get(column, "") for column in columns)
    return out.getvalue()


def members_of(tables: Tables) -> dict[str, str | bytes]:
    return {name: csv_text(name, row) for name, row in tables.items()}


def zipped(*members: tuple[str | zipfile.ZipInfo, str | bytes]) -> bytes:
    """A zip of members by name or full header, packed as is usual."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.filterwarnings("ignore", "Duplicate name", UserWarning)
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def make_zip(tmp_path: Path) -> MakeZip:
    """Write a zip of the made-up export, with members added or, where they have the same name, replaced."""

    def make(*added: tuple[str | zipfile.ZipInfo, str | bytes], **replaced: str | bytes | None) -> Path:
        members: dict[str, str | bytes | None] = {**members_of(made_up_tables())}
        members |= {f"{name}.csv": content for name, content in replaced.items()}
        path = tmp_path / "export.zip"
        path.write_bytes(zipped(*((n, c) for n, c in members.items() if c is not None), *added))
        return path

    return make


@pytest.fixture
def import_indigo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``publicvalue import indigo`` in this process; returns exit status, standard output, standard error."""

    def run(path: Path) -> tuple[int, str, str]:
        arguments = ["publicvalue", "import", "indigo", str(path), "--raw", str(tmp_path / "raw")]
        monkeypatch.setattr(sys, "argv", arguments)
        status: object = 0
        try:
            cli.main()
        except SystemExit as done:
            status = done.code or 0
        printed = capsys.readouterr()
        assert isinstance(status, int)
        return status, printed.out, printed.err

    return run


@pytest.fixture
def refused(import_indigo: Run, tmp_path: Path) -> Callable[[Path], str]:
    """Import what must be refused; returns the one line that is said, without the path it begins with."""

    def of(path: Path) -> str:
        before = sorted(tmp_path.rglob("*"))
        status, out, err = import_indigo(path)
        assert (status, out) == (1, "")
        assert sorted(tmp_path.rglob("*")) == before
        (line,) = err.splitlines()
        return line.removeprefix(f"{path}: ")

    return of


def header(name: str, **fields: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def test_a_sound_zip_is_imported(make_zip: MakeZip, import_indigo: Run, tmp_path: Path) -> None:
    status, out, err = import_indigo(make_zip())
    assert (status, err) == (0, "")
    assert f"+ {A}/contract.toml: Steady Homes" in out
    assert (tmp_path / "raw" / A / "outcomes.csv").is_file()


# --- Names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv",
        "data/../../evil.txt",
        "/etc/evil.csv",
        "..\\evil.csv",
        "data\\..\\evil.csv",
        "C:\\evil.csv",
        "C:evil.csv",
        "\\\\server\\share\\evil.csv",
        "..",
    ],
)
def test_a_name_that_leads_out_of_the_zip(make_zip: MakeZip, refused: Callable[[Path], str], name: str) -> None:
    assert refused(make_zip((name, "x"))) == f"the name {name!r} leads out of the zip"


@pytest.mark.parametrize("folder", ["./", "data//csv/", "a..b/"])
def test_an_odd_name_within_the_zip_is_read(tmp_path: Path, make_zip: MakeZip, folder: str) -> None:
    expected = read_export(make_zip())
    path = tmp_path / "odd.zip"
    path.write_bytes(zipped(*((f"{folder}{name}", text) for name, text in members_of(made_up_tables()).items())))
    assert read_export(path) == expected


def test_a_member_without_a_name_is_no_file(make_zip: MakeZip) -> None:
    path = make_zip(("!nameless.csv", "x"))
    # A name ends at its first NUL.
    path.write_bytes(path.read_bytes().replace(b"!nameless.csv", b"\x00nameless.csv"))
    assert list(read_export(path)) == [A]


def test_a_name_with_a_line_end_is_said_on_one_line(make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    said = refused(make_zip(("a\nfunds.csv", "x"), ("a\nb_funds.csv", "x"), funds=None))
    assert said == "several files could be funds.csv: a b_funds.csv, a funds.csv"


def test_a_link_is_not_followed(make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    link = header("funds.csv", create_system=3, external_attr=(stat.S_IFLNK | 0o777) << 16)
    assert refused(make_zip((link, "/etc/passwd"), funds=None)) == "'funds.csv' is a link, expected a file"


def test_two_members_of_one_name(make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    again = csv_text(indigo.FUNDS, {"ID": "INDIGO-FUND-1", indigo.FUND_NAME: "Another"})
    assert refused(make_zip(("funds.csv", again))) == "several files could be funds.csv: funds.csv, funds.csv"


# --- What is not there, or packed in another way -------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ((), "projects.csv is missing"),
        ((("notes.txt", "hello"),), "projects.csv is missing"),
        ((("projects.csv/", ""),), "projects.csv is missing"),
        ((("__MACOSX/projects.csv", "x"), (".hidden/projects.csv", "x")), "projects.csv is missing"),
    ],
)
def test_a_zip_without_the_files(
    tmp_path: Path, refused: Callable[[Path], str], members: tuple[tuple[str, str], ...], said: str
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(zipped(*members))
    assert refused(path) == said


def test_a_zip_in_a_zip(tmp_path: Path, make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    path = tmp_path / "outer.zip"
    path.write_bytes(zipped(("readme.txt", "hello"), ("inner/export.zip", make_zip().read_bytes())))
    assert refused(path) == "contains another zip instead of CSV files, 'inner/export.zip'; unpack it first"


def test_a_zip_that_calls_itself_csv(make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    said = refused(make_zip(funds=zipped(("funds.csv", "x" * 1000))))
    assert said.startswith("funds.csv:1: file: a zip file, such as an Excel workbook (expected UTF-8 text")


def test_an_encrypted_zip(make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    path = make_zip()
    content = bytearray(path.read_bytes())
    # The first bit of the flags, in the header of every member and in the directory at the end.
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(signature, at + 1)
    path.write_bytes(bytes(content))
    assert refused(path) == "'projects.csv' is encrypted; unpack the zip and import its folder"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_method_of_packing(make_zip: MakeZip, refused: Callable[[Path], str], method: int) -> None:
    packed = header("more.csv", compress_type=method)
    assert refused(make_zip((packed, "x"))) == "'more.csv' uses a compression method that cannot be read; zip it again"


# --- Sizes --------------------------------------------------------------------------------------------------


def declaring(path: Path, name: str, size: int) -> Path:
    """Change the size that the directory of a zip declares for a file."""
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    while content[at + 46 : at + 46 + len(name)] != name.encode():
        at = content.index(b"PK\x01\x02", at + 1)
    content[at + 24 : at + 28] = size.to_bytes(4, "little")
    path.write_bytes(bytes(content))
    return path


def test_a_zip_that_declares_more_than_the_limit(make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    path = declaring(make_zip(), "projects.csv", 3_000_000_000)
    assert refused(path) == "its files contain more than 200 MB, up to projects.csv"


def test_a_zip_that_holds_more_than_it_declares(make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    path = declaring(make_zip(funds="x" * 5_000_000), "funds.csv", 10)
    assert refused(path) == "funds.csv cannot be read (Bad CRC-32 for file 'funds.csv')"


@pytest.mark.parametrize("is_zip", [True, False])
def test_the_limit_is_on_all_files_together(
    tmp_path: Path, make_zip: MakeZip, refused: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch, is_zip: bool
) -> None:
    path = make_zip()
    if not is_zip:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "export")
        path = tmp_path / "export"
    size = sum(len(text) for text in members_of(made_up_tables()).values())
    monkeypatch.setattr(files, "LARGEST_EXPORT_BYTES", size)
    assert list(read_export(path)) == [A]
    monkeypatch.setattr(files, "LARGEST_EXPORT_BYTES", size - 1)
    last = list(indigo.COLUMNS)[-1]
    assert refused(path) == f"its files contain more than {(size - 1) / 1e6:g} MB, up to {last}"


def test_files_that_are_not_read_may_be_of_any_size(make_zip: MakeZip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_EXPORT_BYTES", 100_000)
    assert list(read_export(make_zip(("video.mp4", bytes(200_000))))) == [A]


def test_a_cell_of_fifty_megabytes(make_zip: MakeZip, refused: Callable[[Path], str]) -> None:
    said = refused(make_zip(funds=b"ID,Fund - Name\nINDIGO-FUND-1," + b"x" * 50_000_000 + b"\n"))
    assert said == "funds.csv:2: row: a cell longer than 131,072 characters"


# --- Any bytes, any text ------------------------------------------------------------------------------------

SOUND = zipped(*members_of(made_up_tables()).items())


@given(
    st.lists(
        st.tuples(st.integers(0, len(SOUND) - 1), st.sampled_from(["set", "cut", "insert"]), st.binary(max_size=8)),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=150)
def test_a_damaged_zip_is_refused_or_read_as_it_was(changes: list[tuple[int, str, bytes]]) -> None:
    content = SOUND
    for at, kind, data in changes:
        kept = {"set": at + len(data), "cut": at + len(data), "insert": at}[kind]
        content = content[:at] + (b"" if kind == "cut" else data) + content[kept:]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        path.write_bytes(content)
        try:
            contracts = read_export(path)
        except ImportProblem as problem:
            said = str(problem).splitlines()
        else:
            said = [row["quantity"] for row in contracts[A].outcomes]
            assert said == ["12"]
        assert len(said) == 1


# Cells as spreadsheets and browsers would misread them, and any other text.
CELLS = st.sampled_from(
    ["=1+1", "+44 20", "-12", "@SUM(A1)", "<script>alert(1)</script>", "&amp;", '"', "''", "\t=1", "\\", "\x00", "a\rb"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def one_line(text: str) -> str:
    return " ".join(text.split())


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@given(name=CELLS, metric=CELLS.filter(str.strip), payer=CELLS, fund=CELLS, other=CELLS)
@settings(max_examples=20, deadline=None)
def test_cells_stay_as_they_are_or_are_refused_with_their_place(
    name: str, metric: str, payer: str, fund: str, other: str
) -> None:
    tables = made_up_tables()
    tables[indigo.PROJECTS] |= {indigo.NAME: name, indigo.SIGNED: other, indigo.PEOPLE_TARGETED: other}
    tables[indigo.RESULTS] |= {indigo.METRIC_ID: metric}
    tables[indigo.PAYMENTS] |= {indigo.PERIOD_START: "2020", indigo.PERIOD_END: "2021", indigo.NOTES: other}
    tables[indigo.ORGANISATIONS]["Name"] = payer
    tables[indigo.FUNDS][indigo.FUND_NAME] = fund
    with TemporaryDirectory() as folder:
        path, raw = Path(folder) / "export.zip", Path(folder) / "raw"
        path.write_bytes(zipped(*members_of(tables).items()))
        said = ""
        try:
            write_import(plan_import(path, raw), raw)
        except ImportProblem as problem:
            said = str(problem)
        assert said.isprintable()
        assert bool(said) != raw.exists()
        if said:
            assert A in said or "NUL" in said
            return
        contract = tomllib.loads((raw / A / "contract.toml").read_text(encoding="utf-8"))
        (paid,), (outcome,) = rows_of(raw / A / "payments.csv"), rows_of(raw / A / "outcomes.csv")
        assert plan_import(path, raw).changes == []
        left_to_do = {"label", "unit"}
        assert {p.column for p in read_raw(raw, NO_CORRECTIONS)[1]} <= left_to_do
    assert contract["name"] == one_line(name)
    assert contract["outcomes_fund"] == [one_line(fund).removesuffix(" - United Kingdom")]
    assert paid["payer"] == (one_line(payer) or "INDIGO-ORG-1")
    assert outcome["metric_id"] == one_line(metric)
