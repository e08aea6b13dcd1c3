"""How late changes will be noticed if a portal is asked so much and no more. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

_HALVINGS = 60


def intervals(
    stakes: Sequence[float], limit: float, *, ceiling: float, every: float = 1.0
) -> list[float]:
    """Days between visits that cost least, if documents with these stakes share `limit` visits.

    They are in proportion to 1 / √stake, but no shorter than `every` and no longer than `ceiling`;
    the latter also where that takes more visits than there are.
    """
    roots = [math.sqrt(stake) for stake in stakes]
    seldom, often = every / ceiling, 1.0
    positive = sorted(root for root in roots if root > 0)
    if not positive:
        return [ceiling] * len(roots)
    sums = [0.0, *accumulate(positive)]

    def spent(factor: float) -> float:
        """Visits at each choice if a document gets factor × root of them, within the bounds."""
        first = bisect_left(positive, seldom / factor)
        last = bisect_right(positive, often / factor)
        never_worth = len(roots) - len(positive) + first
        return (
            seldom * never_worth
            + factor * (sums[last] - sums[first])
            + often * (len(positive) - last)
        )

    low, high = seldom / positive[-1], often / positive[0]
    for _ in range(_HALVINGS):
        factor = math.sqrt(low * high)
        low, high = (factor, high) if spent(factor) < limit else (low, factor)
    return [every / min(often, max(seldom, low * root)) for root in roots]


def mean_delay(rates: Sequence[float], visits_apart: Sequence[float]) -> float:
    """Mean days from a change to its detection: half the interval, by where changes happen."""
    changes = sum(rates)
    waited = sum(rate * days for rate, days in zip(rates, visits_apart, strict=True))
    return waited / 2 / changes if changes else 0.0
