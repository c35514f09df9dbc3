// SPDX-License-Identifier: GPL-2.0
/*
 * All mounts of the system. libmount is not used for this: it keeps neither
 * the peer groups apart nor the namespaces, which decide here what a mount is.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "config.h"
#include "escape.h"
#include "log.h"
#include "mem.h"
#include "mounts.h"
#include "sysfs.h"

char *proc_unescape(char *text)
{
	char *out = text;

	for (char *p = text; *p; p++) {
		if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' &&
		    p[2] >= '0' && p[2] <= '7' && p[3] >= '0' && p[3] <= '7') {
			*out++ = (p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0');
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
	return text;
}

static char *field(char **rest)
{
	char *f = *rest ? strsep(rest, " ") : NULL;

	return f && *f ? f : NULL;
}

/* "254:1"; 0: it is not that. */
static bool parse_devno(const char *text, dev_t *dev)
{
	unsigned long maj, min;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	maj = strtoul(text, &end, 10);
	if (*end != ':' || !isdigit((unsigned char)end[1]))
		return false;
	min = strtoul(end + 1, &end, 10);
	*dev = makedev(maj, min);
	return !*end;
}

/* There may be thousands of lines: nothing here that costs more than it must. */
static int parse_line(struct mount *mount, char *line)
{
	char *id, *parent, *devno, *optional;

	id = field(&line);
	parent = field(&line);
	devno = field(&line);
	mount->root = field(&line);
	mount->target = field(&line);
	mount->options = field(&line);
	if (!id || !parent || !devno || !mount->root || !mount->target ||
	    !mount->options || !parse_devno(devno, &mount->dev))
		return -1;
	while ((optional = field(&line)) && strcmp(optional, "-")) {
		if (!strncmp(optional, "shared:", 7))
			mount->shared = atoi(optional + 7);
		else if (!strncmp(optional, "master:", 7))
			mount->master = atoi(optional + 7);
		else if (!strcmp(optional, "unbindable"))
			mount->unbindable = true;
	}
	mount->fstype = field(&line);
	/* A source may be empty: then there are two spaces. */
	mount->source = line ? strsep(&line, " ") : NULL;
	mount->fs_options = field(&line);
	if (!optional || !mount->fstype || !mount->source || !mount->fs_options)
		return -1;

	mount->id = atoi(id);
	mount->parent = atoi(parent);
	proc_unescape(mount->root);
	proc_unescape(mount->target);
	proc_unescape(mount->fstype);
	proc_unescape(mount->source);
	proc_unescape(mount->fs_options);
	return 0;
}

int mounts_parse_line(struct mount *mount, const char *line)
{
	int err;

	memset(mount, 0, sizeof(*mount));
	mount->text = xstrdup(line);
	err = parse_line(mount, mount->text);
	if (err)
		mount_clear(mount);
	return err;
}

static void read_ns(struct mounts *mounts, const char *pid, unsigned long inode)
{
	char *text, *rest, *line;
	struct mount_ns *ns;

	text = sysfs_read_file("%s/%s/mountinfo", config.proc, pid);
	if (!text)
		return;
	mounts->ns = xreallocarray(mounts->ns, mounts->nns + 1, sizeof(*ns));
	ns = &mounts->ns[mounts->nns];
	ns->inode = inode;
	ns->pid = atoi(pid);
	sysfs_read(ns->comm, sizeof(ns->comm), "%s/%s/comm", config.proc, pid);
	escape_printable(ns->comm);

	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		struct mount mount;

		if (!*line)
			continue;
		if (mounts_parse_line(&mount, line)) {
			log_warn("%s/%s/mountinfo: a line is not understood",
				 config.proc, pid);
			continue;
		}
		mount.ns = mounts->nns;
		mounts->m = xreallocarray(mounts->m, mounts->n + 1, sizeof(mount));
		mounts->m[mounts->n++] = mount;
	}
	mounts->nns++;
	free(text);
}

