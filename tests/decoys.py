"""A folder in which everything that Python could import has a namesake, which leaves a mark and fails when imported.

Belongs here: laying it out, and saying what was imported from it. Which command is run in it stands in the tests.
"""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

MARK = """
import pathlib
pathlib.Path({mark!r}, __name__.partition(".")[0]).touch()
raise SystemExit(f"imported from the current folder: {{__name__}}")
"""


class Decoys:
    """The folder; ``sparing``: a name that has no namesake."""

    def __init__(self, folder: Path, marks: Path, sparing: str = "") -> None:
        self.folder, self._marks = folder, marks
        marks.mkdir()
        folder.mkdir(exist_ok=True)
        code = MARK.format(mark=str(marks))
        names = {*sys.stdlib_module_names, *packages_distributions(), "sitecustomize", "pipeline"} - {sparing}
        for name in sorted(name for name in names if name.isidentifier()):
            (folder / f"{name}.py").write_text(code, encoding="utf-8")
        if not sparing:
            (folder / "pipeline").mkdir()
            (folder / "pipeline/__init__.py").write_text(code, encoding="utf-8")
        # Dagster takes what stands here into the environment of its daemon and of its code server.
        (folder / ".env").write_text(f"PYTHONPATH={folder}\nPUBLICVALUE_RAW={folder}\n", encoding="utf-8")

    def imported(self) -> list[str]:
        """Return the names that were imported from the folder, sorted."""
        return sorted(path.name for path in self._marks.iterdir())
