/* SPDX-License-Identifier: GPL-2.0 */
/* Which attributes there are on a device and its nodes. */
#ifndef DRVIOCTL_PLACE_H
#define DRVIOCTL_PLACE_H

#include "attr.h"

typedef void (*place_fn)(const struct attr *attr, const struct place *p, void *arg);

/**
 * place_each() - look at each attribute of a device
 * @ctl: the run
 * @word: names the device; one that names a disk, a partition or an interface
 *	stands for that node and the device itself.  NULL: all devices.
 * @fn: called for each
 * @arg: handed to it
 *
 * Return: EXIT_CODE_OK, or an error that was reported.
 */
enum exit_code place_each(struct ctl *ctl, const char *word, place_fn fn, void *arg);

/* Whether either value says that there is something. */
bool place_has(const struct attr *attr, const char *live, const char *config);

#endif /* DRVIOCTL_PLACE_H */
