"""What the tables say, as charts.

Belongs here: Vega-Lite specifications made from published tables, in one theme; every number comes
from a table, money in pounds, and is written as in ``pipeline.report.wording``. A specification is plain data: it holds
its values, and text from a table is never part of an expression. It is drawn by ``drawing``.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from pipeline.report.drawing import Spec
from pipeline.report.previews import shown_as_text
from pipeline.report.wording import CHOICE_WORDS, counted, figure, million, percent, plain_number, pounds, ratio_text
from pipeline.tables.vocabulary import YEARS_PER_UNIT

Row = dict[str, Any]
# Degrees of longitude from and to, and of latitude.
Window = tuple[tuple[float, float], tuple[float, float]]

# Okabe and Ito's palette and, below, Paul Tol's: colour-blind readers can tell them apart.
COLOURS = {
    "fiscal": "#0072B2",
    "economic": "#E69F00",
    "social": "#009E73",
    "payments": "#D55E00",
    "gross": "#333333",
    "what-if": "#AA4499",
    "unit cost": "#56B4E9",
    "hours weight": "#DDCC77",
    "deadweight": "#CC79A7",
    "edition": "#F0E442",
    "public": "#000000",
    "neutral": "#8A8A8A",
}
AREA_COLOURS = {
    "child_and_family_welfare": "#332288",
    "criminal_justice": "#882255",
    "education": "#999933",
    "employment_and_training": "#117733",
    "health": "#CC6677",
    "homelessness": "#44AA99",
}
PAYER_WORDS = {
    "central": "central government or a national fund",
    "local": "local bodies",
    "mixed": "central and local together",
    "unknown": "payers that are not named",
}
PAYER_COLOURS = {"central": "#0072B2", "local": "#E69F00", "mixed": "#CC79A7", "unknown": "#8A8A8A"}
# Ours, public but without a value, and what is not public.
GAP_COLOURS = ("#009E73", "#E69F00", "#8A8A8A", "#BDBDBD")
INK = "#222222"
GRID = "#E4E4E4"
THEME: Spec = {
    "font": "Arial,sans-serif",
    "background": "white",
    "padding": 10,
    # The description goes into the text of the image; marks that describe themselves too add up to half.
    "aria": False,
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 15,
        "color": INK,
        "subtitleFontSize": 12,
        "subtitleColor": "#555555",
        "offset": 12,
        "limit": 0,
    },
    "axis": {
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        # Texts are cut before: to measure one is what takes the renderer its time, and a limit measures it again.
        "labelLimit": 0,
    },
    "header": {"labelFontSize": 12, "labelFontWeight": "bold", "labelColor": INK, "title": None},
    "legend": {"orient": "bottom", "title": None, "labelFontSize": 11, "labelColor": INK, "labelLimit": 0},
    "view": {"stroke": None},
    "text": {"fontSize": 11, "color": INK},
    "point": {"filled": True, "opacity": 1},
    "tick": {"opacity": 1, "thickness": 2},
    # What has no colour of its own, such as periods.
    "range": {"category": [COLOURS["neutral"], "#4D4D4D", "#BDBDBD"]},
}
UNIT_WORDS = {"person": "people"}
RATIO_WORDS = {"bcr": "public value per £1", "fiscal_bcr": "fiscal value per £1"}
POUNDS_IN_MILLIONS = "(datum.value < 0 ? '−' : '') + '£' + format(abs(datum.value) / 1e6, ',') + 'm'"
# Less than this is not on the log scale, which would stretch for one small contract.
SMALLEST_GBP = 10_000
NAMED_CONTRACTS = 6
# A ratio below this is not on the log scale either.
SMALLEST_RATIO = 0.01
NO_RANGE = "No range is given: less than half of the value rests on something that is drawn."
SCATTER_PIXELS = 430
NAME_PIXELS = 14
SHOWN_LADDERS = 6
# The map in pixels, how far areas at one point stand apart on it, and which window it shows of London, in degrees.
MAP_WIDTH = 330
ASIDE_PIXELS = 6
AT_POINT = {name: {"field": name, "type": "quantitative"} for name in ("longitude", "latitude")}
LONDON: Window = ((-0.62, 0.3), (51.34, 51.68))
# Names on it: how many, how much of its height and of its width each needs, what ends a short name and is left out.
NAMED_PLACES = 9
NAME_SHARES = (0.06, 0.34)
SEPARATOR = re.compile(r"[,:(]")
KIND_OF_PLACE = re.compile(
    r"^(The )?((London|Royal|Metropolitan) )?Boroughs? of | (London|Metropolitan) Borough"
    r"| (County|City)(?= Council)| Council"
)
SHOWN_METRICS = 25
SHOWN_PARAMETERS = 12


def as_image(spec: Spec, address: str) -> str:
    """Return a chart that is drawn at ``address`` as an image in Markdown, with its description in words."""
    return f"![{shown_as_text(spec['description'])}]({address})"


# --- Charts ---------------------------------------------------------------------------------------------------


def value_by_policy_area(policy_area_value: Mapping[str, pd.DataFrame]) -> Spec:
    """Return value by kind beside payments, by policy area, the editions side by side.

    ``policy_area_value``: that table by edition.
    """
    title = "Public value beside outcome payments, by policy area"
    rows = [row for edition, table in policy_area_value.items() for row in _area_rows(edition, table)]
    if not rows:
        return _sentence(title, "No policy area has been valued.")
    parts = ["fiscal", "economic", "social", "payments"]
    area = {**_names("area"), "sort": sorted({row["area"] for row in rows})}
    side = {"field": "side", "sort": ["value", "payments"]}
    gbp = {"field": "gbp", "type": "quantitative", "axis": _millions_axis(4)}
    bars = {
        "transform": [{"filter": "datum.part != 'gross'"}],
        "mark": "bar",
        "encoding": {"x": gbp, "y": area, "yOffset": side, "color": _colours("part", parts)},
    }
    before = {
        "transform": [{"filter": "datum.part == 'gross'"}],
        "mark": {"type": "tick", "color": COLOURS["gross"]},
        "encoding": {"x": gbp, "y": area, "yOffset": side},
    }
    body = {
        "data": {"values": rows},
        # Two beside each other are as wide as what the UI shows of it at once.
        "facet": {"field": "edition", "sort": list(policy_area_value)},
        "columns": 2,
        "spec": {"width": 190, "height": {"step": 15}, "layer": [bars, before]},
    }
    return _chart(
        title,
        [
            "Net of deadweight, fiscal value without transfers; the tick is public value before deadweight.",
            "All contracts, also those outside the ratio; each edition in its own prices.",
        ],
        body,
    )


def value_and_payments_by_contract(contract_value: pd.DataFrame, names: Mapping[str, str]) -> Spec:
    """Return the contracts in the ratio by payments and public value, both on a log scale.

    ``names``: short names by contract for the largest; one without a name shows its id.
    """
    title = "Public value and outcome payments of each contract"
    in_ratio = contract_value[contract_value["is_in_bcr"]]
    is_shown = in_ratio[["public_value_gbp", "outcome_payments_real_gbp"]].min(axis=1) >= SMALLEST_GBP
    shown = in_ratio[is_shown].sort_values(["public_value_gbp", "contract_id"], ascending=False)
    left_out = in_ratio[~is_shown]
    if shown.empty:
        return _sentence(title, f"No contract in the ratio is worth {pounds(SMALLEST_GBP)} or more.")
    ends = _decades([*shown["outcome_payments_real_gbp"], *shown["public_value_gbp"]])
    named = _named(shown, NAME_PIXELS * (len(ends) - 1) / SCATTER_PIXELS)
    rows: list[Row] = [
        {
            "payments_gbp": float(row.outcome_payments_real_gbp),
            "value_gbp": float(row.public_value_gbp),
            "area": _words(row.policy_area),
            "name": _text(names.get(row.contract_id, row.contract_id), 26) if row.contract_id in named else "",
            "is_above": bool(row.public_value_gbp > row.outcome_payments_real_gbp),
        }
        for row in shown.itertuples()
    ]
    above = sum(row["is_above"] for row in rows)
    lines = [f"{counted(len(rows), 'contract')} in the ratio; {above} above the dashed line of £1 for £1."]
    if len(left_out):
        paid = million(left_out["outcome_payments_real_gbp"].sum())
        few = counted(len(left_out), "contract")
        lines.append(f"Not on the log scale: {few} worth or paid less than {pounds(SMALLEST_GBP)}; paid {paid} in all.")
    return _chart(title, lines, _beside_parity(rows, ends))


def ratios_of_contracts(contract_value: pd.DataFrame, uncertainty: pd.DataFrame, names: Mapping[str, str]) -> Spec:
    """Return public value per £1 of each contract in the ratio, with its range and its payments as size.

    ``names``: names by contract. Those worth nothing per £1 are counted and left out: the scale is a log one.
    """
    title = "Public value per £1 of each contract"
    ranges = uncertainty[(uncertainty["scope_kind"] == "contract") & (uncertainty["measure"] == "bcr")]
    in_ratio = contract_value[contract_value["is_in_bcr"]].merge(
        ranges[["scope", "p10", "p90", "has_range"]], left_on="contract_id", right_on="scope", validate="one_to_one"
    )
    # Without a range the line is no longer than the point.
    for end in ("p10", "p90"):
        in_ratio[end] = in_ratio[end].where(in_ratio["has_range"], in_ratio["bcr"])
    is_shown = in_ratio[["bcr", "p10"]].min(axis=1) >= SMALLEST_RATIO
    shown = in_ratio[is_shown].sort_values(["bcr", "contract_id"], ascending=[False, True])
    if shown.empty:
        return _sentence(title, f"No contract is worth £{SMALLEST_RATIO:g} or more per £1.")
    rows: list[Row] = [
        {
            "contract": _text(names.get(row.contract_id, row.contract_id), 44),
            "ratio": float(row.bcr),
            "p10": float(row.p10),
            "p90": float(row.p90),
            "payments": float(row.outcome_payments_real_gbp),
            "area": _words(row.policy_area),
        }
        for row in shown.itertuples()
    ]
    ends = _decades([row[name] for row in rows for name in ("ratio", "p10", "p90")])
    scale = {"type": "log", "domain": [ends[0], ends[-1]], "nice": False}
    x = {"type": "quantitative", "scale": scale, "axis": {"values": ends, "format": "~g", "title": "per £1, log scale"}}
    y = {**_names("contract"), "sort": None}
    areas = {_words(area): colour for area, colour in AREA_COLOURS.items()}
    # On the page of an area its colour says nothing that the page does not.
    legend = {"columns": 3} if shown["policy_area"].nunique() > 1 else None
    area = {"field": "area", "scale": {"domain": list(areas), "range": list(areas.values())}, "legend": legend}
    size = {"field": "payments", "type": "quantitative", "scale": {"range": [20, 500]}, "legend": None}
    places = {"y": y, "x": {**x, "field": "ratio"}}
    body = {
        "data": {"values": rows},
        "width": 320,
        "height": {"step": 17},
        "layer": [
            _line_at(1),
            {"mark": "rule", "encoding": {"y": y, "x": {**x, "field": "p10"}, "x2": {"field": "p90"}}},
            {"mark": {"type": "point", "opacity": 0.85}, "encoding": {**places, "color": area, "size": size}},
        ],
    }
    left = len(in_ratio) - len(shown)
    lines = ["The point is the edition's own, as large as the payments; the line holds eight of ten simulations."]
    lines += [f"{counted(left, 'contract')} worth less than £{SMALLEST_RATIO:g} per £1 left out."] * (left > 0)
    lines += ["No line where less than half of the value is drawn."] * (not shown["has_range"].all())
    return _chart(title, [*lines, "The dashed line is £1 for £1."], body)


def places(table: pd.DataFrame, contracts: pd.DataFrame) -> Spec:
    """Return the places of delivery on a map, and those in and about London on a larger one beneath.

    ``table``: places; ``contracts``: those of the market, of whose policy area the colour tells. Coasts are not drawn:
    there are none among the data.
    """
    title = "Where the contracts are delivered"
    shown = table[table["latitude"].notna()].merge(contracts[["contract_id", "policy_area"]], on="contract_id")
    if shown.empty:
        return _sentence(title, "No place of delivery with its point is public.")
    without = len(table) - len(shown)
    lines = [
        "A point is a place of delivery as INDIGO gives it, at times for a whole county;",
        "the more contracts, the larger. Areas at one point stand side by side.",
        "No coasts are drawn." + (f" {counted(without, 'place')} without a point." if without else ""),
    ]
    near = shown["latitude"].between(*LONDON[1]) & shown["longitude"].between(*LONDON[0])
    maps = [_map(shown[~near], _around(shown), 1.0)]
    if near.any():
        maps[0]["layer"] += _box(LONDON, "London")
        maps.append(_map(shown[near], LONDON, 0.1) | {"title": {"text": "In and about London", "fontSize": 12}})
    return _chart(title, lines, {"vconcat": maps})


def payers_and_beneficiaries(payer_beneficiary: pd.DataFrame) -> Spec:
    """Return the value by who gains, in the colours of who paid."""
    title = "Who gains, and who paid for it"
    if payer_beneficiary.empty:
        return _sentence(title, "No contract has both value and payments.")
    sums = payer_beneficiary.groupby(["agency", "payer_kind"], as_index=False)["value_gbp"].sum()
    order = sums.groupby("agency")["value_gbp"].sum().sort_values(ascending=False).index
    rows = [
        {
            "agency": _text(row.agency, 44),
            "payer": f"paid by {PAYER_WORDS[row.payer_kind]}",
            "gbp": float(row.value_gbp),
        }
        for row in sums.itertuples()
    ]
    payers = {f"paid by {words}": PAYER_COLOURS[kind] for kind, words in PAYER_WORDS.items()}
    colour = {
        "field": "payer",
        "scale": {"domain": list(payers), "range": list(payers.values())},
        "legend": {"columns": 2},
    }
    gbp = {"field": "gbp", "type": "quantitative", "axis": _millions_axis(5)}
    body = {
        "data": {"values": rows},
        "width": 320,
        "height": {"step": 20},
        "mark": "bar",
        "encoding": {"y": {**_names("agency"), "sort": [_text(a, 44) for a in order]}, "x": gbp, "color": colour},
    }
    lines = [
        "Net value of the contracts in the ratio, fiscal value with transfers, by who gains;",
        "each contract's value is laid to its payers by what each paid.",
    ]
    return _chart(title, lines, body)


def coverage(table: pd.DataFrame) -> Spec:
    """Return what the public data hold as shares of what the study found that the edition reproduces."""
    title = "What the public data hold of the published market"
    known = table[table["share"].notna()]
    if known.empty:
        return _sentence(title, "This edition reproduces no study, so no published total stands beside it.")
    rows = [
        {
            "measure": _words(row.measure),
            "share": float(row.share),
            "said": f"{percent(row.share)}: {_amount(row.measure, row.ours)} of {_amount(row.measure, row.published)}",
        }
        for row in known.itertuples()
    ]
    share = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domainMin": 0},
        "axis": {"format": ".0%", "title": None, "tickCount": 4},
    }
    body = {"data": {"values": rows}, **_labelled_bars("measure", share, whole=1)}
    return _chart(title, ["Ours as a share of the published figure; the line is all of it. Payments in cash."], body)


def gap(parts: Mapping[str, Mapping[str, float]]) -> Spec:
    """Return the published payments and public value, and how much of each is ours.

    ``parts``: pounds by side (payments, public value) and part, as ``headline.parts_of_the_gap`` gives them.
    """
    title = "From the published figures to ours"
    rows = [
        {"side": side, "part": part, "gbp": float(gbp), "order": order}
        for side, of_side in parts.items()
        for order, (part, gbp) in enumerate(of_side.items())
    ]
    colours = dict(zip(dict.fromkeys(row["part"] for row in rows), GAP_COLOURS, strict=False))
    colour = {
        "field": "part",
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": {"columns": 1},
    }
    body = {
        "data": {"values": rows},
        "width": 380,
        "height": {"step": 34},
        "mark": "bar",
        "encoding": {
            "y": {**_names("side"), "sort": None},
            "x": {"field": "gbp", "type": "quantitative", "axis": _millions_axis(5)},
            "color": colour,
            "order": {"field": "order"},
        },
    }
    lines = [
        "What the study counted, in its own prices, and which part of it public data let us value;",
        "payments in cash.",
    ]
    return _chart(title, lines, body)


def reconciliation(table: pd.DataFrame) -> Spec:
    """Return ours as a multiple of each published figure, on a log scale, where the two are comparable."""
    title = "Ours beside each published figure"
    like = table[table["is_like_for_like"]]
    found = like[(like["ours"] > 0) & (like["published"] > 0)]
    if found.empty:
        return _sentence(title, "No published figure can be compared with this edition.")
    rows: list[Row] = [
        {
            "figure": _published(row.measure, row.scope, figure(row.published, row.unit), row.value_qualifier),
            "ratio": float(row.ours / row.published),
            "said": f"{figure(row.ours, row.unit)}: {percent(row.ours / row.published)}",
        }
        for row in found.itertuples()
    ]
    ends = _decades([1.0, *(row["ratio"] for row in rows)])
    ratio = {
        "field": "ratio",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [ends[0], ends[-1]], "nice": False},
        "axis": {"values": ends, "format": "~%", "title": None},
    }
    places: Spec = {"y": {**_names("figure"), "sort": None}, "x": ratio}
    point = {"mark": {"type": "point", "size": 60, "color": COLOURS["neutral"]}, "encoding": places}
    label = {
        "mark": {"type": "text", "align": "left", "dx": 8},
        "encoding": {**places, "text": {"field": "said"}},
    }
    body = {
        "data": {"values": rows},
        "width": 180,
        "height": {"step": 20},
        "layer": [_line_at(1), point, label],
    }
    missing = len(like) - len(found)
    left = f" {counted(missing, 'figure')} without a positive one of ours beside it." if missing else ""
    return _chart(title, [f"Ours as a share of the published figure, log scale; the line: the same.{left}"], body)


def ranges(uncertainty: pd.DataFrame) -> Spec:
    """Return the range of public value per £1, of the market and of each policy area; that table of an edition.

    Ratios without a range worth showing are counted and left out.
    """
    title = "How sure the ratios are"
    known = uncertainty[(uncertainty["measure"] == "bcr") & (uncertainty["scope_kind"] != "contract")]
    shown = known[known["has_range"]]
    if known.empty:
        return _sentence(title, "No contract has both value and payments.")
    if shown.empty:
        return _sentence(title, NO_RANGE)
    ends = ("ratio", "p5", "p10", "p50", "p90", "p95")
    rows: list[Row] = [
        {
            "scope": _words(row.scope),
            **{name: float(getattr(row, name)) for name in ends},
            "said": f"{ratio_text(row.p10)} to {ratio_text(row.p90)}",
        }
        for row in shown.itertuples()
    ]
    y = {**_names("scope"), "sort": None}
    body = {
        "data": {"values": rows},
        "width": 300,
        "height": {"step": 26},
        "layer": [
            _line_at(1),
            {"mark": "rule", "encoding": {"y": y, "x": _per_pound("p5"), "x2": {"field": "p95"}}},
            {
                "mark": {"type": "bar", "height": 9, "color": COLOURS["neutral"]},
                "encoding": {"y": y, "x": _per_pound("p10"), "x2": {"field": "p90"}},
            },
            {"mark": {"type": "tick", "color": INK}, "encoding": {"y": y, "x": _per_pound("p50")}},
            {
                "mark": {"type": "point", "size": 70, "fill": COLOURS["edition"], "stroke": INK, "shape": "diamond"},
                "encoding": {"y": y, "x": _per_pound("ratio")},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"y": y, "x": _per_pound("p95"), "text": {"field": "said"}},
            },
        ],
    }
    lines = [
        "Public value per £1: eight of ten simulations in the bar, nine of ten on the line, half on either side",
        "of the tick; the diamond is the edition's own. The dashed line is 1.",
    ]
    left = len(known) - len(shown)
    lines += [f"{counted(left, 'ratio')} left out, less than half of whose value is drawn."] * (left > 0)
    return _chart(title, lines, body)


def acceptability_curve(acceptability: pd.DataFrame, uncertainty: pd.DataFrame) -> Spec:
    """Return the chance that each ratio of the market lies above a threshold, by threshold; both tables of an edition.

    ``uncertainty`` says where the edition's own ratios lie; one beyond the thresholds is not shown, nor a chance of one
    without a range worth showing.
    """
    title = "How likely the ratios are to lie above a threshold"
    if acceptability.empty:
        return _sentence(title, "No contract has both value and payments.")
    market = uncertainty[(uncertainty["scope_kind"] == "market") & uncertainty["has_range"]]
    if market.empty:
        return _sentence(title, NO_RANGE)
    curves: list[Row] = [
        {
            "measure": _words(row.measure),
            "threshold": float(row.threshold),
            "chance": float(row.chance_above),
        }
        for row in acceptability[acceptability["measure"].isin(market["measure"])].itertuples()
    ]
    own: list[Row] = [
        {"measure": _words(measure), "ratio": float(ratio), "chance": _between(acceptability, measure, ratio)}
        for measure, ratio in zip(market["measure"], market["ratio"], strict=True)
        if 0 <= ratio <= acceptability["threshold"].max()
    ]
    threshold = {"field": "threshold", "type": "quantitative", "axis": {"title": "value per £1", "tickCount": 6}}
    chance = {
        "field": "chance",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": None, "tickCount": 5},
    }
    names = {RATIO_WORDS["bcr"]: COLOURS["public"], RATIO_WORDS["fiscal_bcr"]: COLOURS["fiscal"]}
    colour = {"field": "measure", "scale": {"domain": list(names), "range": list(names.values())}}
    body = {
        "width": 400,
        "height": 220,
        "layer": [
            _line_at(1),
            {
                "data": {"values": curves},
                "mark": {"type": "line"},
                "encoding": {"x": threshold, "y": chance, "color": colour},
            },
            {
                "data": {"values": own},
                "mark": {"type": "point", "size": 70, "fill": COLOURS["edition"], "shape": "diamond"},
                "encoding": {"x": {**threshold, "field": "ratio"}, "y": chance, "stroke": colour},
            },
        ],
    }
    lines = [
        "Share of the simulations above each value per £1; the diamonds are the edition's own.",
        "The dashed line is 1.",
    ]
    return _chart(title, lines, body)


def tornado(sensitivity: pd.DataFrame) -> Spec:
    """Return how far each parameter moves the public value per £1 of the market, the largest first."""
    title = "What moves the ratio most"
    shown = sensitivity[sensitivity["measure"] == "bcr"].head(SHOWN_PARAMETERS)
    if shown.empty:
        return _sentence(title, "No uncertain unit cost or rate of deadweight moves the ratio.")
    rows: list[Row] = [
        {
            "parameter": _text(_words(row.parameter_id.partition("/")[2].replace("/", ", ")), 44),
            "kind": _words(row.kind),
            "low": float(row.ratio_at_low),
            "high": float(row.ratio_at_high),
            "most": float(max(row.ratio_at_low, row.ratio_at_high)),
            "said": f"{ratio_text(row.ratio_at_low)} to {ratio_text(row.ratio_at_high)}",
        }
        for row in shown.itertuples()
    ]
    y = {**_names("parameter"), "sort": None}
    colour = _colours("kind", ["unit cost", "hours weight", "deadweight"])
    body = {
        "data": {"values": rows},
        "width": 200,
        "height": {"step": 20},
        "layer": [
            _line_at(1),
            {"mark": "bar", "encoding": {"y": y, "x": _per_pound("low"), "x2": {"field": "high"}, "color": colour}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"y": y, "x": _per_pound("most"), "text": {"field": "said"}},
            },
        ],
    }
    left = len(sensitivity[sensitivity["measure"] == "bcr"]) - len(shown)
    lines = ["Public value per £1 from the low to the high end of each, all else as in the edition."]
    return _chart(
        title, [*lines, *([f"{counted(left, 'parameter')} that move it less are left out."] * (left > 0))], body
    )


def spread_of_choices(scenarios: pd.DataFrame) -> Spec:
    """Return how far public value per £1 of the market reaches with each option, whatever else is chosen."""
    title = "The spread of choices"
    known = scenarios[scenarios["bcr"].notna()]
    if known.empty:
        return _sentence(title, "No contract has both value and payments.")
    rows = options_of_choices(scenarios)
    y = {**_names("option"), "sort": None}
    body = {
        "data": {"values": rows},
        "width": 260,
        "height": {"step": 17},
        "layer": [
            _line_at(1),
            {"mark": "rule", "encoding": {"y": y, "x": _per_pound("lowest"), "x2": {"field": "highest"}}},
            {
                "mark": {"type": "bar", "height": 7, "color": COLOURS["neutral"]},
                "encoding": {"y": y, "x": _per_pound("p25"), "x2": {"field": "p75"}},
            },
            {"mark": {"type": "tick", "color": INK}, "encoding": {"y": y, "x": _per_pound("median")}},
            {
                "transform": [{"filter": "datum.alone !== null"}],
                "mark": {"type": "point", "size": 60, "fill": COLOURS["edition"], "stroke": INK, "shape": "diamond"},
                "encoding": {"y": y, "x": _per_pound("alone")},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"y": y, "x": _per_pound("highest"), "text": {"field": "said"}},
            },
        ],
    }
    lines = [
        f"Public value per £1 with each option, {counted(len(known), 'combination')} in all: the line from lowest to",
        "highest, half of them in the bar, the tick at the median. None is said to be likelier than another.",
        "The diamond: all else as in the edition. The dashed line is 1.",
    ]
    return _chart(title, lines, body)


def options_of_choices(scenarios: pd.DataFrame) -> list[Row]:
    """Return each option of each choice, with the ratios of the combinations in which it stands."""
    known = scenarios[scenarios["bcr"].notna()]
    return [row for choice in CHOICE_WORDS for row in _options(known, choice)]


def _options(scenarios: pd.DataFrame, choice: str) -> Iterator[Row]:
    """The options of a choice, if there are several, each with the ratios of the combinations in which it stands."""
    in_use = scenarios[scenarios[choice] != ""]
    alone = scenarios[scenarios["changes"].eq(0) | scenarios["changed"].eq(choice)].set_index(choice)["bcr"]
    if in_use[choice].nunique() < 2:
        return
    spread = in_use.groupby(choice, sort=False)["bcr"].quantile([0, 0.25, 0.5, 0.75, 1]).unstack()
    for option, *ends in spread.itertuples():
        low, p25, median, p75, high = map(float, ends)
        yield {
            "option": f"{CHOICE_WORDS[choice]}: {_words(str(option))}",
            "alone": float(alone[option]) if option in alone.index else None,
            **{"lowest": low, "p25": p25, "median": median, "p75": p75, "highest": high},
            "said": f"{ratio_text(low)} to {ratio_text(high)}" if high > low else ratio_text(low),
        }


def ladder_funnels(outcomes_in_scope: pd.DataFrame, names: Mapping[str, str] = MappingProxyType({})) -> Spec:
    """Return how many came in and how many held on, for the largest ladders of an edition.

    ``outcomes_in_scope``: that step table. A ladder here is one outcome of one contract with two rungs or more.
    ``names``: names by contract; one without a name shows its id.
    """
    title = "How many came in, and how many held on"
    shown = outcomes_in_scope[outcomes_in_scope["quantity"].notna()]  # what is withheld has no bar
    rungs = shown[(shown["treatment"] == "rung") & (shown["unit"] == "person")]
    # The milestones of a ladder are all in time or all in money, which has no years.
    years = rungs["milestone"] * rungs["milestone_unit"].map(YEARS_PER_UNIT).astype(float).fillna(1.0)
    in_order = rungs.loc[years.sort_values(kind="stable").index]
    keys = ["contract_id", "outcome_id", "is_net_of_deadweight"]
    ladders = [rows for _, rows in in_order.groupby(keys) if len(rows) > 1]
    if not ladders:
        return _sentence(title, "No contract reports a ladder of two rungs or more.")
    largest = sorted(ladders, key=lambda rows: -rows["quantity"].iloc[0])[:SHOWN_LADDERS]
    body = {"concat": [_funnel(rows, names) for rows in largest], "columns": 2, "spacing": 24}
    lines = [
        "People reported at each rung, and their share of the first; a share above 100% is as reported.",
        f"The largest {len(largest)} of {counted(len(ladders), 'ladder')}, each on its own scale.",
    ]
    return _chart(title, lines, body)


def beside(base: Mapping[str, Any], changed: Mapping[str, Any]) -> Spec:
    """Return the ratios and the value by policy area of an edition and of a what-if, from their headlines."""
    sides = {"as it is": base, "what-if": changed}
    ratios = [
        {"name": name, "side": side, "number": data[key], "said": ratio_text(data[key])}
        for key, name in RATIO_WORDS.items()
        for side, data in sides.items()
    ]
    areas = list(dict.fromkeys([*base["by_policy_area"], *changed["by_policy_area"]]))
    values = [
        {"name": _words(area), "side": side, "number": gbp, "said": million(gbp)}
        for area in areas
        for side, data in sides.items()
        for gbp in [data["by_policy_area"].get(area, {}).get("public_value_gbp")]
    ]
    body = {
        "vconcat": [
            _pairs(ratios, {"title": "for every £1 paid", "tickCount": 4}),
            _pairs(values, {**_millions_axis(4), "title": "public value, all valued contracts"}),
        ],
        "spacing": 30,
    }
    said = f"{_text(base['edition'], 60)}: £{ratio_text(base['bcr'])} of public value per £1 paid; what-if: £"
    return _chart("An edition and a what-if", [f"{said}{ratio_text(changed['bcr'])}."], body)


def quantities_by_period(outcomes: pd.DataFrame) -> Spec:
    """Return what one contract reported, by metric and period, one panel for each unit.

    ``outcomes``: the rows of one contract in ``reported_outcomes``, or as they are in ``raw/``.
    """
    title = "What was reported"
    if outcomes.empty:
        return _sentence(title, "This contract has reported no result.")
    same_label = outcomes.groupby("label")["metric_id"].transform("nunique") > 1
    rows: list[Row] = [
        {
            "metric": f"{_text(row.label, 60)} ({_text(row.metric_id, 20)})" if is_same else _text(row.label, 60),
            "period": _period(row.period_start, row.period_end),
            "unit": row.unit,
            "number": float(row.quantity),
            "said": plain_number(row.quantity),
        }
        for row, is_same in zip(outcomes.itertuples(), same_label, strict=True)
    ]
    shown = sorted(rows, key=lambda row: -row["number"])[:SHOWN_METRICS]
    units = list(dict.fromkeys(str(row["unit"]) for row in shown))
    panels = [_quantities([row for row in shown if row["unit"] == unit], unit) for unit in units]
    contracts = ", ".join(_text(name, 40) for name in outcomes["contract_id"].unique())
    which = f"the largest {len(shown)} of " if len(shown) < len(rows) else ""
    lines = [f"{contracts}: {which}{counted(len(rows), 'reported number')}."]
    return _chart(title, lines, {"vconcat": panels, "resolve": {"scale": {"color": "shared"}}})


# --- Parts of charts ------------------------------------------------------------------------------------------


def _chart(title: str, lines: Sequence[str], body: Spec) -> Spec:
    """A chart in the one theme, with its title, what has to be known beneath, and both as its description."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{title}. {' '.join(lines)}",
        "title": {"text": title, "subtitle": list(lines)},
        "config": THEME,
        **body,
    }


