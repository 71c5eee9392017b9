"""How often the verdicts were right where people had judged, as an audit tells it.

Measured by ``python -m footnoted.eval.calibrate_ledger``, cross-fitted: docs/decisions/0016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # 10 ms, for types alone
    from footnoted.documents import Accuracy, Scored


MEASURED_ON = "wice-dev"
CLAIMS = 349


class _Scored(NamedTuple):
    """Of the claims scored ``below``, and no lower than those before, how many were supported."""

    below: float
    claims: int
    supported: int


class _Measured(NamedTuple):
    """How many claims were found to be supported and not found, and what people had said of these.

    ``right`` is the share of all claims with the right one of three verdicts, ``f1`` their macro
    F1; ``whole``, ``part`` and ``none`` are of those ``supported``; of those ``not_found`` the
    source said ``something``.
    """

    right: float
    f1: float
    supported: int
    whole: int
    part: int
    none: int
    not_found: int
    something: int
    scored: tuple[_Scored, ...]


_WITH_READER = _Measured(
    *(0.62, 0.60, 95, 61, 32, 2, 64, 35),
    (_Scored(0.2, 112, 8), _Scored(0.4, 124, 41), _Scored(0.6, 69, 33), _Scored(1.0, 44, 33)),
)
_WITHOUT_READER = _Measured(
    *(0.56, 0.53, 109, 64, 43, 2, 68, 44),
    (_Scored(0.2, 105, 7), _Scored(0.4, 130, 40), _Scored(0.6, 82, 42), _Scored(1.0, 32, 26)),
)


def accuracy(*, with_reader: bool) -> Accuracy:
    """The accuracy of a ledger's verdicts, in numbers and in words (``in_words``)."""
    one = _WITH_READER if with_reader else _WITHOUT_READER
    shares = [_percent(found.supported / found.claims) for found in one.scored]
    lowest, *between, highest = shares
    edges = [found.below for found in one.scored]
    middle = "".join(
        f", {share} from there to {edge}" for share, edge in zip(between, edges[1:], strict=False)
    )
    return {
        "measured_on": MEASURED_ON,
        "claims": CLAIMS,
        "verdict_accuracy": one.right,
        "verdict_f1": one.f1,
        "supported_said": one.supported,
        "supported_right": one.whole,
        "supported_in_part": one.part,
        "scores": [_row(found) for found in one.scored],
        "in_words": (
            "A program made these verdicts, and many are wrong: read the quotes. Of "
            f"{CLAIMS} claims in English that people had judged it gave {_percent(one.right)} the "
            f"right one of three verdicts. Of {one.supported} that it found to seem supported, "
            f"the source said all of {one.whole}, part of {one.part} and nothing of {one.none}; "
            f"of {one.not_found} that it did not find, the source said something of "
            f"{one.something}. A score is how likely a source says all of a claim: it did for "
            f"{lowest} of those scored below {edges[0]}{middle}, and {highest} above."
        ),
    }


def _row(found: _Scored) -> Scored:
    return {"below": found.below, "claims": found.claims, "supported": found.supported}


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
