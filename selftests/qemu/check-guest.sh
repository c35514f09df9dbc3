#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Boots a guest with a device of each kind and runs the selftests in it; see
# run-selftests.sh for when it passes.  `make check-guest` runs it.
# Usage: check-guest.sh OUTPUT-DIR
# TESTS names the topics to run where it is not all, SEED what the soak begins with,
# MINUTES the time that all of it has.
set -eu

[ $# -eq 1 ] || { echo "usage: check-guest.sh OUTPUT-DIR" >&2; exit 2; }
out=$1
here=$(cd "$(dirname "$0")" && pwd)
# A debug kernel is slower by a multiple.
minutes=25
[ "${KERNEL_FLAVOUR:-cloud}" != debug ] || minutes=60
minutes=${MINUTES:-$minutes}

run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-guest.XXXXXX")
virtiofsd=
# shellcheck disable=SC2317 # by trap
end() {
	[ -z "$virtiofsd" ] || kill "$virtiofsd" 2>/dev/null || :
	rm -rf "$run"
}
trap end EXIT
trap 'exit 143' TERM INT HUP

mkdir -p "$run/root/root"
cp -a "$out/selftests" "$run/root/root/"
cp "$here/run-selftests.sh" "$here/clean-dmesg.sh" "$run/root/root/"
# The tests stand in for the helper.
mkdir -p "$run/root/etc/udev/rules.d"
: > "$run/root/etc/udev/rules.d/60-drvio.rules"
mkdir "$run/share"
echo "of the host" > "$run/share/file"
# The guest's command line is split at blanks.
words=${SEED:+SEED=$SEED}
[ -z "${TESTS:-}" ] || words="$words TESTS=$(echo "$TESTS" | tr -s " " ,)"
truncate -s 64M "$run/disk0" "$run/disk1" "$run/disk2" "$run/disk3" "$run/disk4" "$run/pmem"

# It serves one QEMU and ends with it.  Only root may run it; without it there is
# no virtio-fs.
fs=
/usr/lib/qemu/virtiofsd --socket-path="$run/fs.sock" -o source="$run/share" \
	> "$run/virtiofsd.log" 2>&1 &
virtiofsd=$!
while kill -0 $virtiofsd 2>/dev/null; do
	if [ -S "$run/fs.sock" ]; then
		fs="-chardev socket,id=fs1,path=$run/fs.sock -device vhost-user-fs-pci,chardev=fs1,tag=drviofs"
		break
	fi
	sleep 0.1
done
[ -n "$fs" ] || sed "s/^/check-guest: no virtio-fs: /" "$run/virtiofsd.log" >&2

#   slot1           slot2   slot3          slot4          slot5             slot6, slot7
#   rng and tablet  net     blk "drvio0"   blk "drvio1"   scsi, two disks   one disk, "drviomp"
#   and, not hotpluggable, whatever else there is; two memory devices, of which one has
#   plugged its memory: types/resources.sh knows the values; a vmxnet3 at the other end of
#   net, for what is to go over that
#
# notests: QEMU's RSA fails the test that virtio_crypto's has to pass, and the kernel warns.
status=0
O=$out OVERLAY=$run/root GUEST_ARGS="loglevel=1 cryptomgr.notests GUEST_RUN=/root/run-selftests.sh $words ${GUEST_ARGS:-}" \
QEMU_EXTRA="-device virtio-rng-pci,bus=slot1,multifunction=on
	-device virtio-tablet-pci,bus=slot1,addr=0.1
	-netdev hubport,hubid=0,id=net0 -device virtio-net-pci,bus=slot2,netdev=net0,mac=52:54:00:d7:10:02,host_mtu=1420,speed=2500,duplex=full
	-netdev hubport,hubid=0,id=net1 -device vmxnet3,netdev=net1,mac=52:54:00:d7:10:03
	-drive if=none,id=disk0,format=raw,file=$run/disk0 -device virtio-blk-pci,bus=slot3,drive=disk0,serial=drvio0,physical_block_size=4096,num-queues=2
	-drive if=none,id=disk1,format=raw,file=$run/disk1 -device virtio-blk-pci,bus=slot4,drive=disk1,serial=drvio1
	-device virtio-scsi-pci,bus=slot5,id=scsi
	-drive if=none,id=disk2,format=raw,file=$run/disk2 -device scsi-hd,bus=scsi.0,drive=disk2
	-drive if=none,id=disk3,format=raw,file=$run/disk3 -device scsi-hd,bus=scsi.0,drive=disk3
	-drive if=none,id=disk4,format=raw,file=$run/disk4,file.locking=off -device virtio-blk-pci,bus=slot6,drive=disk4,serial=drviomp,share-rw=on
	-drive if=none,id=disk5,format=raw,file=$run/disk4,file.locking=off -device virtio-blk-pci,bus=slot7,drive=disk5,serial=drviomp,share-rw=on
	-device virtio-balloon-pci -device virtio-keyboard-pci
	-fsdev local,id=fs0,path=$run/share,security_model=none -device virtio-9p-pci,fsdev=fs0,mount_tag=drvio9p
	$fs -m slots=4,maxmem=8G
	-object memory-backend-file,id=pmem0,share=on,mem-path=$run/pmem,size=64M -device virtio-pmem-pci,memdev=pmem0
	-object memory-backend-ram,id=mem0,size=256M -device virtio-mem-pci,memdev=mem0
	-object memory-backend-ram,id=mem1,size=512M -device virtio-mem-pci,memdev=mem1,requested-size=128M
	-object cryptodev-backend-builtin,id=crypto0 -device virtio-crypto-pci,cryptodev=crypto0
	-device virtio-gpu-pci,max_outputs=2
	-chardev file,id=coverage,path=$run/coverage.tar -device virtserialport,bus=vserial.0,chardev=coverage,name=org.drvio.coverage
	${QEMU_EXTRA:-}" \
	timeout -k 10 "${minutes}m" "$here/guest.sh" "$run" || status=$?

# Empty unless the kernel has counted what was reached.
cp "$run/coverage.tar" "$out/check-guest.coverage.tar"
tr -d '\r' < "$run/console.log" | tee "$out/check-guest.log"
if ! grep -q '^drvio-guest: /root/run-selftests.sh ended with exit status 0$' "$out/check-guest.log"; then
	echo "check-guest: failed (guest ended with $status): see $out/check-guest.log" >&2
	exit 1
fi