def _sentence(title: str, sentence: str) -> Spec:
    """A chart of which there is nothing to show, saying so."""
    mark = {"type": "text", "text": sentence, "align": "left", "x": 0, "fontSize": 13}
    return _chart(title, [], {"width": 520, "height": 30, "data": {"values": [{}]}, "mark": mark}) | {
        "description": f"{title}. {sentence}"
    }


def _names(field: str) -> Spec:
    return {"field": field, "type": "nominal", "axis": {"title": None}}


def _per_pound(field: str) -> Spec:
    """A ratio along the x axis, which need not begin at nothing."""
    axis = {"title": None, "tickCount": 5}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": False}}


def _millions_axis(ticks: int) -> Spec:
    return {"labelExpr": POUNDS_IN_MILLIONS, "title": None, "tickCount": ticks}


def _colours(field: str, names: Sequence[str]) -> Spec:
    return {"field": field, "scale": {"domain": list(names), "range": [COLOURS[name] for name in names]}}


def _line_at(number: float) -> Spec:
    return {
        "data": {"values": [{"at": number}]},
        "mark": {"type": "rule", "color": COLOURS["neutral"], "strokeDash": [5, 4]},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }


def _around(shown: pd.DataFrame) -> Window:
    """The degrees of longitude and latitude between which the places lie."""
    (west, east), (south, north) = (
        (float(shown[name].min()), float(shown[name].max())) for name in ("longitude", "latitude")
    )
    return (west - 0.5, east + 0.5), (south - 0.3, north + 0.3)


