"""Connections that are opened, held and closed: the plan's options, and what one user does."""
