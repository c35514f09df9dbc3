#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs tests inside the big-endian guest, as init's GUEST_RUN.  Exits with 0 only
# when each passed and the kernel had nothing to complain about.

cd /root/selftests || exit 1
status=0
# For each test; with lockdep and kmemleak everything takes a multiple.
patience=300
[ ! -e /proc/lockdep_stats ] || patience=900
for module in drvio-sim sun4v_stage drvio-sun4v; do
	modprobe $module || status=1
done

# run LINK TEST...: over which device the control domain is
run() {
	link=$1
	shift
	for test; do
		echo "# $test over $link"
		began=$(date +%s)
		(cd "${test%/*}" && DRVIO_LINK=$link timeout $patience ./"${test##*/}") || status=1
		echo "# took $(($(date +%s) - began)) s"
	done
}

# What the tests stand in for: see helper/real.sh.
: > /etc/udev/rules.d/60-drvio.rules
udevadm control --reload
udevadm settle

# A second link at once, a peer that breaks off without reading, and the like are
# for a stream that can be opened often.
run /dev/drvio sim/cases sim/order sim/ack sim/vanish sim/targets sim/events sim/answers \
	link/chardev sun4v/virtio.sh
run /dev/sun4v-peer sim/cases sim/ack sim/vanish sim/targets sim/answers sun4v/peer sun4v/sun4v.sh \
	sun4v/reload.sh

# The real one.
rm /etc/udev/rules.d/60-drvio.rules
udevadm control --reload
run /dev/sun4v-peer sun4v/helper.sh
/root/clean-dmesg.sh || status=1
exit $status