def _map(shown: pd.DataFrame, window: Window, step: float) -> Spec:
    """A map of a window in Mercator's projection, with lines every ``step`` degrees."""
    (west, east), latitudes = window
    scale = MAP_WIDTH / math.radians(east - west)
    south, north = (math.asinh(math.tan(math.radians(latitude))) for latitude in latitudes)
    height = round(scale * (north - south))
    center = [(west + east) / 2, math.degrees(math.atan(math.sinh((south + north) / 2)))]
    areas = {_words(area): colour for area, colour in AREA_COLOURS.items()}
    area = {"field": "area", "scale": {"domain": list(areas), "range": list(areas.values())}, "legend": {"columns": 2}}
    size = {
        "field": "contracts",
        "type": "quantitative",
        "scale": {"range": [35, 260], "domain": [1, 6]},
        "legend": None,
    }
    return {
        "width": MAP_WIDTH,
        "height": height,
        # Said of each map, since the middle of the first would be taken for both.
        "projection": {"type": "mercator", "center": center, "scale": scale, "translate": [MAP_WIDTH / 2, height / 2]},
        "layer": [
            {
                "data": {"values": _lines(window, step)},
                "mark": {"type": "rule", "color": GRID},
                "encoding": AT_POINT | {f"{name}2": {"field": f"{name}2"} for name in AT_POINT},
            },
            {
                "data": {"values": _points(shown, ASIDE_PIXELS * (east - west) / MAP_WIDTH)},
                "mark": {"type": "point", "stroke": "white", "strokeWidth": 0.6},
                "encoding": {**AT_POINT, "color": area, "size": size},
            },
            {
                "data": {"values": _named_points(shown, window)},
                "mark": {"type": "text", "align": "left", "dx": 9, "fontSize": 10},
                "encoding": {**AT_POINT, "text": {"field": "name"}},
            },
        ],
    }


