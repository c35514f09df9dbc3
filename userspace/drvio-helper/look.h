/* SPDX-License-Identifier: GPL-2.0 */
/* What one look at the disks of a target has found. */
#ifndef DRVIO_HELPER_LOOK_H
#define DRVIO_HELPER_LOOK_H

#include "job.h"
#include "mounts.h"
#include "stack.h"
#include "swap.h"

/**
 * struct look - the findings
 * @processes: all processes of the system
 * @mounts: all mounts of the system
 * @at: beside @mounts: the block device of each that goes, or NO_BDEV
 * @base: beside @mounts: the whole mount of which it is a bind mount
 * @private: beside @mounts: of another namespace, and does not go with ours
 * @unmounted: beside @mounts: it was unmounted
 * @stack: the block devices
 * @swaps: all swap areas
 * @swap_at: beside @swaps: the block device of each that goes, or NO_BDEV
 */
struct look {
	struct processes processes;
	struct mounts mounts;
	size_t *at;
	const struct mount **base;
	bool *private;
	bool *unmounted;
	struct stack stack;
	struct swaps swaps;
	size_t *swap_at;
};

/* Whether something of a device, or of its partitions, is mounted still. */
bool look_is_mounted(const struct look *look, size_t i);

/* The block device of a mount, or of a swap area, in words; to be freed. */
char *look_place(const struct look *look, size_t i);

/*
 * Who uses what was found: adds a row each. users.c has the users above the
 * block devices, exports.c those who offer them to other machines.
 */
void users_look(struct job *job, struct look *look);
void exports_look(struct job *job, struct look *look);

/**
 * users_kill() - end the processes that use the disks
 * @job: the run
 * @look: the findings
 *
 * SIGTERM first, and SIGKILL after the policy's time.
 */
void users_kill(struct job *job, struct look *look);

#endif /* DRVIO_HELPER_LOOK_H */
