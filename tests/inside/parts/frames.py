"""Keeps FRAME_BYTES with each request in arrays that pandas and numpy allocate for it."""

import numpy as np
import pandas as pd

COLUMNS = 4
ROWS = 25_000
FRAME_BYTES = COLUMNS * ROWS * 8

kept: list[pd.DataFrame] = []


def analyse() -> None:
    kept.append(pd.DataFrame({f"c{n}": np.arange(ROWS, dtype=float) + n for n in range(COLUMNS)}))
