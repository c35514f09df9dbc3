/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy of the administrator, /etc/drvio/drvio.conf: what may be done to
 * which device. See drvio.conf(5), whose list of keys is made from the table
 * here.
 *
 * A value is looked for in the section of the device, [virtio-blk@0x0102...],
 * then in that of its type, [virtio-blk], then in [default]; where none has the
 * key, its default holds.
 */
#ifndef DRVIO_POLICY_H
#define DRVIO_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#define POLICY_FILE	"/etc/drvio/drvio.conf"
#define POLICY_DEFAULT	"default"	/* the section for all devices */

/* Longer lines are refused: inih would cut them in two. */
#define POLICY_LINE_MAX	196

/* A longer file is no policy. */
#define POLICY_SIZE_MAX	(256 * 1024)

enum policy_id {
	/* disks */
	POLICY_UNMOUNT,
	POLICY_KEEP_MOUNTED,
	POLICY_SWAPOFF,
	POLICY_RELEASE_LVM,
	POLICY_RELEASE_CRYPT,
	POLICY_RELEASE_DM,
	POLICY_RELEASE_MULTIPATH,
	POLICY_RELEASE_MULTIPATH_LEG,
	POLICY_RELEASE_MD,
	POLICY_RELEASE_MD_LEG,
	POLICY_RELEASE_BCACHE,
	POLICY_RELEASE_LOOP,
	POLICY_LAST_LEG,
	/* interfaces */
	POLICY_RELEASE_BOND_PORT,
	POLICY_RELEASE_TEAM_PORT,
	POLICY_RELEASE_BRIDGE_PORT,
	POLICY_RELEASE_STACKED_LINK,
	POLICY_LAST_DEFAULT_ROUTE,
	POLICY_NETWORK_MANAGER,
	/* force */
	POLICY_FORCE,
	POLICY_FORCE_UNMOUNT,
	POLICY_KILL,
	/* what a device comes up with */
	POLICY_LINK,
	POLICY_MTU,
	POLICY_HOLD,
	POLICY_ACTIVATE,
	/* hooks and timeouts */
	POLICY_HOOKS,
	POLICY_HOOK_TIMEOUT,
	POLICY_KILL_TIMEOUT,
	POLICY_COMMAND_TIMEOUT,
	POLICY_STALL_TIMEOUT,
	POLICY_UDEV_TIMEOUT,
	POLICY_CARRIER_TIMEOUT,
	POLICY_ADDRESS_TIMEOUT,
	POLICY_NKEYS,
};

/**
 * enum policy_type - what a value looks like
 * @POLICY_BOOL: yes or no
 * @POLICY_NUMBER: a decimal number from min to max
 * @POLICY_WORD: one of words
 * @POLICY_PATHS: absolute paths with the patterns of glob(7), space-separated;
 *	the key may be there several times, which adds to the list
 * @POLICY_TEXT: printable text, at most max bytes
 */
enum policy_type {
	POLICY_BOOL,
	POLICY_NUMBER,
	POLICY_WORD,
	POLICY_PATHS,
	POLICY_TEXT,
};

/**
 * struct policy_key - all there is to know about a key
 * @name: as it stands in the file
 * @type: what its value looks like
 * @deflt: its value where the file has none
 * @help: what it does, for the man page and "drvio-helper policy"
 * @words: of POLICY_WORD: what is allowed, space-separated
 * @min: of POLICY_NUMBER
 * @max: of POLICY_NUMBER and POLICY_TEXT
 */
struct policy_key {
	const char *name;
	enum policy_type type;
	const char *deflt;
	const char *help;
	const char *words;
	unsigned long min;
	unsigned long max;
};

extern const struct policy_key policy_keys[POLICY_NKEYS];

struct policy;

/**
 * policy_read() - read the policy
 * @path: the file; that there is none is no error
 * @why: gets, to be freed, what is wrong: file, line, key, what is allowed
 *
 * A file that does not belong to root, or that others may write to, is refused.
 *
 * Return: the policy, or NULL with @why set. Who gets NULL must refuse what it
 * was asked: a rule that cannot be read may be one that forbids it.
 */
struct policy *policy_read(const char *path, char **why);

/* As policy_read(), from a text; @path is for messages. */
struct policy *policy_parse(const char *path, const char *text, char **why);

void policy_free(struct policy *policy);

/**
 * policy_text() - the value that holds for a device
 * @policy: the policy; NULL: the defaults
 * @dev: the device, "virtio-blk@0x0102001000000000"; NULL: any
 * @id: the key
 *
 * Return: the value as text, never NULL.
 */
const char *policy_text(const struct policy *policy, const char *dev,
			enum policy_id id);

/* Whether a POLICY_BOOL is yes. */
bool policy_yes(const struct policy *policy, const char *dev, enum policy_id id);

/* The value of a POLICY_NUMBER. */
unsigned int policy_number(const struct policy *policy, const char *dev,
			   enum policy_id id);

/* Whether a POLICY_WORD is this word. */
bool policy_is(const struct policy *policy, const char *dev, enum policy_id id,
	       const char *word);

/* Whether a path matches one of a POLICY_PATHS. */
bool policy_matches(const struct policy *policy, const char *dev,
		    enum policy_id id, const char *path);

/**
 * policy_where() - which section the value for a device comes from
 *
 * Return: the section's name; NULL where the default holds.
 */
const char *policy_where(const struct policy *policy, const char *dev,
			 enum policy_id id);

/* The key with a name, or POLICY_NKEYS. */
enum policy_id policy_find(const char *name);

/**
 * policy_check() - whether a value is allowed for a key
 * @id: the key
 * @value: the value
 *
 * Return: NULL when it is, otherwise why not with what is allowed, to be freed.
 */
char *policy_check(enum policy_id id, const char *value);

/* What is allowed for a key, in words ("yes or no"), to be freed. */
char *policy_allowed(enum policy_id id);

/**
 * policy_set() - change one key of one section in the file
 * @path: the file; made when there is none, with its folder
 * @section: "default", a type or a device
 * @id: the key
 * @value: its new value; NULL: take the key out, so that the next section's
 *	value, or the default, holds
 *
 * Everything else in the file stays as it is, comments too. The file is
 * replaced in one step; what is wrong already is refused, and not written over.
 *
 * Return: NULL when it was done, otherwise why not, to be freed.
 */
char *policy_set(const char *path, const char *section, enum policy_id id,
		 const char *value);

#endif /* DRVIO_POLICY_H */
