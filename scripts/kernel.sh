#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Finds the kernels that building and testing need and prints where they are.
# What is not there yet is downloaded from Debian, or built, into the cache.
# Needs no root.  Usage:
#
#	kernel.sh image   cloud|6.12|debug|sparc64-vmlinux|sparc64-debug
#		the bzImage, or vmlinux
#	kernel.sh modules cloud|6.12|debug      the folder with lib/modules
#	kernel.sh release cloud|6.12|debug      what uname -r says there
#	kernel.sh headers 6.1|6.12|debug|sparc64|sparc64-6.12|sparc64-vmlinux|sparc64-debug
#		KDIR of: make -C KDIR M=...
#	kernel.sh source  6.1|6.12               the unpacked linux-source
#	kernel.sh patched 6.1|6.12               the same with the series of patches/
#	kernel.sh package NAME                   the unpacked source of another package
#
# cloud and 6.1 are the cloud kernel of Debian 12, 6.12 that of its backports;
# debug is configured from kernel-configs/ and made from Debian's source of 6.1,
# sparc64 from that with the patches.  sparc64 and sparc64-6.12 have no vmlinux, and so
# are made in seconds.  DRVIO_CACHE names the cache; $XDG_CACHE_HOME/drvio otherwise.
set -eu

# The kernel is not to hear what the make that called this was told.
unset MAKEFLAGS MFLAGS MAKELEVEL ARCH CROSS_COMPILE
PATH=$PATH:/usr/sbin:/sbin
cache=${DRVIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drvio}
top=$(cd "$(dirname "$0")/.." && pwd)
configs=$(cd "$(dirname "$0")" && pwd)/kernel-configs
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
case $cache in
/*) ;;
*) cache=$PWD/$cache ;;
esac

note() {
	echo "kernel.sh: $*" >&2
}

die() {
	note "$@"
	exit 1
}

usage() {
	sed -n 's/^#\t/  /p' "$0" >&2
	exit 2
}

# interruptible COMMAND...: a signal that ends this script ends the command, too
interruptible() {
	"$@" &
	job=$!
	trap 'kill "$job"; exit 1' HUP INT TERM
	status=0
	wait "$job" || status=$?
	trap - HUP INT TERM
	return "$status"
}

# ensure DIR MAKER...: has MAKER fill $partial, which then becomes DIR.  So DIR
# is either whole or not there, and two callers do not make it twice.
ensure() {
	[ ! -d "$1" ] || return 0
	final=$1
	partial=$1.partial
	shift
	interruptible make_once "$@" 9>"$cache/lock/${final##*/}"
}

make_once() {
	flock 9
	[ ! -d "$final" ] || return 0
	"$@"
	mv -T "$partial" "$final"
}

# --- the Debian mirror, through an apt root of our own ---------------------

# The mirror is the one that the machine's own apt sources name.
machine_sources() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --no-release-info --format \
		'$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		sed -n '/^\(http\|https\|file\|mirror[^ ]*\):/p' | sort -u
}

# make_root SUITE [deb-src]: fills $root with an apt root that knows this suite only,
# its binary packages or its sources
make_root() {
	mkdir -p "$root/lists/partial" "$root/archives/partial"
	: >"$root/status"
	{
		if [ "$1" = bookworm ]; then
			machine_sources |
				awk '$2 ~ /^bookworm(-security|-updates)?$/'
		else
			machine_sources |
				awk -v s="$1" '$2 == "bookworm" { $2 = s; print }'
		fi | sed "s|^|${2:-deb} [arch=amd64 signed-by=$keyring] |"
	} >"$root/sources.list"
	[ -s "$root/sources.list" ] ||
		die "the apt sources of this machine do not name Debian 12 (bookworm); add a mirror of it to /etc/apt/sources.list"
	cat >"$root/apt.conf" <<-CONF
	Dir::State "$root";
	Dir::State::lists "$root/lists";
	Dir::State::status "$root/status";
	Dir::Cache "$root";
	Dir::Etc::sourcelist "$root/sources.list";
	Dir::Etc::sourceparts "-";
	APT::Architecture "amd64";
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	CONF
}

