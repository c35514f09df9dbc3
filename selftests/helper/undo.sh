#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What drvio-helper took down comes back as it was: when the kernel refuses after
# the ack, and when the helper was killed in the middle, by the event "undo" or
# by the next start.
#
# The helper is held in the middle of a request by an "ack" that is a FIFO, in a
# shadow of sysfs.

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
bind=/run/selftest.bind
mkdir -p $mnt $bind
tap_at_exit "swapoff -a; umount $bind $mnt 2>/dev/null; rm -rf $mnt $bind $shadow"

shadow_of "$dr"
for file in "$class/$dr"/* "$class/$dr"/request/*; do
	[ -d "$file" ] && [ ! -h "$file" ] && continue
	ln -sf "$file" "$shadow/class/drvio/$dr/${file#"$class/$dr/"}"
done
rm "$shadow/class/drvio/$dr/ack"
ln -sfn "$(readlink -f "$class/$dr/target0")" "$shadow/class/drvio/$dr/target0"
mkfifo "$shadow/class/drvio/$dr/ack"

# A request begins, and the helper works on it up to the ack.
begin() {
	rule_off
	: > /run/selftest.answer
	request unconfigure "$dr" > /run/selftest.answer &
	asker=$!
	eventually grep -q userspace "$class/$dr/request/phase"
	cookie=$(cat "$class/$dr/request/cookie")
	$helper --sysfs $shadow request "$dr" "$cookie" &
	pid=$!
	tap_at_exit "kill $pid 2>/dev/null"
	tap_ok "$1: released, and about to ack" eventually down
}
# From now on the kernel waits no longer than half a second for the ack.
give_up() {
	echo 500 > $class/service/ack_timeout_ms
	echo "$cookie progress" > "$class/$dr/ack"
	echo "$real_timeout" > $class/service/ack_timeout_ms
}
down() {
	! grep -q "/dev/$disk" /proc/mounts && [ "$(wc -l < /proc/swaps)" -eq 1 ]
}
state() {
	findmnt -n -o TARGET,SOURCE,FSTYPE,OPTIONS,PROPAGATION $mnt
	findmnt -n -o TARGET,SOURCE,FSTYPE,OPTIONS,PROPAGATION $bind
	sed 's|[^ ]*$|&|' /proc/swaps
}
restored() {
	tap_ok "$1: all is as it was" eventually as_before
	as_before || differs
	tap_ok "$1: and works" cmp $mnt/dir/file $bind/file
	tap_ok "$1: no journal is left" eventually no_journal
}

mkfs.ext4 -q -F "/dev/$disk"
mount -o noatime,nosuid,errors=remount-ro,commit=7 "/dev/$disk" $mnt
mount --make-private $mnt
mkdir $mnt/dir
echo text > $mnt/dir/file
dd if=/dev/zero of=$mnt/swap bs=1M count=8 2>/dev/null
chmod 600 $mnt/swap
mkswap $mnt/swap >/dev/null
swapon -p 5 $mnt/swap
mount --bind $mnt/dir $bind
mount -o remount,bind,ro $bind
before=$(state)

# The kernel's last look refuses, because of a user who came after the helper's.
begin "a late user"
exec 4< "/dev/$disk"
line=$(cat "$shadow/class/drvio/$dr/ack")
tap_is "a late user: the helper says ok" "$line" "$cookie ok"
wait $pid
rule_on
echo "$line" > "$class/$dr/ack"
wait $asker
exec 4<&-
tap_is "a late user: the kernel refuses" "$(cat /run/selftest.answer)" \
	"blocked configured*$disk is open*"
restored "a late user"

# Killed, and the kernel gives up on it.
begin "killed"
kill -9 $pid
rule_on
give_up
wait $asker
tap_is "killed: no ack in time" "$(cat /run/selftest.answer)" "failure configured*did not answer in time*"
restored "killed"

# Killed, and the event is missed: the next start finds the journal.
begin "killed, no undo"
kill -9 $pid
give_up
wait $asker
tap_is "killed, no undo: no ack in time" "$(cat /run/selftest.answer)" "failure configured*"
sleep 0.5
tap_ok "killed, no undo: it is still released" down
rule_on
exec 4< "/dev/$disk"
answer=$(request unconfigure "$dr")
exec 4<&-
tap_is "killed, no undo: the next request is refused" "$answer" "blocked configured*/dev/$disk *open in*"
restored "killed, no undo"

# The request is over before the helper's ack.
begin "too late"
give_up
wait $asker
line=$(cat "$shadow/class/drvio/$dr/ack")
tap_is "too late: the helper says ok" "$line" "$cookie ok"
wait $pid
tap_not "too late: the kernel does not take it" sh -c "echo '$line' > $class/$dr/ack"
rule_on
tap_ok "too late: undone by hand" $helper undo "$dr" "$cookie"
restored "too late"

# A disk that went and came is another one: nothing is mounted on it.
begin "another disk"
kill -9 $pid
$helper --sysfs $shadow "done" "nosuch@0x1" 2>/dev/null
cp "/run/drvio/$dr.journal" /run/selftest.journal
echo "$cookie ok" > "$class/$dr/ack"
wait $asker
tap_is "another disk: unconfigured" "$(cat /run/selftest.answer)" "ok unconfigured"
rule_on
tap_is "another disk: configured" "$(request configure "$dr")" "ok configured"
disk=$(disk_of drvio1)
cp /run/selftest.journal "/run/drvio/$dr.journal"
tap_ok "another disk: an old journal" $helper undo "$dr"
tap_ok "another disk: nothing is mounted on it" down
rm -f /run/selftest.journal /run/selftest.answer
tap_done
