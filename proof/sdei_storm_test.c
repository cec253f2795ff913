// SPDX-License-Identifier: GPL-2.0-only
/*
 * Three PEs that all run at the same time and do random things to their events and
 * to those of the others. What comes when can't be told, but the model of SDEI
 * (sdei_model.h), whatever the order in which it is given the calls, allows only this:
 *
 *  - A PE's own calls return what they do on a PE that is alone, but for CONTEXT:
 *    nobody else changes its state, pending aside.
 *  - No handler starts from the return of PE_MASK, DISABLE or UNREGISTER to the call
 *    that takes it back.
 *  - Each run of a handler was signalled: there are no more runs than signals that
 *    were begun.
 *  - A signal to a PE that has the event registered all the time returns 0, and a
 *    run starts after it was begun. What other signals return depends on the order.
 *  - Handlers nest: the NMI in that of event 0, which then goes on with the registers
 *    and the context that it had.
 *  - When all signals had their runs, one more makes for exactly one run.
 *
 * sdei_fuzz_test compares what one PE at a time does with the model itself.
 */
#include <getopt.h>

#include "sdei_random.h"
#include "sdei_regs.h"

#define NR_PES			SDEI_MAX_VCPUS
#define NR_OPS			64
#define DEFAULT_ROUNDS		20
#define LOST_SEC		60

#define EVENT			SDEI_EVENT_SW_SIGNALED
#define ENABLED			(SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED)
#define RUNNING			(ENABLED | SDEI_EVENT_RUNNING)

/* What was signalled: there will be @runs of them, if @epoch is still the same */
struct promise {
	u64	epoch;
	u64	runs;
};

static struct cpu {
	struct rng	rng;
	u64		started;	/* signals to it, before the call */
	u64		runs;
	u64		nmis;
	u64		epoch;		/* odd while event 0 is not registered */
	bool		closed;		/* no handler may start */
	bool		quiet;		/* handlers signal no more */
	struct promise	promise[NR_PES]; /* by who made it */
} cpus[NR_PES] __sdei_guest;

static struct sdei_handler nmi_handler[NR_PES] __sdei_guest __aligned(16);
static u64 arrived __sdei_guest;
static bool stop __sdei_guest;

/* The guest's own copies */
static u64 seed = 1, nr_rounds = DEFAULT_ROUNDS, nr_seconds;

static struct cpu *this_cpu(void)
{
	return &cpus[guest_get_vcpuid()];
}

static u64 ticks_from_now(u64 seconds)
{
	return read_sysreg(cntvct_el0) + seconds * read_sysreg(cntfrq_el0);
}

