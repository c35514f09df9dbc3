// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel has allocated, by /proc/slabinfo.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"
#include "slab.h"

bool slab_count(struct slab *s)
{
	static const char * const caches[] = { "kmalloc-", "kernfs_node_cache" };
	struct dirent *entry;
	char line[512];
	FILE *f;
	DIR *dir;

	/* It comes with KASAN in our debug kernel, and finds leaks itself. */
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		return false;
	/* What RCU frees. */
	sleep(1);
	dir = opendir("/sys/kernel/slab");
	while (dir && (entry = readdir(dir)))
		attr_write("1", "/sys/kernel/slab/%.64s/shrink", entry->d_name);
	if (dir)
		closedir(dir);
	f = fopen("/proc/slabinfo", "r");
	if (!dir || !f)
		return false;
	s->n = 0;
	while (s->n < SLAB_CACHES_MAX && fgets(line, sizeof(line), f))
		for (size_t i = 0; i < sizeof(caches) / sizeof(*caches); i++)
			if (!strncmp(line, caches[i], strlen(caches[i])) &&
			    sscanf(line, "%31s %ld %*d %ld", s->cache[s->n].name,
				   &s->cache[s->n].active, &s->cache[s->n].size) == 3)
				s->n++;
	fclose(f);
	return true;
}

long slab_bytes(const struct slab *s, const char *begin)
{
	long sum = 0;

	for (int i = 0; i < s->n; i++)
		if (!strncmp(s->cache[i].name, begin, strlen(begin)))
			sum += s->cache[i].active * s->cache[i].size;
	return sum;
}
