"""Downloads: CSV files that say what the tables say, safe in a spreadsheet; a data package and a page that explain."""

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml  # type: ignore[import-untyped]

from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.report.citation import AUTHORS, LICENCES, PROJECT, citation
from pipeline.report.downloads import bundle_names, csv_text, table_schema
from pipeline.report.pages import data
from pipeline.report.pages.data import FIRST_ROWS, FOUR_LINES, READ_CSV, READ_PARQUET, WITH_DUCKDB, WITH_PANDAS, WITH_R
from pipeline.report.pages.frame import Site
from pipeline.report.publish import arrow_table, publish_edition
from pipeline.tables.base import column_descriptions
from pipeline.tables.catalogue import PUBLISHED_TABLES
from tests.conftest import EDITIONS
from tests.report.packages import report_on

Files = dict[str, str]
TablesOf = Callable[[str], dict[str, pd.DataFrame]]

VERSIONS = {"data_version": "d1", "reference_version": "r1", "code_version": "c1"}
HOSTILE = """<script>alert("&amp;")</script>{{ 7 * 7 }}"""
FLAG = {"contract_id": "C-1", "metric_id": "m1", "flag": "count rises", "detail": "1, then 2"}
# How the standard writes each type.
CASTS: dict[str, Callable[[str], object]] = {
    "string": lambda cell: cell.removeprefix("'"),
    "boolean": lambda cell: {"true": True, "false": False}[cell],
    "integer": int,
    "number": float,
    "date": date.fromisoformat,
}


@pytest.fixture(scope="module")
def site_of(tables_of: TablesOf, reference: Reference) -> Callable[[str], Site]:
    return lambda name: Site(reference.editions[name], tables_of(name), {}, reference, VERSIONS)


@pytest.fixture(scope="module")
def files(site_of: Callable[[str], Site]) -> Files:
    return data.render(site_of("open-2026"))


@pytest.fixture(scope="module")
def package(files: Files) -> dict[str, Any]:
    return json.loads(files["datapackage.json"])


