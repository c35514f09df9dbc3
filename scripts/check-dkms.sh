#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Has DKMS build and install the modules, in trees of our own: the machine's are
# not touched.  Usage:
#	check-dkms.sh OUT
set -eu

[ $# -eq 1 ] || {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}
cd "$(dirname "$0")/.."
# O= and the like of the make that called this are not for kbuild.
unset MAKEFLAGS MFLAGS MAKELEVEL
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$1"
out=$(cd "$1" && pwd)
version=$(cat VERSION)
rm -rf "$out/root" "$out/tree"
mkdir -p "$out/tree"
make -s install-dkms DESTDIR="$out/root"

dkms_do() {
	dkms "$@" --dkmstree "$out/tree" --sourcetree "$out/root/usr/src" \
		--installtree "$out/root/lib/modules" -k "$release" -a x86_64 \
		--kernelsourcedir "$kdir" --no-depmod -m drvio -v "$version" \
		>>"$out/log" 2>&1 || {
		cat "$out/log" "$out/tree/drvio/$version/build/make.log" >&2 || :
		echo "check-dkms: dkms $1 failed" >&2
		exit 1
	}
}

# built KERNEL FLAVOUR MODULE...: these modules and no other are built for it
built() {
	kdir=$(scripts/kernel.sh headers "$1")
	release=$(scripts/kernel.sh release "$2")
	shift 2
	modules=$out/root/lib/modules/$release
	mkdir -p "$modules"
	touch "$modules/modules.order" "$modules/modules.builtin"
	dkms_do build
	dkms_do install
	[ "$(find "$modules" -name '*.ko*' | wc -l)" -eq $# ] || {
		echo "check-dkms: not only $* for $release:" >&2
		find "$modules" -name '*.ko*' >&2
		exit 1
	}
	for module; do
		check_module "$module"
	done
	dkms_do remove
}

check_module() {
	path=$(find "$modules" -name "$1.ko*")
	[ -n "$path" ] || {
		echo "check-dkms: dkms installed no $1.ko for $release" >&2
		exit 1
	}
	case $(modinfo -F vermagic "$path") in
	"$release "*) ;;
	*)
		echo "check-dkms: $path is not for $release" >&2
		exit 1
		;;
	esac
	[ "$(modinfo -F version "$path")" = "$version" ] || {
		echo "check-dkms: $path is not version $version" >&2
		exit 1
	}
}

: >"$out/log"
dkms add --dkmstree "$out/tree" --sourcetree "$out/root/usr/src" \
	-m drvio -v "$version" >>"$out/log" 2>&1 || {
	cat "$out/log" >&2
	exit 1
}
# vDPA came to Debian's cloud kernels with 6.12.
built 6.1 cloud drvio drvio-virtio
built 6.12 6.12 drvio drvio-virtio drvio-vdpa
echo "ok   dkms"
