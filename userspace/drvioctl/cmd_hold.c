// SPDX-License-Identifier: GPL-2.0
/* drvioctl hold, release: an unconfigure is refused, with a text that says why. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/drvio.h>

#include "mem.h"
#include "sysfs.h"
#include "tree.h"

/* As the kernel takes them. */
#define HOLD_LEN_MAX	255
#define HOLD_MS_MAX	UINT32_MAX

/* "90s", "15m", "2h", "1d"; seconds without a unit. */
static bool parse_duration(const char *text, uint64_t *ms)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 },
		{ "h", 60 * 60 * 1000 }, { "d", 24 * 60 * 60 * 1000 },
	};
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || !n)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) || n > HOLD_MS_MAX / units[i].ms)
			continue;
		*ms = n * units[i].ms;
		return true;
	}
	return false;
}

static enum exit_code write_attr(struct ctl *ctl, const char *device, const char *attr,
				 const char *value)
{
	char *line = xasprintf("%s\n", value);
	int err = -sysfs_write(line, "%s/sys/class/" DRVIO_CLASS "/%s/%s", ctl->root, device,
			       attr);

	free(line);
	if (!err)
		return EXIT_CODE_OK;
	return ctl_fail(ctl, ctl_errno_code(err), "%s: %s: %s", device, attr, strerror(err));
}

static enum exit_code hold_run(struct ctl *ctl, int argc, char **argv)
{
	char device[DEVICE_NAME_MAX], number[32];
	enum exit_code code;
	uint64_t ms = 0;

	(void)argc;
	if (ctl->duration && !parse_duration(ctl->duration, &ms))
		return ctl_usage(ctl, "--for \"%s\": a time is like 90s, 15m, 2h or 1d, at most 49 days",
				 ctl->duration);
	if (!*argv[1] || strlen(argv[1]) > HOLD_LEN_MAX)
		return ctl_usage(ctl, "the text says why: 1 to %d characters", HOLD_LEN_MAX);
	for (const char *p = argv[1]; *p; p++)
		if (*p < ' ' || *p > '~')
			return ctl_usage(ctl, "the text is one line of printable ASCII");
	code = tree_find(ctl, argv[0], device);
	if (!code)
		code = write_attr(ctl, device, "hold", argv[1]);
	if (code || !ms)
		return code;
	/* Until here it holds without an end: nothing slips through. */
	snprintf(number, sizeof(number), "%llu", (unsigned long long)ms);
	return write_attr(ctl, device, "hold_ms", number);
}

static enum exit_code release_run(struct ctl *ctl, int argc, char **argv)
{
	char device[DEVICE_NAME_MAX];
	enum exit_code code;

	(void)argc;
	code = tree_find(ctl, argv[0], device);
	return code ? code : write_attr(ctl, device, "hold", "");
}

const struct command hold_command = {
	.name = "hold",
	.arguments = "DEV TEXT",
	.help = "have an unconfigure refused, with TEXT as the reason",
	.options = "d",
	.min = 2,
	.max = 2,
	.run = hold_run,
};

const struct command release_command = {
	.name = "release",
	.arguments = "DEV",
	.help = "end a hold",
	.min = 1,
	.max = 1,
	.run = release_run,
};
