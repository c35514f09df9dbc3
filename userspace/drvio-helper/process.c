// SPDX-License-Identifier: GPL-2.0
/* Processes that use a device node or a filesystem. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "config.h"
#include "escape.h"
#include "mem.h"
#include "process.h"
#include "sysfs.h"

/* --- All processes --- */

/* Threads at the same time; more than two processors gain little. */
#define THREADS_MAX	4

/* struct share - of one thread: each @step-th of @n, from @first on */
struct share {
	void (*work)(void *data, size_t first, size_t n, size_t step);
	void *data;
	size_t first;
	size_t n;
	size_t step;
};

static void do_share(const struct share *share)
{
	share->work(share->data, share->first, share->n, share->step);
}

static void *share_thread(void *data)
{
	/* With descriptors of their own the threads do not wait for each other. */
	(void)!unshare(CLONE_FILES);
	do_share(data);
	return NULL;
}

/* What is asked of each process is work of the kernel: all processors do it. */
static void in_threads(void (*work)(void *data, size_t first, size_t n, size_t step),
		       void *data, size_t n)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct share shares[THREADS_MAX];
	pthread_t threads[THREADS_MAX];
	bool joinable[THREADS_MAX];
	size_t step;

	step = cpus < 1 || n < 64 ? 1 : cpus > THREADS_MAX ? THREADS_MAX : cpus;
	for (size_t i = 0; i < step; i++) {
		shares[i] = (struct share){ work, data, i, n, step };
		/* The last share is done here, and one for which there is no thread. */
		joinable[i] = i + 1 < step &&
			      !pthread_create(&threads[i], NULL, share_thread, &shares[i]);
		if (!joinable[i])
			do_share(&shares[i]);
	}
	for (size_t i = 0; i < step; i++)
		if (joinable[i])
			pthread_join(threads[i], NULL);
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

unsigned long process_namespace(const char *link)
{
	static const char prefix[] = "mnt:[";

	return strncmp(link, prefix, strlen(prefix)) ? 0 :
	       strtoul(link + strlen(prefix), NULL, 10);
}

