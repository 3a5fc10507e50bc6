"""What the page tells people to copy runs, and is what the plugin has."""

from __future__ import annotations

import inspect
import re

from reports.pytest_plugin import MARKER
from reports.pytest_plugin.cache import check_bounded_cache
from reports.pytest_plugin.connections import check_connections_come_back
from tests.pytest_plugin.conftest import ROOT, Suite

PAGE = (ROOT / "docs" / "pytest.md").read_text()


def test_the_example_passes(suite: Suite) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.S)
    assert set(suite.run(example).outcomes.values()) == {"PASSED"}


def test_the_page_names_every_parameter() -> None:
    assert MARKER.split(":")[0] in PAGE
    for name, check in (
        ("bounded_cache", check_bounded_cache),
        ("connections_come_back", check_connections_come_back),
    ):
        (named,) = re.findall(rf"`{name}\((.*?)\)`", PAGE)
        told = {part.split("=")[0].strip() for part in named.split(",")}
        assert told == set(inspect.signature(check).parameters)
