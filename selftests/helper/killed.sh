# SPDX-License-Identifier: GPL-2.0
# drvio-helper killed between every two steps of a release, and of its repair.
# Sourced after what sets $dr and has state(): . ./killed.sh
#
# The request is one that a shadow of sysfs tells of, so that none is answered
# between: what the helper does with the device is real.
# shellcheck shell=sh disable=SC2154,SC2034

shadow_of "$dr"
ln -s "$class/$dr/name" "$shadow/class/drvio/$dr/"
ln -s "$(readlink -f "$class/$dr/target0")" "$shadow/class/drvio/$dr/target0"
tap_at_exit "rm -rf $shadow /run/selftest.log"

# request_is PHASE [RESULT [VERB]]
request_is() {
	echo "${3:-unconfigure}" > "$shadow/class/drvio/$dr/request/verb"
	echo 00c0ffee00c0ffee > "$shadow/class/drvio/$dr/request/cookie"
	echo 10000 > "$shadow/class/drvio/$dr/request/deadline_ms"
	echo "$1" > "$shadow/class/drvio/$dr/request/phase"
	echo "$2" > "$shadow/class/drvio/$dr/request/result"
	: > "$shadow/class/drvio/$dr/ack"
}
# helper_to N COMMAND: runs it up to its Nth step; 137: it was killed there
helper_to() {
	../tools/kill_at "$1" "$helper" --sysfs $shadow "$2" "$dr" > /run/selftest.log 2>&1
}
recovered() {
	request_is "done" failure
	$helper --sysfs $shadow recover all > /run/selftest.log 2>&1
}
# killed_end DESCRIPTION: what came of it, after $step steps
killed_end() {
	[ $step -gt 3 ] && [ $status -eq 0 ] && [ -z "$wrong" ]
	tap_check $? "$1 killed before each of its $((step - 1)) steps"
	[ -z "$wrong" ] || { echo "# before step $wrong"; sed 's/^/# /' /run/selftest.log; differs; }
}
# killed DESCRIPTION
killed() {
	before=$(state)
	step=0 status=137 wrong=
	while [ $status -eq 137 ] && [ -z "$wrong" ] && [ $step -lt 100 ]; do
		step=$((step + 1))
		request_is userspace
		helper_to $step request
		status=$?
		recovered && eventually as_before && no_journal 2>/dev/null || wrong=$step
	done 2>/dev/null
	killed_end "$1:"
}
# repair_killed DESCRIPTION
repair_killed() {
	before=$(state)
	step=0 status=137 wrong=
	while [ $status -eq 137 ] && [ -z "$wrong" ] && [ $step -lt 100 ]; do
		step=$((step + 1))
		request_is userspace
		$helper --sysfs $shadow request "$dr" > /run/selftest.log 2>&1 || wrong=$step
		request_is "done" failure
		helper_to $step recover
		status=$?
		[ $status -eq 0 ] || recovered || wrong=$step
		eventually as_before && no_journal || wrong=$step
	done 2>/dev/null
	killed_end "$1: the repair"
}
