/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All links of the network namespace, and how they stand on each other:
 *
 *	vlan7  has the address 192.0.2.1/24
 *	  |    lower
 *	bond0
 *	  |    master
 *	eth0   the interface of the job, eth1   a sibling
 */
#ifndef DRVIO_HELPER_LINKS_H
#define DRVIO_HELPER_LINKS_H

#include <net/if.h>

#include "job.h"
#include "netlink.h"

/**
 * struct link - a link
 * @ifindex: its index
 * @name: its name
 * @kind: "bond", "vlan", ...; "" for a device
 * @flags: IFF_UP and so on
 * @master: index of what it is a port of; 0: of nothing
 * @lower: index of what it stands on; 0: on nothing
 * @healthy: up, with a carrier, and for a port of a bond its master thinks so too
 * @address: the first address that reaches beyond the link; "": none
 * @node: the interface of the job that it is, or NULL
 */
struct link {
	int ifindex;
	char name[IF_NAMESIZE];
	char kind[32];
	unsigned int flags;
	int master;
	int lower;
	bool healthy;
	char address[64];
	const struct node *node;
};

struct links {
	size_t n;
	struct link *l;
};

/* Reads them.  Return: 0 or a libnl error. */
int links_read(struct links *links, const struct job *job, struct nl_sock *sock);
void links_free(struct links *links);

/* The link with an index, or NULL. */
const struct link *links_find(const struct links *links, int ifindex);

/* The kind of a link for people: "vlan", or "device". */
const char *link_kind(const struct link *link);

/**
 * links_user() - who uses a link
 * @links: all links
 * @link: the link
 * @port: a port of it that does not count; NULL: all do
 *
 * Return: the first user that is found, as what comes behind "which"; to be
 * freed. NULL: the link is down, or nobody uses it.
 */
char *links_user(const struct links *links, const struct link *link,
		 const struct link *port);

/**
 * links_sibling() - another healthy port of the same master
 * @links: all links
 * @port: a port
 *
 * Return: one that is not of the job, or NULL.
 */
const struct link *links_sibling(const struct links *links,
				 const struct link *port);

/**
 * links_carried() - the interface of the job that a link cannot do without
 * @links: all links
 * @ifindex: the link
 *
 * Return: the interface, also where it is the link itself; NULL when the link
 * has other ways.
 */
const struct node *links_carried(const struct links *links, int ifindex);

#endif /* DRVIO_HELPER_LINKS_H */
