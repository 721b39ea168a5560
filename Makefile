# Needs git, make and Python 3.11 or later; everything else is installed into .venv from requirements.lock.
#
#   make report            make test            make help            make install PYTHON=/path/to/python3.12

PYTHON ?= $(shell python3.11 --version >/dev/null 2>&1 && echo python3.11 || echo python3)
BIN := .venv/bin
# Extra arguments, for instance: make report ARGS="--edition atq-2024"
ARGS ?=
# How many times as large a market make benchmark runs too, for instance: make benchmark SCALE="2 5 10"
SCALE ?=
# The commit that make benchmark measures in turn with this checkout, for instance: make benchmark BEFORE=HEAD~3
BEFORE ?=
# make lock LOCK_FLAGS=--upgrade takes the newest versions that fit; without it the present ones stay where they can.
LOCK_FLAGS ?=

# Nothing here calls home.
export DAGSTER_DISABLE_TELEMETRY := 1
export GX_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Only what the lock names, whatever is installed for the user or on the path.
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME

# Recipe line: stop, with one clear line, if the Python at hand is too old or cannot make an environment.
define need_python
@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Python 3.11 or later with venv is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo not there)." \
		"Name another: make PYTHON=/path/to/python3.11" >&2; exit 1; }
endef

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
# Of each edition, beside its headline: value, payments, unit values (with the lines of value) and what is set aside.

# What make test-fast runs: no run of Dagster, no browser, no process.
FAST := common tables facts method claims test_laws.py
# What make test-deep runs: where there are laws.
LAWS := claims facts method test_laws.py test_claims_laws.py test_bridge_laws.py

.PHONY: help install cluster report archive pdf test test-fast test-deep damage mutants check ui same graph suites schema screenshots format lock newest-dagster bench benchmark benchmark-simulation benchmark-report measure clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' Makefile

install: .venv/.installed ## set up .venv from the lock

cluster: build/cluster/.installed ## install PySpark beside .venv, for claims on a cluster and their test; needs Java 17 to run

report: .venv/.installed ## run the editions that none has superseded and publish into reports/
	$(BIN)/publicvalue run $(ARGS)
	@$(BIN)/python -m tools.figures
	@$(BIN)/python -m tools.letter
	@$(BIN)/python -m tools.schema

archive: report ## keep what is published today in reference/earlier/, from which later figures are followed
	@$(BIN)/python -m tools.keep

pdf: .venv/.installed ## print what is published as PDF, with the Chromium of this machine
	$(BIN)/publicvalue print $(ARGS)

damage: .venv/.installed ## damage a project in 2,000 ways, check each, run some, and list what moved; make test takes a sample
	PUBLICVALUE_DAMAGES=2000 $(BIN)/pytest -n 0 tests/damage $(ARGS)

# Where there is Java, claims are also reduced on Spark.
test: .venv/.installed $(if $(shell command -v java),build/cluster/.installed) ## run the tests, and name the twenty that took longest
	$(BIN)/pytest --durations=20 --durations-min=1 $(ARGS)

test-fast: .venv/.installed ## run those of facts, tables, method and claims that take no time: for each small step of a change
	$(BIN)/pytest -n 2 -m "not slow" $(FAST:%=tests/%) $(ARGS)

test-deep: .venv/.installed ## run the laws with all of their examples, where make test tries a third
	PUBLICVALUE_DEEP=1 $(BIN)/pytest --durations=20 --durations-min=1 $(LAWS:%=tests/%) $(ARGS)

mutants: build/mutants/.installed ## put 240 small faults into a copy of the code one at a time, and list which the tests do not find
	@$(BIN)/python -m tools.mutants $(ARGS)

check: .venv/.installed ## spelling, formatting, lint and types, changing nothing
	$(BIN)/codespell
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

ui: .venv/.installed ## open the Dagster UI
	$(BIN)/publicvalue ui $(ARGS)

same: .venv/.installed ## compare two published folders, value by value: make same ARGS="before/reports after/reports"
	@$(BIN)/python -m tools.same $(ARGS)

suites: .venv/.installed ## write the suites of checks as a project of Great Expectations: make suites ARGS=<folder>
	@$(BIN)/python -m pipeline.checks.expectations $(ARGS)

