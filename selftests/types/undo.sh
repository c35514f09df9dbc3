#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A CONFIGURE that fails is undone, but not under an interface that somebody has
# brought up meanwhile: it stays, and the answer says so.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

dr=$(basename "$class"/virtio-net@*)
[ -e "$class/$dr" ] || tap_skip "no virtio-net"
work=$(mktemp -d)
tap_at_exit "rm -r $work"

interface() {
	ls "$class/$dr/target0/net" 2>/dev/null
}

# configure UP: the helper fails, once the interface has been set up or down.
configure() {
	ask -a none configure "$dr" > "$work/answer" &
	n=0
	while [ "$(cat "$class/$dr/request/phase")" != userspace ] && [ $n -lt 600 ]; do
		sleep 0.05
		n=$((n + 1))
	done
	udevadm settle
	ip link set "$(interface)" "$1"
	echo "$(cat "$class/$dr/request/cookie") failed no carrier" > "$class/$dr/ack"
	wait $!
	answer=$(cat "$work/answer")
}

tap_is "unconfigure" "$(ask unconfigure "$dr")" "ok unconfigured"
configure down
tap_is "down: it is parked again" "$answer" "failure unconfigured*no carrier"
tap_is "down: it is gone" "$(interface)" ""

configure up
tap_is "up: it stays" "$answer" "failure configured*no carrier*not parked again: * is up*"
net=$(interface)
tap_is "up: the interface is there" "$net" "?*"
tap_is "up: and up" "$(ip link show "$net")" "*[<,]UP[,>]*"
tap_is "up: state" "$(cat "$class/$dr/state")" configured

# At an unconfigure it is the helper who says whether it is in use.
tap_is "unconfigure by a helper that knows" "$(ask unconfigure "$dr")" "ok unconfigured"
tap_is "configure" "$(ask configure "$dr")" "ok configured"
tap_done
