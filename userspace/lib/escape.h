/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text for the attribute "ack": printable ASCII, a newline as the two
 * characters \n, a backslash as \\.
 */
#ifndef DRVIO_ESCAPE_H
#define DRVIO_ESCAPE_H

#include <stddef.h>

/**
 * escape_len() - length of a text once escaped
 * @text: the text
 *
 * Return: bytes, without the NUL.
 */
size_t escape_len(const char *text);

/**
 * escape() - escape a text
 * @text: the text; bytes that are neither printable nor a newline become "?"
 * @max: the escaped text has no more bytes than this; no escape is cut in two
 *
 * Return: the escaped text, to be freed.
 */
char *escape(const char *text, size_t max);

/**
 * escape_printable() - make a text printable, in place
 * @text: the text; bytes that are not printable ASCII, newlines too, become "?"
 *
 * Return: @text
 */
char *escape_printable(char *text);

/**
 * unescape() - undo escape(), in place, and what the kernel's log does to quotes
 * @text: the text, as "request/reason" has it
 *
 * Return: @text
 */
char *unescape(char *text);

#endif /* DRVIO_ESCAPE_H */
