# SPDX-License-Identifier: Apache-2.0
# The front door: each word is one line into CMake or a script, so all of it can be run without make, too.
# NO_INSTALL=1 keeps every one of them from installing packages.
.PHONY: help demo run firmware test test-boards test-mcu ct format analyze coverage fuzz soak bench bench-chips bench-rp2040js size-m0
.PHONY: test-mutants clean setup-demo setup-test setup-firmware setup-bench
.DEFAULT_GOAL := help
no_install := $(if $(filter-out 0,$(NO_INSTALL)),--no-install)

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1  \2/p' Makefile | awk '{ printf "  make %-15s", $$2; $$1 = $$2 = ""; print }'

demo: setup-demo ## a virtual HSM is born, makes keys, signs, and shows every command
	tools/demo $(no_install)

run: setup-demo ## leave a virtual HSM running against this machine's pcscd
	tools/run $(no_install)

firmware: setup-firmware ## images for RP2040 and RP2350: build/rp2040, build/rp2350
	tools/fetch_pico_sdk && cmake --workflow --preset rp2040 && cmake --workflow --preset rp2350

test: setup-test ## build with sanitizers and run every test
	cmake --workflow --preset dev

test-boards: firmware setup-test ## the firmware's images on emulated chips, behind pcscd, libccid and OpenSC
	tools/fetch_unicorn && cmake --preset release -DPICO_HSM_BOARD_TESTS=ON && cmake --build --preset release
	ctest --preset release -L board

test-mcu: setup-test ## the unit tests of the core on a Cortex-M0+ and a Cortex-M33, under QEMU
	cmake --workflow --preset mcu-m0 && cmake --workflow --preset mcu-m33

ct: setup-test ## branches and indices on secrets, seen by valgrind
	cmake --workflow --preset ct

format: ## lay out the C sources (clang-format); `tools/format --check` only looks
	tools/format

analyze: firmware setup-test ## clang-tidy and cppcheck
	cmake --workflow --preset analyze && tools/analyze --firmware build/rp2040 build/rp2350

coverage: setup-test ## run the tests and list executed lines and branches per room
	cmake --workflow --preset coverage && tools/coverage build/coverage

fuzz: setup-test ## all fuzz targets for FUZZ_SECONDS (240) in total
	cmake --workflow --preset fuzz && tests/fuzz/run $(or $(FUZZ_SECONDS),240)

soak: firmware setup-test ## the long tests: valgrind, long fuzzing, slow keys, chips; up to an hour
	tests/soak/run $(SOAK_MINUTES)

bench: setup-test ## speed, latency and sizes in one table
	tools/bench

bench-chips: setup-test ## cycles of the card's work on emulated chips, and 30 RSA keys, beside their limits
	tools/bench_chips

bench-rp2040js: setup-test setup-bench ## the same on RP2040 by rp2040js, which npm fetches
	tools/bench_chips --rp2040js

size-m0: setup-test ## flash, RAM and stack of the card on a Cortex-M0+
	cmake --workflow --preset size-m0

test-mutants: setup-test ## planted faults must each turn a named test red
	tests/mutants/run

clean: ## remove everything built; fetched sources stay
	cmake -E rm -rf build/none $(filter-out build/deps,$(wildcard build/*))

setup-demo setup-test setup-firmware setup-bench: setup-%:
	@tools/setup $* $(no_install)
	@tools/fetch_wolfcrypt 5.9.2 || tools/fetch_wolfcrypt 5.7.2
