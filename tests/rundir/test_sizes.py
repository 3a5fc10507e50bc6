"""Sizes as people write them."""

from __future__ import annotations

import pytest

from rundir.sizes import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("512MiB", 512 * 2**20), ("1GiB", 2**30), ("400M", 400_000_000), ("12345", 12345)],
)
def test_sizes_are_read_with_their_units(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "lots", "-5", "0", "5 parsecs"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="expected a size"):
        parse_size(text)
