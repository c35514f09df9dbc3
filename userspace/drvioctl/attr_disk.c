// SPDX-License-Identifier: GPL-2.0
/* The attributes "mount" and "swap" of a disk or partition: now, and in fstab. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <libmount.h>

#include "attr.h"
#include "mem.h"
#include "sysfs.h"

/* Value of an attribute that is not there. */
#define NONE	"none"

static char *device_path(const struct place *p)
{
	return xasprintf("/dev/%s", p->node);
}

static struct libmnt_table *read_table(const struct place *p, const char *path)
{
	struct libmnt_table *table = mnt_new_table();
	char *file = xasprintf("%s%s", p->ctl->root, path);

	if (table) {
		mnt_table_enable_comments(table, 1);
		if (mnt_table_parse_file(table, file) && errno != ENOENT) {
			mnt_unref_table(table);
			table = NULL;
		}
	}
	free(file);
	return table;
}

/* --- fstab ----------------------------------------------------------------- */

#define FSTAB	"/etc/fstab"

/* The first entry for the node that is swap, or that is not; NULL: none. */
static struct libmnt_fs *find_entry(const struct place *p, struct libmnt_table *fstab,
				    struct libmnt_cache *cache, bool swap)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	char *device = device_path(p);
	struct libmnt_fs *fs, *found = NULL;

	while (!found && !mnt_table_next_fs(fstab, iter, &fs))
		if (!!mnt_fs_is_swaparea(fs) == swap && mnt_fs_match_source(fs, device, cache))
			found = fs;
	free(device);
	mnt_free_iter(iter);
	return found;
}

static char *fstab_value(const struct place *p, bool swap, char **where)
{
	struct libmnt_table *fstab = read_table(p, FSTAB);
	struct libmnt_cache *cache = mnt_new_cache();
	struct libmnt_fs *fs;
	char *value;

	*where = xstrdup("fstab");
	if (!fstab) {
		mnt_unref_cache(cache);
		return NULL;
	}
	fs = find_entry(p, fstab, cache, swap);
	/* "noauto" is there for whoever mounts by hand: it is not come up with. */
	if (fs && mnt_fs_get_option(fs, "noauto", NULL, NULL) == 0)
		fs = NULL;
	if (swap)
		value = xstrdup(fs ? "on" : "off");
	else
		value = xstrdup(fs && mnt_fs_get_target(fs) ? mnt_fs_get_target(fs) : NONE);
	mnt_unref_table(fstab);
	mnt_unref_cache(cache);
	return value;
}

/* systemd makes its units of it; where there is none there is nothing to do. */
static void tell_systemd(void)
{
	const char *argv[] = { "systemctl", "daemon-reload", NULL };

	if (sysfs_exists("/run/systemd/system"))
		free(attr_run(argv, NULL));
}

/* An entry that finds the node under whatever name it comes up with. */
static char *new_entry(const struct place *p, struct libmnt_table *fstab,
		       struct libmnt_cache *cache, const char *target, bool swap)
{
	char *device = device_path(p), *uuid, *source;
	struct libmnt_fs *fs;

	mnt_cache_read_tags(cache, device);
	uuid = mnt_cache_find_tag_value(cache, device, "UUID");
	if (!uuid) {
		free(device);
		return xasprintf("%s has no UUID that %s could name: make a %s on it first",
				 p->node, FSTAB, swap ? "swap area" : "filesystem");
	}
	source = xasprintf("UUID=%s", uuid);
	fs = mnt_new_fs();
	mnt_fs_set_source(fs, source);
	mnt_fs_set_target(fs, swap ? "none" : target);
	mnt_fs_set_fstype(fs, swap ? "swap" : mnt_get_fstype(device, NULL, cache));
	/* A boot does not wait for a disk that the host took away. */
	mnt_fs_set_options(fs, swap ? "sw,nofail" : "defaults,nofail");
	mnt_fs_set_passno(fs, swap ? 0 : 2);
	mnt_table_add_fs(fstab, fs);
	mnt_unref_fs(fs);
	free(source);
	free(device);
	return NULL;
}

/* The system would not boot any more without it. */
static bool is_root(struct libmnt_fs *fs)
{
	return fs && mnt_fs_get_target(fs) && !strcmp(mnt_fs_get_target(fs), "/");
}

