#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and services: who uses one is named, and what is idle above it is
# released as if it were asked for by itself.

# shellcheck source-path=SCRIPTDIR source=../helper/real.sh
. ../helper/real.sh

modprobe drvio-vdpa 2>/dev/null || tap_skip "no module drvio-vdpa"
modprobe -a vdpa_sim_net vdpa_sim_blk virtio_vdpa vhost_vdpa || tap_skip "no vdpa_sim"
# drvio-vdpa would hold drvio-virtio, which other tests load anew.
tap_at_exit "vdpa dev del svc0; vdpa dev del svcblk; rmmod drvio_vdpa; modprobe -r vdpa_sim_net vdpa_sim_blk"

bus=/sys/bus/vdpa
net=vdpa-net@0x04b14c1913cbdc87
blk=vdpa-blk@0x047181282957fe98
mgmt=vdpa-mgmtdev@0x04769fe9663e110f
vdpa dev add name svc0 mgmtdev vdpasim_net mac 52:54:00:d7:20:01
vdpa dev add name svcblk mgmtdev vdpasim_blk
udevadm settle

nic() {
	ls "$bus/devices/svc0/"virtio*/net
}
disk() {
	ls "$bus/devices/svcblk/"virtio*/block
}

# --- Network ---

ip link set "$(nic)" up
ip addr add 192.0.2.1/24 dev "$(nic)"
ip route add default via 192.0.2.254
answer=$(request unconfigure $net)
tap_is "net: the last default route is over its interface" "$answer" \
	"blocked configured*Resource*Information*$(nic) *last default route*"
ip route del default
ip netns add selftest
ip link set "$(nic)" netns selftest
answer=$(request unconfigure $net)
tap_is "net: its interface is elsewhere" "$answer" \
	"blocked configured*virtio*another network namespace*"
ip netns del selftest
eventually nic
ip addr flush dev "$(nic)"
tap_is "net: idle" "$(request unconfigure $net)" "ok unconfigured"
tap_is "net: configure" "$(request configure $net)" "ok configured"
tap_is "net: its interface is up" "$(ip link show "$(nic)")" "*[<,]UP[,>]*"

# --- Virtual machines ---

echo svc0 > $bus/drivers/virtio_vdpa/unbind
echo svc0 > $bus/drivers/vhost_vdpa/bind
udevadm settle
node=/dev/$(cat $class/$net/clients)
user_start "$node"
for verb in unconfigure force-unconfigure; do
	tap_is "vhost: $verb while it is open" "$(request $verb $net)" \
		"failure configured*$node *sleep (pid $user_pid)*not even force"
done
user_stop
tap_is "vhost: closed" "$(request unconfigure $net)" "ok unconfigured"
tap_is "vhost: configure" "$(request configure $net)" "ok configured"

# --- Block ---

mnt=/run/selftest.mnt
mkdir -p $mnt
tap_at_exit "umount $mnt 2>/dev/null; rmdir $mnt"
mkfs.ext4 -q -F -L selftest.svc "/dev/$(disk)"
udevadm settle
echo "LABEL=selftest.svc $mnt ext4 defaults 0 0" >> "$fstab"
mount $mnt
echo text > $mnt/file
user_start $mnt/file
tap_is "blk: mounted, with a file open" "$(request unconfigure $blk)" \
	"blocked configured*$mnt *sleep (pid $user_pid)*"
user_stop
tap_is "blk: mounted and idle" "$(request unconfigure $blk)" "ok unconfigured"
tap_not "blk: it is unmounted" mountpoint -q $mnt
tap_is "blk: configure" "$(request configure $blk)" "ok configured"
tap_is "blk: it is mounted again" "$(cat $mnt/file)" text
umount $mnt

# --- What manages them ---

tap_is "on no bus" "$(request unconfigure $mgmt)" \
	"failure configured*Resource*Information*vdpasim_net *on no bus*vdpa dev del*"
tap_is "on no bus, by force" "$(request force-unconfigure $mgmt)" "failure configured*on no bus*"

set -- "$class"/virtio-net@0x01*
if [ -e "$1" ] && modprobe vp_vdpa; then
	place=${1##*@}
	pci_path=$(dirname "$(readlink -f "$1/target0")")
	pci=${pci_path##*/}
	take() {
		echo "$pci" > "$pci_path/driver/unbind"
		echo "$1" > "$pci_path/driver_override"
		echo "$pci" > /sys/bus/pci/drivers_probe
		udevadm settle
	}
	tap_at_exit "take ''"
	take vp-vdpa
	vdpa dev add name svc1 mgmtdev "pci/$pci"
	udevadm settle
	answer=$(request unconfigure "vdpa-mgmtdev@$place")
	tap_is "a function with a vDPA device" "$answer" \
		"blocked configured*Resource*Information*svc1 *used by virtio_vdpa*vdpa dev del svc1*"
	vdpa dev del svc1
	tap_is "without" "$(request unconfigure "vdpa-mgmtdev@$place")" "ok unconfigured"
	tap_is "configure" "$(request configure "vdpa-mgmtdev@$place")" "ok configured"

	# The interface above is not below the vDPA device in sysfs.
	vdpa dev add name svc1 mgmtdev "pci/$pci"
	udevadm settle
	nic=$(ls "$class/virtio-net@0x04b14b1913cbdad4/target0/net")
	ip link set "$nic" up
	ip addr add 192.0.2.1/24 dev "$nic"
	ip route add default via 192.0.2.254
	tap_is "its vDPA device: the last default route is over its interface" \
		"$(request unconfigure vdpa-net@0x04b14b1913cbdad4)" \
		"blocked configured*$nic *last default route*"
	ip route del default
	tap_is "idle" "$(request unconfigure vdpa-net@0x04b14b1913cbdad4)" "ok unconfigured"
	vdpa dev del svc1
fi
tap_done
