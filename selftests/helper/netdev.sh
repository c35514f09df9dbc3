#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvio-helper and an interface: up before the answer to a configure; down when
# nothing depends on it, and its addresses and routes come back with an undo.

# shellcheck source-path=SCRIPTDIR source=nic.sh
. ./nic.sh

refind
ip link set "$nic" down
tap_is "unconfigure" "$(request unconfigure "$dr")" "ok unconfigured"
tap_is "configure" "$(request configure "$dr")" "ok configured"
refind
tap_ok "the interface is up when the answer comes" up

# --- Routes ---

ip addr add 192.0.2.1/24 dev "$nic"
ip route add default via 192.0.2.254
refused "the last default route" "$nic *last default route (IPv4)*"
ip route del default
eventually grep -q up "/sys/class/net/$nic/operstate"
ip nexthop add id 10 via 192.0.2.254 dev "$nic"
ip nexthop add id 11 group 10
ip route add default nhid 11
refused "one through next hop objects" "$nic *last default route (IPv4)*"
ip nexthop flush >/dev/null 2>&1
ip route add default via 192.0.2.254
mkdir -p /etc/drvio
printf '[virtio-net]\nlast_default_route = refuse\n' > /etc/drvio/drvio.conf
tap_is "the policy refuses for good" "$(request force-unconfigure "$dr")" \
	"failure configured*last default route (IPv4)*"
printf '[virtio-net]\nlast_default_route = allow\n' > /etc/drvio/drvio.conf
released "the policy allows it"
ip addr add 192.0.2.1/24 dev "$nic"
ip route add default via 192.0.2.254
printf '[virtio-net]\nlast_default_route = perhaps\n' > /etc/drvio/drvio.conf
tap_is "a policy that is wrong refuses" "$(request force-unconfigure "$dr")" \
	"failure configured*/etc/drvio/drvio.conf:2: last_default_route*refuse force or allow*"
rm /etc/drvio/drvio.conf
ip -6 addr add 2001:db8::1/64 dev "$nic" nodad
ip -6 route add default via 2001:db8::fe
answer=$(request unconfigure "$dr")
tap_is "that of IPv6 too" "$answer" "blocked configured*(IPv4)*(IPv6)*"
if modprobe dummy; then
	ip link add selftest0 type dummy
	ip link set selftest0 up
	ip addr add 198.51.100.1/24 dev selftest0
	ip -6 addr add 2001:db8:1::1/64 dev selftest0 nodad
	ip route add default via 198.51.100.254 metric 100
	ip -6 route add default via 2001:db8:1::fe metric 4000
	tap_is "with another one it may go" "$(request unconfigure "$dr")" "ok unconfigured"
	ip link delete selftest0
	tap_is "configured again" "$(request configure "$dr")" "ok configured"
	refind
fi

# --- What is reached over it ---
#
# Mounts and sessions out of recorded trees; the way to their servers is real.

seen=/run/selftest.seen
tap_at_exit "rm -rf $seen"
look() {
	answer=$($helper --sysfs $seen/sys --proc $seen/proc look "$dr" 2>&1)
	answer="$? $answer"
}
# mounted SERVER TARGET
mounted() {
	echo "1 0 0:1 / /rootfs rw - tmpfs none rw
2 1 0:50 / $2 rw - nfs4 server:/export rw,proto=tcp,addr=$1" > $seen/proc/self/mountinfo
}
mkdir -p "$seen/sys/class/drvio/$dr" $seen/proc/self/ns
ln -s "$class/$dr/name" "$seen/sys/class/drvio/$dr/"
ln -s "$(readlink -f "$class/$dr/target0")" "$seen/sys/class/drvio/$dr/target0"
ip link set "$nic" up
ip addr add 192.0.2.1/24 dev "$nic"
mounted 192.0.2.9 /home
look
tap_is "an NFS mount" "$answer" "3 *
/home *nfs4 of server:/export is reached over $nic*umount /home*"
mounted 192.0.2.9 /usr
look
tap_is "one that the system needs" "$answer" "1 *
/usr *not even by force*"
mounted 127.0.0.1 /home
look
tap_is "one that is reached otherwise" "$answer" "0 "
mkdir -p $seen/sys/class/iscsi_connection/connection4:0 $seen/sys/class/iscsi_session/session4
echo 192.0.2.9 > $seen/sys/class/iscsi_connection/connection4:0/persistent_address
echo iqn.2026-11.org.example:disk > $seen/sys/class/iscsi_session/session4/targetname
look
tap_is "an iSCSI session" "$answer" \
	"3 *iqn.2026-11.org.example:disk *session to 192.0.2.9 goes over $nic: log out*"
ip addr flush dev "$nic"

unshare -n sleep 1000 &
pid=$!
tap_at_exit "kill $pid 2>/dev/null"
eventually grep -q '^sleep' /proc/$pid/comm
ip link set "$nic" netns $pid
answer=$(request unconfigure "$dr")
tap_is "in another network namespace: blocked" "$answer" \
	"blocked configured*$dev *another network namespace*"
nsenter -t $pid -n ip link set "$nic" netns 1
kill $pid
wait $pid 2>/dev/null
udevadm settle
refind
ip link set "$nic" up

# --- And back again ---

ip addr flush dev "$nic"
ip link set "$nic" down
ip link set "$nic" up
ip addr add 192.0.2.1/24 dev "$nic" label "$nic:one"
ip addr add 192.0.2.2/24 dev "$nic"
ip -6 addr add 2001:db8::1/64 dev "$nic" nodad
ip route add 203.0.113.0/24 via 192.0.2.9 metric 7 mtu 1300
ip route add 198.51.100.0/24 dev "$nic" table 1000
ip -6 route add 2001:db8:5::/48 via 2001:db8::9
ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev "$nic"
eventually grep -q up "/sys/class/net/$nic/operstate"
ip nexthop add id 10 via 192.0.2.9 dev "$nic"
ip nexthop add id 11 via 192.0.2.8 dev "$nic"
ip nexthop add id 9 group 10,3/11
ip -6 nexthop add id 12 via 2001:db8::9 dev "$nic"
ip route add 203.0.113.128/25 nhid 10
ip route add 198.51.100.128/25 nhid 9 metric 5
ip -6 route add 2001:db8:6::/48 nhid 12
tap_is "there are addresses and routes" "$(state)" "*192.0.2.2*203.0.113.0/24 via*2001:db8:5::/48*02:00*"
hops() {
	ip nexthop show | sed "s/ linkdown//"
}
was=$(hops)
tap_is "there are next hops" "$was" "id 9 group 10,3/11*id 10*id 12*"
undone "addresses, routes, next hops and neighbours"
tap_is "next hops are back" "$(hops)" "$was"
repaired "after a crash"
tap_is "next hops are back, too" "$(hops)" "$was"
ip nexthop flush >/dev/null 2>&1
ip addr flush dev "$nic"
tap_done
