"""These tests import locust, which patches the standard library: a process of their own."""

import locust  # noqa: F401 - first, before anything that it patches