# depends PACKAGE PATTERN: the dependencies of a package whose name matches
depends() {
	apt-cache -c "$root/apt.conf" show --no-all-versions "$1" |
		sed -n 's/^Depends: //p' | tr ',' '\n' |
		sed -n "s/^ *\($2\)\($\| .*\)/\1/p"
}

ask_mirror() {
	make_root "$1" &&
		apt-get -c "$root/apt.conf" -qq update >&2 &&
		image=$(depends linux-image-cloud-amd64 'linux-image-[^ ]*') &&
		version=$(apt-cache -c "$root/apt.conf" show --no-all-versions \
			"${image:?}" | sed -n 's/^Version: //p') &&
		echo "${version:?} ${image#linux-image-}" >"$root/kernel.new" &&
		mv "$root/kernel.new" "$root/kernel"
}

# resolve SUITE: sets $root (to its apt root), $version (of the packages) and
# $release (uname -r) of the suite's cloud kernel.  The meta package is asked once
# a day: ABI numbers change monthly.  Without a mirror the last answer will do.
resolve() {
	root=$cache/apt-$1
	if [ -z "$(find "$root/kernel" -mmin -1440 2>/dev/null)" ]; then
		(
			flock 9
			[ -z "$(find "$root/kernel" -mmin -1440 2>/dev/null)" ] || exit 0
			(ask_mirror "$1") && exit 0
			[ -s "$root/kernel" ] ||
				die "cannot find out the cloud kernel of $1; is the mirror in the apt sources reachable?"
			note "cannot reach the mirror; staying with $(cat "$root/kernel")"
			touch "$root/kernel"
		) 9>"$cache/lock/apt-$1"
	fi
	read -r version release <"$root/kernel"
}

