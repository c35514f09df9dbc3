// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of the site: which there are, running them, and what their answers
 * mean. What they declare stands in a comment near their beginning,
 *
 *	# drvio-hook: events=query,pre-remove types=virtio-blk timeout_ms=5000
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/drvio.h>

#include "blockdev.h"
#include "config.h"
#include "hooks.h"
#include "log.h"
#include "run.h"
#include "trust.h"

#define DECLARATION	"drvio-hook:"

/* In so many bytes of the file the declaration must be. */
#define HEAD_SIZE	4096

/* No request lasts longer than 15 minutes. */
#define TIMEOUT_MAX_MS	(15 * 60 * 1000)

static const char * const event_names[HOOK_NEVENTS] = {
	[HOOK_QUERY] = "query",
	[HOOK_PRE_REMOVE] = "pre-remove",
	[HOOK_POST_REMOVE] = "post-remove",
	[HOOK_UNDO_REMOVE] = "undo-remove",
	[HOOK_POST_ADD] = "post-add",
};

/* Exit status of a hook. */
enum {
	ANSWER_OK = 0,
	ANSWER_FAILED = 1,
	ANSWER_NOT_MINE = 2,
	ANSWER_REFUSED = 3,
	ANSWER_NEVER = 4,
};

/* --- Which there are ------------------------------------------------------- */

static int refuse(struct hook *hook, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct hook *hook, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	hook->why = xvasprintf(fmt, ap);
	va_end(ap);
	return -1;
}

static int find_event(const char *name)
{
	int i = 0;

	while (i < HOOK_NEVENTS && strcmp(name, event_names[i]))
		i++;
	return i;
}

static int parse_events(struct hook *hook, char *list)
{
	char *name;
	int i;

	hook->events = 0;
	while ((name = strsep(&list, ","))) {
		i = find_event(name);
		if (i == HOOK_NEVENTS)
			return refuse(hook, "it declares the event \"%.40s\": there are query, pre-remove, post-remove, undo-remove and post-add",
				      name);
		hook->events |= 1U << i;
	}
	return 0;
}

static int parse_timeout(struct hook *hook, const char *value)
{
	unsigned long ms;
	char *end;

	errno = 0;
	ms = strtoul(value, &end, 10);
	if (errno || *value < '0' || *value > '9' || *end || !ms || ms > TIMEOUT_MAX_MS)
		return refuse(hook, "it declares the time limit \"%.40s\": timeout_ms is a number from 1 to %d",
			      value, TIMEOUT_MAX_MS);
	hook->timeout_ms = ms;
	return 0;
}

static int parse_word(struct hook *hook, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return refuse(hook, "it declares \"%.40s\": that is no KEY=VALUE", word);
	*value++ = '\0';
	if (!strcmp(word, "events"))
		return parse_events(hook, value);
	if (!strcmp(word, "timeout_ms"))
		return parse_timeout(hook, value);
	if (strcmp(word, "types"))
		return refuse(hook, "it declares \"%.40s\": there are events, types and timeout_ms",
			      word);
	free(hook->types);
	hook->types = xstrdup(value);
	return 0;
}

int hook_parse(struct hook *hook, const char *text)
{
	const char *p = strstr(text, DECLARATION);
	char *line, *rest, *word;
	int err = 0;

	hook->events = (1U << HOOK_NEVENTS) - 1;
	if (!p)
		return 0;
	p += strlen(DECLARATION);
	line = xasprintf("%.*s", (int)strcspn(p, "\r\n"), p);
	rest = line;
	while (!err && (word = strsep(&rest, " \t")))
		if (*word)
			err = parse_word(hook, word);
	free(line);
	return err;
}

