// SPDX-License-Identifier: GPL-2.0
/* Which attributes there are on a device and its nodes. */
#include <string.h>

#include "place.h"
#include "sysfs.h"
#include "tree.h"

static bool is_net(const struct place *p)
{
	return sysfs_exists("%s/sys/class/net/%s", p->ctl->root, p->node);
}

/* A disk with partitions is no place for a filesystem itself. */
static bool has_partitions(const struct place *p, struct json_object *nodes)
{
	for (size_t i = 0; i < json_object_array_length(nodes); i++) {
		const char *other = json_object_get_string(json_object_array_get_idx(nodes, i));

		if (strcmp(other, p->node) &&
		    sysfs_exists("%s/sys/class/block/%s/%s", p->ctl->root, p->node, other))
			return true;
	}
	return false;
}

static void each_attr(const struct place *p, enum attr_of of, place_fn fn, void *arg)
{
	for (const struct attr * const *attr = attrs; *attr; attr++)
		if ((*attr)->of == of)
			fn(*attr, p, arg);
}

/* @only: this node alone; NULL: all of them. */
static void each_place(struct ctl *ctl, struct json_object *device, const char *only,
		       place_fn fn, void *arg)
{
	struct json_object *nodes = tree_member(device, "nodes");
	struct place p = { ctl, tree_text(device, "device"), "" };

	each_attr(&p, ATTR_OF_DEVICE, fn, arg);
	for (size_t i = 0; i < json_object_array_length(nodes); i++) {
		p.node = json_object_get_string(json_object_array_get_idx(nodes, i));
		if (only && strcmp(only, p.node))
			continue;
		if (is_net(&p))
			each_attr(&p, ATTR_OF_NET, fn, arg);
		else if (!has_partitions(&p, nodes))
			each_attr(&p, ATTR_OF_BLOCK, fn, arg);
	}
}

enum exit_code place_each(struct ctl *ctl, const char *word, place_fn fn, void *arg)
{
	struct json_object *devices, *device, *nodes;
	char name[DEVICE_NAME_MAX];
	const char *only = NULL;
	enum exit_code code;

	if (!word) {
		devices = tree_devices(ctl);
		for (size_t i = 0; i < json_object_array_length(devices); i++)
			each_place(ctl, json_object_array_get_idx(devices, i), NULL, fn, arg);
		json_object_put(devices);
		return EXIT_CODE_OK;
	}
	code = tree_find(ctl, word, name);
	if (code)
		return code;
	device = tree_device(ctl, name);
	if (!device)
		return ctl_fail(ctl, EXIT_CODE_NOT_PRESENT, "%s: it has just gone", name);
	nodes = tree_member(device, "nodes");
	for (size_t i = 0; i < json_object_array_length(nodes); i++)
		if (!strcmp(word, json_object_get_string(json_object_array_get_idx(nodes, i))))
			only = word;
	each_place(ctl, device, only, fn, arg);
	json_object_put(device);
	return EXIT_CODE_OK;
}

bool place_has(const struct attr *attr, const char *live, const char *config)
{
	static const char * const nothing[] = { "", "none", "off" };
	bool has_live = live, has_config = config;

	if (attr->of != ATTR_OF_BLOCK)
		return true;
	for (size_t i = 0; i < 3; i++) {
		has_live = has_live && strcmp(live, nothing[i]);
		has_config = has_config && strcmp(config, nothing[i]);
	}
	return has_live || has_config;
}
