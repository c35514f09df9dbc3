#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What can be found wrong in the documentation: ABI entries by the kernel's own
# tool, and whether each has all its fields; reStructuredText by docutils; man
# pages by groff; and whether the files that are named are there.  Usage:
#	check-docs.sh
set -eu

cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM INT HUP
status=0

# Neither tool says by its exit status what it found.
source=$(scripts/kernel.sh source 6.1)
perl "$source/scripts/get_abi.pl" --dir Documentation/ABI validate >"$work/log" 2>&1 || status=1
awk '
function end() {
	if (entry == "") return
	if (date && contact && description && users && example) return
	print file ": " entry ": without" (date ? "" : " Date") (contact ? "" : " Contact") \
		(description ? "" : " Description") (users ? "" : " Users") \
		(example ? "" : " an example")
}
FNR == 1 { end(); entry = ""; file = FILENAME }
# Several may share what follows.
/^What:/ && !what { end(); entry = $2; date = contact = description = users = example = 0 }
{ what = /^What:/ }
/^Date:.*20[0-9][0-9]/ { date = 1 }
/^Contact:.*[a-z]/ { contact = 1 }
/^Description:/ { description = 1 }
/^Users:.*[a-z]/ { users = 1 }
/::$/ { example = 1 }
END { end() }
' Documentation/ABI/*/* >>"$work/log" || status=1

find Documentation -name '*.rst' >"$work/files"
while read -r file; do
	rst2html5 --halt=5 --report=2 "$file" /dev/null 2>>"$work/log" || status=1
done <"$work/files"

for page in Documentation/man/*.[1-8]; do
	LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z \
		"$page" 2>>"$work/log" >/dev/null || status=1
	case $(sed -n 's/^\.TH //p' "$page") in
	*" \"drvio $(cat VERSION)\" "* | *" drvio\\ $(cat VERSION) "*) ;;
	*) echo "$page: its heading does not say \"drvio $(cat VERSION)\"" >>"$work/log" ;;
	esac
done

# Paths of the tree; a name with a pattern in it stands for none.
{
	cat "$work/files"
	echo README.md
} | while read -r file; do
	grep -oE '(^|[^A-Za-z0-9_./-])(Documentation|drivers/drvio|include/uapi|scripts|selftests|userspace|udev|packaging)/[][A-Za-z0-9_./@*<>-]*[A-Za-z0-9*>]' \
		"$file" | sed 's|^[^A-Za-z]||' | sort -u |
	while read -r name; do
		case $name in
		*[*\<\>]*) continue ;;
		esac
		[ -e "$name" ] || echo "$file: there is no $name"
	done
done >>"$work/log"

cat "$work/log" >&2
[ ! -s "$work/log" ] || status=1
exit $status
