"""Option chains and prices after Black and Scholes."""

from typing import Any

import numpy as np
from fastapi import APIRouter
from pydantic import BaseModel, Field

from demo.prices import SYMBOL_PATTERN, Floats, Symbol, closes, seeded
from demo.tiers import HEAVY, MEDIUM

router = APIRouter(prefix="/api/v1/options")

_RATE_PER_YEAR = 0.03
_EXPIRIES_DAYS = (7, 14, 30, 60, 90)
_PATHS = 4_000
_MAX_STEPS = 64


class PriceRequest(BaseModel):
    """An option: its symbol, strike in dollars and days to expiry."""

    symbol: str = Field(pattern=SYMBOL_PATTERN)
    strike: float = Field(gt=0, le=1_000_000)
    days: int = Field(ge=1, le=3650)


def _normal_cdf(x: Floats) -> Floats:
    # the logistic form is right to 2e-4 and needs no scipy
    result: Floats = 1.0 / (1.0 + np.exp(-1.5976 * x - 0.07056 * x**3))
    return result


def _call(spot: float, strikes: Floats, years: Floats, volatility: float) -> Floats:
    spread = volatility * np.sqrt(years)
    upper = (np.log(spot / strikes) + (_RATE_PER_YEAR + volatility**2 / 2) * years) / spread
    discounted = strikes * np.exp(-_RATE_PER_YEAR * years)
    price: Floats = spot * _normal_cdf(upper) - discounted * _normal_cdf(upper - spread)
    return np.maximum(price, 0.0)


def _market(symbol: str) -> tuple[float, float]:
    history = closes(symbol, 365)
    returns = np.diff(np.log(history))
    return float(history[-1]), float(returns.std() * np.sqrt(252.0))


def chain(symbol: str) -> dict[str, Any]:
    """Return calls and puts (dollars) for 41 strikes at each of five expiries."""
    spot, volatility = _market(symbol)
    strikes = np.round(spot * np.linspace(0.8, 1.2, 41), 2)
    contracts: list[dict[str, float]] = []
    for days in _EXPIRIES_DAYS:
        years = np.full(strikes.shape, days / 365.0)
        calls = _call(spot, strikes, years, volatility)
        puts = np.maximum(calls - spot + strikes * np.exp(-_RATE_PER_YEAR * years), 0.0)
        rows = zip(strikes.tolist(), calls.round(4).tolist(), puts.round(4).tolist(), strict=True)
        contracts += [{"days": days, "strike": k, "call": c, "put": p} for k, c, p in rows]
    return {"symbol": symbol.upper(), "spot": round(spot, 2), "contracts": contracts}


@router.get("/{symbol}/chain", dependencies=[MEDIUM])
def option_chain(symbol: Symbol) -> dict[str, Any]:
    """Return the option chain of a symbol."""
    return chain(symbol)


@router.post("/price", dependencies=[HEAVY])
def price(wanted: PriceRequest) -> dict[str, Any]:
    """Price an option (dollars) by formula and by 4,000 simulated paths."""
    spot, volatility = _market(wanted.symbol)
    years = wanted.days / 365.0
    formula = _call(spot, np.array([wanted.strike]), np.array([years]), volatility)
    steps = min(wanted.days, _MAX_STEPS)  # a cap, so that ten years cost no more than two months
    step_years = years / steps
    shocks = seeded(f"{wanted.symbol}/{wanted.days}").standard_normal((_PATHS, steps))
    shocks *= volatility * np.sqrt(step_years)
    shocks += (_RATE_PER_YEAR - volatility**2 / 2) * step_years
    ends = spot * np.exp(np.cumsum(shocks, axis=1)[:, -1])
    payoff = np.maximum(ends - wanted.strike, 0.0).mean() * np.exp(-_RATE_PER_YEAR * years)
    return {
        "symbol": wanted.symbol.upper(),
        "spot": round(spot, 2),
        "volatility": round(volatility, 4),
        "formula": round(float(formula[0]), 4),
        "simulated": round(float(payoff), 4),
        "paths": _PATHS,
    }
