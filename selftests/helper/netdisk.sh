#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and disks over the network: the interface over which they are reached,
# and the disk of which they are made.
#
#	guest                               network namespace "peer"
#	  mount                               virtio-blk, drvio1
#	  device mapper                            |
#	  sd: iscsid, iscsiadm  - iSCSI ->    SCSI target of the kernel
#	  nbd: nbd-client       - NBD -->     nbd-server
#	  NFS                   - NFS -->     the kernel's server
#	  virtio-net 192.0.2.1 ---- hub ----  vmxnet3 192.0.2.9

# shellcheck source-path=SCRIPTDIR source=nic.sh
. ./nic.sh

peer=
for link in /sys/bus/pci/drivers/vmxnet3/*/net/*; do
	[ -e "$link" ] && peer=${link##*/}
done
[ -n "$peer" ] || tap_skip "no vmxnet3 interface at the other end of the network"
disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr_disk=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
mnt=/run/selftest.mnt
mkdir -p $mnt /opt/drvio
: > "$fstab"

ip netns add peer
ip link set "$peer" netns peer
ip -n peer addr add 192.0.2.9/24 dev "$peer"
ip -n peer link set "$peer" up
netdisk_end() {
	umount -l "$mnt" /opt/drvio 2>/dev/null
	ip -n peer link set "$peer" netns 1
	ip netns delete peer
	rmdir "$mnt" /opt/drvio
}
tap_at_exit netdisk_end
connect() {
	ip link set "$nic" up
	ip addr replace 192.0.2.1/24 dev "$nic"
	eventually ping -c 1 -W 1 192.0.2.9
}
tap_ok "the two reach each other" connect

# over NAME SESSION DISK SERVER: the interface and what is on a disk that is reached over it
over() {
	answer=$(request unconfigure "$dr")
	tap_is "$1, idle: blocked" "$answer" "blocked configured*$2*"
	udevadm settle
	dmsetup create selftest --table "0 65536 linear $3 0"
	mkfs.ext4 -q -F /dev/mapper/selftest
	mount /dev/mapper/selftest $mnt
	answer=$(request unconfigure "$dr")
	tap_is "$1, with a mount: blocked" "$answer" \
		"blocked configured*$2*$mnt *ext4 of /dev/mapper/selftest is on a disk of $4, which is reached over $nic: unmount it (umount $mnt)*"
	umount $mnt
	mount /dev/mapper/selftest /opt/drvio
	answer=$(request force-unconfigure "$dr")
	tap_is "$1, with what the system needs: not even by force" "$answer" \
		"failure configured*/opt/drvio *the running system needs it*disk of $4*not even by force*"
	umount /opt/drvio
	dmsetup remove --retry selftest
	mkswap "$3" >/dev/null
	swapon "$3"
	answer=$(request unconfigure "$dr")
	tap_is "$1, with swap: blocked" "$answer" "blocked configured*$3 *swap on a disk of $4*swapoff $3*"
	swapoff "$3"
	tap_ok "$1: nothing has changed" up
}
# gone NAME: once it is logged out, both go
gone() {
	released "$1, not any more"
	tap_ok "$1: they reach each other again" connect
	tap_is "$1, not any more: the disk goes" "$(request unconfigure "$dr_disk")" "ok unconfigured"
	tap_is "$1: the disk is configured" "$(request configure "$dr_disk")" "ok configured"
	disk=$(disk_of drvio1)
}

# --- iSCSI ---

