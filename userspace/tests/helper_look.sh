#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper against a recorded tree in place of /sys and /proc: who uses a
# device, what is told of it, and what the kernel is answered. Nothing of the
# machine is touched.
#
#	$t/sys	a disk vda with the partition vda1, on the machine's filesystem of
#		$t by its number, so that files in $t count as files of the disk
#	$t/proc	processes 100 (its files are elsewhere) and 200, 300

helper=$DRVIO_BUILD/drvio-helper
t=$(mktemp -d "${TMPDIR:-/tmp}/drvio-look.XXXXXX") || exit 1
trap 'rm -rf "$t"' EXIT
# A device number that nothing else here has, and that of the folder.
fs=$(stat -c %Hd:%Ld "$t")
disk=virtio-blk@0x0102000800000000
# shellcheck source-path=SCRIPTDIR source=helper.sh
. "${0%/*}/helper.sh"

run() {
	out=$("$helper" --sysfs "$t/sys" --proc "$t/proc" --dev "$t/dev" \
		--run "$t/run" --fstab "$t/fstab" --root "$t" --config "$t/conf" \
		--hooks "$t/hooks.d" "$@" 2>&1)
	rc=$?
}

look() {
	run look "${1:-$disk}"
}

# device NAME TYPE TARGET: a DR device with a target
device() {
	mkdir -p "$t/sys/class/drvio/$1/request" "$t/sys/devices/pci/$3"
	ln -sfn "../../../devices/pci/$3" "$t/sys/class/drvio/$1/target0"
	echo "$2" > "$t/sys/class/drvio/$1/name"
	: > "$t/sys/class/drvio/$1/ack"
}

# node PATH SUBSYSTEM DEV UEVENT...: a node below a target
node() {
	node=$t/sys/devices/pci/$1
	mkdir -p "$node"
	ln -sfn "/sys/class/$2" "$node/subsystem"
	echo "$3" > "$node/dev"
	shift 3
	printf '%s\n' "$@" > "$node/uevent"
}

process() {
	mkdir -p "$t/proc/$1/fd" "$t/proc/$1/ns"
	echo "$2" > "$t/proc/$1/comm"
	ln -sfn "mnt:[$3]" "$t/proc/$1/ns/mnt"
	ln -sfn /dev/null "$t/proc/$1/exe"
	: > "$t/proc/$1/maps"
	cp "$t/proc/self/mountinfo" "$t/proc/$1/mountinfo"
}

# mounts LINE...: of the own namespace
mounts() {
	printf '%s\n' "1 0 250:9 / / rw shared:1 - ext4 /dev/other rw" "$@" \
		> "$t/proc/self/mountinfo"
}

# request VERB PHASE COOKIE
request() {
	dir=$t/sys/class/drvio/$disk/request
	echo "$1" > "$dir/verb"
	echo "$2" > "$dir/phase"
	echo "$3" > "$dir/cookie"
	echo 30000 > "$dir/deadline_ms"
	: > "$t/sys/class/drvio/$disk/ack"
}

ack() {
	cat "$t/sys/class/drvio/$disk/ack"
}

begin() {
	rm -rf "${t:?}/sys" "$t/proc" "${t:?}/dev" "$t/files" "${t:?}/etc" "${t:?}/var"
	mkdir -p "$t/sys/block" "$t/dev" "$t/etc/nbd-server" "$t/var/lib/nfs" "$t/proc/self/ns" "$t/files"
	device "$disk" virtio-blk virtio1
	node virtio1/block/vda block 250:16 DEVNAME=vda DEVTYPE=disk
	echo 7 > "$t/sys/devices/pci/virtio1/block/vda/diskseq"
	node virtio1/block/vda/vda1 block "$fs" DEVNAME=vda1 DEVTYPE=partition
	ln -s "mnt:[1]" "$t/proc/self/ns/mnt"
	mounts
	process 100 init 1
	: > "$t/files/data"
}

