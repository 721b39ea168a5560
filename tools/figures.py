"""``make report`` ends with it: the figures of the last run, written into README.md and docs/.

Belongs here: which figures stand in texts that people write, and the sentences around them. They come from the
published headlines, and of claims from what their benchmark has kept, never from this file; what a headline says itself
is made in ``pipeline.report``.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks.claims import FIGURES as BENCHMARK
from benchmarks.claims import by_rule_table
from pipeline.cli import cli
from pipeline.facts.editions import read_editions
from pipeline.facts.reference import read_reference
from pipeline.report.text.terminal import headline_text
from pipeline.report.wording import million, ratio_text
from pipeline.tables.vocabulary import TIME_CONVENTIONS

OWN, LATEST = "open-2026", "atq-2024"
# Contracts that docs/commands.md and docs/method.md show, the second with one of its outcomes.
EXPLAINED, WORKED, WORKED_OUTCOME = "INDIGO-POJ-0178", "INDIGO-POJ-0137", "accommodation_sustained"
PUBLISHED = "study_2024_outcome_payments_gbp_market"
# How a status is called where figures are counted.
PARTLY = {"partly": "partly reproduced"}
# Choices of an edition in the order of docs/assumptions.md: words, options, where they are, what an edition without
# the choice says.
CHOICES: Mapping[str, tuple[str, str, str, str]] = {
    "unit_value_level": (
        "level of unit values",
        "low, central, high",
        "[`unit_costs.csv`](../reference/unit_costs.csv), edition",
        "",
    ),
    "deadweight_layer": (
        "deadweight layer",
        "none, assumed, studied",
        "[`deadweight.csv`](../reference/deadweight.csv), edition",
        "",
    ),
    "time_convention": (
        "time convention",
        ", ".join(TIME_CONVENTIONS),
        "[`metric_outcomes.csv`](../reference/metric_outcomes.csv) (milestones), edition",
        "",
    ),
    "straddling": ("rows that straddle the cut-off", "pro rata, left out", "edition", "no cut-off"),
    "optimism_bias": (
        "optimism bias",
        "none, by grade",
        "[`optimism_bias.csv`](../reference/optimism_bias.csv) (unverified), edition",
        "",
    ),
    "payment_bases": ("payments", "paid; paid and reported; evaluation totals too", "edition", ""),
    "value_set": ("price list", "2015, 2026", "[`unit_costs.csv`](../reference/unit_costs.csv), edition", ""),
    "transfers": (
        "transfers",
        "in fiscal value only, in public value too, in neither",
        "the editions take the first",
        "",
    ),
    "annual_rung": ("milestone that counts under `annual`", "first sustained, entry", "edition", ""),
    "price_base": (
        "price base of payments",
        "edition's prices, cash",
        "[`gdp_deflators.csv`](../reference/gdp_deflators.csv)",
        "",
    ),
}


def headlines(root: Path) -> dict[str, Any]:
    """Return the headlines that are published, by edition; of editions that none has superseded."""
    editions, _ = read_editions(root / "reference" / "editions", "editions")
    paths = {key: root / "reports" / key / "headline.json" for key in editions if not editions[key].superseded_by}
    return {key: json.loads(path.read_text(encoding="utf-8")) for key, path in paths.items()}


def printed(data: Mapping[str, Any]) -> str:
    """Return what a run prints of each edition, as docs/commands.md shows it."""
    return "\n".join(["```", *(headline_text(key, data[key], Path("reports")) for key in data), "```"])


def in_short(data: Mapping[str, Any], published_gbp: float) -> str:
    """Return the findings on the first screen of README; ``published_gbp``: payments published by the latest study."""
    own, latest = data[OWN], data[LATEST]
    sure, (public, fiscal), ratios = own["uncertainty"]["bcr"], _rebuilt(latest), _one_at_a_time(own)
    return f"""\
