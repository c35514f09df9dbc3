// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of simulated devices, switched in debugfs, documented in
 * Documentation/ABI/testing/debugfs-drvio-sim:
 *
 *	/sys/kernel/debug/drvio-sim/sim@<dev_id>/
 *
 * A switch acts on the targets that fail_targets names, from the next time on
 * that its point is reached; what hangs or is delayed when its switch is put
 * back to 0 goes on at once.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "sim.h"

static struct dentry *sim_debugfs;

static const struct {
	const char *name;
	u32 max;
} number_files[] = {
	[SIM_FAIL_BIND] = { "fail_bind", MAX_ERRNO },
	[SIM_FAIL_UNBIND] = { "fail_unbind", MAX_ERRNO },
	[SIM_FAIL_PARK] = { "fail_park", MAX_ERRNO },
	[SIM_HANG_BIND] = { "hang_bind", 1 },
	[SIM_HANG_UNBIND] = { "hang_unbind", 1 },
	[SIM_DELAY_BIND_MS] = { "delay_bind_ms", INT_MAX },
	[SIM_DELAY_UNBIND_MS] = { "delay_unbind_ms", INT_MAX },
};

static const char * const vanish_words[SIM_VANISHES] = {
	[SIM_NEVER] = "never",
	[SIM_AT_BIND] = "bind",
	[SIM_AT_PROBE] = "probe",
	[SIM_AT_BOUND] = "bound",
	[SIM_AT_CLAIM] = "claim",
	[SIM_AT_UNBIND] = "unbind",
	[SIM_AT_REMOVE] = "remove",
};

static bool applies(struct sim_target *target)
{
	return READ_ONCE(target->sdev->fail_targets) & BIT_ULL(target->index);
}

static u32 number(struct sim_target *target, enum sim_number which)
{
	if (!applies(target))
		return 0;
	return READ_ONCE(target->sdev->number[which].value);
}

int sim_fault_errno(struct sim_target *target, enum sim_number which)
{
	return -(int)number(target, which);
}

static void wait_until_off(struct sim_device *sdev, enum sim_number which,
			   long timeout)
{
	/*
	 * A module that is on its way out is not held up.  TASK_IDLE: to hang
	 * is what was asked for, not what the hung task detector looks for.
	 */
	if (!try_module_get(THIS_MODULE))
		return;
	atomic_inc(&sdev->hanging);
	wait_event_idle_timeout(sdev->released,
				!READ_ONCE(sdev->number[which].value), timeout);
	atomic_dec(&sdev->hanging);
	/* Not the last reference to the code: who calls drivers waits for them. */
	module_put(THIS_MODULE);
}

void sim_fault_delay(struct sim_target *target, enum sim_number delay,
		     enum sim_number hang)
{
	u32 ms = number(target, delay);

	if (ms)
		wait_until_off(target->sdev, delay, msecs_to_jiffies(ms));
	if (number(target, hang))
		wait_until_off(target->sdev, hang, MAX_SCHEDULE_TIMEOUT);
}

bool sim_fault_vanishes(struct sim_target *target, enum sim_vanish here)
{
	return applies(target) && READ_ONCE(target->sdev->vanish_at) == here;
}

bool sim_fault_busy(struct sim_target *target, struct drvio_reason *why)
{
	struct sim_device *sdev = target->sdev;
	bool busy;

	mutex_lock(&sdev->text_lock);
	busy = applies(target) && sdev->busy[0];
	if (busy)
		drvio_reason_set(why, "%s: %s", dev_name(&target->dev), sdev->busy);
	mutex_unlock(&sdev->text_lock);
	return busy;
}

static int number_get(void *data, u64 *value)
{
	struct sim_switch *sw = data;

	*value = READ_ONCE(sw->value);
	return 0;
}

