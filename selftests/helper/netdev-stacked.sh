#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and links that stand on an interface, VLANs and macvlans: one that
# is used refuses, an idle one goes with it, and an undo brings it up again.

# shellcheck source-path=SCRIPTDIR source=nic.sh
. ./nic.sh

tap_at_exit "ip link del selftest0 2>/dev/null; ip link del selftest1 2>/dev/null; rm -f /etc/drvio/drvio.conf"
gone() {
	[ ! -e "/sys/class/net/$1" ]
}

for kind in vlan macvlan; do
	case $kind in
	vlan) modprobe 8021q && add="type vlan id 7" ;;
	macvlan) modprobe macvlan && add="type macvlan mode bridge" ;;
	esac || continue
	ip link set "$nic" up
	# shellcheck disable=SC2086
	ip link add link "$nic" name selftest0 $add
	ip link set selftest0 up
	ip addr add 192.0.2.1/24 dev selftest0
	refused "a $kind with an address" \
		"$nic *$kind selftest0 stands on it and has the address 192.0.2.1/24*ip link delete selftest0"
	released "a $kind with an address, by force" force-unconfigure
	tap_ok "it has gone with its interface" gone selftest0

	ip link set "$nic" up
	# shellcheck disable=SC2086
	ip link add link "$nic" name selftest0 $add
	ip link set selftest0 up
	mkdir -p /etc/drvio
	printf '[default]\nrelease_stacked_link = no\n' > /etc/drvio/drvio.conf
	refused "an idle $kind that the policy protects" "release_stacked_link = no"
	rm /etc/drvio/drvio.conf
	undone "an idle $kind"
	tap_ok "$kind: it is up" sh -c "ip link show selftest0 | grep -q '[<,]UP[,>]'"
	repaired "an idle $kind, after a crash"

	modprobe bridge && ip link add selftest1 type bridge && ip link set selftest1 up
	ip link set selftest0 master selftest1
	refused "a $kind in a bridge" "$kind selftest0 stands on it and is a port of bridge selftest1"
	ip link set selftest0 nomaster
	ip link delete selftest1
	released "an idle $kind"
	tap_ok "it has gone too" gone selftest0
done

# Two storeys: the user is told from the top.
ip link set "$nic" up
ip link add link "$nic" name selftest0 type vlan id 7
ip link add link selftest0 name selftest1 type vlan id 8
ip link set selftest0 up
ip link set selftest1 up
ip addr add 192.0.2.1/24 dev selftest1
refused "a VLAN in a VLAN" \
	"vlan selftest0 stands on it and carries vlan selftest1, which has the address 192.0.2.1/24"
ip addr flush dev selftest1
released "when they are idle, both go"
tap_ok "both have gone" gone selftest1
tap_done
