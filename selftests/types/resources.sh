#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dynamic_resources: the attributes of DR devices against how the guest was
# started (qemu/check-guest.sh), against what the guest has changed since, and
# across unconfigure and configure.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

value() {
	cat "$class/$dr/$1"
}
# is WHEN ATTRIBUTE VALUE...
is() {
	when=$1
	shift
	while [ $# -gt 0 ]; do
		tap_is "${dr%@*}: $when: $1" "$(value "$1")" "$2"
		shift 2
	done
}
park() {
	tap_is "${dr%@*}: unconfigure" "$(ask unconfigure "$dr")" "ok unconfigured"
}
unpark() {
	tap_is "${dr%@*}: configure" "$(ask configure "$dr")" "ok configured"
	udevadm settle
}
unbind() {
	bus_dev=$(readlink -f "$class/$dr/target0")
	echo "${bus_dev##*/}" > "$bus_dev/driver/unbind"
}

# A device whose attribute has a value; the first of its type without one.
find_dr() {
	for node in "$class/$1"@*; do
		[ -e "$node" ] || continue
		[ $# -eq 1 ] || [ "$(cat "$node/$2")" = "$3" ] || continue
		dr=${node##*/}
		return 0
	done
	return 1
}

if find_dr virtio-net mac 52:54:00:d7:10:02; then
	as_made() {
		is "$1" mac 52:54:00:d7:10:02 mtu 1420 speed 2500 queue_pairs 1
	}
	as_made "bound"
	is "bound" virtqueues 3 features "*mtu*mac*version_1*speed_duplex*"

	net=$(ls "$class/$dr/target0/net")
	ip link set "$net" mtu 1300 address 52:54:00:d7:10:99
	is "changed in the guest" mac 52:54:00:d7:10:99 mtu 1300
	ip link set "$net" name drvio0
	is "renamed" mac 52:54:00:d7:10:99
	ip netns add drvio && ip link set drvio0 netns drvio
	is "in a namespace" mac 52:54:00:d7:10:99 mtu 1300
	ip netns exec drvio ip link set drvio0 netns 1
	ip netns del drvio

	park
	as_made "parked"
	is "parked" features "" virtqueues ""
	unpark
	as_made "configured again"
	unbind
	is "without any driver" mac "" mtu "" speed "" queue_pairs "" features ""
	unpark
	as_made "bound after that"
else
	echo "# no virtio-net as check-guest.sh makes it"
fi

if find_dr virtio-blk serial drvio0; then
	as_made() {
		is "$1" capacity 131072 logical_block_size 512 physical_block_size 4096 \
			read_only 0 queues 2
	}
	as_made "bound"
	disk=$(ls "$class/$dr/target0/block")
	blockdev --setro "/dev/$disk"
	is "set read-only in the guest" read_only 1
	park
	as_made "parked"
	is "parked" serial ""
	unpark
	as_made "configured again"
	is "configured again" serial drvio0
else
	echo "# no virtio-blk as check-guest.sh makes it"
fi

if find_dr virtio-scsi; then
	queues=$(value queues)
	is "bound" queues "[1-9]*" max_channel 0 max_target 255 max_lun 16383
	park
	is "parked" queues "$queues" max_target 255
	unpark
fi
if find_dr virtio-console; then
	is "bound" ports "$(find /sys/class/virtio-ports -type l | wc -l)" max_ports 31
fi
if find_dr virtio-rng; then
	is "bound" virtqueues 1
fi
if find_dr virtio-balloon; then
	is "bound" actual_pages 0 requested_pages 0
	park
	is "parked" actual_pages 0 requested_pages 0
	unpark
fi
# Not every kernel has a driver for these.  Without one they have values once they
# are parked; with one, the same at all times.
rare() {
	for node in "$class/$1"@*; do
		dr=${node##*/}
		[ -e "$node" ] || continue
		bound=false
		if [ "$(value state)" = configured ]; then
			bound=true
		elif [ ! -e "$node/target0/driver" ]; then
			is "without any driver" "$2" ""
			park
		fi
		# Of several of a type, the one that is meant.
		[ "$(value "$2")" = "$3" ] || continue
		rare_is "$@"
		return
	done
	[ ! -e "$node" ] || tap_check 1 "$1: one has $2 $3"
}
rare_is() {
	shift
	if $bound; then
		is "bound" "$@"
		park
	fi
	is "parked" "$@"
	$bound || return
	unpark
	is "configured again" "$@"
}
rare virtio-input input_name "QEMU Virtio Keyboard"
rare virtio-input input_name "QEMU Virtio Tablet"
rare virtio-9p tag drvio9p
rare virtio-fs tag drviofs queues 1
rare virtio-gpu scanouts 2 capsets 0
rare virtio-crypto queues 1 services 0x17
rare virtio-mem region_size 268435456 block_size 2097152 plugged_size 0 requested_size 0
rare virtio-pmem size 67108864
# QEMU before 8.2 has none.
if modprobe -q fake_virtio; then
	udevadm settle
	rare virtio-sound jacks 1 streams 2 chmaps 3
	modprobe -r fake_virtio
fi

# Readers at all times: what they get is the value or nothing, never a third
# thing, and they do not hold up anybody.
if find_dr virtio-net mac 52:54:00:d7:10:02; then
	log=$(mktemp)
	tap_at_exit "rm -f $log"
	while :; do
		cat "$class/$dr/mac" "$class/$dr/features" "$class/$dr/speed" 2>&1
	done > "$log" &
	reader=$!
	n=0
	while [ $n -lt 10 ]; do
		answer=$(ask unconfigure "$dr")
		[ "$answer" = "ok unconfigured" ] || break
		answer=$(ask configure "$dr")
		[ "$answer" = "ok configured" ] || break
		n=$((n + 1))
	done
	kill $reader
	wait $reader
	tap_is "readers do not hold up requests" "$n $answer" "10 ok configured"
	grep -q 52:54:00:d7:10:02 "$log"
	tap_check $? "readers saw the address"
	tap_is "and nothing else" "$(grep -vE '^$|^52:54:00:d7:10:02$|^2500$|version_1|busy|^cat:' "$log" |
		sort | uniq -c | head -n 3)" ""
fi
tap_done
