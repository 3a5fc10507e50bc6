"""What `python -m reports` can be asked: one file a command."""
