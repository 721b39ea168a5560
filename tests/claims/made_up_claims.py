"""Claims for tests: a made-up contract whose claims come to what its outcomes.csv reported."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple


class Claim(NamedTuple):
    participant_id: str
    metric_id: str
    milestone: str = ""
    achieved_on: str = "2019-06-30"
    amount_gbp: str = ""
    evidence_id: str = "file 1"


Write = Callable[[Iterable[Claim]], Path]
METRICS = """metric_id,label,unit,is_net_of_deadweight,source_id,locator
started,started a job,person,false,survey-2021,C-1 claims
weeks_13,in the job for 13 weeks,person,false,survey-2021,C-1 claims
weeks_26,in the job for 26 weeks,person,false,survey-2021,C-1 claims
crimes,crimes avoided,incident,false,survey-2021,C-1 claims
"""
MILESTONES = {"started": "0", "weeks_13": "13", "weeks_26": "26"}


def as_csv(claims: Iterable[Claim]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Claim._fields)
    writer.writerows(claims)
    return text.getvalue()


def reported_claims() -> list[Claim]:
    """60 people start, 40 of them hold the job for 13 weeks and 30 for 26; 12 crimes are avoided."""
    claims = []
    for metric, people in (("started", 60), ("weeks_13", 40), ("weeks_26", 30)):
        weeks = int(MILESTONES[metric])
        for person in range(people):
            day = date(2018, 4, 1) + timedelta(days=9 * person, weeks=weeks)
            claims.append(
                Claim(f"person-{person:04d}", metric, MILESTONES[metric], day.isoformat(), "", f"file {person}")
            )
    claims += [Claim(f"person-{n:04d}", "crimes", "", "2019-06-30", "", f"record {n}") for n in range(12)]
    return claims
