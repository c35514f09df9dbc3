# SPDX-License-Identifier: GPL-2.0
# The real drvio-helper, started by udev through the real rule, where other
# tests stand in for it.  Sourced: . ./real.sh
# shellcheck shell=sh

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

helper=/usr/lib/drvio/drvio-helper
override=/etc/udev/rules.d/60-drvio.rules
fstab=/etc/fstab

[ -x $helper ] || tap_skip "no $helper"
[ -e /usr/lib/udev/rules.d/60-drvio.rules ] || tap_skip "no 60-drvio.rules"

# Workers that a reload ends are to have no event in their hands.
rules_reload() {
	udevadm settle
	udevadm control --reload
}
rule_on() {
	rm -f $override
	rules_reload
}
rule_off() {
	: > $override
	rules_reload
}

real_registered=$(cat $class/service/helper)
real_timeout=$(cat $class/service/ack_timeout_ms)
real_off=false
[ -e $override ] && real_off=true
real_fstab=$(cat $fstab)
real_end() {
	$real_off && rule_off
	echo "$real_fstab" > $fstab
	echo "$real_timeout" > $class/service/ack_timeout_ms
	echo "$real_registered" > $class/service/helper
}
tap_at_exit real_end
rule_on
$helper register || tap_skip "drvio-helper register failed"

# The control domain asks, and the real helper acks.
request() {
	ask -a none "$@"
}

# A process of its own name that holds the file $1 open, as user $user_pid.
user_start() {
	# Not a builtin, as some shells have it.
	/bin/sleep 1000 3< "$1" &
	user_pid=$!
	tap_at_exit "kill $user_pid 2>/dev/null"
}
user_stop() {
	kill "$user_pid"
	wait "$user_pid" 2>/dev/null
}

# Waits for what userspace does after the kernel has answered.
eventually() {
	eventually_left=100
	until "$@" >/dev/null 2>&1; do
		eventually_left=$((eventually_left - 1))
		[ $eventually_left -gt 0 ] || return 1
		sleep 0.1
	done
}

# Of tests that have a state(), and have kept it in $before.
as_before() {
	# shellcheck disable=SC2154
	[ "$(state)" = "$before" ]
}
differs() {
	{ echo "was:"; echo "$before"; echo "is:"; state; } | sed 's/^/# /'
}
no_journal() {
	! ls /run/drvio/*.journal
}

# Where the helper sees the system as it is, but for what a test lets it see of the
# DR device $1.
shadow=/run/selftest.sys
shadow_of() {
	rm -rf $shadow
	mkdir -p "$shadow/class/drvio/$1/request"
	for shadow_link in block dev devices fs kernel power class/block; do
		ln -sfn /sys/$shadow_link $shadow/$shadow_link
	done
}

# What userspace has taken down for a request is put back: the helper works on an
# unconfigure (or verb $2) of device $1 up to its ack, which the kernel does not get but for a
# failure, as if the helper had been killed then. $taken is what it acked.
taken_down() {
	shadow_of "$1"
	for taken_file in "$class/$1"/* "$class/$1"/request/*; do
		[ -d "$taken_file" ] && [ ! -h "$taken_file" ] && continue
		ln -sfn "$(readlink -f "$taken_file")" \
			"$shadow/class/drvio/$1/${taken_file#"$class/$1/"}"
	done
	rm "$shadow/class/drvio/$1/ack"
	: > "$shadow/class/drvio/$1/ack"
	rule_off
	request "${2:-unconfigure}" "$1" > /run/selftest.answer &
	taken_asker=$!
	eventually grep -q userspace "$class/$1/request/phase"
	taken_cookie=$(cat "$class/$1/request/cookie")
	$helper --sysfs $shadow request "$1" "$taken_cookie" >&2
	# shellcheck disable=SC2034 # for who has called
	taken=$(cut -d ' ' -f 2- "$shadow/class/drvio/$1/ack")
}
put_back() {
	echo "$taken_cookie failed for the test" > "$class/$1/ack"
	wait "$taken_asker"
	$helper undo "$1" "$taken_cookie"
	put_back_status=$?
	rule_on
	udevadm settle
	rm -rf $shadow /run/selftest.answer
	return $put_back_status
}
