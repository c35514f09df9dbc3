#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and force: what it ends, detaches and gives up, and only where the
# policy lets it; and steps that hang, with force and without it.
#
#	drvio1, virtio-blk, the tests' own to format; for what hangs with a
#	device-mapper device on it

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
hook=/etc/drvio/hooks.d/selftest
mkdir -p $mnt /etc/drvio/hooks.d
: > $fstab
modprobe dm_mod
tap_at_exit "rm -rf $hook /etc/drvio/drvio.conf; dmsetup resume selftest 2>/dev/null; umount -l $mnt 2>/dev/null; dmsetup remove --retry selftest 2>/dev/null; rmdir $mnt"

# The policy for the disk's type, a line an argument.
policy() {
	printf '[virtio-blk]\n' > /etc/drvio/drvio.conf
	[ $# -eq 0 ] || printf '%s\n' "$@" >> /etc/drvio/drvio.conf
}
again() {
	tap_is "$1: configured again" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	udevadm settle
}
# A process that ignores SIGTERM, with a file open.
stubborn_start() {
	(trap '' TERM; exec sleep 1000 3< "$1") &
	user_pid=$!
	tap_at_exit "kill -9 $user_pid 2>/dev/null"
	eventually grep -q '^sleep' /proc/$user_pid/comm
}
lives() {
	[ -e "/proc/$1" ] && ! grep -q '^State:.*zombie' "/proc/$1/status"
}
dies() {
	! lives "$1"
}
# What the kernel's log has since the line that mark() wrote there.
mark() {
	mark="selftest $$ $1"
	echo "$mark" > /dev/kmsg
}
since() {
	dmesg | sed "1,/$mark/d"
}
# before PATTERN PATTERN: both were told, in this order
before() {
	since | sed -n "/$1/,\$p" | grep -q "$2"
}

mkfs.ext4 -q -F "/dev/$disk"
udevadm settle
mount "/dev/$disk" $mnt
echo text > $mnt/file

# --- Processes ---

sleep 1000 3< /etc/passwd &
bystander=$!
tap_at_exit "kill $bystander 2>/dev/null"
user_start $mnt/file
policy
tap_is "kill = no" "$(request force-unconfigure "$dr")" "ok unconfigured"
tap_ok "kill = no: the process lives" lives $user_pid
tap_not "kill = no: what it had open was detached" grep -q " $mnt " /proc/mounts
user_stop
again "kill = no"

mount "/dev/$disk" $mnt
stubborn_start $mnt/file
stubborn=$user_pid
user_start $mnt/file
policy "kill = yes" "kill_timeout_ms = 500"
answer=$(request unconfigure "$dr")
tap_is "kill = yes, without force: blocked" "$answer" "blocked configured*sleep (pid $user_pid)*"
tap_ok "kill = yes, without force: the process lives" lives $user_pid
mark kill
tap_is "kill = yes" "$(request force-unconfigure "$dr")" "ok unconfigured"
tap_ok "kill = yes: the process is ended" dies $user_pid
tap_ok "kill = yes: so is one that ignores SIGTERM" dies "$stubborn"
tap_ok "kill = yes: not one that does not use it" lives $bystander
tap_ok "kill = yes: it was told before" \
	before "by force: .*sleep (pid $user_pid)" "sleep (pid $user_pid) uses it, and is ended"
tap_not "kill = yes: nothing was detached" sh -c "dmesg | sed '1,/$mark/d' | grep -q 'was detached'"
again "kill = yes"
mount "/dev/$disk" $mnt
tap_is "kill = yes: nothing is lost" "$(cat $mnt/file)" text
umount $mnt

# What the system runs on is not even begun with.
mkdir -p /boot
mount "/dev/$disk" /boot
user_start /boot/file
answer=$(request force-unconfigure "$dr")
tap_is "kill = yes, /boot: fails" "$answer" "failure configured*/boot *not even by force*"
tap_ok "kill = yes, /boot: the process lives" lives $user_pid
tap_ok "kill = yes, /boot: it stays mounted" grep -q "^/dev/$disk /boot " /proc/mounts
user_stop
umount /boot
rmdir /boot

# --- A mount namespace of a process ---

policy
mount "/dev/$disk" $mnt
unshare -m --propagation private sleep 1000 &
user_pid=$!
tap_at_exit "kill $user_pid 2>/dev/null"
eventually grep -q '^sleep' /proc/$user_pid/comm
policy "force = no"
answer=$(request force-unconfigure "$dr")
tap_is "a private namespace, force = no: fails by name" "$answer" \
	"failure configured*private mount namespace of sleep (pid $user_pid)*force = no*"
tap_ok "a private namespace, force = no: it is mounted here" grep -q " $mnt " /proc/mounts
policy "force_unmount = no"
answer=$(request force-unconfigure "$dr")
tap_is "a private namespace, force_unmount = no: fails by name" "$answer" \
	"failure configured*namespace of sleep (pid $user_pid)*force_unmount = no*"
tap_ok "a private namespace, force_unmount = no: it is mounted here again" \
	grep -q " $mnt " /proc/mounts
tap_ok "a private namespace, force_unmount = no: and there" grep -q " $mnt " "/proc/$user_pid/mounts"
policy
tap_is "a private namespace" "$(request force-unconfigure "$dr")" "ok unconfigured"
tap_not "a private namespace: not mounted here" grep -q " $mnt " /proc/mounts
tap_not "a private namespace: nor there" grep -q " $mnt " "/proc/$user_pid/mounts"
tap_ok "a private namespace: its process lives" lives $user_pid
user_stop
again "a private namespace"

# --- What hangs ---

dmsetup create selftest --table "0 65536 linear /dev/$disk 2048"
mkfs.ext4 -q -F /dev/mapper/selftest
mount /dev/mapper/selftest $mnt
policy "stall_timeout_ms = 1000"
dmsetup suspend --nolockfs selftest
answer=$(request unconfigure "$dr")
tap_is "suspended: blocked" "$answer" \
	"blocked configured*selftest *is suspended*dmsetup resume selftest*"
tap_ok "suspended: nothing was released" grep -q " $mnt " /proc/mounts
tap_is "suspended, by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
tap_not "suspended, by force: nothing is left" dmsetup info selftest
again "suspended"

# It is suspended after the look, when all is idle.
suspended_later() {
	{
		echo "#!/bin/sh"
		echo "# drvio-hook: events=pre-remove"
		echo "dmsetup suspend --nolockfs selftest"
	} > $hook
	chmod 755 $hook
	dmsetup create selftest --table "0 65536 linear /dev/$disk 2048"
	mount /dev/mapper/selftest $mnt
}

suspended_later
echo more > $mnt/file
began=$(cut -d . -f 1 /proc/uptime)
answer=$(request unconfigure "$dr")
took=$(($(cut -d . -f 1 /proc/uptime) - began))
tap_is "an unmount hangs: blocked" "$answer" "blocked configured*selftest *is suspended*"
tap_ok "an unmount hangs: not for long" [ $took -lt 20 ]
tap_ok "an unmount hangs: no lock is left" eventually sh -c "! ls /run/drvio/*.lock"
dmsetup resume selftest
eventually sh -c "! dmsetup info selftest | grep -q SUSPENDED"
rm $hook
# The unmount has ended by now, or the mount that puts it back; what was given up is
# put back by the next start.
tap_ok "an unmount hangs: the next start puts it back" eventually sh -c "$helper recover '$dr' && grep -q ' $mnt ' /proc/mounts"
tap_not "an unmount hangs: no journal is left" ls "/run/drvio/$dr.journal"
tap_is "an unmount hangs: nothing is lost" "$(cat $mnt/file)" more
tap_is "resumed" "$(request unconfigure "$dr")" "ok unconfigured"
again "resumed"

suspended_later
echo lost > $mnt/file
mark hang
tap_is "suspended after the look, by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
tap_not "suspended after the look, by force: not mounted" grep -q " $mnt " /proc/mounts
tap_ok "suspended after the look, by force: it was told" sh -c "dmesg | sed '1,/$mark/d' | grep -q 'is suspended, and is resumed'"
tap_ok "suspended after the look, by force: nothing is left" eventually sh -c "! dmsetup info selftest"
rm -f $hook
again "suspended after the look, by force"
tap_done
