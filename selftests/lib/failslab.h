/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocations that fail: the Nth that this thread makes (failslab's fail-nth),
 * or that drvio makes where no thread of the test is (modules/fail_alloc.c).
 */
#ifndef SELFTESTS_FAILSLAB_H
#define SELFTESTS_FAILSLAB_H

#include <stdbool.h>

/* More than any path makes: who needs these never ends. */
#define FAIL_NTH_MAX	20000

/* Return: whether the kernel can do it. */
bool failslab_init(void);

/* The Nth allocation of this thread from now on fails. */
void fail_nth(int n);

/* Ends it.  Return: whether that many allocations were made. */
bool fail_nth_reached(void);

/*
 * The Nth allocation of a work of drvio.ko, named by its function, after so many
 * runs of it; or of this thread, while it runs the init of a module of that name.
 */
bool fail_nth_of(const char *what, int skip, int n);

/*
 * Ends it, once the work has ended.  Return: 1 when it made that many
 * allocations, 0 when not; -1: it does not end.
 */
int fail_nth_of_reached(void);

#endif /* SELFTESTS_FAILSLAB_H */
