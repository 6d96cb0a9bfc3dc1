"""The one form of programs, as plain data, and what reads it."""
