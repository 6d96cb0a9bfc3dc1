"""The engine: one number at a time, its operations, and one reverse pass."""
