#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Whether each series of patches/ applies with git am to the kernel that it is
# for, and every step of it builds for sparc64 without a warning of W=1 or
# sparse.  (checkpatch is run by check-static.sh.)  Usage:
#	check-patches.sh OUT
set -eu

[ $# -eq 1 ] || {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
top=$PWD
# O= and the like of the make that called this are not for kbuild.
unset MAKEFLAGS MFLAGS MAKELEVEL

git_here() {
	git -C "$tree" -c user.name=check -c user.email=check@localhost \
		-c commit.gpgSign=false "$@"
}

# Builds the two files of $tree as they are now: as modules, since the kernel around
# them is there already.
build() {
	cp "$tree/arch/sparc/kernel"/*.c "$build/"
	rm -rf "$build/include"
	cp -r "$tree/include" "$build/" 2>/dev/null || mkdir "$build/include"
	cat >"$build/Kbuild" <<-'KBUILD'
	obj-m := ds.o ldc.o
	ccflags-y := -I$(src)/include -I$(srctree)/arch/sparc/kernel
	KBUILD
	make --no-print-directory -C "$kdir" M="$build" W=1 KCFLAGS=-Werror C=2 \
		CF=-D__CHECK_ENDIAN__ ds.o ldc.o >"$build/log" 2>&1 ||
		{ cat "$build/log" >&2; return 1; }
	! grep -E '(warning|error): ' "$build/log" | grep -F "$build/" >&2
}

check_series() {
	series=$1
	tree=$out/$series/tree build=$out/$series/build
	rm -rf "$tree" "$build"
	mkdir -p "$tree" "$build"
	case $series in
	6.1) kdir=$(scripts/kernel.sh headers sparc64) ;;
	*) kdir=$(scripts/kernel.sh headers "sparc64-$series") ;;
	esac
	source=$(scripts/kernel.sh source "$series")
	sed -n 's|^--- a/||p' "patches/$series"/*.patch | sort -u | while read -r file; do
		mkdir -p "$(dirname "$tree/$file")"
		cp "$source/$file" "$tree/$file"
	done
	git_here init -q
	git_here add -f .
	git_here commit -q -m source
	for patch in "patches/$series"/*.patch; do
		git_here am -q "$top/$patch" ||
			{ echo "check-patches: $patch does not apply" >&2; return 1; }
		build || { echo "check-patches: $patch: does not build cleanly" >&2; return 1; }
		echo "ok   $patch"
	done
}

for dir in patches/*/; do
	check_series "$(basename "$dir")"
done
