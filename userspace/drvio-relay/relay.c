// SPDX-License-Identifier: GPL-2.0
/*
 * The joint between a virtio-serial port and /dev/drvio.
 *
 * The kernel sends the first message of a session at the moment of the open,
 * and what is written to a port whose host end is closed is lost.  So
 * /dev/drvio is opened only while the host is there:
 *
 *            host opens its end          /dev/drvio is open
 *   WAITING ------------------> OPENING -------------------> JOINED
 *      ^ ^                       |    ^                        |
 *      | |  host closes its end  |    | quiet                  | session closed
 *      | +-----------------------+    |                        | by the kernel
 *      |                              +------- DRAINING <------+
 *      |  host closes its end                     |            |
 *      +------------------------------------------+------------+
 *
 * While the host end is closed the port reports POLLHUP all the time: only an
 * edge-triggered epoll waits for the wakeup that comes when it opens.  Edges
 * say that something happened, not what; every step therefore goes on until
 * nothing more can be done.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/drvio.h>

#include "buffer.h"
#include "log.h"
#include "port.h"
#include "relay.h"

#define DRVIO_DEVICE	"/dev/drvio"

enum {
	/* After garbage: begin anew when the host sent nothing for so long. */
	QUIET_MS = 200,
	/* How often an open of /dev/drvio that failed is tried again. */
	RETRY_MS = 250,
	/* Rounds of copying before signals get their turn. */
	ROUNDS_MAX = 64,
};

enum relay_state {
	WAITING,	/* the host's end is closed */
	OPENING,	/* it is open; /dev/drvio is not open yet */
	JOINED,		/* bytes go both ways */
	DRAINING,	/* the session is closed; skip what the host still
			 * sends of it
			 */
	DONE,		/* the port is gone, a signal came, or an error */
};

/**
 * struct relay - a port and its session
 * @path: the port's name, for messages
 * @port: the open port
 * @drvio: the open /dev/drvio, -1 where there is none
 * @epoll: waits for @port, @drvio and @signals
 * @signals: signalfd of SIGTERM and SIGINT
 * @state: see above
 * @status: exit status once DONE
 * @wake_ms: when the state has something to do though nothing happened; 0: not
 * @port_events: what @epoll watches @port for
 * @drvio_events: what @epoll watches @drvio for
 * @open_errno: why @drvio could not be opened, so that it is logged once
 * @short_of_memory: that is logged once, too
 * @to_guest: from @port to @drvio
 * @to_host: from @drvio to @port
 */
struct relay {
	const char *path;
	int port;
	int drvio;
	int epoll;
	int signals;
	enum relay_state state;
	int status;
	unsigned long long wake_ms;
	uint32_t port_events;
	uint32_t drvio_events;
	int open_errno;
	bool short_of_memory;
	struct buffer to_guest;
	struct buffer to_host;
};

static unsigned long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000 + (unsigned long long)t.tv_nsec / 1000000;
}

static void done(struct relay *r, int status)
{
	r->state = DONE;
	r->status = status;
}

static void session_end(struct relay *r)
{
	if (r->drvio < 0)
		return;
	close(r->drvio);	/* leaves the epoll set by itself */
	r->drvio = -1;
	buffer_clear(&r->to_guest);
}

static void host_closed(struct relay *r)
{
	session_end(r);
	buffer_clear(&r->to_host);
	r->wake_ms = 0;
	r->state = WAITING;
}

/* What a read of the port said when it gave no bytes. */
static void port_read_failed(struct relay *r, ssize_t n)
{
	if (!n) {
		host_closed(r);
	} else if (errno == ENODEV) {
		log_info("%s was unplugged", r->path);
		done(r, 0);
	} else if (errno != EAGAIN) {
		log_err("cannot read %s: %s", r->path, strerror(errno));
		done(r, 1);
	}
}

/*
 * Throws away what the port holds.  @quiet: it held nothing.  The state is
 * WAITING or DONE afterwards where that is what the port said.
 */
static void port_discard(struct relay *r, bool *quiet)
{
	ssize_t n;
	int i;

	*quiet = true;
	for (i = 0; i < ROUNDS_MAX; i++) {
		buffer_clear(&r->to_guest);
		n = buffer_fill(&r->to_guest, r->port);
		if (n <= 0) {
			port_read_failed(r, n);
			break;
		}
		*quiet = false;
	}
	buffer_clear(&r->to_guest);
}

static bool step_waiting(struct relay *r)
{
	bool quiet;

	/*
	 * Bytes of a host that has left belong to nobody.  Where it came back
	 * at once nothing tells its bytes from the old ones; a control domain
	 * speaks up again when it hears nothing.
	 */
	port_discard(r, &quiet);
	if (r->state == DONE)
		return true;
	if (!quiet)
		return true;
	if (port_host_closed(r->port))
		return false;
	r->state = OPENING;
	return true;
}