def _box(window: Window, name: str) -> list[Spec]:
    """The outline of a window on a map, and its name beside it."""
    (west, east), (south, north) = window
    outline = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    named = {"longitude": east, "latitude": (south + north) / 2, "name": name}
    return [
        {
            "data": {"values": [{"type": "LineString", "coordinates": outline}]},
            "mark": {"type": "geoshape", "filled": False, "stroke": COLOURS["neutral"]},
        },
        {
            "data": {"values": [named]},
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 10},
            "encoding": {**AT_POINT, "text": {"field": "name"}},
        },
    ]


def _lines(window: Window, step: float) -> list[Row]:
    """The meridians and parallels of a window, which are straight in Mercator's projection."""
    (west, east), (south, north) = window

    def between(start: float, end: float) -> list[float]:
        return [round(step * n, 6) for n in range(math.ceil(start / step), math.floor(end / step) + 1)]

    meridians = [(x, x, south, north) for x in between(west, east)]
    parallels = [(west, east, y, y) for y in between(south, north)]
    ends = ("longitude", "longitude2", "latitude", "latitude2")
    return [dict(zip(ends, line, strict=True)) for line in (*meridians, *parallels)]


def _points(shown: pd.DataFrame, apart: float) -> list[Row]:
    """The points of a map by policy area, so many degrees apart where areas share one, the largest first."""
    counts = shown.groupby(["latitude", "longitude", "policy_area"], as_index=False)["contract_id"].nunique()
    at_point = counts.groupby(["latitude", "longitude"])
    aside = at_point.cumcount() - (at_point["policy_area"].transform("size") - 1) / 2
    rows: list[Row] = [
        {
            "latitude": float(row.latitude),
            "longitude": round(float(row.longitude + apart * offset), 6),
            "area": _words(row.policy_area),
            "contracts": int(row.contract_id),
        }
        for row, offset in zip(counts.itertuples(), aside, strict=True)
    ]
    return sorted(rows, key=lambda row: -row["contracts"])


