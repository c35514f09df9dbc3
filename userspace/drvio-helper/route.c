// SPDX-License-Identifier: GPL-2.0
/*
 * What goes over an interface of the job, and over nothing else: the last
 * default routes, network filesystems. Disks are in netdisk.c.
 */
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "mounts.h"
#include "netdev.h"
#include "nexthop.h"

/* --- Routes ---------------------------------------------------------------- */

/*
 * struct defaults - default routes by family: one that goes over an interface
 * of the job, and whether another would be left
 */
struct defaults {
	struct netrun *run;
	struct nexthops hops;
	struct {
		const struct node *node;
		bool other;
	} family[2];
};

/* Notes where a default route goes to: over the job's interface, or not. */
static void note_default(struct defaults *d, int v6, int ifindex, unsigned int flags)
{
	const struct node *node = links_carried(&d->run->links, ifindex);

	if (node)
		d->family[v6].node = node;
	else if (ifindex && !(flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)))
		d->family[v6].other = true;
}

static void look_at_route(struct nlmsghdr *msg, void *data)
{
	struct rtmsg *rtm = nlmsg_data(msg);
	struct nlattr *attrs[RTA_MAX + 1];
	struct defaults *d = data;
	const struct nexthop *way;
	struct rtnexthop *hop;
	bool v6;
	int len;

	if (msg->nlmsg_type != RTM_NEWROUTE || rtm->rtm_flags & RTM_F_CLONED ||
	    rtm->rtm_type != RTN_UNICAST ||
	    (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6) ||
	    rtm->rtm_dst_len || rtm->rtm_table != RT_TABLE_MAIN ||
	    nlmsg_parse(msg, sizeof(*rtm), attrs, RTA_MAX, NULL) < 0)
		return;
	v6 = rtm->rtm_family == AF_INET6;
	if (attrs[RTA_NH_ID]) {
		uint32_t id = nla_get_u32(attrs[RTA_NH_ID]);

		for (size_t i = 0; (way = nexthops_way(&d->hops, id, i)); i++)
			note_default(d, v6, way->ifindex, way->flags);
		return;
	}
	if (!attrs[RTA_MULTIPATH]) {
		if (attrs[RTA_OIF])
			note_default(d, v6, nla_get_u32(attrs[RTA_OIF]), rtm->rtm_flags);
		return;
	}
	hop = nla_data(attrs[RTA_MULTIPATH]);
	len = nla_len(attrs[RTA_MULTIPATH]);
	for (; RTNH_OK(hop, len); hop = RTNH_NEXT(hop)) {
		len -= RTNH_ALIGN(hop->rtnh_len);
		note_default(d, v6, hop->rtnh_ifindex, hop->rtnh_flags);
	}
}

static void look_at_routes(struct netrun *run)
{
	struct table *table = job_last(run->job, POLICY_LAST_DEFAULT_ROUTE);
	static const char * const options[] = { "-4", "-6" };
	struct defaults d = { .run = run };

	nexthops_read(&d.hops, run->sock);
	netlink_dump(run->sock, RTM_GETROUTE, look_at_route, &d);
	nexthops_free(&d.hops);
	for (int v6 = 0; table && v6 < 2; v6++) {
		if (!d.family[v6].node || d.family[v6].other)
			continue;
		table_add(table, d.family[v6].node->name,
			  "the last default route (IPv%d) goes over it: add another one, or remove it (ip %s route del default)",
			  v6 ? 6 : 4, options[v6]);
	}
}

/* --- Network filesystems --------------------------------------------------- */

/* The server of a network filesystem, "" when the mount is of none. */
static void server_of(const struct mount *mount, char *buf, size_t size)
{
	static const char * const options[] = { "addr=", "ip=" };
	static const char * const fstypes[] = { "nfs", "nfs4", "cifs", "smb3" };
	bool known = false;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(fstypes) / sizeof(fstypes[0]); i++)
		known |= !strcmp(mount->fstype, fstypes[i]);
	for (size_t i = 0; known && i < sizeof(options) / sizeof(options[0]); i++) {
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

const struct node *route_way_to(struct netrun *run, const char *address)
{
	return links_carried(&run->links, netlink_route_ifindex(run->sock, address));
}

static void look_at_mounts(struct netrun *run, const struct mounts *mounts)
{
	const struct node *node;
	char server[128];

	for (size_t i = 0; i < mounts->n; i++) {
		const struct mount *m = &mounts->m[i];

		server_of(m, server, sizeof(server));
		node = *server ? route_way_to(run, server) : NULL;
		if (!node)
			continue;
		if (mounts_is_system(m->target))
			table_add(&run->job->vetoes, m->target,
				  "the running system needs it, and it is reached over %s: this interface cannot be released, not even by force",
				  node->name);
		else
			table_add(&run->job->blockers, m->target,
				  "%s of %s is reached over %s: unmount it (umount %s)",
				  m->fstype, m->source, node->name, m->target);
	}
}

void route_look(struct netrun *run)
{
	struct mounts mounts;

	look_at_routes(run);
	mounts_read_own(&mounts);
	look_at_mounts(run, &mounts);
	netdisk_look(run, &mounts);
	mounts_free(&mounts);
}
