"""``make report`` ends with it: the figures of the last run, written into README.md and docs/.

Belongs here: which figures stand in texts that people write, and the sentences around them. They come from the
published headlines, and of claims from what their benchmark has kept, never from this file; what a headline says itself
is made in ``pipeline.report``.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks.claims import FIGURES as BENCHMARK
from benchmarks.claims import by_rule_table
from pipeline.cli import cli
from pipeline.facts.editions import read_editions
from pipeline.facts.reference import read_reference
from pipeline.report.published_figures import said_of_the_figures
from pipeline.report.text.terminal import headline_text
from pipeline.report.wording import ratio_text
from pipeline.tables.vocabulary import TIME_CONVENTIONS

OWN, LATEST = "open-2026", "atq-2024"
# Contracts that README and docs/method.md show, the second with one of its outcomes.
EXPLAINED, WORKED, WORKED_OUTCOME = "INDIGO-POJ-0178", "INDIGO-POJ-0137", "accommodation_sustained"
PUBLISHED = "study_2024_outcome_payments_gbp_market"
# Choices of an edition in the order of docs/assumptions.md: words, options, where they stand, what an edition without
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
    "annual_rung": ("annual rung (where the edition counts by `annual`)", "first sustained, entry", "edition", ""),
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
    """Return what a run prints of each edition, as README shows it."""
    return "\n".join(["```", *(headline_text(key, data[key], Path("reports")) for key in data), "```"])


def in_short(data: Mapping[str, Any], published_gbp: float) -> str:
    """Return the sentences of README that hold figures; ``published_gbp``: payments published by the latest study."""
    own = data[OWN]
    sure, spread = own["uncertainty"]["bcr"], own["scenarios"]["bcr"]
    ratios = [option["bcr"] for options in own["by_choice"].values() for option in options.values()]
    parts = own["robustness"]
    before, without_weak = parts["contracts of the superseded edition"], parts["without weak unit costs"]
    recent = own["evidence_age"]["shares"]["recent"]
    chance = own["uncertainty"]["bcr"]["chance_above_1"]
    old_list = own["by_choice"]["value_set"]["2015"]
    return f"""\
