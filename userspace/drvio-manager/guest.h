/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking the guest.
 */
#ifndef DRVIO_MANAGER_GUEST_H
#define DRVIO_MANAGER_GUEST_H

#include "manager.h"

/**
 * guest_connect() - connect to the guest and wait until it listens
 * @m: the manager; nothing is done where it is connected
 * @o: the outcome; gets the error
 *
 * Return: whether the guest listens.
 */
bool guest_connect(struct manager *m, struct outcome *o);

/**
 * guest_ask() - send a request for the outcome's device and await the answer
 * @m: the manager; connects where it has not done so
 * @verb: what to do
 * @o: the outcome; gets the answer and the exit code
 *
 * Return: whether the guest did it; always false for an answer that
 * contradicts itself.
 */
bool guest_ask(struct manager *m, enum drvio_verb verb, struct outcome *o);

#endif
