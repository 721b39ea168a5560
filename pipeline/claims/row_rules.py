"""What each claim must look like, as rules that the engine applies to every row.

Belongs here: the columns of a file of claims, their types, the rules for a row. What gives a person away is said in
``pipeline.claims.identifiers``; rules over counts are those of every contract, in ``pipeline.facts.rules``. No rule
shows what stands in a column that may hold an id: a file whose columns were exchanged must not have its people printed.
"""

import functools
import math
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.claims.identifiers import IDENTIFYING_COLUMNS, NHS_NUMBER, OF_COLUMN, Identifier
from pipeline.claims.ids import (
    FIRST_OF_LONG_WORDS,
    LONGEST_WORD,
    NO_ID,
    NOT_PLAIN,
    PARTS_OF_NUMBERS,
    PROPER_ID,
    OddWords,
    is_written_otherwise,
    odd_word,
    odd_words,
    size_in_bits,
)
from pipeline.claims.marks import CONTRACT_PREFIX, EVIDENCE_PREFIX
from pipeline.facts import plain
from pipeline.facts.plain import FIRST_DAY
from pipeline.facts.problems import Problem

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

Condition = Callable[["ir.Table"], "ir.BooleanValue"]
COLUMNS = ("participant_id", "metric_id", "milestone", "achieved_on", "amount_gbp", "evidence_id")
# In these, many claims have the same: their rules are asked once for each combination, and not for each claim.
SHARED = ("metric_id", "milestone", "achieved_on")
# Rows of one rule that are named; all are counted.
SHOWN_ROWS = 100
# The forms of the other files, for an engine.
ISO_DATE = f"^{plain.ISO_DATE.pattern}$"
PLAIN_NUMBER = f"^{plain.NUMBER.pattern}$"
# So long before a service began nobody was on it; in the contracts that we know, results begin 91 days before at most.
YEARS_BEFORE = 1
# So long after its end the last of its people have held a job for as long as any contract pays (42 months); in the
# contracts that we know, results end 13 months after at most.
YEARS_AFTER = 5
# More digits than pounds and pence have would be lost in sums that are exact.
MONEY = "decimal(18, 2)"
# Of one claim; no programme has as much.
MOST_POUNDS = 1_000_000_000
BLANKS_AROUND = "^ | $"


@dataclass(frozen=True)
class Rule:
    """A rule that a row breaks where ``is_broken`` is true; that of a column of ``SHARED`` looks at none outside."""

    column: str
    what: str
    is_broken: Condition
    expected: str = ""


@dataclass(frozen=True)
class Bounds:
    """What the claims of a contract may say: its metrics with their milestones (missing for none), those counted in
    pounds, and the days between which they may lie, as far as these are known.

    ``published``: for a metric, when its source was; ``today``: nobody has reached anything after that day.
    """

    milestones: Mapping[str, float]
    in_pounds: Collection[str]
    published: Mapping[str, date] = field(default_factory=dict)
    today: date | None = None
    service_start: date | None = None
    service_end: date | None = None
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
        elif list(columns).count(name) > 1:
            yield Problem(shown_path, 1, name, "column given twice")


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
    """Return the claims with ids as text, whatever their file made of them; what is not a number is missing."""
    return raw.select(**{name: _as_read(raw[name], name.endswith("_id")) for name in COLUMNS})


def _as_read(column: "ir.Column", is_id: bool) -> "ir.Column":
    if is_id:
        return column.cast("string")
    return column.isnan().ifelse(None, column) if column.type().is_floating() else column


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


