"""The fixture check_grad, as it is in a project that has this package installed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

PLUGIN = "tinygrad_nn.testing.plugin"


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the text of a test file, with this plugin and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run_text(text: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(text)
        return pytester.runpytest_inprocess("-p", PLUGIN, *options)

    return run_text


def test_it_is_registered() -> None:
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text())
    (module,) = project["project"]["entry-points"]["pytest11"].values()
    assert module == PLUGIN
    assert hasattr(import_module(module), "check_grad")


def test_a_right_derivative_passes_and_the_report_is_returned(run: Any) -> None:
    result = run(
        """
        from tinygrad_nn import Value, exp, tanh
        from tinygrad_nn.nn import MLP

        def test_function(check_grad):
            report = check_grad(lambda x, w: tanh(x * w["a"]), 0.5, {"a": 2.0}, order=2)
            assert report
            assert {entry.order for entry in report.entries} == {1, 2}

        def test_recorded_graph(check_grad):
            assert check_grad(exp(Value(0.5) * 2))

        def test_model(check_grad):
            model = MLP(2, [2, 1], activation="tanh", seed=0)
            check_grad(lambda: model([0.5, -0.5]), wrt=model, directions=1)
        """
    )
    result.assert_outcomes(passed=3)


def test_a_kink_passes(run: Any) -> None:
    run("def test(check_grad): check_grad(abs, 0.0)").assert_outcomes(passed=1)


def test_a_wrong_derivative_fails_with_the_table_and_no_traceback(run: Any) -> None:
    result = run("def test_wrong(check_grad): check_grad(lambda x: x * x.data, 3.0)")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_wrong*",
            "check_grad FAILED: 1 of 1 derivative: 1 wrong",
            "  argument  analytic  numeric  error  estimated error  status",
            "  args?0?   3         6        3      *wrong: every rule agrees with differences*",
        ],
        consecutive=True,
    )
    text = result.stdout.str()
    assert "Traceback" not in text
    assert "plugin.py" not in text
    assert "lambda" not in text


def test_a_mistake_in_the_call_is_an_error_with_its_traceback(run: Any) -> None:
    result = run("def test_none(check_grad): check_grad(lambda x: None, 3.0)")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">*check_grad(lambda x: None, 3.0)", "*ArgumentTypeError*"])


DIRECTIONS = """
    import pytest
    from random import Random

    def entries(report):
        return [(entry.argument, entry.analytic) for entry in report.entries]

    def show(check_grad, **options):
        print("DIRECTIONS", entries(check_grad(lambda x, y: x * y, 2.0, 3.0, **options)))

    def test_one(check_grad): show(check_grad); show(check_grad)
    def test_two(check_grad): show(check_grad)
    def test_given_seed_a(check_grad): show(check_grad, seed=7)
    def test_given_seed_b(check_grad): show(check_grad, seed=7)
    def test_given_rng(check_grad): show(check_grad, rng=Random(7))
"""


def test_random_directions_follow_from_the_name_of_the_test(run: Any) -> None:
    runs = [
        [line for line in run(DIRECTIONS, "-s").outlines if "DIRECTIONS" in line] for _ in range(2)
    ]
    assert runs[0] == runs[1]
    shown = [line.partition("DIRECTIONS")[2] for line in runs[0]]
    one, again, two, seed_a, seed_b, rng = shown
    assert one == again
    assert one != two
    assert seed_a == seed_b == rng
    assert seed_a not in (one, two)


def test_a_fixture_of_the_projects_own_takes_precedence(run: Any) -> None:
    result = run(
        """
        import pytest

        @pytest.fixture
        def check_grad():
            return "own"

        def test(check_grad):
            assert check_grad == "own"
        """
    )
    result.assert_outcomes(passed=1)


def test_it_is_listed_among_the_fixtures(run: Any) -> None:
    result = run("def test(): pass", "--fixtures")
    result.stdout.fnmatch_lines(["check_grad*", "*Compare derivatives with finite differences*"])


def test_loading_it_loads_nothing_heavy() -> None:
    code = f"import sys, {PLUGIN}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert PLUGIN in loaded
    assert not loaded & {"numpy", "scipy", "hypothesis", "tinygrad_nn.check", "tinygrad_nn.nn"}
