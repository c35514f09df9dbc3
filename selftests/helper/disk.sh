#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and a disk: it is finished before the answer to a configure; an
# unconfigure releases it when it is idle, and refuses by name when it is not.
#
#	drvio1	virtio-blk, the tests' own to format
#	drvio0	another one, for what is mounted on top

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
other=/run/selftest.other
mkdir -p $mnt $other
tap_at_exit "swapoff -a; umount -R $mnt $other /boot 2>/dev/null; rmdir $mnt $other"

refind() {
	disk=$(disk_of drvio1)
}
mounted() {
	findmnt -n -o SOURCE "$1"
}
# refused DESCRIPTION PATTERN...: the disk is in use, and by whom is told
refused() {
	refused_what=$1
	shift
	answer=$(request unconfigure "$dr")
	tap_is "$refused_what: blocked" "$answer" "blocked configured*Resource*Information*"
	for pattern; do
		tap_is "$refused_what: tells $pattern" "$answer" "*$pattern*"
	done
	tap_is "$refused_what: nothing was released" "$(mounted $mnt)" "/dev/$disk"
}

mkfs.ext4 -q -F -L selftest "/dev/$disk"
udevadm settle
echo "LABEL=selftest $mnt ext4 noatime 0 0" >> $fstab

tap_is "a disk that is not mounted" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "is gone" "$(disk_of drvio1)" ""
tap_is "configure" "$(request configure "$dr")" "ok configured"
refind
tap_is "the answer came after the mount" "$(mounted $mnt)" "/dev/$disk"
tap_is "with the options of fstab" "$(findmnt -n -o OPTIONS $mnt)" "*noatime*"

