// SPDX-License-Identifier: GPL-2.0-only
/*
 * Three PEs that all run at the same time and do random things to their events and to
 * those of the others, while a thread of the VMM raises NMIs (KVM_NMI) at any moment. What
 * comes when can't be told. What is checked by hand-written rules is what holds in any
 * order of all that (C1 and the like are of spec/rules.md):
 *
 *  - A PE's own calls return what they do on a PE that is alone, but for CONTEXT:
 *    nobody else changes its state, pending aside.
 *  - No handler starts from the return of PE_MASK, DISABLE or UNREGISTER to the call
 *    that takes it back (C60, C61).
 *  - Each run of a handler was signalled: there are no more runs than signals, or NMIs,
 *    that were begun.
 *  - A signal or NMI to a PE that has the event registered all the time succeeds, and a
 *    run starts after it was begun. What others return depends on the order (C75, D1).
 *  - Handlers nest: the NMI in that of event 0, which then continues with the registers
 *    and the context that it had (C125-C127).
 *  - When all signals and NMIs had their runs, one more makes for exactly one run, on a PE
 *    that runs as on one that sleeps.
 *
 * Nothing is compared with the model of SDEI here: sdei_fuzz_test does that, with one PE at
 * a time.
 */
#include <getopt.h>

#include "sdei_random.h"
#include "sdei_proof.h"

#define NR_PES			3
#define NR_OPS			64
#define DEFAULT_ROUNDS		20
#define LOST_SEC		60
#define MAX_NMI_USEC		1000

#define ENABLED			ST_ENABLED
#define RUNNING			(ENABLED | ST_RUNNING)

/* GUEST_SYNC() with this, or more for other PEs: an NMI for the first one */
#define SYNC_NMI_FOR		0x100

static const u64 number[NR_EVENTS] = { [EV] = SDEI_EVENT_SW_SIGNALED, [NMI] = SDEI_EVENT_NMI };

/* What was signalled: there will be @runs of them, if @epoch is still the same */
struct promise {
	u64	epoch;
	u64	runs;
};

static struct cpu {
	struct rng	rng;
	struct event {
		u64	started;	/* signals to it, before the call */
		u64	runs;
		u64	epoch;		/* odd while the event is not registered */
		bool	closed;		/* no handler may start */
		bool	changing;	/* it may be disabled or unregistered */
		/* By who made it, PEs with SIGNAL and KVM_NMI, or the thread of the VMM */
		struct promise promise[NR_PES + 1];
	} event[NR_EVENTS];
	bool		quiet;		/* handlers signal no more */
	bool		awake;		/* it slept, and something woke it */
} cpus[NR_PES];

static struct sdei_handler nmi_handler[NR_PES] __aligned(16);
static u64 arrived;
static bool stop;

/* The thread of the VMM may raise NMIs; it is about to */
static bool vmm_may_raise, vmm_raises;

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
 * Signals, by the guest or the VMM. That @runs is read before the call makes any run that is
 * counted later one that started after it.
 */
static struct promise begin_signal(struct event *e)
{
	struct promise p = {
		.epoch	= READ_ONCE(e->epoch),
		.runs	= READ_ONCE(e->runs) + 1,
	};

	__atomic_add_fetch(&e->started, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return p;
}

/* Whether the event was registered all the time, and a run has to come */
static bool end_signal(struct event *e, struct promise p, unsigned int by)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (p.epoch % 2 || READ_ONCE(e->epoch) != p.epoch)
		return false;
	e->promise[by] = p;
	return true;
}

static void signal_cpu(unsigned int t)
{
	struct event *e = &cpus[t].event[EV];
	struct promise p = begin_signal(e);
	s64 ret = sdei(EVENT_SIGNAL, number[EV], sdei_mpidr[t]);

	if (end_signal(e, p, guest_get_vcpuid()))
		GUEST_ASSERT_EQ(ret, SDEI_SUCCESS);
	else
		GUEST_ASSERT(ret == SDEI_SUCCESS || ret == SDEI_INVALID_PARAMETERS);
}

