"""The page of checks: all of it shown, nothing loaded, readable for everybody; and names that carry HTML."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RAW_TABLES, RawFacts
from pipeline.facts.reference import Reference
from pipeline.report.pages.checks import MARKS, checks_page
from pipeline.report.pages.gates import Gate, Rule, gates
from pipeline.tables.analysis import Flags
from pipeline.tables.base import Table
from pipeline.tables.catalogue import REFERENCE_TABLES
from pipeline.tables.publication import Checks
from pipeline.tables.raw import RejectedRows
from pipeline.tables.reference import Accepted, Corrections
from pipeline.tables.vocabulary import CHECK_OUTCOMES
from tests.report.taken_apart import TakenApart

Row = dict[str, Any]
Tables = dict[str, pd.DataFrame]
TablesOf = Callable[[str], Tables]

VERSIONS = {"data_version": "d1", "reference_version": "r1", "code_version": "c1"}
HOSTILE = """<script>alert("&amp;")</script><img src=http://x.example/ onerror='x'>{{ 7 * 7 }}"""
GATES = [Gate("contracts", "One row per contract.", 100, 13, (Rule(("stage",), "one of a, b"), Rule((), "refused: x")))]
# The page beside this one.
REPORT = "index.html"

CHECK: Row = {
    "suite": "facts",
    "guards_suite": "Nothing is lost.",
    "asset": "raw_facts",
    "check": "rows_are_kept",
    "guards": "A row that is lost.",
    "severity": "error",
    "rows": 10,
    "failed": 0,
    "outcome": "passed",
    "saw": "10 of 10 rows.",
    "examples": "",
    "accepted_by": "",
    "accepted_because": "",
}
FAILED: Row = {"outcome": "failed", "failed": 3, "examples": "C-1: found 1, expected 2\nC-2: found 3, expected 4"}
CORRECTION: Row = {
    "table": "outcomes",
    "contract_id": "C-1",
    "locator": "results: C-1 #1",
    "column": "quantity",
    "reported": "111",
    "used": "11",
    "reason": "a digit twice",
    "source_id": "s-1",
}
ACCEPTED: Row = {
    "check": "time_within_people",
    "key": "C-1 results: C-1 #2",
    "value": "400",
    "reason": "two homes at once",
    "source_id": "s-1",
    "accepted_on": pd.Timestamp("2026-01-31"),
}
REJECTED: Row = {
    "contract_id": "C-1",
    "path": "results.csv",
    "row": 1,
    "column": "achieved",
    "value": "many",
    "reason": "text in a number field",
    "source_id": "s-1",
    "locator": "results: C-1 #1",
}
FLAG: Row = {"contract_id": "C-1", "metric_id": "m1", "flag": "count rises", "detail": "1, then 2"}


class Page(TakenApart):
    """The page of the checks, its style apart from its text."""

    def begin(self) -> None:
        self.style = ""

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text += data

    def words(self) -> str:
        """The text with every run of blanks as one."""
        return " ".join(self.text.split())


def rows_of(model: type[Table], default: Row, *rows: Row) -> pd.DataFrame:
    return model.validate(pd.DataFrame([default | row for row in rows], columns=list(default)))


def made_up(*checks: Row) -> Tables:
    return {
        "checks": rows_of(Checks, CHECK, *checks),
        "corrections": rows_of(Corrections, CORRECTION, {}),
        "accepted": rows_of(Accepted, ACCEPTED, {}),
        "rejected_rows": rows_of(RejectedRows, REJECTED, {}),
        "flags": rows_of(Flags, FLAG, {}),
    }


EVERY_OUTCOME: list[Row] = [
    {"suite": "sums", "guards_suite": "Sums add up.", "asset": "market_value", "check": "sums_agree", **FAILED},
    {"check": "kept_whole"},
    {"check": "kept_once", "outcome": "warned", "severity": "warning", "failed": 1, "examples": "C-1: 5 of 4"},
    {
        **{"check": "kept_in_order", "outcome": "accepted", "failed": 1, "examples": "market: 1 -> 2"},
        **{"accepted_by": "A. Reviewer", "accepted_because": "the council has paid it"},
    },
    {"check": "kept_since", "outcome": "nothing to compare", "rows": 0, "saw": "No last edition."},
]


