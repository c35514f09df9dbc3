// SPDX-License-Identifier: GPL-2.0
/*
 * What layers read: names of logical volumes, tables of multipath maps,
 * entries of crypttab, tables whose devices get other numbers.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "crypt.h"
#include "dm.h"
#include "lvm.h"
#include "multipath.h"
#include "tap.h"

static void test_lvm(void)
{
	static const struct {
		const char *dm;
		const char *name;
	} cases[] = {
		{ "vg-lv", "vg/lv" },
		{ "vg--a-lv--b", "vg-a/lv-b" },
		{ "a------b-c", "a---b/c" },
		{ "vg-pool-tpool", NULL },
		{ "vg", NULL },
		{ "vg--lv", NULL },
		{ "-lv", NULL },
		{ "vg-", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *name = lvm_name(cases[i].dm);

		ok(cases[i].name ? name && !strcmp(name, cases[i].name) : !name,
		   cases[i].dm);
		free(name);
	}
}

static void test_multipath(void)
{
	static const struct {
		const char *table;
		const char *path;
		const char *without;
	} cases[] = {
		{ "0 100 multipath 1 queue_if_no_path 0 1 1 service-time 0 2 1 254:16 1 254:32 1",
		  "254:16", "0 100 multipath 1 queue_if_no_path 0 1 1 service-time 0 1 1 254:32 1" },
		{ "0 100 multipath 0 1 alua 2 2 round-robin 0 1 1 8:0 1000 round-robin 0 2 1 8:16 1000 8:32 1000\n",
		  "8:0", "0 100 multipath 0 1 alua 1 1 round-robin 0 2 1 8:16 1000 8:32 1000" },
		{ "0 100 multipath 2 queue_if_no_path pg_init_retries 0 2 1 service-time 0 1 2 8:0 1 1 service-time 0 1 2 8:16 1 1",
		  "8:16", "0 100 multipath 2 queue_if_no_path pg_init_retries 0 1 1 service-time 0 1 2 8:0 1 1" },
		{ "0 100 multipath 0 0 1 1 service-time 0 1 1 8:0 1", "8:0", NULL },
		{ "0 100 multipath 0 0 1 1 service-time 0 1 1 8:0 1", "8:16", NULL },
		{ "0 100 linear 8:0 0", "8:0", NULL },
		{ "0 100 multipath 0 0 1 1 service-time 0 2 1 8:0 1", "8:0", NULL },
		{ "0 100 multipath 9999999999 x", "8:0", NULL },
		{ "0 100 multipath -1 0 1 1 service-time 0 1 1 8:0 1", "8:0", NULL },
		{ "0 100 multipath", "8:0", NULL },
		{ "", "8:0", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *without = multipath_without(cases[i].table, cases[i].path);

		ok(cases[i].without ? without && !strcmp(without, cases[i].without) :
				      !without, cases[i].table);
		free(without);
	}
}

static void test_crypttab(void)
{
	static const char text[] =
		"# data UUID=x /key\n"
		"data\tUUID=1234  /etc/keys/data.key luks,discard,keyfile-offset=16,keyfile-size=32\n"
		"asked UUID=1 none luks\n"
		"  short UUID=2\n"
		"swap /dev/vdb2 /dev/urandom swap\n"
		"away UUID=3 /key luks,header=/boot/header\n"
		"made UUID=4 /key luks,keyscript=/bin/make\n"
		"tpm UUID=5 none luks,tpm2-device=auto\n"
		"token UUID=6 - fido2-device=auto\n"
		"card UUID=7 /key pkcs11-uri=auto\n"
		"bare /dev/vdc /key plain,size=256\n";
	static const struct {
		const char *name;
		const char *why;
	} cases[] = {
		{ "asked", "names no key file" },
		{ "short", "names no key file" },
		{ "swap", "made anew each time" },
		{ "away", "header" },
		{ "made", "keyscript" },
		{ "tpm", "TPM" },
		{ "token", "FIDO2" },
		{ "card", "PKCS" },
		{ "bare", "not of LUKS" },
		{ "other", "not in" },
		{ "#", "not in" },
		{ "", "not in" },
	};
	struct crypttab entry;
	const char *why;
	char *copy;

	copy = xstrdup(text);
	ok(!crypttab_find(&entry, copy, "data"), "an entry with a key file");
	is(entry.key, "/etc/keys/data.key", "the file");
	is(entry.offset, "16", "where the key begins");
	is(entry.size, "32", "and how long it is");
	crypttab_clear(&entry);
	free(copy);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		copy = xstrdup(text);
		why = crypttab_find(&entry, copy, cases[i].name);
		ok(why && strstr(why, cases[i].why), cases[i].name);
		crypttab_clear(&entry);
		free(copy);
	}
}

static void test_lasting_table(void)
{
	size_t lowers[] = { 0, 1 };
	struct bdev b[] = {
		{ .rdev = makedev(254, 16), .path = (char *)"/dev/vdb" },
		{ .rdev = makedev(253, 0), .path = (char *)"/dev/mapper/below",
		  .layer = &dm_layer },
		{ .rdev = makedev(253, 1), .nlower = 2, .lower = lowers },
	};
	struct stack stack = { .n = 3, .b = b };
	char *table;

	table = dm_table_lasting(&stack, 2,
		"0 8 linear 254:16 0\n8 8 linear 253:0 253:0\n16 8 linear 8:0 0\n");
	is(table, "0 8 linear 254:16 0\n8 8 linear /dev/mapper/below /dev/mapper/below\n16 8 linear 8:0 0",
	   "what may get another number is named by its path");
	free(table);
}

int main(void)
{
	test_lvm();
	test_multipath();
	test_crypttab();
	test_lasting_table();
	return tap_done();
}
