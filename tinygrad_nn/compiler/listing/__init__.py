"""A program as the linear algebra that it is."""