@pytest.fixture(scope="module")
def edition(reference: Reference) -> Edition:
    return reference.editions["open-2026"]


@pytest.fixture(scope="module")
def full_page(edition: Edition) -> Page:
    """A page with every outcome."""
    return Page(checks_page(edition, made_up(*EVERY_OUTCOME), GATES, VERSIONS))


# --- What it says ---------------------------------------------------------------------------------------------


def test_every_suite_and_check_is_listed_with_what_it_guards_and_saw(full_page: Page) -> None:
    words = full_page.words().lower()
    for row in made_up(*EVERY_OUTCOME)["checks"].to_dict("records"):
        for column in ("suite", "guards_suite", "asset", "check", "guards", "severity", "outcome", "saw"):
            assert row[column].lower() in words
        for example in row["examples"].splitlines():
            assert example.lower() in words


def test_suites_and_checks_stand_in_the_order_given(full_page: Page) -> None:
    words = full_page.words()
    places = [
        words.index(text)
        for text in (
            "Sums Sums add up.",
            "sums_agree",
            "Facts Nothing is lost.",
            "kept_whole",
            "kept_once",
            "kept_since",
        )
    ]
    assert places == sorted(places)


def test_the_first_screen_says_how_many_checks_ran_and_how_they_came_out(full_page: Page) -> None:
    assert (
        "What did we check? ✗ failed We ran 5 checks in 2 suites over 40 rows: 1 failed, 1 gave a warning, "
        "1 accepted, 1 passed, 1 had nothing to compare."
    ) in full_page.words()
    assert "Edition open-2026 Version of data d1 Version of reference r1 Version of code c1" in full_page.words()


def test_one_check_is_said_in_the_singular(edition: Edition) -> None:
    words = Page(checks_page(edition, made_up({"rows": 1}), GATES, VERSIONS)).words()
    assert "We ran 1 check in 1 suite over 1 row: 1 passed." in words


def test_no_check_is_not_a_pass(edition: Edition) -> None:
    words = Page(checks_page(edition, made_up(), GATES, VERSIONS)).words()
    assert "What did we check? – nothing to compare No check ran." in words


@pytest.mark.parametrize(
    ("outcomes", "overall"),
    [
        (["passed", "nothing to compare"], "✓ passed"),
        (["passed", "accepted"], "≈ passed, with failures that somebody accepted"),
        (["accepted", "warned", "passed"], "! passed, with warnings"),
        (["passed", "warned", "failed", "accepted"], "✗ failed"),
        (["nothing to compare"], "– nothing to compare"),
    ],
)
def test_the_gravest_outcome_names_the_whole(outcomes: list[str], overall: str, edition: Edition) -> None:
    rows = [{"check": f"check_{number}", "outcome": outcome} for number, outcome in enumerate(outcomes)]
    words = Page(checks_page(edition, made_up(*rows), GATES, VERSIONS)).words()
    assert f"What did we check? {overall} We ran {len(rows)} check" in words


def test_every_outcome_of_the_vocabulary_has_its_mark() -> None:
    assert set(MARKS) == set(CHECK_OUTCOMES)
    assert len({mark.sign for mark in MARKS.values()}) == len(MARKS)


@pytest.mark.parametrize(
    ("check", "opened", "said"),
    [
        (FAILED, True, "The first 2 of 3 rows that failed rows_are_kept C-1: found 1, expected 2 C-2:"),
        (FAILED | {"failed": 2}, True, "2 rows that failed rows_are_kept C-1:"),
        (FAILED | {"outcome": "warned", "examples": "C-1", "failed": 1}, False, "1 row that failed rows_are_kept"),
    ],
)
def test_a_check_that_fails_comes_with_rows_opened_when_it_failed(
    check: Row, opened: bool, said: str, edition: Edition
) -> None:
    page = Page(checks_page(edition, made_up(check), [], VERSIONS))
    assert said in page.words()
    # The other details of the page are the rejected rows.
    assert ["open" in details for details in page.named("details")] == [opened, False]


def test_a_check_without_examples_still_says_how_many_rows_failed(edition: Edition) -> None:
    page = Page(checks_page(edition, made_up(FAILED | {"examples": ""}), [], VERSIONS))
    assert "✗ failed A row that is lost. 10 of 10 rows. 10 3 failed" in page.words()


