// SPDX-License-Identifier: GPL-2.0
/* Next hop objects, and which interfaces they go over. */
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "nexthop.h"

static void read_members(struct nexthop *hop, struct nlattr *group)
{
	const struct nexthop_grp *members = nla_data(group);

	hop->n = nla_len(group) / sizeof(*members);
	hop->members = xcalloc(hop->n + 1, sizeof(*hop->members));
	for (size_t i = 0; i < hop->n; i++)
		hop->members[i] = members[i].id;
}

static void read_hop(struct nlmsghdr *msg, void *data)
{
	struct nhmsg *nhm = nlmsg_data(msg);
	struct nlattr *attrs[NHA_OIF + 1];
	struct nexthops *hops = data;
	struct nexthop hop = { 0 };

	if (msg->nlmsg_type != RTM_NEWNEXTHOP ||
	    nlmsg_parse(msg, sizeof(*nhm), attrs, NHA_OIF, NULL) < 0 || !attrs[NHA_ID])
		return;
	hop.id = nla_get_u32(attrs[NHA_ID]);
	hop.flags = nhm->nh_flags;
	if (attrs[NHA_OIF])
		hop.ifindex = nla_get_u32(attrs[NHA_OIF]);
	if (attrs[NHA_GROUP])
		read_members(&hop, attrs[NHA_GROUP]);
	hops->h = xreallocarray(hops->h, hops->n + 1, sizeof(hop));
	hops->h[hops->n++] = hop;
}

int nexthops_read(struct nexthops *hops, struct nl_sock *sock)
{
	int err;

	memset(hops, 0, sizeof(*hops));
	err = netlink_dump(sock, RTM_GETNEXTHOP, read_hop, hops);
	if (err)
		nexthops_free(hops);
	return err;
}

void nexthops_free(struct nexthops *hops)
{
	for (size_t i = 0; i < hops->n; i++)
		free(hops->h[i].members);
	free(hops->h);
	memset(hops, 0, sizeof(*hops));
}

static const struct nexthop *find_hop(const struct nexthops *hops, uint32_t id)
{
	for (size_t i = 0; i < hops->n; i++)
		if (hops->h[i].id == id)
			return &hops->h[i];
	return NULL;
}

const struct nexthop *nexthops_way(const struct nexthops *hops, uint32_t id, size_t i)
{
	const struct nexthop *hop = find_hop(hops, id);

	if (!hop || !hop->members)
		return i ? NULL : hop;
	/* Groups have no groups in them. */
	return i < hop->n ? find_hop(hops, hop->members[i]) : NULL;
}

bool nexthops_over(const struct nexthops *hops, uint32_t id, int ifindex)
{
	const struct nexthop *way;

	for (size_t i = 0; (way = nexthops_way(hops, id, i)); i++)
		if (way->ifindex == ifindex)
			return true;
	return false;
}
