"""Trading strategies, back-tested over 50,000 rows of prices."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Query

from demo.prices import Floats, closes
from demo.tiers import MEDIUM

_ROWS = 50_000


def _mean(prices: Floats, window: int) -> Floats:
    total = np.cumsum(prices)
    result = prices.copy()
    result[window:] = (total[window:] - total[:-window]) / window
    return result


def _momentum(prices: Floats) -> Floats:
    return np.sign(prices - np.roll(prices, 20))


def _mean_reversion(prices: Floats) -> Floats:
    return np.sign(_mean(prices, 50) - prices)


def _sma_cross(prices: Floats) -> Floats:
    return np.sign(_mean(prices, 20) - _mean(prices, 100))


def _breakout(prices: Floats) -> Floats:
    return np.where(prices > 1.02 * _mean(prices, 60), 1.0, 0.0)


_STRATEGIES: dict[str, Callable[[Floats], Floats]] = {
    "momentum": _momentum,
    "mean-reversion": _mean_reversion,
    "sma-cross": _sma_cross,
    "breakout": _breakout,
}


def backtest(name: str) -> dict[str, Any]:
    """Compute a strategy; raise KeyError for one that does not exist."""
    position_of = _STRATEGIES[name]
    prices = closes(name, _ROWS)
    position = position_of(prices)
    returns = np.diff(np.log(prices)) * position[:-1]
    curve = np.cumsum(returns)
    drawdown = np.maximum.accumulate(curve) - curve
    return {
        "name": name,
        "rows": _ROWS,
        "log_return": round(float(curve[-1]), 6),
        "sharpe": round(float(returns.mean() / (returns.std() + 1e-12) * np.sqrt(252.0)), 4),
        "max_drawdown": round(float(drawdown.max()), 6),
        "trades": int(np.count_nonzero(np.diff(position))),
    }


def strategies_router(*, cached: bool) -> APIRouter:
    """Return the routes of the strategies; cached ones are computed at their first requests only.

    A request overrides the default `cached` by ?cache=on or ?cache=off.
    """
    router = APIRouter(prefix="/strategies")
    # there are four strategies and a KeyError is not cached: this cannot grow
    remembered = cache(backtest)

    @router.get("/{name}", dependencies=[MEDIUM])
    def strategy(
        name: str, wanted: Annotated[Literal["on", "off"] | None, Query(alias="cache")] = None
    ) -> dict[str, Any]:
        """Return the result of one strategy over 50,000 rows, from the cache or computed anew."""
        from_cache = cached if wanted is None else wanted == "on"
        compute = remembered if from_cache else backtest
        try:
            return compute(name)
        except KeyError:
            known = ", ".join(_STRATEGIES)
            raise HTTPException(404, f"no such strategy; there are {known}") from None

    return router
