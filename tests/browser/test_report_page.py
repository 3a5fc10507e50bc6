"""The report in a real browser: drawn, quiet, offline; theme, keys, copy, print, a phone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from reports.__main__ import main
from tests.browser.opening import ARTEFACTS, DRAWN, needs_chromium, opened
from tests.reports.made_findings import with_events
from tests.reports.made_run import EVIL, MIB, START, MadeRun

pytestmark = [pytest.mark.browser, needs_chromium]

A4_WIDTH = 703
"""Pixels between the margins: 186 mm at 96 dpi."""


@pytest.fixture
def url(made: MadeRun) -> str:
    """A report with all that can be drawn: limits, gates, exits, and text that wants to be code."""
    exits = [
        ("process_started", 5.0, {"pid": 70 + n, "create_time": START + 5, "role": "worker"})
        for n in range(3)
    ]
    ends: list[tuple[str, float, dict[str, Any]]] = [
        ("process_exited", 20.0, {"pid": 70, "create_time": START + 5, "cause": "recycled",
                                  "planned": True, "exit_code": 0}),
        ("process_exited", 25.0, {"pid": 71, "create_time": START + 5, "planned": False,
                                  "exit_code": 3}),
        ("process_exited", 30.0, {"pid": 72, "create_time": START + 5, "cause": "oom_kill",
                                  "planned": False, "signal": 9}),
    ]  # fmt: skip
    run = {
        "scenario": {
            "name": "made",
            "gates": {"peak_mib": 150, "idle_mib": 300, "p95_ms": 19.5},
            "endpoints": [{"method": "GET", "path": EVIL, "tier": "light"}],
        }
    }
    directory = made.but(
        names=("/a", EVIL, "=cmd()"), events=with_events(*exits, *ends), run=run,
        sample=lambda row: replace(row, limit=256 * MIB),
    ).write()  # fmt: skip
    main([str(directory.path)])
    return directory.report_html.as_uri()


def test_a_listener_would_hear_a_fetch_and_an_error(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="http://fetched.invalid/x.png"><script>throw 1</script>')
    with opened(browser, page.as_uri()) as found:
        assert found.outside() == ["http://fetched.invalid/x.png"]
        assert found.complaints


def test_the_page_draws_its_charts_offline_with_a_clean_console(browser: Browser, url: str) -> None:
    with opened(browser, url) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        assert found.page.locator(".chart canvas").count() >= 5
        assert found.page.title().endswith("made")
        found.shot("report", whole=True)
        assert found.complaints == []
        assert found.outside() == []


def test_a_foreign_script_in_the_page_does_not_run(browser: Browser, url: str) -> None:
    path = Path(url.removeprefix("file://"))
    text = path.read_text()
    path.write_text(text.replace("</main>", "</main><script>document.title='x'</script>"))
    with opened(browser, url) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        assert found.page.title() != "x"
        assert any("Content Security Policy" in text for text in found.complaints)


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_theme_follows_the_system_and_can_be_turned(browser: Browser, url: str) -> None:
    with opened(browser, url, scheme="dark") as dark, opened(browser, url) as light:
        night, day = background(dark.page), background(light.page)
        assert night != day
        dark.page.get_by_role("button", name="theme").click()
        assert background(dark.page) == day
        light.page.get_by_role("button", name="theme").click()
        assert background(light.page) == night
        light.shot("report-dark")
        light.page.reload()
        assert background(light.page) == night


def x_ranges(page: Page) -> list[list[float]]:
    """Start and end of every figure's x range, memory first, then those beside it."""
    script = """() => {
      const found = [];
      const walk = (view) => {
        if (view.model.x_range) found.push([view.model.x_range.start, view.model.x_range.end]);
        (view.child_views || []).forEach(walk);
      };
      ["memory-chart", "beside-chart"].forEach((id) => Object.values(Bokeh.index).filter(
        (view) => document.getElementById(id).contains(view.el)).forEach(walk));
      return found;
    }"""
    ranges: list[list[float]] = page.evaluate(script)
    return ranges