def _named_points(shown: pd.DataFrame, window: Window) -> list[Row]:
    """Names for orientation: of the outermost points and of those of most contracts, where there is room."""
    points = shown.groupby(["latitude", "longitude"], as_index=False).agg(
        contracts=("contract_id", "nunique"),
        name=("place", lambda names: min(names, key=lambda name: (len(name), name))),
    )
    if points.empty:
        return []
    ends = [points[column].agg(end) for column in ("latitude", "longitude") for end in ("idxmin", "idxmax")]
    order = [*ends, *points.sort_values(["contracts", "latitude"], ascending=False, kind="stable").index]
    high, wide = ((end - start) * share for (start, end), share in zip(window[::-1], NAME_SHARES, strict=True))
    named: list[Row] = []
    for row in points.loc[list(dict.fromkeys(order))].itertuples():
        is_free = all(
            abs(row.latitude - other["latitude"]) > high or abs(row.longitude - other["longitude"]) > wide
            for other in named
        )
        # A name stands to the right of its point.
        if is_free and row.longitude < window[0][1] - wide / 2:
            name = _text(KIND_OF_PLACE.sub("", SEPARATOR.split(row.name)[0]), 24)
            named.append({"latitude": float(row.latitude), "longitude": float(row.longitude), "name": name})
    return named[:NAMED_PLACES]


