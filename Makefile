# Engram's commands. `make demo` and `make test` are all a newcomer needs; each installs what is
# missing (tools/setup.sh) and builds what is stale first.
JOBS ?= $(shell nproc)
PREFIX ?= $(HOME)/.local
T ?= 60
export CCACHE_NOHASHDIR = 1
export CCACHE_BASEDIR = $(CURDIR)

.PHONY: all demo test check asan tsan fuzz bench golden campaign vsix pictures install editors fmt setup help
all: setup  ## release build: build/release/bin/engram
	@tools/build.sh release

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup:
	@tools/setup.sh build

demo: setup  ## completes hidden lines of a real project: MODEL= REPO= SEED=
	@tools/build.sh release engram engram-clang-worker
	@tools/demo.sh

test:  ## the whole suite on the release build, with smollm2-135m
	@tools/setup.sh test editors
	@tools/build.sh release
	@tools/fetch_model.sh smollm2-135m
	@tools/run_tests.sh release

check:  ## format, clang-tidy, layers, second compiler, sanitizers
	@tools/setup.sh test
	@tools/check.sh

asan:  ## the unit tests under ASan and UBSan
	@tools/setup.sh test
	@tools/build.sh asan
	@tools/run_tests.sh asan -L unit

tsan:  ## the concurrency tests under TSan
	@tools/setup.sh test
	@tools/build.sh tsan
	@tools/run_tests.sh tsan -L unit

fuzz:  ## every fuzzer for T= seconds each
	@tools/setup.sh test
	@tools/build.sh fuzz
	@tools/run_fuzzers.sh $(T)

bench: setup  ## every benchmark, or those matching K=; JSON lines
	@tools/setup.sh peers
	@tools/build.sh release all benchmarks
	@tools/run_benchmarks.sh $(K)

golden:  ## rewrites the golden files; review the diff
	@tools/setup.sh test
	@tools/build.sh release
	@ENGRAM_UPDATE_GOLDEN=1 tools/run_tests.sh release -L golden

campaign: all  ## long, resumable work: NAME= (results under docs/benchmarks/)
	@tools/campaign.sh $(NAME)

pictures: all  ## the README's pictures, from real runs
	@tools/setup.sh editors
	@tools/pictures/make.sh

vsix: all  ## the VS Code extension as a file
	@editor-plugins/vscode/package.sh

install: all  ## the programs and editor plugins into PREFIX=
	@cmake --install build/release --prefix "$(PREFIX)"
	@if ls build/engram-*.vsix >/dev/null 2>&1; then \
	  install -D -m 644 -t "$(PREFIX)/share/engram/vscode" build/engram-*.vsix; \
	else echo "install: without the VS Code extension; 'make vsix install' takes it along"; fi

fmt:  ## formats every C++ file
	@git ls-files -z '*.h' '*.cpp' | xargs -0 clang-format-19 -i

editors:  ## only the plugins' tests, in a real Neovim and a real VS Code
	@tools/setup.sh test editors
	@tools/build.sh release
	@tools/run_tests.sh release -L editors
