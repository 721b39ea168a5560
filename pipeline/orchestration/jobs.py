"""The jobs: what people, schedules and sensors start.

Belongs here: which assets a job makes, and the fields that its launchpad shows. What an asset does stands with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import dagster as dg

from pipeline.method.analysis.simulation import BY_DEFAULT, Simulation
from pipeline.orchestration.assets.partitions import CONTRACT_FACTS, RAW_FOLDER
from pipeline.orchestration.assets.publication import HEADLINE
from pipeline.orchestration.assets.what_if import WHAT_IF, edition_field, what_if_fields
from pipeline.orchestration.run_config import ACCEPTED_CHECKS, SIMULATION, simulation_of

# All that leads to a headline: a contract that is new or has changed is read on the way.
EVERYTHING = dg.AssetSelection.all() - dg.AssetSelection.assets(RAW_FOLDER, CONTRACT_FACTS, WHAT_IF)
REFRESH_EVERYTHING, REFRESH_CONTRACT = "refresh_everything", "refresh_contract"
PUBLISH_EDITION = "publish_edition"
Config = dict[str, Any]

# For what passes, such as a network disk that is away for a moment; wrong data are not tried again. At the command line
# a person sees at once what is wrong.
TRIED_AGAIN = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL)


def publishing(
    editions: Sequence[str] = (),
    read_again: Sequence[str] = (),
    accepted: Sequence[str] = (),
    simulation: Simulation = BY_DEFAULT,
) -> Config:
    """Return the configuration of a run that publishes: editions, contracts to read in any case.

    Without editions those are published that none has superseded.
    """
    return {
        "resources": {"choice": {"config": {"editions": list(editions)}}},
        "ops": {
            "facts": {"config": {"read_again": list(read_again)}},
            HEADLINE: {"config": {"accepted_checks": list(accepted), **asdict(simulation)}},
        },
    }


def jobs(editions: Sequence[str], default_edition: str) -> list[Any]:
    """Return the jobs; ``editions``: those that a launchpad offers, ``default_edition``: the one it starts with."""
    return [
        dg.define_asset_job(
            REFRESH_EVERYTHING,
            EVERYTHING,
            description="Reads what is new or has changed, values all contracts and publishes every current edition.",
            op_retry_policy=TRIED_AGAIN,
            config=dg.ConfigMapping(
                config_schema={
                    "read_again": dg.Field(
                        [str],
                        default_value=[],
                        description="Contracts to read again, by id, even if their folders have not changed.",
                    ),
                    "accepted_checks": ACCEPTED_CHECKS,
                    **SIMULATION,
                },
                config_fn=lambda config: publishing(
                    read_again=config["read_again"],
                    accepted=config["accepted_checks"],
                    simulation=simulation_of(config),
                ),
            ),
        ),
        dg.define_asset_job(
            REFRESH_CONTRACT,
            # Dagster takes no fields of our own for a job with partitions; its launchpad shows those of the assets.
            EVERYTHING | dg.AssetSelection.assets(CONTRACT_FACTS),
            description="Reads one contract again, even if its folder has not changed, and publishes every current "
            "edition.",
            op_retry_policy=TRIED_AGAIN,
        ),
        dg.define_asset_job(
            PUBLISH_EDITION,
            EVERYTHING,
            description="Reads what is new or has changed, values all contracts and publishes one edition.",
            op_retry_policy=TRIED_AGAIN,
            config=dg.ConfigMapping(
                config_schema={
                    "edition": edition_field(editions, default_edition, "The edition to publish."),
                    "accepted_checks": ACCEPTED_CHECKS,
                    **SIMULATION,
                },
                config_fn=lambda config: publishing(
                    [config["edition"]], accepted=config["accepted_checks"], simulation=simulation_of(config)
                ),
            ),
        ),
        dg.define_asset_job(
            WHAT_IF,
            dg.AssetSelection.assets(WHAT_IF),
            description="Values an edition with some of its choices changed and compares it with the edition as it is. "
            "Nothing that is published changes.",
            config=dg.ConfigMapping(config_schema=what_if_fields(editions, default_edition), config_fn=_what_if),
        ),
    ]


def _what_if(config: Mapping[str, Any]) -> Config:
    return {"ops": {"value_what_if": {"config": dict(config)}}}
