"""The words of the report: plain British English, without the turns that made it read like a translation."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import Valuation
from pipeline.report.text.explain import as_text, explain
from pipeline.report.text.headline import headline
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.report.text.news import news, of_tables, terms_between
from pipeline.report.text.terminal import headline_text
from tests.conftest import EDITIONS
from tests.report.plain_english import faults_of
from tests.report.taken_apart import VOID, TakenApart

# Sentences that were published once, and what stands in their place.
BEFORE_AND_AFTER = {
    "On what the figures rest": "Assumptions behind the figures",
    "What it is the value of": "Outcome valued",
    "Where it stands": "Where to find it in the source",
    "Value is held against what was paid": "We divide value by payments",
    "Of it paid by central funds": "Share paid by central government",
    "No part of the ratio above.": "These are not in the ratio above.",
    "Lines worked out and not counted": "Calculated but not counted",
    "A incident: one event": "An incident: one event",
    "assumed deadweight of in settled accommodation": "assumed deadweight for “settled accommodation”",
    "-196% / -539%": "It cannot reach £1: it is already below",
    "1 of them do not hold": "1 failed",
}


class Words(TakenApart):
    """The text of a page that is ours: without what a table brings, scripts, styles, code and numbers in drawings."""

    def begin(self) -> None:
        """Nothing is left out yet."""
        self.left_out: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag in {"p", "li", "td", "th", "dt", "dd", "h1", "h2", "h3", "caption", "summary", "option", "button", "tr"}:
            self.text += "\n"
        if tag not in VOID:
            given = "given" in (dict(attrs).get("class") or "").split()
            self.left_out.append(given or tag in {"script", "style", "svg", "code", "pre", "nav"})

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        self.left_out.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.left_out):
            self.text += data
        elif data.strip():
            self.text += "…"


def words_of(html: str) -> str:
    """The words of a page that are ours, a line for each cell and paragraph."""
    return Words(" ".join(html.split())).text


@pytest.mark.parametrize(("before", "after"), BEFORE_AND_AFTER.items())
def test_a_turn_that_was_published_once_is_found_and_its_better_one_passes(before: str, after: str) -> None:
    assert faults_of(before)
    assert faults_of(after) == []


def test_what_a_table_brings_is_left_out() -> None:
    assert words_of('<p>Ours. <q class="given">Where it <b>stands</b></q></p>').split() == ["Ours.", "…", "…"]


def test_a_sentence_that_goes_on_and_on_is_found() -> None:
    assert "two sentences" in faults_of("word " * 35)[0]


# --- Texts ------------------------------------------------------------------------------------------------------

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
# What people and sources wrote, by table of the headline and by name in the sum behind a contract.
GIVEN_COLUMNS = {
    "contracts": ["name"],
    "contract_value": ["name"],
    "concentration": ["name"],
    "not_valued": ["name", "reason"],
    "reconciliation": ["scope", "value_qualifier"],
    "flags": ["detail"],
}
GIVEN_NAMES = {
    *("name", "label", "reason", "locator", "title", "publisher", "address", "licence", "value", "reported", "used"),
    *("agency", "unit_cost_range_reason", "deadweight_range_reason", "key", "column", "outcomes_fund", "sum"),
}


def faults_of_text(text: str) -> list[str]:
    """What is wrong with a text: each line, and each cell of a table, is read by itself, and what is code is not."""
    plain = re.sub(r"`[^`\n]*`|\[[^\]\n]*\]|https?://\S+", "…", text).replace("**", "")
    return faults_of("\n".join(dict.fromkeys(re.split(r"\s*[\n|]\s*", plain))))


def without_given(data: Any) -> Any:
    """Plain data without what people and sources wrote."""
    if isinstance(data, dict):
        return {
            key: "…" if key in GIVEN_NAMES and isinstance(value, str) and value else without_given(value)
            for key, value in data.items()
        }
    return [without_given(each) for each in data] if isinstance(data, list) else data


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_headline_and_the_end_of_a_run_are_plain_english(
    edition_id: str, tables_of: TablesOf, reference: Reference
) -> None:
    tables, edition = dict(tables_of(edition_id)), reference.editions[edition_id]
    data = headline(tables, edition)
    for name, columns in GIVEN_COLUMNS.items():
        there = [column for column in columns if column in tables[name]]
        tables[name] = tables[name].assign(**dict.fromkeys(there, "…"))
    text = as_markdown(tables, replace(edition, title="…", reasons="…"), data)
    assert faults_of_text(text) == []
    assert faults_of_text(headline_text(edition_id, data, Path("reports"))) == []


def test_the_sum_behind_every_contract_is_plain_english(
    facts: RawFacts, reference: Reference, valuation_of: Callable[[str], Valuation]
) -> None:
    valuation = valuation_of("atq-2024")
    for contract_id in facts.contracts["contract_id"]:
        data = without_given(explain(facts, reference, valuation, contract_id))
        assert faults_of_text(as_text(data)) == [], contract_id


def test_what_moved_between_two_editions_is_plain_english(tables_of: TablesOf, reference: Reference) -> None:
    """From one edition to another everything moves: contracts, causes, ratios and ranges."""
    both = []
    for edition_id in EDITIONS[:2]:
        tables = dict(tables_of(edition_id))
        data = headline(tables, reference.editions[edition_id])
        for name in ("contract_value", "contracts"):
            tables[name] = tables[name].assign(name="…")
        both.append(of_tables(tables, data))
    before, after = both
    told = news(before, after, terms_between(before, after))
    assert len(told.lines) == 4
    # A line lists contracts: each is read by itself.
    assert faults_of_text("\n".join(told.lines).replace("; ", "\n").replace(", ", "\n")) == []
