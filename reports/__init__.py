"""What a run means: a run directory in, findings out. Never imports locust."""
