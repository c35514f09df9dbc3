#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# drvioctl against a recorded system: each output is compared with the file of
# the same name in data/golden, and JSON is checked by the schemas, too.
# DRVIO_GOLDEN=update writes the files anew.
#
#	data/tree.txt	an x86 guest with a disk, a NIC, an entropy source that is
#			unconfigured, a console that carries link0, a simulated device

here=$(cd "$(dirname "$0")" && pwd)
schemas=$here/../../Documentation/schema
golden=$here/data/golden
# shellcheck source-path=SCRIPTDIR source=tree.sh
. "$here/tree.sh"

t=$(mktemp -d "${TMPDIR:-/tmp}/drvioctl.XXXXXX") || exit 1
trap 'rm -rf "$t"' EXIT
cases=0
failed=0
blk=virtio-blk@0x0102000800000000
net=virtio-net@0x0102001000000000
class=$t/root/sys/class/drvio

check() {
	cases=$((cases + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $cases - $2"
	else
		echo "not ok $cases - $2"
		failed=1
	fi
}

ctl() {
	"$DRVIO_BUILD/drvioctl" --root "$t/root" --helper "$t/helper" "$@"
}

# golden NAME STATUS ARGUMENT...: its output and its exit status are as recorded
golden() {
	name=$1 want=$2
	shift 2
	ctl "$@" > "$t/$name" 2> "$t/errors"
	rc=$?
	cat "$t/errors" >> "$t/$name"
	sed -i "s|$t|DIR|g" "$t/$name"
	if [ "${DRVIO_GOLDEN-}" = update ]; then
		cp "$t/$name" "$golden/$name"
	fi
	diff -u "$golden/$name" "$t/$name" > "$t/diff"
	same=$?
	sed 's/^/# /' "$t/diff"
	[ "$rc" -eq "$want" ] || { echo "# exit status $rc, not $want"; same=1; }
	check $same "$name"
}

# The helper that check runs: says what it was asked, ends as it is told.
helper() {
	cat > "$t/helper" <<HELPER
#!/bin/sh
for last; do :; done
[ "\$last" = $blk ] || { echo "not asked for \$last" >&2; exit 9; }
printf '%s' '$2'
exit $1
HELPER
	chmod +x "$t/helper"
}

begin() {
	rm -rf "${t:?}/root"
	tree_build "$here/data/tree.txt" "$t/root"
}

table='Resource  Information
--------  -----------
/srv      file open: /srv/log, by tail (pid 7): close the file or stop tail (pid 7)
'

begin
golden list.txt 0 list
golden list-columns.txt 0 list --columns device,verb,result,hold --sort verb
golden list.json 0 -j list
golden list-column-wrong.txt 2 list --columns device,colour
golden show-all.txt 0 show
golden show-disk.txt 0 show vda
golden show-target.json 0 show -j virtio3
golden show-none.txt 4 show virtio-blk@0x1
golden types.txt 0 types
golden types-columns.txt 0 types -c type,bus,resources
golden types.json 0 types --json
golden links.txt 0 links
golden links.json 0 links -j
golden history.txt 0 history
golden history-last.json 0 history -n 1 -j
golden history-device.txt 0 history $blk --columns time,number,result
golden history-none.txt 0 history virtio-blk@0x0102ffff00000000
golden export.json 0 export

cp "$t/export.json" "$t/source.json"
golden compat-same.txt 0 compat "$t/source.json"
sed -i 's/ flush / /' "$class/virtio/supported_types/virtio-blk/compatible_features"
echo 2.0.0 > "$class/virtio/supported_types/virtio-net/software_version"
echo 68 1500 > "$class/virtio/supported_types/virtio-net/compatible_mtu"
echo 262144 > "$class/$blk/capacity"
rm "$class/$net"
golden compat-not.txt 12 compat "$t/source.json" -s verdict
golden compat-not.json 12 compat -j "$t/source.json"
begin
# Upwards is fine: a higher minor, more features, a wider range.
echo 1.7.3 > "$class/virtio/supported_types/virtio-net/software_version"
echo 0 65535 > "$class/virtio/supported_types/virtio-net/compatible_mtu"
golden compat-newer.txt 0 compat "$t/source.json"
rm -r "$class/virtio/supported_types/virtio-rng"
rm -r "$class/virtio/supported_types/virtio-blk" "$class/virtio/supported_types/virtio-net"
golden compat-no-type.txt 12 compat "$t/source.json" -s verdict -c object,verdict,attribute,target,why
echo '{ "format": 2 }' > "$t/bad.json"
golden compat-format.txt 1 compat "$t/bad.json" "$t/source.json"
sed 's/"dynamic_resources": \[/"dynamic_resources": [ null,/' "$t/source.json" > "$t/bad.json"
golden compat-broken.txt 1 compat "$t/source.json" "$t/bad.json"
head -c 300 "$t/source.json" > "$t/bad.json"
golden compat-cut.txt 1 compat "$t/bad.json" "$t/source.json"
golden compat-missing.txt 1 compat "$t/no.json" "$t/source.json"
begin

helper 0 ''
golden check-yes.txt 0 check vda
golden check-yes.json 0 check vda -j
helper 3 "$table"
golden check-blocked.txt 3 check $blk
golden check-blocked.json 3 check -j $blk
echo "backup until 6" > "$class/$blk/hold"
golden check-held-blocked.txt 3 check $blk
helper 0 ''
golden check-held.txt 3 check $blk
helper 1 "$table"
golden check-never.txt 1 check $blk
helper 9 ''
golden check-failed.txt 9 check $blk
helper 0 ""
golden check-unconfigured.txt 0 check virtio3
golden check-carrier.txt 1 check virtio0
echo > "$class/service/helper"
golden check-no-helper.txt 1 check $blk
echo bind > "$class/$blk/request/phase"
golden check-busy.txt 3 check $blk
begin

golden hold.txt 0 hold vda "backup until 6" --for 2h
check "$([ "$(cat "$class/$blk/hold")" = "backup until 6" ]; echo $?)" "hold writes the text"
check "$([ "$(cat "$class/$blk/hold_ms")" = 7200000 ]; echo $?)" "and the milliseconds"
golden release.txt 0 release $blk
check "$([ -z "$(cat "$class/$blk/hold")" ]; echo $?)" "release empties it"
golden hold-time.txt 2 hold vda text --for 0s
golden hold-long.txt 2 hold vda "$(printf '%0256d' 0)"
golden hold-lines.txt 2 hold vda "two
lines"
golden hold.json 0 hold -j vda text
: > "$class/$blk/ack"
golden ack.txt 0 ack vda blocked 'two
lines \ more'
check "$([ "$(cat "$class/$blk/ack")" = '9f16bedabf6ab3f7 blocked two\nlines \\ more' ]; echo $?)" \
	"ack escapes its text"
golden ack-none.txt 8 ack $net ok
golden ack-word.txt 2 ack $net maybe
golden configure-no-link.txt 6 configure $blk
golden no-such-node.txt 4 check vdz
golden no-command.txt 2 frobnicate
golden wrong-option.txt 2 list --force
golden missing-argument.txt 2 hold vda
rm -r "${class:?}"
golden no-module.txt 4 list
golden no-module.json 4 list -j

begin
mkdir -p "$t/root/etc" "$t/root/proc/self"
printf "/dev/vda /srv ext4 defaults 0 2\n" > "$t/root/etc/fstab"
printf "1 0 250:9 / / rw shared:1 - ext4 /dev/other rw\n2 1 254:0 / /mnt rw shared:2 - ext4 /dev/vda rw\n" \
	> "$t/root/proc/self/mountinfo"
golden diff.txt 0 diff
golden diff-node.json 0 diff -j enp2s0
sed -i "s/^/#/" "$t/root/etc/fstab"
golden diff-columns.txt 0 diff vda --columns attribute,live,config,sync
golden set-scope.txt 2 set enp2s0 mtu=1300
golden set-value.txt 2 set enp2s0 mtu=0 --live
golden set-key.txt 2 set enp2s0 colour=red --live
golden set-no-value.txt 2 set enp2s0 mtu --live
golden set-nothing.txt 4 set vda mtu=1300 --live
printf "/dev/vda / ext4 defaults 0 1\n" > "$t/root/etc/fstab"
golden set-root.txt 1 set vda mount=none --config
check "$(grep -q "^/dev/vda / " "$t/root/etc/fstab"; echo $?)" "the root filesystem stays in fstab"
printf "#/dev/vda /srv ext4 defaults 0 2\n" > "$t/root/etc/fstab"
golden set-live.txt 0 set vda hold="ask Ann" --live
check "$([ "$(cat "$class/$blk/hold")" = "ask Ann" ]; echo $?)" "set writes the value"
golden set-live.json 0 set -j vda hold= --live
# A policy that others may write to is not touched; the live value is put back.
# Of other users than root it is refused for its owner.
if [ "$(id -u)" -eq 0 ]; then
	mkdir -p "$t/root/etc/drvio"
	: > "$t/root/etc/drvio/drvio.conf"
	chmod 666 "$t/root/etc/drvio/drvio.conf"
	golden set-undone.txt 1 set vda hold="ask Ann" --live --config
	golden set-undone.json 1 set -j vda hold="ask Ann" --live --config
	check "$([ -z "$(cat "$class/$blk/hold")" ]; echo $?)" "the value before is back"
	golden diff-unknown.txt 0 diff vda
fi

# --- The schemas -------------------------------------------------------------

# validate SCHEMA FILE...
validate() {
	schema=$schemas/$1
	shift
	for file; do
		set -- "$@" -i "$file"
		shift
	done
	/usr/bin/python3 -W ignore -m jsonschema "$@" "$schema" > "$t/errors" 2>&1
}

for file in "$t"/*.json; do
	case $file in
	*/bad.json | */source.json | */event*) ;;
	*) sed -i '/^drvioctl: /d' "$file"; set -- "$@" "$file" ;;
	esac
done
validate drvioctl.json "$@"
check $? "$# documents are as the schema says"
sed 's/^/# /' "$t/errors" | head -20
sed 's/"state": "configured"/"state": "well"/' "$t/list.json" > "$t/bad.json"
if validate drvioctl.json "$t/bad.json"; then false; else true; fi
check $? "one with a wrong state is not"

"$DRVIO_BUILD/tests/ctl_event" print > "$t/events"
n=0
while read -r line; do
	n=$((n + 1))
	echo "$line" > "$t/event$n.json"
done < "$t/events"
validate drvioctl-monitor.json "$t/event1.json" "$t/event2.json"
check $? "lines of monitor are as their schema says"
sed 's/^/# /' "$t/errors" | head -20
sed 's/"number": 7/"number": null/' "$t/event1.json" > "$t/bad.json"
if validate drvioctl-monitor.json "$t/bad.json"; then false; else true; fi
check $? "a request without a number is not"
echo "1..$cases"
exit $failed