/* @target: NULL takes the entry out. */
static char *set_fstab(const struct place *p, const char *target, bool swap)
{
	struct libmnt_table *fstab = read_table(p, FSTAB);
	struct libmnt_cache *cache = mnt_new_cache();
	char *path = xasprintf("%s" FSTAB, p->ctl->root), *why = NULL;
	struct libmnt_fs *fs;
	int err;

	if (!fstab) {
		why = xasprintf("%s cannot be read", path);
		goto out;
	}
	fs = find_entry(p, fstab, cache, swap);
	if (!swap && is_root(fs) && (!target || strcmp(target, "/"))) {
		why = xasprintf("%s is the root filesystem: change %s by hand", p->node, path);
	} else if (fs && !target) {
		mnt_table_remove_fs(fstab, fs);
	} else if (fs) {
		if (!swap)
			mnt_fs_set_target(fs, target);
		if (!mnt_fs_get_option(fs, "noauto", NULL, NULL)) {
			char *options = xstrdup(mnt_fs_get_options(fs));

			mnt_optstr_remove_option(&options, "noauto");
			mnt_fs_set_options(fs, options && *options ? options : "defaults");
			free(options);
		}
	} else if (target) {
		why = new_entry(p, fstab, cache, target, swap);
	} else {
		goto out;
	}
	if (!why) {
		err = mnt_table_replace_file(fstab, path);
		if (err)
			why = xasprintf("%s: %s", path, strerror(-err));
		else
			tell_systemd();
	}
out:
	mnt_unref_table(fstab);
	mnt_unref_cache(cache);
	free(path);
	return why;
}

/* --- mount ----------------------------------------------------------------- */

static bool mount_valid(const char *value)
{
	return *value == '/' || !strcmp(value, NONE);
}

/* Where it is mounted first, of several places. */
static char *mount_live(const struct place *p)
{
	struct libmnt_table *mounts = read_table(p, "/proc/self/mountinfo");
	unsigned int major, minor;
	struct libmnt_fs *fs;
	char text[32], *value;

	sysfs_read(text, sizeof(text), "%s/sys/class/block/%s/dev", p->ctl->root, p->node);
	if (!mounts || sscanf(text, "%u:%u", &major, &minor) != 2) {
		mnt_unref_table(mounts);
		return NULL;
	}
	fs = mnt_table_find_devno(mounts, makedev(major, minor), MNT_ITER_FORWARD);
	value = xstrdup(fs ? mnt_fs_get_target(fs) : NONE);
	mnt_unref_table(mounts);
	return value;
}

static char *mount_config(const struct place *p, char **where)
{
	return fstab_value(p, false, where);
}

/*
 * The new place first, then the old one goes: what cannot be mounted there, or
 * is in use here, leaves it as it is.
 */
static char *mount_set_live(const struct place *p, const char *value)
{
	char *device = device_path(p), *now = mount_live(p), *where = NULL;
	char *config = mount_config(p, &where), *why = NULL;
	bool mounted = now && strcmp(now, NONE), wanted = strcmp(value, NONE);
	const char *umount_now[] = { "umount", now, NULL };
	const char *umount_new[] = { "umount", value, NULL };
	const char *mount[] = { "mount", device, value, NULL };
	/* With the options that fstab has for this place. */
	const char *from_fstab[] = { "mount", value, NULL };

	if (mounted && !strcmp(now, value))
		goto out;
	if (wanted)
		why = attr_run(config && !strcmp(config, value) ? from_fstab : mount, NULL);
	if (!why && mounted) {
		why = attr_run(umount_now, NULL);
		if (why && wanted)
			free(attr_run(umount_new, NULL));
	}
out:
	free(config);
	free(where);
	free(now);
	free(device);
	return why;
}

static char *mount_set_config(const struct place *p, const char *value)
{
	return set_fstab(p, strcmp(value, NONE) ? value : NULL, false);
}

const struct attr mount_attr = {
	.name = "mount",
	.values = "an absolute path, or none",
	.of = ATTR_OF_BLOCK,
	.valid = mount_valid,
	.live = mount_live,
	.config = mount_config,
	.set_live = mount_set_live,
	.set_config = mount_set_config,
};

/* --- swap ------------------------------------------------------------------ */

static bool swap_valid(const char *value)
{
	return !strcmp(value, "on") || !strcmp(value, "off");
}

static char *swap_live(const struct place *p)
{
	struct libmnt_table *swaps = mnt_new_table();
	char *file = xasprintf("%s/proc/swaps", p->ctl->root), *device = device_path(p), *value;

	mnt_table_parse_swaps(swaps, file);
	value = xstrdup(mnt_table_find_srcpath(swaps, device, MNT_ITER_FORWARD) ? "on" : "off");
	mnt_unref_table(swaps);
	free(device);
	free(file);
	return value;
}

static char *swap_config(const struct place *p, char **where)
{
	return fstab_value(p, true, where);
}

static char *swap_set_live(const struct place *p, const char *value)
{
	char *device = device_path(p), *now = swap_live(p), *why = NULL;
	const char *argv[] = { strcmp(value, "on") ? "swapoff" : "swapon", device, NULL };

	if (strcmp(now, value))
		why = attr_run(argv, NULL);
	free(now);
	free(device);
	return why;
}

static char *swap_set_config(const struct place *p, const char *value)
{
	return set_fstab(p, strcmp(value, "on") ? NULL : "none", true);
}

const struct attr swap_attr = {
	.name = "swap",
	.values = "on or off",
	.of = ATTR_OF_BLOCK,
	.valid = swap_valid,
	.live = swap_live,
	.config = swap_config,
	.set_live = swap_set_live,
	.set_config = swap_set_config,
};
