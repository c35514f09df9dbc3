// SPDX-License-Identifier: GPL-2.0
/*
 * drvioctl set: changes an attribute now (live), for the next time that the device
 * comes up (config), or both.  With both it is all or nothing: when the second
 * scope refuses, the first is put back, and what came of each is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "mem.h"
#include "place.h"
#include "print.h"
#include "tree.h"

/**
 * struct outcome - what came of a scope
 * @word: done, partly, refused, unchanged (since the other one was refused),
 *	undone (put back since the other one was refused)
 * @before: the value before
 * @after: the value after
 * @why: why it is not done
 */
struct outcome {
	const char *word;
	char *before;
	char *after;
	char *why;
};

/* What "set" is about, once it is known. */
struct subject {
	const char *key;
	const struct attr *attr;
	char device[DEVICE_NAME_MAX];
	char node[64];
	unsigned int found;
	bool used;
};

static void find_place(const struct attr *attr, const struct place *p, void *arg)
{
	struct subject *s = arg;
	char *live, *config, *where = NULL;
	bool used;

	if (strcmp(attr->name, s->key))
		return;
	live = attr->live(p);
	config = attr->config(p, &where);
	used = attr->of == ATTR_OF_BLOCK && place_has(attr, live, config);
	free(where);
	free(config);
	free(live);
	/* Of several partitions the one that it is about already. */
	if (s->found && s->used == used)
		s->found++;
	if (!s->found || (used && !s->used)) {
		s->attr = attr;
		s->found = 1;
		s->used = used;
		snprintf(s->device, sizeof(s->device), "%s", p->device);
		snprintf(s->node, sizeof(s->node), "%s", p->node);
	}
}

static const struct attr *find_attr(const char *name)
{
	for (const struct attr * const *attr = attrs; *attr; attr++)
		if (!strcmp((*attr)->name, name))
			return *attr;
	return NULL;
}

/* @wanted: what was asked; gets what there is, when it is less. */
static void set_live(const struct subject *s, const struct place *p, struct outcome *o,
		     char **wanted)
{
	o->before = s->attr->live(p);
	o->why = s->attr->set_live(p, *wanted);
	o->after = s->attr->live(p);
	if (o->why) {
		o->word = "refused";
	} else if (!o->after || strcmp(o->after, *wanted)) {
		o->word = "partly";
		o->why = xasprintf("asked %s got %s", *wanted, o->after ? o->after : "?");
		if (o->after) {
			free(*wanted);
			*wanted = xstrdup(o->after);
		}
	} else {
		o->word = "done";
	}
}

static char *read_config(const struct subject *s, const struct place *p)
{
	char *where = NULL, *value = s->attr->config(p, &where);

	free(where);
	return value;
}

/* @asked: what was asked at first, where @wanted is less. */
static void set_config(const struct subject *s, const struct place *p, struct outcome *o,
		       const char *wanted, const char *asked)
{
	o->before = read_config(s, p);
	o->why = s->attr->set_config(p, wanted);
	o->after = read_config(s, p);
	o->word = "done";
	if (o->why) {
		o->word = "refused";
	} else if (!o->after || strcmp(o->after, wanted)) {
		o->word = "partly";
		o->why = xasprintf("asked %s got %s", wanted, o->after ? o->after : "?");
	} else if (strcmp(wanted, asked)) {
		/* What the device does not take now would fail at the next boot. */
		o->word = "partly";
		o->why = xasprintf("asked %s got %s, as the device has it now", asked, wanted);
	}
}

/* The config was refused: nothing of the live value may stay. */
static void undo_live(const struct subject *s, const struct place *p, struct outcome *o)
{
	char *why = o->before ? s->attr->set_live(p, o->before) : xstrdup("unknown before");

	free(o->after);
	free(o->why);
	o->after = s->attr->live(p);
	if (!why && o->after && !strcmp(o->after, o->before)) {
		o->word = "undone";
		o->why = xstrdup("put back, since the other scope was refused");
	} else {
		o->word = "done";
		o->why = xasprintf("the other scope was refused, and this one could not be put back: %s",
				   why ? why : "it has another value still");
	}
	free(why);
}

static void report(struct json_object *scopes, const char *scope, struct outcome *o)
{
	struct json_object *object;

	if (o->word) {
		object = json_object_new_object();
		ctl_add(object, "scope", scope);
		ctl_add(object, "outcome", o->word);
		ctl_add(object, "before", o->before);
		ctl_add(object, "after", o->after);
		ctl_add(object, "why", o->why);
		json_object_array_add(scopes, object);
	}
	free(o->before);
	free(o->after);
	free(o->why);
}

