#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Prints where a static busybox for sparc64 is, cross-built from Debian's source
# where it is not in the cache yet.  Usage:
#	busybox.sh
set -eu

top=$(cd "$(dirname "$0")/../../.." && pwd)
# The build is not to hear what the make that called this was told.
unset MAKEFLAGS MFLAGS MAKELEVEL
source=$("$top/scripts/kernel.sh" package busybox)
dir=${source%/source}/sparc64
if [ ! -x "$dir/busybox" ]; then
	exec 9>"$dir.lock"
	flock 9
fi
if [ ! -x "$dir/busybox" ]; then
	echo "busybox.sh: building busybox for sparc64 (2 minutes; log: $dir/log)" >&2
	rm -rf "$dir"
	mkdir "$dir" "$dir/build"
	bb() {
		make -C "$1" ARCH=sparc64 CROSS_COMPILE=sparc64-linux-gnu- "$2" "$3" "$4" >>"$dir/log" 2>&1 || {
			tail -n 5 "$dir/log" >&2
			exit 1
		}
	}
	bb "$source" O="$dir/build" defconfig -j1
	# tc does not build with the headers of Linux 6.
	sed -i 's/^# CONFIG_STATIC is not set/CONFIG_STATIC=y/; s/^CONFIG_TC=y/# CONFIG_TC is not set/' \
		"$dir/build/.config"
	bb "$dir/build" V=0 -s silentoldconfig </dev/null
	bb "$dir/build" V=0 -j"$(nproc)" busybox
	mv "$dir/build/busybox" "$dir/busybox"
	rm -rf "$dir/build"
fi
echo "$dir/busybox"