def test_keys_zoom_and_move_all_linked_charts(browser: Browser, url: str) -> None:
    with opened(browser, url) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        whole = x_ranges(found.page)
        assert len(whole) == 4
        found.page.locator("#memory-chart").focus()
        found.page.keyboard.press("+")
        zoomed = x_ranges(found.page)
        assert {tuple(r) for r in zoomed} == {tuple(zoomed[0])}
        assert zoomed[0][1] - zoomed[0][0] < 0.6 * (whole[0][1] - whole[0][0])
        assert "highest there" in found.page.locator("#memory-chart-readout").inner_text()
        found.page.keyboard.press("ArrowRight")
        assert x_ranges(found.page)[0][0] > zoomed[0][0]
        found.page.keyboard.press("Escape")
        assert x_ranges(found.page)[0] == pytest.approx(whole[0])


def test_pointing_at_a_line_tells_its_figure(browser: Browser, url: str) -> None:
    with opened(browser, url) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        box = found.page.locator("#memory-chart").bounding_box()
        assert box is not None
        found.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 150)
        found.page.mouse.move(box["x"] + box["width"] / 2 + 3, box["y"] + 150)
        tip = found.page.locator(".bk-tooltip-content").first
        tip.wait_for(state="visible")
        assert "PSS sum (MiB)" in tip.inner_text()


def test_the_copy_button_copies_exactly_what_is_shown(browser: Browser, url: str) -> None:
    with opened(browser, url) as found:
        found.page.get_by_role("button", name="expand all").click()
        button = found.page.locator("button[data-do=copy]").first
        shown = found.page.locator("#snippet-1").text_content()
        button.click()
        found.page.wait_for_function("document.getElementById('announcement').textContent !== ''")
        assert "copied" in found.page.locator("#announcement").inner_text()
        found.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        assert found.page.evaluate("navigator.clipboard.readText()") == shown


def test_paper_holds_the_whole_page_and_shows_what_was_folded(browser: Browser, url: str) -> None:
    with opened(browser, url, width=A4_WIDTH) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        ARTEFACTS.mkdir(exist_ok=True)
        pdf = found.page.pdf(format="A4", prefer_css_page_size=True)
        (ARTEFACTS / "report.pdf").write_bytes(pdf)
        assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page\n") >= 2
        found.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        found.page.emulate_media(media="print")
        assert found.width_beyond() == 0
        assert found.page.locator("details:not([open])").count() == 0
        assert found.page.locator(".print-image").count() >= 5
        right = "Math.max(...[...document.querySelectorAll('main *')]" + (
            ".filter(e => e.getClientRects().length).map(e => e.getBoundingClientRect().right))"
        )
        assert found.page.evaluate(right) <= A4_WIDTH
        assert not found.page.get_by_role("button", name="theme").is_visible()


def test_a_phone_needs_no_sideways_scroll(browser: Browser, made: MadeRun) -> None:
    long = tuple(f"/{'long/' * 30}{n}" for n in range(250))
    directory = made.but(names=(EVIL, *long)).write()
    main([str(directory.path)])
    with opened(browser, directory.report_html.as_uri(), width=390, height=844) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        found.page.get_by_role("button", name="expand all").click()
        found.shot("report-phone", whole=True)
        assert found.width_beyond() == 0
        assert found.complaints == []


def test_the_comparison_is_as_quiet(browser: Browser, made: MadeRun, tmp_path: Path) -> None:
    base = made.write().path
    new = made.but(path=tmp_path / "new", names=("/a", EVIL)).write().path
    main(["compare", str(base), str(new)])
    with opened(browser, (new / "compare.html").as_uri()) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        found.shot("compare", whole=True)
        assert found.complaints == []
        assert found.outside() == []
        assert "No difference shown" in found.page.locator("h1").inner_text()


def test_headings_landmarks_and_names_are_there_for_a_screen_reader(
    browser: Browser, url: str
) -> None:
    with opened(browser, url) as found:
        found.page.wait_for_selector(DRAWN, state="attached")
        assert found.page.locator("h1").count() == 1
        assert found.page.locator("main").count() == 1
        for chart in found.page.locator(".chart").all():
            assert chart.get_attribute("role") == "img"
            assert len(chart.get_attribute("aria-label") or "") > 30
            assert chart.get_attribute("tabindex") == "0"
        found.page.keyboard.press("Tab")
        focused = found.page.evaluate("document.activeElement.textContent")
        assert focused == "Skip to the findings"
