// SPDX-License-Identifier: GPL-2.0
/* The attribute "hold": now in sysfs, and in drvio.conf for the next time. */
#include <stdlib.h>
#include <string.h>

#include <linux/drvio.h>

#include "attr.h"
#include "mem.h"
#include "policy.h"
#include "sysfs.h"

#define HOLD_LEN_MAX	255

static bool hold_valid(const char *value)
{
	for (const char *p = value; *p; p++)
		if (*p < ' ' || *p > '~')
			return false;
	return strlen(value) <= HOLD_LEN_MAX;
}

static char *hold_live(const struct place *p)
{
	char text[HOLD_LEN_MAX + 2];

	if (sysfs_read(text, sizeof(text), "%s/sys/class/" DRVIO_CLASS "/%s/hold",
		       p->ctl->root, p->device) < 0)
		return NULL;
	return xstrdup(text);
}

static char *hold_config(const struct place *p, char **where)
{
	return attr_policy(p, POLICY_HOLD, where);
}

static char *hold_set_live(const struct place *p, const char *value)
{
	char *line = xasprintf("%s\n", value);
	int err = -sysfs_write(line, "%s/sys/class/" DRVIO_CLASS "/%s/hold", p->ctl->root,
			       p->device);

	free(line);
	return err ? xstrdup(strerror(err)) : NULL;
}

static char *hold_set_config(const struct place *p, const char *value)
{
	return attr_set_policy(p, POLICY_HOLD, *value ? value : NULL);
}

const struct attr hold_attr = {
	.name = "hold",
	.values = "printable text, empty for none",
	.of = ATTR_OF_DEVICE,
	.valid = hold_valid,
	.live = hold_live,
	.config = hold_config,
	.set_live = hold_set_live,
	.set_config = hold_set_config,
};
