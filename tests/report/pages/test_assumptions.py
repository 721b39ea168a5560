"""The pages of assumptions and sources: all of the register is there once, its pounds add up, and nothing runs."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages import PAGES, assumptions, sources
from pipeline.report.pages.frame import Files, Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from pipeline.report.wording import money, plain_number, ratio_text, share, web_address
from tests.conftest import EDITIONS
from tests.report.taken_apart import TakenApart
from tests.report.undrawn import rendered

TablesOf = Callable[[str], dict[str, pd.DataFrame]]

VERSIONS = {"data_version": "d1", "reference_version": "r1", "code_version": "c1"}
HOSTILE = """<script>alert("&amp;")</script><img src=http://x.example/ onerror='x'>{{ 7 * 7 }}"""
BYTES_OF_BOTH_PAGES = 420_000
FACTS = (
    *("contracts", "reported_outcomes", "payments", "organisations", "places"),
    *("prices", "targets", "planned_payments", "service", "rejected_rows"),
)


OF_CHARTS = '<script src="charts.js"></script>\n'
# What the page of assumptions loads: the data of its sum, and the sum.
SCRIPTS = ["assumptions-data.js", "model.js"]


def pages_of(one: Site) -> Files:
    """The pages of assumptions and of sources, without the scripts of the former."""
    made = rendered(one, assumptions.PAGE, sources.PAGE)
    return {path: text for path, text in made.items() if path.endswith(".html")}


