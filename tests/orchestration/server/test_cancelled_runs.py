"""A run that somebody has ended in the records: it publishes nothing more, and stays as it was said to be."""

from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from pipeline import cli
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.server.runs import ENDED, go_on
from pipeline.orchestration.settings import Settings
from pipeline.report import publish
from tests.orchestration.conftest import IN_BOTH_STORAGES

pytestmark = pytest.mark.usefixtures("unchecked", "unwritten")
Status = dg.DagsterRunStatus
EDITIONS = ("main", "other")
OLD = "the last good edition"


@pytest.fixture
def project(settings: Settings) -> Settings:
    """The small project with two editions, each published."""
    text = (settings.reference_dir / "editions/main.toml").read_text(encoding="utf-8")
    other = text.replace('edition = "main"', 'edition = "other"')
    (settings.reference_dir / "editions/other.toml").write_text(other, encoding="utf-8")
    for edition in EDITIONS:
        (settings.out_dir / edition).mkdir(parents=True)
        (settings.out_dir / edition / "headline.md").write_text(OLD, encoding="utf-8")
    return settings


def is_new(settings: Settings) -> list[bool]:
    return [(settings.out_dir / edition / "headline.md").read_text(encoding="utf-8") != OLD for edition in EDITIONS]


def the_run(records: dg.DagsterInstance) -> dg.DagsterRun:
    """The run that was begun last."""
    return records.get_runs(limit=1)[0]


def force(records: dg.DagsterInstance) -> None:
    """What "force termination" in the UI comes to, whatever becomes of the process."""
    records.report_run_canceled(the_run(records))


def ask_to_stop(records: dg.DagsterInstance) -> None:
    records.report_run_canceling(the_run(records))


def fail(records: dg.DagsterInstance) -> None:
    """What the watch over runs does when it takes the process for dead."""
    records.report_run_failed(the_run(records))


def delete(records: dg.DagsterInstance) -> None:
    records.delete_run(the_run(records).run_id)


def once(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, then: Callable[[], object]) -> None:
    """Have something happen after the first call of a function."""
    call = getattr(owner, name)

    def called(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(owner, name, call)
        result = call(*arguments, **options)
        then()
        return result

    monkeypatch.setattr(owner, name, called)


# --- What a step hears when it looks ----------------------------------------------------------------------------


class Looking:
    """A run of one step, in which something is done before it looks."""

    def __init__(self, then: Callable[[dg.DagsterInstance], object]) -> None:
        self.looks, self.got_through, self.then = 0, 0, then

    def run(self, records: dg.DagsterInstance | None) -> dg.ExecuteInProcessResult:
        @dg.asset(retry_policy=dg.RetryPolicy(max_retries=2))
        def looking(context: dg.AssetExecutionContext) -> None:
            """Looks."""
            self.looks += 1
            if self.looks == 1:
                self.then(context.instance)
            go_on(context)
            self.got_through += 1

        return dg.materialize([looking], instance=records, raise_on_error=False)


def test_a_run_that_was_ended_in_the_records_does_not_go_on(records: dg.DagsterInstance) -> None:
    for end, status in ((force, Status.CANCELED), (ask_to_stop, Status.CANCELED), (fail, Status.FAILURE)):
        run = Looking(end)
        run.run(records)
        assert (run.looks, run.got_through) == (1, 0)
        assert the_run(records).status == status
    number = records.get_runs_count()
    run = Looking(delete)
    run.run(records)
    assert (run.looks, run.got_through) == (1, 0)
    assert records.get_runs_count() == number


def test_nor_when_dagster_tries_again_the_step_that_its_own_signal_has_interrupted(records: dg.DagsterInstance) -> None:
    def interrupted_by(end: Callable[[dg.DagsterInstance], None]) -> Callable[[dg.DagsterInstance], None]:
        def then(records: dg.DagsterInstance) -> None:
            end(records)
            raise KeyboardInterrupt

        return then

    for end in (force, ask_to_stop):
        run = Looking(interrupted_by(end))
        run.run(records)
        assert (run.looks, run.got_through) == (2, 0)
        assert the_run(records).status == Status.CANCELED


def test_others_go_on_recorded_or_not(records: dg.DagsterInstance) -> None:
    for instance in (records, None):
        run = Looking(lambda _: None)
        assert run.run(instance).success
        assert run.got_through == 1


@IN_BOTH_STORAGES
def test_a_run_that_has_ended_stays_as_it_ended(records: dg.DagsterInstance) -> None:
    for end in (force, fail):
        run = records.create_run_for_job(made_up.get_repository_def().get_job("job"), status=Status.STARTED)
        end(records)
        ended = the_run(records).status
        assert ended in ENDED
        for told in (records.report_run_canceling, records.report_run_canceled, records.report_run_failed):
            told(run)
            assert the_run(records).status == ended
        for kind in (dg.DagsterEventType.RUN_START, dg.DagsterEventType.RUN_SUCCESS):
            records.report_dagster_event(dg.DagsterEvent(kind.value, "job"), run.run_id)
            assert the_run(records).status == ended


@dg.asset
def nothing() -> None:
    """Nothing."""


made_up = dg.Definitions([nothing], jobs=[dg.define_asset_job("job")])


# --- What comes of it -------------------------------------------------------------------------------------------


def test_a_run_ended_by_force_before_the_swap_publishes_nothing(
    project: Settings, records: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    once(monkeypatch, publish, "arrow_table", lambda: force(records))  # while it writes the first edition
    with pytest.raises(KeyboardInterrupt):
        run_editions(project)
    assert is_new(project) == [False, False]
    assert the_run(records).status == Status.CANCELED
    assert sorted(path.name for path in project.out_dir.iterdir()) == [".lock", *EDITIONS]


def test_between_two_swaps_it_stops_and_says_so_at_the_command_line(
    project: Settings, records: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    once(monkeypatch, publish, "_swap", lambda: force(records))
    monkeypatch.setattr("sys.argv", ["publicvalue", "run"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == cli.STOPPED
    assert capsys.readouterr().err.endswith("Stopped; already published: main.\n")
    assert is_new(project) == [True, False]
    assert the_run(records).status == Status.CANCELED


def test_a_what_if_that_was_ended_is_not_kept(
    project: Settings, records: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    once(monkeypatch, publish, "arrow_table", lambda: force(records))
    job = build_definitions(project).get_repository_def().get_job("what_if")
    assert not job.execute_in_process({"deadweight_layer": "none"}, instance=records, raise_on_error=False).success
    assert list((project.data_dir / "what-if").glob("[!.]*")) == []
    assert the_run(records).status == Status.CANCELED
