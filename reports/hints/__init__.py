"""What to look at next: hints that follow from this run's findings, never from a list."""
