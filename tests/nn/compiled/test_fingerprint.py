"""Whether a thing still consists of the same."""

from __future__ import annotations

import argparse

from tinygrad_nn import Value, nn
from tinygrad_nn.nn.compiled.fingerprint import Fingerprint, with_settings
from tinygrad_nn.nn.compiled.forward import forward_of


def test_a_parameter_that_is_replaced_changes_a_layer_and_a_number_does_not() -> None:
    layer = nn.Layer(2, 1)
    fingerprint = Fingerprint(layer)
    layer.neurons[0].b.data = 7.0
    assert fingerprint.is_of(layer)
    layer.neurons[0].b = Value(7.0)
    assert not fingerprint.is_of(layer)


def test_classes_of_the_user_have_settings_and_modules_built_in_have_none() -> None:
    assert with_settings([1.0, print, nn.Module, argparse.Namespace]) == [argparse.Namespace]


def test_a_model_that_stays_the_same_is_compiled_once() -> None:
    model = nn.MLP(2, [3, 1])
    first = forward_of(model, [0.0, 0.0], print)
    assert first is not None
    assert forward_of(model, [1.0, 2.0], print) is first
