/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The uevents of a DR device.
 */
#ifndef _DRVIO_UEVENT_H
#define _DRVIO_UEVENT_H

struct drvio_device;
struct drvio_record;

/**
 * drvio_uevent() - tell userspace about the request of a DR device
 * @ddev: the device
 * @event: DRVIO_EVENT_REQUEST and so on
 *
 * May sleep; caller holds no lock of drvio.  A failure is logged.
 *
 * Return: 0, -ENOMEM, -ENODEV when the device has gone (but for "lost"), or what
 * kobject_uevent_env() returns.
 */
int drvio_uevent(struct drvio_device *ddev, const char *event);

/**
 * drvio_uevent_of() - the same about a request that need not be the last any more
 * @ddev: the device
 * @event: as for drvio_uevent()
 * @record: the request; its reason is not looked at
 *
 * Return: as drvio_uevent().
 */
int drvio_uevent_of(struct drvio_device *ddev, const char *event,
		    const struct drvio_record *record);

#endif /* _DRVIO_UEVENT_H */
