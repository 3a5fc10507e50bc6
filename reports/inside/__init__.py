"""What the target's processes said of themselves, and what that means."""
