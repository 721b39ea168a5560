"""Where working tables lie when a run is told its other folders."""

from pathlib import Path

from pipeline.orchestration.settings import Settings


def test_working_tables_of_other_data_lie_beside_their_results() -> None:
    own = Settings.of_folders(Path("raw"), Path("reference"), Path("reports"))
    assert own.data_dir == Path("data")
    for folders in (("other", "reference", "reports"), ("raw", "other", "reports"), ("raw", "reference", "other")):
        settings = Settings.of_folders(*map(Path, folders))
        assert (settings.raw_dir, settings.reference_dir, settings.out_dir) == tuple(map(Path, folders))
        assert settings.data_dir == Path(folders[2]) / ".work"
