#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs fuzz targets for a while, from the seeds in corpus/.  What one finds goes
# to OUT/corpus, and an input that makes it fail to OUT.  TAP on stdout.
# Usage: fuzz.sh OUT SECONDS SEED TARGET...
set -eu

[ $# -ge 4 ] || { echo "usage: fuzz.sh OUT SECONDS SEED TARGET..." >&2; exit 2; }
out=$1 seconds=$2 seed=$3
shift 3
corpus=$(cd "$(dirname "$0")" && pwd)/corpus

# An inner limit for an input that hangs, an outer one for what ignores it.
run() {
	timeout -k 10 $((seconds + 60)) "$out/$1" -seed="$seed" \
		-max_total_time="$seconds" -max_len=4608 -timeout=10 \
		-artifact_prefix="$out/$1-" -print_final_stats=1 \
		"$out/corpus/$1" "$corpus/$1" >"$out/$1.log" 2>&1
}

echo "TAP version 13"
echo "1..$#"
n=0 failed=0
for target; do
	n=$((n + 1)) status=0
	rm -rf "$out/corpus/$target"
	mkdir -p "$out/corpus/$target"
	run "$target" || status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$out/$target.log")
	seeds=$(find "$corpus/$target" -type f | wc -l)
	# It has done nothing where it has not even run the seeds.
	if [ "$status" -eq 0 ] && [ "$seeds" -gt 0 ] && [ "${runs:-0}" -gt "$seeds" ]; then
		echo "ok $n $target: $runs inputs in $seconds s, $seeds seeds, -seed=$seed"
		continue
	fi
	failed=1
	echo "not ok $n $target: status $status after ${runs:-0} inputs, $seeds seeds, -seed=$seed"
	sed 's/^/# /' "$out/$target.log" | tail -n 60
	input=$(sed -n 's/.*Test unit written to //p' "$out/$target.log" | tail -n 1)
	echo "# to reproduce: $out/$target ${input:-"-seed=$seed -max_len=4608 $corpus/$target"}"
done
exit $failed
