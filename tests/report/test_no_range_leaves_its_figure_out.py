"""Wherever a figure stands beside an interval, the interval holds it; what is a floor is called one.

Belongs here: the rule, over all that is published and said at the end of a run. Which ratios have a range is tested
with the pages, and with the method.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.charts.contracts import ratios_of_contracts
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.uncertainty import acceptability_curve, ranges
from pipeline.report.pages.frame import Site
from pipeline.report.text.headline import headline
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.report.text.terminal import headline_text
from pipeline.report.wording import ratio_text
from pipeline.tables.catalogue import REFERENCE_TABLES
from tests.conftest import EDITIONS
from tests.report.charts.taken_apart import rows_of
from tests.report.pages.test_every_page import pages_of
from tests.report.pages.test_index import VERSIONS, TablesOf

# Value in the tables is in whole pennies; draws are not.
ERROR = 1e-6

# A ratio as pages show it, its interval, and what may stand between: £1.13 for every £1, a floor, £1.04 to £1.21.
RATIO = r"−?\d[\d,]*\.\d\d"
INTERVAL = rf"£?({RATIO}) to £?({RATIO})(?![\d.]*%)"
BETWEEN = (
    r"(?:\*\*)?(?:(?: of (?:public|fiscal) value)? for (?:every|each) £1(?: paid)?)?"
    r"(?:, with every unit cost at its \w+ end)?(?:: [a-z ]+ was paid)?(?: ?,? a floor(?: in its unit costs)?)?"
    r"[ ,(|]*(?:(?:80% )?range ?:? )?"
)
BESIDE = re.compile(rf"(?<![\d.,])£?({RATIO}){BETWEEN}{INTERVAL}")
LOWEST_AND_HIGHEST = ("5 in 100 simulations are below", "95 in 100 simulations are below")
# Intervals said of a ratio of the market, which stands elsewhere on the page.
OF_THE_MARKET = {
    "bcr": (
        rf"range of public value would be {INTERVAL}",
        rf"Public value per £1 is between ({RATIO}) and ({RATIO}), and in half",
        rf": {INTERVAL} over its range",
        rf"the ratio goes from £({RATIO}) to £({RATIO})",
        # What moves it, from the low end of each parameter to its high end.
        rf"\| [a-z_]+/[\w/-]+ \| [a-z ]+ \| {INTERVAL} \|",
        rf"the figure goes from {INTERVAL}",
        rf"Public value per £1: our steps take {INTERVAL}",
        rf"The weakest one that matters is [^£]*(?:£[^:]*)?: {INTERVAL}",
        # What other choices would give.
        rf"one at a time(?:, they give|:) {INTERVAL}",
        rf"in \d+ combinations, they give {INTERVAL}",
        rf"one at a time, give {INTERVAL}",
        rf"the figure is between £({RATIO}) and £({RATIO})",
        rf"{INTERVAL} of public value",
    ),
    "fiscal_bcr": (
        rf"Fiscal value per £1 is between ({RATIO}) and ({RATIO}), and above 1",
        rf"{INTERVAL} of fiscal value",
        rf"Fiscal value per £1: our steps take {INTERVAL}",
    ),
}


class Found(NamedTuple):
    """A figure and the interval beside it, as they are shown."""

    figure: str
    low: str
    high: str

    def is_held(self) -> bool:
        """Whether the interval, from whichever end, holds the figure."""
        figure, *ends = (float(text.replace("−", "-").replace(",", "")) for text in self)
        return min(ends) <= figure <= max(ends)


class Published(NamedTuple):
    """What an edition publishes, and what a run says of it."""

    tables: dict[str, pd.DataFrame]
    data: dict[str, Any]
    pages: dict[str, str]
    texts: dict[str, str]


def words_of(html: str) -> str:
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.S))).split()
    )


def intervals(text: str, market: dict[str, Any]) -> list[Found]:
    """All intervals of a text with the figure of which each is one; ``market``: the ratios of the market."""
    beside = [Found(*match.groups()) for match in BESIDE.finditer(text)]
    rest = BESIDE.sub(" ", text)
    return beside + [
        Found(ratio_text(market[measure]), *match.groups())
        for measure, patterns in OF_THE_MARKET.items()
        for pattern in patterns
        for match in re.finditer(pattern, rest)
    ]


def left_out(texts: dict[str, str], market: dict[str, Any]) -> dict[str, list[Found]]:
    """By text, the figures that the interval beside them does not hold."""
    wrong = {name: [f for f in intervals(text, market) if not f.is_held()] for name, text in texts.items()}
    return {name: found for name, found in wrong.items() if found}


def without_floor(texts: dict[str, str], ratios: Iterable[str]) -> list[str]:
    """The texts on which some of these ratios stand, and which say nowhere that they are floors.

    Of some published figures it is said that they are floors: that says nothing of ours.
    """
    known = {f"£{ratio}" for ratio in ratios}
    stating = {name: text for name, text in texts.items() if known & set(re.findall(rf"£{RATIO}", text))}
    return [name for name, text in stating.items() if not re.search(r"\ba floor\b", text)]


@pytest.fixture(scope="module")
def published_of(tables_of: TablesOf, reference: Reference) -> Callable[[str], Published]:
    """What an edition publishes, made once; in place of each chart stands its name."""

    def of(edition_id: str) -> Published:
        tables, edition = tables_of(edition_id), reference.editions[edition_id]
        data = headline(tables, edition)
        site = pages_of(Site(edition, tables, data, reference, VERSIONS))
        pages = {path: html for path, html in site.items() if path.endswith(".html")}
        texts = {path: words_of(html) for path, html in pages.items()} | {
            "headline.md": as_markdown(tables, edition, data),
            "a run": headline_text(edition_id, data, Path("reports")),
        }
        # The sign of pounds comes first; the patterns look for it beside the number.
        return Published(tables, data, pages, {name: text.replace("−£", "£−") for name, text in texts.items()})

    return cache(of)


@pytest.fixture(params=EDITIONS)
def published(request: pytest.FixtureRequest, published_of: Callable[[str], Published]) -> Published:
    return published_of(request.param)


# --- Pages, and what a run says ---------------------------------------------------------------------------------


def test_every_interval_holds_the_figure_beside_it(published: Published) -> None:
    assert left_out(published.texts, published.data) == {}


def test_a_run_names_a_range_only_of_what_has_one(published: Published) -> None:
    said, sure = published.texts["a run"], published.data["uncertainty"]
    for measure, words in (("bcr", "public value"), ("fiscal_bcr", "fiscal value")):
        ends = f"£{ratio_text(sure[measure]['p10'])} to £{ratio_text(sure[measure]['p90'])} of {words}"
        assert (ends in said) is sure[measure]["has_range"]


def test_every_range_is_found_where_it_stands(published: Published) -> None:
    """Else the rule would hold because nothing was looked at."""
    found = {name: set(intervals(text, published.data)) for name, text in published.texts.items()}
    for row in published.tables["uncertainty"].query("has_range").itertuples():
        shown = Found(*(ratio_text(value) for value in (row.ratio, row.p10, row.p90)))
        if row.scope_kind == "market":
            places = ["index.html", "headline.md", "a run"]
        elif row.scope_kind == "policy_area":
            places = ["index.html", "headline.md", f"areas/{row.scope.replace('_', '-')}.html"]
        else:
            places = [f"contracts/{row.scope}.html", *(["contracts.html"] if row.measure == "bcr" else [])]
        assert [place for place in places if shown not in found[place]] == [], row


def test_no_interval_stands_without_its_figure(published: Published, reference: Reference) -> None:
    """Whatever looks like the interval of a ratio is one of which the figure is known, or a text of a register."""
    cells = [getattr(reference, name).select_dtypes(["object", "string"]) for name in REFERENCE_TABLES]
    registers = " ".join(str(cell) for table in cells for column in table for cell in table[column].unique())
    quoted = {match.group() for match in re.finditer(INTERVAL, registers)}
    for name, text in published.texts.items():
        rest = BESIDE.sub(" ", text)
        for patterns in OF_THE_MARKET.values():
            for pattern in patterns:
                rest = re.sub(pattern, " ", rest)
        assert {match.group() for match in re.finditer(INTERVAL, rest)} <= quoted, name


def rows_of_table(html: str, id_: str) -> list[list[str]]:
    """The rows of the table behind a chart; none where the chart has none."""
    table = html.partition(f'id="{id_}-table"')[2].partition("</table>")[0].partition("<tbody>")[2]
    return [[words_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in table.split("</tr>")[:-1]]


def test_each_row_behind_a_chart_holds_its_figure(published: Published) -> None:
    index = published.pages["index.html"]
    ranges = rows_of_table(index, "ranges")
    known = published.tables["uncertainty"].query("measure == 'bcr' and scope_kind != 'contract' and has_range")
    assert [row[0] for row in ranges] == [scope.replace("_", " ") for scope in known["scope"]]
    assert all(Found(own, *ends).is_held() for _, own, *five in ranges for ends in (five[::4], five[1:4:2]))
    choices = rows_of_table(index, "choices")
    assert choices
    assert all(Found(own, low, high).is_held() for _, low, _, high, own in choices if own != "–")


def test_the_percentiles_of_the_headline_hold_its_ratios(published: Published) -> None:
    text, sure = published.texts["headline.md"], published.data["uncertainty"]
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    cells = {name: values for name, *values in lines if len(values) == 2}
    for place, measure in enumerate(("bcr", "fiscal_bcr")):
        if sure["bcr"]["has_range"] and sure[measure]["has_range"]:
            for ends in (LOWEST_AND_HIGHEST, ("10 in 100 simulations are below", "90 in 100 simulations are below")):
                shown = (cells[name][place] for name in ("this edition", *ends))
                assert Found(*shown).is_held(), ends
    assert (LOWEST_AND_HIGHEST[0] in cells) is sure["bcr"]["has_range"]


def test_a_page_of_which_an_interval_leaves_its_figure_out_is_found(published_of: Callable[[str], Published]) -> None:
    right = published_of("atq-2024")
    row = right.tables["uncertainty"].iloc[0]
    own, low, high = (ratio_text(row[name]) for name in ("ratio", "p10", "p90"))
    below = ratio_text(row["p10"] - 1)
    for path, said in {
        "index.html": f"£{low} to £{high}",
        "assumptions.html": f"{low} to {high}",
        "headline.md": f"£{low} to £{high}",
        "a run": f"£{low} to £{high}",
    }.items():
        assert said in right.texts[path]
        wrong = right.texts[path].replace(said, said.replace(high, below))
        found = left_out({**right.texts, path: wrong}, right.data)
        assert list(found) == [path]
        assert Found(own, low, below) in found[path]
    # The ratio with low unit values beside the range with central ones, as it once was.
    assert left_out({"p": "£1.13 for every £1, £1.31 to £1.56 in eight of ten"}, right.data)
    assert left_out({"p": "<td>1.13</td> <td>1.31 to 1.56</td>"}, right.data) == {}
    assert left_out({"p": words_of("<td>1.13</td><td>1.31 to 1.56</td>")}, right.data)
    assert left_out({"p": "| 1.13 | 1.31 to 1.56 |"}, right.data)


# --- Floors -----------------------------------------------------------------------------------------------------


def test_where_a_ratio_of_a_floor_stands_the_word_stands_too(
    published_of: Callable[[str], Published], reference: Reference
) -> None:
    for edition_id in EDITIONS:
        published = published_of(edition_id)
        ratios = set(map(ratio_text, published.tables["uncertainty"]["ratio"]))
        missing = without_floor(published.texts, ratios)
        if reference.editions[edition_id].unit_value_level == "low":
            assert missing == []
        else:
            assert {"index.html", "contracts.html", "headline.md", "a run"} <= set(missing)
            assert not [name for name, text in published.texts.items() if re.search(r"\ba floor\b", text)]


def test_a_page_that_does_not_say_floor_is_found(published_of: Callable[[str], Published]) -> None:
    published = published_of("atq-2022")
    ratios = set(map(ratio_text, published.tables["uncertainty"]["ratio"]))
    for path in ("index.html", "contracts.html", "areas/health.html", "headline.md", "a run"):
        silent = published.texts[path].replace("floor", "figure")
        assert without_floor({**published.texts, path: silent}, ratios) == [path]


# --- Tables -----------------------------------------------------------------------------------------------------


def test_the_table_of_ranges_holds_each_ratio(published: Published) -> None:
    table = published.tables["uncertainty"]
    for low, high in (("p10", "p90"), ("p5", "p95")):
        is_held = (table[low] - ERROR <= table["ratio"]) & (table["ratio"] <= table[high] + ERROR)
        assert is_held.all(), table[~is_held]
    market = table[table["scope_kind"] == "market"]
    assert (market["p10_if_independent"] - ERROR <= market["ratio"]).all()
    assert (market["ratio"] <= market["p90_if_independent"] + ERROR).all()


def test_each_scenario_lies_within_its_range_and_the_edition_s_has_one_or_none(published: Published) -> None:
    table = published.tables["scenarios"]
    market = published.tables["uncertainty"].query("scope_kind == 'market'").set_index("measure")
    for measure in ("bcr", "fiscal_bcr"):
        low, high = table[f"{measure}_p10"], table[f"{measure}_p90"]
        assert (low.isna() == high.isna()).all()
        is_held = (low - ERROR <= table[measure]) & (table[measure] <= high + ERROR) | low.isna()
        assert is_held.all(), table[~is_held]
        (own,) = low[table["is_edition"]]
        assert pd.notna(own) == market.loc[measure, "has_range"]


def test_what_a_parameter_does_to_a_ratio_holds_the_ratio(published: Published) -> None:
    market = published.tables["uncertainty"].query("scope_kind == 'market'").set_index("measure")["ratio"]
    table = published.tables["sensitivity"]
    ends, own = table[["ratio_at_low", "ratio_at_high"]], table["measure"].map(market)
    assert len(table)
    assert ((ends.min(axis=1) - ERROR <= own) & (own <= ends.max(axis=1) + ERROR)).all()


# --- Charts -----------------------------------------------------------------------------------------------------


def rows_drawn(figure: Figure) -> list[dict[str, Any]]:
    return [row for row in rows_of(figure.wide) if "ratio" in row]


def test_no_line_of_a_chart_leaves_its_point_out(published: Published) -> None:
    tables = published.tables
    by_id = tables["contract_value"].assign(name=tables["contract_value"]["contract_id"])
    contracts = rows_drawn(ratios_of_contracts(by_id, tables["uncertainty"]))
    areas = rows_drawn(ranges(tables["uncertainty"]))
    assert contracts
    assert all(row["p10"] - ERROR <= row["ratio"] <= row["p90"] + ERROR for row in [*contracts, *areas])
    assert all(row["p5"] - ERROR <= row["ratio"] <= row["p95"] + ERROR for row in areas)
    known = tables["uncertainty"].query("measure == 'bcr' and has_range")
    assert len(areas) == len(known.query("scope_kind != 'contract'"))
    of_contracts = known.query("scope_kind == 'contract'").set_index("scope")
    lines = {row["contract"] for row in contracts if row["p90"] > row["p10"]}
    assert lines == {row["contract"] for row in contracts} & set(of_contracts.index)


def test_a_line_that_leaves_its_point_out_is_not_drawn_without_a_range(
    published_of: Callable[[str], Published],
) -> None:
    """Where a ratio has no range its ends, wherever they lie, are not shown; a wrong line of one that has would be."""
    tables = published_of("atq-2024").tables
    table = tables["uncertainty"]
    beyond = {name: table["ratio"] + 1 for name in ("p5", "p10", "p50", "p90", "p95")}
    wrong = table.assign(**beyond, has_range=True)
    none = wrong.assign(has_range=False)
    for uncertainty, is_drawn in ((wrong, True), (none, False)):
        of_contracts = rows_drawn(ratios_of_contracts(tables["contract_value"], uncertainty))
        assert all((row["p10"] > row["ratio"]) is is_drawn for row in of_contracts)
        assert bool(rows_drawn(ranges(uncertainty))) is is_drawn
    assert "No range is given: less than half of the value varies" in ranges(none).alt
    some = ranges(table.assign(has_range=table["scope"] == "market"))
    assert [row["scope"] for row in rows_drawn(some)] == ["market"]
    assert "6 ratios not shown: less than half of the value varies in the simulations." in some.subtitle
    curves = acceptability_curve(tables["acceptability"], none)
    assert "No range is given" in curves.alt
