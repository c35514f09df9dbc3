// SPDX-License-Identifier: GPL-2.0
/* Loop devices: detached, and attached again to the same file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <linux/loop.h>

#include "blockdev.h"
#include "config.h"
#include "layer.h"
#include "log.h"
#include "loop.h"
#include "sysfs.h"

/* A device that somebody has open for a moment is detached when that ends. */
#define DETACH_TRIES	50
#define DETACH_TRY_NS	(20 * 1000 * 1000)

static int loop_open(const char *name, int mode)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", config.dev, name);
	return open(path, mode | O_CLOEXEC | O_NONBLOCK);
}

/* From the device itself: what sysfs tells is a path, which may be anything. */
static int loop_info(const char *name, struct loop_info64 *info)
{
	int err, fd = loop_open(name, O_RDONLY);

	if (fd < 0)
		return -1;
	err = ioctl(fd, LOOP_GET_STATUS64, info);
	close(fd);
	return err;
}

/* As the kernel packs a device number for this ioctl. */
static dev_t loop_devno(__u64 dev)
{
	return makedev((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
}

static bool backing_file(char path[PATH_MAX], const char *name)
{
	return sysfs_read(path, PATH_MAX, "%s/block/%s/loop/backing_file",
			  config.sysfs, name) > 0;
}

void loops_read(struct loops *loops)
{
	char path[PATH_MAX], file[PATH_MAX];
	struct loop_info64 info;
	struct dirent *entry;
	struct statx stx;
	DIR *dir;

	memset(loops, 0, sizeof(*loops));
	snprintf(path, sizeof(path), "%s/block", config.sysfs);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		struct loop loop = { 0 };

		if (strncmp(entry->d_name, "loop", 4) ||
		    !backing_file(file, entry->d_name) ||
		    loop_info(entry->d_name, &info))
			continue;
		loop.name = xstrdup(entry->d_name);
		loop.rdev = sysfs_devno("%s/%s/dev", path, entry->d_name);
		loop.node = loop_devno(info.lo_rdevice);
		loop.fs = loop_devno(info.lo_device);
		/* A subvolume of btrfs has another number than its filesystem. */
		if (!major(loop.fs) &&
		    !statx(AT_FDCWD, file, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
			   STATX_MNT_ID, &stx) && stx.stx_mask & STATX_MNT_ID)
			loop.mount = (int)stx.stx_mnt_id;
		loops->l = xreallocarray(loops->l, loops->n + 1, sizeof(loop));
		loops->l[loops->n++] = loop;
	}
	if (dir)
		closedir(dir);
}

void loops_free(struct loops *loops)
{
	for (size_t i = 0; i < loops->n; i++)
		free(loops->l[i].name);
	free(loops->l);
	memset(loops, 0, sizeof(*loops));
}

static bool is_loop(const struct bdev *b)
{
	return !strncmp(b->name, "loop", 4);
}

static void describe(struct bdev *b)
{
	b->path = xasprintf("/dev/%s", b->name);
	b->what = xasprintf("loop device %s", b->name);
	b->remedy = xasprintf("losetup -d /dev/%s", b->name);
}

/* Whether @path leads to what backs the device. */
static bool leads_there(const char *path, const struct loop_info64 *info)
{
	struct stat st;

	return !stat(path, &st) &&
	       (S_ISBLK(st.st_mode) ? st.st_rdev == loop_devno(info->lo_rdevice) :
				      st.st_ino == info->lo_inode);
}

static void look(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	char file[PATH_MAX] = "";
	struct loop_info64 info;

	/* It may be gone meanwhile. */
	if (!backing_file(file, b->name) || loop_info(b->name, &info))
		return;
	if (info.lo_encrypt_type)
		table_add(&job->blockers, b->path, "%s is encrypted, and could not be attached again: %s",
			  b->what, b->remedy);
	else if (!leads_there(file, &info))
		table_add(&job->blockers, b->path,
			  "%s: its file, %s, is not to be found any more, so that it could not be attached again: %s",
			  b->what, file, b->remedy);
}

/* Waits until it is detached: others may have it open for a moment. */
static int detach(struct job *job, const struct bdev *b)
{
	struct timespec pause = { .tv_nsec = DETACH_TRY_NS };
	char file[PATH_MAX];
	int fd, err, tries = 0;

	fd = loop_open(b->name, O_RDONLY);
	if (fd < 0)
		return job_fail(job, "%s: %s", b->path, strerror(errno));
	err = ioctl(fd, LOOP_CLR_FD) ? errno : 0;
	close(fd);
	if (err && err != ENXIO)
		return job_fail(job, "%s: it could not be detached: %s", b->path,
				strerror(err));
	while (backing_file(file, b->name)) {
		if (tries++ == DETACH_TRIES)
			return job_fail(job, "%s: it is open, and stays attached: find out by whom (fuser -v %s)",
					b->path, b->path);
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* The step that attaches it again as it is now; its file is @file. */
static json_object *new_step(struct job *job, const struct stack *stack, size_t i,
			     const char *file, const struct loop_info64 *info)
{
	const struct bdev *b = &stack->b[i];
	json_object *step = layer_step(job, "loop-detach", b);
	char text[16];

	/* The number of a device-mapper device may be another then. */
	if (!b->on_file && b->nlower)
		file = stack->b[b->lower[0]].path;
	step_add(step, "file", file);
	json_object_object_add(step, "offset", json_object_new_int64(info->lo_offset));
	json_object_object_add(step, "size_limit",
			       json_object_new_int64(info->lo_sizelimit));
	step_add_int(step, "flags", info->lo_flags);
	sysfs_read(text, sizeof(text), "%s/queue/logical_block_size", b->dir);
	step_add_int(step, "block_size", atoi(text));
	return step;
}

/* Whether it is detached with its last user.  Return: 0, or an errno. */
static int set_autoclear(const char *name, bool on)
{
	int err = 0, fd = loop_open(name, O_RDONLY);
	struct loop_info64 info;

	if (fd < 0)
		return errno;
	if (ioctl(fd, LOOP_GET_STATUS64, &info)) {
		err = errno;
	} else if (!(info.lo_flags & LO_FLAGS_AUTOCLEAR) == on) {
		info.lo_flags ^= LO_FLAGS_AUTOCLEAR;
		err = ioctl(fd, LOOP_SET_STATUS64, &info) ? errno : 0;
	}
	close(fd);
	return err;
}

int loop_hold(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	struct loop_info64 info;
	char file[PATH_MAX];
	int err;

	if (!backing_file(file, b->name) || loop_info(b->name, &info) ||
	    !(info.lo_flags & LO_FLAGS_AUTOCLEAR))
		return 0;
	if (layer_write(job, b, new_step(job, stack, i, file, &info)))
		return -1;
	err = set_autoclear(b->name, false);
	/* It has just been detached: its last user has gone. */
	if (err && err != ENXIO)
		return job_fail(job, "%s: it could not be kept from being detached: %s",
				b->path, strerror(err));
	return 0;
}

static int release(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	struct loop_info64 info;
	char file[PATH_MAX];

	if (!backing_file(file, b->name) || loop_info(b->name, &info))
		return 0;
	if (layer_write(job, b, new_step(job, stack, i, file, &info)) || detach(job, b))
		return -1;
	log_info("%s: %s is detached from %s", job->req.dev, b->what, file);
	return 0;
}

/* The file may have several names, as /dev/dm-0 has. */
static bool is_attached(const char *name, const char *path)
{
	struct stat a, b;
	char now[PATH_MAX];

	return backing_file(now, name) &&
	       (!strcmp(now, path) ||
		(!stat(now, &a) && !stat(path, &b) &&
		 a.st_dev == b.st_dev && a.st_ino == b.st_ino));
}

/*
 * A detach that failed has left it on. And where it was on before the request,
 * this is the first step and comes last: its users are back.
 */
static int put_back_autoclear(json_object *step, char **why)
{
	const char *name = step_string(step, "name");
	bool on = step_int(step, "flags") & LO_FLAGS_AUTOCLEAR;
	int err;

	if (on && blockdev_claimed(name, sysfs_devno("%s/block/%s/dev", config.sysfs,
						     name)) != -EBUSY) {
		log_info("%s: nothing uses it, and it stays attached", name);
		return 0;
	}
	err = set_autoclear(name, on);
	if (err && err != ENXIO) {
		*why = xasprintf("%s: autoclear could not be put back: %s", name,
				 strerror(err));
		return -1;
	}
	return 0;
}

int loop_undo(json_object *step, char **why)
{
	const char *name = step_string(step, "name"), *path = step_string(step, "file");
	struct loop_config loop = {
		.block_size = step_int(step, "block_size"),
		.info = {
			.lo_offset = step_int64(step, "offset"),
			.lo_sizelimit = step_int64(step, "size_limit"),
			/* Closing it here would detach it. */
			.lo_flags = step_int(step, "flags") & ~LO_FLAGS_AUTOCLEAR,
		},
	};
	int fd, file, mode, err = 0;

	if (is_attached(name, path))
		return put_back_autoclear(step, why);
	if (!blockdev_is_same(step)) {
		log_info("%s: its disk has gone, it is not attached again", name);
		return 0;
	}
	/* One that is configured through a descriptor for reading is read-only. */
	mode = loop.info.lo_flags & LO_FLAGS_READ_ONLY ? O_RDONLY : O_RDWR;
	file = open(path, mode | O_CLOEXEC);
	if (file < 0) {
		*why = xasprintf("%s: %s: %s", name, path, strerror(errno));
		return -1;
	}
	snprintf((char *)loop.info.lo_file_name, LO_NAME_SIZE, "%s", path);
	loop.fd = file;
	fd = loop_open(name, mode);
	if (fd < 0 || ioctl(fd, LOOP_CONFIGURE, &loop))
		err = errno;
	if (fd >= 0)
		close(fd);
	close(file);
	if (err) {
		*why = xasprintf("%s: it could not be attached to %s: %s", name,
				 path, strerror(err));
		return -1;
	}
	log_info("%s: attached again to %s", step_string(step, "path"), path);
	return 0;
}

const struct layer loop_layer = {
	.name = "loop device",
	.policy = POLICY_RELEASE_LOOP,
	.is = is_loop,
	.describe = describe,
	.look = look,
	.release = release,
};
