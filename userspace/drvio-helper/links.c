// SPDX-License-Identifier: GPL-2.0
/* All links of the network namespace, and how they stand on each other. */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "links.h"
#include "log.h"

/* The kernel allows no deeper stacks (MAX_NEST_DEV). */
#define DEPTH_MAX	8

/* linux/if.h, which knows it, and net/if.h do not go together. */
#define FLAG_LOWER_UP	0x10000

/* Of these the other end is told in the place of what they stand on. */
static const char * const pairs[] = { "veth", "netkit", "vxcan" };

static bool is_pair(const char *kind)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (!strcmp(kind, pairs[i]))
			return true;
	return false;
}

static void read_info(struct link *link, struct nlattr *info)
{
	struct nlattr *attrs[IFLA_INFO_MAX + 1], *data;

	if (nla_parse_nested(attrs, IFLA_INFO_MAX, info, NULL) < 0)
		return;
	if (attrs[IFLA_INFO_KIND])
		nla_strlcpy(link->kind, attrs[IFLA_INFO_KIND], sizeof(link->kind));
	if (!strcmp(link->kind, "vxlan") && attrs[IFLA_INFO_DATA]) {
		data = nla_find(nla_data(attrs[IFLA_INFO_DATA]),
				nla_len(attrs[IFLA_INFO_DATA]), IFLA_VXLAN_LINK);
		if (data && nla_len(data) >= (int)sizeof(uint32_t))
			link->lower = nla_get_u32(data);
	}
	if (attrs[IFLA_INFO_SLAVE_KIND] && attrs[IFLA_INFO_SLAVE_DATA] &&
	    !nla_strcmp(attrs[IFLA_INFO_SLAVE_KIND], "bond")) {
		data = nla_find(nla_data(attrs[IFLA_INFO_SLAVE_DATA]),
				nla_len(attrs[IFLA_INFO_SLAVE_DATA]),
				IFLA_BOND_SLAVE_MII_STATUS);
		/* 0 is BOND_LINK_UP. */
		if (data && nla_len(data) >= 1)
			link->healthy &= !nla_get_u8(data);
	}
}

/* struct reading - what goes where */
struct reading {
	struct links *links;
	const struct job *job;
};

static void read_link(struct nlmsghdr *msg, void *data)
{
	struct ifinfomsg *ifi = nlmsg_data(msg);
	struct nlattr *attrs[IFLA_MAX + 1];
	struct reading *reading = data;
	struct link link = { 0 };

	if (msg->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(msg, sizeof(*ifi), attrs, IFLA_MAX, NULL) < 0 ||
	    !attrs[IFLA_IFNAME])
		return;
	link.ifindex = ifi->ifi_index;
	link.flags = ifi->ifi_flags;
	link.healthy = link.flags & IFF_UP && link.flags & FLAG_LOWER_UP;
	nla_strlcpy(link.name, attrs[IFLA_IFNAME], sizeof(link.name));
	if (attrs[IFLA_MASTER])
		link.master = nla_get_u32(attrs[IFLA_MASTER]);
	/* Of one in another namespace the index says nothing here. */
	if (attrs[IFLA_LINK] && !attrs[IFLA_LINK_NETNSID])
		link.lower = nla_get_u32(attrs[IFLA_LINK]);
	if (attrs[IFLA_LINKINFO])
		read_info(&link, attrs[IFLA_LINKINFO]);
	if (link.lower == link.ifindex || is_pair(link.kind))
		link.lower = 0;
	for (size_t i = 0; i < reading->job->tree.n; i++)
		if (reading->job->tree.nodes[i].kind == NODE_NET &&
		    reading->job->tree.nodes[i].ifindex == link.ifindex)
			link.node = &reading->job->tree.nodes[i];
	reading->links->l = xreallocarray(reading->links->l, reading->links->n + 1,
					  sizeof(link));
	reading->links->l[reading->links->n++] = link;
}

