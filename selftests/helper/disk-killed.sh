#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper killed between every two steps with a disk, and killed again between
# every two steps of its repair: the next start puts all of it back.
#
#	$mnt, ext4	swap, priority 7
#	   |		 |
#	LVM: data-1	LVM: swap	$top, ext4
#	   |		 |		 |
#	   +--- LUKS ----+		md: raid0
#	          |			 |
#	  first partition	second partition	of drvio1, virtio-blk

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
top=/run/selftest.top
key=/run/selftest.key
crypttab=/etc/crypttab
mkdir -p $mnt $top /etc/lvm
: > $fstab
modprobe -a dm_mod dm_crypt raid0
down() {
	swapoff /dev/mapper/selftest--vg-swap
	umount $mnt
	umount $top
	vgchange -qq -an selftest-vg
	cryptsetup close selftest
	mdadm --stop --quiet /dev/md0
	dd if=/dev/zero of="/dev/$disk" bs=1M
	blockdev --rereadpt "/dev/$disk"
}
tap_at_exit "down 2>/dev/null; rm -rf $mnt $top $key $crypttab /sbin/mount.selftest"

printf 'o\nn\np\n1\n2048\n+40M\nn\np\n2\n83968\n\nw\n' | fdisk "/dev/$disk" >/dev/null 2>&1
udevadm settle
tap_ok "partitions" eventually [ -b "/dev/${disk}2" ]
echo secret > $key
echo "selftest UUID=unused $key luks" > $crypttab
cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
	--luks2-metadata-size 16k --luks2-keyslots-size 256k "/dev/${disk}1" $key 2>/dev/null
cryptsetup open --key-file $key "/dev/${disk}1" selftest
pvcreate -qq -y /dev/mapper/selftest && vgcreate -qq selftest-vg /dev/mapper/selftest &&
	lvcreate -qq -y -L 16m -n data-1 selftest-vg && lvcreate -qq -y -L 8m -n swap selftest-vg
mkfs.ext4 -q -F /dev/mapper/selftest--vg-data--1
mount -o noatime,nosuid /dev/mapper/selftest--vg-data--1 $mnt
echo text > $mnt/file
mkswap /dev/mapper/selftest--vg-swap >/dev/null
swapon -p 7 /dev/mapper/selftest--vg-swap
mdadm --create /dev/md0 --quiet --run --force --level=0 --raid-devices=1 "/dev/${disk}2"
mkfs.ext4 -q -F /dev/md0
mount -o nodev,noexec /dev/md0 $top

state() {
	findmnt -rn -o TARGET,SOURCE,OPTIONS | grep "^/run/selftest"
	dmsetup table | sort
	sed -n 's/^[^ ]* *partition.*[^0-9]\([0-9]*\)$/swap \1/p' /proc/swaps
	sed -n 's/^\(md.*\)\[.*/\1/p' /proc/mdstat
	cat $mnt/file
}
# shellcheck source-path=SCRIPTDIR source=killed.sh
. ./killed.sh

rule_off
tap_is "what is to come back" "$(state | wc -l)" 8
killed "a disk"
repair_killed "a disk"

# --- What the helper has started ends with it, also when it is libmount that did ---

gone() {
	! grep -q sleep "/proc/$(cat /run/selftest.pid)/comm"
}
down >/dev/null 2>&1
udevadm settle
printf '#!/bin/sh\necho $$ > /run/selftest.pid\nexec sleep 1000\n' > /sbin/mount.selftest
chmod 755 /sbin/mount.selftest
rm -f /run/selftest.pid
echo "/dev/$disk $mnt selftest defaults 0 0" > $fstab
request_is userspace "" configure
$helper --sysfs $shadow request "$dr" > /run/selftest.log 2>&1 &
pid=$!
tap_ok "mount.selftest mounts" eventually [ -s /run/selftest.pid ]
tap_not "it is at work" gone
kill -9 $pid
tap_ok "it ends with the helper that was killed" eventually gone
kill "$(cat /run/selftest.pid)" 2>/dev/null
: > $fstab
tap_ok "recovered" recovered
rule_on
rm -f /run/selftest.pid
tap_is "unconfigured" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "configured" "$(request configure "$dr")" "ok configured"
tap_done
