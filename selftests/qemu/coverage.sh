#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Prints which lines of the modules a run of check-guest.sh on the debug kernel
# has reached: those that were not, then the figures, a file a line and in total.
# A page a file, with the counts, is in OUTPUT-DIR/coverage/html.
# Usage: coverage.sh OUTPUT-DIR PERCENT
# Fails when fewer lines than PERCENT of a hundred were reached.
set -eu

[ $# -eq 2 ] || { echo "usage: coverage.sh OUTPUT-DIR PERCENT" >&2; exit 2; }
out=$1/coverage percent=$2
tar=$1/check-guest.coverage.tar
[ -s "$tar" ] || { echo "coverage: $tar: the guest has brought no counts" >&2; exit 1; }

rm -rf "$out"
mkdir -p "$out/data"
# The paths in it are those of the kernel's debugfs: below gcov, where the
# modules were built.  What the compiler left there is needed beside the counts.
tar -C "$out/data" -xf "$tar"
find "$out/data" -name '*.gcda' | while read -r counts; do
	built=${counts#"$out/data"}
	cp "${built%.gcda}.gcno" "${counts%.gcda}.gcno"
done

if ! {
	lcov -q -c -d "$out/data" -o "$out/all.info" &&
	lcov -q -e "$out/all.info" "*/drivers/drvio/*.c" -o "$out/some.info" &&
	lcov -q -r "$out/some.info" "*_test.c" -o "$out/drvio.info" &&
	genhtml -q -o "$out/html" "$out/drvio.info"
} 2> "$out/log"; then
	cat "$out/log" >&2
	exit 1
fi

awk -v percent="$percent" '
# Lines that follow each other are one range.
function range() {
	if (first)
		missed[file] = missed[file] " " first (last > first ? "-" last : "")
	first = 0
}
/^SF:/ { file = $0; sub(/.*\//, "", file); files[++n] = file }
/^DA:/ {
	split(substr($0, 4), line, ",")
	lines[file]++
	if (line[2] > 0) { reached[file]++; range(); next }
	if (!first) first = line[1]
	last = line[1]
}
/^end_of_record/ { range() }
END {
	for (i = 1; i <= n; i++)
		if (missed[files[i]])
			printf "%s: not reached:%s\n", files[i], missed[files[i]]
	print ""
	for (i = 1; i <= n; i++) {
		f = files[i]
		printf "%-24s %5d of %5d lines %6.1f %%\n", f, reached[f], lines[f], 100 * reached[f] / lines[f]
		all += lines[f]
		got += reached[f]
	}
	printf "%-24s %5d of %5d lines %6.1f %%\n", "drivers/drvio", got, all, all ? 100 * got / all : 0
	exit !all || 100 * got / all < percent
}' "$out/drvio.info" || { echo "coverage: less than $percent % of the lines were reached" >&2; exit 1; }
