/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices as the command line names them: "<type>@<dev_id>", as in the guest's
 * sysfs, or QEMU's id of a virtio device.
 */
#ifndef DRVIO_MANAGER_DEVICE_H
#define DRVIO_MANAGER_DEVICE_H

#include "manager.h"

#define DEVICE_FMT		"%s@" DRVIO_DEV_ID_FMT
#define DEVICE_ARGS(d)		(d)->name, (unsigned long long)(d)->dev_id

/* Whether @text can be an id in QEMU: a letter, then letters, digits, "-._". */
bool device_id_valid(const char *text);

/**
 * device_parse() - what a word of the command line names
 * @text: the word
 * @dev: what to fill in; a QEMU id is not looked up yet, @dev->name is "" then
 *
 * Return: false, after it was reported, when it can be neither.
 */
bool device_parse(const char *text, struct device *dev);

/**
 * device_resolve() - look up a device that was named by its QEMU id
 * @m: the manager
 * @o: the outcome with the device; gets the error
 *
 * Return: whether name and dev_id are known.
 */
bool device_resolve(struct manager *m, struct outcome *o);

#endif
