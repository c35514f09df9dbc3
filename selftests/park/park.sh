#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A parked device cannot be taken by what takes a device that is only unbound:
# the driver's bind file, the bus's drivers_probe, a driver that loads, udev.
#
# Functions that tap_ok and tap_not call look unreachable:
# shellcheck disable=SC2317

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

bus=/sys/bus/virtio
dev=
for link in "$bus"/drivers/virtio_net/virtio*; do
	[ -e "$link" ] && dev=${link##*/}
done
[ -n "$dev" ] || tap_skip "no virtio network device"
dr=$(dr_of "$dev") || tap_skip "$dev is no DR device"

put() {
	echo "$1" > "$2"
}
no_netdev() {
	! ls "$bus/devices/$dev/net"
}
trigger() {
	udevadm trigger --action=add --subsystem-match=virtio --settle
}
reload() {
	modprobe -r virtio_net && modprobe virtio_net && udevadm settle
}

# Each way does take a device that is only unbound, else it proves nothing.
for way in "put $dev $bus/drivers/virtio_net/bind" "put $dev $bus/drivers_probe" reload; do
	put "$dev" $bus/drivers/virtio_net/unbind
	tap_is "unbound by hand" "$(driver_of "$dev")" ""
	$way
	tap_is "and taken again: $way" "$(driver_of "$dev")" virtio_net
done

tap_is "unconfigure parks it" "$(ask unconfigure "$dr")" "ok unconfigured"
parked() {
	tap_is "$1: parked" "$(driver_of "$dev")" drvio-park
	tap_is "$1: the device is reset" "$(cat $bus/devices/"$dev"/status)" 0x00000000
	tap_ok "$1: no interface" no_netdev
}
parked "unconfigured"

tap_not "the bind file of the driver refuses" put "$dev" $bus/drivers/virtio_net/bind
parked "bind"
put "$dev" $bus/drivers_probe 2>/dev/null
parked "drivers_probe"
tap_ok "the driver unloads and loads" reload
parked "reload"
tap_ok "udev is triggered" trigger
parked "trigger"
tap_not "the parking driver has no unbind file" test -e $bus/drivers/drvio-park/unbind
tap_not "nor a bind file" test -e $bus/drivers/drvio-park/bind
tap_is "status says so" "$(ask status "$dr" | head -n 1)" "ok unconfigured"

# The module leaves: parked devices are without a driver, and anyone's.
modprobe -r drvio_virtio
tap_is "without the module it is unbound" "$(driver_of "$dev")" ""
modprobe drvio_virtio
tap_is "a new module does not park it" "$(driver_of "$dev")" ""

# The module of the driver is loaded for a configure that needs it.
modprobe -r virtio_net
tap_is "configure binds it" "$(ask configure "$dr")" "ok configured"
tap_is "to its driver" "$(driver_of "$dev")" virtio_net
tap_not "it has its interface back" no_netdev

# A driver that cannot be had is named.
tap_is "unconfigure" "$(ask unconfigure "$dr")" "ok unconfigured"
modprobe -r virtio_net
mkdir -p /run/modprobe.d
tap_at_exit "rm -f /run/modprobe.d/selftests.conf"
echo "install virtio_net /bin/false" > /run/modprobe.d/selftests.conf
answer=$(ask configure "$dr")
tap_is "configure without a driver fails" "$answer" "failure unconfigured*"
tap_is "and names the module" "$answer" "*$dev: no driver*virtio_net*"
tap_is "it is parked again" "$(driver_of "$dev")" drvio-park
rm -f /run/modprobe.d/selftests.conf
tap_is "configure with the driver" "$(ask configure "$dr")" "ok configured"

# Many times, while somebody else wants it.
rival() {
	while :; do
		put "$dev" $bus/drivers_probe
	done 2>/dev/null
}
rival &
rival=$!
tap_at_exit "kill $rival 2>/dev/null"
round=0
while [ $round -lt 10 ]; do
	round=$((round + 1))
	answer=$(ask unconfigure "$dr") || break
	[ "$(driver_of "$dev")" = drvio-park ] || { answer="not parked in round $round"; break; }
	answer=$(ask configure "$dr") || break
	[ "$(driver_of "$dev")" = virtio_net ] || { answer="not bound in round $round"; break; }
done
kill $rival
tap_is "ten rounds against a rival" "$answer" "ok configured"
tap_done