def row_rules(schema: Mapping[str, "dt.DataType"], bounds: Bounds) -> list[Rule]:
    """Return the rules for ``with_text_ids``, of which this is the schema; direct identifiers apart."""
    names = sorted(bounds.milestones)
    rules = [
        *(_missing_rule(column) for column in COLUMNS if column.endswith("_id")),
        Rule(
            "metric_id",
            "not a metric of the contract",
            lambda t: ~_is_missing(t.metric_id) & _looked_up(t.metric_id, dict.fromkeys(names, 0.0)).isnull(),
            f"one of {', '.join(names)}",
        ),
        *_form_rules(schema, "milestone", PLAIN_NUMBER, "a plain number such as 13"),
        *_milestone_rules(bounds),
        _missing_rule("achieved_on"),
        *_day_rules(bounds),
        *_form_rules(schema, "achieved_on", ISO_DATE, "a date such as 2018-10-31"),
        *_form_rules(schema, "amount_gbp", PLAIN_NUMBER, "a plain number such as 1234.50"),
        Rule("amount_gbp", "too small", lambda t: _converted(t.amount_gbp, "float64") < 0, "at least 0"),
        Rule(
            "amount_gbp",
            "too large",
            lambda t: _converted(t.amount_gbp, "float64") > MOST_POUNDS,
            f"at most {MOST_POUNDS:,}",
        ),
    ]
    if schema["achieved_on"].is_string():
        what = "a day that no calendar has"
        rules.append(Rule("achieved_on", what, lambda t: t.achieved_on.re_search(ISO_DATE) & _day(t).isnull()))
    elif schema["achieved_on"].is_timestamp() and schema["achieved_on"].timezone:
        # Midnight in London is the day before in UTC for half of the year.
        what, expected = "a time in a time zone", "a day: a column of dates, or text such as 2018-10-31"
        rules.append(Rule("achieved_on", what, lambda t: t.achieved_on != t.achieved_on.truncate("D"), expected))
    rules.append(_mark_rule(bounds.is_synthetic))
    if bounds.in_pounds:
        in_pounds = sorted(bounds.in_pounds)
        rules += [
            Rule(
                "amount_gbp",
                "missing: the metric is counted in pounds",
                lambda t: t.metric_id.isin(in_pounds) & _is_missing(t.amount_gbp),
            ),
            Rule(
                "amount_gbp",
                "no pounds: the metric is counted in them",
                lambda t: t.metric_id.isin(in_pounds) & (_converted(t.amount_gbp, MONEY) == 0),
                "0.01 or more",
            ),
        ]
    return rules


def _day_rules(bounds: Bounds) -> Iterator[Rule]:
    """The rules for the day of a claim, of which it breaks one before and one after at most."""
    yield Rule("achieved_on", "in another century", lambda t: _day(t) < FIRST_DAY, f"{FIRST_DAY} or later")
    first = _years_later(bounds.service_start, -YEARS_BEFORE)
    if first and first > FIRST_DAY:
        what = "more than a year before the service began"
        yield Rule("achieved_on", what, lambda t: (_day(t) >= FIRST_DAY) & (_day(t) < first), f"{first} or later")
    metrics: dict[tuple[date, str], list[str]] = {}
    for metric_id in sorted(bounds.milestones):
        latest = (
            (bounds.published.get(metric_id), "after its source was published"),
            (bounds.today, "after today"),
            (_years_later(bounds.service_end, YEARS_AFTER), "more than five years after the service ended"),
        )
        known = [(day, what) for day, what in latest if day]
        if known:
            metrics.setdefault(min(known, key=lambda one: one[0]), []).append(metric_id)
    yield from (_latest_rule(day, what, metric_ids) for (day, what), metric_ids in metrics.items())


def _latest_rule(day: date, what: str, metric_ids: Collection[str]) -> Rule:
    """The rule that no claim of some metrics lies after a day."""
    return Rule("achieved_on", what, lambda t: t.metric_id.isin(metric_ids) & (_day(t) > day), f"{day} at the latest")


def _years_later(day: date | None, years: int) -> date | None:
    return (pd.Timestamp(day) + pd.DateOffset(years=years)).date() if day else None


def _day(claims: "ir.Table") -> "ir.DateValue":
    import ibis

    day, when = _converted(claims.achieved_on, "date"), claims.achieved_on
    # DuckDB takes "infinity" for a day, and both engines take days that are written otherwise.
    return ibis.ifelse(when.re_search(ISO_DATE), day, ibis.null("date")) if when.type().is_string() else day


