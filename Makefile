# SPDX-License-Identifier: GPL-2.0-or-later
# make demo: review an embedded series with a known bug.
# make check: lint, types and unit tests, in under a minute.   make test: everything that needs no kernel tree.
# make coverage: what tests/unit, tests/oracle and tests/corpus run of the Python, and the self-tests of our own C.
# make bench TREE=DIR [BESIDE=DIR] [ROUNDS=N]: what reviews cost, beside another checkout and against the last time.
# make growth TREE=DIR: how that grows.   make throughput TREE=DIR: pairs of runs a second.
# make boot KERNEL_SOURCE=DIR: builds a kernel of a whole source and boots it, as review-patch confirm does.
# make docs: the documentation as a site, in docs/_build.   make man: the man page.   make dist: sdist and wheel.
PYTHON ?= python3
VENV := .venv
OUT ?= demo-out
CASE := corpus/mremap-write-bit
BIN := $(VENV)/bin
TREE ?= corpus/tree
ROUNDS ?= 5
BENCH_OUT ?= bench-out

.PHONY: demo check test coverage lint bench growth throughput boot docs man dist clean

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV), once: about half a minute."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/.installed
	@mkdir -p $(OUT)
	@$(BIN)/review-patch $(CASE)/series.mbox --json $(OUT)/review.json --html $(OUT)/review.html \
		--reply-dir $(OUT)/replies --fail-on never | tee $(OUT)/review.txt
	@echo; echo "Written to $(OUT)/: review.txt, review.json, review.html and replies/"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint
	$(BIN)/pytest -q -n auto --dist worksteal -m "not slow" tests/unit

test: lint
	$(BIN)/pytest -q -n auto --dist worksteal --durations=25 tests

coverage: $(VENV)/.dev
	@mkdir -p build
	COVERAGE_FILE=build/.coverage $(BIN)/pytest -q -n auto --dist worksteal --cov --cov-report=json:build/coverage.json \
		tests/unit tests/oracle tests/corpus
	@$(BIN)/python tests/covered.py build/coverage.json
	@$(BIN)/python tests/oracle/world_coverage.py

bench: $(VENV)/.installed
	$(BIN)/python -m tests.bench $(TREE) --rounds $(ROUNDS) $(if $(BESIDE),--beside $(BESIDE)) \
		--last $(BENCH_OUT)/last.json --json $(BENCH_OUT)/last.json

growth: $(VENV)/.installed
	$(BIN)/python -m tests.bench $(TREE) --rounds $(ROUNDS) --growth

throughput: $(VENV)/.installed
	$(BIN)/python tests/kernel/throughput.py $(TREE)

boot: $(VENV)/.dev
	@mkdir -p build
	KERNEL_SOURCE="$(KERNEL_SOURCE)" bash -o pipefail -c '$(BIN)/pytest -q -m boot --durations=0 tests/boot | tee build/boot.txt'

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs docs/_build
	@echo "Written to docs/_build/index.html"

# The date is that of the last change to a command, so that it is the same wherever it is made.
man: $(VENV)/.dev
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct -- reviewer 2>/dev/null || date +%s) COLUMNS=80 $(BIN)/argparse-manpage \
		--module reviewer.commands.manual --function whole --project-name review-patch --manual-title "User Commands" \
		--description "review Linux mm patches by running them" --output docs/review-patch.1

dist: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist

clean:
	rm -rf $(VENV) $(OUT) build dist docs/_build docs/reference *.egg-info
