/* SPDX-License-Identifier: GPL-2.0 */
/* Swap areas: which there are, taking them out of use and back in. */
#ifndef DRVIO_HELPER_SWAP_H
#define DRVIO_HELPER_SWAP_H

#include "job.h"

/**
 * struct swap - a swap area in use
 * @path: partition or file
 * @rdev: number of the partition; 0 for a file
 * @dev: of a file: number of its filesystem
 * @priority: as swapon gave it, or the kernel (then negative)
 * @used_kb: how much of it is used
 */
struct swap {
	char *path;
	dev_t rdev;
	dev_t dev;
	int priority;
	unsigned long used_kb;
};

struct swaps {
	size_t n;
	struct swap *s;
};

void swaps_read(struct swaps *swaps);
void swaps_free(struct swaps *swaps);

/* Kilobytes that could be taken back into memory now. */
unsigned long swap_room_kb(void);

/**
 * swap_off() - take a swap area out of use
 * @job: the run; gets the step in its journal
 * @swap: the area
 * @node: the block device that it is on
 * @path: a path of it that lasts; NULL: as it is named in @swap
 *
 * Return: 0, or -1 with the job's why set.
 */
int swap_off(struct job *job, const struct swap *swap, const struct node *node,
	     const char *path);

/**
 * swap_on() - take a swap area into use
 * @job: the run; gets the step in its journal
 * @path: the partition
 * @priority: as in fstab; negative: the kernel chooses
 * @node: the block device
 *
 * Return: 0, or -1 with the job's why set.
 */
int swap_on(struct job *job, const char *path, int priority,
	    const struct node *node);

/* The undo of both; see struct step_ops. */
int swap_off_undo(json_object *step, char **why);
int swap_on_undo(json_object *step, char **why);

#endif /* DRVIO_HELPER_SWAP_H */
