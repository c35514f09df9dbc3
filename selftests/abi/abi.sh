#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Documentation/ABI against the live tree: each attribute has an entry, each
# entry has an attribute, and the permissions are those that the entry says.
# What the driver core adds to every device is its own affair.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

abi=sysfs-class-drvio
[ -r "$abi" ] || tap_skip "$abi is not here: the tests are staged with make -C selftests"

# The only type whose devices are made by writing is that of drvio-sim.
modprobe -q drvio-sim || tap_skip "no drvio-sim: its attributes cannot be looked at"

# Services, where the kernel has vDPA.
if modprobe -q drvio-vdpa && modprobe -qa virtio_vdpa vdpa_sim_net vdpa_sim_blk; then
	vdpa dev add name abi-net mgmtdev vdpasim_net
	vdpa dev add name abi-blk mgmtdev vdpasim_blk
	udevadm settle
	# Not by modprobe, which would take drvio-virtio along.
	tap_at_exit "vdpa dev del abi-net; vdpa dev del abi-blk; rmmod drvio_vdpa; modprobe -r vdpa_sim_net vdpa_sim_blk"
fi

# So that there is a link, also where no relay runs.
exec 3<>/dev/drvio || tap_skip "/dev/drvio cannot be opened"

work=$(mktemp -d)
tap_at_exit "rm -r $work"

# Folders have entries of their own where there is something to say about them.
find "$class"/*/ | sed 's|//*|/|g; s|/$||' |
	grep -vE '/(uevent|subsystem|power|power/.*)$' > "$work/all"
while read -r path; do
	[ -d "$path" ] && [ ! -L "$path" ] || echo "$path"
done < "$work/all" > "$work/attributes"

# One line an entry: a regular expression, and RO, RW, WO or -.  Several "What:"
# share the description that follows.
awk '
function flush(  i) {
	for (i = 0; i < n; i++)
		print what[i], mode
	n = 0
}
/^What:/ {
	if (described) flush()
	described = 0
	mode = "-"
	sub(/^What:[ \t]*/, "")
	gsub(/[.+]/, "[&]")
	gsub(/<[^>]*>/, "[^/@]+")
	what[n++] = $0
}
/^Description:/ { described = 1 }
described && match($0, /\((RO|RW|WO)\)/) && mode == "-" {
	mode = substr($0, RSTART + 1, 2)
}
END { flush() }
' "$abi" > "$work/entries"

cut -d ' ' -f 1 "$work/entries" > "$work/patterns"
undocumented=$(grep -vxE -f "$work/patterns" "$work/attributes")
tap_is "every attribute has an entry" "$undocumented" ""

while read -r pattern mode; do
	what=$(echo "$pattern" | sed 's|\[^/@\]+|*|g; s|[][]||g')
	paths=$(grep -xE -- "$pattern" "$work/all")
	case $what in
	"$class"/*@*)
		# What only devices of one type have, in a guest that has none of it.
		# shellcheck disable=SC2086 # a pattern
		set -- ${what%%@*}@*
		if [ ! -e "$1" ]; then
			tap_check 0 "$what exists # SKIP no such device here"
			continue
		fi ;;
	esac
	[ -n "$paths" ]
	tap_check $? "$what exists"
	case $mode in
	RO) want=444 ;;
	RW) want=644 ;;
	WO) want=200 ;;
	*) continue ;;
	esac
	# shellcheck disable=SC2086 # names in sysfs have no blanks
	tap_is "$what is $mode" "$(stat -c %a $paths 2>/dev/null | sort -u)" "$want"
done < "$work/entries"
tap_done
