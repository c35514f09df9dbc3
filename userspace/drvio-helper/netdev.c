// SPDX-License-Identifier: GPL-2.0
/*
 * Interfaces below a target: who depends on them, taking them down and up.
 * Addresses are for the system's own network setup; here they are only kept
 * so that an undo can bring them back.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/route/link/vxlan.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "blockdev.h"
#include "config.h"
#include "log.h"
#include "mounts.h"
#include "netdev.h"
#include "netlink.h"
#include "sysfs.h"

/* --- Who depends on an interface ------------------------------------------ */

static const struct node *node_of_ifindex(const struct job *job, int ifindex)
{
	for (size_t i = 0; i < job->tree.n; i++)
		if (job->tree.nodes[i].kind == NODE_NET &&
		    job->tree.nodes[i].ifindex == ifindex)
			return &job->tree.nodes[i];
	return NULL;
}

static const char *kind_of(struct rtnl_link *link)
{
	const char *type = link ? rtnl_link_get_type(link) : NULL;

	return type ? type : "device";
}

static void look_at_master(struct job *job, struct nl_cache *links,
			   const struct node *node)
{
	struct rtnl_link *link = rtnl_link_get(links, node->ifindex), *master;
	int index = link ? rtnl_link_get_master(link) : 0;

	/* The two halves of a failover pair come and go together. */
	if (index > 0 && !node_of_ifindex(job, index)) {
		master = rtnl_link_get(links, index);
		table_add(&job->blockers, node->name,
			  "port of %s %s: take it out (ip link set %s nomaster)",
			  kind_of(master), master ? rtnl_link_get_name(master) : "?",
			  node->name);
		rtnl_link_put(master);
	}
	rtnl_link_put(link);
}

struct look {
	struct job *job;
	const struct node *node;
};

static void look_at_upper(struct nl_object *object, void *data)
{
	struct rtnl_link *link = (struct rtnl_link *)object;
	struct look *look = data;
	uint32_t lower = 0;

	if (node_of_ifindex(look->job, rtnl_link_get_ifindex(link)))
		return;
	if (rtnl_link_is_vxlan(link))
		rtnl_link_vxlan_get_link(link, &lower);
	if (rtnl_link_get_link(link) == look->node->ifindex)
		lower = look->node->ifindex;
	if ((int)lower != look->node->ifindex)
		return;
	/* A peer in another namespace may have the same number. */
	if (!rtnl_link_get_link_netnsid(link, &(int32_t){ 0 }))
		return;
	table_add(&look->job->blockers, look->node->name,
		  "%s %s stands on it: remove that first (ip link delete %s)",
		  kind_of(link), rtnl_link_get_name(link), rtnl_link_get_name(link));
}

/* Whether there is a row for , or none is needed. */
static bool is_told(const struct job *job, struct rtnl_link *link,
		    struct rtnl_link *upper)
{
	int index = rtnl_link_get_ifindex(upper);

	return node_of_ifindex(job, index) || rtnl_link_get_master(link) == index ||
	       rtnl_link_get_link(upper) == rtnl_link_get_ifindex(link) ||
	       rtnl_link_is_vxlan(upper);
}

/* Those that the messages of links do not tell of. */
static void look_at_upper_links(struct job *job, struct nl_cache *links,
				const struct node *node)
{
	struct rtnl_link *link, *upper;
	struct dirent *entry;
	const char *name;
	DIR *dir;

	dir = opendir(node->path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "upper_", 6))
			continue;
		name = entry->d_name + 6;
		link = rtnl_link_get(links, node->ifindex);
		upper = rtnl_link_get_by_name(links, name);
		if (!link || !upper || !is_told(job, link, upper))
			table_add(&job->blockers, node->name,
				  "%s %s stands on it: remove that first",
				  kind_of(upper), name);
		rtnl_link_put(upper);
		rtnl_link_put(link);
	}
	closedir(dir);
}

/*
 * struct defaults - default routes by family: one that goes over an interface
 * of the job, and whether another would be left
 */
