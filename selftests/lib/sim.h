/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices of drvio-sim, and their switches in debugfs.
 */
#ifndef SELFTESTS_SIM_H
#define SELFTESTS_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl.h"

/* Loads drvio-sim.  Return: whether it is there. */
bool sim_load(void);

/* The names that a device with this id has. */
void sim_name(struct dr_device *dev, uint64_t dev_id);

/*
 * Makes a device of that name, which its driver binds at once; nobody has finished
 * it in userspace yet.  Return: 0 or -errno.
 */
int sim_add(const struct dr_device *dev, unsigned int targets);

/* Both.  Return: 0 or -errno. */
int sim_create(struct dr_device *dev, uint64_t dev_id, unsigned int targets);

/* Takes a device away.  Return: 0 or -errno. */
int sim_remove(const struct dr_device *dev);

/* Puts back all switches and takes all devices away.  Return: whether it did. */
bool sim_remove_all(void);

/* Sets a switch.  Return: 0 or -errno. */
int sim_set(const struct dr_device *dev, const char *name, const char *value);

/* Waits until as many of a device's drivers hang.  Return: whether they do. */
bool sim_wait_hanging(const struct dr_device *dev, int drivers);

/* Waits until a device has gone from sysfs.  Return: whether it has. */
bool sim_wait_gone(const struct dr_device *dev);

/* Whether all targets are bound to a driver: "sim", "sim-park", or "" for none. */
bool sim_driver_is(const struct dr_device *dev, const char *driver);

#endif /* SELFTESTS_SIM_H */
