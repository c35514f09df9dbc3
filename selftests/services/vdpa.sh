#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Services: vDPA devices, and what manages them without being on a bus.
#
#	management device   vDPA device   driver        client
#	vdpasim_net ------- svc0 -------- virtio_vdpa - virtioN (virtio_net)
#	                            or -- vhost_vdpa -- /dev/vhost-vdpa-N
#	vdpasim_blk ------- svcblk ------ virtio_vdpa - virtioM (virtio_blk)
#
# The ids are those of the contract, worked out by hand: FNV-1a of the names.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

modprobe drvio-vdpa 2>/dev/null || tap_skip "no module drvio-vdpa"
modprobe -a vdpa_sim_net vdpa_sim_blk virtio_vdpa vhost_vdpa || tap_skip "no vdpa_sim"
# drvio-vdpa would hold drvio-virtio, which other tests load anew.
tap_at_exit "vdpa dev del svc0; vdpa dev del svcblk; rmmod drvio_vdpa; modprobe -r vdpa_sim_net vdpa_sim_blk"

bus=/sys/bus/vdpa
types=$class/vdpa/supported_types
net=vdpa-net@0x04b14c1913cbdc87 virtio_net=virtio-net@0x04b14c1913cbdc87
blk=vdpa-blk@0x047181282957fe98
mgmt=vdpa-mgmtdev@0x04769fe9663e110f
mgmt_blk=vdpa-mgmtdev@0x04b710e9543ba283

bound() {
	bound_link=$(readlink "$bus/devices/$1/driver")
	echo "${bound_link##*/}"
}
client() {
	cat "$class/$1/clients"
}

for type in net blk mgmtdev; do
	tap_is "$type: device_api" "$(cat "$types/vdpa-$type/device_api")" virtio-vdpa
	tap_is "$type: none can be added by the host" \
		"$(cat "$types/vdpa-$type/available_instances")" 0
done
tap_is "net: device id" "$(cat $types/vdpa-net/compatible_virtio_device_id)" 1
tap_is "blk: device id" "$(cat $types/vdpa-blk/compatible_virtio_device_id)" 2
tap_is "a management device without vDPA devices is not seen" \
	"$(ls -d "$class"/vdpa-mgmtdev@* 2>/dev/null)" ""

tap_ok "a network service" vdpa dev add name svc0 mgmtdev vdpasim_net \
	mac 52:54:00:d7:20:01 mtu 1400
tap_ok "a block service" vdpa dev add name svcblk mgmtdev vdpasim_blk
udevadm settle
for dr in $net $virtio_net $blk $mgmt $mgmt_blk; do
	[ -d "$class/$dr" ]
	tap_check $? "$dr is there"
done
tap_is "its target" "$(readlink -f $class/$net/target0)" "*/svc0"
tap_is "its type" "$(readlink -f $class/$net/type)" "$(readlink -f $types/vdpa-net)"

# The values that it was made with.
tap_is "net: mac" "$(cat $class/$net/mac)" 52:54:00:d7:20:01
tap_is "net: mtu" "$(cat $class/$net/mtu)" 1400
tap_is "net: device_features" "$(cat $class/$net/device_features)" "*mtu*mac*version_1*"
tap_is "net: max_vqs" "$(cat $class/$net/max_vqs)" 3
tap_is "blk: capacity" "$(cat $class/$blk/capacity)" \
	"$(cat "/sys/block/$(ls "$bus/devices/svcblk/"virtio*/block)/size")"
tap_is "blk: max_vq_size" "$(cat $class/$blk/max_vq_size)" 256
tap_is "net: client" "$(client $net)" "$(basename "$(readlink -f $class/$virtio_net/target0)")"
tap_is "management device: clients" "$(client $mgmt) $(client $mgmt_blk)" "svc0 svcblk"
tap_is "clients are no resource" "$(cat $types/vdpa-net/dynamic_resources)" \
	"device_features max_vqs max_vq_size mac mtu"

# --- A vDPA device ---

tap_is "status" "$(ask status $net | head -n 1)" "ok configured"
tap_is "unconfigure" "$(ask unconfigure $net)" "ok unconfigured"
tap_is "it is parked" "$(bound svc0)" drvio-park
tap_is "no client is left" "$(client $net)" ""
tap_is "nor the virtio device" "$(ls -d $class/$virtio_net 2>/dev/null)" ""
tap_is "its values are there" "$(cat $class/$net/mac)" 52:54:00:d7:20:01
tap_is "once more" "$(ask unconfigure $net)" "ok unconfigured"
tap_not "nobody binds it by hand" sh -c "echo svc0 > $bus/drivers/virtio_vdpa/bind"
echo svc0 > /sys/bus/vdpa/drivers_probe
modprobe -r vhost_vdpa && modprobe vhost_vdpa
tap_is "nor a module that loads" "$(bound svc0)" drvio-park
tap_is "configure" "$(ask configure $net)" "ok configured"
tap_is "it has its driver" "$(bound svc0)" virtio_vdpa
[ -d $class/$virtio_net ]
tap_check $? "and its virtio device"
tap_is "a configure that the helper refuses" \
	"$(ask unconfigure $net; ask -a 'failed no good' configure $net)" \
	"ok unconfigured*failure unconfigured*no good"
