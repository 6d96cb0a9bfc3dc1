"""Programs as calls of NumPy on prepared views."""
