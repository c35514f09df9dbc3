// SPDX-License-Identifier: GPL-2.0
/*
 * Interfaces below a target: looking at their layers, taking them down and up.
 * Addresses are for who manages the network; here they are only waited for, and
 * kept so that an undo can bring them back.
 */
#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockdev.h"
#include "config.h"
#include "deadline.h"
#include "log.h"
#include "netdev.h"
#include "netmanager.h"
#include "sysfs.h"

/* In the order in which they let go. */
static const struct netlayer * const layers[] = { &stacked_layer, &port_layer };

#define NLAYERS	(sizeof(layers) / sizeof(layers[0]))

json_object *netdev_step(const char *op, const char *name, int ifindex)
{
	json_object *step = json_object_new_object();

	json_object_object_add(step, "op", json_object_new_string(op));
	json_object_object_add(step, "name", json_object_new_string(name));
	json_object_object_add(step, "ifindex", json_object_new_int(ifindex));
	return step;
}

/* An interface that was taken away and came back has another index. */
int step_ifindex(json_object *step)
{
	int ifindex = step_int(step, "ifindex");
	char name[IF_NAMESIZE];

	return if_indextoname(ifindex, name) ? ifindex : 0;
}

static int begin(struct netrun *run, struct job *job)
{
	memset(run, 0, sizeof(*run));
	run->job = job;
	run->sock = netlink_open();
	if (run->sock && !links_read(&run->links, job, run->sock))
		return 0;
	nl_socket_free(run->sock);
	return -1;
}

static void end(struct netrun *run)
{
	links_free(&run->links);
	nl_socket_free(run->sock);
}

/* --- Looking --------------------------------------------------------------- */

/*
 * A driver is bound and no interface is in sight: it was moved to another
 * network namespace, whose users cannot be seen from here.
 */
static void look_for_hidden(struct job *job)
{
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
	struct netrun run;

	look_for_hidden(job);
	if (!devtree_has(&job->tree, NODE_NET))
		return;
	if (begin(&run, job)) {
		/* What could not be looked at is not known to be idle. */
		table_add(&job->blockers, job->req.dev,
			  "the kernel did not say who uses its interface: see the log of drvio-helper in the guest");
		return;
	}
	for (size_t i = 0; i < run.links.n; i++)
		for (size_t k = 0; run.links.l[i].node && k < NLAYERS; k++)
			layers[k]->look(&run, &run.links.l[i]);
	route_look(&run);
	end(&run);
}

/* --- Down ------------------------------------------------------------------ */

static int take_down(struct netrun *run, struct link link)
{
	int err = 0;

	if (link.flags & IFF_UP && linkstate_keep(run, &link))
		return -1;
	if (netmanager_down(run->job, &link))
		return -1;
	/* Who manages it may have done all of it. */
	links_free(&run->links);
	if (links_read(&run->links, run->job, run->sock))
		return job_fail(run->job, "%s: the links could not be read anew: see the log of drvio-helper in the guest",
				link.name);
	if (!links_find(&run->links, link.ifindex))
		return 0;
	link = *links_find(&run->links, link.ifindex);
	for (size_t i = 0; i < NLAYERS && !err; i++)
		err = layers[i]->down(run, &link);
	if (!err && link.flags & IFF_UP)
		err = linkstate_down(run, &link);
	return err;
}

static int netdev_down(struct job *job)
{
	const struct link *link;
	struct netrun run;
	int err = 0;

	if (!devtree_has(&job->tree, NODE_NET))
		return 0;
	if (begin(&run, job))
		return job_fail(job, "%s: the kernel did not tell of its links: see the log of drvio-helper in the guest",
				job->req.dev);
	for (size_t i = 0; i < job->tree.n && !err; i++) {
		if (job->tree.nodes[i].kind != NODE_NET)
			continue;
		link = links_find(&run.links, job->tree.nodes[i].ifindex);
		if (link)
			err = take_down(&run, *link);
	}
	end(&run);
	return err;
}

/* --- Up -------------------------------------------------------------------- */

static bool is_up(const struct node *node)
{
	char flags[32];

	sysfs_read(flags, sizeof(flags), "%s/flags", node->path);
	return strtoul(flags, NULL, 16) & IFF_UP;
}

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

