#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The site's hooks: which are run, with what, and what becomes of their answers;
# the example of drvio-hooks(7) among them. On a recorded tree with an idle disk
# vda, as in helper_look.sh; nothing of the machine is touched.
# shellcheck disable=SC2016,SC2059 # the hooks expand it; hooks as formats

helper=$DRVIO_BUILD/drvio-helper
t=$(mktemp -d "${TMPDIR:-/tmp}/drvio-hooks.XXXXXX") || exit 1
trap 'rm -rf "$t"' EXIT
disk=virtio-blk@0x0102000800000000
# shellcheck source-path=SCRIPTDIR source=helper.sh
. "${0%/*}/helper.sh"

if [ "$(id -u)" -ne 0 ]; then
	echo "ok 1 # SKIP hooks must belong to root"
	echo "1..1"
	exit 0
fi

run() {
	out=$("$helper" --sysfs "$t/sys" --proc "$t/proc" --dev "$t/dev" \
		--run "$t/run" --fstab "$t/fstab" --config "$t/conf" \
		--hooks "$t/hooks.d" "$@" 2>&1)
	rc=$?
}
# request VERB: the kernel has one, and the helper works on it; $out is the ack
request() {
	echo "$1" > "$class/request/verb"
	echo userspace > "$class/request/phase"
	echo 00000000000000c1 > "$class/request/cookie"
	echo 30000 > "$class/request/deadline_ms"
	: > "$class/ack"
	: > "$t/log"
	run request "$disk"
	out=$(cat "$class/ack")
}
# hook NAME: from stdin, alone in the folder
hook() {
	rm -rf "$t/hooks.d"
	mkdir -p "$t/hooks.d"
	more "$1"
}
more() {
	cat > "$t/hooks.d/$1"
	chmod 755 "$t/hooks.d" "$t/hooks.d/$1"
}
# said DESCRIPTION TEXT: what the hooks have written down
said() {
	out=$(cat "$t/log")
	[ "$out" = "$2" ]
	check $? "$1"
}

class=$t/sys/class/drvio/$disk
vda=$t/sys/devices/pci/virtio1/block/vda
mkdir -p "$class/request" "$vda" "$t/proc/self/ns" "$t/dev" "$t/sys/block"
ln -s ../../../devices/pci/virtio1 "$class/target0"
echo virtio-blk > "$class/name"
ln -s /sys/class/block "$vda/subsystem"
echo 250:16 > "$vda/dev"
echo 7 > "$vda/diskseq"
printf 'DEVNAME=vda\nDEVTYPE=disk\n' > "$vda/uevent"
ln -s "mnt:[1]" "$t/proc/self/ns/mnt"
echo "1 0 250:9 / / rw shared:1 - ext4 /dev/other rw" > "$t/proc/self/mountinfo"
: > "$t/fstab"
cookie=00000000000000c1

run look "$disk"
want 0 "without a folder there are no hooks"

# --- What a hook is told ---

hook 50-log <<EOH
#!/bin/sh
echo "\$DRVIO_HOOK \$* \$DRVIO_DEVICE \$DRVIO_TYPE \$DRVIO_VERB [\$DRVIO_NODES] \$DRVIO_FORCE \$PWD \$HOME \$DRVIO_BUILD" | sed "s|$t/hooks.d/||; s|$disk|DEV|g" >> $t/log
EOH
request unconfigure
want 0 "a hook agrees" "$cookie ok"
said "it was asked, then told" "50-log query DEV DEV virtio-blk unconfigure [vda] no / / 
50-log pre-remove DEV DEV virtio-blk unconfigure [vda] no / / "
: > "$t/log"
run undo "$disk" "$cookie"
said "and told of the undo" "50-log undo-remove DEV DEV virtio-blk unconfigure [vda] no / / "
request unconfigure
: > "$t/log"
run "done" "$disk" "$cookie"
said "or of the end" "50-log post-remove DEV DEV virtio-blk unconfigure [] no / / "
request configure
said "or of the beginning" "50-log post-add DEV DEV virtio-blk configure [vda] no / / "
request force-unconfigure
said "and of force" "50-log query DEV DEV virtio-blk force-unconfigure [vda] yes / / 
50-log pre-remove DEV DEV virtio-blk force-unconfigure [vda] yes / / "
run undo "$disk" "$cookie"

# --- What it says ---

printf '#!/bin/sh\n[ $1 = query ] || exit 0\necho "the database runs: stop it"\necho second; exit 3\n' | hook 10-db
printf '#!/bin/sh\n[ $1 = query ] || exit 0\nexit 3\n' | more 20-mute
printf '#!/bin/sh\n[ $1 = query ] || exit 0\necho broken >&2; exit 1\n' | more 30-broken
printf '#!/bin/sh\nexit 2\n' | more 40-not-mine
request unconfigure
want 3 "refusals are rows of the reason" "$cookie blocked Resource " \
	"\\n10-db      the database runs: stop it ($t/hooks.d/10-db)\\n10-db      second" \
	"\\n20-mute " "\\n30-broken  failed: broken ("
