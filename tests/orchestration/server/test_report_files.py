"""What was published, as it is served: every folder answers, nothing else is shown, and no page can reach the UI."""

import posixpath
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette

from pipeline.orchestration.server import report_files
from tests.orchestration.asking import Answer, ask

FILES = {
    "open-2026/index.html": "£1",
    "open-2026/checks.html": "checked",
    "open-2026/headline.md": "# £1",
    "open-2026/style.css": "",
    "open-2026/report.pdf": "%PDF",
    "open-2026/tables/payments.csv": "a",
    "open-2026/.hidden": "secret",
    "atq-2022/headline.md": "# £2",
    "notes.txt": "made up",
    ".lock": "secret",
    ".publishing/new/x/headline.md": "secret",
    "../secret.md": "secret",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An output folder with two editions, of which one has no report yet, and what nobody is to see."""
    for name, text in FILES.items():
        path = tmp_path / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "reports/link.md").symlink_to(tmp_path / "secret.md")
    (tmp_path / "reports/out").symlink_to(tmp_path)
    return tmp_path / "reports"


def get(folder: Path, path: str, prefix: str = "", method: str = "GET") -> Answer:
    return ask(Starlette(routes=report_files.routes(folder, {prefix, ""})), prefix + path, method=method)


def links(answer: Answer) -> list[str]:
    return re.findall('href="([^"]*)"', answer.text)


@pytest.mark.parametrize("prefix", ["", "/below"])
def test_the_first_page_leads_to_what_there_is_of_each_edition(folder: Path, prefix: str) -> None:
    answer = get(folder, "/reports/", prefix)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert links(answer) == [
        "atq-2022/",
        "atq-2022/headline.md",
        "notes.txt",
        "open-2026/",
        "open-2026/index.html",
        "open-2026/checks.html",
        "open-2026/headline.md",
        "../",
    ]
    for link in links(answer)[:-1]:
        assert get(folder, f"/reports/{link}", prefix).status == 200
    assert "Its report is missing" in answer.text


@pytest.mark.parametrize("prefix", ["", "/below"])
def test_every_folder_answers_and_a_slash_that_is_missing_is_added(folder: Path, prefix: str) -> None:
    for path, there in (
        ("/reports", "reports/"),
        ("/reports/open-2026", "open-2026/"),
        ("/reports/open-2026/tables", "tables/"),
    ):
        answer = get(folder, path, prefix)
        # Counted from where one is, so that it holds whatever a proxy makes of host and path.
        assert (answer.status, answer.headers["location"]) == (307, there)
    assert get(folder, "/reports/open-2026/", prefix).text == "£1"
    assert links(get(folder, "/reports/open-2026/tables/", prefix)) == ["payments.csv", "../"]
    assert links(get(folder, "/reports/atq-2022/", prefix)) == ["headline.md", "../"]


@pytest.mark.parametrize("prefix", ["", "/below"])
def test_what_is_not_there_is_answered_with_what_is(folder: Path, prefix: str) -> None:
    (folder / "open-2026/headline.json").write_text("{}", encoding="utf-8")
    for path, said in (
        ("gone/index.html", "no such edition"),
        ("gone/", "no such edition"),
        ("gone", "no such edition"),
        ("gone/contracts/<b>.html", "no such edition"),
        ("open-2026/reconstruction.html", "has no such page"),
        ("open-2026/contracts/C-1.html", "has no such page"),
    ):
        answer = get(folder, f"/reports/{path}", prefix)
        assert (answer.status, said in answer.text, "<b>" in answer.text) == (404, True, False), path
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert links(answer)
        for link in links(answer):
            assert posixpath.normpath(posixpath.join(posixpath.dirname(path), link)) == "open-2026/index.html", path
    assert get(folder, "/reports/gone/index.html", prefix, method="POST").status == 405


@pytest.mark.parametrize("is_there", [True, False])
def test_before_the_first_run_it_is_said_what_to_do(tmp_path: Path, is_there: bool) -> None:
    if is_there:
        (tmp_path / "reports").mkdir()
    answer = get(tmp_path / "reports", "/reports/")
    assert answer.status == 200
    assert "Nothing has been published yet" in answer.text
    assert "publicvalue run" in answer.text
    assert get(tmp_path / "reports", "/reports/open-2026/").status == 404


def test_nothing_else_is_shown(folder: Path) -> None:
    for path in (".lock", ".publishing/", ".publishing/new/x/headline.md", "open-2026/.hidden", "link.md", "out/"):
        assert get(folder, f"/reports/{path}").status == 404, path
    for path in ("../secret.md", "../", "..", "\0", "open-2026/../../secret.md", "/etc/passwd", "x" * 300, "none/"):
        answer = get(folder, f"/reports/{path}")
        assert (answer.status, "secret" in answer.text) == (404, False), path
    assert get(folder, "/reports//etc").status == 404


def test_it_may_be_read_only(folder: Path) -> None:
    for path in ("/reports/", "/reports/open-2026/", "/reports/open-2026/headline.md"):
        assert get(folder, path, method="HEAD").status == 200
        for method in ("POST", "PUT", "DELETE"):
            assert get(folder, path, method=method).status == 405


def test_names_are_shown_as_they_are_and_lead_nowhere_else(tmp_path: Path) -> None:
    names = ['"><img src=x onerror=alert(1)>', "javascript:alert(1)", "a b?c#d%20"]
    for name in names:
        (tmp_path / name).write_text("found", encoding="utf-8")
    (tmp_path / "https:").mkdir()
    answer = get(tmp_path, "/reports/")
    assert "<img" not in answer.text
    assert links(answer) == [
        "%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E",
        "a%20b%3Fc%23d%2520",
        "https%3A/",
        "javascript%3Aalert%281%29",
        "../",
    ]
    assert get(tmp_path, "/reports/https:").headers["location"] == "https%3A/"


@pytest.mark.parametrize(
    "path", ["", "open-2026/", "open-2026/checks.html", "open-2026/style.css", "open-2026/tables/"]
)
def test_a_page_connects_to_nothing_and_has_no_part_in_the_ui(folder: Path, path: str) -> None:
    answer = get(folder, f"/reports/{path}")
    rules = dict(rule.partition(" ")[::2] for rule in answer.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == rules["object-src"] == "'none'"
    assert rules["base-uri"] == rules["frame-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert "allow-same-origin" not in rules["sandbox"]
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_printed_report_can_be_looked_at(folder: Path) -> None:
    policy = get(folder, "/reports/open-2026/report.pdf").headers["content-security-policy"]
    assert "sandbox" not in policy
    assert "connect-src 'none'" in policy
