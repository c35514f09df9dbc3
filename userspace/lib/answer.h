/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs that ask a guest make of its answer, so that all of them
 * end alike.
 */
#ifndef DRVIO_ANSWER_H
#define DRVIO_ANSWER_H

#include <stdbool.h>

#include "exit_code.h"
#include "session.h"

/* The exit code of an answer to @verb. */
enum exit_code answer_code(enum drvio_verb verb, const struct session_answer *a);

/*
 * Whether an answer says "ok" with a status that says the opposite: nobody may
 * act upon it.
 */
bool answer_contradicts(enum drvio_verb verb, const struct session_answer *a);

/**
 * answer_missing() - a request was made, and no answer came
 * @error: why not
 * @hint: gets what to tell besides the error, "" or a text with a "; " ahead
 *
 * Return: the exit code.
 */
enum exit_code answer_missing(enum session_error error, const char **hint);

#endif /* DRVIO_ANSWER_H */
