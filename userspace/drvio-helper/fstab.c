// SPDX-License-Identifier: GPL-2.0
/* What /etc/fstab says about the block devices below a target. */
#include <libmount/libmount.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "fs.h"
#include "fstab.h"
#include "log.h"
#include "swap.h"
#include "sysfs.h"

/* "LABEL="quoted"" is allowed in fstab. */
static size_t unquote(const char **value)
{
	size_t len = strlen(*value);

	if (len >= 2 && **value == '"' && (*value)[len - 1] == '"') {
		(*value)++;
		len -= 2;
	}
	return len;
}

bool fstab_matches(const char *source, const struct strv *names)
{
	const char *value = strchr(source, '=');
	size_t tag = 0, len = 0;
	bool id;

	if (*source == '/')
		value = NULL;
	if (value) {
		tag = ++value - source;
		len = unquote(&value);
	}
	/* Case makes no difference in an id; it does in a label. */
	id = !strncmp(source, "UUID=", 5) || !strncmp(source, "PARTUUID=", 9);

	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->s[i];

		if (!value) {
			if (!strcmp(source, name))
				return true;
			continue;
		}
		if (strncmp(source, name, tag) || strlen(name + tag) != len)
			continue;
		if (id ? !strncasecmp(value, name + tag, len) :
			 !strncmp(value, name + tag, len))
			return true;
	}
	return false;
}

static int parse_error(struct libmnt_table *table, const char *file, int line)
{
	(void)table;
	log_warn("%s: line %d is wrong, and is left out", file, line);
	return 1;
}

static int swap_entry(struct job *job, struct libmnt_fs *fs, const char *path,
		      const struct node *node)
{
	int priority = -1;
	struct swaps swaps;
	bool on = false;
	size_t len;
	char *value;

	swaps_read(&swaps);
	for (size_t i = 0; i < swaps.n; i++)
		on |= swaps.s[i].rdev == node->rdev;
	swaps_free(&swaps);
	if (on)
		return 0;
	if (!mnt_fs_get_option(fs, "pri", &value, &len) && value)
		priority = atoi(value);
	return swap_on(job, path, priority, node);
}

static int apply_entry(struct job *job, struct libmnt_fs *fs,
		       const struct strv *names, const struct node *node)
{
	int err;

	if (!mnt_fs_get_option(fs, "noauto", NULL, NULL))
		return 0;
	if (mnt_fs_is_swaparea(fs))
		err = swap_entry(job, fs, names->s[0], node);
	else if (mnt_fs_get_target(fs) && *mnt_fs_get_target(fs) == '/')
		err = fs_mount(job, fs, node);
	else
		return 0;
	if (err && !mnt_fs_get_option(fs, "nofail", NULL, NULL))
		err = job_forgive(job, "nofail");
	return err;
}

int fstab_apply(struct job *job, const struct volumes *volumes)
{
	struct libmnt_table *table;
	struct libmnt_iter *iter;
	struct libmnt_fs *fs;
	const char *source;
	int err = 0;

	if (!sysfs_exists("%s", config.fstab))
		return 0;
	table = mnt_new_table();
	iter = mnt_new_iter(MNT_ITER_FORWARD);
	if (!table || !iter) {
		log_err("out of memory");
		exit(EXIT_CODE_INTERNAL);
	}
	mnt_table_set_parser_errcb(table, parse_error);
	if (mnt_table_parse_fstab(table, config.fstab))
		log_warn("%s: could not be read", config.fstab);

	while (!err && !mnt_table_next_fs(table, iter, &fs)) {
		source = mnt_fs_get_source(fs);
		for (size_t i = 0; source && i < volumes->n && !err; i++)
			if (fstab_matches(source, &volumes->v[i].names))
				err = apply_entry(job, fs, &volumes->v[i].names,
						  &volumes->v[i].node);
	}
	mnt_free_iter(iter);
	mnt_unref_table(table);
	return err;
}
