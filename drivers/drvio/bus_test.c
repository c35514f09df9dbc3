// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what a bus may add: what is one device's is no other's.
 */
#include "peer_test.h"

/* A device that is on no bus yet. */
static struct device *new_device(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct device *dev = __root_device_register("drvio-kunit-another", NULL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(dev));
	dev_set_drvdata(dev, &f->device[PEER_DEVICES - 1]);
	return dev;
}

static unsigned int none_available(const struct drvio_type_desc *desc)
{
	return 0;
}

static void a_target_is_one_devices(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct device *dev;

	KUNIT_ASSERT_EQ(test, fake_add(f, 0), 0);
	dev = f->device[0].target;
	KUNIT_EXPECT_EQ(test, drvio_target_add(f->type, 0x100, dev, false), -EEXIST);
	KUNIT_EXPECT_EQ(test, drvio_target_add(f->type, 0x1ff, dev, false), -EEXIST);
	/* Who is unknown may go. */
	dev = new_device(test);
	drvio_target_remove(f->bus, dev);
	drvio_target_changed(f->bus, dev);
	root_device_unregister(dev);
}

static void an_id_is_one_types(struct kunit *test)
{
	static const struct drvio_type_desc desc = {
		.id = "kunit-other",
		.name = "kunit",
		.description = "another type of the same name",
		.device_api = "kunit",
		.software_version = "1.0.0",
		.targets = 1,
		.available = none_available,
	};
	struct fixture *f = test->priv;
	struct drvio_type *type = drvio_type_register(f->bus, &desc);
	struct device *dev;

	KUNIT_ASSERT_FALSE(test, IS_ERR(type));
	KUNIT_EXPECT_PTR_EQ(test, drvio_type_register(f->bus, &desc), type);
	KUNIT_ASSERT_EQ(test, fake_add(f, 0), 0);
	dev = new_device(test);
	KUNIT_EXPECT_EQ(test, drvio_target_add(type, 0x100, dev, false), -EEXIST);
	/* One that is free, for one target and no second. */
	KUNIT_EXPECT_EQ(test, drvio_target_add(type, 0x1ff, dev, false), 0);
	drvio_target_remove(f->bus, f->device[0].target);
	KUNIT_EXPECT_EQ(test, drvio_target_add(type, 0x1ff, f->device[0].target, false),
			-E2BIG);
	drvio_target_remove(f->bus, dev);
	root_device_unregister(dev);
}

static void a_name_is_a_file_name(struct kunit *test)
{
	static const struct drvio_type_desc descs[] = {
		{ .id = "kunit-slash", .name = "ku/nit", .available = none_available },
		{ .id = "kunit-blank", .name = "ku nit", .available = none_available },
		{ .id = "kunit-empty", .name = "", .available = none_available },
	};
	struct fixture *f = test->priv;
	struct device *dev = new_device(test);
	struct drvio_type *type;
	int i;

	for (i = 0; i < ARRAY_SIZE(descs); i++) {
		type = drvio_type_register(f->bus, &descs[i]);
		KUNIT_EXPECT_FALSE(test, IS_ERR(type));
		if (!IS_ERR(type))
			KUNIT_EXPECT_EQ(test, drvio_target_add(type, 1, dev, false), -EINVAL);
	}
	root_device_unregister(dev);
}

static struct kunit_case bus_test_cases[] = {
	KUNIT_CASE(a_target_is_one_devices),
	KUNIT_CASE(an_id_is_one_types),
	KUNIT_CASE(a_name_is_a_file_name),
	{}
};

static struct kunit_suite bus_test_suite = {
	.name = "drvio-bus",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = bus_test_cases,
};

kunit_test_suite(bus_test_suite);
