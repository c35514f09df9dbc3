#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The vio bus: DR devices of several ports, what keeps them from being
# unconfigured, and what the machine description says.  Ports come from
# sun4v_stage.ko.

# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. ../lib/tap.sh

stage=/sys/module/sun4v_stage/parameters/change
[ -e $stage ] || tap_skip "no sun4v_stage: this guest is no logical domain"

# The driver of a port, empty when it has none.
driver() {
	basename "$(readlink "/sys/bus/vio/devices/$1/driver")" 2>/dev/null
}

net=network@0x0000000000000009
echo "add vnet-port 9 0 network" > $stage
echo "add vnet-port 9 1 network" > $stage
tap_is "a device has its ports as targets" \
	"$(basename "$(readlink $class/$net/target0)") $(basename "$(readlink $class/$net/target1)")" \
	"vnet-port-9-0 vnet-port-9-1"
tap_is "its type is named as in the machine description" \
	"$(cat $class/$net/type/device_api) $(cat $class/$net/type/compatible_port_type)" \
	"sun4v-vio vnet-port"
tap_is "configure" "$(ask configure $net)" "ok configured"
tap_is "what it has of its own" "$(cat $class/$net/type/dynamic_resources)" "mac mtu"
set -- $class/$net/target0/net/*
ifconfig "${1##*/}" hw ether 02:00:00:00:99:99 mtu 1400
tap_is "is that of its interface" "$(cat $class/$net/mac) $(cat $class/$net/mtu)" \
	"02:00:00:00:99:99 1400"
tap_is "unconfigure" "$(ask unconfigure $net)" "ok unconfigured"
tap_is "and then that of the machine description" \
	"$(cat $class/$net/mac) $(cat $class/$net/mtu)" "02:00:00:00:00:09 "
tap_is "each port is parked" "$(driver vnet-port-9-0) $(driver vnet-port-9-1)" \
	"drvio-park drvio-park"
echo vnet-port-9-0 2>/dev/null > /sys/bus/vio/drivers/stage-port/bind
echo vnet-port-9-1 2>/dev/null > /sys/bus/vio/drivers_probe
tap_is "and stays so" "$(driver vnet-port-9-0) $(driver vnet-port-9-1)" "drvio-park drvio-park"
tap_is "status" "$(ask status $net)" "ok unconfigured"
tap_is "configure again" "$(ask configure $net)" "ok configured"
tap_is "each port is bound" "$(driver vnet-port-9-0) $(driver vnet-port-9-1)" \
	"stage-port stage-port"

# Updates of the machine description number its nodes anew: drivers look there.
tap_is "unconfigure ahead of an update" "$(ask unconfigure $net)" "ok unconfigured"
echo "add none 188 0 network" > $stage
tap_is "configure after it" "$(ask configure $net)" "ok configured"

# A port whose driver does not take it: all or nothing.
echo "add vnet-port 10 0 network" > $stage
echo "add vnet-port 10 99 network" > $stage
tap_is "a port that its driver refuses" "$(ask configure network@0x000000000000000a)" \
	"failure unconfigured*vnet-port-10-99: driver * does not take it*"
tap_is "parks the others" "$(driver vnet-port-10-0) $(driver vnet-port-10-99)" \
	"drvio-park drvio-park"

disk=disk@0x0000000000000003
echo "add vdc-port 3 0 disk" > $stage
tap_is "a disk" "$(ask configure $disk)" "ok configured"
tap_is "what a disk has of its own" "$(cat $class/$disk/type/dynamic_resources)" \
	"capacity logical_block_size physical_block_size read_only"
values() {
	(cd $class/$disk && cat capacity logical_block_size physical_block_size read_only | tr '\n' ' ')
}
tap_is "is that of the disk" "$(values)" "2048 512 512 0 "
exec 4</dev/vdisk3
tap_is "an open disk" "$(ask unconfigure $disk)" "blocked configured*vdisk3 is open*"
exec 4<&-
tap_is "a closed one" "$(ask unconfigure $disk)" "ok unconfigured"
tap_is "of which nothing is known" "$(values)" "    "
tap_ok "is not there any more" [ ! -e /dev/vdisk3 ]
tap_is "until it is configured" "$(ask configure $disk)" "ok configured"
exec 4</dev/vdisk3
tap_is "force" "$(ask force-unconfigure $disk)" "ok unconfigured"
exec 4<&-

vsw=virtual-network-switch@0x0000000000000000
echo "add vsw-port 0 0 virtual-network-switch" > $stage
echo "add vsw-port 0 1 virtual-network-switch" > $stage
tap_is "a service with clients" "$(ask unconfigure $vsw)" \
	"blocked configured*Resource*vsw-port-0-0*ldm rm-vnet*vsw-port-0-1*"
tap_is "none of which was touched" "$(driver vsw-port-0-0) $(driver vsw-port-0-1)" \
	"stage-port stage-port"
echo "add vsw-port 7 0 vsw" > $stage
tap_ok "the older name of a service" [ -d $class/vsw@0x0000000000000007 ]

echo "add vldc-port 2 0 virtual-channel" > $stage
tap_is "use that nobody knows" "$(ask unconfigure virtual-channel@0x0000000000000002)" \
	"blocked configured*nobody knows*"

tap_is "not in the machine description" "$(ask -a none configure network@0x00000000000000aa)" \
	"not-in-md not-present*"
echo "add none 187 0 network" > $stage
tap_is "in it, but without a port" "$(ask -a none configure network@0x00000000000000bb)" \
	"failure not-present*is in the machine description*"

echo "remove vdc-port 3 0 disk" > $stage
tap_ok "a device that has gone" [ ! -e $class/$disk ]
tap_is "is not present" "$(ask -a none unconfigure $disk)" "ok not-present"

tap_is "the link" "$(cat $class/service/version)" "1.1"
tap_done