static void read_namespaces(void *data, size_t first, size_t n, size_t step)
{
	struct processes *all = data;
	int proc = open(config.proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[32], link[64];
	ssize_t len;

	for (size_t i = first; i < n; i += step) {
		snprintf(path, sizeof(path), "%d/ns/mnt", all->pids[i]);
		len = readlinkat(proc, path, link, sizeof(link) - 1);
		link[len > 0 ? len : 0] = '\0';
		all->namespaces[i] = process_namespace(link);
	}
	if (proc >= 0)
		close(proc);
}

void processes_read(struct processes *all)
{
	struct dirent *entry;
	DIR *dir;

	memset(all, 0, sizeof(*all));
	dir = opendir(config.proc);
	while (dir && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		/* Doubles from 64 on. */
		if (!(all->n & (all->n - 1)) && (all->n == 0 || all->n >= 64))
			all->pids = xreallocarray(all->pids, all->n ? all->n * 2 : 64,
						  sizeof(*all->pids));
		all->pids[all->n++] = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (all->n)
		qsort(all->pids, all->n, sizeof(*all->pids), by_pid);
	all->namespaces = xcalloc(all->n + 1, sizeof(*all->namespaces));
	in_threads(read_namespaces, all, all->n);
}

void processes_free(struct processes *all)
{
	free(all->pids);
	free(all->namespaces);
	memset(all, 0, sizeof(*all));
}

bool process_opens(pid_t pid, const char *link)
{
	char path[PATH_MAX], to[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%d/fd", config.proc, pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, to, sizeof(to) - 1);
		to[len > 0 ? len : 0] = '\0';
		found = !strcmp(to, link);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* --- What a process uses --- */

void wanted_add_node(struct wanted *wanted, dev_t rdev)
{
	wanted->rdevs = xreallocarray(wanted->rdevs, wanted->nrdevs + 1,
				      sizeof(*wanted->rdevs));
	wanted->rdevs[wanted->nrdevs++] = rdev;
}

void wanted_add_mount(struct wanted *wanted, dev_t dev, int mount_id)
{
	wanted->devs = xreallocarray(wanted->devs, wanted->ndevs + 1,
				     sizeof(*wanted->devs));
	wanted->devs[wanted->ndevs++] = dev;
	wanted->mounts = xreallocarray(wanted->mounts, wanted->nmounts + 1,
				       sizeof(*wanted->mounts));
	wanted->mounts[wanted->nmounts++] = mount_id;
}

void wanted_free(struct wanted *wanted)
{
	free(wanted->rdevs);
	free(wanted->devs);
	free(wanted->mounts);
	memset(wanted, 0, sizeof(*wanted));
}

static bool has_dev(const dev_t *devs, size_t n, dev_t dev)
{
	while (n--)
		if (devs[n] == dev)
			return true;
	return false;
}

static bool has_mount(const struct wanted *wanted, int id)
{
	for (size_t i = 0; i < wanted->nmounts; i++)
		if (wanted->mounts[i] == id)
			return true;
	return false;
}

/* Notes one use; only the first is kept, the others are counted. */
static void note(struct user *user, char *path, enum use use, const char *what)
{
	if (*path) {
		user->more++;
		return;
	}
	user->use = use;
	snprintf(path, PATH_MAX, "%s", what);
	user->path = path;
}

/*
 * Looks where one of the links in /proc leads to. The file's own state is
 * enough: a network filesystem that hangs must not hang this program.
 *
 * Return: false when it leads nowhere.
 */
static bool check_link(const struct wanted *wanted, struct user *user,
		       char *path, int dir, const char *link, enum use use)
{
	struct statx stx;
	char to[PATH_MAX];
	bool node, file;
	ssize_t len;

	if (statx(dir, link, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		  STATX_TYPE | STATX_INO | STATX_MNT_ID, &stx))
		return errno != ENOENT;
	node = use == USE_FILE &&
	       (wanted->blocks ? S_ISBLK(stx.stx_mode) : S_ISCHR(stx.stx_mode)) &&
	       has_dev(wanted->rdevs, wanted->nrdevs,
		       makedev(stx.stx_rdev_major, stx.stx_rdev_minor));
	file = has_dev(wanted->devs, wanted->ndevs,
		       makedev(stx.stx_dev_major, stx.stx_dev_minor)) ||
	       (stx.stx_mask & STATX_MNT_ID &&
		has_mount(wanted, (int)stx.stx_mnt_id));
	if (!node && !file)
		return true;
	len = readlinkat(dir, link, to, sizeof(to) - 1);
	to[len > 0 ? len : 0] = '\0';
	if (!*path) {
		user->rdev = makedev(stx.stx_rdev_major, stx.stx_rdev_minor);
		user->dev = makedev(stx.stx_dev_major, stx.stx_dev_minor);
		user->mount = stx.stx_mask & STATX_MNT_ID ? (int)stx.stx_mnt_id : 0;
	}
	note(user, path, node ? USE_NODE : use, to);
	return true;
}

static void check_fds(const struct wanted *wanted, struct user *user,
		      char *path, int proc, const char *folder)
{
	int fd = openat(proc, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct dirent64) char buf[4096];
	ssize_t len, at;

	if (fd < 0)
		return;
	/* Not readdir(): what it does beyond this is a third of the whole. */
	do {
		len = getdents64(fd, buf, sizeof(buf));
		for (at = 0; at < len; ) {
			struct dirent64 *entry = (struct dirent64 *)(buf + at);

			if (isdigit((unsigned char)entry->d_name[0]))
				check_link(wanted, user, path, fd, entry->d_name, USE_FILE);
			at += entry->d_reclen;
		}
		/* An entry is small: what leaves room is the end. */
	} while (len > (ssize_t)sizeof(buf) / 2);
	close(fd);
}

/* Room for the mappings of a process; kept, since most have about as many. */
struct text {
	char *s;
	size_t size;
};

static size_t read_all(struct text *text, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got;

	while (fd >= 0) {
		if (text->size - len < 4096) {
			text->size += 16384;
			text->s = xreallocarray(text->s, text->size, 1);
		}
		got = read(fd, text->s + len, text->size - len - 1);
		if (got <= 0)
			break;
		len += got;
	}
	if (fd >= 0)
		close(fd);
	if (text->s)
		text->s[len] = '\0';
	return len;
}

/*
 * Mapped files whose descriptor was closed. The program itself is mapped too,
 * and was found as such. A line is
 *
 *	7f5cc000-7f5ce000 r-xp 00002000 fe:01 1234     /data/lib.so
 */
static void check_maps(const struct wanted *wanted, struct user *user,
		       char *path, int proc, const char *file, struct text *maps)
{
	size_t len = read_all(maps, proc, file);
	char dev[32], *line, *name;

	for (size_t i = 0; len && i < wanted->ndevs; i++) {
		snprintf(dev, sizeof(dev), " %02x:%02x ", major(wanted->devs[i]),
			 minor(wanted->devs[i]));
		line = memmem(maps->s, len, dev, strlen(dev));
		name = line ? strpbrk(line, "/\n") : NULL;
		if (!name || *name != '/')
			continue;
		name[strcspn(name, "\n")] = '\0';
		user->dev = wanted->devs[i];
		note(user, path, USE_MAPPED, name);
		return;
	}
}

/*
 * With thousands of processes each system call counts: none that can be spared.
 *
 * Return: whether the process uses something of what is wanted.
 */
static bool scan_process(const struct wanted *wanted, struct user *user,
			 char path[PATH_MAX], int proc, struct text *maps)
{
	char name[32], *in = name + sprintf(name, "%d/", user->pid);

	path[0] = '\0';
	strcpy(in, "exe");
	/* Threads of the kernel have no program, and no files. */
	if (!check_link(wanted, user, path, proc, name, USE_EXE))
		return false;
	strcpy(in, "fd");
	check_fds(wanted, user, path, proc, name);
	if (!wanted->ndevs)
		return *path;
	strcpy(in, "cwd");
	check_link(wanted, user, path, proc, name, USE_CWD);
	strcpy(in, "root");
	check_link(wanted, user, path, proc, name, USE_ROOT);
	strcpy(in, "maps");
	if (!*path)
		check_maps(wanted, user, path, proc, name, maps);
	return *path;
}

/* struct scan - the work of all threads */
struct scan {
	const struct wanted *wanted;
	struct user *users;		/* by process; with a path: found */
};

static void scan_some(void *data, size_t first, size_t end, size_t step)
{
	const struct scan *scan = data;
	int proc = open(config.proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct text maps = { 0 };
	char path[PATH_MAX];
	pid_t self = getpid();

	for (size_t i = first; i < end; i += step) {
		struct user *user = &scan->users[i];

		if (user->pid == self ||
		    !scan_process(scan->wanted, user, path, proc, &maps)) {
			user->path = NULL;
			continue;
		}
		user->path = xstrdup(path);
		sysfs_read(user->comm, sizeof(user->comm), "%s/%d/comm",
			   config.proc, user->pid);
		escape_printable(user->comm);
	}
	free(maps.s);
	if (proc >= 0)
		close(proc);
}

void process_scan(const struct processes *all, const struct wanted *wanted,
		  void (*found)(const struct user *user, void *data), void *data)
{
	struct scan scan = { .wanted = wanted };

	if (!wanted->nrdevs && !wanted->ndevs)
		return;
	scan.users = xcalloc(all->n + 1, sizeof(*scan.users));
	for (size_t i = 0; i < all->n; i++)
		scan.users[i].pid = all->pids[i];
	in_threads(scan_some, &scan, all->n);
	for (size_t i = 0; i < all->n; i++) {
		if (!scan.users[i].path)
			continue;
		found(&scan.users[i], data);
		free((char *)scan.users[i].path);
	}
	free(scan.users);
}
