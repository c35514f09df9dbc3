#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run inside a guest: exits with 1, and shows them, when the kernel has reports
# in its log or, where it can tell, has lost memory.

status=0
if dmesg | grep -nE -A 30 'WARNING:|BUG:|kernel BUG|Oops|Call Trace|KASAN|UBSAN|possible (recursive|circular)|lockdep is turned off|suspicious RCU|INFO: |blocked for more than|soft lockup|ODEBUG|kmemleak: .*(disabled|[Cc]annot)|refcount_t|general protection|Kernel panic|unreferenced object'; then
	echo "the kernel's log has reports"
	status=1
fi
# Whoever has switched itself off has seen nothing.
locks=/proc/lockdep_stats
if [ -e $locks ]; then
	if grep -q '^ *debug_locks: *1$' $locks; then
		echo "lockdep has watched"
	else
		echo "lockdep does not watch any more"
		status=1
	fi
fi
# What was freed a moment ago may still look lost: only what is lost twice counts.
leaks=/sys/kernel/debug/kmemleak
if [ -e $leaks ]; then
	if echo scan > $leaks && sleep 6 && echo scan > $leaks; then
		echo "kmemleak has scanned"
	else
		echo "kmemleak does not scan"
		status=1
	fi
	# It says that it is empty when it is not.  The map of memory that was added while the
	# system ran (virtio-mem) looks lost: the kernel keeps no pointer to its beginning.
	if awk 'function tell() { if (report && report !~ /sparse_add_section/) printf "%s", report }
			/^unreferenced/ { tell(); report = "" }
			{ report = report $0 "\n" }
			END { tell() }' $leaks | grep .; then
		echo "kmemleak has reports"
		status=1
	fi
fi
exit $status
