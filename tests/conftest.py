"""What holds for all tests."""

import os

from hypothesis import settings

# No test asks how long something takes: a busy machine is no failure.
settings.register_profile("unhurried", deadline=None)
# An automatic check gives the same answer each time; by hand, each run tries something new.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "unhurried")
