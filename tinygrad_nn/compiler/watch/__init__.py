"""Watching what a recorded function takes from outside, so that a program is used as long as it holds."""
