"""Programs made to run."""
