/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rtnetlink: links, and whole messages of addresses, next hops, routes and neighbours
 * that can be sent back as they came (as "ip route save" does), so that no
 * attribute is lost that this program does not know.
 */
#ifndef DRVIO_HELPER_NETLINK_H
#define DRVIO_HELPER_NETLINK_H

#include <json-c/json.h>
#include <netlink/netlink.h>
#include <stdbool.h>

#include "mem.h"

/* Return: a connected socket, or NULL; the log says why. */
struct nl_sock *netlink_open(void);

/* Who gets the messages of a dump. */
typedef void (*netlink_found)(struct nlmsghdr *msg, void *data);

/**
 * netlink_dump() - read a table of the kernel
 * @sock: where
 * @type: which: RTM_GETLINK, RTM_GETADDR and so on
 * @found: called for each message
 * @data: handed to @found
 *
 * Return: 0 or a libnl error.
 */
int netlink_dump(struct nl_sock *sock, int type, netlink_found found, void *data);

/* As netlink_dump(), of the VLANs that ports of bridges carry, and of the tables
 * of bridges.
 */
int netlink_dump_bridge_fdb(struct nl_sock *sock, netlink_found found, void *data);
int netlink_dump_bridge_vlans(struct nl_sock *sock, netlink_found found, void *data);
int netlink_dump_bridge_mdb(struct nl_sock *sock, netlink_found found, void *data);

/* A message as text, and back; both to be freed.  NULL: no such text. */
char *netlink_to_hex(const struct nlmsghdr *msg);
struct nlmsghdr *netlink_from_hex(const char *hex);

/**
 * netlink_restore() - send a dumped address, next hop, route or neighbour back
 * @sock: where
 * @msg: the message, changed
 *
 * Return: 0, also when it is there already, or a libnl error.
 */
int netlink_restore(struct nl_sock *sock, struct nlmsghdr *msg);

/**
 * netlink_restore_all() - send many back
 * @sock: where
 * @messages: their texts, see netlink_to_hex()
 * @restore: sends one, as netlink_restore() does
 *
 * In any order: a route through a gateway needs the one that leads to the gateway,
 * a next hop needs the carrier. What fails is tried again as long as others succeed,
 * and then for two seconds.
 *
 * Return: 0, or the last libnl error where some are left.
 */
int netlink_restore_all(struct nl_sock *sock, json_object *messages,
			int (*restore)(struct nl_sock *sock, struct nlmsghdr *msg));

/* Sends a message, which is freed, and waits for the ack.  Return: 0 or an error. */
int netlink_send(struct nl_sock *sock, struct nl_msg *msg);

/* A change of a link: RTM_NEWLINK or another @type; attributes may follow. */
struct nl_msg *netlink_link(int type, int family, int ifindex);

/* Sets a link up or down.  Return: 0 or a libnl error. */
int netlink_set_up(struct nl_sock *sock, int ifindex, bool up);

/* Sets an attribute of a link, IFLA_MTU or IFLA_MASTER.  Return: 0 or an error. */
int netlink_set(struct nl_sock *sock, int ifindex, int attr, uint32_t value);

/**
 * netlink_route_ifindex() - the interface over which an address is reached
 * @sock: where
 * @address: the address, as text
 *
 * Return: its index, or 0 when there is no route or no such address.
 */
int netlink_route_ifindex(struct nl_sock *sock, const char *address);

#endif /* DRVIO_HELPER_NETLINK_H */
