"""Memory per open connection: what each needs, whether it grows while held, what comes back."""
