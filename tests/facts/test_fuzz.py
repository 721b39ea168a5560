"""Any file at all: the readers of CSV and TOML never raise; each problem is one line and names a row of its file.

Belongs here: laws that hold whatever a file holds. What is said of one fault stands in the tests of the reader.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.facts.editions import read_editions
from pipeline.facts.problems import Problem
from pipeline.facts.raw import RAW_TABLES, read_raw
from pipeline.facts.reference import read_reference
from pipeline.facts.typed_csv import read_text_rows, to_table
from pipeline.tables.base import Table, described, filled
from pipeline.tables.catalogue import REFERENCE_TABLES
from pipeline.tables.reference import Corrections
from tests.conftest import part_of

pytestmark = pytest.mark.slow

NO_CORRECTIONS = pd.DataFrame(columns=list(Corrections.to_schema().columns))


def rows_in(content: bytes) -> int:
    """Rows of a file as an editor counts them, whichever line ends it has."""
    return len(re.split(rb"\r\n|\r|\n", content))


def assert_said_well(problems: Iterable[Problem], rows: dict[str, int]) -> None:
    """Each problem is one line, at a row of a file that is there, or at row 0 where that is missing or no file."""
    for problem in problems:
        assert len(str(problem).splitlines()) == 1
        assert problem.what
        assert 0 <= problem.row <= rows.get(problem.path, 0), str(problem)


# --- Contents -------------------------------------------------------------------------------------------------

# What people, spreadsheets and other programs put into cells.
CELLS = st.sampled_from(
    """
    | |0|-0|-1|1|12.5|1e5|1E400|inf|nan|NaN|None|null|n/a|1,000|£1,000|1.234,56|0x1F|1_000|999999999999999|
    9999999999999999999999|0.1234567890123456789|\u0661\u0662|\uff11|\u22125|12\u00a0000|true|false|TRUE|yes|
    2018-10-31|2018-02-31|2018-13-01|31/10/2018|0000-00-00|9999-12-31|2018-1-1|2018-10-31T00:00:00|paid|reported|
    =1+1|+1|@SUM(A1)|<script>|''|"|""|"a|a"|,|;|\\|\t|\x00|\x1b[31m|\u202e|\ufeff|\u2028|\x85|a\nb|a\r\nb|a\rb
    """.replace("\n    ", "").split("|")
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


def csv_of(rows: Sequence[Sequence[str]], terminator: str = "\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=terminator).writerows(rows)
    return out.getvalue().encode()


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """A file with a few places changed: something cut, put in, doubled, or two pieces swapped."""
    for _ in range(draw(st.integers(1, 4))):
        at, to = sorted(draw(st.tuples(st.integers(0, len(content)), st.integers(0, len(content)))))
        kind = draw(st.sampled_from(["cut", "put in", "double", "swap"]))
        if kind == "cut":
            content = content[:at] + content[min(to, at + 20) :]
        elif kind == "put in":
            piece = st.sampled_from([b'"', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xef\xbb\xbf"])
            content = content[:at] + draw(piece | st.binary(max_size=3)) + content[at:]
        elif kind == "double":
            content = content[:to] + content[at:to] + content[to:]
        else:
            content = content[:at] + content[to:] + content[at:to]
    return content


def files(sound: bytes) -> st.SearchStrategy[bytes]:
    """Any bytes, any text in any encoding that people save in, and a sound file with a few places changed."""
    text = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('",\n\r=[]#.'), max_size=60)
    encoded = st.builds(str.encode, text, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
    return st.binary(max_size=60) | encoded | mutations(sound)


# --- CSV ------------------------------------------------------------------------------------------------------


class Sample(Table):
    """One column of every type, a key, and a rule over the row."""

    name: str = filled("a name", unique=True)
    amount: float = described("a number", ge=0)
    people: pd.Int64Dtype = described("a whole number", ge=0, nullable=True)
    day: pa.DateTime = described("a date", nullable=True)
    is_true: bool = described("a truth")
    word: str = described("a word", isin=["paid", "reported"])

    class Config:
        """A key over two columns."""

        unique: ClassVar = ["amount", "day"]

    @pa.dataframe_check(error="people: more people than pounds")
    @classmethod
    def fewer_people_than_pounds(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A rule over two columns."""
        return df["people"].isna() | (df["people"] <= df["amount"])


