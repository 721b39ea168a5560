"""Value by kind, by who gains and by who paid.

Belongs here: charts of where value arises. What single contracts are worth stands in ``contracts``.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import (
    COLOURS,
    chart,
    colours_of,
    millions_axis,
    names_along,
    plain_words,
    sentence,
    text_of,
    words_of,
)
from pipeline.report.rows import Row, records
from pipeline.report.wording import million
from pipeline.tables.vocabulary import PAYER_KINDS

PAYER_WORDS = {
    "central": "central government or a national fund",
    "local": "local bodies",
    "mixed": "central and local together",
    "unknown": "payers that are not named",
}
PAYER_COLOURS = {"central": "#0072B2", "local": "#E69F00", "mixed": "#CC79A7", "unknown": "#8A8A8A"}
AREA_COLUMNS = ("policy area", "fiscal, without transfers", "economic", "social", "payments")


def value_by_policy_area(policy_area_value: Mapping[str, pd.DataFrame]) -> Figure:
    """Return value by kind beside payments, by policy area, the editions side by side.

    ``policy_area_value``: that table by edition.
    """
    title = "Public value beside outcome payments, by policy area"
    numbers = Numbers("areas", AREA_COLUMNS, [row for table in policy_area_value.values() for row in _area_rows(table)])
    rows = [row for edition, table in policy_area_value.items() for row in _parts_of_areas(edition, table)]
    if not rows:
        return sentence(numbers, title, "No policy area has been valued.")
    parts = ["fiscal", "economic", "social", "payments"]
    area = {**names_along("area"), "sort": sorted({row["area"] for row in rows})}
    side = {"field": "side", "sort": ["value", "payments"]}
    gbp = {"field": "gbp", "type": "quantitative", "axis": millions_axis(4)}
    bars = {
        "transform": [{"filter": "datum.part != 'gross'"}],
        "mark": "bar",
        "encoding": {"x": gbp, "y": area, "yOffset": side, "color": colours_of("part", parts)},
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
    return chart(
        numbers,
        title,
        [
            "Net of deadweight, fiscal value without transfers; the tick is public value before deadweight.",
            "All contracts, also those outside the ratio; each edition in its own prices.",
        ],
        body,
    )


def payers_and_beneficiaries(payer_beneficiary: pd.DataFrame) -> Figure:
    """Return the value by who gains, in the colours of who paid."""
    title = "Who gains, and who paid for it"
    numbers = Numbers("payers", ("who gains", *PAYER_KINDS), _payer_rows(payer_beneficiary))
    if payer_beneficiary.empty:
        return sentence(numbers, title, "No contract has both value and payments.")
    sums = payer_beneficiary.groupby(["agency", "payer_kind"], as_index=False)["value_gbp"].sum()
    order = sums.groupby("agency")["value_gbp"].sum().sort_values(ascending=False).index
    rows = [
        {
            "agency": text_of(row.agency, 44),
            "payer": f"paid by {PAYER_WORDS[row.payer_kind]}",
            "gbp": float(row.value_gbp),
        }
        for row in records(sums)
    ]
    payers = {f"paid by {words}": PAYER_COLOURS[kind] for kind, words in PAYER_WORDS.items()}
    colour = {
        "field": "payer",
        "scale": {"domain": list(payers), "range": list(payers.values())},
        "legend": {"columns": 2},
    }
    gbp = {"field": "gbp", "type": "quantitative", "axis": millions_axis(5)}
    body = {
        "data": {"values": rows},
        "width": 320,
        "height": {"step": 20},
        "mark": "bar",
        "encoding": {
            "y": {**names_along("agency"), "sort": [text_of(a, 44) for a in order]},
            "x": gbp,
            "color": colour,
        },
    }
    lines = [
        "Net value of the contracts in the ratio, fiscal value with transfers, by who gains;",
        "each contract's value is laid to its payers by what each paid.",
    ]
    return chart(numbers, title, lines, body)


def _parts_of_areas(edition: str, table: pd.DataFrame) -> list[Row]:
    """The parts of each policy area in pounds, as far as they are known; the sum of the kinds is its public value."""
    rows: list[Row] = []
    for row in records(table):
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
                "area": words_of(row.policy_area),
                "side": "payments" if part == "payments" else "value",
                "part": part,
                "gbp": float(gbp),
            }
            for part, gbp in parts.items()
            if pd.notna(gbp)
        ]
    return rows


def _area_rows(table: pd.DataFrame) -> Rows:
    return [
        (
            plain_words(row.policy_area),
            million(row.fiscal_gbp - row.transfers_gbp),
            million(row.economic_gbp),
            million(row.social_gbp),
            million(row.outcome_payments_real_gbp),
        )
        for row in records(table)
    ]


def _payer_rows(table: pd.DataFrame) -> Rows:
    wide = table.pivot_table(index="agency", columns="payer_kind", values="value_gbp", aggfunc="sum")
    wide = wide.reindex(columns=list(PAYER_KINDS)).loc[wide.sum(axis=1).sort_values(ascending=False).index]
    return [
        (str(agency), *(million(value) for value in row))
        for agency, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
