#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and a port of a bridge: one that is in use refuses, an idle one is
# left, and an undo puts the port back with its settings.

# shellcheck source-path=SCRIPTDIR source=nic.sh
. ./nic.sh

modprobe bridge || tap_skip "no bridges"
modprobe dummy || tap_skip "no dummy interfaces"
tap_at_exit "ip link del selftest0 2>/dev/null; ip link del selftest1 2>/dev/null"

ip link add selftest0 type bridge vlan_filtering 1
ip link add selftest1 type dummy
ip link set "$nic" master selftest0
ip link set "$nic" up
released "a bridge that is down"
ip link set "$nic" master selftest0
ip link set "$nic" up
ip link set selftest0 up
released "a bridge that nobody uses"
ip link set "$nic" master selftest0
ip link set "$nic" up

ip link set selftest1 master selftest0
ip link set selftest1 up
refused "another port" \
	"$nic *port of bridge selftest0, which has the port selftest1 too*ip link set $nic nomaster"
ip link delete selftest1
ip addr add 192.0.2.1/24 dev selftest0
refused "an address" "$nic *port of bridge selftest0, which has the address 192.0.2.1/24*"
released "by force" force-unconfigure
tap_ok "the bridge is still there, with its address" \
	sh -c "ip addr show selftest0 | grep 192.0.2.1/24"

ip addr flush dev selftest0
ip link set "$nic" master selftest0
ip link set "$nic" up
ip link set "$nic" type bridge_slave cost 77 priority 5 learning off isolated on
bridge vlan del dev "$nic" vid 1
bridge vlan add dev "$nic" vid 10 pvid untagged
bridge vlan add dev "$nic" vid 20-22
bridge fdb add 02:00:00:00:00:42 dev "$nic" master static vlan 20
eventually grep -q 3 "/sys/class/net/$nic/brport/state"
groups=
# The debug kernel has no IGMP snooping.
if [ -e /sys/class/net/selftest0/bridge/multicast_snooping ]; then
	bridge mdb add dev selftest0 port "$nic" grp 239.1.1.1 permanent vid 20
	bridge mdb add dev selftest0 port "$nic" grp ff0e::1 permanent vid 10
	bridge mdb add dev selftest0 port "$nic" grp 239.1.1.2 src 192.0.2.7 permanent vid 20
	groups="239.1.1.1 permanent*239.1.1.2 src 192.0.2.7*ff0e::1"
fi
settings() {
	ip -d link show dev "$nic" | grep -o "master [^ ]*\|cost [0-9]*\|priority [0-9]*\|learning [a-z]*\|isolated [a-z]*"
	bridge vlan show dev "$nic"
	bridge fdb show dev "$nic" | grep 02:00:00:00:00:42
	[ -z "$groups" ] || bridge mdb show dev selftest0 | grep permanent | sort
}
was=$(settings)
tap_is "there are settings" "$was" "*cost 77*20*22*static*$groups*"
undone "settings of the port"
tap_is "they are back" "$(settings)" "$was"
repaired "after a crash"
tap_is "they are back, too" "$(settings)" "$was"
ip link delete selftest0
tap_done
