/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Binding ports to their drivers and back to parking: the operations of the
 * sun4v bus, as struct drvio_bus_ops describes them.
 */
#ifndef _DRVIO_SUN4V_BIND_H
#define _DRVIO_SUN4V_BIND_H

#include "drvio.h"

int sun4v_bind(struct drvio_target *target, struct drvio_reason *why);
int sun4v_unbind(struct drvio_target *target, struct drvio_reason *why);
bool sun4v_bound(struct device *dev);

#endif /* _DRVIO_SUN4V_BIND_H */
