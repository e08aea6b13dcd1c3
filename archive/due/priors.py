"""What the documents of a kind and age have in common, fitted to all of their histories. Pure.

Empirical Bayes in levels: documents of an age, of an age and legal force, of an age, force and
category. Each level starts from what the one above believes and departs from it as far as its own
documents show; the first starts from `BUILT_IN`. docs/due.md has the formulas.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archive.due.rates import History, Prior

Group = tuple[str, ...]
"""Age band, legal force, category; a beginning of it is the group of the level above."""

_YEAR = 365.25
_SHAPE = 0.5
AGE_BANDS = (("month", 30.0), ("year", _YEAR), ("five years", 5 * _YEAR), ("older", math.inf))
"""Names and upper ends, in days since publication."""

BUILT_IN: Mapping[str, Prior] = {
    band: Prior(_SHAPE, _SHAPE * _YEAR / a_year)
    for (band, _), a_year in zip(AGE_BANDS, (4.0, 1.0, 0.3, 0.15), strict=True)
}
"""What is believed of an unknown portal's documents: changes a year by age, and a shape that lets
one document in six change less than a tenth of it."""

# How far a level is expected to depart from the one above: standard deviations of the logarithms.
_OF_MEAN = math.log(3)
_OF_SHAPE = math.log(2)
# Small shapes are portals on which nearly nothing changes and a few documents often.
_SHAPES = tuple(0.005 * 1.6**step for step in range(17))  # up to 9
_STEPS = 40
_PRECISION = 1e-4


class _Cell(NamedTuple):
    """Documents with much the same history: how many, and their mean changes and exposure."""

    documents: int
    changes: float
    days: float


def age_band(days: float) -> str:
    """The band of a document published so many days ago."""
    return next(band for band, end in AGE_BANDS if days < end)


def fitted(observed: Iterable[tuple[Group, History]]) -> dict[Group, Prior]:
    """The prior of each group with documents, and of the groups that they begin with."""
    tallies: dict[Group, dict[tuple[float, int], list[float]]] = {}
    for group, history in observed:
        key = _cell_key(history)
        for length in range(1, len(group) + 1):
            cell = tallies.setdefault(group[:length], {}).setdefault(key, [0, 0.0, 0.0])
            cell[0] += 1
            cell[1] += history.changed
            cell[2] += history.exposure
    priors: dict[Group, Prior] = {}
    for group in sorted(tallies, key=len):
        above = priors[group[:-1]] if len(group) > 1 else BUILT_IN[group[0]]
        cells = [
            _Cell(int(number), changes / number, days / number)
            for (_, _), (number, changes, days) in sorted(tallies[group].items())
            if days
        ]
        priors[group] = _fit(cells, above) if cells else above
    return priors


def _cell_key(history: History) -> tuple[float, int]:
    # Cells of a fifth in exposure and, beyond eight changes, an eighth in their number.
    changed = history.changed
    return (
        changed if changed <= 8 else 2.0 ** (round(8 * math.log2(changed)) / 8),
        round(5 * math.log1p(history.exposure)),
    )


def _fit(cells: list[_Cell], above: Prior) -> Prior:
    best, greatest = above, -math.inf
    for shape in _SHAPES:
        prior = Prior(shape, _days(cells, shape, above))
        likelihood = _log_posterior(cells, prior, above)
        if likelihood > greatest:
            best, greatest = prior, likelihood
    return best


def _days(cells: list[_Cell], shape: float, above: Prior) -> float:
    """The best `days` for a given shape, by Newton's method on its logarithm."""
    centre = math.log(shape / above.mean)
    at = centre
    for _ in range(_STEPS):
        days = math.exp(at)
        slope = -(at - centre) / _OF_MEAN**2
        bend = -1 / _OF_MEAN**2
        for documents, changes, exposure in cells:
            share = days / (days + exposure)
            slope += documents * (shape - (shape + changes) * share)
            bend -= documents * (shape + changes) * share * (1 - share)
        step = max(-2.0, min(2.0, -slope / bend))
        at += step
        if abs(step) < _PRECISION:
            break
    return math.exp(at)


def _log_posterior(cells: list[_Cell], prior: Prior, above: Prior) -> float:
    """Of a prior, up to a constant: numbers of changes are negative binomial."""
    shape, days = prior
    surprise = (math.log(prior.mean / above.mean) / _OF_MEAN) ** 2
    surprise += (math.log(shape / above.shape) / _OF_SHAPE) ** 2
    base = shape * math.log(days) - math.lgamma(shape)
    return -surprise / 2 + sum(
        documents
        * (base + math.lgamma(shape + changes) - (shape + changes) * math.log(days + exposure))
        for documents, changes, exposure in cells
    )
