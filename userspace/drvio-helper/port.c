// SPDX-License-Identifier: GPL-2.0
/*
 * An interface that is a port of a bond, a team, a bridge or something else:
 * whether it may leave, leaving, and coming back with the settings of the port.
 */
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockdev.h"
#include "log.h"
#include "netdev.h"

/*
 * struct masters - kinds of masters that a port may leave
 * @redundant: its ports stand in for each other
 */
static const struct master {
	const char *kind;
	enum policy_id policy;
	bool redundant;
} masters[] = {
	{ "bond", POLICY_RELEASE_BOND_PORT, true },
	{ "team", POLICY_RELEASE_TEAM_PORT, true },
	{ "bridge", POLICY_RELEASE_BRIDGE_PORT, false },
};

static const struct master *find_master(const struct link *master)
{
	for (size_t i = 0; master && i < sizeof(masters) / sizeof(masters[0]); i++)
		if (!strcmp(masters[i].kind, master->kind))
			return &masters[i];
	return NULL;
}

static void port_look(struct netrun *run, const struct link *link)
{
	const struct link *master = links_find(&run->links, link->master);
	const struct master *kind = find_master(master);
	struct table *table = &run->job->blockers;
	char *who;

	/* The two halves of a failover pair come and go together. */
	if (!link->master || (master && master->node))
		return;
	if (!kind) {
		table_add(table, link->name,
			  "port of %s %s: take it out (ip link set %s nomaster)",
			  link_kind(master), master ? master->name : "?", link->name);
		return;
	}
	if (!job_may(run->job, kind->policy)) {
		table_add(table, link->name,
			  "port of %s %s, and the policy says %s = no: take it out (ip link set %s nomaster)",
			  master->kind, master->name,
			  policy_keys[kind->policy].name, link->name);
		return;
	}
	if (kind->redundant && links_sibling(&run->links, link))
		return;
	who = links_user(&run->links, master, link);
	if (kind->redundant)
		table = job_last(run->job, POLICY_LAST_LEG);
	if (who && table)
		table_add(table, link->name,
			  kind->redundant ?
			  "last healthy port of %s %s, which %s: add another one, or take it out (ip link set %s nomaster)" :
			  "port of %s %s, which %s: take it out (ip link set %s nomaster)",
			  master->kind, master->name, who, link->name);
	free(who);
}

/*
 * struct keep - the messages about a port
 * @err: of libnl: one that is wanted could not be kept
 */
struct keep {
	int ifindex;
	json_object *messages;
	int err;
};

static void keep_message(struct nlmsghdr *msg, void *data)
{
	struct ifinfomsg *link = nlmsg_data(msg);
	struct ndmsg *neighbour = nlmsg_data(msg);
	struct keep *keep = data;
	bool wanted = false;
	char *hex;

	if (msg->nlmsg_type == RTM_NEWLINK)
		wanted = link->ifi_index == keep->ifindex;
	else if (msg->nlmsg_type == RTM_NEWNEIGH)
		/* What an administrator has put into the table of a bridge. */
		wanted = neighbour->ndm_family == AF_BRIDGE &&
			 neighbour->ndm_ifindex == keep->ifindex &&
			 neighbour->ndm_state & NUD_NOARP &&
			 nlmsg_find_attr(msg, sizeof(*neighbour), NDA_MASTER);
	if (!wanted)
		return;
	hex = netlink_to_hex(msg);
	json_object_array_add(keep->messages, json_object_new_string(hex));
	free(hex);
}

/* A multicast group of a port, as the kernel wants to be told of it. */
static void keep_group(struct keep *keep, int bridge, const struct br_mdb_entry *told,
		       struct nlattr *source)
{
	struct br_port_msg port = { .family = AF_BRIDGE, .ifindex = bridge };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWMDB, 0);
	struct br_mdb_entry entry = *told;
	struct nlattr *attrs;
	char *hex;

	entry.flags = 0;
	if (!msg || nlmsg_append(msg, &port, sizeof(port), NLMSG_ALIGNTO) ||
	    nla_put(msg, MDBA_SET_ENTRY, sizeof(entry), &entry))
		goto full;
	if (source) {
		attrs = nla_nest_start(msg, MDBA_SET_ENTRY_ATTRS | NLA_F_NESTED);
		if (!attrs || nla_put(msg, MDBE_ATTR_SOURCE, nla_len(source), nla_data(source)))
			goto full;
		nla_nest_end(msg, attrs);
	}
	hex = netlink_to_hex(nlmsg_hdr(msg));
	json_object_array_add(keep->messages, json_object_new_string(hex));
	free(hex);
	nlmsg_free(msg);
	return;
full:
	nlmsg_free(msg);
	keep->err = -NLE_NOMEM;
}

