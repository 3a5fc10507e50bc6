"""pytest's own fixture for tests of plugins; it may be named only in the topmost conftest."""

import signal

from reports import one_blas_thread  # noqa: F401 - before anything that imports numpy

pytest_plugins = ["pytester"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what is in the background so, and the programs under test would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
