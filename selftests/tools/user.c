// SPDX-License-Identifier: GPL-2.0
/*
 * user cipher DRIVER	a transform of a crypto driver, with a key
 * user drm NODE	a framebuffer of a graphics adapter, drawn into
 * user fuse [DISK],DIR	a filesystem in userspace there, on a disk or on none, which never answers
 * user vsock PORT	waits there for a connection, and takes it with the next use
 *
 * Uses a device until its stdin ends, and once more with each line that it
 * reads there: prints "ok" each time, or what went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libdrm/drm.h>
#include <linux/fuse.h>
#include <linux/if_alg.h>
#include <linux/vm_sockets.h>

#define BLOCK	16	/* of AES */

static int cipher = -1;

static bool cipher_begin(const char *driver)
{
	struct sockaddr_alg sa = { .salg_family = AF_ALG, .salg_type = "skcipher" };
	static const char key[BLOCK];
	int alg = socket(AF_ALG, SOCK_SEQPACKET, 0);

	snprintf((char *)sa.salg_name, sizeof(sa.salg_name), "%s", driver);
	if (bind(alg, (struct sockaddr *)&sa, sizeof(sa)) ||
	    setsockopt(alg, SOL_ALG, ALG_SET_KEY, key, sizeof(key)))
		return false;
	cipher = accept(alg, NULL, NULL);
	return cipher >= 0;
}

/* Encrypts a block; what comes out is another. */
static bool cipher_use(void)
{
	char control[CMSG_SPACE(sizeof(__u32)) +
		     CMSG_SPACE(sizeof(struct af_alg_iv) + BLOCK)] = { 0 };
	char in[BLOCK] = "plain text", out[BLOCK];
	struct iovec iov = { .iov_base = in, .iov_len = sizeof(in) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_OP;
	c->cmsg_len = CMSG_LEN(sizeof(__u32));
	*(__u32 *)CMSG_DATA(c) = ALG_OP_ENCRYPT;
	c = CMSG_NXTHDR(&msg, c);
	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_IV;
	c->cmsg_len = CMSG_LEN(sizeof(struct af_alg_iv) + BLOCK);
	((struct af_alg_iv *)CMSG_DATA(c))->ivlen = BLOCK;

	return sendmsg(cipher, &msg, 0) == sizeof(in) &&
	       read(cipher, out, sizeof(out)) == sizeof(out) &&
	       memcmp(in, out, sizeof(in));
}

static struct drm_mode_create_dumb fb = { .width = 640, .height = 480, .bpp = 32 };
static char *pixels;
static int drm = -1;

static bool drm_begin(const char *node)
{
	struct drm_mode_map_dumb map = { 0 };

	drm = open(node, O_RDWR | O_CLOEXEC);
	if (drm < 0 || ioctl(drm, DRM_IOCTL_MODE_CREATE_DUMB, &fb))
		return false;
	map.handle = fb.handle;
	if (ioctl(drm, DRM_IOCTL_MODE_MAP_DUMB, &map))
		return false;
	pixels = mmap(NULL, fb.size, PROT_READ | PROT_WRITE, MAP_SHARED, drm, map.offset);
	return pixels != MAP_FAILED;
}

/* Draws, and shows it. */
static bool drm_use(void)
{
	struct drm_mode_fb_cmd cmd = {
		.width = fb.width,
		.height = fb.height,
		.pitch = fb.pitch,
		.bpp = fb.bpp,
		.depth = 24,
		.handle = fb.handle,
	};

	memset(pixels, 0x5a, fb.size);
	if (ioctl(drm, DRM_IOCTL_MODE_ADDFB, &cmd))
		return false;
	return !ioctl(drm, DRM_IOCTL_MODE_RMFB, &cmd.fb_id);
}

static bool fuse_begin(const char *where)
{
	struct {
		struct fuse_out_header header;
		struct fuse_init_out init;
	} answer = {
		.header = { .len = sizeof(answer) },
		.init = {
			.major = FUSE_KERNEL_VERSION,
			.minor = FUSE_KERNEL_MINOR_VERSION,
			.max_write = 4096,
		},
	};
	char options[128], request[FUSE_MIN_READ_BUFFER];
	const char *dir = strchr(where, ',') + 1;
	char *disk = strndup(where, dir - 1 - where);
	int fd = open("/dev/fuse", O_RDWR);

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0%s", fd,
		 *disk ? ",blksize=512" : "");
	if (fd < 0 || mount(*disk ? disk : "selftest", dir, *disk ? "fuseblk" : "fuse", 0, options) ||
	    read(fd, request, sizeof(request)) < (ssize_t)sizeof(struct fuse_in_header))
		return false;
	/* The kernel asks for nothing before it has the answer to FUSE_INIT. */
	answer.header.unique = ((struct fuse_in_header *)request)->unique;
	free(disk);
	return write(fd, &answer, sizeof(answer)) == sizeof(answer);
}

static bool fuse_use(void)
{
	return true;
}

static int listening = -1;
static bool waiting = true;

static bool vsock_begin(const char *port)
{
	struct sockaddr_vm sa = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = strtoul(port, NULL, 10),
	};

	listening = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return !bind(listening, (struct sockaddr *)&sa, sizeof(sa)) && !listen(listening, 1);
}

static bool vsock_use(void)
{
	bool ok = waiting || accept(listening, NULL, NULL) >= 0;

	waiting = false;
	return ok;
}

static const struct {
	const char *name;
	bool (*begin)(const char *what);
	bool (*use)(void);
} uses[] = {
	{ "cipher", cipher_begin, cipher_use },
	{ "drm", drm_begin, drm_use },
	{ "fuse", fuse_begin, fuse_use },
	{ "vsock", vsock_begin, vsock_use },
};

int main(int argc, char **argv)
{
	char line[16];

	setlinebuf(stdout);
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		if (argc != 3 || strcmp(argv[1], uses[i].name))
			continue;
		if (!uses[i].begin(argv[2])) {
			perror(argv[2]);
			return 1;
		}
		do
			printf("%s\n", uses[i].use() ? "ok" : strerror(errno));
		while (fgets(line, sizeof(line), stdin));
		return 0;
	}
	fprintf(stderr, "usage: user cipher DRIVER | drm NODE | fuse [DISK],DIR | vsock PORT\n");
	return 2;
}
