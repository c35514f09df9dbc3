/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit tests of requests play: a control domain at the end of a link, a
 * bus whose devices are bound by saying so, and threads that race.
 *
 * The service is the real one, and is spoken to as userspace does, through its
 * attributes: nothing in it knows of the tests.
 */
#ifndef _DRVIO_PEER_TEST_H
#define _DRVIO_PEER_TEST_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/wait.h>

#include "drvio.h"
#include "wire.h"

/* Long enough for whatever a slow machine does, short enough to be a failure. */
#define PEER_WAIT_MS	20000

/* What ack_timeout_ms is while nothing waits for it to end. */
#define PEER_ACK_TIMEOUT_MS	"60000"

#define PEER_DEVICES	8

/**
 * struct peer - the control domain's end of a link
 * @link: the link; NULL while closed
 * @registered: it carries service data alone, as a transport with Domain Services of
 *	its own has it
 * @wait: woken by the link
 * @handle: of the registration
 * @buf: a message that is arriving
 * @fill: how much of it is there
 */
struct peer {
	struct drvio_link *link;
	bool registered;
	wait_queue_head_t wait;
	u64 handle;
	u8 buf[DRVIO_DS_MSG_MAX];
	size_t fill;
};

/**
 * struct fake_device - a device with one target
 * @dev_id: as requests address it
 * @target: on the bus; NULL while it is not there
 * @node: the DR device, referenced, even when it is gone already
 * @bound: what its driver would say
 * @slow: it takes its time to say so, and holds up all of drvio meanwhile
 * @number: of the request that it was asked last
 */
struct fake_device {
	u64 dev_id;
	struct device *target;
	struct device *node;
	bool bound;
	bool slow;
	u64 number;
};

/**
 * struct fixture - what a test has
 * @bus: the bus
 * @type: its one type, "kunit"
 * @service: the service's node
 * @saved: its settings as they were
 * @device: some that exist, others that do not
 * @peer: one that is connected, one for when two are needed
 * @number: of the last request
 */
struct fixture {
	struct drvio_bus *bus;
	struct drvio_type *type;
	struct device *service;
	char saved[4][64];
	struct fake_device device[PEER_DEVICES];
	struct peer peer[2];
	u64 number;
};

int fixture_init(struct kunit *test);
void fixture_exit(struct kunit *test);

/* An attribute of a node, in a folder or not (NULL).  Return: 0 or -errno. */
int node_write(struct device *node, const char *folder, const char *name,
	       const char *value);
int node_read(struct device *node, const char *folder, const char *name, char *value,
	      size_t size);

/* A number among the service's statistics. */
unsigned long statistic(struct fixture *f, const char *name);

int fake_add(struct fixture *f, int i);
void fake_remove(struct fixture *f, int i);

/* Waits until a request asks userspace.  Return: whether one does. */
bool fake_asked(struct fixture *f, int i, char *cookie, size_t size);

/* Waits until the request of a device is done.  Return: whether it is. */
bool fake_done(struct fixture *f, int i);

/* Writes an ack.  Return: 0 or -errno. */
int fake_ack(struct fixture *f, int i, const char *cookie, const char *words);

int peer_open(struct peer *p);
int peer_open_registered(struct peer *p);
void peer_close(struct peer *p);

/* Sends a request.  Return: its number; 0: the link takes none now. */
u64 peer_ask(struct fixture *f, struct peer *p, u32 verb, int i);

/* Waits for an answer, which is valid until the next.  Return: whether one came. */
bool peer_answer(struct peer *p, struct drvio_resp *resp, unsigned int ms);

/**
 * struct racer - a thread among others
 * @fn: what it does
 * @f: with what
 * @i: with which device, or who it is
 * @cookie: of the request
 * @delay_us: how much later than the others
 * @err: what came of it
 * @go: when it begins
 * @done: it has done it
 * @task: the thread
 */
struct racer {
	int (*fn)(struct racer *r);
	struct fixture *f;
	int i;
	const char *cookie;
	unsigned int delay_us;
	int err;
	struct completion *go;
	struct completion done;
	struct task_struct *task;
};

/* Has them all run at the same time, and waits for them. */
void race(struct kunit *test, struct racer *racers, int n);

#endif /* _DRVIO_PEER_TEST_H */
