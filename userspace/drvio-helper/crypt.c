// SPDX-License-Identifier: GPL-2.0
/*
 * Encrypted volumes (dm-crypt). One is closed only where it can be opened again:
 * a LUKS volume whose key file is in /etc/crypttab. The key is tried before,
 * and never written down here.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "blockdev.h"
#include "config.h"
#include "crypt.h"
#include "dm.h"
#include "log.h"
#include "sysfs.h"

/* Flags in the table of dm-crypt, and what cryptsetup calls them. */
static const struct {
	const char *flag;
	const char *option;
} flags[] = {
	{ "allow_discards", "--allow-discards" },
	{ "same_cpu_crypt", "--perf-same_cpu_crypt" },
	{ "submit_from_crypt_cpus", "--perf-submit_from_crypt_cpus" },
	{ "no_read_workqueue", "--perf-no_read_workqueue" },
	{ "no_write_workqueue", "--perf-no_write_workqueue" },
};

#define NFLAGS	(sizeof(flags) / sizeof(flags[0]))

static bool is_crypt(const struct bdev *b)
{
	return dm_has_uuid(b, "CRYPT-");
}

static void describe(struct bdev *b)
{
	dm_describe(b, "encrypted volume", "cryptsetup close ");
}

static void take_option(struct crypttab *entry, const char *option)
{
	if (!strncmp(option, "keyfile-offset=", 15) && !entry->offset)
		entry->offset = xstrdup(option + 15);
	else if (!strncmp(option, "keyfile-size=", 13) && !entry->size)
		entry->size = xstrdup(option + 13);
}

const char *crypttab_find(struct crypttab *entry, char *text, const char *name)
{
	char *line, *field[4], *option;

	memset(entry, 0, sizeof(*entry));
	while ((line = strsep(&text, "\n"))) {
		int n = 0;

		while (n < 4 && (field[n] = strsep(&line, " \t")))
			if (*field[n])
				n++;
		if (!n || *field[0] == '#' || strcmp(field[0], name))
			continue;
		if (n < 3 || *field[2] != '/')
			return "its entry in /etc/crypttab names no key file";
		/* Random keys open another volume each time. */
		if (!strncmp(field[2], "/dev/", 5))
			return "its key is made anew each time (/etc/crypttab)";
		while (n > 3 && (option = strsep(&field[3], ",")))
			if (!strncmp(option, "header=", 7))
				return "its header is in another place (/etc/crypttab)";
			else
				take_option(entry, option);
		entry->key = xstrdup(field[2]);
		return NULL;
	}
	return "it is not in /etc/crypttab";
}

void crypttab_clear(struct crypttab *entry)
{
	free(entry->key);
	free(entry->offset);
	free(entry->size);
	memset(entry, 0, sizeof(*entry));
}

/* Return: NULL when its key can be had, otherwise why not. */
static const char *find_key(struct crypttab *entry, const struct bdev *b)
{
	char *text;
	const char *why;

	memset(entry, 0, sizeof(*entry));
	if (strncmp(b->dm_uuid, "CRYPT-LUKS", 10))
		return "it is not of LUKS";
	text = sysfs_read_file("%s", config.crypttab);
	if (!text)
		return "there is no /etc/crypttab";
	why = crypttab_find(entry, text, b->dm_name);
	free(text);
	return why;
}

static void look(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	struct crypttab entry;
	const char *why = find_key(&entry, b);
	struct stat st;

	if (!why && stat(entry.key, &st))
		why = "its key file cannot be read";
	else if (!why && stack_loses(stack, st.st_dev))
		why = "its key file is on this very disk";
	if (why)
		table_add(&job->blockers, b->path,
			  "%s could not be opened again, since %s: enter its key file there, or close it by hand (%s)",
			  b->what, why, b->remedy);
	crypttab_clear(&entry);
}

/* Arguments of cryptsetup for a volume's key. */
static int key_arguments(const char *argv[], int n, const char *key,
			 const char *offset, const char *size)
{
	argv[n++] = "--key-file";
	argv[n++] = key;
	if (*offset) {
		argv[n++] = "--keyfile-offset";
		argv[n++] = offset;
	}
	if (*size) {
		argv[n++] = "--keyfile-size";
		argv[n++] = size;
	}
	return n;
}

