// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-manager, a guest and QEMU: what attach and detach do in which order,
 * and what they never do.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "exit_code.h"
#include "rig.h"

/* query-pci: a NIC on the root bus, an e1000, a taken root port, a free one. */
#define DEVICE(slot, id, vendor, device, rest) \
	"{\"bus\": 0, \"slot\": " slot ", \"function\": 0, \"qdev_id\": \"" id "\"," \
	" \"class_info\": {\"class\": 1540}," \
	" \"id\": {\"vendor\": " vendor ", \"device\": " device "}" rest "}"
#define PORT(slot, id, devices) \
	DEVICE(slot, id, "6966", "12", ", \"pci_bridge\": {\"bus\": {}, \"devices\": [" devices "]}")
#define BUS(devices)	"[{\"bus\": 0, \"devices\": [" devices "]}]"
#define OLD_NIC		DEVICE("1", "old", "6900", "4096", "")
#define E1000		DEVICE("2", "legacy", "32902", "4110", "")
#define DISK		DEVICE("0", "disk0", "6900", "4162", "")
#define NIC		DEVICE("0", "nic0", "6900", "4161", "")
#define MACHINE(disk, nic) \
	BUS(OLD_NIC "," E1000 "," PORT("3", "port3", disk) "," PORT("4", "port4", nic))

#define DELETED(id) \
	"{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"DEVICE_DELETED\"," \
	" \"data\": {\"device\": \"" id "\", \"path\": \"/machine/peripheral/" id "\"}}"

FIXTURE(qemu)
{
	struct rig rig;
};

FIXTURE_SETUP(qemu)
{
}

FIXTURE_TEARDOWN(qemu)
{
}

static void deleted(struct rig *r, const char *id)
{
	char line[256];

	snprintf(line, sizeof(line), DELETED("%s"), id, id);
	qmp_line(r, line);
}

/* --- Names --------------------------------------------------------------- */

TEST_F(qemu, id_of_a_transitional_device_on_the_root_bus)
{
	struct rig *r = &self->rig;
	struct drvio_req req;

	rig_start(r, "status", "old", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE("", ""));
	guest_up(r);
	req = guest_request(r);
	EXPECT_STREQ("virtio-net", req.name);
	EXPECT_EQ(0x0101000800000000ULL, req.dev_id);
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
	EXPECT_STREQ("old (virtio-net@0x0101000800000000): ok, configured\n", r->text);
}

TEST_F(qemu, id_of_a_device_behind_a_port)
{
	struct rig *r = &self->rig;
	struct drvio_req req;

	rig_start(r, "status", "disk0", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE(DISK, ""));
	guest_up(r);
	req = guest_request(r);
	EXPECT_STREQ("virtio-blk", req.name);
	EXPECT_EQ(0x0102001800000000ULL, req.dev_id);
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

TEST_F(qemu, id_of_no_device)
{
	struct rig *r = &self->rig;

	rig_start(r, "status", "other", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE("", ""));
	EXPECT_EQ(EXIT_CODE_NOT_PRESENT, rig_end(r));
}

TEST_F(qemu, id_of_a_device_that_is_not_virtio)
{
	struct rig *r = &self->rig;

	rig_start(r, "detach", "legacy", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE("", ""));
	EXPECT_EQ(EXIT_CODE_USAGE, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "8086:100e"));
}

TEST_F(qemu, id_of_a_device_that_lies_too_deep)
{
	struct rig *r = &self->rig;

	rig_start(r, "status", "disk0", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL,
		  BUS(PORT("1", "a", PORT("1", "b", PORT("1", "c", PORT("1", "d",
		      PORT("1", "e", DISK)))))));
	EXPECT_EQ(EXIT_CODE_USAGE, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "bridges"));
}

TEST_F(qemu, five_hops_still_have_an_id)
{
	struct rig *r = &self->rig;

	rig_start(r, "status", "disk0", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL,
		  BUS(PORT("1", "a", PORT("2", "b", PORT("3", "c", PORT("4", "d", DISK))))));
	guest_up(r);
	EXPECT_EQ(0x0105000810182000ULL, guest_request(r).dev_id);
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

/* --- attach -------------------------------------------------------------- */

/* Up to the request: the NIC is plugged into port4. */
static void attach_nic(struct rig *r, const char *timeout)
{
	rig_start(r, "--timeout", timeout, "attach", "net", "nic0",
		  "--mac", "52:54:00:00:00:01", NULL);
	qmp_accept(r);
	guest_up(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE(DISK, ""));
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE(DISK, ""));
	qmp_serve(r, "netdev_add", "id", "drvio-nic0", "{}");
	qmp_serve(r, "device_add", "bus", "port4", "{}");
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE(DISK, NIC));
	guest_request(r);
}

