"""How figures are written, and the templates that use them.

Belongs here: numbers as people read them and the one template environment; what is said stands in the templates.
"""

import math
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from pipeline.report.glossary import TERMS

# An ampersand that Markdown would take as the beginning of a character reference; any other stays as it is.
REFERENCE = re.compile(r"&(?=#?\w+;)", re.ASCII)

# As days are written in English, whatever the machine speaks.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# What the ratios of public and of fiscal value are called.
RATIO_WORDS = {"bcr": "public value", "fiscal_bcr": "fiscal value"}


def template(name: str) -> Template:
    """Return a template with the filters of this module, by its path below ``pipeline/report``.

    Templates named ``*.html.j2`` escape what they print; Markdown and plain text do not.
    """
    return _environment().get_template(name)


def compile_templates() -> None:
    """Make all templates ready, for a process that has nothing else to do yet."""
    environment = _environment()
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)


class _OfRows(Environment):
    """Looks for ``row.column`` in the row first: nearly all that templates ask for is there."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return what stands under a name in a row, of anything else what Jinja returns."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def _environment() -> Environment:
    """One for all templates, which keeps what several of them share."""
    environment = _OfRows(
        loader=PackageLoader("pipeline.report", "."),
        # A process keeps the templates with which it began, and looks at no file again for every page.
        auto_reload=False,
        # To look for what could be worked out beforehand takes longer than it saves in the few pages of a run.
        optimized=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    )
    environment.globals["TERMS"] = TERMS
    environment.filters.update(
        million=million,
        pounds=pounds,
        factor=factor,
        figure=figure,
        ratio=ratio_text,
        per_pound=per_pound,
        change=change,
        moved=moved,
        span=span,
        words=words,
        named=named,
        capital=capital,
        percent=percent,
        chance=chance,
        plain=plain_number,
        counted=counted,
        text=markdown_text,
        cell=table_cell,
        money=money,
        about=about,
        share=share,
        web=web_address,
        day=day,
        month=month,
        period=period,
        thousand=thousand,
        whole=whole_pounds,
        quantity=quantity,
        after_unit=after_unit,
        measured=measured,
        sortable=sortable,
    )
    return environment


def million(value: float | None) -> str:
    """Return pounds in millions, such as £121.6m."""
    if value is None or math.isnan(value):
        return "–"
    return _signed(value / 1e6, ",.1f", "£", "m")


def _signed(value: float, form: str, before: str = "", after: str = "") -> str:
    """A number in its unit, its minus sign first of all; what is rounded to nothing has none."""
    digits = format(abs(value), form)
    sign = "−" if value < 0 and digits.strip("0.,%") else ""
    return f"{sign}{before}{digits}{after}"


def ratio_text(value: float | None) -> str:
    """Return a ratio with two places."""
    return "–" if value is None or math.isnan(value) else _signed(value, ".2f")


def per_pound(value: float | None) -> str:
    """Return what £1 of payments brings, such as £1.07 or −£0.03."""
    return "–" if value is None or math.isnan(value) else _signed(value, ".2f", "£")


def change(value: float | None) -> str:
    """Return by how much a ratio changes, with its sign."""
    text = ratio_text(value)
    return f"+{text}" if value is not None and value > 0 and text != "0.00" else text


def moved(value: float | None) -> str:
    """Return by how much pounds have moved, with their sign."""
    text = money(value)
    return f"+{text}" if value is not None and value > 0 and text != "£0" else text


def figure(value: float | None, unit: str) -> str:
    """Return a figure in its unit: millions of pounds, ratios with two places, shares in per cent, else plainly."""
    if unit == "GBP":
        return million(value)
    if unit == "GBP per child":
        return whole_pounds(value)
    if unit in ("share", "proportion"):
        return percent(value)
    if unit == "GBP per GBP of capital":
        return "–" if value is None or math.isnan(value) else _signed(value, ".1f", "£").removesuffix(".0")
    return ratio_text(value) if unit == "ratio" else plain_number(value)


def span(row: Mapping[str, Any], pound: str = "") -> str:
    """Return the range of a ratio, such as ``1.10 to 1.60``; nothing where too little of its value is drawn.

    ``row``: one of table ``uncertainty``; ``pound``: what stands before each end, after its sign.
    """
    ends = (_signed(row[end], ".2f", pound) for end in ("p10", "p90"))
    return " to ".join(ends) if row["has_range"] else ""


def words(name: str) -> str:
    """Return a name of a table or of one of its columns or values in words."""
    return name.replace("_", " ")


def named(id_: str, names: Mapping[str, str]) -> str:
    """Return what goes by an id: its name, of one without a name the id in words."""
    return names[id_] if id_ in names else words(id_)


def capital(text: str, is_first: bool = True) -> str:
    """Return a sentence with a capital letter where it is the first of several, as it is elsewhere."""
    return text[:1].upper() + text[1:] if is_first else text


def percent(value: float | None) -> str:
    """Return a share in per cent."""
    return "–" if value is None or math.isnan(value) else _signed(value, ".0%")


def chance(value: float | None) -> str:
    """Return a chance in per cent; one of 0 or 100 % would be more than a simulation can say."""
    if value is None or math.isnan(value):
        return "–"
    return "under 1%" if value < 0.01 else "over 99%" if value > 0.99 else percent(value)


def plain_number(value: float | None) -> str:
    """Return a number as it is read: thousands separated, no needless places."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:,.2f}".rstrip("0").rstrip(".").replace("-", "−")


