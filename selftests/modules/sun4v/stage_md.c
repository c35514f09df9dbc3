// SPDX-License-Identifier: GPL-2.0
/*
 * A machine description of virtual-device nodes, and of what ldc.c and ds.c look
 * up: by the functions of mdesc.c that the kernel exports.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <asm/mdesc.h>

#include "stage.h"

struct node {
	struct list_head list;
	u64 id;
	char name[MDESC_MAX_STR_LEN];
	u64 cfg_handle;
	u64 mac;
};

/* The first ids are these nodes. */
enum { NODE_PLATFORM, NODE_DS_PORT, NODE_DEVICES };

static LIST_HEAD(nodes);
static DEFINE_SPINLOCK(md_lock);
static u64 last_id = NODE_DEVICES;
/* How often the nodes of ports were numbered anew. */
static u64 numbering = 1;
static const u64 domaining_enabled = 1;
static const u64 ds_port_id;

int stage_md_add(const char *name, u64 cfg_handle)
{
	struct node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	if (!node)
		return -ENOMEM;
	strscpy(node->name, name, sizeof(node->name));
	node->cfg_handle = cfg_handle;
	node->mac = stage_md_mac(cfg_handle);
	spin_lock(&md_lock);
	node->id = ++last_id;
	list_add_tail(&node->list, &nodes);
	spin_unlock(&md_lock);
	return 0;
}

void stage_md_remove(const char *name, u64 cfg_handle)
{
	struct node *node, *next;

	spin_lock(&md_lock);
	list_for_each_entry_safe(node, next, &nodes, list) {
		if (node->cfg_handle != cfg_handle || strcmp(node->name, name))
			continue;
		list_del(&node->list);
		kfree(node);
	}
	spin_unlock(&md_lock);
}

void stage_md_renumber(void)
{
	spin_lock(&md_lock);
	numbering++;
	spin_unlock(&md_lock);
}

u64 stage_md_port(u64 cfg_handle, u64 id)
{
	return numbering << 32 | cfg_handle << 16 | id;
}

u64 stage_md_mac(u64 cfg_handle)
{
	/* One that is administered locally. */
	return 0x020000000000 | cfg_handle;
}

/* As with the real one: what it shows stays as long as it is held. */
struct mdesc_handle *mdesc_grab(void)
{
	spin_lock(&md_lock);
	return (struct mdesc_handle *)&nodes;
}

void mdesc_release(struct mdesc_handle *md)
{
	spin_unlock(&md_lock);
}

u64 mdesc_node_by_name(struct mdesc_handle *md, u64 from, const char *name)
{
	struct node *node;

	if (!strcmp(name, "platform"))
		return from == MDESC_NODE_NULL ? NODE_PLATFORM : MDESC_NODE_NULL;
	if (!strcmp(name, "virtual-device-port"))
		return stage_md_port(0, 0);
	if (strcmp(name, "virtual-device"))
		return MDESC_NODE_NULL;
	list_for_each_entry(node, &nodes, list)
		if (from == MDESC_NODE_NULL || node->id > from)
			return node->id;
	return MDESC_NODE_NULL;
}

u64 mdesc_get_node(struct mdesc_handle *md, const char *name, union md_node_info *info)
{
	return stage_md_port(info->vdev_port.parent_cfg_hdl, info->vdev_port.id);
}

const void *mdesc_get_property(struct mdesc_handle *md, u64 id, const char *name, int *len)
{
	struct node *node;

	if (id == NODE_PLATFORM)
		return strcmp(name, "domaining-enabled") ? NULL : &domaining_enabled;
	if (id == NODE_DS_PORT)
		return strcmp(name, "id") ? NULL : &ds_port_id;
	list_for_each_entry(node, &nodes, list) {
		if (node->id != id)
			continue;
		if (!strcmp(name, "cfg-handle"))
			return &node->cfg_handle;
		if (!strcmp(name, "local-mac-address"))
			return strcmp(node->name, "network") ? NULL : &node->mac;
		if (strcmp(name, "name"))
			return NULL;
		if (len)
			*len = strlen(node->name) + 1;
		return node->name;
	}
	return NULL;
}

EXPORT_SYMBOL(mdesc_grab);
EXPORT_SYMBOL(mdesc_release);
EXPORT_SYMBOL(mdesc_node_by_name);
EXPORT_SYMBOL(mdesc_get_property);
EXPORT_SYMBOL(mdesc_get_node);
