/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes of sun4v DR devices: live values, where a driver is bound or the
 * machine description has them.
 */
#ifndef _DRVIO_SUN4V_ATTR_H
#define _DRVIO_SUN4V_ATTR_H

struct attribute_group;

/* For struct drvio_type_desc. */
extern const struct attribute_group *sun4v_net_groups[];
extern const struct attribute_group *sun4v_disk_groups[];

#endif /* _DRVIO_SUN4V_ATTR_H */
