"""The figures of the report: each chart paired with the numbers behind it, not yet drawn.

Belongs here: which charts a page shows and the rows of the table below each. What a chart looks like stands in
``charts``; no number is worked out here that no table has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.method.analysis.ratios import MEASURES
from pipeline.report import charts
from pipeline.report.drawing import Spec
from pipeline.report.headline import by_scope, gap_to_published, parts_of_the_gap
from pipeline.report.pages import Site, Tables
from pipeline.report.wording import chance, figure, million, percent, ratio_text, span
from pipeline.tables.vocabulary import PAYER_KINDS

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Figure:
    """A chart and the figures behind it."""

    id: str
    spec: Spec
    columns: Sequence[str]
    rows: Rows

    @property
    def title(self) -> str:
        """What it shows."""
        return str(self.spec["title"]["text"])

    @property
    def subtitle(self) -> str:
        """How to read it."""
        return " ".join(self.spec["title"]["subtitle"])

    @property
    def untitled(self) -> Spec:
        """The chart without its title, which the page says itself."""
        return {name: part for name, part in self.spec.items() if name != "title"}


def index_figures(made_from: Site) -> list[Figure]:
    """Return the charts of the first page, not yet drawn."""
    tables, edition = made_from.tables, made_from.edition
    names = dict(zip(tables["contracts"]["contract_id"], tables["contracts"]["name"], strict=True))
    counted = tables["reported_outcomes"].query("quantity_counted > 0")
    found = gap_to_published(tables, edition, made_from.data)
    parts = parts_of_the_gap(found, made_from.data) if found else {}
    return [
        *([Figure("gap", charts.gap(parts), ("", "part", "pounds"), _gap_rows(parts))] if parts else []),
        Figure(
            "areas",
            charts.value_by_policy_area({edition.edition: tables["policy_area_value"]}),
            ("policy area", "fiscal, without transfers", "economic", "social", "payments"),
            _area_rows(tables["policy_area_value"]),
        ),
        Figure(
            "places",
            charts.places(tables["places"], tables["contracts"]),
            ("contract", "policy area", "places"),
            _place_rows(tables),
        ),
        _ratios_of_contracts("contracts", tables["contract_value"], tables["uncertainty"]),
        Figure("ranges", charts.ranges(tables["uncertainty"]), ("", *PERCENTILES), _range_rows(tables["uncertainty"])),
        Figure(
            "tornado",
            charts.tornado(tables["sensitivity"]),
            ("parameter", "grade", "at its low end", "at its high end", "share of the variance"),
            _tornado_rows(tables["sensitivity"]),
        ),
        Figure(
            "acceptability",
            charts.acceptability_curve(tables["acceptability"], tables["uncertainty"]),
            ("per £1 above", "public value", "fiscal value"),
            _chance_rows(tables["acceptability"], tables["uncertainty"]),
        ),
        Figure(
            "choices",
            charts.spread_of_choices(tables["scenarios"]),
            ("option", "lowest", "median", "highest", "all else as in the edition"),
            _choice_rows(tables["scenarios"]),
        ),
        Figure(
            "payers",
            charts.payers_and_beneficiaries(tables["payer_beneficiary"]),
            ("who gains", *PAYER_KINDS),
            _payer_rows(tables["payer_beneficiary"]),
        ),
        Figure(
            "ladders",
            charts.ladder_funnels(counted, names),
            ("contract and outcome", "milestone", "people"),
            _ladder_rows(counted, names),
        ),
        Figure(
            "coverage",
            charts.coverage(tables["coverage"]),
            ("", "public data", "published", "share"),
            _coverage_rows(tables["coverage"]),
        ),
    ]


def area_figures(made_from: Site) -> dict[str, Figure]:
    """Return the ratios of the contracts of each policy area that has more than one of them, not yet drawn."""
    values, uncertainty = made_from.tables["contract_value"], made_from.tables["uncertainty"]
    by_area = values[values["is_in_bcr"]].groupby("policy_area")
    return {
        area: _ratios_of_contracts(f"contracts-{area}", rows, uncertainty) for area, rows in by_area if len(rows) > 1
    }


def _ratios_of_contracts(id_: str, contract_value: pd.DataFrame, uncertainty: pd.DataFrame) -> Figure:
    names = dict(zip(contract_value["contract_id"], contract_value["name"], strict=True))
    return Figure(
        id_,
        charts.ratios_of_contracts(contract_value, uncertainty, names),
        ("contract", "payments", "public value", "per £1", "P10 to P90"),
        _contract_rows(contract_value, uncertainty),
    )


PERCENTILES = ("the edition's", "5 %", "10 %", "half", "90 %", "95 %")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _place_rows(tables: Tables) -> Rows:
    """Each contract with its places of delivery, in the order of the contracts' names."""
    names = tables["contracts"][["contract_id", "name", "policy_area"]]
    rows = tables["places"].merge(names, on="contract_id").sort_values(["name", "contract_id", "row"], kind="stable")
    by_contract = rows.groupby(["name", "contract_id", "policy_area"], sort=False)["place"].agg("; ".join)
    return [(name, _words(area), places) for (name, _, area), places in by_contract.items()]


