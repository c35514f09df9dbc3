// SPDX-License-Identifier: GPL-2.0
/*
 * kill_at N PROGRAM [ARG]...
 *
 * Runs a program and ends it with SIGKILL before its Nth step: before it writes a
 * file through (fsync), removes or renames one, or has rtnetlink change something.
 * What it only reads is no step.
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

static const unsigned int steps[] = {
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

int main(int argc, char **argv)
{
	struct __ptrace_syscall_info info;
	long left = argc > 2 ? atol(argv[1]) : 0;
	int status, sig = 0;
	pid_t pid;

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
		   PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)) {
		perror("kill_at");
		return EXIT_TRACE;
	}
	while (!ptrace(PTRACE_CONT, pid, NULL, sig) && waitpid(pid, &status, 0) == pid) {
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		sig = WSTOPSIG(status);
		if (status >> 8 != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
			/* That of execve() is for the tracer only. */
			if (sig == SIGTRAP)
				sig = 0;
			continue;
		}
		sig = 0;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
		    (info.seccomp.nr == SYS_sendmsg &&
		     !changes_something(pid, info.seccomp.args[1])) || --left)
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return EXIT_KILLED;
	}
	perror("kill_at");
	return EXIT_TRACE;
}
