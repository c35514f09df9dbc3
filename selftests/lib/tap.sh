# SPDX-License-Identifier: GPL-2.0
# What shell tests share: TAP, the control domain's side of a link, and finding
# DR devices.  Sourced: . ../lib/tap.sh
# shellcheck shell=sh

class=/sys/class/drvio
tap_count=0
tap_failed=0
tap_undo=:

echo "TAP version 13"

# tap_check STATUS DESCRIPTION: a case, ok when STATUS is 0.
tap_check() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count $2"
	else
		echo "not ok $tap_count $2"
		# What the kernel and drvio-helper had to say.
		dmesg | tail -n 8 | sed "s/^/# log: /"
		tap_failed=1
	fi
}

# tap_ok DESCRIPTION COMMAND...: the command succeeds.
tap_ok() {
	tap_what=$1
	shift
	"$@" >/dev/null 2>&1
	tap_check $? "$tap_what"
}

# tap_not DESCRIPTION COMMAND...: the command fails.
tap_not() {
	tap_what=$1
	shift
	if "$@" >/dev/null 2>&1; then false; else true; fi
	tap_check $? "$tap_what"
}

# tap_is DESCRIPTION GOT PATTERN: a text matches a pattern of the shell.
tap_is() {
	# shellcheck disable=SC2254
	case $2 in
	$3) tap_check 0 "$1" ;;
	*) tap_check 1 "$1"; echo "# got '$2', not '$3'" ;;
	esac
}

# At the end of a test.
tap_done() {
	echo "1..$tap_count"
	exit $tap_failed
}

tap_skip() {
	echo "1..0 # SKIP $1"
	exit 4
}

# Runs a command when the test ends, however it does.
tap_at_exit() {
	tap_undo="$1; $tap_undo"
	trap 'eval "$tap_undo"' EXIT
	trap 'exit 1' INT TERM
}

# Asks as the control domain does; see tools/ask.c.
ask() {
	../tools/ask "$@"
}

# The DR device of a driver core device (virtio3), or of a disk (vda).
dr_of() {
	for dr_node in "$class"/*@*; do
		[ -d "$dr_node/target0/block/$1" ] ||
			[ "$(readlink -f "$dr_node/target0" | sed 's|.*/||')" = "$1" ] || continue
		echo "${dr_node##*/}"
		return 0
	done
	return 1
}

# The disk with a serial number.
disk_of() {
	for dr_disk in /sys/block/*; do
		[ "$(cat "$dr_disk/serial" 2>/dev/null)" = "$1" ] || continue
		echo "${dr_disk##*/}"
		return 0
	done
	return 1
}

# The driver of a device on the virtio bus, empty when it has none.
driver_of() {
	dr_link=$(readlink "/sys/bus/virtio/devices/$1/driver")
	echo "${dr_link##*/}"
}