tap_is "is undone" "$(bound svc0)" drvio-park
tap_is "configure again" "$(ask configure $net)" "ok configured"

# What carries a link is above it.
virtio=$(client $net)
tap_is "the carrier of the link" "$(ask -c "$virtio" unconfigure $net)" \
	"failure configured*$virtio carries link*"
tap_is "not even by force" "$(ask -c "$virtio" force-unconfigure $net)" \
	"failure configured*$virtio carries link*"
tap_is "it still has its driver" "$(bound svc0)" virtio_vdpa

# For virtual machines of this guest.
echo svc0 > $bus/drivers/virtio_vdpa/unbind
echo svc0 > $bus/drivers/vhost_vdpa/bind
udevadm settle
tap_is "vhost: client" "$(client $net)" "vhost-vdpa-[0-9]*"
tap_is "vhost: unconfigure" "$(ask unconfigure $net)" "ok unconfigured"
tap_is "vhost: configure" "$(ask configure $net)" "ok configured"
tap_is "vhost: the driver that it had" "$(bound svc0)" vhost_vdpa

# The kernel's last look.
disk=$(ls "$bus/devices/svcblk/"virtio*/block)
exec 5< "/dev/$disk"
tap_is "blk: open" "$(ask unconfigure $blk)" "blocked configured*$disk is open*"
tap_is "blk: it still has its driver" "$(bound svcblk)" virtio_vdpa
exec 5<&-
tap_is "blk: closed" "$(ask unconfigure $blk)" "ok unconfigured"
tap_is "blk: configure" "$(ask configure $blk)" "ok configured"
disk=$(ls "$bus/devices/svcblk/"virtio*/block)
exec 5< "/dev/$disk"
tap_is "blk: open, by force" "$(ask -a "blocked $disk is open" force-unconfigure $blk)" \
	"ok unconfigured"
exec 5<&-

# Without its driver's module it is loaded again.
tap_is "net: unconfigure" "$(ask unconfigure $net)" "ok unconfigured"
modprobe -r vhost_vdpa virtio_vdpa
tap_is "blk: configure loads the module" "$(ask configure $blk)" "ok configured"
tap_is "blk: which has bound it" "$(bound svcblk)" virtio_vdpa
mkdir -p /etc/modprobe.d
echo "install vhost_vdpa /bin/false" > /etc/modprobe.d/drvio-selftest.conf
tap_is "net: configure without that module" "$(ask configure $net)" \
	"failure unconfigured*svc0: its driver vhost_vdpa is not there: load that module*"
tap_is "net: is parked again" "$(bound svc0)" drvio-park
rm /etc/modprobe.d/drvio-selftest.conf
tap_is "net: configure loads the module" "$(ask configure $net)" "ok configured"
tap_is "net: which has bound it" "$(bound svc0)" vhost_vdpa
tap_is "net: unconfigure" "$(ask unconfigure $net)" "ok unconfigured"

# --- What is on no bus ---

for verb in unconfigure force-unconfigure; do
	tap_is "$verb of what is on no bus" "$(ask $verb $mgmt)" \
		"failure configured*vdpasim_net: it is on no bus*vdpa dev del*"
done
tap_is "it is configured" "$(ask configure $mgmt)" "ok configured"

# --- They come and go ---

tap_ok "the module goes while one is parked" modprobe -r drvio_vdpa
tap_is "that one has no driver" "$(bound svc0)" ""
tap_ok "and comes back" modprobe drvio-vdpa
tap_is "one with a driver, one without" "$(cat $class/$net/state $class/$blk/state | tr '\n' ' ')" \
	"unconfigured configured "
tap_is "what manages them is known" "$(client $mgmt) $(client $mgmt_blk)" "svc0 svcblk"
tap_is "configure, of what had no driver" "$(ask configure $net)" "ok configured"
tap_is "to virtio" "$(bound svc0)" virtio_vdpa

tap_ok "one goes" vdpa dev del svc0
tap_is "its node, and of what managed it" "$(ls -d $class/$net $class/$mgmt 2>/dev/null)" ""
tap_is "the other stays" "$(client $mgmt_blk)" svcblk
tap_is "configure of what has gone" "$(ask configure $net | head -n 1)" "not-in-md not-present"
tap_ok "the module of the other goes" modprobe -r vdpa_sim_blk
tap_is "with all of its nodes" "$(ls -d $class/$blk $class/$mgmt_blk 2>/dev/null)" ""

# Services and the module that looks for them come and go at the same time.
(
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		vdpa dev add name svc0 mgmtdev vdpasim_net
		vdpa dev del svc0
	done
) &
rounds=0
while kill -0 $! 2>/dev/null; do
	modprobe -r drvio_vdpa || break
	modprobe drvio-vdpa || break
	rounds=$((rounds + 1))
done
wait
echo "# the module was reloaded $rounds times"
[ $rounds -gt 0 ] && [ -z "$(ls -d $class/vdpa-*@* 2>/dev/null)" ]
tap_check $? "no node is left of services that went while the module loaded"
tap_done
