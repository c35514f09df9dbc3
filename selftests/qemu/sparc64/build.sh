#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds what the big-endian guest boots: a kernel with the patches, the modules,
# a static userspace with udev and the project as it is installed.  Usage:
#	build.sh OUTPUT-DIR sparc64-vmlinux|sparc64-debug
# Leaves OUTPUT-DIR/guest-KERNEL/{kernel,initramfs}.
set -eu

[ $# -eq 2 ] || {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}
kernel=$2
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
dir=$1/guest-$kernel
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
unset MAKEFLAGS MFLAGS MAKELEVEL

image=$("$top/scripts/kernel.sh" image "$kernel")
release=$("$top/scripts/kernel.sh" release "$kernel")
kdir=$("$top/scripts/kernel.sh" headers "$kernel")
patched=$("$top/scripts/kernel.sh" patched 6.1)
busybox=$("$here/busybox.sh")
sysroot=$("$here/sysroot.sh")

# The stage: ldc.c and ds.c come from the kernel's source, each time.
stage=$dir/stage
mkdir -p "$stage"
cp -pu "$top/selftests/modules/sun4v"/* "$stage/"
cp -pu "$patched/arch/sparc/kernel/ldc.c" "$patched/arch/sparc/kernel/ds.c" "$stage/"
make --no-print-directory -s -C "$kdir" M="$stage" modules

# The modules, as anywhere, but that Domain Services and the machine description
# are the stage's.
DRVIO_SYMBOLS=$stage/Module.symvers
"$top/scripts/modules.sh" "$dir" "$kdir" -s KBUILD_EXTRA_SYMBOLS="$DRVIO_SYMBOLS" \
	KCFLAGS="-include $stage/stage_rename.h" W=

cross="CROSS_COMPILE=sparc64-linux-gnu- CC=sparc64-linux-gnu-gcc AR=sparc64-linux-gnu-ar LDFLAGS=-static"
# quietly COMMAND...: linked statically, glibc warns of what it would load
quietly() {
	"$@" >"$dir/log" 2>&1 || {
		tail -n 20 "$dir/log" >&2
		exit 1
	}
}
# shellcheck disable=SC2086 # words
quietly make --no-print-directory -s -C "$top/selftests" O="$dir" $cross \
	TARGETS="sim link tools helper sun4v"

root=$dir/root
rm -rf "$root"
mkdir -p "$root"
cd "$root"
mkdir -p dev proc sys run tmp root mnt etc/udev/rules.d var usr/bin usr/sbin usr/lib/udev/rules.d \
	usr/lib/systemd "usr/lib/modules/$release/updates"
# Merged /usr, as in Debian.
for name in bin sbin lib; do ln -s usr/$name $name; done
ln -s /run var/run
for applet in $(busybox --list); do
	ln -s busybox "usr/bin/$applet"
done
rm usr/bin/busybox usr/bin/mount usr/bin/umount
cp "$busybox" usr/bin/
cp "$sysroot/bin/mount" "$sysroot/bin/umount" "$sysroot/bin/udevadm" usr/bin/
ln -s ../../bin/udevadm usr/lib/systemd/systemd-udevd
for rule in 50-udev-default 60-block 60-persistent-storage 75-net-description; do
	cp "/lib/udev/rules.d/$rule.rules" usr/lib/udev/rules.d/
done
# Users and groups that the rules name.
printf '%s:x:%s:%s::/:/bin/sh\n' root 0 0 nobody 65534 65534 >etc/passwd
awk -F: '$3 < 1000 || $3 == 65534' /etc/group >etc/group
: >etc/fstab
ln -s /proc/self/mounts etc/mtab

# shellcheck disable=SC2086 # words
PKG_CONFIG_LIBDIR=$sysroot/lib/pkgconfig PKG_CONFIG_PATH='' \
	quietly make --no-print-directory -s -C "$top/userspace" O="$dir" $cross \
	PKG_CONFIG="pkg-config --static" tests= DESTDIR="$root" install
rm -r usr/share
mkdir root/selftests
(cd "$dir/selftests" && tar -c --exclude='*.[cho]' --exclude=obj --exclude=kselftest .) |
	tar -x -C root/selftests
cp "$here/run-selftests.sh" "$top/selftests/qemu/clean-dmesg.sh" root/
cp "$dir/modules-$release"/drivers/drvio/*.ko "$stage"/*.ko "usr/lib/modules/$release/updates/"
sparc64-linux-gnu-gcc -static -O2 -Wall -Wextra -Werror -o init "$top/selftests/qemu/init.c"
find . -print0 | sort -z | cpio --quiet -0 -o -H newc -R 0:0 | gzip -1 >"$dir/initramfs"
ln -sfn "$image" "$dir/kernel"
