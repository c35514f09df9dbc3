// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that runs out while a module is loaded: one after the other of the first
 * allocations of its init fails, then in steps of a tenth, until none is needed any
 * more.  It is either loaded or not, and loads afterwards.
 *
 * Needs failslab: the debug kernel has it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "attr.h"
#include "failslab.h"

static int load(const char *file)
{
	struct utsname name;
	char path[512];
	int fd, err;

	uname(&name);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/%s.ko", name.release, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

/* Who holds it lets it go soon. */
static int unload(const char *module)
{
	int i, err = -EAGAIN;

	for (i = 0; i < 500 && err; i++) {
		err = syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
		if (err && err != -EAGAIN)
			break;
		if (err)
			usleep(10000);
	}
	return err;
}

static int count_nodes(void)
{
	struct dirent *entry;
	DIR *dir = opendir(CLASS_DIR);
	int n = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		n += *entry->d_name != '.';
	closedir(dir);
	return n;
}

FIXTURE(module)
{
	bool able;
};

FIXTURE_SETUP(module)
{
	self->able = failslab_init();
	if (!self->able)
		return;
	unload("drvio_sim");
	unload("drvio_vdpa");
	ASSERT_EQ(0, unload("drvio_virtio"));
	ASSERT_EQ(0, unload("drvio"));
}

FIXTURE_TEARDOWN(module)
{
	EXPECT_EQ(0, system("modprobe drvio && modprobe drvio-virtio && udevadm settle"));
}

#define EACH_ALLOCATION(_file, _module)						\
	do {									\
		bool reached = true;						\
		int n, err, failed = 0;						\
										\
		for (n = 1; reached && n < FAIL_NTH_MAX; n += 1 + n / 10) {	\
			int nodes = count_nodes();				\
										\
			ASSERT_TRUE(fail_nth_of(_module, 0, n));		\
			err = load(_file);					\
			reached = fail_nth_reached();				\
			fail_nth_of("-", 0, 0);					\
			if (err) {						\
				failed++;					\
				EXPECT_EQ(-ENOMEM, err);			\
			} else {						\
				EXPECT_EQ(0, unload(_module));			\
			}							\
			EXPECT_EQ(nodes, count_nodes());			\
		}								\
		TH_LOG(_file ": %d allocations, %d times not loaded", n - 1, failed); \
		EXPECT_GT(FAIL_NTH_MAX, n);					\
		EXPECT_LT(0, failed);						\
		EXPECT_EQ(0, load(_file));					\
	} while (0)

TEST_F_TIMEOUT(module, drvio, 300)
{
	if (!self->able)
		SKIP(return, "the kernel has no failslab");
	EACH_ALLOCATION("drvio", "drvio");
}

TEST_F_TIMEOUT(module, drvio_sim, 300)
{
	if (!self->able)
		SKIP(return, "the kernel has no failslab");
	ASSERT_EQ(0, load("drvio"));
	EACH_ALLOCATION("drvio-sim", "drvio_sim");
	EXPECT_EQ(0, unload("drvio_sim"));
}

/*
 * Each device of the guest takes some hundred allocations, and makes no
 * difference to the others.
 */
TEST_F_TIMEOUT(module, drvio_virtio, 900)
{
	if (!self->able)
		SKIP(return, "the kernel has no failslab");
	ASSERT_EQ(0, load("drvio"));
	EACH_ALLOCATION("drvio-virtio", "drvio_virtio");
}

/* With a service and what manages it: these are all that it looks for. */
TEST_F_TIMEOUT(module, drvio_vdpa, 600)
{
	if (!self->able)
		SKIP(return, "the kernel has no failslab");
	if (system("modprobe -q -a vdpa_sim_blk virtio_vdpa"))
		SKIP(return, "no vdpa_sim");
	ASSERT_EQ(0, system("vdpa dev add name drvio-memory mgmtdev vdpasim_blk && udevadm settle"));
	ASSERT_EQ(0, system("modprobe drvio-virtio"));
	EACH_ALLOCATION("drvio-vdpa", "drvio_vdpa");
	EXPECT_EQ(0, access(CLASS_DIR "/vdpa-blk@0x04e962491dd427c9", F_OK));
	EXPECT_EQ(0, unload("drvio_vdpa"));
	EXPECT_EQ(0, system("vdpa dev del drvio-memory && modprobe -r vdpa_sim_blk virtio_vdpa"));
}

TEST_HARNESS_MAIN
