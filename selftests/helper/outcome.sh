#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the kernel decides after the ack of drvio-helper reaches it although udev tells
# nobody: what it took down is put back, or forgotten. What it takes down is what a
# hook does, since the unbind that fails is that of a simulated device.

# shellcheck source-path=SCRIPTDIR source=real.sh
. ./real.sh

modprobe drvio-sim || tap_skip "no drvio-sim"
sim=sim@0x0000000000c71002
debug=/sys/kernel/debug
hooks=/etc/drvio/hooks.d
taken=/run/selftest.taken
tap_at_exit "echo 0xc71002 > /sys/bus/drvio-sim/del_device; rm -rf $hooks $taken"
[ -d $debug/drvio-sim ] || mount -t debugfs debugfs $debug
echo 0xc71002 > $class/sim/supported_types/sim/create

mkdir -p $hooks
cat > $hooks/selftest <<-END
	#!/bin/sh
	# drvio-hook: events=pre-remove,undo-remove
	case \$1 in
	pre-remove) touch $taken ;;
	undo-remove) rm $taken ;;
	esac
END
chmod 755 $hooks/selftest
# Of all events only those that begin a request start a run.
echo "SUBSYSTEM==\"drvio\", ACTION==\"change\", ENV{DRVIO_EVENT}==\"request\", RUN+=\"$helper --detach request %k \$env{DRVIO_COOKIE}\"" > $override
rules_reload

# shellcheck disable=SC2317 # reached through eventually
no_journal() {
	! ls /run/drvio/*.journal
}
# shellcheck disable=SC2317
put_back() {
	[ ! -e "$taken" ] && no_journal
}
# shellcheck disable=SC2317
killed() {
	[ -e "$taken" ] && ! pidof drvio-helper
}

echo 5 > "$debug/drvio-sim/$sim/fail_unbind"
tap_is "the kernel cannot unbind it" "$(request force-unconfigure $sim)" "failure configured*"
tap_ok "the helper has put it back by itself" eventually put_back
echo 0 > "$debug/drvio-sim/$sim/fail_unbind"
tap_is "it can" "$(request force-unconfigure $sim)" "ok unconfigured*"
tap_ok "the helper has forgotten it by itself" eventually no_journal
tap_ok "and nothing was put back" test -e $taken
tap_is "configured again" "$(request configure $sim)" "ok configured*"

# Nobody is left who would know: the next run does it.
rm $taken
echo 5 > "$debug/drvio-sim/$sim/fail_unbind"
sed -i "s|pre-remove) .*|pre-remove) touch $taken; kill -9 \$PPID ;;|" $hooks/selftest
answer=$(mktemp)
request force-unconfigure $sim > "$answer" &
tap_ok "a helper is killed in its work" eventually killed
tap_is "it does not answer" "$(cat $class/$sim/request/phase)" userspace
echo "$(cat $class/$sim/request/cookie) failed it was killed" > $class/$sim/ack
wait $!
tap_is "somebody else does" "$(cat "$answer"; rm "$answer")" "failure configured*"
tap_not "and puts nothing back" put_back
tap_ok "the next start does" $helper recover all
tap_ok "it is put back" put_back
rule_on
tap_done