void mounts_read_own(struct mounts *mounts)
{
	unsigned long inode = 0;
	char link[64];

	memset(mounts, 0, sizeof(*mounts));
	if (!sysfs_link_name(link, sizeof(link), "%s/self/ns/mnt", config.proc))
		inode = process_namespace(link);
	read_ns(mounts, "self", inode);
}

void mounts_read_others(struct mounts *mounts, const struct processes *all)
{
	char pid[16];
	size_t k;

	for (size_t i = 0; i < all->n; i++) {
		for (k = 0; k < mounts->nns; k++)
			if (mounts->ns[k].inode == all->namespaces[i])
				break;
		if (k < mounts->nns || !all->namespaces[i])
			continue;
		snprintf(pid, sizeof(pid), "%d", all->pids[i]);
		read_ns(mounts, pid, all->namespaces[i]);
	}
}

const struct mount *mounts_find(const struct mounts *mounts, size_t ns, int id)
{
	for (size_t i = 0; i < mounts->n; i++)
		if (mounts->m[i].ns == ns && mounts->m[i].id == id)
			return &mounts->m[i];
	return NULL;
}

/*
 * Whether what happens on a mount of the peer group @from also happens on
 * @mount: as its peer, its slave, or the slave of a slave.
 */
static bool receives(const struct mounts *mounts, const struct mount *mount,
		     int from, int depth)
{
	const struct mount *m;

	if (!from || depth > 16)
		return false;
	if (mount->shared == from || mount->master == from)
		return true;
	if (!mount->master)
		return false;
	for (size_t i = 0; i < mounts->n; i++) {
		m = &mounts->m[i];
		if (m->shared == mount->master && m->master &&
		    m->master != m->shared &&
		    receives(mounts, m, from, depth + 1))
			return true;
	}
	return false;
}

/* Where on its parent's filesystem a mount is: root of the parent + the way. */
static char *place(const struct mount *parent, const struct mount *mount)
{
	size_t len = strlen(parent->target);
	const char *way = mount->target;
	const char *root = strcmp(parent->root, "/") ? parent->root : "";

	/* Only its root folder, "/", ends in a slash. */
	if (len > 1 && !strncmp(way, parent->target, len))
		way += len;
	return xasprintf("%s%s", root, *root || *way ? way : "/");
}

bool mounts_is_copy(const struct mounts *mounts, const struct mount *other,
		    const struct mount *own)
{
	const struct mount *other_on, *own_on;
	char *a, *b;
	bool same;

	other_on = mounts_find(mounts, other->ns, other->parent);
	own_on = mounts_find(mounts, own->ns, own->parent);
	if (!other_on || !own_on || other_on->dev != own_on->dev ||
	    !receives(mounts, other_on, own_on->shared, 0))
		return false;
	a = place(other_on, other);
	b = place(own_on, own);
	same = !strcmp(a, b);
	free(a);
	free(b);
	return same;
}

void mount_clear(struct mount *mount)
{
	free(mount->text);
	memset(mount, 0, sizeof(*mount));
}

void mounts_free(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->n; i++)
		mount_clear(&mounts->m[i]);
	free(mounts->m);
	free(mounts->ns);
	memset(mounts, 0, sizeof(*mounts));
}

/* What the running system cannot do without, wherever it is mounted from. */
static const char * const system_targets[] = {
	"/", "/bin", "/boot", "/boot/efi", "/boot/firmware", "/efi", "/etc",
	"/lib", "/lib32", "/lib64", "/opt/drvio", "/sbin", "/usr", "/usr/lib",
	"/usr/bin", "/usr/sbin", "/var", "/var/lib",
};

bool mounts_is_system(const char *target)
{
	for (size_t i = 0; i < sizeof(system_targets) / sizeof(system_targets[0]); i++)
		if (!strcmp(target, system_targets[i]))
			return true;
	return false;
}
