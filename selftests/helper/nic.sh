# SPDX-License-Identifier: GPL-2.0
# A virtio NIC that the real helper works on: what tests of its layers share.
# Sourced: . ./nic.sh
#	$dev	virtio device	$dr	DR device	$nic	interface
# shellcheck shell=sh disable=SC2154,SC2034,SC1003

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

for link in /sys/bus/virtio/drivers/virtio_net/virtio*; do
	dev=${link##*/}
done
dr=$(dr_of "${dev:-none}") || tap_skip "no virtio network device"
mtu=

refind() {
	for link in "/sys/bus/virtio/devices/$dev/net"/*; do
		nic=${link##*/}
	done
	mtu=$(cat "/sys/class/net/$nic/mtu")
}
# Addresses that wait for their check are no difference.
for conf in all default; do
	conf=/proc/sys/net/ipv6/conf/$conf/accept_dad
	tap_at_exit "echo $(cat $conf) > $conf"
	echo 0 > $conf
done
refind
ip link set "$nic" down
up() {
	ip link show "$nic" | grep -q '[<,]UP[,>]'
}
# refused DESCRIPTION PATTERN: an unconfigure is blocked, and nothing has changed
refused() {
	before=$(state)
	answer=$(request unconfigure "$dr")
	tap_is "$1: blocked" "$answer" "blocked configured*Resource*Information*$2*"
	tap_ok "$1: nothing has changed" as_before
	as_before || differs
}
# released DESCRIPTION [VERB]: it goes, and comes back
released() {
	tap_is "$1" "$(request "${2:-unconfigure}" "$dr")" "ok unconfigured"
	tap_is "$1: configured again" "$(request configure "$dr")" "ok configured"
	refind
}
# What an undo is to bring back: of the links that the test has made, too. Not what
# the kernel makes by itself when a link has its carrier, a moment after it is up.
state() {
	for state_link in "$nic" $(ip -o link | sed -n 's/^[0-9]*: \(selftest[^:@]*\).*/\1/p'); do
		ip -o -d link show dev "$state_link" | tr '\\' '\n' |
			sed -n 's/^[0-9]*: \([^:]*\): <\([^>]*\)>.*\( master [^ ]*\).*/\1 \2\3/p
				s/^[0-9]*: \([^:]*\): <\([^>]*\)>.*/\1 \2/p
				/slave/s/^ *//p' |
			sed 's/[a-z_]*timer[^ ]* *[^ ]*//g; s/ state [a-z]*//; s/designated_[a-z]* [^ ]*//g
				s/port_id [^ ]*//; s/port_no [^ ]*//; s/link_failure_count [0-9]*//; s/ACTIVE\|BACKUP//; s/active_slave [^ ]*//; s/,LOWER_UP//; s/NO-CARRIER,//'
		ip -o addr show dev "$state_link" | sed 's/valid_lft.*//; s/^[0-9]*: //'
		ip route show dev "$state_link" table all | sort
		ip -6 route show dev "$state_link" table all | sed 's/ expires [^ ]*//' | sort
		ip neigh show dev "$state_link" nud permanent
		ip nexthop show dev "$state_link" | sed "s, linkdown,,"
	done |
		grep -v -e 'fe80::' -e 'multicast ff00::/8'
}

tap_at_exit "rm -rf $shadow /run/selftest.answer"
# The helper takes the interface down; its ack goes to a file.
begin() {
	rule_off
	request unconfigure "$dr" > /run/selftest.answer &
	asker=$!
	eventually grep -q userspace "$class/$dr/request/phase"
	rm -rf $shadow
	mkdir -p "$shadow/class/drvio/$dr/request"
	for file in verb cookie phase deadline_ms; do
		ln -s "$class/$dr/request/$file" "$shadow/class/drvio/$dr/request/"
	done
	ln -s "$class/$dr/name" "$shadow/class/drvio/$dr/"
	ln -s "$(readlink -f "$class/$dr/target0")" "$shadow/class/drvio/$dr/target0"
	: > "$shadow/class/drvio/$dr/ack"
	tap_ok "$1: the helper takes it down" $helper --sysfs $shadow request "$dr"
	tap_not "$1: it is down" up
}
restored() {
	tap_ok "$1: all is as it was" eventually as_before
	as_before || differs
	tap_ok "$1: no journal is left" eventually no_journal
}
# undone DESCRIPTION: once the helper is done another says no
undone() {
	before=$(state)
	begin "$1"
	rule_on
	echo "$(cat "$class/$dr/request/cookie") blocked said the test" > "$class/$dr/ack"
	wait $asker
	tap_is "$1: another says no" "$(cat /run/selftest.answer)" "blocked configured*said the test"
	restored "$1"
}
# repaired DESCRIPTION: as after a crash, nobody tells of the undo
repaired() {
	before=$(state)
	begin "$1"
	echo "$(cat "$class/$dr/request/cookie") blocked said the test" > "$class/$dr/ack"
	wait $asker
	rule_on
	mkdir -p /etc/drvio/hooks.d
	printf '#!/bin/sh\necho "not today"\nexit 3\n' > /etc/drvio/hooks.d/selftest
	chmod 755 /etc/drvio/hooks.d/selftest
	answer=$(request unconfigure "$dr")
	rm /etc/drvio/hooks.d/selftest
	tap_is "$1: the next request is refused" "$answer" "blocked configured*not today*"
	restored "$1"
}
