/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who manages an interface: systemd-networkd, NetworkManager, ifupdown. What
 * they do is waited for or asked of them, and not done behind their backs.
 */
#ifndef DRVIO_HELPER_NETMANAGER_H
#define DRVIO_HELPER_NETMANAGER_H

#include "netdev.h"

enum netmanager {
	NETMANAGER_NONE,
	NETMANAGER_NETWORKD,
	NETMANAGER_NM,
	NETMANAGER_IFUPDOWN,
};

const char *netmanager_name(enum netmanager manager);

/**
 * netmanager_up() - have a new interface set up by who manages it
 * @job: the run
 * @node: the interface
 * @state: gets what became of it, for the log; to be freed, NULL: nothing
 *
 * It is waited for, as long as the policy says, until the manager is done.
 * That it does not succeed is no failure: it may go on in the background.
 *
 * Return: who manages it. With NETMANAGER_NONE nothing was done. -1 with the
 * job's why set.
 */
int netmanager_up(struct job *job, const struct node *node, char **state);

/**
 * netmanager_down() - have who manages an interface let go of it
 * @job: the run; gets the step in its journal
 * @link: the interface
 *
 * Return: 0, also where nobody does, or -1 with the job's why set.
 */
int netmanager_down(struct job *job, const struct link *link);

#endif /* DRVIO_HELPER_NETMANAGER_H */