/* The groups of a bridge: those of the port that an administrator has put there. */
static void keep_groups(struct nlmsghdr *msg, void *data)
{
	struct br_port_msg *port = nlmsg_data(msg);
	struct nlattr *groups, *entries, *info, *source;
	struct keep *keep = data;
	int rest, rest_info;

	groups = nlmsg_find_attr(msg, sizeof(*port), MDBA_MDB);
	if (msg->nlmsg_type != RTM_NEWMDB && msg->nlmsg_type != RTM_GETMDB)
		return;
	if (!groups)
		return;
	nla_for_each_nested(entries, groups, rest) {
		nla_for_each_nested(info, entries, rest_info) {
			struct br_mdb_entry *entry = nla_data(info);

			if (nla_len(info) < (int)sizeof(*entry) ||
			    (int)entry->ifindex != keep->ifindex ||
			    entry->state != MDB_PERMANENT || entry->flags & MDB_FLAGS_STAR_EXCL)
				continue;
			source = nla_find((struct nlattr *)((char *)entry + NLA_ALIGN(sizeof(*entry))),
					  nla_len(info) - NLA_ALIGN(sizeof(*entry)),
					  MDBA_MDB_EATTR_SOURCE);
			keep_group(keep, port->ifindex, entry, source);
		}
	}
}

static int port_down(struct netrun *run, const struct link *link)
{
	const struct link *master = links_find(&run->links, link->master);
	struct job *job = run->job;
	struct keep keep = { .ifindex = link->ifindex };
	json_object *step;
	int err;

	if (!link->master || (master && master->node))
		return 0;
	keep.messages = json_object_new_array();
	err = netlink_dump(run->sock, RTM_GETLINK, keep_message, &keep);
	if (master && !strcmp(master->kind, "bridge")) {
		if (!err)
			err = netlink_dump_bridge_vlans(run->sock, keep_message, &keep);
		if (!err)
			err = netlink_dump_bridge_fdb(run->sock, keep_message, &keep);
		if (!err) {
			err = netlink_dump_bridge_mdb(run->sock, keep_groups, &keep);
			/* Of a kernel without IGMP snooping: there are no groups. */
			if (err == -NLE_OPNOTSUPP)
				err = 0;
		}
	}
	/* Nothing has been changed yet: better stay than come back without a part of it. */
	if (!err)
		err = keep.err;
	if (err) {
		json_object_put(keep.messages);
		return job_fail(job, "%s: its settings as a port could not be read: %s",
				link->name, nl_geterror(err));
	}
	step = netdev_step("leave-master", link->name, link->ifindex);
	json_object_object_add(step, "master", json_object_new_int(link->master));
	json_object_object_add(step, "up", json_object_new_boolean(link->flags & IFF_UP));
	json_object_object_add(step, "messages", keep.messages);
	if (journal_step(job->journal, step))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				link->name);
	err = netlink_set(run->sock, link->ifindex, IFLA_MASTER, 0);
	if (err && !job->force)
		return job_fail(job, "%s: it cannot leave %s: %s", link->name,
				master ? master->name : "its master", nl_geterror(err));
	if (err)
		log_warn("%s: %s stays a port of %s: %s", job->req.dev, link->name,
			 master ? master->name : "its master", nl_geterror(err));
	else
		log_info("%s: %s is no port of %s %s any more", job->req.dev,
			 link->name, link_kind(master), master ? master->name : "?");
	return 0;
}

/* --- Back ------------------------------------------------------------------ */

/* What can be set of a port, of all that the kernel tells of it. */
static const int bridge_settings[] = {
	IFLA_BRPORT_PRIORITY, IFLA_BRPORT_COST, IFLA_BRPORT_MODE,
	IFLA_BRPORT_GUARD, IFLA_BRPORT_PROTECT, IFLA_BRPORT_FAST_LEAVE,
	IFLA_BRPORT_LEARNING, IFLA_BRPORT_UNICAST_FLOOD, IFLA_BRPORT_PROXYARP,
	IFLA_BRPORT_PROXYARP_WIFI, IFLA_BRPORT_MULTICAST_ROUTER,
	IFLA_BRPORT_MCAST_FLOOD, IFLA_BRPORT_MCAST_TO_UCAST,
	IFLA_BRPORT_VLAN_TUNNEL, IFLA_BRPORT_BCAST_FLOOD,
	IFLA_BRPORT_GROUP_FWD_MASK, IFLA_BRPORT_NEIGH_SUPPRESS,
	IFLA_BRPORT_ISOLATED, 0
};

static const int bond_settings[] = {
	IFLA_BOND_SLAVE_QUEUE_ID, IFLA_BOND_SLAVE_PRIO, 0
};