begin
look
want 0 "an idle disk has no users"
mounts "2 1 $fs / /data rw shared:2 - ext4 /dev/vda1 rw"
look
want 0 "one that is only mounted has none either"

# --- What the running system needs ---

for target in / /usr /boot /var; do
	mounts "2 1 $fs / $target rw shared:2 - ext4 /dev/vda1 rw"
	look
	want 1 "$target is never released" "$target " "not even by force" "/dev/vda1"
done

begin
mkdir -p "$t/sys/block/dm-0/dm" "$t/sys/devices/pci/virtio1/block/vda/vda1/holders/dm-0"
echo 253:0 > "$t/sys/block/dm-0/dev"
echo vg-root > "$t/sys/block/dm-0/dm/name"
echo LVM-abc > "$t/sys/block/dm-0/dm/uuid"
look
want 0 "an idle volume would be deactivated"
printf '[default]\nrelease_lvm = no\n' > "$t/conf"
look
want 3 "one that the policy keeps" "/dev/vda1" "logical volume vg-root (dm-0)" \
	"lvchange -an /dev/mapper/vg-root" "release_lvm = no"
rm "$t/conf"
mounts "2 1 253:0 / / rw shared:2 - ext4 /dev/mapper/vg-root rw"
look
want 1 "and has the root filesystem" "logical volume vg-root" "not even by force"
echo CRYPT-LUKS2-abc > "$t/sys/block/dm-0/dm/uuid"
mounts "2 1 253:0 / /srv rw shared:2 - ext4 /dev/mapper/vg-root rw"
look
want 3 "an encrypted volume without a key" "/dev/mapper/vg-root" \
	"could not be opened again" "cryptsetup close vg-root"
echo CRYPT-PLAIN-abc > "$t/sys/block/dm-0/dm/uuid"
look
want 3 "one that is not of LUKS" "it is not of LUKS"
mounts "2 1 253:0 / /boot rw shared:2 - ext4 /dev/mapper/vg-root rw"
look
want 1 "one that the system needs" "/boot " "encrypted volume vg-root"

begin
mkdir -p "$t/sys/block/md0/md" "$t/sys/devices/pci/virtio1/block/vda/vda1/holders/md0" \
	"$t/sys/block/md0/holders/dm-1" "$t/sys/block/dm-1/dm"
echo 9:0 > "$t/sys/block/md0/dev"
echo 253:1 > "$t/sys/block/dm-1/dev"
mounts "2 1 253:1 / / rw - ext4 /dev/mapper/x rw"
look
want 1 "root is two storeys above" "not even by force"
mounts
look
want 3 "what nobody knows" "/dev/dm-1" "take dm-1 down"

# An array of two members, of which this disk has one.
begin
md=$t/sys/block/md0/md
member="$t/sys/devices/pci/virtio1/block/vda/vda1/holders/md0"
mkdir -p "$md/dev-vda1" "$md/dev-vdb1" "$member"
echo 9:0 > "$t/sys/block/md0/dev"
echo 2 > "$md/raid_disks"
echo 0 > "$md/degraded"
echo idle > "$md/sync_action"
echo in_sync > "$md/dev-vda1/state"
echo in_sync > "$md/dev-vdb1/state"
echo raid1 > "$md/level"
mounts "2 1 9:0 / /srv rw - ext4 /dev/md0 rw"
look
want 0 "a member of a healthy array may go"
mounts "2 1 9:0 / / rw - ext4 /dev/md0 rw"
look
want 0 "also with the root filesystem on it"
printf '[default]\nrelease_md_leg = no\n' > "$t/conf"
look
want 3 "unless the policy keeps it" "release_md_leg = no" "RAID array md0"
rm "$t/conf"
echo recover > "$md/sync_action"
look
want 1 "not while it is made equal" "/ " "RAID array md0, which is on /dev/vda1"
mounts "2 1 9:0 / /srv rw - ext4 /dev/md0 rw"
look
want 3 "then it is the last one" "RAID array md0" "would not work without it" \
	"mdadm --stop /dev/md0"
