/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parking on the vio bus: an unconfigured port is bound to a driver of ours that
 * does nothing, so that no other driver can take it behind the control domain's
 * back.
 */
#ifndef _DRVIO_SUN4V_PARK_H
#define _DRVIO_SUN4V_PARK_H

#include <linux/device.h>

#include <asm/vio.h>

/* Its driver.bus is the vio bus, which has no exported symbol. */
extern struct vio_driver sun4v_park_driver;

int sun4v_park_init(void);
/* Parked ports are left without a driver: whoever comes first has them. */
void sun4v_park_exit(void);

/* As park of struct drvio_parking. */
int sun4v_park(struct device *dev);

#endif /* _DRVIO_SUN4V_PARK_H */
