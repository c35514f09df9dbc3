/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The test in the place of drvio-helper: registers with the service, and acks
 * requests.  The guest's udev rule for the real one is off (check-guest.sh).
 */
#ifndef SELFTESTS_HELPER_H
#define SELFTESTS_HELPER_H

#include <stdbool.h>
#include <stddef.h>

struct dr_device;

/* Registers with a version, "" to say that there is none.  Return: 0 or -errno. */
int helper_register(const char *version);

/*
 * Waits until a request asks userspace.  Return: whether one does; @cookie is
 * then what an ack has to say.
 */
bool helper_wait(const struct dr_device *dev, char *cookie, size_t size);

/* Waits for a request and acks it.  Return: 0 or -errno. */
int helper_ack(const struct dr_device *dev, const char *word, const char *text);

/* As helper_ack(), but returns once the answer can be read from @link, too. */
void helper_ack_if_asked(const struct dr_device *dev, int link, const char *word,
			 const char *text);

/* Writes a line to the attribute ack.  Return: 0 or -errno. */
int helper_write(const struct dr_device *dev, const char *line);

/* Waits until the current request is in a phase.  Return: whether it is. */
bool helper_wait_phase(const struct dr_device *dev, const char *phase);

#endif /* SELFTESTS_HELPER_H */