# unpack PACKAGE...: extracts packages of the resolved kernel into $partial
unpack() {
	rm -rf "$partial"
	mkdir -p "$partial/.deb"
	note "downloading $*"
	(cd "$partial/.deb" && apt-get -c "$root/apt.conf" -qq download "$@" >&2) || {
		rm -f "$root/kernel"
		die "cannot download $*; the next call asks the mirror anew"
	}
	for deb in "$partial"/.deb/*.deb; do
		dpkg-deb -x "$deb" "$partial"
	done
	rm -r "$partial/.deb"
}

make_image() {
	unpack "linux-image-$release=$version"
	depmod -b "$partial" "$release"
}

make_headers() {
	headers=linux-headers-$release
	# The packages below have the version of the headers or a later one.
	# shellcheck disable=SC2046
	unpack "$headers=$version" \
		$(depends "$headers" 'linux-\(headers\|kbuild\)-[^ ]*')
	# They believe that they live in /usr and /lib.
	grep -rlIF /usr/src/ "$partial/usr/src/$headers/Makefile" \
		"$partial/usr/src/$headers"/.[a-z]* 2>/dev/null |
		xargs -r sed -i "s|/usr/src/|$final/usr/src/|g"
}

# make_source SERIES
make_source() {
	unpack "linux-source-$1=$version"
	note "unpacking the source of $version"
	tar -C "$partial" -xf "$partial/usr/src/linux-source-$1.tar.xz"
	rm -r "${partial:?}/usr"
}

# --- other packages -------------------------------------------------------

# ask_source SUITE NAME: downloads it into $partial
ask_source() {
	root=$cache/apt-$1-src
	(
		flock 8
		make_root "$1" deb-src
		apt-get -c "$root/apt.conf" -qq update >&2
	) 8>"$cache/lock/apt-$1-src" || return 1
	rm -rf "$partial"
	mkdir -p "$partial"
	note "downloading the source of $2 in $1"
	(cd "$partial" && apt-get -c "$root/apt.conf" -qq source --download-only "$2" >&2)
}

# make_package NAME: out of Debian 12; where the mirror has lost that, out of 13
make_package() {
	ask_source bookworm "$1" || ask_source trixie "$1" ||
		die "cannot get the source of $1"
	(cd "$partial" && dpkg-source --no-check -x ./*.dsc source >/dev/null) ||
		die "cannot unpack the source of $1"
	find "$partial" -maxdepth 1 -type f -exec rm {} +
}

get_package() {
	dir=$cache/package-$1
	ensure "$dir" make_package "$1"
}

# --- the source with the series of patches/ --------------------------------

# make_patched SERIES: links, but for the files that are patched
make_patched() {
	rm -rf "$partial"
	cp -al "$source" "$partial"
	cd "$partial"
	git init -q
	# shellcheck disable=SC2046 # one path a line, without blanks
	git add -f $(sed -n 's|^--- a/||p' "$top/patches/$1"/*.patch | sort -u)
	git_as_us commit -q -m "Debian's source"
	git_as_us am -q "$top/patches/$1"/*.patch >&2 ||
		die "patches/$1 does not apply to the source of $version"
	rm -rf .git
	cd "$top"
}

git_as_us() {
	git -c user.name=kernel.sh -c user.email=kernel.sh@localhost \
		-c gc.auto=0 -c commit.gpgSign=false "$@"
}

# get_patched SERIES: $source and $dir
get_patched() {
	get_source "$1"
	patches=$(cat "$top/patches/$1"/*.patch | sha256sum | cut -c 1-12)
	dir=$cache/source-$version-$patches
	ensure "$dir" make_patched "$1"
	source=$dir
}

# --- kernels of our own ----------------------------------------------------

# configure CONFIG...: $partial/build gets exactly what the configurations ask for
configure() {
	(cd "$configs" && cat -- "$@") >"$partial/all.config"
	make -C "$source" O="$partial/build" \
		KCONFIG_ALLCONFIG="$partial/all.config" allnoconfig >/dev/null
	grep '^CONFIG_' "$partial/all.config" | sort >"$partial/wanted"
	sort "$partial/build/.config" | comm -23 "$partial/wanted" - >"$partial/lost"
	[ ! -s "$partial/lost" ] ||
		die "$* asks for what this kernel does not give: $(tr '\n' ' ' <"$partial/lost")"
	rm "$partial/wanted" "$partial/lost"
}

# Goes on where an interrupted build has stopped.
make_debug() {
	mkdir -p "$partial/build"
	configure x86_64-debug.config
	note "building the debug kernel (10 to 20 minutes; log: $partial/log)"
	interruptible nice make -C "$source" O="$partial/build" -j"$(nproc)" \
		bzImage modules >"$partial/log" 2>&1 ||
		die "the debug kernel does not build: $(tail -n 3 "$partial/log")"
	release=$(make -s -C "$partial/build" kernelrelease)
	make -s -C "$partial/build" INSTALL_MOD_PATH="$partial" modules_install >/dev/null
	rm -f "$partial/lib/modules/$release/build" "$partial/lib/modules/$release/source"
	mkdir -p "$partial/boot"
	cp "$partial/build/arch/x86/boot/bzImage" "$partial/boot/vmlinuz-$release"
	echo "$release" >"$partial/release"
	# A KDIR needs the tools, the headers and Module.symvers only.
	find "$partial/build" -path "$partial/build/scripts" -prune -o \
		-path "$partial/build/tools" -prune -o \
		\( -name '*.o' -o -name '*.ko' -o -name '*.a' -o -name '.*.cmd' \) \
		-type f -exec rm -f {} +
}

# make_sparc64 CONFIG...: what modules are built against, without a vmlinux
make_sparc64() {
	rm -rf "$partial"
	mkdir -p "$partial/build"
	export ARCH=sparc64 CROSS_COMPILE=sparc64-linux-gnu-
	command -v "${CROSS_COMPILE}gcc" >/dev/null ||
		die "no ${CROSS_COMPILE}gcc; run scripts/install-deps.sh sparc64"
	configure "$@"
	make_quietly modules_prepare
	name_arch
}

# So that nobody who builds a module has to name them again.  Each make in there
# writes the Makefile anew.
name_arch() {
	sed -i "1i export ARCH ?= $ARCH\nexport CROSS_COMPILE ?= $CROSS_COMPILE" \
		"$partial/build/Makefile"
}

make_quietly() {
	interruptible nice make -C "$source" O="$partial/build" -j"$(nproc)" "$@" \
		>"$partial/log" 2>&1 ||
		die "cannot make $*: $(tail -n 3 "$partial/log")"
}

make_sparc64_vmlinux() {
	make_sparc64 "$@"
	note "building a kernel for sparc64 (5 to 10 minutes; log: $partial/log)"
	make_quietly vmlinux modules
	mkdir -p "$partial/boot"
	release=$(make -s -C "$partial/build" kernelrelease)
	"${CROSS_COMPILE}strip" -o "$partial/boot/vmlinuz-$release" "$partial/build/vmlinux"
	echo "$release" >"$partial/release"
	name_arch
}

# own NAME MAKER CONFIG...: $dir for a kernel of our own; its source and what its
# configuration asks for are what it is keyed by
own() {
	name=$1 maker=$2
	shift 2
	key=$(cd "$configs" && cat -- "$@" | grep '^CONFIG_' | sha256sum | cut -c 1-12)
	dir=$cache/$name-$version-$key
	ensure "$dir" "$maker" "$@"
}

own_debug() {
	get_source 6.1
	own debug make_debug x86_64-debug.config
}

# own_sparc64 KERNEL
own_sparc64() {
	case $1 in
	sparc64-6.12) get_patched 6.12 ;;
	*) get_patched 6.1 ;;
	esac
	case $1 in
	sparc64 | sparc64-6.12) own "sparc64-$patches" make_sparc64 sparc64.config ;;
	sparc64-vmlinux) own "$1-$patches" make_sparc64_vmlinux sparc64.config ;;
	sparc64-debug) own "$1-$patches" make_sparc64_vmlinux sparc64.config sparc64-debug.config ;;
	esac
}

# --- what can be asked for: each sets $dir ---------------------------------

get_source() {
	case $1 in
	6.1) resolve bookworm ;;
	6.12) resolve bookworm-backports ;;
	*) usage ;;
	esac
	dir=$cache/source-$version
	ensure "$dir" make_source "$1"
	source=$dir/linux-source-$1
}

get_image() {
	case $1 in
	cloud | 6.1) suite=bookworm ;;
	6.12) suite=bookworm-backports ;;
	debug)
		own_debug
		read -r release <"$dir/release"
		return
		;;
	sparc64-vmlinux | sparc64-debug)
		own_sparc64 "$1"
		read -r release <"$dir/release"
		return
		;;
	*) usage ;;
	esac
	resolve "$suite"
	dir=$cache/image-$release-$version
	ensure "$dir" make_image
}

get_headers() {
	case $1 in
	cloud | 6.1) suite=bookworm ;;
	6.12) suite=bookworm-backports ;;
	debug)
		own_debug
		dir=$dir/build
		return
		;;
	sparc64 | sparc64-*)
		own_sparc64 "$1"
		dir=$dir/build
		return
		;;
	*) usage ;;
	esac
	resolve "$suite"
	dir=$cache/headers-$release-$version
	ensure "$dir" make_headers
	dir=$dir/usr/src/linux-headers-$release
}

[ $# -eq 2 ] || usage
mkdir -p "$cache/lock"
case $1 in
image)
	get_image "$2"
	echo "$dir/boot/vmlinuz-$release"
	;;
modules)
	get_image "$2"
	echo "$dir"
	;;
release)
	get_image "$2"
	echo "$release"
	;;
headers)
	get_headers "$2"
	echo "$dir"
	;;
source)
	get_source "$2"
	echo "$source"
	;;
package)
	get_package "$2"
	echo "$dir/source"
	;;
patched)
	get_patched "$2"
	echo "$source"
	;;
*) usage ;;
esac
