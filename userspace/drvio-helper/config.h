/* SPDX-License-Identifier: GPL-2.0 */
/* Where drvio-helper finds things, and what an administrator can set. */
#ifndef DRVIO_HELPER_CONFIG_H
#define DRVIO_HELPER_CONFIG_H

/**
 * struct config - set once by main(), read everywhere
 * @sysfs: "/sys", or a recorded tree
 * @proc: "/proc", or a recorded tree
 * @dev: "/dev"
 * @run: journals and locks, "/run/drvio"
 * @fstab: "/etc/fstab"
 * @carrier_timeout_ms: how long a configured interface is waited for until it
 *	has a carrier; 0: not at all
 * @udev_timeout_ms: how long udev may take to initialise a new device
 */
struct config {
	const char *sysfs;
	const char *proc;
	const char *dev;
	const char *run;
	const char *fstab;
	unsigned int carrier_timeout_ms;
	unsigned int udev_timeout_ms;
};

extern struct config config;

/**
 * config_load() - read /etc/drvio/helper.conf, where there is one
 * @path: the file
 *
 * A file that others than root can write is refused.
 *
 * Return: 0, or -1 when the file is wrong; the log says what.
 */
int config_load(const char *path);

#endif /* DRVIO_HELPER_CONFIG_H */
