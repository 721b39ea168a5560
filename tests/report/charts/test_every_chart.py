"""Every chart, found by itself: it is shown somewhere, can be drawn, and takes any name or an empty table.

Belongs here: what holds of all charts. What each shows is tested in a module of its own.
"""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib import import_module
from inspect import getmembers, isfunction, signature
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pandas as pd
import pytest

from pipeline import report
from pipeline.facts.reference import Reference
from pipeline.report import charts, pages
from pipeline.report.charts.bridge import bridge_chart
from pipeline.report.charts.choices import spread_of_choices
from pipeline.report.charts.contracts import ratios_of_contracts, value_and_payments_by_contract
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.outcomes import ladder_funnels, quantities_by_period
from pipeline.report.charts.places import places
from pipeline.report.charts.published import coverage, gap, reconciliation
from pipeline.report.charts.readings import map_of_readings, near_readings
from pipeline.report.charts.uncertainty import acceptability_curve, ranges, tornado
from pipeline.report.charts.value import payers_and_beneficiaries, value_by_policy_area
from pipeline.report.charts.waterfall import Bar, waterfall
from pipeline.report.charts.what_if import beside
from pipeline.report.drawing import Spec, as_svg
from pipeline.tables.base import Table
from pipeline.tables.catalogue import PUBLISHED_TABLES
from tests.report.charts.conftest import CELLS, PUBLISHED, figures_of
from tests.report.charts.taken_apart import Tables, texts_of

LARGEST_IMAGE = 30_000
# A mark for each place, or a row for each contract.
LARGER = {"places": 50_000, "ratios_of_contracts": 60_000}
HOSTILE = '<script>"&]](x)`|\n\x00\x1b\u202e' + "x" * 500
# Made only where there is something to show.
NEVER_EMPTY = {"gap", "beside"}
# Whose names are all our own.
OWN_NAMES = {"gap", "acceptability_curve", "spread_of_choices", "map_of_readings"}


def every_chart() -> set[str]:
    """The public functions of all modules of charts that return a figure; those of ``theme`` are parts of them."""
    modules = [import_module(f"{charts.__name__}.{name}") for _, name, _ in iter_modules(charts.__path__)]
    return {
        name
        for module in modules
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ != f"{charts.__name__}.theme"
        and signature(function).return_annotation is Figure
        and not name.startswith("_")
    }


def test_every_chart_is_shown_on_a_page_or_in_the_ui() -> None:
    """What a module imports it uses: the linter holds it to that."""
    ui = Path(*report.__path__).parent / "orchestration" / "assets"
    showing = [*Path(*pages.__path__).glob("*.py"), *ui.glob("*metadata.py")]
    shown = {
        alias.name
        for path in showing
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{charts.__name__}.")
        for alias in node.names
    }
    assert every_chart() - shown == set()


def test_every_chart_is_tried_here(figures: dict[str, Figure]) -> None:
    assert set(figures) == every_chart()


def test_only_charts_make_figures() -> None:
    """So that each can be found."""
    folder = Path(*report.__path__)
    making = {path for path in folder.rglob("*.py") if re.search(r"\bFigure\(\w", path.read_text("utf-8"))}
    assert making == {folder / "charts" / "theme.py"}


