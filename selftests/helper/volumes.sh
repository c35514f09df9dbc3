#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and volumes on a disk that comes: what fstab has for them is mounted
# before the answer to the configure, and nothing is left of them when it fails.
#
#	$mnt, in fstab
#	  |
#	LUKS, LVM, or LVM on LUKS
#	  |
#	drvio1, and for a group with two disks drvio0: virtio-blk, the tests' own

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

zero=$(disk_of drvio0) || tap_skip "no disk with the serial number drvio0"
dr_zero=$(dr_of "$zero") || tap_skip "$zero belongs to no DR device"
disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
key=/run/selftest.key
crypttab=/etc/crypttab
crypt_opened=/dev/mapper/selftest
lv=/dev/mapper/selftest--vg-data--1
mkdir -p $mnt /etc/drvio /etc/lvm
modprobe -a dm_mod dm_crypt
tap_at_exit "swapoff -a; umount $mnt 2>/dev/null; vgchange -qq -an selftest-vg 2>/dev/null; dmsetup remove_all; rm -rf $mnt $key $crypttab /etc/drvio/drvio.conf"

uuid_of() {
	blkid -p -s UUID -o value "$1"
}
is_down() {
	[ "$(dmsetup table 2>/dev/null)" = "No devices found" ] && ! grep -q " $mnt " /proc/mounts
}
# released NAME, then found NAME SOURCE: from here to there with a request each
released() {
	tap_is "$1: released" "$(request unconfigure "$dr")" "ok unconfigured"
	tap_ok "$1: nothing is left of it" is_down
}
found() {
	tap_is "$1: configured" "$(request configure "$dr")" "ok configured"
	tap_is "$1: the answer came after the mount" "$(findmnt -n -o SOURCE $mnt)" "$2"
	tap_is "$1: what was written is there" "$(cat $mnt/file)" text
	disk=$(disk_of drvio1)
}
filled() {
	mkfs.ext4 -q -F -L selftest.vol "$1"
	mount "$1" $mnt
	echo text > $mnt/file
	umount $mnt
	udevadm settle
}
wipe() {
	vgchange -qq -an selftest-vg 2>/dev/null
	dmsetup remove_all
	for wiped in "$disk" "$zero"; do
		dd if=/dev/zero of="/dev/$wiped" bs=1M count=4 2>/dev/null
	done
	udevadm settle
}

# --- LUKS ---

echo secret > $key
cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
	--luks2-metadata-size 16k --luks2-keyslots-size 256k "/dev/$disk" $key
cryptsetup open --key-file $key "/dev/$disk" selftest
filled $crypt_opened
luks=$(uuid_of "/dev/$disk")
echo "selftest UUID=$luks $key luks,discard" > $crypttab
echo "LABEL=selftest.vol $mnt ext4 noatime 0 0" > $fstab
released LUKS
found LUKS $crypt_opened
tap_ok "LUKS: with the options of crypttab" \
	sh -c "dmsetup table selftest | grep -q allow_discards"
released "LUKS again"
echo "LABEL=selftest.vol $mnt/none ext4 noatime 0 0" > $fstab
answer=$(request configure "$dr")
tap_is "LUKS, a mount that fails: failure" "$answer" "failure unconfigured*does not exist*"
tap_ok "LUKS, a mount that fails: it is closed again" is_down

echo "LABEL=selftest.vol $mnt ext4 noatime 0 0" > $fstab
mv $key $key.away
answer=$(request configure "$dr")
tap_is "LUKS without its key: failure" "$answer" "failure unconfigured*selftest: cryptsetup: *"
sed -i 's/luks,/luks,nofail,/' $crypttab
tap_is "LUKS without its key, nofail: configured" "$(request configure "$dr")" "ok configured"
tap_ok "LUKS without its key, nofail: not open" is_down
mv $key.away $key
released "LUKS with its key back"

dmsetup create selftest --table "0 8 linear /dev/$zero 0"
sed -i 's/nofail,//' $crypttab
answer=$(request configure "$dr")
tap_is "another device has its name: failure" "$answer" \
	"failure unconfigured*another device has that name*dmsetup info selftest*"
tap_is "another device has its name: which is left alone" "$(dmsetup table selftest)" "0 8 linear *"
dmsetup remove selftest

echo "selftest UUID=$luks $key luks,keyscript=/bin/false" > $crypttab
echo "selftest.log $$" > /dev/kmsg
tap_is "a key that a program makes: configured" "$(request configure "$dr")" "ok configured"
tap_ok "a key that a program makes: not open" is_down
tap_ok "a key that a program makes: the log says so" \
	sh -c "dmesg | sed '1,/selftest.log $$/d' | grep 'selftest is not opened: a program makes its key'"