echo idle > "$md/sync_action"
echo 1 > "$md/degraded"
look
want 3 "nor when the other one has gone" "would not work without it"
printf '[default]\nlast_leg = refuse\n' > "$t/conf"
look
want 1 "which the policy may make final" "last_leg = refuse"
printf '[default]\nlast_leg = allow\n' > "$t/conf"
look
want 0 "or allow"
rm "$t/conf"
mounts
look
want 0 "an array that nobody uses would be stopped"
echo 0 > "$md/degraded"
echo raid0 > "$md/level"
mounts "2 1 9:0 / /srv rw - ext4 /dev/md0 rw"
look
want 0 "as one without redundancy, with its mount"
echo raid6 > "$md/level"
echo 4 > "$md/raid_disks"
echo 1 > "$md/degraded"
look
want 0 "raid6 may lose two"
echo 2 > "$md/degraded"
look
want 3 "and not three" "would not work without it"
echo faulty > "$md/dev-vda1/state"
look
want 0 "one that failed before is not missed"
mkdir -p "$md"
echo external:/md127/0 > "$md/metadata_version"
look
want 3 "others write down its state" "would not work without it"

begin
mkdir -p "$t/sys/fs/btrfs/1234/devices/vda1" "$t/sys/fs/btrfs/1234/devices/vdb"
look
want 3 "one of two devices of a btrfs out of sight" "btrfs filesystem 1234" \
	"btrfs device remove /dev/vda1"

# --- Mounts ---

begin
mounts "2 1 $fs / /data rw shared:2 - ext4 /dev/vda1 rw" \
	"3 2 0:55 / /data/tmp rw - tmpfs tmpfs rw"
look
want 3 "something on top" "/data/tmp" "on top of /data" "umount /data/tmp"
mounts "3 1 $fs /folder /only rw - ext4 /dev/vda1 rw"
look
want 3 "a folder of it that could not be mounted again" "/only" "umount /only"
mounts "2 1 $fs / /data rw shared:2 - ext4 /dev/vda1 rw" \
	"3 1 $fs /folder /bind rw - ext4 /dev/vda1 rw"
look
want 0 "a bind mount beside the whole one"

process 200 container 77
printf '%s\n' "21 0 250:9 / / rw master:1 - ext4 /dev/other rw" \
	"22 21 $fs / /data rw master:2 - ext4 /dev/vda1 rw" \
	"23 21 $fs /folder /bind rw - ext4 /dev/vda1 rw" > "$t/proc/200/mountinfo"
look
want 0 "copies in another namespace that go along"
echo "24 22 0:56 / /data/x rw - tmpfs none rw" >> "$t/proc/200/mountinfo"
look
want 3 "one of them that is held" "container (pid 200)" "/data" "nsenter -t 200"
printf '%s\n' "21 0 250:9 / / rw - ext4 /dev/other rw" \
	"22 21 $fs / /private rw - ext4 /dev/vda1 rw" > "$t/proc/200/mountinfo"
look
want 3 "a private mount" "/private" "private mount namespace of container (pid 200)" \
	"nsenter -t 200 -m umount /private"
mounts
look
want 3 "also when it is mounted nowhere else" "/private"

# --- Who else has a say ---

begin
mkdir -p "$t/sys/power"
echo "$fs" > "$t/sys/power/resume"
look
want 3 "the system resumes from it" "/dev/vda1" "/sys/power/resume"
begin
mounts "2 1 $fs / /data rw shared:2 - ext4 /dev/vda1 rw"
printf '[default]\nunmount = no\n' > "$t/conf"
look
want 3 "the policy keeps it mounted" "/data" "unmount = no"
printf '[virtio-blk]\nkeep_mounted = /da*\n' > "$t/conf"
look
want 1 "always" "/data" "keep_mounted"
rm "$t/conf"
mkdir -p "$t/sys/kernel/config/target/core/fileio_0/store"
echo "/data/image" > "$t/sys/kernel/config/target/core/fileio_0/store/udev_path"
look
want 3 "a file on it is offered by the SCSI target" "/data/image" \
	"targetcli /backstores/fileio delete store"
