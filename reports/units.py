"""Figures as people read them."""

from __future__ import annotations

MIB = 1024 * 1024
GIB = 1024 * MIB
UNKNOWN = "unknown"


def size_text(size_bytes: float | None) -> str:
    """Bytes as MiB, or as GiB from 10 GiB up."""
    if size_bytes is None:
        return UNKNOWN
    if abs(size_bytes) >= 10 * GIB:
        return f"{size_bytes / GIB:,.1f} GiB"
    # Without its sign what rounds to 0: -0.0 MiB is no size.
    return f"{round(size_bytes / MIB, 1) or 0.0:,.1f} MiB"


def small_size_text(size_bytes: float | None) -> str:
    """Bytes in the unit that suits them: 410 B, 1.5 KiB, 20.0 MiB."""
    if size_bytes is None:
        return UNKNOWN
    if abs(size_bytes) < 1000:
        return f"{size_bytes:,.0f} B"
    if abs(size_bytes) < 1000 * 1024:
        return f"{size_bytes / 1024:,.1f} KiB"
    return size_text(size_bytes)


def plan_size_text(size_bytes: int) -> str:
    """A plan's size without decimals where it has none: 512 MiB, 2 GiB."""
    if size_bytes >= GIB:
        return f"{size_bytes / GIB:g} GiB"
    return f"{size_bytes / MIB:g} MiB"


def percent(fraction: float | None) -> str:
    """A fraction as percent: 41 %, 0.3 %."""
    if fraction is None:
        return UNKNOWN
    value = 100 * fraction
    return f"{value:.0f} %" if value == 0 or abs(value) >= 10 else f"{value:.1f} %"


def count_text(count: float | None) -> str:
    """A count with thousands separated."""
    return UNKNOWN if count is None else f"{count:,.0f}"


def count_of(count: int, noun: str) -> str:
    """1 request, 1,200 requests."""
    return f"{count_text(count)} {noun}{'' if count == 1 else 's'}"


def rate_text(per_second: float | None) -> str:
    """Requests per second with one decimal."""
    return UNKNOWN if per_second is None else f"{per_second:,.1f}/s"


def milliseconds_text(milliseconds: float | None) -> str:
    """Milliseconds, whole as Locust counts them; a dash where there is nothing to measure."""
    if milliseconds is None:
        return "-"
    return (
        f"{milliseconds:,.0f} ms"
        if milliseconds == int(milliseconds)
        else f"{milliseconds:,.1f} ms"
    )


def seconds_text(seconds: float | None) -> str:
    """Seconds with one decimal."""
    return UNKNOWN if seconds is None else f"{seconds:,.1f} s"


def pause_text(seconds: float | None) -> str:
    """A short time given in seconds, as milliseconds with one decimal."""
    return UNKNOWN if seconds is None else f"{1000 * seconds:,.1f} ms"


def duration_text(seconds: float | None) -> str:
    """A length of time in its two largest units: 45 s, 12 min, 3 h 20 min, 41 days."""
    if seconds is None:
        return UNKNOWN
    if seconds < 120:
        return f"{seconds:,.0f} s"
    if seconds < 120 * 60:
        return f"{seconds / 60:,.0f} min"
    hours = seconds / 3600
    return f"{hours:,.0f} h" if hours < 72 else f"{hours / 24:,.0f} days"


def money_text(usd_month: float | None) -> str:
    """A monthly price."""
    return "price unknown" if usd_month is None else f"{usd_month:,.2f} USD/month"


def figure_text(value: float | None, unit: str) -> str:
    """A figure in one of the units of `findings.Measured`: B, ms, 1/s, 1 (a share)."""
    if value is None:
        return UNKNOWN
    if unit == "B":
        return small_size_text(value)
    return {"ms": milliseconds_text, "1/s": rate_text, "1": percent}[unit](value)
