"""Edition files: what they may say, and the three of the project."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from pipeline.facts.editions import Edition, read_editions
from pipeline.facts.problems import Problem
from pipeline.facts.reference import Reference
from pipeline.tables.vocabulary import PAYMENT_BASES

SHOWN = "reference/editions"
GOOD = """
edition = "made-up"
title = "A title"
reasons = "The reasons"
cut_off = 2022-03-31
price_year = "2021-22"
deadweight_layer = "none"
value_set = "2015"
unit_value_level = "low"
time_convention = "annual"
annual_rung = "first_sustained"
horizon_years = 5
payment_bases = ["paid", "reported"]
published_edition = "2022"
"""

BY_DEFAULT = (
    "cut_off",
    "superseded_by",
    "discounting",
    "optimism_bias",
    "distribution",
    "disclosure_threshold",
    "disclosure_rounding",
    "transfers",
    "set_asides",
    "flat_deadweight",
    "added_values",
)
Read = Callable[..., tuple[dict[str, Edition], list[Problem]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read edition files given by name and content."""

    def of(**files: str | bytes) -> tuple[dict[str, Edition], list[Problem]]:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / f"{name.replace('_', '-')}.toml").write_bytes(data)
        return read_editions(tmp_path, SHOWN)

    return of


def test_an_edition_is_read_as_it_stands(read: Read) -> None:
    editions, problems = read(made_up=GOOD)
    assert problems == []
    assert editions == {
        "made-up": Edition(
            edition="made-up",
            title="A title",
            reasons="The reasons",
            cut_off=date(2022, 3, 31),
            price_year="2021-22",
            deadweight_layer="none",
            value_set="2015",
            unit_value_level="low",
            time_convention="annual",
            annual_rung="first_sustained",
            horizon_years=5,
            payment_bases=("paid", "reported"),
            published_edition="2022",
        )
    }


def test_what_an_edition_leaves_out_is_as_in_the_guidance(read: Read) -> None:
    editions, _ = read(made_up=GOOD)
    assert (editions["made-up"].optimism_bias, editions["made-up"].distribution) == ("none", "beta")
    editions, problems = read(made_up=f'{GOOD}optimism_bias = "by_grade"\ndistribution = "fixed"\n')
    assert problems == []
    assert (editions["made-up"].optimism_bias, editions["made-up"].distribution) == ("by_grade", "fixed")


def test_an_edition_withholds_small_counts_also_where_it_does_not_say_so(read: Read) -> None:
    editions, _ = read(made_up=GOOD)
    assert (editions["made-up"].disclosure_threshold, editions["made-up"].disclosure_rounding) == (10, 5)
    editions, problems = read(made_up=f"{GOOD}disclosure_threshold = 0\ndisclosure_rounding = 1\n")
    assert problems == []
    assert (editions["made-up"].disclosure_threshold, editions["made-up"].disclosure_rounding) == (0, 1)


def test_without_a_cut_off_everything_counts(read: Read) -> None:
    editions, problems = read(made_up=GOOD.replace("cut_off = 2022-03-31\n", ""))
    assert problems == []
    assert editions["made-up"].cut_off is None


def test_editions_come_in_order_and_a_bad_one_does_not_hide_a_good_one(read: Read) -> None:
    files = {name: GOOD.replace("made-up", name) for name in ("c", "a")} | {"b": "x = "}
    editions, problems = read(**files)
    assert list(editions) == ["a", "c"]
    assert [problem.path for problem in problems] == [f"{SHOWN}/b.toml"]


def test_a_folder_without_editions(read: Read) -> None:
    editions, problems = read()
    assert editions == {}
    assert [str(p) for p in problems] == [f"{SHOWN}:0: file: no edition found (expected at least one *.toml)"]


@pytest.mark.parametrize("name", [field.name for field in fields(Edition) if field.name not in BY_DEFAULT])
def test_every_choice_must_be_made(read: Read, name: str) -> None:
    without = "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith(f"{name} ="))
    editions, problems = read(made_up=without)
    assert editions == {}
    assert [str(problem) for problem in problems] == [f"{SHOWN}/made-up.toml:1: {name}: missing"]


def test_a_choice_that_does_not_exist(read: Read) -> None:
    _, problems = read(made_up=f"{GOOD}\nhorizon = 5\n")
    assert [str(problem) for problem in problems] == [f"{SHOWN}/made-up.toml:16: horizon: unknown key"]


