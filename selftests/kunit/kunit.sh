#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loads the KUnit tests, which run as they are loaded, and shows each of their
# cases as one of this test.  Skips where the kernel has no KUnit.
. ../lib/tap.sh

modinfo drvio-kunit >/dev/null 2>&1 || tap_skip "no drvio-kunit: the kernel has no KUnit"

mark="drvio-kunit $$ begins"
echo "$mark" > /dev/kmsg
tap_ok "the tests load" modprobe drvio-kunit

# In KUnit's log a suite is indented once, the parameters of a case twice.
log=/tmp/kunit.log
dmesg | sed 's/^\[[^]]*\] //' | sed -n "/$mark/,\$p" > $log
awk '
/^    # Subtest: / { suite = $3; next }
/^    ok [0-9]/ { print 0, suite ":", $3 == "-" ? $4 : $3, / # SKIP/ ? "# SKIP" : "" }
/^    not ok [0-9]/ { print 1, suite ":", $4 == "-" ? $5 : $4 }
' $log > $log.cases
# What a failed case says comes ahead of it.
! grep -q '^ *not ok' $log || sed 's/^/# /' $log
while read -r status what; do
	tap_check "$status" "$what"
done < $log.cases

[ -s $log.cases ] || dmesg | tail -n 60 | sed "s/^/# /"
for suite in wire ds bus link request virtio-id; do
	tap_ok "suite drvio-$suite has run and passed" grep -qE "^ok [0-9]+ (- )?drvio-$suite\$" $log
done
tap_ok "the tests unload" rmmod drvio-kunit
tap_done
