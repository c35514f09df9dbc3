// SPDX-License-Identifier: GPL-2.0
/*
 * Users that are neither a process with a device node nor a mount, so that
 * only the driver of the device knows of them: memory that the guest has
 * plugged in, transforms of algorithms, connected sockets.  The kernel's last
 * look (virtio_use.c) sees the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "job.h"
#include "sysfs.h"

#define MIB	(1024 * 1024)

/* A number of the DR device; 0 where there is none. */
static uint64_t dr_number(const struct job *job, const char *attribute)
{
	char text[32];

	sysfs_read(text, sizeof(text), "%s/class/drvio/%s/%s", config.sysfs,
		   job->req.dev, attribute);
	return strtoull(text, NULL, 10);
}

static void look_at_memory(struct job *job)
{
	uint64_t plugged = dr_number(job, "plugged_size");
	uint64_t requested = dr_number(job, "requested_size");

	if (plugged || requested)
		table_add(&job->vetoes, "memory",
			  "%" PRIu64 " MiB of the device are plugged in, and the host requests %" PRIu64 " MiB: request a size of 0 from the host, and wait until the guest has given it back; nothing else helps, not even force",
			  plugged / MIB, requested / MIB);
}

/* What follows "key : " in a block of /proc/crypto, "" where it has no such line. */
static void crypto_value(const char *block, const char *key, char *buf, size_t size)
{
	size_t len = strlen(key);
	const char *line = block;

	*buf = '\0';
	while (line && *line) {
		if (!strncmp(line, key, len) && strchr(" :", line[len])) {
			line += strcspn(line, ":\n");
			if (*line == ':')
				snprintf(buf, size, "%.*s", (int)strcspn(line + 2, "\n"),
					 line + 2);
			return;
		}
		line = strchr(line, '\n');
		if (line)
			line++;
	}
}

/* An algorithm has one reference for itself, and one for each transform. */
static void look_at_crypto(struct job *job)
{
	char *text = sysfs_read_file("%s/crypto", config.proc), *rest = text, *end;
	char value[64], name[128];
	long refs;

	for (; rest && *rest; rest = end ? end + 2 : NULL) {
		end = strstr(rest, "\n\n");
		if (end)
			*end = '\0';
		crypto_value(rest, "module", value, sizeof(value));
		if (strcmp(value, "virtio_crypto"))
			continue;
		crypto_value(rest, "refcnt", value, sizeof(value));
		refs = strtol(value, NULL, 10);
		crypto_value(rest, "name", name, sizeof(name));
		if (refs > 1)
			table_add(&job->vetoes, name,
				  "algorithm with %ld users: end what encrypts with it (IPsec, AF_ALG sockets); nothing else helps, not even force",
				  refs - 1);
	}
	free(text);
}

/* Each socket that is connected over the device refers to the driver's module. */
static void look_at_sockets(struct job *job)
{
	char text[32];
	long users;

	for (size_t i = 0; i < job->req.targets.n; i++) {
		sysfs_read(text, sizeof(text), "%s/driver/module/refcnt",
			   job->req.targets.s[i]);
		users = strtol(text, NULL, 10);
		if (users > 0)
			table_add(&job->blockers, "vsock",
				  "%ld sockets are connected over it: close them (ss --vsock -p)",
				  users);
	}
}

static void driver_look(struct job *job)
{
	static const struct {
		const char *type;
		void (*look)(struct job *job);
	} looks[] = {
		{ "virtio-mem", look_at_memory },
		{ "virtio-crypto", look_at_crypto },
		{ "virtio-vsock", look_at_sockets },
	};

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (!strcmp(job->req.type, looks[i].type))
			looks[i].look(job);
}

const struct kind driver_kind = {
	.name = "driver",
	.look = driver_look,
};