def test_a_correction_says_what_is_used(edition: Edition) -> None:
    tables = made_up({})
    tables["corrections"] = rows_of(Corrections, CORRECTION, {}, {"contract_id": "C-2", "used": ""})
    words = Page(checks_page(edition, tables, GATES, VERSIONS)).words()
    assert "quantity 111 11 a digit twice s-1" in words
    assert "quantity 111 the row is left out a digit twice" in words


def test_what_was_accepted_says_what_and_why(edition: Edition) -> None:
    words = Page(checks_page(edition, made_up({}), GATES, VERSIONS)).words()
    assert "C-1 results: C-1 #2 time_within_people 400 two homes at once s-1 2026-01-31" in words


def test_rejected_values_are_counted_by_reason_and_listed(edition: Edition) -> None:
    tables = made_up({})
    reasons = ["no number", "a date", "text", "text"]
    tables["rejected_rows"] = rows_of(
        RejectedRows, REJECTED, *({"reason": reason, "value": f"v{row}"} for row, reason in enumerate(reasons))
    )
    words = Page(checks_page(edition, tables, GATES, VERSIONS)).words()
    assert "4 values by reason Reason Values text 2 a date 1 no number 1 All values" in words
    assert all(
        f"results.csv:1 achieved v{row} {reason}" in words.replace(" s-1", "") for row, reason in enumerate(reasons)
    )


def test_a_flag_is_shown_with_its_figures(full_page: Page) -> None:
    assert "C-1 count rises 1, then 2 m1" in full_page.words()


def test_what_there_is_none_of_is_left_out_with_its_heading(full_page: Page, edition: Edition) -> None:
    tables = {name: table if name == "checks" else table.head(0) for name, table in made_up({}).items()}
    words = Page(checks_page(edition, tables, GATES, VERSIONS)).words()
    headings = (
        "Who let a failed check pass, and why?",
        "What did we correct?",
        "Which doubted values are true?",
        "Which values could we not use?",
        "Which unusual figures did we keep?",
    )
    # Once in the contents and once above what it names.
    assert [full_page.words().count(heading) for heading in headings] == [2] * len(headings)
    assert [words.count(heading) for heading in headings] == [0] * len(headings)


def test_who_let_a_failed_check_pass_is_told_with_the_reason(full_page: Page) -> None:
    assert "kept_in_order 10 of 10 rows. A. Reviewer the council has paid it" in full_page.words()


# --- The gates ------------------------------------------------------------------------------------------------


def test_a_gate_is_shown_with_its_rules(full_page: Page) -> None:
    assert (
        "contracts One row per contract. 100 13 2 rules of contracts stage: one of a, b refused: x" in full_page.words()
    )


def test_the_page_of_the_projects_own_data_is_small_and_shows_every_table(
    tables_of: TablesOf, facts: RawFacts, reference: Reference, edition: Edition
) -> None:
    raw = {name: getattr(facts, name) for name in RAW_TABLES}
    judged = {name: getattr(reference, name) for name in REFERENCE_TABLES}
    shown = gates(raw | judged, RAW_TABLES | REFERENCE_TABLES)
    assert [gate.table for gate in shown] == [*RAW_TABLES, *REFERENCE_TABLES]
    assert all(gate.rules and gate.description for gate in shown)
    tables = tables_of("open-2026") | {
        "checks": made_up(*EVERY_OUTCOME)["checks"],
        "corrections": reference.corrections,
        "accepted": reference.accepted,
    }
    html = checks_page(edition, tables, shown, VERSIONS)
    assert len(html.encode()) < 200_000
    words = Page(html).words()
    assert all(f"{gate.table} {gate.description} {gate.rows:,} {gate.columns}" in words for gate in shown)


# --- How it is made -------------------------------------------------------------------------------------------