@pytest.mark.parametrize("head", ["[extra]", "[[extra]]", "[extra.inner]", '["extra"]'])
def test_a_table_that_does_not_exist_is_told_where_it_stands(read: Read, head: str) -> None:
    _, problems = read(made_up=f"{GOOD}\n{head}\nx = 1\n")
    assert [str(problem) for problem in problems] == [f"{SHOWN}/made-up.toml:16: extra: unknown key"]


@pytest.mark.parametrize("name", ["archive", "history"])
def test_an_edition_takes_the_name_of_no_folder_beside_the_editions(read: Read, name: str) -> None:
    """It would be published into the place of earlier publications."""
    editions, problems = read(**{name: GOOD.replace('"made-up"', f'"{name}"')})
    assert name not in editions
    said = f"the name of a folder that lies beside the editions (found '{name}', expected another name)"
    assert [str(problem) for problem in problems] == [f"{SHOWN}/{name}.toml:2: edition: {said}"]


def test_an_edition_has_the_name_of_its_file(read: Read) -> None:
    _, problems = read(other=GOOD)
    assert [str(problem) for problem in problems] == [
        f"{SHOWN}/other.toml:2: edition: not the name of its file (found 'made-up', expected other)"
    ]


@pytest.mark.parametrize(
    ("column", "line"),
    [
        ("deadweight_layer", 'deadweight_layer = "gross"'),
        ("deadweight_layer", 'deadweight_layer = ["none"]'),
        ("unit_value_level", 'unit_value_level = "lowest"'),
        ("time_convention", 'time_convention = "yearly"'),
        ("annual_rung", 'annual_rung = "last"'),
        ("payment_bases", 'payment_bases = ["paid", "planned"]'),
        ("payment_bases", "payment_bases = 5"),
        ("payment_bases", 'payment_bases = [["paid"]]'),
        ("payment_bases", 'payment_bases = "paid"'),
        ("cut_off", 'cut_off = "2022-03-31"'),
        ("cut_off", "cut_off = false"),
        ("cut_off", "cut_off = 2022"),
        ("horizon_years", "horizon_years = 0"),
        ("horizon_years", "horizon_years = -1"),
        ("horizon_years", 'horizon_years = "5"'),
        ("horizon_years", "horizon_years = true"),
        ("horizon_years", "horizon_years = nan"),
        ("horizon_years", "horizon_years = inf"),
        ("horizon_years", "horizon_years = 60.5"),
        ("title", "title = 0x" + "f" * 4000),
        ("disclosure_threshold", "disclosure_threshold = -1"),
        ("disclosure_threshold", "disclosure_threshold = 10.0"),
        ("disclosure_threshold", "disclosure_threshold = true"),
        ("disclosure_threshold", 'disclosure_threshold = "10"'),
        ("disclosure_rounding", "disclosure_rounding = 0"),
        ("disclosure_rounding", "disclosure_rounding = 2.5"),
    ],
)
def test_a_choice_of_another_kind_is_a_problem_of_its_key(read: Read, column: str, line: str) -> None:
    key, _, _ = line.partition(" = ")
    changed = [old for old in GOOD.splitlines() if not old.startswith(f"{key} =")] + [line]
    editions, problems = read(made_up="\n".join(changed))
    assert editions == {}
    assert {(problem.path, problem.row, problem.column) for problem in problems} == {
        (f"{SHOWN}/made-up.toml", len(changed), column)
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("horizon_years = 61", "horizon_years: too large (found '61', expected at most 60)"),
        ("horizon_years = 0", "horizon_years: too small (found '0', expected more than 0)"),
        ("disclosure_rounding = 0", "disclosure_rounding: too small (found '0', expected at least 1)"),
        (
            'price_year = "2021/22"',
            r"price_year: not of the form required (found '2021/22', expected '^(19|20)\d\d-\d\d$')",
        ),
        # A word that looks like a number has to be written as a word.
        (
            "value_set = 2015",
            "value_set: a number without quotation marks "
            '(found \'2015\', expected "2015" or "2026", with the quotation marks)',
        ),
        (
            "value_set = 2026.0",
            "value_set: a number without quotation marks "
            '(found \'2026.0\', expected "2015" or "2026", with the quotation marks)',
        ),
        ('value_set = "2016"', "value_set: input should be '2015' or '2026' (found '2016')"),
        (
            "optimism_bias = false",
            'optimism_bias: not a text (found \'False\', expected "none" or "by_grade", with the quotation marks)',
        ),
        (
            "published_edition = 2022",
            "published_edition: not a text (found '2022', expected a text in quotation marks)",
        ),
    ],
)
def test_a_choice_beyond_its_limits_says_what_they_are(read: Read, line: str, said: str) -> None:
    key, _, _ = line.partition(" = ")
    changed = [old for old in GOOD.splitlines() if not old.startswith(f"{key} =")] + [line]
    _, problems = read(made_up="\n".join(changed))
    assert [str(problem) for problem in problems] == [f"{SHOWN}/made-up.toml:{len(changed)}: {said}"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("edition = ", "1: file: not readable as TOML: "),
        (GOOD.replace("2022-03-31", "2022-02-31"), "5: file: not readable as TOML: "),
        (GOOD.encode("utf-16"), "1: file: text in UTF-16 "),
        (GOOD.replace("A", "£").encode("latin-1"), "3: file: not UTF-8 text "),
        (b"#" * 1_000_001, "0: file: larger than 0.1 MB "),
    ],
    ids=["no value", "no date", "UTF-16", "Latin-1", "too large"],
)
def test_a_file_that_is_no_toml(read: Read, content: str | bytes, said: str) -> None:
    _, (problem,) = read(made_up=content)
    assert str(problem).startswith(f"{SHOWN}/made-up.toml:{said}")


