"""What names and prose say: the kind of payer, whether a name means several bodies, who a service was for.

Belongs here: looking the words of ``words.toml`` up in texts. A new word is a line there and no code.
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


def codes_in(text: str, section: str) -> list[str]:
    """Return the codes of a section (``target_groups`` or ``interventions``) of which a word stands in a text."""
    codes: dict[str, list[str]] = WORDS[section]
    small = " ".join(text.lower().split())
    return [code for code, words in codes.items() if any(word in small for word in words)]
