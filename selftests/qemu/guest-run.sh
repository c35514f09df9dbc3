#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs a shell command in a guest of `make guest`, prints its output and exits
# with its status; 124 when the time is up, 125 when there is no guest.
# Usage: guest-run.sh [-t SECONDS] RUN [COMMAND]...   (60 s; no COMMAND: from stdin)
#
# The command runs as root in a shell of its own, its input is /dev/null, and
# stderr comes with stdout.  One caller at a time has the line; others wait.
set -eu

# The conversation, run by socat with the shell's line as stdin and stdout, the
# caller's output on 3 and the status on 4.
if [ "${1-}" = --talk ]; then
	# ^C first: ends what a caller who ran out of time has left there.
	printf '\003\n'
	printf "printf '\\\\nbegin-%%s\\\\n' %s\n" "$GUEST_TAG"
	printf "sh -c \"\$(cat <<'%s'\n%s\n%s\n)\" </dev/null 2>&1\n" "$GUEST_TAG" "$GUEST_SCRIPT" "$GUEST_TAG"
	printf "printf '\\\\nend-%%s %%d\\\\n' %s \$?\n" "$GUEST_TAG"
	held="" begun=""
	while IFS= read -r line; do
		case $line in
		"begin-$GUEST_TAG")
			begun=1 ;;
		"end-$GUEST_TAG "*)
			# The newline ahead of the marker is ours, not the command's.
			[ "$begun" != 2 ] || printf '%s' "$held" >&3
			echo "${line##* }" >&4
			exit 0 ;;
		*)
			case $begun in
			1) held=$line begun=2 ;;
			2) printf '%s\n' "$held" >&3; held=$line ;;
			esac ;;
		esac
	done
	exit 1
fi

seconds=60
if [ "${1-}" = -t ]; then
	seconds=$2
	shift 2
fi
[ $# -ge 1 ] || { echo "usage: guest-run.sh [-t SECONDS] RUN [COMMAND]..." >&2; exit 2; }
sock=$1/shell.sock
shift
if [ ! -S "$sock" ]; then
	echo "guest-run: $sock: no such socket: boot a guest with make guest RUN=${sock%/*}" >&2
	exit 125
fi
if [ $# -gt 0 ]; then
	GUEST_SCRIPT=$*
else
	GUEST_SCRIPT=$(cat)
fi
# Never twice the same, so that what an earlier caller left is not taken for ours.
GUEST_TAG=$$-$(date +%s%N)
export GUEST_SCRIPT GUEST_TAG

exec 3>&1
ended=0
status=$(timeout "$seconds" socat -t 0 "UNIX-CONNECT:$sock" "EXEC:$0 --talk" 4>&1 >&3) || ended=$?
if [ -n "$status" ]; then
	exit "$status"
elif [ "$ended" -eq 124 ]; then
	echo "guest-run: no end after $seconds s: $GUEST_SCRIPT" >&2
	exit 124
fi
echo "guest-run: $sock: the guest went away" >&2
exit 125
