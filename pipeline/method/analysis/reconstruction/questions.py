"""What to ask the authors of a published study: the answers that would leave fewest readings of it.

Belongs here: which questions there are, and how much each would tell. Readings count alike: how many an answer leaves
is no chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.method.analysis.reconstruction.lines import Bools, Floats
from pipeline.method.analysis.reconstruction.readings import AllReadings
from pipeline.tables.analysis import Questions
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.vocabulary import POLICY_AREAS

ASKED = 5
# Where no reading is near, the questions tell apart the nearest of all.
NEAREST_SHARE = 0.01
FITTING, NEAR = "readings that come near both ratios and fit the areas", "readings that come near both ratios"
NEAREST, PUT_IN = "readings that come nearest", ", {share} with a published result put in"
# What so many of the readings share anyway, no answer settles.
SHARED = 0.95
YES_NO = ("no", "yes")
# Public value per £1 of an area, as somebody might answer.
BOUNDS = (2.0, 4.0, 6.0, 8.0, 10.0, 15.0)
BANDS = (
    f"under £{BOUNDS[0]:g}",
    *(f"£{low:g} to £{high:g}" for low, high in pairwise(BOUNDS)),
    f"£{BOUNDS[-1]:g} or more",
)
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Question:
    """A question, its answers, and which of them each reading gives."""

    subject_kind: str
    subject: str
    words: str
    answers: Sequence[str]
    given: Codes


def asked_about(found: AllReadings) -> tuple[str, Bools]:
    """Return the readings that the questions are to tell apart, and what they are; of those alike in all sums one.

    Those without plugs that fit the areas too, then those that are near, then the same with plugs: the first that are
    as many as ``ASKED`` questions of two answers can tell apart; where none are so many the first of two or more, else
    the nearest of all.
    """
    tried = []
    for without_plugs in (True, False):
        among = ~found.has_plug if without_plugs else np.ones(len(found.made), bool)
        for name, which in ((FITTING, found.fits_areas), (NEAR, found.is_near)):
            first = _first_of_their_sums(found, which & among)
            tried.append((name if without_plugs else f"{name}{_put_in(found, first)}", first))
    for enough in (2**ASKED, 2):
        for name, which in tried:
            if which.sum() >= enough:
                return name, which
    return NEAREST, _first_of_their_sums(found, found.distance <= np.quantile(found.distance, NEAREST_SHARE))


def _put_in(found: AllReadings, which: Bools) -> str:
    return PUT_IN.format(share="all" if found.has_plug[which].all() else "some")


def possible_questions(found: AllReadings, which: Bools) -> list[Question]:
    """Return a question for each step that is no plug, and one for the ratio of each policy area."""
    steps = [
        Question("choice", step.step_id, step.question, YES_NO, found.made[which, n].astype(np.int64))
        for n, step in enumerate(found.steps)
        if not step.is_plug
    ]
    ratios = found.ratios["bcr"][which]
    areas = [
        Question(
            "policy_area", area, f"What was public value for each £1 paid in {area.replace('_', ' ')}?", BANDS, given
        )
        for area in POLICY_AREAS
        for given in [np.digitize(np.nan_to_num(ratios[:, found.scopes.index(area)]), BOUNDS)]
    ]
    return [*steps, *areas]


def information(groups: Codes) -> float:
    """Return the entropy of readings that stand in groups, in bits: what knowing the group tells on average."""
    shares = np.bincount(groups) / len(groups)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def chosen_questions(questions: Sequence[Question], number: int = ASKED) -> list[tuple[Question, Codes]]:
    """Return the questions that together tell most, one after the other, each with the groups that are then apart.

    Of questions that tell the same the first in the list is asked; one that would tell nothing more is not.
    """
    groups = np.zeros(len(questions[0].given) if questions else 0, dtype=np.int64)
    left, found = list(questions), []
    for _ in range(min(number, len(left))):
        apart = [_joined(groups, question.given) for question in left]
        tells = [round(information(each), 9) for each in apart]
        best = int(np.argmax(tells))
        if tells[best] <= round(information(groups), 9):
            break
        groups = apart[best]
        found.append((left.pop(best), groups))
    return found


def _joined(groups: Codes, given: Codes) -> Codes:
    """The groups of two ways to group, as numbers from 0 on."""
    return np.unique(groups * (given.max() + 1) + given, return_inverse=True)[1].ravel()


def questions(found: AllReadings | None) -> DataFrame[Questions]:
    """Return the questions whose answers would leave fewest readings, one row per answer.

    Readings that come to the same sums are one: no answer of theirs tells. An answer that none gives has no row.
    ``expected_left``: how many readings are left on average after this answer and those before it, each reading taken
    as likely as the next; ``then_made``, ``then_not_made``: steps, no plugs among them, that all readings that are left
    make, or none does, and of which that was open before: ``SHARED`` of the readings did not do so anyway.
    """
    if found is None:
        return typed(Questions, Questions.empty())
    name, which = asked_about(found)
    made = found.made[which]
    rows: list[dict[str, Any]] = []
    known = 0.0
    for order, (question, groups) in enumerate(chosen_questions(possible_questions(found, which)), start=1):
        sizes = np.bincount(groups).astype(np.float64)
        bits = information(groups)
        for code, answer in enumerate(question.answers):
            stays = question.given == code
            if not stays.any():
                continue
            rows.append(
                {
                    **{"question_order": order, "subject_kind": question.subject_kind, "subject": question.subject},
                    **{"question": question.words, "answer": answer, "asked_about": name},
                    "readings": len(made),
                    "readings_left": int(stays.sum()),
                    "readings_ruled_out": int((~stays).sum()),
                    "information_bits": bits - known,
                    "expected_left": float((sizes**2).sum() / sizes.sum()),
                    "then_made": _settled(found, made, stays, question.subject, share=1),
                    "then_not_made": _settled(found, made, stays, question.subject, share=0),
                }
            )
        known = bits
    return typed(Questions, pd.DataFrame(rows)) if rows else typed(Questions, Questions.empty())


def _first_of_their_sums(found: AllReadings, which: Bools) -> Bools:
    """Return of these readings those that come to sums, in pence, that none before them comes to."""
    places = np.flatnonzero(which)
    sums = np.concatenate([found.public_gbp[which], found.fiscal_gbp[which], found.paid_gbp[which]], axis=1)
    _, first = np.unique((sums * 100).round().astype(np.int64), axis=0, return_index=True)
    is_first = np.zeros(len(which), dtype=bool)
    is_first[places[first]] = True
    return is_first


def _settled(found: AllReadings, made: Bools, stays: Bools, asked: str, share: int) -> str:
    """The steps, but the one asked about, that all readings that stay make, or none does, and not nearly all before."""
    before, now = _shares(made), _shares(made[stays])
    return "; ".join(
        step.step_id
        for n, step in enumerate(found.steps)
        if now[n] == share and abs(before[n] - share) > 1 - SHARED and step.step_id != asked and not step.is_plug
    )


def _shares(made: Bools) -> Floats:
    return np.asarray(made.mean(axis=0), dtype=np.float64)
