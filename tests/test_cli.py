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

from tinygrad_nn import load, nn, save, to_c, to_javascript, to_jax, to_latex, to_numpy, to_torch
from tinygrad_nn.cli import main
from tinygrad_nn.data import Dataset, train_test_split
from tinygrad_nn.data import load as load_data
from tinygrad_nn.errors import DrawingError, RangeError, StateError
from tinygrad_nn.experiment import Experiment
from tinygrad_nn.saved import Predictor
from tinygrad_nn.train import History

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
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a training write what it has learnt, and no pictures, which take a while."""

    def write(experiment: Experiment, history: History, folder: Path) -> list[Path]:
        save(experiment.predictor, folder / "model.safetensors")
        history.save(folder / "history.json")
        return []

    monkeypatch.setattr(Experiment, "write", write)


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
    for line in (
        "iris: 150 samples of 4 features, in 3 classes: setosa, versicolor, virginica",
        "It learns from 112 samples, and is tested on the other 38, which it does not see.",
        "Network: 4 inputs -> 8 relu -> 4 relu -> 3 outputs: 91 parameters to learn",
        "Checked: the slopes of the cost by 40 of 91 parameters, chosen at random, and along 2 "
        "random directions, against differences of the cost itself: 42 of 42 agree.",
    ):
        assert line in done.out.splitlines()
    assert re.search(r"in 3 epochs the cost went from \d+\.\d+ to \d+\.\d+\.", done.out)


def test_the_confusion_table_agrees_with_the_accuracy(run) -> None:
    out = run("train", "iris", *SMALL).out
    rows = [
        [int(cell) for cell in re.findall(r"\d+", line)]
        for line in out.splitlines()
        if line.startswith(("│ setosa", "│ versicolor", "│ virginica"))
    ]
    assert [len(row) for row in rows] == [3, 3, 3]
    right = sum(row[k] for k, row in enumerate(rows))
    assert f"Tested: {right} of 38 samples that it had not seen" in out
    assert f": {right / 38:.1%}." in out


def test_all_of_xor_is_learnt(run) -> None:
    out = run("train", "xor", *SMALL).out
    assert "It learns from all 4 samples: they are too few to keep some for testing." in out
    assert re.search(r"Tested: \d of 4 samples that it has learnt from are predicted right", out)


def test_what_a_check_cannot_tell_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    from tinygrad_nn import relu
    from tinygrad_nn.check import check_grad
    from tinygrad_nn.cli.telling import say_check

    say_check(check_grad(lambda x, y: relu(x) + y, 0.0, 2.0, directions=0))
    assert capsys.readouterr().out == (
        "Checked: the slopes of the cost by all 2 parameters and along 0 random directions, "
        "against differences of the cost itself: 1 of 2 agree; 1 stand at a corner of the cost, "
        "where the slopes of both sides fit.\n"
    )


def test_the_same_seed_tells_the_same(run) -> None:
    first, again, other = (run("train", "xor", *SMALL, "--seed", seed).out for seed in "112")
    assert first == again != other


def test_train_writes_whole_files(run, tmp_path: Path) -> None:
    done = run("train", "iris", *SMALL, "--out", "deep/er")
    folder = tmp_path / "deep" / "er"
    names = ["architecture.png", "cost.png", "graph.png", "history.json", "model.safetensors"]
    found = {path.name for path in folder.iterdir()}
    assert found == {*names, "checkpoint.safetensors"}
    assert all(f"Wrote {Path('deep/er', name)}: " in done.out for name in names)
    for picture in folder.glob("*.png"):
        assert picture.read_bytes().startswith(PNG)
    assert len(json.loads((folder / "history.json").read_text())["epochs"]) == 3
    assert f"{History.load(folder / 'history.json').cost[-1]:.4g}" in done.out


@pytest.mark.usefixtures("no_pictures")
def test_the_file_predicts_from_raw_numbers(run, tmp_path: Path) -> None:
    out = run("train", "iris", *SMALL, "--out", ".").out
    _, test = train_test_split(load_data("iris"), seed=0)
    predictor = load(tmp_path / "model.safetensors")
    names = predictor.predict(test.X)
    right = sum(name == test.target_names[k] for name, k in zip(names, test.y, strict=True))
    assert f"Tested: {right} of 38" in out


@pytest.mark.usefixtures("no_pictures")
def test_predict_gives_the_numbers_of_the_training(
    run, tmp_path: Path, pets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Experiment] = []
    prepare = Experiment.prepare
    monkeypatch.setattr(Experiment, "prepare", lambda e, f: (made.append(e), prepare(e, f)))
    assert run("train", pets, *SMALL, "--out", ".").code == 0
    lines = ["note,age,weight", "first,6,4", '"second, and last",7,21']
    (tmp_path / "new.csv").write_text("\n".join(lines))
    done = run("predict", "model.safetensors", "new.csv", "-o", "out.csv")
    assert (done.code, done.out) == (0, "Wrote out.csv: 2 predictions\n")
    predictor = made[0].predictor
    rows = [[4.0, 6.0], [21.0, 7.0]]
    expected = [
        ",".join([name, *map(repr, shares)])
        for name, shares in zip(predictor.predict(rows), predictor.predict_proba(rows), strict=True)
    ]
    head = "prediction,probability of bird,probability of cat,probability of dog"
    assert (tmp_path / "out.csv").read_text().splitlines() == [head, *expected]
    assert run("predict", "model.safetensors", "new.csv").out == "\n".join([head, *expected, ""])


@pytest.mark.usefixtures("no_pictures")
def test_predict_numbers(run, tmp_path: Path) -> None:
    rows = "".join(f"{k};{k % 3};{k / 4};{k}\n" for k in range(12)).replace(".", ",")
    (tmp_path / "sums.csv").write_text("a;b;c;d\n" + rows)
    done = run("train", "sums.csv", *SMALL, "--target", "c", "--index", "d", "--out", ".")
    assert "a number to predict for each" in done.out
    assert "Cells are parted by ';'." in done.out
    assert "R2 = " in done.out
    (tmp_path / "new.csv").write_text("b,a\n1,2.5\n")
    head, number = run("predict", "model.safetensors", "new.csv").out.splitlines()
    assert head == "prediction"
    assert [float(number)] == load(tmp_path / "model.safetensors").predict([[2.5, 1]])


@pytest.mark.usefixtures("no_pictures")
def test_predict_tells_the_probability_of_every_class_without_a_name(run, tmp_path: Path) -> None:
    data = Dataset([[1.0], [2.0], [4.0]], [0, 1, 2])
    model = nn.MLP(1, [3], seed=0)
    save(Predictor(model, nn.cross_entropy, data), tmp_path / "model.safetensors")
    (tmp_path / "new.csv").write_text("2.5\n3.5\n", encoding="utf-8")
    head, *lines = run("predict", "model.safetensors", "new.csv").out.splitlines()
    assert head == "prediction,probability of 0,probability of 1,probability of 2"
    assert [sum(map(float, line.split(",")[1:])) for line in lines] == pytest.approx([1.0, 1.0])


def test_predict_says_what_is_wrong(run, tmp_path: Path, pets: str) -> None:
    save(nn.MLP(2, [1]), tmp_path / "plain.safetensors")
    assert "not what its predictions need" in run("predict", "plain.safetensors", pets).err
    assert run("train", pets, *SMALL, "--out", ".").code == 0
    for text, message in [
        ("weight,years\n1,2\n", "no column 'age'"),
        ("weight,age\n1,\n", "new.csv, line 2 has nothing in the column 'age'"),
        ("weight,age\n1,old\n", "new.csv, line 2 holds 'old' in the column 'age'"),
    ]:
        (tmp_path / "new.csv").write_text(text)
        done = run("predict", "model.safetensors", "new.csv", "-o", "out.csv")
        assert done.code == 2
        assert message in done.err
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.usefixtures("no_pictures")
def test_a_training_goes_on(run, tmp_path: Path) -> None:
    train = ("train", "xor", "--hidden", "4", "--backend", "numpy")
    assert run(*train, "--epochs", "6", "--out", "whole").code == 0
    assert run(*train, "--epochs", "2", "--out", "part").code == 0
    done = run(*train, "--epochs", "6", "--out", "part", "--resume")
    assert "in 6 epochs the cost went" in done.out
    whole, part = (load(tmp_path / name / "model.safetensors") for name in ("whole", "part"))
    assert whole.model.state_dict() == part.model.state_dict()
    costs = [History.load(tmp_path / name / "history.json").cost for name in ("whole", "part")]
    assert costs[0] == costs[1]
    for arguments, message in [
        ([*train, "--resume"], "--resume needs --out"),
        ([*train, "--out", "new", "--resume"], "train without --resume first"),
        (
            [*train, "--out", "part", "--lr", "1", "--resume"],
            "another --lr, 0.01, and 1.0 is asked",
        ),
        (["train", "xor", "--out", "part", "--resume"], "was written with another network"),
        (["train", "iris", *train[2:], "--out", "part", "--resume"], "with another network"),
    ]:
        done = run(*arguments)
        assert done.code == 2
        assert message in done.err


def test_no_hidden_layer(run) -> None:
    assert "2 inputs -> 1 output: 3 parameters" in run("train", "xor", "--hidden", "").out


def test_classes_of_a_file_keep_their_names(run, pets: str) -> None:
    done = run("train", pets, "--hidden", "8", "--epochs", "60")
    assert done.code == 0, done.err
    assert re.search(r"┃ +┃ bird ┃ cat ┃ dog ┃", done.out)
    assert "are predicted right: 100.0%." in done.out


def test_names_are_shown_as_they_are(run, tmp_path: Path) -> None:
    rows = [f"{k},{k % 3},{('[red]', '[/x]', ':cat:')[k % 3]}" for k in range(12)]
    (tmp_path / "[b].csv").write_text("\n".join(rows))
    done = run("train", "[b].csv", *SMALL, "--out", "[i]")
    assert done.code == 0, done.err
    for text in ("[b]: 12", "┃ [red] ", "┃ [/x] ", "┃ :cat: ", "Wrote [i]"):
        assert text in done.out


# ---------------------------------------------------------------- playground


def test_playground_scales_the_data_and_says_how(
    run, pets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinygrad_nn.viewing import ground

    for name, few in {"WIDEST": 2, "DEEPEST": 1, "USUAL": ()}.items():
        monkeypatch.setattr(ground, name, few)
    done = run("playground", pets, "--hidden", "2", "--output", "pets.html")
    assert (done.code, done.out) == (0, "wrote pets.html\n")
    html = Path("pets.html").read_text(encoding="utf-8")
    told = json.loads(html.partition('id="data">')[2].partition("</script>")[0])
    assert told["features"] == ["weight", "age"]
    assert (told["train"]["count"], told["test"]["count"]) == (18, 6)
    assert told["meaning"] == {"kind": "several"}
    assert re.search(r"mean = \[\d", told["note"])
    assert told["note"].endswith("Classes: 0 bird, 1 cat, 2 dog.")
    done = run("playground", "xor", "--output", "xor.txt")
    assert (done.code, "path must end in .html" in done.err) == (2, True)


# --------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "Missing argument"),
        (["train", "irsi"], "iris"),
        (["train", "nothing.csv"], "nothing.csv"),
        (["train", "xor", "more"], "train --help"),
        (["train", "run/checkpoint.safetensors"], "give its data again, and --resume --out"),
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
    def fails(self: object, folder: object = None) -> None:
        raise error

    monkeypatch.setattr(Experiment, "fit", fails)
    done = run("train", "xor")
    assert done.code == code
    (line,) = done.err.splitlines()
    assert message in line


def test_any_other_error_is_a_traceback(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: object, folder: object = None) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Experiment, "fit", fails)
    with pytest.raises(ZeroDivisionError):
        run("train", "xor")


def test_a_wrong_gradient_is_exit_code_1(run, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinygrad_nn.scalar.ops import softplus

    monkeypatch.setattr(softplus, "partials", (lambda x, z: 0.5,))
    done = run("train", "xor", *SMALL)
    assert done.code == 1
    assert "are WRONG" in done.out
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
    assert done.code == 0, done.err
    assert "Interrupted" in done.out
    assert "in 2 epochs the cost went" in done.out
    assert History.load(tmp_path / "history.json").stopped == "interrupted"
    assert (tmp_path / "model.safetensors").exists()


@pytest.mark.usefixtures("no_pictures")
def test_ctrl_c_before_the_first_epoch_is_over(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tinygrad_nn.optim.Adam.step", interrupted)
    done = run("train", "xor", "--out", ".")
    assert done.code == 0, done.err
    assert "Learned" not in done.out


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
        (["-o", "predict.c"], "say the language, --to c|javascript"),
        (["-o", "predict.py"], "a .py file is of numpy, jax, torch"),
        (["-o", "predict.py", "--to", "c"], "path must end in .h"),
        (["--to", "cobol"], "--to is 'cobol': expected one of c, javascript"),
        (["-o", "p.h", "--name", "exp"], "a name that C has no use for"),
        (["-o", "p.h", "--dtype", "half"], "dtype is 'half'"),
    ]:
        done = run("export", "model.safetensors", *arguments)
        assert done.code == 2
        assert message in done.err


def test_export_writes_other_languages(run, tmp_path: Path) -> None:
    model = nn.MLP(3, [4, 2], seed=0)
    save(model, tmp_path / "model.safetensors")
    for language, ending, write in [
        ("javascript", "mjs", to_javascript),
        ("numpy", "py", to_numpy),
        ("jax", "py", to_jax),
        ("torch", "py", to_torch),
    ]:
        done = run("export", "model.safetensors", "--to", language)
        assert (done.code, done.out, done.err) == (0, f"wrote model.{ending}\n", "")
        assert (tmp_path / f"model.{ending}").read_text() == write(model, name="model")
    assert run("export", "model.safetensors", "--to", "latex").out == "wrote model.tex\n"
    assert (tmp_path / "model.tex").read_text() == to_latex(model)


@pytest.mark.usefixtures("no_pictures")
def test_export_scales_what_the_training_scaled(run, tmp_path: Path) -> None:
    assert run("train", "iris", *SMALL, "--out", ".").code == 0
    assert run("export", "model.safetensors", "-o", "predict.h", "--name", "f").code == 0
    predictor = load(tmp_path / "model.safetensors")
    assert (tmp_path / "predict.h").read_text() == to_c(predictor, name="f")
    rows = load_data("iris").X[:3]
    assert predictor.network.predict(rows)[0] == pytest.approx(predictor.outputs(rows)[0])


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
    assert "2 inputs -> 4 relu -> 1 output: 17 parameters" in done.stdout  # on one line


def test_version(run) -> None:
    import tinygrad_nn

    assert run("--version") == Done(0, f"tinygrad-nn {tinygrad_nn.__version__}\n", "")
