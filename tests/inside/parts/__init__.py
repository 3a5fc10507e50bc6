"""A service in parts, each of which keeps a known number of bytes with each request."""