def test_html_and_script_in_a_value_are_text(edition: Edition) -> None:
    free_text = {
        "checks": [
            *("suite", "guards_suite", "asset", "check", "guards", "saw", "examples"),
            *("accepted_by", "accepted_because"),
        ],
        "corrections": ["contract_id", "locator", "column", "reported", "used", "reason", "source_id"],
        "accepted": ["check", "key", "value", "reason", "source_id"],
        "rejected_rows": ["contract_id", "path", "column", "value", "reason", "source_id", "locator"],
        "flags": ["contract_id", "metric_id", "flag", "detail"],
    }
    tables = made_up(FAILED | {"outcome": "accepted", "accepted_by": "A", "accepted_because": "B"})
    hostile = {
        name: table.assign(**{column: f"{name} {column} {HOSTILE}" for column in free_text[name]})
        for name, table in tables.items()
    }
    gate = Gate(f"gate {HOSTILE}", f"holds {HOSTILE}", 1, 1, (Rule((f"column {HOSTILE}",), f"rule {HOSTILE}"),))
    page = Page(
        checks_page(
            replace(edition, title=f"title {HOSTILE}"),
            hostile,
            [gate],
            VERSIONS | {"code_version": f"version {HOSTILE}"},
        )
    )
    plain = Page(checks_page(edition, tables, GATES, VERSIONS))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    said = [f"{name} {column}" for name, columns in free_text.items() for column in columns]
    for text in [*said, "gate", "holds", "column", "rule", "title", "version"]:
        assert f"{text} {HOSTILE}".lower() in page.words().lower()


def test_nothing_is_loaded_and_nothing_runs(full_page: Page) -> None:
    loading = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "source", "video", "audio", "svg"}
    assert not loading & {tag for tag, _ in full_page.tags}
    for _, attributes in full_page.tags:
        assert not {"src", "srcset", "data", "action", "poster", "background", "ping", "style"} & set(attributes)
        assert attributes.get("href", "#").startswith(("#", REPORT))
        assert attributes.get("http-equiv", "Content-Security-Policy") == "Content-Security-Policy"
    assert "default-src 'none'" in full_page.html
    assert not re.search(r"url\(|@import|@font-face|https?:", full_page.html)


def test_every_link_and_label_leads_somewhere(full_page: Page) -> None:
    ids = [attributes["id"] for _, attributes in full_page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for a in full_page.named("a") if a["href"] != REPORT]
    labels = [attributes["aria-labelledby"] for _, attributes in full_page.tags if "aria-labelledby" in attributes]
    assert set(targets) | set(labels) <= set(ids)
    sections = {"let-pass", "gates", "corrections", "accepted", "rejected", "flags"}
    assert set(targets) == {"checks", "suite-1", "suite-2", *sections}


def test_every_table_has_a_caption_and_headers_with_their_scope(full_page: Page) -> None:
    tables = full_page.html.split("<table")[1:]
    assert len(tables) == 9
    for table in tables:
        body = table.split("</table>")[0]
        assert body.split(">", 1)[1].lstrip().startswith("<caption")
        rows = body.split("<tbody>")[1].split("<tr")[1:]
        assert all(row.count('<th scope="row"') == 1 for row in rows if "colspan" not in row)
    assert {attributes.get("scope") for attributes in full_page.named("th")} == {"row", "col"}


def test_headings_skip_no_level_and_landmarks_are_there(full_page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in full_page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(full_page.named(landmark)) == 1
    assert full_page.named("html") == [{"lang": "en-GB"}]
    assert full_page.html.startswith("<!doctype html>\n")
    assert full_page.tags[full_page.tags.index(("body", {})) + 1] == ("a", {"class": "skip", "href": "#checks"})


def test_the_same_results_give_the_same_page(full_page: Page, edition: Edition) -> None:
    again = checks_page(edition, made_up(*EVERY_OUTCOME), list(GATES), dict(VERSIONS))
    assert again == full_page.html
    assert not re.search(r"\d\d:\d\d", again)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_text_stands_out_from_its_ground_in_light_and_dark(full_page: Page) -> None:
    palettes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{([^}]*--ink[^}]*)\}", full_page.style)
    ]
    light, dark, paper = palettes
    for colours in (light, light | dark, light | paper):
        pairs = [(ink, ground) for ink in ("ink", "muted", "link") for ground in ("paper", "soft")]
        pairs += [(f"{outcome.split()[0]}-ink", f"{outcome.split()[0]}-fill") for outcome in MARKS]
        faint = [(ink, ground) for ink, ground in pairs if contrast(colours[ink], colours[ground]) < 4.5]
        assert faint == []
