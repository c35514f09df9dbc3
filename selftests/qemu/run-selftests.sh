#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the tests inside the guest, as init's GUEST_RUN: all topics, or those that
# the kernel's command line names (TESTS=sim,types).  Exits with 0 only when
# something passed, nothing failed, and the kernel had nothing to complain about.

log=/run/selftests.log
# A pipe has the status of its end; a file brings that of make.
{
	status=0
	make --no-print-directory -C /root/selftests run_tests \
		${TESTS:+"TARGETS=$(echo "$TESTS" | tr , " ")"} 2>&1 || status=1
	echo $status > $log.status
} | tee $log

# Where the kernel counts what is reached (selftests/qemu/coverage.sh): its files have
# no size, so tar cannot read them.
port=/dev/virtio-ports/org.drvio.coverage
if [ -e $port ] && [ -d /sys/kernel/debug/gcov ]; then
	cd /sys/kernel/debug/gcov || exit 1
	find . -name "*.gcda" | while read -r counts; do
		mkdir -p "/run/gcov/${counts%/*}"
		cat "$counts" > "/run/gcov/$counts"
	done
	tar -C /run/gcov -cf $port .
	cd / || exit 1
fi

read -r status < $log.status
[ "$status" -eq 0 ] || echo "the tests did not run to their end"
grep -q '^ok ' $log || { echo "no test ran"; status=1; }
! grep -q '^not ok ' $log || status=1
/root/clean-dmesg.sh || status=1
exit "$status"
