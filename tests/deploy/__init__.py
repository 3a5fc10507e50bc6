"""The files that others run: compose file, manifests, rules; checked without an engine."""
