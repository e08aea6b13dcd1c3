"""How often a document changes, judged by visits that saw only whether it had. Pure.

Changes are taken to be a Poisson process whose rate is drawn from a gamma distribution that the
document's group shares. Times are in days, rates in changes a day. docs/due.md derives it all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

_PRECISION = 1e-6
_STEPS = 60
_MANY = 700.0  # changes in an interval, more than which no exponential can hold


class History(NamedTuple):
    """What visits after the first one have seen: how many found what, after how many days in all.

    Numbers are whole for a location and need not be for a document of several.
    """

    unchanged: float = 0
    unchanged_days: float = 0.0
    changed: float = 0
    changed_days: float = 0.0

    @property
    def visits(self) -> float:
        """How many visits there were."""
        return self.unchanged + self.changed

    @property
    def exposure(self) -> float:
        """Days in which a change would have counted: on average one falls halfway between visits"""
        return self.unchanged_days + self.changed_days / 2


class Prior(NamedTuple):
    """A gamma distribution of rates, as if `shape` changes had been seen in `days` days."""

    shape: float
    days: float

    @property
    def mean(self) -> float:
        """Changes a day, on average over documents."""
        return self.shape / self.days


def rate(history: History, prior: Prior) -> float:
    """The rate of change of a document with this history, out of a group with this prior.

    With a prior of nothing and equal intervals it is the exact maximum of the likelihood, as in
    Cho and Garcia-Molina, *Estimating frequency of change* (2003); without a change seen it is the
    posterior mean; in between it is where the posterior of the rate's logarithm is greatest.
    """
    unseen = history.unchanged_days + prior.days
    estimate = (history.changed + prior.shape) / (unseen + history.changed_days / 2)
    if history.changed_days <= 0:
        return estimate
    interval = history.changed_days / history.changed
    # The estimate is below the root of a falling convex function: Newton's steps never overshoot.
    for _ in range(_STEPS):
        expected = min(estimate * interval, _MANY)
        falling = history.changed_days / math.expm1(expected)
        value = prior.shape / estimate + falling - unseen
        slope = prior.shape / estimate**2 + falling * interval / -math.expm1(-expected)
        step = value / slope
        estimate += step
        if step <= estimate * _PRECISION:
            break
    return estimate


def averaged(histories: Sequence[History]) -> History:
    """The history of a document from those of its locations.

    Copies see the same changes, so they are averaged: added up, two would pass for twice as much
    evidence.
    """
    if len(histories) == 1:
        return histories[0]
    return History(*(sum(column) / len(histories) for column in zip(*histories, strict=True)))
