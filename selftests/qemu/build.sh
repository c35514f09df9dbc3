#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds what a test guest boots: modules for its kernel, programs, initramfs.
# Usage: build.sh OUTPUT-DIR FLAVOUR
# Leaves OUTPUT-DIR/guest-FLAVOUR/{kernel,initramfs}.
set -eu

[ $# -eq 2 ] || { echo "usage: build.sh OUTPUT-DIR FLAVOUR" >&2; exit 2; }
out=$1 flavour=$2
src=$(cd "$(dirname "$0")/../.." && pwd)
kernel_sh=$src/scripts/kernel.sh

image=$("$kernel_sh" image "$flavour")
release=$("$kernel_sh" release "$flavour")
root=$("$kernel_sh" modules "$flavour")

kdir=$("$kernel_sh" headers "$flavour")
make --no-print-directory -C "$src" modules O="$out" KDIR="$kdir"
# Modules that only tests load.
test_modules=$out/test-modules-$release
mkdir -p "$test_modules"
cp -a "$src/selftests/modules/." "$test_modules"
if [ "$flavour" = debug ]; then
	patch=$test_modules/vdpa/vdpa_sim-irq.patch
	if ! cmp -s "$patch" "$test_modules/vdpa/.applied"; then
		source=$("$kernel_sh" source 6.1)
		cp "$source"/drivers/vdpa/vdpa_sim/*.[ch] "$source/drivers/vhost/vringh.c" \
			"$test_modules/vdpa"
		patch -s -d "$test_modules/vdpa" < "$patch"
		cp "$patch" "$test_modules/vdpa/.applied"
	fi
fi
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory -C "$kdir" \
	M="$(cd "$test_modules" && pwd)" CONFIG_DEBUG_INFO_BTF_MODULES= modules
make --no-print-directory -C "$src" userspace O="$out"

dir=$out/guest-$flavour
mkdir -p "$dir"
ln -sfn "$image" "$dir/kernel"
"$src/selftests/qemu/mkimage.sh" "$out" "$release" "$root" "$dir/initramfs"