case $out in *not-mine*) check 1 "who is not concerned is silent" ;; *) check 0 "who is not concerned is silent" ;; esac
run look "$disk"
want 3 "a look asks them too" "10-db      the database runs"
request force-unconfigure
want 0 "force goes over them" "$cookie ok"
run undo "$disk" "$cookie"
echo "[default]
hooks = no" > "$t/conf"
request unconfigure
want 0 "they can be switched off" "$cookie ok"
run undo "$disk" "$cookie"
rm "$t/conf"
chmod a-x "$t/hooks.d"/*
request unconfigure
want 0 "one by one, too" "$cookie ok"
run undo "$disk" "$cookie"

printf '#!/bin/sh\necho "never this one"; exit 4\n' | hook 10-never
request force-unconfigure
want 1 "a refusal for good stops force" "$cookie failed Resource" "never this one"

printf '#!/bin/sh\n# drvio-hook: events=pre-remove,undo-remove\necho "$DRVIO_HOOK $1" | sed "s|.*/||" >> '"$t"'/log\n' | hook 10-first
printf '#!/bin/sh\n# drvio-hook: events=pre-remove\necho "not now"; exit 3\n' | more 20-no
printf '#!/bin/sh\n# drvio-hook: events=pre-remove\necho third >> '"$t"'/log\n' | more 30-last
request unconfigure
want 3 "one refuses when it is told" "$cookie blocked Resource" "20-no     not now"
said "those before it are told of the undo, those behind it of nothing" "10-first pre-remove
10-first undo-remove"

# What was checked is what is run.
printf '#!/bin/sh\n# drvio-hook: events=query\nf=${DRVIO_HOOK%%/*}/20-next\necho "#!/bin/sh\necho other >> '"$t"'/log" > $f.new\nchmod 755 $f.new; chown 65534 $f.new; mv $f.new $f\n' | hook 10-first
printf '#!/bin/sh\n# drvio-hook: events=query,pre-remove\necho "checked $1" >> '"$t"'/log\n' | more 20-next
request unconfigure
want 3 "one takes the place of another meanwhile: refused by name" "$cookie blocked Resource" "20-next" "belongs to user 65534"
said "it is not run, but the one that was checked" "checked query"
cp /bin/true "$t/true"
hook 10-true < "$t/true"
request unconfigure
want 0 "a hook that is no script" "$cookie ok"
run undo "$disk" "$cookie"

printf '#!/bin/sh\n[ $1 = post-add ] && echo "no licence for it" && exit 3\nexit 0\n' | hook 10-add
request configure
want 3 "a configure is refused" "$cookie blocked Resource" "no licence for it"

# --- What it declares ---

printf '#!/bin/sh\n# drvio-hook: types=virtio-net,virtio-fs\nexit 3\n' | hook 10-net
request unconfigure
want 0 "other types are none of its business" "$cookie ok"
run undo "$disk" "$cookie"
printf '#!/bin/sh\n# drvio-hook: timeout_ms=200\nexec sleep 60\n' | hook 10-slow
request unconfigure
want 3 "its time limit" "10-slow" "not done after 200 ms"
for wrong in "events=query,remove" "timeout_ms=0" "timeout_ms=1s" "type=virtio-blk" "now"; do
	printf '#!/bin/sh\n# drvio-hook: %s\nexit 0\n' "$wrong" | hook 10-wrong
	request unconfigure
	want 3 "a wrong declaration refuses: $wrong" "10-wrong" "it declares"
done

# --- Whom it belongs to ---

printf '#!/bin/sh\ntouch %s/ran\n' "$t" | hook 10-theirs
chmod 775 "$t/hooks.d/10-theirs"
request unconfigure
want 3 "one that others may write to is refused by name" "10-theirs" "$t/hooks.d/10-theirs: refused" "chmod go-w"
chmod 755 "$t/hooks.d/10-theirs"
chown 1 "$t/hooks.d/10-theirs"
request unconfigure
want 3 "so is one of another user" "$t/hooks.d/10-theirs: refused" "chown root"
chown 0 "$t/hooks.d/10-theirs"
chmod 777 "$t/hooks.d"
request unconfigure
want 3 "so are all in a folder of that kind" "10-theirs" "$t/hooks.d: refused"
[ ! -e "$t/ran" ]
check $? "none of them was run"

# --- The example of the manual ---

sed -n '/begin of the example/,/end of the example/{/example$/d;s/\\-/-/g;p}' \
	"$DRVIO_TOP/Documentation/man/drvio-hooks.7" |
	sed "s|/etc/app|$t|; s|/run/app|$t/app|" | hook 50-app
request unconfigure
want 0 "the example: an application that is not there" "$cookie ok"
run undo "$disk" "$cookie"
echo vda > "$t/disk"
request unconfigure
want 0 "one that does not run" "$cookie ok"
run undo "$disk" "$cookie"
sleep 60 &
pid=$!
echo $pid > "$t/app.pid"
request unconfigure
want 3 "one that runs" "50-app    the application uses vda: app-stop"
request force-unconfigure
want 0 "force" "$cookie ok"
kill -0 $pid 2>/dev/null
check $((!$?)) "has stopped it"

echo "1..$cases"
exit $failed
