#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Virtio devices of a big-endian guest: unbound, parked and bound again.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

case $(uname -m) in
sparc64) ;;
*) tap_skip "other guests have park, request and claim" ;;
esac

for type in virtio-net virtio-blk; do
	node=$(basename "$class/$type"@*)
	target=$(basename "$(readlink "$class/$node/target0")")
	tap_is "$type is bound" "$(driver_of "$target")" "virtio_*"
	tap_is "$type: unconfigure" "$(ask unconfigure "$node")" "ok unconfigured"
	tap_is "$type is parked" "$(driver_of "$target")" "drvio-park"
	tap_is "$type: configure" "$(ask configure "$node")" "ok configured"
	tap_is "$type is bound again" "$(driver_of "$target")" "virtio_*"
done

node=$(basename "$class/virtio-blk"@*)
exec 4</dev/vda
tap_is "an open disk" "$(ask unconfigure "$node")" "blocked configured*vda is open*"
exec 4<&-
tap_is "what an attribute says" "$(cat "$class/$node/capacity")" "32768"
tap_done