def read_back(text: str, schema: dict[str, Any]) -> list[dict[str, object]]:
    """A CSV file as somebody reads it who has only the data package."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == [field["name"] for field in schema["fields"]]

    def value(cell: str, field: dict[str, Any]) -> object:
        missing = field.get("missingValues", schema.get("missingValues", [""]))
        return None if cell in missing else CASTS[field["type"]](cell)

    return [
        {field["name"]: value(cell, field) for cell, field in zip(row, schema["fields"], strict=True)} for row in rows
    ]


# --- CSV ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_each_csv_file_read_by_the_data_package_is_its_table(
    edition_id: str, site_of: Callable[[str], Site], tables_of: TablesOf
) -> None:
    made = data.render(site_of(edition_id))
    resources = {resource["path"]: resource for resource in json.loads(made["datapackage.json"])["resources"]}
    for name, table in tables_of(edition_id).items():
        path = f"tables/{name}.csv"
        read = read_back(made[path], resources[path]["schema"])
        assert read == arrow_table(table, name, VERSIONS).to_pylist(), name


@pytest.mark.parametrize(
    "text",
    [
        *("=cmd|'/c calc'!A1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx", "  =1", " \tx"),
        *("\u00a0=1", "\u200b=1", "\ufeff+1", "＝1", "＋1", "－1", "＠x", "-", "'", "'=1", "''=1", "'tis so"),  # noqa: RUF001
    ],
)
def test_a_text_that_a_spreadsheet_would_run_is_safe_and_comes_back(text: str) -> None:
    table = PUBLISHED_TABLES["flags"].validate(pd.DataFrame([FLAG | {"detail": text}]))
    written = csv_text(table, "flags")
    assert next(csv.DictReader(io.StringIO(written, newline="")))["detail"] == f"'{text}"
    assert read_back(written, dict(table_schema(PUBLISHED_TABLES["flags"]))) == [FLAG | {"detail": text}]


@pytest.mark.parametrize(
    "text", ["", " ", "Ways to Wellness", "a=b", "1 - 2", "2021-22", "£1, “x”\r\n=1", 'a "b"', "−1"]
)
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    table = PUBLISHED_TABLES["flags"].validate(pd.DataFrame([FLAG | {"metric_id": text}]))
    assert next(csv.DictReader(io.StringIO(csv_text(table, "flags"), newline="")))["metric_id"] == text


def test_a_negative_number_stays_a_number_and_one_that_is_missing_is_nothing(tables_of: TablesOf) -> None:
    table = tables_of("open-2026")["reconciliation"].head(2).assign(difference=[-1234567.5, None], ours=[-2.0, None])
    first, second = csv.DictReader(io.StringIO(csv_text(table, "reconciliation")))
    assert (first["difference"], first["ours"]) == ("-1234567.5", "-2")
    assert (second["difference"], second["ours"]) == ("", "")


def test_days_and_truths_are_written_plainly(files: Files) -> None:
    rows = list(csv.DictReader(io.StringIO(files["tables/contracts.csv"], newline="")))
    assert {row["has_payments"] for row in rows} == {"true", "false"}
    assert all(re.fullmatch(r"(\d{4}-\d\d-\d\d)?", row["service_start"]) for row in rows)
    assert not files["tables/contracts.csv"].startswith("\ufeff")


def test_the_same_tables_give_the_same_bytes(files: Files, site_of: Callable[[str], Site]) -> None:
    assert data.render(site_of("open-2026")) == files


# --- The data package, held to the words of the standard (Data Package v2) ------------------------------------


def test_the_data_package_has_what_the_standard_asks_for(package: dict[str, Any]) -> None:
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert re.fullmatch(r"[a-z0-9._-]+", package["name"])
    for part in ("title", "description", "version"):
        assert isinstance(package[part], str)
        assert package[part]
    assert all(version in package["version"] for version in VERSIONS.values())
    assert package["versions"] == VERSIONS
    assert all(licence["name"] and licence["path"].startswith("https://") for licence in package["licenses"])
    assert all(person["title"] and isinstance(person["roles"], list) for person in package["contributors"])
    assert all(source["title"] for source in package["sources"])
    for source in package["sources"]:
        assert re.match("https?://", source.get("path", "https://"))


def test_the_data_package_has_the_whole_register_of_sources(package: dict[str, Any], reference: Reference) -> None:
    assert [source["source_id"] for source in package["sources"]] == list(reference.sources["source_id"])
    known = {licence.name for licence in LICENCES.values()}
    assert {licence["name"] for licence in package["licenses"]} == known


def test_the_data_package_names_both_files_of_each_table_and_nothing_else(
    tmp_path: Path, files: Files, package: dict[str, Any], tables_of: TablesOf
) -> None:
    resources = package["resources"]
    names = [resource["name"] for resource in resources]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9._-]+", name) for name in names)
    folder = publish_edition(tmp_path, "open-2026", tables_of("open-2026"), files, VERSIONS)
    made = {path.relative_to(folder).as_posix() for path in (folder / "tables").iterdir()}
    assert {resource[kind] for resource in resources for kind in ("path", "parquet")} == made
    assert all(resource["description"] for resource in resources)


# Of the one with rows in most tables ``test_bundles`` asks it.
@pytest.mark.slow
@pytest.mark.parametrize("edition_id", ["open-2026"])
def test_frictionless_finds_every_table_valid(
    tmp_path: Path, edition_id: str, site_of: Callable[[str], Site], tables_of: TablesOf
) -> None:
    made = data.render(site_of(edition_id))
    folder = publish_edition(tmp_path, edition_id, tables_of(edition_id), made, VERSIONS)
    report = report_on(folder)
    assert report.stats["tasks"] == len(tables_of(edition_id))
    assert report.valid, report.flatten(["name", "type", "message"])
    # It would find what is wrong.
    damaged = folder / "tables" / "market_value.csv"
    damaged.write_text(damaged.read_text(encoding="utf-8").replace("0.", "x.", 1), encoding="utf-8")
    assert not report_on(folder).valid


def test_every_column_is_described_and_what_is_said_of_it_holds(
    files: Files, package: dict[str, Any], tables_of: TablesOf
) -> None:
    for resource in package["resources"]:
        name, schema = Path(resource["path"]).stem, resource["schema"]
        descriptions = column_descriptions(PUBLISHED_TABLES[name])
        assert [field["name"] for field in schema["fields"]] == list(tables_of("open-2026")[name].columns)
        rows = read_back(files[f"tables/{name}.csv"], schema)
        for field in schema["fields"]:
            assert (field["description"], field.get("unit", "")) == descriptions[field["name"]]
            assert field["description"]
            assert field["type"] in CASTS
            holds([row[field["name"]] for row in rows], field.get("constraints", {}))
        key = schema.get("primaryKey", [])
        keys = [tuple(row[column] for column in key) for row in rows]
        assert not key or len(keys) == len(set(keys))
        assert None not in [value for row in keys for value in row]


def holds(values: list[Any], constraints: dict[str, Any]) -> None:
    """Assert that values meet constraints, as the standard reads them: only ``required`` minds what is missing."""
    there = [value for value in values if value is not None]
    rules: dict[str, Callable[[Any], bool]] = {
        "required": lambda limit: len(there) == len(values),
        "unique": lambda limit: len(set(there)) == len(there),
        "enum": lambda limit: set(there) <= set(limit),
        "minLength": lambda limit: all(len(value) >= limit for value in there),
        "pattern": lambda limit: all(re.fullmatch(limit, value) for value in there),
        "minimum": lambda limit: all(value >= limit for value in there),
        "exclusiveMinimum": lambda limit: all(value > limit for value in there),
        "maximum": lambda limit: all(value <= limit for value in there),
        "exclusiveMaximum": lambda limit: all(value < limit for value in there),
    }
    for name, limit in constraints.items():
        assert rules[name](limit), (name, limit)
    assert not constraints.get("pattern", "").startswith("^")


def test_constraints_are_those_of_the_models() -> None:
    def field(table: str, column: str) -> dict[str, Any]:
        fields = table_schema(PUBLISHED_TABLES[table])["fields"]
        return next(field for field in fields if field["name"] == column)

    pattern = "[A-Z0-9]+(-[A-Z0-9]+)*"
    assert field("contracts", "contract_id")["constraints"] == {"pattern": pattern, "required": True, "unique": True}
    assert field("payments", "share_counted")["constraints"] == {"minimum": 0, "maximum": 1, "required": True}
    # Money that goes back is below 0.
    assert "constraints" not in field("payments", "amount_real_gbp")
    assert field("optimism_bias", "optimism_bias")["constraints"]["exclusiveMaximum"] == 1
    assert field("bounds", "bound")["constraints"]["enum"] == ["low", "high"]
    assert "constraints" not in field("payments", "note")
    assert table_schema(PUBLISHED_TABLES["contracts"])["primaryKey"] == ["contract_id"]
    assert table_schema(PUBLISHED_TABLES["bounds"])["primaryKey"] == ["scope_kind", "scope", "bound"]
    assert "primaryKey" not in table_schema(PUBLISHED_TABLES["flags"])


# --- The page -------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """A page taken apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(files: Files) -> Page:
    return Page(files["data.html"])


