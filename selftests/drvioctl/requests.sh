#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvioctl configure, unconfigure, status and check with the real drvio-helper:
# the same words and exit codes as drvio-manager, over links of their own.
#
#	drvio1	virtio-blk, the tests' own to format

# shellcheck source-path=SCRIPTDIR source=../helper/real.sh
. ../helper/real.sh

command -v drvioctl >/dev/null || tap_skip "no drvioctl"
disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
mkdir -p $mnt
tap_at_exit "umount $mnt 2>/dev/null; rmdir $mnt"

# same DESCRIPTION STATUS ARGUMENT...: both programs say so, and end so
same() {
	same_what=$1 same_want=$2
	shift 2
	same_ctl=$(drvioctl "$@" 2>&1)
	tap_is "$same_what: drvioctl" $? "$same_want"
	same_manager=$(drvio-manager --link /dev/drvio "$@" 2>&1)
	tap_is "$same_what: drvio-manager" $? "$same_want"
	# Only the number of the last request differs.
	same_ctl=$(echo "$same_ctl" | sed 's/request [0-9]*/request N/')
	same_manager=$(echo "$same_manager" | sed 's/request [0-9]*/request N/')
	[ "$same_ctl" = "$same_manager" ]
	tap_check $? "$same_what: in the same words" || echo "# '$same_ctl', '$same_manager'"
}

mkfs.ext4 -q -F "/dev/$disk"
udevadm settle
same "status" 0 status "$dr"
same "no such device: status" 4 status virtio-blk@0x0102fefe00000000
same "no such device: configure" 4 configure virtio-blk@0x0102fefe00000000
same "no such device: unconfigure" 0 unconfigure virtio-blk@0x0102fefe00000000

tap_is "check of an idle disk" "$(drvioctl check "$disk")" "$dr: yes"
mount "/dev/$disk" $mnt
echo text > $mnt/file
user_start $mnt/file
drvioctl check "$dr" > /run/selftest.out
tap_is "check of a busy disk: exit status" $? 3
tap_is "check of a busy disk" "$(cat /run/selftest.out)" \
	"$dr: blocked*Resource*Information*$mnt*file open: $mnt/file*"
check=$(sed 1d /run/selftest.out)
same "a busy disk" 3 unconfigure "$dr"
tap_is "check has shown the same table" "$(echo "$same_ctl" | sed 1d)" "$check"
tap_is "nothing has changed" "$(findmnt -n -o SOURCE $mnt)" "/dev/$disk"
user_stop
mkdir -p /boot
mount "/dev/$disk" /boot
drvioctl check "$dr" > /run/selftest.out
tap_is "check of what the system needs: exit status" $? 1
tap_is "check of what the system needs" "$(cat /run/selftest.out)" "$dr: never*/boot*"
same "what the system needs" 1 unconfigure --force "$dr"
umount /boot
tap_is "check has changed nothing" "$(findmnt -n -o SOURCE $mnt)" "/dev/$disk"
same "an idle disk" 0 unconfigure "$dr"
tap_is "it is let go of" "$(disk_of drvio1)" ""
tap_is "check of an unconfigured disk" "$(drvioctl check "$dr")" "$dr: yes"
same "configured" 0 configure "$dr"
drvioctl hold "$dr" "ask Ann"
same "a held disk" 3 unconfigure "$dr"
drvioctl release "$dr"
setpriv --reuid 65534 --clear-groups drvioctl unconfigure "$dr" >/dev/null 2>&1
tap_is "who may not open /dev/drvio" $? 7
setpriv --reuid 65534 --clear-groups drvioctl list >/dev/null 2>&1
tap_is "may look" $? 0
rm -f /run/selftest.out
tap_done
