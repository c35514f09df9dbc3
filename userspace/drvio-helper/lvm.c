// SPDX-License-Identifier: GPL-2.0
/*
 * Logical volumes of LVM: each is deactivated by its name, so that volumes of
 * the same group on other disks go on. What LVM makes for itself (pools, images
 * of mirrors) it takes down itself with the volume.
 */
#include <stdlib.h>
#include <string.h>

#include "blockdev.h"
#include "dm.h"
#include "log.h"
#include "lvm.h"
#include "sysfs.h"

#define UUID_PREFIX	"LVM-"
/* Of the group and of the volume; private devices have a suffix. */
#define UUID_LEN	(strlen(UUID_PREFIX) + 32 + 32)

char *lvm_name(const char *dm_name)
{
	char *name = xcalloc(1, strlen(dm_name) + 1), *out = name;
	bool group = true;

	for (const char *p = dm_name; *p; p++) {
		if (*p != '-') {
			*out++ = *p;
		} else if (p[1] == '-') {
			*out++ = *p++;
		} else if (group && out != name && p[1]) {
			*out++ = '/';
			group = false;
		} else {
			group = true;
			break;
		}
	}
	if (!group)
		return name;
	free(name);
	return NULL;
}

static bool is_lvm(const struct bdev *b)
{
	return dm_has_uuid(b, UUID_PREFIX);
}

static void describe(struct bdev *b)
{
	dm_describe(b, "logical volume", "lvchange -an /dev/mapper/");
}

/* Images of mirrors have names of their own, pools and such a suffix. */
static bool is_private(const struct bdev *b)
{
	static const char * const parts[] = {
		"_rimage_", "_rmeta_", "_mimage_", "_mlog", "_tdata", "_tmeta",
		"_cdata", "_cmeta", "_corig", "_vdata", "_pmspare",
	};

	if (strlen(b->dm_uuid) > UUID_LEN)
		return true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(b->dm_name, parts[i]))
			return true;
	return false;
}

static int release(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	json_object *step;
	char *name;
	int err;

	if (!dm_exists(b->dm_name))
		return 0;
	name = lvm_name(b->dm_name);
	if (is_private(b) || !name) {
		free(name);
		return job_fail(job, "%s: it is still active although no volume uses it: deactivate its volume group (vgchange -an)",
				b->path);
	}
	step = layer_step(job, "lvm-deactivate", b);
	step_add(step, "lv", name);
	err = layer_write(job, b, step);
	if (!err)
		err = layer_do(job, b->path, ARGV("lvchange", "-an", "-y", name));
	if (err && job->force && dm_exists(b->dm_name))
		err = dm_remove(job, b);
	if (!err)
		log_info("%s: logical volume %s is deactivated", job->req.dev, name);
	free(name);
	return err;
}

int lvm_undo(json_object *step, char **why)
{
	const char *lv = step_string(step, "lv");
	char *text;
	int err;

	if (dm_exists(step_string(step, "name")))
		return 0;
	if (!blockdev_is_same(step)) {
		log_info("%s: its disk has gone, it is not activated again", lv);
		return 0;
	}
	/* -K: also one that is marked to be skipped, since it was active. */
	err = layer_run(NULL, ARGV("lvchange", "-ay", "-K", "-y", lv), NULL, NULL, &text);
	if (err)
		*why = xasprintf("%s: lvchange -ay: %s", lv, text);
	else
		log_info("%s: activated again", lv);
	free(text);
	return err;
}

const struct layer lvm_layer = {
	.name = "LVM",
	.policy = POLICY_RELEASE_LVM,
	.is = is_lvm,
	.describe = describe,
	.release = release,
};
