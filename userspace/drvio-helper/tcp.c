// SPDX-License-Identifier: GPL-2.0
/* Established TCP connections, and whose they are. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "mem.h"
#include "process.h"
#include "sysfs.h"
#include "tcp.h"

#define STATE_ESTABLISHED	1

/* Addresses are words of the machine, printed as numbers: in memory they are right. */
static bool parse_peer(struct tcp *tcp, const char *text)
{
	struct in6_addr addr = { 0 };
	size_t words = strcspn(text, ":") / 8;
	int family = words == 4 ? AF_INET6 : AF_INET;
	const void *from = &addr;

	if (words != 1 && words != 4)
		return false;
	for (size_t i = 0; i < words; i++)
		if (sscanf(text + i * 8, "%8x", &addr.s6_addr32[i]) != 1)
			return false;
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&addr)) {
		family = AF_INET;
		from = &addr.s6_addr32[3];
	}
	return sscanf(text + words * 8, ":%x", &tcp->port) == 1 &&
	       inet_ntop(family, from, tcp->peer, sizeof(tcp->peer));
}

/*
 * A line is, of IPv4,
 *
 *	0: 010200C0:9C40 090200C0:2A39 01 00000000:00000000 00:00000000 00000000 0 0 4711 ...
 *	   ours          the peer      state                                   uid   inode
 */
static void read_file(struct tcps *tcps, const char *pid, const char *name)
{
	char *text = sysfs_read_file("%s/%s/net/%s", config.proc, pid, name);
	char *rest = text, *line, peer[48];
	unsigned int state;

	while ((line = strsep(&rest, "\n"))) {
		struct tcp tcp;

		if (sscanf(line, " %*u: %*s %47s %x %*s %*s %*s %*u %*u %lu", peer, &state,
			   &tcp.inode) != 3 ||
		    state != STATE_ESTABLISHED || !parse_peer(&tcp, peer))
			continue;
		tcps->t = xreallocarray(tcps->t, tcps->n + 1, sizeof(tcp));
		tcps->t[tcps->n++] = tcp;
	}
	free(text);
}

void tcps_read(struct tcps *tcps, const char *pid)
{
	memset(tcps, 0, sizeof(*tcps));
	read_file(tcps, pid, "tcp");
	read_file(tcps, pid, "tcp6");
}

void tcps_free(struct tcps *tcps)
{
	free(tcps->t);
	memset(tcps, 0, sizeof(*tcps));
}

const struct tcp *tcps_of(const struct tcps *tcps, pid_t pid)
{
	char link[64];

	for (size_t i = 0; i < tcps->n; i++) {
		snprintf(link, sizeof(link), "socket:[%lu]", tcps->t[i].inode);
		if (process_opens(pid, link))
			return &tcps->t[i];
	}
	return NULL;
}
