"""Made-up prices: the same symbol always has the same history."""

import zlib
from typing import Annotated

import numpy as np
import numpy.typing as npt
import pandas as pd
from fastapi import Path

Floats = npt.NDArray[np.float64]

SYMBOLS = (
    "AAPL", "AMD", "AMZN", "BAC", "CSCO", "DIS", "GOOGL", "IBM", "INTC", "JPM",
    "KO", "META", "MSFT", "NFLX", "NVDA", "ORCL", "PFE", "QQQ", "SPY", "TSLA",
)  # fmt: skip

SYMBOL_PATTERN = r"^[A-Za-z0-9.\-]{1,10}$"
Symbol = Annotated[str, Path(pattern=SYMBOL_PATTERN)]


def seeded(name: str) -> np.random.Generator:
    """Return a generator that depends on the name alone (hash() differs between processes)."""
    return np.random.default_rng(zlib.crc32(name.upper().encode()))


def closes(symbol: str, rows: int) -> Floats:
    """Return rows closing prices in dollars: a random walk of daily returns of 1 %."""
    random = seeded(symbol)
    start = 20.0 + 300.0 * random.random()
    walk: Floats = random.standard_normal(rows)
    walk *= 0.01
    # the pull back to the start keeps even 50,000 days within sensible prices
    path = np.cumsum(walk)
    path -= np.linspace(0.0, float(path[-1]), rows)
    prices: Floats = start * np.exp(np.clip(path, -2.0, 2.0))
    return prices


def ohlcv(symbol: str, days: int) -> pd.DataFrame:
    """Return days rows of date, open, high, low, close (dollars) and volume (shares)."""
    close = closes(symbol, days)
    random = seeded(symbol + "/ohlcv")
    opening = close * (1.0 + 0.004 * random.standard_normal(days))
    reach = np.abs(0.006 * random.standard_normal((2, days)))
    dates = pd.date_range(end="2025-01-01", periods=days, freq="D")
    return pd.DataFrame(
        {
            "date": dates.strftime("%Y-%m-%d"),
            "open": opening.round(2),
            "high": (np.maximum(opening, close) * (1.0 + reach[0])).round(2),
            "low": (np.minimum(opening, close) * (1.0 - reach[1])).round(2),
            "close": close.round(2),
            "volume": random.integers(1_000_000, 50_000_000, days),
        }
    )
