/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types of services: vdpa-net, vdpa-blk, ... and vdpa-mgmtdev.
 */
#ifndef _DRVIO_VDPA_TYPE_H
#define _DRVIO_VDPA_TYPE_H

#include <linux/types.h>

struct drvio_bus;
struct drvio_type;

/* Announces the types that there are at all times.  Return: 0 or what failed. */
int vdpa_types_init(struct drvio_bus *bus);
/* Once the bus is unregistered. */
void vdpa_types_exit(void);

/* The type of a vDPA device, by its virtio device id, or an ERR_PTR. */
struct drvio_type *vdpa_type_get(struct drvio_bus *bus, u32 device);
/* The type of what manages vDPA devices, or an ERR_PTR. */
struct drvio_type *vdpa_type_mgmt(struct drvio_bus *bus);

#endif /* _DRVIO_VDPA_TYPE_H */