def _labelled_bars(name: str, number: Spec, whole: float | None = None) -> Spec:
    """Bars with what is said of each at their end, and a line at the whole."""
    places = {"y": {**_names(name), "sort": None}, "x": number}
    bar = {"mark": {"type": "bar", "color": COLOURS["neutral"]}, "encoding": places}
    label = {
        "mark": {"type": "text", "align": "left", "dx": 5},
        "encoding": {**places, "text": {"field": "said"}},
    }
    line = [] if whole is None else [_line_at(whole)]
    return {"width": 300, "height": {"step": 22}, "layer": [bar, *line, label]}


def _area_rows(edition: str, table: pd.DataFrame) -> list[Row]:
    """The parts of each policy area in pounds; the sum of the kinds is its public value."""
    rows: list[Row] = []
    for row in table.itertuples():
        parts = {
            "fiscal": row.fiscal_gbp - row.transfers_gbp,
            "economic": row.economic_gbp,
            "social": row.social_gbp,
            "gross": row.gross_public_value_gbp,
            "payments": row.outcome_payments_real_gbp,
        }
        rows += [
            {
                "edition": edition,
                "area": _words(row.policy_area),
                "side": "payments" if part == "payments" else "value",
                "part": part,
                "gbp": float(gbp),
            }
            for part, gbp in parts.items()
        ]
    return rows