- **The contracts that public data let us value were worth {"less" if own["bcr"] < 1 else "more"} than was paid for \
them.** We estimate **£{ratio_text(own["bcr"])} of public value for every £1 paid**. The 80% range is \
£{ratio_text(sure["p10"])} to £{ratio_text(sure["p90"])}: 8 in 10 simulations fall inside it. Public value adds up \
the costs that public services avoid, people's earnings and their wellbeing. It is not cash.
- **Worth {million(own["public_value_in_bcr_gbp"])}, paid \
{million(own["outcome_payments_in_bcr_real_gbp"])}**, in prices of {own["price_year"]}. This covers \
{own["contracts_in_bcr"]} of the {own["contracts"]} contracts that we found in public data. For the others, payments \
are not published or no outcome can be valued.
- **Why not £9?** The study of 2024 published £{ratio_text(public["published"])} for every £1. Public data cannot \
reproduce that. They show {million(latest["outcome_payments_gbp"])} of payments up to {_day(latest["cut_off"])}, where \
the study counts {million(published_gbp)}. We also took every step on our list that might explain the gap, each at its \
middle setting. The same results then give £{ratio_text(public["explained"])} of public value. But they \
give £{ratio_text(fiscal["explained"])} of fiscal value (what outcomes are worth to public budgets), where the study \
has £{ratio_text(fiscal["published"])}.
- **Assumptions matter more than the range shows.** Changing one choice at a time moves our estimate between \
£{ratio_text(min(ratios))} and £{ratio_text(max(ratios))}. The choices include how much would have happened anyway, \
how long an outcome counts, and which price list to use.
- **Some outcomes count as zero**, because nobody has found a defensible value for them: carers, independence, mental \
health care. What was paid for them still counts as a cost."""


def in_full(data: Mapping[str, Any], published_gbp: float) -> str:
    """Return the findings of docs/findings.md; ``published_gbp``: payments published by the latest study."""
    own, latest = data[OWN], data[LATEST]
    sure, spread, parts = own["uncertainty"]["bcr"], own["scenarios"]["bcr"], own["robustness"]
    before, without_weak = parts["contracts of the superseded edition"], parts["without weak unit costs"]
    (public, fiscal), ratios, old_list = _rebuilt(latest), _one_at_a_time(own), own["by_choice"]["value_set"]["2015"]
    counted, compared = latest["reading"]["without plugs"], latest["published_figures"]
    chance, near = sure["chance_above_1"], counted["near"]
    return f"""\
## Our own estimate

