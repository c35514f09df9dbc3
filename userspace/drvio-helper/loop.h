/* SPDX-License-Identifier: GPL-2.0 */
/* Loop devices, and what backs them. */
#ifndef DRVIO_HELPER_LOOP_H
#define DRVIO_HELPER_LOOP_H

#include <stddef.h>
#include <sys/types.h>

/**
 * struct loop - a loop device in use
 * @name: "loop0"
 * @rdev: its number
 * @node: what backs it is this block device; 0: it is a file
 * @fs: of a file: number of its filesystem
 * @mount: of a file: id of a mount that shows it; 0: not known
 */
struct loop {
	char *name;
	dev_t rdev;
	dev_t node;
	dev_t fs;
	int mount;
};

struct loops {
	size_t n;
	struct loop *l;
};

void loops_read(struct loops *loops);
void loops_free(struct loops *loops);

#endif /* DRVIO_HELPER_LOOP_H */
