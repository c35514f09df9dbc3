/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the commands of drvio-manager share: the guest and the QEMU that they
 * talk to, and the outcome that they report.
 */
#ifndef DRVIO_MANAGER_H
#define DRVIO_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

#include "deadline.h"
#include "exit_code.h"
#include "qmp.h"
#include "session.h"

#define QEMU_ID_MAX	128

/**
 * struct device - what a command is about
 * @id: QEMU's id of it, "" when it was not named by one
 * @name: type, as requests name it
 * @dev_id: as requests address it
 */
struct device {
	char id[QEMU_ID_MAX];
	char name[DRVIO_NAME_MAX];
	uint64_t dev_id;
};

/**
 * enum host_change - what a command did to the machine
 * @HOST_UNCHANGED: nothing that is left
 * @HOST_ATTACHED: the device was added
 * @HOST_DETACHED: the device was taken away
 * @HOST_REMOVED_AGAIN: it was added, and taken away since the guest refused it
 */
enum host_change {
	HOST_UNCHANGED,
	HOST_ATTACHED,
	HOST_DETACHED,
	HOST_REMOVED_AGAIN,
};

/**
 * struct outcome - how a command ended for one device
 * @code: exit code
 * @device: which device
 * @answered: the guest answered
 * @answer: what, where it did
 * @host: what was done to the machine
 * @slot: the port that was used, "" where none was
 * @error: what went wrong besides the answer, "" when nothing did
 */
struct outcome {
	enum exit_code code;
	struct device device;
	bool answered;
	struct session_answer answer;
	enum host_change host;
	char slot[QEMU_ID_MAX];
	char error[1024];
};

/**
 * struct printer - how outcomes are shown
 * @begin: ahead of the first outcome
 * @outcome: one device
 * @end: behind the last one
 */
struct printer {
	void (*begin)(const char *command);
	void (*outcome)(const struct outcome *o, bool quiet);
	void (*end)(enum exit_code code);
};

extern const struct printer print_text;
extern const struct printer print_json;

/**
 * struct manager - one run of the program
 * @link: address of the guest's link, NULL: not given
 * @qmp_path: socket of QEMU's QMP, NULL: not given
 * @listen_ms: how long the guest may take to listen
 * @deadline: until when everything must be done
 * @printer: how outcomes are shown
 * @quiet: leave out what succeeded
 * @code: exit code of the first outcome that was no success
 * @session: the guest, once guest_connect() succeeded
 * @connected: it did
 * @qmp: QEMU, once host_connect() succeeded
 */
struct manager {
	const char *link;
	const char *qmp_path;
	uint64_t listen_ms;
	struct deadline deadline;
	const struct printer *printer;
	bool quiet;
	enum exit_code code;
	struct session session;
	bool connected;
	struct qmp *qmp;
};

/**
 * struct command - a command of the program
 * @name: how it is called
 * @arguments: for the usage text
 * @help: for the usage text
 * @run: does it; @argv[0] is its name.  Return: false for a wrong command
 *	line, after it was reported; everything else is an outcome.
 */
struct command {
	const char *name;
	const char *arguments;
	const char *help;
	bool (*run)(struct manager *m, int argc, char **argv);
};

/**
 * unconfigure_options() - the options that unconfigure and detach share
 * @argc: of the command
 * @argv: of the command; optind is at its first argument afterwards
 * @verb: DRVIO_UNCONFIGURE, or DRVIO_FORCE_UNCONFIG with --force
 *
 * Return: false for a wrong one, after it was reported.
 */
bool unconfigure_options(int argc, char **argv, enum drvio_verb *verb);

extern const struct command status_command;
extern const struct command configure_command;
extern const struct command unconfigure_command;
extern const struct command attach_command;
extern const struct command detach_command;

/* Shows an outcome and remembers its exit code. */
void manager_report(struct manager *m, const struct outcome *o);

/* Sets the error of an outcome.  Return: false, for the caller to return. */
bool outcome_fail(struct outcome *o, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Reports a wrong command line.  Return: false, for the caller to return. */
bool usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* DRVIO_MANAGER_H */
