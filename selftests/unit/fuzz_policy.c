// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: the policy file, and what hooks declare.  What is read has
 * values that are allowed, and what is refused says why, with the line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks.h"
#include "policy.h"

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "fuzz_policy.c:%d: does not hold: %s\n", \
			__LINE__, #cond);				\
		abort();						\
	}								\
} while (0)

static void policy(const char *text)
{
	static const char * const devs[] = {
		NULL, "virtio-blk@0x0102001000000000", "virtio-net@0x0102001000000000",
	};
	struct policy *read;
	char *why, *wrong;

	read = policy_parse("p", text, &why);
	CHECK(!read == !!why);
	if (why)
		CHECK(!strncmp(why, "p:", 2) && atoi(why + 2) > 0);
	for (size_t i = 0; read && i < sizeof(devs) / sizeof(devs[0]); i++) {
		for (enum policy_id id = 0; id < POLICY_NKEYS; id++) {
			wrong = policy_check(id, policy_text(read, devs[i], id));
			CHECK(!wrong);
			policy_matches(read, devs[i], id, "/srv/data");
		}
	}
	policy_free(read);
	free(why);
}

static void hook(const char *text)
{
	struct hook hook = { 0 };

	CHECK(!hook_parse(&hook, text) == !hook.why);
	CHECK(hook.events < 1U << HOOK_NEVENTS);
	free(hook.types);
	free(hook.why);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1);

	memcpy(text, data, len);
	text[len] = '\0';
	policy(text);
	hook(text);
	free(text);
	return 0;
}
