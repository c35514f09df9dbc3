/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of drvio.ko share: the class, the one lock, the order of
 * initialisation.  Each noun has a header of its own beside this one.
 *
 * Locks, outermost first:
 *
 *   the driver core's device_lock of a target or its parent (bus notifiers
 *	come with it held)
 *   buses_rwsem (bus.c)	buses come and go, or are asked what they know
 *   drvio_targets_lock	targets and DR devices come and go, sysfs included
 *   drvio_lock		everything else: states, requests, links, settings
 *
 * drvio_lock is held for moments only: never across a callback of a bus, a
 * uevent, or the addition or removal of a sysfs node, since readers of sysfs
 * take it.
 */
#ifndef _DRVIO_CORE_H
#define _DRVIO_CORE_H

#include <linux/device/class.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "drvio.h"
#include "limits.h"

extern struct class drvio_class;
extern struct mutex drvio_lock;
extern struct mutex drvio_targets_lock;

/* Runs requests: each worker sleeps while its request waits. */
extern struct workqueue_struct *drvio_request_wq;
/* Runs binds and unbinds, which may hang in a driver. */
extern struct workqueue_struct *drvio_op_wq;

int drvio_service_init(void);
void drvio_service_exit(void);
int drvio_chardev_init(void);
void drvio_chardev_exit(void);

#endif /* _DRVIO_CORE_H */
