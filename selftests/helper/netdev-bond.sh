#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and a port of a bond or a team: the last healthy one of a master in
# use refuses; with a sibling, or when nobody uses the master, it leaves, and an
# undo puts it back.
#
#	selftest0  bond or team, 192.0.2.1
#	  |     |
#	$nic  selftest1 (dummy)

# shellcheck source-path=SCRIPTDIR source=nic.sh
. ./nic.sh

modprobe dummy || tap_skip "no dummy interfaces"
tap_at_exit "ip link del selftest0 2>/dev/null; ip link del selftest1 2>/dev/null; rm -rf /etc/drvio/drvio.conf"

# join MASTER PORT
join() {
	ip link set "$2" down
	ip link set "$2" master "$1"
	ip link set "$2" up
}
port_of() {
	[ "$(readlink "/sys/class/net/$2/master" | sed 's|.*/||')" = "$1" ]
}

for kind in bond team; do
	module=$kind
	[ $kind = team ] || module=bonding
	modprobe $module || continue
	# A bond gives its ports its own MTU, which the host may limit.
	case $kind in
	bond) ip link add selftest0 mtu "$mtu" type bond mode active-backup miimon 100 ;;
	team) ip link add selftest0 mtu "$mtu" type team ;;
	esac
	ip link add selftest1 mtu "$mtu" type dummy
	join selftest0 "$nic"
	ip link set selftest0 up

	released "$kind: nobody uses it"
	tap_not "$kind: it is no port any more" port_of selftest0 "$nic"
	join selftest0 "$nic"
	ip addr add 192.0.2.1/24 dev selftest0
	eventually grep -q up /sys/class/net/selftest0/operstate
	refused "$kind: the last port of one in use" \
		"$nic *last healthy port of $kind selftest0, which has the address 192.0.2.1/24*ip link set $nic nomaster"
	printf '[default]\nlast_leg = refuse\n' > /etc/drvio/drvio.conf
	tap_is "$kind: the policy refuses for good" "$(request force-unconfigure "$dr")" \
		"failure configured*last healthy port of $kind*"
	printf '[default]\nrelease_%s_port = no\n' $kind > /etc/drvio/drvio.conf
	refused "$kind: the policy forbids it" "release_${kind}_port = no"
	rm /etc/drvio/drvio.conf
	released "$kind: the last one, by force" force-unconfigure
	tap_ok "$kind: it is still there" test -e /sys/class/net/selftest0

	join selftest0 "$nic"
	join selftest0 selftest1
	[ $kind = team ] || ip link set "$nic" type bond_slave queue_id 3
	ip route add default via 192.0.2.254
	eventually grep -q up /sys/class/net/selftest1/operstate
	sleep 0.5
	undone "$kind: a sibling stays"
	tap_ok "$kind: it is a port again" port_of selftest0 "$nic"
	[ $kind = team ] || tap_is "bond: with its queue" \
		"$(cat "/sys/class/net/$nic/bonding_slave/queue_id")" 3
	repaired "$kind: after a crash"
	released "$kind: a sibling stays"
	tap_ok "$kind: the address is there" sh -c "ip addr show selftest0 | grep 192.0.2.1/24"
	ip link delete selftest0
	ip link delete selftest1
done
tap_done
