"""The command line, run in this process by its entry point."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tinygrad_nn import load, nn, save, to_c
from tinygrad_nn.cli import main
from tinygrad_nn.data import Standardizer, train_test_split
from tinygrad_nn.data import load as load_data
from tinygrad_nn.errors import DrawingError, RangeError, StateError
from tinygrad_nn.experiment import Experiment
from tinygrad_nn.train import History, accuracy

SMALL = ("--hidden", "4", "--epochs", "3")
PNG = b"\x89PNG\r\n\x1a\n"


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run the command with arguments, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["tinygrad-nn", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        assert isinstance(stop.value.code, int)
        return Done(stop.value.code, *capsys.readouterr())

    return command


@pytest.fixture
def pets(tmp_path: Path) -> str:
    """A CSV file of three classes with names."""
    lines = [f"{k % 5 + size},{age},{kind}" for k in range(8)
             for kind, size, age in (("cat", 4, 6), ("dog", 20, 7), ("bird", 0, 2))]  # fmt: skip
    (tmp_path / "pets.csv").write_text("\n".join(["weight,age,kind", *lines]) + "\n")
    return "pets.csv"


# --------------------------------------------------------------------- train


def test_train_tells_everything(run) -> None:
    done = run("train", "iris", "--hidden", "8,4", "--epochs", "3")
    assert (done.code, done.err) == (0, "")
    assert "150 samples, 4 features, 3 classes" in done.out
    assert "112 to train and 38 to test" in done.out
    assert "Layer(4 -> 8, relu), Layer(8 -> 4, relu), Layer(4 -> 3, identity)" in done.out
    assert re.search(r"Cost after 3 epochs: \d+\.\d+", done.out)
    assert "check_grad passed" in done.out


def test_the_confusion_table_agrees_with_the_accuracy(run) -> None:
    out = run("train", "iris", *SMALL).out
    rows = [
        [int(cell) for cell in re.findall(r"\d+", line)]
        for line in out.splitlines()
        if line.startswith(("│ setosa", "│ versicolor", "│ virginica"))
    ]
    assert [len(row) for row in rows] == [3, 3, 3]
    right = sum(row[k] for k, row in enumerate(rows))
    share = re.search(r"Test accuracy: ([\d.]+)%", out)
    assert share is not None
    assert float(share[1]) == pytest.approx(100 * right / 38, abs=0.05)


def test_the_same_seed_tells_the_same(run) -> None:
    first, again, other = (run("train", "xor", *SMALL, "--seed", seed).out for seed in "112")
    assert first == again != other


def test_train_writes_whole_files(run, tmp_path: Path) -> None:
    done = run("train", "iris", *SMALL, "--out", "deep/er")
    folder = tmp_path / "deep" / "er"
    names = ["architecture.png", "cost.png", "graph.png", "history.json", "model.safetensors"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert all(f"wrote {Path('deep/er', name)}" in done.out for name in names)
    for picture in folder.glob("*.png"):
        assert picture.read_bytes().startswith(PNG)
    assert len(json.loads((folder / "history.json").read_text())["epochs"]) == 3
    assert f"{History.load(folder / 'history.json').cost[-1]:.4g}" in done.out


def test_the_model_predicts_the_same_when_loaded(run, tmp_path: Path) -> None:
    out = run("train", "iris", *SMALL, "--out", ".").out
    train, test = train_test_split(load_data("iris"), seed=0)
    X_test = Standardizer().fit(train.X).transform(test.X)
    model = load(tmp_path / "model.safetensors")
    share = accuracy(model, nn.cross_entropy, X_test, test.y)
    assert f"Test accuracy: {share:.1%}" in out


def test_no_hidden_layer(run) -> None:
    assert "Layer(2 -> 1, identity)], 3 parameters" in run("train", "xor", "--hidden", "").out


def test_classes_of_a_file_keep_their_names(run, pets: str) -> None:
    done = run("train", pets, "--hidden", "8", "--epochs", "60")
    assert done.code == 0
    assert "as bird" in done.out
    assert "Test accuracy: 100.0%" in done.out


def test_names_are_shown_as_they_are(run, tmp_path: Path) -> None:
    rows = [f"{k},{k % 3},{('[red]', '[/x]', ':cat:')[k % 3]}" for k in range(12)]
    (tmp_path / "[b].csv").write_text("\n".join(rows))
    done = run("train", "[b].csv", *SMALL, "--out", "[i]")
    assert done.code == 0
    for text in ("'[b]'", "as [red]", "as [/x]", "as :cat:", "wrote [i]"):
        assert text in done.out


# --------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "Missing argument"),
        (["train", "irsi"], "iris"),
        (["train", "nothing.csv"], "nothing.csv"),
        (["train", "xor", "more"], "more"),
        (["train", "xor", "--hidden", "4,x"], "'4,x' is no list of sizes"),
        (["train", "xor", "--hidden", "0"], "'0' is no list of sizes"),
        (["train", "xor", "--epochs", "0"], "--epochs"),
        (["train", "xor", "--epochs", "x"], "--epochs"),
        (["train", "xor", "--batch-size", "0"], "--batch-size"),
        (["train", "xor", "--lr", "-1"], "lr is -1.0"),
        (["train", "xor", "--lr", "nan"], "lr is nan"),
        (["train", "xor", "--l2", "-1"], "l2 is -1.0"),
        (["train", "xor", "--test-fraction", "1"], "test_fraction is 1.0"),
        (["train", "xor", "--activation", "rely"], "did you mean 'relu'?"),
        (["train", "xor", "--colour"], "--colour"),
        (["trian"], "trian"),
        (["--colour"], "--colour"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_a_bad_argument_is_one_line(run, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    (line,) = done.err.splitlines()
    assert line.startswith("tinygrad-nn: ")
    assert message in line


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1,2,0.5\n2,3,1.5\n", "are not classes (the first is 0.5)"),
        ("1,2,7\n2,3,7\n", "has the class '7' only"),
        ("1,2,a\n2,3,a\n", "has the class 'a' only"),
        ("1,2,0\n2,,1\n", "line 2"),
        ("", "is empty"),
    ],
)
def test_bad_data_is_one_line(run, tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / "data.csv").write_text(rows)
    done = run("train", "data.csv")
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert message in line


def test_a_folder_that_cannot_be_is_known_before_the_training(run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for out in ("file", "file/folder", "/proc/x", "/dev/null/x"):
        done = run("train", "xor", *SMALL, "--out", out)
        assert (done.code, done.out) == (2, "")
        (line,) = done.err.splitlines()
        assert out in line
        assert out == "file" or "you may write to" in line


def test_a_missing_package_is_known_before_the_training(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    done = run("train", "xor", *SMALL, "--out", "here")
    assert (done.code, done.out) == (1, "")
    assert 'pip install "tinygrad-nn[save]"' in done.err
    assert not (tmp_path / "here").exists()


def test_a_learning_rate_beyond_all_numbers(run) -> None:
    done = run("train", "iris", *SMALL, "--lr", "1e300")
    assert done.code == 1
    (line,) = done.err.splitlines()
    assert "lower --lr" in line


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (RangeError("too large"), 1, "lower --lr"),
        (StateError("two\nlines"), 2, "two lines"),
        (DrawingError("no picture"), 1, "no picture"),
        (OSError("disk full"), 1, "disk full"),
    ],
)
def test_any_error_of_ours_is_one_line(
    run, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, message: str
) -> None:
    def fails(self: object) -> None:
        raise error

    monkeypatch.setattr(Experiment, "fit", fails)
    done = run("train", "xor")
    assert done.code == code
    (line,) = done.err.splitlines()
    assert message in line


def test_any_other_error_is_a_traceback(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Experiment, "fit", fails)
    with pytest.raises(ZeroDivisionError):
        run("train", "xor")


def test_a_wrong_gradient_is_exit_code_1(run, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinygrad_nn.scalar.ops import softplus

    monkeypatch.setattr(softplus, "partials", (lambda x, z: 0.5,))
    done = run("train", "xor", *SMALL)
    assert done.code == 1
    assert "check_grad FAILED" in done.out
    assert "softplus" in done.out
    assert done.err == ""


def test_ctrl_c_keeps_what_was_reached(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinygrad_nn.optim import Adam

    step = Adam.step

    def interrupted(self: Adam) -> None:
        if self.steps == 2:
            raise KeyboardInterrupt
        step(self)

    monkeypatch.setattr(Adam, "step", interrupted)
    done = run("train", "xor", "--hidden", "4", "--epochs", "30", "--out", ".")
    assert done.code == 0
    assert "Interrupted" in done.out
    assert "Cost after 2 epochs" in done.out
    assert History.load(tmp_path / "history.json").stopped == "interrupted"
    assert (tmp_path / "model.safetensors").exists()


def test_ctrl_c_before_the_first_epoch_is_over(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tinygrad_nn.optim.Adam.step", interrupted)
    done = run("train", "xor", "--out", ".")
    assert done.code == 0
    assert "Cost after" not in done.out


def test_ctrl_c_outside_the_training(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Experiment, "check", interrupted)
    assert run("train", "xor", *SMALL).code == 130


# --------------------------------------------------------------- the rest


def test_draw_writes_the_picture_of_a_formula(run, tmp_path: Path) -> None:
    done = run("draw", "tanh(a*b + c)", "a=2", "b=-3", "c=10", "-o", "graph.svg")
    assert (done.code, done.out, done.err) == (0, "wrote graph.svg\n", "")
    svg = (tmp_path / "graph.svg").read_text("utf-8")
    assert "results: the result = 0.9993; leaves: a = 2, b = -3, c = 10" in svg


def test_draw_prints_a_tree_without_a_file(run) -> None:
    done = run("draw", "a*b", "a=2", "b=-3")
    assert done.out.splitlines() == ["-6, grad 1  ← ×", "├── a = 2, grad -3", "└── b = -3, grad 2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a + b", "a=1"], "give b=1.5"),
        (["a.real", "a=1"], "no arithmetic"),
        (["a", "a"], "write it as a=2.5"),
        (["log(a)", "a=-1"], "log at x = -1.0 (a) has no real result"),
        (["a*2", "a=1", "-o", "a.jpg"], "path must end in one of"),
    ],
)
def test_draw_refuses_in_one_line(run, arguments: list[str], message: str) -> None:
    done = run("draw", *arguments)
    assert done.code == 2
    assert message in done.err
    assert done.err.count("\n") == 1


def test_export_writes_a_header(run, tmp_path: Path) -> None:
    model = nn.MLP(3, [4, 2], seed=0)
    save(model, tmp_path / "model.safetensors")
    done = run("export", "model.safetensors", "-o", "predict.h", "--dtype", "float32")
    assert (done.code, done.out, done.err) == (0, "wrote predict.h\n", "")
    assert (tmp_path / "predict.h").read_text() == to_c(model, dtype="float32")
    for arguments, message in [
        (["-o", "predict.c"], "path must end in .h"),
        (["-o", "p.h", "--name", "exp"], "a name that C has no use for"),
        (["-o", "p.h", "--dtype", "half"], "dtype is 'half'"),
    ]:
        done = run("export", "model.safetensors", *arguments)
        assert done.code == 2
        assert message in done.err


def test_info(run) -> None:
    import tinygrad_nn

    done = run("info")
    assert (done.code, done.err) == (0, "")
    assert tinygrad_nn.__version__ in done.out
    assert "renderers" in done.out


def test_info_without_renderers(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinygrad_nn.drawing.rendering.renderers", list)
    assert "tinygrad-nn[draw]" in run("info").out


@pytest.mark.parametrize("arguments", [[], ["--help"], ["train", "--help"]])
def test_help(run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.code == (0 if arguments else 2)
    assert "Usage" in done.out
    assert done.err == ""


def test_as_a_module_on_a_narrow_terminal() -> None:
    # rich reads the width when it starts: a process of its own has it from the beginning.
    done = subprocess.run(
        [sys.executable, "-m", "tinygrad_nn", "train", "xor", *SMALL],
        env={**os.environ, "COLUMNS": "20", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Layer(2 -> 4, relu), Layer(4 -> 1, identity)" in done.stdout  # on one line


def test_version(run) -> None:
    import tinygrad_nn

    assert run("--version") == Done(0, f"tinygrad-nn {tinygrad_nn.__version__}\n", "")
