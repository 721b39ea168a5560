"""What each claim must look like, as rules that the engine applies to every row.

Belongs here: the columns of a file of claims, their types, the rules for a row, what gives a person away. Rules over
counts are those of every contract, in ``pipeline.facts.rules``. No rule shows what stands in a column that may hold an
id: a file whose columns were exchanged must not have its people printed.
"""

import functools
import math
import operator
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipeline.claims.marks import CONTRACT_PREFIX, EVIDENCE_PREFIX
from pipeline.facts.problems import Problem

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

COLUMNS = ("participant_id", "metric_id", "milestone", "achieved_on", "amount_gbp", "evidence_id")
# Rows of one rule that are named; all are counted.
SHOWN_ROWS = 100
ISO_DATE = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"
FIRST_DAY = date(2000, 1, 1)
PLAIN_NUMBER = r"^-?[0-9]{1,15}([.][0-9]{1,15})?$"
# More digits than pounds and pence have would be lost in sums that are exact.
MONEY = "decimal(18, 2)"

# Names of columns that hold direct identifiers, with all but letters taken out.
IDENTIFYING_COLUMNS = re.compile(
    r"^(full|first|last|middle|family|given|sur|fore)?name|surname|^(dob|birth|dateofbirth)|postcode|postalcode|address"
    r"|^(nhs|nino|ni(number|no)$|nationalinsurance)|email|phone|mobile|passport"
)


@dataclass(frozen=True)
class Identifier:
    """A direct identifier, known by its form; ``least_share``: of the rows, from which chance cannot explain it."""

    words: str
    form: str
    least_share: float = 0.0


# Random ids of letters and digits look like a postcode without its space now and then, and ids of ten digits pass the
# check digit of NHS numbers once in eleven times: these are refused only where most rows do.
IDENTIFIERS = (
    Identifier("an e-mail address", r"[^@ ]@[^@ ]+[.][A-Za-z]"),
    Identifier("a National Insurance number", r"^[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d]$"),
    Identifier("a postcode", r"(^|[ ,])[A-Za-z]{1,2}[0-9][A-Za-z0-9]? [0-9][A-Za-z]{2}$"),
    Identifier("a postcode", r"^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[0-9][A-Za-z]{2}$", 0.5),
    Identifier(
        "a date of birth",
        r"^([0-3]?[0-9][/.-][01]?[0-9][/.-](19|20)[0-9]{2}|(19|20)[0-9]{2}[/.-]?[01][0-9][/.-]?[0-3][0-9])$",
    ),
    Identifier("a name", r"^[A-Z][a-z'’-]+,? +([A-Z][.]? +)?[A-Z][A-Za-z'’-]*[a-z]$"),
)
NHS_NUMBER = Identifier("an NHS number", r"^([0-9]{10}|[0-9]{3} [0-9]{3} [0-9]{4}|[0-9]{3}-[0-9]{3}-[0-9]{4})$", 0.5)
# In each of them stands a mark, or else it has ten characters at most, or twelve (943-476-5919): what has neither need
# not be looked at closely.
MARKS = "@ "
# A date tells nothing about a person where it is that of a document.
OF_COLUMN: Mapping[str, tuple[Identifier, ...]] = {
    "participant_id": IDENTIFIERS,
    "evidence_id": tuple(each for each in IDENTIFIERS if each.words != "a date of birth"),
}


@dataclass(frozen=True)
class Rule:
    """A rule that a row breaks where ``is_broken`` is true."""

    column: str
    what: str
    is_broken: "ir.BooleanValue"
    expected: str = ""


@dataclass(frozen=True)
class Bounds:
    """What the claims of a contract may say: its metrics with their milestones (missing for none), those counted in
    pounds, and the day on which their source was published, if known.
    """

    milestones: Mapping[str, float]
    in_pounds: Collection[str]
    last_day: date | None
    is_synthetic: bool = False


def column_problems(columns: Collection[str], shown_path: str) -> Iterator[Problem]:
    """Yield what is wrong with the columns of a file of claims; direct identifiers by name."""
    for name in columns:
        if name not in COLUMNS and IDENTIFYING_COLUMNS.search(re.sub("[^a-z]", "", name.lower())):
            expected = "claims without it: take the column out of the file"
            yield Problem(shown_path, 1, name, "a direct identifier", expected=expected)
        elif name not in COLUMNS:
            yield Problem(shown_path, 1, "(a column)", "unknown column", expected=f"only {', '.join(COLUMNS)}")
    for name in COLUMNS:
        if name not in columns:
            yield Problem(shown_path, 1, name, "column missing")


