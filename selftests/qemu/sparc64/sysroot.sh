#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Prints where the libraries are that the programs of the big-endian guest are
# linked with, and its udev: static, cross-built from Debian's sources where they
# are not in the cache yet.  Usage:
#	sysroot.sh
# It has include/, lib/ with lib/pkgconfig/, and bin/{udevadm,mount,umount}.
set -eu

top=$(cd "$(dirname "$0")/../../.." && pwd)
# The builds are not to hear what the make that called this was told.
unset MAKEFLAGS MFLAGS MAKELEVEL CFLAGS LDFLAGS
host=sparc64-linux-gnu
jobs=-j$(nproc)

key=$(grep -v "^ *#" "$0" | sha256sum | cut -c 1-12)
# Beside it.
unpacked=$("$top/scripts/kernel.sh" package busybox)
dir=${unpacked%/*/*}/sparc64-sysroot-$key
if [ ! -e "$dir/built" ]; then
	exec 9>"$dir.lock"
	flock 9
fi
if [ -e "$dir/built" ]; then
	echo "$dir"
	exit
fi

echo "sysroot.sh: building udev and libraries for sparc64 (5 to 10 minutes; log: $dir/log)" >&2
rm -rf "$dir"
mkdir -p "$dir/bin" "$dir/include" "$dir/lib/pkgconfig"
export PKG_CONFIG_LIBDIR="$dir/lib/pkgconfig" PKG_CONFIG_PATH=

# begin PACKAGE: $source has a copy of it, $build is where we are
begin() {
	unpacked=$("$top/scripts/kernel.sh" package "$1")
	source=$dir/build/$1
	build=$source/sparc64
	mkdir -p "$dir/build"
	cp -a "$unpacked" "$source"
	mkdir "$build"
	cd "$build"
}

quietly() {
	echo "+ $*" >>"$dir/log"
	"$@" >>"$dir/log" 2>&1 || {
		tail -n 5 "$dir/log" >&2
		echo "sysroot.sh: failed: $*" >&2
		exit 1
	}
}

# Debian's patches make files newer than what was made of them: make is not to
# make that anew.
automake() {
	quietly ../configure --host=$host --prefix="$dir" --disable-shared --enable-static "$@"
	quietly make "$jobs" AUTOCONF=: AUTOHEADER=: AUTOMAKE=: ACLOCAL=: $make_words
	quietly make AUTOCONF=: AUTOHEADER=: AUTOMAKE=: ACLOCAL=: $make_words install-strip
}

# describe LIBRARY VERSION [REQUIRED]: for pkg-config
describe() {
	cat >"$dir/lib/pkgconfig/$1.pc" <<-PC
	Name: $1
	Description: $1
	Version: $2
	Requires.private: ${3-}
	Libs: -L$dir/lib -l${1#lib}
	Cflags: -I$dir/include
	PC
}

begin util-linux
make_words=LDFLAGS=-all-static
automake --disable-all-programs --enable-libblkid --enable-libmount --enable-mount \
	--disable-nls --disable-makeinstall-chown --disable-makeinstall-setuid \
	--disable-bash-completion --without-python --without-systemd --without-udev \
	--without-selinux --without-readline --without-ncurses --without-ncursesw --without-tinfo
begin libnl3
make_words=
automake --disable-cli

begin json-c
quietly cmake .. -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=sparc64 \
	-DCMAKE_C_COMPILER=$host-gcc -DCMAKE_INSTALL_PREFIX="$dir" \
	-DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
	-DBUILD_TESTING=OFF -DBUILD_APPS=OFF -DDISABLE_WERROR=ON
quietly make "$jobs" install

# One file, and Debian builds it as it is.
begin libinih
quietly $host-gcc -O2 -c -o ini.o ../ini.c
quietly $host-ar rcs "$dir/lib/libinih.a" ini.o
cp ../ini.h "$dir/include/"
describe inih 0

begin libcap2
quietly make -C ../libcap CROSS_COMPILE=$host- BUILD_CC=gcc libcap.a
cp ../libcap/libcap.a "$dir/lib/"
cp -r ../libcap/include/sys "$dir/include/"
describe libcap 2.66

# Nothing of udev uses libcrypt; linked statically, getaddrinfo() draws a warning.
begin systemd
sed -i /--fatal-warnings/d ../meson.build
sed -i "s/= cc.find_library('crypt')/= dependency('', required : false)/" ../meson.build
sed -i '/libcrypt-util\.c/d' ../src/shared/meson.build
cat >cross <<CROSS
[binaries]
c = '$host-gcc'
ar = '$host-ar'
strip = '$host-strip'
pkgconfig = 'pkg-config'
[properties]
pkg_config_libdir = '$dir/lib/pkgconfig'
needs_exe_wrapper = true
[built-in options]
c_args = ['-I$dir/include']
c_link_args = ['-static', '-L$dir/lib']
[host_machine]
system = 'linux'
cpu_family = 'sparc64'
cpu = 'sparc64'
endian = 'big'
CROSS
quietly meson setup --cross-file=cross --buildtype=plain --default-library=static \
	--prefer-static --wrap-mode=nodownload --prefix=/usr -Dmode=release -Doptimization=1 \
	-Db_pie=false -Drootprefix=/usr -Dsplit-usr=false \
	-Dlink-udev-shared=false -Dblkid=true -Dkmod=false -Dtests=false -Dman=false \
	-Dtranslations=false -Dopenssl=false -Dgcrypt=false -Dgnutls=false . ..
quietly ninja udevadm src/libudev/libudev-basic.a
$host-strip -o "$dir/bin/udevadm" udevadm
# libudev.a itself would have all of it compiled once more. One object, in which
# only its own names are seen: the others have namesakes in other libraries.
$host-ld -r --force-group-allocation -o libudev.o --whole-archive src/libudev/libudev-basic.a --no-whole-archive \
	--start-group src/shared/libsystemd-shared-252.a src/libsystemd/libsystemd_static.a \
	src/basic/libbasic.a src/basic/libbasic-compress.a --end-group
$host-objcopy --wildcard --keep-global-symbol='udev_*' libudev.o
$host-ar rcs "$dir/lib/libudev.a" libudev.o
cp ../src/libudev/libudev.h "$dir/include/"
describe libudev 252 "libcap mount blkid"

cd "$dir"
mv sbin/* bin/ 2>/dev/null || :
rm -rf build share sbin
: >built
echo "$dir"