/* The whole removal of the NIC. */
static void remove_nic(struct rig *r)
{
	qmp_serve(r, "device_del", "id", "nic0", "{}");
	deleted(r, "nic0");
	qmp_serve(r, "netdev_del", "id", "drvio-nic0", "{}");
	qmp_serve(r, "query-named-block-nodes", NULL, NULL, "[]");
}

TEST_F(qemu, attach_takes_a_free_port)
{
	struct rig *r = &self->rig;

	attach_nic(r, "20");
	guest_answer(r, DRVIO_OK, DRVIO_CONFIGURED, "");
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
	EXPECT_STREQ("nic0 (virtio-net@0x0102002000000000): ok, configured\n"
		     "    attached to port4\n", r->text);
}

TEST_F(qemu, attach_takes_away_what_the_guest_refuses)
{
	struct rig *r = &self->rig;

	attach_nic(r, "20");
	guest_answer(r, DRVIO_BLOCKED, DRVIO_UNCONFIGURED, "not today");
	remove_nic(r);
	EXPECT_EQ(EXIT_CODE_BLOCKED, rig_end(r));
	EXPECT_STREQ("nic0 (virtio-net@0x0102002000000000): blocked, unconfigured\n"
		     "    not today\n"
		     "    taken away again from port4\n", r->text);
}

/* A refusal that comes at the last moment is put right all the same. */
TEST_F(qemu, attach_has_time_to_take_away)
{
	struct rig *r = &self->rig;

	attach_nic(r, "4");
	sleep(2);
	guest_answer(r, DRVIO_FAILURE, DRVIO_UNCONFIGURED, "late");
	json_object_put(qmp_expect(r, "device_del"));
	sleep(3);
	qmp_return(r, "{}");
	deleted(r, "nic0");
	qmp_serve(r, "netdev_del", "id", "drvio-nic0", "{}");
	qmp_serve(r, "query-named-block-nodes", NULL, NULL, "[]");
	EXPECT_EQ(EXIT_CODE_FAILED, rig_end(r));
	EXPECT_NE(NULL, strstr(r->text, "taken away again"));
}

TEST_F(qemu, attach_leaves_what_the_guest_uses)
{
	struct rig *r = &self->rig;

	attach_nic(r, "20");
	guest_answer(r, DRVIO_FAILURE, DRVIO_CONFIGURED, "half done");
	EXPECT_EQ(EXIT_CODE_FAILED, rig_end(r));
	EXPECT_NE(NULL, strstr(r->text, "attached to port4"));
}

TEST_F(qemu, attach_leaves_what_the_guest_said_nothing_about)
{
	struct rig *r = &self->rig;

	attach_nic(r, "1.5");
	EXPECT_EQ(EXIT_CODE_NO_ANSWER, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "left in place"));
}

TEST_F(qemu, attach_adds_nothing_where_the_guest_does_not_listen)
{
	struct rig *r = &self->rig;

	rig_start(r, "--timeout", "1.5", "attach", "net", "nic0", NULL);
	qmp_accept(r);
	guest_expect(r, DRVIO_DS_INIT_REQ);
	EXPECT_EQ(EXIT_CODE_NOT_LISTENING, rig_end(r));
}

TEST_F(qemu, attach_removes_the_backend_where_qemu_refuses_the_device)
{
	struct rig *r = &self->rig;

	rig_start(r, "attach", "blk", "disk0", "--file", "/dev/null", "--slot", "port4",
		  "--serial", "abc", NULL);
	qmp_accept(r);
	guest_up(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE("", ""));
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE("", ""));
	qmp_serve(r, "blockdev-add", "node-name", "drvio-disk0", "{}");
	json_object_put(qmp_expect(r, "device_add"));
	qmp_error(r, "GenericError", "no room");
	json_object_put(qmp_expect(r, "netdev_del"));
	qmp_error(r, "DeviceNotFound", "not found");
	qmp_serve(r, "query-named-block-nodes", NULL, NULL, "[{\"node-name\": \"drvio-disk0\"}]");
	qmp_serve(r, "blockdev-del", "node-name", "drvio-disk0", "{}");
	EXPECT_EQ(EXIT_CODE_QEMU, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "no room"));
}

FIXTURE(port)
{
	struct rig rig;
};

