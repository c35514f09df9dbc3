// SPDX-License-Identifier: GPL-2.0
/* Mounting and unmounting filesystems, and putting that back. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "blockdev.h"
#include "config.h"
#include "fs.h"
#include "guard.h"
#include "log.h"
#include "sysfs.h"

bool fs_whole(const struct mount *mount)
{
	char *subvol;
	size_t len;

	if (!strcmp(mount->root, "/"))
		return true;
	if (strcmp(mount->fstype, "btrfs"))
		return false;
	/* A subvolume is mounted by its name. */
	if (mnt_optstr_get_option(mount->fs_options, "subvol", &subvol, &len))
		return false;
	return strlen(mount->root) == len && !strncmp(mount->root, subvol, len);
}

static struct libmnt_context *new_context(const char *target)
{
	struct libmnt_context *cxt = mnt_new_context();

	if (!cxt || mnt_context_set_target(cxt, target)) {
		log_err("out of memory");
		exit(EXIT_CODE_INTERNAL);
	}
	return cxt;
}

/* Return: 0, or an errno with what libmount says about it in @message. */
static int finish(struct libmnt_context *cxt, int rc, char message[GUARD_TEXT])
{
	int err = 0;

	if (mnt_context_get_excode(cxt, rc, message, GUARD_TEXT)) {
		err = mnt_context_syscall_called(cxt) ?
		      mnt_context_get_syscall_errno(cxt) : 0;
		if (!err)
			err = rc < 0 ? -rc : EINVAL;
	}
	mnt_free_context(cxt);
	return err;
}

/* --- What is done in a process of its own; see guard.h --- */

static int do_unmount(void *target, char message[GUARD_TEXT])
{
	struct libmnt_context *cxt = new_context(target);

	/* What is in sight here is of the kernel: no umount.<type> is needed. */
	mnt_context_disable_helpers(cxt, 1);
	return finish(cxt, mnt_context_umount(cxt), message);
}

static int do_detach(void *target, char message[GUARD_TEXT])
{
	struct libmnt_context *cxt = new_context(target);

	mnt_context_disable_helpers(cxt, 1);
	mnt_context_enable_lazy(cxt, 1);
	return finish(cxt, mnt_context_umount(cxt), message);
}

static int do_flush(void *target, char message[GUARD_TEXT])
{
	int fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)message;
	return fd < 0 || syncfs(fd) ? errno : 0;
}

/* A mount in another namespace. Who has entered one does not get back easily. */
struct foreign {
	const char *target;
	pid_t pid;
};

static int do_detach_foreign(void *data, char message[GUARD_TEXT])
{
	const struct foreign *foreign = data;
	char path[64];
	int fd;

	(void)message;
	snprintf(path, sizeof(path), "%s/%d/ns/mnt", config.proc, foreign->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNS) ||
	    umount2(foreign->target, MNT_DETACH | UMOUNT_NOFOLLOW))
		return errno;
	return 0;
}

/* A step of the journal is mounted again. */
static int do_mount_again(void *data, char message[GUARD_TEXT])
{
	json_object *step = data;
	struct libmnt_context *cxt = new_context(step_string(step, "target"));

	mnt_context_set_optsmode(cxt, MNT_OMODE_NOTAB);
	if (*step_string(step, "bind")) {
		mnt_context_set_source(cxt, step_string(step, "bind"));
		mnt_context_set_options(cxt, "bind");
	} else {
		mnt_context_set_source(cxt, step_string(step, "source"));
		mnt_context_set_fstype(cxt, step_string(step, "fstype"));
		mnt_context_set_options(cxt, step_string(step, "fs_options"));
	}
	return finish(cxt, mnt_context_mount(cxt), message);
}

/* An entry of fstab, with the source that it has now. */
struct entry {
	struct libmnt_fs *fs;
	const char *source;
};

static int do_mount(void *data, char message[GUARD_TEXT])
{
	const struct entry *entry = data;
	struct libmnt_context *cxt = new_context(mnt_fs_get_target(entry->fs));
	struct libmnt_fs *fs = mnt_copy_fs(NULL, entry->fs);

	if (!fs || mnt_fs_set_source(fs, entry->source) || mnt_context_set_fs(cxt, fs)) {
		log_err("out of memory");
		exit(EXIT_CODE_INTERNAL);
	}
	mnt_unref_fs(fs);
	return finish(cxt, mnt_context_mount(cxt), message);
}

