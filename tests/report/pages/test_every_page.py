"""What holds of the HTML of every page, whatever it shows: tags close in turn, attributes say what they mean."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report import pages as listed
from pipeline.report.pages import PAGES, checks
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from tests.report.conftest import EDITION_WITH_CLAIMS
from tests.report.pages.test_checks import EVERY_OUTCOME, GATES, made_up
from tests.report.pages.test_index import VERSIONS, TablesOf
from tests.report.plain_english import faults_of
from tests.report.taken_apart import TakenApart
from tests.report.test_plain_english import words_of
from tests.report.undrawn import undrawn

PACKAGE = listed.__name__
EDITION = "open-2026"
# An edition that reproduces a study has a page more.
OF_A_STUDY = "atq-2024"
# Attributes whose words a style sheet, a script or a screen reader looks for.
WORDS = {
    "aria-current": {"page"},
    "aria-hidden": {"true"},
    "role": {"group", "img", "status"},
    "scope": {"col", "row", "colgroup", "rowgroup"},
}
CLASS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*( [a-z0-9]+(-[a-z0-9]+)*)*")
QUOTE = re.compile(r"&(#34|#x22|quot);")


def pages_of(made_from: Site) -> dict[str, str]:
    """All files of an edition with made-up checks, its charts not drawn."""
    checked = dict(made_from.tables) | {"checks": made_up(*EVERY_OUTCOME)["checks"]}
    return site(replace(made_from, tables=checked, gates=GATES), undrawn)


@pytest.fixture(scope="module")
def pages(
    tables_of: TablesOf, reference: Reference, with_claims: tuple[Reference, dict[str, pd.DataFrame]]
) -> dict[str, str]:
    """The pages of an edition, and of the same with claims, by where they lie."""
    edition, tables = reference.editions[EDITION], tables_of(EDITION)
    made_from = Site(edition, tables, headline(tables, edition), reference, VERSIONS)
    found = {f"{EDITION}/{path}": text for path, text in pages_of(made_from).items()}
    study, of_study = reference.editions[OF_A_STUDY], tables_of(OF_A_STUDY)
    made_from = Site(study, of_study, headline(of_study, study), reference, VERSIONS)
    found |= {f"{OF_A_STUDY}/{path}": text for path, text in pages_of(made_from).items() if "/" not in path}
    own, tables = with_claims
    edition = own.editions[EDITION_WITH_CLAIMS]
    made_from = Site(edition, tables, headline(tables, edition), own, VERSIONS)
    found |= {f"claims/{path}": text for path, text in pages_of(made_from).items()}
    return {path: text for path, text in found.items() if path.endswith(".html")}


def test_every_kind_of_page_is_looked_at(pages: dict[str, str]) -> None:
    kinds = {re.sub(r"[A-Z0-9-]+\.html$", "ID.html", path.partition("/")[2]) for path in pages}
    assert {*(page.path for page in PAGES), "contracts/ID.html", "areas/homelessness.html"} <= kinds


def test_every_page_has_a_module_that_is_listed_and_a_template_beside_it() -> None:
    found = {
        name for _, name, _ in iter_modules(listed.__path__) if hasattr(import_module(f"{PACKAGE}.{name}"), "PAGE")
    }
    assert {f"{name}.html" for name in found} == {page.path for page in PAGES}
    folder = Path(*listed.__path__)
    assert {name for name in found if not (folder / f"{name}.html.j2").is_file()} == set()


def test_every_page_keeps_to_plain_english(pages: dict[str, str]) -> None:
    found = [f"{path}: {fault}" for path, html in pages.items() for fault in faults_of(words_of(html))]
    assert not found, "\n".join(dict.fromkeys(found))


def attributes(html: str) -> Iterator[tuple[str, str, str]]:
    """Every attribute of a page with its tag; a tag that is not closed in turn fails."""
    for tag, found in TakenApart(html).tags:
        for name, value in found.items():
            yield tag, name, value


def test_no_attribute_holds_a_quote_and_each_is_a_word_that_is_known(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        for tag, name, value in attributes(html):
            where = f"{path}: <{tag} {name}={value!r}>"
            assert re.fullmatch("[a-z]+[12]?(-[a-z]+)*", name), where
            assert '"' not in value, where
            assert not QUOTE.search(value), where
            assert name not in WORDS or value in WORDS[name], where
            assert name != "class" or CLASS.fullmatch(value), where
            assert name != "data-value" or value == "" or math.isfinite(float(value)), where


def test_each_page_of_the_navigation_is_the_current_one_on_itself(pages: dict[str, str]) -> None:
    framed = [page.path for page in PAGES if page is not checks.PAGE]  # which has a frame of its own
    for path in framed:
        current = [tag for tag in TakenApart(pages[f"{OF_A_STUDY}/{path}"]).named("a") if "aria-current" in tag]
        assert [tag["href"] for tag in current] == [path]


def test_figures_of_a_chart_stand_under_heads_of_numbers(pages: dict[str, str]) -> None:
    html = pages["open-2026/index.html"].partition("<figure")[2]
    heads = re.search(r"<thead><tr>(.*?)</tr></thead>", html)
    assert heads
    first, *others = TakenApart(heads[1]).named("th")
    assert first == {"scope": "col"}
    assert others == [{"scope": "col", "class": "number"}] * len(others)
    assert others


def test_a_contract_with_claims_has_its_metrics_in_their_order(pages: dict[str, str]) -> None:
    """Milestone 2 comes before milestone 10, on the page and in the file."""
    (page,) = (text for path, text in pages.items() if path.startswith("claims/contracts/"))
    rows = re.findall(r"<small>outcomemetric(\d+), ", page)
    assert len(rows) > 10
    assert [int(number) for number in rows] == sorted(int(number) for number in rows)
    of_years = re.findall(r"<small>outcomemetric(\d+)</small></th>", page.partition('id="claims-caption"')[2])
    first = of_years[: of_years.index(max(of_years, key=int)) + 1]
    assert [int(number) for number in first] == sorted(int(number) for number in first)


def test_what_a_correction_leaves_out_is_told_once(pages: dict[str, str]) -> None:
    assert pages["open-2026/contracts/INDIGO-POJ-0156.html"].count("54000") == 1
