// SPDX-License-Identifier: GPL-2.0
/*
 * The policy: what holds for which device, what is wrong and how that is said,
 * changing a key, and the list of keys in drvio.conf(5).
 *
 *	policy			run the cases
 *	policy --man		print the list of keys as the man page has it
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "policy.h"
#include "tap.h"

#define DEV	"virtio-blk@0x0102001000000000"
#define NIC	"virtio-net@0x0102001000000000"

static void test_table(void)
{
	bool defaults = true, names = true;

	for (enum policy_id id = 0; id < POLICY_NKEYS; id++) {
		char *why = policy_check(id, policy_keys[id].deflt);

		defaults &= !why;
		free(why);
		names &= policy_find(policy_keys[id].name) == id;
	}
	ok(defaults, "each default is allowed");
	ok(names, "each key is found by its name");
	ok(policy_find("nothing") == POLICY_NKEYS, "another is not");
}

static void test_sections(void)
{
	struct policy *policy;
	char *why;

	policy = policy_parse("p",
		"# a comment\n"
		"[default]\n"
		"unmount = no ; another\n"
		"carrier_timeout_ms=7\n"
		"keep_mounted = /srv/a /srv/b*\n"
		"keep_mounted = /srv/c\n"
		"\n"
		"[virtio-blk]\n"
		"unmount = yes\n"
		"[" DEV "]\n"
		"last_leg: refuse\n"
		"hold = back up first\n", &why);
	ok(policy && !why, "a policy is read");
	ok(!policy_yes(policy, NIC, POLICY_UNMOUNT), "[default] is for all");
	ok(policy_yes(policy, DEV, POLICY_UNMOUNT), "a type is above it");
	ok(policy_is(policy, DEV, POLICY_LAST_LEG, "refuse"), "a device above its type");
	is(policy_text(policy, DEV, POLICY_HOLD), "back up first", "a text");
	is(policy_text(policy, NIC, POLICY_HOLD), "", "not that of another device");
	ok(policy_is(policy, NIC, POLICY_LAST_LEG, "force"), "a default");
	ok(policy_number(policy, NULL, POLICY_CARRIER_TIMEOUT) == 7, "a number");
	ok(policy_matches(policy, DEV, POLICY_KEEP_MOUNTED, "/srv/a"), "a path");
	ok(policy_matches(policy, DEV, POLICY_KEEP_MOUNTED, "/srv/bb"), "a pattern");
	ok(policy_matches(policy, DEV, POLICY_KEEP_MOUNTED, "/srv/c"), "a list goes on");
	ok(!policy_matches(policy, DEV, POLICY_KEEP_MOUNTED, "/srv/b/c"), "no other path");
	is(policy_where(policy, DEV, POLICY_UNMOUNT), "virtio-blk", "where it is from");
	ok(!policy_where(policy, DEV, POLICY_KILL), "or that it is the default");
	policy_free(policy);

	policy = policy_parse("p", "", &why);
	ok(policy && policy_yes(policy, DEV, POLICY_UNMOUNT), "an empty one: the defaults");
	policy_free(policy);
	ok(!policy_yes(NULL, DEV, POLICY_KILL), "as without one; nothing is killed");
}

static void test_wrong(void)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "[default]\nunmuont = yes\n",
		  "p:2: there is no key \"unmuont\": see drvio.conf(5) for those that there are" },
		{ "[default]\n\n# x\nunmount = maybe\n",
		  "p:4: unmount: \"maybe\" is not allowed: yes or no" },
		{ "[default]\nlast_leg = never\n",
		  "p:2: last_leg: \"never\" is not allowed: refuse force or allow" },
		{ "[default]\nmtu = 65536\n",
		  "p:2: mtu: \"65536\" is not allowed: a number from 0 to 65535" },
		{ "[default]\nmtu = -1\n",
		  "p:2: mtu: \"-1\" is not allowed: a number from 0 to 65535" },
		{ "[default]\nmtu =\n",
		  "p:2: mtu: \"\" is not allowed: a number from 0 to 65535" },
		{ "[default]\nmtu = 99999999999999999999999\n",
		  "p:2: mtu: \"99999999999999999999999\" is not allowed: a number from 0 to 65535" },
		{ "[default]\nkeep_mounted = srv\n",
		  "p:2: keep_mounted: \"srv\" is not allowed: absolute paths, patterns allowed, with spaces between" },
		{ "unmount = yes\n",
		  "p:1: \"unmount\" stands before the first section: begin with [default], a [TYPE] or a [TYPE@0xID]" },
		{ "[Virtio]\nunmount = yes\n",
		  "p:2: [Virtio] is no section: allowed are [default], a type as [virtio-blk], or a device as [virtio-blk@0x0102001000000000]" },
		{ "[virtio-blk@0x1]\nunmount = yes\n",
		  "p:2: [virtio-blk@0x1] is no section: allowed are [default], a type as [virtio-blk], or a device as [virtio-blk@0x0102001000000000]" },
		{ "[default]\nunmount = yes\nunmount = no\n",
		  "p:3: unmount stands in line 2 of this section already" },
		{ "[default]\nunmount\n",
		  "p:2: neither a [section] nor \"key = value\" nor a comment" },
		{ "[default\nunmount = yes\n",
		  "p:1: neither a [section] nor \"key = value\" nor a comment" },
	};
	char line[POLICY_LINE_MAX + 2], *why, *text;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ok(!policy_parse("p", cases[i].text, &why), "refused");
		is(why ? why : "", cases[i].why, "and told why");
		free(why);
	}
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	text = xasprintf("[default]\nhold = %s\n", line);
	ok(!policy_parse("p", text, &why) && strstr(why, "p:2: the line is longer"),
	   "a line that inih would cut");
	free(why);
	free(text);
}

static char *slurp(const char *path)
{
	static char text[8192];
	FILE *file = fopen(path, "r");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	if (file)
		fclose(file);
	return text;
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	chmod(path, 0644);
}

/* The files of the policy must belong to root. */
static void test_file(void)
{
	char dir[] = "/tmp/drvio-policy.XXXXXX", path[64], *why;
	struct policy *policy;

	if (geteuid()) {
		printf("ok %d # SKIP files: not root\n", ++tap_cases);
		return;
	}
	if (!mkdtemp(dir))
		exit(1);
	snprintf(path, sizeof(path), "%s/drvio.conf", dir);
	policy = policy_read(path, &why);
	ok(policy && !why, "no file: the defaults");
	policy_free(policy);

	put(path, "[default]\nunmount = no\n");
	policy = policy_read(path, &why);
	ok(policy && !policy_yes(policy, DEV, POLICY_UNMOUNT), "a file");
	policy_free(policy);
	chmod(path, 0664);
	ok(!policy_read(path, &why) && strstr(why, path) && strstr(why, "chmod go-w"),
	   "writable by others: refused by name");
	free(why);
	chmod(path, 0644);
	if (!chown(path, 1, 0)) {
		ok(!policy_read(path, &why) && strstr(why, path) && strstr(why, "chown root"),
		   "of another user: refused by name");
		free(why);
	}
	unlink(path);
	mkfifo(path, 0600);
	ok(!policy_read(path, &why) && why, "a FIFO: refused, and not waited for");
	free(why);
	unlink(path);
	rmdir(dir);
}