def _mark_rule(is_synthetic: bool) -> Rule:
    """Claims of people who do not exist stay among themselves."""

    def is_marked(claims: "ir.Table") -> "ir.BooleanValue":
        return claims.evidence_id.startswith(EVIDENCE_PREFIX)

    if is_synthetic:
        what = "a real claim in a synthetic contract"
        return Rule("evidence_id", what, lambda t: ~is_marked(t), f"{EVIDENCE_PREFIX}…")
    return Rule("evidence_id", "a synthetic claim in a real contract", is_marked, f"a contract {CONTRACT_PREFIX}…")


def _form_rules(schema: Mapping[str, "dt.DataType"], column: str, form: str, expected: str) -> list[Rule]:
    """The rule for the form of a column, if it is text."""
    if not schema[column].is_string():
        return []
    what = {"achieved_on": "not a date"}.get(column, "not a number")
    return [Rule(column, what, lambda t: (t[column] != "") & ~t[column].re_search(form), expected)]


def _missing_rule(column: str) -> Rule:
    return Rule(column, "missing", lambda t: _is_missing(t[column]))


def _is_missing(column: "ir.Column") -> "ir.BooleanValue":
    return column.isnull() | (column == "") if column.type().is_string() else column.isnull()


def _milestone_rules(bounds: Bounds) -> Iterator[Rule]:
    """The rules that a claim names the milestone to which its metric is mapped, if any; none named is none wrong."""
    mapped = {name: place for name, place in bounds.milestones.items() if not math.isnan(place)}
    others = sorted(bounds.milestones.keys() - mapped)

    def named(claims: "ir.Table") -> "ir.FloatingValue":
        return _converted(claims.milestone, "float64")

    if mapped:
        what = "not the milestone of its metric"
        yield Rule("milestone", what, lambda t: named(t) != _looked_up(t.metric_id, mapped))
    if others:
        # Claims of several milestones under one metric would be counted once for each person.
        what, expected = "its metric has no milestone", "none, or a metric for each milestone"
        yield Rule("milestone", what, lambda t: t.metric_id.isin(others) & named(t).notnull(), expected)


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
    suspects = suspect_rules()
    counts = backend.to_pyarrow(counted(claims, [*rules, *suspects])).to_pylist()[0]
    if not counts["rows"]:
        return [Problem(shown_path, 1, "row", "no rows", expected="at least one claim")]
    broken = [rule for n, rule in enumerate(rules) if counts[f"rule_{n}"]]
    for n, suspect in enumerate(suspects, len(rules)):
        if counts[f"rule_{n}"]:
            broken.extend(_broken_id_rules(backend, claims, suspect.column, counts["rows"]))
    return [problem for rule in broken for problem in _broken_rows(backend, claims, rule, shown_path, first_row)]


def counted(claims: "ir.Table", rules: Sequence[Rule]) -> "ir.Table":
    """Return one row: how many claims there are in ``with_text_ids``, and break each rule (``rule_0`` and on)."""
    named = {f"rule_{n}": rule for n, rule in enumerate(rules)}
    of_each = {name: _rows_where(rule.is_broken(claims)) for name, rule in named.items() if rule.column not in SHARED}
    alike = claims.group_by(*SHARED).agg(rows=claims.count(), **of_each)
    of_alike = {
        name: _rows_where(rule.is_broken(alike), alike.rows) for name, rule in named.items() if rule.column in SHARED
    }
    return alike.aggregate(**{name: alike[name].sum() for name in ("rows", *of_each)}, **of_alike)


def _rows_where(condition: "ir.BooleanValue", rows: "ir.IntegerValue | int" = 1) -> "ir.IntegerScalar":
    return condition.ifelse(rows, 0).sum().fill_null(0)


def suspect_rules() -> list[Rule]:
    """Return a rule for each column of ids: what breaks none of these breaks no rule of ``_broken_id_rules``."""
    what = "may be a direct identifier, or no id"
    return [Rule(name, what, functools.partial(_is_suspect, column=name)) for name in OF_COLUMN]


