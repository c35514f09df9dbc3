/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every limit and timeout of drvio, and why it has its value.
 */
#ifndef _DRVIO_LIMITS_H
#define _DRVIO_LIMITS_H

enum drvio_limits {
	/* How long userspace may take to ack before the request fails. */
	DRVIO_ACK_TIMEOUT_MS = 30 * 1000,

	/* "progress" acks cannot stretch a request beyond this. */
	DRVIO_ACK_TIMEOUT_MAX_MS = 15 * 60 * 1000,

	/*
	 * How long CONFIGURE waits for its target: covers the time between the
	 * host's hotplug and the guest's enumeration of the device.
	 */
	DRVIO_APPEAR_TIMEOUT_MS = 2 * 1000,

	/* A driver's probe or remove that takes longer is called stuck. */
	DRVIO_BIND_TIMEOUT_MS = 60 * 1000,

	/* The shortest and longest value that the timeouts above accept. */
	DRVIO_TIMEOUT_MIN_MS = 1,
	DRVIO_TIMEOUT_MAX_MS = DRVIO_ACK_TIMEOUT_MAX_MS,

	/* How often a bind is tried again while the bus still probes. */
	DRVIO_BIND_RETRY_MS = 10,

	/* Requests that a link may have in work; more are BLOCKED. */
	DRVIO_LINK_QUEUE = 64,

	/*
	 * Requests of a link that have no answer on its way yet, the refused
	 * ones included.  At this many the link takes no more input until some
	 * were answered: a peer that never reads cannot eat memory.
	 */
	DRVIO_LINK_BACKLOG = 256,

	/* Messages that wait for a slow reader before input is held back. */
	DRVIO_LINK_TX = 256,

	/* Links at once. */
	DRVIO_LINKS = 8,

	/* Text of a hold, NUL included. */
	DRVIO_HOLD_MAX = 256,

	/* Version string of the registered helper, NUL included. */
	DRVIO_HELPER_MAX = 64,

	/* The longest DRVIO_TARGETS that fits the kernel's uevent buffer. */
	DRVIO_UEVENT_TARGETS_MAX = 1024,

	/* Targets of one DR device. */
	DRVIO_TARGETS = 64,
};

#endif /* _DRVIO_LIMITS_H */
