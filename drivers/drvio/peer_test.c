// SPDX-License-Identifier: GPL-2.0
/*
 * The control domain, the bus and the races of the KUnit tests.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "bus.h"
#include "peer_test.h"

#define POLL_US		200
#define SLOW_US		2000

/* --- Attributes ---------------------------------------------------------- */

static struct device_attribute *node_attr(struct device *node, const char *folder,
					  const char *name)
{
	const struct attribute_group **group;
	struct attribute **attr;

	for (group = node->type->groups; *group; group++) {
		if (strcmp((*group)->name ?: "", folder ?: ""))
			continue;
		for (attr = (*group)->attrs; *attr; attr++)
			if (!strcmp((*attr)->name, name))
				return container_of(*attr, struct device_attribute, attr);
	}
	return NULL;
}

int node_write(struct device *node, const char *folder, const char *name,
	       const char *value)
{
	struct device_attribute *attr = node_attr(node, folder, name);
	ssize_t n = attr ? attr->store(node, attr, value, strlen(value)) : -ENOENT;

	return n < 0 ? n : 0;
}

int node_read(struct device *node, const char *folder, const char *name, char *value,
	      size_t size)
{
	struct device_attribute *attr = node_attr(node, folder, name);
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	ssize_t n;

	if (!page)
		return -ENOMEM;
	n = attr ? attr->show(node, attr, page) : -ENOENT;
	if (n >= 0) {
		page[strcspn(page, "\n")] = '\0';
		strscpy(value, page, size);
	}
	free_page((unsigned long)page);
	return n < 0 ? n : 0;
}

unsigned long statistic(struct fixture *f, const char *name)
{
	unsigned long value;
	char text[32];

	if (node_read(f->service, "statistics", name, text, sizeof(text)) ||
	    kstrtoul(text, 10, &value))
		return 0;
	return value;
}

/* --- The bus ------------------------------------------------------------- */

