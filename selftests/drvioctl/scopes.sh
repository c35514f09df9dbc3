#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvioctl diff and set: what a device has now against what it comes up with.
# With both scopes nothing of one stays when the other is refused.
#
#	slot2	virtio-net with an MTU of at most 1420, nobody manages it
#	drvio1	virtio-blk, the tests' own to format

# shellcheck source-path=SCRIPTDIR source=../helper/real.sh
. ../helper/real.sh

command -v drvioctl >/dev/null || tap_skip "no drvioctl"
disk=$(disk_of drvio1) || tap_skip "no disk with the serial number drvio1"
dr=$(dr_of "$disk") || tap_skip "$disk belongs to no DR device"
nic=$(drvioctl list --columns name,nodes | sed -n 's/^virtio-net  *\([^ ,-]*\)$/\1/p' | head -n 1)
[ -n "$nic" ] || tap_skip "no interface"
nic_dr=$(drvioctl show "$nic" | head -n 1)
conf=/etc/drvio/drvio.conf
mnt=/run/selftest.mnt
out=/run/selftest.out
mkdir -p $mnt /etc/drvio
[ ! -e $conf ] || tap_skip "there is a $conf"
old_mtu=$(cat "/sys/class/net/$nic/mtu")
tap_at_exit "rm -f $conf $out; umount $mnt 2>/dev/null; rmdir $mnt; ip link set $nic mtu $old_mtu; drvioctl release $dr; drvioctl release $nic_dr"

# status_is DESCRIPTION STATUS ARGUMENT...: drvioctl ends so; its words are in $out
status_is() {
	status_what=$1 status_want=$2
	shift 2
	drvioctl "$@" > $out 2>&1
	tap_is "$status_what" $? "$status_want"
}
shows() {
	tap_is "$1" "$(cat $out)" "$2"
}
mtu() {
	cat "/sys/class/net/$nic/mtu"
}
# How an attribute of the interface or the disk stands: live, config, in sync
row() {
	case $1 in
	mount | swap) row_node=$disk ;;
	*) row_node=$nic ;;
	esac
	drvioctl diff "$row_node" --columns attribute,live,config,sync | sed -n "s/^$1  *//p" | tr -s " "
}

# --- An interface ---

ip link set "$nic" mtu 1420
tap_is "in sync with what the driver has" "$(row mtu)" "1420 1420 yes"
status_is "live" 0 set "$nic" mtu=1300 --live
shows "says so" "$nic_dr ($nic): live: mtu done"
tap_is "it has it now" "$(row mtu)" "1300 1420 no"
tap_is "and nothing was written" "$(ls $conf 2>/dev/null)" ""
status_is "more than it takes" 13 set "$nic" mtu=9000 --live
shows "says what it got" "*live: mtu partly: asked 9000 got 1420"
tap_is "it has that" "$(mtu)" 1420
status_is "config" 0 set "$nic" mtu=1200 --config
tap_is "it will have it, and has not now" "$(row mtu)" "1420 1200 no"
tap_ok "in the section of the device" grep -A9 "^\[$nic_dr\]" $conf
status_is "both" 0 set "$nic" mtu=1280 --live --config
tap_is "it has it in both" "$(row mtu)" "1280 1280 yes"
status_is "both, and more than it takes" 13 set "$nic" mtu=9000 --live --config
tap_is "each says so" "$(grep -c 'partly: asked 9000 got 1420' $out)" 2
tap_is "both have what it takes" "$(row mtu)" "1420 1420 yes"

status_is "a wrong value" 2 set "$nic" mtu=much --live
status_is "no scope" 2 set "$nic" mtu=1300
status_is "no attribute" 2 set "$nic" colour=red --live
status_is "not an attribute of this" 4 set "$disk" mtu=1300 --live

# The config is refused: the live value is put back.
chmod 666 $conf
status_is "both, with a config that is refused" 1 set "$nic" mtu=1300 --live --config
shows "each says what came of it" "*live: mtu undone: *config: mtu refused: *$conf*"
tap_is "the live value is the old one" "$(mtu)" 1420
chmod 644 $conf
tap_is "the config is the old one" "$(row mtu)" "1420 1420 yes"

was=$(row link | cut -d' ' -f1)
status_is "link up" 0 set "$nic" link=up --live
tap_is "it is up" "$(row link)" "up up yes"
status_is "link down, both" 0 set "$nic" link=down --live --config
tap_is "it is down" "$(row link)" "down down yes"

