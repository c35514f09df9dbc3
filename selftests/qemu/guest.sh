#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Boots the test guest in the foreground until QEMU ends; `make guest` runs it.
# Usage: guest.sh RUN
#
# In RUN while the guest lives:
#   link.sock    the Domain Services stream: the host end of port org.drvio.0
#   qmp.sock     QEMU's control socket
#   shell.sock   a root shell on a serial line, no echo (guest-run.sh speaks to it)
#   console.log  the kernel's console
#   ready        once the guest answers requests on link.sock
#
# Environment:
#   MEM          guest memory (512M; debug kernel 1536M)
#   QEMU_EXTRA   further arguments of QEMU, split at blanks
#   ACCEL=kvm    use KVM.  Never chosen because /dev/kvm exists: there are hosts
#                where Debian's kernels die in it
#   OVERLAY      directories whose content is laid over the guest's root
#   GUEST_ARGS   words for the guest's kernel command line (see init.c)
#   O, KERNEL_FLAVOUR  where the build is, and which kernel (build, cloud); one of
#                sparc64-* is a big-endian guest, whose devices go to bus=pciB,addr=1.2 on
#   GUEST        which guest of O, guest-<GUEST>; KERNEL_FLAVOUR's where not given
set -eu

[ $# -eq 1 ] || { echo "usage: guest.sh RUN" >&2; exit 2; }
mkdir -p "$1"
run=$(cd "$1" && pwd)
src=$(cd "$(dirname "$0")/../.." && pwd)
out=${O:-$src/build}
flavour=${KERNEL_FLAVOUR:-cloud}
built=$out/guest-${GUEST:-$flavour}
manager=$out/userspace/drvio-manager
kernel=$built/kernel initramfs=$built/initramfs disk=$built/root.img
[ -e "$kernel" ] || { echo "guest: $built: no guest there: build it with make guest-image" >&2; exit 2; }

# 107 is what sun_path holds; shell.sock is the longest name here.
if [ ${#run} -gt 96 ]; then
	echo "guest: RUN=$run: too long for unix sockets in it: use a path of 96 bytes at most" >&2
	exit 2
fi
# The directory itself is the lock.
exec 9< "$run"
if ! flock -n 9; then
	echo "guest: RUN=$run: another guest runs there: choose another directory or end it" >&2
	exit 1
fi

# What a guest leaves behind; the log stays for people to read.
clean() {
	rm -f "$run/ready" "$run/link.sock" "$run/qmp.sock" "$run/shell.sock" "$run/.initramfs"
}

qemu=
# shellcheck disable=SC2317 # by trap
end() {
	trap '' TERM INT HUP
	[ -z "$qemu" ] || { kill "$qemu" && wait "$qemu"; } 2>/dev/null || :
	clean
}
trap end EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP
clean
: > "$run/console.log"

# Either all of it is in an initramfs, or the root is a disk, of which no change
# outlives the guest.
if [ -e "$disk" ]; then
	root="-drive if=none,id=root,format=raw,snapshot=on,file=$disk -device nvme,drive=root,serial=root"
	append="root=/dev/nvme0n1 rw"
elif [ -n "${OVERLAY:-}" ]; then
	# The kernel unpacks archives that follow each other, the later ones on top.
	cp "$initramfs" "$run/.initramfs"
	for dir in $OVERLAY; do
		(cd "$dir" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0) >> "$run/.initramfs"
	done
	root="-initrd $run/.initramfs" append=
else
	root="-initrd $initramfs" append=
fi

case ${ACCEL:-tcg} in
kvm) accel="-accel kvm -cpu host" ;;
tcg) accel="-accel tcg,thread=multi -cpu qemu64,+rdrand" ;;
*) echo "guest: ACCEL=$ACCEL: unknown: tcg or kvm" >&2; exit 2 ;;
esac

mem=512M ports='' on=''
case $flavour in
sparc64*)
	# No second serial line there, and no hot-plug: no empty ports.  All devices are
	# functions of one slot, with one interrupt: of two slots whose interrupts come
	# at once, QEMU loses one until a third has another.
	qemu_system="qemu-system-sparc64 -M sun4u"
	shell="-device virtio-serial-pci,bus=pciB,addr=1.1,id=vshell -device virtconsole,bus=vshell.0,chardev=shell"
	append="$append GUEST_SHELL=/dev/hvc0 log_buf_len=1M"
	on=,bus=pciB,addr=1.0,multifunction=on
	;;
*)
	# KASAN and its companions want room.
	[ "$flavour" != debug ] || mem=1536M
	# Its memory can be shared with programs that play devices of it (vhost-user).
	qemu_system="qemu-system-x86_64 -M q35,memory-backend=ram $accel -smp 2"
	qemu_system="$qemu_system -object memory-backend-memfd,id=ram,size=${MEM:-$mem},share=on"
	shell="-serial chardev:shell"
	append="no_timer_check tsc=reliable mitigations=off nokaslr $append"
	for n in 1 2 3 4 5 6 7 8; do
		ports="$ports -device pcie-root-port,id=slot$n,chassis=$n,slot=$n"
	done
	;;
esac

# pdeathsig: QEMU does not outlive this script, even if that is killed with -9.
# shellcheck disable=SC2086
setpriv --pdeathsig TERM $qemu_system -m "${MEM:-$mem}" \
	-nodefaults -no-user-config -display none -no-reboot \
	-kernel "$kernel" $root \
	-append "console=ttyS0 quiet panic=-1 $append ${GUEST_ARGS:-}" \
	-chardev file,id=console,path="$run/console.log" -serial chardev:console \
	-chardev socket,id=shell,path="$run/shell.sock",server=on,wait=off $shell \
	-qmp unix:"$run/qmp.sock",server=on,wait=off \
	$ports \
	-device virtio-serial-pci,id=vserial$on \
	-chardev socket,id=link,path="$run/link.sock",server=on,wait=off \
	-device virtserialport,bus=vserial.0,chardev=link,name=org.drvio.0 \
	${QEMU_EXTRA:-} 9>&- < /dev/null &
qemu=$!

# Whether the guest answers a request on its link.
answers() {
	grep -q 'drvio-guest: up' "$run/console.log" || return 1
	# That there is no such device is an answer, too.
	status=0
	"$manager" --link "$run/link.sock" --timeout 5 status virtio-net@0x0 >/dev/null 2>&1 || status=$?
	[ $status -eq 0 ] || [ $status -eq 4 ]
}

while kill -0 "$qemu" 2>/dev/null; do
	if answers; then
		: > "$run/ready"
		break
	fi
	sleep 0.1
done

status=0
wait "$qemu" || status=$?
qemu=
exit "$status"
