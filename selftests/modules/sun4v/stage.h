/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the stage share.
 *
 *   control domain's end                     guest's end
 *   /dev/sun4v-peer                          drvio-sun4v
 *   stage_peer.c                             ds.c (the kernel's, patched)
 *   ldc.c (the kernel's), channel 1          ldc.c, channel 0
 *        stage_hv.c: packets go from the transmit queue of the one to the
 *        receive queue of the other, and interrupts with them
 */
#ifndef SUN4V_STAGE_H
#define SUN4V_STAGE_H

#include <linux/interrupt.h>
#include <linux/types.h>

enum stage_channel {
	STAGE_GUEST,
	STAGE_PEER,
	STAGE_CHANNELS,
};

/* The interrupts of a channel.  Not 0, which ldc.c takes for none. */
#define STAGE_TX_IRQ(channel)	(0x1000 + 2 * (channel))
#define STAGE_RX_IRQ(channel)	(0x1001 + 2 * (channel))

/* stage_hv.c */
void stage_hv_init(void);
int stage_request_irq(unsigned int irq, irq_handler_t handler, void *arg);
void stage_enable_irq(unsigned int irq);
void stage_free_irq(unsigned int irq);
/* The queue's packets, at the most; for the test of a full channel. */
extern unsigned int stage_stall;

/* stage_md.c: virtual-device nodes. */
int stage_md_add(const char *name, u64 cfg_handle);
void stage_md_remove(const char *name, u64 cfg_handle);
/* Each update may number the nodes of ports anew; the node of one, as it is now. */
void stage_md_renumber(void);
u64 stage_md_port(u64 cfg_handle, u64 id);
/* The MAC address of a network. */
u64 stage_md_mac(u64 cfg_handle);

/*
 * stage_dev.c: the ports on the vio bus.  A change is a line,
 *	add|remove PORT-TYPE CFG-HANDLE ID NAME
 * A staged one waits for the next md-update.
 */
int stage_dev_init(void);
void stage_dev_exit(void);
int stage_dev_change(const char *line);
int stage_dev_stage(const char *line);
void stage_dev_update(void);
int stage_dev_add_ds(void);

/* stage_peer.c */
int stage_peer_init(void);
void stage_peer_exit(void);

/* kernel_ldc.c, kernel_ds.c: the sources' own initcalls. */
int stage_ldc_init(void);
int stage_ds_init(void);

#endif /* SUN4V_STAGE_H */
