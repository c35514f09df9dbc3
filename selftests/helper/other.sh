#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and what is neither one disk nor an interface: a SCSI host with
# several disks, a random number generator, a device in two minds.

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

# The first device that a driver has bound, as virtioN.
bound_to() {
	for other_link in "/sys/bus/virtio/drivers/$1"/virtio*; do
		[ -e "$other_link" ] || return 1
		echo "${other_link##*/}"
		return
	done
}

ran=false
if dev=$(bound_to virtio_rng) && dr=$(dr_of "$dev"); then
	ran=true
	if [ "$(cat /sys/class/misc/hw_random/rng_current)" != none ]; then
		user_start /dev/hwrng
		answer=$(request unconfigure "$dr")
		tap_is "a generator that is read" "$answer" \
			"blocked configured*/dev/hwrng *open in sleep (pid $user_pid)*"
		user_stop
	fi
	tap_is "an idle one" "$(request unconfigure "$dr")" "ok unconfigured"
	tap_is "comes back" "$(request configure "$dr")" "ok configured"
fi

if dev=$(bound_to virtio_scsi) && dr=$(dr_of "$dev"); then
	ran=true
	mnt=/run/selftest.mnt
	mkdir -p $mnt
	disks() {
		for other_disk in /sys/block/sd*; do
			case $(readlink -f "$other_disk") in
			*/"$dev"/*) echo "${other_disk##*/}" ;;
			esac
		done
	}
	two_disks() {
		[ "$(disks | wc -l)" -eq 2 ]
	}
	# shellcheck disable=SC2046 # names without spaces
	set -- $(disks)
	tap_is "a host has two disks" $# 2
	mkfs.ext4 -q -F -L selftest.scsi "/dev/$2"
	udevadm settle
	tap_ok "the second one is mounted" mount "/dev/$2" $mnt
	tap_at_exit "umount $mnt 2>/dev/null; rmdir $mnt"
	touch $mnt/file
	user_start $mnt/file
	answer=$(request unconfigure "$dr")
	tap_is "with a file open" "$answer" "blocked configured*$mnt *sleep (pid $user_pid)*"
	user_stop
	tap_is "idle" "$(request unconfigure "$dr")" "ok unconfigured"
	tap_is "no disk is left" "$(disks)" ""
	tap_is "configured" "$(request configure "$dr")" "ok configured"
	tap_ok "both have come back" two_disks
fi
$ran || tap_skip "neither a random number generator nor a SCSI host"
tap_done
