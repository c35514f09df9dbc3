// SPDX-License-Identifier: GPL-2.0
/*
 * Changing a key of the policy's file, and leaving the rest of it as somebody
 * has written it. What a line is, is said here as inih reads it.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "policy.h"
#include "trust.h"

/* struct edit - the new text, and where in the old one it is */
struct edit {
	const char *section;	/* the one to change, and its key */
	const char *name;
	char *text;
	size_t len;
	size_t insert;		/* where a new line of the section goes; 0: no section */
	bool found;		/* the key was there */
	bool inside;		/* the lines are those of the section */
	bool dropping;		/* the last key was the one: so are lines that go on */
};

static void append(struct edit *edit, const char *line, size_t len)
{
	edit->text = xreallocarray(edit->text, edit->len + len + 2, 1);
	memcpy(edit->text + edit->len, line, len);
	edit->len += len;
	edit->text[edit->len++] = '\n';
	edit->text[edit->len] = '\0';
}

static bool begins(const char *line, size_t len, const char *word, const char *end)
{
	size_t n = strlen(word);

	if (len < n || strncmp(line, word, n))
		return false;
	line += n;
	while (*line == ' ' || *line == '\t')
		line++;
	return *line && strchr(end, *line);
}

/* Copies a line, unless it is of the key that is changed. */
static void take_line(struct edit *edit, const char *line, size_t len)
{
	size_t indent = strspn(line, " \t\r\v\f");
	const char *start = line + indent;

	if (indent >= len || *start == ';' || *start == '#') {
		append(edit, line, len);
		return;
	}
	if (indent && edit->dropping)
		return;
	edit->dropping = false;
	if (*start == '[') {
		edit->inside = begins(start + 1, len - indent - 1,
				      edit->section, "]");
	} else if (edit->inside && begins(start, len - indent, edit->name, "=:")) {
		edit->dropping = true;
		/* The new line goes where the old one was. */
		if (!edit->found)
			edit->insert = edit->len;
		edit->found = true;
		return;
	}
	append(edit, line, len);
	if (edit->inside && !edit->found)
		edit->insert = edit->len;
}

/* A list that is longer than a line goes into several. */
static char *make_lines(const char *name, const char *value)
{
	size_t room = POLICY_LINE_MAX - strlen(name) - strlen(" = ");
	char *lines = xstrdup(""), *more;

	while (*value) {
		size_t len = strlen(value);

		if (len > room) {
			len = room;
			while (len && value[len] != ' ')
				len--;
			if (!len)
				len = strlen(value);	/* is refused as it is read */
		}
		more = xasprintf("%s%s = %.*s\n", lines, name, (int)len, value);
		free(lines);
		lines = more;
		value += len;
		value += strspn(value, " ");
	}
	if (*lines)
		return lines;
	free(lines);
	return xasprintf("%s =\n", name);
}

static char *edit_text(const char *old, const char *section, const char *name,
		       const char *value)
{
	struct edit edit = { .section = section, .name = name };
	char *text, *lines;

	edit.text = xstrdup("");
	for (size_t len; *old; old += len + (old[len] == '\n')) {
		len = strcspn(old, "\n");
		take_line(&edit, old, len);
	}
	if (!value)
		return edit.text;
	lines = make_lines(name, value);
	if (edit.insert)
		text = xasprintf("%.*s%s%s", (int)edit.insert, edit.text, lines,
				 edit.text + edit.insert);
	else
		text = xasprintf("%s%s[%s]\n%s", edit.text, edit.len ? "\n" : "",
				 section, lines);
	free(lines);
	free(edit.text);
	return text;
}

/* Replaces a file in one step.  Return: NULL, or why not. */
static char *replace(int dir, const char *path, const char *text)
{
	char new[PATH_MAX], base[PATH_MAX];
	size_t len = strlen(text);
	char *why = NULL;
	int fd;

	snprintf(base, sizeof(base), "%s", path);
	snprintf(new, sizeof(new), ".%.200s.new", basename(base));
	unlinkat(dir, new, 0);
	fd = openat(dir, new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return xasprintf("%s: %s", path, strerror(errno));
	if (write(fd, text, len) != (ssize_t)len || fchmod(fd, 0644) || fsync(fd) ||
	    renameat(dir, new, AT_FDCWD, path) || fsync(dir)) {
		why = xasprintf("%s: %s", path, strerror(errno));
		unlinkat(dir, new, 0);
	}
	close(fd);
	return why;
}

static char *set_locked(int dir, const char *path, const char *section,
			enum policy_id id, const char *value)
{
	struct policy *policy;
	char *old, *text, *why;

	old = trust_read(path, POLICY_SIZE_MAX, &why);
	if (why)
		return why;
	policy = policy_parse(path, old ? old : "", &why);
	policy_free(policy);
	if (policy) {
		text = edit_text(old ? old : "", section, policy_keys[id].name, value);
		/* What would not be read is not written. */
		policy = policy_parse(path, text, &why);
		policy_free(policy);
		if (policy && (!old || strcmp(old, text)))
			why = replace(dir, path, text);
		free(text);
	}
	free(old);
	return why;
}

char *policy_set(const char *path, const char *section, enum policy_id id,
		 const char *value)
{
	char folder[PATH_MAX], *why;
	int dir;

	why = value ? policy_check(id, value) : NULL;
	if (why)
		return why;
	snprintf(folder, sizeof(folder), "%s", path);
	dirname(folder);
	if (mkdir(folder, 0755) && errno != EEXIST)
		return xasprintf("%s: %s", folder, strerror(errno));
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return xasprintf("%s: %s", folder, strerror(errno));
	why = trust_fd(dir, folder);
	/* Two who change it at the same time both have their will. */
	if (!why && flock(dir, LOCK_EX))
		why = xasprintf("%s: %s", folder, strerror(errno));
	if (!why)
		why = set_locked(dir, path, section, id, value);
	close(dir);
	return why;
}