def _beside_parity(rows: list[Row], ends: list[float]) -> Spec:
    """Points of value and payments, both on the same log scale, beside the line on which the two are equal."""
    money = {"type": "quantitative", "scale": {"type": "log", "domain": [ends[0], ends[-1]], "nice": False}}
    axis = {"values": ends, "labelExpr": POUNDS_IN_MILLIONS}
    places = {
        "x": {**money, "field": "payments_gbp", "axis": {**axis, "title": "outcome payments, prices of the edition"}},
        "y": {**money, "field": "value_gbp", "axis": {**axis, "title": "public value, prices of the edition"}},
    }
    areas = {_words(area): colour for area, colour in AREA_COLOURS.items()}
    area = {"field": "area", "scale": {"domain": list(areas), "range": list(areas.values())}, "legend": {"columns": 3}}
    shape = {"field": "area", "scale": {"domain": list(areas)}}
    parity = {
        "data": {"values": [{"payments_gbp": end, "value_gbp": end} for end in (ends[0], ends[-1])]},
        "mark": {"type": "line", "color": COLOURS["neutral"], "strokeDash": [5, 4]},
        "encoding": places,
    }
    points = {
        "data": {"values": rows},
        "mark": {"type": "point", "size": 60},
        "encoding": {**places, "color": area, "shape": shape},
    }
    # Names stand away from the line, where there are fewer points.
    names = [
        {
            "data": {"values": [row for row in rows if row["name"] and row["is_above"] == is_above]},
            "mark": {"type": "text", "align": "right" if is_above else "left", "dx": -8 if is_above else 8},
            "encoding": {**places, "text": {"field": "name"}},
        }
        for is_above in (True, False)
    ]
    return {"width": SCATTER_PIXELS, "height": SCATTER_PIXELS, "layer": [parity, points, *names]}


