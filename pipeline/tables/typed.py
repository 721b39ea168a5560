"""Tables as types: ``DataFrame[NetValue]`` is a table with the columns of the model ``NetValue``.

Belongs here: that type, and nothing that looks into a table. Models stand in the other modules of ``pipeline.tables``;
that a table really is what its model says is seen where it is read, stored and published.
"""

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pipeline.tables.base import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    # A table with more columns than asked for will do: gross value has the columns of the units of outcomes.
    Model_co = TypeVar("Model_co", bound=Table, covariant=True)

    class DataFrame(Generic[Model_co]):
        """``pandera.typing.DataFrame`` as mypy sees it.

        pandas carries no types, and a class that inherits from one without types passes for every other. This one does
        not: a table of another model is refused. What an operation makes of a table has no type until it is named.
        """

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, key: Any) -> Any: ...
        def __setitem__(self, key: Any, value: Any) -> None: ...
        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[Any]: ...

else:
    from pandera.typing import DataFrame

T = TypeVar("T", bound=Table)


def typed(model: type[T], table: Any) -> "DataFrame[T]":
    """Return the same table as one of ``model``, where only the reader knows that it is; nothing is looked at."""
    return table


__all__ = ["DataFrame", "typed"]