static struct fake_device *to_fake(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static int fake_bind(struct drvio_target *target, struct drvio_reason *why)
{
	WRITE_ONCE(target->parked, false);
	WRITE_ONCE(to_fake(target->dev)->bound, true);
	return 0;
}

static int fake_claim(struct drvio_target *target, enum drvio_claim_how how,
		      struct drvio_reason *why)
{
	return 0;
}

static void fake_unclaim(struct drvio_target *target)
{
}

static int fake_unbind(struct drvio_target *target, struct drvio_reason *why)
{
	WRITE_ONCE(to_fake(target->dev)->bound, false);
	WRITE_ONCE(target->parked, true);
	return 0;
}

static bool fake_bound(struct device *dev)
{
	struct fake_device *fake = to_fake(dev);

	if (READ_ONCE(fake->slow))
		usleep_range(SLOW_US, 2 * SLOW_US);
	return READ_ONCE(fake->bound);
}

static const struct drvio_bus_ops fake_ops = {
	.bind = fake_bind,
	.claim = fake_claim,
	.unclaim = fake_unclaim,
	.unbind = fake_unbind,
	.bound = fake_bound,
};

static unsigned int fake_available(const struct drvio_type_desc *desc)
{
	return 0;
}

static const struct drvio_type_desc fake_type = {
	.id = "kunit",
	.name = "kunit",
	.description = "device of a KUnit test",
	.device_api = "kunit",
	.software_version = "1.0.0",
	.available = fake_available,
};

int fake_add(struct fixture *f, int i)
{
	struct fake_device *fake = &f->device[i];
	char name[32];
	int err;

	snprintf(name, sizeof(name), "drvio-kunit%d", i);
	fake->dev_id = 0x100 + i;
	fake->bound = false;
	fake->slow = false;
	/* No owner: the tests run before their module is in sysfs. */
	fake->target = __root_device_register(name, NULL);
	if (IS_ERR(fake->target)) {
		err = PTR_ERR(fake->target);
		fake->target = NULL;
		return err;
	}
	dev_set_drvdata(fake->target, fake);
	err = drvio_target_add(f->type, fake->dev_id, fake->target, false);
	if (err)
		return err;
	snprintf(name, sizeof(name), "kunit@" DRVIO_DEV_ID_FMT, fake->dev_id);
	fake->node = class_find_device_by_name(f->bus->dev.class, name);
	return fake->node ? 0 : -ENODEV;
}

/* Whether the request that a device was asked last is at its end. */
static bool fake_is_done(struct fixture *f, int i)
{
	char text[32], phase[32];
	u64 now;

	/* In this order: the phase may be that of the request before else. */
	return !node_read(f->device[i].node, "request", "number", text, sizeof(text)) &&
	       !kstrtou64(text, 10, &now) && now == f->device[i].number &&
	       !node_read(f->device[i].node, "request", "phase", phase, sizeof(phase)) &&
	       !strcmp(phase, "done");
}

static bool fake_wait_phase(struct fixture *f, int i, const char *phase)
{
	unsigned long end = jiffies + msecs_to_jiffies(PEER_WAIT_MS);
	char now[32];

	do {
		if (!node_read(f->device[i].node, "request", "phase", now, sizeof(now)) &&
		    !strcmp(now, phase))
			return true;
		/* Too late for any other phase. */
		if (fake_is_done(f, i))
			return false;
		usleep_range(POLL_US, 2 * POLL_US);
	} while (time_before(jiffies, end));
	return false;
}

void fake_remove(struct fixture *f, int i)
{
	struct fake_device *fake = &f->device[i];
	char phase[32];

	if (!fake->target)
		return;
	drvio_target_remove(f->bus, fake->target);
	/* Its request, if there was any, ends by itself. */
	while (fake->node &&
	       !node_read(fake->node, "request", "phase", phase, sizeof(phase)) &&
	       *phase && strcmp(phase, "done"))
		usleep_range(POLL_US, 2 * POLL_US);
	root_device_unregister(fake->target);
	fake->target = NULL;
	put_device(fake->node);
	fake->node = NULL;
}

bool fake_asked(struct fixture *f, int i, char *cookie, size_t size)
{
	return fake_wait_phase(f, i, "userspace") &&
	       !node_read(f->device[i].node, "request", "cookie", cookie, size);
}

bool fake_done(struct fixture *f, int i)
{
	unsigned long end = jiffies + msecs_to_jiffies(PEER_WAIT_MS);

	while (!fake_is_done(f, i)) {
		if (!time_before(jiffies, end))
			return false;
		usleep_range(POLL_US, 2 * POLL_US);
	}
	return true;
}

int fake_ack(struct fixture *f, int i, const char *cookie, const char *words)
{
	char line[64];

	snprintf(line, sizeof(line), "%s %s\n", cookie, words);
	return node_write(f->device[i].node, NULL, "ack", line);
}

/* --- The control domain -------------------------------------------------- */

static void peer_wake(void *priv)
{
	wake_up_all(&((struct peer *)priv)->wait);
}

static const struct drvio_link_ops peer_ops = {
	.transport = "kunit",
	.wake = peer_wake,
};

/* Takes bytes until @want are there.  Return: whether they are. */
static bool peer_fill(struct peer *p, size_t want, unsigned long end)
{
	unsigned long now;
	ssize_t n;

	while (p->fill < want) {
		n = drvio_link_pull(p->link, p->buf + p->fill, want - p->fill);
		if (n > 0) {
			p->fill += n;
			continue;
		}
		now = jiffies;
		if (n != -EAGAIN || !time_before(now, end))
			return false;
		wait_event_idle_timeout(p->wait, drvio_link_can_pull(p->link), end - now);
	}
	return true;
}

static bool peer_receive(struct peer *p, struct drvio_ds_msg *msg, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	size_t len;

	if (!peer_fill(p, DRVIO_DS_HDR_LEN, end))
		return false;
	len = drvio_ds_msg_len(p->buf);
	if (!len || !peer_fill(p, len, end))
		return false;
	p->fill = 0;
	return drvio_ds_decode(msg, p->buf, len);
}

static bool peer_send(struct peer *p, const struct drvio_ds_msg *msg)
{
	u8 buf[128];
	size_t len = drvio_ds_encode(buf, sizeof(buf), msg);

	return len && drvio_link_push(p->link, buf, len) == len;
}

int peer_open(struct peer *p)
{
	struct drvio_ds_msg init_ack = { .type = DRVIO_DS_INIT_ACK };
	struct drvio_ds_msg reg_ack = { .type = DRVIO_DS_REG_ACK, .minor = 1 };
	struct drvio_ds_msg msg;
	struct drvio_link *link;

	init_waitqueue_head(&p->wait);
	p->fill = 0;
	p->registered = false;
	link = drvio_link_open(&peer_ops, p, "kunit");
	if (IS_ERR(link))
		return PTR_ERR(link);
	p->link = link;
	if (!peer_receive(p, &msg, PEER_WAIT_MS) || msg.type != DRVIO_DS_INIT_REQ ||
	    !peer_send(p, &init_ack) ||
	    !peer_receive(p, &msg, PEER_WAIT_MS) || msg.type != DRVIO_DS_REG_REQ)
		return -EPROTO;
	p->handle = msg.handle;
	reg_ack.handle = p->handle;
	return peer_send(p, &reg_ack) ? 0 : -EPROTO;
}

int peer_open_registered(struct peer *p)
{
	struct drvio_link *link;

	init_waitqueue_head(&p->wait);
	p->registered = true;
	link = drvio_link_open_registered(&peer_ops, p, "kunit", DRVIO_MINOR);
	if (IS_ERR(link))
		return PTR_ERR(link);
	p->link = link;
	return 0;
}

void peer_close(struct peer *p)
{
	if (p->link)
		drvio_link_close(p->link);
	p->link = NULL;
}

u64 peer_ask(struct fixture *f, struct peer *p, u32 verb, int i)
{
	struct drvio_req req = {
		.number = ++f->number,
		.dev_id = 0x100 + i,
		.verb = verb,
		.name = "kunit",
	};
	u8 data[64];
	size_t len = drvio_req_encode(data, sizeof(data), &req);
	bool sent;

	f->device[i].number = req.number;
	if (p->registered)
		sent = !drvio_link_push_data(p->link, data, len);
	else
		sent = peer_send(p, &(struct drvio_ds_msg){
			.type = DRVIO_DS_DATA,
			.handle = p->handle,
			.data = data,
			.data_len = len,
		});
	return sent ? req.number : 0;
}

/* Service data alone.  Return: whether an answer came. */
static bool peer_answer_data(struct peer *p, struct drvio_resp *resp, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms), now;
	ssize_t n;

	while ((n = drvio_link_pull_data(p->link, p->buf, sizeof(p->buf))) == -EAGAIN) {
		now = jiffies;
		if (!time_before(now, end))
			return false;
		wait_event_idle_timeout(p->wait, drvio_link_can_pull(p->link), end - now);
	}
	return drvio_resp_decode(resp, p->buf, n);
}