group=$t/sys/kernel/config/target/iscsi/iqn.2026-11.org.example:store/tpgt_1
mkdir -p "$group/lun/lun_0" "$group/acls/iqn.known" "$group/acls/iqn.away"
ln -s "$t/sys/kernel/config/target/core/fileio_0/store" "$group/lun/lun_0/name"
printf 'InitiatorName: iqn.known\nInitiatorAlias: \n' > "$group/acls/iqn.known/info"
echo "No active iSCSI Session for Initiator Endpoint: iqn.away" > "$group/acls/iqn.away/info"
printf 'iqn.one\n\0iqn.two\n\0' > "$group/dynamic_sessions"
look
want 3 "initiators that are logged in are named" \
	"/data/image" "used by the initiator iqn.known, of the target iqn.2026-11.org.example:store" \
	"initiator iqn.one," "initiator iqn.two," "iscsiadm -m node -T iqn.2026-11.org.example:store -u"
want_no "one that is not logged in is not" "iqn.away"
rm "$group/lun/lun_0/name"
look
want_no "nor those of another LUN" "iqn.known"
rm -r "$t/sys/kernel/config"
printf '/data/a\\040b\t192.168.0.0/24(rw,sync)\n/other\t*(ro)\n' > "$t/var/lib/nfs/etab"
look
want 0 "what NFS once exported is nothing without its server"
mkdir -p "$t/proc/fs/nfsd"
echo 8 > "$t/proc/fs/nfsd/threads"
look
want 3 "a folder is exported" "/data/a b" "exportfs -u 192.168.0.0/24:/data/a b"
rm -r "$t/proc/fs"
printf '[generic]\nuser = nbd\n[export1]\nexportname = /data/image\n' > "$t/etc/nbd-server/config"
look
want 0 "nor is the configuration of nbd-server"
process 200 nbd-server 1
look
want 3 "one that runs" "/data/image" "nbd-server, as export1"
mounts "2 1 $fs / $t/files rw shared:2 - ext4 /dev/vda1 rw"
: > "$t/files/image"
printf '[generic]\n[export1]\nexportname = %s\n' "$t/files/image" > "$t/etc/nbd-server/config"
process 300 nbd-server 1
ln -s "$t/files/image" "$t/proc/300/fd/3"
ln -s "socket:[4711]" "$t/proc/300/fd/4"
mkdir "$t/proc/300/net"
look
want_no "a process of it without a client has none" "NBD client"
# Addresses as a little-endian machine shows them.
{
	echo "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
	echo "   0: 00000000:2A39 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1"
	echo "   1: 090200C0:2A39 080200C0:9C41 01 00000000:00000000 00:00000000 00000000     0        0 4710 1"
	echo "   2: 090200C0:2A39 010200C0:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4711 1"
} > "$t/proc/300/net/tcp"
look
want 3 "its clients are named" "NBD client at 192.0.2.1 port 40000, through nbd-server (pid 300)"
want_no "and no other's" "192.0.2.8"

# --- Processes ---

begin
mounts "2 1 $fs / /data rw shared:2 - ext4 /dev/vda1 rw"
process 200 sleep 1
ln -s "$t/files/data" "$t/proc/200/fd/3"
look
want 3 "an open file" "/data " "file open: $t/files/data, by sleep (pid 200)" \
	"close the file or stop sleep (pid 200)"
