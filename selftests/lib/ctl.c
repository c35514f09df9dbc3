// SPDX-License-Identifier: GPL-2.0
/*
 * The test as control domain.
 */
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"
#include "ctl.h"
#include "helper.h"

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

bool dr_device_find(struct dr_device *dev, const char *name, int skip)
{
	struct dirent **entries;
	size_t len = strlen(name);
	bool found = false;
	int n = scandir(CLASS_DIR, &entries, NULL, by_name);

	/* In the order of their ids, so that each test finds the same ones. */
	for (int i = 0; i < n; i++) {
		const char *node = entries[i]->d_name;
		char path[PATH_MAX], target[PATH_MAX];
		ssize_t end;

		if (found || strncmp(node, name, len) || node[len] != '@' || skip-- > 0)
			continue;
		snprintf(path, sizeof(path), CLASS_DIR "/%s/target0", node);
		end = readlink(path, target, sizeof(target) - 1);
		if (end < 0)
			continue;
		target[end] = '\0';
		snprintf(dev->node, sizeof(dev->node), "%.127s", node);
		snprintf(dev->name, sizeof(dev->name), "%s", name);
		snprintf(dev->target, sizeof(dev->target), "%.63s", basename(target));
		dev->dev_id = strtoull(node + len + 1, NULL, 16);
		found = true;
	}
	while (n > 0)
		free(entries[--n]);
	return found;
}

bool ctl_open(struct session *s)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	int fd = open(getenv("DRVIO_LINK") ?: "/dev/drvio", O_RDWR | O_CLOEXEC);
	char address[16];
	bool ok;

	if (fd < 0)
		return false;
	snprintf(address, sizeof(address), "fd:%d", fd);
	/* It works on a duplicate. */
	ok = session_open(s, address, &d) == SESSION_OK &&
	     session_establish(s, &d) == SESSION_OK;
	close(fd);
	return ok;
}

bool ctl_send(struct session *s, enum drvio_verb verb, const struct dr_device *dev)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);

	return session_request(s, verb, dev->name, dev->dev_id, &d, NULL) == SESSION_OK;
}

bool ctl_answer(struct session *s, struct session_answer *answer)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);

	return session_answer(s, answer, &d) == SESSION_OK;
}

bool ctl_call(struct session *s, enum drvio_verb verb, const struct dr_device *dev,
	      struct session_answer *answer)
{
	return ctl_send(s, verb, dev) && ctl_answer(s, answer);
}

bool ctl_call_acked(struct session *s, enum drvio_verb verb,
		    const struct dr_device *dev, const char *ack, const char *text,
		    struct session_answer *answer)
{
	return ctl_send(s, verb, dev) && helper_ack(dev, ack, text) == 0 &&
	       ctl_answer(s, answer);
}

bool ctl_restore(const struct dr_device *dev)
{
	struct session_answer answer;
	char status[32];
	struct session s;
	bool ok = false;

	if (helper_register("selftest"))
		return false;
	if (ctl_open(&s) && ctl_send(&s, DRVIO_CONFIGURE, dev)) {
		/* Where it was configured all the time nobody is asked. */
		helper_ack_if_asked(dev, s.fd, "ok", "");
		ok = ctl_answer(&s, &answer) && answer.result == DRVIO_OK &&
		     !attr_read(status, sizeof(status), CLASS_DIR "/%s/status", dev->node) &&
		     !strcmp(status, "configured");
	}
	session_close(&s);
	return ok;
}
