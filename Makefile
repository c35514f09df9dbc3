# SPDX-License-Identifier: GPL-2.0
# What people and programs ask of the tree: `make help` lists it.  How a module
# is built stands in scripts/modules.mk, how a program is in userspace/Makefile.

# Where everything that is built goes.
O ?= build
override O := $(abspath $(O))
# Kernel of the test guest: cloud (Debian 12's own), 6.12 or debug.
KERNEL_FLAVOUR ?= cloud
# For `make install`: where the tree of files begins.
DESTDIR ?=

export O KERNEL_FLAVOUR

.DEFAULT_GOAL := help
.PHONY: help userspace guest guest-image demo check check-all check-unit check-guest \
	check-debug check-e2e check-soak check-systemd bench bench-scale selftests install clean deps-build deps-test

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  \1	\2/p' $(MAKEFILE_LIST) | \
		sort -u | expand -t 24
	@echo "Variables: O=$(O) KERNEL_FLAVOUR=$(KERNEL_FLAVOUR) KDIR= DESTDIR= RUN= MEM= QEMU_EXTRA= ACCEL= TESTS= SEED="

deps-build:
	@scripts/install-deps.sh build

deps-test:
	@scripts/install-deps.sh build test

-include scripts/modules.mk

userspace: deps-build ## the programs, into $(O)/userspace
	@$(MAKE) --no-print-directory -C userspace O=$(O)

# Two guests may be made at the same time: one builds, the other finds it done.
guest-image: deps-test
	@mkdir -p $(O)
	@flock $(O)/.lock selftests/qemu/build.sh $(O) $(KERNEL_FLAVOUR)

RUN_MISSING = RUN is not set: say where the guest puts its sockets: make guest RUN=<dir>
guest: ## boot the test guest in the foreground: make guest RUN=<dir>
	$(if $(RUN),,$(error $(RUN_MISSING)))
	@# What a guest that was killed has left does not count while this one is built.
	@[ ! -d "$(RUN)" ] || flock -n "$(RUN)" rm -f "$(RUN)/ready" || :
	@$(MAKE) --no-print-directory guest-image
	@exec selftests/qemu/guest.sh "$(RUN)"


selftests: deps-test ## the tests that run in a guest, into $(O)/selftests
	@$(MAKE) --no-print-directory -C selftests O=$(O)

demo: ## the whole story, played on the terminal
	@$(MAKE) --no-print-directory guest-image
	@selftests/qemu/demo.sh $(O)

bench: selftests ## what the service costs, as ratios to the same work without it
	@$(MAKE) --no-print-directory guest-image
	@$(MAKE) --no-print-directory -C selftests/qemu/bench O=$(O)
	@selftests/qemu/bench/bench.sh $(O)

bench-scale: selftests ## the same with 1 to 250 simulated devices, and the memory of one
	@$(MAKE) --no-print-directory guest-image
	@selftests/qemu/bench/scale.sh $(O)

# --- The check ---------------------------------------------------------------

# In the order of how soon they tell.
CHECK ?= check-unit check-static check-sparc64-build check-dkms check-guest \
	check-e2e check-systemd

check: deps-test ## everything that must pass
	@scripts/check.sh $(O) $(CHECK)

# Not in the order of how soon they tell: it builds a kernel first.
check-all: deps-test ## the same, and in a big-endian guest
	@scripts/check.sh $(O) $(CHECK) check-sparc64

check-unit: deps-test ## codec, parser and helper tests under sanitizers, on this machine
	@rc=0; $(MAKE) --no-print-directory -C selftests/unit O=$(O) check || rc=1; \
	$(MAKE) --no-print-directory -C userspace O=$(O) check || rc=1; exit $$rc

check-guest: selftests ## the tests in selftests/, in a guest
	@$(MAKE) --no-print-directory guest-image
	@selftests/qemu/check-guest.sh $(O)

SOAK_WORDS = SOAK_SECONDS=1200 SOAK_CYCLES=10000
check-soak: ## 10000 cycles of configure and unconfigure, with troubles: SEED= repeats a run
	@$(MAKE) --no-print-directory check-guest TESTS=soak MINUTES=30 GUEST_ARGS="$(SOAK_WORDS)"

# One kernel more to build, and slow: not one of the stages of check.  COVERAGE=90
# asks for that many of a hundred lines of the modules.
COVERAGE ?= 0
check-debug: export KERNEL_FLAVOUR := debug
check-debug: check-guest ## the same on a kernel that watches, and what of the modules they reach
	@selftests/qemu/coverage.sh $(O) $(COVERAGE)

check-e2e: guest-image ## requests from the control domain's side, good and bad
	@$(MAKE) --no-print-directory -C selftests/qemu/e2e O=$(O) check

check-systemd: guest-image ## the installed project under systemd, in a Debian guest
	@selftests/qemu/systemd-image.sh $(O)
	@selftests/qemu/check-systemd.sh $(O)

install: userspace ## programs, rules, units, man pages, modules for DKMS: below DESTDIR=
	@$(MAKE) --no-print-directory -C userspace O=$(O) DESTDIR=$(DESTDIR) install
	@$(MAKE) --no-print-directory install-dkms DESTDIR=$(DESTDIR)

clean: ## remove what was built
	rm -rf $(O)