ln -s "$t/files/data" "$t/proc/200/fd/4"
ln -s "$t/files" "$t/proc/200/cwd"
look
want 3 "more of them in one row" "(and 2 more)"
rm "$t/proc/200/fd/3" "$t/proc/200/fd/4"
look
want 3 "the working folder" "working folder: $t/files, by sleep (pid 200)" "leave the folder"
rm "$t/proc/200/cwd"
ln -s "$t/files" "$t/proc/200/root"
look
want 3 "the root folder" "root folder"
rm "$t/proc/200/root"
ln -sfn "$t/files/data" "$t/proc/200/exe"
look
want 3 "the program" "program running"
ln -sfn /dev/null "$t/proc/200/exe"
printf '7f00-7f01 r--p 00000000 %02x:%02x 99 /data/lib.so\n' "${fs%:*}" "${fs#*:}" > "$t/proc/200/maps"
look
want 3 "a mapping" "file mapped: /data/lib.so, by sleep (pid 200)"
: > "$t/proc/200/maps"
look
want 0 "and none of them"

# --- Swap ---

begin
echo "MemAvailable: 100000 kB" > "$t/proc/meminfo"
printf 'Filename Type Size Used Priority\n%s file 400000 300000 -2\n' "$t/files/data" > "$t/proc/swaps"
mounts "2 1 $fs / /data rw shared:2 - ext4 /dev/vda1 rw"
look
want 3 "swap that does not fit into memory" "$t/files/data" "292 MiB" "swapoff"
printf 'Filename Type Size Used Priority\n%s file 400000 30000 -2\n' "$t/files/data" > "$t/proc/swaps"
look
want 0 "swap that does"

# --- Other types ---

begin
device virtio-iommu@0x1 virtio-iommu virtio7
look virtio-iommu@0x1
want 3 "a type that is not known" "virtio-iommu@0x1" "does not know" "force"
device virtio-balloon@0x1 virtio-balloon virtio8
look virtio-balloon@0x1
want 0 "a balloon has no users"

device virtio-console@0x1 virtio-console virtio9
node virtio9/virtio-ports/vport0p1 virtio-ports 1:3 DEVNAME=vport0p1
echo org.example.0 > "$t/sys/devices/pci/virtio9/virtio-ports/vport0p1/name"
look virtio-console@0x1
want 0 "an idle port"
process 200 agent 1
ln -s /dev/null "$t/proc/200/fd/3"
look virtio-console@0x1
want 3 "a port that is open" "/dev/vport0p1 (org.example.0)" "open in agent (pid 200)"
rm "$t/proc/200/fd/3"
rm "$t/sys/devices/pci/virtio9/virtio-ports/vport0p1/name"
echo "hvc0 -W- (EC p a) 229:0" > "$t/proc/consoles"
look virtio-console@0x1
want 3 "a console of the kernel" "hvc0 is a console of the kernel"

# Its device has no subsystem, so the kernel tells no DEVNAME.
device vdpa-net@0x1 vdpa-net svc0
mkdir -p "$t/sys/devices/pci/svc0/vhost-vdpa-0"
echo 1:3 > "$t/sys/devices/pci/svc0/vhost-vdpa-0/dev"
: > "$t/sys/devices/pci/svc0/vhost-vdpa-0/uevent"
look vdpa-net@0x1
want 0 "a vDPA device that no virtual machine has open"
process 201 qemu 1
ln -s /dev/null "$t/proc/201/fd/3"
look vdpa-net@0x1
want 1 "one that is open" "open in qemu (pid 201)" "not even force"
rm "$t/proc/201/fd/3"

device virtio-9p@0x1 virtio-9p virtio10
echo share > "$t/sys/class/drvio/virtio-9p@0x1/tag"
mounts "5 1 0:60 / /host rw - 9p other rw,trans=virtio"
look virtio-9p@0x1
want 0 "another share is mounted"
mounts "5 1 0:60 / /host rw - 9p share rw,trans=virtio"
look virtio-9p@0x1
want 3 "this one is" "/host" "umount /host"
device virtio-fs@0x1 virtio-fs virtio12
echo share > "$t/sys/class/drvio/virtio-fs@0x1/tag"
look virtio-fs@0x1
want 0 "a file system of another kind with this tag"
mounts "5 1 0:60 / /host rw - virtiofs share rw"
look virtio-fs@0x1
want 3 "its own" "/host" "umount /host"
echo > "$t/sys/class/drvio/virtio-fs@0x1/tag"
look virtio-fs@0x1
want 3 "a tag that is not known may be any" "perhaps from this device"
mounts

