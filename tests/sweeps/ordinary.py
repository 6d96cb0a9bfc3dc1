"""Small functions with ordinary control flow at many points: python -m tests.sweeps.ordinary.

Values and slopes are compared with the eager engine, and counted is how many calls were answered by
programs. Anything that differs, or too few of them, makes the exit status 1.
"""

from __future__ import annotations

import argparse
import sys
import warnings

from tests.support.control_flow import CASES
from tests.support.control_flow.compared import differences

LEAST = 0.9  # of the points of a function: as many are answered by programs
# Of the functions, as many answer so many: some take another path at nearly each call, and are
# called as they are after 16 that were in vain.
MOST = 0.75


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
        for name, case in CASES.items():
            points = case.points(options.seed, options.count)
            found, answered = differences(case, points, backend=options.backend)
            wrong += found
            shares[name] = answered / options.count
    many = sum(share >= LEAST for share in shares.values())
    print(f"{many} of {len(shares)} functions answer {LEAST:.0%} of their points by programs")
    for name, share in sorted(shares.items(), key=lambda pair: pair[1]):
        if share < 1.0:
            print(f"{share:6.0%} {name}")
    print(*wrong[:20], sep="\n")
    print(f"{len(wrong)} differences")
    sys.exit(bool(wrong) or many < MOST * len(shares))


if __name__ == "__main__":
    main()
