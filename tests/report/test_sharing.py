"""How pages show up elsewhere: each with a description of its own, the picture of its edition, and its data told."""

import json
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.orchestration.settings import ADDRESS
from pipeline.report.downloads import bundle_names
from pipeline.report.drawing import as_png
from pipeline.report.pages import PAGES, checks, data
from pipeline.report.pages.frame import Site
from pipeline.report.sharing import (
    DESCRIPTIONS,
    PICTURE,
    PICTURE_SIZE,
    address_of,
    as_json_ld,
    checked_address,
    description_of,
    picture_of,
)
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from pipeline.report.wording import ratio_text
from tests.conftest import EDITIONS, Run
from tests.report.conftest import VERSIONS
from tests.report.undrawn import undrawn

TablesOf = Callable[[str], dict[str, pd.DataFrame]]

HOSTILE = """</script><script>alert("1")</script>" onload='x' &lt;"""
LARGEST_PICTURE = 60_000


class Head(HTMLParser):
    """What the head of a page says of it, by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self.script = ""
        self.within = False
        self.feed(html.partition("</head>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta" and "content" in found:
            self.said[found.get("name") or found["property"]] = found["content"]
        assert not any(name.startswith("on") for name in found)
        self.within = found.get("type") == "application/ld+json"

    def handle_endtag(self, tag: str) -> None:
        self.within = False

    def handle_data(self, data: str) -> None:
        self.script += data if self.within else ""


def made_of(edition_id: str, tables: dict[str, pd.DataFrame], reference: Reference) -> Site:
    edition = reference.editions[edition_id]
    return Site(edition, tables, headline(tables, edition), reference, VERSIONS)


@pytest.fixture(scope="module")
def made_from(tables_of: TablesOf, reference: Reference) -> Site:
    return made_of("open-2026", tables_of("open-2026"), reference)


@pytest.fixture(scope="module")
def pages(made_from: Site) -> dict[str, str]:
    return {path: text for path, text in site(made_from, undrawn).items() if path.endswith(".html")}


def test_every_page_says_what_it_is_about(made_from: Site, pages: dict[str, str]) -> None:
    framed = {path: Head(html).said for path, html in pages.items() if path != checks.PAGE.path}
    for path, said in framed.items():
        assert said["description"] == said["og:description"]
        assert 20 < len(said["description"]) < 300
        assert said["og:title"]
        assert said["og:type"] == "website"
        assert said["og:image"] == "../" * path.count("/") + PICTURE
        assert '"' not in "".join(said.values())
        # Nobody has said where the reports are going to be read.
        assert "og:url" not in said
    # Some contracts have the name of another.
    descriptions = {said["description"] for said in framed.values()}
    names = made_from.tables["contract_value"]["name"]
    assert len(descriptions) == len(framed) - len(names) + names.nunique()


def test_an_edition_that_knows_its_address_names_it_on_every_page(made_from: Site, pages: dict[str, str]) -> None:
    placed = site(replace(made_from, address="https://values.example.org/reports"), undrawn)
    folder = "https://values.example.org/reports/open-2026/"
    for path, html in placed.items():
        if not path.endswith(".html") or path == checks.PAGE.path:
            continue
        said = Head(html).said
        url = folder if path == "index.html" else folder + path
        assert said["og:url"] == url
        assert said["og:image"] == folder + PICTURE
        assert f'<link rel="canonical" href="{url}">' in html
        # Nothing but the head has changed, and what catalogues read.
        if path != "data.html":
            assert html.partition("</head>")[2] == pages[path].partition("</head>")[2]
    told = json.loads(Head(placed["data.html"]).script)
    assert told["url"] == f"{folder}data.html"
    assert all(each["contentUrl"].startswith(folder) for each in told["distribution"])


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("", ""),
        ("https://values.example.org", "https://values.example.org"),
        ("https://values.example.org/", "https://values.example.org"),
        ("https://example.org:8443/a/reports/", "https://example.org:8443/a/reports"),
    ],
)
def test_an_address_is_taken_with_or_without_the_last_slash(given: str, address: str) -> None:
    assert checked_address(given) == address


@pytest.mark.parametrize(
    "given",
    [
        "http://values.example.org",
        "values.example.org",
        "https://",
        "https:///reports",
        "https://me:secret@example.org",
        "https://me@example.org",
        "https://example.org/?page=1",
        "https://example.org/#a",
        "https://example.org:99999",
        'https://example.org/"><script>',
        "https://example.org/a b",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_https_address_of_a_folder_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="PUBLICVALUE_ADDRESS takes the https address"):
        checked_address(given)


def test_a_run_refuses_such_an_address_before_it_begins(
    publicvalue: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(ADDRESS, "http://values.example.org")
    status, _, error = publicvalue("run", "--out", str(tmp_path / "reports"))
    assert status == 2
    assert "PUBLICVALUE_ADDRESS takes the https address" in error
    assert not list((tmp_path / "reports").glob("*/index.html"))


def test_the_address_of_an_edition_is_escaped_and_there_only_where_that_of_all_is() -> None:
    assert address_of("", "open-2026", "data.html") == ""
    assert (
        address_of("https://example.org", "a b", "contracts/C 1.html")
        == "https://example.org/a%20b/contracts/C%201.html"
    )


def test_every_page_that_is_listed_has_a_description() -> None:
    assert {page.path for page in PAGES} | {"columns.html"} == {"index.html", *DESCRIPTIONS}


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_first_page_says_the_ratio_with_its_range(
    edition_id: str, tables_of: TablesOf, reference: Reference
) -> None:
    edition, tables = reference.editions[edition_id], tables_of(edition_id)
    market, sure = headline(tables, edition), tables["uncertainty"].query("scope == 'market' and measure == 'bcr'")
    said = description_of("index.html", edition, market)
    assert f"£{ratio_text(market['bcr'])} of public value" in said
    assert ("80% range" in said) is bool(sure["has_range"].all())
    assert ("a floor" in said) is (edition.unit_value_level == "low")
    drawn = json.dumps(picture_of(edition, market), ensure_ascii=False)
    assert f"£{ratio_text(market['bcr'])}" in drawn
    assert ("a floor" in drawn) is ("a floor" in said)
    assert ("80% range" in drawn) is ("80% range" in said)


def test_without_a_ratio_none_is_said(reference: Reference) -> None:
    edition = reference.editions["open-2026"]
    nothing: dict[str, Any] = {"bcr": None, "uncertainty": None}
    assert "£" not in description_of("index.html", edition, nothing)
    assert "£" not in json.dumps(picture_of(edition, nothing), ensure_ascii=False)


def test_the_picture_is_small_and_of_the_size_that_is_asked_for(made_from: Site) -> None:
    drawn = as_png(picture_of(made_from.edition, made_from.data))
    assert len(drawn) < LARGEST_PICTURE
    assert struct.unpack(">II", drawn[16:24]) == PICTURE_SIZE


def test_the_data_are_told_as_the_data_package_tells_them(made_from: Site) -> None:
    made = data.render(made_from)
    told, package = json.loads(Head(made["data.html"]).script), json.loads(made["datapackage.json"])
    assert (told["@context"], told["@type"]) == ("https://schema.org", "Dataset")
    assert (told["name"], told["version"]) == (package["title"], package["version"])
    assert 50 <= len(told["description"]) <= 5000
    offered = {each["contentUrl"] for each in told["distribution"]}
    assert offered == {*bundle_names(made_from.edition).values(), *(each["path"] for each in package["resources"])}
    assert all(f'href="{path}"' in made["data.html"] for path in offered)
    assert len(told["isBasedOn"]) == len(package["sources"])


def test_no_name_breaks_out_of_the_head(tables_of: TablesOf, reference: Reference) -> None:
    tables = dict(tables_of("open-2026"))
    tables["contract_value"] = tables["contract_value"].assign(name=HOSTILE)
    made_from = made_of("open-2026", tables, reference)
    made_from = replace(made_from, edition=replace(made_from.edition, title=HOSTILE, reasons=HOSTILE))
    pages = site(made_from, undrawn)
    for path in ("data.html", "index.html", *(path for path in pages if path.startswith("contracts/"))):
        assert "<script>" not in pages[path]
        said = Head(pages[path]).said
        assert path != "contracts/INDIGO-POJ-0137.html" or "alert(“1”)" in said["og:title"]
    assert json.loads(Head(pages["data.html"]).script)["name"] == HOSTILE
    assert re.fullmatch(r"[^<>&]*", as_json_ld({"a": HOSTILE}))