# The nodes of a graphics adapter are beside it.
begin
mkdir -p "$t/sys/devices/pci/gpu0/virtio13"
device virtio-gpu@0x1 virtio-gpu gpu0/virtio13
node gpu0/drm/card0 drm 1:3 DEVNAME=dri/card0
look virtio-gpu@0x1
want 0 "an idle graphics adapter"
process 200 Xorg 1
ln -s /dev/null "$t/proc/200/fd/3"
look virtio-gpu@0x1
want 3 "one that a display server has open" "/dev/null" "open in Xorg (pid 200)"
rm "$t/proc/200/fd/3"

device virtio-mem@0x1 virtio-mem virtio14
echo 0 > "$t/sys/class/drvio/virtio-mem@0x1/plugged_size"
echo 0 > "$t/sys/class/drvio/virtio-mem@0x1/requested_size"
look virtio-mem@0x1
want 0 "a memory device without memory"
echo 268435456 > "$t/sys/class/drvio/virtio-mem@0x1/plugged_size"
look virtio-mem@0x1
want 1 "one whose memory is plugged in" "256 MiB" "not even force"

device virtio-crypto@0x1 virtio-crypto virtio15
algorithm() {
	printf "name         : %s\ndriver       : some\nmodule       : %s\npriority     : 150\nrefcnt       : %s\nselftest     : passed\n\n" \
		"$@"
}
{ algorithm "cbc(aes)" virtio_crypto 1; algorithm "cbc(aes)" kernel 7; } > "$t/proc/crypto"
look virtio-crypto@0x1
want 0 "a crypto accelerator of which no algorithm is used"
{ algorithm "xts(aes)" kernel 7; algorithm "cbc(aes)" virtio_crypto 3; } > "$t/proc/crypto"
look virtio-crypto@0x1
want 1 "one of which one is" "cbc(aes)" "2 users" "not even force"

device virtio-vsock@0x1 virtio-vsock virtio16
mkdir -p "$t/sys/devices/pci/virtio16/driver/module"
echo 0 > "$t/sys/devices/pci/virtio16/driver/module/refcnt"
look virtio-vsock@0x1
want 0 "a socket device without connections"
echo 2 > "$t/sys/devices/pci/virtio16/driver/module/refcnt"
look virtio-vsock@0x1
want 3 "one with two" "2 sockets are connected"

device virtio-net@0x1 virtio-net virtio11
mkdir -p "$t/sys/devices/pci/virtio11/net" "$t/sys/devices/pci/virtio11/driver"
look virtio-net@0x1
want 3 "an interface that is out of sight" "virtio11" "another network namespace"

# --- Requests ---

begin
mounts "2 1 $fs / / rw shared:2 - ext4 /dev/vda1 rw"
request unconfigure userspace 00000000000000a1
run request "$disk" 00000000000000a1
want 1 "unconfigure of the root disk fails"
out=$(ack)
rc=0
want 0 "the ack is one line, with the table" \
	"00000000000000a1 failed Resource  Information\\n--------  -----------\\n/ "
request force-unconfigure userspace 00000000000000a2
run request "$disk" 00000000000000a2
out=$(ack)
want 1 "by force too" "00000000000000a2 failed Resource"
[ -e "$t/run/$disk.journal" ]
check $((!$?)) "no journal is left"

