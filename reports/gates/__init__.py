"""Rules that a run must keep: where they come from, and whether it kept them."""