/* The same by the VMM, which sees the guest's memory elsewhere */
static void host_nmi(struct sdei_vm *v, unsigned int t, unsigned int by)
{
	struct event *e = addr_gva2hva(v->vm, (u64)&cpus[t].event[NMI]);
	struct promise p = begin_signal(e);
	int err = __vcpu_ioctl(v->vcpu[t], KVM_NMI, NULL) ? errno : 0;

	if (end_signal(e, p, by))
		TEST_ASSERT(!err, "KVM_NMI: %s", strerror(err));
	else
		TEST_ASSERT(!err || err == ENOENT, "KVM_NMI, not registered: %s", strerror(err));
}

static void raise_nmi(unsigned int t)
{
	GUEST_SYNC(SYNC_NMI_FOR + t);
}

/* At once, as nothing holds it back. A handler that comes in between can get one too. */
static void get_nmi(struct cpu *c)
{
	u64 runs = c->event[NMI].runs;

	raise_nmi(guest_get_vcpuid());
	GUEST_ASSERT(READ_ONCE(c->event[NMI].runs) > runs);
}

static void check_context(const struct sdei_handler *h)
{
	int i;

	for (i = 4; i < SDEI_NR_CONTEXT_REGS; i++)
		GUEST_EXPECT(sdei(EVENT_CONTEXT, i), h->regs.x[i]);
}

static void check_run(struct event *e, const struct sdei_handler *h)
{
	WRITE_ONCE(e->runs, e->runs + 1);
	dmb(ish);
	__GUEST_ASSERT(!READ_ONCE(e->closed),
		       "a handler started at %#lx after the call that forbids it", h->regs.x[2]);
	GUEST_ASSERT(e->runs <= READ_ONCE(e->started));
	GUEST_EXPECT(sdei(EVENT_STATUS, h->regs.x[0]), RUNNING);
	check_context(h);
}

static void handle_nmi(struct sdei_handler *h)
{
	struct cpu *c = this_cpu();
	struct rng r = { c->rng.state ^ h->runs };

	check_run(&c->event[NMI], h);
	if (one_in(&r, 4) && !c->quiet)
		signal_cpu(rnd(&r) % NR_PES);
}

static void handle_event(struct sdei_handler *h)
{
	struct cpu *c = this_cpu();
	struct rng r = { c->rng.state ^ h->runs };
	bool was_closed = c->event[NMI].closed;

	check_run(&c->event[EV], h);

	switch (rnd(&r) % 12) {
	case 0:
		if (!c->quiet)
			signal_cpu(rnd(&r) % NR_PES);
		break;
	case 1:
		if (!c->event[NMI].changing)
			get_nmi(c);
		check_context(h);
		break;
	case 2:
		GUEST_EXPECT(sdei(PE_MASK), 1);
		WRITE_ONCE(c->event[NMI].closed, true);
		spin(&r);
		WRITE_ONCE(c->event[NMI].closed, was_closed);
		GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
		break;
	case 3:
		GUEST_EXPECT(sdei(EVENT_DISABLE, number[EV]), SDEI_SUCCESS);
		spin(&r);
		GUEST_EXPECT(sdei(EVENT_ENABLE, number[EV]), SDEI_SUCCESS);
		break;
	}
	GUEST_EXPECT(sdei(EVENT_STATUS, number[EV]), RUNNING);
}

/*
 * What a PE does to itself: it closes, and opens again
 */

static void register_event(unsigned int event)
{
	struct sdei_handler *h = event == NMI ? &nmi_handler[guest_get_vcpuid()] :
						sdei_this_handler();

	h->fn = event == NMI ? handle_nmi : handle_event;
	GUEST_EXPECT(sdei(EVENT_REGISTER, number[event], (u64)sdei_entry, (u64)h), SDEI_SUCCESS);
}

static void close_for_a_while(struct cpu *c, bool event, bool nmi)
{
	WRITE_ONCE(c->event[EV].closed, event);
	WRITE_ONCE(c->event[NMI].closed, nmi);
	if (one_in(&c->rng, 2))
		signal_cpu(rnd(&c->rng) % NR_PES);
	spin(&c->rng);
	WRITE_ONCE(c->event[EV].closed, false);
	WRITE_ONCE(c->event[NMI].closed, false);
}

static void op_mask(struct cpu *c)
{
	GUEST_EXPECT(sdei(PE_MASK), 1);
	close_for_a_while(c, true, true);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
}

