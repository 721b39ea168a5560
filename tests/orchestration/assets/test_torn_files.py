"""Whatever becomes of what a run has stored: the next run ends well, with the same figures, and stores it anew."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.orchestration.assets.inputs import stale_contracts
from pipeline.orchestration.assets.store import table_store
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.settings import Settings
from pipeline.tables.catalogue import FACT_TABLES

pytestmark = pytest.mark.usefixtures("unchecked")
Damage = Callable[[Path, random.Random], object]


def is_empty(path: Path, chance: random.Random) -> None:
    path.write_bytes(b"")


def is_cut(path: Path, chance: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def is_garbage(path: Path, chance: random.Random) -> None:
    path.write_bytes(chance.randbytes(path.stat().st_size))


def has_a_wrong_byte(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def is_gone(path: Path, chance: random.Random) -> None:
    path.unlink()


def is_a_folder(path: Path, chance: random.Random) -> None:
    path.unlink()
    path.mkdir()


def leads_nowhere(path: Path, chance: random.Random) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))


def is_a_pipe(path: Path, chance: random.Random) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES: tuple[Damage, ...] = (
    is_empty,
    is_cut,
    is_garbage,
    has_a_wrong_byte,
    is_gone,
    is_a_folder,
    leads_nowhere,
    is_a_pipe,
)


def headline(settings: Settings) -> bytes:
    return (settings.out_dir / "main/headline.json").read_bytes()


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("published_unrecorded")
def test_whatever_is_torn_is_made_again_from_the_data(settings: Settings) -> None:
    """All files that a run has made, each in some way."""
    made, tables, edition = headline(settings), settings.data_dir / "tables", settings.out_dir / "main"
    files, chance = files_in(tables) + files_in(edition), random.Random(1)
    store = table_store(settings)
    assert stale_contracts(settings, store) == []
    for asset in FACT_TABLES:
        whole = store.path(asset, "C-1").read_bytes()
        store.path(asset, "C-1").write_bytes(b"")
        assert stale_contracts(settings, store) == ["C-1"]
        store.path(asset, "C-1").write_bytes(whole)
    for path in files:
        chance.choice(DAMAGES)(path, chance)
    run_editions(settings)
    assert headline(settings) == made
    assert files_in(tables) + files_in(edition) == files
    assert stale_contracts(settings, store) == []