def type_problems(schema: Mapping[str, "dt.DataType"], shown_path: str) -> Iterator[Problem]:
    """Yield the columns whose type cannot hold what they should; the columns are those of ``COLUMNS``."""
    for name in COLUMNS:
        kind = schema[name]
        fits = kind.is_string() or kind.is_null()
        if name == "achieved_on":
            fits, expected = fits or kind.is_date() or kind.is_timestamp(), "days"
        elif name in ("milestone", "amount_gbp"):
            fits, expected = fits or kind.is_numeric(), "numbers"
        else:
            fits, expected = fits or kind.is_integer(), "text"
        if not fits:
            yield Problem(shown_path, 0, name, "a column of another type", str(kind), expected)


def with_text_ids(raw: "ir.Table") -> "ir.Table":
    """Return the claims with ids as text, whatever their file made of them; all else as it is."""
    return raw.select(**{name: raw[name].cast("string") if name.endswith("_id") else raw[name] for name in COLUMNS})


def typed(claims: "ir.Table") -> "ir.Table":
    """Return ``with_text_ids``, each column of its type; what is not of its type is missing."""
    return claims.select(
        "participant_id",
        "metric_id",
        "evidence_id",
        milestone=_converted(claims.milestone, "float64"),
        achieved_on=_converted(claims.achieved_on, "date"),
        amount_gbp=_converted(claims.amount_gbp, MONEY),
    )


def _converted(column: "ir.Column", kind: str) -> "ir.Column":
    return column.try_cast(kind) if column.type().is_string() else column.cast(kind)


def row_rules(claims: "ir.Table", bounds: Bounds) -> list[Rule]:
    """Return the rules for ``with_text_ids``, direct identifiers apart."""
    day = _converted(claims.achieved_on, "date")
    amount = _converted(claims.amount_gbp, MONEY)
    names = sorted(bounds.milestones)
    rules = [
        *_id_rules(claims),
        Rule(
            "metric_id",
            "not a metric of the contract",
            ~_is_missing(claims.metric_id) & _looked_up(claims.metric_id, dict.fromkeys(names, 0.0)).isnull(),
            f"one of {', '.join(names)}",
        ),
        *_form_rules(claims, "milestone", PLAIN_NUMBER, "a plain number such as 13"),
        *_milestone_rules(claims, bounds),
        Rule("achieved_on", "missing", _is_missing(claims.achieved_on)),
        Rule("achieved_on", "in another century", day < FIRST_DAY, f"{FIRST_DAY} or later"),
        *_form_rules(claims, "achieved_on", ISO_DATE, "a date such as 2018-10-31"),
        *_form_rules(claims, "amount_gbp", PLAIN_NUMBER, "a plain number such as 1234.50"),
        Rule("amount_gbp", "too small", amount < 0, "at least 0"),
    ]
    if claims.achieved_on.type().is_string():
        unreal = claims.achieved_on.re_search(ISO_DATE) & day.isnull()
        rules.append(Rule("achieved_on", "a day that no calendar has", unreal))
    if bounds.last_day:
        expected = f"{bounds.last_day} at the latest"
        rules.append(Rule("achieved_on", "after its source was published", day > bounds.last_day, expected))
    rules.append(_mark_rule(claims.evidence_id, bounds.is_synthetic))
    if bounds.in_pounds:
        unpriced = claims.metric_id.isin(sorted(bounds.in_pounds)) & _is_missing(claims.amount_gbp)
        rules.append(Rule("amount_gbp", "missing: the metric is counted in pounds", unpriced))
    return rules


def _mark_rule(evidence: "ir.StringValue", is_synthetic: bool) -> Rule:
    """Claims of people who do not exist stay among themselves."""
    marked = evidence.startswith(EVIDENCE_PREFIX)
    if is_synthetic:
        return Rule("evidence_id", "a real claim in a synthetic contract", ~marked, f"{EVIDENCE_PREFIX}…")
    return Rule("evidence_id", "a synthetic claim in a real contract", marked, f"a contract {CONTRACT_PREFIX}…")


def _form_rules(claims: "ir.Table", column: str, form: str, expected: str) -> list[Rule]:
    """The rule for the form of a column, if it is text."""
    if not claims[column].type().is_string():
        return []
    what = {"achieved_on": "not a date"}.get(column, "not a number")
    return [Rule(column, what, (claims[column] != "") & ~claims[column].re_search(form), expected)]


def _id_rules(claims: "ir.Table") -> Iterator[Rule]:
    for column in COLUMNS:
        if column.endswith("_id"):
            yield Rule(column, "missing", _is_missing(claims[column]))


def _is_missing(column: "ir.Column") -> "ir.BooleanValue":
    return column.isnull() | (column == "") if column.type().is_string() else column.isnull()


def _milestone_rules(claims: "ir.Table", bounds: Bounds) -> Iterator[Rule]:
    """The rule that a claim names the milestone to which its metric is mapped, if any is; none named is none wrong."""
    mapped = {name: place for name, place in bounds.milestones.items() if not math.isnan(place)}
    if mapped:
        is_other = _converted(claims.milestone, "float64") != _looked_up(claims.metric_id, mapped)
        yield Rule("milestone", "not the milestone of its metric", is_other)


