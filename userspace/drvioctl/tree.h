/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree below /sys/class/drvio as JSON.  What is documented of it is
 * Documentation/schema/drvioctl.json.
 */
#ifndef DRVIOCTL_TREE_H
#define DRVIOCTL_TREE_H

#include "drvioctl.h"

/* Room for the name of a DR device. */
#define DEVICE_NAME_MAX	320

/*
 * The parts of the tree.  An empty list where there is none; tree_service() is
 * NULL then.  Sorted by name, numbers in it by their value.
 */
struct json_object *tree_service(const struct ctl *ctl);
struct json_object *tree_links(const struct ctl *ctl);
struct json_object *tree_types(const struct ctl *ctl);
struct json_object *tree_devices(const struct ctl *ctl);

/* Puts all of it into @doc. */
void tree_export(const struct ctl *ctl, struct json_object *doc);

/* Whether drvio.ko is loaded; reports it where not. */
enum exit_code tree_present(struct ctl *ctl);

/**
 * tree_device() - one DR device
 * @ctl: the run
 * @device: its name
 *
 * Return: the device, or NULL when there is none.
 */
struct json_object *tree_device(const struct ctl *ctl, const char *device);

/**
 * tree_find() - the DR device that a word of the command line names
 * @ctl: the run
 * @word: its name; the number may be written in another way; or the name of a
 *	target (virtio3), of a disk or partition (vda1) or an interface (eth0)
 * @device: gets its name
 *
 * Return: EXIT_CODE_OK, or an error that was reported: EXIT_CODE_NOT_PRESENT.
 */
enum exit_code tree_find(struct ctl *ctl, const char *word,
			 char device[DEVICE_NAME_MAX]);

/**
 * tree_parse() - read <type>@<dev_id>
 * @word: the word
 * @name: gets the type
 * @size: of @name
 * @dev_id: gets the number
 *
 * Return: false when @word is nothing like it.
 */
bool tree_parse(const char *word, char *name, size_t size, uint64_t *dev_id);

/* A member that is a text, "" where it is none. */
const char *tree_text(struct json_object *object, const char *key);

/* A member that is a list or an object, NULL where it is none. */
struct json_object *tree_member(struct json_object *object, const char *key);

#endif /* DRVIOCTL_TREE_H */