no_journal() {
	! ls /run/drvio/*.journal
}

# --- Who uses it ---

echo text > $mnt/file
user_start $mnt/file
refused "an open file" "$mnt *file open: $mnt/file, by sleep (pid $user_pid)" \
	"close the file or stop sleep (pid $user_pid)"
tap_is "an open file: the process has it still" "$(cat "/proc/$user_pid/fd/3")" text
user_stop

(cd $mnt && exec sleep 1000) &
user_pid=$!
eventually grep -q "^sleep" /proc/$user_pid/comm
refused "a working folder" "working folder: $mnt, by sleep (pid $user_pid)"
user_stop

mkdir -p $mnt/sub
mount -t tmpfs none $mnt/sub
refused "a mount on top" "$mnt/sub *tmpfs, mounted on top of $mnt"
umount $mnt/sub

# What stands on it, with the root of the system.
umount $mnt
modprobe dm_mod
dmsetup create selftest --table "0 65536 linear /dev/$disk 0"
udevadm settle
tap_at_exit "umount /boot $mnt 2>/dev/null; dmsetup remove selftest 2>/dev/null"
mkdir -p /boot
mkfs.ext4 -q -F /dev/dm-0
mount /dev/dm-0 /boot
for verb in unconfigure force-unconfigure; do
	answer=$(request $verb "$dr")
	tap_is "/boot on it: $verb fails" "$answer" "failure configured*/boot *selftest (dm-0), which is on /dev/$disk*"
done
umount /boot
dmsetup remove selftest
mkfs.ext4 -q -F -L selftest "/dev/$disk"
udevadm settle
mount -o noatime "/dev/$disk" $mnt
echo text > $mnt/file
mkdir -p $mnt/sub

unshare -m --propagation private sleep 1000 &
user_pid=$!
eventually grep -q '^sleep' /proc/$user_pid/comm
refused "a private mount namespace" "private mount namespace of sleep (pid $user_pid)" \
	"nsenter -t $user_pid -m umount $mnt"
user_stop

# A slave's copies go along.
mount --make-rshared /
unshare -m --propagation slave sleep 1000 &
user_pid=$!
eventually grep -q '^sleep' /proc/$user_pid/comm
# What the shell had before is private: it is mounted anew, to be shared.
umount $mnt && mount "/dev/$disk" $mnt
tap_is "a namespace that follows" "$(grep -c " $mnt " /proc/$user_pid/mountinfo)" 1
tap_is "its copy goes along" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "it is gone there too" "$(grep -c " $mnt " /proc/$user_pid/mountinfo)" 0
user_stop
tap_is "configured again" "$(request configure "$dr")" "ok configured"
refind

# A mount that no process can see: only the kernel knows of it.
touch /run/selftest.ns
mkdir -p /run/selftest.bind
mount --bind --make-private /run/selftest.bind /run/selftest.bind
touch /run/selftest.bind/ns
unshare --mount=/run/selftest.bind/ns --propagation private true
tap_ok "unmounted here" umount $mnt
answer=$(request unconfigure "$dr")
tap_is "a mount out of sight: blocked" "$answer" "blocked configured*/dev/$disk *claimed*"
umount /run/selftest.bind/ns /run/selftest.bind
rm -rf /run/selftest.bind /run/selftest.ns
eventually mount "/dev/$disk" $mnt

user_start "/dev/$disk"
refused "the open device" "/dev/$disk *open in sleep (pid $user_pid)"
user_stop

# --- What the running system needs ---

mkdir -p /boot
mount "/dev/$disk" /boot
for verb in unconfigure force-unconfigure; do
	answer=$(request $verb "$dr")
	tap_is "/boot: $verb fails" "$answer" "failure configured*/boot *not even by force*"
done
tap_is "/boot stays" "$(mounted /boot)" "/dev/$disk"
umount /boot

# --- Released in order ---

mkdir -p $mnt/deep
mount --bind $mnt/deep $other
mount --bind $mnt/sub $mnt/deep
tap_is "several mounts" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "none of them is left" "$(grep -c "/dev/$disk " /proc/mounts)" 0
tap_ok "no journal is left" eventually no_journal
tap_is "configured again" "$(request configure "$dr")" "ok configured"
refind

dd if=/dev/zero of=$mnt/swapfile bs=1M count=8 2>/dev/null
chmod 600 $mnt/swapfile
mkswap $mnt/swapfile >/dev/null
tap_ok "swap on a file" swapon $mnt/swapfile
tap_is "goes along" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "no swap is left" "$(wc -l < /proc/swaps)" 1
tap_is "configured again" "$(request configure "$dr")" "ok configured"
refind

# --- By force ---

user_start $mnt/file
tap_is "a busy disk, by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
tap_is "is not mounted any more" "$(mounted $mnt)" ""
user_stop
tap_is "configured again" "$(request configure "$dr")" "ok configured"
refind
tap_is "mounted again" "$(mounted $mnt)" "/dev/$disk"
tap_is "what was written is there" "$(cat $mnt/file)" text

# --- What fstab says is wrong ---

umount $mnt
echo "LABEL=selftest $mnt/no/such/folder ext4 defaults 0 0" >> $fstab
tap_is "released" "$(request unconfigure "$dr")" "ok unconfigured"
answer=$(request configure "$dr")
tap_is "a mount that fails: failure" "$answer" \
	"failure unconfigured*$mnt/no/such/folder*does not exist*"
tap_is "the mount before it is undone" "$(mounted $mnt)" ""
sed -i 's|/no/such/folder ext4 defaults|/no/such/folder ext4 nofail|' $fstab
tap_is "with nofail it is no failure" "$(request configure "$dr")" "ok configured"
refind
tap_is "the other one is mounted" "$(mounted $mnt)" "/dev/$disk"
umount $mnt

# --- Swap in fstab ---

mkswap -L selftest.swap "/dev/$disk" >/dev/null
udevadm settle
echo "LABEL=selftest.swap none swap pri=3 0 0" > $fstab
tap_is "released" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "configured" "$(request configure "$dr")" "ok configured"
refind
tap_is "its swap is on" "$(grep "/dev/$disk " /proc/swaps)" "*3"
tap_is "and off with an unconfigure" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "no swap is left" "$(wc -l < /proc/swaps)" 1
: > $fstab
tap_is "configured in the end" "$(request configure "$dr")" "ok configured"
tap_done