- The published ratios (10.2 in 2022, 8.57 in 2024) **cannot be reproduced from public data**. Public data give \
outcomes or payments for about half of the contracts; of the payments published for 2024, \
{data[LATEST]["outcome_payments_gbp"] / published_gbp:.0%} are public, both counted up to {data[LATEST]["cut_off"]}. \
{said_of_the_figures(data[LATEST]["published_figures"], f"`{LATEST}`")}
{_reading(data[LATEST]["reading"])}
- What can be valued is worth about what was paid for it, or less, and not ten times as much. Our own estimate is \
£{ratio_text(own["bcr"])} for every £1. It moves between {ratio_text(min(ratios))} and {ratio_text(max(ratios))} when \
one choice at a time is changed (level of unit values, deadweight, time, price list, …). Of the \
{own["scenarios"]["combinations"]:,} combinations that table `scenarios` tries the lowest gives \
{ratio_text(spread["lowest"])}, the highest {ratio_text(spread["highest"])}, and {spread["share_above_1"]:.0%} more \
than 1; these are no chances. The chance that our own choices give more than 1 is \
{"under 1%" if chance < 0.01 else f"{chance:.0%}"}.
- A range is doubt about a mean: each unit cost, weight of hours and rate of deadweight is drawn with its best \
estimate as the mean, once for all contracts. It holds no doubt about what was counted, about the choices above or \
about contracts that are not public. So our own estimate stands in the middle of its range, \
£{ratio_text(sure["p10"])} to £{ratio_text(sure["p90"])}. Five contracts carry \
{own["concentration"]["contract"]["top_five_share"]:.0%} of its public value.
- {recent:.0%} of that value rests on unit costs whose data are of 2015-16 or later. For the {before["contracts"]} \
contracts that the edition before it had, the ratio is £{ratio_text(before["bcr"])}. Without the values graded weak, \
and with all payments, it is £{ratio_text(without_weak["bcr"])}: most housing, wellbeing and reoffending is graded so.
- In 2026 an audit of every reference value moved our own estimate from £1.00, which was edition `open-2025`, to \
£{ratio_text(own["bcr"])}. With the price list of 2015 it would be £{ratio_text(old_list["bcr"])} today, which is what \
`publicvalue run --edition open-2025` prints; what was published before is kept in \
[reports/archive/](reports/archive). [Each step in pounds](CHANGELOG.md), \
[each decision with its source](docs/assumptions.md#audit-of-2026), \
[what we trust least](docs/assumptions.md#what-we-trust-least)."""


def _reading(reading: Mapping[str, Any]) -> str:
    """What one would have to do with the same results to come to the published ratio."""
    public, fiscal, counted = reading["bcr"], reading["fiscal_bcr"], reading["without plugs"]
    none_or_more = f"{counted['near'] or 'none'} {'come' if counted['near'] > 1 else 'comes'}"
    return (
        f"- What would one have to believe for {ratio_text(public['published'])}? With all steps taken, each at "
        f"its middle setting, the same results come to £{ratio_text(public['explained'])} of public value, but to "
        f"£{ratio_text(fiscal['explained'])} of fiscal value, where the study has "
        f"£{ratio_text(fiscal['published'])}. Of the {counted['combinations']:,} combinations of these steps, each "
        f"at its middle setting, {none_or_more} within a tenth of both published ratios. The page *The study rebuilt* "
        f"in the report of `{LATEST}` shows each step; [a letter](docs/questions-to-the-authors.md) asks its authors."
    )


def choices(data: Mapping[str, Any]) -> str:
    """Return how far each choice moves the ratio of each edition, as the table of docs/assumptions.md."""
    heads = (f"{key}: {ratio_text(data[key]['bcr'])}" for key in data)
    lines = [f"| choice | options | {' | '.join(heads)} | stands in |", f"|---|---|{'---|' * len(data)}---|"]
    for choice, (words, options, place, without) in CHOICES.items():
        cells = (_span(data[key]["by_choice"].get(choice, {}), without) for key in data)
        lines.append(f"| {words} | {options} | {' | '.join(cells)} | {place} |")
    return "\n".join(lines)


def _span(options: Mapping[str, Any], without: str) -> str:
    ratios = [option["bcr"] for option in options.values()]
    return f"{ratio_text(min(ratios))} to {ratio_text(max(ratios))}" if ratios else without


def explained(root: Path) -> str:
    """Return what ``explain`` prints of a contract, as README shows it."""
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
| 2 mapping | `{WORKED_OUTCOME}`, five rungs at 0, 3, 6, 12 and 18 months | one ladder |
| 3 units | {units["sum"]} | {units["units"]:,} person-years |
| 4 unit value | £{line["unit_cost_gbp"]:g} a {line["unit_cost_unit"]} at {line["unit_cost_price_year"]} prices × \
{line["price_factor"]:.5f} × {line["cost_units_per_unit"]:.4f} weeks a year × {line["units_per_outcome"]:g} | \
£{line["unit_value_gbp"]:,.2f} a year |
| 5 gross | {line["units"]:,} × £{line["unit_value_gbp"]:,.2f} | £{line["gross_gbp"]:,.2f} |
| 6 net | × (1 − {line["deadweight"]:g}), the {line["deadweight_layer"]} rate | £{line["net_gbp"]:,.2f} |
| 7 overlaps | the line is in no group in the list of {line["value_set"]} | counts |

With its other lines the contract comes to a public value of £{sums["public_value_gbp"]:,.2f}, for payments of \
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
        "README.md": {
            "printed": printed(data),
            "in short": in_short(data, published_gbp),
            "explained": explained(root),
        },
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