#define wait_or_lost(_cond, _fmt, ...)					\
do {									\
	u64 __end = ticks_from_now(LOST_SEC);				\
									\
	while (!(_cond)) {						\
		__GUEST_ASSERT(read_sysreg(cntvct_el0) < __end, _fmt, ##__VA_ARGS__); \
		cpu_relax();						\
	}								\
	dmb(ish);							\
} while (0)

static void barrier_all(void)
{
	u64 n = __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
	u64 all = (n + NR_PES - 1) / NR_PES * NR_PES;

	wait_or_lost(READ_ONCE(arrived) >= all, "a PE is stuck");
}

static void spin(struct rng *r)
{
	int n = rnd(r) % 256;

	while (n--)
		cpu_relax();
}

/*
 * Signals. That @runs is read before the call makes any run that is counted later one
 * that started after it.
 */
static void signal_cpu(unsigned int t)
{
	struct promise p = {
		.epoch	= READ_ONCE(cpus[t].epoch),
		.runs	= READ_ONCE(cpus[t].runs) + 1,
	};
	bool registered;
	s64 ret;

	__atomic_add_fetch(&cpus[t].started, 1, __ATOMIC_SEQ_CST);
	dmb(ish);
	ret = sdei(EVENT_SIGNAL, EVENT, sdei_mpidr[t]);
	dmb(ish);

	registered = !(p.epoch % 2) && READ_ONCE(cpus[t].epoch) == p.epoch;
	if (registered)
		GUEST_ASSERT_EQ(ret, SDEI_SUCCESS);
	else
		GUEST_ASSERT(ret == SDEI_SUCCESS || ret == SDEI_INVALID_PARAMETERS);
	if (registered)
		cpus[t].promise[guest_get_vcpuid()] = p;
}

/* At once, as nothing holds it back. A handler that comes in between can get one too. */
static void get_nmi(struct cpu *c)
{
	u64 nmis = c->nmis;

	GUEST_SYNC(SYNC_NMI);
	GUEST_ASSERT(READ_ONCE(c->nmis) > nmis);
}

static void check_context(const struct sdei_handler *h)
{
	int i;

	for (i = 4; i < SDEI_NR_CONTEXT_REGS; i++)
		GUEST_EXPECT(sdei(EVENT_CONTEXT, i), h->regs.x[i]);
}

static void handle_nmi(struct sdei_handler *h)
{
	struct cpu *c = this_cpu();
	struct rng r = { c->rng.state ^ h->runs };

	GUEST_EXPECT(sdei(EVENT_STATUS, SDEI_EVENT_NMI), RUNNING);
	check_context(h);
	if (one_in(&r, 4) && !c->quiet)
		signal_cpu(rnd(&r) % NR_PES);
	WRITE_ONCE(c->nmis, c->nmis + 1);
}

static void handle_event(struct sdei_handler *h)
{
	struct cpu *c = this_cpu();
	struct rng r = { c->rng.state ^ h->runs };

	WRITE_ONCE(c->runs, c->runs + 1);
	dmb(ish);
	__GUEST_ASSERT(!c->closed, "a handler started at %#lx after the call that forbids it",
		       h->regs.x[2]);
	GUEST_ASSERT(c->runs <= READ_ONCE(c->started));
	GUEST_EXPECT(sdei(EVENT_STATUS, EVENT), RUNNING);
	check_context(h);

	switch (rnd(&r) % 12) {
	case 0:
		if (!c->quiet)
			signal_cpu(rnd(&r) % NR_PES);
		break;
	case 1:
		get_nmi(c);
		check_context(h);
		break;
	case 2:
		GUEST_EXPECT(sdei(PE_MASK), 1);
		spin(&r);
		GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
		break;
	case 3:
		GUEST_EXPECT(sdei(EVENT_DISABLE, EVENT), SDEI_SUCCESS);
		spin(&r);
		GUEST_EXPECT(sdei(EVENT_ENABLE, EVENT), SDEI_SUCCESS);
		break;
	}
	GUEST_EXPECT(sdei(EVENT_STATUS, EVENT), RUNNING);
}

/*
 * What a PE does to itself: it closes, and opens again
 */

static void close_for_a_while(struct cpu *c)
{
	WRITE_ONCE(c->closed, true);
	if (one_in(&c->rng, 2))
		signal_cpu(rnd(&c->rng) % NR_PES);
	spin(&c->rng);
	WRITE_ONCE(c->closed, false);
}

static void op_mask(struct cpu *c)
{
	GUEST_EXPECT(sdei(PE_MASK), 1);
	close_for_a_while(c);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
}

static void op_disable(struct cpu *c)
{
	GUEST_EXPECT(sdei(EVENT_DISABLE, EVENT), SDEI_SUCCESS);
	close_for_a_while(c);
	GUEST_EXPECT(sdei(EVENT_STATUS, EVENT), SDEI_EVENT_REGISTERED);
	GUEST_EXPECT(sdei(EVENT_ENABLE, EVENT), SDEI_SUCCESS);
}

static void op_unregister(struct cpu *c)
{
	WRITE_ONCE(c->epoch, c->epoch + 1);
	dmb(ish);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EVENT), SDEI_SUCCESS);
	close_for_a_while(c);
	GUEST_EXPECT(sdei(EVENT_STATUS, EVENT), 0);
	sdei_register();
	dmb(ish);
	WRITE_ONCE(c->epoch, c->epoch + 1);
	close_for_a_while(c);
	GUEST_EXPECT(sdei(EVENT_ENABLE, EVENT), SDEI_SUCCESS);
}

static void op_status(struct cpu *c)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, EVENT), ENABLED);
	GUEST_EXPECT(sdei(EVENT_STATUS, SDEI_EVENT_NMI), ENABLED);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_COMPLETE, 0), SDEI_DENIED);
}

static void op_signal(struct cpu *c)
{
	signal_cpu(rnd(&c->rng) % NR_PES);
}

static void storm(struct cpu *c)
{
	static void (* const op[])(struct cpu *c) = {
		op_signal, op_signal, op_signal, op_signal, op_signal, op_signal,
		op_mask, op_disable, op_unregister, op_status, get_nmi,
	};
	int i;

	for (i = 0; i < NR_OPS; i++) {
		op[rnd(&c->rng) % ARRAY_SIZE(op)](c);
		spin(&c->rng);
	}
}

/* All signals are made: those that were promised a run have it, sooner or later */
static void wait_for_promised(struct cpu *c)
{
	int i;

	for (i = 0; i < NR_PES; i++) {
		const struct promise *p = &c->promise[i];

		if (p->epoch == c->epoch)
			wait_or_lost(READ_ONCE(c->runs) >= p->runs,
				     "a signal of vCPU %d to vCPU %d is lost before run %lu",
				     i, guest_get_vcpuid(), p->runs);
	}
}

/*
 * One of them sleeps, and is signalled until it has run: it may not sleep yet. Another
 * one gets a single signal.
 */
