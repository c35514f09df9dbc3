#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-sun4v leaves and comes back: its devices and its link go and return, ports
# keep their drivers; and again while ports come and go.  Ports come from
# sun4v_stage.ko.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

stage=/sys/module/sun4v_stage/parameters/change
[ -e $stage ] || tap_skip "no sun4v_stage: this guest is no logical domain"

# The driver of a port, empty when it has none.
driver() {
	basename "$(readlink "/sys/bus/vio/devices/$1/driver")" 2>/dev/null
}

ports="13 14 15 16 17 18"
net=network@0x000000000000000c
disk=disk@0x000000000000000c
echo "add vnet-port 12 0 network" > $stage
echo "add vdc-port 12 0 disk" > $stage
tap_is "a device" "$(ask configure $net)" "ok configured"
tap_is "a parked one" "$(ask unconfigure $disk)" "ok unconfigured"
tap_ok "drvio-sun4v unloads" rmmod drvio_sun4v
tap_not "its bus is gone" test -e $class/sun4v
tap_not "its devices are" test -e $class/$net
tap_is "a bound port keeps its driver" "$(driver vnet-port-12-0)" "stage-port"
tap_is "nobody has a parked one" "$(driver vdc-port-12-0)" ""
tap_ok "drvio-sun4v loads again" modprobe drvio-sun4v
tap_is "the device is back" "$(ask status $net)" "ok configured"
tap_is "and the other" "$(ask status $disk)" "ok unconfigured"
tap_is "which can be configured" "$(ask configure $disk)" "ok configured"

# --- While ports come and go ---

run=$(mktemp -d)
tap_at_exit "rm -rf $run"
: > "$run/on"
(
	turns=0
	while [ -e "$run/on" ]; do
		for n in $ports; do
			echo "add vnet-port $n 0 network"
			echo "add vdc-port $n 0 disk"
		done > "$run/lines"
		while read -r line; do echo "$line" > $stage; done < "$run/lines"
		while read -r _ line; do echo "remove $line" > $stage; done < "$run/lines"
		turns=$((turns + 1))
	done
	echo $turns > "$run/turns"
) 2> "$run/errors" &
churn=$!
loads=0
while [ $loads -lt 30 ] && rmmod drvio_sun4v && modprobe drvio-sun4v; do
	loads=$((loads + 1))
done
rm "$run/on"
wait $churn
tap_is "loads and unloads meanwhile" $loads 30
tap_is "ports came and went, without an error" "$(cat "$run/errors")" ""
echo "# $(cat "$run/turns") times"
left=
for n in $ports; do
	left="$left$(ls -d $class/*@"$(printf 0x%016x "$n")" 2>/dev/null)"
done
tap_is "of those that left nothing is there" "$left" ""
tap_is "of the one that stayed all is" "$(ask status $net)" "ok configured"
echo "add vnet-port 13 0 network" > $stage
tap_is "and of one that comes" "$(ask configure network@0x000000000000000d)" "ok configured"
echo "remove vnet-port 13 0 network" > $stage
echo "remove vdc-port 12 0 disk" > $stage
echo "remove vnet-port 12 0 network" > $stage
tap_done