/* --- Unmounting --- */

/* The path of the folder that @mount shows, seen through @base. */
static char *bind_path(const struct mount *mount, const struct mount *base)
{
	const char *way = mount->root;

	if (strcmp(base->root, "/"))
		way += strlen(base->root);
	return xasprintf("%s%s", strcmp(base->target, "/") ? base->target : "", way);
}

/* Whether a mount of this namespace has gone. */
static bool has_gone(const struct mount *mount)
{
	struct mounts mounts;
	bool gone;

	mounts_read_own(&mounts);
	gone = !mounts_find(&mounts, 0, mount->id);
	mounts_free(&mounts);
	return gone;
}

/*
 * A filesystem in userspace whose daemon does not answer: the kernel is told not to
 * wait for it any longer. Its connection goes by the number of the device.
 */
static void abort_fuse(struct job *job, const struct mount *mount)
{
	if (strncmp(mount->fstype, "fuse", 4))
		return;
	if (sysfs_write("1", "%s/fs/fuse/connections/%u/abort", config.sysfs,
			major(mount->dev) << 20 | minor(mount->dev)))
		log_warn("%s: %s: its daemon does not answer, and its connection cannot be aborted: mount fusectl on /sys/fs/fuse/connections",
			 job->req.dev, mount->target);
	else
		log_warn("%s: %s: its daemon does not answer, and its connection is aborted",
			 job->req.dev, mount->target);
}

/* By force, what is in use, or hangs. Return: as guard(). */
static int detach(struct job *job, const struct mount *mount, int err,
		  char message[GUARD_TEXT])
{
	if (err == ETIME ||
	    (err == EBUSY && guard(job, "writing out data", do_flush, mount->target,
				   message) == ETIME))
		abort_fuse(job, mount);
	/* One that hangs may be out of sight already. */
	if (err == EBUSY || !has_gone(mount)) {
		if (guard(job, "umount", do_detach, mount->target, message) &&
		    !has_gone(mount))
			return err;
	}
	log_warn("%s: %s %s, and was detached", job->req.dev, mount->target,
		 err == EBUSY ? "is busy" : "hangs");
	return 0;
}

int fs_unmount(struct job *job, const struct mount *mount, const struct mount *base,
	       const struct node *node, const char *source)
{
	json_object *step = json_object_new_object();
	char message[GUARD_TEXT];
	int err;

	step_add(step, "op", "umount");
	step_add(step, "target", mount->target);
	step_add(step, "source", source ? source : mount->source);
	step_add(step, "fstype", mount->fstype);
	step_add(step, "options", mount->options);
	step_add(step, "fs_options", mount->fs_options);
	if (base) {
		char *bind = bind_path(mount, base);

		step_add(step, "bind", bind);
		step_add(step, "bind_on", base->target);
		free(bind);
	}
	step_add_int(step, "shared", !!mount->shared);
	step_add_int(step, "unbindable", mount->unbindable);
	blockdev_identify(step, node);
	if (journal_step(job->journal, step))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				mount->target);

	err = guard(job, "umount", do_unmount, mount->target, message);
	if ((err == EBUSY || err == ETIME) && job->force &&
	    job_may(job, POLICY_FORCE_UNMOUNT))
		err = detach(job, mount, err, message);
	/* Unmounting its peer has unmounted it too, or somebody was faster. */
	if (err && err != EBUSY && err != ETIME && has_gone(mount))
		err = 0;
	if (err)
		return job_fail(job, "%s: umount: %s", mount->target,
				err == EBUSY ? "in use: look again" : message);
	log_info("%s: %s is unmounted", job->req.dev, mount->target);
	return 0;
}

void fs_detach_foreign(struct job *job, const struct mount *mount,
		       const struct mount_ns *ns)
{
	struct foreign foreign = { .target = mount->target, .pid = ns->pid };
	char message[GUARD_TEXT];

	if (!guard(job, "umount", do_detach_foreign, &foreign, message))
		log_warn("%s: %s was detached in the mount namespace of %s (pid %d)",
			 job->req.dev, mount->target, ns->comm, ns->pid);
	else
		log_warn("%s: %s stays mounted in the mount namespace of %s (pid %d): %s",
			 job->req.dev, mount->target, ns->comm, ns->pid, message);
}

