# SPDX-License-Identifier: GPL-2.0
# How the kernel modules are built, checked and installed.  Included by the
# Makefile at the top.

.PHONY: modules install-dkms check-static check-sparc64-build check-sparc64 check-dkms \
	deps-sparc64

# KDIR: the kernel to build for; the cloud kernel of Debian 12 when empty.
KDIR ?=
kdir = $(or $(KDIR),$$(scripts/kernel.sh headers 6.1))

modules: deps-build ## the modules for KDIR's kernel, into $(O)/modules-<release>
	@kdir=$(kdir) && scripts/modules.sh $(O) "$$kdir"

dkms_dir = $(DESTDIR)/usr/src/drvio-$(shell cat VERSION)

# DKMS builds the modules on the guest, for each kernel that it has:
# dkms install drvio/VERSION
install-dkms: ## the modules' source for DKMS, into $(DESTDIR)/usr/src
	@rm -rf "$(dkms_dir)"
	@set -e; for f in $$(find Kbuild drivers/drvio include -type f \
		\( -name '*.[ch]' -o -name 'K*' -o -name Makefile \)); do \
		install -D -m 644 "$$f" "$(dkms_dir)/$$f"; \
	done
	@sed "s/@VERSION@/$$(cat VERSION)/" packaging/dkms/dkms.conf \
		>"$(dkms_dir)/dkms.conf"

deps-sparc64:
	@scripts/install-deps.sh build test sparc64

check-static: deps-test ## W=1, sparse, kernel-doc, checkpatch and shellcheck
	@scripts/check-static.sh $(O)/static

check-sparc64-build: deps-sparc64 ## cross-build for sparc64: modules, and the patches for its kernel
	@rc=0; scripts/check-static.sh $(O)/static sparc64 || rc=1; \
	scripts/check-patches.sh $(O)/patches || rc=1; exit $$rc

check-dkms: deps-test ## DKMS builds the modules from what `make install` installs
	@scripts/check-dkms.sh $(O)/dkms

# The big-endian guest; sparc64-debug is the same with lockdep and kmemleak.
SPARC64 ?= sparc64-vmlinux
check-sparc64: deps-sparc64 userspace ## tests in a big-endian guest: the vio bus, LDC, virtio (SPARC64=sparc64-debug)
	@mkdir -p $(O)
	@selftests/qemu/sparc64/build.sh $(O) $(SPARC64)
	@selftests/qemu/sparc64/check.sh $(O) $(SPARC64)
