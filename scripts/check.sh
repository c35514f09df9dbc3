#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs stages of the check, each a target of the top Makefile, and adds up what
# passed.  A stage that fails does not keep the next from being run.
# Usage: check.sh OUTPUT-DIR STAGE...
#
# CHECK_MINUTES says how long all of it may take: the stage that is at work then is
# ended, and those behind it are not begun.  They fail, and the log says why.
#
# A stage prints TAP, or lines that begin with "ok" or "FAIL"; a stage without any
# counts as one.  Its log is in OUTPUT-DIR/check/.  The last line is
# "N passed, M failed", with ", K skipped" where some were.
set -eu

[ $# -ge 2 ] || { echo "usage: check.sh OUTPUT-DIR STAGE..." >&2; exit 2; }
out=$1
shift
logs=$out/check
mkdir -p "$logs"
minutes=${CHECK_MINUTES:-}
end=$(($(date +%s) + ${minutes:-0} * 60))

# Prints "passed failed skipped" of a log.  kselftest's runner shows the cases of
# a program as "# ok" ahead of the program's own line: then the cases count, and
# the program only where it failed without a case that did.
count() {
	awk '
	function one(line) {
		if (line ~ /^(not ok|FAIL)/) return "failed"
		return line ~ /# SKIP/ ? "skipped" : "passed"
	}
	/^# (not )?ok [0-9]/ { inner[one(substr($0, 3))]++; next }
	/^((not )?ok|FAIL)( |$)/ {
		kind = one($0)
		if (!inner["passed"] && !inner["failed"] && !inner["skipped"])
			sum[kind]++
		else if (kind == "failed" && !inner["failed"])
			sum["failed"]++
		for (k in inner) sum[k] += inner[k]
		split("", inner)
	}
	END {
		# Cases of a program that never came to its end.
		if (inner["passed"] || inner["failed"] || inner["skipped"]) {
			for (k in inner) sum[k] += inner[k]
			sum["failed"]++
		}
		print sum["passed"] + 0, sum["failed"] + 0, sum["skipped"] + 0
	}' "$1"
}

# Who ends the check ends the stage that runs, with the guest that it has booted.
# (In the background ^C reaches nobody: what ends a stage is SIGTERM.)
running=
# shellcheck disable=SC2317 # by trap
end() {
	rm -f "$logs/.pipe"
	[ -z "$running" ] || { kill "$running" && wait "$running"; } 2>/dev/null || :
}
trap end EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP

passed=0 failed=0 skipped=0
summary=
for stage; do
	log=$logs/$stage.log
	echo "=== $stage"
	began=$(date +%s)
	rm -f "$logs/.pipe"
	mkfifo "$logs/.pipe"
	tee "$log" < "$logs/.pipe" &
	# 0: for ever.
	left=0
	if [ -n "$minutes" ]; then
		left=$((end - began))
		[ $left -gt 0 ] || left=0.1
	fi
	timeout -k 60 $left make --no-print-directory "$stage" > "$logs/.pipe" 2>&1 &
	running=$!
	status=0
	wait "$running" || status=$?
	running=
	wait
	if [ "$status" -ne 0 ] && [ -n "$minutes" ] && [ "$(date +%s)" -ge $end ]; then
		echo "not ok - $stage was ended: the $minutes minutes of CHECK_MINUTES are over" |
			tee -a "$log"
	fi
	took=$(($(date +%s) - began))
	# shellcheck disable=SC2046 # three numbers
	set -- $(count "$log")
	p=$1 f=$2 k=$3
	# A stage that fails has a failure, whatever it printed; one that prints
	# no cases is one.
	if [ "$status" -ne 0 ]; then
		[ "$f" -gt 0 ] || f=1
	elif [ $((p + f + k)) -eq 0 ]; then
		p=1
	elif [ "$f" -gt 0 ]; then
		status=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + k))
	word=passed
	[ "$status" -eq 0 ] || word=FAILED
	summary="$summary$(printf '%-22s %-6s %5s %5s %5s %5s s' "$stage" "$word" "$p" "$f" "$k" "$took")
"
done

printf '\n%-22s %-6s %5s %5s %5s %7s\n%s' stage '' pass fail skip time "$summary"
[ "$failed" -eq 0 ] || echo "The logs are in $logs."
line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" -eq 0 ]
