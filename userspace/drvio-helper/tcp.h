/* SPDX-License-Identifier: GPL-2.0 */
/* Established TCP connections, and whose they are. */
#ifndef DRVIO_HELPER_TCP_H
#define DRVIO_HELPER_TCP_H

#include <netinet/in.h>
#include <sys/types.h>

/**
 * struct tcp - a connection
 * @peer: address of the other end
 * @port: its port
 * @inode: of the socket
 */
struct tcp {
	char peer[INET6_ADDRSTRLEN];
	unsigned int port;
	unsigned long inode;
};

struct tcps {
	size_t n;
	struct tcp *t;
};

/* Reads those of the network namespace that a process is in; "self": of this one. */
void tcps_read(struct tcps *tcps, const char *pid);
void tcps_free(struct tcps *tcps);

/* The first of them whose socket a process has open, or NULL. */
const struct tcp *tcps_of(const struct tcps *tcps, pid_t pid);

#endif /* DRVIO_HELPER_TCP_H */
