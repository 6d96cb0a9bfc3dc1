"""Modules recorded, and run as programs."""
