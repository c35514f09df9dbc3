#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds what the big-endian guest boots: a kernel with the patches, the modules,
# a static userspace.  Usage:
#	build.sh OUTPUT-DIR sparc64-vmlinux|sparc64-debug
# Leaves OUTPUT-DIR/guest-KERNEL/{kernel,initramfs}.
set -eu

[ $# -eq 2 ] || {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}
kernel=$2
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
dir=$1/guest-$kernel
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
unset MAKEFLAGS MFLAGS MAKELEVEL

image=$("$top/scripts/kernel.sh" image "$kernel")
release=$("$top/scripts/kernel.sh" release "$kernel")
kdir=$("$top/scripts/kernel.sh" headers "$kernel")
patched=$("$top/scripts/kernel.sh" patched 6.1)
busybox=$("$here/busybox.sh")

# The stage: ldc.c and ds.c come from the kernel's source, each time.
stage=$dir/stage
mkdir -p "$stage"
cp -pu "$top/selftests/modules/sun4v"/* "$stage/"
cp -pu "$patched/arch/sparc/kernel/ldc.c" "$patched/arch/sparc/kernel/ds.c" "$stage/"
make --no-print-directory -s -C "$kdir" M="$stage" modules

# The modules, as anywhere, but that Domain Services and the machine description
# are the stage's.
DRVIO_SYMBOLS=$stage/Module.symvers
"$top/scripts/modules.sh" "$dir" "$kdir" -s KBUILD_EXTRA_SYMBOLS="$DRVIO_SYMBOLS" \
	KCFLAGS="-include $stage/stage_rename.h" W=

cross="CROSS_COMPILE=sparc64-linux-gnu- CC=sparc64-linux-gnu-gcc AR=sparc64-linux-gnu-ar LDFLAGS=-static"
# shellcheck disable=SC2086 # words
make --no-print-directory -s -C "$top/selftests" O="$dir" $cross \
	TARGETS="sim link tools sun4v" >"$dir/selftests.log" 2>&1 || {
	tail -n 20 "$dir/selftests.log" >&2
	exit 1
}
# shellcheck disable=SC2086 # words
make --no-print-directory -s -C "$top/userspace" O="$dir" $cross PKG_CONFIG=: \
	programs=drvio-relay tests=

root=$dir/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/root" "$root/dev" "$root/proc" "$root/sys" \
	"$root/lib/modules/$release/updates"
cp "$busybox" "$root/bin/"
ln -s busybox "$root/bin/sh"
install -m 755 "$here/init" "$root/init"
cp "$top/selftests/qemu/clean-dmesg.sh" "$dir/userspace/drvio-relay" "$root/root/"
(cd "$dir/selftests" && tar -c --exclude='*.[cho]' --exclude=obj --exclude=kselftest .) |
	tar -x -C "$root/root"
cp "$dir/modules-$release"/drivers/drvio/*.ko "$stage"/*.ko "$root/lib/modules/$release/updates/"
(cd "$root" && find . -print0 | sort -z | cpio --quiet -0 -o -H newc -R 0:0 | gzip -1) \
	>"$dir/initramfs"
ln -sfn "$image" "$dir/kernel"
