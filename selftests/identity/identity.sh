#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Name and dev_id of virtio devices below parents that are not PCI, on devices
# of fake_virtio (selftests/modules); sysfs/device has the PCI paths.  The
# numbers are those of the contract, worked out by hand: FNV-1a is of the names
# "css0" and "fake-root".
#
# And what a driver's failing probe leads to, which only a fake driver does.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

modprobe -n fake_virtio 2>/dev/null || tap_skip "no module fake_virtio"
tap_at_exit "modprobe -r fake_virtio"
tap_ok "devices come" modprobe fake_virtio
udevadm settle

present() {
	for node in $1; do
		[ -e "$class/$node" ] || { echo "# no $node"; return 1; }
	done
}
places="virtio-clock@0x03000000000300ab virtio-clock@0x03000000fe001234
	virtio-clock@0x04d2b6909079d3d0 virtio-clock@0x0200000e00000200
	virtio-0x2d@0x049b3cd405dd3e37"
present "$places"
tap_check $? "each has its name and dev_id"
twice=$class/virtio-clock@0x03000000000300ab
[ -e "$twice/target0" ] && [ ! -e "$twice/target1" ]
tap_check $? "an id is one device's"
dmesg | grep -q "another device is virtio-clock@0x03000000000300ab already"
tap_check $? "the log says why the other is not offered"
tap_is "nobody took one" "$(cat "$class"/virtio-clock@*/state | sort -u)" unconfigured

modprobe -r drvio_virtio && modprobe drvio_virtio
present "$places"
tap_check $? "also those that were there before the module"

# No driver takes these, so they are parked.  What one does not tell is empty, or what a
# device without it has.
nic=virtio-net@0x04f7d61b310d9923
console=virtio-console@0x0453bd7074f8d5c0
p9=virtio-9p@0x043d23428f5c76e2
for dr in $nic $console $p9; do
	tap_is "${dr%@*}: configure" "$(ask configure "$dr")" "failure unconfigured*"
done
tap_is "a NIC that tells nothing" \
	"mac '$(cat $class/$nic/mac)' mtu '$(cat $class/$nic/mtu)' speed '$(cat $class/$nic/speed)' queue_pairs $(cat $class/$nic/queue_pairs)" \
	"mac '' mtu '' speed '' queue_pairs 1"
tap_is "a console without multiport" "$(cat $class/$console/max_ports)" 1
tap_is "9P without a tag" "$(cat $class/$p9/tag)" ""

# No driver in Linux, and no module to name: the alias is.
answer=$(ask configure virtio-clock@0x03000000000300ab)
tap_is "no driver" "$answer" "failure unconfigured*: no driver*virtio:d00000011v00001AF4*"

dr=virtio-0x2d@0x049b3cd405dd3e37
dev=$(readlink -f $class/$dr/target0)
dev=${dev##*/}
param=/sys/module/fake_virtio/parameters/probe_error
status() {
	cat "/sys/bus/virtio/devices/$dev/status"
}
tap_is "its driver took it" "$(driver_of "$dev")" fake_virtio
tap_is "a feature without a name" "$(cat $class/$dr/features)" "bit7 version_1"
answer=$(ask unconfigure $dr)
tap_is "nobody knows who uses an unknown device" "$answer" "blocked configured*"
tap_is "the reason says so" "$answer" "*: nobody knows what*virtio-0x2d*force*"
tap_is "it is still bound" "$(driver_of "$dev")" fake_virtio
tap_is "unconfigure by force" "$(ask force-unconfigure $dr)" "ok unconfigured"
tap_is "it is reset" "$(status)" 0x00000000

echo 5 > $param
answer=$(ask configure $dr)
tap_is "a probe that fails" "$answer" "failure unconfigured*"
tap_is "is named, with its error" "$answer" "*$dev: driver fake_virtio *EIO*"
tap_is "parked again" "$(driver_of "$dev")" drvio-park
tap_is "and reset" "$(status)" 0x00000000

# Somebody tries by hand in between and leaves the device marked as failed.
modprobe -r drvio_virtio
tap_not "by hand it fails too" sh -c "echo $dev > /sys/bus/virtio/drivers/fake_virtio/bind"
tap_is "and is marked as failed" "$(status)" 0x0000008?
echo 0 > $param
modprobe drvio_virtio
tap_is "configure" "$(ask configure $dr)" "ok configured"
tap_is "starts from a reset device" "$(status)" 0x0000000f

# A device that goes while it is parked.
tap_is "one is parked" "$(ask force-unconfigure $dr)" "ok unconfigured"
tap_ok "devices go" modprobe -r fake_virtio
[ -z "$(find $class/ -name "virtio-clock@*" -o -name "virtio-0x2d@*")" ]
tap_check $? "and their nodes"

# Devices and the module that looks for them come and go at the same time.
(
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		modprobe fake_virtio
		modprobe -r fake_virtio
	done
) &
rounds=0
while kill -0 $! 2>/dev/null; do
	modprobe -r drvio_virtio || break
	modprobe drvio_virtio || break
	rounds=$((rounds + 1))
done
wait
udevadm settle
echo "# the module was reloaded $rounds times"
[ $rounds -gt 0 ] && [ -z "$(find $class/ -name 'virtio-clock@*' -o -name 'virtio-0x2d@*')" ]
tap_check $? "no node is left of devices that went while the module loaded"
modprobe fake_virtio
present "$places"
tap_check $? "none is missed afterwards"
tap_done