static void signal_one(unsigned int me, unsigned int sleeper)
{
	unsigned int sender = (sleeper + 1) % NR_PES, target = (sleeper + 2) % NR_PES;
	struct cpu *c = &cpus[me];
	u64 runs[NR_PES];
	int i;

	for (i = 0; i < NR_PES; i++)
		runs[i] = READ_ONCE(cpus[i].runs);
	barrier_all();

	if (me == sleeper) {
		while (READ_ONCE(c->runs) == runs[me])
			wfi();
	} else if (me == sender) {
		signal_cpu(target);
		wait_or_lost(READ_ONCE(cpus[target].runs) == runs[target] + 1,
			     "vCPU %u has not run", target);
		while (READ_ONCE(cpus[sleeper].runs) == runs[sleeper]) {
			signal_cpu(sleeper);
			spin(&c->rng);
		}
	}
	barrier_all();
	wait_for_promised(c);
	barrier_all();
	GUEST_ASSERT_EQ(READ_ONCE(cpus[target].runs), runs[target] + 1);
	GUEST_ASSERT_EQ(READ_ONCE(cpus[sender].runs), runs[sender]);
}

static void guest_storm(void)
{
	unsigned int round, me = guest_get_vcpuid();
	u64 end = ticks_from_now(nr_seconds);
	struct cpu *c = this_cpu();

	c->rng.state = seed + me;
	nmi_handler[me].fn = handle_nmi;
	GUEST_EXPECT(sdei(EVENT_REGISTER, SDEI_EVENT_NMI, (u64)sdei_entry,
			  (u64)&nmi_handler[me]), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, SDEI_EVENT_NMI), SDEI_SUCCESS);
	sdei_setup(handle_event);

	for (round = 0; !stop; round++) {
		barrier_all();
		storm(c);
		WRITE_ONCE(c->quiet, true);
		barrier_all();
		wait_for_promised(c);
		/* With a call what is pending has had its run */
		op_status(c);
		barrier_all();
		signal_one(me, round % NR_PES);
		op_status(c);
		WRITE_ONCE(c->quiet, false);
		if (!me)
			WRITE_ONCE(stop, nr_seconds ? read_sysreg(cntvct_el0) > end :
						      round + 1 >= nr_rounds);
		barrier_all();
	}
	GUEST_DONE();
}

static void *run_vcpu(void *vcpu)
{
	struct ucall uc;
	u64 cmd = sdei_run_with_nmis(vcpu, &uc);

	TEST_ASSERT(cmd == UCALL_DONE, "unexpected ucall %lu", (unsigned long)cmd);
	return NULL;
}

static void host_storm(struct sdei_vm *v)
{
	pthread_t thread[NR_PES];
	u64 runs = 0, started = 0;
	int i;

	ksft_print_msg("seed %lu\n", (unsigned long)seed);
	sync_global_to_guest(v->vm, seed);
	sync_global_to_guest(v->vm, nr_rounds);
	sync_global_to_guest(v->vm, nr_seconds);

	for (i = 0; i < NR_PES; i++)
		TEST_ASSERT(!pthread_create(&thread[i], NULL, run_vcpu, v->vcpu[i]),
			    "pthread_create() failed");
	for (i = 0; i < NR_PES; i++)
		pthread_join(thread[i], NULL);

	for (i = 0; i < NR_PES; i++) {
		runs += sdei_guest_var(v, cpus[i].runs);
		started += sdei_guest_var(v, cpus[i].started);
	}
	ksft_print_msg("%lu signals, %lu runs\n", (unsigned long)started, (unsigned long)runs);
}

static struct sdei_test tests[] = {
	{
		.name = "Three PEs signal, mask, disable, unregister, nest: runs as they must be",
		.guest = { guest_storm, guest_storm, guest_storm },
		.host = host_storm,
		.smc = { false, true, false },
	},
};

static void __noreturn help(const char *name, int code)
{
	printf("usage: %s [-h] [-s seed] [-n rounds] [-t seconds]\n"
	       " -s: where random numbers start, by default at 1\n"
	       " -n: how many rounds of %d things that each PE does, by default %d\n"
	       " -t: for how long, instead of a number of rounds\n",
	       name, NR_OPS, DEFAULT_ROUNDS);
	exit(code);
}

int main(int argc, char *argv[])
{
	int opt;

	while ((opt = getopt(argc, argv, "hs:n:t:")) != -1) {
		switch (opt) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			nr_rounds = atoi_positive("rounds", optarg);
			break;
		case 't':
			nr_seconds = atoi_positive("seconds", optarg);
			break;
		default:
			help(argv[0], opt == 'h' ? 0 : 1);
		}
	}
	tests[0].timeout = 300 + 2 * nr_rounds + 2 * nr_seconds;

	return sdei_regs_main(tests, ARRAY_SIZE(tests));
}
