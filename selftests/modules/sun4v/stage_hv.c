// SPDX-License-Identifier: GPL-2.0
/*
 * Stand-ins for the hypercalls that ldc.c makes, and for the interrupts of its
 * channels.  Two channels are joined: a packet stays in the sender's queue until
 * the receiver's has room, as with the hypervisor.
 */
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/spinlock.h>

#include <asm/hypervisor.h>
#include <asm/iommu-common.h>
#include <asm/ldc.h>

#include "stage.h"

struct queue {
	void *base;
	unsigned long size;
	unsigned long head;
	unsigned long tail;
};

/*
 * @reset: the other end gave its queues anew while the channel was up; it stays down
 *	until this end does so, too
 */
struct channel {
	struct queue tx;
	struct queue rx;
	bool reset;
	unsigned long state;
};

struct irq {
	irq_handler_t handler;
	void *arg;
	bool enabled;
	struct hrtimer timer;
};

/* Innermost: taken with locks of ldc.c held. */
static DEFINE_SPINLOCK(hv_lock);
static struct channel channels[STAGE_CHANNELS];
static struct irq irqs[2 * STAGE_CHANNELS];

/* While it is set no packet leaves the guest's queue. */
unsigned int stage_stall;
module_param(stage_stall, uint, 0644);

static struct irq *find_irq(unsigned int irq)
{
	return &irqs[irq - STAGE_TX_IRQ(0)];
}

static enum hrtimer_restart irq_fire(struct hrtimer *timer)
{
	struct irq *irq = container_of(timer, struct irq, timer);

	if (irq->handler && irq->enabled)
		irq->handler(irq - irqs + STAGE_TX_IRQ(0), irq->arg);
	return HRTIMER_NORESTART;
}

static void irq_raise(unsigned int irq)
{
	hrtimer_start(&find_irq(irq)->timer, ns_to_ktime(20 * NSEC_PER_USEC), HRTIMER_MODE_REL_HARD);
}

int stage_request_irq(unsigned int irq, irq_handler_t handler, void *arg)
{
	find_irq(irq)->handler = handler;
	find_irq(irq)->arg = arg;
	/* ldc.c enables once more what came enabled. */
	find_irq(irq)->enabled = true;
	return 0;
}

void stage_enable_irq(unsigned int irq)
{
	find_irq(irq)->enabled = true;
}

void stage_free_irq(unsigned int irq)
{
	find_irq(irq)->enabled = false;
	find_irq(irq)->handler = NULL;
	hrtimer_cancel(&find_irq(irq)->timer);
}

static unsigned long advance(const struct queue *q, unsigned long at)
{
	at += LDC_PACKET_SIZE;
	return at == q->size ? 0 : at;
}

/* Moves what there is room for. */
static void channel_flow(unsigned long from)
{
	unsigned long to = STAGE_CHANNELS - 1 - from;
	struct queue *tx = &channels[from].tx, *rx = &channels[to].rx;
	bool moved = false;

	lockdep_assert_held(&hv_lock);
	if (channels[from].state != LDC_CHANNEL_UP || !tx->base || !rx->base ||
	    (stage_stall && from == STAGE_GUEST))
		return;
	while (tx->head != tx->tail && advance(rx, rx->tail) != rx->head) {
		memcpy(rx->base + rx->tail, tx->base + tx->head, LDC_PACKET_SIZE);
		rx->tail = advance(rx, rx->tail);
		tx->head = advance(tx, tx->head);
		moved = true;
	}
	if (moved) {
		irq_raise(STAGE_RX_IRQ(to));
		irq_raise(STAGE_TX_IRQ(from));
	}
}

/* Up when both ends have told where their queues are, after any reset. */
static void channels_update(void)
{
	unsigned long state = LDC_CHANNEL_UP;
	int i;

	lockdep_assert_held(&hv_lock);
	for (i = 0; i < STAGE_CHANNELS; i++)
		if (!channels[i].tx.base || !channels[i].rx.base || channels[i].reset)
			state = LDC_CHANNEL_DOWN;
	for (i = 0; i < STAGE_CHANNELS; i++) {
		if (channels[i].state == state)
			continue;
		channels[i].state = state;
		irq_raise(STAGE_RX_IRQ(i));
	}
	for (i = 0; i < STAGE_CHANNELS; i++)
		channel_flow(i);
}

