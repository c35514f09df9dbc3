// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-helper: finishes in userspace what a request of the control domain
 * began in the kernel. udev starts it; see drvio-helper(8).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/drvio.h>

#include "config.h"
#include "exit_code.h"
#include "job.h"
#include "journal.h"
#include "log.h"
#include "mem.h"
#include "persist.h"
#include "policy.h"
#include "sysfs.h"

#define PROGRAM		"drvio-helper"

static enum exit_code do_register(const char *dev, const char *cookie)
{
	int err;

	(void)dev;
	(void)cookie;
	err = sysfs_write(DRVIO_VERSION "\n", "%s/class/drvio/service/helper",
			  config.sysfs);
	if (!err)
		return EXIT_CODE_OK;
	log_err("%s/class/drvio/service/helper: %s%s", config.sysfs,
		strerror(-err), err == -ENOENT ? ": load the module drvio" : "");
	return err == -ENOENT ? EXIT_CODE_NOT_PRESENT :
	       err == -EACCES || err == -EPERM ? EXIT_CODE_PERMISSION :
	       EXIT_CODE_FAILED;
}

static enum exit_code do_look(const char *dev, const char *cookie)
{
	(void)cookie;
	return job_look(dev);
}

static enum exit_code do_boot(const char *dev, const char *cookie)
{
	(void)cookie;
	return persist_boot(dev);
}

static enum exit_code do_policy(const char *dev, const char *cookie)
{
	(void)cookie;
	return job_policy(dev);
}

