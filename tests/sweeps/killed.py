"""Kill trainings at random moments, and see that they go on to the same numbers.

python -m tests.sweeps.killed --count 20
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from killed import killed_and_resumed

KILLS = 4  # of one training


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=20, help="how often a training is killed")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    met = 0
    for k in range(0, options.count, KILLS):
        kills = min(KILLS, options.count - k)
        engine = ("compiled", "eager")[k // KILLS % 2]
        with tempfile.TemporaryDirectory() as folder:
            met += killed_and_resumed(
                Path(folder), seed=options.seed + k, kills=kills, engine=engine
            )
    print(f"{options.count} kills, {met} of them while it trained: the numbers are the same")


if __name__ == "__main__":
    main()
