/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rtnetlink: links, and whole messages of addresses, routes and neighbours that
 * can be sent back as they came (as "ip route save" does), so that no
 * attribute is lost that this program does not know.
 */
#ifndef DRVIO_HELPER_NETLINK_H
#define DRVIO_HELPER_NETLINK_H

#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "mem.h"

/* Return: a connected socket, or NULL; the log says why. */
struct nl_sock *netlink_open(void);

/* What a dump is of: RTM_GETADDR and so on, and who gets its messages. */
typedef void (*netlink_found)(struct nlmsghdr *msg, void *data);

/* Calls @found for each message of a dump.  Return: 0 or a libnl error. */
int netlink_dump(struct nl_sock *sock, int type, netlink_found found, void *data);

/* A message as text, and back; both to be freed.  NULL: no such text. */
char *netlink_to_hex(const struct nlmsghdr *msg);
struct nlmsghdr *netlink_from_hex(const char *hex);

/**
 * netlink_restore() - send a dumped address, route or neighbour back
 * @sock: where
 * @msg: the message, changed
 *
 * Return: 0, also when it is there already, or a libnl error.
 */
int netlink_restore(struct nl_sock *sock, struct nlmsghdr *msg);

/* Sets a link up or down.  Return: 0 or a libnl error. */
int netlink_set_up(struct nl_sock *sock, int ifindex, bool up);

/**
 * netlink_route_ifindex() - the interface over which an address is reached
 * @sock: where
 * @address: the address, as text
 *
 * Return: its index, or 0 when there is no route or no such address.
 */
int netlink_route_ifindex(struct nl_sock *sock, const char *address);

#endif /* DRVIO_HELPER_NETLINK_H */