static int ignore_message(struct nl_msg *msg, void *data)
{
	(void)msg;
	(void)data;
	return NL_OK;
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

/*
 * An interface without a carrier is up nevertheless: its cable is the control
 * domain's business, which may plug it in later.
 */
static void wait_for_carrier(struct job *job, const struct node *node)
{
	struct deadline deadline = deadline_in_ms(job_number(job, POLICY_CARRIER_TIMEOUT));
	struct nl_sock *events;

	if (has_carrier(node) || !deadline_left_ms(&deadline))
		return;
	/* Looked at again once events cannot be missed any more. */
	events = open_events();
	request_progress_begin(&job->req, "waiting for the carrier");
	while (events && !has_carrier(node)) {
		if (deadline_poll(&deadline, nl_socket_get_fd(events), POLLIN) <= 0)
			break;
		nl_recvmsgs_default(events);
	}
	request_progress_end();
	nl_socket_free(events);
}

static int set_up(struct job *job, struct nl_sock *sock, const struct node *node)
{
	int err;

	if (journal_step(job->journal, netdev_step("link-up", node->name, node->ifindex)))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				node->name);
	err = netlink_set_up(sock, node->ifindex, true);
	if (err)
		return job_fail(job, "%s: link up: %s", node->name,
				nl_geterror(err));
	return 0;
}

/* The result, for the log. */
static void tell(struct job *job, struct nl_sock *sock, const struct node *node,
		 int manager, const char *state)
{
	const struct link *link = NULL;
	struct links links = { 0 };

	if (manager != NETMANAGER_NONE && !links_read(&links, job, sock))
		link = links_find(&links, node->ifindex);
	log_msg(has_carrier(node) ? LOG_INFO : LOG_WARNING,
		"%s: %s is %s, with%s a carrier%s%s%s%s%s%s", job->req.dev,
		node->name, is_up(node) ? "up" : "down", has_carrier(node) ? "" : "out",
		link && *link->address ? ", has the address " : "",
		link ? link->address : "",
		manager == NETMANAGER_NONE ? "" : "; managed by ",
		manager == NETMANAGER_NONE ? "" : netmanager_name(manager),
		state ? ": " : "", state ? state : "");
	links_free(&links);
}

/* What the policy has for the interface, before anybody uses it. */
static void apply_policy(struct job *job, struct nl_sock *sock,
			 const struct node *node)
{
	unsigned int mtu = job_number(job, POLICY_MTU);
	int err = mtu ? netlink_set(sock, node->ifindex, IFLA_MTU, mtu) : 0;

	if (err)
		log_warn("%s: %s: MTU %u: %s", job->req.dev, node->name, mtu,
			 nl_geterror(err));
}

static int bring_up(struct job *job, struct nl_sock *sock, const struct node *node)
{
	char *state = NULL;
	int manager, err;

	apply_policy(job, sock, node);
	if (job_is(job, POLICY_LINK, "down")) {
		err = netlink_set_up(sock, node->ifindex, false);
		if (err)
			return job_fail(job, "%s: link down: %s", node->name,
					nl_geterror(err));
		log_info("%s: %s stays down, as the policy says", job->req.dev,
			 node->name);
		return 0;
	}
	manager = netmanager_up(job, node, &state);
	if (manager < 0)
		return -1;
	/* Somebody else may have set it up already; the carrier matters all the same. */
	err = manager == NETMANAGER_NONE && !is_up(node) ? set_up(job, sock, node) : 0;
	if (!err) {
		wait_for_carrier(job, node);
		tell(job, sock, node, manager, state);
	}
	free(state);
	return err;
}

static int netdev_up(struct job *job)
{
	struct nl_sock *sock;
	int err = 0;

	if (!devtree_has(&job->tree, NODE_NET))
		return 0;
	sock = netlink_open();
	if (!sock)
		return job_fail(job, "%s: no netlink socket", job->req.dev);
	for (size_t i = 0; i < job->tree.n && !err; i++)
		if (job->tree.nodes[i].kind == NODE_NET)
			err = bring_up(job, sock, &job->tree.nodes[i]);
	nl_socket_free(sock);
	return err;
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
