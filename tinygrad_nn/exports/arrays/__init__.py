"""What languages of arrays share: a program as expressions of whole arrays."""
