/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs of the site, in /etc/drvio/hooks.d: they are asked before a device
 * is released, and told what became of it. See drvio-hooks(7).
 */
#ifndef DRVIO_HELPER_HOOKS_H
#define DRVIO_HELPER_HOOKS_H

#include "job.h"

/* What a hook is asked or told. */
enum hook_event {
	HOOK_QUERY,
	HOOK_PRE_REMOVE,
	HOOK_POST_REMOVE,
	HOOK_UNDO_REMOVE,
	HOOK_POST_ADD,
	HOOK_NEVENTS,
};

/**
 * struct hook - a program in the folder
 * @path: it
 * @fd: it, opened: what was checked is what is run, whatever @path is by then
 * @name: last component of @path
 * @events: those that it wants, a bit each
 * @types: types of devices that it wants, space-separated; NULL: all
 * @timeout_ms: how long it may take; 0: as the policy says
 * @why: it is refused, and this says why; otherwise NULL
 */
struct hook {
	char *path;
	int fd;
	const char *name;
	unsigned int events;
	char *types;
	unsigned int timeout_ms;
	char *why;
};

/**
 * struct hooks - all of them, in the order in which they are run
 * @n: how many
 * @h: the hooks
 */
struct hooks {
	size_t n;
	struct hook *h;
};

/* Reads a folder; that there is none is no error. */
void hooks_read(struct hooks *hooks, const char *dir);
void hooks_free(struct hooks *hooks);

/**
 * hook_parse() - what a hook declares
 * @hook: gets it
 * @text: the beginning of the file
 *
 * Return: 0, or -1 with @hook's why set.
 */
int hook_parse(struct hook *hook, const char *text);

/**
 * hooks_query() - ask all hooks, and change nothing
 * @job: the run; gets a row for each refusal
 */
void hooks_query(struct job *job);

/**
 * hooks_pre_remove() - tell all hooks that the device is about to be released
 * @job: the run; gets each in its journal, so that an undo tells it
 *
 * Return: 0, or -1 with the job's why set when one refuses; with force only
 * one that refuses for good does.
 */
int hooks_pre_remove(struct job *job);

/* As hooks_pre_remove(), when the device is configured. */
int hooks_post_add(struct job *job);

/* Tells all hooks that the device has gone out of use; @dev is its name. */
void hooks_post_remove(const char *dev);

/* The undo of the two in the middle; see struct step_ops. */
int hooks_undo(json_object *step, char **why);

#endif /* DRVIO_HELPER_HOOKS_H */