mounts "2 1 $fs / /data rw shared:2 - ext4 /dev/vda1 rw"
process 200 sleep 1
ln -s "$t/files/data" "$t/proc/200/fd/3"
request unconfigure userspace 00000000000000a3
run request "$disk"
out=$(ack)
want 3 "a disk in use is blocked" "00000000000000a3 blocked Resource" "sleep (pid 200)"

request unconfigure userspace 00000000000000a4
run request "$disk" 00000000000000a3
want 8 "an older cookie: the request is over" "00000000000000a3 is over"
[ -z "$(ack)" ]
check $? "nothing is acked"
for phase in queued bind unbind undo "done"; do
	request unconfigure "$phase" 00000000000000a5
	run request "$disk" 00000000000000a5
	[ "$rc" -eq 8 ] && [ -z "$(ack)" ]
	check $? "in the phase $phase there is nothing to do"
done
request strange userspace 00000000000000a6
run request "$disk"
out=$(ack)
want 9 "an unknown verb" "00000000000000a6 failed" "does not know this verb"

rm "$t/proc/200/fd/3"
mounts
request unconfigure userspace 00000000000000a7
run --instance "$disk:00000000000000a7:request"
out=$(ack)
want 0 "an idle disk is released" "00000000000000a7 ok"
[ -e "$t/run/$disk.journal" ]
check $? "its journal waits for what the kernel does"
run "done" "$disk" 0000000000000001
[ -e "$t/run/$disk.journal" ]
check $? "another request's end leaves it alone"
run "done" "$disk" 00000000000000a7
[ ! -e "$t/run/$disk.journal" ]
check $? "its own removes it"

request configure userspace 00000000000000a8
: > "$t/fstab"
run request "$disk"
out=$(ack)
want 0 "a disk that fstab does not know is configured" "00000000000000a8 ok"

# --- The command line ---

run request nosuch@0x1
want 4 "no such device" "nosuch@0x1: no such device"
run request ../../etc
want 2 "a path is no name"
run
want 2 "no command" "no command"
run frobnicate
want 2 "an unknown command" "frobnicate"
run request
want 2 "no device" "no device"
run --instance broken
want 2 "a broken instance" "broken"
run register
want 4 "no module" "load the module drvio"
mkdir -p "$t/sys/class/drvio/service"
: > "$t/sys/class/drvio/service/helper"
run register
[ "$rc" -eq 0 ] && grep -q '^[0-9]*\.[0-9]*\.[0-9]*$' "$t/sys/class/drvio/service/helper"
check $? "registered with its version"
if [ "$(id -u)" -eq 0 ]; then
	# --- The policy ---
	begin
	mounts "2 1 $fs / /data rw shared:2 - ext4 /dev/vda1 rw" \
		"3 2 250:8 / /data/tmp rw shared:3 - tmpfs tmp rw"
	echo "[virtio-blk]
force = no" > "$t/conf"
	request force-unconfigure userspace 00000000000000a9
	run request "$disk"
	out=$(ack)
	want 1 "force that the policy forbids fails" "00000000000000a9 failed Resource" \
		"/data/tmp" "force is forbidden for it: force = no"
	echo "[default]
carrier_timeout_ms = soon" > "$t/conf"
	run look "$disk"
	want 2 "a wrong policy is named" "conf:2: carrier_timeout_ms: \"soon\" is not allowed"
	request unconfigure userspace 00000000000000aa
	run request "$disk"
	out=$(ack)
	want 1 "and nothing is done under it" "00000000000000aa failed" "conf:2: carrier_timeout_ms"
	run policy
	want 2 "it cannot be printed" "conf:2: carrier_timeout_ms"
	chmod 666 "$t/conf"
	run look "$disk"
	want 2 "a policy that anybody can write is refused" "$t/conf: refused"
	chmod 644 "$t/conf"
	echo "[$disk]
mtu = 9000" > "$t/conf"
	run policy "$disk"
	want 0 "the policy of a device" "from [$disk]
mtu = 9000" "the default
kill = no"
fi
echo "1..$cases"
exit $failed