static void op_disable(struct cpu *c)
{
	unsigned int event = rnd(&c->rng) % NR_EVENTS;

	WRITE_ONCE(c->event[event].changing, true);
	GUEST_EXPECT(sdei(EVENT_DISABLE, number[event]), SDEI_SUCCESS);
	close_for_a_while(c, event == EV, event == NMI);
	GUEST_EXPECT(sdei(EVENT_STATUS, number[event]), ST_REGISTERED);
	GUEST_EXPECT(sdei(EVENT_ENABLE, number[event]), SDEI_SUCCESS);
	WRITE_ONCE(c->event[event].changing, false);
}

static void op_unregister(struct cpu *c)
{
	unsigned int event = rnd(&c->rng) % NR_EVENTS;
	struct event *e = &c->event[event];

	WRITE_ONCE(e->changing, true);
	WRITE_ONCE(e->epoch, e->epoch + 1);
	dmb(ish);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, number[event]), SDEI_SUCCESS);
	close_for_a_while(c, event == EV, event == NMI);
	GUEST_EXPECT(sdei(EVENT_STATUS, number[event]), 0);
	register_event(event);
	dmb(ish);
	WRITE_ONCE(e->epoch, e->epoch + 1);
	close_for_a_while(c, event == EV, event == NMI);
	GUEST_EXPECT(sdei(EVENT_ENABLE, number[event]), SDEI_SUCCESS);
	WRITE_ONCE(e->changing, false);
}

static void op_status(struct cpu *c)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, number[EV]), ENABLED);
	GUEST_EXPECT(sdei(EVENT_STATUS, number[NMI]), ENABLED);
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
	int i, n;

	for (n = 0; n < NR_EVENTS; n++) {
		const struct event *e = &c->event[n];

		for (i = 0; i < ARRAY_SIZE(e->promise); i++) {
			const struct promise *p = &e->promise[i];

			if (p->epoch == e->epoch)
				wait_or_lost(READ_ONCE(e->runs) >= p->runs,
					     "event %#lx of %d to vCPU %d is lost before run %lu",
					     number[n], i, guest_get_vcpuid(), p->runs);
		}
	}
}

/*
 * One of them sleeps, and is signalled until it is awake: a run between its look at the
 * number of runs and its WFI ends no sleep. Another one gets a single signal.
 */
static void signal_one(unsigned int me, unsigned int sleeper, unsigned int event)
{
	unsigned int sender = (sleeper + 1) % NR_PES, target = (sleeper + 2) % NR_PES;
	void (*send)(unsigned int t) = event == NMI ? raise_nmi : signal_cpu;
	struct cpu *c = &cpus[me];
	u64 runs[NR_PES];
	int i;

	for (i = 0; i < NR_PES; i++)
		runs[i] = READ_ONCE(cpus[i].event[event].runs);
	barrier_all();

	if (me == sleeper) {
		while (READ_ONCE(c->event[event].runs) == runs[me])
			wfi();
		WRITE_ONCE(c->awake, true);
	} else if (me == sender) {
		send(target);
		wait_or_lost(READ_ONCE(cpus[target].event[event].runs) == runs[target] + 1,
			     "vCPU %u has not run", target);
		while (!READ_ONCE(cpus[sleeper].awake)) {
			send(sleeper);
			spin(&c->rng);
		}
	}
	barrier_all();
	WRITE_ONCE(c->awake, false);
	wait_for_promised(c);
	barrier_all();
	GUEST_ASSERT_EQ(READ_ONCE(cpus[target].event[event].runs), runs[target] + 1);
	GUEST_ASSERT_EQ(READ_ONCE(cpus[sender].event[event].runs), runs[sender]);
	op_status(c);
	barrier_all();
}

/* From here on the thread of the VMM raises no NMI, and has said what it promised */
static void close_to_vmm(void)
{
	__atomic_store_n(&vmm_may_raise, false, __ATOMIC_SEQ_CST);
	wait_or_lost(!__atomic_load_n(&vmm_raises, __ATOMIC_SEQ_CST),
		     "the VMM is stuck in KVM_NMI");
}