static const char *set(const char *path, const char *section, const char *name,
		       const char *value)
{
	static char text[8192];
	char *why = policy_set(path, section, policy_find(name), value);

	snprintf(text, sizeof(text), "%s", why ? why : slurp(path));
	free(why);
	return text;
}

static void test_set(void)
{
	char dir[] = "/tmp/drvio-policy.XXXXXX", path[128], folder[64], list[600];
	struct policy *policy;
	char *why;

	if (geteuid()) {
		printf("ok %d # SKIP changing a file: not root\n", ++tap_cases);
		return;
	}
	if (!mkdtemp(dir))
		exit(1);
	snprintf(folder, sizeof(folder), "%s/drvio", dir);
	snprintf(path, sizeof(path), "%s/drvio.conf", folder);
	is(set(path, DEV, "mtu", "9000"), "[" DEV "]\nmtu = 9000\n", "a new file");
	put(path,
	    "# ours\n[default]\n  ; indented\nunmount = no\n\n# disks\n"
	    "[" DEV "] ; the first\nkeep_mounted = /a\n  /b\n# why\nmtu = 1 ; x\n\n[virtio-net]\nmtu=3\n");
	is(set(path, DEV, "mtu", "9000"),
	    "# ours\n[default]\n  ; indented\nunmount = no\n\n# disks\n"
	    "[" DEV "] ; the first\nkeep_mounted = /a\n  /b\n# why\nmtu = 9000\n\n[virtio-net]\nmtu=3\n",
	    "a key is changed where it stands, and nothing else");
	is(set(path, DEV, "keep_mounted", "/c /d"),
	    "# ours\n[default]\n  ; indented\nunmount = no\n\n# disks\n"
	    "[" DEV "] ; the first\nkeep_mounted = /c /d\n# why\nmtu = 9000\n\n[virtio-net]\nmtu=3\n",
	    "a list with the line that goes on");
	is(set(path, DEV, "keep_mounted", NULL),
	    "# ours\n[default]\n  ; indented\nunmount = no\n\n# disks\n"
	    "[" DEV "] ; the first\n# why\nmtu = 9000\n\n[virtio-net]\nmtu=3\n",
	    "a key is taken out");
	is(set(path, DEV, "mtu", "x"), "mtu: \"x\" is not allowed: a number from 0 to 65535",
	   "a wrong value is refused");
	is(set(path, "No Section", "mtu", "1") + strlen(path), ":15: [No Section] is no section: allowed are [default], a type as [virtio-blk], or a device as [virtio-blk@0x0102001000000000]",
	   "so is a wrong section");
	*list = '\0';
	for (int i = 0; i < 40; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s/srv/data%d", i ? " " : "", i);
	set(path, "default", "keep_mounted", list);
	policy = policy_read(path, &why);
	is(policy_text(policy, NULL, POLICY_KEEP_MOUNTED), list, "a list of several lines");
	policy_free(policy);
	free(why);
	put(path, "nonsense\n");
	ok(strstr(set(path, DEV, "mtu", "9000"), ":1: neither"), "what is wrong already is not written over");
	is(slurp(path), "nonsense\n", "and stays as it is");
	unlink(path);
	rmdir(folder);
	rmdir(dir);
}

/* --- The man page ---------------------------------------------------------- */

static void roff(FILE *out, const char *text)
{
	for (; *text; text++)
		fprintf(out, *text == '-' ? "\\-" : "%c", *text);
}

static char *man_keys(void)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	for (enum policy_id id = 0; id < POLICY_NKEYS; id++) {
		char *allowed = policy_allowed(id);

		fprintf(out, ".TP\n.B %s\n", policy_keys[id].name);
		roff(out, policy_keys[id].help);
		fprintf(out, "\n.br\n");
		roff(out, allowed);
		fprintf(out, "; default: %s\n",
			*policy_keys[id].deflt ? policy_keys[id].deflt : "empty");
		free(allowed);
	}
	fclose(out);
	return text;
}

static void test_man(void)
{
	const char *page = getenv("DRVIO_TOP");
	char path[4096], *keys = man_keys(), *man = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/Documentation/man/drvio.conf.5",
		 page ? page : "..");
	file = fopen(path, "r");
	if (file && getdelim(&man, &size, '\0', file) < 0)
		free(man), man = NULL;
	if (file)
		fclose(file);
	ok(man && strstr(man, keys), "drvio.conf(5) lists the keys as the table has them");
	free(man);
	free(keys);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--man")) {
		char *keys = man_keys();

		fputs(keys, stdout);
		free(keys);
		return 0;
	}
	test_table();
	test_sections();
	test_wrong();
	test_file();
	test_set();
	test_man();
	return tap_done();
}
