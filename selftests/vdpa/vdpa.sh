#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Virtio devices over vDPA, which come and go inside the guest: those of the
# kernel's simulator, a NIC and a disk.  Their dev_ids are FNV-1a of the names
# that they get here, worked out by hand.  Needs the debug kernel, or 6.12.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

command -v vdpa >/dev/null || tap_skip "no program vdpa"
for module in virtio_vdpa vdpa_sim_net vdpa_sim_blk; do
	modprobe -q $module || tap_skip "no module $module"
done
tap_at_exit "modprobe -r vdpa_sim_net vdpa_sim_blk virtio_vdpa"

net=virtio-net@0x0444c4029b8a12b1
blk=virtio-blk@0x040cb102d7200349
mac=52:54:00:d7:da:01

# add KIND; as the host's device_add, but from within
add() {
	case $1 in
	net) vdpa dev add name drvio-net mgmtdev vdpasim_net mac $mac mtu 1400 ;;
	blk) vdpa dev add name drvio-blk mgmtdev vdpasim_blk ;;
	esac && udevadm settle
}
del() {
	vdpa dev del "drvio-$1"
}
bus_dev() {
	target=$(readlink "$class/$1/target0")
	echo "${target##*/}"
}
# is WHEN DR ATTRIBUTE VALUE...
is() {
	when=$1 dr=$2
	shift 2
	while [ $# -gt 0 ]; do
		tap_is "${dr%@*}: $when: $1" "$(cat "$class/$dr/$1")" "$2"
		shift 2
	done
}
# gone DR: within a while; its readers end first
gone() {
	n=0
	while [ -e "$class/$1" ] && [ $n -lt 200 ]; do
		sleep 0.05
		n=$((n + 1))
	done
	[ ! -e "$class/$1" ]
}

for kind in net blk; do
	eval dr=\$$kind
	driver=virtio_$kind
	tap_is "$kind: status before it is there" "$(ask status "$dr")" "ok not-present"
	tap_ok "$kind: comes" add $kind
	tap_is "$kind: has its name and dev_id" "$(ls -d "$class/$dr")" "$class/$dr"
	tap_is "$kind: its type" "$(basename "$(readlink "$class/$dr/type")")" "virtio-$kind-vdpa"
	tap_is "$kind: its transport" "$(cat "$class/$dr/type/device_api")" virtio-vdpa
	tap_is "$kind: no slots to count" "$(cat "$class/$dr/type/available_instances")" 0
	tap_is "$kind: its driver has it" "$(driver_of "$(bus_dev "$dr")")" $driver
	tap_is "$kind: configure" "$(ask configure "$dr")" "ok configured"
	is "configured" "$dr" state configured virtqueues "[1-9]*" features "*version_1*"

	tap_is "$kind: helper says blocked" "$(ask -a "blocked busy" unconfigure "$dr")" \
		"blocked configured*busy"
	tap_is "$kind: keeps its driver" "$(driver_of "$(bus_dev "$dr")")" $driver
	tap_is "$kind: unconfigure" "$(ask unconfigure "$dr")" "ok unconfigured"
	tap_is "$kind: is parked" "$(driver_of "$(bus_dev "$dr")")" drvio-park
	dev=$(bus_dev "$dr")
	echo "$dev" > "/sys/bus/virtio/drivers/$driver/bind" 2>/dev/null
	modprobe $driver
	udevadm trigger --action=add --subsystem-match=virtio
	udevadm settle
	tap_is "$kind: and stays" "$(driver_of "$(bus_dev "$dr")")" drvio-park
	tap_is "$kind: helper says failed" "$(ask -a "failed no" configure "$dr")" \
		"failure unconfigured*no"
	tap_is "$kind: configure" "$(ask configure "$dr")" "ok configured"
	tap_is "$kind: force" "$(ask -a "blocked busy" force-unconfigure "$dr")" "ok unconfigured"
	tap_ok "$kind: goes while parked" del $kind
	gone "$dr"
	tap_check $? "$kind: no node is left"

	add $kind
	tap_is "$kind: again" "$(ask configure "$dr")" "ok configured"
	tap_ok "$kind: goes while configured" del $kind
	gone "$dr"
	tap_check $? "$kind: no node is left of that"
	tap_is "$kind: status once it has gone" "$(ask status "$dr")" "ok not-present"

	# It is asked for first, and appears then.
	ask configure "$dr" > /run/vdpa.answer &
	sleep 0.3
	add $kind
	wait $!
	tap_is "$kind: waited for" "$(cat /run/vdpa.answer)" "ok configured"

	# It goes under a request.
	ask -a none unconfigure "$dr" > /run/vdpa.answer &
	n=0
	while [ "$(cat "$class/$dr/request/phase")" != userspace ] && [ $n -lt 200 ]; do
		sleep 0.05
		n=$((n + 1))
	done
	tap_ok "$kind: goes under a request" del $kind
	wait $!
	tap_is "$kind: and the request says so" "$(cat /run/vdpa.answer)" "failure not-present*vanished*"
	rm /run/vdpa.answer
done

# What is in it, bound and parked.
add net
ask configure $net >/dev/null
is "bound" $net mac $mac mtu 1400
interface=$(ls "$class/$net/target0/net")
ip link set "$interface" up mtu 1300
is "changed in the guest" $net mtu 1300
tap_is "net: unconfigure" "$(ask unconfigure $net)" "ok unconfigured"
is "parked" $net mac $mac mtu 1400
del net

# The kernel's own last look at the disk.
add blk
ask configure $blk >/dev/null
is "bound" $blk capacity 262144 read_only 0
disk=$(ls "$class/$blk/target0/block")
exec 3< "/dev/$disk"
tap_is "blk: open" "$(ask unconfigure $blk)" "blocked configured*$disk is open*"
exec 3<&-
tap_ok "blk: can still be read" dd if="/dev/$disk" of=/dev/null bs=64k count=1
tap_is "blk: closed" "$(ask unconfigure $blk)" "ok unconfigured"
is "parked" $blk capacity 262144
tap_is "blk: configure" "$(ask configure $blk)" "ok configured"
disk=$(ls "$class/$blk/target0/block")
exec 3< "/dev/$disk"
tap_is "blk: open, by force" "$(ask force-unconfigure $blk)" "ok unconfigured"
exec 3<&-
del blk
tap_done