static void read_hook(struct hook *hook, int dir)
{
	char head[HEAD_SIZE + 1];
	ssize_t len;

	hook->fd = openat(dir, hook->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (hook->fd < 0) {
		refuse(hook, "%s", strerror(errno));
		return;
	}
	hook->why = trust_fd(hook->fd, hook->path);
	if (hook->why)
		return;
	len = read(hook->fd, head, HEAD_SIZE);
	head[len < 0 ? 0 : len] = '\0';
	/* A NUL byte ends it: programs that are no scripts declare nothing. */
	hook_parse(hook, head);
}

/* Left out are what is hidden, and what editors and packages leave behind. */
static int is_hook(const struct dirent *entry)
{
	static const char * const ends[] = {
		"~", ".bak", ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".dpkg-tmp",
		".rpmnew", ".rpmsave", ".orig", ".swp",
	};
	size_t len = strlen(entry->d_name);

	if (*entry->d_name == '.')
		return 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) &&
		    !strcmp(entry->d_name + len - strlen(ends[i]), ends[i]))
			return 0;
	return 1;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_hook(struct hooks *hooks, const char *folder, int dir,
		     const char *name, const char *why)
{
	struct hook hook = { .path = xasprintf("%s/%s", folder, name), .fd = -1 };
	struct stat st;

	hook.name = strrchr(hook.path, '/') + 1;
	/* One that is not executable is switched off. */
	if (!why && (fstatat(dir, name, &st, 0) || !S_ISREG(st.st_mode) ||
		     !(st.st_mode & 0111))) {
		free(hook.path);
		return;
	}
	if (why)
		hook.why = xstrdup(why);
	else
		read_hook(&hook, dir);
	hooks->h = xreallocarray(hooks->h, hooks->n + 1, sizeof(hook));
	hooks->h[hooks->n++] = hook;
}

void hooks_read(struct hooks *hooks, const char *dir)
{
	struct dirent **entries = NULL;
	char *why;
	int fd, n;

	memset(hooks, 0, sizeof(*hooks));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	why = trust_fd(fd, dir);
	n = scandirat(fd, ".", &entries, is_hook, by_name);
	for (int i = 0; i < n; i++) {
		add_hook(hooks, dir, fd, entries[i]->d_name, why);
		free(entries[i]);
	}
	free(entries);
	free(why);
	close(fd);
}

void hooks_free(struct hooks *hooks)
{
	for (size_t i = 0; i < hooks->n; i++) {
		if (hooks->h[i].fd >= 0)
			close(hooks->h[i].fd);
		free(hooks->h[i].path);
		free(hooks->h[i].types);
		free(hooks->h[i].why);
	}
	free(hooks->h);
	memset(hooks, 0, sizeof(*hooks));
}

/* --- Running one ----------------------------------------------------------- */

static bool wants(const struct hook *hook, enum hook_event event, const char *dev)
{
	size_t type = strcspn(dev, "@");
	const char *p = hook->types;

	if (hook->why)
		return true;
	if (!(hook->events & 1U << event))
		return false;
	while (p) {
		if (strcspn(p, ",") == type && !strncmp(p, dev, type))
			return true;
		p = strchr(p, ',');
		if (p)
			p++;
	}
	return !hook->types;
}

/* struct about - what a hook is told */
struct about {
	const char *dev;
	const char *verb;
	const char *nodes;
	bool force;
	unsigned int timeout_ms;
};

/*
 * Runs a hook.
 *
 * Return: its answer; @text gets what it said, to be freed, or why there is no
 * answer.
 */
static int ask(const struct hook *hook, enum hook_event event,
	       const struct about *about, char **text)
{
	const char *argv[] = { hook->path, event_names[event], about->dev, NULL };
	char *env[] = {
		xasprintf("DRVIO_DEVICE=%s", about->dev),
		xasprintf("DRVIO_TYPE=%.*s", (int)strcspn(about->dev, "@"), about->dev),
		xasprintf("DRVIO_VERB=%s", about->verb),
		xasprintf("DRVIO_NODES=%s", about->nodes),
		xasprintf("DRVIO_FORCE=%s", about->force ? "yes" : "no"),
		xasprintf("DRVIO_HOOK=%s", hook->path),
		NULL
	};
	struct run run = {
		.argv = argv,
		.fd = hook->fd,
		.env = (const char *const *)env,
		.timeout_ms = hook->timeout_ms ? hook->timeout_ms : about->timeout_ms,
	};
	int answer;

	if (hook->why) {
		*text = xstrdup(hook->why);
		answer = ANSWER_FAILED;
		goto out;
	}
	answer = run_program(&run);
	if (answer > ANSWER_OK && *run.output)
		*text = xstrdup(run.output);
	else
		*text = xstrdup(run.why ? run.why : "");
	if (answer < ANSWER_OK || answer > ANSWER_NEVER)
		answer = ANSWER_FAILED;
	log_debug("%s: %s %s: %d %s", about->dev, hook->path, event_names[event],
		  answer, *text);
	run_free(&run);
out:
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	return answer;
}

