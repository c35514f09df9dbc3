// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: the journal of drvio-helper, as a crash or a full disk may
 * leave it.  Steps are put back from the last to the first, and the file is gone.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "journal.h"
#include "mem.h"

static char dir[] = "/tmp/drvio-fuzz.XXXXXX";

static void remove_dir(void)
{
	rmdir(dir);
}

static int undo(json_object *step, char **why)
{
	json_object *name;

	if (json_object_object_get_ex(step, "name", &name))
		return 0;
	*why = xstrdup("it has no name");
	return -1;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!mkdtemp(dir))
		abort();
	atexit(remove_dir);
	config.run = dir;
	/* The log of what is wrong is not to be read. */
	if (!freopen("/dev/null", "w", stdout))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static const struct step_ops ops[] = { { "mount", undo }, { "x", undo }, { 0 } };
	char path[64], *why;
	int fd;

	snprintf(path, sizeof(path), "%s/d@0x1.journal", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
	journal_undo("d@0x1", len & 1 ? NULL : "00000000000000a1", ops, &why);
	free(why);
	unlink(path);
	return 0;
}
