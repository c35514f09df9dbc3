#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Makes the initramfs of the test guest out of this machine's Debian packages,
# a kernel's modules, and the project.
# Usage: mkimage.sh OUTPUT-DIR RELEASE KERNEL-ROOT IMAGE
#   OUTPUT-DIR   the project's O: programs and modules are taken from it
#   KERNEL-ROOT  has the lib/modules/RELEASE of the kernel
set -eu

[ $# -eq 4 ] || { echo "usage: mkimage.sh OUTPUT-DIR RELEASE KERNEL-ROOT IMAGE" >&2; exit 2; }
# Programs of /sbin may be out of a plain user's PATH.
PATH=$PATH:/usr/sbin:/sbin
out=$1 release=$2 kernel_root=$3 image=$4
src=$(cd "$(dirname "$0")/../.." && pwd)

root=$image.root
rm -rf "$root"
mkdir -p "$root"
cd "$root"
mkdir -p dev proc sys run tmp root mnt etc/udev/rules.d var/lib usr/bin usr/sbin \
	usr/lib/udev/rules.d usr/lib/systemd/network usr/lib/drvio
# Merged /usr, as in Debian.
for dir in bin sbin lib; do ln -s usr/$dir $dir; done
mkdir usr/lib64
ln -s usr/lib64 lib64
ln -s /run var/run

# Copies a program with the libraries that it needs to the same place.
add_program() {
	path=$(command -v "$1") || { echo "mkimage: $1 is missing: run scripts/install-deps.sh" >&2; exit 1; }
	add_file "$path" "${2:-$path}"
}
# The libraries that a program needs; "not a dynamic executable" is no error.
add_libs() {
	ldd "$1" 2>/dev/null | sed -n 's|.* => \(/[^ ]*\) (.*|\1|p; s|^[[:space:]]*\(/[^ ]*\) (.*|\1|p' |
	while read -r lib; do
		[ -e ".$lib" ] || { mkdir -p ".${lib%/*}"; cp -L "$lib" ".$lib"; }
	done
}
add_file() {
	mkdir -p ".${2%/*}"
	cp -L "$1" ".$2"
	add_libs "$1"
}

# Applets first: the real programs below replace those that they are better than.
cp -L "$(command -v busybox)" usr/bin/busybox
for applet in $(busybox --list); do
	ln -s busybox "usr/bin/$applet" 2>/dev/null || :
done
rm -f usr/bin/init
for program in dash kmod ip mount umount swapon swapoff blkid findmnt losetup blockdev \
		lsblk mkfs.ext4 e2fsck unshare nsenter setpriv timeout make dmsetup bridge vdpa \
		lvm mdadm cryptsetup multipath multipathd mkfs.btrfs make-bcache nbd-server nbd-client iscsid iscsiadm; do
	rm -f "usr/bin/$program"
	add_program "$program" "/usr/bin/$program"
done
# Not busybox as the shell: it would take its own applets for mount, ip, ...
ln -sf dash usr/bin/sh
for name in modprobe depmod insmod rmmod lsmod modinfo; do
	ln -sf ../bin/kmod "usr/sbin/$name"
	ln -sf kmod "usr/bin/$name"
done
ln -sf mkfs.ext4 usr/bin/mke2fs
for name in pvcreate pvs vgcreate vgchange vgremove lvcreate lvchange lvs; do
	ln -sf lvm "usr/bin/$name"
done
# Where udev's rules look for them.
for name in dmsetup lvm mdadm; do
	ln -sf "../bin/$name" "usr/sbin/$name"
done
# What multipath and multipathd load by themselves.
for plugin in libcheckdirectio.so libchecktur.so libprioconst.so; do
	add_file "/lib/multipath/$plugin" "/lib/multipath/$plugin"
done
libgcc=$(ldconfig -p | awk '$1 == "libgcc_s.so.1" && /x86-64/ { print $NF; exit }')
add_file "$libgcc" "$libgcc"
cp /etc/mke2fs.conf etc/
# What the rule of bcache runs.
for program in bcache-register probe-bcache; do
	add_file "/lib/udev/$program" "/usr/lib/udev/$program"
done

add_file "$(command -v udevadm)" /usr/bin/udevadm
mkdir -p usr/lib/systemd
ln -s ../../bin/udevadm usr/lib/systemd/systemd-udevd
for rule in 50-udev-default 55-dm 56-lvm 60-block 60-persistent-storage \
		60-persistent-storage-dm 60-serial 63-md-raid-arrays 64-btrfs 69-bcache \
		75-net-description 80-net-setup-link 80-drivers 95-dm-notify 99-systemd; do
	file=/lib/udev/rules.d/$rule.rules
	# 99-systemd belongs to the package systemd, which the machine may lack.
	[ -e "$file" ] && cp "$file" usr/lib/udev/rules.d/
done || :
[ -e /lib/systemd/network/99-default.link ] &&
	cp /lib/systemd/network/99-default.link usr/lib/systemd/network/

# Users and groups that udev's rules name, and a user who is not root.
cat > etc/passwd <<'PASSWD'
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh
PASSWD
awk -F: '$3 < 1000 { print }' /etc/group > etc/group
for group in root tty disk dialout kmem input kvm render sgx audio video cdrom tape lp nogroup; do
	grep -q "^$group:" etc/group || echo "$group:x:$((800 + $(wc -l < etc/group))):" >> etc/group
done
echo drvio-guest > etc/hostname
ln -s /proc/self/mounts etc/mtab
: > etc/fstab

# The project, as it is installed.
make --no-print-directory -s -C "$src/userspace" O="$out" DESTDIR="$root" install
for program in usr/sbin/drvio* usr/lib/drvio/*; do
	add_libs "$program"
done

# Modules of the kernel that a guest needs, with what they need in turn.
modules="virtio_pci virtio_blk virtio_net virtio_console virtio-rng virtio_balloon
	virtio_scsi sd_mod loop ext4 dm_mod dummy bridge bonding 8021q veth null_blk
	team macvlan vsock vsock_loopback vmw_vsock_virtio_transport
	virtio_vdpa vdpa_sim_net vdpa_sim_blk
	dm_crypt xts ecb aes_generic sha256_generic algif_skcipher algif_hash dm_multipath dm_service_time dm_round_robin
	raid1 raid0 btrfs bcache target_core_iblock target_core_file iscsi_target_mod iscsi_tcp nbd vmxnet3 nfsd nfsv4
	vhost_vdpa vp_vdpa
	virtio-gpu virtio_input evdev virtio_crypto virtio_mem virtio_pmem nd_pmem
	9pnet_virtio 9p virtiofs virtio_snd"
lib=usr/lib/modules/$release
mkdir -p "$lib/updates"
for module in $modules; do
	modprobe -S "$release" -d "$kernel_root" \
		--show-depends "$module" 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | sort -u | while read -r file; do
	to=$lib/${file#*/lib/modules/"$release"/}
	mkdir -p "${to%/*}"
	cp "$file" "$to"
done
cp "$kernel_root/lib/modules/$release"/modules.builtin* "$kernel_root/lib/modules/$release/modules.order" "$lib/"
cp "$out/modules-$release"/drivers/drvio/*.ko "$lib/updates/"
find "$out/test-modules-$release" -name "*.ko" -exec cp -t "$lib/updates" {} +
depmod -b . "$release"

mkdir -p "${image%/*}"
gcc -static -O2 -Wall -Wextra -Werror -o init "$src/selftests/qemu/init.c"

find . -print0 | sort -z | cpio --quiet -0 -o -H newc -R 0:0 > "$image.new"
mv "$image.new" "$image"
rm -rf "$root"
