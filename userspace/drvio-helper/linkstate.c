// SPDX-License-Identifier: GPL-2.0
/*
 * Taking a link down, and what it loses by that: addresses, next hops, routes, permanent
 * neighbours are kept so that an undo can bring them back.
 */
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdlib.h>

#include "blockdev.h"
#include "log.h"
#include "netdev.h"
#include "nexthop.h"

struct keep {
	int ifindex;
	struct nexthops hops;
	json_object *messages;
};

static bool route_is_over(struct nlmsghdr *msg, const struct keep *keep)
{
	struct rtmsg *rtm = nlmsg_data(msg);
	struct nlattr *attrs[RTA_MAX + 1];
	struct rtnexthop *hop;
	int len;

	/* What the kernel made, or a router said, comes by itself. */
	if (rtm->rtm_flags & RTM_F_CLONED || rtm->rtm_protocol == RTPROT_KERNEL ||
	    rtm->rtm_protocol == RTPROT_RA || rtm->rtm_protocol == RTPROT_REDIRECT ||
	    nlmsg_parse(msg, sizeof(*rtm), attrs, RTA_MAX, NULL) < 0)
		return false;
	if (attrs[RTA_NH_ID])
		return nexthops_over(&keep->hops, nla_get_u32(attrs[RTA_NH_ID]),
				     keep->ifindex);
	if (attrs[RTA_OIF] && (int)nla_get_u32(attrs[RTA_OIF]) == keep->ifindex)
		return true;
	if (!attrs[RTA_MULTIPATH])
		return false;
	hop = nla_data(attrs[RTA_MULTIPATH]);
	len = nla_len(attrs[RTA_MULTIPATH]);
	for (; RTNH_OK(hop, len); hop = RTNH_NEXT(hop)) {
		len -= RTNH_ALIGN(hop->rtnh_len);
		if (hop->rtnh_ifindex == keep->ifindex)
			return true;
	}
	return false;
}

static bool hop_is_over(struct nlmsghdr *msg, const struct keep *keep)
{
	struct nlattr *id = nlmsg_find_attr(msg, sizeof(struct nhmsg), NHA_ID);

	return id && nexthops_over(&keep->hops, nla_get_u32(id), keep->ifindex);
}

/* Temporary addresses (RFC 4941) are made anew by the kernel. */
static bool address_is_on(struct nlmsghdr *msg, int ifindex)
{
	struct ifaddrmsg *ifa = nlmsg_data(msg);

	return (int)ifa->ifa_index == ifindex &&
	       !(ifa->ifa_family == AF_INET6 && ifa->ifa_flags & IFA_F_TEMPORARY);
}

static void keep_message(struct nlmsghdr *msg, void *data)
{
	struct ndmsg *neighbour = nlmsg_data(msg);
	struct keep *keep = data;
	bool wanted = false;
	char *hex;

	switch (msg->nlmsg_type) {
	case RTM_NEWADDR:
		wanted = address_is_on(msg, keep->ifindex);
		break;
	case RTM_NEWNEXTHOP:
		wanted = hop_is_over(msg, keep);
		break;
	case RTM_NEWROUTE:
		wanted = route_is_over(msg, keep);
		break;
	case RTM_NEWNEIGH:
		/* Those of a bridge belong to the port. */
		wanted = neighbour->ndm_family != AF_BRIDGE &&
			 neighbour->ndm_ifindex == keep->ifindex &&
			 neighbour->ndm_state & NUD_PERMANENT;
		break;
	}
	if (!wanted)
		return;
	hex = netlink_to_hex(msg);
	json_object_array_add(keep->messages, json_object_new_string(hex));
	free(hex);
}

/* Writes down what a link loses when it goes down. */
int linkstate_keep(struct netrun *run, const struct link *link)
{
	static const int dumps[] = {
		RTM_GETADDR, RTM_GETNEIGH, RTM_GETNEXTHOP, RTM_GETROUTE
	};
	struct keep keep = { .ifindex = link->ifindex };
	json_object *step;
	int err;

	keep.messages = json_object_new_array();
	err = nexthops_read(&keep.hops, run->sock);
	for (size_t i = 0; i < sizeof(dumps) / sizeof(dumps[0]) && !err; i++)
		err = netlink_dump(run->sock, dumps[i], keep_message, &keep);
	nexthops_free(&keep.hops);
	if (err) {
		json_object_put(keep.messages);
		return job_fail(run->job, "%s: its addresses and routes could not be read: %s",
				link->name, nl_geterror(err));
	}
	step = netdev_step("link-down", link->name, link->ifindex);
	json_object_object_add(step, "messages", keep.messages);
	if (journal_step(run->job->journal, step))
		return job_fail(run->job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				link->name);
	return 0;
}

int linkstate_down(struct netrun *run, const struct link *link)
{
	int err = netlink_set_up(run->sock, link->ifindex, false);

	if (err)
		return job_fail(run->job, "%s: link down: %s", link->name,
				nl_geterror(err));
	log_info("%s: %s is down", run->job->req.dev, link->name);
	return 0;
}

int linkstate_down_undo(json_object *step, char **why)
{
	const char *name = step_string(step, "name");
	int ifindex = step_ifindex(step), err, left = 0;
	json_object *messages;
	struct nl_sock *sock;

	if (!ifindex) {
		log_info("%s: has gone, it is not put back", name);
		return 0;
	}
	sock = netlink_open();
	if (!sock) {
		*why = xasprintf("%s: no netlink socket", name);
		return -1;
	}
	err = netlink_set_up(sock, ifindex, true);
	if (!err && json_object_object_get_ex(step, "messages", &messages))
		left = netlink_restore_all(sock, messages, netlink_restore);
	nl_socket_free(sock);
	if (err)
		*why = xasprintf("%s: link up: %s", name, nl_geterror(err));
	else if (left)
		*why = xasprintf("%s: not all of its addresses and routes: %s", name,
				 nl_geterror(left));
	if (*why)
		return -1;
	log_info("%s: up again, with its addresses and routes", name);
	return 0;
}
