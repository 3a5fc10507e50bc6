"""Python imports this before a program's first line, where `probe run` has put it on the path."""

import contextlib
import importlib.machinery
import importlib.util
import os
import sys

# pathlib would cost every start some milliseconds.
_HERE = os.path.dirname(os.path.abspath(__file__))


def _start() -> None:
    # Last on the path, so that nothing of ours hides a module of the program.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(_HERE))))
    try:
        if os.environ.get("PLIMSOLL_PROBE_IMPORTS"):
            from memory_sidecar.probe.import_costs import measure_imports

            measure_imports(os.environ["PLIMSOLL_PROBE_IMPORTS"])
            return
        from memory_sidecar.probe.listening import start

        if os.environ.get("PLIMSOLL_PROBE_TRACE"):
            from memory_sidecar.probe.tracing import start_tracing

            start_tracing(int(os.environ["PLIMSOLL_PROBE_TRACE"]))
        start()
    except Exception as error:
        sys.stderr.write(f"plimsoll: the probe does not start: {error!r}\n")


def _next_sitecustomize() -> None:
    """The one that this one hides: of the distribution, or of another tool."""
    rest = [path for path in sys.path if os.path.abspath(path or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        with contextlib.suppress(ImportError):
            spec.loader.exec_module(module)


_start()
_next_sitecustomize()