/* The settings of a port, from the link's message. */
static int restore_settings(struct nl_sock *sock, struct nlmsghdr *old)
{
	struct nlattr *attrs[IFLA_INFO_MAX + 1], *info, *data, *value;
	struct ifinfomsg *link = nlmsg_data(old);
	struct nl_msg *msg;
	const int *setting;
	char kind[32];

	info = nlmsg_find_attr(old, sizeof(*link), IFLA_LINKINFO);
	if (!info || nla_parse_nested(attrs, IFLA_INFO_MAX, info, NULL) < 0 ||
	    !attrs[IFLA_INFO_SLAVE_KIND] || !attrs[IFLA_INFO_SLAVE_DATA])
		return 0;
	nla_strlcpy(kind, attrs[IFLA_INFO_SLAVE_KIND], sizeof(kind));
	if (!strcmp(kind, "bridge"))
		setting = bridge_settings;
	else if (!strcmp(kind, "bond"))
		setting = bond_settings;
	else
		return 0;
	msg = netlink_link(RTM_NEWLINK, AF_UNSPEC, link->ifi_index);
	info = msg ? nla_nest_start(msg, IFLA_LINKINFO) : NULL;
	if (!info)
		goto full;
	NLA_PUT_STRING(msg, IFLA_INFO_SLAVE_KIND, kind);
	data = nla_nest_start(msg, IFLA_INFO_SLAVE_DATA);
	if (!data)
		goto full;
	for (; *setting; setting++) {
		value = nla_find(nla_data(attrs[IFLA_INFO_SLAVE_DATA]),
				 nla_len(attrs[IFLA_INFO_SLAVE_DATA]), *setting);
		if (value)
			NLA_PUT(msg, *setting, nla_len(value), nla_data(value));
	}
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return netlink_send(sock, msg);
full:
nla_put_failure:
	nlmsg_free(msg);
	return -NLE_NOMEM;
}

/* The VLANs of a port of a bridge, in the place of those that a new one has. */
static int restore_vlans(struct nl_sock *sock, struct nlmsghdr *old)
{
	struct bridge_vlan_info first = { .flags = BRIDGE_VLAN_INFO_RANGE_BEGIN, .vid = 1 };
	struct bridge_vlan_info last = { .flags = BRIDGE_VLAN_INFO_RANGE_END, .vid = 4094 };
	struct ifinfomsg *link = nlmsg_data(old);
	struct nlattr *vlans, *spec;
	struct nl_msg *msg;

	vlans = nlmsg_find_attr(old, sizeof(*link), IFLA_AF_SPEC);
	if (!vlans)
		return 0;
	msg = netlink_link(RTM_DELLINK, AF_BRIDGE, link->ifi_index);
	spec = msg ? nla_nest_start(msg, IFLA_AF_SPEC) : NULL;
	if (!spec)
		goto nla_put_failure;
	NLA_PUT(msg, IFLA_BRIDGE_VLAN_INFO, sizeof(first), &first);
	NLA_PUT(msg, IFLA_BRIDGE_VLAN_INFO, sizeof(last), &last);
	nla_nest_end(msg, spec);
	netlink_send(sock, msg);

	msg = netlink_link(RTM_SETLINK, AF_BRIDGE, link->ifi_index);
	if (!msg)
		return -NLE_NOMEM;
	NLA_PUT(msg, IFLA_AF_SPEC | NLA_F_NESTED, nla_len(vlans), nla_data(vlans));
	return netlink_send(sock, msg);
nla_put_failure:
	nlmsg_free(msg);
	return -NLE_NOMEM;
}

static int restore_message(struct nl_sock *sock, struct nlmsghdr *msg)
{
	struct ifinfomsg *link = nlmsg_data(msg);

	if (msg->nlmsg_type != RTM_NEWLINK)
		return netlink_restore(sock, msg);
	return link->ifi_family == AF_BRIDGE ? restore_vlans(sock, msg) :
					       restore_settings(sock, msg);
}

/* A bond and a team take no port that is up. */
static int enter(struct nl_sock *sock, int ifindex, int master, bool up)
{
	int err = netlink_set_up(sock, ifindex, false);

	if (!err)
		err = netlink_set(sock, ifindex, IFLA_MASTER, master);
	if (up)
		netlink_set_up(sock, ifindex, true);
	return err;
}

int port_leave_undo(json_object *step, char **why)
{
	int ifindex = step_ifindex(step), master = step_int(step, "master"), err = 0;
	const char *name = step_string(step, "name");
	char master_name[IF_NAMESIZE];
	json_object *messages, *up;
	struct nl_sock *sock;

	if (!ifindex)
		return 0;
	if (!if_indextoname(master, master_name)) {
		*why = xasprintf("%s: what it was a port of has gone", name);
		return -1;
	}
	sock = netlink_open();
	if (!sock) {
		*why = xasprintf("%s: no netlink socket", name);
		return -1;
	}
	json_object_object_get_ex(step, "up", &up);
	err = enter(sock, ifindex, master, json_object_get_boolean(up));
	json_object_object_get_ex(step, "messages", &messages);
	if (!err)
		err = netlink_restore_all(sock, messages, restore_message);
	nl_socket_free(sock);
	if (err) {
		*why = xasprintf("%s: as a port of %s: %s", name, master_name,
				 nl_geterror(err));
		return -1;
	}
	log_info("%s: a port of %s again", name, master_name);
	return 0;
}

const struct netlayer port_layer = {
	.look = port_look,
	.down = port_down,
};
