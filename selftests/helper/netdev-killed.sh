#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper killed between every two steps with an interface, and killed again
# between every two steps of its repair: the next start puts all of it back.

# shellcheck source-path=SCRIPTDIR source=nic.sh
. ./nic.sh

for module in dummy bonding bridge; do
	modprobe $module || tap_skip "no $module"
done
tap_at_exit "ip link del selftest0 2>/dev/null; ip link del selftest1 2>/dev/null; ip nexthop flush >/dev/null 2>&1; ip addr flush dev $nic"

# shellcheck source-path=SCRIPTDIR source=killed.sh
. ./killed.sh

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
