#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What can be found wrong without running anything.  Usage:
#	check-static.sh OUT [CHECK...]
# The checks: 6.1, 6.12 and sparc64 build the modules with W=1 and sparse, where
# any warning about a file of ours fails; uapi compiles what userspace includes;
# kernel-doc, checkpatch and shellcheck are the tools of these names; docs is
# check-docs.sh.
# Without a name: all but sparc64.
set -eu

[ $# -ge 1 ] || {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- 6.1 6.12 uapi kernel-doc checkpatch shellcheck docs
cd "$(dirname "$0")/.."

c_files() {
	find drivers include -name '*.[ch]' | sort
}

# A warning keeps its object from being made (-Werror), so what make finds up to
# date was clean.  Sparse looks at everything again (C=2) and only prints, also
# about the kernel's headers: those are not ours.
check_build() {
	kdir=$(scripts/kernel.sh headers "$1")
	log=$out/build-$1.log
	nice scripts/modules.sh "$out" "$kdir" W=1 KCFLAGS=-Werror C=2 \
		CF=-D__CHECK_ENDIAN__ >"$log" 2>&1 || {
		grep -v '^  [A-Z]' "$log" >&2
		return 1
	}
	grep -q '^ *CHECK ' "$log" || {
		echo "check-static: sparse was not run; see $log" >&2
		return 1
	}
	# A module cannot be checked against symbols where there is no vmlinux.
	! grep -E '(warning|error|WARNING): ' "$log" |
		grep -E "drivers/drvio/|include/uapi/linux/drvio|modpost: " |
		grep -vE 'modpost: (".*" \[.*\] undefined!|suppressed .* unresolved)' >&2
}

# As the kernel tests what it hands to userspace.
check_uapi() {
	for header in include/uapi/*/*.h; do
		"${CC:-gcc}" -std=c90 -Wall -Wextra -Werror -fsyntax-only \
			-I include/uapi -x c "$header" || return 1
	done
}

check_kernel_doc() {
	source=$(scripts/kernel.sh source 6.1)
	c_files | xargs "$source/scripts/kernel-doc" -none -Werror
}

check_checkpatch() {
	set -- "$(scripts/kernel.sh source 6.1)/scripts/checkpatch.pl" \
		--strict --no-tree --quiet
	status=0 top=$PWD
	# It leaves a file where it runs (.checkpatch-camelcase).
	cd "$out"
	# wire.h defines u8 to u64 for userspace; a Kconfig cannot but name itself;
	# compat.h is there to look at the kernel's version; TRACE_EVENT() has a
	# layout of its own.
	find "$top/drivers" "$top/include" "$top/Kbuild" "$top/Kconfig" -type f ! -name compat.h ! -name trace.h \
		\( -name '*.[ch]' -o -name Makefile -o -name 'K*' \) -print0 | sort -z |
		xargs -0 "$@" --ignore PREFER_KERNEL_TYPES,EMBEDDED_FILENAME --file ||
		status=1
	find "$top/drivers" -name compat.h -print0 |
		xargs -0r "$@" --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON --file ||
		status=1
	find "$top/drivers" -name trace.h -print0 |
		xargs -0r "$@" --ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT --file ||
		status=1
	find "$top" -path "$top/patches/*.patch" -print0 |
		xargs -0r "$@" || status=1
	cd "$top"
	return $status
}

# SC2317 takes what a trap or "$@" calls for unreachable.
check_shellcheck() {
	grep -rlI --exclude-dir=.git --exclude-dir=build --exclude='*.[1-9]' '^#!.*sh$' . |
		xargs shellcheck -x -P SCRIPTDIR -e SC2317
}

failed=
for check; do
	case $check in
	6.1 | 6.12 | sparc64) set -- check_build "$check" ;;
	kernel-doc) set -- check_kernel_doc ;;
	uapi | checkpatch | shellcheck) set -- "check_$check" ;;
	docs) set -- scripts/check-docs.sh ;;
	*)
		echo "check-static: no such check: $check" >&2
		exit 2
		;;
	esac
	if "$@"; then
		echo "ok   $check"
	else
		echo "FAIL $check"
		failed="$failed $check"
	fi
done
[ -z "$failed" ] || {
	echo "check-static: failed:$failed" >&2
	exit 1
}
