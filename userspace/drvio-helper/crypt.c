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
#include <sys/sysmacros.h>

#include "activate.h"
#include "blockdev.h"
#include "config.h"
#include "crypt.h"
#include "dm.h"
#include "fstab.h"
#include "log.h"
#include "sysfs.h"
#include "udev.h"

/* Flags in the table of dm-crypt, and what cryptsetup and crypttab call them. */
static const struct {
	const char *flag;
	const char *option;
	const char *crypttab;
} flags[] = {
	{ "allow_discards", "--allow-discards", "discard" },
	{ "same_cpu_crypt", "--perf-same_cpu_crypt", "same-cpu-crypt" },
	{ "submit_from_crypt_cpus", "--perf-submit_from_crypt_cpus", "submit-from-crypt-cpus" },
	{ "no_read_workqueue", "--perf-no_read_workqueue", "no-read-workqueue" },
	{ "no_write_workqueue", "--perf-no_write_workqueue", "no-write-workqueue" },
};

#define NFLAGS	(sizeof(flags) / sizeof(flags[0]))

/* Options of crypttab with which a key file alone does not open the volume. */
static const struct {
	const char *option;	/* or how it begins */
	const char *why;
} not_alone[] = {
	{ "header=", "its header is in another place (/etc/crypttab)" },
	{ "keyscript=", "a program makes its key (keyscript in /etc/crypttab)" },
	{ "tpm2-", "its key is in a TPM (/etc/crypttab)" },
	{ "fido2-", "its key is in a FIDO2 token (/etc/crypttab)" },
	{ "pkcs11-", "its key is in a PKCS #11 token (/etc/crypttab)" },
	{ "plain", "it is not of LUKS (/etc/crypttab)" },
	{ "tcrypt", "it is not of LUKS (/etc/crypttab)" },
	{ "bitlk", "it is not of LUKS (/etc/crypttab)" },
};

static bool is_crypt(const struct bdev *b)
{
	return dm_has_uuid(b, "CRYPT-");
}

static void describe(struct bdev *b)
{
	dm_describe(b, "encrypted volume", "cryptsetup close ");
}

/* Return: NULL, or why a key file is not all that it takes. */
static const char *take_option(struct crypttab *entry, const char *option)
{
	for (size_t i = 0; i < sizeof(not_alone) / sizeof(not_alone[0]); i++)
		if (!strncmp(option, not_alone[i].option, strlen(not_alone[i].option)))
			return not_alone[i].why;
	if (!strncmp(option, "keyfile-offset=", 15) && !entry->offset)
		entry->offset = xstrdup(option + 15);
	else if (!strncmp(option, "keyfile-size=", 13) && !entry->size)
		entry->size = xstrdup(option + 13);
	return NULL;
}

/* The fields of the next entry of a text. Return: how many; 0: there is none. */
static int next_entry(char **text, char *field[4])
{
	char *line;
	int n;

	while ((line = strsep(text, "\n"))) {
		n = 0;
		while (n < 4 && (field[n] = strsep(&line, " \t")))
			if (*field[n])
				n++;
		if (n && *field[0] != '#')
			return n;
	}
	return 0;
}

/* Return: as crypttab_find(). */
static const char *take_entry(struct crypttab *entry, char *field[4], int n)
{
	const char *why = NULL;
	char *option;

	entry->options = xstrdup(n > 3 ? field[3] : "");
	while (n > 3 && !why && (option = strsep(&field[3], ",")))
		why = take_option(entry, option);
	if (why)
		return why;
	if (n < 3 || *field[2] != '/')
		return "its entry in /etc/crypttab names no key file";
	/* Random keys open another volume each time. */
	if (!strncmp(field[2], "/dev/", 5))
		return "its key is made anew each time (/etc/crypttab)";
	entry->key = xstrdup(field[2]);
	return NULL;
}

const char *crypttab_find(struct crypttab *entry, char *text, const char *name)
{
	char *field[4];
	int n;

	memset(entry, 0, sizeof(*entry));
	while ((n = next_entry(&text, field)))
		if (!strcmp(field[0], name))
			return take_entry(entry, field, n);
	return "it is not in /etc/crypttab";
}

