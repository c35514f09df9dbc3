// SPDX-License-Identifier: GPL-2.0
/* The policy of the administrator: reading it, and what holds for a device. */
#include <errno.h>
#include <fnmatch.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "policy.h"
#include "trust.h"

/**
 * struct policy - what stands in the file
 * @n: how many settings
 * @settings: each with its section and its line
 */
struct policy {
	size_t n;
	struct setting {
		char *section;
		enum policy_id id;
		char *value;
		unsigned int line;
	} *settings;
};

/* --- Values ---------------------------------------------------------------- */

enum policy_id policy_find(const char *name)
{
	enum policy_id id = 0;

	while (id < POLICY_NKEYS && strcmp(policy_keys[id].name, name))
		id++;
	return id;
}

/* Calls @fn for each word of a list.  Return: whether it was true for one. */
static bool any_word(const char *list, bool (*fn)(const char *word, const void *data),
		     const void *data)
{
	char *copy = xstrdup(list), *rest = copy, *word;
	bool found = false;

	while (!found && (word = strsep(&rest, " \t")))
		found = *word && fn(word, data);
	free(copy);
	return found;
}

static bool is_word(const char *word, const void *data)
{
	return !strcmp(word, data);
}

static bool is_relative(const char *word, const void *data)
{
	(void)data;
	return *word != '/';
}

static bool matches(const char *word, const void *data)
{
	return !fnmatch(word, data, FNM_PATHNAME);
}

char *policy_allowed(enum policy_id id)
{
	const struct policy_key *key = &policy_keys[id];
	char *text, *p;

	switch (key->type) {
	case POLICY_BOOL:
		return xstrdup("yes or no");
	case POLICY_NUMBER:
		return xasprintf("a number from %lu to %lu", key->min, key->max);
	case POLICY_WORD:
		text = xstrdup(key->words);
		p = strrchr(text, ' ');
		*p = '\0';
		p = xasprintf("%s or %s", text, p + 1);
		free(text);
		return p;
	case POLICY_PATHS:
		return xstrdup("absolute paths, patterns allowed, with spaces between");
	case POLICY_TEXT:
		break;
	}
	return xasprintf("printable ASCII text of at most %lu bytes", key->max);
}

static bool is_number(const char *value, unsigned long min, unsigned long max)
{
	unsigned long number;
	char *end;

	if (*value < '0' || *value > '9')
		return false;
	errno = 0;
	number = strtoul(value, &end, 10);
	return !errno && !*end && number >= min && number <= max;
}

static bool is_text(const char *value, size_t max)
{
	for (const char *p = value; *p; p++)
		if (*p < ' ' || *p > '~')
			return false;
	return strlen(value) <= max;
}

static bool is_allowed(const struct policy_key *key, const char *value)
{
	switch (key->type) {
	case POLICY_BOOL:
		return !strcmp(value, "yes") || !strcmp(value, "no");
	case POLICY_NUMBER:
		return is_number(value, key->min, key->max);
	case POLICY_WORD:
		return any_word(key->words, is_word, value);
	case POLICY_PATHS:
		return is_text(value, POLICY_SIZE_MAX) && !strchr(value, ';') &&
		       !any_word(value, is_relative, NULL);
	case POLICY_TEXT:
		break;
	}
	/* Only what inih would give back as it was: no comment, no outer spaces. */
	return is_text(value, key->max) && *value != ';' &&
	       !strstr(value, " ;") && *value != ' ' &&
	       (!*value || value[strlen(value) - 1] != ' ');
}

char *policy_check(enum policy_id id, const char *value)
{
	char *allowed, *why;

	if (is_allowed(&policy_keys[id], value))
		return NULL;
	allowed = policy_allowed(id);
	why = xasprintf("%s: \"%.60s\" is not allowed: %s", policy_keys[id].name,
			value, allowed);
	free(allowed);
	return why;
}

/* --- The file -------------------------------------------------------------- */

/* struct parse - @rest is what of the text is left, @line the last that was read */
struct parse {
	struct policy *policy;
	const char *path;
	const char *rest;
	unsigned int line;
	char *why;
	unsigned int why_line;
};

__attribute__((format(printf, 2, 3)))
static int wrong(struct parse *parse, const char *fmt, ...)
{
	char *text;
	va_list ap;

	if (parse->why)
		return 0;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	parse->why = xasprintf("%s:%u: %s", parse->path, parse->line, text);
	free(text);
	parse->why_line = parse->line;
	return 0;
}

/* As fgets(), for inih. */
static char *next_line(char *buf, int size, void *data)
{
	struct parse *parse = data;
	size_t len = strcspn(parse->rest, "\n");
	bool newline = parse->rest[len];

	if (!*parse->rest)
		return NULL;
	parse->line++;
	if (len > POLICY_LINE_MAX)
		wrong(parse, "the line is longer than %d bytes", POLICY_LINE_MAX);
	snprintf(buf, size, "%.*s", (int)len, parse->rest);
	parse->rest += len + newline;
	return buf;
}

