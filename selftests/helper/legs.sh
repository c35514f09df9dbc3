#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and disks that are not alone: one of several may go while what is
# above works on without it, the last one may not.
#
#	md0, RAID1		selftest, multipath		btrfs
#	 |      |		 |      |			 |    |
#	drvio0	drvio1		drviomp	drviomp			drvio0	drvio1

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

zero=$(disk_of drvio0) || tap_skip "no disk with the serial number drvio0"
one=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr_zero=$(dr_of "$zero") || tap_skip "$zero belongs to no DR device"
dr_one=$(dr_of "$one") || tap_skip "$one belongs to no DR device"
mnt=/run/selftest.mnt
mkdir -p $mnt
: > $fstab
modprobe -a raid1 dm_multipath dm_service_time btrfs
tap_at_exit "umount $mnt 2>/dev/null; rmdir $mnt"

refind() {
	udevadm settle
	zero=$(disk_of drvio0)
	one=$(disk_of drvio1)
}
wipe() {
	for wipe_disk; do
		dd if=/dev/zero of="/dev/$wipe_disk" bs=1M count=4 2>/dev/null
	done
	udevadm settle
}

# --- md ---

in_sync() {
	[ "$(grep -l in_sync /sys/block/md0/md/dev-*/state | wc -l)" -eq "$1" ] &&
		[ "$(cat /sys/block/md0/md/sync_action)" = idle ]
}
mdadm --create /dev/md0 --quiet --run --assume-clean --bitmap=internal --level=1 \
	--raid-devices=2 "/dev/$zero" "/dev/$one"
tap_at_exit "umount $mnt 2>/dev/null; mdadm --stop --quiet /dev/md0 2>/dev/null"
mkfs.ext4 -q -F /dev/md0
mount /dev/md0 $mnt
echo text > $mnt/file
user_start $mnt/file

taken_down "$dr_one"
tap_is "a member goes" "$taken" ok
tap_ok "one is left" in_sync 1
tap_ok "put back" put_back "$dr_one"
tap_ok "it is a member again" eventually in_sync 2

tap_is "a member goes, in use" "$(request unconfigure "$dr_one")" "ok unconfigured"
tap_ok "one is left, in use" in_sync 1
echo more >> $mnt/file
tap_is "it works on" "$(sync; tail -n 1 $mnt/file)" more
answer=$(request unconfigure "$dr_zero")
tap_is "the last one: blocked" "$answer" \
	"blocked configured*/dev/$zero *RAID array md0 *would not work without it*"
tap_is "configured" "$(request configure "$dr_one")" "ok configured"
refind
mdadm /dev/md0 --re-add "/dev/$one" 2>/dev/null || mdadm /dev/md0 --add "/dev/$one" 2>/dev/null
tap_ok "a member again, by hand" eventually in_sync 2
mkdir -p /etc/drvio
printf '[default]\nrelease_md_leg = no\n' > /etc/drvio/drvio.conf
tap_at_exit "rm -f /etc/drvio/drvio.conf"
answer=$(request unconfigure "$dr_one")
tap_is "the policy forbids it" "$answer" "blocked configured*release_md_leg = no*"
rm /etc/drvio/drvio.conf

tap_is "a member goes, by force" "$(request force-unconfigure "$dr_one")" "ok unconfigured"
tap_is "it works on, by force" "$(tail -n 1 $mnt/file)" more
tap_is "configured, by force" "$(request configure "$dr_one")" "ok configured"
refind
user_stop
umount $mnt
tap_is "the last one, idle" "$(request unconfigure "$dr_zero")" "ok unconfigured"
tap_not "the array is stopped" grep -q '^md0 : active' /proc/mdstat
tap_is "configured, idle" "$(request configure "$dr_zero")" "ok configured"
refind
mdadm --stop --quiet /dev/md0 2>/dev/null
mdadm --zero-superblock --force "/dev/$zero" "/dev/$one" 2>/dev/null
wipe "$zero" "$one"

# --- btrfs ---

