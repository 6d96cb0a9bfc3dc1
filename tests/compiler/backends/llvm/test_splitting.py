"""Numbers split by what they are, as NumPy's comparisons part them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("llvmlite")


def test_places_are_those_of_equal_numbers() -> None:
    from tinygrad_nn.compiler.backends.llvm.splitting import RANGE, splitter

    rng = np.random.default_rng(0)
    drawn = [-3.0, -2.0, -0.0, 0.0, 1.0, 2.5, 1e-17, 7.0, 2.0**60, -1e300, np.nan, np.inf, -np.inf]
    numbers = rng.choice(drawn, 300)
    with splitter(300) as split:
        for keys in ([0.0, 1.0], [-3.0, 0.0, 7.0, -2.0, 100.0], [5.0], [-3.0, RANGE - 4.0]):
            for given in (numbers, numbers[::2], numbers[:0], np.broadcast_to(keys[0], 40)):
                found = split(given, keys)
                assert found is not None
                *places, others = [one.tolist() for one in found]
                assert places == [np.flatnonzero(given == key).tolist() for key in keys]
                assert others == np.flatnonzero(~np.isin(given, keys)).tolist()
        for keys in ([0.5, 1.0], [0.0, 1.0 * RANGE], [2.0**60], [1.0, np.inf], [np.nan, 1.0]):
            assert split(numbers, keys) is None
