#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and disks that other machines use: what is exported refuses by name,
# goes once it is not exported any more, or by force; and what force has detached is
# mounted again when the request fails.
#
#	  NFS		nbd-server		SCSI target (iSCSI)
#	   |		  |	  |		 |	  |
#	   |		a file	  |		a file	  |
#	   |		  |	  |		 |	  |
#	/run/selftest.mnt	drvio1, virtio-blk, the tests' own to format

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
client=/run/selftest.client
mkdir -p $mnt $client
: > $fstab
ip link set lo up
tap_at_exit "umount -l $client $mnt 2>/dev/null; rmdir $mnt $client"

mkfs.ext4 -q -F -L selftest.exp "/dev/$disk"
udevadm settle
echo "LABEL=selftest.exp $mnt ext4 noatime 0 0" > $fstab
mount $mnt
echo text > $mnt/file
dd if=/dev/zero of=$mnt/image bs=1M count=8 2>/dev/null
umount $mnt

mounted() {
	grep -q " $mnt " /proc/mounts
}
# A filesystem that is exported: refused for PATTERN, undone after force, forced;
# the function NAME_off ends the export, NAME_on begins it.
test_export() {
	mount $mnt
	"$1_on"
	answer=$(request unconfigure "$dr")
	tap_is "$1: blocked" "$answer" "blocked configured*$2*"
	tap_ok "$1: nothing was released" mounted
	taken_down "$dr" force-unconfigure
	tap_is "$1, by force: taken down" "$taken" ok
	tap_not "$1, by force: it is detached" mounted
	tap_ok "$1, by force: put back" put_back "$dr"
	tap_ok "$1, by force: mounted again" mounted
	tap_is "$1, by force: with what was in it" "$(cat $mnt/file)" text
	"$1_off"
	tap_is "$1, not any more: unconfigured" "$(request unconfigure "$dr")" "ok unconfigured"
	tap_is "$1: configured" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	"$1_on"
	tap_is "$1, in use, by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
	tap_not "$1, in use, by force: it is detached" mounted
	"$1_off"
	tap_is "$1: configured again" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	umount $mnt
}
# test_raw NAME PATTERN: the same of the disk itself
test_raw() {
	"$1_on"
	answer=$(request unconfigure "$dr")
	tap_is "$1: blocked" "$answer" "blocked configured*$2*"
	"$1_off"
	tap_is "$1, not any more: unconfigured" "$(request unconfigure "$dr")" "ok unconfigured"
	tap_is "$1: configured" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	umount $mnt
	"$1_on"
	tap_is "$1, in use, by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
	"$1_off"
	tap_is "$1: configured again" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	umount $mnt
}

# --- nbd-server ---

nbd_config() {
	mkdir -p /etc/nbd-server
	printf '[generic]\n[selftest]\nexportname = %s\n' "$1" > /etc/nbd-server/config
}
nbd_on() {
	nbd-server -C /etc/nbd-server/config -p /run/selftest.nbd
	eventually [ -s /run/selftest.nbd ]
}
nbd_off() {
	kill "$(cat /run/selftest.nbd)"
	eventually sh -c "! grep -qx nbd-server /proc/[0-9]*/comm"
}
nbd_file_on() {
	nbd_config "$mnt"/image
	nbd_on
}
nbd_file_off() {
	nbd_off
}
nbd_disk_on() {
	nbd_config "/dev/$disk"
	nbd_on
}
nbd_disk_off() {
	nbd_off
}
if command -v nbd-server >/dev/null; then
	tap_at_exit "kill \$(cat /run/selftest.nbd 2>/dev/null) 2>/dev/null; rm -rf /etc/nbd-server"
	test_export nbd_file "$mnt/image *nbd-server, as selftest: take it out of /etc/nbd-server/config"
	test_raw nbd_disk "/dev/$disk *nbd-server, as selftest: take it out of /etc/nbd-server/config"
fi

# --- The SCSI target of the kernel, with a target of iSCSI on it ---

