#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A management device that is a PCI function: a network device of the guest whose
# driver is vp_vdpa instead of virtio_pci, so that the guest offers it on.
#
#	0000:BB:DD.F, vp-vdpa --- svc1, virtio_vdpa --- virtioN, virtio_net

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

modprobe drvio-vdpa 2>/dev/null || tap_skip "no module drvio-vdpa"
modprobe -a vp_vdpa virtio_vdpa || tap_skip "no vp_vdpa"
set -- "$class"/virtio-net@0x01*
[ -e "$1" ] || tap_skip "no virtio network device over PCI"
place=${1##*@}
pci_path=$(dirname "$(readlink -f "$1/target0")")
pci=${pci_path##*/}
mgmt=vdpa-mgmtdev@$place
net=vdpa-net@0x04b14b1913cbdad4

driver() {
	driver_link=$(readlink "$1/driver")
	echo "${driver_link##*/}"
}
# take DRIVER: the function gets another driver
take() {
	echo "$pci" > "$pci_path/driver/unbind"
	echo "$1" > "$pci_path/driver_override"
	echo "$pci" > /sys/bus/pci/drivers_probe
}
at_exit() {
	vdpa dev del svc1 2>/dev/null
	rmmod drvio_vdpa
	echo > "$pci_path/driver_override"
	[ "$(driver "$pci_path")" = virtio-pci ] || {
		echo "$pci" > "$pci_path/driver/unbind"
		echo "$pci" > /sys/bus/pci/drivers_probe
	}
}
tap_at_exit at_exit
mac=$(cat "$class/virtio-net@$place/mac")

take vp-vdpa
tap_is "vp_vdpa has it" "$(driver "$pci_path")" vp-vdpa
tap_ok "a vDPA device of it" vdpa dev add name svc1 mgmtdev "pci/$pci"
udevadm settle
tap_is "it is known, at the place of the function" "$(readlink -f "$class/$mgmt/target0")" \
	"$pci_path"
tap_is "its client" "$(cat "$class/$mgmt/clients")" svc1
tap_is "and the client of that" "$(cat $class/$net/clients)" "virtio[0-9]*"
tap_is "which is a network device" "$(ls "$class/virtio-net@${net#*@}/target0/net")" "?*"
tap_is "with the address of the function" "$(cat $class/$net/mac)" "$mac"

tap_is "unconfigure with clients" "$(ask unconfigure "$mgmt")" "blocked configured*such as svc1*"
tap_is "it has its driver" "$(driver "$pci_path")" vp-vdpa
virtio=$(cat $class/$net/clients)
tap_is "a carrier above it, by force" "$(ask -c "$virtio" force-unconfigure "$mgmt")" \
	"failure configured*$virtio carries link*"
tap_is "the client: unconfigure" "$(ask unconfigure $net)" "ok unconfigured"
tap_is "still a client" "$(ask unconfigure "$mgmt")" "blocked configured*such as svc1*"
tap_is "the client: configure" "$(ask configure $net)" "ok configured"

vdpa dev del svc1
tap_is "without clients it is known nevertheless" "$(cat "$class/$mgmt/state"):$(cat "$class/$mgmt/clients")" \
	"configured:"
tap_is "unconfigure" "$(ask unconfigure "$mgmt")" "ok unconfigured"
tap_is "it is parked" "$(driver "$pci_path")" drvio-park
tap_is "its override is as it was" "$(cat "$pci_path/driver_override")" vp-vdpa
tap_not "nobody binds it by hand" sh -c "echo $pci > /sys/bus/pci/drivers/vp-vdpa/bind"
modprobe -r vp_vdpa && modprobe vp_vdpa
echo "$pci" > /sys/bus/pci/drivers_probe
tap_is "nor a module that loads" "$(driver "$pci_path")" drvio-park
tap_is "status" "$(ask status "$mgmt")" "ok unconfigured"
tap_is "configure" "$(ask configure "$mgmt")" "ok configured"
tap_is "it has its driver again" "$(driver "$pci_path")" vp-vdpa
tap_ok "and makes vDPA devices" vdpa dev add name svc1 mgmtdev "pci/$pci"
udevadm settle

tap_is "by force, with clients" "$(ask force-unconfigure "$mgmt")" "ok unconfigured"
tap_is "which have gone" "$(ls -d $class/$net "$class/virtio-net@${net#*@}" 2>/dev/null)" ""
modprobe -r vp_vdpa
tap_is "configure loads its module" "$(ask configure "$mgmt")" "ok configured"

# Another driver makes something else of it.
take ""
udevadm settle
tap_is "virtio_pci has it" "$(driver "$pci_path")" virtio-pci
tap_is "and it manages nothing" "$(ls -d "$class/$mgmt" 2>/dev/null)" ""
tap_is "but is a network device" "$(cat "$class/virtio-net@$place/mac")" "$mac"

# Another driver while it is parked.
take vp-vdpa
vdpa dev add name svc1 mgmtdev "pci/$pci" && vdpa dev del svc1
tap_is "unconfigure again" "$(ask unconfigure "$mgmt")" "ok unconfigured"
modprobe -r drvio_vdpa && modprobe drvio-vdpa
tap_is "the module forgets what nobody else knows" "$(ls -d "$class/$mgmt" 2>/dev/null)" ""
tap_is "and leaves it without a driver" "$(driver "$pci_path")" ""
echo vp-vdpa > "$pci_path/driver_override"
echo "$pci" > /sys/bus/pci/drivers_probe

# It goes.
tap_ok "a vDPA device again" vdpa dev add name svc1 mgmtdev "pci/$pci"
tap_ok "it is pulled" sh -c "echo 1 > $pci_path/remove"
tap_is "nodes are gone" "$(ls -d "$class/$mgmt" $class/$net 2>/dev/null)" ""
echo 1 > /sys/bus/pci/rescan
udevadm settle
tap_is "it comes back as a network device" "$(cat "$class/virtio-net@$place/mac")" "$mac"
tap_done
