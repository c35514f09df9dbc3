// SPDX-License-Identifier: GPL-2.0
/* Lines of a mountinfo, and which mounts go when another goes. */
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "mounts.h"
#include "tap.h"

static bool parse(struct mount *mount, const char *text)
{
	return !mounts_parse_line(mount, text);
}

static void test_lines(void)
{
	static const char * const wrong[] = {
		"", "36", "36 35 98:0 / /mnt", "36 35 x / /mnt rw - ext4 /dev/vda rw",
		"36 35 98:0 / /mnt rw master:1 ext4 /dev/vda rw",
		"36 35 98:0 / /mnt rw -", "36 35 98:0 / /mnt rw - ext4",
		"36 35 98:0 / /mnt rw - ext4 /dev/vda", "- - - - - -",
	};
	struct mount m;

	ok(parse(&m, "36 35 98:0 /mnt1 /mnt/two\\040words rw,noatime shared:7 master:1 - ext3 /dev/root rw,errors=continue"),
	   "a whole line");
	ok(m.id == 36 && m.parent == 35, "ids");
	ok(m.dev == makedev(98, 0), "device number");
	is(m.root, "/mnt1", "root");
	is(m.target, "/mnt/two words", "target, unescaped");
	is(m.options, "rw,noatime", "options");
	ok(m.shared == 7 && m.master == 1, "peer group and master");
	is(m.fstype, "ext3", "type");
	is(m.source, "/dev/root", "source");
	is(m.fs_options, "rw,errors=continue", "options of the filesystem");
	mount_clear(&m);

	ok(parse(&m, "22 27 0:20 / /sys rw - sysfs sysfs rw"), "no optional field");
	ok(!m.shared && !m.master && !m.unbindable, "a private mount");
	mount_clear(&m);
	ok(parse(&m, "22 27 0:20 / /x rw unbindable - tmpfs  rw"), "an empty source");
	is(m.source, "", "is empty");
	ok(m.unbindable, "an unbindable mount");
	mount_clear(&m);
	ok(parse(&m, "1 1 0:2 / / rw shared:1 new:field - a\\134b \\012 rw"),
	   "an optional field of the future");
	is(m.fstype, "a\\b", "a backslash");
	is(m.source, "\n", "a newline");
	mount_clear(&m);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!parse(&m, wrong[i]), wrong[i][0] ? wrong[i] : "an empty line");
}

static void test_unescape(void)
{
	char a[] = "\\", b[] = "\\04", c[] = "\\400x", d[] = "\\011\\040\\134";

	is(proc_unescape(a), "\\", "a lone backslash stays");
	is(proc_unescape(b), "\\04", "an escape that is cut short stays");
	is(proc_unescape(c), "\\400x", "no byte has that number");
	is(proc_unescape(d), "\t \\", "one after the other");
}

/* Lines with the index of their namespace in front. */
static void set_up(struct mounts *mounts, const char * const *lines, size_t n)
{
	memset(mounts, 0, sizeof(*mounts));
	mounts->m = calloc(n, sizeof(*mounts->m));
	for (size_t i = 0; i < n; i++) {
		if (!parse(&mounts->m[i], lines[i] + 2))
			ok(false, "a line of the test is wrong");
		mounts->m[i].ns = lines[i][0] - '0';
	}
	mounts->n = n;
}

/*
 *	0	own namespace: / is shared (1), the disk on /mnt
 *	1	container that is a slave of it: the copy goes along
 *	2	a slave's slave, through a shared slave (group 5)
 *	3	private: / in no relation to ours; its mount stays
 *	4	a peer, which has the disk in a place of its own
 *	5	a namespace whose root is a folder of ours
 */
static void test_copies(void)
{
	static const char * const lines[] = {
		"0 1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw",
		"0 2 1 254:0 / /mnt rw shared:2 - ext4 /dev/vda rw",
		"1 11 0 8:1 / / rw shared:5 master:1 - ext4 /dev/sda1 rw",
		"1 12 11 254:0 / /mnt rw shared:6 master:2 - ext4 /dev/vda rw",
		"2 21 0 8:1 / / rw master:5 - ext4 /dev/sda1 rw",
		"2 22 21 254:0 / /mnt rw master:6 - ext4 /dev/vda rw",
		"3 31 0 8:1 / / rw - ext4 /dev/sda1 rw",
		"3 32 31 254:0 / /mnt rw - ext4 /dev/vda rw",
		"4 41 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw",
		"4 42 41 254:0 / /elsewhere rw - ext4 /dev/vda rw",
		"5 51 0 8:1 /mnt /m rw shared:1 - ext4 /dev/sda1 rw",
		"5 52 51 254:0 / /m rw - ext4 /dev/vda rw",
		"6 61 0 8:1 / / rw master:77 - ext4 /dev/sda1 rw",
		"6 62 61 254:0 / /mnt rw - ext4 /dev/vda rw",
	};
	struct mounts mounts;

	set_up(&mounts, lines, sizeof(lines) / sizeof(lines[0]));
	ok(mounts_is_copy(&mounts, &mounts.m[3], &mounts.m[1]), "a slave's copy goes along");
	ok(mounts_is_copy(&mounts, &mounts.m[5], &mounts.m[1]), "a slave's slave's too");
	ok(!mounts_is_copy(&mounts, &mounts.m[7], &mounts.m[1]), "a private one stays");
	ok(!mounts_is_copy(&mounts, &mounts.m[9], &mounts.m[1]), "a peer's mount elsewhere stays");
	ok(mounts_is_copy(&mounts, &mounts.m[11], &mounts.m[1]),
	   "the same place, seen through a folder");
	ok(!mounts_is_copy(&mounts, &mounts.m[13], &mounts.m[1]),
	   "a slave of somebody else's stays");
	mounts_free(&mounts);
}

/* /a shows the folder /srv of our root: what is on /srv/x there is on /a/x here. */
static void test_folders(void)
{
	static const char * const lines[] = {
		"0 1 0 8:1 /srv /a rw shared:1 - ext4 /dev/sda1 rw",
		"0 2 1 254:0 / /a/x rw - ext4 /dev/vda rw",
		"1 11 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw",
		"1 12 11 254:0 / /srv/x rw - ext4 /dev/vda rw",
		"1 13 11 254:0 / /srvx rw - ext4 /dev/vda rw",
	};
	struct mounts mounts;

	set_up(&mounts, lines, sizeof(lines) / sizeof(lines[0]));
	ok(mounts_is_copy(&mounts, &mounts.m[3], &mounts.m[1]), "through a bind mount");
	ok(!mounts_is_copy(&mounts, &mounts.m[4], &mounts.m[1]), "a similar name is another place");
	mounts_free(&mounts);
}

int main(void)
{
	test_lines();
	test_unescape();
	test_copies();
	test_folders();
	return tap_done();
}
