/* SPDX-License-Identifier: GPL-2.0 */
/* What /etc/fstab says about the block devices below a target. */
#ifndef DRVIO_HELPER_FSTAB_H
#define DRVIO_HELPER_FSTAB_H

#include "activate.h"

/**
 * fstab_apply() - mount and swap on what fstab has for the volumes of a job
 * @job: the run
 * @volumes: its disks, partitions, and what stands on them
 *
 * Entries marked noauto are left alone; a failure of one marked nofail is only
 * logged.
 *
 * Return: 0, or -1 with the job's why set.
 */
int fstab_apply(struct job *job, const struct volumes *volumes);

/**
 * fstab_matches() - whether the first field of an entry names a device
 * @source: the field, "UUID=..." or "/dev/..."
 * @names: names of the device, as udev_names() gives them
 */
bool fstab_matches(const char *source, const struct strv *names);

#endif /* DRVIO_HELPER_FSTAB_H */