core=/sys/kernel/config/target/core
iqn=/sys/kernel/config/target/iscsi/iqn.2026-11.org.example:selftest
target_on() {
	mkdir -p "$iqn"/tpgt_1/lun/lun_0 "$iqn"/tpgt_1/np/127.0.0.1:3260
	ln -s "$1" "$iqn"/tpgt_1/lun/lun_0/selftest
	echo 1 > "$iqn"/tpgt_1/enable
}
target_off() {
	echo 0 > "$iqn"/tpgt_1/enable
	rm "$iqn"/tpgt_1/lun/lun_0/selftest
	rmdir "$iqn"/tpgt_1/lun/lun_0 "$iqn"/tpgt_1/np/127.0.0.1:3260 "$iqn"/tpgt_1 "$iqn" "${iqn%/*}"
	rmdir "$core"/*_0/selftest "$core"/*_0
}
iscsi_disk_on() {
	mkdir -p "$core"/iblock_0/selftest
	echo "udev_path=/dev/$disk" > "$core"/iblock_0/selftest/control
	echo "/dev/$disk" > "$core"/iblock_0/selftest/udev_path
	echo 1 > "$core"/iblock_0/selftest/enable
	target_on "$core"/iblock_0/selftest
}
iscsi_disk_off() {
	target_off
}
iscsi_file_on() {
	mkdir -p "$core"/fileio_0/selftest
	echo "fd_dev_name=$mnt/image,fd_dev_size=8388608" > "$core"/fileio_0/selftest/control
	echo "$mnt/image" > "$core"/fileio_0/selftest/udev_path
	echo 1 > "$core"/fileio_0/selftest/enable
	target_on "$core"/fileio_0/selftest
}
iscsi_file_off() {
	target_off
}
if modprobe -a target_core_iblock target_core_file iscsi_target_mod &&
   { [ -d $core ] || mount -t configfs none /sys/kernel/config; }; then
	tap_at_exit "target_off 2>/dev/null; umount /sys/kernel/config 2>/dev/null"
	mkdir -p ${iqn%/*}
	test_raw iscsi_disk "/dev/$disk *SCSI target, as selftest: targetcli /backstores/block delete selftest"
	test_export iscsi_file "$mnt/image *SCSI target, as selftest: targetcli /backstores/fileio delete selftest"
fi

# --- ZFS ---
#
# Debian's kernels have none. What is seen of a pool: the disk is claimed by something
# of which nothing else is known, and has the label of a pool.

if [ -d $core ]; then
	for zfs_block in 128 129 130 131 132 133; do
		printf '\014\261\272\000\000\000\000\000\210\023\000\000\000\000\000\000' |
			dd of="/dev/$disk" bs=1024 seek=$zfs_block conv=notrunc 2>/dev/null
	done
	dd if=/dev/zero of="/dev/$disk" bs=1024 count=64 conv=notrunc 2>/dev/null
	udevadm settle
	mkdir -p $core/iblock_0/selftest
	echo "udev_path=/dev/$disk" > $core/iblock_0/selftest/control
	echo 1 > $core/iblock_0/selftest/enable
	answer=$(request unconfigure "$dr")
	tap_is "ZFS: blocked" "$answer" "blocked configured*/dev/$disk *device of a ZFS pool: zpool export*"
	rmdir $core/iblock_0/selftest $core/iblock_0
	tap_is "ZFS, exported: unconfigured" "$(request unconfigure "$dr")" "ok unconfigured"
	tap_is "ZFS: configured" "$(request configure "$dr")" "ok configured"
	disk=$(disk_of drvio1)
	dd if=/dev/zero of="/dev/$disk" bs=1024 count=256 2>/dev/null
	mkfs.ext4 -q -F -L selftest.exp "/dev/$disk"
	udevadm settle
	mount $mnt
	echo text > $mnt/file
	umount $mnt
fi

# --- NFS ---
#
# The server of the kernel, and a client of it.

# shellcheck source-path=SCRIPTDIR source=nfs.sh
. ./nfs.sh

nfs_on() {
	nfs_server_on "$mnt" 127.0.0.1
	mount -i -t nfs4 -o vers=4.2,addr=127.0.0.1,clientaddr=127.0.0.1 127.0.0.1:/ "$client"
}
nfs_off() {
	umount -f -l "$client"
	nfs_server_off
}
if modprobe -a nfsd nfsv4; then
	tap_at_exit "nfs_off 2>/dev/null"
	test_export nfs "$mnt *exported by NFS to 127.0.0.1: exportfs -u 127.0.0.1:$mnt"
fi
: > $fstab
tap_done
