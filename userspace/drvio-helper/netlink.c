// SPDX-License-Identifier: GPL-2.0
/* rtnetlink: links, and messages that are kept as they are. */
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/addr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "deadline.h"
#include "log.h"
#include "netlink.h"

/* How long what cannot be put back is tried again, and how often. */
#define RESTORE_MS	2000
#define RESTORE_PAUSE_NS	(20 * 1000 * 1000)

struct nl_sock *netlink_open(void)
{
	struct nl_sock *sock = nl_socket_alloc();
	int err;

	if (!sock) {
		log_err("netlink: out of memory");
		return NULL;
	}
	err = nl_connect(sock, NETLINK_ROUTE);
	if (err) {
		log_err("netlink: %s", nl_geterror(err));
		nl_socket_free(sock);
		return NULL;
	}
	return sock;
}

struct dump {
	netlink_found found;
	void *data;
};

static int dump_message(struct nl_msg *msg, void *data)
{
	struct dump *dump = data;

	dump->found(nlmsg_hdr(msg), dump->data);
	return NL_OK;
}

static int dump(struct nl_sock *sock, int type, void *header, size_t len,
		uint32_t filter, netlink_found found, void *data)
{
	struct dump dump = { .found = found, .data = data };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_DUMP);
	struct nl_cb *cb;
	int err;

	if (!msg)
		return -NLE_NOMEM;
	err = nlmsg_append(msg, header, len, NLMSG_ALIGNTO);
	if (!err && filter)
		err = nla_put_u32(msg, IFLA_EXT_MASK, filter);
	if (!err)
		err = nl_send_auto(sock, msg);
	nlmsg_free(msg);
	if (err < 0)
		return err;
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb)
		return -NLE_NOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, dump_message, &dump);
	err = nl_recvmsgs(sock, cb);
	nl_cb_put(cb);
	return err < 0 ? err : 0;
}

int netlink_dump(struct nl_sock *sock, int type, netlink_found found, void *data)
{
	struct rtgenmsg any = { .rtgen_family = AF_UNSPEC };
	struct ndmsg neighbour = { .ndm_family = AF_UNSPEC };
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	struct nhmsg hop = { .nh_family = AF_UNSPEC };

	switch (type) {
	case RTM_GETNEIGH:
		return dump(sock, type, &neighbour, sizeof(neighbour), 0, found, data);
	case RTM_GETNEXTHOP:
		return dump(sock, type, &hop, sizeof(hop), 0, found, data);
	case RTM_GETLINK:
		return dump(sock, type, &link, sizeof(link), RTEXT_FILTER_SKIP_STATS,
			    found, data);
	}
	return dump(sock, type, &any, sizeof(any), 0, found, data);
}

int netlink_dump_bridge_fdb(struct nl_sock *sock, netlink_found found, void *data)
{
	struct ndmsg neighbour = { .ndm_family = AF_BRIDGE };

	return dump(sock, RTM_GETNEIGH, &neighbour, sizeof(neighbour), 0, found, data);
}

int netlink_dump_bridge_vlans(struct nl_sock *sock, netlink_found found, void *data)
{
	struct ifinfomsg link = { .ifi_family = AF_BRIDGE };

	return dump(sock, RTM_GETLINK, &link, sizeof(link), RTEXT_FILTER_BRVLAN,
		    found, data);
}

int netlink_dump_bridge_mdb(struct nl_sock *sock, netlink_found found, void *data)
{
	struct br_port_msg port = { .family = AF_BRIDGE };

	return dump(sock, RTM_GETMDB, &port, sizeof(port), 0, found, data);
}

char *netlink_to_hex(const struct nlmsghdr *msg)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = (const unsigned char *)msg;
	char *hex = xcalloc(msg->nlmsg_len * 2 + 1, 1);

	for (size_t i = 0; i < msg->nlmsg_len; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	return hex;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct nlmsghdr *netlink_from_hex(const char *hex)
{
	size_t len = strlen(hex) / 2;
	struct nlmsghdr *msg;
	unsigned char *bytes;

	if (strlen(hex) % 2 || len < NLMSG_HDRLEN)
		return NULL;
	bytes = xcalloc(1, NLMSG_ALIGN(len));
	for (size_t i = 0; i < len; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(bytes);
			return NULL;
		}
		bytes[i] = high << 4 | low;
	}
	msg = (struct nlmsghdr *)bytes;
	if (msg->nlmsg_len != len) {
		free(bytes);
		return NULL;
	}
	return msg;
}

