/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block device: who has claimed it in the kernel, and whether it is still the
 * one that a journal speaks of.
 */
#ifndef DRVIO_HELPER_BLOCKDEV_H
#define DRVIO_HELPER_BLOCKDEV_H

#include "job.h"

/**
 * blockdev_claimed() - whether somebody in the kernel has claimed a block device
 * @name: its name, "dm-0"
 * @rdev: its number
 *
 * Return: -EBUSY when somebody has; 0 when nobody has; other errors say nothing.
 */
int blockdev_claimed(const char *name, dev_t rdev);

/**
 * blockdev_value() - what is on a block device
 * @path: its path
 * @tag: "TYPE", "UUID" or "UUID_SUB", as blkid(8) calls them
 *
 * Return: the value, to be freed, or NULL.
 */
char *blockdev_value(const char *path, const char *tag);

/* The path of the block device that has a value, to be freed, or NULL. */
char *blockdev_find(const char *tag, const char *value);

/**
 * blockdev_flush() - try to claim a block device, and flush it
 * @node: the device
 *
 * Return: 0 when nobody has claimed it, -EBUSY when somebody in the kernel has;
 * other errors say nothing about users.
 */
int blockdev_flush(const struct node *node);

/* Writes down in a step which block device it is about. */
void blockdev_identify(json_object *step, const struct node *node);

/* Whether that device is still there, and no other has its number now. */
bool blockdev_is_same(json_object *step);

/* Values of a step; "" and 0 where there is none. */
const char *step_string(json_object *step, const char *key);
int step_int(json_object *step, const char *key);
int64_t step_int64(json_object *step, const char *key);

/* Adds a value to a step. */
void step_add(json_object *step, const char *key, const char *value);
void step_add_int(json_object *step, const char *key, int value);

#endif /* DRVIO_HELPER_BLOCKDEV_H */
