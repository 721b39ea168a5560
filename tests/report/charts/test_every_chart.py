"""Each chart shows the numbers of its table, can be drawn, says what is seen, and takes any name or an empty table."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.valuation import Valuation
from pipeline.report import charts
from pipeline.report.charts import AREA_COLOURS, COLOURS, SMALLEST_GBP, as_image
from pipeline.report.drawing import Spec, as_svg
from pipeline.report.headline import headline
from pipeline.tables.vocabulary import KINDS, POLICY_AREAS

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}
LARGEST_IMAGE = 30_000
# A mark for each place.
LARGEST_MAP = 50_000
HOSTILE = '<script>"&]](x)`|\n\x00\x1b\u202e' + "x" * 500
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def tables(tables_of: Callable[[str], Tables]) -> Tables:
    return tables_of("atq-2024")


@pytest.fixture(scope="module")
def in_scope(valuation_of: Callable[[str], Valuation]) -> pd.DataFrame:
    return valuation_of("atq-2024").outcomes_in_scope


@pytest.fixture(scope="module")
def data(tables: Tables, reference: Reference) -> dict[str, Any]:
    return headline(tables, reference.editions["atq-2024"])


@pytest.fixture(scope="module")
def make_specs(tables: Tables, in_scope: pd.DataFrame, data: dict[str, Any]) -> Callable[[], dict[str, Spec]]:
    """Make all charts of an edition."""
    reported = tables["reported_outcomes"]
    names = tables["contracts"].set_index("contract_id")["name"]
    return lambda: {
        "value_by_policy_area": charts.value_by_policy_area({"a": tables["policy_area_value"]}),
        "value_and_payments": charts.value_and_payments_by_contract(tables["contract_value"], names),
        "coverage": charts.coverage(tables["coverage"]),
        "reconciliation": charts.reconciliation(tables["reconciliation"]),
        "places": charts.places(tables["places"], tables["contracts"]),
        "ranges": charts.ranges(tables["uncertainty"]),
        "acceptability_curve": charts.acceptability_curve(tables["acceptability"], tables["uncertainty"]),
        "tornado": charts.tornado(tables["sensitivity"]),
        "spread_of_choices": charts.spread_of_choices(tables["scenarios"]),
        "ladder_funnels": charts.ladder_funnels(in_scope),
        "beside": charts.beside(data, data),
        "quantities": charts.quantities_by_period(reported[reported["contract_id"] == "INDIGO-POJ-0175"]),
    }


@pytest.fixture(scope="module")
def specs(make_specs: Callable[[], dict[str, Spec]]) -> dict[str, Spec]:
    return make_specs()


def rows_of(part: Any) -> Iterator[dict[str, Any]]:
    """All rows of data in a specification."""
    if isinstance(part, dict):
        yield from part.get("data", {}).get("values", [])
        for inner in part.values():
            yield from rows_of(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from rows_of(inner)


def texts_of(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


# --- All charts -----------------------------------------------------------------------------------------------


def test_each_chart_is_drawn_with_its_title_and_is_small(specs: dict[str, Spec]) -> None:
    for name, spec in specs.items():
        drawn = as_svg(spec)
        assert {spec["title"]["text"], "".join(spec["title"]["subtitle"])} <= set(texts_of(drawn)), name
        assert spec["description"].startswith(spec["title"]["text"])
        assert len(drawn) < (LARGEST_MAP if name == "places" else LARGEST_IMAGE), name


def test_the_same_tables_make_the_same_chart(make_specs: Callable[[], dict[str, Spec]], specs: dict[str, Spec]) -> None:
    assert json.dumps(make_specs(), allow_nan=False) == json.dumps(specs, allow_nan=False)
    for name in ("coverage", "places"):
        assert as_svg(specs[name]) == as_svg(specs[name])


def test_an_image_has_its_description_in_words(specs: dict[str, Spec]) -> None:
    assert as_image(specs["coverage"], "/a.svg") == f"![{specs['coverage']['description']}](/a.svg)"
    assert as_image({"description": "a ](x) `b`\n<i>"}, "/a.svg") == "![a &#93;(x) &#96;b&#96; &lt;i&gt;](/a.svg)"


def test_what_drawings_refer_to_within_themselves_has_names_of_its_own(specs: dict[str, Spec]) -> None:
    """Several stand on one page, and one that is drawn again has the same bytes, whatever was drawn before it."""
    one, other = as_svg(specs["places"]), as_svg(specs["places"] | {"padding": 11})
    named, named_too = (set(re.findall(r'id="(clip[^"]*)"', drawn)) for drawn in (one, other))
    assert named
    assert not named & named_too
    assert named == set(re.findall(r"url\(#(clip[^)]*)\)", one))


def test_what_is_no_specification_or_would_be_fetched_is_refused() -> None:
    with pytest.raises(ValueError, match="conversion failed"):
        as_svg({"mark": "no such mark"})
    with pytest.raises(ValueError, match="not allowed"):
        as_svg({"data": {"url": "https://x.example/x.csv"}, "mark": "point"})


def test_each_thing_has_one_colour() -> None:
    assert list(AREA_COLOURS) == list(POLICY_AREAS)
    assert set(KINDS) < set(COLOURS)
    colours = [*COLOURS.values(), *AREA_COLOURS.values()]
    assert len(set(colours)) == len(colours)


# --- What each shows ------------------------------------------------------------------------------------------


def test_the_parts_of_an_area_are_its_public_value(tables: Tables, specs: dict[str, Spec]) -> None:
    shown = pd.DataFrame(rows_of(specs["value_by_policy_area"])).pivot(index="area", columns="part", values="gbp")
    table = tables["policy_area_value"].set_index(tables["policy_area_value"]["policy_area"].str.replace("_", " "))
    assert sorted(shown.index) == sorted(table.index)
    for part, column in {
        "payments": "outcome_payments_real_gbp",
        "gross": "gross_public_value_gbp",
        "economic": "economic_gbp",
        "social": "social_gbp",
    }.items():
        assert shown[part].to_dict() == table[column].to_dict()
    kinds = shown["fiscal"] + shown["economic"] + shown["social"]
    assert kinds.to_dict() == pytest.approx(table["public_value_gbp"].to_dict(), abs=0.05)


def test_each_place_with_a_point_is_on_one_map_in_the_colour_of_its_area(tables: Tables) -> None:
    table = tables["places"][tables["places"]["latitude"].notna()].merge(
        tables["contracts"][["contract_id", "policy_area"]], on="contract_id"
    )
    maps = charts.places(tables["places"], tables["contracts"])["vconcat"]
    points = [[row for row in rows_of(part) if "contracts" in row] for part in maps]
    (west, east), (south, north) = charts.LONDON
    is_near = table["latitude"].between(south, north) & table["longitude"].between(west, east)
    key = ["latitude", "longitude", "policy_area"]
    for shown, part in ((points[0], table[~is_near]), (points[1], table[is_near])):
        expected = part.groupby(key)["contract_id"].nunique().sort_index()
        found = sorted((row["latitude"], row["area"], row["contracts"]) for row in shown)
        assert found == sorted((lat, area.replace("_", " "), n) for (lat, _, area), n in expected.items())
    # Areas that share a point stand around it, those that do not on it.
    alone = table.drop_duplicates(key).drop_duplicates(["latitude", "longitude"], keep=False)
    on_point = {(row["latitude"], row["longitude"]) for row in points[0] + points[1]}
    assert set(zip(alone["latitude"], alone["longitude"].round(6), strict=True)) <= on_point


def test_a_place_without_a_point_is_said_to_be_left_out(tables: Tables) -> None:
    contracts, one = tables["contracts"], tables["places"].head(1)
    nowhere = one.assign(latitude=float("nan"), longitude=float("nan"))
    spec = charts.places(pd.concat([one, nowhere]), contracts)
    assert spec["title"]["subtitle"][-1] == "No coasts are drawn. 1 place without a point."
    as_svg(spec)
    assert "without" not in charts.places(one, contracts)["description"]


def test_contracts_in_the_ratio_are_points_or_said_to_be_left_out(tables: Tables) -> None:
    table = tables["contract_value"][tables["contract_value"]["is_in_bcr"]].head(5).reset_index(drop=True)
    table["public_value_gbp"] = [3e6, 2e6, 0.0, -5.0, SMALLEST_GBP - 1.0]
    table["outcome_payments_real_gbp"] = [1e6, 4e6, 1e6, 1e6, 2e6]
    spec = charts.value_and_payments_by_contract(table, {table.loc[0, "contract_id"]: "first"})
    points = [row for row in rows_of(spec) if "area" in row]
    assert {(row["payments_gbp"], row["value_gbp"]) for row in points} == {(1e6, 3e6), (4e6, 2e6)}
    assert {row["name"] for row in points} == {"first", table.loc[1, "contract_id"]}
    assert spec["title"]["subtitle"] == [
        "2 contracts in the ratio; 1 above the dashed line of £1 for £1.",
        "Not on the log scale: 3 contracts worth or paid less than £10,000; paid £4.0m in all.",
    ]
    as_svg(spec)


def test_names_do_not_overlap(tables: Tables) -> None:
    table = (
        tables["contract_value"]
        .head(4)
        .assign(
            is_in_bcr=True,
            contract_id=["C-1", "C-2", "C-3", "C-4"],
            public_value_gbp=[2e6, 1.99e6, 1.98e6, 1.5e6],
            outcome_payments_real_gbp=[1e6, 1e6, 4e6, 1e6],
        )
    )
    rows = rows_of(charts.value_and_payments_by_contract(table, {}))
    assert {row["name"] for row in rows if row.get("name")} == {"C-1", "C-3", "C-4"}


def test_all_contracts_in_the_ratio_are_counted(tables: Tables, specs: dict[str, Spec]) -> None:
    table = tables["contract_value"][tables["contract_value"]["is_in_bcr"]]
    points = {(r["payments_gbp"], r["value_gbp"]) for r in rows_of(specs["value_and_payments"]) if "area" in r}
    large = table[table["public_value_gbp"] >= SMALLEST_GBP]
    assert points == set(zip(large["outcome_payments_real_gbp"], large["public_value_gbp"], strict=True))


def test_coverage_shows_each_share(tables: Tables, specs: dict[str, Spec]) -> None:
    known = tables["coverage"].dropna(subset="share")
    rows = [row for row in rows_of(specs["coverage"]) if "measure" in row]
    assert [row["share"] for row in rows] == known["share"].to_list()
    assert {"measure": "outcome payments", "share": rows[3]["share"], "said": "62%: £134.3m of £217.0m"} == rows[3]


def test_reconciliation_shows_each_comparable_figure(tables: Tables, specs: dict[str, Spec]) -> None:
    table = tables["reconciliation"]
    comparable = table[table["is_like_for_like"] & table["ours"].notna()]
    rows = [row for row in rows_of(specs["reconciliation"]) if "figure" in row]
    assert [row["ratio"] for row in rows] == (comparable["ours"] / comparable["published"]).to_list()
    (bcr,) = (row for row in rows if row["figure"] == "public value per £1: 8.57 (derived)")
    assert bcr["said"] == "0.86: 10%"


def test_ladders_are_shown_in_order_the_largest_first(in_scope: pd.DataFrame, specs: dict[str, Spec]) -> None:
    shown = specs["ladder_funnels"]["concat"]
    firsts = [panel["data"]["values"][0]["people"] for panel in shown]
    assert len(shown) == charts.SHOWN_LADDERS
    assert firsts == sorted(firsts, reverse=True)
    rungs = in_scope[in_scope["treatment"] == "rung"]
    for panel in shown:
        contract_id, outcome = panel["title"]["text"]
        same = (rungs["contract_id"] == contract_id) & rungs["outcome_id"].str.replace("_", " ").str.startswith(
            outcome.rstrip("…")
        )
        in_order = rungs[same].sort_values("milestone")
        assert [row["people"] for row in panel["data"]["values"]] == in_order["quantity"].to_list()


def test_rungs_in_weeks_and_months_stand_by_time(in_scope: pd.DataFrame) -> None:
    rungs = in_scope[in_scope["treatment"] == "rung"].head(3).assign(contract_id="C-1", outcome_id="job", unit="person")
    table = rungs.assign(
        milestone=[6.0, 13.0, 0.0],
        milestone_unit=["month", "week", "week"],
        quantity=[25.0, 50.0, 100.0],
        is_net_of_deadweight=False,
    )
    (panel,) = charts.ladder_funnels(table)["concat"]
    assert [(row["rung"], row["said"]) for row in panel["data"]["values"]] == [
        ("at the start", "100"),
        ("13 weeks", "50 (50%)"),
        ("6 months", "25 (25%)"),
    ]


def test_a_withheld_rung_has_no_bar(in_scope: pd.DataFrame) -> None:
    rungs = in_scope[in_scope["treatment"] == "rung"].head(3).assign(contract_id="C-1", outcome_id="job", unit="person")
    table = rungs.assign(milestone=[3.0, 6.0, 12.0], milestone_unit="month", is_net_of_deadweight=False)
    (panel,) = charts.ladder_funnels(table.assign(quantity=[100.0, 50.0, float("nan")]))["concat"]
    assert [row["rung"] for row in panel["data"]["values"]] == ["3 months", "6 months"]
    alone = charts.ladder_funnels(table.assign(quantity=[100.0, float("nan"), float("nan")]))
    assert alone["description"].endswith("No contract reports a ladder of two rungs or more.")


def test_a_what_if_stands_beside_the_edition(data: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(data)) | {"bcr": None}
    changed["by_policy_area"]["health"]["public_value_gbp"] = 1.5e6
    rows = list(rows_of(charts.beside(data, changed)))
    numbers = {(row["name"], row["side"]): (row["number"], row["said"]) for row in rows}
    assert numbers["public value per £1", "as it is"] == (data["bcr"], f"{data['bcr']:.2f}")
    assert numbers["public value per £1", "what-if"] == (None, "–")
    assert numbers["health", "what-if"] == (1.5e6, "£1.5m")
    for area, sums in data["by_policy_area"].items():
        assert numbers[area.replace("_", " "), "as it is"][0] == sums["public_value_gbp"]


def test_quantities_by_metric_and_period_in_their_units(tables: Tables) -> None:
    table = (
        tables["reported_outcomes"]
        .head(4)
        .assign(
            contract_id="C-1",
            metric_id=["m1", "m1", "m2", "m3"],
            label=["jobs", "jobs", "jobs", "nights"],
            unit=["person", "person", "person", "day"],
            period_start=pd.to_datetime(["2020-04-01", "2021-04-01", None, None]),
            period_end=pd.to_datetime(["2021-03-31", "2022-03-31", "2021-03-31", "2021-03-31"]),
            quantity=[1.0, 2.0, 3.0, 4000.0],
        )
    )
    spec = charts.quantities_by_period(table)
    assert [panel["encoding"]["x"]["axis"]["title"] for p in spec["vconcat"] for panel in p["layer"][:1]] == [
        "days",
        "people",
    ]
    assert {(row["metric"], row["period"], row["number"], row["said"]) for row in rows_of(spec)} == {
        ("jobs (m1)", "2020-04-01 to 2021-03-31", 1.0, "1"),
        ("jobs (m1)", "2021-04-01 to 2022-03-31", 2.0, "2"),
        ("jobs (m2)", "– to 2021-03-31", 3.0, "3"),
        ("nights", "– to 2021-03-31", 4000.0, "4,000"),
    }
    as_svg(spec)


def test_ranges_and_the_tornado_show_their_tables(tables: Tables, specs: dict[str, Spec]) -> None:
    shown = {row["scope"]: row for row in rows_of(specs["ranges"]) if "scope" in row}
    market = tables["uncertainty"].iloc[0]
    assert [shown["market"][name] for name in ("ratio", "p5", "p95")] == market[["ratio", "p5", "p95"]].tolist()
    assert len(shown) == 1 + tables["policy_area_value"]["bcr"].notna().sum()
    bars = [row for row in rows_of(specs["tornado"]) if "parameter" in row]
    largest = tables["sensitivity"].query("measure == 'bcr'").head(len(bars))
    assert [(bar["low"], bar["high"]) for bar in bars] == [
        (row.ratio_at_low, row.ratio_at_high) for row in largest.itertuples()
    ]


def test_the_spread_of_choices_holds_every_combination_and_the_edition(tables: Tables, specs: dict[str, Spec]) -> None:
    table = tables["scenarios"]
    shown = {row["option"]: row for row in rows_of(specs["spread_of_choices"]) if "option" in row}
    low = table[table["unit_value_level"] == "low"]["bcr"]
    row = shown["level of unit values: low"]
    assert (row["lowest"], row["highest"], row["median"]) == (low.min(), low.max(), low.median())
    (own,) = table.loc[table["is_edition"], "bcr"]
    assert row["alone"] == own
    assert min(row["lowest"] for row in shown.values()) == table["bcr"].min()
    assert max(row["highest"] for row in shown.values()) == table["bcr"].max()
    # Later years are discounted under another convention than the edition's: no option of it is a single change.
    assert shown["discounting of later years: none"]["alone"] is None
    changed = table[table["changed"] == "payment_bases"].set_index("payment_bases")["bcr"]
    assert shown["payments that count: paid"]["alone"] == changed["paid"]


def test_the_acceptability_curve_goes_through_the_edition_s_own_ratios(tables: Tables, specs: dict[str, Spec]) -> None:
    rows = list(rows_of(specs["acceptability_curve"]))
    curves = tables["acceptability"]
    assert [(row["threshold"], row["chance"]) for row in rows if "threshold" in row] == list(
        zip(curves["threshold"], curves["chance_above"], strict=True)
    )
    (public, fiscal) = (row for row in rows if "ratio" in row)
    market = tables["uncertainty"].query("scope_kind == 'market'").set_index("measure")
    assert (public["measure"], public["ratio"]) == ("public value per £1", market.loc["bcr", "ratio"])
    # £0.84 lies between two thresholds, and so does its chance.
    around = curves[(curves["measure"] == "bcr") & curves["threshold"].isin([0.8, 0.9])]["chance_above"]
    assert around.min() <= public["chance"] <= around.max()
    assert fiscal["ratio"] == market.loc["fiscal_bcr", "ratio"]
    beyond = tables["uncertainty"].assign(ratio=99.0)
    assert not [row for row in rows_of(charts.acceptability_curve(curves, beyond)) if "ratio" in row]


# --- Odd tables -----------------------------------------------------------------------------------------------


def test_an_empty_table_is_said_to_be_empty(tables: Tables, in_scope: pd.DataFrame) -> None:
    empty = [
        charts.value_by_policy_area({}),
        charts.value_by_policy_area({"a": tables["policy_area_value"].head(0)}),
        charts.value_and_payments_by_contract(tables["contract_value"].head(0), {}),
        charts.coverage(tables["coverage"].head(0)),
        charts.reconciliation(tables["reconciliation"].head(0)),
        charts.places(tables["places"].head(0), tables["contracts"]),
        charts.ranges(tables["uncertainty"].head(0)),
        charts.acceptability_curve(tables["acceptability"].head(0), tables["uncertainty"].head(0)),
        charts.tornado(tables["sensitivity"].head(0)),
        charts.spread_of_choices(tables["scenarios"].assign(bcr=float("nan"))),
        charts.ladder_funnels(in_scope.head(0)),
        charts.quantities_by_period(tables["reported_outcomes"].head(0)),
    ]
    for spec in empty:
        sentence = spec["mark"]["text"]
        assert re.fullmatch(r"[A-Z].+\.", sentence)
        assert spec["description"] == f"{spec['title']['text']}. {sentence}"
        assert sentence in texts_of(as_svg(spec))


def test_no_name_breaks_a_chart(tables: Tables, in_scope: pd.DataFrame, data: dict[str, Any]) -> None:
    contracts = tables["contract_value"]
    figures = tables["reconciliation"].assign(scope=HOSTILE, measure=HOSTILE, value_qualifier=HOSTILE)
    reported = tables["reported_outcomes"].head(3).assign(label=HOSTILE, metric_id=HOSTILE, contract_id=HOSTILE)
    hostile = [
        charts.value_by_policy_area({"<script>": tables["policy_area_value"]}),
        charts.value_and_payments_by_contract(contracts, dict.fromkeys(contracts["contract_id"], HOSTILE)),
        charts.coverage(tables["coverage"].assign(measure=HOSTILE)),
        charts.reconciliation(figures),
        charts.places(tables["places"].assign(place=HOSTILE), tables["contracts"]),
        charts.ranges(tables["uncertainty"].assign(scope=HOSTILE)),
        charts.tornado(tables["sensitivity"].assign(parameter_id="unit_cost/" + HOSTILE)),
        charts.ladder_funnels(in_scope.assign(contract_id=HOSTILE)),
        charts.beside({**data, "edition": HOSTILE}, {**data, "by_policy_area": {}}),
        charts.quantities_by_period(reported),
    ]
    for spec in hostile:
        assert re.fullmatch(r"!\[[^\[\]<>`\n]*\]\(/a\.svg\)", as_image(spec, "/a.svg"))
        drawn = as_svg(spec)
        assert any("<script>" in text for text in texts_of(drawn))
        assert "<script" not in drawn
        assert max(len(text) for text in texts_of(drawn)) < 200