/* A row for each line of what a hook has said. */
static void add_rows(struct table *table, const struct hook *hook, int answer,
		     char *text)
{
	char *line;
	bool said = false;

	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		said = true;
		table_add(table, hook->name, "%s%s (%s)",
			  answer == ANSWER_FAILED ? "failed: " : "", line, hook->path);
	}
	if (!said)
		table_add(table, hook->name, "refused without a reason (%s)", hook->path);
}

static char *node_names(const struct job *job)
{
	char *names = xstrdup(""), *more;

	for (size_t i = 0; i < job->tree.n; i++) {
		const struct node *node = &job->tree.nodes[i];

		more = xasprintf("%s%s%s", names, i ? " " : "",
				 *node->devname ? node->devname : node->name);
		free(names);
		names = more;
	}
	return names;
}

static struct about about_job(const struct job *job)
{
	return (struct about){
		.dev = job->req.dev,
		.verb = verb_name(job->req.verb),
		.nodes = node_names(job),
		.force = job->force,
		.timeout_ms = job_number(job, POLICY_HOOK_TIMEOUT),
	};
}

static void hooks_of(struct hooks *hooks, const struct job *job)
{
	memset(hooks, 0, sizeof(*hooks));
	if (job_may(job, POLICY_HOOKS))
		hooks_read(hooks, config.hooks);
}

/* --- The events ------------------------------------------------------------ */

/*
 * Asks all hooks; the tables get the refusals.
 *
 * @undo: told where the request is undone; HOOK_NEVENTS: nothing is changed
 */
static int ask_all(struct job *job, enum hook_event event, enum hook_event undo)
{
	struct about about;
	struct hooks hooks;
	bool stop = false;
	int err = 0;

	hooks_of(&hooks, job);
	if (!hooks.n)
		return 0;
	about = about_job(job);
	if (job->journal)
		request_progress_begin(&job->req, "running the site's hooks");
	for (size_t i = 0; i < hooks.n && !stop && !err; i++) {
		struct hook *hook = &hooks.h[i];
		json_object *step;
		char *text = NULL;
		int answer;

		if (!wants(hook, event, about.dev))
			continue;
		if (undo != HOOK_NEVENTS && !hook->why) {
			step = json_object_new_object();
			json_object_object_add(step, "op", json_object_new_string("hook"));
			json_object_object_add(step, "name", json_object_new_string(hook->name));
			json_object_object_add(step, "device", json_object_new_string(about.dev));
			json_object_object_add(step, "verb", json_object_new_string(about.verb));
			json_object_object_add(step, "nodes", json_object_new_string(about.nodes));
			json_object_object_add(step, "event",
					       json_object_new_string(event_names[undo]));
			json_object_object_add(step, "timeout_ms",
					       json_object_new_int(about.timeout_ms));
			err = journal_step(job->journal, step);
			if (err) {
				job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
					 hook->path);
				break;
			}
		}
		answer = ask(hook, event, &about, &text);
		if (answer == ANSWER_NEVER) {
			add_rows(&job->vetoes, hook, answer, text);
		} else if (answer != ANSWER_OK && answer != ANSWER_NOT_MINE) {
			if (job->force)
				log_warn("%s: %s: gone over by force: %s", about.dev,
					 hook->path, text);
			add_rows(&job->blockers, hook, answer, text);
		}
		free(text);
		/* All are asked, but nothing is begun that will be undone. */
		stop = undo != HOOK_NEVENTS &&
		       (job->vetoes.n || (job->blockers.n && !job->force));
	}
	if (job->journal)
		request_progress_end();
	free((char *)about.nodes);
	hooks_free(&hooks);
	return err;
}

