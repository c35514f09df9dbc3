// SPDX-License-Identifier: GPL-2.0
/*
 * The kinds of sun4v virtual devices, and their types: folders of
 * supported_types.
 */
#include <linux/err.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <asm/vio.h>

#include "sun4v_attr.h"
#include "sun4v_md.h"
#include "sun4v_type.h"

/* As of virtio types: minor: something was added; major: something has changed. */
#define SUN4V_SOFTWARE_VERSION	"1.0.0"

static const struct sun4v_kind kinds[] = {
	{ "vnet-port", "network", NULL, "virtual network interface", "sunvnet",
	  SUN4V_USE_NET, .groups = sun4v_net_groups },
	{ "vdc-port", "disk", NULL, "virtual disk", "sunvdc", SUN4V_USE_DISK,
	  .groups = sun4v_disk_groups },
	{ "vsw-port", "virtual-network-switch", "vsw", "virtual switch service", "ldmvsw",
	  SUN4V_USE_SERVICE, "ldm rm-vnet" },
	{ "vds-port", "virtual-disk-server", NULL, "virtual disk service", NULL,
	  SUN4V_USE_SERVICE, "ldm rm-vdisk" },
	{ "vcc-port", "virtual-console-concentrator", NULL, "virtual console service",
	  "vcc", SUN4V_USE_TTY },
	{ "vldc-port", "virtual-channel", "virtual-channel-client", "channel", NULL,
	  SUN4V_USE_UNKNOWN },
	{ "vdpc-port", "virtual-data-plane-channel", "virtual-data-plane-channel-client",
	  "data plane channel", NULL, SUN4V_USE_UNKNOWN },
	{ "vlds-port", "virtual-domain-service", NULL, "domain service channel", NULL,
	  SUN4V_USE_UNKNOWN },
};

/**
 * struct sun4v_type - a type
 * @desc: what drvio is told
 * @kind: its kind
 */
struct sun4v_type {
	struct drvio_type_desc desc;
	const struct sun4v_kind *kind;
};

/* By kind: the name, and the older one. */
static struct sun4v_type types[ARRAY_SIZE(kinds)][2];

static ssize_t show_port_type(const struct drvio_type_desc *desc, char *buf)
{
	const struct sun4v_type *type = container_of(desc, struct sun4v_type, desc);

	return sysfs_emit(buf, "%s\n", type->kind->port);
}

static const struct drvio_type_field fields[] = {
	{ "compatible_port_type", show_port_type },
	{}
};

/* There are as many as the control domain likes; nothing here counts them. */
static unsigned int available(const struct drvio_type_desc *desc)
{
	return 0;
}

const struct sun4v_kind *sun4v_kind_of(const struct vio_dev *vdev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].port, vdev->type))
			return &kinds[i];
	return NULL;
}

bool sun4v_kind_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name) ||
		    (kinds[i].older && !strcmp(kinds[i].older, name)))
			return true;
	return false;
}

static struct drvio_type *type_announce(struct drvio_bus *bus,
					const struct sun4v_kind *kind, bool older)
{
	struct sun4v_type *type = &types[kind - kinds][older];
	const char *name = older ? kind->older : kind->name;

	type->kind = kind;
	type->desc = (struct drvio_type_desc) {
		.id = name,
		.name = name,
		.description = kind->description,
		.device_api = "sun4v-vio",
		.software_version = SUN4V_SOFTWARE_VERSION,
		.compatible = fields,
		.available = available,
		.groups = kind->groups,
	};
	return drvio_type_register(bus, &type->desc);
}

struct drvio_type *sun4v_type_get(struct drvio_bus *bus, const struct sun4v_kind *kind,
				  const struct vio_dev *vdev)
{
	bool older = kind->older && sun4v_md_has(kind->older, vdev->dev_no);

	/* It is there already: this finds it. */
	return drvio_type_register(bus, &types[kind - kinds][older].desc);
}

int sun4v_types_init(struct drvio_bus *bus)
{
	struct drvio_type *type;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		type = type_announce(bus, &kinds[i], false);
		if (!IS_ERR(type) && kinds[i].older)
			type = type_announce(bus, &kinds[i], true);
		if (IS_ERR(type))
			return PTR_ERR(type);
	}
	return 0;
}
