"""The words of the report: plain British English, without the turns that made it read like a translation."""

import pytest

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
