#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds the modules for one kernel, out of the source tree.  Usage:
#	modules.sh OUT KDIR [MAKE-ARGUMENT...]
# The sources are copied to OUT/modules-<kernel release> and built there, so that
# several kernels build side by side and the tree stays clean.
set -eu

[ $# -ge 2 ] || {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}
top=$(cd "$(dirname "$0")/.." && pwd)
out=$1 kdir=$2
shift 2
# O= and the like of the make that called this are not for kbuild.
unset MAKEFLAGS MFLAGS MAKELEVEL

release=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' \
	"$kdir/include/generated/utsrelease.h") || {
	echo "modules.sh: $kdir is not a kernel that modules can be built against; name one with KDIR=" >&2
	exit 1
}
mkdir -p "$out"
dir=$(cd "$out" && pwd)/modules-$release
mkdir -p "$dir"
exec 9>"$dir/.lock"
flock 9
# With their times, so that kbuild makes again only what has changed.
cp -a "$top/Kbuild" "$top/drivers" "$top/include" "$dir/"
# No BTF: it wants a vmlinux and pahole, and the modules load without it.
make --no-print-directory -C "$kdir" M="$dir" -j"$(nproc)" "$@" \
	CONFIG_DEBUG_INFO_BTF_MODULES= modules