/* --- Mounting --- */

/* The topmost mount at @target is of the device of @step. */
static bool is_mounted(json_object *step, const char *target)
{
	struct mounts mounts;
	const struct mount *top = NULL;
	unsigned int maj, min;
	bool mounted;

	mounts_read_own(&mounts);
	for (size_t i = 0; i < mounts.n; i++)
		if (!strcmp(mounts.m[i].target, target))
			top = &mounts.m[i];
	mounted = top && sscanf(step_string(step, "dev"), "%u:%u", &maj, &min) == 2 &&
		  (top->dev == makedev(maj, min) ||
		   !strcmp(top->source, step_string(step, "source")));
	mounts_free(&mounts);
	return mounted;
}

/* A mount that is read-only on a filesystem that is not needs a second step. */
static int put_back_options(const char *target, const char *options)
{
	unsigned long flags = 0;

	if (mnt_optstr_get_flags(options, &flags,
				 mnt_get_builtin_optmap(MNT_LINUX_MAP)))
		return -1;
	return mount(NULL, target, NULL, flags | MS_REMOUNT | MS_BIND, NULL);
}

int fs_unmount_undo(json_object *step, char **why)
{
	const char *target = step_string(step, "target");
	const char *bind = step_string(step, "bind");
	const char *options = step_string(step, "options");
	char message[GUARD_TEXT];
	int err;

	if (!blockdev_is_same(step)) {
		log_info("%s: its disk has gone, it is not mounted again", target);
		return 0;
	}
	if (is_mounted(step, target))
		return 0;
	/* Without it the path leads to some other folder. */
	if (*bind && !is_mounted(step, step_string(step, "bind_on"))) {
		*why = xasprintf("%s: it is part of %s, which is not mounted",
				 target, step_string(step, "bind_on"));
		return -1;
	}

	err = guard(NULL, "mount", do_mount_again, step, message);
	if (err) {
		*why = xasprintf("%s: mount: %s", target, message);
		return -1;
	}
	if (put_back_options(target, options) ||
	    mount(NULL, target, NULL,
		  step_int(step, "unbindable") ? MS_UNBINDABLE :
		  step_int(step, "shared") ? MS_SHARED : MS_PRIVATE, NULL))
		log_warn("%s: mounted again, but not with all its options (%s): %s",
			 target, options, strerror(errno));
	log_info("%s: mounted again", target);
	return 0;
}

int fs_mount(struct job *job, struct libmnt_fs *fs, const struct node *node)
{
	json_object *step = json_object_new_object();
	const char *target = mnt_fs_get_target(fs);
	struct entry entry = { .fs = fs };
	char message[GUARD_TEXT], source[PATH_MAX];
	bool mounted;
	int err;

	snprintf(source, sizeof(source), "%s/%s", config.dev, node->devname);
	step_add(step, "op", "mount");
	step_add(step, "target", target);
	step_add(step, "source", source);
	blockdev_identify(step, node);
	if (is_mounted(step, target)) {
		json_object_put(step);
		return 0;
	}
	json_object_get(step);
	if (journal_step(job->journal, step)) {
		json_object_put(step);
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				target);
	}

	entry.source = source;
	err = guard(job, "mount", do_mount, &entry, message);
	/* systemd mounts what is in fstab by itself, and may have been faster. */
	mounted = !err || is_mounted(step, target);
	json_object_put(step);
	if (!mounted)
		return job_fail(job, "%s: mount of %s on %s: %s: check /etc/fstab, or mark the entry noauto",
				job->req.dev, source, target,
				access(target, F_OK) ? "the mount point does not exist" :
						       message);
	log_info("%s: %s is mounted on %s", job->req.dev, source, target);
	return 0;
}

int fs_mount_undo(json_object *step, char **why)
{
	const char *target = step_string(step, "target");
	char message[GUARD_TEXT];
	int err;

	if (!is_mounted(step, target))
		return 0;
	err = guard(NULL, "umount", do_unmount, (char *)target, message);
	/* The kernel takes the device away next, whoever uses it by now. */
	if (err == EBUSY)
		err = guard(NULL, "umount", do_detach, (char *)target, message);
	if (err) {
		*why = xasprintf("%s: umount: %s", target, message);
		return -1;
	}
	return 0;
}
