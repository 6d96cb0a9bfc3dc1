"""The scalar form: one operation after another, and what it means."""
