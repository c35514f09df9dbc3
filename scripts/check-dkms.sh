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
kdir=$(scripts/kernel.sh headers 6.1)
release=$(scripts/kernel.sh release cloud)

rm -rf "$out/root" "$out/tree"
mkdir -p "$out/tree" "$out/root/lib/modules/$release"
make -s install-dkms DESTDIR="$out/root"
touch "$out/root/lib/modules/$release/modules.order" \
	"$out/root/lib/modules/$release/modules.builtin"

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

: >"$out/log"
dkms_do add
dkms_do build
dkms_do install
for module in drvio drvio-virtio; do
	path=$(find "$out/root/lib/modules/$release" -name "$module.ko*")
	[ -n "$path" ] || {
		echo "check-dkms: dkms installed no $module.ko" >&2
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
done
dkms_do remove
echo "ok   dkms"
