/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for udev to finish new devices, and what it says about them. */
#ifndef DRVIO_HELPER_UDEV_H
#define DRVIO_HELPER_UDEV_H

#include "job.h"

/**
 * udev_wait() - wait until udev has initialised all nodes below the targets
 * @job: the run; its tree is read anew, since udev gives interfaces new names
 *
 * Each device is waited for by itself: udev as a whole may never settle, least
 * of all while it waits for this very program.
 *
 * Return: 0, or -1 with the job's why set.
 */
int udev_wait(struct job *job);

/**
 * udev_wait_link() - wait until udev's rules have given a device a link
 * @job: the run
 * @dir: the device, a folder in sysfs
 * @link: the link, "/dev/mapper/data"
 *
 * For one of device mapper that somebody else makes: udev knows what is on it when
 * it has this link, and not before. Without it the run goes on after udev_timeout_ms.
 */
void udev_wait_link(struct job *job, const char *dir, const char *link);

/**
 * udev_names() - the names of a block device that fstab may use
 * @names: gets paths below /dev, the device's own first, and "UUID=...",
 *	"LABEL=...", "PARTUUID=...", "PARTLABEL=..."; and "TYPE=..." of what is on it
 * @node: the device
 */
void udev_names(struct strv *names, const struct node *node);

#endif /* DRVIO_HELPER_UDEV_H */
