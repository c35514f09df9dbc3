/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the end-to-end tests share: they are the control domain, beside a guest
 * that e2e.sh has booted and whose sockets are in $DRVIO_RUN.
 *
 *	test -- link.sock --> QEMU -- org.drvio.0 --> drvio-relay -- /dev/drvio --> drvio.ko
 *	  |                    ^                                              uevent |  ^ ack
 *	  +----- qmp.sock -----+                                                     v  |
 *	  +---- shell.sock --> root shell in the guest                       drvio-helper
 *
 * In a big-endian guest all of it runs once more over the channel of a logical domain:
 *
 *	... drvio-relay -- /dev/sun4v-peer -- ldc.c -- ldc.c -- ds.c -- drvio-sun4v.ko
 *
 * Devices that the guest booted with: "rng" (slot1), "nic" (slot2), "disk"
 * (slot3, a filesystem, serial "e2e").  slot5 to slot8 are free.
 */
#ifndef E2E_STAGE_H
#define E2E_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "session.h"

/* For whatever a slow guest has to do; and for a case that does a lot of it. */
#define STAGE_MS	40000
#define CASE_S		240

/**
 * struct target - a device of the guest
 * @id: QEMU's id of it
 * @name: its type
 * @dev_id: as requests address it
 * @node: its name in the guest's /sys/class/drvio
 */
struct target {
	char id[64];
	char name[64];
	uint64_t dev_id;
	char node[128];
};

/* What the last guest() or manager() printed. */
extern char stage_output[32768];

/* A path in the directory of the guest; valid until the next call. */
const char *stage_path(const char *name);

struct deadline stage_soon(void);

/*
 * Runs a command of the guest's shell as root.  It can say wait_for 'CONDITION'.
 * Return: its exit status.
 */
int guest(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Runs drvio-manager on the guest; stdout and stderr.  Return: its exit code. */
int manager(const char *arguments, ...) __attribute__((sentinel));

/* Runs a QMP command without waiting for what it sets off. */
bool qmp(const char *command, const char *key, const char *value);

/* Fills in a device by QEMU's id of it. */
bool target_find(struct target *t, const char *id);

/* Whether the link is the channel of a logical domain, which its kernel serves. */
bool over_ldc(void);

/*
 * Closes the link. Over the channel of a logical domain what comes next waits until
 * the guest has seen it: nothing but a reset makes the channel forget garbage, and an
 * end that is opened again at once may look as if it had never been closed.
 */
void link_down(struct session *s);

/* Opens the link and waits until dr-vio is registered. */
bool link_up(struct session *s);

/* A request and its answer, which must come. */
bool ask(struct session *s, enum drvio_verb verb, const struct target *t,
	 struct session_answer *answer);

/* Sends service data as it is. */
bool send_data(struct session *s, const void *data, size_t len);

/* Waits for the next answer. */
bool hear(struct session *s, struct session_answer *answer);

/* Whether a STATUS of @t is answered, in a session of its own. */
bool guest_is_well(const struct target *t);

/*
 * The helper is off: requests wait until played_ack() speaks for it.  What is
 * switched off is its udev rule; it stays registered.
 */
bool helper_off(void);
bool helper_on(void);

/* Waits until a request for @t is in a phase, "userspace" or "done". */
bool phase_is(const struct target *t, const char *phase);

/* Acks the pending request of @t.  @words: "ok", "blocked in use", ... */
bool played_ack(const struct target *t, const char *words);

/*
 * Puts right whatever a test has left behind that did not come to its end: the
 * helper works, @t is not in use, no request is pending on it, it is configured.
 */
bool restore(const struct target *t);

#define EXPECT_ANSWER(_answer, _result, _status)				\
	do {									\
		EXPECT_EQ(_result, (_answer).result) {				\
			TH_LOG("reason: %s", (_answer).reason);			\
		}								\
		EXPECT_EQ(_status, (_answer).status) {				\
			TH_LOG("reason: %s", (_answer).reason);			\
		}								\
	} while (0)

#endif