class Page(TakenApart):
    """A page with the rows of its tables as cells."""

    def begin(self) -> None:
        self.rows: list[list[tuple[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append((self.tags[-1][1].get("data-value", ""), ""))

    def handle_data(self, data: str) -> None:
        self.text += data
        if {"td", "th"} & set(self.open):
            value, text = self.rows[-1][-1]
            self.rows[-1][-1] = (value, text + data)

    def words(self) -> str:
        return " ".join(self.text.split())

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    def links(self) -> list[str]:
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]

    def row(self, row_id: str) -> list[tuple[str, str]]:
        """The cells of the row with an id."""
        rows = [attributes.get("id") for tag, attributes in self.tags if tag == "tr"]
        return self.rows[rows.index(row_id)]


@pytest.fixture(scope="module")
def made_from(tables_of: TablesOf, reference: Reference) -> Callable[[str], Site]:
    def build(edition_id: str) -> Site:
        tables, edition = tables_of(edition_id), reference.editions[edition_id]
        return Site(edition, tables, headline(tables, edition), reference, VERSIONS)

    return build


@pytest.fixture(scope="module", params=EDITIONS)
def pages(request: pytest.FixtureRequest, made_from: Callable[[str], Site]) -> tuple[Site, dict[str, Page]]:
    one = made_from(request.param)
    return one, {path: Page(html) for path, html in pages_of(one).items()}


Made = tuple[Site, dict[str, Page]]


# --- All of it is there, and adds up ----------------------------------------------------------------------------


def test_every_unit_cost_rate_weight_and_source_is_there_once(pages: Made) -> None:
    one, shown = pages
    ids = Counter(shown["assumptions.html"].ids())
    assert all(ids[f"unit-cost-{name}"] == 1 for name in one.reference.unit_costs["unit_cost_id"])
    assert all(ids[f"hours-{name}"] == 1 for name in one.reference.hours_weights["hours_weight_id"])
    assert sum(1 for name in ids if name.startswith("unit-cost-")) == len(one.reference.unit_costs)
    assert sum(1 for name in ids if re.fullmatch(r"rate-\d+", name)) == len(one.reference.deadweight)
    of_sources = Counter(shown["sources.html"].ids())
    assert all(of_sources[name] == 1 for name in one.reference.sources["source_id"])


def test_each_rate_is_shown_as_it_stands_in_the_register(pages: Made) -> None:
    one, shown = pages
    for number, rate in enumerate(one.reference.deadweight.to_dict("records"), start=1):
        cells = shown["assumptions.html"].row(f"rate-{number}")
        shares = {level: f"{plain_number(rate[level] * 100)}%" for level in ("low", "central", "high")}
        assert cells[4] == (str(rate["central"]), f"{shares['central']}low {shares['low']}high {shares['high']}")
        assert rate["layer"] in cells[1][1]
        assert rate["contract_id"] in cells[0][1]
        assert cells[6][1] == rate["grade"]


def test_each_wellbeing_scale_says_what_a_point_is_worth(pages: Made) -> None:
    one, shown = pages
    page = shown["assumptions.html"]
    assert sum(1 for name in page.ids() if name.startswith("scale-")) == len(one.reference.wellbeing_scales)
    cells = {
        name: [text for _, text in page.row(f"scale-{name}")] for name in ("wemwbs", "ucla_4", "life_satisfaction")
    }
    assert cells["wemwbs"][:4] == [
        "Warwick-Edinburgh Mental Wellbeing Scale (WEMWBS)14 to 70",
        "0.13low 0.087high 0.173",
        "£1,690low £1,008high £2,3722019-20 prices",
        "weak",
    ]
    # A lower score is better: the step has its sign, and one point better is one point less.
    assert cells["ucla_4"][1:3] == ["−0.144low −0.183high −0.092", "£1,872low £1,070high £2,5382019-20 prices"]
    assert cells["life_satisfaction"][1:3] == ["1", "£13,000low £10,000high £16,0002019-20 prices"]
    titles = one.reference.sources.set_index("source_id")["title"]
    assert cells["wemwbs"][4].startswith(titles["happy-city-wellworth"])


def test_a_project_without_wellbeing_scales_or_without_the_value_of_a_wellby_has_a_page(
    made_from: Callable[[str], Site],
) -> None:
    one = made_from("open-2026")
    scales = one.reference.wellbeing_scales

    def page_with(some: pd.DataFrame) -> Page:
        reference = replace(one.reference, wellbeing_scales=some)
        return Page(pages_of(replace(one, reference=reference))["assumptions.html"])

    none, without = page_with(scales.iloc[:0]), page_with(scales[scales["scale_id"] != "life_satisfaction"])
    assert "Wellbeing scales" not in none.words()
    assert [text for _, text in without.row("scale-wemwbs")[1:3]] == ["0.13low 0.087high 0.173", "–"]


def test_pounds_on_unit_costs_are_the_public_value_and_the_transfers_in_the_ratio(pages: Made) -> None:
    one, shown = pages
    costs = one.reference.unit_costs.set_index("unit_cost_id")
    carried = {name: float(shown["assumptions.html"].row(f"unit-cost-{name}")[1][0]) for name in costs.index}
    resting = pd.Series(carried)
    contracts = one.tables["contract_value"]
    transfers = contracts.loc[contracts["is_in_bcr"], "transfers_gbp"].sum()
    public = one.tables["market_value"]["public_value_in_bcr_gbp"].iloc[0]
    assert resting[~costs["is_transfer"]].sum() == pytest.approx(public, abs=0.01)
    assert resting[costs["is_transfer"]].sum() == pytest.approx(transfers, abs=0.01)


def test_pounds_on_sources_are_the_public_value_in_the_ratio(pages: Made) -> None:
    one, shown = pages
    public = one.tables["market_value"]["public_value_in_bcr_gbp"].iloc[0]
    rests = [float(shown["sources.html"].row(name)[2][0]) for name in one.reference.sources["source_id"]]
    assert sum(rests) == pytest.approx(public, abs=0.01)


def test_pounds_on_rates_and_on_what_has_none_are_the_public_value_in_the_ratio(pages: Made) -> None:
    one, shown = pages
    lines = one.lines
    rests = [shown["assumptions.html"].row(f"rate-{n}")[2][0] for n in range(1, len(one.reference.deadweight) + 1)]
    without = lines.loc[lines["layer"] == "", "public_gbp"].sum()
    public = one.tables["market_value"]["public_value_in_bcr_gbp"].iloc[0]
    assert sum(map(float, rests)) + without == pytest.approx(public, abs=0.01)


def test_each_line_rests_on_the_rate_that_was_taken_off(pages: Made) -> None:
    one, _ = pages
    keys = ["layer", "outcome_id", "contract_id"]
    rates = one.reference.deadweight.set_index(keys)[["central", "source_id"]].to_dict("index")
    lines = one.lines
    for line in lines[lines["layer"] != ""].to_dict("records"):
        rate = rates[line["layer"], line["outcome_id"], line["rate_contract_id"]]
        assert (rate["central"], rate["source_id"]) == (line["deadweight"], line["deadweight_source_id"])


def test_every_source_says_how_many_rows_name_it(pages: Made) -> None:
    one, shown = pages
    page = shown["sources.html"]
    numbers = [int(page.row(name)[5][0]) for name in one.reference.sources["source_id"]]
    named = [
        *(one.tables[name]["source_id"] for name in FACTS),
        *(table["source_id"] for table in vars(one.reference).values() if "source_id" in getattr(table, "columns", ())),
    ]
    # The register names each source itself; that is no use of it.
    assert sum(numbers) == sum(map(len, named)) - len(one.reference.sources)


def test_the_first_table_is_of_weak_evidence_that_carries_most(pages: Made) -> None:
    _, shown = pages
    page = shown["assumptions.html"]
    # Before it stands the head of a table that a script fills.
    first = [float(row[1][0]) for row in page.rows[2:5]]
    assert first == sorted(first, reverse=True)
    assert first[0] > 0
    headings = [attributes["id"] for tag, attributes in page.tags if tag == "h2"]
    assert headings[:3] == ["try", "weakest", "movers"]


def test_each_other_option_has_its_ratio_with_its_range(pages: Made) -> None:
    one, shown = pages
    words = shown["assumptions.html"].words()
    by_choice = one.data["by_choice"]
    for choice in ("time_convention", "unit_value_level", "deadweight_layer", "transfers", "optimism_bias"):
        assert len(by_choice[choice]) > 1
        for option, found in by_choice[choice].items():
            p10, p90 = found["bcr_p10"], found["bcr_p90"]
            ends = f" ({ratio_text(p10)} to {ratio_text(p90)})" if p10 is not None else ""
            assert f"{option.replace('_', ' ')}: {ratio_text(found['bcr'])}{ends}" in words
            # No range stands behind one that has none.
            assert ends or f"{option.replace('_', ' ')}: {ratio_text(found['bcr'])} (" not in words


def test_the_disclosure_control_of_the_edition_is_said(made_from: Callable[[str], Site]) -> None:
    one = made_from("open-2026")
    strict = replace(one, edition=replace(one.edition, disclosure_threshold=30, disclosure_rounding=100))
    page = Page(pages_of(strict)["assumptions.html"])
    assert "Disclosure control fewer than 30 people" in page.words()
    assert "we round the rest to 100" in page.words()


def test_a_layer_that_the_edition_does_not_use_is_said_so(made_from: Callable[[str], Site]) -> None:
    words = {name: Page(pages_of(made_from(name))["assumptions.html"]).words() for name in EDITIONS}
    studied = made_from("open-2026").reference.deadweight["layer"].value_counts()
    assert words["atq-2022"].count("not in this edition") == studied.sum()
    assert words["atq-2024"].count("not in this edition") == studied["studied"]
    assert "not in this edition" not in words["open-2026"]


def test_what_is_unverified_is_marked(pages: Made) -> None:
    one, shown = pages
    assert shown["assumptions.html"].words().count("no: unverified") == len(one.reference.optimism_bias)
    verified = replace(one.reference, optimism_bias=one.reference.optimism_bias.assign(is_verified=True))
    assert "nverified" not in Page(pages_of(replace(one, reference=verified))["assumptions.html"]).words()


def test_pages_of_an_edition_without_a_ratio_are_made(made_from: Callable[[str], Site]) -> None:
    one = made_from("open-2026")
    tables = dict(one.tables)
    tables["contract_value"] = tables["contract_value"].assign(is_in_bcr=False)
    tables["market_value"] = tables["market_value"].assign(bcr=float("nan"), contracts_in_bcr=0)
    for name in ("sensitivity", "evidence_quality", "overlaps", "not_valued"):
        tables[name] = tables[name].iloc[:0]
    shown = pages_of(replace(one, tables=tables, data={**one.data, "uncertainty": {}}))
    assert "No weak assumption carries public value" in Page(shown["assumptions.html"]).words()
    assert "nan" not in Page(shown["assumptions.html"]).words().split()


def test_what_moves_the_ratio_has_a_unit_and_a_price_year(pages: Made) -> None:
    one, shown = pages
    first = one.tables["sensitivity"].query("measure == 'bcr' and swing >= 0.005").head(10)
    costs = first[first["kind"] == "unit_cost"]
    page = shown["assumptions.html"].words()
    known = one.reference.unit_costs.set_index("unit_cost_id")
    for parameter in costs.to_dict("records"):
        cost = known.loc[parameter["parameter_id"].split("/")[1]]
        article = "an" if cost["unit"] == "incident" else "a"
        assert re.search(rf"£[\d,.]+ ?{article} {cost['unit']}, {cost['price_year']} prices", page)


def test_breaking_even_is_never_said_by_a_negative_share(made_from: Callable[[str], Site]) -> None:
    """What cannot be reached is said so, whether the ratio is above 1, below it, or below even without deadweight."""
    one = made_from("open-2026")
    table = one.tables["switching_values"]
    said = {}
    for ratio, gross in ((1.5, 2.0), (0.8, 1.6), (0.5, 0.9), (-0.2, -0.1)):
        own = {
            "ratio": ratio,
            "switching_deadweight": 1 - 1 / gross if gross > 0 else float("nan"),
            "further_fall": 1 - 1 / ratio if ratio > 0 else float("nan"),
            "rise_in_payments": ratio - 1,
        }
        changed = dict(one.tables) | {"switching_values": table.assign(**own)}
        page = Page(pages_of(replace(one, tables=changed))["assumptions.html"]).words()
        said[ratio] = page.partition("break even? At")[2].partition("How good is")[0]
    assert "above £1" in said[1.5]
    assert "50% of the value would have come about anyway" in said[1.5]
    assert "Only 38% of the value would have come about anyway" in said[0.8]
    assert "Every unit cost is 25% higher. Payments are 20% lower." in said[0.8]
    assert "cannot reach £1 this way" in said[0.5]
    assert "cannot reach £1 this way" in said[-0.2]
    assert not any(re.search(r"[−-]\d+%|nan|–", text) for text in said.values())


# --- How it is made ---------------------------------------------------------------------------------------------


def test_every_link_leads_somewhere(pages: Made) -> None:
    one, shown = pages
    contracts = {f"contracts/{contract_id}.html" for contract_id in one.tables["contracts"]["contract_id"]}
    for path, page in shown.items():
        for href in page.links():
            if href.startswith(("http://", "https://")):
                continue
            target, _, fragment = href.partition("#")
            assert target in {"", *(other.path for other in PAGES), *contracts, "../index.html"}
            if fragment and (target or path) in shown:
                assert fragment in shown[target or path].ids()


def test_ids_are_unique_and_labels_lead_somewhere(pages: Made) -> None:
    _, shown = pages
    for page in shown.values():
        ids = page.ids()
        assert len(ids) == len(set(ids))
        named = [
            attributes[name]
            for _, attributes in page.tags
            for name in ("aria-labelledby", "for", "data-find")
            if name in attributes
        ]
        assert set(named) <= set(ids)


def test_tables_have_captions_and_headers_with_their_scope_and_headings_skip_no_level(pages: Made) -> None:
    _, shown = pages
    for page in shown.values():
        names = [tag for tag, _ in page.tags]
        assert names.count("table") == names.count("caption") == names.count("thead")
        assert {attributes.get("scope") for tag, attributes in page.tags if tag == "th"} == {"row", "col"}
        levels = [int(tag[1]) for tag in names if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_names_that_carry_html_and_addresses_that_run_are_text(made_from: Callable[[str], Site]) -> None:
    one = made_from("open-2026")
    free = {
        "unit_costs": ["name", "agency", "locator", "derivation"],
        "deadweight": ["study", "locator"],
        "outcome_types": ["name"],
        "hours_weights": ["locator"],
        "wellbeing_scales": ["name", "locator", "range_reason"],
        "optimism_bias": ["locator"],
        "metric_outcomes": ["reason"],
        "discount_rates": ["locator"],
        "sources": ["title", "publisher", "published", "licence", "attribution"],
    }
    texts = {
        name: getattr(one.reference, name).assign(**{column: f"{name} {column} {HOSTILE}" for column in columns})
        for name, columns in free.items()
    }
    texts["sources"] = texts["sources"].assign(address="javascript:alert(1)")
    tables = dict(one.tables)
    tables["contracts"] = tables["contracts"].assign(name=f"contract {HOSTILE}")
    tables["not_valued"] = tables["not_valued"].assign(name=f"not valued {HOSTILE}", reason=f"why {HOSTILE}")
    tables["overlaps"] = tables["overlaps"].assign(overlap_reason=f"overlap {HOSTILE}")
    hostile = replace(
        one,
        reference=replace(one.reference, **texts),
        tables=tables,
        edition=replace(one.edition, title=f"title {HOSTILE}", reasons=f"reasons {HOSTILE}"),
    )
    plain = {path: Page(html) for path, html in pages_of(one).items()}
    shown = {path: Page(html) for path, html in pages_of(hostile).items()}
    for path, page in shown.items():
        assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain[path].tags}
        assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
        assert not any("javascript" in href for href in page.links())
    assert "javascript:alert(1)" in shown["sources.html"].words()
    words = " ".join(page.words() for page in shown.values())
    said = [f"{name} {column}" for name, columns in free.items() for column in columns]
    for text in [*said, "contract", "not valued", "why", "overlap", "title", "reasons"]:
        assert f"{text} {HOSTILE}" in words


def test_links_out_are_of_the_web_and_nothing_is_loaded_from_there(pages: Made) -> None:
    one, shown = pages
    out = [attributes for page in shown.values() for tag, attributes in page.tags if "//" in attributes.get("href", "")]
    assert all(attributes["rel"] == "noopener" for attributes in out)
    assert {attributes["href"] for attributes in out} == set(filter(None, one.reference.sources["address"]))
    of_all = ["table.js", "../editions.js", "frame.js"]
    loads = {path: [tag["src"] for _, tag in page.tags if "src" in tag] for path, page in shown.items()}
    assert loads["assumptions.html"] == [*of_all, *SCRIPTS]
    assert {path for path, names in loads.items() if names != of_all} == {"assumptions.html"}


def test_fiscal_value_is_never_said_to_be_saved() -> None:
    said = [
        Path(page.__file__).with_suffix(".html.j2").read_text("utf-8")
        for page in (assumptions, sources)
        if page.__file__
    ]
    assert not re.search(r"\bsav(ed|es|ings?)\b", " ".join(said))


def test_the_pages_are_small_and_the_same_each_time(made_from: Callable[[str], Site]) -> None:
    one = made_from("open-2026")
    shown = pages_of(one)
    assert sum(len(html.encode()) for html in shown.values()) < BYTES_OF_BOTH_PAGES
    assert pages_of(one) == shown
    # Where the report has charts, the frame of every page loads what may be done with them.
    whole = {path: text.replace(OF_CHARTS, "") for path, text in site(one).items()}
    assert shown.items() <= whole.items()


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12_345_678.0, "£12.3m"), (999_999.4, "£999,999"), (0.0, "£0"), (-0.2, "£0"), (-5e6, "−£5.0m"), (None, "–")],
)
def test_money_is_as_short_as_says_enough(value: float | None, shown: str) -> None:
    assert money(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.5, "50%"), (0.2386, "23.9%"), (0.0001, "under 0.1%"), (0.0, "0%"), (float("nan"), "–")]
)
def test_a_small_share_is_not_shown_as_none(value: float, shown: str) -> None:
    assert share(value) == shown


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("//example.org", ""),
        ("https:", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_only_addresses_of_the_web_become_links(text: str, address: str) -> None:
    assert web_address(text) == address
