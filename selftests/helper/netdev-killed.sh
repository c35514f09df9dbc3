#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper killed between every two steps with an interface, and killed again
# between every two steps of its repair: the next start puts all of it back.
#
# The request is one that a shadow of sysfs tells of, so that none is answered
# between: what the helper does with the interface is real.

# shellcheck source-path=SCRIPTDIR source=nic.sh
. ./nic.sh

for module in dummy bonding bridge; do
	modprobe $module || tap_skip "no $module"
done
tap_at_exit "ip link del selftest0 2>/dev/null; ip link del selftest1 2>/dev/null; ip nexthop flush >/dev/null 2>&1; ip addr flush dev $nic"

mkdir -p "$shadow/class/drvio/$dr/request"
ln -s "$class/$dr/name" "$shadow/class/drvio/$dr/"
ln -s "$(readlink -f "$class/$dr/target0")" "$shadow/class/drvio/$dr/target0"
request_is() {
	echo unconfigure > "$shadow/class/drvio/$dr/request/verb"
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
	[ $step -gt 3 ] && [ $status -eq 0 ] && [ -z "$wrong" ]
	tap_check $? "$1: killed before each of its $((step - 1)) steps"
	[ -z "$wrong" ] || { echo "# before step $wrong"; sed 's/^/# /' /run/selftest.log; differs; }
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
	[ $step -gt 3 ] && [ $status -eq 0 ] && [ -z "$wrong" ]
	tap_check $? "$1: the repair killed before each of its $((step - 1)) steps"
	[ -z "$wrong" ] || { echo "# before step $wrong"; sed 's/^/# /' /run/selftest.log; differs; }
}

rule_off
ip link set "$nic" up
ip addr add 192.0.2.1/24 dev "$nic"
ip route add 203.0.113.0/24 via 192.0.2.9
ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev "$nic"
eventually grep -q up "/sys/class/net/$nic/operstate"
ip nexthop add id 10 via 192.0.2.9 dev "$nic"
ip route add 198.51.100.0/24 nhid 10
killed "addresses and routes"
repair_killed "addresses and routes"
ip addr flush dev "$nic"

ip link add selftest0 mtu "$mtu" type bond mode active-backup miimon 100
ip link add selftest1 mtu "$mtu" type dummy
for port in "$nic" selftest1; do
	ip link set "$port" down
	ip link set "$port" master selftest0
	ip link set "$port" up
done
ip link set selftest0 up
ip addr add 192.0.2.1/24 dev selftest0
ip route add default via 192.0.2.254
ip link set "$nic" type bond_slave queue_id 3
eventually grep -q up /sys/class/net/selftest1/operstate
sleep 0.5
killed "a port of a bond"
ip link delete selftest0
ip link delete selftest1

ip link add selftest0 type bridge vlan_filtering 1
ip link set selftest0 up
ip link set "$nic" master selftest0
ip link set "$nic" up
ip link set "$nic" type bridge_slave cost 77
bridge vlan add dev "$nic" vid 20-22
bridge fdb add 02:00:00:00:00:42 dev "$nic" master static vlan 20
killed "a port of a bridge"
repair_killed "a port of a bridge"
ip link delete selftest0
rule_on
tap_done
