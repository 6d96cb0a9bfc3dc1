"""From a tape to a program: entries of one shape become statements on arrays."""
