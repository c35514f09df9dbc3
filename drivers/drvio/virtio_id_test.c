// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the identity of virtio devices, on parents that are not there.
 */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

#include <uapi/linux/drvio.h>

#include "virtio_id.h"

#define HOPS_MAX	6

/* A virtio device and all that it may stand below. */
struct id_fixture {
	struct virtio_device vdev;
	struct virtio_config_ops config;
	const char *carrier;
	struct pci_bus bus[HOPS_MAX];
	struct pci_dev pci[HOPS_MAX];
	struct platform_device pdev;
	struct resource mem;
	struct bus_type other_bus;
	struct device other;
};

static const char *fixture_bus_name(struct virtio_device *vdev)
{
	return container_of(vdev, struct id_fixture, vdev)->carrier;
}

static u64 id_of(struct kunit *test, struct device *parent, const char *carrier,
		 const char *device_api)
{
	struct id_fixture *f = test->priv;
	struct virtio_id id = {};

	f->vdev.dev.parent = parent;
	f->vdev.id.device = VIRTIO_ID_NET;
	f->carrier = carrier;
	virtio_id_get(&f->vdev, &id);
	KUNIT_EXPECT_STREQ(test, id.name, "virtio-net");
	KUNIT_EXPECT_STREQ(test, id.device_api, device_api);
	return id.dev_id;
}

/* The PCI function at the end of a path of @n hops. */
static struct pci_dev *pci_path(struct kunit *test, const u8 *devfn, int n, u8 root)
{
	struct id_fixture *f = test->priv;
	int i;

	for (i = 0; i < n; i++) {
		f->bus[i].parent = i ? &f->bus[i - 1] : NULL;
		f->bus[i].self = i ? &f->pci[i - 1] : NULL;
		/* The guest's own choice, but for the root. */
		f->bus[i].number = i ? 0x70 + i : root;
		f->pci[i].bus = &f->bus[i];
		f->pci[i].devfn = devfn[i];
		f->pci[i].dev.bus = &pci_bus_type;
		f->pci[i].dev.init_name = "0000:70:00.0";
	}
	return &f->pci[n - 1];
}

static void pci_hops(struct kunit *test)
{
	static const struct {
		u8 devfn[HOPS_MAX];
		int hops;
		u8 root;
		u64 dev_id;
	} cases[] = {
		{ { PCI_DEVFN(0x12, 0), 0 }, 2, 0, 0x0102009000000000ULL },
		{ { PCI_DEVFN(3, 1) }, 1, 0, 0x0101001900000000ULL },
		{ { PCI_DEVFN(2, 0), PCI_DEVFN(0, 7) }, 2, 0x80, 0x0102801007000000ULL },
		{ { 0x08, 0x10, 0x18, 0x20, 0x28 }, 5, 0, 0x0105000810182028ULL },
		{ { 0, 0, 0, 0, 0 }, 5, 0, 0x0105000000000000ULL },
	};
	struct pci_dev *pdev;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		pdev = pci_path(test, cases[i].devfn, cases[i].hops, cases[i].root);
		KUNIT_EXPECT_EQ(test, id_of(test, &pdev->dev, "0000:70:00.0", "virtio-pci"),
				cases[i].dev_id);
	}
}

/* FNV-1a of the name, in 56 bits: of "foobar" a published one, 85944171f73967e8. */
static void other(struct kunit *test)
{
	struct id_fixture *f = test->priv;

	f->other.init_name = "foobar";
	KUNIT_EXPECT_EQ(test, id_of(test, &f->other, "foobar", "virtio-other"),
			0x04944171f73967e8ULL);
	f->other_bus.name = "vdpa";
	f->other.bus = &f->other_bus;
	KUNIT_EXPECT_EQ(test, id_of(test, &f->other, "foobar", "virtio-vdpa"),
			0x04944171f73967e8ULL);
}

/* Too deep for the format: by its name. */
static void pci_too_deep(struct kunit *test)
{
	static const u8 devfn[HOPS_MAX] = { 8, 8, 8, 8, 8, 8 };
	struct pci_dev *pdev = pci_path(test, devfn, HOPS_MAX, 0);

	KUNIT_EXPECT_EQ(test, id_of(test, &pdev->dev, "0000:70:00.0", "virtio-pci") >>
			DRVIO_ID_KIND_SHIFT, (u64)DRVIO_ID_KIND_OTHER);
}