void hooks_query(struct job *job)
{
	ask_all(job, HOOK_QUERY, HOOK_NEVENTS);
}

/* As ask_all(), where a refusal is the reason why a step failed. */
static int tell_all(struct job *job, enum hook_event event, enum hook_event undo)
{
	struct table found = job->blockers, *table;
	char *text;
	int err;

	/* What the look has found, and force goes over, is not meant here. */
	memset(&job->blockers, 0, sizeof(job->blockers));
	err = ask_all(job, event, undo);
	table = job->vetoes.n ? &job->vetoes : &job->blockers;
	if (!err && (!table->n || (job->force && !job->vetoes.n))) {
		table_clear(&job->blockers);
		job->blockers = found;
		return 0;
	}
	table_clear(&found);
	if (err)
		return -1;
	text = table_format(table, DRVIO_REASON_MAX - 1);
	job_fail(job, "%s", text);
	free(text);
	return -1;
}

int hooks_pre_remove(struct job *job)
{
	return tell_all(job, HOOK_PRE_REMOVE, HOOK_UNDO_REMOVE);
}

int hooks_post_add(struct job *job)
{
	return tell_all(job, HOOK_POST_ADD, HOOK_POST_REMOVE);
}

void hooks_post_remove(const char *dev)
{
	struct about about = { .dev = dev, .verb = DRVIO_VERB_UNCONFIGURE, .nodes = "" };
	struct policy *policy;
	struct hooks hooks;
	char *text;

	/* The device has gone already: a policy that is wrong changes nothing. */
	policy = policy_read(config.policy, &text);
	if (!policy)
		log_err("%s", text);
	free(text);
	about.timeout_ms = policy_number(policy, dev, POLICY_HOOK_TIMEOUT);
	memset(&hooks, 0, sizeof(hooks));
	if (policy_yes(policy, dev, POLICY_HOOKS))
		hooks_read(&hooks, config.hooks);
	policy_free(policy);
	for (size_t i = 0; i < hooks.n; i++) {
		if (hooks.h[i].why || !wants(&hooks.h[i], HOOK_POST_REMOVE, dev))
			continue;
		if (ask(&hooks.h[i], HOOK_POST_REMOVE, &about, &text) == ANSWER_FAILED)
			log_warn("%s: %s post-remove: %s", dev, hooks.h[i].path, text);
		free(text);
	}
	hooks_free(&hooks);
}

int hooks_undo(json_object *step, char **why)
{
	struct about about = {
		.dev = step_string(step, "device"),
		.verb = step_string(step, "verb"),
		.nodes = step_string(step, "nodes"),
		.timeout_ms = step_int(step, "timeout_ms"),
	};
	const char *name = step_string(step, "name");
	int event = find_event(step_string(step, "event")), answer = ANSWER_OK;
	struct hooks hooks;
	char *text = NULL;

	if (event == HOOK_NEVENTS)
		return 0;
	/* Read anew: one that has gone, or cannot be relied on any more, is not run. */
	hooks_read(&hooks, config.hooks);
	for (size_t i = 0; i < hooks.n; i++)
		if (!strcmp(hooks.h[i].name, name) && !hooks.h[i].why &&
		    wants(&hooks.h[i], event, about.dev))
			answer = ask(&hooks.h[i], event, &about, &text);
	hooks_free(&hooks);
	if (answer == ANSWER_OK || answer == ANSWER_NOT_MINE) {
		free(text);
		return 0;
	}
	*why = xasprintf("hook %s: %s: %s", name, event_names[event], text);
	free(text);
	return -1;
}