/* Takes out what the kernel tells but does not want to be told. */
static void clean_address(struct nlmsghdr *msg)
{
	const unsigned int state = IFA_F_TENTATIVE | IFA_F_DADFAILED |
				   IFA_F_DEPRECATED | IFA_F_SECONDARY;
	struct ifaddrmsg *ifa = nlmsg_data(msg);
	struct nlattr *flags = nlmsg_find_attr(msg, sizeof(*ifa), IFA_FLAGS);

	ifa->ifa_flags &= ~state;
	if (flags && nla_len(flags) == sizeof(uint32_t))
		*(uint32_t *)nla_data(flags) &= ~state;
}

/* @nest: what it is in; NULL: in the message itself */
static void drop_attr(struct nlmsghdr *msg, struct nlattr *nest, struct nlattr *attr)
{
	int len = NLA_ALIGN(attr->nla_len);
	char *next = (char *)attr + len;

	memmove(attr, next, (char *)msg + msg->nlmsg_len - next);
	msg->nlmsg_len -= len;
	if (nest)
		nest->nla_len -= len;
}

/* The kernel tells what the next hop of a route is, too, and does not want to be told. */
static void clean_hop_of_route(struct nlmsghdr *msg)
{
	static const int told[] = {
		RTA_OIF, RTA_GATEWAY, RTA_VIA, RTA_MULTIPATH, RTA_FLOW,
		RTA_ENCAP_TYPE, RTA_ENCAP
	};
	struct nlattr *attr;

	if (!nlmsg_find_attr(msg, sizeof(struct rtmsg), RTA_NH_ID))
		return;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		attr = nlmsg_find_attr(msg, sizeof(struct rtmsg), told[i]);
		if (attr)
			drop_attr(msg, NULL, attr);
	}
}

static void clean_hop(struct nlmsghdr *msg)
{
	struct nhmsg *hop = nlmsg_data(msg);
	struct nlattr *group = nlmsg_find_attr(msg, sizeof(*hop), NHA_RES_GROUP);
	struct nlattr *time = group ? nla_find(nla_data(group), nla_len(group),
					       NHA_RES_GROUP_UNBALANCED_TIME) : NULL;

	hop->nh_scope = 0;
	hop->resvd = 0;
	hop->nh_flags &= RTNH_F_ONLINK;
	if (time)
		drop_attr(msg, group, time);
}

