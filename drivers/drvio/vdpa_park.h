/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parking drivers of the vdpa bus and of the PCI bus, for vDPA devices and for
 * the functions that manage them.
 */
#ifndef _DRVIO_VDPA_PARK_H
#define _DRVIO_VDPA_PARK_H

#include <linux/device.h>
#include <linux/vdpa.h>

#include "drvio.h"

/* Its driver.bus is the vdpa bus, which has no exported symbol. */
extern struct vdpa_driver vdpa_park_driver;

int vdpa_park_init(void);
void vdpa_park_exit(void);

/* The parking driver of a device's bus; NULL: there is none, or no bus. */
struct device_driver *vdpa_park_driver_of(const struct device *dev);

/* As park of struct drvio_parking. */
int vdpa_park(struct device *dev);

#endif /* _DRVIO_VDPA_PARK_H */
