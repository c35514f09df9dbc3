# SPDX-License-Identifier: GPL-2.0
# The NFS server of the kernel without its programs; what mountd would tell it is told
# from here. In the network namespace of who calls. Sourced: . ./nfs.sh
# shellcheck shell=sh

# nfs_server_on FOLDER CLIENT: the client may have all of it (flags 0x2402: rw, insecure,
# without a check of subtrees, root stays root)
nfs_server_on() {
	mount -t nfsd nfsd /proc/fs/nfsd
	mkdir -p /var/lib/nfs
	printf '%s\t%s(rw,sync,no_root_squash)\n' "$1" "$2" > /var/lib/nfs/etab
	nfs_until=$(($(date +%s) + 3600))
	echo "-2 -3 +4 +4.2" > /proc/fs/nfsd/versions
	echo 10 > /proc/fs/nfsd/nfsv4gracetime
	echo "tcp 2049" > /proc/fs/nfsd/portlist
	echo 1 > /proc/fs/nfsd/threads
	echo Y > /proc/fs/nfsd/v4_end_grace
	# In the order in which mountd is asked.
	echo "nfsd $2 $nfs_until selftest" > /proc/net/rpc/auth.unix.ip/channel
	printf "selftest 1 \\\\x00000000 %s %s\n" "$nfs_until" "$1" > /proc/net/rpc/nfsd.fh/channel
	echo "selftest $1 $nfs_until 9218 65534 65534 0" > /proc/net/rpc/nfsd.export/channel
}
nfs_server_off() {
	: > /var/lib/nfs/etab
	echo 0 > /proc/fs/nfsd/threads
	for nfs_cache in nfsd.fh nfsd.export auth.unix.ip; do
		date +%s > /proc/net/rpc/"$nfs_cache"/flush
	done
	umount /proc/fs/nfsd
}