FIXTURE_VARIANT(port)
{
	const char *slot;
	const char *says;
};

FIXTURE_VARIANT_ADD(port, taken) { "port3", "taken" };
FIXTURE_VARIANT_ADD(port, absent) { "port9", "no port port9" };
FIXTURE_VARIANT_ADD(port, no_port) { "old", "no PCIe root port" };
FIXTURE_VARIANT_ADD(port, any) { NULL, "all PCIe root ports are taken" };

FIXTURE_SETUP(port)
{
}

FIXTURE_TEARDOWN(port)
{
}

TEST_F(port, cannot_be_used)
{
	struct rig *r = &self->rig;

	rig_start(r, "attach", "net", "new", variant->slot ? "--slot" : NULL, variant->slot, NULL);
	qmp_accept(r);
	guest_up(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE(DISK, NIC));
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE(DISK, NIC));
	EXPECT_EQ(EXIT_CODE_QEMU, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, variant->says)) {
		TH_LOG("stderr: %s", r->errors);
	}
}

TEST_F(qemu, attach_refuses_an_id_that_is_used)
{
	struct rig *r = &self->rig;

	rig_start(r, "attach", "net", "nic0", NULL);
	qmp_accept(r);
	guest_up(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE("", NIC));
	EXPECT_EQ(EXIT_CODE_QEMU, rig_end(r));
}

/* --- detach -------------------------------------------------------------- */

/* Up to the request for the disk. */
static struct drvio_req detach_disk(struct rig *r, const char *force)
{
	rig_start(r, "--timeout", "20", "detach", "disk0", force, NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE(DISK, ""));
	guest_up(r);
	return guest_request(r);
}

static void remove_disk_backend(struct rig *r)
{
	json_object_put(qmp_expect(r, "netdev_del"));
	qmp_error(r, "DeviceNotFound", "not found");
	qmp_serve(r, "query-named-block-nodes", NULL, NULL, "[{\"node-name\": \"drvio-disk0\"}]");
	/* The device holds it for another moment. */
	json_object_put(qmp_expect(r, "blockdev-del"));
	qmp_error(r, "GenericError", "Node drvio-disk0 is in use");
	qmp_serve(r, "blockdev-del", "node-name", "drvio-disk0", "{}");
}

TEST_F(qemu, detach_waits_until_the_device_is_gone)
{
	struct rig *r = &self->rig;

	EXPECT_EQ(DRVIO_UNCONFIGURE, detach_disk(r, NULL).verb);
	guest_answer(r, DRVIO_OK, DRVIO_UNCONFIGURED, "");
	qmp_serve(r, "device_del", "id", "disk0", "{}");
	deleted(r, "other");
	deleted(r, "disk0");
	remove_disk_backend(r);
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
	EXPECT_STREQ("disk0 (virtio-blk@0x0102001800000000): ok, unconfigured\n"
		     "    taken away\n", r->text);
}

