// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-manager: the control domain's tool.  It asks a guest over its link to
 * configure, unconfigure or report a device, and drives QEMU where a device
 * comes or goes.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "manager.h"
#include "mem.h"
#include "progress.h"

enum {
	LISTEN_MS = 10 * 1000,
	/* Above what a guest takes by default for an ack and a bind. */
	ANSWER_MS = 120 * 1000,
	TIMEOUT_MAX_S = 24 * 60 * 60,
};

static const struct command * const commands[] = {
	&status_command,
	&configure_command,
	&unconfigure_command,
	&attach_command,
	&detach_command,
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	size_t i;

	fputs("Usage: drvio-manager [OPTION...] COMMAND [ARGUMENT...]\n\nCommands:\n", to);
	for (i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-12s%-24s%s\n", commands[i]->name, commands[i]->arguments,
			commands[i]->help);
	fputs("\n"
	      "DEV is <type>@<dev_id> (virtio-net@0x0102009000000000) or QEMU's id of a device.\n"
	      "\n"
	      "Options:\n"
	      "  -r, --run DIR        use DIR/link.sock and DIR/qmp.sock\n"
	      "  -l, --link ADDRESS   the guest's link: a unix socket, vsock:CID[:PORT] or fd:N\n"
	      "  -Q, --qmp SOCKET     QEMU's QMP socket\n"
	      "  -t, --timeout S      give up after S seconds (10 for the guest to listen,\n"
	      "                       120 for everything)\n"
	      "  -j, --json           print JSON\n"
	      "  -q, --quiet          print nothing about what succeeded\n"
	      "  -h, --help           show this\n"
	      "  -V, --version        show the version\n"
	      "\n"
	      "Options of attach:\n"
	      "      --slot BUS       id of the root port (default: any free one)\n"
	      "      --mac MAC        net: the NIC's address\n"
	      "      --netdev SPEC    net: the backend, TYPE[,KEY=VALUE...] (default: user)\n"
	      "      --file PATH      blk: the image\n"
	      "      --format FORMAT  blk: its format (default: raw)\n"
	      "      --serial S       blk: serial number, up to 20 characters\n"
	      "      --read-only      blk: the guest cannot write\n", to);
}

bool usage_error(const char *fmt, ...)
{
	va_list ap;

	fputs("drvio-manager: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return false;
}

bool outcome_fail(struct outcome *o, enum exit_code code, const char *fmt, ...)
{
	char text[sizeof(o->error)];
	va_list ap;

	/* The arguments may point into the error that is there. */
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(o->error, text, sizeof(text));
	o->code = code;
	return false;
}

void manager_report(struct manager *m, const struct outcome *o)
{
	progress_clear();
	m->printer->outcome(o, m->quiet);
	if (!m->code)
		m->code = o->code;
}

/* Seconds, with decimals; false for what is none. */
static bool parse_timeout(const char *text, uint64_t *ms)
{
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(text, &end);
	if (end == text || *end || errno || !(seconds > 0) || seconds > TIMEOUT_MAX_S)
		return usage_error("--timeout '%s': more than 0 and at most %d seconds", text,
				   TIMEOUT_MAX_S);
	*ms = (uint64_t)(seconds * 1000);
	if (!*ms)
		*ms = 1;
	return true;
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

/* Runs the command that starts at argv[0]. */
static enum exit_code run(struct manager *m, const char *dir, int argc, char **argv)
{
	const struct command *command = argc ? find_command(argv[0]) : NULL;
	char *link = NULL, *qmp_path = NULL;
	bool ok;

	if (!command) {
		if (argc)
			usage_error("no command is called '%s'; see drvio-manager --help", argv[0]);
		else
			usage(stderr);
		return EXIT_CODE_USAGE;
	}
	if (dir && !m->link)
		m->link = link = xasprintf("%s/link.sock", dir);
	if (dir && !m->qmp_path)
		m->qmp_path = qmp_path = xasprintf("%s/qmp.sock", dir);
	if (!m->link) {
		usage_error("which guest? give --run DIR or --link ADDRESS");
		return EXIT_CODE_USAGE;
	}

	m->printer->begin(command->name);
	ok = command->run(m, argc, argv);
	progress_clear();
	m->printer->end(ok ? m->code : EXIT_CODE_USAGE);

	if (m->connected)
		session_close(&m->session);
	qmp_close(m->qmp);
	free(link);
	free(qmp_path);
	return ok ? m->code : EXIT_CODE_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "run", required_argument, NULL, 'r' },
		{ "link", required_argument, NULL, 'l' },
		{ "qmp", required_argument, NULL, 'Q' },
		{ "timeout", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	static struct manager m = { .printer = &print_text, .listen_ms = LISTEN_MS };
	uint64_t timeout_ms = ANSWER_MS;
	const char *dir = NULL;
	int c;

	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt_long(argc, argv, "+r:l:Q:t:jqhV", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			dir = optarg;
			break;
		case 'l':
			m.link = optarg;
			break;
		case 'Q':
			m.qmp_path = optarg;
			break;
		case 't':
			if (!parse_timeout(optarg, &timeout_ms))
				return EXIT_CODE_USAGE;
			m.listen_ms = timeout_ms;
			break;
		case 'j':
			m.printer = &print_json;
			break;
		case 'q':
			m.quiet = true;
			break;
		case 'h':
			usage(stdout);
			return EXIT_CODE_OK;
		case 'V':
			puts("drvio-manager " DRVIO_VERSION);
			return EXIT_CODE_OK;
		default:
			return usage_error("see drvio-manager --help") ? 0 : EXIT_CODE_USAGE;
		}
	}
	m.deadline = deadline_in_ms(timeout_ms);
	m.deadline.tick = progress_tick;
	return (int)run(&m, dir, argc - optind, argv + optind);
}
