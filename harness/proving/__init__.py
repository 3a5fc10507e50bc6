"""Runs that prove: the same load under a hard limit, the smallest limit, the worker count."""
