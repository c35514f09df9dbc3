#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The modules leave and come back: nodes go and return, a device in use stays
# bound, and what was registered with the service is asked for again.

n=0
failed=0
check() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n $2"
	else
		echo "not ok $n $2"
		failed=1
	fi
}

class=/sys/class/drvio
echo "TAP version 13"
echo "1..9"

before=$(ls $class)
bound=$(ls -d /sys/bus/virtio/drivers/virtio_net/virtio*)

# rmmod, for modprobe -r would take drvio along where nothing else uses it.
rmmod drvio_virtio
check $? "drvio-virtio unloads"
[ -z "$(find $class -name "virtio*")" ]
check $? "its bus and devices are gone from sysfs"
[ "$(ls -d /sys/bus/virtio/drivers/virtio_net/virtio*)" = "$bound" ]
check $? "the devices keep their drivers"
modprobe drvio_virtio
check $? "drvio-virtio loads again"
udevadm settle
[ "$(ls $class)" = "$before" ]
check $? "the same nodes are back"

if rmmod drvio 2>/dev/null; then false; else true; fi
check $? "drvio refuses to go while drvio-virtio uses it"
[ -d $class/service ]
check $? "and is whole"

# A second load of what is loaded is no error.
modprobe drvio && modprobe drvio-virtio
check $? "loading twice changes nothing"
[ "$(ls $class)" = "$before" ]
check $? "the same nodes are there"
exit $failed
