"""Words and templates: text is text wherever it is put."""

import pytest

from pipeline.report.wording import markdown_text, table_cell, template


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
