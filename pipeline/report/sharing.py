"""How pages show up elsewhere: in search results, in messages, and in catalogues of data.

Belongs here: the description of each page, the picture of an edition, and schema.org's account of its data. Addresses
are relative unless somebody has said where the reports are going to be read.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from pipeline.facts.editions import Edition
from pipeline.report.drawing import Spec
from pipeline.report.ranges import BOUNDS, ranges_of
from pipeline.report.wording import per_pound, words

PICTURE, PICTURE_SIZE = "preview.png", (1200, 630)
# What an address may be made of: what needs no escaping in a page and is no query.
ADDRESS_MARKS = re.compile(r"[A-Za-z0-9\-._~/:%\[\]]+")
SUBJECT = "UK social outcomes contracts"
# Of the files with everything in one, by the end of their name.
MEDIA_TYPES = {
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}

# What a page is about, by its path; that of a contract and of an area by its folder, with its name.
DESCRIPTIONS = {
    "contracts.html": f"Find any of the {SUBJECT} by name, provider, commissioner, investor, place or fund, and see "
    "what it paid and what its results are worth.",
    "published.html": "Figures published about the contracts, beside what public data give.",
    "reconstruction.html": "A published study rebuilt step by step from public data.",
    "bridge.html": "What has changed since earlier publications, cause by cause.",
    "assumptions.html": "Every assumption behind the figures, with its source, its range and how much depends on it.",
    "sources.html": "Every source of the figures, and how much depends on it.",
    "data.html": f"Download everything about {SUBJECT}: spreadsheet, CSV and Parquet, with the meaning of each column.",
    "glossary.html": "The words of this report in plain English.",
    "columns.html": "What each column of each published table means, with its unit.",
    "checks.html": "What was checked before this edition was published, and how each check came out.",
}
OF_A_CONTRACT = "What {} reported, what was paid for it, and what the results are worth."
OF_AN_AREA = "What contracts in {} reported and were paid, and what the results are worth."


def checked_address(address: str) -> str:
    """Return the address of the folder of reports without a slash at its end; empty where none is given.

    Raises ``ValueError`` for all but an https address of a host, with a path at most.
    """
    if not address:
        return ""
    refused = (
        f"PUBLICVALUE_ADDRESS takes the https address of the folder of reports, such as https://values.example.org or "
        f"https://example.org/reports, with no user, query or fragment (found {address!r})"
    )
    try:
        parts = urlsplit(address)
        is_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError(refused) from None
    if not (parts.scheme == "https" and is_host and ADDRESS_MARKS.fullmatch(address) and "@" not in parts.netloc):
        raise ValueError(refused)
    return address.rstrip("/")


def address_of(address: str, edition_id: str, path: str = "") -> str:
    """Return the address of a file of an edition; a first page is known by its folder. Empty without an address."""
    name = "" if path == "index.html" else path
    return f"{address}/{quote(edition_id)}/{quote(name)}" if address else ""


def head_of(
    path: str, edition: Edition, data: Mapping[str, Any], contract: Mapping[str, Any] | None = None, address: str = ""
) -> dict[str, Any]:
    """Return what the head of a page says of it to others, by the names that its template knows.

    ``contract``: of which the page is, if of any; ``address``: of the folder of reports, where that is known.
    ``description``; ``url``, empty without an address; ``picture``, where it lies, and ``described_picture``, in words;
    ``in_attribute`` makes the title of the page ready for an attribute.
    """
    return {
        "description": description_of(path, edition, data, str(contract["name"]) if contract else ""),
        "url": address_of(address, edition.edition, path),
        "picture": address_of(address, edition.edition, PICTURE) or "../" * path.count("/") + PICTURE,
        "described_picture": " ".join(filter(None, _result(edition, data))),
        "in_attribute": in_attribute,
    }


def description_of(path: str, edition: Edition, data: Mapping[str, Any], name: str = "") -> str:
    """Return what a page is about in a sentence or two; ``name``: of the contract that it is of, if of any.

    No straight quotes are in it, since it becomes an attribute.
    """
    if path.startswith("contracts/"):
        said = OF_A_CONTRACT.format(name or "a contract")
    elif path.startswith("areas/"):
        said = OF_AN_AREA.format(words(path.removeprefix("areas/").removesuffix(".html").replace("-", "_")))
    else:
        said = DESCRIPTIONS.get(path) or " ".join(filter(None, _result(edition, data)))
    return _curled(said)


def in_attribute(text: str) -> Markup:
    """Return a part of a page, such as its title, for an attribute: without straight quotes."""
    return Markup(_curled(str(text).replace("&#34;", '"')))


def _curled(text: str) -> str:
    return re.sub('"([^"]*)"', r"“\1”", text).replace('"', "”")


def _result(edition: Edition, data: Mapping[str, Any]) -> tuple[str, str]:
    """The ratio of an edition in a sentence, with its range, and over how many contracts; nothing without a ratio."""
    ratio = data.get("bcr")
    if not ratio:
        return f"What {SUBJECT} were worth, on public data.", ""
    sure = ranges_of(data)
    ends = f" (80% range {per_pound(sure['bcr']['p10'])} to {per_pound(sure['bcr']['p90'])})" if sure else ""
    bound = "" if edition.unit_value_level == "central" else f", a {BOUNDS[edition.unit_value_level]}"
    return (
        f"{SUBJECT}: {per_pound(ratio)} of public value for every £1 paid{bound}{ends}.",
        f"{data['contracts_in_bcr']} of {data['contracts']} contracts, on public data, with every step shown.",
    )


# --- The picture ----------------------------------------------------------------------------------------------


def picture_of(edition: Edition, data: Mapping[str, Any]) -> Spec:
    """Return the picture of an edition, not yet drawn: its ratio with its range."""
    ratio, sure = data.get("bcr"), ranges_of(data)
    bound = "" if edition.unit_value_level == "central" else f", a {BOUNDS[edition.unit_value_level]}"
    lines = [
        _line(SUBJECT, 110, 44, "#56606a"),
        _line(per_pound(ratio) if ratio else "On public data", 250, 150, "#1b2126"),
        _line(f"of public value for every £1 paid{bound}" if ratio else "", 370, 48, "#1b2126"),
        _line(
            f"80% range: {per_pound(sure['bcr']['p10'])} to {per_pound(sure['bcr']['p90'])}" if sure else "",
            450,
            44,
            "#0072B2",
        ),
        _line(f"publicvalue, edition {edition.edition}, prices of {edition.price_year}", 560, 34, "#56606a"),
    ]
    width, height = PICTURE_SIZE
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "padding": 0,
        "autosize": {"type": "none"},
        "background": "white",
        "config": {"view": {"stroke": None}, "font": "Arial,sans-serif"},
        "layer": [each for each in lines if each],
    }


def _line(text: str, y: int, size: int, colour: str) -> Spec:
    if not text:
        return {}
    mark = {"type": "text", "x": 80, "y": y, "align": "left", "baseline": "middle", "fontSize": size, "color": colour}
    return {"data": {"values": [{"text": text}]}, "mark": mark, "encoding": {"text": {"field": "text"}}}


# --- The data -------------------------------------------------------------------------------------------------


def dataset(package: Mapping[str, Any], bundles: Mapping[str, str], folder: str = "") -> dict[str, Any]:
    """Return what schema.org calls a Dataset, from the descriptor of the data package.

    ``bundles``: names of the files with everything in one, by the end of the name; ``folder``: address of the edition,
    where that is known.
    """
    files = [(name, MEDIA_TYPES[ending], f"Everything ({ending})") for ending, name in bundles.items()]
    files += [(each["path"], each["mediatype"], each["name"]) for each in package["resources"]]
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": package["title"],
        "description": package["description"],
        "version": package["version"],
        **({"url": f"{folder}data.html"} if folder else {}),
        "inLanguage": "en-GB",
        "isAccessibleForFree": True,
        "spatialCoverage": "United Kingdom",
        "keywords": ["social outcomes contracts", "social impact bonds", "public value", "benefit-cost ratio"],
        "license": [each["path"] for each in package["licenses"]],
        "creator": [{"@type": "Organization", "name": each["title"]} for each in package["contributors"]],
        "isBasedOn": [
            {"@type": "CreativeWork", "name": each["title"], **({"url": each["path"]} if each.get("path") else {})}
            for each in package["sources"]
        ],
        "distribution": [
            {"@type": "DataDownload", "name": title, "encodingFormat": kind, "contentUrl": f"{folder}{path}"}
            for path, kind, title in files
        ],
    }


def as_json_ld(told: Mapping[str, Any]) -> Markup:
    """Return what is told to programs as JSON that stands in a page: no text in it can end the script."""
    text = json.dumps(told, ensure_ascii=False, allow_nan=False)
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)