static void clean_route(struct nlmsghdr *msg)
{
	struct rtmsg *rtm = nlmsg_data(msg);
	struct nlattr *hops = nlmsg_find_attr(msg, sizeof(*rtm), RTA_MULTIPATH);
	struct rtnexthop *hop;
	int len;

	rtm->rtm_flags &= ~(RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_OFFLOAD |
			    RTNH_F_TRAP | RTM_F_OFFLOAD | RTM_F_TRAP |
			    RTM_F_OFFLOAD_FAILED);
	if (!hops)
		return;
	hop = nla_data(hops);
	len = nla_len(hops);
	while (RTNH_OK(hop, len)) {
		hop->rtnh_flags &= ~(RTNH_F_DEAD | RTNH_F_LINKDOWN);
		len -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
}

int netlink_restore(struct nl_sock *sock, struct nlmsghdr *hdr)
{
	int err;

	hdr->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	hdr->nlmsg_pid = 0;
	hdr->nlmsg_seq = 0;
	if (hdr->nlmsg_type == RTM_NEWADDR) {
		clean_address(hdr);
	} else if (hdr->nlmsg_type == RTM_NEWNEXTHOP) {
		clean_hop(hdr);
		/* A group may have members still. */
		if (nlmsg_find_attr(hdr, sizeof(struct nhmsg), NHA_GROUP))
			hdr->nlmsg_flags ^= NLM_F_EXCL | NLM_F_REPLACE;
	} else if (hdr->nlmsg_type == RTM_NEWROUTE) {
		clean_hop_of_route(hdr);
		clean_route(hdr);
		/* One hop of several may still be there. */
		if (nlmsg_find_attr(hdr, sizeof(struct rtmsg), RTA_MULTIPATH))
			hdr->nlmsg_flags ^= NLM_F_EXCL | NLM_F_REPLACE;
	}
	err = netlink_send(sock, nlmsg_convert(hdr));
	return err == -NLE_EXIST ? 0 : err;
}

int netlink_restore_all(struct nl_sock *sock, json_object *messages,
			int (*restore)(struct nl_sock *sock, struct nlmsghdr *msg))
{
	size_t n = json_object_array_length(messages), left = n, before;
	struct timespec pause = { .tv_nsec = RESTORE_PAUSE_NS };
	struct deadline deadline = deadline_in_ms(RESTORE_MS);
	bool *done = xcalloc(n + 1, sizeof(*done));
	int last_err = 0;

	while (left && deadline_left_ms(&deadline)) {
		before = left;
		for (size_t i = 0; i < n; i++) {
			struct nlmsghdr *msg;
			int err;

			if (done[i])
				continue;
			msg = netlink_from_hex(json_object_get_string(
				json_object_array_get_idx(messages, i)));
			err = msg ? restore(sock, msg) : -NLE_PARSE_ERR;
			free(msg);
			if (err)
				last_err = err;
			else
				left--;
			done[i] = !err;
		}
		if (left == before)
			nanosleep(&pause, NULL);
		else
			deadline = deadline_in_ms(RESTORE_MS);
	}
	free(done);
	return left ? last_err : 0;
}

int netlink_send(struct nl_sock *sock, struct nl_msg *msg)
{
	int err;

	if (!msg)
		return -NLE_NOMEM;
	err = nl_send_auto(sock, msg);
	nlmsg_free(msg);
	return err < 0 ? err : nl_wait_for_ack(sock);
}

struct nl_msg *netlink_link(int type, int family, int ifindex)
{
	struct ifinfomsg link = { .ifi_family = family, .ifi_index = ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_ACK);

	if (msg && nlmsg_append(msg, &link, sizeof(link), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int netlink_set_up(struct nl_sock *sock, int ifindex, bool up)
{
	struct nl_msg *msg = netlink_link(RTM_NEWLINK, AF_UNSPEC, ifindex);
	struct ifinfomsg *link;

	if (msg) {
		link = nlmsg_data(nlmsg_hdr(msg));
		link->ifi_flags = up ? IFF_UP : 0;
		link->ifi_change = IFF_UP;
	}
	return netlink_send(sock, msg);
}

int netlink_set(struct nl_sock *sock, int ifindex, int attr, uint32_t value)
{
	struct nl_msg *msg = netlink_link(RTM_NEWLINK, AF_UNSPEC, ifindex);

	if (msg && nla_put_u32(msg, attr, value)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return netlink_send(sock, msg);
}

static int route_message(struct nl_msg *msg, void *data)
{
	struct nlattr *oif = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct rtmsg), RTA_OIF);

	if (oif)
		*(int *)data = nla_get_u32(oif);
	return NL_OK;
}

int netlink_route_ifindex(struct nl_sock *sock, const char *address)
{
	struct rtmsg rtm = { 0 };
	struct nl_addr *addr;
	struct nl_msg *msg;
	struct nl_cb *cb;
	int ifindex = 0;

	if (nl_addr_parse(address, AF_UNSPEC, &addr))
		return 0;
	rtm.rtm_family = nl_addr_get_family(addr);
	rtm.rtm_dst_len = nl_addr_get_prefixlen(addr);
	msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (msg && cb && !nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO) &&
	    !nla_put_addr(msg, RTA_DST, addr)) {
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, route_message, &ifindex);
		if (nl_send_auto(sock, msg) >= 0) {
			nl_recvmsgs(sock, cb);
			nl_wait_for_ack(sock);
		}
	}
	nl_cb_put(cb);
	nlmsg_free(msg);
	nl_addr_put(addr);
	return ifindex;
}
