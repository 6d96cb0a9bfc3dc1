"""Models as files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, nn, softmax
from tinygrad_nn.errors import ArgumentTypeError, FileError, MissingExtraError, StateError
from tinygrad_nn.nn.architecture import KINDS, described, made

safetensors_numpy = pytest.importorskip("safetensors.numpy")


def test_an_mlp_comes_back_whole(tmp_path: Path) -> None:
    model = nn.MLP(3, [4, 2], activation="leaky_relu", output_activation="sigmoid", seed=0)
    nn.save(model, tmp_path / "model.safetensors")
    again = nn.load(tmp_path / "model.safetensors")
    assert repr(again) == repr(model)
    assert again.state_dict() == model.state_dict()
    assert list(tmp_path.iterdir()) == [tmp_path / "model.safetensors"]


def test_one_layer_comes_back(tmp_path: Path) -> None:
    model = nn.MLP(2, [1], output_activation="tanh", seed=0)
    nn.save(model, tmp_path / "m")
    assert repr(nn.load(tmp_path / "m")) == repr(model)


def test_numpy_reads_and_writes_the_file(tmp_path: Path) -> None:
    layer = nn.Layer(3, 2, seed=0)
    nn.save(layer, str(tmp_path / "layer"))
    arrays = safetensors_numpy.load_file(tmp_path / "layer")
    assert {key: (a.shape, a.dtype) for key, a in arrays.items()} == {
        "weight": ((2, 3), np.float64),
        "bias": ((2,), np.float64),
    }
    assert arrays["weight"].tolist() == layer.state_dict()["weight"]
    arrays["bias"] = np.array([0.5, -0.5], dtype=np.float32)
    safetensors_numpy.save_file(arrays, tmp_path / "theirs")
    other = nn.load(tmp_path / "theirs", nn.Layer(3, 2))
    assert other.state_dict() == layer.state_dict() | {"bias": [0.5, -0.5]}


def test_torch_reads_and_writes_the_file(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    safetensors_torch = pytest.importorskip("safetensors.torch")
    layer = nn.Layer(3, 2, "identity", seed=0)
    nn.save(layer, tmp_path / "layer")
    linear = torch.nn.Linear(3, 2, dtype=torch.float64)
    linear.load_state_dict(safetensors_torch.load_file(tmp_path / "layer"))
    assert linear.weight.tolist() == layer.state_dict()["weight"]
    other = torch.nn.Linear(3, 2)
    safetensors_torch.save_file(other.state_dict(), tmp_path / "theirs")
    filled = nn.load(tmp_path / "theirs", nn.Layer(3, 2, "identity"))
    assert filled.state_dict()["bias"] == other.bias.tolist()


def test_a_module_of_the_users_own_needs_itself(tmp_path: Path) -> None:
    class Line(nn.Module):
        def __init__(self) -> None:
            self.slope = Value(2.0)
            self.ends = [Value(0.0), Value(1.0)]

    line = Line()
    nn.save(line, tmp_path / "line")
    with pytest.raises(StateError, match=r"load\(path, model\)"):
        nn.load(tmp_path / "line")
    other = Line()
    other.slope.data = 0.0
    assert nn.load(tmp_path / "line", other) is other
    assert other.state_dict() == line.state_dict()


def test_an_activation_without_a_name_needs_the_model(tmp_path: Path) -> None:
    model = nn.MLP(2, [2, 1], activation=lambda z: z * z)
    nn.save(model, tmp_path / "m")
    with pytest.raises(StateError, match="does not tell the architecture"):
        nn.load(tmp_path / "m")


def test_an_mlp_of_several_activations_comes_back(tmp_path: Path) -> None:
    mixed = nn.MLP(2, [2, 2, 1])
    mixed.layers[0] = nn.Layer(2, 2, "tanh")
    nn.save(mixed, tmp_path / "mixed")
    again = nn.load(tmp_path / "mixed")
    assert repr(again) == repr(mixed)
    assert again.state_dict() == mixed.state_dict()


@pytest.mark.parametrize("kept", [0, 4, 40, -1])
def test_a_broken_file_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "model"
    nn.save(nn.MLP(2, [3, 1]), path)
    path.write_bytes(path.read_bytes()[:kept])
    model = nn.MLP(2, [3, 1], seed=0)
    before = model.state_dict()
    with pytest.raises(StateError, match="no whole safetensors file"):
        nn.load(path)
    with pytest.raises(StateError, match="no whole safetensors file"):
        nn.load(path, model)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    "architecture",
    [
        *('{"modules": 3}', '{"modules": {"module": "Path", "parts": {}}}', '{"modules": {}}'),
        *('{"modules": {"list": [[3, 4]]}}', '{"modules": {"function": "eval"}}'),
        '{"modules": {"module": "Neuron", "parts": {"w": {"list": [[9, {"parameter": 1}]]}}}}',
        "{",
        "3",
        "[]",
        "{}",
        '{"nin": 2, "nouts": [], "activation": "relu"}',
        '{"nin": 2}',
    ],
)
def test_an_architecture_that_cannot_be_made_is_refused(tmp_path: Path, architecture: str) -> None:
    arrays = {"weight": np.ones((1, 2))}
    safetensors_numpy.save_file(arrays, tmp_path / "m", {"architecture": architecture})
    with pytest.raises(StateError, match="cannot be made"):
        nn.load(tmp_path / "m")


def test_a_file_of_another_model_is_refused_by_name(tmp_path: Path) -> None:
    nn.save(nn.MLP(2, [3, 1]), tmp_path / "m")
    with pytest.raises(StateError, match=r"m: state has the entry 'layers.0.weight' with shape"):
        nn.load(tmp_path / "m", nn.MLP(2, [4, 1]))
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "nothing")


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "model"
    nn.save(nn.MLP(2, [1], seed=0), path)
    before = path.read_bytes()

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            nn.save(nn.MLP(2, [1], seed=1), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_is_replaced_not_written_over(tmp_path: Path) -> None:
    path, other = tmp_path / "model", tmp_path / "the same file"
    nn.save(nn.MLP(2, [1], seed=0), path)
    before = path.read_bytes()
    other.hardlink_to(path)
    nn.save(nn.MLP(2, [1], seed=1), path)
    assert other.read_bytes() == before != path.read_bytes()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "model")
    nn.save(nn.MLP(2, [1], seed=0), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert nn.load(tmp_path / "model").state_dict() == nn.MLP(2, [1], seed=0).state_dict()


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    class Ragged(nn.Module):
        def __init__(self) -> None:
            self.rows = [[Value(1.0)], [Value(2.0), Value(3.0)]]

    assert Ragged().state_dict() == {"rows": [[1.0], [2.0, 3.0]]}
    with pytest.raises(StateError, match=r"'rows' .* rows of different lengths"):
        nn.save(Ragged(), tmp_path / "m")
    with pytest.raises(ArgumentTypeError, match="expected a Module"):
        nn.save({"weight": 1.0}, tmp_path / "m")  # type: ignore[arg-type]  # that is the mistake
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "safetensors.numpy", None)
    with pytest.raises(MissingExtraError, match=r"tinygrad-nn\[save\]"):
        nn.save(nn.MLP(2, [1]), tmp_path / "m")


def test_the_metadata_is_the_arguments(tmp_path: Path) -> None:
    from safetensors import safe_open

    nn.save(nn.MLP(2, [3, 1], activation="tanh"), tmp_path / "m")
    with safe_open(tmp_path / "m", framework="numpy") as file:
        assert json.loads(file.metadata()["architecture"]) == {
            "nin": 2,
            "nouts": [3, 1],
            "activation": "tanh",
            "output_activation": "identity",
        }


def write(path: Path, kind: str, raw: bytes) -> None:
    """Write a file of one entry as the format describes it."""
    entry = {"dtype": kind, "shape": [1], "data_offsets": [0, len(raw)]}
    header = json.dumps({"slope": entry}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + raw)


class Slope(nn.Module):
    def __init__(self) -> None:
        self.slope = [Value(0.0)]


@pytest.mark.parametrize("number", [1.5, -2.0, 0.15625, 3.3895314e38])
def test_numbers_of_16_bits_as_neural_networks_have_them(tmp_path: Path, number: float) -> None:
    halves = np.array([number], dtype="<f4").view("<u4") >> 16
    write(tmp_path / "m", "BF16", halves.astype("<u2").tobytes())
    found = nn.load(tmp_path / "m", Slope()).slope[0].data
    assert found == pytest.approx(number, rel=2**-7)
    assert np.array([found], dtype="<f4").view("<u4")[0] & 0xFFFF == 0


@pytest.mark.parametrize("kind", ["F8_E4M3", "F8_E5M2"])
def test_numbers_that_numpy_has_not(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "m", kind, b"1")
    with pytest.raises(StateError, match=f"'slope' of type {kind}.*tensor.float"):
        nn.load(tmp_path / "m", Slope())


@pytest.mark.parametrize("path", ["/proc/x", "/dev/null/x"])
def test_a_path_where_nothing_can_be_written(path: str) -> None:
    with pytest.raises(FileError, match=f"path '{path}' cannot be written .*give one") as caught:
        nn.save(nn.MLP(1, [1]), path)
    assert isinstance(caught.value, OSError)


def models() -> list[tuple[nn.Module, Any]]:
    """A model of each kind, with a sample for it."""
    return [
        (nn.Neuron(2, "gelu"), [0.5, -1.0]),
        (nn.Linear(2, 3), [0.5, -1.0]),
        (
            nn.Sequential(
                nn.Linear(2, 4), "mish", nn.Dropout(0.5, seed=3), nn.Linear(4, 2), softmax
            ),
            [0.5, -1.0],
        ),
        (nn.Sequential(nn.Residual(nn.Layer(3, 3, "tanh")), nn.LayerNorm(3)), [0.5, -1.0, 2.0]),
        (nn.Sequential(nn.Embedding(5, 2), nn.GRU(2, 3), nn.Linear(3, 1)), [1, 4, 2]),
        (nn.Sequential(nn.Reshape(3, 2), nn.LSTM(2, 2, sequences=True), nn.Flatten()), [0.5] * 6),
        (nn.Sequential(nn.Reshape(3, 1), nn.RNN(1, 2, "relu")), [0.5, 1.0, -1.0]),
        (
            nn.Sequential(
                nn.Reshape(1, 4, 4),
                nn.Conv2d(1, 2, 2, "relu", padding=1),
                nn.MaxPool2d(2, stride=1),
                nn.AvgPool2d(2),
                nn.Flatten(),
            ),
            [0.1 * k for k in range(16)],
        ),
        (nn.Sequential(nn.Reshape(1, 5), nn.Conv1d(1, 2, 3, stride=2), nn.Flatten()), [0.5] * 5),
        (nn.MLP(2, [2, 1]), [0.5, -1.0]),
    ]


@pytest.mark.parametrize("place", range(len(models())))
def test_models_of_our_modules_come_back(tmp_path: Path, place: int) -> None:
    model, sample = models()[place]
    expected = nn.Module.predict(model, [sample])
    nn.save(model, tmp_path / "m")
    again = nn.load(tmp_path / "m")
    assert repr(again) == repr(model)
    assert again.state_dict() == model.state_dict()
    assert again.predict([sample]) == expected
    assert again.train().eval().training is False
    if any(isinstance(part, nn.Dropout) for part in getattr(model, "layers", [])):
        again.train()(sample)  # it draws


def test_every_module_of_ours_can_be_described() -> None:
    ours = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)} - {"Module"}
    assert ours == set(KINDS)
    met = {part["module"] for model, _ in models() for part in modules_in(described(model))}
    assert met == ours


def modules_in(plain: Any) -> list[Any]:
    if isinstance(plain, dict):
        return [plain] * ("module" in plain) + modules_in(list(plain.values()))
    if isinstance(plain, list):
        return [found for part in plain for found in modules_in(part)]
    return []


def test_what_is_shared_or_of_ones_own_is_not_described(tmp_path: Path) -> None:
    class Own(nn.Linear):
        pass

    ring = nn.Linear(2, 2)
    for model in (nn.Sequential(ring, ring), nn.Sequential(Own(2, 2)), nn.Sequential(lambda x: x)):
        nn.save(model, tmp_path / "m")
        with pytest.raises(StateError, match="does not tell the architecture"):
            nn.load(tmp_path / "m")
        assert nn.load(tmp_path / "m", model) is model


def test_not_more_parameters_are_made_than_there_are_numbers() -> None:
    description = described(nn.Linear(3, 2))
    assert description is not None
    assert len(made(description, 8).parameters()) == 8
    with pytest.raises(ValueError, match="more parameters than the file has numbers"):
        made(description, 7)


def test_numbers_of_16_bits_as_numpy_has_them(tmp_path: Path) -> None:
    write(tmp_path / "m", "F16", np.array([0.1], "<f2").tobytes())
    assert nn.load(tmp_path / "m", Slope()).slope[0].data == float(np.float16(0.1))
