#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the service costs, as ratios to the same work without it, all measured in
# one run of one guest; `make bench` runs it.
# Usage: bench.sh OUTPUT-DIR
# ROUNDS sets how often each is done (10), three times by turns; medians.
set -eu

[ $# -eq 1 ] || { echo "usage: bench.sh OUTPUT-DIR" >&2; exit 2; }
out=$1
here=$(cd "$(dirname "$0")" && pwd)
rounds=${ROUNDS:-10}
run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-bench.XXXXXX")

guest=
# shellcheck disable=SC2317 # by trap
finish() {
	trap '' TERM INT HUP
	[ -z "$guest" ] || { kill "$guest" && wait "$guest"; } 2>/dev/null || :
	rm -rf "$run"
}
trap finish EXIT
trap 'exit 143' TERM INT HUP

mkdir -p "$run/root/root"
cp -a "$out/selftests/bench" "$run/root/root/"
truncate -s 64M "$run/disk"
PATH=$PATH:/usr/sbin:/sbin mke2fs -q -t ext4 "$run/disk"
#   slot2: the NIC that is unconfigured and configured; slot3: the disk that is looked
#   at; slot8: what comes and goes.
# Without ifnames, since a rename that udev is at gets into the way of link up.
O=$out OVERLAY=$run/root GUEST_ARGS=net.ifnames=0 QEMU_EXTRA="-netdev user,id=net0,ipv6=off
	-device virtio-net-pci,bus=slot2,id=nic,netdev=net0
	-drive if=none,id=disk,format=raw,file=$run/disk -device virtio-blk-pci,bus=slot3,drive=disk" \
	"$here/../guest.sh" "$run" > "$run/guest.log" 2>&1 &
guest=$!
waited=0
while [ ! -e "$run/ready" ]; do
	if ! kill -0 "$guest" 2>/dev/null || [ $((waited += 1)) -gt 1200 ]; then
		cat "$run/guest.log" "$run/console.log" >&2
		echo "bench: the guest does not come up" >&2
		exit 1
	fi
	sleep 0.1
done

in_guest() {
	"$here/../guest-run.sh" -t 900 "$run" "$1"
}
rule=/etc/udev/rules.d/60-drvio.rules

echo "measuring, $rounds rounds each: some minutes" >&2
# By turns, so that what else the machine does meets all of them.
lines=
# measure KIND COMMAND...: adds what the command says to the lines
measure() {
	kind=$1
	shift
	said=$("$@") || {
		echo "bench: $kind: $said" >&2
		exit 1
	}
	lines="$lines$kind $said
"
}
quiet='2> /run/said || { cat /run/said; exit 1; }'
host=$out/bench/host
for pass in 1 2 3; do
	in_guest "mkdir -p ${rule%/*} && : > $rule && udevadm control --reload"
	measure hand in_guest "/root/bench/nic hand $rounds"
	measure played in_guest "/root/bench/nic played $rounds"
	# What they say on the way is no figure.
	measure script in_guest "/root/bench/nic run $rounds /root/bench/by-hand.sh $quiet"
	measure program in_guest "/root/bench/nic run $rounds /usr/lib/drvio/drvio-helper $quiet"
	in_guest "rm $rule && udevadm control --reload"
	measure helper in_guest "/root/bench/nic helper $rounds"
	measure service "$host" service "$run" "$rounds" "$out/userspace/drvio-manager"
	measure bare "$host" bare "$run" "$rounds"
	measure status "$host" status "$run" $((rounds * 100))
	# shellcheck disable=SC2016 # the guest expands it
	in_guest 'kill $(pidof drvio-relay)'
	in_guest '/root/bench/port_echo > /dev/null 2>&1 &'
	measure echo "$host" echo "$run" $((rounds * 100))
	# shellcheck disable=SC2016 # the guest expands it
	in_guest 'kill $(pidof port_echo) && sleep 0.2 &&
		udevadm trigger --action=add --subsystem-match=virtio-ports --settle'
	echo "pass $pass of 3" >&2
done

# The look at a disk in a busy system: 1 000 mounts and 2 000 processes.
# shellcheck disable=SC2016 # the guest expands it
in_guest 'mkdir -p /mnt/disk && mount /dev/vda /mnt/disk
for i in $(seq 1000); do
	mkdir -p /mnt/t/$i && mount -t tmpfs -o size=4k none /mnt/t/$i || exit 1
done
/root/bench/nic crowd 2000 > /run/crowd 2>&1 &
while ! grep -q crowded /run/crowd; do sleep 0.1; done'
# shellcheck disable=SC2016
measure look in_guest '/root/bench/nic time 10 /usr/lib/drvio/drvio-helper look \
	"$(basename /sys/class/drvio/virtio-blk@*)"'

printf '%s' "$lines" | awk '
# Of three.
function middle(v) { split(v, t); if (t[1] > t[2]) { x = t[1]; t[1] = t[2]; t[2] = x }
	return t[3] < t[1] ? t[1] : t[3] > t[2] ? t[2] : t[3] }
function ms(us) { return sprintf("%.1f ms", us / 1000) }
function row(verb, a, b, c) {
	printf "%-14s %10s %10s %8s %12s %10s\n", verb, ms(a), ms(b),
		sprintf("%+.0f %%", (b - a) * 100 / a), ms(c - b), ms(c)
}
$1 == "hand" || $1 == "played" || $1 == "helper" || $1 == "script" || $1 == "program" { un[$1] = un[$1] " " $3; co[$1] = co[$1] " " $5 }
$1 == "service" || $1 == "bare" { at[$1] = at[$1] " " $3; de[$1] = de[$1] " " $5 }
$1 == "look" { look = $2 }
$1 == "status" || $1 == "echo" { rate[$1] = rate[$1] " " $2 }
END {
	for (k in un) { un[k] = middle(un[k]); co[k] = middle(co[k]) }
	for (k in at) { at[k] = middle(at[k]); de[k] = middle(de[k]) }
	for (k in rate) rate[k] = middle(rate[k])
	print "A NIC, unconfigured and configured: unbind and link down, bind and link up"
	printf "%-14s %10s %10s %8s %12s %10s\n", "", "by hand", "service", "beyond",
		"+ helper", "= all"
	row("unconfigure", un["hand"], un["played"], un["helper"])
	row("configure", co["hand"], co["played"], co["helper"])
	print "service: the same work through requests, by a helper that runs already"
	print "+ helper: what udev and the start of drvio-helper add\n"

	print "The helper alone, and a script that does the same by hand"
	printf "%-14s %10s %14s %8s\n", "", "script", "drvio-helper", "beyond"
	printf "%-14s %10s %14s %8s\n", "unconfigure", ms(un["script"]), ms(un["program"]),
		ms(un["program"] - un["script"])
	printf "%-14s %10s %14s %8s\n\n", "configure", ms(co["script"]), ms(co["program"]),
		ms(co["program"] - co["script"])

	printf "The look at a disk, with 1000 mounts and 2000 processes: %s\n\n", ms(look)

	print "A NIC, attached and detached"
	printf "%-14s %10s %14s %8s\n", "", "QMP alone", "drvio-manager", "ratio"
	printf "%-14s %10s %14s %8.2f\n", "attach", ms(at["bare"]), ms(at["service"]),
		at["service"] / at["bare"]
	printf "%-14s %10s %14s %8.2f\n\n", "detach", ms(de["bare"]), ms(de["service"]),
		de["service"] / de["bare"]

	print "Round trips through the port"
	printf "%-14s %10s %14s %8s\n", "", "echo", "STATUS", "ratio"
	printf "%-14s %8d/s %12d/s %8.2f\n", "", rate["echo"], rate["status"],
		rate["status"] / rate["echo"]
}'
