# SPDX-License-Identifier: GPL-2.0
# What a run of drvio-helper said ($out, $rc), as cases of TAP.  Sourced.
# shellcheck shell=sh disable=SC2154

cases=0
failed=0

check() {
	cases=$((cases + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $cases - $2"
	else
		echo "not ok $cases - $2"
		echo "$out" | sed 's/^/# /'
		failed=1
	fi
}

# want STATUS DESCRIPTION [PATTERN...]: what the last run said
want() {
	ok=0
	[ "$rc" -eq "$1" ] || { ok=1; echo "# exit status $rc, not $1"; }
	what=$2
	shift 2
	for pattern; do
		case $out in
		*"$pattern"*) ;;
		*) ok=1; echo "# no '$pattern'" ;;
		esac
	done
	check $ok "$what"
}

# want_no DESCRIPTION TEXT: what the last run did not say
want_no() {
	case $out in
	*"$2"*) check 1 "$1" ;;
	*) check 0 "$1" ;;
	esac
}
