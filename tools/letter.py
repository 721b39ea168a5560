"""The letter to the authors of the published studies, with the questions that would leave fewest readings of them.

Belongs here: the words around the questions. Which questions these are is worked out in
``pipeline.method.analysis.reconstruction.questions``; ``make report`` writes the letter from what is published.
"""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition, read_editions
from pipeline.method.analysis.reconstruction.steps import reached
from pipeline.report.reading_words import (
    ANOTHER_FIGURE,
    AT_THE_ENDS,
    said_of_plugs,
    said_of_the_average,
    said_of_the_settled,
)
from pipeline.report.rows import as_rows, grouped
from pipeline.report.wording import ratio_text
from pipeline.tables.vocabulary import RATIOS

LETTER = Path("docs/questions-to-the-authors.md")
NEEDED = ("reconstruction", "readings", "questions", "reconciliation")
Tables = Mapping[str, pd.DataFrame]
# How many of the steps that an answer settles are named.
NAMED = 3


def letter(studies: Mapping[str, Tables]) -> str:
    """Return the letter; ``studies``: by published study, the latest last, ``NEEDED`` of the edition that reads it."""
    parts = [_of_study(study, tables) for study, tables in reversed(list(studies.items()))]
    return "\n".join([_OPENING, *parts, _CLOSING])


_OPENING = """\
# Questions to the authors of the published studies

<!-- Made by make report from the tables of the editions that read the studies: change tools/letter.py instead. -->

To ATQ Consultants, and to Better Society Capital

Dear authors,

We have read your valuation of the social outcomes contracts of the United Kingdom with great interest, and have tried
to follow it with public data alone. Public data let us value about half of the contracts. We do not reach your ratios
from them. Your workbook may well contain good reasons for the difference, and we would like to report them in your
words.

To keep this short for you, we looked for the questions that would tell us most. We valued the public results under
every combination of some steps, each at its middle setting, and kept the combinations that came near your figures. The
questions below are those that would best tell these apart. The list of steps is ours, and may be wrong. Our own
estimates use none of this.
"""

_CLOSING = """\
We ask only for a yes or no to each question, or a figure. If you would rather show us the sheet in which one contract
is valued, any contract, that would answer most questions at once.

We will publish what you tell us only with your consent, and with your name beside it if you wish.

With kind regards

The maintainers of publicvalue
"""


def _of_study(study: str, tables: Tables) -> str:
    """What is asked about one study."""
    found = reached(tables["reconstruction"]).query("scope == 'market'").set_index("measure")
    said = {
        name: [f"£{ratio_text(found.loc[measure, name])}" for measure in RATIOS]
        for name in ("published", "begin", "explained")
    }
    counts = tables["readings"].query("step_id == ''").set_index(["plugs", "measure"])["number"]
    without, all_without = (counts["without plugs", name] for name in ("near", "combinations"))
    near, all_ = (counts["with plugs", name] for name in ("near", "combinations"))
    lines = [
        f"## The study of {study}",
        "",
        _wrapped(
            f"You give {' of public value and '.join(said['published'])} of fiscal value for every £1 paid. We find "
            f"{' and '.join(said['begin'])}. With all steps taken, each at its middle setting, we find "
            f"{' and '.join(said['explained'])}. Of {all_without:,} combinations of these steps, each at its middle "
            f"setting, {without or 'none'} {'comes' if without <= 1 else 'come'} within a tenth of both your ratios. "
            f"{AT_THE_ENDS} With published figures put in as well, {near:,} of {all_:,} come near. We put in:"
        ),
        "",
        *(_point(clause) for clause in said_of_plugs(tables["reconstruction"], tables["reconciliation"], study)),
        "",
    ]
    answers = list(grouped(as_rows(tables["questions"]), "question_order").values())
    if not answers:
        return "\n".join([*lines, "None of our questions would tell them apart.", ""])
    names = dict(zip(tables["reconstruction"]["step_id"], tables["reconstruction"]["name"], strict=True))
    lines += [_wrapped(f"We would ask, in this order, about the {answers[0][0]['asked_about']}:"), ""]
    for number, rows in enumerate(answers, start=1):
        lines.append(f"{number}. {rows[0]['question']}")
        lines += [_wrapped(f"- {_answer(row, names)}", "   ") for row in rows]
        if rows[0]["subject_kind"] == "policy_area":
            lines.append(f"   - {ANOTHER_FIGURE}.")
    lines += ["", said_of_the_average(len(answers), answers[-1][0]), ""]
    return "\n".join(lines)


def _answer(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What an answer would leave, and what the readings that are left would have."""
    made, not_made = (_named(row[column], names) for column in ("then_made", "then_not_made"))
    left = f"{row['answer']}: would leave {row['readings_left']} of our {row['readings']} readings."
    return f"{left} {said_of_the_settled(made, not_made)}".rstrip()


def _named(steps: str, names: Mapping[str, str]) -> list[str]:
    """Steps by name, the first few of many: the table ``questions`` has all of them."""
    named = [names[step] for step in steps.split("; ") if step]
    others = [f"{len(named) - NAMED} more"] if len(named) > NAMED else []
    return [*named[:NAMED], *others]


def _wrapped(text: str, indent: str = "") -> str:
    return fill(text, 120, initial_indent=indent, subsequent_indent=f"{indent}  " if indent else "")


def _point(text: str) -> str:
    return fill(f"- {text}", 120, subsequent_indent="  ")


def studies_of(editions: Mapping[str, Edition]) -> dict[str, str]:
    """Return the editions that read a study, by study, the latest last; none that another has superseded."""
    found = {e.published_edition: key for key, e in editions.items() if e.published_edition and not e.superseded_by}
    return dict(sorted(found.items()))


def main() -> None:
    """Write the letter from what is published."""
    editions, _ = read_editions(Path("reference/editions"), "reference/editions")
    folders = {study: Path("reports") / key / "tables" for study, key in studies_of(editions).items()}
    tables = {
        study: {name: pd.read_parquet(folder / f"{name}.parquet") for name in NEEDED}
        for study, folder in folders.items()
    }
    LETTER.write_text(letter(tables), encoding="utf-8")


if __name__ == "__main__":
    main()
