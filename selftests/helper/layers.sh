#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and what stands on a disk: each layer refuses while it is in use,
# is taken down when it is idle, by force when it is not, and is put back as it
# was when the request fails in the end.
#
#	/run/selftest.mnt, ext4
#	      |
#	the layer: device mapper, LVM, dm-crypt, md, loop, bcache, and all on
#	      |		top of each other
#	drvio1, virtio-blk, the tests' own to format

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
tower=/run/selftest.tower
key=/run/selftest.key
crypttab=/etc/crypttab
mkdir -p $mnt "$tower" /etc/lvm
: > $fstab
modprobe -a dm_mod loop dm_crypt raid1 bcache
tap_at_exit "umount $mnt 2>/dev/null; rm -rf $mnt $tower $key $crypttab"

# --- The layers: a device $top on $disk ---

dm_up() {
	dmsetup create selftest --table "0 65536 linear /dev/$disk 2048"
	top=/dev/mapper/selftest
}
dm_down() {
	dmsetup remove selftest
}
lvm_make() {
	pvcreate -qq -y "/dev/$disk" && vgcreate -qq selftest-vg "/dev/$disk" &&
		lvcreate -qq -y -L 32m -n data-1 selftest-vg
	lvm_up
}
lvm_up() {
	vgchange -qq -ay selftest-vg
	top=/dev/mapper/selftest--vg-data--1
}
lvm_down() {
	vgchange -qq -an selftest-vg
}
crypt_make() {
	echo secret > $key
	echo "selftest UUID=unused $key luks" > $crypttab
	cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
		--luks2-metadata-size 16k --luks2-keyslots-size 256k "/dev/$disk" $key
	crypt_up
}
crypt_up() {
	cryptsetup open --key-file $key --allow-discards "/dev/$disk" selftest
	top=/dev/mapper/selftest
}
crypt_down() {
	cryptsetup close selftest
}
# An array that works only as a whole, since all of it is on one disk.
md_make() {
	mdadm --create /dev/md0 --quiet --run --force --level=0 --raid-devices=1 "/dev/$disk"
	top=/dev/md0
}
md_up() {
	[ -e /sys/block/md0/md/array_state ] || mdadm --assemble --quiet /dev/md0 "/dev/$disk"
	top=/dev/md0
}
md_down() {
	mdadm --stop --quiet /dev/md0
}
loop_up() {
	losetup -o 4096 /dev/loop0 "/dev/$disk"
	top=/dev/loop0
}
loop_down() {
	losetup -d /dev/loop0
}
# As a rule of udev has registered it by then; without a cache it is as good as one.
bcache_make() {
	make-bcache -B "/dev/$disk" >/dev/null
	udevadm settle
	bcache_up
}
bcache_up() {
	[ -e /sys/block/bcache0 ] || echo "/dev/$disk" > /sys/fs/bcache/register
	eventually [ -b /dev/bcache0 ]
	top=/dev/bcache0
}
bcache_down() {
	echo 1 > /sys/block/bcache0/bcache/stop
}
# A volume on an array, in it a file, on that a loop device, on that a volume.
tower_make() {
	md_make
	pvcreate -qq -y /dev/md0 && vgcreate -qq selftest-vg /dev/md0 &&
		lvcreate -qq -y -L 40m -n data-1 selftest-vg
	mkfs.ext4 -q -F /dev/selftest-vg/data-1
	mount /dev/selftest-vg/data-1 "$tower"
	dd if=/dev/zero of="$tower/image" bs=1M count=20 2>/dev/null
	umount "$tower"
	tower_up
}
tower_up() {
	md_up
	lvm_up
	mount -o noatime /dev/selftest-vg/data-1 "$tower"
	losetup /dev/loop0 "$tower/image"
	dmsetup create selftest --table "0 32768 linear 7:0 0"
	top=/dev/mapper/selftest
}
tower_down() {
	dm_down
	loop_down
	umount "$tower"
	lvm_down
	md_down
}

state() {
	findmnt -rn -o TARGET,SOURCE,OPTIONS | grep "^/run/selftest"
	dmsetup table | sort
	grep -s . /sys/block/loop*/loop/backing_file /sys/block/loop*/loop/offset \
		/sys/block/loop*/loop/autoclear
	sed -n 's/^\(md.*\)\[.*/\1/p' /proc/mdstat
	grep -s . /sys/block/bcache*/bcache/state
}
is_down() {
	[ "$(state 2>/dev/null)" = "No devices found" ]
}

