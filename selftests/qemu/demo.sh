#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Plays the whole story on the terminal, with a guest in QEMU: a NIC and a disk
# come, the disk is refused while it is in use, and goes when it is not.
# Exits with 0 only when each step ended as the story says.  `make demo` runs it.
# Usage: demo.sh OUTPUT-DIR
set -eu

[ $# -eq 1 ] || { echo "usage: demo.sh OUTPUT-DIR" >&2; exit 2; }
out=$1
here=$(cd "$(dirname "$0")" && pwd)
PATH=$out/userspace:$PATH:/usr/sbin:/sbin
run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-demo.XXXXXX")

guest=
finish() {
	trap '' TERM INT HUP
	[ -z "$guest" ] || { kill "$guest" && wait "$guest"; } 2>/dev/null || :
	rm -rf "$run"
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP

bold='' dim='' plain=''
if [ -t 1 ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
fi

tell() {
	printf '\n%s# %s%s\n' "$dim" "$*" "$plain"
}

# Shows a command and its output, which is kept in $run/output, and fails the
# demo when it does not exit with the status that the story wants.
step() {
	prompt=$1 want=$2 shown=$3
	shift 3
	printf '%s%s %s%s\n' "$bold" "$prompt" "$shown" "$plain"
	status=0
	"$@" > "$run/output" 2>&1 || status=$?
	cat "$run/output"
	if [ "$status" -ne "$want" ]; then
		echo "demo: the story wants exit status $want here, it is $status" >&2
		[ ! -e "$run/console.log" ] || tail -n 20 "$run/console.log" >&2
		exit 1
	fi
}
# host STATUS COMMAND... runs on this machine, guest STATUS COMMAND in the guest.
host() {
	want=$1
	shift
	step 'host$' "$want" "$*" "$@"
}
in_guest() {
	step 'guest#' "$1" "$2" "$here/guest-run.sh" "$run" "$2"
}
# What the output just shown has to say.
says() {
	for word; do
		grep -qF -e "$word" "$run/output" || {
			echo "demo: the story wants to read \"$word\" here" >&2
			exit 1
		}
	done
}

tell "A guest boots: Debian's own kernel, the modules, udev, drvio-helper, drvio-relay."
truncate -s 64M "$run/data.img"
mke2fs -q -t ext4 -L data "$run/data.img"
O=$out "$here/guest.sh" "$run" > "$run/guest.log" 2>&1 &
guest=$!
n=0
while [ ! -e "$run/ready" ]; do
	if ! kill -0 "$guest" 2>/dev/null || [ $((n += 1)) -gt 600 ]; then
		echo "demo: the guest does not come up:" >&2
		cat "$run/guest.log" "$run/console.log" >&2
		exit 1
	fi
	sleep 0.1
done
"$here/guest-run.sh" "$run" "mkdir -p /srv/data
echo 'LABEL=data /srv/data ext4 nofail 0 0' > /etc/fstab"
cd "$run"
in_guest 0 'uname -sr; cat /etc/fstab'

tell "The control domain adds a NIC and asks the guest to configure it." \
	"The interface is up before the answer arrives."
host 0 drvio-manager --run . attach net nic0 --netdev user,ipv6=off
says "ok, configured"
in_guest 0 'ip -brief link'
says " UP "

tell "It adds a disk. The filesystem is mounted before the answer arrives."
host 0 drvio-manager --run . attach blk disk0 --file data.img
says "ok, configured"
in_guest 0 'findmnt /srv/data'
says "/dev/vd" "/srv/data"

tell "A program in the guest writes to it."
# shellcheck disable=SC2016 # the guest expands it
in_guest 0 'sleep 1000 > /srv/data/journal & echo "sleep has pid $!" | tee /run/demo.pid'

tell "The control domain wants the disk back. The guest refuses, and says why" \
	"and what to do. Nothing has changed."
host 3 drvio-manager --run . detach disk0
says "blocked, configured" "Resource" "Information" "/srv/data" "sleep"
in_guest 0 'findmnt /srv/data'
host 0 drvio-manager --run . status disk0 nic0

tell "The program ends, as the refusal advised; the same request succeeds, and" \
	"the disk is taken away."
# shellcheck disable=SC2016 # the guest expands it
in_guest 0 'kill $(tr -dc 0-9 < /run/demo.pid)'
host 0 drvio-manager --run . detach disk0
says "ok, unconfigured" "taken away"

tell "Nothing is left behind: no mount, no disk, no DR device."
in_guest 1 'findmnt /srv/data'
in_guest 1 'ls /sys/block | grep vd'
host 4 drvio-manager --run . status disk0

tell "The NIC goes the same way."
host 0 drvio-manager --run . detach nic0
says "ok, unconfigured" "taken away"
in_guest 0 'ip -brief link; ls /sys/class/drvio'
"$here/guest-run.sh" "$run" "! ls /sys/class/drvio | grep -E 'virtio-(net|blk)'" || {
	echo "demo: a device is left behind" >&2
	exit 1
}
"$here/guest-run.sh" "$run" < "$here/clean-dmesg.sh"

tell "That was it. More: README.md, make guest RUN=<dir>, man drvio-manager."