def _looked_up(keys: "ir.StringValue", values: Mapping[str, float]) -> "ir.FloatingValue":
    """The value of each key, missing where there is none: faster than to compare with each key in turn."""
    import ibis

    return ibis.map(ibis.array(list(values)), ibis.array(list(values.values())))[keys]


def problems_of_rows(
    backend: "BaseBackend", claims: "ir.Table", rules: Sequence[Rule], shown_path: str, first_row: int
) -> list[Problem]:
    """Return what is wrong with ``with_text_ids``, by rule; no row is shown beyond the first hundred of a rule.

    All rules are counted in one pass over all rows; rows are looked for only where a count is not 0. ``first_row``:
    the number of the first claim in its file.
    """
    looked_for = {f"rule_{n}": _rows_where(rule.is_broken) for n, rule in enumerate(rules)}
    suspects = {column: _rows_where(_is_suspect(claims[column], column)) for column in OF_COLUMN}
    counts = backend.to_pyarrow(claims.aggregate(rows=claims.count(), **looked_for, **suspects)).to_pylist()[0]
    if not counts["rows"]:
        return [Problem(shown_path, 1, "row", "no rows", expected="at least one claim")]
    broken = [rule for n, rule in enumerate(rules) if counts[f"rule_{n}"]]
    for column in OF_COLUMN:
        if counts[column]:
            broken.extend(_broken_id_rules(backend, claims, column, counts["rows"]))
    return [problem for rule in broken for problem in _broken_rows(backend, claims, rule, shown_path, first_row)]


def _rows_where(condition: "ir.BooleanValue") -> "ir.IntegerScalar":
    return condition.sum().fill_null(0)


def _is_suspect(text: "ir.StringValue", column: str) -> "ir.BooleanValue":
    """Whether an id may break a rule of ``_broken_id_rules``; most are passed over without a regular expression."""
    import ibis

    form = "|".join(f"({each.form})" for each in (*OF_COLUMN[column], NHS_NUMBER))
    is_marked = functools.reduce(operator.or_, (text.contains(mark) for mark in MARKS))
    length = text.length()
    # Engines work out both sides of an "and", but of a choice only the one that is asked for.
    return is_marked | ibis.ifelse((length <= 10) | (length == 12), text.re_search(form), False)


def _broken_id_rules(backend: "BaseBackend", claims: "ir.Table", column: str, rows: int) -> list[Rule]:
    """The rules for the ids of a column that are broken: by one row, or where chance may be, by most.

    With a blank at its end an id would be another one.
    """
    text = claims[column]
    blanks = Rule(column, "blanks around it", text.startswith(" ") | text.endswith(" "), "the id alone")
    kinds = [(0.0, blanks)]
    for kind in (*OF_COLUMN[column], NHS_NUMBER):
        what = f"looks like {kind.words}: a direct identifier"
        matches = text.re_search(kind.form) & (_has_check_digit(text) if kind is NHS_NUMBER else True)
        kinds.append(
            (kind.least_share, Rule(column, what, matches, "a pseudonym that only the commissioner can resolve"))
        )
    counted = claims.aggregate(**{f"kind_{n}": _rows_where(rule.is_broken) for n, (_, rule) in enumerate(kinds)})
    counts = backend.to_pyarrow(counted).to_pylist()[0]
    broken = [rule for n, (least_share, rule) in enumerate(kinds) if counts[f"kind_{n}"] > least_share * rows]
    # Of one kind there are several forms.
    return list({rule.what: rule for rule in reversed(broken)}.values())[::-1]


def _has_check_digit(text: "ir.StringValue") -> "ir.BooleanValue":
    """Whether ten digits end in the check digit of an NHS number (NHS Data Dictionary, modulus 11)."""
    digits = text.re_replace("[^0-9]", "")
    weighted = [digits.substr(n, 1).try_cast("int64") * (10 - n) for n in range(9)]
    check = (11 - functools.reduce(operator.add, weighted) % 11) % 11
    return check == digits.substr(9, 1).try_cast("int64")


def _broken_rows(
    backend: "BaseBackend", claims: "ir.Table", rule: Rule, shown_path: str, first_row: int
) -> Iterator[Problem]:
    import ibis

    numbered = claims.select(row=ibis.row_number(), is_broken=rule.is_broken)
    rows = numbered.filter(numbered.is_broken).order_by("row").limit(SHOWN_ROWS).row
    count = int(backend.to_pyarrow(numbered.is_broken.sum()).as_py())
    for row in backend.to_pyarrow(rows).to_pylist():
        yield Problem(shown_path, int(row) + first_row, rule.column, rule.what, expected=rule.expected)
    if count > SHOWN_ROWS:
        what = f"{rule.what}: {count:,} rows in all, of which the first {SHOWN_ROWS} are listed"
        yield Problem(shown_path, 0, rule.column, what)