static enum exit_code outcome_code(const struct outcome *live, const struct outcome *config)
{
	const char *words[] = { live->word, config->word };
	enum exit_code code = EXIT_CODE_OK;

	for (size_t i = 0; i < 2; i++) {
		if (words[i] && !strcmp(words[i], "refused"))
			return EXIT_CODE_FAILED;
		if (words[i] && !strcmp(words[i], "partly"))
			code = EXIT_CODE_PARTLY;
	}
	return code;
}

static enum exit_code change(struct ctl *ctl, const struct subject *s, const char *value)
{
	struct place p = { ctl, s->device, s->node };
	struct json_object *scopes = json_object_new_array();
	struct outcome live = { NULL, NULL, NULL, NULL }, config = live;
	char *wanted = xstrdup(value);
	enum exit_code code;

	if (ctl->live)
		set_live(s, &p, &live, &wanted);
	if (ctl->config && live.word && !strcmp(live.word, "refused")) {
		config.word = "unchanged";
		config.before = read_config(s, &p);
		config.after = config.before ? xstrdup(config.before) : NULL;
		config.why = xstrdup("since the other scope was refused");
	} else if (ctl->config) {
		set_config(s, &p, &config, wanted, value);
		if (ctl->live && !strcmp(config.word, "refused"))
			undo_live(s, &p, &live);
	}
	code = outcome_code(&live, &config);
	report(scopes, "live", &live);
	report(scopes, "config", &config);
	json_object_object_add(ctl->doc, "device", json_object_new_string(s->device));
	ctl_add(ctl->doc, "node", s->node);
	ctl_add(ctl->doc, "attribute", s->attr->name);
	ctl_add(ctl->doc, "value", value);
	json_object_object_add(ctl->doc, "scopes", scopes);
	free(wanted);
	return code;
}

static enum exit_code set_run(struct ctl *ctl, int argc, char **argv)
{
	struct subject s = { .key = argv[1] };
	const struct attr *attr;
	enum exit_code code;
	char *value;

	(void)argc;
	value = strchr(argv[1], '=');
	if (!value)
		return ctl_usage(ctl, "\"%s\" is no KEY=VALUE", argv[1]);
	*value++ = '\0';
	attr = find_attr(s.key);
	if (!attr)
		return ctl_usage(ctl, "there is no attribute \"%s\", but hold, mtu, link, mount, swap",
				 s.key);
	if (!attr->valid(value))
		return ctl_usage(ctl, "%s=%s: %s", s.key, value, attr->values);
	if (!ctl->live && !ctl->config)
		return ctl_usage(ctl, "which scope? --live: now; --config: the next time; or both");
	code = place_each(ctl, argv[0], find_place, &s);
	if (code)
		return code;
	if (!s.found)
		return ctl_fail(ctl, EXIT_CODE_NOT_PRESENT,
				"%s has nothing with the attribute \"%s\": no %s is there now",
				argv[0], s.key, attr->of == ATTR_OF_NET ? "interface" : "disk");
	if (s.found > 1)
		return ctl_usage(ctl, "%s has several places with the attribute \"%s\": name the disk, partition or interface",
				 argv[0], s.key);
	return change(ctl, &s, value);
}

static void set_print(const struct ctl *ctl)
{
	struct json_object *scopes = tree_member(ctl->doc, "scopes"), *scope;
	const char *node = tree_text(ctl->doc, "node"), *why;

	for (size_t i = 0; scopes && i < json_object_array_length(scopes); i++) {
		scope = json_object_array_get_idx(scopes, i);
		why = tree_text(scope, "why");
		printf("%s%s%s%s: %s: %s %s%s%s\n", tree_text(ctl->doc, "device"),
		       *node ? " (" : "", node, *node ? ")" : "",
		       tree_text(scope, "scope"), tree_text(ctl->doc, "attribute"),
		       tree_text(scope, "outcome"), *why ? ": " : "", why);
	}
}

const struct command set_command = {
	.name = "set",
	.arguments = "DEV KEY=VALUE --live|--config",
	.help = "change what it has now, what it comes up with, or both",
	.options = "LC",
	.min = 2,
	.max = 2,
	.run = set_run,
	.print = set_print,
};
