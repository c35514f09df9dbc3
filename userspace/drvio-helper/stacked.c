// SPDX-License-Identifier: GPL-2.0
/*
 * Links that stand on an interface: VLAN, macvlan, vxlan and so on. The kernel
 * removes them with it; until then they are only set down, so that an undo
 * finds them there.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netdev.h"

static void look_at_upper(struct netrun *run, const struct link *link,
			  const struct link *upper)
{
	char *who = links_user(&run->links, upper, NULL);

	if (who)
		table_add(&run->job->blockers, link->name,
			  "%s %s stands on it and %s: remove that first (ip link delete %s)",
			  link_kind(upper), upper->name, who, upper->name);
	else if (!job_may(run->job, POLICY_RELEASE_STACKED_LINK))
		table_add(&run->job->blockers, link->name,
			  "%s %s stands on it, and the policy says release_stacked_link = no: remove that first (ip link delete %s)",
			  link_kind(upper), upper->name, upper->name);
	free(who);
}

static bool is_told(const struct netrun *run, const struct link *link,
		    const char *name)
{
	for (size_t i = 0; i < run->links.n; i++) {
		const struct link *other = &run->links.l[i];

		if (!strcmp(other->name, name))
			return other->node || other->lower == link->ifindex ||
			       link->master == other->ifindex;
	}
	return false;
}

/* Those that the messages of links do not tell of. */
static void look_for_others(struct netrun *run, const struct link *link)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir(link->node->path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "upper_", 6) &&
		    !is_told(run, link, entry->d_name + 6))
			table_add(&run->job->blockers, link->name,
				  "device %s stands on it: remove that first",
				  entry->d_name + 6);
	closedir(dir);
}

static void stacked_look(struct netrun *run, const struct link *link)
{
	for (size_t i = 0; i < run->links.n; i++)
		if (run->links.l[i].lower == link->ifindex && !run->links.l[i].node)
			look_at_upper(run, link, &run->links.l[i]);
	look_for_others(run, link);
}

/* The uppermost first. */
static int stacked_down(struct netrun *run, const struct link *link)
{
	for (size_t i = 0; i < run->links.n; i++) {
		const struct link *upper = &run->links.l[i];

		if (upper->lower != link->ifindex || upper->node ||
		    !(upper->flags & IFF_UP))
			continue;
		if (stacked_down(run, upper) || linkstate_keep(run, upper) ||
		    linkstate_down(run, upper))
			return -1;
	}
	return 0;
}

const struct netlayer stacked_layer = {
	.look = stacked_look,
	.down = stacked_down,
};
