"""What happens without a person: the weekly refresh, the watch over the folders, the word when a run has ended.

Belongs here: when a run starts by itself, and who hears how it went. What a run does stands in ``jobs``.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from pipeline.checks.suites import MAY_BE_ACCEPTED
from pipeline.facts.versions import joint_version, names_in
from pipeline.orchestration.assets.failures import FOUND_BY, without_values
from pipeline.orchestration.assets.inputs import present_version, published_versions
from pipeline.orchestration.assets.partitions import (
    changed_since_seen,
    described,
    partition_changes,
    readings,
    seen,
    untold,
)
from pipeline.orchestration.assets.store import table_store
from pipeline.orchestration.jobs import PUBLISH_EDITION, REFRESH_CONTRACT, REFRESH_EVERYTHING
from pipeline.orchestration.server.runs import BEGUN
from pipeline.orchestration.settings import Settings
from pipeline.report import holds
from pipeline.report.history import edition_ids, publications
from pipeline.report.wording import RATIO_WORDS

WEBHOOK = "PUBLICVALUE_WEBHOOK_URL"
# The jobs that publish, of which it is told that they went well.
TOLD_OF = (REFRESH_EVERYTHING, REFRESH_CONTRACT, PUBLISH_EDITION)
LOOK_SECONDS = 5
# Files that have not changed for this long are taken to be whole: nobody is still copying them.
REST_SECONDS = 10
# Before each further try.
WAITS_SECONDS = (0.0, 2.0, 4.0)
TIMEOUT_SECONDS = 10
# From these statuses on an answer of HTTP sends one elsewhere, or says no.
MOVED, REFUSED = 300, 400
Clock = Callable[[], float]


def weekly_refresh() -> dg.ScheduleDefinition:
    """Return the schedule: every Monday morning, once somebody has switched it on."""
    return dg.ScheduleDefinition(
        name="weekly_refresh",
        job_name=REFRESH_EVERYTHING,
        cron_schedule="0 6 * * 1",
        execution_timezone="Europe/London",
        description="Refreshes everything every Monday at 06:00, once somebody switches it on.",
    )


def contract_folders_sensor(settings: Settings) -> dg.SensorDefinition:
    """Return the sensor that makes each folder under raw/ a partition, and says which have changed; always on."""
    store = table_store(settings)

    @dg.sensor(
        name="contract_folders",
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks at the folders under raw/ and shows each as a partition: new, changed, read or gone. It "
        "starts no run.",
    )
    def contract_folders(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        changed = changed_since_seen(context.instance, settings)
        # A run that goes on tells itself of what it reads.
        is_at_work = context.instance.get_runs_count(dg.RunsFilter(statuses=BEGUN))
        missing = [] if is_at_work else untold(context.instance, settings, store)
        # Of what is seen for the first time more is told at the next look: it refers to what was seen.
        known = sorted({*missing} - {*changed})
        read = readings(context.instance, settings, store, described(settings, store, known))
        return dg.SensorResult(
            dynamic_partitions_requests=partition_changes(context.instance, settings),
            asset_events=[*seen(settings, changed), *read],
        )

    return contract_folders


def new_data_sensor(
    settings: Settings, rest_seconds: float = REST_SECONDS, clock: Clock = time.time
) -> dg.SensorDefinition:
    """Return the sensor that refreshes everything when raw/ or reference/ has changed and is at rest."""

    @dg.sensor(
        name="new_data",
        job_name=REFRESH_EVERYTHING,
        minimum_interval_seconds=LOOK_SECONDS,
        description="Refreshes everything when a file under raw/ or reference/ has changed and none has changed for "
        f"{rest_seconds:g} seconds, or when somebody has accepted a check. It is off until somebody switches it on.",
    )
    def new_data(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        present = state_of_folders(settings)
        is_published = set(published_versions(settings).values()) == {present_version(settings)}
        last: dict[str, Any] = json.loads(context.cursor or "{}") or {"done": present if is_published else ""}
        released = holds.state(settings.out_dir)
        is_released = bool(released) and released != last.get("released")
        if present == last["done"] and not is_released:
            return dg.SkipReason("nothing has changed")
        seen = [present, released]
        if last.get("seen") != seen:
            return dg.SensorResult(
                skip_reason="files are changing", cursor=json.dumps({**last, "seen": seen, "since": clock()})
            )
        rested = clock() - last["since"]
        if rested < 0:  # the clock was set back
            return dg.SensorResult(skip_reason="waiting anew", cursor=json.dumps({**last, "since": clock()}))
        if rested < rest_seconds:
            return dg.SkipReason("waiting for the files to be at rest")
        return dg.SensorResult(
            run_requests=[dg.RunRequest()],
            dynamic_partitions_requests=partition_changes(context.instance, settings),
            cursor=json.dumps({"done": present, "released": released}),
        )

    return new_data


def state_of_folders(settings: Settings) -> str:
    """Return a version of all that lies in the folders, also of files that should not be there."""
    names = [name for folder in (settings.raw_dir, settings.reference_dir) for name in names_in(folder)]
    return joint_version([present_version(settings), *names])


# --- When a run has ended -------------------------------------------------------------------------------------


def success_sensor(settings: Settings) -> dg.SensorDefinition:
    """Return the sensor that posts what a refresh has published; off where the environment names no address."""

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="success_to_webhook",
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=_on_with_an_address(),
        description=f"Tells the address in {WEBHOOK} that a refresh succeeded: which editions moved, by how much and "
        "why. It sends only published figures.",
    )
    def success_to_webhook(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
        if context.dagster_run.job_name not in TOLD_OF:
            return dg.SkipReason("no refresh")
        address = os.environ.get(WEBHOOK)
        if not address:
            return dg.SkipReason(f"no address in {WEBHOOK}")
        post(address, what_went_well(context, settings))
        return None

    return success_to_webhook


def what_went_well(context: dg.RunStatusSensorContext, settings: Settings) -> dict[str, Any]:
    """Return what is told of a run that went well: the editions that it published anew, and why they moved."""
    run = context.dagster_run
    latest = [publications(settings.out_dir, edition)[-1:] for edition in edition_ids(settings.out_dir)]
    fresh = [each for of_edition in latest for each in of_edition if each.run_id == run.run_id]
    editions = [
        {
            "edition": each.edition,
            **{figure: each.headline.get(figure) for figure in RATIO_WORDS},
            "moved": list(each.moved),
            "accepted": [dict(one) for one in each.accepted],
        }
        for each in fresh
    ]
    moved = [each.edition for each in fresh if each.moved]
    said = f"moved: {', '.join(moved)}" if moved else "no ratio and no contract moved"
    return {
        "text": f"publicvalue: {run.job_name} went well; {said}",
        "job": run.job_name,
        "run_id": run.run_id,
        "editions": editions,
    }


def _on_with_an_address() -> dg.DefaultSensorStatus:
    return dg.DefaultSensorStatus.RUNNING if os.environ.get(WEBHOOK) else dg.DefaultSensorStatus.STOPPED


def failure_sensor() -> dg.SensorDefinition:
    """Return the sensor that posts to the address that the environment names when a run has failed; off without one."""

    @dg.run_failure_sensor(
        name="failure_to_webhook",
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=_on_with_an_address(),
        description=f"Tells the address in {WEBHOOK} that a run failed or was held, and by which check. It sends no "
        "value from the data.",
    )
    def failure_to_webhook(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        address = os.environ.get(WEBHOOK)
        if not address:
            return dg.SkipReason(f"no address in {WEBHOOK}")
        post(address, what_failed(context))
        return None

    return failure_to_webhook


def what_failed(context: dg.RunFailureSensorContext) -> dict[str, Any]:
    """Return what is told of a failed run: names and counts, no value of the data."""
    run, checks = context.dagster_run, set()
    records = context.instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    for record in records.records:
        event = record.event_log_entry.dagster_event
        if event is None or event.asset_check_evaluation_data.passed:
            continue
        if FOUND_BY not in event.asset_check_evaluation_data.metadata:
            checks.add(event.asset_check_evaluation_data.check_name)
    # Held: nothing is wrong with the data, but more has moved than anybody has said is right.
    is_held = bool(checks) and checks <= {*MAY_BE_ACCEPTED}
    how = f"is held by {', '.join(sorted(checks))}" if is_held else "failed"
    next_step = "; publicvalue accept lets it go" if is_held else ""
    return {
        "text": f"publicvalue: {run.job_name} {how}; the last good editions stand as they were{next_step}",
        "held": is_held,
        "job": run.job_name,
        "run_id": run.run_id,
        "steps": [_step(event) for event in context.get_step_failure_events()],
        "failed_checks": sorted(checks),
    }


def _step(event: dg.DagsterEvent) -> dict[str, str]:
    """Name of a failed step and what it said."""
    return {"step": str(event.step_key), "error": without_values(event)}


class NotPostedError(Exception):
    """A message was not taken; says why, without the address, of which any part may be a secret."""


def post(address: str, message: Mapping[str, Any], rest: Callable[[float], object] = time.sleep) -> None:
    """Post a message, again if the other side cannot be reached or does not take it.

    Raises ``NotPostedError`` in the end. Nobody is followed to another address. ``rest``: waits some seconds.
    """
    for seconds in WAITS_SECONDS:
        failed = _posted(address, message)
        if not failed:
            return
        rest(seconds)
    if failed := _posted(address, message):
        raise NotPostedError(f"the address in {WEBHOOK} {failed}")


def _posted(address: str, message: Mapping[str, Any]) -> str:
    """Post a message once; returns why it was not taken, nothing if it was."""
    import requests

    # What carries the message names the address in what it logs, above all where it tries again by itself.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    how: dict[str, Any] = {"timeout": TIMEOUT_SECONDS, "allow_redirects": False, "stream": True}
    try:
        with requests.post(address.strip(), json=message, **how) as answer:
            status = answer.status_code
    except requests.Timeout:
        return f"did not answer within {TIMEOUT_SECONDS} seconds"
    except requests.exceptions.SSLError:
        return "did not show a certificate that can be trusted"
    except requests.ConnectionError:
        return "cannot be reached"
    except (requests.RequestException, ValueError):  # of the parts of an address too
        return "is none to which a message can be posted (expected https://, a host and a path)"
    if MOVED <= status < REFUSED:
        return f"answered with status {status}: it has moved, and is not followed"
    return "" if status < MOVED else f"answered with status {status}"