def _named(contracts: pd.DataFrame, apart: float) -> list[str]:
    """The largest contracts, the largest first; on either side of parity names are so many powers of ten apart."""
    named: list[str] = []
    last = {True: math.inf, False: math.inf}
    for row in contracts.itertuples():
        height = math.log10(row.public_value_gbp)
        is_above = bool(row.public_value_gbp > row.outcome_payments_real_gbp)
        if last[is_above] - height >= apart:
            named.append(row.contract_id)
            last[is_above] = height
    return named[:NAMED_CONTRACTS]


def _between(acceptability: pd.DataFrame, measure: str, ratio: float) -> float:
    """The chance at a ratio that lies between two thresholds, on the straight line that is drawn there."""
    curve = acceptability[acceptability["measure"] == measure]
    return float(np.interp(ratio, curve["threshold"], curve["chance_above"]))


def _funnel(rows: pd.DataFrame, names: Mapping[str, str]) -> Spec:
    contract_id, outcome_id, is_net, first = rows.iloc[0][
        ["contract_id", "outcome_id", "is_net_of_deadweight", "quantity"]
    ]
    bars: list[Row] = [
        {
            "rung": _rung(row.milestone, row.milestone_unit),
            "people": float(row.quantity),
            "said": plain_number(row.quantity) + (f" ({percent(row.quantity / first)})" if place and first else ""),
        }
        for place, row in enumerate(rows.itertuples())
    ]
    lines = [names.get(contract_id, contract_id), f"{_words(outcome_id)}{' (net)' if is_net else ''}"]
    number = {
        "field": "people",
        "type": "quantitative",
        "scale": {"domainMin": 0, "domainMax": 1.45 * max(1.0, *(bar["people"] for bar in bars))},
        "axis": None,
    }
    title = {"text": [_text(line, 34) for line in lines], "fontSize": 11, "offset": 4}
    body = _labelled_bars("rung", number)
    return {"title": title, "data": {"values": bars}, **body, "width": 170, "height": {"step": 17}}


def _pairs(rows: list[Row], axis: Spec) -> Spec:
    """Bars of an edition and of a what-if beside each other."""
    places = {
        "y": {**_names("name"), "sort": None},
        "yOffset": {"field": "side", "sort": ["as it is", "what-if"]},
        "x": {"field": "number", "type": "quantitative", "axis": axis},
    }
    colour = {
        "field": "side",
        "scale": {"domain": ["as it is", "what-if"], "range": [COLOURS["neutral"], COLOURS["what-if"]]},
    }
    label = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 10},
        "encoding": {**places, "text": {"field": "said"}},
    }
    bar = {"mark": "bar", "encoding": {**places, "color": colour}}
    return {"data": {"values": rows}, "width": 220, "height": {"step": 16}, "layer": [bar, label]}


def _quantities(rows: list[Row], unit: str) -> Spec:
    periods = sorted({row["period"] for row in rows})
    number = {
        "field": "number",
        "type": "quantitative",
        "axis": {"title": UNIT_WORDS.get(unit, f"{unit}s"), "tickCount": 4},
    }
    places = {"y": {**_names("metric"), "sort": None}, "x": number}
    if len(periods) > 1:
        places["yOffset"] = {"field": "period", "sort": periods}
    bar = {"mark": "bar", "encoding": {**places, "color": {"field": "period", "sort": periods}}}
    label = {
        "mark": {"type": "text", "align": "left", "dx": 4},
        "encoding": {**places, "text": {"field": "said"}},
    }
    return {"data": {"values": rows}, "width": 300, "height": {"step": 18}, "layer": [bar, label]}


# --- Words and numbers ----------------------------------------------------------------------------------------


def _text(text: str, longest: int) -> str:
    """Text that can be drawn, on one line and not too long; an image cannot hold control characters."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in str(text)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _published(measure: str, scope: str, number: str, qualifier: str) -> str:
    """A published figure in words; of the whole market unless it says of what."""
    of = "" if scope == "market" else f", {_text(_words(scope), 30)}"
    exactly = "" if qualifier == "exact" else f" ({_text(qualifier, 20)})"
    return f"{_words(measure)}{of}: {number}{exactly}"


def _words(name: str) -> str:
    """A name of a table in words: ``outcome_payments_in_bcr_gbp`` is ``outcome payments in the ratio``."""
    if name in RATIO_WORDS:
        return RATIO_WORDS[name]
    return _text(name.removesuffix("_gbp").replace("_", " ").replace("bcr", "the ratio").replace("+", " + "), 44)


def _amount(measure: str, number: float) -> str:
    return figure(number, "GBP" if measure.endswith("_gbp") else "")


def _rung(milestone: float, unit: str) -> str:
    if unit == "pound":
        return f"£{plain_number(milestone)}"
    return f"{plain_number(milestone)} {unit}{'' if milestone == 1 else 's'}" if milestone else "at the start"


def _period(start: Any, end: Any) -> str:
    """First and last day, in ISO form; a day that was not reported is a dash."""
    days = ["–" if pd.isna(day) else pd.Timestamp(day).date().isoformat() for day in (start, end)]
    return " to ".join(days)


def _decades(numbers: Iterable[float]) -> list[float]:
    """Powers of ten around positive numbers, two at least."""
    logs = [math.log10(number) for number in numbers]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]
