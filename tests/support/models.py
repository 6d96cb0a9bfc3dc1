"""Models of a width and one more length: some of ours, and some as users write them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import tinygrad_nn as tg
from tinygrad_nn import Value, nn
from tinygrad_nn.functions import dot, softmax


def grid(rows: int, columns: int) -> list[list[Value]]:
    return [[Value(math.sin(i + 0.3 * j + rows)) for j in range(columns)] for i in range(rows)]


class Keeper(nn.Module):
    """Remembers its sizes as numbers, as many do."""

    def __init__(self, width: int, hidden: int) -> None:
        self.width, self.sizes = width, (hidden, 3)
        self.W = grid(hidden, width)
        self.V = grid(3, hidden)

    def __call__(self, x: Any) -> Any:
        h = [
            tg.tanh(sum(self.W[i][j] * x[j] for j in range(self.width)))
            for i in range(self.sizes[0])
        ]
        return [dot(v, h) for v in self.V]


class Tied(nn.Module):
    """Uses its weights twice, the second time transposed, and scales by an array."""

    def __init__(self, width: int, hidden: int) -> None:
        self.W = grid(hidden, width)
        self.back = [[row[j] for row in self.W] for j in range(width)]
        self.scale = np.full(width, 0.5)
        self.gates = tuple(Value(0.1 * i) for i in range(hidden))

    def __call__(self, x: Any) -> Any:
        x = [a * s for a, s in zip(x, self.scale, strict=True)]
        h = [g * tg.sigmoid(dot(w, x)) for w, g in zip(self.W, self.gates, strict=True)]
        return dot(self.back[0], h)


class Attention(nn.Module):
    """One query over learned keys and values, in dicts, with a way back to the model."""

    def __init__(self, width: int, places: int) -> None:
        self.tables = {"keys": grid(places, width), "values": grid(places, 3)}
        self.query = nn.Layer(width, width, "identity", seed=1)
        self.inner = Part(self)

    def __call__(self, x: Any) -> Any:
        return self.inner(x)


class Part(nn.Module):
    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def __call__(self, x: Any) -> Any:
        tables, q = self.owner.tables, self.owner.query(x)
        a = softmax([dot(q, k) / math.sqrt(len(q)) for k in tables["keys"]])
        return [dot(a, column) for column in zip(*tables["values"], strict=True)]


def network(*sizes: int) -> nn.Module:
    return nn.MLP(sizes[0], [*sizes[1:], 3], "tanh", seed=0)


class Blocks(nn.Module):
    """Layers that follow each other, and a float of each."""

    def __init__(self, width: int, depth: int) -> None:
        self.layers = [nn.Layer(width, width, "tanh", seed=i) for i in range(depth)]
        self.shares = [1.0 / (1.0 + i) for i in range(depth)]

    def __call__(self, x: Any) -> Any:
        for layer, share in zip(self.layers, self.shares, strict=True):
            x = [a + share * b for a, b in zip(x, layer(x), strict=True)]
        return x[0]


MODELS = [network, Keeper, Tied, Attention, Blocks]
SEVERAL = [network, Keeper, Attention]  # those that have three outputs
