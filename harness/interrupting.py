"""Ctrl-C reaches Locust's main greenlet, whichever greenlet happens to run."""

from __future__ import annotations

import signal

import gevent


def interrupt_main_greenlet() -> None:
    """From now on; to be called in the main greenlet.

    Python raises KeyboardInterrupt wherever the interpreter is just then. In a user's greenlet it
    ends as a traceback on the console, and only then reaches Locust.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        # Started in the background, or by somebody who handles it: left as it is.
        return
    main, hub = gevent.getcurrent(), gevent.get_hub()
    gevent.signal_handler(
        signal.SIGINT, lambda: hub.loop.run_callback(main.throw, KeyboardInterrupt())
    )