def test_the_page_offers_every_file_to_be_kept(page: Page, package: dict[str, Any], reference: Reference) -> None:
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a" and "download" in attributes}
    assert links == {
        "datapackage.json",
        *bundle_names(reference.editions["open-2026"]).values(),
        *(resource[kind] for resource in package["resources"] for kind in ("path", "parquet")),
    }


def test_the_page_beside_it_says_what_each_column_means(files: Files, tables_of: TablesOf) -> None:
    words = " ".join(Page(files["columns.html"]).text.split())
    for name in tables_of("open-2026"):
        for column, (meaning, unit) in column_descriptions(PUBLISHED_TABLES[name]).items():
            assert all(" ".join(part.split()) in words for part in (column, meaning, unit))


def test_the_page_gives_the_attributions_that_licences_ask_for(page: Page, reference: Reference) -> None:
    quoted = page.html.split('id="licence"')[1].split("<blockquote")[1].split("</blockquote>")[0]
    asked = {line for line in reference.sources["attribution"] if line}
    assert quoted.count("<p>") == len(asked)
    assert all(line in page.text for line in asked)


@pytest.mark.parametrize("path", ["data.html", "columns.html"])
def test_the_page_has_order_and_loads_nothing(files: Files, path: str) -> None:
    page = Page(files[path])
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = {attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes}
    targets = {attributes["href"][1:] for _, attributes in page.tags if attributes.get("href", "").startswith("#")}
    assert labels | targets <= set(ids)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for table in page.html.split("<table")[1:]:
        assert table.split(">", 1)[1].lstrip().startswith("<caption")
    assert {attributes.get("scope") for tag, attributes in page.tags if tag == "th"} == {"row", "col"}
    loads = [attributes for tag, attributes in page.tags if tag in ("script", "link", "img", "iframe")]
    loads = [attributes for attributes in loads if attributes.get("type") != "application/ld+json"]
    assert {attributes.get("src") or attributes["href"] for attributes in loads} == {
        *("table.js", "frame.js", "../editions.js", "../editions.css", "style.css")
    }


def test_names_cannot_carry_html(site_of: Callable[[str], Site]) -> None:
    made_from = site_of("open-2026")
    sources = made_from.reference.sources.assign(title=HOSTILE, attribution=HOSTILE)
    hostile = replace(
        made_from,
        edition=replace(made_from.edition, title=HOSTILE, reasons=HOSTILE),
        reference=replace(made_from.reference, sources=sources),
        versions={name: HOSTILE for name in VERSIONS},
    )
    made = data.render(hostile)
    assert "alert(" in made["data.html"]
    assert "<script>" not in made["data.html"]
    assert HOSTILE in Page(made["data.html"]).text
    assert json.loads(made["datapackage.json"])["title"] == HOSTILE


