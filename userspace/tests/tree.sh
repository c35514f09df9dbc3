# SPDX-License-Identifier: GPL-2.0
# Builds the tree that record.sh has recorded.  Sourced: . tree.sh
# shellcheck shell=sh

# tree_build FILE DIR
tree_build() {
	while IFS= read -r line; do
		path=${line%%[=>]*}
		mkdir -p "$2${path%/*}"
		case $line in
		"$path="*) printf '%b\n' "${line#*=}" > "$2$path" ;;
		*) ln -sfn "${line#*>}" "$2$path" ;;
		esac
	done < "$1"
}
