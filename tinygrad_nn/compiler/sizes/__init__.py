"""Programs of any size: recorded at small lengths, found as a rule in them, written for real ones."""
