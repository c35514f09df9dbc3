// SPDX-License-Identifier: GPL-2.0
/*
 * ask [-l LINK] [-c CARRIER] [-a ACK] VERB DEVICE
 *
 * The control domain for shell tests: sends one request over a link of its own,
 * acks it in place of drvio-helper, and prints the answer: result and status in
 * a line, then the reason.
 *
 *   LINK    vsock:CID[:PORT]; /dev/drvio or $DRVIO_LINK unless given
 *   CARRIER a device on a bus that is said to carry the link to /dev/drvio
 *   ACK     what to write after the cookie: "ok" (the default), "blocked text",
 *           ...; "none" leaves it to others
 *   VERB    configure, unconfigure, force-unconfigure, status
 *   DEVICE  as in /sys/class/drvio: name@dev_id
 *
 * Exit status: the result of the answer (0 to 3), 4 without an answer, 5 for
 * usage, 6 when the link does not come up.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attr.h"
#include "ctl.h"
#include "helper.h"

enum { EXIT_NO_ANSWER = 4, EXIT_USAGE = 5, EXIT_NO_LINK = 6 };

/* Binds and unbinds take a while where the kernel is a debug kernel. */
#define ANSWER_MS	60000
#define POLL_MS		5

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

static const struct {
	const char *word;
	enum drvio_verb verb;
} verbs[] = {
	{ DRVIO_VERB_CONFIGURE, DRVIO_CONFIGURE },
	{ DRVIO_VERB_UNCONFIGURE, DRVIO_UNCONFIGURE },
	{ DRVIO_VERB_FORCE_UNCONFIG, DRVIO_FORCE_UNCONFIG },
	{ DRVIO_VERB_STATUS, DRVIO_STATUS },
};

static const char * const results[] = {
	[DRVIO_OK] = DRVIO_RESULT_OK,
	[DRVIO_FAILURE] = DRVIO_RESULT_FAILURE,
	[DRVIO_BLOCKED] = DRVIO_RESULT_BLOCKED,
	[DRVIO_NOT_IN_MD] = DRVIO_RESULT_NOT_IN_MD,
};

static const char * const statuses[] = {
	[DRVIO_NOT_PRESENT] = DRVIO_STATUS_NOT_PRESENT,
	[DRVIO_UNCONFIGURED] = DRVIO_STATE_UNCONFIGURED,
	[DRVIO_CONFIGURED] = DRVIO_STATE_CONFIGURED,
};

static void usage(void)
{
	fprintf(stderr, "usage: ask [-l LINK] [-c CARRIER] [-a ACK] VERB DEVICE\n");
	exit(EXIT_USAGE);
}

static enum drvio_verb parse_verb(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(word, verbs[i].word))
			return verbs[i].verb;
	}
	usage();
	return 0;
}

static void parse_device(const char *node, struct dr_device *dev)
{
	const char *at = strchr(node, '@');

	if (!at || (size_t)(at - node) >= sizeof(dev->name) || strlen(node) >= sizeof(dev->node))
		usage();
	memset(dev, 0, sizeof(*dev));
	strcpy(dev->node, node);
	memcpy(dev->name, node, at - node);
	dev->dev_id = strtoull(at + 1, NULL, 16);
}

static void set_carrier(struct session *s, const char *name)
{
	struct drvio_carrier carrier = { 0 };

	snprintf(carrier.name, sizeof(carrier.name), "%s", name);
	if (ioctl(s->fd, DRVIO_IOC_SET_CARRIER, &carrier)) {
		perror("ask: carrier");
		exit(EXIT_USAGE);
	}
}

static bool open_link(struct session *s, const char *link)
{
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);
	bool ok;

	if (!link)
		return ctl_open(s);
	ok = session_open(s, link, &d) == SESSION_OK &&
	     session_establish(s, &d) == SESSION_OK;
	if (!ok)
		fprintf(stderr, "ask: %s: %s\n", link, s->why);
	return ok;
}

/* Whether userspace is asked now, and about this request. */
static bool is_asked(const struct dr_device *dev, uint64_t number)
{
	char phase[32], current[32];

	return !attr_read(phase, sizeof(phase), CLASS_DIR "/%s/request/phase", dev->node) &&
	       !strcmp(phase, "userspace") &&
	       !attr_read(current, sizeof(current), CLASS_DIR "/%s/request/number", dev->node) &&
	       strtoull(current, NULL, 10) == number;
}

/* @ack has "word text"; the text may be missing. */
static void ack(const struct dr_device *dev, char *ack)
{
	char *text = strchr(ack, ' ');

	if (text)
		*text++ = '\0';
	helper_ack(dev, ack, text ?: "");
}

int main(int argc, char **argv)
{
	enum session_error err = SESSION_TIMEOUT;
	struct session_answer answer;
	struct dr_device dev;
	struct deadline end;
	char helper[64], say[512] = "ok";
	const char *link = NULL, *carrier = NULL;
	struct session s;
	enum drvio_verb verb;
	uint64_t number;
	bool acked;
	int opt;

	while ((opt = getopt(argc, argv, "l:c:a:")) != -1) {
		switch (opt) {
		case 'l':
			link = optarg;
			break;
		case 'c':
			carrier = optarg;
			break;
		case 'a':
			snprintf(say, sizeof(say), "%s", optarg);
			break;
		default:
			usage();
		}
	}
	if (argc - optind != 2)
		usage();
	verb = parse_verb(argv[optind]);
	parse_device(argv[optind + 1], &dev);

	acked = !strcmp(say, "none");
	if (!acked && !attr_read(helper, sizeof(helper), SERVICE_DIR "/helper") && !*helper)
		helper_register("selftest");

	if (!open_link(&s, link))
		return EXIT_NO_LINK;
	if (carrier)
		set_carrier(&s, carrier);
	end = deadline_in_ms(ANSWER_MS);
	if (session_request(&s, verb, dev.name, dev.dev_id, &end, &number) != SESSION_OK)
		goto no_answer;
	while (err == SESSION_TIMEOUT && deadline_left_ms(&end)) {
		struct deadline look = acked ? end : deadline_in_ms(POLL_MS);

		err = session_answer(&s, &answer, &look);
		if (err == SESSION_TIMEOUT && !acked && is_asked(&dev, number)) {
			ack(&dev, say);
			acked = true;
		}
	}
	if (err == SESSION_OK && answer.number == number &&
	    answer.result < ARRAY_SIZE(results) && answer.status < ARRAY_SIZE(statuses)) {
		printf("%s %s\n", results[answer.result], statuses[answer.status]);
		if (*answer.reason)
			printf("%s\n", answer.reason);
		return answer.result;
	}
no_answer:
	fprintf(stderr, "ask: no answer: %s\n", s.why);
	return EXIT_NO_ANSWER;
}
