"""Who may import whom, and that nothing but the load side ever loads locust."""

import subprocess
import sys

import pytest

QUIET = (
    "rundir",
    "scenarios.loading",
    "scenarios.phases",
    "scenarios.cases.loading",
    "memory_sidecar.watch",
    "memory_sidecar.service.serving",
    "harness.pulling.all_of_them",
    "reports.assemble",
)


@pytest.mark.parametrize("module", QUIET)
def test_importing_it_does_not_load_locust(module: str) -> None:
    program = f"import sys, {module}; sys.exit('locust' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_arrows_of_the_architecture_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
