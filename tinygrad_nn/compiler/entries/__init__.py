"""Functions made for one structure of arguments each: from numbers to results without asking more."""
