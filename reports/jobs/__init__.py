"""Background jobs: their lines in a log, and which of them makes the memory grow."""
