"""Two sides of runs, figure by figure: better, worse, or no difference shown."""
