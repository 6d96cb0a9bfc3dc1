"""A program as one header in C99."""
