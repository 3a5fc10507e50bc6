"""What each import costs: from the files of a measured start to a table."""
