#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and an interface: up before the answer to a configure; down when
# nothing depends on it, and its addresses and routes come back with an undo.

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

for link in /sys/bus/virtio/drivers/virtio_net/virtio*; do
	dev=${link##*/}
done
dr=$(dr_of "${dev:-none}") || tap_skip "no virtio network device"

refind() {
	for link in "/sys/bus/virtio/devices/$dev/net"/*; do
		nic=${link##*/}
	done
}
up() {
	ip link show "$nic" | grep -q '[<,]UP[,>]'
}
# refused DESCRIPTION PATTERN
refused() {
	answer=$(request unconfigure "$dr")
	tap_is "$1: blocked" "$answer" "blocked configured*Resource*Information*$nic *$2*"
	tap_ok "$1: the interface is up" up
}

refind
ip link set "$nic" down
tap_is "unconfigure" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "configure" "$(request configure "$dr")" "ok configured"
refind
tap_ok "the interface is up when the answer comes" up

# --- Who depends on it ---

if modprobe bridge; then
	ip link add selftest0 type bridge
	ip link set "$nic" master selftest0
	refused "a port of a bridge" "port of bridge selftest0*ip link set $nic nomaster"
	ip link delete selftest0
fi
if modprobe bonding; then
	# A bond gives its ports its own MTU, which the host may limit.
	ip link add selftest0 mtu "$(cat "/sys/class/net/$nic/mtu")" type bond
	ip link set "$nic" down
	ip link set "$nic" master selftest0
	ip link set "$nic" up
	refused "a port of a bond" "port of bond selftest0*"
	ip link delete selftest0
	ip link set "$nic" up
fi
if modprobe 8021q; then
	ip link add link "$nic" name selftest0 type vlan id 7
	refused "a VLAN" "vlan selftest0 stands on it*ip link delete selftest0"
	ip link delete selftest0
fi

ip addr add 192.0.2.1/24 dev "$nic"
ip route add default via 192.0.2.254
refused "the last default route" "last default route (IPv4)*"
ip -6 addr add 2001:db8::1/64 dev "$nic" nodad
ip -6 route add default via 2001:db8::fe
answer=$(request unconfigure "$dr")
tap_is "that of IPv6 too" "$answer" "blocked configured*(IPv4)*(IPv6)*"
if modprobe dummy; then
	ip link add selftest0 type dummy
	ip link set selftest0 up
	ip addr add 198.51.100.1/24 dev selftest0
	ip -6 addr add 2001:db8:1::1/64 dev selftest0 nodad
	ip route add default via 198.51.100.254 metric 100
	ip -6 route add default via 2001:db8:1::fe metric 4000
	tap_is "with another one it may go" "$(request unconfigure "$dr")" "ok unconfigured"
	ip link delete selftest0
	tap_is "configured again" "$(request configure "$dr")" "ok configured"
	refind
fi

unshare -n sleep 1000 &
pid=$!
tap_at_exit "kill $pid 2>/dev/null"
eventually grep -q '^sleep' /proc/$pid/comm
ip link set "$nic" netns $pid
answer=$(request unconfigure "$dr")
tap_is "in another network namespace: blocked" "$answer" \
	"blocked configured*$dev *another network namespace*"
nsenter -t $pid -n ip link set "$nic" netns 1
kill $pid
wait $pid 2>/dev/null
udevadm settle
refind
ip link set "$nic" up

# --- And back again ---

state() {
	ip -o addr show dev "$nic" | sed 's/valid_lft.*//; s/^[0-9]*: //'
	ip route show dev "$nic" table all | sort
	ip -6 route show dev "$nic" table all | sed 's/ expires [^ ]*//' | sort
	ip neigh show dev "$nic" nud permanent
}
as_before() {
	[ "$(state)" = "$before" ]
}
no_journal() {
	! ls /run/drvio/*.journal
}
ip addr flush dev "$nic"
ip link set "$nic" down
ip link set "$nic" up
ip addr add 192.0.2.1/24 dev "$nic" label "$nic:one"
ip addr add 192.0.2.2/24 dev "$nic"
ip -6 addr add 2001:db8::1/64 dev "$nic" nodad
ip route add 203.0.113.0/24 via 192.0.2.9 metric 7 mtu 1300
ip route add 198.51.100.0/24 dev "$nic" table 1000
ip -6 route add 2001:db8:5::/48 via 2001:db8::9
ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev "$nic"
sleep 3	# until the link-local address has been checked for duplicates
before=$(state)
tap_is "there are addresses and routes" "$before" "*192.0.2.2*203.0.113.0/24 via*2001:db8:5::/48*02:00*"

rule_off
request unconfigure "$dr" > /run/selftest.answer &
asker=$!
eventually grep -q userspace "$class/$dr/request/phase"
mkdir -p "/run/selftest.sys/class/drvio/$dr/request"
tap_at_exit "rm -rf /run/selftest.sys /run/selftest.answer"
for file in verb cookie phase deadline_ms; do
	ln -s "$class/$dr/request/$file" "/run/selftest.sys/class/drvio/$dr/request/"
done
ln -s "$class/$dr/name" "/run/selftest.sys/class/drvio/$dr/"
ln -s "$(readlink -f "$class/$dr/target0")" "/run/selftest.sys/class/drvio/$dr/target0"
: > "/run/selftest.sys/class/drvio/$dr/ack"
tap_ok "the helper takes it down" $helper --sysfs /run/selftest.sys request "$dr"
tap_not "it is down" up
rule_on
echo "$(cat "$class/$dr/request/cookie") blocked said the test" > "$class/$dr/ack"
wait $asker
tap_is "another says no" "$(cat /run/selftest.answer)" "blocked configured*said the test"
tap_ok "it is up again" eventually up
tap_ok "with addresses, routes and neighbours" eventually as_before
as_before || { echo "was:"; echo "$before"; echo "is:"; state; } | sed 's/^/# /'
tap_ok "no journal is left" eventually no_journal
ip addr flush dev "$nic"
tap_done