# What was written is what it comes up with.
status_is "an MTU and a state for the next time" 0 set "$nic" mtu=1290 --config
status_is "and a state" 0 set "$nic" link=up --config
status_is "and a hold" 0 set "$nic_dr" hold="ask Ann; 6 pm" --config
tap_ok "at boot" $helper boot "$nic_dr" 0
tap_is "the MTU" "$(mtu)" 1290
tap_is "the state" "$(row link)" "up up yes"
tap_is "the hold" "$(cat "$class/$nic_dr/hold")" "ask Ann; 6 pm"
drvioctl release "$nic_dr"
ip link set "$nic" mtu 1400
udevadm trigger --action=add "$class/$nic_dr"
boot_done() {
	[ "$(mtu)" = 1290 ] && grep -q "ask Ann" "$class/$nic_dr/hold"
}
eventually boot_done
tap_check $? "udev starts that where a device appears"
status_is "the hold is taken away in both" 0 set "$nic_dr" hold= --live --config
tap_is "it is gone" "$(cat "$class/$nic_dr/hold")" ""
status_is "a hold for the disk" 0 set "$disk" hold="it comes up held" --config
tap_is "unconfigured" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "configured" "$(request configure "$dr")" "ok configured"
tap_is "it has come up held" "$(request unconfigure "$dr")" "blocked configured*it comes up held*"
rm $conf
drvioctl release "$dr"
disk=$(disk_of drvio1)
ip link set "$nic" "$was"

# --- networkd's files, as it says that it uses them ---

index=$(cat "/sys/class/net/$nic/ifindex")
links=/run/systemd/netif/links
mkdir -p $links /run/systemd/network
printf '[Match]\nName=%s\n[Link]\nMTUBytes=1350\n' "$nic" > /run/systemd/network/50-selftest.network
echo "NETWORK_FILE=/run/systemd/network/50-selftest.network" > "$links/$index"
dropin=/etc/systemd/network/50-selftest.network.d/90-drvioctl.conf
tap_at_exit "rm -rf $links /run/systemd/network ${dropin%/*}"
tap_is "networkd's file has the MTU" "$(row mtu | cut -d' ' -f2)" 1350
status_is "config" 0 set "$nic" mtu=1360 --config
tap_ok "a drop-in has it" grep -qx "MTUBytes=1360" $dropin
tap_is "which counts" "$(row mtu | cut -d' ' -f2)" 1360
status_is "a state, too" 0 set "$nic" link=down --config
tap_is "the drop-in has both" "$(grep -c = $dropin)" 2
echo "NETWORK_FILE=/run/systemd/network/50-selftest.network" > "$links/99999"
status_is "a file of several interfaces" 1 set "$nic" mtu=1370 --config
shows "is left alone" "*refused: /run/systemd/network/50-selftest.network is the file of 2 interfaces*"
rm -rf $links /run/systemd/network ${dropin%/*}

# --- A disk ---

mkfs.ext4 -q -F "/dev/$disk"
udevadm settle
uuid=$(blkid -s UUID -o value "/dev/$disk")
echo "# a comment that stays" > $fstab
status_is "mounted now" 0 set "$disk" mount=$mnt --live
tap_is "it is" "$(findmnt -n -o SOURCE $mnt)" "/dev/$disk"
tap_is "not the next time" "$(row mount)" "$mnt none no"
status_is "the next time" 0 set "$disk" mount=$mnt --config
tap_ok "fstab has it by UUID" grep -Eq "^UUID=${uuid}[[:space:]]${mnt}[[:space:]]ext4[[:space:]]defaults,nofail" $fstab
tap_ok "and its comment" grep -qx "# a comment that stays" $fstab
tap_is "in sync" "$(row mount)" "$mnt $mnt yes"
status_is "a place that is not there" 1 set "$disk" mount=/no/such/place --live --config
shows "each scope says what came of it" "*live: mount refused: *config: mount unchanged: *"
tap_is "nothing has changed" "$(row mount)" "$mnt $mnt yes"
echo text > $mnt/file
user_start $mnt/file
status_is "not unmounted while it is in use" 1 set "$disk" mount=none --live --config
tap_is "nothing has changed" "$(row mount)" "$mnt $mnt yes"
user_stop
status_is "neither" 0 set "$disk" mount=none --live --config
tap_is "it is unmounted" "$(findmnt -n -o SOURCE $mnt)" ""
tap_is "fstab is as before" "$(grep -v '^$' $fstab)" "# a comment that stays"

status_is "a filesystem is no swap" 1 set "$disk" swap=on --live --config
tap_is "fstab is as before" "$(grep -v '^$' $fstab)" "# a comment that stays"
mkswap "/dev/$disk" >/dev/null
udevadm settle
status_is "swap" 0 set "$disk" swap=on --live --config
tap_is "is on" "$(row swap)" "on on yes"
status_is "swap off" 0 set "$disk" swap=off --live --config
tap_is "is off" "$(grep -c "/dev/$disk" /proc/swaps)" 0
tap_is "fstab is as before" "$(grep -v '^$' $fstab)" "# a comment that stays"
tap_done
