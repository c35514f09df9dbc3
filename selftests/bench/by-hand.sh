#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What drvio-helper does for an idle NIC, by hand, as `nic run` starts it: who uses
# it, what it would lose, down, ack; or up, carrier, ack.
# Usage: by-hand.sh EVENT DEVICE COOKIE
set -eu

[ "$1" = request ] || exit 0
dev=/sys/class/drvio/$2
read -r verb < "$dev/request/verb"
for net in "$dev"/target0/net/*; do
	nic=${net##*/}
done
case $verb in
configure)
	udevadm wait --initialized=true --timeout=10 "/sys/class/net/$nic"
	ip link set "$nic" up
	while read -r carrier < "/sys/class/net/$nic/carrier" && [ "$carrier" != 1 ]; do
		sleep 0.005
	done
	;;
*)
	[ ! -e "/sys/class/net/$nic/master" ]
	for upper in "/sys/class/net/$nic"/upper_*; do
		[ ! -e "$upper" ]
	done
	! ip route show default | grep -q "dev $nic"
	! grep -q " - nfs" /proc/self/mountinfo
	{
		ip addr show dev "$nic"
		ip route show dev "$nic"
		ip -6 route show dev "$nic"
	} > "/run/by-hand.$nic"
	sync "/run/by-hand.$nic"
	ip link set "$nic" down
	;;
esac
echo "$3 ok" > "$dev/ack"
