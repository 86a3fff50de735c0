# `make repro` and `make test` need git, make and Python 3.10 to 3.13, and set up the rest.
# GPU=1 installs TensorFlow with CUDA instead of its CPU build: make GPU=1 repro
# What is installed stays; GPU=0 goes back to the CPU build.

PYTHON ?= $(firstword $(foreach v,python3 python3.13 python3.12 python3.11 python3.10,\
	$(shell $(v) -c 'import sys; print("$(v)" if (3, 10) <= sys.version_info < (3, 14) else "")' 2>/dev/null)))
VENV := .venv
GPU ?= $(wildcard $(VENV)/.installed-requirements-gpu.lock)
LOCK := $(if $(filter-out 0,$(GPU)),requirements-gpu.lock,requirements.lock)
REQUIREMENTS := $(VENV)/.installed-$(LOCK)
STAMP := $(VENV)/.installed-package
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHONPATH := src

.DEFAULT_GOAL := help
CHECKS ?= metrics/checks.json
BASE ?= main

.PHONY: help setup repro report finding verdict checks review cue gtzan gtzan-mini test test-s3 lint bench fuzz chaos tables clean lock

help: ## say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## create .venv from the lock file, with the package itself in it

# DVC and the tests need a repository, which a downloaded zip is not.
.PHONY: repository
repository:
	@git rev-parse --git-dir >/dev/null 2>&1 || { echo "make: no Git repository here, or no git: clone the project, or in a downloaded copy run: git init && git add -A && git commit -m Start"; exit 1; }

$(REQUIREMENTS): $(LOCK) | repository
	@test -n "$(PYTHON)" || { echo "make: no Python 3.10 to 3.13 found: install one, or name it: make PYTHON=/path/to/python"; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) from $(LOCK) (about 2 GB, a few minutes)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(LOCK)
	@touch $@

# A link to src/, so that python -m detune... runs from anywhere. PYTHONPATH=src goes before it.
$(STAMP): $(REQUIREMENTS) pyproject.toml
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

repro: $(STAMP) ## run the pipeline: whatever is out of date, and nothing else
	@python -m detune.tools.precheck
	@dvc repro

report: $(STAMP) ## make report/index.html: one page of the current results, without network
	@python -m detune.tools.report

finding: $(STAMP) ## print what the last run shows: five sentences, each with its interval
	@python -m detune.tools.finding

verdict: $(STAMP) ## say whether the robust accuracies can be believed; exit 1 if not
	@failed=0; for attacks in checks:spectrograms waveform_checks:sound; do \
		echo "Attacks on $${attacks#*:}:"; \
		python -m detune.robustness.verdict "metrics/$${attacks%:*}.json" || failed=1; \
	done; exit $$failed

checks: $(STAMP) ## print every check of the verdict: its figure, its bound, what it asks
	@python -m detune.robustness.check_table $(CHECKS)

review: $(STAMP) ## compare with another revision, BASE=main: which figures changed by more than chance
	@python -m detune.tools.review $(BASE)

cue: $(STAMP) ## plant a cue at three levels in a small corpus: do heatmaps find it? (minutes)
	@python -m detune.tools.planted_cue data/cue.yaml

gtzan: $(STAMP) ## download GTZAN (1,000 tracks, 1.2 GB) as data/gtzan.tar.gz
	@python -m detune.tools.fetch gtzan

gtzan-mini: $(STAMP) ## download a subset of it (100 tracks) as data/gtzan-mini.zip
	@python -m detune.tools.fetch gtzan-mini

test: $(STAMP) ## run the tests, the pipeline on a very small corpus included
	@python -m pytest -q -rs -n auto --maxprocesses 4 --no-loadscope-reorder

# An environment of its own on top of .venv: dvc-s3 takes an older python-dateutil.
S3 := $(VENV)/s3
$(S3)/.installed: requirements-s3.lock | $(STAMP)
	@$(VENV)/bin/python -m venv --clear $(S3)
	@site='import site; print(site.getsitepackages()[0])'; \
		$(VENV)/bin/python -c "$$site" > "$$($(S3)/bin/python -c "$$site")/project.pth"
	@$(S3)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

test-s3: $(S3)/.installed ## try sharing through S3, with a server on this machine (sets up 200 MB more)
	@$(S3)/bin/python -m pytest -q -rs tests/pipeline/test_sharing_s3.py

lint: $(STAMP) ## check style and types
	@ruff check .
	@ruff format --check .
	@mypy

bench: $(STAMP) ## measure speed, as ratios within one run
	@python -m pytest -q -o python_files="bench_*.py" --benchmark-columns=min,median,rounds tests/benchmarks
	@python -m tests.benchmarks.training
	@python -m tests.benchmarks.grid
	@python -m tests.benchmarks.minimum_norm
	@python -m tests.benchmarks.duplicates
	@python -m tests.benchmarks.cluster

fuzz: $(STAMP) ## read thousands of damaged audio files and archives; exit 1 if one does harm
	@python -m tests.fuzz

tables: $(STAMP) ## write the tables of README and docs anew from the results
	@python -m tests.doc_tables

chaos: $(STAMP) ## kill, fill the disk and damage files at every stage; exit 1 if results suffer
	@python -m tests.chaos

clean: $(STAMP) ## remove what killed runs left behind; results and caches stay
	@python -m detune.tools.clean

lock: ## renew the lock files from pyproject.toml (needs uv)
	@for build in cpu gpu; do \
		uv pip compile --quiet --universal --python-version 3.10 --fork-strategy fewest \
			--generate-hashes --no-emit-index-url --no-header --no-annotate \
			--extra dev --extra cluster --extra $$build pyproject.toml \
			-o $$(test $$build = cpu && echo requirements.lock || echo requirements-gpu.lock); \
	done
