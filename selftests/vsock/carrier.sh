#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The virtio socket device that carries a link is not unconfigured, not even by
# force; one that carries none is.  Device and host are those of fake_vsock
# (selftests/modules).

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

modprobe -n fake_vsock 2>/dev/null || tap_skip "no module fake_vsock"
modprobe vmw_vsock_virtio_transport || tap_skip "no vsock over virtio"
modprobe vsock_loopback || tap_skip "no vsock_loopback"
load() {
	modprobe -r drvio_virtio && modprobe drvio_virtio "$@"
}
tap_at_exit "modprobe -r fake_vsock; load"
tap_ok "loads with CID 1 as peer, too" load vsock_peer_cid=1
tap_ok "the device comes" modprobe fake_vsock
udevadm settle

connect=/sys/module/fake_vsock/parameters/connect
port=25714
set -- "$class"/virtio-vsock@*
dr=${1##*/}
vdev=$(readlink "$class/$dr/target0")
vdev=${vdev##*/}
tap_is "its driver took it" "$(driver_of "$vdev")" vmw_vsock_virtio_transport
tap_is "its CID" "$(cat "$class/$dr/guest_cid")" 77

# The link of which the other end is host port 1000, once there is one, or none.
vsock_link() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		for link in "$class"/link*; do
			[ "$(cat "$link/peer" 2>/dev/null)" = "2:1000" ] || continue
			[ "$1" = gone ] || { echo "${link##*/}"; return; }
			sleep 0.1
			continue 2
		done
		[ "$1" = there ] || return
		sleep 0.1
	done
}

tap_is "unconfigured while no link is open" "$(ask unconfigure "$dr")" "ok unconfigured"
tap_is "configure" "$(ask configure "$dr")" "ok configured"

# A connection that is no link.
talk=/run/selftest.talk said=/run/selftest.said
mkfifo $talk
tap_at_exit "rm -f $talk $said"
../tools/user vsock 5000 < $talk > $said &
user=$!
exec 3> $talk
# has_said LINES: they are all "ok"
has_said() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(grep -c "^ok$" "$said")" -ge "$1" ] && return
		sleep 0.1
	done
	return 1
}
tap_ok "a program listens" has_said 1
tap_ok "the host connects to it" sh -c "echo 5000 > $connect"
echo >&3
tap_ok "it takes the connection" has_said 2
tap_is "unconfigure" "$(ask unconfigure "$dr")" "blocked configured*: 1 sockets*close them*"
exec 3>&-
wait $user
tap_ok "the host hangs up, too" sh -c "echo 0 > $connect"
sleep 0.5
tap_is "unconfigure" "$(ask unconfigure "$dr")" "ok unconfigured"
tap_is "configure" "$(ask configure "$dr")" "ok configured"

tap_ok "the host connects" sh -c "echo $port > $connect"
link=$(vsock_link there)
tap_is "that is a link" "$(cat "$class/$link/transport")" vsock
tap_is "unconfigure" "$(ask unconfigure "$dr")" "failure configured*$vdev carries $link,*"
tap_is "by force" "$(ask force-unconfigure "$dr")" "failure configured*$vdev carries $link,*"
tap_is "its driver still has it" "$(driver_of "$vdev")" vmw_vsock_virtio_transport

tap_ok "the host hangs up" sh -c "echo 0 > $connect"
tap_is "the link is gone" "$(vsock_link gone)" ""
# This link is a vsock link, but stays within the guest.
tap_is "unconfigure over the loopback" "$(ask -l vsock:1 unconfigure "$dr")" "ok unconfigured"
tap_is "its driver has gone" "$(driver_of "$vdev")" drvio-park
tap_is "configure over the loopback" "$(ask -l vsock:1 configure "$dr")" "ok configured"

# A device that is pulled takes its link along.
tap_ok "the host connects again" sh -c "echo $port > $connect"
tap_is "there is a link" "$(vsock_link there)" "link*"
tap_ok "the device goes" modprobe -r fake_vsock
tap_is "so does the link" "$(vsock_link gone)" ""
tap_done
