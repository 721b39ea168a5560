"""Rules between tables that are asked again about the same tables: each answers once.

Of a project that is spoilt, and checked, time after time, all but one or two tables are as they were. What a rule looks
at is noted when it is first asked; of the same content of all that, it says the same.
"""

import pickle
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from pipeline.facts.rules.tables import Tables

Said = TypeVar("Said")
# The fields of ``Tables`` that hold tables; of all others whatever a rule says may depend on.
PARTS = ("facts", "reference")


class _Noted:
    """Tables, and which of them are looked at."""

    def __init__(self, tables: object, part: str, looked_at: set[tuple[str, str]]) -> None:
        self._tables, self._part, self._looked_at = tables, part, looked_at

    def __getattr__(self, name: str) -> Any:
        self._looked_at.add((self._part, name))
        return getattr(self._tables, name)


class Known:
    """What rules have said, for as long as this lives."""

    def __init__(self) -> None:
        self._said: dict[Any, dict[frozenset[tuple[str, str]], dict[Any, list[Any]]]] = {}
        self._last: tuple[Tables | None, dict[tuple[str, str], bytes]] = (None, {})

    def once(self, find: Callable[[Tables], Iterable[Said]]) -> Callable[[Tables], list[Said]]:
        """Return the rule, asked once about the same tables."""

        def known(tables: Tables) -> list[Said]:
            said = self._said.setdefault(find, {})
            for looked_at, answers in said.items():
                if (key := self._key(tables, looked_at)) in answers:
                    return answers[key]
            noted: set[tuple[str, str]] = set()
            parts: dict[str, Any] = {part: _Noted(getattr(tables, part), part, noted) for part in PARTS}
            found = list(find(replace(tables, **parts)))
            looked_at = frozenset(noted)
            said.setdefault(looked_at, {})[self._key(tables, looked_at)] = found
            return found

        return known

    def _key(self, tables: Tables, looked_at: frozenset[tuple[str, str]]) -> Any:
        if self._last[0] is not tables:
            self._last = tables, {}
        contents = self._last[1]
        for part, name in looked_at - contents.keys():
            contents[part, name] = pickle.dumps(getattr(getattr(tables, part), name))
        rest = (tables.folder, tables.raw_folder, tables.contracts, tables.unread, tables.unread_facts, tables.spoilt)
        return (*rest, tables.today, *(contents[place] for place in sorted(looked_at)))