def _gap_rows(parts: dict[str, dict[str, float]]) -> Rows:
    return [(side, part, million(gbp)) for side, of_side in parts.items() for part, gbp in of_side.items()]


def _area_rows(table: pd.DataFrame) -> Rows:
    return [
        (
            _words(row.policy_area),
            million(row.fiscal_gbp - row.transfers_gbp),
            million(row.economic_gbp),
            million(row.social_gbp),
            million(row.outcome_payments_real_gbp),
        )
        for row in table.itertuples()
    ]


def _contract_rows(contract_value: pd.DataFrame, uncertainty: pd.DataFrame) -> Rows:
    ranges = by_scope(uncertainty)
    values = contract_value.query("is_in_bcr").sort_values("bcr", ascending=False)
    return [
        (
            row.name,
            million(row.outcome_payments_real_gbp),
            million(row.public_value_gbp),
            ratio_text(row.bcr),
            span(ranges[row.contract_id]["bcr"]),
        )
        for row in values.itertuples(index=False)
    ]


def _range_rows(table: pd.DataFrame) -> Rows:
    shown = table[(table["measure"] == "bcr") & (table["scope_kind"] != "contract") & table["has_range"]]
    ends = ("ratio", "p5", "p10", "p50", "p90", "p95")
    return [(_words(row["scope"]), *(ratio_text(row[end]) for end in ends)) for row in shown.to_dict("records")]


def _tornado_rows(table: pd.DataFrame) -> Rows:
    return [
        (
            _words(row.parameter_id.partition("/")[2].replace("/", ", ")),
            row.grade,
            ratio_text(row.ratio_at_low),
            ratio_text(row.ratio_at_high),
            percent(row.first_order_index),
        )
        for row in table.query("measure == 'bcr'").itertuples()
    ]


def _chance_rows(table: pd.DataFrame, uncertainty: pd.DataFrame) -> Rows:
    # Without a range worth showing no chance is given either.
    sure = uncertainty[(uncertainty["scope_kind"] == "market") & uncertainty["has_range"]]
    shown = table[table["measure"].isin(sure["measure"])]
    wide = shown.pivot(index="threshold", columns="measure", values="chance_above").reindex(columns=list(MEASURES))
    return [(f"£{row.Index:.1f}", chance(row.bcr), chance(row.fiscal_bcr)) for row in wide.itertuples()]


def _choice_rows(table: pd.DataFrame) -> Rows:
    rows = charts.options_of_choices(table)
    return [
        (
            row["option"],
            ratio_text(row["lowest"]),
            ratio_text(row["median"]),
            ratio_text(row["highest"]),
            ratio_text(row["alone"]),
        )
        for row in rows
    ]


def _payer_rows(table: pd.DataFrame) -> Rows:
    wide = table.pivot_table(index="agency", columns="payer_kind", values="value_gbp", aggfunc="sum")
    wide = wide.reindex(columns=list(PAYER_KINDS)).loc[wide.sum(axis=1).sort_values(ascending=False).index]
    return [
        (str(agency), *(million(value) for value in row))
        for agency, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]


def _ladder_rows(counted: pd.DataFrame, names: Mapping[str, str]) -> Rows:
    rungs = counted[(counted["treatment"] == "rung") & (counted["unit"] == "person")]
    return [
        (
            f"{names[row.contract_id]}, {_words(row.outcome_id)}",
            f"{row.milestone:g} {row.milestone_unit}s",
            f"{row.quantity:,.0f}",
        )
        for row in rungs.sort_values(["contract_id", "outcome_id", "milestone"], kind="stable").itertuples()
    ]


def _coverage_rows(table: pd.DataFrame) -> Rows:
    return [
        (
            _words(row.measure.removesuffix("_gbp")).replace("bcr", "the ratio"),
            figure(row.ours, "GBP" if row.measure.endswith("_gbp") else ""),
            figure(row.published, "GBP" if row.measure.endswith("_gbp") else ""),
            percent(row.share),
        )
        for row in table.itertuples()
    ]
