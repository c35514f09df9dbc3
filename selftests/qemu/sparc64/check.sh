#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Boots a big-endian guest and runs tests in it, then asks it from outside, as
# the control domain: over a virtio-serial port that is relayed into the mock
# channel.  `make check-sparc64` runs it.  Usage:
#	check.sh OUTPUT-DIR sparc64-vmlinux|sparc64-debug
set -eu

[ $# -eq 2 ] || {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}
out=$1 built=$1/guest-$2
log=$out/check-$2.log

run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-sparc64.XXXXXX")
qemu=
# shellcheck disable=SC2317 # by trap
end() {
	[ -z "$qemu" ] || { kill "$qemu" && wait "$qemu"; } 2>/dev/null || :
	tr -d '\r' <"$run/console" >"$log" 2>/dev/null || :
	rm -rf "$run"
}
trap end EXIT
trap 'exit 143' TERM INT HUP

truncate -s 16M "$run/disk"
: >"$run/console"
# No PCI hotplug there; devices are behind the second bridge.
setpriv --pdeathsig TERM qemu-system-sparc64 -M sun4u -m 512 -display none -no-reboot \
	-nodefaults -kernel "$built/kernel" -initrd "$built/initramfs" \
	-append "console=ttyS0 panic=-1 loglevel=4" \
	-chardev file,id=console,path="$run/console" -serial chardev:console \
	-device virtio-serial-pci,bus=pciB \
	-chardev socket,id=link,path="$run/link.sock",server=on,wait=off \
	-device virtserialport,chardev=link,name=org.drvio.0 \
	-netdev hubport,hubid=0,id=net0 -device virtio-net-pci,bus=pciB,netdev=net0 \
	-drive if=none,id=disk0,format=raw,file="$run/disk" \
	-device virtio-blk-pci,bus=pciB,drive=disk0 </dev/null &
qemu=$!

# wait_for TEXT SECONDS: on the console
wait_for() {
	waited=0
	until grep -q "$1" "$run/console"; do
		kill -0 "$qemu" 2>/dev/null && [ "$waited" -lt $(($2 * 2)) ] || return 1
		sleep 0.5
		waited=$((waited + 1))
	done
}

status=0
case $2 in
*debug) patience=1500 ;;
*) patience=600 ;;
esac
if wait_for 'drvio-guest: up' "$patience"; then
	manager="$out/userspace/drvio-manager --link $run/link.sock --timeout 30"
	if $manager status network@0x9 | grep -q 'ok, configured'; then
		echo "ok - status from outside, through the relay and the channel"
	else
		echo "not ok - status from outside, through the relay and the channel"
		status=1
	fi
	# Absent, so that nobody has to finish it; it tells the guest to end.
	$manager unconfigure sim@0xee || :
	wait_for 'drvio-guest: the tests ended' 120 || :
fi
wait "$qemu" || :
qemu=
tr -d '\r' <"$run/console" | tee "$log" | grep -E '^(ok|not ok|# (ok|not ok)|drvio-guest)' || :
if grep -q '^not ok' "$log" ||
	! grep -q '^drvio-guest: the tests ended with exit status 0$' "$log"; then
	echo "check-sparc64: failed: see $log" >&2
	exit 1
fi
exit $status
