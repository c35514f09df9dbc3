// SPDX-License-Identifier: GPL-2.0
/*
 * drvioctl: the administrator's view of the dr-vio service from inside the
 * guest.  Each command is a file of its own, see the table below.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drvioctl.h"
#include "mem.h"

#define PROGRAM	"drvioctl"
#define HELPER	"/usr/lib/drvio/drvio-helper"

enum {
	/* Above what the service takes by default for an ack and a bind. */
	ANSWER_S = 120,
	TIMEOUT_MAX_S = 24 * 60 * 60,
};

static const struct command * const commands[] = {
	&list_command,
	&show_command,
	&types_command,
	&links_command,
	&history_command,
	&monitor_command,
	&check_command,
	&hold_command,
	&release_command,
	&configure_command,
	&unconfigure_command,
	&status_command,
	&diff_command,
	&set_command,
	&ack_command,
	&export_command,
	&compat_command,
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	fputs("Usage: " PROGRAM " [OPTION...] COMMAND [ARGUMENT...]\n\nCommands:\n", to);
	for (size_t i = 0; i < NCOMMANDS; i++)
		fprintf(to, "  %-12s%-34s%s\n", commands[i]->name, commands[i]->arguments,
			commands[i]->help);
	fputs("\n"
	      "DEV is <type>@<dev_id> (virtio-net@0x0102009000000000), or the name of a target\n"
	      "(virtio3), a disk, a partition or an interface of the device.\n"
	      "\n"
	      "Options:\n"
	      "  -j, --json           print JSON\n"
	      "  -c, --columns LIST   columns of a table, separated by commas\n"
	      "  -s, --sort COLUMN    sort a table by this column\n"
	      "  -t, --timeout S      give up on an answer after S seconds (120)\n"
	      "  -f, --force          unconfigure: go over what merely blocks\n"
	      "  -d, --for TIME       hold: end by itself after 90s, 15m, 2h or 1d\n"
	      "  -k, --cookie COOKIE  ack: this request only\n"
	      "  -n, --count N        monitor, history: so many\n"
	      "  -a, --all            compat: types without devices too\n"
	      "  -L, --live           set: now\n"
	      "  -C, --config         set: the next time that the device comes up\n"
	      "      --root DIR       read a recorded system in DIR in place of this one\n"
	      "      --helper FILE    the program drvio-helper (" HELPER ")\n"
	      "      --link ADDRESS   ask over this link (/dev/drvio)\n"
	      "  -h, --help           show this\n"
	      "  -V, --version        show the version\n", to);
}

/* Seconds, with decimals. */
static enum exit_code parse_timeout(struct ctl *ctl, const char *text)
{
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(text, &end);
	if (end == text || *end || errno || !(seconds > 0) || seconds > TIMEOUT_MAX_S)
		return ctl_usage(ctl, "--timeout \"%s\": more than 0 and at most %d seconds",
				 text, TIMEOUT_MAX_S);
	ctl->timeout_ms = (uint64_t)(seconds * 1000);
	if (!ctl->timeout_ms)
		ctl->timeout_ms = 1;
	return EXIT_CODE_OK;
}

/* @given: letters of the options that not every command has. */
static enum exit_code run(struct ctl *ctl, const char *given, int argc, char **argv)
{
	const struct command *command = NULL;
	enum exit_code code;

	for (size_t i = 0; argc && i < NCOMMANDS; i++)
		if (!strcmp(commands[i]->name, argv[0]))
			command = commands[i];
	if (!command) {
		if (argc)
			return ctl_usage(ctl, "no command is called \"%s\"", argv[0]);
		usage(stderr);
		return EXIT_CODE_USAGE;
	}
	for (const char *p = given; *p; p++)
		if (!command->options || !strchr(command->options, *p))
			return ctl_usage(ctl, "%s does not take the option -%c", argv[0], *p);
	argc--;
	if (argc < command->min || argc > command->max)
		return ctl_usage(ctl, "usage: " PROGRAM " %s %s", command->name,
				 command->arguments);

	json_object_object_add(ctl->doc, "format", json_object_new_int(FORMAT));
	json_object_object_add(ctl->doc, "command", json_object_new_string(command->name));
	code = command->run(ctl, argc, argv + 1);
	if (ctl->json && !command->prints) {
		json_object_object_add(ctl->doc, "exit_code", json_object_new_int((int)code));
		json_object_object_add(ctl->doc, "exit_text",
				       json_object_new_string(exit_code_text(code)));
		ctl_print_json(ctl->doc, false);
	} else if (command->print) {
		command->print(ctl);
	}
	return code;
}

static enum exit_code parse_count(struct ctl *ctl, const char *text)
{
	char *end;

	errno = 0;
	ctl->count = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || *end || errno)
		return ctl_usage(ctl, "--count \"%s\": a number from 1 on", text);
	return EXIT_CODE_OK;
}

enum {
	OPT_ROOT = 256,
	OPT_HELPER,
	OPT_LINK,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "columns", required_argument, NULL, 'c' },
	{ "sort", required_argument, NULL, 's' },
	{ "timeout", required_argument, NULL, 't' },
	{ "force", no_argument, NULL, 'f' },
	{ "all", no_argument, NULL, 'a' },
	{ "live", no_argument, NULL, 'L' },
	{ "config", no_argument, NULL, 'C' },
	{ "for", required_argument, NULL, 'd' },
	{ "cookie", required_argument, NULL, 'k' },
	{ "count", required_argument, NULL, 'n' },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "helper", required_argument, NULL, OPT_HELPER },
	{ "link", required_argument, NULL, OPT_LINK },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

/* Those that not every command takes. */
#define SOME	"csfaLCdkn"

int main(int argc, char **argv)
{
	struct ctl ctl = { .root = "", .helper = HELPER, .timeout_ms = ANSWER_S * 1000 };
	enum exit_code code = EXIT_CODE_OK;
	char given[sizeof(SOME)] = "";
	size_t n = 0;
	int c;

	ctl.doc = json_object_new_object();
	while (!code && (c = getopt_long(argc, argv, "jc:s:t:faLCd:k:n:hV", options, NULL)) != -1) {
		if (c < 128 && strchr(SOME, c) && !strchr(given, c))
			given[n++] = (char)c;
		switch (c) {
		case 'j':
			ctl.json = true;
			break;
		case 'c':
			ctl.columns = optarg;
			break;
		case 's':
			ctl.sort = optarg;
			break;
		case 't':
			code = parse_timeout(&ctl, optarg);
			break;
		case 'f':
			ctl.force = true;
			break;
		case 'a':
			ctl.all = true;
			break;
		case 'L':
			ctl.live = true;
			break;
		case 'C':
			ctl.config = true;
			break;
		case 'd':
			ctl.duration = optarg;
			break;
		case 'k':
			ctl.cookie = optarg;
			break;
		case 'n':
			code = parse_count(&ctl, optarg);
			break;
		case OPT_ROOT:
			ctl.root = optarg;
			break;
		case OPT_HELPER:
			ctl.helper = optarg;
			break;
		case OPT_LINK:
			ctl.link = optarg;
			break;
		case 'h':
			usage(stdout);
			goto out;
		case 'V':
			puts(PROGRAM " " DRVIO_VERSION);
			goto out;
		default:
			code = ctl_usage(&ctl, "wrong option");
		}
	}
	if (!code)
		code = run(&ctl, given, argc - optind, argv + optind);
out:
	json_object_put(ctl.doc);
	return (int)code;
}
