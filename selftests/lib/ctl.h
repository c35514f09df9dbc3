/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The test as control domain: requests over a link of its own, and the devices
 * that they are about.
 */
#ifndef SELFTESTS_CTL_H
#define SELFTESTS_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "session.h"

/* Long enough for whatever a slow guest does, short enough to be a failure. */
#define CTL_WAIT_MS	20000

/*
 * What of a wait has to have passed: the tick of a guest stalls while the host
 * runs something else, and catches up at once later.
 */
#define CTL_WAITED(ms)	((ms) / 2)

/**
 * struct dr_device - a DR device of the guest
 * @node: its name below /sys/class/drvio, "virtio-net@0x0102001000000000"
 * @name: its type, as requests name it
 * @dev_id: as requests address it
 * @target: name of its target on the bus, "virtio1"
 */
struct dr_device {
	char node[128];
	char name[64];
	uint64_t dev_id;
	char target[64];
};

/**
 * dr_device_find() - find a DR device of the guest
 * @dev: what to fill in
 * @name: its type
 * @skip: how many of that type to skip
 *
 * Return: whether there is one.
 */
bool dr_device_find(struct dr_device *dev, const char *name, int skip);

/*
 * Opens /dev/drvio, or the device that $DRVIO_LINK names, and waits until the guest
 * has registered dr-vio there.
 */
bool ctl_open(struct session *s);

/* Sends a request without waiting for its answer. */
bool ctl_send(struct session *s, enum drvio_verb verb, const struct dr_device *dev);

/* Waits for the next answer. */
bool ctl_answer(struct session *s, struct session_answer *answer);

/* Both. */
bool ctl_call(struct session *s, enum drvio_verb verb, const struct dr_device *dev,
	      struct session_answer *answer);

/* As ctl_call(), while helper_ack() says @ack to the request with @text. */
bool ctl_call_acked(struct session *s, enum drvio_verb verb,
		    const struct dr_device *dev, const char *ack, const char *text,
		    struct session_answer *answer);

/*
 * Makes a device configured, whatever a test has left behind.  Return: whether
 * it is.
 */
bool ctl_restore(const struct dr_device *dev);

#endif /* SELFTESTS_CTL_H */