struct defaults {
	struct job *job;
	struct {
		const struct node *node;
		bool other;
	} family[2];
};

/* Notes where a default route goes to: over the job's interface, or not. */
static void note_default(struct defaults *d, int v6, int ifindex)
{
	const struct node *node = node_of_ifindex(d->job, ifindex);

	if (node)
		d->family[v6].node = node;
	else if (ifindex)
		d->family[v6].other = true;
}

static void look_at_route(struct nlmsghdr *msg, void *data)
{
	struct rtmsg *rtm = nlmsg_data(msg);
	struct nlattr *attrs[RTA_MAX + 1];
	struct defaults *d = data;
	struct rtnexthop *hop;
	const struct node *node;
	bool v6;
	int len, oif = 0;

	if (msg->nlmsg_type != RTM_NEWROUTE || rtm->rtm_flags & RTM_F_CLONED ||
	    rtm->rtm_type != RTN_UNICAST ||
	    (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6) ||
	    nlmsg_parse(msg, sizeof(*rtm), attrs, RTA_MAX, NULL) < 0)
		return;
	v6 = rtm->rtm_family == AF_INET6;
	if (attrs[RTA_OIF])
		oif = nla_get_u32(attrs[RTA_OIF]);

	node = node_of_ifindex(d->job, oif);
	if (node && attrs[RTA_NH_ID] && rtm->rtm_protocol != RTPROT_KERNEL)
		table_add(&d->job->blockers, node->name,
			  "a route with next hop object %u goes over it, which could not be put back: remove it (ip nexthop del id %u)",
			  nla_get_u32(attrs[RTA_NH_ID]),
			  nla_get_u32(attrs[RTA_NH_ID]));
	if (rtm->rtm_dst_len || rtm->rtm_table != RT_TABLE_MAIN)
		return;
	if (!attrs[RTA_MULTIPATH]) {
		note_default(d, v6, oif);
		return;
	}
	hop = nla_data(attrs[RTA_MULTIPATH]);
	len = nla_len(attrs[RTA_MULTIPATH]);
	for (; RTNH_OK(hop, len); hop = RTNH_NEXT(hop)) {
		len -= RTNH_ALIGN(hop->rtnh_len);
		note_default(d, v6, hop->rtnh_ifindex);
	}
}

static void look_at_routes(struct job *job, struct nl_sock *sock)
{
	static const char * const options[] = { "-4", "-6" };
	struct defaults d = { .job = job };

	netlink_dump(sock, RTM_GETROUTE, look_at_route, &d);
	for (int v6 = 0; v6 < 2; v6++) {
		if (!d.family[v6].node || d.family[v6].other)
			continue;
		table_add(&job->blockers, d.family[v6].node->name,
			  "the last default route (IPv%d) goes over it: add another one, or remove it (ip %s route del default)",
			  v6 ? 6 : 4, options[v6]);
	}
}

/* The server of a network filesystem, "" when the mount is of none. */
static void server_of(const struct mount *mount, char *buf, size_t size)
{
	static const char * const options[] = { "addr=", "ip=" };

	buf[0] = '\0';
	if (strncmp(mount->fstype, "nfs", 3) && strcmp(mount->fstype, "cifs"))
		return;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		size_t len = strlen(options[i]);
		const char *p = mount->fs_options;

		for (; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
			if (!strncmp(p, options[i], len)) {
				snprintf(buf, size, "%.*s",
					 (int)strcspn(p + len, ","), p + len);
				return;
			}
		}
	}
}

static void look_at_network_mounts(struct job *job, struct nl_sock *sock)
{
	const struct node *node;
	struct mounts mounts;
	char server[128];

	mounts_read_own(&mounts);
	for (size_t i = 0; i < mounts.n; i++) {
		const struct mount *m = &mounts.m[i];

		server_of(m, server, sizeof(server));
		if (!*server)
			continue;
		node = node_of_ifindex(job, netlink_route_ifindex(sock, server));
		if (!node)
			continue;
		if (!strcmp(m->target, "/") || !strcmp(m->target, "/usr") ||
		    !strcmp(m->target, "/var"))
			table_add(&job->vetoes, m->target,
				  "the running system needs it, and it is reached over %s: this interface cannot be released, not even by force",
				  node->name);
		else
			table_add(&job->blockers, m->target,
				  "%s of %s is reached over %s: unmount it (umount %s)",
				  m->fstype, m->source, node->name, m->target);
	}
	mounts_free(&mounts);
}

