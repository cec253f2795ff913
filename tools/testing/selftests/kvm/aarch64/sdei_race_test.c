// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI events (Arm DEN0054C) signalled by one PE as fast as it can, while another
 * one masks, disables, unregisters, sleeps, or signals as well: no handler starts
 * after the call that forbids it has returned, and no signal is lost.
 */
#include "sdei.h"

#define EV			SDEI_EVENT_SW_SIGNALED

#define NR_ROUNDS		10000
#define NR_SIGNALS		200

/* Every event keeps the PE from its next call: long, where exits are slow */
#define RACE_TIMEOUT_SEC	600

static struct sdei_window window __sdei_guest;
static int ready __sdei_guest, done __sdei_guest, awake __sdei_guest;
static u64 signals __sdei_guest, runs_before __sdei_guest;

struct race {
	u64	close, ret_close;
	u64	between, ret_between;
	u64	open;
	bool	unregisters;
};

static void handle_race(struct sdei_handler *h)
{
	u64 pc = h->regs.x[2];

	__GUEST_ASSERT(pc < (u64)sdei_window_closed || pc > (u64)sdei_window_open,
		       "the handler started at %#lx, in the window %#lx..%#lx",
		       pc, (u64)sdei_window_closed, (u64)sdei_window_open);
}

static void guest_race(void)
{
	const struct race *race = sdei_test->data;
	struct sdei_handler *h = sdei_this_handler();
	u64 seen;
	int i;

	window.close[0] = race->close;
	window.close[1] = EV;
	window.between[0] = race->between;
	window.between[1] = EV;
	window.between[2] = (u64)sdei_entry;
	window.between[3] = (u64)h;
	window.open[0] = race->open;
	window.open[1] = EV;

	sdei_setup(handle_race);
	WRITE_ONCE(ready, 1);
	sdei_wait_until(READ_ONCE(signals) > 10);

	for (i = 0; i < NR_ROUNDS; i++) {
		window.spins = 1 + i % 64;
		sdei_window(&window);
		GUEST_ASSERT_EQ(window.ret_close, race->ret_close);
		GUEST_ASSERT_EQ(window.ret_between, race->ret_between);
		GUEST_ASSERT_EQ(window.ret_open, SDEI_SUCCESS);

		/* A signal that begins after the call must have a run */
		if (i % 128 == 0) {
			seen = READ_ONCE(signals);
			sdei_wait_until(READ_ONCE(signals) >= seen + 2);
			seen = READ_ONCE(runs_before);
			sdei_wait_until(READ_ONCE(h->runs) > seen);
		}
	}

	WRITE_ONCE(done, 1);
	GUEST_DONE();
}

static void guest_race_signaller(void)
{
	const struct race *race = sdei_test->data;
	u64 runs, ret;

	sdei_wait_until(READ_ONCE(ready));
	while (!READ_ONCE(done)) {
		runs = READ_ONCE(sdei_handler[0].runs);
		ret = sdei_signal(0);
		if (ret && race->unregisters) {
			GUEST_ASSERT_EQ((s64)ret, SDEI_INVALID_PARAMETERS);
			continue;
		}
		GUEST_ASSERT_EQ((s64)ret, SDEI_SUCCESS);
		WRITE_ONCE(runs_before, runs);
		dmb(ish);
		WRITE_ONCE(signals, signals + 1);
	}
	GUEST_DONE();
}

/* A signal that comes as the event is unregistered is not for the next registration */
#define NR_UNREGISTERS		500

static void guest_register_anew(void)
{
	struct sdei_handler *h = sdei_this_handler();
	int i, j;
	u64 seen;

	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	for (i = 1; i <= NR_UNREGISTERS; i++) {
		sdei_register();
		seen = READ_ONCE(signals);
		WRITE_ONCE(ready, i);
		sdei_wait_until(READ_ONCE(signals) != seen);
		for (j = 0; j < i % 64; j++)
			cpu_relax();
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(done) == i);

		sdei_register();
		GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
		GUEST_ASSERT_EQ(READ_ONCE(h->runs), 0);
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_SUCCESS);
	}
	GUEST_DONE();
}

static void guest_signal_until_refused(void)
{
	u64 ret;
	int i;

	for (i = 1; i <= NR_UNREGISTERS; i++) {
		sdei_wait_until(READ_ONCE(ready) == i);
		for (;;) {
			ret = sdei_signal(0);
			if (ret)
				break;
			WRITE_ONCE(signals, signals + 1);
		}
		GUEST_ASSERT_EQ((s64)ret, SDEI_INVALID_PARAMETERS);
		WRITE_ONCE(done, i);
	}
	GUEST_DONE();
}

/* A signal that finds the event registered is for that registration, however new */
static void guest_register_once_more(void)
{
	struct sdei_handler *h = sdei_this_handler();
	int i;

	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	for (i = 1; i <= NR_UNREGISTERS; i++) {
		WRITE_ONCE(ready, i);
		sdei_register();
		GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(done) == i);
		sdei_wait_until(READ_ONCE(h->runs) == i);
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_SUCCESS);
	}
	GUEST_DONE();
}

