#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvioctl against the live tree: what it shows is what is there; a hold refuses
# and ends; events are seen; a request can be acked by hand.
# shellcheck disable=SC2015 # a && b || c: b does not fail

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

command -v drvioctl >/dev/null || tap_skip "no drvioctl"
modprobe drvio-sim || tap_skip "no drvio-sim"
sim=sim@0x0000000000c71001
path=$class/$sim
log=/run/selftest.ctl
mkdir -p $log
tap_at_exit "echo 0xc71001 > /sys/bus/drvio-sim/del_device 2>/dev/null; rm -rf $log"
echo "0xc71001 2" > $class/sim/supported_types/sim/create

# status_is DESCRIPTION STATUS COMMAND...: it ends with this exit status; the
# output goes to $log/out
status_is() {
	status_what=$1 status_want=$2
	shift 2
	"$@" > $log/out 2>&1
	tap_is "$status_what" $? "$status_want"
}
shows() {
	tap_is "$1" "$(cat $log/out)" "$2"
}

# --- What is there ---

status_is "list" 0 drvioctl list --columns device,state,target
for node in "$class"/*@*; do
	name=${node##*/}
	tap_ok "list has $name" grep -q "^$name  *$(cat "$node/state") " $log/out
done
tap_is "and no more" "$(($(wc -l < $log/out) - 1))" "$(find "$class"/*@* -maxdepth 0 | wc -l)"
target=$(readlink "$path/target1")
status_is "show by the name of a target" 0 drvioctl show "${target##*/}"
shows "that is the device" "$sim*"
status_is "a target that is not there" 4 drvioctl show simc71001.9
status_is "show by a number written in another way" 0 drvioctl show sim@0xc71001
shows "show" "$sim*state: *configured*targets: *2*"
status_is "types" 0 drvioctl types --columns type,device_api
for type in "$class"/*/supported_types/*; do
	tap_ok "types has ${type##*/}" grep -q "^${type##*/}  *$(cat "$type/device_api")$" $log/out
done
status_is "export" 0 drvioctl export
cp $log/out $log/export.json
status_is "a guest is compatible with itself" 0 drvioctl compat $log/export.json
sed 's/"software_version": "1\.0\.0"/"software_version": "2.0.0"/' $log/export.json > $log/other.json
status_is "but not with another major version" 12 drvioctl compat $log/export.json $log/other.json
shows "compat says why" "*software_version *incompatible*the same major*"

# --- Hold ---

status_is "hold" 0 drvioctl hold $sim "backup until 6, ask Ann"
answer=$(ask unconfigure $sim)
tap_is "a held device refuses with the text" "$answer" "blocked configured*backup until 6, ask Ann*"
status_is "check knows of the hold" 3 drvioctl check $sim
shows "check tells the text" "$sim: blocked*backup until 6, ask Ann*"
status_is "release" 0 drvioctl release $sim
tap_is "a released one does not" "$(ask unconfigure $sim)" "ok unconfigured"
tap_is "configured again" "$(ask configure $sim)" "ok configured"

status_is "hold for a while" 0 drvioctl hold $sim "a moment" --for 60s
left=$(cat $path/hold_ms)
tap_ok "the time runs" test "$left" -gt 0 -a "$left" -lt 60000
tap_is "it refuses meanwhile" "$(ask unconfigure $sim)" "blocked configured*a moment*"
status_is "a shorter time" 0 drvioctl hold $sim "a moment" --for 1ms
sleep 0.1
tap_is "it has ended by itself" "$(cat $path/hold)$(cat $path/hold_ms)" ""
tap_is "and lets go" "$(ask unconfigure $sim)" "ok unconfigured"
tap_is "configured again" "$(ask configure $sim)" "ok configured"
tap_not "hold_ms without a hold" sh -c "echo 5 > $path/hold_ms"
status_is "hold without an end" 0 drvioctl hold $sim "for ever"
for bad in -1 x 4294967296 "1 2"; do
	tap_not "hold_ms takes no \"$bad\"" sh -c "echo '$bad' > $path/hold_ms"
done
tap_is "it has no end still" "$(cat $path/hold_ms)" ""
tap_ok "an end is set" sh -c "echo 50000 > $path/hold_ms"
tap_ok "and taken away" sh -c "echo 0 > $path/hold_ms"
tap_is "no end" "$(cat $path/hold_ms)" ""
echo 50000 > $path/hold_ms
echo "another" > $path/hold
tap_is "another hold begins without an end" "$(cat $path/hold_ms)" ""
drvioctl release $sim
status_is "a time that is none" 2 drvioctl hold $sim text --for tomorrow

# --- Events, an ack by hand, the history ---

drvioctl monitor -j > $log/events &
monitor=$!
tap_at_exit "kill $monitor 2>/dev/null"
# It is listening once an event of no importance was seen.
until grep -q . $log/events; do
	echo change > $class/service/uevent
	sleep 0.05
done
# The kernel logs ten requests in five seconds, and this one is looked for.
sleep 5
ask -a none unconfigure $sim > $log/answer &
asked=$!
until [ "$(cat $path/request/phase)" = userspace ]; do sleep 0.02; done
status_is "an ack for another request" 8 drvioctl ack $sim ok --cookie 0123456789abcdef
status_is "an ack by hand" 0 drvioctl ack $sim blocked 'first line
second \ line'
wait $asked
tap_is "is the answer" "$(cat $log/answer)" "blocked configured*first line*second \\\\ line*"
status_is "an ack too late" 8 drvioctl ack $sim ok
cookie=$(cat $path/request/cookie)
number=$(cat $path/request/number)
for event in request undo; do
	tap_ok "monitor saw the $event" grep -q \
		"\"device\": \"$sim\".*\"event\": \"$event\", \"verb\": \"unconfigure\", \"number\": $number, \"cookie\": \"$cookie\"" $log/events
done
tap_is "each event is a line of JSON with its format" \
	"$(grep -vc '^{ "format": 1, .* }$' $log/events)" 0
status_is "monitor ends after so many" 0 timeout 20 sh -c \
	"drvioctl monitor -n 1 & p=\$!; while kill -0 \$p 2>/dev/null; do echo change > $class/service/uevent; sleep 0.1; done; wait \$p"
shows "monitor prints for people" "*service  change"
status_is "history" 0 drvioctl history $sim -n 1 -j
shows "history has the request" "*\"number\": $number,*\"verb\": \"unconfigure\"*\"result\": \"blocked\"*first line\\\\nsecond \\\\\\\\ line*"
tap_done