core=/sys/kernel/config/target/core
iqn=iqn.2026-11.org.example:selftest
us=iqn.2026-11.org.example:us
target=/sys/kernel/config/target/iscsi/$iqn
portal=192.0.2.9:3260
target_on() {
	mkdir -p $core/iblock_0/selftest
	echo "udev_path=/dev/$disk" > $core/iblock_0/selftest/control
	echo "/dev/$disk" > $core/iblock_0/selftest/udev_path
	echo 1 > $core/iblock_0/selftest/enable
	mkdir -p ${target%/*}
	mkdir -p $target/tpgt_1/lun/lun_0
	# In the network namespace of who makes it; "ip netns exec" has a /sys without configfs.
	nsenter --net=/run/netns/peer mkdir $target/tpgt_1/np/$portal
	ln -s $core/iblock_0/selftest $target/tpgt_1/lun/lun_0/selftest
	echo 0 > $target/tpgt_1/attrib/authentication
	echo 1 > $target/tpgt_1/attrib/generate_node_acls
	echo 0 > $target/tpgt_1/attrib/demo_mode_write_protect
	echo 1 > $target/tpgt_1/enable
}
target_off() {
	echo 0 > $target/tpgt_1/enable
	rm $target/tpgt_1/lun/lun_0/selftest
	rmdir $target/tpgt_1/lun/lun_0 $target/tpgt_1/np/$portal \
		$target/tpgt_1 $target ${target%/*}
	rmdir $core/iblock_0/selftest $core/iblock_0
}
iscsi() {
	iscsiadm -m node -T "$iqn" -p "$portal" "$@"
}
iscsi_disk() {
	for iscsi_disk in /sys/class/iscsi_session/session*/device/target*/*/block/*; do
		[ -b "/dev/${iscsi_disk##*/}" ] && echo "/dev/${iscsi_disk##*/}" && return
	done
	return 1
}
initiator_end() {
	iscsi -u
	[ -z "$iscsid" ] || kill "$iscsid"
	rm -rf /etc/iscsi
}
if command -v iscsid >/dev/null && modprobe -a target_core_iblock iscsi_target_mod iscsi_tcp sd_mod &&
   { [ -d $core ] || mount -t configfs none /sys/kernel/config; }; then
	tap_at_exit "{ initiator_end; target_off; umount /sys/kernel/config; } 2>/dev/null"
	target_on
	mkdir -p /etc/iscsi /run/lock/iscsi
	echo "InitiatorName=$us" > /etc/iscsi/initiatorname.iscsi
	printf "node.startup = manual\nnode.session.initial_login_retry_max = 1\n" > /etc/iscsi/iscsid.conf
	# It ends its process group with itself.
	setsid iscsid -f &
	iscsid=$!
	eventually iscsi -o new
	tap_ok "iSCSI: logged in" iscsi -l
	tap_ok "iSCSI: there is a disk" eventually iscsi_disk
	over iSCSI "$iqn *an iSCSI session to 192.0.2.9 goes over $nic: log out*" "$(iscsi_disk)" \
		"the iSCSI target $iqn at 192.0.2.9"
	answer=$(request unconfigure "$dr_disk")
	tap_is "iSCSI: the disk of the target: blocked by its initiator" "$answer" \
		"blocked configured*/dev/$disk *SCSI target, as selftest*/dev/$disk *used by the initiator $us, of the target $iqn: log out there*"
	tap_ok "iSCSI: logged out" iscsi -u
	answer=$(request unconfigure "$dr_disk")
	tap_is "iSCSI: it is offered still" "$answer" "blocked configured*SCSI target, as selftest*"
	tap_not "iSCSI: to nobody" sh -c "echo '$answer' | grep initiator"
	target_off
	gone iSCSI
fi

# --- NBD ---

server_on() {
	mkdir -p /etc/nbd-server
	printf '[generic]\nport = %s\n[selftest]\nexportname = %s\n' "$1" "/dev/$disk" > /etc/nbd-server/config
	nsenter --net=/run/netns/peer nbd-server -C /etc/nbd-server/config -p /run/selftest.nbd
	eventually [ -s /run/selftest.nbd ]
}
server_off() {
	kill "$(cat /run/selftest.nbd)"
	eventually sh -c "! grep -qx nbd-server /proc/[0-9]*/comm"
	rm -f /run/selftest.nbd
}
# disconnect: both the device and its client are done with it
disconnect() {
	nbd-client -d /dev/nbd0
	eventually [ ! -e /sys/block/nbd0/pid ]
	eventually sh -c "! grep -qx nbd-client /proc/[0-9]*/comm"
}
connected() {
	[ -e /sys/block/nbd0/pid ] && [ "$(cat /sys/block/nbd0/size)" -gt 0 ]
}
if command -v nbd-client >/dev/null && modprobe nbd nbds_max=1; then
	tap_at_exit "{ nbd-client -d /dev/nbd0; server_off; modprobe -r nbd; rm -rf /etc/nbd-server /etc/nbdtab; } 2>/dev/null"
	server_on 10809
	eventually nbd-client -N selftest 192.0.2.9 /dev/nbd0
	tap_ok "NBD: connected" eventually connected
	over NBD "nbd0 *connection to the NBD server at 192.0.2.9 goes over $nic: disconnect it*" \
		/dev/nbd0 "the NBD server at 192.0.2.9"
	answer=$(request unconfigure "$dr_disk")
	tap_is "NBD: the disk of the server: blocked by its client" "$answer" \
		"blocked configured*/dev/$disk *nbd-server, as selftest*/dev/$disk *used by the NBD client at 192.0.2.1 port *through nbd-server (pid *"
	disconnect
	server_off
	gone NBD

	server_on 10888
	eventually nbd-client -nonetlink -N selftest 192.0.2.9 10888 /dev/nbd0
	tap_ok "NBD, a client that stays: connected" eventually connected
	answer=$(request unconfigure "$dr")
	tap_is "NBD, a client that stays: blocked, at any port" "$answer" \
		"blocked configured*nbd0 *NBD server at 192.0.2.9 goes over $nic*"
	disconnect
	eventually nbd-client -N selftest 192.0.2.9 10888 /dev/nbd0
	tap_ok "NBD, a client that goes: connected" eventually connected
	echo "nbd0 192.0.2.9 selftest port=10888,persist" > /etc/nbdtab
	answer=$(request unconfigure "$dr")
	tap_is "NBD, a client that goes: blocked, at a port of nbdtab" "$answer" \
		"blocked configured*nbd0 *NBD server at 192.0.2.9 goes over $nic*"
	disconnect
	server_off
fi
# --- NFS ---

in_peer() {
	nsenter --net=/run/netns/peer sh -c ". ./nfs.sh; $*"
}
if modprobe -a nfsd nfsv4; then
	client=/run/selftest.client
	mkdir -p $client
	tap_at_exit "{ umount -f -l $client; in_peer nfs_server_off; umount $mnt; rmdir $client; } 2>/dev/null"
	udevadm settle
	mkfs.ext4 -q -F "/dev/$disk"
	mount "/dev/$disk" $mnt
	echo text > $mnt/file
	in_peer nfs_server_on $mnt 192.0.2.1
	tap_ok "NFS: mounted" mount -i -t nfs4 -o vers=4.2,addr=192.0.2.9,clientaddr=192.0.2.1 192.0.2.9:/ $client
	tap_is "NFS: it is the server's" "$(cat $client/file)" text
	answer=$(request unconfigure "$dr")
	tap_is "NFS: blocked" "$answer" \
		"blocked configured*$client *nfs4 of 192.0.2.9:/ is reached over $nic: unmount it (umount $client)*"
	answer=$(request unconfigure "$dr_disk")
	tap_is "NFS: the disk of the server: blocked" "$answer" \
		"blocked configured*$mnt *exported by NFS to 192.0.2.1*"
	umount $client
	in_peer nfs_server_off
	umount $mnt
	gone NFS
fi
ip addr flush dev "$nic"
ip link set "$nic" down
tap_done
