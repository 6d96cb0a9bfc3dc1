"""Small functions with ordinary control flow at many points: python -m tests.sweeps.ordinary.

Values and slopes are compared with the eager engine, and counted is how many calls were answered by
programs. Anything that differs makes the exit status 1, and so does a function that is left to
Python more often, or less, than is said of it here.
"""

from __future__ import annotations

import argparse
import sys
import warnings

from tests.support.control_flow import CASES
from tests.support.control_flow.compared import differences
from tinygrad_nn.errors import FaultWarning

LEAST = 0.9  # of the points of a function: as many are answered by programs
# But for those that are called as they are after 16 recordings in fewer than 32 calls:
MANY_PATHS = frozenset(
    [
        "all_positive",
        "bessel",
        "collatz",
        "continued_fraction",
        "drawdown",
        "edit_distance",
        "hypergeometric",
        "inserted",
        "insertion_sort",
        "knapsack",
        "largest_run",
        "longest_run",
        "median",
        "most_common",
        "price_with_discount",
        "quick_sort",
        "ranked",
        "sine",
        "trimmed_mean",
    ]
)  # another one at nearly each call: they sort, or stop a series at a number of terms of its own
NO_PROGRAM = frozenset({"guarded_log", "guarded_quotient"})  # errors are caught
TIES = frozenset({"adaptive_euler"})  # its estimate of an error hangs on rounding
GIVEN_UP = MANY_PATHS | NO_PROGRAM | TIES


def main() -> None:
    """Try all functions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50, help="points of each function (50)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backend", default="auto")
    options = parser.parse_args()
    wrong: list[str] = []
    shares = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # too many paths are expected of some
        warnings.simplefilter("error", FaultWarning)
        for name, case in CASES.items():
            points = case.points(options.seed, options.count)
            found, answered = differences(case, points, backend=options.backend)
            wrong += found
            shares[name] = answered / options.count
    few = {name for name, share in shares.items() if share < LEAST}
    print(
        f"{len(shares) - len(few)} of {len(shares)} functions answer {LEAST:.0%} of their points by "
        "programs"
    )
    for name, share in sorted(shares.items(), key=lambda pair: pair[1]):
        if share < 1.0:
            print(f"{share:6.0%} {name}")
    print(*wrong[:20], sep="\n")
    print(f"{len(wrong)} differences")
    for name in sorted(few ^ GIVEN_UP):
        print(f"{name} is {'not ' * (name not in few)}left to Python, as is not said of it")
    sys.exit(bool(wrong) or few != GIVEN_UP)


if __name__ == "__main__":
    main()
