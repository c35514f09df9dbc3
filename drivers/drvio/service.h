/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The service node: settings, and whether a helper is registered.
 */
#ifndef _DRVIO_SERVICE_H
#define _DRVIO_SERVICE_H

#include <linux/types.h>

/* Settings in milliseconds; written under drvio_lock, read anywhere. */
unsigned int drvio_ack_timeout_ms(void);
unsigned int drvio_appear_timeout_ms(void);
unsigned int drvio_bind_timeout_ms(void);

/* Whether a helper has registered.  Caller holds drvio_lock. */
bool drvio_helper_registered(void);

#endif /* _DRVIO_SERVICE_H */
