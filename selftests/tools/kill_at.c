// SPDX-License-Identifier: GPL-2.0
/*
 * kill_at N PROGRAM [ARG]...
 *
 * Runs a program and ends it with SIGKILL before its Nth step: before it writes a
 * file through (fsync), removes or renames one, or has rtnetlink change something;
 * and before a process that it has started mounts, unmounts, swaps on or off, or runs
 * a program. What it only reads is no step.
 *
 * Exit status: 137 when it was killed, the program's when it has fewer steps.
 */
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_KILLED = 128 + SIGKILL, EXIT_USAGE = 5, EXIT_TRACE = 6 };

static bool copy(pid_t pid, void *to, unsigned long long from, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)(uintptr_t)from, len };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

/* Of each kind of rtnetlink messages there are four: new, delete, get, set. */
static bool changes_something(pid_t pid, unsigned long long header)
{
	struct sockaddr_nl to;
	struct nlmsghdr msg;
	struct msghdr hdr;
	struct iovec iov;

	if (!copy(pid, &hdr, header, sizeof(hdr)) || !hdr.msg_name ||
	    !copy(pid, &to, (uintptr_t)hdr.msg_name, sizeof(to)) ||
	    to.nl_family != AF_NETLINK || !hdr.msg_iovlen ||
	    !copy(pid, &iov, (uintptr_t)hdr.msg_iov, sizeof(iov)) ||
	    !copy(pid, &msg, (uintptr_t)iov.iov_base, sizeof(msg)))
		return false;
	return msg.nlmsg_type >= RTM_BASE && (msg.nlmsg_type - RTM_BASE) % 4 != 2;
}

/* Those of the processes that the program starts, and then its own. */
static const unsigned int steps[] = {
	SYS_mount, SYS_umount2, SYS_swapon, SYS_swapoff, SYS_execve,
#define NCHILD_STEPS	5
	SYS_sendmsg, SYS_fsync, SYS_unlinkat, SYS_renameat2,
#ifdef SYS_unlink
	SYS_unlink, SYS_rename,
#endif
};

#define NSTEPS	(sizeof(steps) / sizeof(steps[0]))

/* Of all system calls only these stop the program: it does thousands of others. */
static bool trace_steps(void)
{
	struct sock_filter code[NSTEPS + 3] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { NSTEPS + 3, code };

	for (size_t i = 0; i < NSTEPS; i++)
		code[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, steps[i],
							   NSTEPS - i, 0);
	code[NSTEPS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[NSTEPS + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static bool is_step(pid_t pid, const struct __ptrace_syscall_info *info, bool child)
{
	for (size_t i = 0; i < NSTEPS; i++)
		if (info->seccomp.nr == steps[i])
			return child == (i < NCHILD_STEPS) &&
			       (steps[i] != SYS_sendmsg ||
				changes_something(pid, info->seccomp.args[1]));
	return false;
}

int main(int argc, char **argv)
{
	struct __ptrace_syscall_info info;
	long left = argc > 2 ? atol(argv[1]) : 0;
	int status, event, sig;
	pid_t pid, got;

	if (left < 1) {
		fprintf(stderr, "usage: kill_at N PROGRAM [ARG]...\n");
		return EXIT_USAGE;
	}
	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		if (trace_steps())
			execv(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		   PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) ||
	    ptrace(PTRACE_CONT, pid, NULL, 0)) {
		perror("kill_at");
		return EXIT_TRACE;
	}
	/* What it starts has the filter, too, and is to be let through it. */
	while ((got = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			if (got == pid)
				return WIFEXITED(status) ? WEXITSTATUS(status) :
							   128 + WTERMSIG(status);
			continue;
		}
		event = status >> 16;
		sig = WSTOPSIG(status);
		if (event == PTRACE_EVENT_SECCOMP &&
		    ptrace(PTRACE_GET_SYSCALL_INFO, got, sizeof(info), &info) > 0 &&
		    is_step(got, &info, got != pid) && !--left) {
			kill(pid, SIGKILL);
			/* Its threads are waited for before. */
			do {
				got = waitpid(-1, &status, __WALL);
			} while (got > 0 && (got != pid || WIFSTOPPED(status)));
			return EXIT_KILLED;
		}
		/* These are for the tracer only; the first of a new process is a SIGSTOP. */
		if (event || sig == SIGTRAP || sig == SIGSTOP)
			sig = 0;
		/* It may have been killed meanwhile. */
		ptrace(PTRACE_CONT, got, NULL, sig);
	}
	perror("kill_at");
	return EXIT_TRACE;
}
