#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The vsock link, through the kernel's loopback: this guest has CID 1 to itself,
# so it is let in only where a module parameter names it.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

modprobe vsock_loopback || tap_skip "no vsock_loopback"
set -- "$class"/virtio-net@*
dr=${1##*/}
[ -e "$1" ] || tap_skip "no virtio network device"

load() {
	modprobe -r drvio_virtio && modprobe drvio_virtio "$@" && udevadm settle
}
over() {
	ask -l "vsock:$1" status "$dr" 2>&1
}
tap_at_exit load

tap_ok "loads" load
tap_is "the guest itself is no host: refused" "$(over 1)" "ask: vsock:1: *"
dmesg | grep -q "drvio_virtio: vsock: refused CID 1:.*vsock_peer_cid"
tap_check $? "the log says who, and what to do"
load vsock_peer_cid=3
tap_is "nor is it CID 3" "$(over 1)" "ask: vsock:1: *"

tap_ok "loads with CID 1 as peer" load vsock_peer_cid=1
tap_is "status" "$(over 1)" "ok configured"
tap_is "unconfigure" "$(ask -l vsock:1 unconfigure "$dr")" "ok unconfigured"
tap_is "status, unconfigured" "$(over 1 | head -n 1)" "ok unconfigured"
tap_is "configure" "$(ask -l vsock:1 configure "$dr")" "ok configured"

# The program counts its own cases: here they are one.
./streams > streams.log 2>&1
tap_check $? "streams"
sed 's/^/# /' streams.log

tap_ok "loads with another port" load vsock_peer_cid=1 vsock_port=4711
tap_is "which answers" "$(over 1:4711)" "ok configured"
tap_is "alone" "$(over 1)" "ask: vsock:1: *"

tap_ok "loads without a port" load vsock_peer_cid=1 vsock_port=0
tap_is "nobody answers" "$(over 1)" "ask: vsock:1: *"
tap_is "the other links do" "$(ask status "$dr")" "ok configured"

# A kernel without vsock.
mkdir -p /run/modprobe.d
tap_at_exit "rm -f /run/modprobe.d/selftests.conf"
echo "install vsock /bin/false" > /run/modprobe.d/selftests.conf
modprobe -r drvio_virtio
modprobe -r vsock_loopback vmw_vsock_virtio_transport 2>/dev/null
if ! grep -q "^vsock " /proc/modules; then
	modprobe drvio_virtio
	dmesg | grep -q "drvio_virtio: vsock: not available"
	tap_check $? "without vsock it says so"
	tap_is "and serves the other links" "$(ask status "$dr")" "ok configured"
fi
rm -f /run/modprobe.d/selftests.conf
tap_done