COLUMNS = list(Sample.to_schema().columns)
SOUND_ROWS = [
    ["a", "1234.5", "12", "2018-10-31", "true", "paid"],
    ["b", "5", "", "", "false", "reported"],
    ["c, d", "7", "0", "2019-01-01", "false", "paid"],
]
SOUND = csv_of([COLUMNS, *SOUND_ROWS])
TERMINATORS = st.sampled_from(["\n", "\r\n", "\r"])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to be written again and again."""
    return tmp_path_factory.mktemp("csv") / "sample.csv"


def read_sample(path: Path, content: bytes) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a file; whatever it holds, the laws hold."""
    path.write_bytes(content)
    rows = read_text_rows(path, "sample.csv", COLUMNS)
    table, found = to_table(rows, Sample, index_by_row=True)
    problems = [*rows.problems, *found]
    assert_said_well(problems, {"sample.csv": rows_in(content)})
    assert table.index.is_unique
    assert table.index.isin(range(2, rows_in(content) + 1)).all()
    if not problems:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        assert len(Sample.validate(table, lazy=True)) == sum(1 for cells in reader if cells) - 1
    return table, problems


def test_the_sound_file_is_sound(sample: Path) -> None:
    table, problems = read_sample(sample, SOUND)
    assert problems == []
    assert len(table) == len(SOUND_ROWS)


@settings(max_examples=part_of(100))
@given(files(SOUND))
def test_any_file_is_read_or_refused(sample: Path, content: bytes) -> None:
    read_sample(sample, content)


@settings(max_examples=part_of(60))
@given(st.lists(st.lists(CELLS, min_size=5, max_size=7), max_size=5), TERMINATORS)
def test_any_cells_are_read_or_refused(sample: Path, rows: list[list[str]], terminator: str) -> None:
    table, problems = read_sample(sample, csv_of([COLUMNS, *rows], terminator))
    assert problems or len(table) == len(rows)


@settings(max_examples=part_of(80))
@given(st.integers(0, len(SOUND_ROWS) - 1), st.integers(0, len(COLUMNS) - 1), CELLS, st.permutations(COLUMNS))
def test_one_odd_cell_is_kept_as_it_is_or_refused_at_its_place(
    sample: Path, row: int, column: int, cell: str, order: list[str]
) -> None:
    rows = [list(cells) for cells in SOUND_ROWS]
    rows[row][column] = cell
    positions = [COLUMNS.index(name) for name in order]
    table, problems = read_sample(sample, csv_of([[cells[p] for p in positions] for cells in [COLUMNS, *rows]]))
    if problems:
        assert {problem.row for problem in problems} <= set(range(row + 2, len(rows) + 2))
    elif COLUMNS[column] == "name":
        assert table["name"].iloc[row] == cell.strip()
    assert len(table) == len(rows)


@settings(max_examples=part_of(15))
@given(st.data())
def test_any_reference_table_is_read_or_refused(small_reference: Path, data: st.DataObject) -> None:
    """A table of the project's own, with a few places changed."""
    name = data.draw(st.sampled_from(sorted(REFERENCE_TABLES)))
    path, model = small_reference / f"{name}.csv", REFERENCE_TABLES[name]
    sound = path.read_bytes()
    content = data.draw(mutations(sound))
    try:
        path.write_bytes(content)
        reference, problems = read_reference(small_reference)
    finally:
        path.write_bytes(sound)
    assert_said_well(problems, {f"reference/{name}.csv": rows_in(content)})
    assert {problem.path for problem in problems} <= {f"reference/{name}.csv"}
    if not problems:
        model.validate(getattr(reference, name), lazy=True)


@pytest.fixture(scope="module")
def small_reference(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's reference tables, the first rows of each, and its editions."""
    folder = tmp_path_factory.mktemp("project") / "reference"
    (folder / "editions").mkdir(parents=True)
    for name in REFERENCE_TABLES:
        lines = (project_root / "reference" / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        # Of an earlier publication the tables would have to lie there too.
        rows = 0 if name == "earlier_publications" else 3
        (folder / f"{name}.csv").write_text("".join(lines[: rows + 1]), encoding="utf-8", newline="")
    for edition in (project_root / "reference" / "editions").glob("*.toml"):
        (folder / "editions" / edition.name).write_bytes(edition.read_bytes())
    return folder


def test_the_small_reference_is_sound(small_reference: Path) -> None:
    assert read_reference(small_reference)[1] == []


# --- TOML -----------------------------------------------------------------------------------------------------

EDITION = {
    "edition": '"made-up"',
    "title": '"A made-up edition"',
    "reasons": '"Why"',
    "cut_off": "2021-03-31",
    "price_year": '"2020-21"',
    "deadweight_layer": '"none"',
    "value_set": '"2015"',
    "unit_value_level": '"central"',
    "time_convention": '"measured"',
    "annual_rung": '"entry"',
    "horizon_years": "5.0",
    "payment_bases": '["paid", "reported"]',
    "published_edition": '""',
}
CONTRACT = {
    "contract_id": '"C-1"',
    "name": '"Steady Homes"',
    "policy_area": '"homelessness"',
    "outcomes_fund": '["One Fund"]',
    "stage": '"complete"',
    "contract_signed": "2018-01-01",
    "service_start": "2018-10-01",
    "service_end": "2019-09-30",
    "service_end_basis": '"actual"',
    "people_targeted": "20",
    "people_engaged": "12",
    "delivery_places": "1",
    "sources": '[{ source_id = "s-1", locator = "p. 1" }]',
}
SCALARS = [
    *("0", "-1", "1.5", "1e400", "inf", "-inf", "nan", "true", "0x1F", "0o7", "9" * 30, "9" * 5000),
    *("1979-05-27", "0001-01-01", "9999-12-31", "07:32:00", "1979-05-27T07:32:00", "1979-05-27T07:32:00Z"),
    *('""', '"paid"', '"C-1"', '"../x"', '"a\\nb"', '"\\u0000"', '"\\u202e"', "'''\nx\ny'''", '"2018-10-01"', '"12"'),
]
VALUES = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, max_size=2).map(
            lambda items: "{ " + ", ".join(f"k{n} = {item}" for n, item in enumerate(items)) + " }"
        )
        | inner.map(lambda item: f"[{{ source_id = {item} }}]")
    ),
    max_leaves=5,
)
DEEP = "[" * 3000 + "]" * 3000


