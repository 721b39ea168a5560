"""How rows of an import match rows of ``raw/``: the same, changed, new, or gone.

Belongs here: comparing the rows of one file before and now, and the places that are cited for them. What is done about
a row that is gone, and how files are written, is in ``pipeline.importers.merge``.

An export is a list, and a row that is added in its middle moves all that follow. So rows are told apart by what they
say: one that says what it said stays as it is, with the place and the source in which it was first read. Of the others,
those that agree in what a row is about (``TableFile.identities``, the first that fits counts) are one row that changed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.importers.imported import Row, TableFile

PLACE = ("source_id", "locator")


@dataclass(frozen=True)
class Matched:
    """What became of the rows of a file.

    ``all``: each row of now in the order of the import, with what it was before, None if it is new; one that says what
    it said is as it was. ``gone``: rows of before that are no more.
    """

    all: list[tuple[Row | None, Row]]
    gone: list[Row]

    @property
    def rows(self) -> list[Row]:
        """Return the rows of now."""
        return [row for _, row in self.all]

    def apart(self, source_id: str, version: str) -> "Matched":
        """Return the same with a place of its own for each row of a source at whose place one of another stands.

        ``version``: what is added to the place, ``results: X #3 (2026-04)``.
        """
        taken = {row["locator"] for row in self.rows if row["source_id"] != source_id}

        def placed(row: Row) -> Row:
            if row["source_id"] != source_id or row["locator"] not in taken:
                return row
            return row | {"locator": f"{row['locator']} ({version})"}

        return Matched([(before, placed(row)) for before, row in self.all], self.gone)


def match(before: Sequence[Row], now: Sequence[Row], table: TableFile, gives: Collection[str] = ()) -> Matched:
    """Match the rows of an import with those that an earlier one left; both with all columns of the file.

    ``gives``: columns that are ours elsewhere and that this source gives itself, so that they say something.
    A row of the very source that is imported takes its place of now, since that source is no longer as it was.
    """
    content = _content(table, gives)
    partner = _partners(before, now, [(*content, *PLACE), content])
    rows = list(now)
    for n, at in partner.items():
        if before[at]["source_id"] != now[n]["source_id"]:
            rows[n] = now[n] | {name: before[at][name] for name in (*PLACE, *table.counts)}
    for identity in table.identities:
        partner = _partners(before, now, [identity], partner)
    kept = set(partner.values())
    return Matched(
        all=[(before[partner[n]] if n in partner else None, row) for n, row in enumerate(rows)],
        gone=[row for n, row in enumerate(before) if n not in kept],
    )


def _content(table: TableFile, gives: Collection[str]) -> tuple[str, ...]:
    """The columns by which a row says the same; those that are ours, and those that count rows, say nothing."""
    ours = {*table.ours} - {*gives}
    return tuple(name for name in table.columns if name not in {*PLACE, *table.counts, *ours})


def _partners(
    before: Sequence[Row], now: Sequence[Row], keys: Iterable[tuple[str, ...]], known: Mapping[int, int] | None = None
) -> dict[int, int]:
    """Positions in ``now`` with those in ``before`` that agree with them in a key, in order, the first key first.

    ``known``: those that have a partner already, and keep it.
    """
    partner = dict(known or {})
    for key in keys:
        waiting: dict[tuple[str, ...], list[int]] = defaultdict(list)
        taken = set(partner.values())
        for n in reversed(range(len(before))):
            if n not in taken:
                waiting[tuple(before[n][name] for name in key)].append(n)
        for n, row in enumerate(now):
            found = waiting.get(tuple(row[name] for name in key))
            if n not in partner and found:
                partner[n] = found.pop()
    return partner
