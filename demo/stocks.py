"""Quotes, histories, rolling indicators and chart patterns."""

from typing import Annotated, Any

import numpy as np
import pandas as pd
from fastapi import APIRouter, Query, Response
from numpy.lib.stride_tricks import sliding_window_view
from pydantic import BaseModel, Field

from demo.prices import SYMBOL_PATTERN, SYMBOLS, Floats, Symbol, closes, ohlcv
from demo.tiers import HEAVY, LIGHT, MEDIUM

router = APIRouter(prefix="/api/v1")

_ANALYSIS_ROWS = 20_000
_PATTERN_ROWS = 30_000
_PATTERN_WIDTH = 32


class AnalysisRequest(BaseModel):
    """Which symbol to analyse, over a window of how many rows."""

    symbol: str = Field(pattern=SYMBOL_PATTERN)
    window: int = Field(default=20, ge=2, le=2000)


@router.get("/symbols", dependencies=[LIGHT])
async def symbols() -> dict[str, tuple[str, ...]]:
    """List the symbols worth asking for; any other is made up just as well."""
    return {"symbols": SYMBOLS}


@router.get("/history/{symbol}", dependencies=[MEDIUM])
def history(symbol: Symbol, days: Annotated[int, Query(ge=1, le=2000)] = 365) -> Response:
    """Return one record per day, oldest first."""
    # pandas writes the JSON itself: through dicts and a model it would cost ten times as much
    text = ohlcv(symbol, days).to_json(orient="records")
    return Response(text, media_type="application/json")


@router.get("/quote/{symbol}", dependencies=[MEDIUM])
def quote(symbol: Symbol) -> dict[str, str | float]:
    """Return the last price in dollars, its change in percent and the range of a year."""
    frame = ohlcv(symbol, 365)
    last, before = float(frame["close"].iloc[-1]), float(frame["close"].iloc[-2])
    return {
        "symbol": symbol.upper(),
        "price": last,
        "change_percent": round((last / before - 1.0) * 100.0, 3),
        "year_high": float(frame["high"].max()),
        "year_low": float(frame["low"].min()),
    }


@router.post("/analysis", dependencies=[HEAVY])
def analysis(wanted: AnalysisRequest) -> dict[str, Any]:
    """Return the last values of rolling indicators over 20,000 rows."""
    frame = pd.DataFrame({"close": closes(wanted.symbol, _ANALYSIS_ROWS)})
    rolling = frame["close"].rolling(wanted.window)
    frame["sma"] = rolling.mean()
    frame["deviation"] = rolling.std()
    frame["upper"] = frame["sma"] + 2.0 * frame["deviation"]
    frame["lower"] = frame["sma"] - 2.0 * frame["deviation"]
    frame["ema"] = frame["close"].ewm(span=wanted.window).mean()
    frame["highest"] = rolling.max()
    frame["lowest"] = rolling.min()
    change = frame["close"].diff()
    gain = change.clip(lower=0.0).rolling(wanted.window).mean()
    loss = (-change.clip(upper=0.0)).rolling(wanted.window).mean()
    frame["rsi"] = 100.0 * gain / (gain + loss)
    last = frame.iloc[-1].fillna(0.0).round(4)
    return {
        "symbol": wanted.symbol.upper(),
        "window": wanted.window,
        "rows": len(frame),
        "indicators": {str(name): float(value) for name, value in last.items()},
    }


@router.get("/patterns/{symbol}", dependencies=[HEAVY])
def patterns(symbol: Symbol) -> dict[str, Any]:
    """Return where known shapes fit best among 30,000 rows, as row numbers and correlations."""
    windows = sliding_window_view(closes(symbol, _PATTERN_ROWS), _PATTERN_WIDTH)
    # the view is free; normalising it is what makes 8 MB of it
    normal: Floats = windows - windows.mean(axis=1, keepdims=True)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    found = {}
    for name, shape in _shapes().items():
        fit = normal @ shape
        best = int(np.argmax(fit))
        found[name] = {
            "row": best,
            "correlation": round(float(fit[best]), 4),
            "matches": int(np.count_nonzero(fit > 0.8)),
        }
    return {"symbol": symbol.upper(), "windows": len(normal), "patterns": found}


def _shapes() -> dict[str, Floats]:
    x = np.linspace(-1.0, 1.0, _PATTERN_WIDTH)
    raw = {
        "cup": x**2,
        "peak": -np.abs(x),
        "trend": x,
        "double_top": np.cos(2.0 * np.pi * x) * -1.0,
    }
    centred = {name: shape - shape.mean() for name, shape in raw.items()}
    return {name: shape / np.linalg.norm(shape) for name, shape in centred.items()}