static bool watch(struct relay *r, int op, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	if (!epoll_ctl(r->epoll, op, fd, &e))
		return true;
	log_err("epoll_ctl: %s", strerror(errno));
	done(r, 1);
	return false;
}

static void set_carrier(struct relay *r)
{
	struct drvio_carrier c;

	memset(&c, 0, sizeof(c));
	if (port_carrier(r->port, c.name, sizeof(c.name)) &&
	    !ioctl(r->drvio, DRVIO_IOC_SET_CARRIER, &c))
		return;
	log_warn("cannot tell the kernel which device carries %s: %s; it will not refuse to unconfigure it",
		 r->path, strerror(errno));
}

static void log_open_error(struct relay *r)
{
	if (errno == r->open_errno)
		return;
	r->open_errno = errno;
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		log_warn("no " DRVIO_DEVICE ": waiting for the module drvio (modprobe drvio-virtio)");
		break;
	case EUSERS:
		log_warn(DRVIO_DEVICE ": all links are in use, see /sys/class/drvio/link*; waiting for one");
		break;
	default:
		log_warn("cannot open " DRVIO_DEVICE ": %s; trying again", strerror(errno));
		break;
	}
}

static bool step_opening(struct relay *r)
{
	if (port_host_closed(r->port)) {
		host_closed(r);
		return true;
	}
	if (now_ms() < r->wake_ms)
		return false;
	r->drvio = open(DRVIO_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (r->drvio < 0) {
		if (errno == EACCES || errno == EPERM) {
			log_err("cannot open " DRVIO_DEVICE ": %s: drvio-relay must run as root",
				 strerror(errno));
			done(r, 1);
			return true;
		}
		log_open_error(r);
		r->wake_ms = now_ms() + RETRY_MS;
		return false;
	}
	r->open_errno = 0;
	r->wake_ms = 0;
	r->drvio_events = EPOLLIN;
	if (!watch(r, EPOLL_CTL_ADD, r->drvio, r->drvio_events))
		return true;
	set_carrier(r);
	r->state = JOINED;
	return true;
}

static void session_closed(struct relay *r)
{
	log_warn("%s: the kernel closed the session because of what the host sent; a new one begins when the host is quiet",
		 r->path);
	buffer_clear(&r->to_guest);
	r->wake_ms = now_ms() + QUIET_MS;
	r->state = DRAINING;
}

/*
 * The kernel had no memory for a read or a write.  The bytes stay where they are until
 * it has: to end here would end the session, and with it requests that are under way.
 */
static void no_memory(struct relay *r)
{
	if (!r->short_of_memory)
		log_warn("%s: out of memory in the kernel; trying again", r->path);
	r->short_of_memory = true;
	r->wake_ms = now_ms() + RETRY_MS;
}

/* /dev/drvio said something else than how many bytes. */
static void drvio_failed(struct relay *r, ssize_t n, const char *what)
{
	if (!n || errno == EPIPE) {
		session_closed(r);
	} else if (errno == ENOMEM) {
		no_memory(r);
	} else if (errno != EAGAIN) {
		log_err("cannot %s " DRVIO_DEVICE ": %s", what, strerror(errno));
		done(r, 1);
	}
}

/* One round of copying.  Return: whether anything moved. */
static bool copy_once(struct relay *r)
{
	bool moved = false;
	ssize_t n;

	if (buffer_used(&r->to_guest) < sizeof(r->to_guest.bytes)) {
		n = buffer_fill(&r->to_guest, r->port);
		if (n > 0)
			moved = true;
		else
			port_read_failed(r, n);
		if (r->state != JOINED)
			return false;
	}
	if (buffer_used(&r->to_guest)) {
		n = buffer_drain(&r->to_guest, r->drvio);
		if (n > 0)
			moved = true;
		else
			drvio_failed(r, n, "write to");
		if (r->state != JOINED)
			return false;
	}
	if (buffer_used(&r->to_host) < sizeof(r->to_host.bytes)) {
		n = buffer_fill(&r->to_host, r->drvio);
		if (n > 0)
			moved = true;
		else
			drvio_failed(r, n, "read");
	}
	if (buffer_used(&r->to_host)) {
		n = buffer_drain(&r->to_host, r->port);
		if (n > 0)
			moved = true;
		else if (errno == ENOMEM)
			no_memory(r);
		else if (errno != EAGAIN)
			port_read_failed(r, n);
	}
	return moved;
}

/* Level-triggered, so only for what can be acted upon. */
static void watch_drvio(struct relay *r)
{
	uint32_t events = 0;

	if (r->drvio < 0)
		return;
	/* While joined there is nothing to wait for but memory. */
	if (r->state != JOINED || !r->wake_ms) {
		if (buffer_used(&r->to_host) < sizeof(r->to_host.bytes))
			events |= EPOLLIN;
		if (buffer_used(&r->to_guest))
			events |= EPOLLOUT;
	}
	if (events != r->drvio_events) {
		r->drvio_events = events;
		watch(r, EPOLL_CTL_MOD, r->drvio, events);
	}
}

/*
 * That the host opened its end shows as room to write.  While joined the port
 * wakes for each buffer that the host took: only where one waits for that.
 */
static void watch_port(struct relay *r)
{
	uint32_t events = EPOLLIN | EPOLLET;

	if (r->state == WAITING || buffer_used(&r->to_host))
		events |= EPOLLOUT;
	if (events != r->port_events) {
		r->port_events = events;
		watch(r, EPOLL_CTL_MOD, r->port, events);
	}
}

static bool step_joined(struct relay *r)
{
	int i;

	if (port_host_closed(r->port)) {
		host_closed(r);
		return true;
	}
	if (now_ms() < r->wake_ms)
		return false;
	r->wake_ms = 0;
	for (i = 0; i < ROUNDS_MAX; i++) {
		if (!copy_once(r) || r->wake_ms)
			break;
	}
	if (!r->wake_ms)
		r->short_of_memory = false;
	return r->state != JOINED || i == ROUNDS_MAX;
}

/*
 * What the kernel said before it closed the session goes to the host to its
 * end: half a message would spoil the next session.  Return: whether bytes moved.
 */
static bool flush_to_host(struct relay *r)
{
	bool moved = false;
	ssize_t n;

	if (r->drvio >= 0) {
		n = buffer_fill(&r->to_host, r->drvio);
		if (n > 0)
			moved = true;
		else if (n && errno == ENOMEM)
			no_memory(r);
		else if (!n || errno != EAGAIN)
			session_end(r);
	}
	n = buffer_drain(&r->to_host, r->port);
	if (n < 0 && errno == ENOMEM)
		no_memory(r);
	return n > 0 || moved;
}

static bool step_draining(struct relay *r)
{
	bool quiet;

	if (port_host_closed(r->port)) {
		host_closed(r);
		return true;
	}
	port_discard(r, &quiet);
	if (r->state != DRAINING)
		return true;
	if (flush_to_host(r))
		return true;
	if (!quiet) {
		r->wake_ms = now_ms() + QUIET_MS;
		return true;
	}
	if (now_ms() < r->wake_ms)
		return false;
	r->wake_ms = 0;
	if (r->drvio >= 0 || buffer_used(&r->to_host))
		return false;
	r->state = OPENING;
	return true;
}

/* Does what there is to do.  Return: whether there may be more. */
static bool step(struct relay *r)
{
	switch (r->state) {
	case WAITING:
		return step_waiting(r);
	case OPENING:
		return step_opening(r);
	case JOINED:
		return step_joined(r);
	case DRAINING:
		return step_draining(r);
	case DONE:
		break;
	}
	return false;
}

/* Milliseconds to sleep, as epoll_wait() wants them. */
static int sleep_ms(const struct relay *r, bool more)
{
	unsigned long long now;

	if (more)
		return 0;
	if (!r->wake_ms)
		return -1;
	now = now_ms();
	return now >= r->wake_ms ? 0 : (int)(r->wake_ms - now);
}

static void loop(struct relay *r)
{
	struct epoll_event events[4];
	int i, n;

	while (r->state != DONE) {
		bool more = step(r);

		if (!more) {
			watch_port(r);
			watch_drvio(r);
		}
		if (r->state == DONE)
			break;
		n = epoll_wait(r->epoll, events, 4, sleep_ms(r, more));
		if (n < 0 && errno != EINTR) {
			log_err("epoll_wait: %s", strerror(errno));
			done(r, 1);
		}
		for (i = 0; i < n; i++) {
			if (events[i].data.fd == r->signals)
				done(r, 0);
		}
	}
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int relay_run(int port, const char *path)
{
	struct relay *r = calloc(1, sizeof(*r));
	int status;

	if (!r) {
		log_err("out of memory");
		return 1;
	}
	r->path = path;
	r->port = port;
	r->drvio = -1;
	r->state = WAITING;
	r->signals = open_signals();
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->port_events = EPOLLIN | EPOLLET;
	if (r->signals < 0 || r->epoll < 0) {
		log_err("cannot begin: %s", strerror(errno));
		done(r, 1);
	} else if (watch(r, EPOLL_CTL_ADD, r->signals, EPOLLIN)) {
		watch(r, EPOLL_CTL_ADD, port, r->port_events);
	}

	loop(r);

	session_end(r);
	if (r->epoll >= 0)
		close(r->epoll);
	if (r->signals >= 0)
		close(r->signals);
	status = r->status;
	free(r);
	return status;
}
