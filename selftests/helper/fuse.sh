#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and a filesystem in userspace whose daemon never answers: whoever looks
# into it waits for ever, and a request has its answer in time all the same.
#
#	$mnt/top, fuse		$mnt, fuseblk
#	   |			   |
#	$mnt, ext4		   |
#	   |			   |
#	drvio1, virtio-blk, the tests' own to format

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
modprobe fuse || tap_skip "no fuse"
mnt=/run/selftest.mnt
talk=/run/selftest.talk
connections=/sys/fs/fuse/connections
mkdir -p $mnt /etc/drvio
mkfifo $talk
: > $fstab
grep -q " $connections " /proc/mounts || mount -t fusectl none $connections
tap_at_exit "rm -f /etc/drvio/drvio.conf $talk; umount -l $mnt/top $mnt 2>/dev/null; rmdir $mnt"
printf '[default]\nstall_timeout_ms = 1000\n' > /etc/drvio/drvio.conf

# stuck [DISK],DIR: it is mounted, and from then on does not answer
stuck() {
	../tools/user fuse "$1" < $talk > /run/selftest.said 2>&1 &
	user_pid=$!
	exec 5> $talk
	tap_ok "$2: mounted" eventually grep -qx ok /run/selftest.said
	# Whoever asks it for something waits; not with the end of the FIFO in its hands.
	stat -f "${1#*,}" > /dev/null 2>&1 5>&- &
	waits=$!
	tap_ok "$2: who looks into it waits" eventually grep -q '^State:.*[SD] ' /proc/$waits/status
}
stuck_end() {
	exec 5>&-
	wait $user_pid $waits 2>/dev/null
	rm -f /run/selftest.said
}
ended() {
	! grep -q "^State:.*[SD] " "/proc/$1/status"
}
# asked VERB: $answer, and whether it came in $in_time
asked() {
	began=$(cut -d . -f 1 /proc/uptime)
	answer=$(request "$1" "$dr")
	[ $(($(cut -d . -f 1 /proc/uptime) - began)) -lt 20 ]
	in_time=$?
}
again() {
	tap_is "$1: configured again" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	udevadm settle
}

mkfs.ext4 -q -F "/dev/$disk"
udevadm settle
mount "/dev/$disk" $mnt
mkdir -p $mnt/top
stuck ",$mnt/top" "on top"
asked unconfigure
tap_is "on top: blocked" "$answer" "blocked configured*$mnt/top *fuse, mounted on top of $mnt*umount $mnt/top*"
tap_check $in_time "on top: in time"
tap_ok "on top: nothing was released" grep -q " $mnt " /proc/mounts
asked force-unconfigure
tap_is "on top, by force" "$answer" "ok unconfigured"
tap_check $in_time "on top, by force: in time"
stuck_end
again "on top"

stuck "/dev/$disk,$mnt" "on the disk"
asked unconfigure
tap_is "on the disk: blocked" "$answer" \
	"blocked configured*$mnt *a filesystem in userspace (fuseblk) on /dev/$disk, which could not be mounted again*umount $mnt*"
tap_check $in_time "on the disk: in time"
tap_ok "on the disk: nothing was released" grep -q " $mnt fuseblk" /proc/mounts
tap_ok "on the disk: who looked waits still" [ -e /proc/$waits ]
mark="selftest $$"
echo "$mark" > /dev/kmsg
asked force-unconfigure
tap_is "on the disk, by force" "$answer" "ok unconfigured"
tap_check $in_time "on the disk, by force: in time"
tap_ok "on the disk, by force: it was told" \
	sh -c "dmesg | sed '1,/$mark/d' | grep -q 'daemon does not answer, and its connection is aborted'"
tap_not "on the disk, by force: not mounted" grep -q " $mnt " /proc/mounts
tap_ok "on the disk, by force: who waited does not any more" eventually ended $waits
stuck_end
again "on the disk"
tap_done
