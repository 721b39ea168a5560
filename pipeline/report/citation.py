"""Who made an edition, under which licences its sources are used, and how to cite it.

Belongs here: what a licence asks for, and a citation in the forms that others read. What is offered for download is
made in ``downloads``, ``bundles`` and ``workbook``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.facts.editions import Edition

# As in pyproject.toml, which is not there where the project is installed; a test holds the two together.
PROJECT, AUTHORS = "publicvalue", "publicvalue contributors"
PROJECT_TITLE = "The public value of social outcomes contracts"


@dataclass(frozen=True)
class Licence:
    """A licence: its id in a data package, its name and where its words stand."""

    name: str
    title: str
    path: str


# By what the register of sources calls it; what is not here is a ground on which facts are used, and no licence.
LICENCES = {
    "CC BY 4.0": Licence(
        "CC-BY-4.0",
        "Creative Commons Attribution 4.0 International",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    "Open Government Licence v3.0": Licence(
        "OGL-UK-3.0",
        "Open Government Licence v3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ),
    "MIT": Licence("MIT", "MIT License", "https://opensource.org/license/mit"),
}
# What BibTeX would read as its own.
BIBTEX = str.maketrans(
    {mark: f"\\{mark}" for mark in "&%$#_"}
    | {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


@dataclass(frozen=True)
class Citation:
    """How to cite an edition: in words, for BibTeX, and as a citation file."""

    text: str
    bibtex: str
    cff: str


def licences(sources: pd.DataFrame) -> list[tuple[Licence, list[str]]]:
    """Return the licences of the register, each with the titles of its sources."""
    titles = sources.groupby("licence")["title"].agg(list)
    return [(licence, titles[words]) for words, licence in LICENCES.items() if words in titles]


def attributions(sources: pd.DataFrame) -> list[str]:
    """Return the lines that licences ask for, each once, in the order of the register."""
    return list(dict.fromkeys(filter(None, sources["attribution"])))


def citation(edition: Edition, versions: Mapping[str, str]) -> Citation:
    """Return how to cite an edition; it has no date: the versions say what it was made from, and by which code."""
    key, title = f"{PROJECT}-{edition.edition}", edition.title
    published = f"Edition {edition.edition} of {PROJECT}: {PROJECT_TITLE}"
    version = ", ".join(f"{name.removesuffix('_version')} {version}" for name, version in versions.items())
    entries = {
        "author": f"{{{AUTHORS.translate(BIBTEX)}}}",
        "title": f"{{{title.translate(BIBTEX)}}}",
        "howpublished": published.translate(BIBTEX),
        "note": f"Version: {version.translate(BIBTEX)}",
    }
    cff = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below.",
        "type": "dataset",
        "title": f"{title}. {published}",
        "version": version,
    }
    return Citation(
        text=f"{AUTHORS}. {title}. {published}. Version: {version}.",
        bibtex="\n".join([f"@misc{{{key},", *(f"  {name} = {{{words}}}," for name, words in entries.items()), "}"]),
        # A text as JSON writes it is one that YAML reads.
        cff="\n".join(
            [*(f"{name}: {_quoted(text)}" for name, text in cff.items()), "authors:", f"  - name: {_quoted(AUTHORS)}"]
        ),
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
