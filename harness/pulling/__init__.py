"""What remote sidecars wrote, on its way into the run directory: copied, checked, its clock set."""
