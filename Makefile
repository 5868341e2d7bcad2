# make demo, make test: on a fresh machine these need Python 3.11, make and git, nothing else.

VENV := .venv
BIN := $(VENV)/bin
DEMO_CAPTURES := captures/itl-mismatch/phone.pcap captures/itl-mismatch/publisher.pcap
PACKET_COMMANDS := tshark editcap mergecap dumpcap tcpdump ip
LUA_COMPILERS := luac5.1 luac5.2 luac5.3 luac5.4
PLUGIN := dissectors/wireshark/capf.lua
TEST_COMMANDS := $(PACKET_COMMANDS) tmux chromium
PYTEST_WORKERS ?= 3
FUZZ_SECONDS ?= 60
TRANSFORMATION_SECONDS ?= 60
EVERYWHERE := --follow-imports silent -p capfpcap -p capf_dissectors

export PYTHON
export PATH := $(PATH):/usr/sbin:/sbin

.NOTPARALLEL:
.PHONY: help demo test check format format-check lint types imports tests fuzz transformations lab bench man examples guess pictures clean

help:
	@echo 'make demo    judge a shipped capture of an enrolment that fails'
	@echo 'make test    run the tests'
	@echo 'make check   format, lint, types, imports and tests, as the CI does'
	@echo 'make format  format the sources'
	@echo 'make fuzz    feed every part of the program hostile octets (docs/fuzzing.md)'
	@echo 'make transformations  change shipped captures as no verdict depends on (docs/transformations.md)'
	@echo 'make lab     record all shipped captures again (root; see captures/lab/README.md)'
	@echo 'make bench   compare the speed with tshark and tcpdump'
	@echo 'make man     write the pages of the manual from the help of the commands'
	@echo 'make examples write what explain shows of captures, when findings have changed'
	@echo 'make guess   count what is told of CAPF without keys, for docs/capf-without-keys.md'
	@echo 'make pictures draw the screens again, for the README and for the tests'
	@echo 'make clean   remove what make made'

demo: $(VENV)/.installed
	@echo '$$ capfpcap check $(DEMO_CAPTURES)'
	@$(BIN)/capfpcap check $(DEMO_CAPTURES); test $$? -eq 2

test: tests

check: format-check lint types imports tests

format: $(VENV)/.installed-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

format-check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	@.ci/packages $(LUA_COMPILERS) luacheck
	for compiler in $(LUA_COMPILERS); do $$compiler -p $(PLUGIN) || exit 1; done
	luacheck --quiet $(PLUGIN)

types: $(VENV)/.installed-dev
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin $(EVERYWHERE) -p capf_tui
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 $(EVERYWHERE)

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

tests: $(VENV)/.installed-dev
	@.ci/packages $(TEST_COMMANDS)
	$(BIN)/pytest -n $(PYTEST_WORKERS) --dist worksteal

fuzz: $(VENV)/.installed-fuzz
	$(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_HARNESSES)

transformations: $(VENV)/.installed-dev
	nice -n 15 $(BIN)/python -m tests.transformations --seconds $(TRANSFORMATION_SECONDS) $(TRANSFORMATIONS)

lab: $(VENV)/.installed-dev
	@.ci/packages $(PACKET_COMMANDS) dnsmasq in.tftpd nft ip
	$(BIN)/python -m captures.lab

bench: $(VENV)/.installed-dev
	@.ci/packages $(PACKET_COMMANDS)
	$(BIN)/python -m benchmarks compare

man: $(VENV)/.installed-dev
	$(BIN)/python .ci/manual.py

examples: $(VENV)/.installed-dev
	$(BIN)/python .ci/examples.py

guess: $(VENV)/.installed-dev
	CAPFPCAP_GUESS=write $(BIN)/pytest -n 0 tests/guess -k page

pictures: $(VENV)/.installed-dev
	CAPFPCAP_PICTURES=write $(BIN)/pytest -n 0 tests/tui -k 'pictures or details or captures or lists'

clean:
	rm -rf $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist

$(VENV)/.installed: pyproject.toml
	@.ci/environment $(VENV) tui
	@touch $@

$(VENV)/.installed-dev: pyproject.toml
	@.ci/environment $(VENV) dev
	@touch $(VENV)/.installed $@

$(VENV)/.installed-fuzz: pyproject.toml
	@.ci/environment $(VENV) fuzz
	@touch $(VENV)/.installed $@
