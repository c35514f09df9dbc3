/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What drvio does with services: the operations of the vdpa bus, as struct
 * drvio_bus_ops describes them.
 */
#ifndef _DRVIO_VDPA_BIND_H
#define _DRVIO_VDPA_BIND_H

#include "drvio.h"

extern const struct drvio_bus_ops vdpa_bus_ops;

#endif /* _DRVIO_VDPA_BIND_H */
