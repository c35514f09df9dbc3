// SPDX-License-Identifier: GPL-2.0
/*
 * The uevents of a DR device; their keys are documented in the uapi header.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "device.h"
#include "request.h"
#include "trace.h"
#include "uevent.h"

/* Whole paths only; the rest can be found through the targetN links. */
static void uevent_add_targets(struct kobj_uevent_env *env, char *buf,
			       struct drvio_target **targets, unsigned int n)
{
	unsigned int i, len = 0, path_len;
	char *path;

	buf[0] = '\0';
	for (i = 0; i < n; i++) {
		path = kobject_get_path(&targets[i]->dev->kobj, GFP_KERNEL);
		if (!path)
			break;
		path_len = strlen(path);
		if (len + !!len + path_len < DRVIO_UEVENT_TARGETS_MAX) {
			len += sprintf(buf + len, "%s%s", len ? " " : "", path);
			kfree(path);
			continue;
		}
		kfree(path);
		break;
	}
	add_uevent_var(env, DRVIO_UEVENT_TARGETS "=%s", buf);
}

/* What a uevent needs, too big for the stack. */
struct uevent_room {
	struct kobj_uevent_env env;
	char targets_buf[DRVIO_UEVENT_TARGETS_MAX];
	struct drvio_target *targets[DRVIO_TARGETS];
};

int drvio_uevent(struct drvio_device *ddev, const char *event)
{
	struct drvio_record record;

	mutex_lock(&drvio_lock);
	record = drvio_request_record(ddev);
	mutex_unlock(&drvio_lock);
	return drvio_uevent_of(ddev, event, &record);
}

int drvio_uevent_of(struct drvio_device *ddev, const char *event,
		    const struct drvio_record *record)
{
	struct drvio_target *target;
	struct uevent_room *room;
	struct kobj_uevent_env *env;
	unsigned int n = 0;
	int err = -ENOMEM;

	room = kzalloc(sizeof(*room), GFP_KERNEL);
	if (!room)
		goto out;
	env = &room->env;
	add_uevent_var(env, DRVIO_UEVENT_EVENT "=%s", event);
	if (record->verb) {
		add_uevent_var(env, DRVIO_UEVENT_VERB "=%s",
			       drvio_verb_name(record->verb));
		add_uevent_var(env, DRVIO_UEVENT_COOKIE "=%016llx", record->cookie);
		add_uevent_var(env, DRVIO_UEVENT_REQ_NUM "=%llu", record->number);
		add_uevent_var(env, DRVIO_UEVENT_DEADLINE_MS "=%u",
			       record->deadline_ms);
	}

	mutex_lock(&drvio_lock);
	/* "lost" was the last that userspace heard of it. */
	if (ddev->gone && strcmp(event, DRVIO_EVENT_LOST)) {
		mutex_unlock(&drvio_lock);
		kfree(room);
		return -ENODEV;
	}
	list_for_each_entry(target, &ddev->targets, node) {
		drvio_target_get(target);
		room->targets[n++] = target;
	}
	mutex_unlock(&drvio_lock);

	add_uevent_var(env, DRVIO_UEVENT_TYPE "=%s", ddev->name);
	add_uevent_var(env, DRVIO_UEVENT_DEV_ID "=" DRVIO_DEV_ID_FMT, ddev->dev_id);
	uevent_add_targets(env, room->targets_buf, room->targets, n);
	while (n)
		drvio_target_put(room->targets[--n]);

	err = kobject_uevent_env(&ddev->dev.kobj, KOBJ_CHANGE, env->envp);
	kfree(room);
out:
	trace_drvio_uevent(dev_name(&ddev->dev), event, err);
	if (err)
		dev_notice(&ddev->dev, "the uevent \"%s\" was not sent: %d\n",
			   event, err);
	return err;
}