# test_layer NAME PATTERN: PATTERN is how a refusal names it
test_layer() {
	if command -v "$1_make" >/dev/null; then "$1_make"; else "$1_up"; fi
	mkfs.ext4 -q -F "$top"
	mount -o nosuid,noatime "$top" $mnt
	echo text > $mnt/file
	before=$(state)

	user_start $mnt/file
	answer=$(request unconfigure "$dr")
	tap_is "$1 in use: blocked" "$answer" \
		"blocked configured*$mnt *file open: $mnt/file, by sleep (pid $user_pid)*"
	tap_is "$1 in use: nothing has changed" "$(state)" "$before"
	user_stop

	taken_down "$dr"
	tap_is "$1 idle: taken down" "$taken" ok
	tap_ok "$1 idle: nothing is left of it" is_down
	tap_ok "$1: put back" put_back "$dr"
	tap_is "$1: as it was" "$(state)" "$before"
	tap_is "$1: with what was in it" "$(cat $mnt/file)" text

	echo "release_$2 = no" | policy
	answer=$(request unconfigure "$dr")
	tap_is "$1: the policy forbids it" "$answer" "blocked configured*release_$2 = no*"
	policy < /dev/null

	tap_is "$1 idle: unconfigured" "$(request unconfigure "$dr")" "ok unconfigured"
	tap_ok "$1: nothing is left of it" is_down
	tap_is "$1: configured" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	udevadm settle
	"$1_up"
	mount "$top" $mnt
	tap_is "$1: what was written is there" "$(cat $mnt/file)" text

	user_start $mnt/file
	tap_is "$1 in use, by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
	tap_not "$1 in use, by force: not mounted" grep -q "$mnt " /proc/mounts
	user_stop
	# Of arrays and loop devices no kernel gets rid by itself.
	is_down || "$1_down" 2>/dev/null
	tap_ok "$1 in use, by force: gone with its last user" eventually is_down
	tap_is "$1: configured in the end" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	udevadm settle
}
wipe() {
	is_down || { "$1_down" 2>/dev/null; }
	dd if=/dev/zero of="/dev/$disk" bs=1M count=4 2>/dev/null
	dd if=/dev/zero of="/dev/$disk" bs=1M seek=60 count=4 conv=notrunc 2>/dev/null
	udevadm settle
}
# The policy's section for all devices, from stdin.
policy() {
	mkdir -p /etc/drvio
	{ echo "[default]"; cat; } > /etc/drvio/drvio.conf
}
tap_at_exit "rm -f /etc/drvio/drvio.conf"

for layer in "dm dm" "lvm lvm" "crypt crypt" "md md" "loop loop" \
		"bcache bcache" "tower dm"; do
	# shellcheck disable=SC2086 # two words
	test_layer $layer
	wipe "${layer% *}"
done

# --- A loop device that the kernel detaches with its mount ---

mkfs.ext4 -q -F "/dev/$disk"
mount "/dev/$disk" "$tower"
dd if=/dev/zero of="$tower/image" bs=1M count=20 2>/dev/null
mkfs.ext4 -q -F "$tower/image"
mount -o loop,noatime "$tower/image" $mnt
echo text > $mnt/file
before=$(state)
tap_ok "mount -o loop: autoclear" grep -q 1 /sys/block/loop*/loop/autoclear
user_start $mnt/file
answer=$(request unconfigure "$dr")
tap_is "mount -o loop: blocked" "$answer" \
	"blocked configured*$mnt *file open: $mnt/file, by sleep (pid $user_pid)*"
tap_is "mount -o loop: nothing has changed" "$(state)" "$before"
user_stop
taken_down "$dr"
tap_is "mount -o loop: taken down" "$taken" ok
tap_ok "mount -o loop: nothing is left of it" is_down
tap_ok "mount -o loop: put back" put_back "$dr"
tap_is "mount -o loop: as it was" "$(state)" "$before"
tap_is "mount -o loop: with what was in it" "$(cat $mnt/file)" text
tap_is "mount -o loop: unconfigured" "$(request unconfigure "$dr")" "ok unconfigured"
tap_ok "mount -o loop: nothing is left of it" is_down
tap_is "mount -o loop: configured" "$(request configure "$dr")" "ok configured"
disk=$(disk_of drvio1)
wipe loop

# --- A key that cannot be had ---

crypt_make
mkfs.ext4 -q -F $top
mount $top $mnt
before=$(state)
: > $crypttab
answer=$(request unconfigure "$dr")
tap_is "no key in crypttab: blocked" "$answer" \
	"blocked configured*$top *could not be opened again*crypttab*cryptsetup close selftest*"
echo "selftest UUID=unused $key luks" > $crypttab
echo other > $key
answer=$(request unconfigure "$dr")
tap_is "a key that is wrong: refused" "$answer" "failure configured*$key, does not open it*"
tap_is "a key that is wrong: nothing is lost" "$(state)" "$before"
: > $crypttab
tap_is "no key, by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
tap_is "configured" "$(request configure "$dr")" "ok configured"
disk=$(disk_of drvio1)
wipe crypt

# --- The cache of bcache ---

zero=$(disk_of drvio0)
dr_zero=$(dr_of "$zero")
make-bcache -b 64k -C "/dev/$zero" -B "/dev/$disk" >/dev/null
udevadm settle
eventually [ -b /dev/bcache0 ]
eventually grep -q clean /sys/block/bcache0/bcache/state
tap_is "a disk that is a cache: blocked" "$(request unconfigure "$dr_zero")" \
	"blocked configured*/dev/$zero *the cache of bcache0: take it off first*"
tap_is "the disk that it is a cache of: unconfigured" "$(request unconfigure "$dr")" "ok unconfigured"
for set in /sys/fs/bcache/*-*; do
	echo 1 > "$set/stop"
done
eventually sh -c "! ls -d /sys/fs/bcache/*-*"
tap_is "a disk that was a cache: unconfigured" "$(request unconfigure "$dr_zero")" \
	"ok unconfigured"
for each in "$dr_zero" "$dr"; do
	tap_is "configured in the end" "$(request configure "$each")" "ok configured"
done
disk=$(disk_of drvio1)
zero=$(disk_of drvio0)
udevadm settle
echo 1 > /sys/block/bcache0/bcache/stop
for set in /sys/fs/bcache/*-*; do
	echo 1 > "$set/stop"
done
eventually sh -c "! ls -d /sys/fs/bcache/*-* /sys/block/bcache*"
for each in "$zero" "$disk"; do
	dd if=/dev/zero of="/dev/$each" bs=1M count=4 2>/dev/null
done
udevadm settle
tap_done
