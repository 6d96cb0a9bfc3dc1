"""Small matrices as nested lists, and a convolution by its elements."""

from __future__ import annotations

from typing import Any

import numpy as np

RNG = np.random.default_rng(0)
W = RNG.normal(size=(4, 3)).tolist()
X = RNG.normal(size=3).tolist()
B = RNG.normal(size=4).tolist()
IMAGE = RNG.normal(size=(6, 7)).tolist()
KERNEL = RNG.normal(size=(3, 2)).tolist()


def pairs(a: Any, b: Any) -> Any:
    return zip(a, b, strict=True)


def convolution(w: Any, image: Any) -> list[list[Any]]:
    rows, columns = len(w), len(w[0])
    return [
        [
            sum(w[k][m] * image[r + k][c + m] for k in range(rows) for m in range(columns))
            for c in range(len(image[0]) - columns + 1)
        ]
        for r in range(len(image) - rows + 1)
    ]
