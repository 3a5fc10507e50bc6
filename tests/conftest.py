"""pytest's own fixture for tests of plugins; it may be named only in the topmost conftest."""

pytest_plugins = ["pytester"]
