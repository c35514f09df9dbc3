/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the commands of drvioctl share.  A command fills in a document, which is
 * printed as it is with --json, and otherwise by the command's printer.
 */
#ifndef DRVIOCTL_H
#define DRVIOCTL_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "exit_code.h"

/* Grows when a member of a document changes its meaning or leaves. */
#define FORMAT	1

/**
 * struct ctl - one run of the program
 * @root: a recorded system in place of "/", without a slash at its end; "": none
 * @json: print JSON
 * @helper: the program drvio-helper
 * @link: address of the link to ask over; NULL: /dev/drvio
 * @timeout_ms: how long to wait for an answer
 * @columns: --columns: of a table; NULL: those that are usual
 * @sort: --sort: column to sort by; NULL: by name
 * @force: --force
 * @all: --all
 * @live: --live
 * @config: --config
 * @cookie: --cookie: NULL: not given
 * @duration: --for: NULL: not given
 * @count: --count: 0: not given
 * @doc: the document
 */
struct ctl {
	const char *root;
	bool json;
	const char *helper;
	const char *link;
	uint64_t timeout_ms;
	const char *columns;
	const char *sort;
	bool force;
	bool all;
	bool live;
	bool config;
	const char *cookie;
	const char *duration;
	unsigned long count;
	struct json_object *doc;
};

/**
 * struct command - a command of the program
 * @name: how it is called
 * @arguments: for the usage text
 * @help: for the usage text
 * @options: letters of the options in main.c that are this command's, NULL: none
 * @min: arguments that it needs
 * @max: arguments that it takes
 * @run: does it; @argv[0] is the first argument
 * @print: prints the document as text; NULL: there is nothing to print
 * @prints: run prints by itself, as it goes
 */
struct command {
	const char *name;
	const char *arguments;
	const char *help;
	const char *options;
	int min;
	int max;
	enum exit_code (*run)(struct ctl *ctl, int argc, char **argv);
	void (*print)(const struct ctl *ctl);
	bool prints;
};

/* @max of a command that takes any number of arguments. */
#define ARGUMENTS_ANY	4096

extern const struct command list_command;
extern const struct command show_command;
extern const struct command types_command;
extern const struct command links_command;
extern const struct command history_command;
extern const struct command monitor_command;
extern const struct command export_command;
extern const struct command compat_command;
extern const struct command check_command;
extern const struct command hold_command;
extern const struct command release_command;
extern const struct command ack_command;
extern const struct command configure_command;
extern const struct command unconfigure_command;
extern const struct command status_command;
extern const struct command diff_command;
extern const struct command set_command;

/**
 * ctl_fail() - something went wrong
 * @ctl: the run
 * @code: how the program ends
 * @fmt: what went wrong: on which device, why, and what to do
 *
 * The text goes to stderr, and to the document's member "error".
 *
 * Return: @code
 */
enum exit_code ctl_fail(struct ctl *ctl, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A wrong command line.  Return: EXIT_CODE_USAGE. */
enum exit_code ctl_usage(struct ctl *ctl, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The exit code for an errno of a file of the service or a device. */
enum exit_code ctl_errno_code(int err);

/* Adds a text to an object; null where it is "" or NULL. */
void ctl_add(struct json_object *object, const char *key, const char *text);

/* Prints @object as JSON, on one line or on several. */
void ctl_print_json(struct json_object *object, bool one_line);

#endif /* DRVIOCTL_H */
