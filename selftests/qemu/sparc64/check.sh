#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Boots a big-endian guest and runs tests in it; then another one, which the
# end-to-end tests ask from outside, as the control domain: over a virtio-serial
# port, and over that relayed into the channel of a logical domain.
# `make check-sparc64` runs it.  Usage:
#	check.sh OUTPUT-DIR sparc64-vmlinux|sparc64-debug
set -eu

[ $# -eq 2 ] || {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}
out=$1 kernel=$2
here=$(cd "$(dirname "$0")" && pwd)
log=$out/check-$kernel.log
export KERNEL_FLAVOUR="$kernel" O="$out"

case $kernel in
*debug) patience=40m ;;
*) patience=15m ;;
esac

run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-sparc64.XXXXXX")
trap 'rm -rf "$run"' EXIT
trap 'exit 143' TERM INT HUP
truncate -s 16M "$run/disk"

ended=0
GUEST_ARGS="loglevel=4 GUEST_RUN=/root/run-selftests.sh" \
QEMU_EXTRA="-netdev hubport,hubid=0,id=net0 -device virtio-net-pci,bus=pciB,addr=1.2,netdev=net0
	-drive if=none,id=disk0,format=raw,file=$run/disk -device virtio-blk-pci,bus=pciB,addr=1.3,drive=disk0,serial=drvio1" \
	timeout -k 10 $patience "$here/../guest.sh" "$run" || ended=$?
tr -d '\r' <"$run/console.log" | tee "$log"
status=0
if grep -q '^not ok' "$log" ||
	! grep -q '^drvio-guest: /root/run-selftests.sh ended with exit status 0$' "$log"; then
	echo "check-sparc64: failed (guest ended with $ended): see $log" >&2
	status=1
fi
case $kernel in
*debug)
	for watcher in "lockdep has watched" "kmemleak has scanned"; do
		grep -qx "$watcher" "$log" && continue
		echo "check-sparc64: it does not say that $watcher: see $log" >&2
		status=1
	done
	;;
esac
make --no-print-directory -C "$here/../e2e" O="$out" TESTS="cases bytes malformed link" check || status=1
exit $status
