# SPDX-License-Identifier: GPL-2.0
# What the Makefile of a topic includes once it has named its TEST_GEN_PROGS or
# TEST_GEN_PROGS_EXTENDED.

CFLAGS += -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wno-sign-compare -D_GNU_SOURCE
CFLAGS += -I../include -I../lib
# kselftest_harness.h compares with signedness as it comes, and leaves arguments.
CFLAGS += -Wno-unused-parameter -Wno-missing-field-initializers
# Of paths that are cut no file is found.
CFLAGS += -Wno-format-truncation

include ../lib.mk

# Compiled once for all topics.
lib := ../obj/lib.a
$(lib): $(wildcard ../lib/*.c) $(wildcard ../lib/*.h)
	rm -rf $(@D)
	mkdir -p $(@D)
	cd $(@D) && $(CC) $(CFLAGS) -c $(filter %.c,$^) && $(AR) rcs $(@F) *.o

$(TEST_GEN_PROGS) $(TEST_GEN_PROGS_EXTENDED): $(lib)
$(TEST_GEN_PROGS) $(TEST_GEN_PROGS_EXTENDED): LOCAL_HDRS += $(wildcard ../lib/*.h)
