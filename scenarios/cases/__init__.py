"""Cases: a misbehaviour, the run that shows it, the fix, and the run that shows that it worked."""
