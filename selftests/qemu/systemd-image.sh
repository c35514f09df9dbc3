#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Makes the disk image of the guest with systemd as PID 1: a Debian 12, and the
# project in it as `make install` and a module build for its kernel put it.
# Usage: systemd-image.sh OUTPUT-DIR
# Leaves OUTPUT-DIR/guest-systemd/{kernel,root.img}; guest.sh boots it.
set -eu

[ $# -eq 1 ] || { echo "usage: systemd-image.sh OUTPUT-DIR" >&2; exit 2; }
out=$1
here=$(cd "$(dirname "$0")" && pwd)
src=$(cd "$here/../.." && pwd)
if [ "$(id -u)" -ne 0 ]; then
	echo "systemd-image: needs root, for the owners of the files in the image" >&2
	exit 1
fi

base=$("$here/systemd-base.sh")
image=$("$src/scripts/kernel.sh" image cloud)
release=$("$src/scripts/kernel.sh" release cloud)
kernel_root=$("$src/scripts/kernel.sh" modules cloud)

dir=$out/guest-systemd
root=$dir/root
rm -rf "$root"
mkdir -p "$root"
tar -x -C "$root" -f "$base" --exclude='./dev/*'

# The kernel's modules and ours.
mkdir -p "$root/lib/modules"
cp -a "$kernel_root/lib/modules/$release" "$root/lib/modules/"
mkdir -p "$root/lib/modules/$release/updates"
cp "$out/modules-$release"/drivers/drvio/*.ko "$root/lib/modules/$release/updates/"
depmod -b "$root" "$release"

make --no-print-directory -s -C "$src" install O="$out" DESTDIR="$root"

# What an administrator of a guest sets up: the modules at boot, see README.
echo drvio-virtio > "$root/etc/modules-load.d/drvio.conf"
echo drvio-systemd > "$root/etc/hostname"
# Empty, not missing: not a first boot that asks questions.
: > "$root/etc/machine-id"
: > "$root/etc/fstab"
cp "$here/clean-dmesg.sh" "$root/root/"
# Who manages the network is started by the tests, one after another.
rm -f "$root"/etc/systemd/system/*.wants/NetworkManager*.service

# The shell that the test guest has, too.
cat > "$root/etc/systemd/system/guest-shell.service" <<'UNIT'
[Unit]
Description=Root shell on ttyS1 for the tests

[Service]
Type=exec
Environment=HOME=/root PS1= PS2= SYSTEMD_PAGER= SYSTEMD_COLORS=0
WorkingDirectory=/root
ExecStartPre=/bin/stty -F /dev/ttyS1 sane clocal -hupcl -echo -opost
ExecStart=/bin/sh -i +m
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
Restart=always
RestartSec=0

[Install]
WantedBy=multi-user.target
UNIT
# Its word that it is up: the shell has the line, and the boot is over.
cat > "$root/etc/systemd/system/guest-up.service" <<'UNIT'
[Unit]
After=guest-shell.service

[Service]
Type=exec
ExecStart=/bin/sh -c "systemctl is-system-running --wait >/dev/null; echo drvio-guest: up"
StandardOutput=tty
TTYPath=/dev/console

[Install]
WantedBy=multi-user.target
UNIT
for unit in guest-shell guest-up; do
	ln -s ../$unit.service "$root/etc/systemd/system/multi-user.target.wants/"
done
for line in ttyS0 ttyS1; do
	ln -sf /dev/null "$root/etc/systemd/system/serial-getty@$line.service"
done

ln -sfn "$image" "$dir/kernel"
rm -f "$dir/root.img"
mke2fs -q -F -t ext4 -d "$root" "$dir/root.img" 600M
rm -rf "$root"