/* A type is lower-case letters, digits and "-"; a device adds "@0x" and an id. */
static bool is_section(const char *section)
{
	size_t len = strspn(section, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (!len)
		return false;
	section += len;
	if (!*section)
		return true;
	return !strncmp(section, "@0x", 3) && strlen(section) == 19 &&
	       strspn(section + 3, "0123456789abcdef") == 16;
}

static struct setting *find_setting(const struct policy *policy,
				    const char *section, size_t len,
				    enum policy_id id)
{
	for (size_t i = 0; policy && i < policy->n; i++)
		if (policy->settings[i].id == id &&
		    strlen(policy->settings[i].section) == len &&
		    !strncmp(policy->settings[i].section, section, len))
			return &policy->settings[i];
	return NULL;
}

static int setting(void *data, const char *section, const char *name,
		   const char *value)
{
	struct parse *parse = data;
	struct policy *policy = parse->policy;
	struct setting *before;
	enum policy_id id = policy_find(name);
	char *why, *longer;

	if (!*section)
		return wrong(parse, "\"%.60s\" stands before the first section: begin with [default], a [TYPE] or a [TYPE@0xID]",
			     name);
	if (!is_section(section))
		return wrong(parse, "[%.60s] is no section: allowed are [default], a type as [virtio-blk], or a device as [virtio-blk@0x0102001000000000]",
			     section);
	if (id == POLICY_NKEYS)
		return wrong(parse, "there is no key \"%.60s\": see drvio.conf(5) for those that there are",
			     name);
	why = policy_check(id, value);
	if (why) {
		wrong(parse, "%s", why);
		free(why);
		return 0;
	}
	before = find_setting(policy, section, strlen(section), id);
	if (before && policy_keys[id].type != POLICY_PATHS)
		return wrong(parse, "%s stands in line %u of this section already",
			     name, before->line);
	if (before) {
		longer = xasprintf("%s %s", before->value, value);
		free(before->value);
		before->value = longer;
		return 1;
	}
	policy->settings = xreallocarray(policy->settings, policy->n + 1,
					 sizeof(*policy->settings));
	policy->settings[policy->n++] = (struct setting){
		.section = xstrdup(section),
		.id = id,
		.value = xstrdup(value),
		.line = parse->line,
	};
	return 1;
}

struct policy *policy_parse(const char *path, const char *text, char **why)
{
	struct policy *policy = xcalloc(1, sizeof(*policy));
	struct parse parse = { .policy = policy, .path = path, .rest = text };
	int line;

	line = ini_parse_stream(next_line, &parse, setting, &parse);
	/* inih goes on after a line that is none, up to one that is refused. */
	if (line && (!parse.why || (unsigned int)line < parse.why_line)) {
		free(parse.why);
		parse.why = NULL;
		parse.line = line;
		wrong(&parse, "neither a [section] nor \"key = value\" nor a comment");
	}
	*why = parse.why;
	if (!parse.why)
		return policy;
	policy_free(policy);
	return NULL;
}

struct policy *policy_read(const char *path, char **why)
{
	char *text = trust_read(path, POLICY_SIZE_MAX, why);
	struct policy *policy;

	if (*why)
		return NULL;
	policy = policy_parse(path, text ? text : "", why);
	free(text);
	return policy;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->n; i++) {
		free(policy->settings[i].section);
		free(policy->settings[i].value);
	}
	free(policy->settings);
	free(policy);
}

/* --- What holds for a device ----------------------------------------------- */

static const struct setting *find_for(const struct policy *policy,
				      const char *dev, enum policy_id id)
{
	const struct setting *found = NULL;

	if (dev)
		found = find_setting(policy, dev, strlen(dev), id);
	if (!found && dev)
		found = find_setting(policy, dev, strcspn(dev, "@"), id);
	if (!found)
		found = find_setting(policy, POLICY_DEFAULT,
				     strlen(POLICY_DEFAULT), id);
	return found;
}

const char *policy_where(const struct policy *policy, const char *dev,
			 enum policy_id id)
{
	const struct setting *found = find_for(policy, dev, id);

	return found ? found->section : NULL;
}

const char *policy_text(const struct policy *policy, const char *dev,
			enum policy_id id)
{
	const struct setting *found = find_for(policy, dev, id);

	return found ? found->value : policy_keys[id].deflt;
}

bool policy_yes(const struct policy *policy, const char *dev, enum policy_id id)
{
	return !strcmp(policy_text(policy, dev, id), "yes");
}

unsigned int policy_number(const struct policy *policy, const char *dev,
			   enum policy_id id)
{
	return strtoul(policy_text(policy, dev, id), NULL, 10);
}

bool policy_is(const struct policy *policy, const char *dev, enum policy_id id,
	       const char *word)
{
	return !strcmp(policy_text(policy, dev, id), word);
}

bool policy_matches(const struct policy *policy, const char *dev,
		    enum policy_id id, const char *path)
{
	return any_word(policy_text(policy, dev, id), matches, path);
}
