#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The project as `make install` puts it, in a Debian with systemd as PID 1: the
# units do the work, and a NIC and a disk come and go.  `make check-systemd`.
# Usage: check-systemd.sh OUTPUT-DIR
# shellcheck disable=SC2016,SC2317 # the guest expands it; reached through check
#
#	control domain            guest
#	drvio-manager --- link --- drvio-relay@vportNpN.service
#	      |                    drvio-helper@DEVICE:COOKIE:EVENT.service
#	     QMP ------ slots ---- virtio-net, virtio-blk
#	agent-run.sh -- agent --- qemu-ga, drvioctl
set -eu

[ $# -eq 1 ] || { echo "usage: check-systemd.sh OUTPUT-DIR" >&2; exit 2; }
out=$1
here=$(cd "$(dirname "$0")" && pwd)
PATH=$out/userspace:$PATH:/usr/sbin:/sbin
run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-systemd.XXXXXX")

guest=
finish() {
	trap '' TERM INT HUP
	[ -z "$guest" ] || { kill "$guest" && wait "$guest"; } 2>/dev/null || :
	cp "$run/console.log" "$out/check-systemd.log" 2>/dev/null || :
	rm -rf "$run"
}
trap finish EXIT
trap 'exit 143' TERM INT HUP

n=0 failed=0
# check DESCRIPTION COMMAND...: a case; what the command prints is shown where it fails
check() {
	n=$((n + 1))
	what=$1
	shift
	if "$@" > "$run/output" 2>&1; then
		echo "ok $n $what"
	else
		echo "not ok $n $what"
		sed 's/^/#   /' "$run/output"
		failed=1
	fi
}
in_guest() {
	"$here/guest-run.sh" "$run" "$@"
}
manager() {
	drvio-manager --run "$run" "$@"
}
agent() {
	"$here/agent-run.sh" "$run/agent.sock" "$@"
}
# blocked COMMAND...: it must end with the exit code of a refusal
blocked() {
	status=0
	"$@" || status=$?
	[ "$status" -eq 3 ]
}

truncate -s 64M "$run/data.img"
mke2fs -q -t ext4 -L data "$run/data.img"
O=$out GUEST=systemd MEM=768M \
QEMU_EXTRA="-chardev socket,id=agent,path=$run/agent.sock,server=on,wait=off
	-device virtserialport,bus=vserial.0,chardev=agent,name=org.qemu.guest_agent.0" \
	"$here/guest.sh" "$run" &
guest=$!
waited=0
while [ ! -e "$run/ready" ]; do
	if ! kill -0 "$guest" 2>/dev/null || [ $((waited += 1)) -gt 1800 ]; then
		cat "$run/console.log"
		echo "Bail out! the guest does not answer: see its console above"
		exit 1
	fi
	sleep 0.1
done

echo "TAP version 13"
check "systemd is PID 1" in_guest '[ "$(cat /proc/1/comm)" = systemd ]'
check "no unit has failed" in_guest '[ -z "$(systemctl --failed --quiet --no-legend)" ]'
check "the relay is a unit that runs" in_guest \
	'systemctl list-units --no-legend --state=running "drvio-relay@*" | grep .'
check "the helper has registered" in_guest 'grep . /sys/class/drvio/service/helper'

in_guest "mkdir -p /srv/data
echo 'LABEL=data /srv/data ext4 nofail 0 0' > /etc/fstab
systemctl daemon-reload"

check "a NIC is attached and configured" manager attach net nic0 --netdev user,ipv6=off
check "its interface is up" in_guest \
	'for i in /sys/class/net/e*; do grep -qx up $i/operstate && exit; done; ip link; exit 1'
check "a unit of the request did it" in_guest \
	'journalctl -o short -b | grep "drvio-helper@virtio.net.*[Ff]inished" ||
	journalctl -b -u "drvio-helper@virtio-net*" | grep .'
check "a disk is attached and configured" manager attach blk disk0 --file "$run/data.img"
check "its filesystem is mounted, for all to see" in_guest 'nsenter -t 1 -m findmnt /srv/data'

in_guest 'sleep 1000 > /srv/data/journal & echo $! > /run/sleep.pid'
check "the disk in use is refused" blocked manager detach disk0
check "it is still mounted" in_guest 'findmnt /srv/data'
in_guest 'kill $(cat /run/sleep.pid)'
check "the idle disk is detached" manager detach disk0
check "its filesystem is unmounted, for all" in_guest '! nsenter -t 1 -m findmnt /srv/data'
check "and it comes back" manager attach blk disk0 --file "$run/data.img"
check "mounted again" in_guest 'findmnt /srv/data'
check "and goes again" manager detach disk0
check "the NIC is detached" manager detach nic0
check "no device is left" in_guest '[ -z "$(ls -d /sys/class/drvio/virtio-net* /sys/class/drvio/virtio-blk* 2>/dev/null)" ]'
check "no unit has failed, still" in_guest '[ -z "$(systemctl --failed --quiet --no-legend)" ]'
check "the relay survives being restarted" in_guest 'systemctl restart "drvio-relay@*"'
check "and answers" manager attach net nic1 --netdev user,ipv6=off

# --- A host that has QEMU's guest agent and nothing else ---

# requests COMMAND...: what it says of each, and its exit codes
requests() {
	while read -r request; do
		code=0
		# shellcheck disable=SC2086
		"$@" $request < /dev/null || code=$?
		echo "$request: $code"
	done <<-END 2>&1
		status $dr
		unconfigure $dr
		unconfigure --force $dr
		status $dr
		configure $dr
		status virtio-net@0x0102ff0000000000
	END
}
dr=$(in_guest 'for dr in /sys/class/drvio/virtio-net@*; do echo ${dr##*/}; done')
in_guest "drvioctl hold $dr 'ask Ann'"
requests manager > "$run/by-link"
requests agent /usr/sbin/drvioctl > "$run/by-agent"
sed 's/^/# /' "$run/by-agent"
codes() {
	sed -n 's/^[a-z]*configure .*: \([0-9]*\)$/\1/p; s/^status .*: \([0-9]*\)$/\1/p' "$1" | tr '\n' ' '
}
check "guest agent: drvioctl's exit codes reach the host" [ "$(codes "$run/by-agent")" = "0 3 0 0 0 4 " ]
check "guest agent: the same answers and exit codes as over the link" diff "$run/by-link" "$run/by-agent"
check "guest agent: a hold tells how to end it" grep -F "ask Ann; release it (drvioctl release $dr," "$run/by-agent"
check "guest agent: which ends it" agent /usr/sbin/drvioctl release "$dr"

check "and goes on to do so" manager detach nic1
# --- Who manages the network ---
#
# The helper waits for their addresses, and what it took down they bring back.

nic() {
	in_guest "for i in /sys/bus/virtio/drivers/virtio_net/virtio*/net/*; do echo \${i##*/}; done" | tail -n 1
}
has_address() {
	in_guest "ip -4 addr show dev \"$1\" | grep -F 'inet $2/' || { ip addr; networkctl; exit 1; }"
}
# The kernel has a request of which udev tells nobody, and the helper works on it
# up to its ack, in a shadow of sysfs; then another says no.
late_no() {
	in_guest ': > /etc/udev/rules.d/60-drvio.rules; udevadm control --reload'
	manager unconfigure "$1" > "$run/late" 2>&1 &
	asker=$!
	in_guest 'set -e
	for dr in /sys/class/drvio/virtio-net@*; do dr=${dr##*/}; done
	while ! grep -q userspace /sys/class/drvio/$dr/request/phase; do sleep 0.1; done
	shadow=/run/shadow/class/drvio/$dr
	mkdir -p $shadow/request
	for file in verb cookie phase deadline_ms; do
		ln -sf /sys/class/drvio/$dr/request/$file $shadow/request/
	done
	ln -sf /sys/class/drvio/$dr/name $shadow/
	ln -sfn $(readlink -f /sys/class/drvio/$dr/target0) $shadow/target0
	: > $shadow/ack
	/usr/lib/drvio/drvio-helper --sysfs /run/shadow request $dr
	grep -q " ok$" $shadow/ack
	# Nobody sets it up behind the back of the helper.
	sleep 1
	ip -br link
	for nic in $(readlink -f /sys/class/drvio/$dr/target0)/net/*; do
		[ $(($(cat $nic/flags) & 1)) -eq 0 ]
	done
	rm /etc/udev/rules.d/60-drvio.rules
	udevadm control --reload
	echo "$(cat /sys/class/drvio/$dr/request/cookie) blocked said the test" > /sys/class/drvio/$dr/ack'
	wait "$asker" || :
	cat "$run/late"
	grep -q "said the test" "$run/late"
}
# again COMMAND...: within ten seconds
again() {
	left=20
	until "$@"; do
		[ $((left -= 1)) -gt 0 ] || return 1
		sleep 0.5
	done
}

in_guest "mkdir -p /etc/systemd/network
printf '[Match]\nDriver=virtio_net\n[Network]\nAddress=192.0.2.10/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' \
	> /etc/systemd/network/10-drvio.network
systemctl start systemd-networkd"
check "networkd: a NIC is configured" manager attach net nic2 --netdev user,ipv6=off
nic=$(nic)
check "networkd: its address is there with the answer" has_address "$nic" 192.0.2.10
check "networkd: the log says so, by the number of the request" in_guest \
	'number=$(cat /sys/class/drvio/virtio-net@*/request/number)
	journalctl -b DRVIO_REQ_NUM=$number DRVIO_VERB=configure | grep "192.0.2.10/24; managed by networkd: configured"'
check "networkd: one that is taken down, and stays after all" late_no nic2
check "networkd: has its address back" again has_address "$nic" 192.0.2.10
# What it comes up with, and what it has now.
check "drvioctl: networkd's file gets an MTU" in_guest "drvioctl set $nic mtu=1400 --config &&
	grep -qx MTUBytes=1400 /etc/systemd/network/10-drvio.network.d/90-drvioctl.conf"
check "drvioctl: and has nothing of it now" in_guest "drvioctl diff $nic -c attribute,live,config,where |
	grep -Eq '^mtu  *1500  *1400  *networkd: 10-drvio.network$'"
in_guest "networkctl reload"
check "drvioctl: networkd knows it from then on" again in_guest "grep -qx 1400 /sys/class/net/$nic/mtu"
check "drvioctl: a hold for the next time" in_guest "drvioctl set $nic hold='ask Ann' --config &&
	udevadm trigger --action=add /sys/class/drvio/virtio-net@*"
check "drvioctl: a unit puts it on a device that appears" again in_guest \
	"drvioctl list -c hold | grep -qx 'ask Ann'"
check "drvioctl: it refuses" blocked manager detach nic2
check "drvioctl: asked from inside the guest, too" blocked in_guest "drvioctl unconfigure $nic"
in_guest "rm /etc/drvio/drvio.conf; drvioctl release $nic"
check "networkd: it goes" manager detach nic2
in_guest 'rm /etc/systemd/network/10-drvio.network; systemctl stop systemd-networkd.socket systemd-networkd'

in_guest "mkdir -p /etc/NetworkManager/conf.d
printf '[main]\nno-auto-default=*\n' > /etc/NetworkManager/conf.d/selftest.conf
file=/etc/NetworkManager/system-connections/selftest.nmconnection
printf '[connection]\nid=selftest\nuuid=%s\ntype=ethernet\n[match]\ndriver=virtio_net;\n[ipv4]\nmethod=manual\naddress1=192.0.2.30/24,192.0.2.254\n[ipv6]\nmethod=disabled\n' \
	c0ffee00-0000-4000-8000-000000000001 > \$file
chmod 600 \$file
systemctl start NetworkManager"
connected() {
	in_guest "nmcli -g GENERAL.STATE,GENERAL.CONNECTION device show $nic | tr '\n' ' ' | grep '^100 .*selftest' || { nmcli device; ip addr; exit 1; }"
}
check "NetworkManager: a NIC is configured" manager attach net nic4 --netdev user,ipv6=off
nic=$(nic)
check "NetworkManager: its address is there with the answer" has_address "$nic" 192.0.2.30
check "NetworkManager: the log says so" in_guest \
	'number=$(cat /sys/class/drvio/virtio-net@*/request/number)
	journalctl -b DRVIO_REQ_NUM=$number DRVIO_VERB=configure | grep "192.0.2.30/24; managed by NetworkManager: 100 (connected)"'
check "NetworkManager: the last default route refuses" blocked manager detach nic4
check "NetworkManager: it is connected still" connected
check "by force it is unconfigured" manager unconfigure --force nic4
check "NetworkManager: and was asked to let go of it" in_guest \
	'journalctl -b DRVIO_VERB=force-unconfigure | grep "nmcli has let go of"'
check "NetworkManager: configured again" manager configure nic4
nic=$(nic)
check "NetworkManager: it is connected with the answer" connected
in_guest "mkdir -p /etc/drvio; printf '[default]\nlast_default_route = allow\n' > /etc/drvio/drvio.conf"
check "NetworkManager: one that is taken down, and stays after all" late_no nic4
check "NetworkManager: is connected again" again connected
check "NetworkManager: with its address" has_address "$nic" 192.0.2.30
check "NetworkManager: and its default route" in_guest "ip route | grep 'default via 192.0.2.254 dev $nic'"
in_guest 'rm /etc/drvio/drvio.conf'

differs() {
	in_guest "drvioctl diff $nic -c attribute,live,config,where | tee /dev/stderr | tr -s ' ' |
		grep -qx '$1 NetworkManager: c0ffee00-0000-4000-8000-000000000001'"
}
check "drvioctl: NetworkManager's connection gets an MTU" in_guest "drvioctl set $nic mtu=1400 --config &&
	nmcli -g 802-3-ethernet.mtu connection show selftest | grep -x 1400"
check "drvioctl: and the device has nothing of it now" differs "mtu 1500 1400"
check "drvioctl: both" in_guest "drvioctl set $nic mtu=1380 --live --config"
check "drvioctl: it is in both" differs "mtu 1380 1380"
check "drvioctl: the connection does not come up by itself" in_guest "drvioctl set $nic link=down --config &&
	nmcli -g connection.autoconnect connection show selftest | grep -x no"
check "drvioctl: the device is up now" differs "link up down"
check "drvioctl: it is disconnected" in_guest "drvioctl set $nic link=down --live &&
	[ \$((\$(cat /sys/class/net/$nic/flags) & 1)) -eq 0 ]"
check "drvioctl: of one that is down NetworkManager tells no connection" in_guest \
	"drvioctl diff $nic -c attribute,live,config,where | tr -s ' ' |
		grep -x 'link down down NetworkManager: no connection available'"
check "drvioctl: and NetworkManager is asked to connect it" in_guest "drvioctl set $nic link=up --live"
check "NetworkManager: it is connected again" connected
check "drvioctl: its connection does not come up by itself, still" differs "link up down"
check "NetworkManager: by force it goes" manager detach --force nic4
begun=$(date +%s)
check "NetworkManager: a NIC that is not to come up by itself is configured" manager attach net nic5 --netdev user,ipv6=off
check "NetworkManager: it was not waited for" [ $(($(date +%s) - begun)) -lt 12 ]
nic=$(nic)
check "drvioctl: whose connection is known nevertheless" differs "link [a-z]* down"
check "NetworkManager: it goes, too" manager detach nic5
in_guest 'rm -r /etc/NetworkManager/system-connections/selftest.nmconnection /etc/NetworkManager/conf.d/selftest.conf
systemctl stop NetworkManager'

in_guest "printf 'allow-hotplug $nic\niface $nic inet static\n\taddress 192.0.2.20/24\n' > /etc/network/interfaces"
check "ifupdown: a NIC is configured" manager attach net nic3 --netdev user,ipv6=off
nic=$(nic)
check "ifupdown: its address is there with the answer" has_address "$nic" 192.0.2.20
check "ifupdown: one that is taken down, and stays after all" late_no nic3
check "ifupdown: has its address back" again has_address "$nic" 192.0.2.20
check "drvioctl: the stanzas of ifupdown are left alone" in_guest \
	"drvioctl set $nic mtu=1400 --config; [ \$? -eq 1 ]"
check "ifupdown: it goes" manager detach nic3
check "ifupdown: and is out of its books" in_guest "! grep -q '^$nic=' /run/network/ifstate"

# --- The units ---

# exposed UNIT MAX: systemd's verdict on how much a unit may do, in tenths
exposed() {
	in_guest "unit=/run/${1%.service}x.service
		cp /usr/lib/systemd/system/$1 \$unit
		systemd-analyze security --no-pager --offline=true --threshold=$2 \$unit > /run/security
		status=\$?
		[ \$status -ne 0 ] || sed -n '/exposure level/s/[^ -~]//gp' /run/security
		[ \$status -eq 0 ] || cat /run/security
		( exit \$status )"
}
check "the relay's unit may do little" exposed drvio-relay@.service 25
sed 's/^/# /' "$run/output"
check "the helper's unit no more than it must" exposed drvio-helper@.service 65
sed 's/^/# /' "$run/output"

check "no unit has failed by all of it" in_guest '[ -z "$(systemctl --failed --quiet --no-legend)" ] || { systemctl --failed; exit 1; }'
check "the kernel has nothing to complain about" in_guest '/root/clean-dmesg.sh'
echo "1..$n"
[ "$failed" -eq 0 ] || in_guest 'journalctl -b --no-pager | grep -i drvio | tail -n 60' | sed 's/^/# /'
exit $failed