void crypttab_clear(struct crypttab *entry)
{
	free(entry->key);
	free(entry->offset);
	free(entry->size);
	free(entry->options);
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

/* --- On a new disk --- */

static bool has_option(const char *options, const char *option)
{
	size_t len = strlen(option);

	for (const char *p = options; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (!strncmp(p, option, len) && (!p[len] || p[len] == ','))
			return true;
	return false;
}

/*
 * Whether the device of a name is this very volume, whoever has opened it:
 * cryptsetup gives it the uuid CRYPT-LUKS2-<that of the header>-<name>.
 */
static bool is_opened(const char *name, const char *luks, dev_t device)
{
	char *end = xasprintf("-%s-%s", luks, name);
	bool is = dm_is(name, "CRYPT-LUKS", end, device);

	free(end);
	return is;
}

/* The uuid in the header, as that of the device has it, to be freed. */
static char *luks_uuid(const struct volume *volume)
{
	char *uuid = xstrdup(volume_value(volume, "UUID="));

	dm_bare_uuid(uuid);
	return uuid;
}

/* Who has opened it may not have come to its end. */
static void await_link(struct job *job, const char *name)
{
	char *dir = dm_folder(name), *link = xasprintf("/dev/mapper/%s", name);

	if (dir)
		udev_wait_link(job, dir, link);
	free(dir);
	free(link);
}

static int open_volume(struct job *job, const struct volume *volume, const char *name,
		       const struct crypttab *entry)
{
	const char *argv[24] = { "cryptsetup", "open", "--batch-mode", "--type", "luks" };
	json_object *step = json_object_new_object();
	char *luks = luks_uuid(volume);
	int n, err = 0;

	step_add(step, "op", "crypt-open");
	step_add(step, "name", name);
	step_add(step, "luks", luks);
	blockdev_identify(step, &volume->node);
	n = key_arguments(argv, 5, entry->key, entry->offset ? entry->offset : "",
			  entry->size ? entry->size : "");
	if (has_option(entry->options, "readonly") || has_option(entry->options, "read-only"))
		argv[n++] = "--readonly";
	for (size_t k = 0; k < NFLAGS; k++)
		if (has_option(entry->options, flags[k].crypttab))
			argv[n++] = flags[k].option;
	argv[n++] = volume->names.s[0];
	argv[n++] = name;
	if (is_opened(name, luks, volume->node.rdev)) {
		json_object_put(step);
		await_link(job, name);
	} else if (dm_exists(name)) {
		json_object_put(step);
		err = job_fail(job, "%s: it cannot be opened as %s (/etc/crypttab), since another device has that name: look what it is (dmsetup info %s)",
			       volume->names.s[0], name, name);
	} else if (journal_step(job->journal, step)) {
		err = job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
			       name);
	} else if (!layer_do(job, name, argv)) {
		log_info("%s: encrypted volume %s is opened", job->req.dev, name);
	} else {
		/* systemd opens what is in crypttab by itself, and may have been faster. */
		if (is_opened(name, luks, 0))
			await_link(job, name);
		err = is_opened(name, luks, volume->node.rdev) ? 0 : -1;
	}
	free(luks);
	return err;
}

int crypt_activate(struct job *job, const struct volume *volume, struct volumes *volumes)
{
	char *text = sysfs_read_file("%s", config.crypttab), *rest = text;
	struct crypttab entry;
	const char *why;
	char *field[4];
	int n, err = 0;

	(void)volumes;
	while (!err && (n = next_entry(&rest, field))) {
		if (n < 2 || !fstab_matches(field[1], &volume->names))
			continue;
		memset(&entry, 0, sizeof(entry));
		why = take_entry(&entry, field, n);
		if (has_option(entry.options, "noauto"))
			why = "it is marked noauto (/etc/crypttab)";
		if (why)
			log_info("%s: encrypted volume %s is not opened: %s", job->req.dev,
				 field[0], why);
		else
			err = open_volume(job, volume, field[0], &entry);
		if (err && has_option(entry.options, "nofail"))
			err = job_forgive(job, "nofail");
		crypttab_clear(&entry);
	}
	free(text);
	return err;
}

int crypt_activate_undo(json_object *step, char **why)
{
	const char *name = step_string(step, "name");
	unsigned int maj, min;
	dev_t device = 0;
	char *text;
	int err;

	/* Of a disk that has gone only the uuid is left. */
	if (blockdev_is_same(step) &&
	    sscanf(step_string(step, "dev"), "%u:%u", &maj, &min) == 2)
		device = makedev(maj, min);
	if (!is_opened(name, step_string(step, "luks"), device))
		return 0;
	err = layer_run(NULL, ARGV("cryptsetup", "close", name), NULL, NULL, &text);
	if (err)
		*why = xasprintf("%s: cryptsetup close: %s", name, text);
	else
		log_info("%s: closed again", name);
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
