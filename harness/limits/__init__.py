"""Ways to run a target under a hard memory limit without swap: one file each."""
