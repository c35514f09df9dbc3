#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Records what drvioctl reads of a running guest, for tree.sh to build again:
# a line a file, "PATH=TEXT" (newlines as \n, backslashes as \\), or "PATH>TARGET"
# for a symbolic link.  Run in the guest: sh record.sh > tree.txt
set -eu

file() {
	# Some can only be written to, others have nothing to tell now.
	cat "$1" >/dev/null 2>&1 || return 0
	printf '%s=' "$1"
	sed -e 's/\\/\\\\/g' "$1" 2>/dev/null | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n/\\n/g'
}
link() {
	printf '%s>%s\n' "$1" "$(readlink "$1")"
}

{
	for class in drvio net block; do
		for node in /sys/class/"$class"/*; do
			[ ! -L "$node" ] || link "$node"
		done
	done
	for node in /sys/class/drvio/*; do
		real=$(readlink -f "$node")
		find "$real" -type f -not -path '*/power/*' | while read -r path; do
			file "$path"
		done
		find "$real" -type l -not -name subsystem -not -name device | while read -r path; do
			link "$path"
		done
		for target in "$real"/target*; do
			[ -e "$target/uevent" ] || continue
			to=$(readlink -f "$target")
			file "$to/uevent"
			[ ! -L "$to/driver" ] || link "$to/driver"
			find "$to/" -type f \( -path '*/net/*/mtu' -o -path '*/net/*/flags' \
				-o -path '*/net/*/ifindex' -o -path '*/net/*/uevent' \
				-o -path '*/block/*/partition' -o -path '*/block/*/dev' \
				-o -path '*/block/*/uevent' \) | while read -r path; do
				file "$path"
			done
		done
	done
	# The log, but for what is not of the service.
	if [ -r /dev/kmsg ]; then
		printf '/dev/kmsg='
		dmesg -r >/dev/null 2>&1 || :
		timeout 1 cat /dev/kmsg | sed -n '/^[0-9,]*,[0-9]*,.*;drvio/p' |
			sed -e 's/\\/\\\\/g' | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n/\\n/g' || :
	fi
} | sort -u
