from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_nn.sparse.colouring import colours_of, stars_of

sparse: Any = pytest.importorskip("scipy.sparse")


def test_columns_of_a_colour_share_no_row() -> None:
    rng = np.random.default_rng(2)
    for density in (0.02, 0.1, 0.4):
        pattern = sparse.csr_array((rng.random((30, 40)) < density).astype(float))
        colours = colours_of(pattern)
        for colour in range(colours.max() + 1):
            own = pattern.toarray()[:, colours == colour]
            assert own.shape[1] > 0
            assert (own.sum(axis=1) <= 1).all()


def test_few_colours_where_few_suffice() -> None:
    band = sparse.diags_array([np.ones(99), np.ones(100), np.ones(99)], offsets=[-1, 0, 1])
    assert colours_of(band.tocsr()).max() + 1 == 3
    assert colours_of(sparse.eye_array(50, format="csr")).max() == 0
    assert colours_of(sparse.csr_array((3, 4))).tolist() == [0, 0, 0, 0]


def symmetric(count: int, density: float) -> Any:
    chosen = np.random.default_rng(3).random((count, count)) < density
    return sparse.csr_array((chosen | chosen.T).astype(float))


def arrow(count: int) -> Any:
    entries = np.eye(count)
    entries[0] = entries[:, 0] = 1.0
    return sparse.csr_array(entries)


@pytest.mark.parametrize(
    "pattern", [symmetric(25, 0.03), symmetric(30, 0.1), symmetric(15, 0.4), arrow(12)]
)
def test_an_entry_or_its_mirror_image_stands_alone(pattern: Any) -> None:
    colours = stars_of(pattern)
    entries = pattern.toarray()
    for i, j in zip(*entries.nonzero(), strict=True):
        in_row = entries[i, colours == colours[j]].sum()
        assert in_row == 1 or entries[j, colours == colours[i]].sum() == 1
        assert i == j or colours[i] != colours[j]


def test_stars_take_few_colours() -> None:
    assert stars_of(arrow(40)).tolist() == [0] + [1] * 39
    assert stars_of(sparse.eye_array(50, format="csr")).max() == 0
    assert colours_of(arrow(40)).max() == 39
