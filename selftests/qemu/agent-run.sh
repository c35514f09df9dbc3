#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs a program in a guest as a host does that has QEMU's guest agent and nothing
# else: guest-exec. Prints its output, stdout first, and exits with its status; 124
# when the time is up, 125 when the agent does not answer as it should.
# Usage: agent-run.sh SOCKET PROGRAM [ARG]...   (60 s)
#
# SOCKET is the host end of the port org.qemu.guest_agent.0. The arguments go into
# JSON as they are: no quotes and no backslashes.
set -eu

# The conversation, run by socat with the agent as stdin and stdout, the caller's
# output on 3 and the status on 4.
if [ "${1-}" = --talk ]; then
	# asks TEXT: $line is what the agent answers
	asks() {
		printf '%s\n' "$1"
		IFS= read -r line
	}
	field() {
		printf '%s' "$line" | sed -n "s/.*\"$1\": *\"*\\([^,\"}]*\\).*/\\1/p"
	}
	# What is left of an earlier caller ends with the answer to this.
	asks "{\"execute\": \"guest-sync\", \"arguments\": {\"id\": $$}}"
	until [ "$(field return)" = $$ ]; do
		IFS= read -r line
	done
	asks "{\"execute\": \"guest-exec\", \"arguments\": {$AGENT_PROGRAM, \"capture-output\": true}}"
	pid=$(field pid)
	[ -n "$pid" ] || { echo "$line" >&3; exit 1; }
	until [ "$(field exited)" = true ]; do
		sleep 0.1
		asks "{\"execute\": \"guest-exec-status\", \"arguments\": {\"pid\": $pid}}"
	done
	for stream in out-data err-data; do
		field $stream | base64 -d >&3
	done
	field exitcode >&4
	exit 0
fi

[ $# -ge 2 ] || { echo "usage: agent-run.sh SOCKET PROGRAM [ARG]..." >&2; exit 2; }
# shellcheck disable=SC2089 # JSON, for the conversation
sock=$1 AGENT_PROGRAM="\"path\": \"$2\", \"arg\": ["
shift 2
comma=
for arg; do
	AGENT_PROGRAM="$AGENT_PROGRAM$comma\"$arg\""
	comma=,
done
AGENT_PROGRAM="$AGENT_PROGRAM]"
# shellcheck disable=SC2090
export AGENT_PROGRAM

exec 3>&1
ended=0
status=$(timeout 60 socat -t 0 "UNIX-CONNECT:$sock" "EXEC:$0 --talk" 4>&1 >&3) || ended=$?
[ -z "$status" ] || exit "$status"
[ "$ended" -ne 124 ] || exit 124
echo "agent-run: $sock: no answer" >&2
exit 125