- **£{ratio_text(own["bcr"])} of public value and £{ratio_text(own["fiscal_bcr"])} of fiscal value for every £1 \
paid.** Changing one choice at a time moves public value between £{ratio_text(min(ratios))} and \
£{ratio_text(max(ratios))}. The choices include the level of unit values, deadweight, time and the price list.
- **Combinations of choices.** The table `scenarios` tries {own["scenarios"]["combinations"]:,} combinations. The \
lowest gives £{ratio_text(spread["lowest"])} and the highest £{ratio_text(spread["highest"])}; \
{spread["share_above_1"]:.0%} give more than £1. These shares are counts of combinations, not chances. With our own \
choices, the chance of more than £1 is {"under 1%" if chance < 0.01 else f"{chance:.0%}"}.
- **What the 80% range covers.** The range, £{ratio_text(sure["p10"])} to £{ratio_text(sure["p90"])}, shows how \
uncertain the averages are: each unit cost, weight for hours worked and deadweight rate is drawn around its best \
estimate, once for all contracts. The estimate is therefore near the middle of its range. The range does not cover \
what was counted, the choices above, or contracts that are not public.
- **A few contracts carry much of it.** Five contracts carry {own["concentration"]["contract"]["top_five_share"]:.0%} \
of the public value.
- **The evidence.** {own["evidence_age"]["shares"]["recent"]:.0%} of the value depends on unit costs with data from \
2015-16 or later. Without the values graded weak, and with all payments, the ratio is \
£{ratio_text(without_weak["bcr"])}: most values for housing, wellbeing and reoffending are weak.
- **The audit of 2026.** We checked every reference value, and our estimate moved from £1.00 (edition `open-2025`) to \
£{ratio_text(own["bcr"])}. For the {before["contracts"]} contracts in the ratio of both, it is \
£{ratio_text(before["bcr"])}. With the price list of 2015 it would be £{ratio_text(old_list["bcr"])} today, as \
`publicvalue run --edition open-2025` shows. [reports/archive/](../reports/archive) keeps what was published before. \
See [each step in pounds](../CHANGELOG.md), [each decision with its source](assumptions.md#audit-of-2026) and \
[what we trust least](assumptions.md#what-we-trust-least).

## The published ratios

- **Public data cannot reproduce them** (10.2 in 2022, {ratio_text(public["published"])} in 2024). Public data give \
outcomes or payments for about half of the contracts. Up to {_day(latest["cut_off"])} they show \
{million(latest["outcome_payments_gbp"])} of payments. The study counts {million(published_gbp)}, so public data show \
{latest["outcome_payments_gbp"] / published_gbp:.0%} as much.
- **Figure by figure.** `{LATEST}` compares {sum(compared.values())} published figures and claims with ours: \
{", ".join(f"{number} {PARTLY.get(status, status)}" for status, number in compared.items())}.
- **What would you have to believe for £{ratio_text(public["published"])}?** With every step on our list that might \
explain the gap, each at its middle setting, the same results give £{ratio_text(public["explained"])} of public \
value. But fiscal value is then £{ratio_text(fiscal["explained"])}, where the study has \
£{ratio_text(fiscal["published"])}. Of the \
{counted["combinations"]:,} combinations of these steps, {near or "none"} {"come" if near > 1 else "comes"} within a \
tenth of both published ratios. *The study rebuilt*, a page in the report of `{LATEST}`, shows each step, and \
[a letter](questions-to-the-authors.md) asks the authors."""


def _rebuilt(study: Mapping[str, Any]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Where the steps by which a study might be rebuilt lead: its public and its fiscal ratio."""
    return study["reading"]["bcr"], study["reading"]["fiscal_bcr"]


def _day(written: str) -> str:
    """A day as people write it."""
    day = date.fromisoformat(written)
    return f"{day.day} {day:%B %Y}"


def _one_at_a_time(edition: Mapping[str, Any]) -> list[float]:
    """The ratios of an edition with one choice changed."""
    return [option["bcr"] for options in edition["by_choice"].values() for option in options.values()]


def choices(data: Mapping[str, Any]) -> str:
    """Return how far each choice moves the ratio of each edition, as the table of docs/assumptions.md."""
    heads = (f"{key}: {ratio_text(data[key]['bcr'])}" for key in data)
    lines = [f"| choice | options | {' | '.join(heads)} | where |", f"|---|---|{'---|' * len(data)}---|"]
    for choice, (words, options, place, without) in CHOICES.items():
        cells = (_span(data[key]["by_choice"].get(choice, {}), without) for key in data)
        lines.append(f"| {words} | {options} | {' | '.join(cells)} | {place} |")
    return "\n".join(lines)


def _span(options: Mapping[str, Any], without: str) -> str:
    ratios = [option["bcr"] for option in options.values()]
    return f"{ratio_text(min(ratios))} to {ratio_text(max(ratios))}" if ratios else without


def explained(root: Path) -> str:
    """Return what ``explain`` prints of a contract, as docs/commands.md shows it."""
    return f"```\n$ publicvalue explain {EXPLAINED}\n{_explain(root, EXPLAINED)}\n```"


def worked(root: Path) -> str:
    """Return a line of value of a contract step by step, as the worked example of docs/method.md."""
    data = json.loads(_explain(root, WORKED, "--edition", OWN, "--json"))
    (units,) = [row for row in data["units"] if row["outcome_id"] == WORKED_OUTCOME]
    (line,) = [row for row in data["lines"] if row["outcome_id"] == WORKED_OUTCOME]
    sums = data["sums"]
    return f"""\
| step | sum | result |
|---|---|---|
| 1 scope | no cut-off: all counts in full | the five counts below |
| 2 mapping | `{WORKED_OUTCOME}`, five milestones at 0, 3, 6, 12 and 18 months | one ladder |
| 3 units | {units["sum"]} | {units["units"]:,} person-years |
| 4 unit value | £{line["unit_cost_gbp"]:g} a {line["unit_cost_unit"]} at {line["unit_cost_price_year"]} prices × \
{line["price_factor"]:.5f} × {line["cost_units_per_unit"]:.4f} weeks a year × {line["units_per_outcome"]:g} | \
£{line["unit_value_gbp"]:,.2f} a year |
| 5 gross | {line["units"]:,} × £{line["unit_value_gbp"]:,.2f} | £{line["gross_gbp"]:,.2f} |
| 6 net | × (1 − {line["deadweight"]:g}), the {line["deadweight_layer"]} rate | £{line["net_gbp"]:,.2f} |
| 7 overlaps | the line is in no group in the list of {line["value_set"]} | counts |

With its other lines, the public value of the contract is £{sums["public_value_gbp"]:,.2f}, for payments of \
£{sums["outcome_payments_real_gbp"]:,.2f} in the same prices: £{ratio_text(sums["bcr"])} for every £1."""


def _explain(root: Path, contract_id: str, *options: str) -> str:
    out = StringIO()
    folders = ["--raw", str(root / "raw"), "--reference", str(root / "reference")]
    with redirect_stdout(out):
        cli(["explain", contract_id, *options, *folders], standalone_mode=False)
    return out.getvalue().rstrip()


def texts(root: Path) -> dict[str, str]:
    """Return the texts that hold figures, by path, with the figures that are published under ``root``."""
    data = headlines(root)
    reference, _ = read_reference(root / "reference")
    published_gbp = float(reference.published_figures.set_index("figure_id").loc[PUBLISHED, "value"])
    blocks = {
        "README.md": {"in short": in_short(data, published_gbp)},
        "docs/commands.md": {"printed": printed(data), "explained": explained(root)},
        "docs/findings.md": {"in full": in_full(data, published_gbp)},
        "docs/assumptions.md": {"choices": choices(data)},
        "docs/claims.md": {"by rule": by_rule_table(json.loads((root / BENCHMARK).read_text("utf-8"))["by_rule"])},
        "docs/method.md": {"worked": worked(root)},
    }
    return {path: _with_blocks((root / path).read_text(encoding="utf-8"), of_file) for path, of_file in blocks.items()}


def _with_blocks(text: str, blocks: Mapping[str, str]) -> str:
    """The text with each block between its two marks, which must be there."""
    for name, block in blocks.items():
        begin, end = f"<!-- figures: {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"no place for figures: {begin} … {end}")
        text = f"{before}{begin}\n{block}\n{end}{after}"
    return text


def main() -> None:
    """Write the figures, and say which texts have changed."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    for path, text in texts(root).items():
        if (root / path).read_text(encoding="utf-8") != text:
            (root / path).write_text(text, encoding="utf-8")
            print(f"{path}: its figures are those of this run now")


if __name__ == "__main__":
    main()
