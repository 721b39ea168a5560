"""Words and templates: text is text wherever it is put."""

from datetime import date

import pytest

from pipeline.report.wording import (
    capital,
    markdown_text,
    million,
    moved,
    named,
    per_pound,
    percent,
    period,
    share,
    span,
    table_cell,
    template,
    words,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ways to Wellness", "Ways to Wellness"),
        ("fewer A&E attendances; R & D", "fewer A&E attendances; R & D"),
        ("<b onclick='x'>", "&lt;b onclick='x'&gt;"),
        ("&lt;b&gt; &#60; &#x3c;", "&amp;lt;b&amp;gt; &amp;#60; &amp;#x3c;"),
        ("![x](http://x.example/x.png)", "!&#91;x](http://x.example/x.png)"),
        ("one\ntwo\r\nthree\u2028four", "one two three four"),
    ],
)
def test_text_in_markdown_is_neither_html_nor_a_link(text: str, shown: str) -> None:
    assert markdown_text(text) == shown
    assert table_cell(f"{text}|") == f"{shown}\\|"


def test_only_html_templates_escape_what_they_print() -> None:
    assert template("text/headline.md.j2").environment.autoescape is not True
    as_html = template("pages/checks.html.j2").environment.autoescape
    assert callable(as_html)
    assert [as_html(name) for name in ("checks.html.j2", "headline.md.j2", "explain.txt.j2")] == [True, False, False]


def test_a_period_is_told_by_the_ends_that_are_known() -> None:
    start, end = date(2015, 1, 1), date(2016, 3, 31)
    assert period(start, end) == "1 Jan 2015 to 31 Mar 2016"
    assert (period(start, None), period(None, end), period(None, None)) == (
        "from 1 Jan 2015",
        "up to 31 Mar 2016",
        "not stated",
    )


def test_what_has_no_name_is_called_by_its_id_in_words() -> None:
    assert named("sustained_job", {"sustained_job": "a job that lasts"}) == "a job that lasts"
    assert named("sustained_job", {}) == words("sustained_job") == "sustained job"
    assert capital("sustained job") == "Sustained job"


def test_a_row_is_asked_before_the_methods_of_its_kind() -> None:
    shown = template("pages/parts.html.j2").environment.from_string("{{ row.values }} {{ row.items() | length }}")
    assert shown.render(row={"values": 3}) == "3 1"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (per_pound(-0.034), "−£0.03"),
        (per_pound(1.07), "£1.07"),
        (per_pound(-0.004), "£0.00"),
        (per_pound(None), "–"),
        (million(-1_250_000), "−£1.2m"),
        (million(-4_000), "£0.0m"),
        (moved(0.3), "£0"),
        (moved(12.0), "+£12"),
        (percent(-0.001), "0%"),
        (share(-0.0123), "−1.2%"),
        (span({"p10": -0.09, "p90": 0.5, "has_range": True}, "£"), "−£0.09 to £0.50"),
    ],
)
def test_the_minus_sign_comes_first_and_nothing_has_none(shown: str, expected: str) -> None:
    assert shown == expected
