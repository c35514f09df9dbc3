/* SPDX-License-Identifier: GPL-2.0 */
/* Volumes on new disks: LUKS is opened, LVM is activated. */
#ifndef DRVIO_HELPER_ACTIVATE_H
#define DRVIO_HELPER_ACTIVATE_H

#include "job.h"

/**
 * struct volume - a block device that may be mounted
 * @node: the disk or partition, or what stands on it
 * @names: see udev_names()
 */
struct volume {
	struct node node;
	struct strv names;
};

/**
 * struct volumes - all of them
 * @n: how many
 * @v: what is below comes first
 */
struct volumes {
	size_t n;
	struct volume *v;
};

/**
 * activate() - activate what stands on the disks of a job
 * @job: the run; gets each step in its journal
 * @volumes: gets the disks, the partitions, all that stands on them in the end, and
 *	what was activated together with it
 *
 * Return: 0, or -1 with the job's why set; @volumes is to be freed in any case.
 */
int activate(struct job *job, struct volumes *volumes);

/* Adds a device of device mapper, by its name in /dev/mapper, unless it is known. */
void volumes_add_dm(struct volumes *volumes, const char *name);

void volumes_free(struct volumes *volumes);

/* What a volume has for a tag such as "UUID="; "" where it has nothing. */
const char *volume_value(const struct volume *volume, const char *tag);

/*
 * What activate() does with the content of a volume; may add others. Return: 0, also
 * where there is nothing to be done, or -1 with the job's why set.
 */
int crypt_activate(struct job *job, const struct volume *volume, struct volumes *volumes);
int lvm_activate(struct job *job, const struct volume *volume, struct volumes *volumes);

#endif /* DRVIO_HELPER_ACTIVATE_H */
