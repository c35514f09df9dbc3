#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Prints the path of a tarball of a Debian 12 with systemd, which is made with
# mmdebstrap where the cache has none yet (a minute or two).
set -eu

packages="systemd,systemd-sysv,udev,kmod,iproute2,e2fsprogs,util-linux,mount,dbus,procps
	libudev1,libnl-3-200,libmount1,libblkid1,libjson-c5,libinih1
	ifupdown,network-manager,qemu-guest-agent"
packages=$(echo "$packages" | tr -s '\n\t ' , )

cache=${DRVIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drvio}
mkdir -p "$cache"
# Made anew when the list changes.
base=$cache/systemd-$(echo "$packages" | sha256sum | cut -c 1-12).tar
exec 9> "$base.lock"
flock 9
if [ ! -e "$base" ]; then
	# The mirror is the one that the machine's own apt sources name.
	# shellcheck disable=SC2016 # apt expands these
	sources=$(apt-get indextargets --no-release-info --format \
		'$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk '$2 ~ /^bookworm(-security|-updates)?$/ { print "deb " $0 }' | sort -u)
	if [ -z "$sources" ]; then
		echo "systemd-base: the apt sources of this machine do not name Debian 12 (bookworm)" >&2
		exit 1
	fi
	echo "systemd-base: making a Debian with systemd" >&2
	# What a test does not read is left out: it is copied for each run.
	echo "$sources" | mmdebstrap --quiet --variant=essential --include="$packages" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		bookworm "$base.partial.tar" - >&2
	mv "$base.partial.tar" "$base"
fi
echo "$base"