static void guest_signal_until_accepted(void)
{
	int i;

	for (i = 1; i <= NR_UNREGISTERS; i++) {
		sdei_wait_until(READ_ONCE(ready) == i);
		sdei_wait_until(!sdei_signal(0));
		WRITE_ONCE(done, i);
	}
	GUEST_DONE();
}

/* One signal after the other, each must have a run of its own */
static void guest_one_by_one(void)
{
	struct sdei_handler *target = &sdei_handler[1];
	int i;

	sdei_wait_until(READ_ONCE(ready));
	for (i = 1; i <= NR_SIGNALS; i++) {
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(target->runs) == i);
	}
	WRITE_ONCE(done, 1);
	/* It may sleep, or have this interrupt it just before the WFI */
	while (!READ_ONCE(awake)) {
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		sdei_delay();
	}
	GUEST_DONE();
}

static void guest_sleeper(void)
{
	sdei_setup(NULL);
	WRITE_ONCE(ready, 1);
	while (!READ_ONCE(done))
		wfi();
	WRITE_ONCE(awake, 1);
	GUEST_DONE();
}

static void guest_spinner(void)
{
	sdei_setup(NULL);
	WRITE_ONCE(ready, 1);
	sdei_wait_until(READ_ONCE(done));
	WRITE_ONCE(awake, 1);
	GUEST_DONE();
}

/* The handlers signal as well: there is always one more run until all are made */
static void handle_and_signal_peer(struct sdei_handler *h)
{
	if (h->runs <= NR_SIGNALS)
		GUEST_EXPECT(sdei_signal(!guest_get_vcpuid()), SDEI_SUCCESS);
}

static void guest_mutual(void)
{
	sdei_setup(handle_and_signal_peer);
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	sdei_wait_until(READ_ONCE(ready) == 2);
	GUEST_EXPECT(sdei_signal(!guest_get_vcpuid()), SDEI_SUCCESS);
	sdei_wait_until(READ_ONCE(sdei_handler[0].runs) >= NR_SIGNALS &&
			READ_ONCE(sdei_handler[1].runs) >= NR_SIGNALS);
	GUEST_DONE();
}

/*
 * Each access to a PMU that the vCPU doesn't have is an exception that KVM injects. An
 * event of that very exit interrupts the guest's vector: the exception happened before.
 */
#define NR_UNDEFS		2000
#define EC_UNKNOWN		0

static u64 undefs __sdei_guest, undef_pc __sdei_guest, at_vector __sdei_guest;

static void handle_undef(struct ex_regs *regs)
{
	__GUEST_ASSERT(regs->pc == undef_pc, "an exception at %#lx, not %#lx",
		       (u64)regs->pc, undef_pc);
	regs->pc += 4;
	WRITE_ONCE(undefs, undefs + 1);
}

static void handle_at_vector(struct sdei_handler *h)
{
	if (h->regs.x[2] == read_sysreg(vbar_el1) + 0x200)
		at_vector++;
}

static void guest_undefs(void)
{
	u64 i;

	sdei_setup(handle_at_vector);
	WRITE_ONCE(ready, 1);
	for (i = 1; i <= NR_UNDEFS; i++) {
		asm volatile("adr	x0, 1f\n"
			     "str	x0, [%0]\n"
			     "1:	mrs	x0, pmccntr_el0\n"
			     :: "r"(&undef_pc) : "x0", "memory");
		GUEST_ASSERT_EQ(READ_ONCE(undefs), i);
	}
	WRITE_ONCE(done, 1);
	GUEST_PRINTF("%lu events at the vector, of %lu\n", at_vector,
		     sdei_this_handler()->runs);
	GUEST_DONE();
}

/* As fast as it can, but for the other one to come to its next exception */
static void guest_signal_undefs(void)
{
	u64 seen;

	sdei_wait_until(READ_ONCE(ready));
	while (!READ_ONCE(done)) {
		seen = READ_ONCE(undefs);
		GUEST_EXPECT(sdei_signal(0), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(undefs) != seen || READ_ONCE(done));
	}
	GUEST_DONE();
}

static void host_undefs(struct sdei_vm *v)
{
	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, EC_UNKNOWN, handle_undef);
	sdei_run(v);
}

/*
 * A PE that runs must be kicked: else the event waits for the host's next tick.
 * That can't be told by an absolute time, but an SGI has the same way to go.
 */
#define SGI			3
#define NR_SAMPLES		63
#define MAX_RATIO		3

static u64 sample[2][NR_SAMPLES] __sdei_guest;
static u64 irqs __sdei_guest;

static void handle_irq(struct ex_regs *regs)
{
	gic_set_eoi(gic_get_and_ack_irq());
	WRITE_ONCE(irqs, irqs + 1);
}

static void guest_sgi_target(void)
{
	gic_init(GIC_V3, SDEI_MAX_VCPUS);
	gic_irq_enable(SGI);
	sdei_setup(NULL);
	local_irq_enable();
	WRITE_ONCE(ready, 1);
	sdei_wait_until(READ_ONCE(done));
	GUEST_DONE();
}

