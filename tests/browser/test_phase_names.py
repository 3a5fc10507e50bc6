"""The names of phases in the timeline: whole, never on each other, as many as have room."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser

from reports.__main__ import main
from tests.attribution.made_attribution import KIB, Service, write_run
from tests.browser.opening import DRAWN, Opened, needs_chromium, opened

pytestmark = [pytest.mark.browser, needs_chromium]

NAMES = """() => {
  for (const view of Object.values(Bokeh.index)) {
    const found = view.model.center?.filter(part => part.tags[0] === "phase") ?? [];
    if (found.length) {
      const {start, end} = view.model.x_range, width = view.model.inner_width;
      return found.map(label => ({
        text: label.text, visible: label.visible, line: label.y_offset, seconds: label.tags[1],
        left: (label.x - start) / (end - start) * width + label.x_offset, width,
      }));
    }
  }
}"""
WIDE = 600
NARROWEST_LETTER = 4.0
"""Pixels on average of a name in 12 px letters, at the very least."""


@pytest.fixture(scope="module")
def attribution(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with many short phases."""
    runs = tmp_path_factory.mktemp("runs")
    directory = write_run(runs / "run", Service(retained={"/report": 20 * KIB}))
    main([str(directory.path)])
    yield directory.report_html.as_uri()


def shown(found: Opened) -> list[dict[str, Any]]:
    found.page.wait_for_selector(DRAWN, state="attached")
    return [name for name in found.page.evaluate(NAMES) if name["visible"]]


def assert_apart(names: list[dict[str, Any]]) -> None:
    for name in names:
        assert name["left"] >= 0
        assert name["left"] + NARROWEST_LETTER * len(name["text"]) <= name["width"]
    for line in {name["line"] for name in names}:
        beside = sorted((name for name in names if name["line"] == line), key=lambda n: n["left"])
        for before, after in pairwise(beside):
            assert before["left"] + NARROWEST_LETTER * len(before["text"]) <= after["left"]


@pytest.mark.parametrize("width", [390, 1280])
def test_names_of_many_phases_do_not_lie_on_each_other(
    browser: Browser, attribution: str, width: int
) -> None:
    with opened(browser, attribution, width=width) as found:
        names = shown(found)
        found.shot(f"phase-names-{width}", whole=True)
        assert_apart(names)
        everyone = found.page.evaluate(NAMES)
        longest = max(everyone, key=lambda name: float(name["seconds"]))
        assert longest["text"] in [name["text"] for name in names]
        assert found.complaints == []


def test_a_wider_chart_and_a_closer_look_name_more(browser: Browser, attribution: str) -> None:
    with opened(browser, attribution, width=390) as found:
        few = {name["text"] for name in shown(found)}
        chart = found.page.locator(".chart").first
        chart.focus()
        for _ in range(2):
            chart.press("+")
        near = shown(found)
        assert_apart(near)
        assert {name["text"] for name in near} - few
        chart.press("Escape")
        found.page.set_viewport_size({"width": 1280, "height": 900})
        # Not wait_for_function, whose polling the page's content security policy forbids.
        for _ in range(100):
            if found.page.evaluate(NAMES)[0]["width"] > WIDE:
                break
            found.page.wait_for_timeout(50)
        wide = shown(found)
        assert wide[0]["width"] > WIDE
        assert_apart(wide)
        assert len(wide) > len(few)