def _is_suspect(claims: "ir.Table", column: str) -> "ir.BooleanValue":
    """Whether an id may break a rule of ``_broken_id_rules``; most are passed over without a regular expression."""
    import ibis

    text = claims[column]
    bits = size_in_bits(text)
    # Engines work out both sides of an "and", but of a choice only the one that is asked for. To compare with what a
    # text may begin with takes half the time of looking for a point in it: a sign or a digit comes before ":".
    has_part = ibis.or_(*(text.contains(part) for part in PARTS_OF_NUMBERS))
    is_number = ibis.ifelse(text < ":", (text < "0") | has_part, False)
    is_line = ((text >= "_") & (text < "`")) | (text >= "~")
    begins = [(text >= letter) & (text < chr(ord(letter) + 1)) for letter in FIRST_OF_LONG_WORDS]
    is_long_word = ibis.ifelse(bits <= LONGEST_WORD * 8, ibis.or_(*begins), False)
    is_looked_at = is_written_otherwise(text) | (bits <= 10 * 8) | (bits == 12 * 8) | is_number | is_line | is_long_word
    return ibis.ifelse(is_looked_at, text.re_search(suspect_form(column)), False)


def suspect_form(column: str) -> str:
    """Return the regular expression of all forms that an id of a column may not have."""
    forms = (*(each.form for each in (*OF_COLUMN[column], NHS_NUMBER)), BLANKS_AROUND, NO_ID, NOT_PLAIN)
    return "|".join(f"({form})" for form in forms)


def _broken_id_rules(backend: "BaseBackend", claims: "ir.Table", column: str, rows: int) -> list[Rule]:
    """The rules for the ids of a column that are broken: by one row, or where chance may be, by most."""
    kinds = [
        # With a blank at its end an id would be another one.
        (0.0, _form_rule(column, "blanks around it", BLANKS_AROUND, "the id alone")),
        (0.0, _form_rule(column, "stands for no id", NO_ID, PROPER_ID[column])),
        *((kind.least_share, _identifier_rule(column, kind)) for kind in (*OF_COLUMN[column], NHS_NUMBER)),
        *((0.0, _word_rule(column, words)) for words in odd_words(backend, claims, column)),
    ]
    counted = claims.aggregate(
        **{f"kind_{n}": _rows_where(rule.is_broken(claims)) for n, (_, rule) in enumerate(kinds)}
    )
    counts = backend.to_pyarrow(counted).to_pylist()[0]
    broken = [rule for n, (least_share, rule) in enumerate(kinds) if counts[f"kind_{n}"] > least_share * rows]
    # Of one kind there are several forms.
    return list({rule.what: rule for rule in reversed(broken)}.values())[::-1]


def _form_rule(column: str, what: str, form: str, expected: str) -> Rule:
    return Rule(column, what, lambda claims: claims[column].re_search(form), expected)


def _word_rule(column: str, odd: OddWords) -> Rule:
    """The rule that the ids of a column have no such characters."""
    return Rule(column, odd.what, lambda claims: odd_word(claims[column]).isin(odd.words), odd.expected)


def _identifier_rule(column: str, kind: Identifier) -> Rule:
    """The rule that an id of a column has not the form of a direct identifier."""

    def has_its_form(claims: "ir.Table") -> "ir.BooleanValue":
        matches = claims[column].re_search(kind.form)
        return matches & _has_check_digit(claims[column]) if kind is NHS_NUMBER else matches

    what = f"looks like {kind.words}: a direct identifier"
    return Rule(column, what, has_its_form, "a pseudonym that only the commissioner can resolve")


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

    numbered = claims.select(row=ibis.row_number(), is_broken=rule.is_broken(claims))
    rows = numbered.filter(numbered.is_broken).order_by("row").limit(SHOWN_ROWS).row
    count = int(backend.to_pyarrow(numbered.is_broken.sum()).as_py())
    for row in backend.to_pyarrow(rows).to_pylist():
        yield Problem(shown_path, int(row) + first_row, rule.column, rule.what, expected=rule.expected)
    if count > SHOWN_ROWS:
        what = f"{rule.what}: {count:,} rows in all, of which the first {SHOWN_ROWS} are listed"
        yield Problem(shown_path, 0, rule.column, what)
