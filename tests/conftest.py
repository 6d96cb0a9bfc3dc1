"""What holds for all tests."""

from hypothesis import settings

# No test asks how long something takes: a busy machine is no failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
