"""Estimators against scikit-learn's own models, and against a Trainer."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification, make_moons, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression

from tinygrad_nn import Value, nn, tanh
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError, ShapeError
from tinygrad_nn.optim import Adam, step_decay
from tinygrad_nn.sklearn import NetworkClassifier, NetworkRegressor
from tinygrad_nn.train import Trainer

X, LABELS = make_classification(
    60, n_features=3, n_redundant=0, n_informative=2, flip_y=0.3, random_state=1
)
NOISE = np.random.default_rng(0).normal(size=60)
CLASSES3 = np.digitize(X[:, 0] + 0.5 * X[:, 1] + NOISE, [-0.5, 0.5])
NUMBERS = X @ [1.0, -2.0, 0.5] + 0.3 * X[:, 0] * X[:, 1]
LINEAR: dict[str, Any] = {"hidden": (), "max_iter": 400, "tol": None, "random_state": 0}
SMALL: dict[str, Any] = {"hidden": (4,), "lr": 0.02, "max_iter": 10, "tol": None, "random_state": 0}


def test_a_linear_network_is_logistic_regression() -> None:
    weights = np.arange(60) % 4
    ours = NetworkClassifier(lr=0.1, class_weight={0: 1.0, 1: 3.0}, **LINEAR)
    ours.fit(X, LABELS, sample_weight=weights)
    theirs = LogisticRegression(
        C=np.inf, class_weight={0: 1.0, 1: 3.0}, solver="newton-cg", tol=1e-8
    )
    theirs.fit(X, LABELS, sample_weight=weights)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-4)


def test_with_several_classes_it_is_multinomial() -> None:
    names = np.array(["low", "middle", "high"])[CLASSES3]
    ours = NetworkClassifier(lr=0.1, **LINEAR).fit(X, names)
    theirs = LogisticRegression(C=np.inf, solver="newton-cg", tol=1e-8).fit(X, names)
    assert list(ours.classes_) == list(theirs.classes_) == ["high", "low", "middle"]
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    assert (ours.predict(X) == theirs.predict(X)).all()
    np.testing.assert_allclose(np.exp(ours.predict_log_proba(X)), ours.predict_proba(X))


def test_a_linear_regressor_is_least_squares_with_several_outputs() -> None:
    Y = np.column_stack([NUMBERS, X[:, 2] ** 2])
    weights = 1.0 + np.arange(60) % 3
    theirs = LinearRegression().fit(X, Y, sample_weight=weights)
    ours = NetworkRegressor(lr=step_decay(0.3, 150), **LINEAR).fit(X, Y, sample_weight=weights)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-5)
    assert ours.score(X, Y) == pytest.approx(theirs.score(X, Y))
    column = NetworkRegressor(**SMALL).fit(X, NUMBERS[:, None])
    assert column.predict(X).shape == (60, 1)
    assert (column.predict(X)[:, 0] == NetworkRegressor(**SMALL).fit(X, NUMBERS).predict(X)).all()


def test_it_computes_what_a_trainer_computes() -> None:
    layers: dict[str, Any] = {"hidden": (5, 4), "activation": ["tanh", "leaky_relu"]}
    ours = NetworkClassifier(**SMALL | layers)
    ours.fit(X, CLASSES3)
    again = clone(ours).fit(X, CLASSES3)  # by programs that were there
    (first, second, last), seen = again.module_.layers, nn.activations.ACTIVATIONS
    activations = [layer.neurons[0].activation for layer in (first, second, last)]
    assert activations == [seen["tanh"], seen["leaky_relu"], seen["identity"]]

    still = NetworkClassifier(**SMALL | layers | {"lr": 0.0, "max_iter": 1}).fit(X, CLASSES3)
    model = still.module_
    trainer = Trainer(model, nn.cross_entropy, Adam(model.parameters(), lr=0.02))
    history = trainer.fit(X, CLASSES3, 10, progress=False)
    assert ours.loss_curve_ == again.loss_curve_ == history.cost
    assert model.state_dict() == ours.module_.state_dict() == again.module_.state_dict()
    np.testing.assert_array_equal(ours.predict(X), trainer.predict(X))


def test_dropout_is_of_trainings_only() -> None:
    network = NetworkRegressor(**SMALL | {"hidden": (5, 4), "dropout": [0.5, 0.0]})
    network.fit(X, NUMBERS)
    assert repr(network.module_) == (
        "Sequential(Layer(3 -> 5, relu), Dropout(0.5), Layer(5 -> 4, relu), Layer(4 -> 1, identity))"
    )
    again = clone(network).fit(X, NUMBERS)  # by programs that were there
    np.testing.assert_array_equal(network.predict(X), again.predict(X))
    np.testing.assert_allclose(network.predict(X), network.module_.predict(X), rtol=1e-12)
    model = NetworkRegressor(**SMALL | {"hidden": (5, 4)}).fit(X, NUMBERS)
    assert model.loss_curve_ != network.loss_curve_
    with pytest.raises(ArgumentError, match="p is"):
        network.set_params(dropout=1.0).fit(X, NUMBERS)


def test_training_goes_on_as_if_it_had_not_stopped() -> None:
    whole = NetworkRegressor(**SMALL | {"batch_size": 16}).fit(X, NUMBERS)
    parts = NetworkRegressor(**SMALL | {"batch_size": 16, "max_iter": 4, "warm_start": True})
    parts.fit(X, NUMBERS).set_params(max_iter=5).fit(X, NUMBERS)
    parts = pickle.loads(pickle.dumps(parts))
    parts.partial_fit(X, NUMBERS)
    assert parts.loss_curve_ == whole.loss_curve_
    np.testing.assert_array_equal(parts.predict(X), whole.predict(X))
    assert (whole.n_iter_, parts.n_iter_) == (10, 6)
    assert NetworkRegressor(**SMALL).fit(X, NUMBERS).fit(X, NUMBERS).n_iter_ == 10


def test_networks_that_share_programs_do_not_share_numbers() -> None:
    one, two = (NetworkRegressor(**SMALL) for _ in range(2))
    apart = [NetworkRegressor(**SMALL).fit(X, y).partial_fit(X, y) for y in (NUMBERS, -NUMBERS)]
    for _ in range(2):
        for network, y in ((one, NUMBERS), (two, -NUMBERS)):
            network.fit(X, y) if not hasattr(network, "module_") else network.partial_fit(X, y)
    for network, alone in zip((one, two), apart, strict=True):
        np.testing.assert_array_equal(network.predict(X), alone.predict(X))
    one.module_.layers[-1].neurons[0].b.data += 1.0  # the numbers are those of the module
    np.testing.assert_allclose(one.predict(X), apart[0].predict(X) + 1.0)


def test_partial_fit_knows_classes_that_have_not_come() -> None:
    network = NetworkClassifier(**SMALL)
    network.partial_fit(X[:5], ["a"] * 5, classes=["a", "b", "c"])
    assert network.predict_proba(X).shape == (60, 3)
    network.partial_fit(X[:5], ["c"] * 5)
    with pytest.raises(DataError, match="class d, which is none"):
        network.partial_fit(X[:5], ["d"] * 5)
    with pytest.raises(DataError, match="expected the same"):
        network.partial_fit(X[:5], ["a"] * 5, classes=["a", "b"])
    assert len(network.loss_curve_) == network.n_iter_ == 2


def test_labels_of_which_a_sample_has_several() -> None:
    X, Y = make_multilabel_classification(50, n_features=4, n_classes=3, random_state=0)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    network = NetworkClassifier(**SMALL | {"max_iter": 60}).fit(X, Y)
    assert (network.predict(X) == Y).mean() > 0.7
    chances = network.predict_proba(X)
    np.testing.assert_array_equal(chances > 0.5, network.predict(X) == 1)
    np.testing.assert_allclose(chances, 1 / (1 + np.exp(-network.decision_function(X))))
    with pytest.raises(DataError, match="0 and 1"):
        network.fit(X, Y + 1)


@pytest.mark.parametrize("y", [LABELS, CLASSES3])
@pytest.mark.parametrize("loss", ["hinge", nn.squared_error])
def test_losses_of_margins(loss: Any, y: Any) -> None:
    network = NetworkClassifier(loss=loss, **SMALL | {"hidden": (), "max_iter": 40, "lr": 0.1}).fit(
        X, y
    )
    assert network.score(X, y) > 0.6
    assert not hasattr(network, "predict_proba")


def focal(z: Any, y: Any) -> Any:
    return nn.binary_cross_entropy_with_logits(z, y) ** 2


def smooth(z: Any, k: Any) -> Any:
    return nn.cross_entropy(z, k) + 0.01 * sum(z) ** 2


def quartic(found: Any, y: Any) -> Any:
    return sum((a - b) ** 4 for a, b in zip(found, y, strict=True))


def test_losses_of_ones_own() -> None:
    assert (
        NetworkClassifier(loss=focal, **SMALL | {"max_iter": 60}).fit(X, LABELS).score(X, LABELS)
        > 0.6
    )
    many = NetworkClassifier(loss=smooth, **SMALL | {"max_iter": 60}).fit(X, CLASSES3)
    assert many.score(X, CLASSES3) > 0.6
    assert many.predict_proba(X).shape == (60, 3)
    Y = X[:, :2]
    assert NetworkRegressor(loss=quartic, **SMALL | {"max_iter": 100}).fit(X, Y).score(X, Y) > 0.5
    assert NetworkRegressor(loss="huber", **SMALL | {"max_iter": 100}).fit(X, Y).score(X, Y) > 0.5


class Wave(nn.Module):
    def __init__(self, inputs: int = 3, outputs: int = 1) -> None:
        self.w = [[Value(0.1 * (i + 1)) for i in range(inputs)] for _ in range(outputs)]

    def __call__(self, x: Any) -> Any:
        found = [tanh(sum(a * b for a, b in zip(row, x, strict=True))) for row in self.w]
        return found if len(found) > 1 else found[0]


def test_a_module_of_ones_own() -> None:
    given = Wave()
    network = NetworkClassifier(module=given, **SMALL).fit(X, LABELS)
    assert given.w[0][0].data == 0.1  # a copy is trained
    assert network.module_.w[0][0].data != 0.1
    assert network.predict(X).shape == (60,)
    made = NetworkClassifier(module=lambda inputs, outputs, rng: Wave(inputs, outputs), **SMALL)
    made.fit(X, CLASSES3).partial_fit(X, CLASSES3)
    again = pickle.loads(pickle.dumps(network)).partial_fit(X, LABELS)
    np.testing.assert_array_equal(network.partial_fit(X, LABELS).predict(X), again.predict(X))
    with pytest.raises(ShapeError, match="gives 1 output for a row: expected 3"):
        NetworkClassifier(module=given).fit(X, CLASSES3)
    with pytest.raises(ArgumentTypeError, match="expected a Module"):
        NetworkClassifier(module=3).fit(X, LABELS)


def test_early_stopping_with_a_share_or_with_given_samples() -> None:
    X, y = make_moons(80, noise=0.3, random_state=0)
    stops = {"early_stopping": True, "n_iter_no_change": 3, "max_iter": 400, "lr": 0.1}
    share = NetworkClassifier(**SMALL | stops).fit(X[:60], y[:60])
    given = NetworkClassifier(**SMALL | stops).fit(X[:60], y[:60], validation=(X[60:], y[60:]))
    for network in (share, given):
        assert network.history_.stopped == "patience"
        costs = network.history_.validation_cost
        assert min(costs) == costs[-4]
    z = given.decision_function(X[60:])
    cost = np.mean(
        [nn.binary_cross_entropy_with_logits(a, b) for a, b in zip(z, y[60:], strict=True)]
    )
    assert cost == pytest.approx(min(given.history_.validation_cost))
    seen = NetworkClassifier(**SMALL).fit(X, y, validation=(X, y)).history_
    assert len(seen.validation_cost) == 10
    with pytest.raises(ArgumentError, match="validation_fraction is"):
        NetworkClassifier(early_stopping=True, validation_fraction=1.5).fit(X, y)


def test_a_flat_cost_ends_the_training_and_one_that_falls_is_warned_of() -> None:
    flat = NetworkRegressor(**SMALL | {"tol": 10.0, "n_iter_no_change": 3, "max_iter": 50})
    assert flat.fit(X, NUMBERS).n_iter_ == 5  # the first is below infinity
    with pytest.warns(ConvergenceWarning, match="max_iter = 10 epochs"):
        NetworkRegressor(**SMALL | {"tol": 1e-9}).fit(X, NUMBERS)


def test_a_failed_call_changes_nothing() -> None:
    network = NetworkRegressor(**SMALL).fit(X, NUMBERS)
    before, curve = network.predict(X), list(network.loss_curve_)
    network.set_params(lr=1e300)
    with pytest.raises(ArithmeticError):
        network.partial_fit(X, 1e300 * NUMBERS)
    np.testing.assert_array_equal(network.predict(X), before)
    assert network.loss_curve_ == curve


def test_losses_with_a_number_of_their_own() -> None:
    smooth = NetworkClassifier(loss=partial(nn.cross_entropy, label_smoothing=0.2), **SMALL)
    model = clone(smooth).fit(X, CLASSES3).module_
    assert clone(smooth).fit(X, CLASSES3).module_.state_dict() == model.state_dict()
    assert NetworkClassifier(**SMALL).fit(X, CLASSES3).module_.state_dict() != model.state_dict()
    with pytest.raises(ArgumentError, match="three classes"):
        smooth.fit(X, LABELS)
    high = NetworkRegressor(loss=partial(nn.quantile, q=0.9), **SMALL | {"max_iter": 200})
    assert 0.8 < (high.fit(X, NUMBERS).predict(X) > NUMBERS).mean() < 1.0


def test_optimisers_and_numbers_of_ones_own() -> None:
    quick = NetworkRegressor(
        **SMALL | {"optimizer": partial(Adam, betas=(0.5, 0.9)), "dtype": "float32"}
    )
    assert quick.fit(X, NUMBERS).score(X, NUMBERS) < 1.0
    for name in ("sgd", "adamw", "rmsprop"):
        assert NetworkRegressor(**SMALL | {"optimizer": name}).fit(X, NUMBERS).n_iter_ == 10


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hidden": (0,)}, "hidden"),
        ({"activation": ["tanh"] * 2}, "activation has 2 entries and hidden 1"),
        ({"activation": "tan"}, "tanh"),
        ({"dropout": (0.1, 0.2)}, "dropout has 2 entries"),
        ({"batch_size": "all"}, "batch_size"),
        ({"loss": "cross"}, "cross_entropy"),
        ({"loss": nn.binary_cross_entropy}, "logits"),
        ({"loss": nn.poisson}, "poisson"),
        ({"optimizer": "adamm"}, "adam"),
        ({"max_iter": 0}, "max_iter"),
        ({"l2": -1.0}, "l2"),
        ({"dtype": "int8"}, "dtype"),
        ({"backend": "gpu"}, "backend"),
    ],
)
def test_bad_parameters_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetworkClassifier(**given).fit(X, LABELS)


def test_bad_samples_are_named() -> None:
    network = NetworkClassifier(**SMALL)
    with pytest.raises(NotFittedError):
        network.predict(X)
    with pytest.raises(DataError, match="one class"):
        network.fit(X, np.zeros(60))
    with pytest.raises(DataError, match=r"sample_weight\[3\] is -1"):
        network.fit(X, LABELS, sample_weight=[-1.0 if i == 3 else 1.0 for i in range(60)])
    with pytest.raises(ArgumentTypeError, match="pair"):
        network.fit(X, LABELS, validation=X)
    network.fit(X, LABELS).set_params(warm_start=True)
    with pytest.raises(DataError):
        network.fit(X, CLASSES3)
    regressor = NetworkRegressor(**SMALL).fit(X, NUMBERS)
    with pytest.raises(DataError, match="asks for 2 outputs, and the network has 1"):
        regressor.partial_fit(X, X[:, :2])
    assert regressor.fit(X, X[:, :2]).predict(X).shape == (60, 2)


def test_counts_are_predicted_as_rates() -> None:
    X, y = np.linspace(-1.0, 1.0, 40)[:, None], np.arange(40) // 8
    network = NetworkRegressor(loss="poisson", hidden=(3,), max_iter=3, tol=None, random_state=0)
    network.fit(X, y)
    rates = np.exp(network.module_.predict(X))
    assert network.predict(X) == pytest.approx(rates, rel=1e-12)


def test_predictions_follow_all_that_is_done_to_the_network() -> None:
    X = np.random.default_rng(0).normal(size=(20, 3))
    found = NetworkRegressor(hidden=(4,), random_state=0).partial_fit(X, X[:, 0])
    inner, last = found.module_.layers

    def assert_follows() -> None:
        for _ in range(2):
            wanted = [found.module_(row).data for row in X.tolist()]
            assert found.predict(X) == pytest.approx(wanted, rel=1e-12)

    assert_follows()
    last.neurons[0].w[1].data += 1.0
    assert_follows()
    last.neurons[0].w[2] = Value(0.25)
    assert_follows()
    last.neurons[0].w[2].data = -3.0
    assert_follows()
    last.neurons[0].b = Value(2.0)
    inner.neurons[3].w = [Value(0.5), Value(1.0), Value(-1.0)]
    assert_follows()
    inner.neurons[0], inner.neurons[1] = inner.neurons[1], inner.neurons[0]
    assert_follows()
    last.neurons[0].activation = tanh
    assert_follows()
    found.module_.layers[0] = nn.Layer(3, 4, "relu", seed=5)
    assert_follows()
