"""Charts taken apart, for tests that ask what is drawn."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pandas as pd

Tables = dict[str, pd.DataFrame]


def rows_of(part: Any) -> Iterator[dict[str, Any]]:
    """All rows of data in a specification."""
    if isinstance(part, dict):
        yield from part.get("data", {}).get("values", [])
        for inner in part.values():
            yield from rows_of(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from rows_of(inner)


def texts_of(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
