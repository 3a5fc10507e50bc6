"""Which endpoint keeps memory, and which needs it for a moment: bytes, with intervals."""
