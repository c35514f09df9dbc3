// SPDX-License-Identifier: GPL-2.0
/*
 * The node of every DR device in the guest against the contract: attributes,
 * permissions, links, and an identity that follows from the topology.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/drvio.h>

#include "../kselftest_harness.h"
#include "attr.h"

static void for_each(struct __test_metadata *_metadata,
		     void (*fn)(const char *name, void *metadata))
{
	/* A guest without devices would prove nothing. */
	ASSERT_LT(0, attr_each_device(fn, _metadata));
}

static void check_words(const char *name, void *arg)
{
	struct __test_metadata *_metadata = arg;
	char text[ATTR_MAX], node[ATTR_MAX];

	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/state", name));
	EXPECT_TRUE(attr_is_one_of(text, "unconfigured configuring configured unconfiguring"));
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/status", name));
	EXPECT_TRUE(attr_is_one_of(text, "unconfigured configured"));

	ASSERT_EQ(0, attr_read(node, sizeof(node), CLASS_DIR "/%s/name", name));
	EXPECT_EQ(0, strncmp(node, "virtio-", 7));
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/dev_id", name));
	EXPECT_EQ(18, strlen(text));
	/* The name of the node says both. */
	strcat(node, "@");
	strcat(node, text);
	EXPECT_STREQ(name, node);

	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/uevent", name));
	EXPECT_NE(NULL, strstr(text, "DEVTYPE=drvio_device"));
}

TEST(attributes_speak_the_contracts_words)
{
	for_each(_metadata, check_words);
}

static void check_modes(const char *name, void *arg)
{
	static const char * const readable[] = {
		"state", "status", "name", "dev_id", "request/number", "request/verb",
		"request/phase", "request/cookie", "request/deadline_ms",
		"request/result", "request/status", "request/reason",
		"request/duration_us",
	};
	struct __test_metadata *_metadata = arg;
	char text[ATTR_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
		EXPECT_EQ(0444, attr_mode(CLASS_DIR "/%s/%s", name, readable[i])) {
			TH_LOG("%s/%s", name, readable[i]);
		}
		EXPECT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/%s",
				       name, readable[i])) {
			TH_LOG("%s/%s", name, readable[i]);
		}
		EXPECT_EQ(-EACCES, attr_write("1", CLASS_DIR "/%s/%s", name, readable[i]) ?:
			  -EACCES);
	}
	EXPECT_EQ(0644, attr_mode(CLASS_DIR "/%s/hold", name));
	EXPECT_EQ(0644, attr_mode(CLASS_DIR "/%s/hold_ms", name));
	EXPECT_EQ(0200, attr_mode(CLASS_DIR "/%s/ack", name));
}

TEST(attributes_have_their_permissions)
{
	for_each(_metadata, check_modes);
}

/* dev_id of a target, computed from its path in sysfs as the host computes it
 * from its topology: .../pci0000:00/0000:00:12.0/0000:01:00.0/virtio3
 */
static uint64_t id_of_path(const char *path)
{
	unsigned int domain, root_bus, bus, slot, fn;
	uint64_t id = 0;
	int hops = 0;
	const char *p = strstr(path, "/pci");

	if (!p || sscanf(p, "/pci%x:%x/", &domain, &root_bus) != 2)
		return 0;
	p = strchr(p + 1, '/');
	while (p && sscanf(p, "/%x:%x:%x.%x", &domain, &bus, &slot, &fn) == 4) {
		id |= (uint64_t)(slot << 3 | fn) << (32 - 8 * hops);
		hops++;
		p = strchr(p + 1, '/');
	}
	return id | 1ULL << 56 | (uint64_t)hops << 48 | (uint64_t)root_bus << 40;
}

static void check_identity(const char *name, void *arg)
{
	struct __test_metadata *_metadata = arg;
	char text[ATTR_MAX], link[PATH_MAX], *path;

	snprintf(link, sizeof(link), CLASS_DIR "/%s/target0", name);
	path = realpath(link, NULL);
	ASSERT_NE(NULL, path);
	ASSERT_EQ(0, attr_read(text, sizeof(text), CLASS_DIR "/%s/dev_id", name));
	EXPECT_EQ(id_of_path(path), strtoull(text, NULL, 16)) {
		TH_LOG("%s is at %s", name, path);
	}
	free(path);
}

TEST(dev_id_follows_from_the_pci_path)
{
	for_each(_metadata, check_identity);
}

/* What QEMU's command line has put into the root ports: check-guest.sh. */
TEST(the_devices_of_the_command_line_are_there)
{
	static const char * const types[] = { "virtio-rng", "virtio-net", "virtio-blk",
					      "virtio-console" };
	char text[ATTR_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		char command[256];

		snprintf(command, sizeof(command), "ls -d " CLASS_DIR "/%s@0x*", types[i]);
		EXPECT_EQ(0, system(command)) {
			TH_LOG("no %s", types[i]);
		}
	}
	(void)text;
}

TEST_HARNESS_MAIN
