# make demo: review an embedded series with a known bug.   make test: everything that needs no kernel tree.
PYTHON ?= python3
VENV := .venv
OUT ?= demo-out
CASE := corpus/mremap-write-bit
BIN := $(VENV)/bin

.PHONY: demo test lint bench clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV), once: about half a minute."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/.installed
	@mkdir -p $(OUT)
	@$(BIN)/review-patch $(CASE)/series.mbox --json $(OUT)/review.json --html $(OUT)/review.html \
		--reply-dir $(OUT)/replies --fail-on never | tee $(OUT)/review.txt
	@echo; echo "Written to $(OUT)/: review.txt, review.json, review.html and replies/"

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/pytest -q -n auto tests

bench: $(VENV)/.installed
	$(BIN)/python tests/kernel/throughput.py corpus/tree

clean:
	rm -rf $(VENV) $(OUT) build dist *.egg-info
