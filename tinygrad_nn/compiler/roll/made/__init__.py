"""The passes that make the one form of programs."""
