/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Binding virtio devices to their drivers and back to parking: the operations
 * of the virtio bus, as struct drvio_bus_ops describes them.
 */
#ifndef _DRVIO_VIRTIO_BIND_H
#define _DRVIO_VIRTIO_BIND_H

#include "drvio.h"

int virtio_bind(struct drvio_target *target, struct drvio_reason *why);
int virtio_unbind(struct drvio_target *target, struct drvio_reason *why);
bool virtio_bound(struct device *dev);

#endif /* _DRVIO_VIRTIO_BIND_H */