bool peer_answer(struct peer *p, struct drvio_resp *resp, unsigned int ms)
{
	struct drvio_ds_msg msg;

	if (p->registered)
		return peer_answer_data(p, resp, ms);
	return peer_receive(p, &msg, ms) && msg.type == DRVIO_DS_DATA &&
	       msg.handle == p->handle && drvio_resp_decode(resp, msg.data, msg.data_len);
}

/* --- Races --------------------------------------------------------------- */

static int racer_thread(void *arg)
{
	struct racer *r = arg;

	wait_for_completion(r->go);
	if (r->delay_us)
		usleep_range(r->delay_us, r->delay_us + 50);
	r->err = r->fn(r);
	complete(&r->done);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

void race(struct kunit *test, struct racer *racers, int n)
{
	DECLARE_COMPLETION_ONSTACK(go);
	int i;

	for (i = 0; i < n; i++) {
		racers[i].go = &go;
		init_completion(&racers[i].done);
		racers[i].task = kthread_run(racer_thread, &racers[i], "drvio-racer%d", i);
	}
	complete_all(&go);
	/* One that is stopped before it has begun would never begin. */
	for (i = 0; i < n; i++) {
		if (IS_ERR(racers[i].task))
			continue;
		wait_for_completion(&racers[i].done);
		kthread_stop(racers[i].task);
	}
	for (i = 0; i < n; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(racers[i].task));
}

/* --- The fixture --------------------------------------------------------- */

/*
 * Settings and what the tests want of them; the helper is any.  Userspace has longer
 * than PEER_WAIT_MS: an answer that only the timer brings is none in time.
 */
static const struct {
	const char *name;
	const char *value;
} settings[] = {
	{ "helper", "kunit" },
	{ "ack_timeout_ms", PEER_ACK_TIMEOUT_MS },
	{ "appear_timeout_ms", "20" },
	{ "bind_timeout_ms", "20000" },
};

static int fixture_start(struct fixture *f)
{
	int i, err;

	f->bus = drvio_bus_register("kunit", &fake_ops, THIS_MODULE);
	if (IS_ERR(f->bus)) {
		err = PTR_ERR(f->bus);
		f->bus = NULL;
		return err;
	}
	f->type = drvio_type_register(f->bus, &fake_type);
	if (IS_ERR(f->type))
		return PTR_ERR(f->type);
	f->service = class_find_device_by_name(f->bus->dev.class, "service");
	if (!f->service)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		err = node_read(f->service, NULL, settings[i].name, f->saved[i],
				sizeof(f->saved[i]));
		err = err ?: node_write(f->service, NULL, settings[i].name,
					settings[i].value);
		if (err)
			return err;
	}
	return peer_open(&f->peer[0]);
}

int fixture_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int err;

	if (!f)
		return -ENOMEM;
	test->priv = f;
	err = fixture_start(f);
	if (err)
		fixture_exit(test);
	return err;
}

void fixture_exit(struct kunit *test)
{
	struct fixture *f = test->priv;
	int i;

	if (!f->bus)
		return;
	for (i = 0; i < ARRAY_SIZE(f->peer); i++)
		peer_close(&f->peer[i]);
	for (i = 0; i < PEER_DEVICES; i++)
		fake_remove(f, i);
	for (i = 0; f->service && i < ARRAY_SIZE(settings); i++)
		node_write(f->service, NULL, settings[i].name, f->saved[i]);
	put_device(f->service);
	drvio_bus_unregister(f->bus);
}
