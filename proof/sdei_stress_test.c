// SPDX-License-Identifier: GPL-2.0-only
/*
 * PEs that send SDEI events (Arm DEN0054C) to each other without pause, with NMIs by a
 * thread of the VMM, ordinary interrupts, and signals to the VMM's threads in between: who
 * has to suffer from that, and whether what is interrupted ever notices.
 */
#include <getopt.h>
#include <sys/wait.h>
#include <time.h>

#include "sdei_stress_guest.h"
#include "vgic.h"

#define NR_TICKS		20
#define NR_KICKS		20
#define NR_RUNS			1000
#define DEFAULT_SECONDS		2

/* Nothing is said about speed: what takes longer has stopped */
#define BOUND_SEC		60
#define LATE_SEC		5

static u64 nr_seconds = DEFAULT_SECONDS;

#define set_guest_var(_v, _var, _val)					\
	WRITE_ONCE(*(typeof(_var) *)addr_gva2hva((_v)->vm, (u64)&(_var)), _val)

struct thread {
	pthread_t	thread;
	struct kvm_vcpu	*vcpu;
	u64		kicks;
};

static __thread struct kvm_run *kicked_run;

/* It may come just before KVM_RUN */
static void handle_kick(int sig)
{
	WRITE_ONCE(kicked_run->immediate_exit, 1);
}