static const struct command {
	const char *name;
	enum { NO_DEV, DEV, MAY_DEV } dev;	/* takes the name of a device */
	bool cookie;		/* and a cookie */
	bool mounts;		/* works on the mounts of the system */
	enum exit_code (*fn)(const char *dev, const char *cookie);
	const char *help;
} commands[] = {
	{ "register", NO_DEV, false, false, do_register,
	  "tell the kernel that requests can be finished here" },
	{ DRVIO_EVENT_REQUEST, DEV, true, true, job_request,
	  "work on the request that the device has now" },
	{ DRVIO_EVENT_UNDO, DEV, true, true, job_undo,
	  "put back what the request has changed" },
	{ DRVIO_EVENT_DONE, DEV, true, false, job_done,
	  "forget what the request has changed: it succeeded" },
	{ DRVIO_EVENT_LOST, DEV, true, true, job_lost,
	  "put back what is left of a request whose device has gone" },
	{ "boot", DEV, true, false, do_boot,
	  "apply the policy to a device that was there at boot" },
	{ "recover", DEV, true, true, job_recover,
	  "put back what killed runs have left, of the device or of all" },
	{ "look", DEV, false, true, do_look,
	  "print who uses the device, and change nothing" },
	{ "policy", MAY_DEV, false, false, do_policy,
	  "print the policy that holds for the device, or any" },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(void)
{
	static const char * const dev[] = {
		[NO_DEV] = "", [DEV] = "DEVICE", [MAY_DEV] = "[DEVICE]",
	};

	printf("Usage: " PROGRAM " [OPTION]... COMMAND [DEVICE [COOKIE]]\n"
	       "Finish, in userspace, requests of the control domain (started by udev).\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		printf("  %-9s %-9s %s\n", commands[i].name,
		       dev[commands[i].dev], commands[i].help);
	printf("\nOptions:\n"
	       "  --instance NAME  DEVICE:COOKIE:COMMAND in one word\n"
	       "  --detach         work in the background, log to syslog\n"
	       "  --config FILE    policy (" POLICY_FILE ")\n"
	       "  --hooks DIR      hooks of the site (/etc/drvio/hooks.d)\n"
	       "  --fstab FILE     (/etc/fstab)\n"
	       "  --root DIR       where the other files are, for tests (/)\n"
	       "  --run DIR        journals (/run/drvio)\n"
	       "  --sysfs DIR, --proc DIR, --dev DIR\n"
	       "                   other trees than /sys, /proc and /dev, for tests\n"
	       "  -v, --verbose    log more\n"
	       "  -V, --version    print the version\n"
	       "  -h, --help       print this\n");
}

static int usage(const char *what, const char *arg)
{
	fprintf(stderr, PROGRAM ": %s%s%s; see " PROGRAM " --help\n", what,
		arg ? ": " : "", arg ? arg : "");
	return EXIT_CODE_USAGE;
}

/*
 * udev waits for the programs that it runs, and this one may wait for udev.
 */
static void detach(void)
{
	int null;
	pid_t pid;

	pid = fork();
	if (pid < 0) {
		log_err("fork: %s", strerror(errno));
		exit(EXIT_CODE_INTERNAL);
	}
	if (pid)
		_exit(EXIT_CODE_OK);
	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	log_detached();
}

/*
 * A mount made in a namespace of its own, as systemd gives one to services,
 * does not reach the system.
 */
static int join_system_mounts(void)
{
	struct stat own, system;
	int fd, err;

	if (stat("/proc/self/ns/mnt", &own) || stat("/proc/1/ns/mnt", &system) ||
	    (own.st_ino == system.st_ino && own.st_dev == system.st_dev))
		return 0;
	fd = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -1 : setns(fd, CLONE_NEWNS);
	if (err)
		log_err("the system's mount namespace cannot be entered: %s",
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

enum {
	OPT_INSTANCE = 256,
	OPT_DETACH,
	OPT_CONFIG,
	OPT_HOOKS,
	OPT_FSTAB,
	OPT_ROOT,
	OPT_RUN,
	OPT_SYSFS,
	OPT_PROC,
	OPT_DEV,
};

static const struct option options[] = {
	{ "instance", required_argument, NULL, OPT_INSTANCE },
	{ "detach", no_argument, NULL, OPT_DETACH },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "hooks", required_argument, NULL, OPT_HOOKS },
	{ "fstab", required_argument, NULL, OPT_FSTAB },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "run", required_argument, NULL, OPT_RUN },
	{ "sysfs", required_argument, NULL, OPT_SYSFS },
	{ "proc", required_argument, NULL, OPT_PROC },
	{ "dev", required_argument, NULL, OPT_DEV },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Splits DEVICE:COOKIE:COMMAND from its end: only a device may have colons. */
static int split_instance(char *text, char *args[3])
{
	for (int i = 0; i < 2; i++) {
		char *colon = strrchr(text, ':');

		if (!colon)
			return -1;
		*colon = '\0';
		args[i ? 2 : 0] = colon + 1;
	}
	args[1] = text;
	return 0;
}

int main(int argc, char **argv)
{
	const struct command *command = NULL;
	bool verbose = false, background = false, real = true;
	char *instance = NULL, *args[3] = { NULL }, *unit;
	enum exit_code code;
	int opt, nargs;

	while ((opt = getopt_long(argc, argv, "vVh", options, NULL)) != -1) {
		switch (opt) {
		case OPT_INSTANCE:
			instance = optarg;
			break;
		case OPT_DETACH:
			background = true;
			break;
		case OPT_CONFIG:
			config.policy = optarg;
			break;
		case OPT_HOOKS:
			config.hooks = optarg;
			break;
		case OPT_FSTAB:
			config.fstab = optarg;
			break;
		case OPT_ROOT:
			config.crypttab = xasprintf("%s/etc/crypttab", optarg);
			config.etab = xasprintf("%s/var/lib/nfs/etab", optarg);
			config.nbd = xasprintf("%s/etc/nbd-server/config", optarg);
			config.nbdtab = xasprintf("%s/etc/nbdtab", optarg);
			config.state = xasprintf("%s/var/lib/drvio", optarg);
			break;
		case OPT_RUN:
			config.run = optarg;
			break;
		case OPT_SYSFS:
			config.sysfs = optarg;
			break;
		case OPT_PROC:
			config.proc = optarg;
			real = false;
			break;
		case OPT_DEV:
			config.dev = optarg;
			break;
		case 'v':
			verbose = true;
			break;
		case 'V':
			printf(PROGRAM " %s\n", DRVIO_VERSION);
			return EXIT_CODE_OK;
		case 'h':
			help();
			return EXIT_CODE_OK;
		default:
			return usage("unknown option or missing value", NULL);
		}
	}

	nargs = argc - optind;
	if (instance) {
		/* journald cannot tell whose the words of one are that has ended. */
		unit = xasprintf("drvio-helper@%s.service", instance);
		log_field("OBJECT_SYSTEMD_UNIT", unit);
		free(unit);
		if (nargs || split_instance(instance, args))
			return usage("an instance is DEVICE:COOKIE:COMMAND and nothing else",
				     instance);
		nargs = 3;
	} else {
		if (!nargs)
			return usage("no command", NULL);
		for (int i = 0; i < nargs && i < 3; i++)
			args[i] = argv[optind + i];
	}
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (!strcmp(commands[i].name, args[0]))
			command = &commands[i];
	if (!command)
		return usage("unknown command", args[0]);
	if (command->dev == DEV && nargs < 2)
		return usage("no device", args[0]);
	if (nargs > 1 + !!command->dev + command->cookie)
		return usage("too many arguments for", args[0]);
	if (args[1] && (!*args[1] || *args[1] == '.' || strchr(args[1], '/')))
		return usage("not the name of a device", args[1]);

	umask(022);
	log_open(PROGRAM, verbose);
	if (background)
		detach();
	if (real && command->mounts && geteuid() == 0 && join_system_mounts())
		return EXIT_CODE_INTERNAL;
	/* An event of a device that had no request has no cookie. */
	if (args[2] && !*args[2])
		args[2] = NULL;
	code = command->fn(args[1], args[2]);
	if (args[1])
		journal_unlock(args[1]);
	return code;
}
