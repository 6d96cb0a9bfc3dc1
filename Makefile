# Each command makes what it needs: a virtual environment of its own, once, and
# again only when pyproject.toml has changed.
#
#   make demo PYTHON=python3.12      another interpreter
#   make test VENV=../environment    another place for the environment
#   make test ARGS="-k data"         options for pytest
#   make sweep COUNT=1000            fewer random programs

PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
COUNT  ?= 20000
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# The tests start a hundred Pythons: each would compile every file again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test sweep native sdist wheels lint docs sheets bench mutants clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(VENV)/.demo  ## train a first network; its results go to runs/first
	$(BIN)/tinygrad-nn train digits --hidden 32 --out runs/first

test: $(VENV)/.test  ## run the tests and the examples in the docstrings
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto $(ARGS)  # else all asserts are rewritten each time

sweep: $(VENV)/.test  ## try 20,000 random programs in every way of calling, check_grad on 10,000, and 10,000 proofs (hours)
	$(BIN)/python -m tests.sweeps.programs --engine both --count $(COUNT) $(ARGS)
	$(BIN)/python -m tests.sweeps.programs --engine plain --low --count $$(($(COUNT) / 5)) $(ARGS)
	$(BIN)/python -m tests.sweeps.guards --engine both --count $(COUNT) $(ARGS)
	$(BIN)/python -m tests.sweeps.asks --count $$(($(COUNT) / 20))
	$(BIN)/python -m tests.sweeps.ordinary
	$(BIN)/python -m tests.sweeps.gradient_checks --count $$(($(COUNT) / 2))
	$(BIN)/python -m tests.sweeps.proofs --count $$(($(COUNT) / 2))
	if $(BIN)/python -c 'import llvmlite' 2>/dev/null; then \
	  $(BIN)/python -m tests.sweeps.vector_functions --count $$(($(COUNT) * 50)) && \
	  $(BIN)/python -m tests.sweeps.machine_code --count $(COUNT) && \
	  TINYGRAD_NN_PURE=1 $(BIN)/python -m tests.sweeps.machine_code --low --count $$(($(COUNT) / 5)) && \
	  $(BIN)/python -m tests.sweeps.programs --engine plain --machine this --count $$(($(COUNT) / 10)) && \
	  $(BIN)/python -m tests.sweeps.kept --count $$(($(COUNT) / 20)) && \
	  TINYGRAD_NN_MACHINE=all $(BIN)/python -m pytest -n auto -q tests/compiler/test_*.py \
	    tests/nn/compiled tests/train/engines && \
	  TINYGRAD_NN_MACHINE=1 $(BIN)/python -m pytest -n auto -q tests/compiler/entries; fi
	$(BIN)/python -m tests.sweeps.entries --count $$(($(COUNT) * 5)) --repeat $$(($(COUNT) * 50))
	PYTHONMALLOC=debug $(BIN)/python -m tests.sweeps.entries --count $(COUNT) --repeat $(COUNT)
	$(BIN)/python -m tests.sweeps.damaged --count $$(($(COUNT) / 4))
	$(BIN)/python -m tests.sweeps.edited --count $$(($(COUNT) / 10))
	$(BIN)/python -m tests.sweeps.killed
	$(BIN)/python -m tests.sweeps.sizes
	$(BIN)/python docs/make_numpy.py && git diff --exit-code docs/numpy.md
	$(BIN)/python -m tests.sweeps.sparse --size $$(($(COUNT) / 2))
	$(BIN)/python -m tests.sweeps.clusters
	$(BIN)/python -m tests.sweeps.recurrences --count $$(($(COUNT) / 10))
	$(BIN)/python -m tests.sweeps.models --count $$(($(COUNT) / 20))
	$(BIN)/python -m tests.sweeps.exports --count $$(($(COUNT) / 5))
	$(BIN)/python -m tests.sweeps.special --count $$(($(COUNT) / 10))
	$(BIN)/python -m tests.sweeps.complexes --count $$(($(COUNT) / 5))
	$(BIN)/python -m tests.sweeps.likelihoods
	$(BIN)/python -m tests.sweeps.playgrounds
	$(BIN)/python -m tests.sweeps.solved
	$(BIN)/python -m tests.sweeps.solvers --count $$(($(COUNT) / 25))
	TINYGRAD_NN_SPECIAL=1 $(BIN)/python -m pytest -n auto -q tests/scalar/test_operands.py \
	  tests/scalar/test_operation.py tests/scalar/test_ops_nan.py tests/scalar/test_passes.py \
	  tests/scalar/test_reverse.py tests/transforms/test_series.py tests/check/test_check.py \
	  tests/compiler/test_rows.py tests/compiler/test_operands.py tests/compiler/program/test_store.py \
	  tests/compiler/proof/test_arrays.py tests/compiler/backends/numpy/test_writer.py \
	  tests/drawing/test_drawing.py
	TINYGRAD_NN_LOW=1 TINYGRAD_NN_PURE=1 $(BIN)/python -m pytest -n auto -q \
	  tests/compiler/test_random.py tests/compiler/test_regressions.py tests/compiler/test_values.py \
	  tests/compiler/test_derivatives.py tests/compiler/test_batch_derivatives.py \
	  tests/compiler/roll/test_coincidences.py tests/nn/compiled/test_symbolic.py tests/train/engines

native: $(VENV)/.demo  ## compile the core again, after a change to it; without a C compiler it stays Python
	$(PIP) --no-deps --editable .
	$(BIN)/tinygrad-nn info

sdist: $(VENV)/.release  ## build the source distribution in dist/
	rm -f dist/*.tar.gz
	$(BIN)/python -m build --sdist --outdir dist . >/dev/null

wheels: $(VENV)/.pip  ## build two wheels in dist/: for this system, and for every system
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	TINYGRAD_NN_BUILD_PURE=1 $(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

lint: $(VENV)/.lint  ## check style, format, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.docs  ## build the documentation in site/; a warning is an error
	$(BIN)/zensical build --clean --strict

sheets:  ## make notebooks, tests and teachers' pages of the sheets, in build/sheets/
	rm -rf build/sheets
	$(PYTHON) -m teaching.make build/sheets

bench: $(VENV)/.bench  ## measure the speed
	$(BIN)/python -m benchmarks $(ARGS)

mutants: $(VENV)/.test  ## break the code on purpose, 30 times, and see that the tests notice (hours)
	$(BIN)/python tests/mutants.py --seed 20261130 --count 30 $(ARGS) \
	  tinygrad_nn/scalar=tests/scalar tinygrad_nn/compiler/roll=tests/compiler/roll \
	  tinygrad_nn/compiler/tape=tests/compiler/tape tinygrad_nn/train=tests/train

clean:  ## remove everything that the commands above have made, but runs/
	rm -rf $(VENV) .cache build dist site *.egg-info .*_cache .hypothesis
	rm -f *.so tinygrad_nn/engine.json
	find tinygrad_nn -name '*.so' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.demo: pyproject.toml $(VENV)/.pip
	$(PIP) --editable '.[all]'
	@touch $@

$(VENV)/.release: pyproject.toml $(VENV)/.pip
	$(PIP) --group release
	@touch $@

# pip reads the groups from pyproject.toml.
$(VENV)/.test $(VENV)/.lint $(VENV)/.docs $(VENV)/.bench $(VENV)/.ci: $(VENV)/.%: $(VENV)/.demo
	$(PIP) --group $*
	@touch $@

$(VENV)/.pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tinygrad_nn needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'  # the first to know dependency groups
	@touch $@
