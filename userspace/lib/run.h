/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Running programs of the system: never through a shell, found in fixed
 * folders only, with a clean environment, and for a limited time.
 */
#ifndef DRVIO_RUN_H
#define DRVIO_RUN_H

/* Where programs are looked for, and their PATH. */
#define RUN_PATH	"/usr/sbin:/usr/bin:/sbin:/bin"

/**
 * struct run - what to run, and what came of it
 * @argv: program and arguments, ends with NULL; a program that does not begin
 *	with "/" is looked for in RUN_PATH
 * @fd: the program, opened, instead of looking for it; a script has it open, and
 *	/proc/self/fd/NUMBER as its own name; 0: none
 * @env: further lines of its environment, ends with NULL; NULL: none. PATH,
 *	LC_ALL and HOME are always set, and nothing is inherited
 * @input: what it can read from stdin; NULL: nothing
 * @timeout_ms: it is killed when it takes longer, with what it has started
 * @output: gets what it wrote to stdout, to be freed with run_free()
 * @why: gets, where run_program() does not return 0, what went wrong: the last
 *	line that it wrote to stderr, or why it was not run or was killed
 */
struct run {
	const char *const *argv;
	int fd;
	const char *const *env;
	const char *input;
	unsigned int timeout_ms;
	char *output;
	char *why;
};

/**
 * run_program() - run a program, and wait for its end
 * @run: which, and what came of it
 *
 * One that cannot even be killed, since it waits for a device that does not
 * answer, is left behind: it does not hang this program.
 *
 * Return: its exit status, or -1 when it was not run or was killed.
 */
int run_program(struct run *run);

void run_free(struct run *run);

#endif /* DRVIO_RUN_H */
