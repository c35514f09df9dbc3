#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Installs what building and testing need, with apt, on a Debian 12 machine.
# Usage: install-deps.sh [build|test|sparc64]...    (default: build test)
# Does nothing, and needs no root, when everything is there already.
set -eu

build="gcc gcc-12 make bc kmod cpio xz-utils dpkg-dev pkg-config ca-certificates
	libudev-dev libnl-3-dev libmount-dev libblkid-dev
	libjson-c-dev libinih-dev"
test="qemu-system-x86 busybox-static udev kmod iproute2 e2fsprogs util-linux
	procps socat libdrm-dev clang libclang-rt-14-dev llvm sparse perl lcov rsync
	mmdebstrap flex bison libelf-dev libssl-dev man-db python3-docutils python3-jsonschema shellcheck
	dkms dmsetup lvm2 mdadm cryptsetup-bin multipath-tools btrfs-progs
	bcache-tools nbd-server nbd-client open-iscsi"
sparc64="gcc-sparc64-linux-gnu libc6-dev-sparc64-cross qemu-system-sparc git
	meson ninja-build cmake gperf python3-jinja2 flex bison libelf-dev libssl-dev"

[ $# -gt 0 ] || set -- build test
want=
for group; do
	case $group in
	build) want="$want $build" ;;
	test) want="$want $test" ;;
	sparc64) want="$want $sparc64" ;;
	*) echo "install-deps: unknown group '$group': build, test or sparc64" >&2; exit 2 ;;
	esac
done

missing=
for pkg in $want; do
	dpkg-query -W -f '${db:Status-Status}\n' "$pkg" 2>/dev/null | grep -qx installed ||
		missing="$missing $pkg"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "install-deps: these packages are missing:$missing" >&2
	echo "install-deps: run as root, or: sudo apt-get install$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $missing >/dev/null