def toml_of(values: dict[str, str]) -> bytes:
    return "".join(f"{key} = {value}\n" for key, value in values.items()).encode()


def changed(values: dict[str, str]) -> st.SearchStrategy[bytes]:
    """The same keys, and perhaps another, with values of any type for some of them."""
    keys = st.sampled_from([*values, "another"])
    return st.dictionaries(keys, VALUES, min_size=1, max_size=3).map(lambda others: toml_of(values | others))


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one edition, to be written again and again."""
    folder = tmp_path_factory.mktemp("reference") / "editions"
    folder.mkdir()
    return folder


def read_edition(folder: Path, content: bytes) -> list[Problem]:
    """Read an edition; whatever its file holds, the laws hold."""
    (folder / "made-up.toml").write_bytes(content)
    found, problems = read_editions(folder, "editions")
    assert_said_well(problems, {"editions/made-up.toml": rows_in(content)})
    assert list(found) == ([] if problems else ["made-up"])
    return problems


def test_the_sound_edition_is_sound(editions: Path) -> None:
    assert read_edition(editions, toml_of(EDITION)) == []


@settings(max_examples=part_of(150))
@given(files(toml_of(EDITION)))
def test_any_edition_file_is_read_or_refused(editions: Path, content: bytes) -> None:
    read_edition(editions, content)


@settings(max_examples=part_of(200))
@given(changed(EDITION))
@example(toml_of(EDITION | {"title": DEEP}))
@example(toml_of(EDITION | {"horizon_years": "9" * 5000}))
def test_an_edition_of_values_of_any_type_is_read_or_refused(editions: Path, content: bytes) -> None:
    read_edition(editions, content)


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one contract, to be written again and again."""
    folder = tmp_path_factory.mktemp("project") / "raw" / "C-1"
    folder.mkdir(parents=True)
    return folder