TEST_F(qemu, detach_hears_an_event_ahead_of_the_answer)
{
	struct rig *r = &self->rig;

	EXPECT_EQ(DRVIO_FORCE_UNCONFIG, detach_disk(r, "--force").verb);
	guest_answer(r, DRVIO_OK, DRVIO_NOT_PRESENT, "");
	json_object_put(qmp_expect(r, "device_del"));
	deleted(r, "disk0");
	qmp_return(r, "{}");
	remove_disk_backend(r);
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

FIXTURE(refusal)
{
	struct rig rig;
};

FIXTURE_VARIANT(refusal)
{
	uint32_t result;
	uint32_t status;
	enum exit_code code;
};

FIXTURE_VARIANT_ADD(refusal, blocked) { DRVIO_BLOCKED, DRVIO_CONFIGURED, EXIT_CODE_BLOCKED };
FIXTURE_VARIANT_ADD(refusal, failed) { DRVIO_FAILURE, DRVIO_CONFIGURED, EXIT_CODE_FAILED };
FIXTURE_VARIANT_ADD(refusal, malformed) { DRVIO_FAILURE, DRVIO_NOT_PRESENT, EXIT_CODE_FAILED };
FIXTURE_VARIANT_ADD(refusal, contradiction) { DRVIO_OK, DRVIO_CONFIGURED, EXIT_CODE_PROTOCOL };

FIXTURE_SETUP(refusal)
{
}

FIXTURE_TEARDOWN(refusal)
{
}

TEST_F(refusal, deletes_nothing)
{
	struct rig *r = &self->rig;
	detach_disk(r, NULL);
	guest_answer(r, variant->result, variant->status, "");
	EXPECT_EQ(variant->code, rig_end(r));
}

TEST_F(qemu, detach_goes_on_with_an_unplug_that_was_begun)
{
	struct rig *r = &self->rig;

	detach_disk(r, NULL);
	guest_answer(r, DRVIO_OK, DRVIO_UNCONFIGURED, "");
	json_object_put(qmp_expect(r, "device_del"));
	qmp_error(r, "GenericError", "Device disk0 is already in the process of unplug");
	deleted(r, "disk0");
	remove_disk_backend(r);
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

TEST_F(qemu, detach_sees_that_an_event_was_missed)
{
	struct rig *r = &self->rig;

	detach_disk(r, NULL);
	guest_answer(r, DRVIO_OK, DRVIO_UNCONFIGURED, "");
	qmp_serve(r, "device_del", "id", "disk0", "{}");
	qmp_serve(r, "qom-list", "path", "/machine/peripheral", "[{\"name\": \"disk0\"}]");
	qmp_serve(r, "qom-list", "path", "/machine/peripheral", "[{\"name\": \"other\"}]");
	remove_disk_backend(r);
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

TEST_F(qemu, detach_completes_one_that_left_the_backend)
{
	struct rig *r = &self->rig;

	rig_start(r, "detach", "disk0", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE("", ""));
	remove_disk_backend(r);
	EXPECT_EQ(EXIT_CODE_OK, rig_end(r));
}

TEST_F(qemu, detach_of_nothing)
{
	struct rig *r = &self->rig;

	rig_start(r, "detach", "disk0", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL, MACHINE("", ""));
	json_object_put(qmp_expect(r, "netdev_del"));
	qmp_error(r, "DeviceNotFound", "not found");
	qmp_serve(r, "query-named-block-nodes", NULL, NULL, "[]");
	EXPECT_EQ(EXIT_CODE_NOT_PRESENT, rig_end(r));
}

TEST_F(qemu, detach_tells_that_the_guest_keeps_the_slot)
{
	struct rig *r = &self->rig;

	detach_disk(r, NULL);
	guest_answer(r, DRVIO_OK, DRVIO_UNCONFIGURED, "");
	qmp_serve(r, "device_del", "id", "disk0", "{}");
	qmp_line(r, "{\"event\": \"DEVICE_UNPLUG_GUEST_ERROR\", \"data\": {\"device\": \"disk0\"}}");
	EXPECT_EQ(EXIT_CODE_FAILED, rig_end(r));
}

/* --- A QEMU that is none ------------------------------------------------- */

FIXTURE(no_qmp)
{
	struct rig rig;
};

FIXTURE_VARIANT(no_qmp)
{
	const char *line;
};

FIXTURE_VARIANT_ADD(no_qmp, text) { "220 mail.example.org ESMTP" };
FIXTURE_VARIANT_ADD(no_qmp, array) { "[1, 2]" };
FIXTURE_VARIANT_ADD(no_qmp, no_greeting) { "{\"return\": {}}" };
FIXTURE_VARIANT_ADD(no_qmp, half_an_object) { "{\"QMP\": {" };
FIXTURE_VARIANT_ADD(no_qmp, empty_line) { "" };

FIXTURE_SETUP(no_qmp)
{
}

FIXTURE_TEARDOWN(no_qmp)
{
}

TEST_F(no_qmp, is_refused)
{
	struct rig *r = &self->rig;

	rig_start(r, "status", "disk0", NULL);
	r->qmp = accept(r->qmp_listen, NULL, NULL);
	ASSERT_LE(0, r->qmp);
	qmp_line(r, variant->line);
	EXPECT_EQ(EXIT_CODE_QEMU, rig_end(r));
	EXPECT_NE(NULL, strstr(r->errors, "QMP"));
}

TEST_F(qemu, an_odd_topology_does_no_harm)
{
	struct rig *r = &self->rig;

	rig_start(r, "status", "disk0", NULL);
	qmp_accept(r);
	qmp_serve(r, "query-pci", NULL, NULL,
		  "[null, 7, {\"devices\": 3}, {\"bus\": \"x\", \"devices\": [null, {}, {\"qdev_id\": 4,"
		  " \"id\": [], \"slot\": \"s\", \"pci_bridge\": 5}]}]");
	EXPECT_EQ(EXIT_CODE_NOT_PRESENT, rig_end(r));
}

TEST_HARNESS_MAIN