static void guest_storm(void)
{
	unsigned int round, me = guest_get_vcpuid();
	u64 end = ticks_from_now(nr_seconds);
	struct cpu *c = this_cpu();

	c->rng.state = seed + me;
	register_event(NMI);
	GUEST_EXPECT(sdei(EVENT_ENABLE, number[NMI]), SDEI_SUCCESS);
	sdei_setup(handle_event);

	for (round = 0; !stop; round++) {
		barrier_all();
		if (!me)
			__atomic_store_n(&vmm_may_raise, true, __ATOMIC_SEQ_CST);
		storm(c);
		WRITE_ONCE(c->quiet, true);
		barrier_all();
		if (!me)
			close_to_vmm();
		barrier_all();
		wait_for_promised(c);
		/* With a call what is pending has had its run */
		op_status(c);
		barrier_all();
		signal_one(me, round % NR_PES, EV);
		signal_one(me, round % NR_PES, NMI);
		WRITE_ONCE(c->quiet, false);
		if (!me)
			WRITE_ONCE(stop, nr_seconds ? read_sysreg(cntvct_el0) > end :
						      round + 1 >= nr_rounds);
		barrier_all();
	}
	GUEST_DONE();
}

static struct sdei_vm *storm_vm;
static bool vcpus_done;

static void *run_vcpu(void *arg)
{
	struct kvm_vcpu *vcpu = arg;
	struct ucall uc;
	u64 cmd;

	while ((cmd = sdei_vcpu_run(vcpu, &uc)) == UCALL_SYNC) {
		TEST_ASSERT(uc.args[1] - SYNC_NMI_FOR < NR_PES, "unexpected GUEST_SYNC(%#lx)",
			    (unsigned long)uc.args[1]);
		host_nmi(storm_vm, uc.args[1] - SYNC_NMI_FOR, vcpu->id);
	}
	TEST_ASSERT(cmd == UCALL_DONE, "unexpected ucall %lu", (unsigned long)cmd);
	return NULL;
}

#define guest_flag(_var)	((bool *)addr_gva2hva(storm_vm->vm, (u64)&(_var)))

/* Whatever the vCPUs are at, in the guest, in KVM or in the VMM */
static void *raise_nmis(void *arg)
{
	bool *may_raise = guest_flag(vmm_may_raise), *raises = guest_flag(vmm_raises);
	u64 *nr_nmis = arg;
	struct rng r = { ~seed };

	while (!READ_ONCE(vcpus_done)) {
		__atomic_store_n(raises, true, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(may_raise, __ATOMIC_SEQ_CST)) {
			host_nmi(storm_vm, rnd(&r) % NR_PES, NR_PES);
			++*nr_nmis;
		}
		__atomic_store_n(raises, false, __ATOMIC_SEQ_CST);
		if (one_in(&r, 2))
			usleep(rnd(&r) % MAX_NMI_USEC);
	}
	return NULL;
}

static void host_storm(struct sdei_vm *v)
{
	u64 runs[NR_EVENTS] = {}, started[NR_EVENTS] = {}, nr_nmis = 0;
	pthread_t thread[NR_PES], nmi_thread;
	int i, n;

	ksft_print_msg("seed %lu\n", (unsigned long)seed);
	sync_global_to_guest(v->vm, seed);
	sync_global_to_guest(v->vm, nr_rounds);
	sync_global_to_guest(v->vm, nr_seconds);

	storm_vm = v;
	for (i = 0; i < NR_PES; i++)
		TEST_ASSERT(!pthread_create(&thread[i], NULL, run_vcpu, v->vcpu[i]),
			    "pthread_create() failed");
	TEST_ASSERT(!pthread_create(&nmi_thread, NULL, raise_nmis, &nr_nmis),
		    "pthread_create() failed");
	for (i = 0; i < NR_PES; i++)
		pthread_join(thread[i], NULL);
	WRITE_ONCE(vcpus_done, true);
	pthread_join(nmi_thread, NULL);

	for (i = 0; i < NR_PES; i++) {
		for (n = 0; n < NR_EVENTS; n++) {
			runs[n] += sdei_guest_var(v, cpus[i].event[n].runs);
			started[n] += sdei_guest_var(v, cpus[i].event[n].started);
		}
	}
	ksft_print_msg("%lu signals, %lu runs; %lu NMIs, %lu by the VMM's thread, %lu runs\n",
		       (unsigned long)started[EV], (unsigned long)runs[EV],
		       (unsigned long)started[NMI], (unsigned long)nr_nmis,
		       (unsigned long)runs[NMI]);
	TEST_ASSERT(nr_nmis, "No NMI by the VMM's thread");
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

	return sdei_main(tests, ARRAY_SIZE(tests));
}