static unsigned long qconf(unsigned long channel, struct queue *q, unsigned long ra,
			   unsigned long entries)
{
	struct channel *other = &channels[STAGE_CHANNELS - 1 - channel];
	unsigned long flags;

	spin_lock_irqsave(&hv_lock, flags);
	if (channels[channel].state == LDC_CHANNEL_UP)
		other->reset = true;
	/* The receive queue is what the other end waits for. */
	if (entries && q == &channels[channel].rx)
		channels[channel].reset = false;
	q->base = entries ? __va(ra) : NULL;
	q->size = entries * LDC_PACKET_SIZE;
	q->head = 0;
	q->tail = 0;
	channels_update();
	spin_unlock_irqrestore(&hv_lock, flags);
	return HV_EOK;
}

unsigned long sun4v_ldc_tx_qconf(unsigned long channel, unsigned long ra,
				 unsigned long entries)
{
	return qconf(channel, &channels[channel].tx, ra, entries);
}

unsigned long sun4v_ldc_rx_qconf(unsigned long channel, unsigned long ra,
				 unsigned long entries)
{
	return qconf(channel, &channels[channel].rx, ra, entries);
}

unsigned long sun4v_ldc_tx_qinfo(unsigned long channel, unsigned long *ra,
				 unsigned long *entries)
{
	return channel < STAGE_CHANNELS ? HV_EOK : HV_ECHANNEL;
}

static unsigned long get_state(unsigned long channel, const struct queue *q,
			       unsigned long *head, unsigned long *tail,
			       unsigned long *state)
{
	unsigned long flags;

	spin_lock_irqsave(&hv_lock, flags);
	*head = q->head;
	*tail = q->tail;
	*state = channels[channel].state;
	spin_unlock_irqrestore(&hv_lock, flags);
	return HV_EOK;
}

unsigned long sun4v_ldc_tx_get_state(unsigned long channel, unsigned long *head,
				     unsigned long *tail, unsigned long *state)
{
	return get_state(channel, &channels[channel].tx, head, tail, state);
}

unsigned long sun4v_ldc_rx_get_state(unsigned long channel, unsigned long *head,
				     unsigned long *tail, unsigned long *state)
{
	return get_state(channel, &channels[channel].rx, head, tail, state);
}

unsigned long sun4v_ldc_tx_set_qtail(unsigned long channel, unsigned long tail)
{
	unsigned long flags;

	spin_lock_irqsave(&hv_lock, flags);
	channels[channel].tx.tail = tail;
	channel_flow(channel);
	spin_unlock_irqrestore(&hv_lock, flags);
	return HV_EOK;
}

unsigned long sun4v_ldc_rx_set_qhead(unsigned long channel, unsigned long head)
{
	unsigned long flags;

	spin_lock_irqsave(&hv_lock, flags);
	channels[channel].rx.head = head;
	channel_flow(STAGE_CHANNELS - 1 - channel);
	spin_unlock_irqrestore(&hv_lock, flags);
	return HV_EOK;
}

/* Memory is not shared over these channels. */

unsigned long sun4v_ldc_set_map_table(unsigned long channel, unsigned long ra,
				      unsigned long entries)
{
	return HV_EOK;
}

unsigned long sun4v_ldc_revoke(unsigned long channel, unsigned long cookie,
			       unsigned long mte_cookie)
{
	return HV_EINVAL;
}

unsigned long sun4v_ldc_copy(unsigned long channel, unsigned long dir_code,
			     unsigned long tgt_raddr, unsigned long lcl_raddr,
			     unsigned long len, unsigned long *actual_len)
{
	return HV_EINVAL;
}

int sun4v_hvapi_register(unsigned long group, unsigned long major, unsigned long *minor)
{
	return 0;
}

/* Nor are addresses given out for it; what is asked for is remembered. */

void iommu_tbl_pool_init(struct iommu_map_table *iommu, unsigned long num_entries,
			 u32 table_shift, void (*flush)(struct iommu_map_table *),
			 bool large_pool, u32 npools, bool skip_span_boundary_check)
{
	iommu->nr_pools = 1;
	iommu->poolsize = num_entries;
}

unsigned long iommu_tbl_range_alloc(struct device *dev, struct iommu_map_table *iommu,
				    unsigned long npages, unsigned long *handle,
				    unsigned long mask, unsigned int align_order)
{
	return IOMMU_ERROR_CODE;
}

void iommu_tbl_range_free(struct iommu_map_table *iommu, u64 dma_addr,
			  unsigned long npages, unsigned long entry)
{
}

void stage_hv_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(irqs); i++) {
		hrtimer_init(&irqs[i].timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
		irqs[i].timer.function = irq_fire;
	}
}
