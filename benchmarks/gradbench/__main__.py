"""Race in some of the programs: python -m benchmarks.gradbench --only lstm."""

import argparse

from .. import machine

parser = argparse.ArgumentParser(prog="python -m benchmarks.gradbench", description=__doc__)
parser.add_argument("--rounds", type=int, default=7, help="rounds of each program (7)")
parser.add_argument("--only", default="", help="programs whose names have this text")
options = parser.parse_args()
machine.keep_to_one_thread()

from .race import section  # noqa: E402  it imports NumPy, whose threads have to be set before

print(section(options.rounds, options.only))
