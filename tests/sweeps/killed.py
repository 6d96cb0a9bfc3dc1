"""Kill trainings at random moments, and see that they go on to the same numbers.

python -m tests.sweeps.killed --count 20
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.support.killed import killed_and_resumed
from tests.sweeps.options import asked

KILLS = 4  # of one training


def main() -> None:
    options = asked(__doc__, 20, "how often a training is killed", seed=1)
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