static int number_set(void *data, u64 value)
{
	struct sim_switch *sw = data;

	if (value > number_files[sw - sw->sdev->number].max)
		return -ERANGE;
	WRITE_ONCE(sw->value, value);
	wake_up_all(&sw->sdev->released);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(number_fops, number_get, number_set, "%llu\n");

/* One line in one write, its newline left out.  Return: 0 or -errno. */
static int line_from_user(char *line, size_t size, const char __user *from,
			  size_t count)
{
	if (count >= size)
		return -EINVAL;
	if (copy_from_user(line, from, count))
		return -EFAULT;
	line[count] = '\0';
	if (strlen(line) != count)
		return -EINVAL;
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

static ssize_t busy_read(struct file *file, char __user *to, size_t count,
			 loff_t *ppos)
{
	struct sim_device *sdev = file->private_data;
	char line[SIM_BUSY_MAX + 1];
	int len;

	mutex_lock(&sdev->text_lock);
	len = scnprintf(line, sizeof(line), "%s\n", sdev->busy);
	mutex_unlock(&sdev->text_lock);
	return simple_read_from_buffer(to, count, ppos, line, len);
}

static ssize_t busy_write(struct file *file, const char __user *from, size_t count,
			  loff_t *ppos)
{
	struct sim_device *sdev = file->private_data;
	char line[SIM_BUSY_MAX];
	int err;

	err = line_from_user(line, sizeof(line), from, count);
	if (err)
		return err;
	mutex_lock(&sdev->text_lock);
	strscpy(sdev->busy, line, sizeof(sdev->busy));
	mutex_unlock(&sdev->text_lock);
	return count;
}

static const struct file_operations busy_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = busy_read,
	.write = busy_write,
	.llseek = default_llseek,
};

static ssize_t vanish_at_read(struct file *file, char __user *to, size_t count,
			      loff_t *ppos)
{
	struct sim_device *sdev = file->private_data;
	char line[16];
	int len;

	len = scnprintf(line, sizeof(line), "%s\n",
			vanish_words[READ_ONCE(sdev->vanish_at)]);
	return simple_read_from_buffer(to, count, ppos, line, len);
}

static ssize_t vanish_at_write(struct file *file, const char __user *from,
			       size_t count, loff_t *ppos)
{
	struct sim_device *sdev = file->private_data;
	char line[16];
	int here;

	here = line_from_user(line, sizeof(line), from, count);
	if (here)
		return here;
	here = match_string(vanish_words, SIM_VANISHES, line);
	if (here < 0)
		return here;
	WRITE_ONCE(sdev->vanish_at, here);
	return count;
}

static const struct file_operations vanish_at_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = vanish_at_read,
	.write = vanish_at_write,
	.llseek = default_llseek,
};

void sim_fault_add(struct sim_device *sdev)
{
	char name[sizeof(SIM_TYPE) + 20];
	int i;

	snprintf(name, sizeof(name), SIM_TYPE "@" DRVIO_DEV_ID_FMT, sdev->dev_id);
	sdev->dir = debugfs_create_dir(name, sim_debugfs);
	for (i = 0; i < SIM_NUMBERS; i++)
		debugfs_create_file(number_files[i].name, 0600, sdev->dir,
				    &sdev->number[i], &number_fops);
	debugfs_create_x64("fail_targets", 0600, sdev->dir, &sdev->fail_targets);
	debugfs_create_file("busy", 0600, sdev->dir, sdev, &busy_fops);
	debugfs_create_file("vanish_at", 0600, sdev->dir, sdev, &vanish_at_fops);
	debugfs_create_atomic_t("hanging", 0400, sdev->dir, &sdev->hanging);
}

void sim_fault_remove(struct sim_device *sdev)
{
	debugfs_remove_recursive(sdev->dir);
}

void sim_fault_init(void)
{
	sim_debugfs = debugfs_create_dir("drvio-sim", NULL);
}

void sim_fault_exit(void)
{
	debugfs_remove_recursive(sim_debugfs);
}