mkfs.btrfs -q -f -M -d single -m single "/dev/$zero" "/dev/$one" >/dev/null
udevadm settle
mount "/dev/$zero" $mnt
echo text > $mnt/file
user_start $mnt/file
answer=$(request unconfigure "$dr_one")
tap_is "btrfs in use: blocked" "$answer" "blocked configured*$mnt *sleep (pid $user_pid)*"
user_stop
taken_down "$dr_one"
tap_is "btrfs idle: taken down" "$taken" ok
tap_not "btrfs idle: not mounted" grep -q " $mnt " /proc/mounts
tap_ok "btrfs: put back" put_back "$dr_one"
tap_is "btrfs: with what was in it" "$(cat $mnt/file)" text
tap_is "btrfs idle" "$(request unconfigure "$dr_one")" "ok unconfigured"
tap_not "btrfs: not mounted" grep -q " $mnt " /proc/mounts
tap_is "btrfs: configured" "$(request configure "$dr_one")" "ok configured"
refind
tap_ok "btrfs: mounted" mount "/dev/$zero" $mnt
user_start $mnt/file
tap_is "btrfs in use, by force" "$(request force-unconfigure "$dr_one")" "ok unconfigured"
user_stop
tap_is "btrfs: configured in the end" "$(request configure "$dr_one")" "ok configured"
refind
wipe "$zero" "$one"

# --- Multipath ---

paths() {
	for paths_disk in /sys/block/vd*; do
		[ "$(cat "$paths_disk/serial")" = drviomp ] && echo "${paths_disk##*/}"
	done
}
# shellcheck disable=SC2046 # names without spaces
set -- $(paths)
if [ $# -eq 2 ]; then
	first=$1 second=$2
	dr_first=$(dr_of "$first")
	dr_second=$(dr_of "$second")
	mp_table() {
		echo "0 65536 multipath 1 queue_if_no_path 0 1 1 service-time 0 2 1 $(cat "/sys/block/$first/dev") 1 $(cat "/sys/block/$second/dev") 1"
	}
	mp_table | dmsetup create selftest --uuid mpath-selftest
	mkfs.ext4 -q -F /dev/mapper/selftest
	mount /dev/mapper/selftest $mnt
	tap_at_exit "umount -l $mnt 2>/dev/null; dmsetup message selftest 0 fail_if_no_path; dmsetup remove --retry selftest 2>/dev/null"
	echo text > $mnt/file
	user_start $mnt/file
	before=$(dmsetup table selftest)

	taken_down "$dr_first"
	tap_is "a path goes" "$taken" ok
	tap_is "one is left" "$(dmsetup table selftest | grep -c "$(cat "/sys/block/$first/dev")")" 0
	tap_ok "put back" put_back "$dr_first"
	tap_is "it is a path again" "$(dmsetup table selftest)" "$before"

	tap_is "a path goes, in use" "$(request unconfigure "$dr_first")" "ok unconfigured"
	echo more >> $mnt/file
	tap_is "it works on" "$(sync; tail -n 1 $mnt/file)" more
	answer=$(request unconfigure "$dr_second")
	tap_is "the last path: blocked" "$answer" \
		"blocked configured*/dev/$second *multipath map selftest *would not work without it*"

	# Without a path that works, what is written waits.
	dmsetup message selftest 0 "fail_path $(cat "/sys/block/$second/dev")"
	answer=$(request unconfigure "$dr_second")
	tap_is "no path works: blocked, and does not hang" "$answer" \
		"blocked configured*has no path that works*fail_if_no_path*"
	dmsetup message selftest 0 "reinstate_path $(cat "/sys/block/$second/dev")"
	user_stop
	echo lost > $mnt/file2
	dmsetup message selftest 0 "fail_path $(cat "/sys/block/$second/dev")"
	tap_is "no path works, by force" "$(request force-unconfigure "$dr_second")" "ok unconfigured"
	umount $mnt 2>/dev/null
	tap_is "a path comes back" "$(request configure "$dr_first")" "ok configured"
	tap_is "the other one, too" "$(request configure "$dr_second")" "ok configured"
	dmsetup remove --retry selftest 2>/dev/null

	# Idle, and in its whole.
	udevadm settle
	# shellcheck disable=SC2046 # names without spaces
	set -- $(paths)
	first=$1 second=$2
	mp_table | dmsetup create selftest --uuid mpath-selftest
	tap_is "idle: its paths go" "$(request unconfigure "$dr_first")" "ok unconfigured"
	tap_is "idle: the last one, too" "$(request unconfigure "$dr_second")" "ok unconfigured"
	tap_not "idle: the map is removed" dmsetup info selftest
	tap_is "configured in the end" "$(request configure "$dr_first")" "ok configured"
	tap_is "both of them" "$(request configure "$dr_second")" "ok configured"
fi
tap_done
