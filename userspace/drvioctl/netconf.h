/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an interface comes up with: in the files of who manages it
 * (systemd-networkd, NetworkManager, ifupdown), or in drvio.conf, which
 * drvio-helper applies, where nobody does.
 */
#ifndef DRVIOCTL_NETCONF_H
#define DRVIOCTL_NETCONF_H

#include "attr.h"

enum netconf_key {
	NETCONF_MTU,	/* a number; "" where none is set */
	NETCONF_LINK,	/* "up" or "down" */
};

/* As the callbacks of struct attr. */
char *netconf_get(const struct place *p, enum netconf_key key, char **where);
char *netconf_set(const struct place *p, enum netconf_key key, const char *value);

/* Sets the interface up or down now, through who manages it. */
char *netconf_link_now(const struct place *p, bool up);

#endif /* DRVIOCTL_NETCONF_H */