/* The lower quartile: what it takes if nothing else gets in the way */
static u64 quartile(u64 *s)
{
	int i, j;
	u64 tmp;

	for (i = 1; i < NR_SAMPLES; i++) {
		for (j = i; j && s[j] < s[j - 1]; j--) {
			tmp = s[j];
			s[j] = s[j - 1];
			s[j - 1] = tmp;
		}
	}
	return s[NR_SAMPLES / 4];
}

static void take_samples(void)
{
	struct sdei_handler *target = &sdei_handler[1];
	u64 start, before;
	int i;

	for (i = 0; i < NR_SAMPLES; i++) {
		before = READ_ONCE(irqs);
		start = read_sysreg(cntvct_el0);
		write_sysreg_s((u64)SGI << 24 | BIT(1), SYS_ICC_SGI1R_EL1);
		isb();
		sdei_wait_until(READ_ONCE(irqs) != before);
		sample[0][i] = read_sysreg(cntvct_el0) - start;

		before = READ_ONCE(target->runs);
		start = read_sysreg(cntvct_el0);
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(target->runs) != before);
		sample[1][i] = read_sysreg(cntvct_el0) - start;
	}
}

static void guest_kick(void)
{
	u64 sgi, event;
	int tries = 10;

	gic_init(GIC_V3, SDEI_MAX_VCPUS);
	sdei_wait_until(READ_ONCE(ready));

	/* On a busy machine either may be the one that has to wait */
	do {
		take_samples();
		sgi = quartile(sample[0]);
		event = quartile(sample[1]);
	} while (event >= MAX_RATIO * sgi && --tries);
	__GUEST_ASSERT(tries, "an SGI takes %lu ticks, an event %lu", sgi, event);
	WRITE_ONCE(done, 1);
	GUEST_DONE();
}

static void host_kick(struct sdei_vm *v)
{
	if (!v->has_gic) {
		ksft_print_msg("no vGICv3\n");
		sdei_exit(KSFT_SKIP);
	}

	vm_install_exception_handler(v->vm, VECTOR_IRQ_CURRENT, handle_irq);
	sdei_run(v);
}

static const struct sdei_test tests[] = {
	{
		.name = "PE_MASK against SIGNAL, 10000 times: no run until PE_UNMASK, none lost",
		.guest = { guest_race, guest_race_signaller },
		.timeout = RACE_TIMEOUT_SEC,
		.data = &(const struct race){
			.close = SDEI_1_0_FN_SDEI_PE_MASK,
			.ret_close = 1,
			.between = SDEI_1_0_FN_SDEI_EVENT_STATUS,
			.ret_between = SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED,
			.open = SDEI_1_0_FN_SDEI_PE_UNMASK,
		},
	}, {
		.name = "DISABLE against SIGNAL, 10000 times: no run until ENABLE, none lost",
		.guest = { guest_race, guest_race_signaller },
		.timeout = RACE_TIMEOUT_SEC,
		.data = &(const struct race){
			.close = SDEI_1_0_FN_SDEI_EVENT_DISABLE,
			.ret_close = SDEI_SUCCESS,
			.between = SDEI_1_0_FN_SDEI_EVENT_STATUS,
			.ret_between = SDEI_EVENT_REGISTERED,
			.open = SDEI_1_0_FN_SDEI_EVENT_ENABLE,
		},
	}, {
		.name = "UNREGISTER against SIGNAL, 10000 times: no run until ENABLE, none lost",
		.guest = { guest_race, guest_race_signaller },
		.timeout = RACE_TIMEOUT_SEC,
		.data = &(const struct race){
			.close = SDEI_1_0_FN_SDEI_EVENT_UNREGISTER,
			.ret_close = SDEI_SUCCESS,
			.between = SDEI_1_0_FN_SDEI_EVENT_REGISTER,
			.ret_between = SDEI_SUCCESS,
			.open = SDEI_1_0_FN_SDEI_EVENT_ENABLE,
			.unregisters = true,
		},
	}, {
		.name = "UNREGISTER against SIGNAL, 500 times: no run after REGISTER, ENABLE",
		.guest = { guest_register_anew, guest_signal_until_refused },
	}, {
		.name = "REGISTER against SIGNAL, 500 times: what is accepted has a run",
		.guest = { guest_register_once_more, guest_signal_until_accepted },
	}, {
		.name = "SIGNAL to a PE that spins, 200 times: 200 runs",
		.guest = { guest_one_by_one, guest_spinner },
	}, {
		.name = "SIGNAL to a PE that sleeps in WFI, 200 times: 200 runs",
		.guest = { guest_one_by_one, guest_sleeper },
	}, {
		.name = "Two PEs whose handlers signal to each other: 200 runs on both",
		.guest = { guest_mutual, guest_mutual },
	}, {
		.name = "SIGNAL against 2000 injected exceptions: no event comes before them",
		.guest = { guest_undefs, guest_signal_undefs },
		.host = host_undefs,
		.own_vm = true,
	}, {
		.name = "SIGNAL to a PE that runs: takes less than 3 times as long as an SGI",
		.guest = { guest_kick, guest_sgi_target },
		.host = host_kick,
		.own_vm = true,
	},
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