/* A vDPA device on a PCI function is not that function. */
static void vdpa_below_pci(struct kunit *test)
{
	static const u8 devfn[] = { 8 };
	struct pci_dev *pdev = pci_path(test, devfn, 1, 0);

	KUNIT_EXPECT_EQ(test, id_of(test, &pdev->dev, "foobar", "virtio-vdpa"),
			0x04944171f73967e8ULL);
}

static void mmio_base(struct kunit *test)
{
	struct id_fixture *f = test->priv;

	f->pdev.name = "virtio-mmio";
	f->pdev.dev.init_name = "a003e00.virtio_mmio";
	f->pdev.dev.bus = &platform_bus_type;
	f->mem = (struct resource)DEFINE_RES_MEM(0x0a003e00, 0x200);
	f->pdev.resource = &f->mem;
	f->pdev.num_resources = 1;
	KUNIT_EXPECT_EQ(test, id_of(test, &f->pdev.dev, "virtio-mmio", "virtio-mmio"),
			0x020000000a003e00ULL);
	/* 56 bits of the address count. */
	f->mem.start = 0xab00000a003e0000ULL;
	KUNIT_EXPECT_EQ(test, id_of(test, &f->pdev.dev, "virtio-mmio", "virtio-mmio"),
			0x0200000a003e0000ULL);
}

static void ccw_name(struct kunit *test)
{
	struct id_fixture *f = test->priv;

	f->other_bus.name = "ccw";
	f->other.bus = &f->other_bus;
	f->other.init_name = "fe.3.00ab";
	KUNIT_EXPECT_EQ(test, id_of(test, &f->other, "fe.3.00ab", "virtio-ccw"),
			0x03000000fe0300abULL);
	f->other.init_name = "0.0.ffff";
	KUNIT_EXPECT_EQ(test, id_of(test, &f->other, "0.0.ffff", "virtio-ccw"),
			0x030000000000ffffULL);
	/* Not the name of a channel device. */
	f->other.init_name = "0.0.ffff1";
	KUNIT_EXPECT_EQ(test, id_of(test, &f->other, "0.0.ffff1", "virtio-ccw") >>
			DRVIO_ID_KIND_SHIFT, (u64)DRVIO_ID_KIND_OTHER);
}

/* Each kind has one name, which fits and is no other's. */
static void names(struct kunit *test)
{
	char name[VIRTIO_ID_NAME_MAX], other[VIRTIO_ID_NAME_MAX];
	u32 i, j;

	virtio_id_name(VIRTIO_ID_BLOCK, name, sizeof(name));
	KUNIT_EXPECT_STREQ(test, name, "virtio-blk");
	virtio_id_name(0xbeef, name, sizeof(name));
	KUNIT_EXPECT_STREQ(test, name, "virtio-0xbeef");
	for (i = 1; i < 64; i++) {
		virtio_id_name(i, name, sizeof(name));
		KUNIT_EXPECT_LT(test, strlen(name), sizeof(name) - 1);
		for (j = 0; j < i; j++) {
			virtio_id_name(j, other, sizeof(other));
			KUNIT_EXPECT_STRNEQ(test, name, other);
		}
	}
}

static int id_test_init(struct kunit *test)
{
	struct id_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->config.bus_name = fixture_bus_name;
	f->vdev.config = &f->config;
	test->priv = f;
	return 0;
}

static struct kunit_case id_test_cases[] = {
	KUNIT_CASE(pci_hops),
	KUNIT_CASE(pci_too_deep),
	KUNIT_CASE(vdpa_below_pci),
	KUNIT_CASE(mmio_base),
	KUNIT_CASE(ccw_name),
	KUNIT_CASE(other),
	KUNIT_CASE(names),
	{}
};

static struct kunit_suite id_test_suite = {
	.name = "drvio-virtio-id",
	.init = id_test_init,
	.test_cases = id_test_cases,
};

kunit_test_suite(id_test_suite);
