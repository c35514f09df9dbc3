#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Boots a guest and runs end-to-end tests beside it; `make check-e2e` runs it.
# Usage: e2e.sh OUTPUT-DIR TEST...
#
# Passes only when each test did, the guest answers in the end, its kernel had
# nothing to complain about, and the relay has not burnt the guest's time.
set -eu

[ $# -ge 2 ] || { echo "usage: e2e.sh OUTPUT-DIR TEST..." >&2; exit 2; }
out=$1
shift
here=$(cd "$(dirname "$0")" && pwd)

run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-e2e.XXXXXX")
guest=
# shellcheck disable=SC2317 # by trap
end() {
	[ -z "$guest" ] || { kill "$guest" && wait "$guest"; } 2>/dev/null || :
	cp "$run/console.log" "$out/e2e-console.log" 2>/dev/null || :
	rm -rf "$run"
}
trap end EXIT
trap 'exit 143' TERM INT HUP

# A debug kernel is slower by a multiple, and so is another machine.
patience=60 slot1=slot1 slot2=slot2 slot3=slot3 fs=ext4 links=virtio
case ${KERNEL_FLAVOUR:-cloud} in
debug) patience=300 ;;
sparc64*) patience=300 slot1='' slot2=pciB,addr=1.2 slot3=pciB,addr=1.3
	fs=ext2 links="virtio ldc" ;;
esac

PATH=$PATH:/usr/sbin:/sbin
truncate -s 16M "$run/disk" "$run/spare"
mkfs.$fs -q -F "$run/disk"

#   slot1     slot2     slot3
#   rng       nic       disk "e2e"       slot5 to slot8 are free
O=$out QEMU_EXTRA="${slot1:+-device virtio-rng-pci,bus=$slot1,id=rng}
	-netdev hubport,hubid=0,id=net0
	-device virtio-net-pci,bus=$slot2,id=nic,netdev=net0,mac=52:54:00:0e:2e:01
	-drive if=none,id=drive0,format=raw,file=$run/disk
	-device virtio-blk-pci,bus=$slot3,id=disk,drive=drive0,serial=e2e
	${QEMU_EXTRA:-}" "$here/../guest.sh" "$run" &
guest=$!

waited=0
while [ ! -e "$run/ready" ]; do
	if ! kill -0 "$guest" 2>/dev/null || [ "$waited" -ge $((patience * 10)) ]; then
		echo "not ok - the guest is ready"
		tail -n 20 "$run/console.log" | sed 's/^/# /'
		exit 1
	fi
	sleep 0.1
	waited=$((waited + 1))
done

DRVIO_RUN=$run DRVIO_QEMU=$(cd "$here/.." && pwd) DRVIO_BUILD=$out/userspace
export DRVIO_RUN DRVIO_QEMU DRVIO_BUILD
status=0
for E2E_LINK in $links; do
	export E2E_LINK
	# From here on the relay joins the port to the channel of a logical domain.
	if [ "$E2E_LINK" = ldc ] && ! "$here/../guest-run.sh" "$run" \
			'modprobe sun4v_stage && modprobe drvio-sun4v && mount --bind /dev/sun4v-peer /dev/drvio'; then
		echo "not ok - the channel of a logical domain"
		status=1
		break
	fi
	for test; do
		echo "# $test over $E2E_LINK"
		# The harness has a limit for each case; this one is for the harness.
		if timeout 1200 "$out/e2e/$test"; then
			:
		else
			echo "# $test ended with $?"
			status=1
		fi
	done
done

if "$here/../guest-run.sh" "$run" < "$here/../clean-dmesg.sh"; then
	echo "ok - the guest's kernel log is clean"
else
	echo "not ok - the guest's kernel log is clean"
	status=1
fi

# Nothing is connected and nothing happens: not a tick may pass in the relay.
# shellcheck disable=SC2016 # for the guest's shell
idle='ticks() { cut -d" " -f14,15 /proc/$(pidof drvio-relay)/stat; }
	before=$(ticks) && sleep 3 && [ -n "$before" ] && [ "$(ticks)" = "$before" ]'
if "$here/../guest-run.sh" "$run" "$idle"; then
	echo "ok - the relay sleeps while there is nothing to do"
else
	echo "not ok - the relay sleeps while there is nothing to do"
	status=1
fi
exit $status
