"""Value by kind, by who gains and by who paid.

Belongs here: charts of where value arises. What single contracts are worth stands in ``contracts``.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.listed import TICK, Key, Marks, Name, from_nothing, listed, stacked
from pipeline.report.charts.theme import COLOURS, INK, chart, plain_words, sentence, short_money, text_of, words_of
from pipeline.report.rows import Row, records
from pipeline.report.wording import capital, counted, million
from pipeline.tables.vocabulary import PAYER_KINDS

PAYER_WORDS = {
    "central": "central government or a national fund",
    "local": "local bodies",
    "mixed": "central and local bodies together",
    "unknown": "payers who are not named",
}
PAYER_COLOURS = {
    "central": COLOURS["fiscal"],
    "local": COLOURS["economic"],
    "mixed": COLOURS["deadweight"],
    "unknown": COLOURS["payments"],
}
AREA_COLUMNS = ("policy area", "fiscal, without transfers", "economic", "social", "payments")
KINDS = ("fiscal", "economic", "social")
BAR = 13


def value_by_policy_area(policy_area_value: Mapping[str, pd.DataFrame]) -> Figure:
    """Return value by kind beside payments, by policy area, the editions below each other.

    ``policy_area_value``: that table by edition.
    """
    numbers = Numbers("areas", AREA_COLUMNS, [row for table in policy_area_value.values() for row in _area_rows(table)])
    title = _where_value_arises(policy_area_value)
    if all(table.empty for table in policy_area_value.values()):
        return sentence(numbers, title, "No policy area has been valued.")
    names: list[Name] = []
    bars: list[Row] = []
    ticks: list[Row] = []
    for edition, table in policy_area_value.items():
        if len(policy_area_value) > 1:
            names.append(Name(text_of(edition, 60), is_head=True))
        for row in records(table):
            parts = zip(KINDS, (row.fiscal_gbp - row.transfers_gbp, row.economic_gbp, row.social_gbp), strict=True)
            known = [(part, float(gbp)) for part, gbp in parts if pd.notna(gbp)]
            place: Row = {"row": len(names), "area": words_of(row.policy_area)}
            names.append(Name(words_of(row.policy_area), _value_and_paid(row)))
            coloured = stacked((COLOURS[part], gbp) for part, gbp in known)
            bars += [
                {**place, "part": part, "gbp": gbp, "down": -8, **bar}
                for (part, gbp), bar in zip(known, coloured, strict=True)
            ]
            if pd.notna(row.outcome_payments_real_gbp):
                paid = float(row.outcome_payments_real_gbp)
                of = {**place, "part": "payments", "gbp": paid}
                bars.append({**of, "down": 6, "start": 0.0, "end": paid, "colour": COLOURS["payments"]})
            if pd.notna(row.gross_public_value_gbp):
                gross = float(row.gross_public_value_gbp)
                ticks.append({**place, "part": "gross", "gbp": gross, "down": -8, "at": gross})
    ends = from_nothing([x for bar in bars for x in (bar["start"], bar["end"])] + [tick["at"] for tick in ticks])
    keys = [
        *(Key(kind, COLOURS[kind]) for kind in KINDS),
        Key("payments", COLOURS["payments"]),
        Key("value before deadweight", INK, TICK),
    ]
    marks = [Marks("bar", bars, thick=BAR), Marks("tick", ticks, thick=BAR + 4)]
    shapes = listed(names, marks, ends, band=30, keys=keys)
    subtitle = (
        "Public value by kind, net of deadweight, and outcome payments, for all contracts including those outside the "
        "ratio. They are not of the same contracts, so do not divide one by the other. Fiscal value is without "
        "transfers."
    )
    alt = "Two bars for each policy area, one of public value by kind and one of outcome payments."
    return chart(numbers, title, subtitle, alt, shapes, is_real=True)


def payers_and_beneficiaries(payer_beneficiary: pd.DataFrame) -> Figure:
    """Return the value by who gains, in the colours of who paid."""
    numbers = Numbers("payers", ("who gains", *PAYER_KINDS), _payer_rows(payer_beneficiary))
    if payer_beneficiary.empty:
        return sentence(numbers, "Who gains", "No contract has both value and payments.")
    sums = payer_beneficiary.groupby(["agency", "payer_kind"], as_index=False)["value_gbp"].sum()
    totals = sums.groupby("agency")["value_gbp"].sum().sort_values(ascending=False, kind="stable")
    of = {key: float(gbp) for key, gbp in sums.set_index(["agency", "payer_kind"])["value_gbp"].items()}
    names = [Name(text_of(agency, 60), short_money(float(gbp))) for agency, gbp in totals.items()]
    bars = [
        {"row": row, **bar}
        for row, agency in enumerate(totals.index)
        for bar in stacked((PAYER_COLOURS[kind], of[agency, kind]) for kind in PAYER_WORDS if (agency, kind) in of)
    ]
    shown = [kind for kind in PAYER_WORDS if kind in set(sums["payer_kind"])]
    shapes = listed(
        names,
        [Marks("bar", bars)],
        from_nothing(bar[end] for bar in bars for end in ("start", "end")),
        keys=[Key(f"paid by {PAYER_WORDS[kind]}", PAYER_COLOURS[kind]) for kind in shown],
    )
    subtitle = (
        "Net value of the contracts in the ratio by who gains; fiscal value includes transfers. We share the value of "
        "each contract among its payers in proportion to what they paid."
    )
    alt = f"A bar for each of {counted(len(names), 'group')} that gain, split by who paid for the contracts."
    return chart(numbers, _who_gains_most(totals), subtitle, alt, shapes, is_real=True)


def _where_value_arises(tables: Mapping[str, pd.DataFrame]) -> str:
    """The finding of one edition: the area with most of the public value."""
    known = [table[table["public_value_gbp"].notna()] for table in tables.values()]
    if len(known) != 1 or known[0].empty or known[0]["public_value_gbp"].max() <= 0:
        return "Public value and payments by policy area"
    values = known[0].set_index("policy_area")["public_value_gbp"]
    if len(values) == 1:
        return f"All of the public value is in {words_of(values.index[0])}: {million(float(values.iloc[0]))}"
    total = float(values.sum())
    most = [area for area, gbp in values.items() if million(float(gbp)) == million(float(values.max()))]
    names = " and ".join(words_of(area) for area in most)
    each = f"{million(float(values.max()))}{' each' if len(most) > 1 else ''}"
    brings = "brings" if len(most) == 1 else "bring"
    return capital(f"{names} {brings} the most public value: {each} of {million(total)}")


def _who_gains_most(totals: "pd.Series[float]") -> str:
    if totals.iloc[0] <= 0:
        return "Nobody gains, on balance"
    most = [str(agency) for agency, gbp in totals.items() if million(float(gbp)) == million(float(totals.iloc[0]))]
    names, each = " and ".join(text_of(agency, 60) for agency in most), million(float(totals.iloc[0]))
    said = f"{names} gain most: {each}{' each' if len(most) > 1 else ''} of {million(float(totals.sum()))}"
    return capital(said)


def _value_and_paid(row: object) -> str:
    """What a policy area is worth, and what was paid there."""
    value, paid = row.public_value_gbp, row.outcome_payments_real_gbp  # type: ignore[attr-defined]
    return f"{_known(value)}; {_known(paid)} paid"


def _known(gbp: float) -> str:
    return "not known" if pd.isna(gbp) else short_money(float(gbp))


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
