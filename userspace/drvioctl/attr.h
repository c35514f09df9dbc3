/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a device has now (live) against what it comes up with (config): each
 * attribute as a table of callbacks, so that "diff" and "set" know none of them.
 */
#ifndef DRVIOCTL_ATTR_H
#define DRVIOCTL_ATTR_H

#include "drvioctl.h"
#include "policy.h"

/**
 * struct place - what an attribute is of
 * @ctl: the run
 * @device: the DR device
 * @node: disk, partition or interface; "" for the device itself
 */
struct place {
	struct ctl *ctl;
	const char *device;
	const char *node;
};

/**
 * enum attr_of - what has an attribute
 * @ATTR_OF_DEVICE: each DR device
 * @ATTR_OF_NET: each interface of one
 * @ATTR_OF_BLOCK: each disk without partitions, and each partition
 */
enum attr_of {
	ATTR_OF_DEVICE,
	ATTR_OF_NET,
	ATTR_OF_BLOCK,
};

/**
 * struct attr - an attribute
 * @name: as KEY of "set"
 * @values: what a value looks like, for error messages
 * @of: what has it
 * @valid: whether a value is one
 * @live: the value now, to be freed; NULL: it cannot be told
 * @config: the value that it comes up with, to be freed; NULL: it cannot be told;
 *	@where gets who says so, to be freed
 * @set_live: changes it now.  What came of it is read with @live afterwards: where
 *	the device takes less than was asked, the most that it takes is set.
 * @set_config: changes what it comes up with
 *
 * @set_live and @set_config return NULL, or why not with what to do, to be freed.
 */
struct attr {
	const char *name;
	const char *values;
	enum attr_of of;
	bool (*valid)(const char *value);
	char *(*live)(const struct place *p);
	char *(*config)(const struct place *p, char **where);
	char *(*set_live)(const struct place *p, const char *value);
	char *(*set_config)(const struct place *p, const char *value);
};

extern const struct attr hold_attr, mtu_attr, link_attr, mount_attr, swap_attr;

/* All of them, NULL behind the last. */
extern const struct attr * const attrs[];

/**
 * attr_run() - run a program of the system, for a setting
 * @argv: as struct run has it
 * @output: gets what it printed, to be freed; may be NULL
 *
 * Return: NULL, or why it failed, to be freed.
 */
char *attr_run(const char *const *argv, char **output);

/*
 * A value of drvio.conf that holds for the device, NULL where the file is wrong;
 * @where gets the section that it is from.
 */
char *attr_policy(const struct place *p, enum policy_id id, char **where);

/* Sets a value in the section of the device; NULL takes it out.  As @set_config. */
char *attr_set_policy(const struct place *p, enum policy_id id, const char *value);

#endif /* DRVIOCTL_ATTR_H */
