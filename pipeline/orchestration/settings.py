"""What a run has to be told: the folders that it reads and writes.

Belongs here: where things lie, by default and by environment, and where others will read them; which editions there
are, and who hears how far a run is. No file is opened.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

RAW = "PUBLICVALUE_RAW"
REFERENCE = "PUBLICVALUE_REFERENCE"
OUT = "PUBLICVALUE_OUT"
DATA = "PUBLICVALUE_DATA"
ADDRESS = "PUBLICVALUE_ADDRESS"

# What is told, in a few words, that a step begins.
OnStep = Callable[[str], None]


def silent(words: str) -> None:
    """Say nothing when a step begins."""


@dataclass(frozen=True)
class Settings:
    """The four folders: raw facts, reference tables, published reports, and the working tables between them.

    ``address``: where on the web the folder of reports is going to be read, as it was given; empty where nobody said.
    """

    raw_dir: Path
    reference_dir: Path
    out_dir: Path
    data_dir: Path
    address: str = field(default="", kw_only=True)

    @property
    def records_dir(self) -> Path:
        """Dagster's home, with its records of runs: there once somebody has opened the UI."""
        return self.data_dir / "dagster"

    @classmethod
    def default(cls) -> "Settings":
        """Return the folders of the project in the current folder, or those that the environment names."""
        return cls(
            raw_dir=Path(os.environ.get(RAW) or "raw"),
            reference_dir=Path(os.environ.get(REFERENCE) or "reference"),
            out_dir=Path(os.environ.get(OUT) or "reports"),
            data_dir=Path(os.environ.get(DATA) or "data"),
            address=_address(),
        )

    @classmethod
    def of_folders(cls, raw_dir: Path, reference_dir: Path, out_dir: Path) -> "Settings":
        """Return the folders of a run; working tables of other data than the project's own lie beside its results."""
        own = (raw_dir, reference_dir, out_dir) == (Path("raw"), Path("reference"), Path("reports"))
        return cls(raw_dir, reference_dir, out_dir, Path("data") if own else out_dir / ".work", address=_address())

    def as_environment(self) -> dict[str, str]:
        """Return the variables by which another process sees the same settings, wherever it is started."""
        folders = {RAW: self.raw_dir, REFERENCE: self.reference_dir, OUT: self.out_dir, DATA: self.data_dir}
        return {**{name: str(folder.absolute()) for name, folder in folders.items()}, ADDRESS: self.address}


def _address() -> str:
    return os.environ.get(ADDRESS, "").strip()


def edition_ids(settings: Settings) -> list[str]:
    """Return the names of the edition files, sorted."""
    return sorted(path.stem for path in (settings.reference_dir / "editions").glob("*.toml"))
