#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a helper that was killed, or a guest that lost power, has left is put right
# by the next start: "drvio-helper recover", which the rule runs when the module
# is loaded.
#
# A boot is played by a journal that tells of another one: the array has the
# numbers that it has, the member is known by its id only.

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

zero=$(disk_of drvio0) || tap_skip "no disk with the serial number drvio0"
one=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$one") || tap_skip "$one belongs to no DR device"
mnt=/run/selftest.mnt
state=/var/lib/drvio
mkdir -p $mnt
modprobe raid1
tap_at_exit "umount $mnt 2>/dev/null; mdadm --stop --quiet /dev/md0; mdadm --zero-superblock --force /dev/$zero /dev/$one; rm -rf $mnt $state"

members() {
	[ "$(grep -l in_sync /sys/block/md0/md/dev-*/state | wc -l)" -eq "$1" ]
}
no_journal() {
	! ls /run/drvio/*.journal "$state"/*.journal
}
no_lock() {
	! ls /run/drvio/*.lock
}
# The kernel gives up on the request, and nobody gets its event.
give_up() {
	echo "$taken_cookie failed for the test" > "$class/$dr/ack"
	wait "$taken_asker"
}

mdadm --create /dev/md0 --quiet --run --assume-clean --bitmap=internal --level=1 \
	--raid-devices=2 "/dev/$zero" "/dev/$one"
mkfs.ext4 -q -F /dev/md0
mount /dev/md0 $mnt

taken_down "$dr"
tap_is "a member goes" "$taken" ok
tap_ok "one is left" members 1
tap_ok "it is written down where a boot keeps it" test -s "$state/$dr.journal"
tap_ok "while it is asked for: nothing is touched" $helper recover all
tap_ok "one is left still" members 1
give_up
tap_ok "recovered" $helper recover all
tap_ok "it is a member again" eventually members 2
tap_ok "no journal is left" no_journal
tap_ok "no lock is left" no_lock

taken_down "$dr"
tap_is "a member goes again" "$taken" ok
give_up
rm /run/drvio/*.journal
sed -i 's/"boot":"[^"]*"/"boot":"another"/; s/"diskseq":"[^"]*"/"diskseq":"0"/; s|"member":"[^"]*"|"member":"/dev/other"|; s/"name":"md0"/"name":"md9"/' \
	"$state/$dr.journal"
umount $mnt
mdadm --stop --quiet /dev/md0
tap_not "after a boot, without the array: not yet" $helper recover all
tap_ok "it is still written down" test -s "$state/$dr.journal"
mdadm --assemble --quiet --run /dev/md0 "/dev/$zero"
tap_ok "with the array: recovered" $helper recover "$dr"
tap_ok "it is a member again, known by its id" eventually members 2
tap_ok "no journal is left in the end" no_journal
rule_on
tap_done