OUTCOMES = csv_of(
    [
        [
            "metric_id",
            "label",
            "result_type",
            "period_start",
            "period_end",
            "quantity",
            "unit",
            "is_net_of_deadweight",
            "source_id",
            "locator",
        ],
        ["m1", "moved in", "final", "2018-10-01", "2019-09-30", "12", "person", "false", "s-1", "results: C-1 #1"],
        ["m2", "nights", "interim", "", "", "12.5", "day", "true", "s-1", "results: C-1 #2"],
    ]
)
PAYMENTS = csv_of(
    [
        [
            "payer",
            "payer_kind",
            "period_start",
            "period_end",
            "amount_gbp",
            "basis",
            "metric_id",
            "source_id",
            "locator",
            "note",
        ],
        ["A Council", "local", "2018-10-01", "2019-09-30", "1200.50", "paid", "m1", "s-1", "payments: C-1 #1", ""],
        ["", "unknown", "", "", "9000", "commitment", "", "s-1", "projects: C-1 maximum", ""],
    ]
)
REJECTED = csv_of(
    [
        ["file", "row", "column", "value", "reason", "source_id", "locator"],
        ["projects_results.csv", "2", "Outcomes achieved", "about half", "not a number", "s-1", "results: C-1 #2"],
    ]
)
ORGANISATIONS = csv_of(
    [
        [
            "role",
            "organisation_id",
            "name",
            "is_group",
            "investment_committed_gbp",
            "is_low_end",
            "source_id",
            "locator",
        ],
        ["provider", "O-1", "Steady Charity", "false", "", "false", "s-1", "provisions: C-1 #1"],
        ["investor", "", "", "false", "5000", "true", "s-1", "projects: C-1 investment"],
    ]
)
PLACES = csv_of(
    [
        ["place", "latitude", "longitude", "source_id", "locator"],
        ["Sampleton", "52.5", "-1.5", "s-1", "locations: C-1 #1"],
        ["Shire", "", "", "s-1", "locations: C-1 #2"],
    ]
)
PRICES = csv_of(
    [
        ["metric_id", "price_gbp", "price_basis", "maximum_gbp", "maximum_basis", "source_id", "locator"],
        ["m1", "1300", "cash", "11700", "per_person", "s-1", "prices: C-1 #1"],
        ["m2", "0.5", "cash_rising", "", "", "s-1", "prices: C-1 #2"],
    ]
)
TARGETS = csv_of(
    [
        ["metric_id", "measure", "target", "unit", "source_id", "locator"],
        ["m1", "users", "252", "person", "s-1", "metrics: C-1 #1"],
        ["m1", "outcome", "12.5", "", "s-1", "metrics: C-1 #1"],
    ]
)
PLANNED = csv_of(
    [
        ["plan_id", "payer", "payer_kind", "period_start", "period_end", "amount_gbp", "source_id", "locator"],
        ["plan1", "A Council", "local", "2031-04-01", "2031-06-30", "58500", "s-1", "planned: C-1 #1"],
        ["", "", "unknown", "2031-07-01", "2031-09-30", "0", "s-1", "planned: C-1 #2"],
    ]
)
SERVICE = csv_of(
    [
        ["fact", "code", "number", "source_id", "locator"],
        ["target_group", "rough_sleepers", "", "s-1", "projects: C-1"],
        ["months_planned", "", "38.5", "s-1", "projects: C-1"],
    ]
)
FOLDER = {
    "contract.toml": toml_of(CONTRACT),
    "outcomes.csv": OUTCOMES,
    "payments.csv": PAYMENTS,
    "organisations.csv": ORGANISATIONS,
    "places.csv": PLACES,
    "prices.csv": PRICES,
    "targets.csv": TARGETS,
    "planned_payments.csv": PLANNED,
    "service.csv": SERVICE,
    "rejected.csv": REJECTED,
}


def read_contract(folder: Path, **contents: bytes) -> list[Problem]:
    """Read a contract folder, some of its files changed; whatever they hold, the laws hold."""
    files_now = FOLDER | {".".join(name.rsplit("_", 1)): content for name, content in contents.items()}
    for name, content in files_now.items():
        (folder / name).write_bytes(content)
    facts, problems = read_raw(folder.parent, NO_CORRECTIONS)
    assert_said_well(problems, {f"raw/C-1/{name}": rows_in(content) for name, content in files_now.items()})
    assert {problem.path for problem in problems} <= {f"raw/C-1/{'.'.join(name.rsplit('_', 1))}" for name in contents}
    if not problems:
        for name, model in RAW_TABLES.items():
            model.validate(getattr(facts, name), lazy=True)
    return problems


def test_the_sound_contract_is_sound(contract: Path) -> None:
    assert read_contract(contract) == []


@settings(max_examples=part_of(30))
@given(files(toml_of(CONTRACT)))
def test_any_contract_file_is_read_or_refused(contract: Path, content: bytes) -> None:
    read_contract(contract, contract_toml=content)


@settings(max_examples=part_of(40))
@given(changed(CONTRACT))
@example(toml_of(CONTRACT | {"name": DEEP}))
@example(toml_of(CONTRACT | {"people_engaged": "9" * 5000}))
def test_a_contract_of_values_of_any_type_is_read_or_refused(contract: Path, content: bytes) -> None:
    read_contract(contract, contract_toml=content)


@settings(max_examples=part_of(25))
@given(mutations(OUTCOMES), mutations(PAYMENTS), mutations(REJECTED))
def test_any_results_payments_and_rejected_values_are_read_or_refused(
    contract: Path, outcomes: bytes, payments: bytes, rejected: bytes
) -> None:
    read_contract(contract, outcomes_csv=outcomes, payments_csv=payments, rejected_csv=rejected)


@settings(max_examples=part_of(25))
@given(mutations(ORGANISATIONS), mutations(PLACES))
def test_any_organisations_and_places_are_read_or_refused(contract: Path, organisations: bytes, places: bytes) -> None:
    read_contract(contract, organisations_csv=organisations, places_csv=places)


@settings(max_examples=part_of(25))
@given(mutations(PRICES), mutations(TARGETS), mutations(PLANNED), mutations(SERVICE))
def test_any_prices_targets_plans_and_facts_of_a_service_are_read_or_refused(
    contract: Path, prices: bytes, targets: bytes, planned: bytes, service: bytes
) -> None:
    read_contract(contract, prices_csv=prices, targets_csv=targets, planned_payments_csv=planned, service_csv=service)
