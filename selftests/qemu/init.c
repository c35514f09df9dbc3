// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of the test guest: brings the guest up the way a distribution does
 * (udev, modules, coldplug), then serves a root shell on the second serial line.
 * Reads top-down; a step that fails says so on the console and ends the guest.
 *
 * The kernel hands words of its command line that it does not know to us as
 * environment variables:
 *   GUEST_RUN=PATH   run PATH on the console instead of waiting for a client,
 *                    print its outcome as the guest's token, and power off
 *   GUEST_MODULES=no do not load the project's modules
 *   GUEST_SHELL=PATH another line for the shell than the second serial one
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CONSOLE		"/dev/console"
#define SHELL_LINE	"/dev/ttyS1"

/* What the outside waits for on console.log; see boot.sh. */
#define TOKEN		"drvio-guest: "

static void say(const char *fmt, ...)
{
	va_list args;

	printf(TOKEN);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

static void __attribute__((noreturn)) power_off(void)
{
	sync();
	tcdrain(STDOUT_FILENO);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void __attribute__((noreturn)) die(const char *what)
{
	say("failed: %s: %s", what, strerror(errno));
	power_off();
}

static void mount_one(const char *type, const char *where, unsigned long flags,
		      const char *data)
{
	if (mkdir(where, 0755) && errno != EEXIST)
		die(where);
	/* Small kernels have no pseudo terminals. */
	if (mount(type, where, type, flags, data) && errno != ENODEV)
		die(where);
}

static void mount_all(void)
{
	const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	mount_one("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0620,gid=5");
	mount_one("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
	mount_one("proc", "/proc", safe, NULL);
	mount_one("sysfs", "/sys", safe, NULL);
	mount_one("debugfs", "/sys/kernel/debug", safe, NULL);
	mount_one("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755");
	mount_one("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
}

/* What devtmpfs does not make and every shell script expects. */
static void link_std(void)
{
	static const char * const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (symlink(links[i][0], links[i][1]) && errno != EEXIST)
			die(links[i][1]);
}

/* The console, for us and for all that does not bring a terminal of its own. */
static void open_console(void)
{
	int fd = open(CONSOLE, O_RDWR);

	if (fd < 0)
		power_off();
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* Runs a program and returns its exit status, 128 + N when signal N ended it. */
static int run(char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		execvp(argv[0], argv);
		say("%s: %s", argv[0], strerror(errno));
		_exit(127);
	}
	/* Others' orphans become ours: reap them by the way. */
	for (;;) {
		pid_t ended = wait(&status);

		if (ended < 0 && errno != EINTR)
			die("wait");
		if (ended == pid)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
						     WEXITSTATUS(status);
	}
}

#define RUN(...) run((char *const []){ __VA_ARGS__, NULL })

static void need(int status, const char *what)
{
	if (!status)
		return;
	say("failed: %s: exit status %d", what, status);
	power_off();
}

static void bring_up(void)
{
	const char *modules = getenv("GUEST_MODULES");

	need(RUN("ip", "link", "set", "lo", "up"), "loopback interface");
	/*
	 * As with any network manager: a default route that the kernel learns by
	 * itself, some time after the interface is up, would make the interface
	 * the last way out of the guest, or not, as time goes.
	 */
	need(RUN("sh", "-c", "cd /proc/sys/net/ipv6/conf/default 2>/dev/null || exit 0\n"
		 "echo 0 > accept_ra"), "accept_ra");
	need(RUN("/lib/systemd/systemd-udevd", "--daemon"), "systemd-udevd");
	/*
	 * The bus of the virtio devices is a module in some kernels; the devices
	 * themselves are found by the coldplug, as in any distribution.
	 */
	if (!modules || strcmp(modules, "no")) {
		need(RUN("modprobe", "drvio"), "modprobe drvio");
		need(RUN("modprobe", "drvio-virtio"), "modprobe drvio-virtio");
	}
	need(RUN("udevadm", "trigger", "--type=subsystems", "--action=add"),
	     "udevadm trigger");
	need(RUN("udevadm", "trigger", "--type=devices", "--action=add"),
	     "udevadm trigger");
	need(RUN("udevadm", "settle", "--timeout=60"), "udevadm settle");
}

/* A line that programs can talk to: whole lines, no echo, no CR added. */
static void set_line(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return;
	cfsetspeed(&t, B115200);
	t.c_iflag = ICRNL | IGNPAR;
	t.c_oflag = 0;
	t.c_cflag |= CREAD | CLOCAL | CS8;
	t.c_cflag &= ~(HUPCL | CRTSCTS);
	t.c_lflag = ISIG | ICANON;
	tcsetattr(fd, TCSANOW, &t);
}

static pid_t start_shell(void)
{
	const char *line = getenv("GUEST_SHELL") ?: SHELL_LINE;
	int fd = open(line, O_RDWR | O_NOCTTY);
	pid_t pid;

	if (fd < 0)
		die(line);
	set_line(fd);
	pid = fork();
	if (pid) {
		close(fd);
		return pid;
	}
	setsid();
	ioctl(fd, TIOCSCTTY, 1);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	setenv("TERM", "dumb", 1);
	/* No prompt: it would mix with the output that a program reads. */
	setenv("PS1", "", 1);
	setenv("PS2", "", 1);
	if (chdir("/root"))
		say("/root: %s", strerror(errno));
	/*
	 * Interactive, so that a syntax error or ^C does not end it; without job
	 * control, so that it does not report on jobs among a command's output.
	 */
	execl("/bin/sh", "-sh", "-i", "+m", NULL);
	_exit(127);
}

/* An `exit`, a kill -9 or a client that goes away: there is always a shell. */
static void __attribute__((noreturn)) serve_shell(pid_t shell)
{
	for (;;) {
		pid_t ended = wait(NULL);

		if (ended == shell || (ended < 0 && errno == ECHILD))
			shell = start_shell();
	}
}

static void __attribute__((noreturn)) run_and_end(const char *path)
{
	int status = RUN((char *)path);

	/* The token that a run needs in order to have passed. */
	say("%s ended with exit status %d", path, status);
	power_off();
}

int main(void)
{
	const char *guest_run;
	pid_t shell;

	umask(022);
	/* ^C on the console must not restart the guest. */
	reboot(RB_DISABLE_CAD);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	mount_one("devtmpfs", "/dev", MS_NOSUID, "mode=0755");
	open_console();
	mount_all();
	link_std();
	bring_up();
	guest_run = getenv("GUEST_RUN");
	if (guest_run)
		run_and_end(guest_run);
	/* Whoever reads "up" may write to the shell at once. */
	shell = start_shell();
	say("up");
	serve_shell(shell);
}
