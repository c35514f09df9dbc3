/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interfaces below a target. Each layer has a file of its own; netdev.c puts
 * them in order.
 */
#ifndef DRVIO_HELPER_NETDEV_H
#define DRVIO_HELPER_NETDEV_H

#include "job.h"
#include "links.h"
#include "mounts.h"
#include "netlink.h"

/**
 * struct netrun - what the layers work with
 * @job: the run
 * @sock: rtnetlink
 * @links: all links, as the last look has found them
 */
struct netrun {
	struct job *job;
	struct nl_sock *sock;
	struct links links;
};

/**
 * struct netlayer - a way in which an interface is used
 * @look: adds a row for each user; changes nothing
 * @down: releases what look found idle, and with force what it found busy; -1
 *	with the job's why set. In the order of the layers, for each interface
 *
 * NULL where a layer has nothing to do.
 */
struct netlayer {
	void (*look)(struct netrun *run, const struct link *link);
	int (*down)(struct netrun *run, const struct link *link);
};

extern const struct netlayer stacked_layer, port_layer;

/* route.c: default routes, and what is reached over the network. */
void route_look(struct netrun *run);

/* The interface of the job over which an address is reached, or NULL. */
const struct node *route_way_to(struct netrun *run, const char *address);

/* netdisk.c: disks that are reached over the network. */
void netdisk_look(struct netrun *run, const struct mounts *mounts);

/* linkstate.c: takes a link down, and keeps what it loses; netdev_up() up. */
int linkstate_keep(struct netrun *run, const struct link *link);
int linkstate_down(struct netrun *run, const struct link *link);

/* The undo of the steps; see struct step_ops. */
int linkstate_down_undo(json_object *step, char **why);
int netdev_up_undo(json_object *step, char **why);
int port_leave_undo(json_object *step, char **why);
int netmanager_undo(json_object *step, char **why);

/**
 * step_ifindex() - the interface that a step was about
 * @step: the step, with its "name" and "ifindex"
 *
 * Return: its index; 0 when it has gone. One that came back has another index.
 */
int step_ifindex(json_object *step);

/* A new step about an interface. */
json_object *netdev_step(const char *op, const char *name, int ifindex);

#endif /* DRVIO_HELPER_NETDEV_H */
