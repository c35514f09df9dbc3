#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The real drvio-helper, big-endian: virtio devices and ports of the vio bus.  The
# disk is the one with the serial number drvio1.

# shellcheck source-path=SCRIPTDIR source=../helper/real.sh
. ../helper/real.sh

stage=/sys/module/sun4v_stage/parameters/change
[ -e $stage ] || tap_skip "no sun4v_stage: this guest is no logical domain"
mnt=/run/selftest.mnt
mkdir -p $mnt
mounted() {
	grep -q " $mnt ext2 " /proc/mounts
}

# --- A filesystem ---

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk")
busybox mkfs.ext2 -L selftest "/dev/$disk" >/dev/null
udevadm trigger --action=change "/dev/$disk"
udevadm settle
echo "LABEL=selftest $mnt ext2 noatime 0 0" >> $fstab
tap_is "a disk that nobody uses" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "configure" "$(request configure "$dr")" "ok configured"
disk=$(disk_of drvio1)
tap_ok "the answer came after the mount" mounted
echo text > $mnt/file
user_start $mnt/file
tap_is "an open file" "$(request unconfigure "$dr")" \
	"blocked configured*Resource*Information*file open: $mnt/file, by sleep (pid $user_pid)*"
tap_ok "stays mounted" mounted
user_stop
tap_is "an idle filesystem" "$(request unconfigure "$dr")" "ok unconfigured"
tap_not "is not mounted any more" mounted
tap_is "configure again" "$(request configure "$dr")" "ok configured"
tap_is "the file is there" "$(cat $mnt/file)" text
user_start $mnt/file
tap_is "force" "$(request force-unconfigure "$dr")" "ok unconfigured"
user_stop
tap_is "configure after force" "$(request configure "$dr")" "ok configured"
umount $mnt 2>/dev/null

# --- An interface ---

for link in /sys/bus/virtio/drivers/virtio_net/virtio*; do
	dr=$(dr_of "${link##*/}")
done
# The interface of a device.
nic() {
	basename "$class/$1/target0/net"/*
}
# What keeps an interface, of a device on any bus.
interface() {
	tap_is "an interface of $1" "$(request unconfigure "$1")" "ok unconfigured"
	tap_not "is not there" test -e "$class/$1/target0/net"
	tap_is "configure an interface" "$(request configure "$1")" "ok configured"
	tap_ok "is up" test $(($(cat "$class/$1/target0/net"/*/flags) & 1)) -eq 1
	ip addr add 192.0.2.1/24 dev "$(nic "$1")"
	ip route add default via 192.0.2.2
	tap_is "the last default route" "$(request unconfigure "$1")" "blocked configured*Resource*default*"
	tap_ok "stays" ip route get 192.0.2.9
	tap_is "of which force knows nothing" "$(request force-unconfigure "$1")" "ok unconfigured"
	tap_is "and back" "$(request configure "$1")" "ok configured"
}
interface "$dr"

# --- Ports of the vio bus ---

net=network@0x000000000000000b
echo "add vnet-port 11 0 network" > $stage
echo "add vnet-port 11 1 network" > $stage
interface $net
vdisk=disk@0x0000000000000004
echo "add vdc-port 4 0 disk" > $stage
udevadm settle
tap_is "a vdisk" "$(request configure $vdisk)" "ok configured"
user_start /dev/vdisk4
tap_is "an open vdisk" "$(request unconfigure $vdisk)" \
	"blocked configured*Resource*Information*open in sleep (pid $user_pid)*"
user_stop
tap_is "a closed one" "$(request unconfigure $vdisk)" "ok unconfigured"

# --- What administrators see ---

tap_is "drvioctl list" "$(drvioctl list)" "*$vdisk*unconfigured*"
tap_is "drvioctl -j list" "$(drvioctl -j list)" "*\"$net\"*"
tap_is "drvioctl check" "$(drvioctl check $net)" "$net: yes"
echo "remove vdc-port 4 0 disk" > $stage
echo "remove vnet-port 11 1 network" > $stage
echo "remove vnet-port 11 0 network" > $stage
tap_done
