#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest loses its power while drvio-helper releases a disk: what no boot puts right
# by itself is put right by the helper of the next boot, from a journal on a disk.
# Usage: power.sh OUTPUT-DIR
#
#	"leg0" "leg1"	RAID1; leg1 is asked for, and taken out of the array
#	"state"		/var/lib/drvio
# shellcheck disable=SC2016 # what is in single quotes is for the guest's shell
set -eu

[ $# -eq 1 ] || { echo "usage: power.sh OUTPUT-DIR" >&2; exit 2; }
out=$1
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin

run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-power.XXXXXX")
guest=
# shellcheck disable=SC2317 # by trap
end() {
	[ -z "$guest" ] || { kill "$guest" && wait "$guest"; } 2>/dev/null || :
	cp "$run/console.log" "$out/power-console.log" 2>/dev/null || :
	rm -rf "$run"
}
trap end EXIT
trap 'exit 143' TERM INT HUP

patience=60
[ "${KERNEL_FLAVOUR:-cloud}" != debug ] || patience=300

# What is behind slot2, 00:02.0.
leg1=virtio-blk@0x0102001000000000

# check STATUS DESCRIPTION
status=0
check() {
	if [ "$1" -eq 0 ]; then echo "ok - $2"; else echo "not ok - $2"; status=1; fi
}
# Until the guest is up.
boot() {
	rm -f "$run/console.log"
	O=$out QEMU_EXTRA="
		-drive if=none,id=leg0,format=raw,file=$run/leg0
		-device virtio-blk-pci,bus=slot1,drive=leg0,serial=leg0
		-drive if=none,id=leg1,format=raw,file=$run/leg1
		-device virtio-blk-pci,bus=slot2,drive=leg1,serial=leg1
		-drive if=none,id=state,format=raw,file=$run/state
		-device virtio-blk-pci,bus=slot3,drive=state,serial=state" \
		"$here/../guest.sh" "$run" &
	guest=$!
	wait_for "grep -q 'drvio-guest: up' $run/console.log" "the guest is up"
}
# wait_for COMMAND DESCRIPTION
wait_for() {
	waited=0
	until sh -c "$1" >/dev/null 2>&1; do
		waited=$((waited + 1))
		if [ $waited -ge $((patience * 5)) ] || ! kill -0 "$guest" 2>/dev/null; then
			check 1 "$2"
			tail -n 20 "$run/console.log" | sed 's/^/# /'
			exit 1
		fi
		sleep 0.2
	done
	check 0 "$2"
}
# What follows is done in the guest, where a disk is found by its serial number.
guest_do() {
	"$here/../guest-run.sh" "$run" "
		disk() {
			for dir in /sys/block/vd*; do
				[ \"\$(cat \$dir/serial)\" = \$1 ] && echo /dev/\${dir##*/}
			done
		}
		$1"
}
guest_check() {
	if guest_do "$1"; then check 0 "$2"; else check 1 "$2"; fi
}

truncate -s 16M "$run/leg0" "$run/leg1" "$run/state"
mkfs.ext4 -q -F "$run/state"
boot
wait_for "test -e $run/ready" "it answers requests"
guest_check 'set -e
	: > /etc/udev/rules.d/60-drvio.rules
	udevadm control --reload
	modprobe raid1
	mkdir -p /var/lib/drvio
	mount $(disk state) /var/lib/drvio
	mdadm --create /dev/md0 --quiet --run --assume-clean --bitmap=internal --level=1 \
		--raid-devices=2 $(disk leg0) $(disk leg1)
	mkfs.ext4 -q -F /dev/md0
	mkdir /run/data
	mount /dev/md0 /run/data
	echo text > /run/data/file
	sync' "an array of two disks is mounted"
"$out/userspace/drvio-manager" --run "$run" unconfigure $leg1 > "$run/answer" 2>&1 &
asker=$!
# The helper does all of its part, but the kernel does not hear of it.
guest_check 'set -e
	dr=/sys/class/drvio/'$leg1' shadow=/run/shadow
	until grep -q userspace $dr/request/phase; do sleep 0.1; done
	mkdir -p $shadow/class/drvio/'$leg1'/request
	for name in block dev devices fs kernel power class/block; do
		ln -s /sys/$name $shadow/$name
	done
	for file in $dr/* $dr/request/*; do
		[ -d $file ] && [ ! -h $file ] && continue
		ln -s $(readlink -f $file) $shadow/class/drvio/'$leg1'/${file#$dr/}
	done
	rm $shadow/class/drvio/'$leg1'/ack
	: > $shadow/class/drvio/'$leg1'/ack
	/usr/lib/drvio/drvio-helper --sysfs $shadow request '$leg1'
	grep " ok" $shadow/class/drvio/'$leg1'/ack
	grep "\[2/1\]" /proc/mdstat
	sync -f /run/data' "one has been taken out of it, and nobody knows yet"
# The power goes: nobody in the guest, and nobody in QEMU, is asked before.
kill -9 "$(pgrep -P "$guest" qemu)"
wait "$guest" 2>/dev/null || :
guest=
wait "$asker" || :
if grep -q "ok, unconfigured" "$run/answer"; then check 1 "no answer was given"; else check 0 "no answer was given"; fi

boot
# As a boot does: the array starts with the disk that is up to date.
guest_check 'set -e
	modprobe raid1
	mkdir -p /var/lib/drvio /run/data
	mount $(disk state) /var/lib/drvio
	ls /var/lib/drvio/*.journal
	mdadm --assemble --quiet --run /dev/md0 $(disk leg0)
	grep "\[2/1\]" /proc/mdstat' "after the boot the array has one disk, and a journal is there"
# Under systemd the unit waits for the filesystems; here what udev does at the boot came
# before there was a journal to be seen, and is done again.
guest_check 'udevadm trigger --action=add /sys/class/drvio/service' "the helper of the boot"
wait_for "$here/../guest-run.sh $run 'grep -q \"\\[2/2\\]\" /proc/mdstat'" \
	"the helper has made the other one a member again"
guest_check 'for i in 1 2 3 4 5 6 7 8 9 10; do
		ls /var/lib/drvio/*.journal || exit 0
		sleep 0.5
	done
	exit 1' "no journal is left"
guest_check 'mount /dev/md0 /run/data && grep -q text /run/data/file' "nothing is lost"
if "$here/../guest-run.sh" "$run" < "$here/../clean-dmesg.sh"; then
	check 0 "the guest's kernel log is clean"
else
	check 1 "the guest's kernel log is clean"
fi
exit $status
