"""The scalar GPT of examples/ learns, and does the same with every class of numbers."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from examples import scalar_gpt as gpt
from examples import usual_value
from tinygrad_nn import Value, max, optim, stop_gradient

ROOT = Path(__file__).resolve().parents[2]


def gradients(value: Any, **options: Any) -> list[float]:
    parameters = gpt.initial_parameters(value, random.Random(1))
    loss = gpt.document_loss(parameters, gpt.tokens_of("ada"), **options)
    loss.backward()
    return [loss.data, *(weight.grad for weight in gpt.flat(parameters))]


def test_there_are_4192_parameters() -> None:
    assert len(gpt.flat(gpt.initial_parameters(Value, random.Random(0)))) == 4192


def test_the_first_loss_is_near_that_of_guessing() -> None:
    assert gradients(Value)[0] == pytest.approx(3.296, abs=0.3)  # ln 27


def test_both_classes_learn_the_same() -> None:
    losses = []
    for value in (Value, usual_value.Value):
        rng = random.Random(0)
        losses.append(list(gpt.train(gpt.initial_parameters(value, rng), 4, rng)))
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)


def test_nothing_need_be_read_out_of_a_value() -> None:
    plain = gradients(Value)
    recorded = gradients(Value, shift=lambda scores: stop_gradient(max(scores)))
    assert recorded == pytest.approx(plain, rel=1e-9, abs=1e-15)


def test_gradients_are_those_of_finite_differences() -> None:
    parameters = gpt.initial_parameters(Value, random.Random(1))
    weights, tokens = gpt.flat(parameters), gpt.tokens_of("bo")
    gpt.document_loss(parameters, tokens).backward()
    rng, h = random.Random(2), 1e-5
    direction = [rng.gauss(0.0, 1.0) for _ in weights]
    slope = sum(weight.grad * d for weight, d in zip(weights, direction, strict=True))
    ends = []
    for sign in (1.0, -2.0):  # forward by h, then back by 2 h
        for weight, d in zip(weights, direction, strict=True):
            weight.data += sign * h * d
        ends.append(gpt.document_loss(parameters, tokens).data)
    assert (ends[0] - ends[1]) / (2.0 * h) == pytest.approx(slope, rel=1e-6)


def test_the_loss_is_that_of_matrices() -> None:
    np = pytest.importorskip("numpy")
    parameters = gpt.initial_parameters(Value, random.Random(1))
    tokens = gpt.tokens_of("grace")
    p = {
        name: np.array([[weight.data for weight in row] for row in matrix])
        for name, matrix in parameters.items()
    }
    n, size = len(tokens) - 1, gpt.HEAD_WIDTH

    def normalised(x: Any) -> Any:
        return x / np.sqrt(np.mean(x * x, axis=1, keepdims=True) + 1e-5)

    def softmax(scores: Any) -> Any:
        return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)

    x = p["token"][tokens[:-1]] + p["position"][:n]
    query, key, value = (normalised(x) @ p[name].T for name in ("query", "key", "value"))
    heads = []
    for part in np.split(np.arange(gpt.WIDTH), gpt.HEADS):
        scores = query[:, part] @ key[:, part].T / np.sqrt(size)
        scores[np.triu_indices(n, 1)] = -np.inf  # nothing is seen ahead
        heads.append(softmax(scores) @ value[:, part])
    x = x + np.hstack(heads) @ p["output"].T
    x = x + np.maximum(normalised(x) @ p["widen"].T, 0.0) @ p["narrow"].T
    probabilities = softmax(normalised(x) @ p["head"].T)
    expected = -np.mean(np.log(probabilities[np.arange(n), tokens[1:]]))
    assert gpt.document_loss(parameters, tokens).data == pytest.approx(expected, rel=1e-12)


def test_great_scores_do_not_overflow() -> None:
    scores = [usual_value.Value(1000.0), usual_value.Value(0.0)]
    assert [p.data for p in gpt.softmax(scores)] == [1.0, 0.0]
    assert gpt.cross_entropy(scores, 1, gpt.greatest).data == 1000.0


def test_adam_is_that_of_the_package() -> None:
    ours, theirs = ([Value(0.3), Value(-2.0)] for _ in range(2))
    adam = gpt.Adam(ours, learning_rate=0.1, beta1=0.8, beta2=0.9)
    expected = optim.Adam(theirs, lr=0.1, betas=(0.8, 0.9))
    for _ in range(5):
        for optimizer, (x, y) in ((adam, ours), (expected, theirs)):
            optimizer.zero_grad()
            (x * x * x * x + x * y + y * y).backward()
            optimizer.step()
    assert [x.data for x in ours] == pytest.approx([x.data for x in theirs], rel=1e-9)


def test_a_prediction_depends_on_all_letters_before_it() -> None:
    parameters = gpt.initial_parameters(Value, random.Random(1))
    keys: gpt.Matrix = []
    values: gpt.Matrix = []
    for token in (26, 0, 1):
        logits = gpt.next_logits(parameters, token, keys, values)
    logits[0].backward()
    for rows in (parameters["position"][:3], [parameters["token"][token] for token in (26, 0, 1)]):
        assert all(weight.grad != 0.0 for row in rows for weight in row)
    assert all(weight.grad == 0.0 for row in parameters["position"][3:] for weight in row)


def test_a_name_has_the_edge_at_both_ends_and_fits() -> None:
    assert gpt.tokens_of("abz") == [26, 0, 1, 25, 26]
    assert len(gpt.tokens_of("a" * 40)) == gpt.BLOCK + 1
    assert all(len(name) < gpt.BLOCK for name in gpt.NAMES)


def test_invented_names_are_letters() -> None:
    parameters = gpt.initial_parameters(usual_value.Value, random.Random(1))
    name = gpt.invent(parameters, random.Random(3))
    assert len(name) <= gpt.BLOCK
    assert set(name) <= set(gpt.LETTERS)


def test_the_usual_class_differentiates() -> None:
    x, y = usual_value.Value(0.7), usual_value.Value(-1.3)
    z = (2.0 * x - y / x).exp().log() + (1.0 + x**3).relu() - (-x).relu() * 5.0 + x * x
    z.backward()
    assert z.data == pytest.approx(1.4 + 1.3 / 0.7 + 1 + 0.343 + 0.49)
    assert x.grad == pytest.approx(2.0 - 1.3 / 0.49 + 3 * 0.49 + 1.4)
    assert y.grad == pytest.approx(-1 / 0.7)


@pytest.mark.parametrize("options", [[], ["--usual"]])
def test_the_script_runs(options: list[str]) -> None:
    command = [sys.executable, ROOT / "examples" / "scalar_gpt.py", "--steps", "0", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("4192 parameters\n")
