/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a guest's devices can go on as those of another one: the rules. */
#ifndef DRVIOCTL_COMPAT_H
#define DRVIOCTL_COMPAT_H

#include <stdbool.h>

#include <json-c/json.h>

/*
 * Verdicts on an attribute:
 *
 *	ok		the target has what the source has
 *	claim		the target has no such device yet: whoever makes it must give
 *			the attribute the source's value
 *	incompatible	the source's state cannot go on there
 */
#define COMPAT_OK		"ok"
#define COMPAT_CLAIM		"claim"
#define COMPAT_INCOMPATIBLE	"incompatible"

/**
 * compat_compare() - compare two exports
 * @source: where the devices are now
 * @target: where they are to be
 * @all: compare types that have no devices in @source too
 * @rows: gets an object for each attribute: object (a type or a device),
 *	attribute, source, target, verdict, and why, where the verdict is not ok
 *
 * Return: whether nothing is incompatible.
 */
bool compat_compare(struct json_object *source, struct json_object *target, bool all,
		    struct json_object *rows);

#endif /* DRVIOCTL_COMPAT_H */
