// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's ldc.c as it is, over the stand-ins of stage_hv.c.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/module.h>

#include "stage.h"

#undef EXPORT_SYMBOL
#define EXPORT_SYMBOL(symbol)
#undef core_initcall
#define core_initcall(init) int stage_ldc_init(void) { return init(); }

#define request_irq(irq, handler, flags, name, arg) stage_request_irq(irq, handler, arg)
#define enable_irq(irq) stage_enable_irq(irq)
#define free_irq(irq, arg) stage_free_irq(irq)

#undef __init
#define __init

#include "ldc.c"