static void read_address(struct nlmsghdr *msg, void *data)
{
	struct ifaddrmsg *ifa = nlmsg_data(msg);
	struct nlattr *attrs[IFA_MAX + 1], *address;
	struct reading *reading = data;
	char text[INET6_ADDRSTRLEN];
	struct link *link;

	if (msg->nlmsg_type != RTM_NEWADDR || ifa->ifa_scope >= RT_SCOPE_LINK ||
	    nlmsg_parse(msg, sizeof(*ifa), attrs, IFA_MAX, NULL) < 0)
		return;
	address = attrs[IFA_LOCAL] ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS];
	link = (struct link *)links_find(reading->links, ifa->ifa_index);
	if (!link || *link->address || !address ||
	    nla_len(address) < (ifa->ifa_family == AF_INET ? 4 : 16) ||
	    !inet_ntop(ifa->ifa_family, nla_data(address), text, sizeof(text)))
		return;
	snprintf(link->address, sizeof(link->address), "%s/%u", text,
		 ifa->ifa_prefixlen);
}

int links_read(struct links *links, const struct job *job, struct nl_sock *sock)
{
	struct reading reading = { .links = links, .job = job };
	int err;

	memset(links, 0, sizeof(*links));
	err = netlink_dump(sock, RTM_GETLINK, read_link, &reading);
	if (!err)
		err = netlink_dump(sock, RTM_GETADDR, read_address, &reading);
	if (err) {
		log_err("%s: links: %s", job->req.dev, nl_geterror(err));
		links_free(links);
	}
	return err;
}

void links_free(struct links *links)
{
	free(links->l);
	memset(links, 0, sizeof(*links));
}

const struct link *links_find(const struct links *links, int ifindex)
{
	for (size_t i = 0; ifindex && i < links->n; i++)
		if (links->l[i].ifindex == ifindex)
			return &links->l[i];
	return NULL;
}

const char *link_kind(const struct link *link)
{
	return link && *link->kind ? link->kind : "device";
}

static char *find_user(const struct links *links, const struct link *link,
		       const struct link *port, int depth)
{
	const struct link *master = links_find(links, link->master);
	char *who, *text;

	if (!(link->flags & IFF_UP) || depth > DEPTH_MAX)
		return NULL;
	if (*link->address)
		return xasprintf("has the address %s", link->address);
	if (master && master->flags & IFF_UP)
		return xasprintf("is a port of %s %s", link_kind(master), master->name);
	/* Who has its node open cannot be seen from the link. */
	if (!strcmp(link->kind, "macvtap") || !strcmp(link->kind, "ipvtap"))
		return xstrdup("may be in use by a virtual machine");
	for (size_t i = 0; i < links->n; i++) {
		const struct link *other = &links->l[i];

		if (other->master == link->ifindex && other != port &&
		    !other->node && other->healthy && !strcmp(link->kind, "bridge"))
			return xasprintf("has the port %s too", other->name);
		if (other->lower != link->ifindex || other->node)
			continue;
		who = find_user(links, other, NULL, depth + 1);
		if (!who)
			continue;
		text = xasprintf("carries %s %s, which %s", link_kind(other),
				 other->name, who);
		free(who);
		return text;
	}
	return NULL;
}

char *links_user(const struct links *links, const struct link *link,
		 const struct link *port)
{
	return find_user(links, link, port, 0);
}

const struct link *links_sibling(const struct links *links,
				 const struct link *port)
{
	for (size_t i = 0; i < links->n; i++)
		if (links->l[i].master == port->master && !links->l[i].node &&
		    links->l[i].healthy)
			return &links->l[i];
	return NULL;
}

static const struct node *find_carrier(const struct links *links,
				       const struct link *link, int depth)
{
	const struct node *carried = NULL;
	bool bridge;

	if (!link || depth > DEPTH_MAX)
		return NULL;
	if (link->node)
		return link->node;
	if (link->lower)
		return find_carrier(links, links_find(links, link->lower), depth + 1);
	bridge = !strcmp(link->kind, "bridge");
	for (size_t i = 0; i < links->n; i++) {
		const struct node *node;

		if (links->l[i].master != link->ifindex)
			continue;
		node = find_carrier(links, &links->l[i], depth + 1);
		/* The ports of a bridge lead to different places. */
		if (node)
			carried = node;
		else if (!bridge && links->l[i].healthy)
			return NULL;
	}
	return carried;
}

const struct node *links_carried(const struct links *links, int ifindex)
{
	return find_carrier(links, links_find(links, ifindex), 0);
}