/*
 * A driver is bound and no interface is in sight: it was moved to another
 * network namespace, whose users cannot be seen from here.
 */
static void look_for_hidden(struct job *job)
{
	if (strcmp(job->req.type, "virtio-net") && strcmp(job->req.type, "network"))
		return;
	for (size_t i = 0; i < job->req.targets.n; i++) {
		const char *target = job->req.targets.s[i];
		size_t len = strlen(target);
		bool seen = false;

		if (!sysfs_exists("%s/driver", target) ||
		    !sysfs_exists("%s/net", target))
			continue;
		for (size_t k = 0; k < job->tree.n; k++)
			seen |= job->tree.nodes[k].kind == NODE_NET &&
				!strncmp(job->tree.nodes[k].path, target, len);
		if (!seen)
			table_add(&job->blockers, strrchr(target, '/') + 1,
				  "its interface is in another network namespace: move it back (in there: ip link set NAME netns 1)");
	}
}

static void netdev_look(struct job *job)
{
	struct nl_cache *links;
	struct nl_sock *sock;
	int err;

	look_for_hidden(job);
	if (!devtree_has(&job->tree, NODE_NET))
		return;
	sock = netlink_open();
	if (!sock)
		goto unknown;
	err = rtnl_link_alloc_cache(sock, AF_UNSPEC, &links);
	if (err) {
		log_err("%s: links: %s", job->req.dev, nl_geterror(err));
		nl_socket_free(sock);
		goto unknown;
	}
	for (size_t i = 0; i < job->tree.n; i++) {
		struct look look = { .job = job, .node = &job->tree.nodes[i] };

		if (look.node->kind != NODE_NET)
			continue;
		look_at_master(job, links, look.node);
		nl_cache_foreach(links, look_at_upper, &look);
		look_at_upper_links(job, links, look.node);
	}
	nl_cache_free(links);
	look_at_routes(job, sock);
	look_at_network_mounts(job, sock);
	nl_socket_free(sock);
	return;
unknown:
	/* What could not be looked at is not known to be idle. */
	table_add(&job->blockers, job->req.dev,
		  "the kernel did not say who uses its interface: see the log of drvio-helper in the guest");
}

/* --- Down ------------------------------------------------------------------ */

static bool is_up(const struct node *node)
{
	char flags[32];

	sysfs_read(flags, sizeof(flags), "%s/flags", node->path);
	return strtoul(flags, NULL, 16) & IFF_UP;
}

struct keep {
	int ifindex;
	json_object *messages;
};

static bool route_is_over(struct nlmsghdr *msg, int ifindex)
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
	if (attrs[RTA_OIF] && (int)nla_get_u32(attrs[RTA_OIF]) == ifindex)
		return true;
	if (!attrs[RTA_MULTIPATH])
		return false;
	hop = nla_data(attrs[RTA_MULTIPATH]);
	len = nla_len(attrs[RTA_MULTIPATH]);
	for (; RTNH_OK(hop, len); hop = RTNH_NEXT(hop)) {
		len -= RTNH_ALIGN(hop->rtnh_len);
		if (hop->rtnh_ifindex == ifindex)
			return true;
	}
	return false;
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
	case RTM_NEWROUTE:
		wanted = route_is_over(msg, keep->ifindex);
		break;
	case RTM_NEWNEIGH:
		wanted = neighbour->ndm_ifindex == keep->ifindex &&
			 neighbour->ndm_state & NUD_PERMANENT;
		break;
	}
	if (!wanted)
		return;
	hex = netlink_to_hex(msg);
	json_object_array_add(keep->messages, json_object_new_string(hex));
	free(hex);
}

