"""What the name of an organisation tells: the kind of a payer, and whether it stands for several.

Belongs here: looking the words of ``words.toml`` up in names. A new word is a line there and no code.
"""

import tomllib
from pathlib import Path

WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
# By the kind of a payer, the words that tell it.
PAYER_KIND_WORDS: dict[str, list[str]] = WORDS["payer_kinds"]
GROUP_WORDS: list[str] = WORDS["groups"]["words"]
GROUP_NAMES: list[str] = WORDS["groups"]["names"]


def payer_kind(names: list[str]) -> str:
    """Return `central` or `local` if all payers are, `unknown` if none can be placed, else `mixed`."""
    kinds = {_kind_of_one(name) for name in names}
    if kinds <= {"unknown"}:
        return "unknown"
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _kind_of_one(name: str) -> str:
    for kind, words in PAYER_KIND_WORDS.items():
        if any(word in name.lower() for word in words):
            return kind
    return "unknown"


def is_group(name: str) -> bool:
    """Tell whether a name stands for several organisations, or people, that it does not name."""
    return name.lower() in GROUP_NAMES or any(words in name.lower() for words in GROUP_WORDS)
