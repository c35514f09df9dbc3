// SPDX-License-Identifier: GPL-2.0
/*
 * Looking into the machine description.
 *
 * Virtual devices are nodes "virtual-device" below "channel-devices", told apart
 * by their properties "name" and "cfg-handle".  Below them are their ports, of
 * which the kernel makes devices on the vio bus.
 */
#include <linux/string.h>
#include <linux/types.h>

#include <asm/mdesc.h>

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

bool sun4v_md_has(const char *name, u64 cfg_handle)
{
	struct mdesc_handle *md = mdesc_grab();
	bool found = false;
	u64 node;

	/* There is none on machines without a hypervisor. */
	if (!md)
		return false;
	mdesc_for_each_node_by_name(md, node, "virtual-device") {
		found = node_is(md, node, name, cfg_handle);
		if (found)
			break;
	}
	mdesc_release(md);
	return found;
}