schema: .venv/.installed ## write docs/published-columns.json anew: which columns are published, of which types
	@$(BIN)/python -m tools.schema

screenshots: .venv/.installed ## take the pictures of the report and the UI for README and docs/tour.md
	PUBLICVALUE_SCREENSHOTS=docs/images PUBLICVALUE_REQUIRE_BROWSER=1 \
		$(BIN)/pytest -n 0 -p no:randomly tests/report/test_report_in_browser.py tests/orchestration/test_browser.py

graph: .venv/.installed ## write docs/graph.md anew and print what has changed
	@$(BIN)/python -m pipeline.orchestration.graph_page

format: .venv/.installed ## format the code and mend what lint can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: ## work out requirements.lock anew from pyproject.toml
	$(need_python)
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--no-strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--quiet --output-file requirements.lock $(LOCK_FLAGS)
	printf 'pyspark>=4.0\n' | build/lock/bin/uv pip compile - --constraints requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --no-annotate \
		--quiet --output-file requirements-cluster.lock $(LOCK_FLAGS)
	printf 'coverage>=7.6\n' | build/lock/bin/uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --no-annotate \
		--quiet --output-file requirements-mutants.lock $(LOCK_FLAGS)
	@! grep -nE '://|^ *--(index|extra-index|find-links)' requirements*.lock \
		|| { echo "A lock names an address; it must not." >&2; exit 1; }

newest-dagster: .venv/.installed ## say whether the newest Dagster that resolves would do; it never fails
	@$(BIN)/python -m tools.newest_dagster

benchmark: .venv/.installed ## how long people wait for runs, commands and the UI; SCALE=10 adds a market of ten times as many contracts
	@$(BIN)/python -m benchmarks.waiting $(if $(SCALE),--scale $(SCALE)) $(if $(BEFORE),--before $(BEFORE)) $(ARGS)

benchmark-simulation: .venv/.installed ## how near the simulations are to the limit, and how far ahead of drawing for each line
	@$(BIN)/python benchmarks/simulation.py

benchmark-report: .venv/.installed ## how long the report of all editions takes, beside its charts alone
	@$(BIN)/python benchmarks/report.py

bench: .venv/.installed ## claims from file to pounds, beside DuckDB by hand, Polars, pandas and the plain read; ARGS="--sizes 1 10 100"
	@$(BIN)/python benchmarks/claims.py $(ARGS)

measure: .venv/.installed ## time a whole run into an empty folder, with its peak of memory
	@$(BIN)/python -c 'import resource, subprocess, tempfile, time; \
		folder = tempfile.TemporaryDirectory(); begin = time.perf_counter(); \
		subprocess.run(["$(BIN)/publicvalue", "run", "--out", folder.name], check=True, stdout=subprocess.DEVNULL); \
		seconds = time.perf_counter() - begin; used = resource.getrusage(resource.RUSAGE_CHILDREN); \
		print(f"{seconds:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of processor time), {used.ru_maxrss / 1024:.0f} MB at the peak"); \
		folder.cleanup()'

clean: ## remove .venv and all that is made; raw/, reference/ and committed headlines stay
	rm -rf .venv data build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find pipeline tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
	[ ! -d reports ] || find reports -type f ! -path 'reports/*/headline.md' ! -path 'reports/*/headline.json' -delete
	[ ! -d reports ] || find reports -mindepth 1 -type d -empty -delete

# Two stamps: a changed lock starts from an empty .venv, so that no old version stays behind; a changed
# pyproject.toml only installs the project again. Each is written last, so an install that was cut off
# half-way leaves no stamp and the next one starts afresh.
.venv/.locked: requirements.lock
	$(need_python)
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Beside the environment and not in it: Pandera imports PySpark wherever it finds it.
build/cluster/.installed: requirements-cluster.lock | .venv/.locked
	rm -rf build/cluster
	$(BIN)/pip install --quiet --require-hashes --no-deps --target build/cluster -r requirements-cluster.lock
	@touch $@

# Beside the environment too: only the search for faults that tests do not find asks which lines a test reaches.
build/mutants/.installed: requirements-mutants.lock .venv/.installed
	rm -rf build/mutants/lib
	$(BIN)/pip install --quiet --require-hashes --no-deps --target build/mutants/lib -r requirements-mutants.lock
	@touch $@