static int take_down(struct job *job, struct nl_sock *sock,
		     const struct node *node)
{
	static const int dumps[] = { RTM_GETADDR, RTM_GETNEIGH, RTM_GETROUTE };
	struct keep keep = { .ifindex = node->ifindex };
	json_object *step;
	int err = 0;

	if (!is_up(node))
		return 0;
	keep.messages = json_object_new_array();
	for (size_t i = 0; i < sizeof(dumps) / sizeof(dumps[0]) && !err; i++)
		err = netlink_dump(sock, dumps[i], keep_message, &keep);
	if (err) {
		json_object_put(keep.messages);
		return job_fail(job, "%s: its addresses and routes could not be read: %s",
				node->name, nl_geterror(err));
	}
	step = json_object_new_object();
	json_object_object_add(step, "op", json_object_new_string("link-down"));
	json_object_object_add(step, "name", json_object_new_string(node->name));
	json_object_object_add(step, "ifindex", json_object_new_int(node->ifindex));
	json_object_object_add(step, "messages", keep.messages);
	if (journal_step(job->journal, step))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				node->name);
	err = netlink_set_up(sock, node->ifindex, false);
	if (err)
		return job_fail(job, "%s: link down: %s", node->name,
				nl_geterror(err));
	log_info("%s: %s is down", job->req.dev, node->name);
	return 0;
}

static int for_each_netdev(struct job *job,
			   int (*fn)(struct job *job, struct nl_sock *sock,
				     const struct node *node))
{
	struct nl_sock *sock = NULL;
	int err = 0;

	for (size_t i = 0; i < job->tree.n && !err; i++) {
		const struct node *node = &job->tree.nodes[i];

		if (node->kind != NODE_NET)
			continue;
		if (!sock)
			sock = netlink_open();
		err = sock ? fn(job, sock, node) :
			     job_fail(job, "%s: no netlink socket", node->name);
	}
	nl_socket_free(sock);
	return err;
}

static int netdev_down(struct job *job)
{
	return for_each_netdev(job, take_down);
}

/* An interface that was taken away and came back has another index. */
static int step_ifindex(json_object *step)
{
	int ifindex = step_int(step, "ifindex");
	char name[IF_NAMESIZE];

	return if_indextoname(ifindex, name) ? ifindex : 0;
}

/*
 * Routes are tried as long as some succeed: one through a gateway needs the
 * one that leads to the gateway.
 */
static size_t restore_messages(struct nl_sock *sock, json_object *messages,
			       int *last_err)
{
	size_t n = json_object_array_length(messages), left, before = n + 1;
	bool *done = xcalloc(n + 1, sizeof(*done));

	for (left = n; left && left < before; ) {
		before = left;
		for (size_t i = 0; i < n; i++) {
			struct nlmsghdr *msg;
			int err;

			if (done[i])
				continue;
			msg = netlink_from_hex(json_object_get_string(
				json_object_array_get_idx(messages, i)));
			err = msg ? netlink_restore(sock, msg) : -NLE_PARSE_ERR;
			free(msg);
			if (err) {
				*last_err = err;
				continue;
			}
			done[i] = true;
			left--;
		}
	}
	free(done);
	return left;
}

int netdev_down_undo(json_object *step, char **why)
{
	const char *name = step_string(step, "name");
	int ifindex = step_ifindex(step), err, why_left = 0;
	json_object *messages;
	struct nl_sock *sock;
	size_t left = 0;

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
		left = restore_messages(sock, messages, &why_left);
	nl_socket_free(sock);
	if (err)
		*why = xasprintf("%s: link up: %s", name, nl_geterror(err));
	else if (left)
		*why = xasprintf("%s: %zu of its addresses and routes: %s", name,
				 left, nl_geterror(why_left));
	if (*why)
		return -1;
	log_info("%s: up again, with its addresses and routes", name);
	return 0;
}

