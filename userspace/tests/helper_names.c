// SPDX-License-Identifier: GPL-2.0
/*
 * Names in fstab and names of a device; messages of netlink as text; what the
 * journal says about a block device.
 */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "blockdev.h"
#include "config.h"
#include "fstab.h"
#include "netlink.h"
#include "sysfs.h"
#include "tap.h"

static void test_fstab(void)
{
	static const char * const names[] = {
		"/dev/vda1", "/dev/disk/by-uuid/ABCD-1234", "UUID=ABCD-1234",
		"LABEL=My Data", "PARTUUID=aabbccdd-01",
	};
	static const struct {
		const char *source;
		bool matches;
	} cases[] = {
		{ "/dev/vda1", true },
		{ "/dev/vda", false },
		{ "/dev/vda11", false },
		{ "/dev/disk/by-uuid/ABCD-1234", true },
		{ "UUID=ABCD-1234", true },
		{ "UUID=abcd-1234", true },
		{ "UUID=\"abcd-1234\"", true },
		{ "UUID=ABCD-12345", false },
		{ "UUID=ABCD-123", false },
		{ "UUID=", false },
		{ "LABEL=My Data", true },
		{ "LABEL=\"My Data\"", true },
		{ "LABEL=my data", false },
		{ "PARTUUID=AABBCCDD-01", true },
		{ "PARTLABEL=aabbccdd-01", false },
		{ "ABCD-1234", false },
		{ "tmpfs", false },
		{ "nfs:/path=x", false },
		{ "", false },
	};
	struct strv v = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		strv_take(&v, xstrdup(names[i]));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(fstab_matches(cases[i].source, &v) == cases[i].matches,
		   cases[i].source);
	strv_free(&v);
}

static void test_messages(void)
{
	static const char * const wrong[] = {
		"", "0", "00", "zz", "100000001800",
		/* A length that is not that of the text. */
		"11000000180000000000000000000000",
	};
	struct {
		struct nlmsghdr hdr;
		struct rtmsg rtm;
	} route = {
		.hdr = { .nlmsg_len = sizeof(route), .nlmsg_type = RTM_NEWROUTE },
		.rtm = { .rtm_family = 10, .rtm_dst_len = 64 },
	};
	struct nlmsghdr *msg;
	char *hex;

	hex = netlink_to_hex(&route.hdr);
	msg = netlink_from_hex(hex);
	ok(msg && !memcmp(msg, &route, sizeof(route)), "a message is what it was");
	free(msg);
	hex[3] = 'G';
	ok(!netlink_from_hex(hex), "a digit that is none");
	free(hex);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!netlink_from_hex(wrong[i]), "no message");
}

static void test_identity(void)
{
	char dir[] = "/tmp/drvio-names.XXXXXX", path[200], command[300];
	struct node node = {
		.kind = NODE_PARTITION, .rdev = makedev(254, 1), .path = path,
	};
	json_object *step = json_object_new_object();

	if (!mkdtemp(dir))
		exit(1);
	config.sysfs = dir;
	snprintf(command, sizeof(command),
		 "cd %s && mkdir -p vda/vda1 dev/block && echo 5 > vda/diskseq && echo 1 > vda/vda1/partition && ln -s ../../vda/vda1 dev/block/254:1",
		 dir);
	ok(!system(command), "a tree");
	snprintf(path, sizeof(path), "%s/vda/vda1", dir);
	blockdev_identify(step, &node);
	is(step_string(step, "dev"), "254:1", "its number");
	is(step_string(step, "diskseq"), "5", "and that of its disk's appearance");
	ok(blockdev_is_same(step), "the same disk");
	sysfs_write("6\n", "%s/vda/diskseq", dir);
	ok(!blockdev_is_same(step), "another disk with its number");
	snprintf(path, sizeof(path), "%s/dev/block/254:1", dir);
	unlink(path);
	ok(!blockdev_is_same(step), "no disk");
	is(step_string(step, "missing"), "", "a value that is not there");
	ok(step_int(step, "missing") == 0, "a number that is not there");
	json_object_put(step);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ok(!system(command), "the tree is gone");
}

int main(void)
{
	test_fstab();
	test_messages();
	test_identity();
	return tap_done();
}
