/* SPDX-License-Identifier: GPL-2.0 */
/* Device mapper, of which LVM, dm-crypt and multipath are made. */
#ifndef DRVIO_HELPER_DM_H
#define DRVIO_HELPER_DM_H

#include "layer.h"

/* Whether a device-mapper device has a uuid that begins so. */
bool dm_has_uuid(const struct bdev *b, const char *prefix);

/* Sets the path of a device-mapper device, and what it is. */
void dm_describe(struct bdev *b, const char *what, const char *remedy);

/* Whether there is a device-mapper device with a name. */
bool dm_exists(const char *name);

/* Its folder in sysfs, to be freed; NULL: there is none. */
char *dm_folder(const char *name);

/**
 * dm_is() - whether the device with a name is a certain one
 * @name: the name
 * @begin: how its uuid begins
 * @end: how it ends
 * @lower: a device that it stands on; 0: any
 */
bool dm_is(const char *name, const char *begin, const char *end, dev_t lower);

/* Takes the hyphens out of a uuid in place: that of a device has none. */
void dm_bare_uuid(char *uuid);

/* The name of the device with a uuid, to be freed; NULL: there is none. */
char *dm_with_uuid(const char *uuid);

/**
 * dm_table() - the table of a device
 * @job: the run; NULL: an undo
 * @name: its name
 * @why: gets why it could not be read, to be freed
 *
 * Return: the table, to be freed, or NULL with @why set. Keys are not in it.
 */
char *dm_table(struct job *job, const char *name, char **why);

/**
 * dm_table_lasting() - a table that holds after devices were made anew
 * @stack: the stack
 * @i: the device
 * @table: its table, which names what it stands on by numbers
 *
 * Return: the table with paths in their place where those devices may get
 * another number, to be freed.
 */
char *dm_table_lasting(const struct stack *stack, size_t i, const char *table);

/**
 * dm_remove() - remove a device
 * @job: the run; a forced one takes from a busy device what is below it, and
 *	leaves the rest to be removed when its last user ends
 * @b: the device
 *
 * Return: 0, or -1 with the job's why set.
 */
int dm_remove(struct job *job, const struct bdev *b);

/* A row where it is suspended: what is written to it waits. */
void dm_look_suspended(struct job *job, const struct bdev *b);

/* Before a forced release: what waits is let through. */
void dm_give_up(struct job *job, const struct bdev *b);

#endif /* DRVIO_HELPER_DM_H */