@pytest.mark.parametrize("name", ["..", ".", "a/b", "Open", "open_2025", "open 2025", "öpen", ""])
def test_an_edition_is_named_as_a_folder_can_be(read: Read, name: str) -> None:
    """It becomes the name of the folder into which it is published."""
    _, (problem, *others) = read(made_up=GOOD.replace('"made-up"', f'"{name}"'))
    assert others == []
    assert (problem.column, problem.what) == ("edition", "not of the form required")


def test_an_edition_file_of_dots_is_read_and_refused(tmp_path: Path) -> None:
    (tmp_path / "...toml").write_text(GOOD.replace("made-up", ".."))
    editions, problems = read_editions(tmp_path, SHOWN)
    assert editions == {}
    assert [str(problem) for problem in problems] == [
        f"{SHOWN}/...toml:2: edition: not of the form required (found '..', expected '^[a-z0-9]+(-[a-z0-9]+)*$')"
    ]


def test_other_files_beside_the_editions_and_links_out_are_problems(read: Read, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}.toml"
    outside.write_text(GOOD)
    (tmp_path / "linked.toml").symlink_to(outside)
    (tmp_path / "made-up.tml").write_text(GOOD)
    (tmp_path / ".made-up.toml.swp").write_text("")
    editions, problems = read(made_up=GOOD)
    assert list(editions) == ["made-up"]
    assert [str(problem) for problem in problems] == [
        f"{SHOWN}/made-up.tml:0: file: unknown file (expected 'made-up.toml')",
        f"{SHOWN}/linked.toml:0: file: a link out of the folder",
    ]


def test_a_folder_of_editions_elsewhere_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "editions").symlink_to("../elsewhere")
    editions, problems = read_editions(tmp_path / "reference" / "editions", SHOWN)
    assert editions == {}
    assert [str(problem) for problem in problems] == [f"{SHOWN}:0: folder: a link out of the folder"]


# --- The project's own --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition_id", "choices"),
    [
        ("atq-2022", (date(2022, 3, 31), "none", "low", "annual", "2022")),
        ("atq-2024", (date(2024, 3, 31), "assumed", "low", "annual", "2024")),
        ("open-2026", (None, "studied", "central", "measured", "")),
    ],
)
def test_the_project_s_editions(reference: Reference, edition_id: str, choices: tuple[object, ...]) -> None:
    edition = reference.editions[edition_id]
    assert choices == (
        edition.cut_off,
        edition.deadweight_layer,
        edition.unit_value_level,
        edition.time_convention,
        edition.published_edition,
    )
    assert edition.payment_bases == ("paid", "reported")
    assert set(edition.payment_bases) <= set(PAYMENT_BASES)


def test_every_edition_has_prices_and_reasons(reference: Reference) -> None:
    years = reference.gdp_deflators.set_index("price_year")
    for edition in reference.editions.values():
        assert edition.price_year in years.index
        assert not years.loc[edition.price_year, "is_forecast"]
        assert edition.title
        assert edition.reasons
