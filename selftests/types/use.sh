#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What "in use" means for the kinds of devices that are neither disks nor
# interfaces, on the devices of qemu/check-guest.sh and with the real helper: in
# use, the request is refused by name; idle, the device goes and comes back; by
# force it goes from under its users, which the guest survives, or where it would
# not, it stays.

# shellcheck source-path=SCRIPTDIR source=../helper/real.sh
. ../helper/real.sh

mnt=/run/selftest.mnt
mkdir -p $mnt
tap_at_exit "umount $mnt 2>/dev/null; rmdir $mnt"

# A configured device of a type, of which attribute $2 is $3 where that is given.
# A kernel may have no driver for it, and an old QEMU no device.
find_dr() {
	dr=
	for node in "$class/$1"@*; do
		[ -e "$node" ] || continue
		if [ $# -eq 1 ] || [ "$(cat "$node/$2")" = "$3" ]; then
			dr=${node##*/}
			break
		fi
	done
	what=$1
	if [ -z "$dr" ] || [ "$(cat "$class/$dr/state")" != configured ]; then
		tap_check 0 "$1 # SKIP no device, or no driver for it"
		return 1
	fi
}

refused() {
	tap_is "$what: $1" "$(request unconfigure "$dr")" "blocked configured*$2*"
}
# Its loss would not be survived.
never() {
	for verb in unconfigure force-unconfigure; do
		tap_is "$what: $1: $verb" "$(request $verb "$dr")" "failure configured*$2*"
	done
}
# What the kernel says when userspace has agreed.
kernel_never() {
	rule_off
	for verb in unconfigure force-unconfigure; do
		tap_is "$what: $1: $verb over the helper's head" "$(ask $verb "$dr")" \
			"failure configured*$2*not even force*"
	done
	rule_on
}
forced() {
	tap_is "$what: by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
}
back() {
	tap_is "$what: comes back" "$(request configure "$dr")" "ok configured"
	udevadm settle
}
idle() {
	tap_is "$what: idle" "$(request unconfigure "$dr")" "ok unconfigured"
	back
}

# A program that uses a device, as user $user_pid; see tools/user.c.
talk=/run/selftest.talk said=/run/selftest.said
program_start() {
	rm -f $talk
	mkfifo $talk
	../tools/user "$@" < $talk > $said 2>&1 &
	user_pid=$!
	exec 3> $talk
	tap_at_exit "kill $user_pid 2>/dev/null; rm -f $talk $said"
	says 1 "uses it" ok
}
# shellcheck disable=SC2317 # by eventually
has_said() {
	[ "$(wc -l < "$said")" -ge "$1" ]
}
# says LINE DESCRIPTION PATTERN
says() {
	eventually has_said "$1"
	tap_is "$what: $2" "$(sed -n "$1p" $said)" "$3"
}
program_again() {
	echo >&3
	says "$@"
}
program_end() {
	exec 3>&-
	wait $user_pid 2>/dev/null
}
mounted() {
	tap_ok "$what: is mounted" mount "$@" $mnt
}

if find_dr virtio-gpu; then
	card() {
		card=$(basename "$class/$dr/target0"/../drm/card*)
		[ -c "/dev/dri/$card" ]
	}
	card
	tap_check $? "$what: has a node"
	program_start drm "/dev/dri/$card"
	refused "in use" "/dev/dri/$card *open in user (pid $user_pid)"
	program_again 2 "can still be used" ok
	program_end
	idle
	card
	program_start drm "/dev/dri/$card"
	forced
	program_again 2 "has gone from under its user" "No such device"
	program_end
	back
	card
	program_start drm "/dev/dri/$card"
	program_end
fi

cipher=virtio_crypto_aes_cbc
if find_dr virtio-crypto; then
	program_start cipher $cipher
	never "in use" "cbc(aes) *1 users: end what encrypts*not even force"
	kernel_never "in use" "references to the algorithms"
	program_again 2 "can still be used" ok
	program_end
	idle
	program_start cipher $cipher
	program_end
	tap_is "$what: idle, by force" "$(request force-unconfigure "$dr")" "ok unconfigured"
	tap_is "$what: the algorithm has gone" "$(grep $cipher /proc/crypto)" ""
	back
fi

if find_dr virtio-mem region_size 536870912; then
	tap_is "$what: has plugged its memory" "$(cat "$class/$dr/plugged_size")" 134217728
	never "in use" "memory *128 MiB *are plugged in*request a size of 0*not even force"
	kernel_never "in use" "134217728 bytes*plugged into the guest*request a size of 0"
fi
if find_dr virtio-mem region_size 268435456; then
	idle
fi

if find_dr virtio-pmem; then
	# Without ZONE_DEVICE a kernel makes no disk of it.
	disk() {
		disk=$(basename "$class/$dr/target0"/ndbus*/region*/namespace*/block/*)
		[ -b "/dev/$disk" ]
	}
	if disk; then
		mkfs.ext4 -q -F "/dev/$disk"
		udevadm settle
		mounted "/dev/$disk"
		user_start $mnt
		refused "a file is open" "$mnt *sleep (pid $user_pid)"
		user_stop
		rule_off
		tap_is "$what: mounted, over the helper's head" "$(ask unconfigure "$dr")" \
			"blocked configured*$disk is claimed*"
		rule_on
		idle
		tap_is "$what: was unmounted" "$(findmnt -n $mnt)" ""
		tap_ok "$what: has its disk again" disk
		disk
		mounted "/dev/$disk"
		touch $mnt/file
		sync
		user_start $mnt/file
		forced
		user_stop
		umount $mnt 2>/dev/null
		back
		disk
		mounted "/dev/$disk"
		tap_ok "$what: has kept what was on it" test -e $mnt/file
		umount $mnt
	else
		idle
	fi
fi

if find_dr virtio-fs; then
	mounted -t virtiofs drviofs
	tap_is "$what: has the host's files" "$(cat $mnt/file)" "of the host"
	refused "mounted" "$mnt *virtiofs \"drviofs\" is mounted there: unmount it (umount $mnt)"
	umount $mnt
	idle
	mounted -t virtiofs drviofs
	user_start $mnt/file
	forced
	tap_not "$what: has gone from under its user" cat $mnt/file
	user_stop
	tap_ok "$what: what is left is unmounted" umount $mnt
	back
	mounted -t virtiofs drviofs
	tap_is "$what: has them again" "$(cat $mnt/file)" "of the host"
	umount $mnt
fi

if find_dr virtio-9p; then
	mounted -t 9p -o trans=virtio drvio9p
	refused "mounted" "$mnt *9p \"drvio9p\" is mounted there: unmount it (umount $mnt)"
	# Its driver waits for the last mount.
	timeout=$class/service/bind_timeout_ms
	kept=$(cat "$timeout")
	echo 500 > "$timeout"
	tap_is "$what: by force" "$(request force-unconfigure "$dr")" \
		"failure configured*did not come back from remove*"
	echo "$kept" > "$timeout"
	tap_is "$what: is still going" "$(cat "$class/$dr/state")" unconfiguring
	umount $mnt
	eventually grep -q unconfigured "$class/$dr/state"
	tap_check $? "$what: has gone once it is unmounted"
	back
	idle
fi

if find_dr virtio-input input_name "QEMU Virtio Tablet"; then
	event() {
		event=$(basename "$class/$dr/target0"/input/input*/event*)
	}
	event
	user_start "/dev/input/$event"
	refused "in use" "/dev/input/$event *open in sleep (pid $user_pid)"
	forced
	user_stop
	back
	event
	tap_ok "$what: has its node again" test -c "/dev/input/$event"
	idle
fi

if find_dr virtio-balloon; then
	idle
fi
tap_done
