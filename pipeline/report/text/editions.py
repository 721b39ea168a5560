"""The front door of the folder of reports: which editions there are, what each is for, and what changed last.

Belongs here: the page ``index.html`` beside the editions, ``editions.js``, by which the pages of one edition lead to
the same page of another, and ``editions.css``, without which they show no link that leads out of their folder: an
edition may have been copied alone. What was published before, and why it moved, is told in ``history``.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.common.files import not_through_a_link, written_whole
from pipeline.facts.files import read_whole
from pipeline.report.history import FOLDER, Publication, edition_ids, publications
from pipeline.report.ranges import ranges_of
from pipeline.report.text.history import PAGE, when
from pipeline.report.wording import template

SCRIPT, STYLE = "editions.js", "editions.css"
# What lies beside the editions.
FRONT = (PAGE, SCRIPT, STYLE)
# Pages of an edition that the front page leads to where they are there.
PAGES = {
    "contracts.html": "contracts",
    "assumptions.html": "assumptions",
    "reconstruction.html": "the published study, rebuilt step by step",
    "published.html": "published figures beside ours",
    "data.html": "data",
    "report.pdf": "the report as PDF",
}


def write_front(out_dir: Path) -> Path:
    """Write the page about all editions that stand, and the list of their pages; returns the path of the page.

    A file that says so already is left as it is. Raises ``CannotWriteError``.
    """
    for name, text in front_of(out_dir).items():
        path = out_dir / name
        not_through_a_link(path, out_dir)
        if not path.is_file() or read_whole(path) != text.encode():
            with written_whole(path) as fresh:
                fresh.write_text(text, encoding="utf-8")
    return out_dir / PAGE


def front_of(out_dir: Path) -> dict[str, str]:
    """Return the texts of what lies beside the editions, by name, as the editions stand now."""
    standing = [of_edition[-1] for edition in edition_ids(out_dir) if (of_edition := _standing(out_dir, edition))]
    # Our own estimate first, then the studies, the latest before the earlier ones.
    standing.sort(key=lambda each: (each.headline.get("cut_off") or "9999", each.edition), reverse=True)
    return {
        PAGE: template("editions.html.j2").render(
            editions=[_told(out_dir, each) for each in standing],
            history=f"{FOLDER}/{PAGE}",
            written=max((when(each.publication_id) for each in standing), default=""),
        ),
        SCRIPT: f"const publishedEditions = {json.dumps(_listed(out_dir, standing), separators=(',', ':'))};\n",
        STYLE: _style([each.edition for each in standing]),
    }


def _style(editions: Sequence[str]) -> str:
    """Shows what leads out of an edition, and of the links to the page of one other those to an edition that stands."""
    # A text of JSON is one of CSS, but for marks that no name of an edition has.
    standing = "".join(f":not([data-to={json.dumps(each, ensure_ascii=False)}])" for each in editions)
    return f".beside {{ display: inline; }}\n.beside[data-to]{standing} {{ display: none; }}\n"


def _standing(out_dir: Path, edition: str) -> list[Publication]:
    """The publications of an edition, if it can still be read."""
    return publications(out_dir, edition) if (out_dir / edition / PAGE).is_file() else []


def _told(out_dir: Path, publication: Publication) -> dict[str, Any]:
    data = publication.headline
    folder = out_dir / publication.edition
    return {
        "edition": publication.edition,
        "data": data,
        "sure": ranges_of(data) if data.get("uncertainty") else {},
        "when": when(publication.publication_id),
        "moved": publication.moved,
        "pages": {name: words for name, words in PAGES.items() if (folder / name).is_file()},
    }


def _listed(out_dir: Path, standing: list[Publication]) -> dict[str, dict[str, Any]]:
    """What each edition is called in short (``name``), and its pages by their path in its folder (``pages``)."""
    found = {}
    names = Counter(_short_name(each) for each in standing)
    for each in standing:
        folder = out_dir / each.edition
        pages = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
        name = _short_name(each)
        # Two editions may have one title, such as a copy in which a choice was changed.
        name = f"{name} ({each.edition})" if names[name] > 1 else name
        found[each.edition] = {"name": name, "pages": pages}
    return found


def _short_name(publication: Publication) -> str:
    """What an edition is called where there is little room: its title up to the colon."""
    return str(publication.headline.get("title") or publication.edition).partition(":")[0]
