// SPDX-License-Identifier: GPL-2.0
/* Waiting for udev to finish new devices, and what it says about them. */
#include <blkid.h>
#include <errno.h>
#include <libudev.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "guard.h"
#include "log.h"
#include "udev.h"

#define UDEV_CONTROL	"/run/udev/control"

/* How often it is looked for a link. */
#define LINK_TRY_NS	(20 * 1000 * 1000)

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* A node that udev has not finished, or NULL. */
static const struct node *unfinished(struct udev *udev, const struct devtree *tree)
{
	for (size_t i = 0; i < tree->n; i++) {
		struct udev_device *dev;
		bool finished;

		if (!node_is_block(&tree->nodes[i]) &&
		    tree->nodes[i].kind != NODE_NET)
			continue;
		dev = udev_device_new_from_syspath(udev, tree->nodes[i].path);
		/* One that has gone meanwhile shows when the tree is read anew. */
		finished = dev && udev_device_get_is_initialized(dev) > 0;
		udev_device_unref(dev);
		if (!finished)
			return &tree->nodes[i];
	}
	return NULL;
}

static void read_again(struct job *job)
{
	devtree_free(&job->tree);
	devtree_read(&job->tree, &job->req.targets);
}

static int wait_for_events(struct job *job, struct udev *udev,
			   struct udev_monitor *monitor)
{
	struct pollfd fd = { .fd = udev_monitor_get_fd(monitor), .events = POLLIN };
	unsigned int timeout = job_number(job, POLICY_UDEV_TIMEOUT);
	long end = now_ms() + timeout, left;
	const struct node *node;

	while ((node = unfinished(udev, &job->tree))) {
		left = end - now_ms();
		if (left <= 0)
			return job_fail(job, "%s: udev did not finish %s within %u ms: look at the log of systemd-udevd in the guest",
					job->req.dev, node->name, timeout);
		if (poll(&fd, 1, left) < 0 && errno != EINTR)
			return job_fail(job, "%s: poll: %s", job->req.dev,
					strerror(errno));
		/* What happened does not matter: the state is looked at. */
		while (poll(&fd, 1, 0) > 0) {
			struct udev_device *dev = udev_monitor_receive_device(monitor);

			if (!dev)
				break;
			udev_device_unref(dev);
		}
		read_again(job);
	}
	return 0;
}

int udev_wait(struct job *job)
{
	struct udev_monitor *monitor;
	struct udev *udev;
	int err = 0;

	/* Where udev does not run, nobody is to be waited for. */
	if (access(UDEV_CONTROL, F_OK))
		return 0;
	udev = udev_new();
	if (!udev)
		return job_fail(job, "%s: udev: %s", job->req.dev, strerror(errno));
	if (unfinished(udev, &job->tree)) {
		request_progress_begin(&job->req, "waiting for udev");
		monitor = udev_monitor_new_from_netlink(udev, "udev");
		if (!monitor ||
		    udev_monitor_filter_add_match_subsystem_devtype(monitor, "block", NULL) < 0 ||
		    udev_monitor_filter_add_match_subsystem_devtype(monitor, "net", NULL) < 0 ||
		    udev_monitor_enable_receiving(monitor) < 0)
			err = job_fail(job, "%s: no events of udev can be received: %s",
				       job->req.dev, strerror(errno));
		else
			err = wait_for_events(job, udev, monitor);
		udev_monitor_unref(monitor);
		request_progress_end();
	}
	udev_unref(udev);
	read_again(job);
	return err;
}

/* Whether udev's rules have given a device a link. */
static bool has_link(struct udev *udev, const char *dir, const char *link)
{
	struct udev_device *dev = udev_device_new_from_syspath(udev, dir);
	struct udev_list_entry *entry;
	bool has = false;

	if (!dev)
		return false;
	udev_list_entry_foreach(entry, udev_device_get_devlinks_list_entry(dev))
		has |= !strcmp(udev_list_entry_get_name(entry), link);
	udev_device_unref(dev);
	return has;
}

