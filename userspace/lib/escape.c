// SPDX-License-Identifier: GPL-2.0
/* Text for the attribute "ack". */
#include <string.h>

#include "escape.h"
#include "mem.h"

/* Locales play no part in what the kernel takes for printable. */
static int printable(char c)
{
	return c >= ' ' && c <= '~';
}

static size_t escaped_len(char c)
{
	return c == '\n' || c == '\\' ? 2 : 1;
}

size_t escape_len(const char *text)
{
	size_t len = 0;

	for (; *text; text++)
		len += escaped_len(*text);
	return len;
}

char *escape(const char *text, size_t max)
{
	size_t len = escape_len(text), n = 0;
	char *out;

	if (len > max)
		len = max;
	out = xcalloc(len + 1, 1);
	for (; *text && n + escaped_len(*text) <= len; text++) {
		if (*text == '\n') {
			out[n++] = '\\';
			out[n++] = 'n';
		} else if (*text == '\\') {
			out[n++] = '\\';
			out[n++] = '\\';
		} else {
			out[n++] = printable(*text) ? *text : '?';
		}
	}
	return out;
}

char *escape_printable(char *text)
{
	for (char *p = text; *p; p++)
		if (!printable(*p))
			*p = '?';
	return text;
}

char *unescape(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++) {
		if (*p == '\\' && p[1] && strchr("n\\\"", p[1])) {
			p++;
			*to++ = *p == 'n' ? '\n' : *p;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return text;
}