static int try_key(struct job *job, const struct bdev *b, const char *device,
		   const struct crypttab *entry)
{
	const char *argv[16] = { "cryptsetup", "open", "--batch-mode", "--type",
				 "luks", "--test-passphrase" };
	int n = key_arguments(argv, 6, entry->key, entry->offset ? entry->offset : "",
			      entry->size ? entry->size : "");
	char *why;
	int err;

	argv[n] = device;
	err = layer_run(job, argv, NULL, NULL, &why);
	if (err)
		job_fail(job, "%s: its key file, %s, does not open it, so that it is left open: %s",
			 b->path, entry->key, why);
	free(why);
	return err;
}

static int close_volume(struct job *job, const struct bdev *b)
{
	if (!layer_do(job, b->path, ARGV("cryptsetup", "close", b->dm_name)))
		return 0;
	return job->force ? dm_remove(job, b) : -1;
}

static int release(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];
	const char *device = b->nlower ? stack->b[b->lower[0]].path : "", *why;
	char *table = NULL, *text = NULL, read_only[8];
	struct crypttab entry;
	json_object *step;
	int err = 0;

	if (!dm_exists(b->dm_name))
		return 0;
	why = find_key(&entry, b);
	if (why && !job->force)
		err = job_fail(job, "%s could not be opened again, since %s", b->path, why);
	if (!why)
		err = try_key(job, b, device, &entry);
	if (!err) {
		table = dm_table(job, b->dm_name, &text);
		if (!table)
			err = job_fail(job, "%s: %s", b->path, text);
	}
	if (err && !job->force)
		goto out;

	step = layer_step(job, "crypt-close", b);
	step_add(step, "device", device);
	step_add(step, "key", entry.key ? entry.key : "");
	step_add(step, "key_offset", entry.offset ? entry.offset : "");
	step_add(step, "key_size", entry.size ? entry.size : "");
	sysfs_read(read_only, sizeof(read_only), "%s/ro", b->dir);
	step_add_int(step, "read_only", atoi(read_only));
	for (size_t k = 0; k < NFLAGS; k++)
		step_add_int(step, flags[k].flag, table && strstr(table, flags[k].flag));
	err = layer_write(job, b, step);
	if (!err)
		err = close_volume(job, b);
	if (!err)
		log_info("%s: %s is closed", job->req.dev, b->what);
out:
	crypttab_clear(&entry);
	free(table);
	free(text);
	return err;
}

int crypt_undo(json_object *step, char **why)
{
	const char *name = step_string(step, "name"), *key = step_string(step, "key");
	const char *argv[24] = { "cryptsetup", "open", "--batch-mode", "--type", "luks" };
	int n, err;
	char *text;

	if (dm_exists(name))
		return 0;
	if (!blockdev_is_same(step)) {
		log_info("%s: its disk has gone, it is not opened again", name);
		return 0;
	}
	if (!*key) {
		*why = xasprintf("%s: there is no key for it: open it (cryptsetup open %s %s)",
				 name, step_string(step, "device"), name);
		return -1;
	}
	n = key_arguments(argv, 5, key, step_string(step, "key_offset"),
			  step_string(step, "key_size"));
	if (step_int(step, "read_only"))
		argv[n++] = "--readonly";
	for (size_t k = 0; k < NFLAGS; k++)
		if (step_int(step, flags[k].flag))
			argv[n++] = flags[k].option;
	argv[n++] = step_string(step, "device");
	argv[n++] = name;
	err = layer_run(NULL, argv, NULL, NULL, &text);
	if (err)
		*why = xasprintf("%s: cryptsetup open: %s", name, text);
	else
		log_info("%s: opened again", step_string(step, "path"));
	free(text);
	return err;
}

const struct layer crypt_layer = {
	.name = "dm-crypt",
	.policy = POLICY_RELEASE_CRYPT,
	.is = is_crypt,
	.describe = describe,
	.look = look,
	.release = release,
};