void udev_wait_link(struct job *job, const char *dir, const char *link)
{
	struct timespec pause = { .tv_nsec = LINK_TRY_NS };
	unsigned int timeout = job_number(job, POLICY_UDEV_TIMEOUT);
	long end = now_ms() + timeout;
	struct udev *udev = udev_new();
	bool has = false;

	if (!udev || access(UDEV_CONTROL, F_OK)) {
		udev_unref(udev);
		return;
	}
	request_progress_begin(&job->req, "waiting for udev");
	while (!(has = has_link(udev, dir, link)) && now_ms() < end)
		nanosleep(&pause, NULL);
	request_progress_end();
	if (!has)
		log_warn("%s: udev did not make %s within %u ms", job->req.dev, link, timeout);
	udev_unref(udev);
}

static void add_tag(struct strv *names, const char *tag, const char *value)
{
	if (value && *value)
		strv_take(names, xasprintf("%s=%s", tag, value));
}

/* In a process of its own; the text gets a line for each name. */
static int do_probe(void *devname, char text[GUARD_TEXT])
{
	static const struct {
		const char *value;
		const char *tag;
	} tags[] = {
		{ "UUID", "UUID" },
		{ "LABEL", "LABEL" },
		{ "PART_ENTRY_UUID", "PARTUUID" },
		{ "PART_ENTRY_NAME", "PARTLABEL" },
		{ "TYPE", "TYPE" },
	};
	const char *value;
	size_t len = 0;
	blkid_probe pr;

	pr = blkid_new_probe_from_filename(devname);
	if (!pr)
		return errno ? errno : EIO;
	blkid_probe_enable_partitions(pr, 1);
	blkid_probe_set_partitions_flags(pr, BLKID_PARTS_ENTRY_DETAILS);
	if (!blkid_do_safeprobe(pr))
		for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
			if (!blkid_probe_lookup_value(pr, tags[i].value, &value, NULL) &&
			    len < GUARD_TEXT)
				len += snprintf(text + len, GUARD_TEXT - len, "%s=%s\n",
						tags[i].tag, value);
	blkid_free_probe(pr);
	return 0;
}

/* Without udev's rules for disks nobody has looked what is on the device. */
static void probe(struct strv *names, char *devname)
{
	char text[GUARD_TEXT], *rest = text, *line;

	if (guard_look("reading what is on it", do_probe, devname, text))
		return;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			strv_take(names, xstrdup(line));
}

/* A label as it is, from the form in which udev keeps it ("\x20"). */
static void add_encoded(struct strv *names, const char *tag, const char *value)
{
	char *text, *out;
	unsigned int c;

	if (!value || !*value)
		return;
	text = xstrdup(value);
	out = text;
	for (char *p = text; *p; p++) {
		if (p[0] == '\\' && p[1] == 'x' && sscanf(p + 2, "%2x", &c) == 1) {
			*out++ = c;
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
	add_tag(names, tag, text);
	free(text);
}

void udev_names(struct strv *names, const struct node *node)
{
	struct udev_list_entry *link;
	struct udev_device *dev;
	struct udev *udev;
	bool known = false;

	strv_take(names, xasprintf("%s/%s", config.dev, node->devname));
	udev = udev_new();
	dev = udev ? udev_device_new_from_syspath(udev, node->path) : NULL;
	if (dev) {
		udev_list_entry_foreach(link, udev_device_get_devlinks_list_entry(dev))
			strv_take(names, xstrdup(udev_list_entry_get_name(link)));
		known = udev_device_get_property_value(dev, "ID_FS_TYPE") ||
			udev_device_get_property_value(dev, "ID_PART_TABLE_TYPE");
		add_encoded(names, "UUID",
			    udev_device_get_property_value(dev, "ID_FS_UUID_ENC"));
		add_encoded(names, "LABEL",
			    udev_device_get_property_value(dev, "ID_FS_LABEL_ENC"));
		add_tag(names, "PARTUUID",
			udev_device_get_property_value(dev, "ID_PART_ENTRY_UUID"));
		add_encoded(names, "PARTLABEL",
			    udev_device_get_property_value(dev, "ID_PART_ENTRY_NAME"));
		add_tag(names, "TYPE", udev_device_get_property_value(dev, "ID_FS_TYPE"));
		udev_device_unref(dev);
	}
	udev_unref(udev);
	if (!known)
		probe(names, names->s[0]);
}
