// SPDX-License-Identifier: GPL-2.0
/*
 * The test in the place of drvio-helper.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"
#include "ctl.h"
#include "helper.h"

#define POLL_US		2000

int helper_register(const char *version)
{
	char line[64];

	snprintf(line, sizeof(line), "%s\n", version);
	return attr_write(line, SERVICE_DIR "/helper");
}

bool helper_wait_phase(const struct dr_device *dev, const char *phase)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	char now[32];

	while (deadline_left_ms(&d)) {
		if (!attr_read(now, sizeof(now), CLASS_DIR "/%s/request/phase", dev->node) &&
		    !strcmp(now, phase))
			return true;
		usleep(POLL_US);
	}
	return false;
}

bool helper_wait(const struct dr_device *dev, char *cookie, size_t size)
{
	return helper_wait_phase(dev, "userspace") &&
	       !attr_read(cookie, size, CLASS_DIR "/%s/request/cookie", dev->node);
}

int helper_write(const struct dr_device *dev, const char *line)
{
	return attr_write(line, CLASS_DIR "/%s/ack", dev->node);
}

static int ack(const struct dr_device *dev, const char *cookie, const char *word,
	       const char *text)
{
	char line[2048];

	snprintf(line, sizeof(line), "%s %s%s%s\n", cookie, word, *text ? " " : "", text);
	return helper_write(dev, line);
}

int helper_ack(const struct dr_device *dev, const char *word, const char *text)
{
	char cookie[32];

	if (!helper_wait(dev, cookie, sizeof(cookie)))
		return -ETIME;
	return ack(dev, cookie, word, text);
}

void helper_ack_if_asked(const struct dr_device *dev, int link, const char *word,
			 const char *text)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	struct pollfd answer = { .fd = link, .events = POLLIN };
	char phase[32], cookie[32];

	while (deadline_left_ms(&d)) {
		if (attr_read(phase, sizeof(phase), CLASS_DIR "/%s/request/phase", dev->node))
			return;
		if (!strcmp(phase, "userspace") &&
		    !attr_read(cookie, sizeof(cookie), CLASS_DIR "/%s/request/cookie", dev->node)) {
			ack(dev, cookie, word, text);
			return;
		}
		if (poll(&answer, 1, 0))
			return;
		usleep(POLL_US);
	}
}