# --- How to cite and to read ----------------------------------------------------------------------------------


def test_a_citation_names_the_edition_its_title_and_the_three_versions(reference: Reference) -> None:
    edition = reference.editions["open-2026"]
    cited = citation(edition, VERSIONS)
    for text in (cited.text, cited.bibtex, cited.cff):
        assert all(part in text for part in (edition.edition, edition.title, PROJECT, AUTHORS, "data d1", "code c1"))
    assert cited.bibtex.startswith("@misc{publicvalue-open-2026,\n  author = {{publicvalue contributors}},\n")
    read = yaml.safe_load(cited.cff)
    assert {"cff-version", "message", "title", "authors"} <= set(read)
    assert read["authors"] == [{"name": AUTHORS}]


def test_a_title_cannot_break_a_citation(reference: Reference) -> None:
    edition: Edition = replace(reference.editions["open-2026"], title='50% {of} "A & B": C_1 \\ ~ ^ $')
    cited = citation(edition, VERSIONS)
    title = cited.bibtex.splitlines()[2]
    assert title.count("{") == title.count("}")
    assert r"50\% \textbraceleft{}of\textbraceright{}" in title
    assert yaml.safe_load(cited.cff)["title"].startswith(edition.title)


def test_the_project_is_named_as_it_names_itself(project_root: Path) -> None:
    project = tomllib.loads((project_root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["name"], project["authors"]) == (PROJECT, [{"name": AUTHORS}])
    assert AUTHORS in (project_root / "LICENSE").read_text(encoding="utf-8")
    assert project["license"] in LICENCES


def test_the_examples_work_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], page: Page
) -> None:
    flags = PUBLISHED_TABLES["flags"].validate(pd.DataFrame([FLAG | {"detail": "=1+1"}]))
    texts = {"tables/flags.csv": csv_text(flags, "flags")}
    monkeypatch.chdir(publish_edition(tmp_path, "open-2026", {"flags": flags}, texts, VERSIONS))
    made: dict[str, Any] = {}
    exec(READ_CSV.format(table="flags"), made)
    assert made["table"].to_dict("records") == [FLAG | {"detail": "=1+1"}]
    exec(READ_PARQUET.format(table="flags", column="flag"), {})
    printed = capsys.readouterr().out
    assert "b'data_version': b'd1'" in printed
    assert "b'What looks odd.'" in printed
    assert READ_CSV.format(table="contracts") in page.text


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_four_lines_give_the_ratio_of_the_edition(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    edition_id: str,
    tables_of: TablesOf,
) -> None:
    """Somebody who copies them falls in no trap: without the rows in the ratio another figure would come out."""
    tables = tables_of(edition_id)
    monkeypatch.chdir(publish_edition(tmp_path, edition_id, {"contract_value": tables["contract_value"]}, {}, VERSIONS))
    published = float(tables["market_value"]["bcr"].iloc[0])
    exec(WITH_PANDAS, {})
    assert float(capsys.readouterr().out) == pytest.approx(published, abs=1e-6)
    with duckdb.connect() as connection:
        ((by_duckdb,),) = connection.execute(WITH_DUCKDB).fetchall()
        ((of_all,),) = connection.execute(WITH_DUCKDB.replace("WHERE is_in_bcr", "")).fetchall()
    assert by_duckdb == pytest.approx(published, abs=1e-6)
    assert of_all != pytest.approx(published, abs=1e-3)
    # R is not there to be asked: it names the same columns, in as many lines.
    assert set(re.findall(r"public_value_gbp|outcome_payments_real_gbp|is_in_bcr", WITH_R)) == {
        "public_value_gbp",
        "outcome_payments_real_gbp",
        "is_in_bcr",
    }
    assert all(len(text.splitlines()) <= 4 for text in FOUR_LINES.values())


def test_the_page_shows_the_first_rows_of_each_table(page: Page, tables_of: TablesOf) -> None:
    for name, table in tables_of("open-2026").items():
        shown = page.html.partition(f'id="{name}-first"')[2].partition("</table>")[0]
        assert shown.count("<tr>") == (min(FIRST_ROWS, len(table)) + 1 if len(table) else 0), name
    first = tables_of("open-2026")["contracts"].iloc[0]
    shown = page.html.partition('id="contracts-first"')[2].partition("</table>")[0]
    assert first["contract_id"] in shown
    assert first["name"] in unescape(shown)
