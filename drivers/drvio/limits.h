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

	/*
	 * A refused CONFIGURE is unbound again while userspace still undoes what
	 * it had begun: how long to wait for it to let go, and how often to look.
	 */
	DRVIO_UNDO_WAIT_MS = 2 * 1000,
	DRVIO_UNDO_RETRY_MS = 50,

	/* Requests that a link may have in work; more are BLOCKED. */
	DRVIO_LINK_QUEUE = 64,

	/*
	 * Requests of a link that have no answer on its way yet, the refused
	 * ones included.  At this many the link takes no more input until some
	 * were answered: a peer that never reads cannot eat memory.
	 */
	DRVIO_LINK_BACKLOG = 256,

	/*
	 * Bytes that wait for a slow reader: about 30 answers with the longest
	 * reason.  A power of two, allocated with the link, so that an answer
	 * never fails for want of memory.
	 */
	DRVIO_LINK_TX_BYTES = 32 * 1024,

	/* Links at once. */
	DRVIO_LINKS = 8,

	/* Who is at the other end of a link, NUL included. */
	DRVIO_PEER_MAX = 64,

	/* Text of a hold, NUL included. */
	DRVIO_HOLD_MAX = 256,

	/* Version string of the registered helper, NUL included. */
	DRVIO_HELPER_MAX = 64,

	/* DRVIO_TARGETS of a uevent; the kernel's whole buffer has 2048 bytes. */
	DRVIO_UEVENT_TARGETS_MAX = 1024,

	/*
	 * A block device that is in use is looked at again, this often and this
	 * far apart, before the last look says so: udev opens devices for moments.
	 */
	DRVIO_CLAIM_LOOKS = 20,
	DRVIO_CLAIM_LOOK_MS = 25,

	/*
	 * Reading an attribute of a device waits this long for a driver that is
	 * probed or removed meanwhile, or for a disk that does not answer, and
	 * looks this often.  Shorter than anybody waits for the device to go:
	 * that waits for its readers.
	 */
	DRVIO_ATTR_WAIT_MS = 1000,
	DRVIO_ATTR_RETRY_MS = 2,

	/*
	 * How often parking is tried while other drivers win the race for the
	 * device.  Each time needs somebody who binds it in that very moment;
	 * who does nothing else wins ten in a row now and then.
	 */
	DRVIO_PARK_TRIES = 50,

	/* How soon an answer is tried again that the channel had no room for. */
	DRVIO_LDC_RETRY_MS = 10,

	/* Bytes of a vsock link that wait in each direction: a DS message. */
	DRVIO_VSOCK_BUF = 4096,

	/* Targets of one DR device: the ports of a big virtual switch. */
	DRVIO_TARGETS = 64,
};

#endif /* _DRVIO_LIMITS_H */