def measured(row: Mapping[str, Any], convention: str) -> str:
    """Return what the counts prove of the units of an outcome, and what they allow; nothing where both are the same.

    ``row``: ``units, units_low, units_high`` of table ``outcome_units`` or of a line of value. Where the time
    convention counts other units than these allow, they are no ends of a range, and are not shown as such.
    """
    low, units, high = row["units_low"], row["units"], row["units_high"]
    if high <= low:
        return ""
    if low <= units <= high:
        return f" (measured {plain_number(low)}, at most {plain_number(high)})"
    return f" (as {convention} time; the counts prove {plain_number(low)} and allow {plain_number(high)})"


def whole_pounds(value: float | None) -> str:
    """Return pounds without pence."""
    return "–" if value is None or math.isnan(value) else pounds(round(value))


def thousand(value: float | None) -> str:
    """Return pounds in thousands, for a column that says so."""
    return "–" if value is None or math.isnan(value) else _signed(value / 1e3, ",.0f")


def quantity(value: float | None, unit: str) -> str:
    """Return a number with its unit, such as 326.5 years, 1 incident or 12 people; one that is missing is withheld."""
    if value is None or math.isnan(value):
        return "withheld"
    return f"{plain_number(value)} {unit if value == 1 else _several(unit)}"


def _several(unit: str) -> str:
    return "people" if unit == "person" else f"{unit}s"


def after_unit(label: str, unit: str) -> str:
    """Return what was counted as it is read after its quantity: of days out of care ``out of care``."""
    return label.removeprefix(f"{_several(unit)} ")


def sortable(value: float | None) -> str:
    """Return a number by which a row is put in order, nothing where it is not known."""
    return "" if value is None or math.isnan(value) else str(value)


def day(value: date | None) -> str:
    """Return a day as it is read, such as 1 Jan 2015."""
    return "–" if value is None else f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def month(published: str) -> str:
    """Return the month of a day, month or year such as ``2026-11-05``, as it is read: November 2026."""
    year, _, rest = published.partition("-")
    number = rest.partition("-")[0]
    return f"{MONTH_NAMES[int(number) - 1]} {year}" if number else year


def period(start: date | None, end: date | None) -> str:
    """Return a period as it is read, such as 1 Jan 2015 to 31 Mar 2016; of each end only what is known."""
    if start is None:
        return "not stated" if end is None else f"up to {day(end)}"
    return f"from {day(start)}" if end is None else f"{day(start)} to {day(end)}"


def counted(number: int, noun: str) -> str:
    """Return a number with what is counted, such as ``1 check`` or ``1,200 checks``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def markdown_text(text: str) -> str:
    """Return text that Markdown takes neither for HTML, which it would pass through, nor for a link or an image."""
    line = REFERENCE.sub("&amp;", " ".join(text.splitlines()))
    return line.replace("<", "&lt;").replace(">", "&gt;").replace("[", "&#91;")


def table_cell(text: str) -> str:
    """Return text as ``markdown_text`` does, which cannot break a Markdown table either."""
    return markdown_text(text).replace("\\", "\\\\").replace("|", "\\|")


def pounds(value: float | None) -> str:
    """Return pounds and pence, the pence only where there are any."""
    if value is None or math.isnan(value):
        return "–"
    return _signed(value, ",.2f", "£").removesuffix(".00")


def factor(value: float) -> str:
    """Return a factor with six significant digits."""
    return f"{value:.6g}".replace("-", "−")


def money(value: float | None) -> str:
    """Return pounds as short as they say enough: millions from one million on, whole pounds below."""
    if value is None or math.isnan(value):
        return "–"
    return million(value) if abs(value) >= 1e6 else pounds(round(value))


def about(value: float | None) -> str:
    """Return pounds as far as an estimate bears: millions with one place, below that three digits that count."""
    if value is None or math.isnan(value):
        return "–"
    if abs(value) >= 999_500:
        return million(value)
    # Rounded once: to three digits and then to pounds, £64.51 would be £64.
    return pounds(round(value) if abs(value) < 100 else round(float(f"{value:.3g}")))


def share(value: float | None) -> str:
    """Return a share in per cent with one place where it has one; a small one is not shown as none."""
    if value is None or math.isnan(value):
        return "–"
    return "under 0.1%" if 0 < value < 0.0005 else _signed(value, ".1%").replace(".0%", "%")


def web_address(text: str) -> str:
    """Return an address that may be made a link, or nothing: only of the web, never a script or a file."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return ""
    return text.strip() if parts.scheme in ("http", "https") and parts.netloc else ""