/* A signal gets it out of KVM_RUN */
static void *run_kicked(void *arg)
{
	struct thread *t = arg;
	struct ucall uc;

	kicked_run = t->vcpu->run;
	while (__vcpu_run(t->vcpu)) {
		TEST_ASSERT(errno == EINTR, KVM_IOCTL_ERROR(KVM_RUN, -1));
		WRITE_ONCE(kicked_run->immediate_exit, 0);
		WRITE_ONCE(t->kicks, t->kicks + 1);
	}

	switch (get_ucall(t->vcpu, &uc)) {
	case UCALL_DONE:
		return NULL;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("vCPU %u: unexpected exit %u", t->vcpu->id,
			  t->vcpu->run->exit_reason);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* The VMM gets to do something when it wants to */
static void doze(unsigned int usec)
{
	double start = now();

	usleep(usec);
	TEST_ASSERT(now() - start < LATE_SEC, "The VMM slept for %u us, and woke after %.1f s",
		    usec, now() - start);
}

#define wait_or_fail(_sec, _cond, _fmt, ...)				\
do {									\
	double __end = now() + (_sec);					\
									\
	while (!(_cond)) {						\
		doze(1000);						\
		TEST_ASSERT(now() < __end, _fmt, ##__VA_ARGS__);	\
	}								\
} while (0)

static unsigned int start_threads(struct sdei_vm *v, struct thread *t)
{
	unsigned int i, nr = nr_cpus();

	if (!v->vm->arch.has_gic) {
		ksft_print_msg("no vGICv3\n");
		exit(KSFT_SKIP);
	}
	vm_install_exception_handler(v->vm, VECTOR_IRQ_CURRENT, handle_irq);
	vm_install_exception_handler(v->vm, VECTOR_IRQ_LOWER_64, handle_irq);
	vm_install_sync_handler(v->vm, VECTOR_SYNC_LOWER_64, EC_SVC, handle_svc);
	signal(SIGUSR1, handle_kick);

	for (i = 0; i < nr; i++) {
		t[i].vcpu = v->vcpu[i];
		TEST_ASSERT(!pthread_create(&t[i].thread, NULL, run_kicked, &t[i]),
			    "pthread_create() failed");
	}
	wait_or_fail(BOUND_SEC, sdei_guest_var(v, ready) == nr, "The vCPUs don't start");
	return nr;
}

static void stop_threads(struct sdei_vm *v, struct thread *t, unsigned int nr)
{
	set_guest_var(v, stop, 1);
	while (nr--)
		pthread_join(t[nr].thread, NULL);
}

/* From here on */
static void expect_ticks(struct sdei_vm *v, unsigned int first, unsigned int nr)
{
	u64 ticks[SDEI_MAX_VCPUS], rounds[SDEI_MAX_VCPUS];
	double start = now();
	unsigned int i;

	for (i = first; i < nr; i++) {
		ticks[i] = sdei_guest_var(v, cpus[i].ticks) + NR_TICKS;
		rounds[i] = sdei_guest_var(v, cpus[i].rounds) + NR_TICKS;
	}
	for (i = first; i < nr; i++) {
		wait_or_fail(BOUND_SEC, sdei_guest_var(v, cpus[i].ticks) >= ticks[i],
			     "vCPU %u doesn't take its interrupts: %lu to come", i,
			     (unsigned long)(ticks[i] - sdei_guest_var(v, cpus[i].ticks)));
		wait_or_fail(BOUND_SEC, sdei_guest_var(v, cpus[i].rounds) >= rounds[i],
			     "vCPU %u doesn't get on: %lu rounds to come", i,
			     (unsigned long)(rounds[i] - sdei_guest_var(v, cpus[i].rounds)));
	}
	ksft_print_msg("%d interrupts each in %.2f s\n", NR_TICKS, now() - start);
}

static void expect_kicked(struct thread *t, unsigned int nr)
{
	unsigned int i;
	u64 kicks;

	for (i = 0; i < nr; i++) {
		kicks = READ_ONCE(t[i].kicks);
		pthread_kill(t[i].thread, SIGUSR1);
		wait_or_fail(LATE_SEC, READ_ONCE(t[i].kicks) > kicks,
			     "KVM_RUN of vCPU %u continues after a signal", i);
	}
}

static void print_events(struct sdei_vm *v, unsigned int nr)
{
	u64 runs = 0, signals = 0, ticks = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		runs += sdei_guest_var(v, sdei_handler[i].runs);
		signals += sdei_guest_var(v, cpus[i].signals);
		ticks += sdei_guest_var(v, cpus[i].ticks);
	}
	ksft_print_msg("%lu signals, %lu runs, %lu interrupts\n", (unsigned long)signals,
		       (unsigned long)runs, (unsigned long)ticks);
}

static void host_signals(struct sdei_vm *v)
{
	struct thread t[SDEI_MAX_VCPUS] = {};
	unsigned int nr = start_threads(v, t);

	expect_ticks(v, 0, nr);
	expect_kicked(t, nr);
	print_events(v, nr);
	stop_threads(v, t, nr);
}

static void host_feud(struct sdei_vm *v)
{
	struct thread t[SDEI_MAX_VCPUS] = {};
	unsigned int nr = start_threads(v, t);
	int i;

	/* All are in their handlers, or go there soon */
	for (i = 0; i < 3; i++) {
		expect_kicked(t, nr);
		print_events(v, nr);
	}
	set_guest_var(v, calm, 1);
	expect_ticks(v, 0, nr);
	stop_threads(v, t, nr);
}

static void host_for_ever(struct sdei_vm *v)
{
	struct thread t[SDEI_MAX_VCPUS] = {};
	unsigned int nr = start_threads(v, t);
	int i;

	wait_or_fail(BOUND_SEC, sdei_guest_var(v, sdei_handler[0].runs) >= NR_RUNS,
		     "The handler doesn't run");
	expect_ticks(v, 1, nr);
	for (i = 0; i < NR_KICKS; i++)
		expect_kicked(t, 1);
	ksft_print_msg("%lu runs, %lu interrupts\n",
		       (unsigned long)sdei_guest_var(v, sdei_handler[0].runs),
		       (unsigned long)sdei_guest_var(v, cpus[0].ticks));

	/* It starves only itself, and only while it keeps signalling */
	set_guest_var(v, calm, 1);
	expect_ticks(v, 0, nr);
	stop_threads(v, t, nr);
}

/* A process of its own, which says when to kill it */
static int victim_fd;

static void host_victim(struct sdei_vm *v)
{
	struct thread t[SDEI_MAX_VCPUS] = {};

	start_threads(v, t);
	wait_or_fail(BOUND_SEC, sdei_guest_var(v, sdei_handler[0].runs) >= NR_RUNS,
		     "The handler doesn't run");
	TEST_ASSERT(write(victim_fd, "", 1) == 1, "write() failed");
	for (;;)
		pause();
}

static const struct sdei_test victim = {
	.guest = { guest_for_ever, guest_for_ever },
	.host = host_victim,
};

static void host_kill(struct sdei_vm *v)
{
	struct sdei_vm other = {};
	int fd[2], status;
	pid_t pid;
	char c;

	TEST_ASSERT(!pipe(fd), "pipe() failed");
	pid = fork();
	TEST_ASSERT(pid >= 0, "fork() failed");
	if (!pid) {
		alarm(2 * BOUND_SEC);
		victim_fd = fd[1];
		sdei_vm_create(&other, 2);
		sdei_vm_run(&other, &victim);
	}

	close(fd[1]);
	TEST_ASSERT(read(fd[0], &c, 1) == 1, "The process to be killed has failed");
	kill(pid, SIGKILL);
	wait_or_fail(BOUND_SEC, waitpid(pid, &status, WNOHANG) == pid, "It can't be killed");
	TEST_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
		    "Its status is %#x", status);
}

static void host_under_fire(struct sdei_vm *v)
{
	static const char * const by[NR_HITS] = { "event 0", "NMI", "timer", "SGI", "SPI" };
	struct thread t[SDEI_MAX_VCPUS] = {};
	struct rng rng = { ~seed };
	u64 hits[NR_HITS] = {}, rounds = 0, resumed = 0, kicks = 0;
	unsigned int nr, i, j;
	double end;

	ksft_print_msg("seed %lu\n", (unsigned long)seed);
	sync_global_to_guest(v->vm, seed);
	memcpy(addr_gpa2hva(v->vm, SDEI_USER_PAGE), sdei_user_mix,
	       sdei_user_mix_end - sdei_user_mix);

	nr = start_threads(v, t);
	for (end = now() + nr_seconds; now() < end; ) {
		doze(rnd(&rng) % 2000);
		if (one_in(&rng, 2))
			pthread_kill(t[rnd(&rng) % nr].thread, SIGUSR1);
		/* Most are in the guest, and are not stopped for it */
		sdei_raise_nmi(t[rnd(&rng) % nr].vcpu);
		kvm_arm_irq_line(v->vm, SPI, 1);
		kvm_arm_irq_line(v->vm, SPI, 0);
	}
	stop_threads(v, t, nr);

	for (i = 0; i < nr; i++) {
		for (j = 0; j < NR_HITS; j++)
			hits[j] += sdei_guest_var(v, cpus[i].hits[j]);
		resumed += sdei_guest_var(v, cpus[i].resumed);
		kicks += t[i].kicks;
	}
	for (i = 0; i < nr - 1; i++)
		rounds += sdei_guest_var(v, cpus[i].rounds);
	ksft_print_msg("%lu rounds, %lu signals to threads, %lu COMPLETE_AND_RESUME\n",
		       (unsigned long)rounds, (unsigned long)kicks, (unsigned long)resumed);
	for (j = 0; j < NR_HITS; j++) {
		ksft_print_msg("interrupted by %s: %lu\n", by[j], (unsigned long)hits[j]);
		TEST_ASSERT(hits[j], "Not interrupted by %s", by[j]);
	}
	TEST_ASSERT(resumed, "No COMPLETE_AND_RESUME");
}

static struct sdei_test tests[] = {
	{
		.name = "Eight PEs signal all others without pause: each takes its interrupts",
		.guest = { [0 ... 7] = guest_signals },
		.host = host_signals,
		.timeout = 10 * BOUND_SEC,
	}, {
		.name = "The same in their handlers: the VMM continues, interrupts come after it",
		.guest = { [0 ... 7] = guest_feud },
		.host = host_feud,
		.timeout = 10 * BOUND_SEC,
	}, {
		.name = "A PE signals itself in its handler forever: all but its code continues",
		.guest = { guest_for_ever, guest_works },
		.host = host_for_ever,
		.timeout = 10 * BOUND_SEC,
	}, {
		.name = "The same, and its process is killed: it ends",
		.host = host_kill,
		.timeout = 10 * BOUND_SEC,
	}, {
		.name = "Under fire: no register changes",
		.guest = { [0 ... 2] = guest_under_fire, [3] = guest_fires },
		.host = host_under_fire,
		.smc = { false, true },
	},
};

static void __noreturn help(const char *name, int code)
{
	printf("usage: %s [-h] [-s seed] [-t seconds]\n"
	       " -s: where random numbers start, by default at 1\n"
	       " -t: for how long registers are checked, by default %d s\n",
	       name, DEFAULT_SECONDS);
	exit(code);
}

int main(int argc, char *argv[])
{
	int opt;

	while ((opt = getopt(argc, argv, "hs:t:")) != -1) {
		switch (opt) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 't':
			nr_seconds = atoi_positive("seconds", optarg);
			break;
		default:
			help(argv[0], opt == 'h' ? 0 : 1);
		}
	}
	tests[ARRAY_SIZE(tests) - 1].timeout = 10 * BOUND_SEC + nr_seconds;

	return sdei_main(tests, ARRAY_SIZE(tests));
}
