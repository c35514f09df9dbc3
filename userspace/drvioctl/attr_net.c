// SPDX-License-Identifier: GPL-2.0
/* The attributes "mtu" and "link" of an interface. */
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/drvio.h>

#include "attr.h"
#include "mem.h"
#include "netconf.h"
#include "sysfs.h"

#define MTU_MAX		65535
#define MTU_DEFAULT	"1500"

static char *read_net(const struct place *p, const char *attr)
{
	char text[64];

	if (sysfs_read(text, sizeof(text), "%s/sys/class/net/%s/%s", p->ctl->root, p->node,
		       attr) < 0)
		return NULL;
	return xstrdup(text);
}

/* --- mtu ------------------------------------------------------------------- */

static bool mtu_valid(const char *value)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	return isdigit((unsigned char)*value) && !*end && !errno && n && n <= MTU_MAX;
}

static char *mtu_live(const struct place *p)
{
	return read_net(p, "mtu");
}

/* The limits of the driver, as ip(8) tells them. */
static bool mtu_limits(const struct place *p, long *min, long *max)
{
	const char *argv[] = { "ip", "-j", "-d", "link", "show", "dev", p->node, NULL };
	struct json_object *doc, *link, *value;
	char *output, *why = attr_run(argv, &output);
	bool found = false;

	free(why);
	doc = json_tokener_parse(output);
	free(output);
	link = json_object_is_type(doc, json_type_array) ? json_object_array_get_idx(doc, 0) : NULL;
	if (json_object_object_get_ex(link, "min_mtu", &value)) {
		*min = json_object_get_int64(value);
		if (json_object_object_get_ex(link, "max_mtu", &value)) {
			*max = json_object_get_int64(value);
			found = *max > 0;
		}
	}
	json_object_put(doc);
	return found;
}

/*
 * Where nothing sets it: what the host told the driver, which is the most that it
 * takes then, or Ethernet's.
 */
static char *mtu_of_driver(const struct place *p)
{
	char features[1024], words[1026], mtu[64];
	long min, max;

	sysfs_read(features, sizeof(features), "%s/sys/class/" DRVIO_CLASS "/%s/features",
		   p->ctl->root, p->device);
	snprintf(words, sizeof(words), " %s ", features);
	if (!strstr(words, " mtu "))
		return xstrdup(MTU_DEFAULT);
	/* A recorded system has no driver that could be asked. */
	if (!*p->ctl->root && mtu_limits(p, &min, &max))
		return xasprintf("%ld", max);
	sysfs_read(mtu, sizeof(mtu), "%s/sys/class/" DRVIO_CLASS "/%s/mtu", p->ctl->root,
		   p->device);
	return xstrdup(mtu);
}

static char *mtu_config(const struct place *p, char **where)
{
	char *value = netconf_get(p, NETCONF_MTU, where);

	if (!value || *value)
		return value;
	free(value);
	free(*where);
	*where = xstrdup("driver");
	return mtu_of_driver(p);
}

static char *mtu_set_live(const struct place *p, const char *value)
{
	const char *argv[] = { "ip", "link", "set", "dev", p->node, "mtu", value, NULL };
	char *why = attr_run(argv, NULL), nearest[32];
	long mtu = atol(value), min, max;

	if (!why || !mtu_limits(p, &min, &max) || (mtu >= min && mtu <= max))
		return why;
	free(why);
	snprintf(nearest, sizeof(nearest), "%ld", mtu < min ? min : max);
	argv[6] = nearest;
	return attr_run(argv, NULL);
}

static char *mtu_set_config(const struct place *p, const char *value)
{
	return netconf_set(p, NETCONF_MTU, value);
}

const struct attr mtu_attr = {
	.name = "mtu",
	.values = "a number from 1 to 65535",
	.of = ATTR_OF_NET,
	.valid = mtu_valid,
	.live = mtu_live,
	.config = mtu_config,
	.set_live = mtu_set_live,
	.set_config = mtu_set_config,
};

/* --- link ------------------------------------------------------------------ */

static bool link_valid(const char *value)
{
	return !strcmp(value, "up") || !strcmp(value, "down");
}

static char *link_live(const struct place *p)
{
	char *flags = read_net(p, "flags");
	bool up = flags && strtoul(flags, NULL, 0) & IFF_UP;

	if (!flags)
		return NULL;
	free(flags);
	return xstrdup(up ? "up" : "down");
}

static char *link_config(const struct place *p, char **where)
{
	return netconf_get(p, NETCONF_LINK, where);
}

static char *link_set_live(const struct place *p, const char *value)
{
	return netconf_link_now(p, !strcmp(value, "up"));
}

static char *link_set_config(const struct place *p, const char *value)
{
	return netconf_set(p, NETCONF_LINK, value);
}

const struct attr link_attr = {
	.name = "link",
	.values = "up or down",
	.of = ATTR_OF_NET,
	.valid = link_valid,
	.live = link_live,
	.config = link_config,
	.set_live = link_set_live,
	.set_config = link_set_config,
};