/* --- Up -------------------------------------------------------------------- */

/*
 * The kernel makes the carrier that a driver reports the state of the interface
 * from a work item of its own, a moment later: until then nothing is sent.
 */
static bool has_carrier(const struct node *node)
{
	char text[16];

	if (sysfs_read(text, sizeof(text), "%s/carrier", node->path) <= 0 ||
	    *text != '1')
		return false;
	return sysfs_read(text, sizeof(text), "%s/operstate", node->path) <= 0 ||
	       strcmp(text, "down");
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static int ignore_message(struct nl_msg *msg, void *data)
{
	(void)msg;
	(void)data;
	return NL_OK;
}

/*
 * An interface without a carrier is up nevertheless: its cable is the control
 * domain's business, which may plug it in later.
 */
static void wait_for_carrier(struct job *job, struct nl_sock *events,
			     const struct node *node)
{
	struct pollfd fd = { .fd = nl_socket_get_fd(events), .events = POLLIN };
	unsigned int timeout = job_number(job, POLICY_CARRIER_TIMEOUT);
	long end = now_ms() + timeout, left;

	request_progress_begin(&job->req, "waiting for the carrier");
	while (!has_carrier(node)) {
		left = end - now_ms();
		if (left <= 0 || (poll(&fd, 1, left) < 0 && errno != EINTR)) {
			log_warn("%s: %s has no carrier after %u ms", job->req.dev,
				 node->name, timeout);
			break;
		}
		if (fd.revents)
			nl_recvmsgs_default(events);
	}
	request_progress_end();
}

static struct nl_sock *open_events(void)
{
	struct nl_sock *events = netlink_open();

	if (!events)
		return NULL;
	nl_socket_disable_seq_check(events);
	nl_socket_modify_cb(events, NL_CB_VALID, NL_CB_CUSTOM, ignore_message, NULL);
	if (nl_socket_add_membership(events, RTNLGRP_LINK) ||
	    nl_socket_set_nonblocking(events)) {
		nl_socket_free(events);
		return NULL;
	}
	return events;
}

static int set_up(struct job *job, struct nl_sock *sock, const struct node *node)
{
	json_object *step = json_object_new_object();
	int err;

	json_object_object_add(step, "op", json_object_new_string("link-up"));
	json_object_object_add(step, "name", json_object_new_string(node->name));
	json_object_object_add(step, "ifindex", json_object_new_int(node->ifindex));
	if (journal_step(job->journal, step))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				node->name);
	err = netlink_set_up(sock, node->ifindex, true);
	if (err)
		return job_fail(job, "%s: link up: %s", node->name,
				nl_geterror(err));
	log_info("%s: %s is up", job->req.dev, node->name);
	return 0;
}

/* Somebody else may have set it up already; the carrier matters all the same. */
static int bring_up(struct job *job, struct nl_sock *sock, const struct node *node)
{
	struct nl_sock *events;

	if (!is_up(node) && set_up(job, sock, node))
		return -1;
	if (job_number(job, POLICY_CARRIER_TIMEOUT) && !has_carrier(node)) {
		/* Looked at again once events cannot be missed any more. */
		events = open_events();
		if (events)
			wait_for_carrier(job, events, node);
		nl_socket_free(events);
	}
	return 0;
}

static int netdev_up(struct job *job)
{
	return for_each_netdev(job, bring_up);
}

int netdev_up_undo(json_object *step, char **why)
{
	int ifindex = step_ifindex(step), err;
	struct nl_sock *sock;

	if (!ifindex)
		return 0;
	sock = netlink_open();
	err = sock ? netlink_set_up(sock, ifindex, false) : -NLE_NOMEM;
	nl_socket_free(sock);
	if (!err || err == -NLE_NODEV)
		return 0;
	*why = xasprintf("%s: link down: %s", step_string(step, "name"),
			 nl_geterror(err));
	return -1;
}

const struct kind netdev_kind = {
	.name = "interface",
	.up = netdev_up,
	.look = netdev_look,
	.down = netdev_down,
};
