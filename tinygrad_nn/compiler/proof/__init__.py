"""Whether a program is its function: both are computed in a finite field, and compared."""
