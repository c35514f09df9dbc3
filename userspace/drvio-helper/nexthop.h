/* SPDX-License-Identifier: GPL-2.0 */
/* Next hop objects ("ip nexthop"): routes name them instead of an interface. */
#ifndef DRVIO_HELPER_NEXTHOP_H
#define DRVIO_HELPER_NEXTHOP_H

#include <linux/nexthop.h>

#include "netlink.h"

/**
 * struct nexthop - a next hop object
 * @id: its number
 * @flags: RTNH_F_DEAD, RTNH_F_LINKDOWN and so on
 * @ifindex: the interface that it goes over; 0: a group, or nowhere
 * @members: of a group, @n of them
 */
struct nexthop {
	uint32_t id;
	unsigned int flags;
	int ifindex;
	size_t n;
	uint32_t *members;
};

struct nexthops {
	size_t n;
	struct nexthop *h;
};

/* Reads them.  Return: 0 or a libnl error. */
int nexthops_read(struct nexthops *hops, struct nl_sock *sock);
void nexthops_free(struct nexthops *hops);

/**
 * nexthops_way() - the ways of a next hop, one after another
 * @hops: all of them
 * @id: the object
 * @i: which way: 0, 1, ...
 *
 * Return: the object itself, or the member of a group; NULL behind the last.
 */
const struct nexthop *nexthops_way(const struct nexthops *hops, uint32_t id, size_t i);

/* Whether one of the ways of a next hop is an interface. */
bool nexthops_over(const struct nexthops *hops, uint32_t id, int ifindex);

#endif /* DRVIO_HELPER_NEXTHOP_H */
