// SPDX-License-Identifier: GPL-2.0
/*
 * Logical volumes of LVM: each is deactivated by its name, so that volumes of
 * the same group on other disks go on. What LVM makes for itself (pools, images
 * of mirrors) it takes down itself with the volume.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate.h"
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

/* --- On a new disk --- */

/* The group of a physical volume. Return: whether it is one of a complete group. */
static bool read_group(struct job *job, const char *path, char group[256], char uuid[64])
{
	char *text, *why;
	int missing = 0, n;

	if (layer_run(job, ARGV("pvs", "--noheadings", "-o", "vg_uuid,vg_name,vg_missing_pv_count",
				"--", path), NULL, &text, &why)) {
		log_warn("%s: what LVM has on %s is not activated: pvs: %s", job->req.dev, path,
			 why);
		n = 0;
	} else {
		n = sscanf(text, "%63s %255s %d", uuid, group, &missing);
	}
	free(text);
	free(why);
	if (n == 3 && missing)
		log_info("%s: volume group %s is not activated yet: %d of its physical volumes %s missing",
			 job->req.dev, group, missing, missing == 1 ? "is" : "are");
	return n == 3 && !missing;
}

/*
 * The volumes of a group that are not active, as uuids of devices. Return: NULL when
 * LVM does not tell, or when there are none.
 */
static json_object *read_inactive(struct job *job, const char *group, const char *vg_uuid)
{
	char *text, *why, *rest, *line, vg[64], lv[64], active[16];
	json_object *volumes = json_object_new_array();

	snprintf(vg, sizeof(vg), "%s", vg_uuid);
	dm_bare_uuid(vg);
	if (layer_run(job, ARGV("lvs", "--noheadings", "-o", "lv_uuid,lv_active", "--", group),
		      NULL, &text, &why))
		log_warn("%s: volume group %s is not activated: lvs: %s", job->req.dev, group, why);
	rest = why ? NULL : text;
	while ((line = strsep(&rest, "\n"))) {
		char *uuid;

		if (sscanf(line, "%63s %15s", lv, active) != 1)
			continue;
		dm_bare_uuid(lv);
		uuid = xasprintf(UUID_PREFIX "%s%s", vg, lv);
		json_object_array_add(volumes, json_object_new_string(uuid));
		free(uuid);
	}
	free(text);
	free(why);
	if (json_object_array_length(volumes))
		return volumes;
	json_object_put(volumes);
	return NULL;
}

static const char *uuid_at(json_object *uuids, size_t i)
{
	return json_object_get_string(json_object_array_get_idx(uuids, i));
}

int lvm_activate(struct job *job, const struct volume *volume, struct volumes *volumes)
{
	char group[256], uuid[64], *select, *why = NULL, *name;
	json_object *inactive, *step;
	int err = 0;

	if (!read_group(job, volume->names.s[0], group, uuid))
		return 0;
	inactive = read_inactive(job, group, uuid);
	if (!inactive)
		return 0;
	/* What is active already is not touched, also not by an undo. */
	step = json_object_new_object();
	step_add(step, "op", "lvm-activate");
	step_add(step, "group", group);
	json_object_object_add(step, "volumes", json_object_get(inactive));
	select = xasprintf("vg_uuid=%s", uuid);
	/* A group, or a RAID of it, that has lost a disk since is left alone. */
	if (journal_step(job->journal, step))
		err = job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
			       volume->names.s[0]);
	else if (layer_run(job, ARGV("vgchange", "-q", "-aay", "--activationmode", "complete",
				     "--select", select, "--", group), NULL, NULL, &why))
		log_warn("%s: volume group %s is not activated: vgchange: %s", job->req.dev, group,
			 why);
	else
		log_info("%s: volume group %s is activated", job->req.dev, group);
	/* Those on its other disks, which waited for this one, too. */
	for (size_t i = 0; !err && i < json_object_array_length(inactive); i++) {
		name = dm_with_uuid(uuid_at(inactive, i));
		if (name)
			volumes_add_dm(volumes, name);
		free(name);
	}
	json_object_put(inactive);
	free(select);
	free(why);
	return err;
}

static int deactivate(const char *dm_name, char **why)
{
	char *lv = lvm_name(dm_name), *text = NULL;
	int err;

	err = !lv || layer_run(NULL, ARGV("lvchange", "-an", "-y", "--", lv), NULL, NULL, &text);
	/* LVM does not know one any more whose disk has gone. */
	if (err && dm_exists(dm_name)) {
		free(text);
		err = layer_run(NULL, ARGV("dmsetup", "remove", "--retry", "--", dm_name), NULL,
				NULL, &text);
	}
	if (err && dm_exists(dm_name)) {
		*why = xasprintf("%s: lvchange -an: %s", lv ? lv : dm_name, text);
		err = -1;
	} else {
		log_info("%s: deactivated again", lv ? lv : dm_name);
		err = 0;
	}
	free(text);
	free(lv);
	return err;
}

int lvm_activate_undo(json_object *step, char **why)
{
	json_object *uuids;
	char *name;
	int err = 0;

	if (!json_object_object_get_ex(step, "volumes", &uuids))
		return 0;
	for (size_t i = 0; !err && i < json_object_array_length(uuids); i++) {
		name = dm_with_uuid(uuid_at(uuids, i));
		if (name)
			err = deactivate(name, why);
		free(name);
	}
	return err;
}

const struct layer lvm_layer = {
	.name = "LVM",
	.policy = POLICY_RELEASE_LVM,
	.is = is_lvm,
	.describe = describe,
	.release = release,
};