disk=$(disk_of drvio1)
released "a key that a program makes"

printf '[default]\nactivate = no\n' > /etc/drvio/drvio.conf
echo "selftest UUID=$luks $key luks" > $crypttab
tap_is "activate = no: configured" "$(request configure "$dr")" "ok configured"
tap_ok "activate = no: not open" is_down
rm /etc/drvio/drvio.conf
disk=$(disk_of drvio1)

# Somebody is faster: a rule of udev opens it.
released "activate = no"
cat > /etc/udev/rules.d/99-selftest.rules <<RULE
SUBSYSTEM=="block", ACTION=="add", ENV{ID_FS_UUID}=="$luks", RUN+="/bin/sh -c 'cryptsetup open --key-file $key %N selftest'"
RULE
udevadm control --reload
found "somebody is faster" $crypt_opened
rm /etc/udev/rules.d/99-selftest.rules
udevadm control --reload
released "somebody was faster"
tap_is "configured" "$(request configure "$dr")" "ok configured"
disk=$(disk_of drvio1)
umount $mnt

# --- LVM on LUKS, with swap beside it ---

pvcreate -qq -ff -y $crypt_opened && vgcreate -qq selftest-vg $crypt_opened &&
	lvcreate -qq -y -Wn -L 24m -n data-1 selftest-vg &&
	lvcreate -qq -y -Wn -L 8m -n swap selftest-vg
filled $lv
mkswap /dev/mapper/selftest--vg-swap >/dev/null
udevadm settle
{
	echo "/dev/selftest-vg/data-1 $mnt ext4 defaults 0 0"
	echo "UUID=$(uuid_of /dev/mapper/selftest--vg-swap) none swap pri=4 0 0"
} > $fstab
released "LVM on LUKS"
found "LVM on LUKS" $lv
tap_is "LVM on LUKS: its swap is on" "$(grep -c "4$" /proc/swaps)" 1
released "LVM on LUKS again"
tap_is "LVM on LUKS: no swap is left" "$(wc -l < /proc/swaps)" 1
: > $fstab
: > $crypttab
tap_is "not in crypttab: configured" "$(request configure "$dr")" "ok configured"
tap_ok "not in crypttab: not open" is_down
disk=$(disk_of drvio1)
wipe

# --- LVM, with a volume on a second disk of the group ---

active() {
	lvs --noheadings -o lv_name -S lv_active=active selftest-vg 2>/dev/null | xargs
}
pvcreate -qq -y "/dev/$disk" "/dev/$zero" && vgcreate -qq selftest-vg "/dev/$disk" "/dev/$zero" &&
	lvcreate -qq -y -L 24m -n data-1 selftest-vg "/dev/$disk" &&
	lvcreate -qq -y -L 8m -n other selftest-vg "/dev/$zero"
filled $lv
echo "$lv $mnt/none ext4 defaults 0 0" > $fstab
tap_is "LVM: released" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "LVM: the volume on the other disk goes on" "$(dmsetup ls | cut -f 1)" "selftest--vg-other"
answer=$(request configure "$dr")
tap_is "LVM, a mount that fails: failure" "$answer" "failure unconfigured*does not exist*"
tap_is "LVM, a mount that fails: only what was activated is deactivated" \
	"$(dmsetup ls | cut -f 1)" "selftest--vg-other"
echo "$lv $mnt ext4 defaults 0 0" > $fstab
found LVM $lv
tap_is "LVM: both are active" "$(active)" "data-1 other"
released_zero() {
	tap_is "$1" "$(request unconfigure "$dr_zero")" "ok unconfigured"
}
released_zero "the other disk of the group goes"
released "the group has lost all"
tap_is "an incomplete group: configured" "$(request configure "$dr")" "ok configured"
tap_ok "an incomplete group: nothing is activated" is_down
tap_ok "an incomplete group: the log says so" \
	sh -c "dmesg | tail -n 20 | grep 'selftest-vg is not activated yet: 1 of its physical volumes is missing'"
tap_is "its last disk: configured" "$(request configure "$dr_zero")" "ok configured"
tap_is "its last disk: what is on the other one is mounted" "$(findmnt -n -o SOURCE $mnt)" $lv
tap_is "its last disk: all is active" "$(active)" "data-1 other"
zero=$(disk_of drvio0)
disk=$(disk_of drvio1)
umount $mnt
: > $fstab
wipe
tap_done
