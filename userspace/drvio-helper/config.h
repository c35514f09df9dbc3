/* SPDX-License-Identifier: GPL-2.0 */
/* Where drvio-helper finds things. What it may do is in policy.h. */
#ifndef DRVIO_HELPER_CONFIG_H
#define DRVIO_HELPER_CONFIG_H

/**
 * struct config - set once by main(), read everywhere
 * @sysfs: "/sys", or a recorded tree
 * @proc: "/proc", or a recorded tree
 * @dev: "/dev"
 * @run: journals and locks, "/run/drvio"
 * @state: journals of what a boot does not put right, "/var/lib/drvio"
 * @fstab: "/etc/fstab"
 * @policy: "/etc/drvio/drvio.conf"
 * @hooks: "/etc/drvio/hooks.d"
 * @crypttab: "/etc/crypttab"
 * @etab: what NFS exports, "/var/lib/nfs/etab"
 * @nbd: what nbd-server offers, "/etc/nbd-server/config"
 * @nbdtab: what nbd-client connects to, "/etc/nbdtab"
 */
struct config {
	const char *sysfs;
	const char *proc;
	const char *dev;
	const char *run;
	const char *state;
	const char *fstab;
	const char *policy;
	const char *hooks;
	const char *crypttab;
	const char *etab;
	const char *nbd;
	const char *nbdtab;
};

extern struct config config;

#endif /* DRVIO_HELPER_CONFIG_H */
