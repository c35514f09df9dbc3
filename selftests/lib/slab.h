/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel has allocated from the caches that drvio and sysfs use.
 */
#ifndef SELFTESTS_SLAB_H
#define SELFTESTS_SLAB_H

#include <stdbool.h>

#define SLAB_CACHES_MAX	128

/**
 * struct slab - objects in use
 * @n: how many caches there are
 * @cache: their names, the objects in use, and the bytes of one
 */
struct slab {
	int n;
	struct {
		char name[32];
		long active;
		long size;
	} cache[SLAB_CACHES_MAX];
};

/*
 * Counts them, exactly: the caches give back what they kept before.  Return: false
 * where it cannot be told, as with KASAN, where what was freed stays for a while.
 */
bool slab_count(struct slab *s);

/* Return: bytes of the objects in use of the caches that are named so. */
long slab_bytes(const struct slab *s, const char *begin);

#endif /* SELFTESTS_SLAB_H */
