"""The history of editions in words: for a terminal, as data, and as a page.

Belongs here: laying out publications that ``pipeline.report.history`` has found. No figure is worked out here.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.common.files import not_through_a_link, written_whole
from pipeline.facts.files import close_match
from pipeline.facts.problems import quoted
from pipeline.report.history import AT, FOLDER, Publication, edition_ids, publications
from pipeline.report.wording import counted, million, per_pound, span, template

PAGE = "index.html"
# A name may go on: two publications may be of one second.
LENGTH_OF_A_MOMENT = len("2026-11-29-210455")
# Figures of the headline that are told of each publication, and in its data.
TOLD = ("bcr", "fiscal_bcr", "public_value_in_bcr_gbp", "outcome_payments_in_bcr_real_gbp", "contracts_in_bcr")


class UnknownEditionError(LookupError):
    """Nothing was ever published of an edition."""


def histories(out_dir: Path, edition_id: str | None = None) -> dict[str, list[Publication]]:
    """Return the publications of one edition, or of all, the latest first.

    Raises ``UnknownEditionError``, which says what there is.
    """
    known = edition_ids(out_dir)
    if edition_id is not None and edition_id not in known:
        like = close_match(edition_id, known)
        hint = f"did you mean {like}? " if like else ""
        there = f"there are: {', '.join(known)}" if known else "publicvalue run publishes"
        raise UnknownEditionError(f"no edition {quoted(edition_id)} was ever published; {hint}{there}")
    return {key: publications(out_dir, key)[::-1] for key in known if edition_id in (None, key)}


def as_text(found: Mapping[str, Sequence[Publication]]) -> str:
    """Return the history as lines for people: when, the ratios, what changed and why."""
    lines = []
    for edition, of_edition in found.items():
        lines.append(edition)
        for row in map(row_of, of_edition):
            lines.append(f"  {row['when']}: {row['ratio']}; {row['amounts']}")
            lines += [f"    {line}" for line in row["moved"]]
            lines += [f"    accepted although it failed: {line}" for line in row["accepted"]]
        if len(of_edition) > 1:
            lines.append(f"  To see the whole change: publicvalue bridge {of_edition[1].name} {edition}")
    return "\n".join(lines) or "Nothing has been published yet. publicvalue run publishes."


def as_json(found: Mapping[str, Sequence[Publication]]) -> str:
    """Return the history as JSON, by edition, the latest first."""
    data = {edition: [_data(each) for each in of_edition] for edition, of_edition in found.items()}
    return json.dumps(data, indent=2, ensure_ascii=False)


def write_page(out_dir: Path) -> Path:
    """Write the page about all editions beside what is kept of them; returns its path. Raises ``CannotWriteError``."""
    path = out_dir / FOLDER / PAGE
    found = dict(reversed(histories(out_dir).items()))  # our own estimate first, as on the front page
    editions = {edition: _on_the_page(out_dir, edition, of_edition) for edition, of_edition in found.items()}
    since = min((each["since"] for each in editions.values() if each["since"]), default=None)
    not_through_a_link(path, out_dir)
    with written_whole(path) as fresh:
        fresh.write_text(template("history.html.j2").render(editions=editions, since=since), encoding="utf-8")
    return path


def _on_the_page(out_dir: Path, edition: str, of_edition: Sequence[Publication]) -> dict[str, Any]:
    """What the page says of an edition; ``of_edition``: the latest first."""
    folder = out_dir / edition
    title = next((str(each.headline["title"]) for each in of_edition if each.headline.get("title")), edition)
    moments = [moment for each in of_edition if (moment := moment_of(each.publication_id))]
    return {
        "name": title.partition(":")[0],
        "rows": [row_of(each) for each in of_edition],
        "since": min(moments).date() if moments else None,
        "stands": (folder / PAGE).is_file(),
        "has_bridge": (folder / "bridge.html").is_file(),
    }


def row_of(publication: Publication) -> dict[str, Any]:
    """Return what is told of a publication, in words."""
    data = publication.headline
    sure = (data.get("uncertainty") or {}).get("bcr") or {}
    with_range = f" (80% range: {span(sure, '£')})" if sure.get("has_range") else ""
    value, paid = (million(data.get(figure)) for figure in TOLD[2:4])
    contracts = counted(data.get("contracts_in_bcr") or 0, "contract")
    return {
        "name": publication.name,
        "when": when(publication.publication_id) or "before",
        "ratio": f"{per_pound(data.get('bcr'))}{with_range} of public value and "
        f"{per_pound(data.get('fiscal_bcr'))} of fiscal value for every £1",
        "amounts": f"{value} of public value for {paid} of payments under {contracts}, in "
        f"{data.get('price_year', 'unknown')} prices",
        "moved": list(publication.moved),
        "accepted": [f"{each['check']}, by {each['by']}, because {each['because']}" for each in publication.accepted],
    }


def when(publication_id: str) -> str:
    """Return ``2026-11-29-210455`` as ``2026-11-29 21:04 UTC``; nothing where the moment is not known."""
    moment = moment_of(publication_id)
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def moment_of(publication_id: str) -> datetime | None:
    """Return the moment that names a publication, in UTC; None where it is not known."""
    try:
        return datetime.strptime(publication_id[:LENGTH_OF_A_MOMENT], AT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _data(publication: Publication) -> dict[str, Any]:
    return {
        "name": publication.name,
        "publication_id": publication.publication_id,
        **{figure: publication.headline.get(figure) for figure in TOLD},
        "price_year": publication.headline.get("price_year"),
        "versions": dict(publication.versions),
        "moved": list(publication.moved),
        "accepted": [dict(each) for each in publication.accepted],
    }