def test_every_table_beside_a_chart_has_a_cell_for_each_column(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        assert figure.rows, name
        assert {len(row) for row in figure.rows} == {len(figure.columns)}, name
        assert all(isinstance(cell, str) for row in figure.rows for cell in row), name


def test_each_chart_is_drawn_with_its_title_and_is_small(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        drawn = as_svg(figure.titled)
        said = "".join(texts_of(drawn)).replace(" ", "")
        assert figure.title.replace(" ", "") in said, name
        assert figure.subtitle.replace(" ", "") in said, name
        for spec in (figure.wide, figure.narrow):
            assert len(as_svg(spec)) < LARGER.get(name, LARGEST_IMAGE), name


def test_the_same_tables_make_the_same_chart(
    make_figures: Callable[[], dict[str, Figure]], figures: dict[str, Figure]
) -> None:
    one, other = (
        json.dumps({name: asdict(figure) for name, figure in made.items()}, allow_nan=False)
        for made in (make_figures(), figures)
    )
    assert one == other
    for name in ("coverage", "places"):
        assert as_svg(figures[name].wide) == as_svg(figures[name].wide)


def test_an_image_has_its_description_in_words(figures: dict[str, Figure]) -> None:
    figure = figures["coverage"]
    assert figure.as_image("/a.svg") == f"![{figure.title}. {figure.alt}](/a.svg)"
    odd = replace(figure, title="a ](x) `b`\n<i>", alt="c")
    assert odd.as_image("/a.svg") == "![a &#93;(x) &#96;b&#96; &lt;i&gt;. c](/a.svg)"


def test_what_drawings_refer_to_within_themselves_has_names_of_its_own(specs: dict[str, Spec]) -> None:
    """Several stand on one page, and one that is drawn again has the same bytes, whatever was drawn before it."""
    one, other = as_svg(specs["acceptability_curve"]), as_svg(specs["acceptability_curve"] | {"padding": 11})
    named, named_too = (set(re.findall(r'id="(clip[^"]*)"', drawn)) for drawn in (one, other))
    assert named
    assert not named & named_too
    assert named == set(re.findall(r"url\(#(clip[^)]*)\)", one))


def test_what_is_no_specification_or_would_be_fetched_is_refused() -> None:
    with pytest.raises(ValueError, match="conversion failed"):
        as_svg({"mark": "no such mark"})
    with pytest.raises(ValueError, match="not allowed"):
        as_svg({"data": {"url": "https://x.example/x.csv"}, "mark": "point"})


# --- Odd tables -----------------------------------------------------------------------------------------------


def test_an_empty_table_is_said_to_be_empty(tables: Tables, in_scope: pd.DataFrame) -> None:
    uncertainty, values = tables["uncertainty"].head(0), tables["contract_value"].head(0)
    empty = {
        "value_by_policy_area": value_by_policy_area({"a": tables["policy_area_value"].head(0)}),
        "payers_and_beneficiaries": payers_and_beneficiaries(tables["payer_beneficiary"].head(0)),
        "value_and_payments_by_contract": value_and_payments_by_contract(values, {}),
        "ratios_of_contracts": ratios_of_contracts(values, uncertainty),
        "coverage": coverage(tables["coverage"].head(0)),
        "reconciliation": reconciliation(tables["reconciliation"].head(0)),
        "places": places(tables["places"].head(0), tables["contracts"]),
        "ranges": ranges(uncertainty),
        "acceptability_curve": acceptability_curve(tables["acceptability"].head(0), uncertainty),
        "tornado": tornado(tables["sensitivity"].head(0)),
        "spread_of_choices": spread_of_choices(tables["scenarios"].assign(bcr=float("nan"))),
        "ladder_funnels": ladder_funnels(in_scope.head(0)),
        "quantities_by_period": quantities_by_period(tables["reported_outcomes"].head(0)),
        "map_of_readings": map_of_readings(CELLS.head(0), PUBLISHED, {"bcr": 1.0, "fiscal_bcr": 0.5}),
        "bridge_chart": bridge_chart(tables["bridge"].head(0), "e"),
        "near_readings": near_readings(tables["readings"].head(0), {}),
        "waterfall": waterfall("steps", "Steps", "", [], str),
    }
    assert set(empty) == every_chart() - NEVER_EMPTY
    for figure in (*empty.values(), value_by_policy_area({})):
        assert re.fullmatch(r"[A-Z].+\.", figure.alt)
        for spec in (figure.wide, figure.narrow):
            assert "".join(texts_of(as_svg(spec))).replace(" ", "") == figure.alt.replace(" ", "")
        assert figure.rows == []


def test_what_is_not_known_is_left_out_of_a_chart(
    tables: Tables, in_scope: pd.DataFrame, data: dict[str, Any], reference: Reference
) -> None:
    """No value and no payments of an area, say: what is no number would stop a run whose charts are kept."""
    for row in (0, 1):
        unknown = {name: _with_row_unknown(table, PUBLISHED_TABLES[name], row) for name, table in tables.items()}
        for name, figure in figures_of(unknown, in_scope, data, reference).items():
            assert json.dumps([figure.wide, figure.narrow], allow_nan=False), name


def _with_row_unknown(table: pd.DataFrame, model: type[Table], row: int) -> pd.DataFrame:
    """The table with nothing known in one row of what may be unknown."""
    columns = [n for n, column in model.to_schema().columns.items() if column.nullable and n in table]
    return table.assign(**{name: table[name].mask(table.index == row) for name in columns})


def test_no_name_breaks_a_chart(tables: Tables, in_scope: pd.DataFrame, data: dict[str, Any]) -> None:
    contracts = tables["contract_value"]
    figures = tables["reconciliation"].assign(scope=HOSTILE, measure=HOSTILE, value_qualifier=HOSTILE)
    reported = tables["reported_outcomes"].head(3).assign(label=HOSTILE, metric_id=HOSTILE, contract_id=HOSTILE)
    uncertainty = tables["uncertainty"]
    hostile = {
        "value_by_policy_area": value_by_policy_area(dict.fromkeys(["<script>", "b"], tables["policy_area_value"])),
        "payers_and_beneficiaries": payers_and_beneficiaries(tables["payer_beneficiary"].assign(agency=HOSTILE)),
        "value_and_payments_by_contract": value_and_payments_by_contract(
            contracts, dict.fromkeys(contracts["contract_id"], HOSTILE)
        ),
        "ratios_of_contracts": ratios_of_contracts(contracts.assign(name=HOSTILE), uncertainty),
        "coverage": coverage(tables["coverage"].assign(measure=HOSTILE)),
        "reconciliation": reconciliation(figures),
        "places": places(tables["places"].assign(place=HOSTILE), tables["contracts"]),
        "ranges": ranges(uncertainty.assign(scope=HOSTILE)),
        "tornado": tornado(tables["sensitivity"].assign(parameter_id="unit_cost/" + HOSTILE)),
        "ladder_funnels": ladder_funnels(in_scope.assign(contract_id=HOSTILE)),
        "beside": beside({**data, "edition": HOSTILE}, {**data, "by_policy_area": {}}),
        "quantities_by_period": quantities_by_period(reported),
        "bridge_chart": bridge_chart(tables["bridge"].assign(from_edition=HOSTILE), HOSTILE),
        "near_readings": near_readings(tables["readings"], dict.fromkeys(tables["readings"]["step_id"], HOSTILE)),
        "waterfall": waterfall("steps", "Steps", "From one to two.", [Bar(HOSTILE, 1.0)], str),
    }
    assert set(hostile) == every_chart() - OWN_NAMES
    for figure in hostile.values():
        assert re.fullmatch(r"!\[[^\[\]<>`\n]*\]\(/a\.svg\)", figure.as_image("/a.svg"))
        drawn = as_svg(figure.titled)
        assert any("<script>" in text for text in texts_of(drawn))
        assert "<script" not in drawn
        assert max(len(text) for text in texts_of(as_svg(figure.wide))) < 200


def test_parts_of_a_gap_may_be_nothing() -> None:
    assert as_svg(gap({"payments": {"in our ratio": 0.0}}).wide)
