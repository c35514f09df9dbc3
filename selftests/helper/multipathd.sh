#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and multipathd: a path of a map in use leaves through the daemon while
# the other one works, the last one refuses; what is queued hangs nobody; an undo
# makes it a path again.
#
#	/run/selftest.mnt
#	      |
#	  selftest, made by multipathd out of
#	   |     |
#	drviomp drviomp		virtio-blk, one serial number

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

command -v multipathd >/dev/null || tap_skip "no multipathd"
modprobe -a dm_multipath dm_service_time || tap_skip "no dm_multipath"
mnt=/run/selftest.mnt
map=/dev/mapper/selftest
mkdir -p $mnt /etc/multipath
: > $fstab
paths() {
	for paths_disk in /sys/block/vd*; do
		[ "$(cat "$paths_disk/serial")" = drviomp ] && echo "${paths_disk##*/}"
	done
}
# shellcheck disable=SC2046 # names without spaces
set -- $(paths)
[ $# -eq 2 ] || tap_skip "no two disks with the serial number drviomp"
first=$1 second=$2
dr_first=$(dr_of "$first")
dr_second=$(dr_of "$second")

# Disks of virtio are none of multipath's unless it is told so.
cat > /etc/multipath.conf <<-END
	defaults {
		find_multipaths no
		path_checker directio
		path_grouping_policy multibus
		no_path_retry queue
		polling_interval 1
	}
	blacklist {
		wwid ".*"
	}
	blacklist_exceptions {
		devnode "^vd[a-z]"
		property "ID_SERIAL"
		wwid "drviomp"
	}
	multipaths {
		multipath {
			wwid drviomp
			alias selftest
		}
	}
END
daemon_end() {
	umount -l "$mnt" 2>/dev/null
	dmsetup message selftest 0 fail_if_no_path 2>/dev/null
	multipathd shutdown >/dev/null 2>&1
	eventually sh -c "! multipathd show daemon"
	dmsetup remove --retry selftest 2>/dev/null
	rm -rf /etc/multipath.conf /etc/multipath "$mnt"
}
tap_at_exit daemon_end
multipathd || tap_skip "multipathd does not start"

# The paths of the map that work, for the daemon and for the kernel.
works() {
	multipathd show paths raw format "%d %m %t %o" 2>/dev/null |
		grep "selftest active running" | sort | cut -d ' ' -f 1 | tr '\n' ' '
}
have() {
	[ "$(works)" = "$1" ] &&
		[ "$(dmsetup status selftest | grep -o ' [0-9]*:[0-9]* A ' | wc -l)" -eq "$(echo "$1" | wc -w)" ]
}
both="$first $second "

tap_ok "the daemon has made a map of both" eventually have "$both"
udevadm settle
mkfs.ext4 -q -F $map
mount $map $mnt
echo text > $mnt/file
user_start $mnt/file

taken_down "$dr_first"
tap_is "a path goes, in use" "$taken" ok
tap_ok "the daemon has deleted it" have "$second "
tap_ok "put back" put_back "$dr_first"
tap_ok "it is a path of the daemon again" eventually have "$both"

tap_is "a path goes for good, in use" "$(request unconfigure "$dr_first")" "ok unconfigured"
tap_ok "the daemon has deleted it, too" have "$second "
echo more >> $mnt/file
tap_is "it works on" "$(sync; tail -n 1 $mnt/file)" more
answer=$(request unconfigure "$dr_second")
tap_is "the last path: blocked" "$answer" \
	"blocked configured*/dev/$second *multipath map selftest *would not work without it*"
tap_ok "the last path: it is one still" have "$second "
tap_is "the path is configured" "$(request configure "$dr_first")" "ok configured"
tap_ok "the daemon has added it" eventually have "$both"

# --- A daemon that does not answer, and no path that works ---

refind() {
	# shellcheck disable=SC2046 # names without spaces
	set -- $(paths)
	first=$1 second=$2 both="$1 $2 "
}
refind
daemon=$(cat /run/multipathd.pid)
kill -STOP "$daemon"
tap_at_exit "kill -CONT $daemon 2>/dev/null"
began=$(cut -d . -f 1 /proc/uptime)
answer=$(request unconfigure "$dr_first")
took=$(($(cut -d . -f 1 /proc/uptime) - began))
tap_is "a daemon that hangs: fails by name" "$answer" "failure configured*multipathd has not deleted the path /dev/$first *"
tap_ok "a daemon that hangs: not for long" [ $took -lt 30 ]
tap_is "a daemon that hangs: the kernel has both" "$(dmsetup table selftest | grep -o ' [0-9]*:[0-9]* 1' | wc -l)" 2

for path in "$first" "$second"; do
	dmsetup message selftest 0 "fail_path $(cat "/sys/block/$path/dev")"
done
echo queued >> $mnt/file
sync $mnt/file &
syncer=$!
began=$(cut -d . -f 1 /proc/uptime)
answer=$(request unconfigure "$dr_first")
took=$(($(cut -d . -f 1 /proc/uptime) - began))
tap_is "what is written waits for a path: blocked" "$answer" \
	"blocked configured*selftest *has no path that works*fail_if_no_path*"
tap_ok "what is written waits for a path: not the helper" [ $took -lt 30 ]
tap_ok "what is written waits for a path: it does" kill -0 $syncer
kill -CONT "$daemon"
tap_ok "the daemon is back: both work" eventually have "$both"
wait $syncer
tap_is "the daemon is back: it is written" "$(tail -n 1 $mnt/file)" queued
user_stop

# --- Idle, and in its whole ---

umount $mnt
tap_is "idle: a path goes" "$(request unconfigure "$dr_first")" "ok unconfigured"
taken_down "$dr_second"
tap_is "idle: the last one goes" "$taken" ok
tap_not "idle: the map is removed" dmsetup info selftest
tap_ok "idle: put back" put_back "$dr_second"
tap_ok "idle: the daemon has it again" eventually have "$second "
tap_is "idle: the last one goes for good" "$(request unconfigure "$dr_second")" "ok unconfigured"
tap_not "idle: the map is removed for good" dmsetup info selftest
tap_is "idle: configured" "$(request configure "$dr_first")" "ok configured"
tap_is "idle: both of them" "$(request configure "$dr_second")" "ok configured"
udevadm settle
refind
tap_ok "idle: the daemon has made the map again" eventually have "$both"
tap_ok "idle: with what was in it" mount $map $mnt
tap_is "idle: all of it" "$(tail -n 1 $mnt/file)" queued
tap_done
