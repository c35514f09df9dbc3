// SPDX-License-Identifier: GPL-2.0
/*
 * Looking into the machine description.
 *
 * Virtual devices are nodes "virtual-device" below "channel-devices", told apart
 * by their properties "name" and "cfg-handle".  Below them are their ports, of
 * which the kernel makes devices on the vio bus.
 */
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/mdesc.h>
#include <asm/vio.h>

#include "sun4v_md.h"

static bool node_is(struct mdesc_handle *md, u64 node, const char *name, u64 cfg_handle)
{
	const u64 *handle;
	const char *text;
	int len;

	text = mdesc_get_property(md, node, "name", &len);
	if (!text || len <= 0 || strnlen(text, len) == len || strcmp(text, name))
		return false;
	handle = mdesc_get_property(md, node, "cfg-handle", NULL);
	return handle && *handle == cfg_handle;
}

static u64 find_node(struct mdesc_handle *md, const char *name, u64 cfg_handle)
{
	u64 node;

	mdesc_for_each_node_by_name(md, node, "virtual-device")
		if (node_is(md, node, name, cfg_handle))
			break;
	return node;
}

bool sun4v_md_has(const char *name, u64 cfg_handle)
{
	struct mdesc_handle *md = mdesc_grab();
	bool found;

	/* There is none on machines without a hypervisor. */
	if (!md)
		return false;
	found = find_node(md, name, cfg_handle) != MDESC_NODE_NULL;
	mdesc_release(md);
	return found;
}

bool sun4v_md_mac(const char *name, u64 cfg_handle, u8 mac[ETH_ALEN])
{
	struct mdesc_handle *md = mdesc_grab();
	const u64 *value = NULL;
	u64 node;

	if (!md)
		return false;
	node = find_node(md, name, cfg_handle);
	if (node != MDESC_NODE_NULL)
		value = mdesc_get_property(md, node, "local-mac-address", NULL);
	if (value)
		u64_to_ether_addr(*value, mac);
	mdesc_release(md);
	return value;
}

/*
 * The kernel notes the node when a port comes, but each update of the machine
 * description may number its nodes anew, and drivers look into the current one.
 * mdesc_get_node() is for names that it has nodes of.
 */
void sun4v_md_refresh(struct vio_dev *vdev)
{
	struct mdesc_handle *md = mdesc_grab();
	u64 node = MDESC_NODE_NULL;

	if (!md)
		return;
	if (mdesc_node_by_name(md, MDESC_NODE_NULL, vdev->node_name) != MDESC_NODE_NULL)
		node = mdesc_get_node(md, vdev->node_name, &vdev->md_node_info);
	if (!IS_ERR_VALUE(node))
		vdev->mp = node;
	mdesc_release(md);
}
