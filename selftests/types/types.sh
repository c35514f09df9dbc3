#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# supported_types: what every folder says, against itself, against the DR devices
# of the type, and against what is known of this guest.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

types=$class/virtio/supported_types
modprobe -q drvio-sim

# Whether each word of the first text is one of the second.
contained() {
	for word in $1; do
		case " $2 " in
		*" $word "*) ;;
		*) echo "# $word is missing"; return 1 ;;
		esac
	done
}

for type in "$class"/*/supported_types/*; do
	id=${type##*/}
	tap_is "$id: compatible_type" "$(cat "$type/compatible_type")" "$id"
	tap_is "$id: description" "$(cat "$type/description")" "?*"
	tap_is "$id: software_version" "$(cat "$type/software_version")" "[0-9]*.[0-9]*.[0-9]*"
	tap_is "$id: one line a file" \
		"$(find "$type" -maxdepth 1 -type f -perm -444 -exec wc -l {} \; | grep -v '^1 ')" ""
	for dev in "$type"/devices/*; do
		[ -e "$dev" ] || continue
		node=${dev##*/}
		tap_is "$node: its type" "$(readlink -f "$dev/type")" "$(readlink -f "$type")"
		tap_is "$node: its name" "$(cat "$type/name")" "${node%@*}"
		resources=$(cat "$type/dynamic_resources")
		for resource in $resources; do
			[ "$(stat -c %a "$dev/$resource")" = 444 ] &&
				[ "$(wc -l < "$dev/$resource")" -eq 1 ]
			tap_check $? "$node: has $resource"
		done
		[ -e "$dev/features" ] || continue
		contained "$(cat "$dev/features")" "$(cat "$type/compatible_features")"
		tap_check $? "$node: what it has negotiated is in compatible_features"
	done
done

tap_is "net: device id" "$(cat $types/virtio-net/compatible_virtio_device_id)" 1
tap_is "net: mtu" "$(cat $types/virtio-net/compatible_mtu)" "68 65535"
tap_is "blk: device id" "$(cat $types/virtio-blk/compatible_virtio_device_id)" 2
tap_is "blk: block sizes" "$(cat $types/virtio-blk/compatible_block_sizes)" "512 1024 2048 4096*"
tap_is "scsi: device id" "$(cat $types/virtio-scsi/compatible_virtio_device_id)" 8
tap_is "fs: a type without a device" "$(cat $types/virtio-fs/device_api)" virtio-pci
tap_is "net: over PCI" "$(cat $types/virtio-net/device_api)" virtio-pci
contained "ring_packed event_idx version_1 csum mq" "$(cat $types/virtio-net/compatible_features)"
tap_check $? "net: features of driver and rings"

# What no driver is loaded for is not known, and asking loads none.
modprobe -r virtio_balloon
tap_is "balloon: without a driver" "$(cat $types/virtio-balloon/compatible_features)" ""
tap_is "balloon: no module was loaded" "$(grep '^virtio_balloon ' /proc/modules)" ""
modprobe virtio_balloon
contained "stats_vq deflate_on_oom" "$(cat $types/virtio-balloon/compatible_features)"
tap_check $? "balloon: with its driver"

# Each hotplug port of this guest is empty or has one device.
ports=0 free=0
for bridge in /sys/bus/pci/devices/*; do
	[ "$(cat "$bridge/class")" = 0x060400 ] || continue
	ports=$((ports + 1))
	set -- "$bridge"/????:??:??.?
	[ -e "$1" ] || free=$((free + 1))
done
[ $ports -gt 0 ]
tap_check $? "there are ports"
for id in net blk fs; do
	tap_is "$id: free slots" "$(cat $types/virtio-$id/available_instances)" $free
done

sim=$class/sim/supported_types/sim
[ -d $sim ] || tap_done
room=$(cat $sim/available_instances)
tap_ok "sim: create" sh -c "echo 0x7e57 3 > $sim/create"
tap_is "sim: one less" "$(cat $sim/available_instances)" $((room - 1))
tap_is "sim: its targets" "$(cat $class/sim@0x0000000000007e57/targets)" 3
tap_is "sim: resources" "$(cat $sim/dynamic_resources)" targets
tap_not "sim: it is there already" sh -c "echo 0x7e57 > $sim/create"
tap_ok "sim: remove" sh -c "echo 0x7e57 > /sys/bus/drvio-sim/del_device"
tap_is "sim: one more" "$(cat $sim/available_instances)" "$room"
tap_done
