#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's own last look: after userspace has acked an unconfigure, a disk
# that is in use refuses all the same, and names what is used and how.
#
#	drvio1       virtio-blk, the tests' own to format
#	virtio-scsi  with two disks, where there is one

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=$(mktemp -d)
tap_at_exit "umount $mnt 2>/dev/null; rmdir $mnt"

# After a configure; the name of a disk is not stable.
refind() {
	udevadm settle
	disk=$(disk_of drvio1)
}
refused() {
	tap_is "$1: refused" "$answer" "blocked configured*"
	tap_is "$1: names it" "$answer" "*: $2*"
	tap_is "$1: still there" "$(disk_of drvio1)" "$disk"
}
# As drvio-helper does: udev has a look at what was closed after writing.
released() {
	udevadm settle
	tap_is "$1: unconfigured once it is let go" "$(ask unconfigure "$dr")" "ok unconfigured"
	tap_is "$1: the disk is gone" "$(disk_of drvio1)" ""
	tap_is "$1: configured again" "$(ask configure "$dr")" "ok configured"
	refind
}

exec 3< "/dev/$disk"
answer=$(ask unconfigure "$dr")
exec 3<&-
refused "open disk" "$disk is open"
released "open disk"

# As udev's blkid does: open when it is looked at first, not for long.
{ sleep 0.2; } < "/dev/$disk" &
tap_is "a disk that is open for a moment" "$(ask unconfigure "$dr")" "ok unconfigured"
wait
tap_is "comes back" "$(ask configure "$dr")" "ok configured"
refind

mkfs.ext4 -q -F "/dev/$disk" && mount "/dev/$disk" "$mnt"
answer=$(ask unconfigure "$dr")
refused "mounted disk" "$disk is claimed"
tap_ok "its filesystem works" touch "$mnt/file"
umount "$mnt"
released "mounted disk"

mkswap "/dev/$disk" >/dev/null && swapon "/dev/$disk"
answer=$(ask unconfigure "$dr")
refused "swap" "$disk is claimed"
swapoff "/dev/$disk"
released "swap"

# One partition over the disk's second MiB and on: type 83, LBA 2048, 16 MiB.
{
	dd if=/dev/zero bs=446 count=1
	printf '\000\000\000\000\203\000\000\000\000\010\000\000\000\200\000\000'
	dd if=/dev/zero bs=48 count=1
	printf '\125\252'
} 2>/dev/null > "/dev/$disk"
blockdev --rereadpt "/dev/$disk"
udevadm settle
part=${disk}1
exec 3< "/dev/$part"
answer=$(ask unconfigure "$dr")
exec 3<&-
refused "open partition" "$part is open"
mkfs.ext4 -q -F "/dev/$part" && mount "/dev/$part" "$mnt"
answer=$(ask unconfigure "$dr")
refused "mounted partition" "$part is claimed"
umount "$mnt"
released "mounted partition"
part=${disk}1

# A refusal leaves no claim behind.
tap_ok "the disk can be opened exclusively" mount "/dev/$part" "$mnt"

# Force overrides, and is survived.
tap_is "force does what was refused" "$(ask force-unconfigure "$dr")" "ok unconfigured"
tap_ok "what was mounted can be unmounted" umount "$mnt"
tap_is "configured after force" "$(ask configure "$dr")" "ok configured"
refind

# race_goes_on WON: 30 rounds, but no more after a minute in which all have WON: a
# kernel that watches is slow.
race_begins() {
	race_end=$(($(date +%s) + 60))
	strange=
	tries=0
}
race_goes_on() {
	tries=$((tries + 1))
	[ $tries -le 30 ] && [ -z "$strange" ] || return 1
	[ "$1" -eq 0 ] || [ "$(date +%s)" -lt $race_end ]
}

# A mount that comes at the same time wins, or finds the device gone.
# One that lasts longer than the kernel looks for is seen, a short one awaited.
# The disk of the test is the only one with a partition, whatever its name.
mounter() {
	while :; do
		for hold in 0.02 0.02 0.9; do
			mount /dev/vd?1 "$mnt" && sleep $hold && umount "$mnt"
		done
	done
} 2>/dev/null
mounter &
mounter=$!
tap_at_exit "kill $mounter 2>/dev/null"
n_ok=0
n_blocked=0
race_begins
while race_goes_on $((n_ok && n_blocked)); do
	case $(ask unconfigure "$dr") in
	"ok unconfigured")
		n_ok=$((n_ok + 1))
		grep -q " $mnt " /proc/mounts && strange="mounted, and taken away"
		[ "$(ask configure "$dr")" = "ok configured" ] || strange="not configured again"
		;;
	"blocked configured"*)
		n_blocked=$((n_blocked + 1))
		;;
	*)
		strange="neither"
		;;
	esac
	sleep 0.$((tries % 6))
done
kill $mounter
wait
# What the mounter had begun goes on without it.
unmounted() {
	pidof mount >/dev/null && return 1
	umount "$mnt" 2>/dev/null
	! grep -q " $mnt " /proc/mounts
}
tries=0
until unmounted || [ $tries -eq 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
tap_is "a race with mounts: unconfigured or blocked, never both" "$strange" ""
echo "# $n_ok times unconfigured, $n_blocked times blocked"
[ $n_ok -gt 0 ]
tap_check $? "each side wins at times: unconfigure"
[ $n_blocked -gt 0 ]
tap_check $? "each side wins at times: mount"

# Exclusive opens as mounts make them, but many more: each ends before the disk
# goes, or waits and finds it gone.
n_ok=0
race_begins
while race_goes_on $n_ok; do
	../tools/exclusive "/dev/$disk" &
	opener=$!
	if [ "$(ask unconfigure "$dr")" = "ok unconfigured" ]; then
		n_ok=$((n_ok + 1))
		wait $opener || strange="taken away while open in round $tries"
		ask configure "$dr" >/dev/null
		refind
	else
		kill $opener
		wait $opener
	fi
done
tap_is "a race with exclusive opens" "$strange" ""
echo "# $n_ok times unconfigured"
[ $n_ok -gt 0 ]
tap_check $? "unconfigured at times"

# All disks of a device, or none.
scsi=
for node in "$class"/virtio-scsi@*; do
	[ -e "$node" ] && scsi=${node##*/}
done
[ -n "$scsi" ] || tap_done
set -- "$class/$scsi"/target0/host*/target*/*/block/sd*
[ $# -eq 2 ] && [ -e "$1" ]
tap_check $? "there are two SCSI disks"
first=${1##*/} second=${2##*/}
for busy in "$first" "$second"; do
	exec 3< "/dev/$busy"
	answer=$(ask unconfigure "$scsi")
	exec 3<&-
	tap_is "SCSI disk $busy is open: refused" "$answer" "blocked configured*: $busy is open*"
done
mkfs.ext4 -q -F "/dev/$first" && mkfs.ext4 -q -F "/dev/$second"
tap_ok "no claim is left on the first" mount "/dev/$first" "$mnt"
umount "$mnt"
tap_ok "nor on the second" mount "/dev/$second" "$mnt"
tap_is "the second is mounted: refused" "$(ask unconfigure "$scsi")" "*: $second is claimed*"
umount "$mnt"
udevadm settle
tap_is "both are idle: unconfigured" "$(ask unconfigure "$scsi")" "ok unconfigured"
tap_is "and configured" "$(ask configure "$scsi")" "ok configured"
tap_done
