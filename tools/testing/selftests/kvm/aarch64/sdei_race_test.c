// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI events (Arm DEN0054C) signalled by one PE as fast as it can, while another
 * one masks, disables, unregisters, sleeps, takes exceptions, or signals as well: no
 * handler starts after the call that forbids it has returned, or before an exception
 * that came first, and no signal is lost.
 */
#include "sdei.h"

#define NR_ROUNDS		2000
#define NR_SIGNALS		200
#define NR_UNREGISTERS		500
#define NR_AT_VECTOR		20

static int ready, done;
static u64 signals, runs_before;

/*
 * From the return of the first of three calls up to the last of them no handler may
 * start. The PC that it interrupts tells.
 */
struct race {
	u64	fn[3];
	u64	ret[2];
};

static struct sdei_window window;

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
	u64 seen;
	int i;

	window = (struct sdei_window){ .call = {
		{ race->fn[0], EV },
		{ race->fn[1], EV, (u64)sdei_entry, (u64)sdei_this_handler() },
		{ race->fn[2], EV },
	} };
	sdei_setup(handle_race);
	WRITE_ONCE(ready, 1);
	sdei_wait_until(READ_ONCE(signals) > 10);

	for (i = 0; i < NR_ROUNDS; i++) {
		window.spins = 1 + i % 64;
		sdei_window(&window);
		GUEST_ASSERT_EQ(window.ret[0], race->ret[0]);
		GUEST_ASSERT_EQ(window.ret[1], race->ret[1]);
		GUEST_ASSERT_EQ(window.ret[2], SDEI_SUCCESS);

		/* A signal that begins after the call must have a run */
		if (i % 128 == 0) {
			seen = READ_ONCE(signals);
			sdei_wait_until(READ_ONCE(signals) >= seen + 2);
			seen = READ_ONCE(runs_before);
			sdei_wait_until(sdei_own_runs() > seen);
		}
	}
	WRITE_ONCE(done, 1);
}

static void guest_race_signaller(void)
{
	const struct race *race = sdei_test->data;
	u64 runs, ret;

	sdei_wait_until(READ_ONCE(ready));
	while (!READ_ONCE(done)) {
		runs = sdei_runs(0);
		ret = sdei_signal(0);
		if (ret && race->fn[0] == SDEI_1_0_FN_SDEI_EVENT_UNREGISTER) {
			GUEST_ASSERT_EQ((s64)ret, SDEI_INVALID_PARAMETERS);
			continue;
		}
		GUEST_ASSERT_EQ((s64)ret, SDEI_SUCCESS);
		WRITE_ONCE(runs_before, runs);
		dmb(ish);
		WRITE_ONCE(signals, signals + 1);
	}
}

/*
 * A signal that comes as the event is unregistered is not for the next registration, and
 * not to be seen by a VMM that saves the state.
 */
static void guest_register_anew(void)
{
	int i, j;
	u64 seen;

	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	for (i = 1; i <= NR_UNREGISTERS; i++) {
		sdei_register(EV, sdei_this_handler(), NULL);
		seen = READ_ONCE(signals);
		WRITE_ONCE(ready, i);
		sdei_wait_until(READ_ONCE(signals) != seen);
		for (j = 0; j < i % 64; j++)
			cpu_relax();
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_SUCCESS);
		GUEST_SYNC(0);
		sdei_wait_until(READ_ONCE(done) == i);

		sdei_register(EV, sdei_this_handler(), NULL);
		GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
		GUEST_ASSERT_EQ(sdei_own_runs(), 0);
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_SUCCESS);
	}
}

static void guest_signal_until_refused(void)
{
	u64 ret;
	int i;

	for (i = 1; i <= NR_UNREGISTERS; i++) {
		sdei_wait_until(READ_ONCE(ready) == i);
		while (!(ret = sdei_signal(0)))
			WRITE_ONCE(signals, signals + 1);
		GUEST_ASSERT_EQ((s64)ret, SDEI_INVALID_PARAMETERS);
		WRITE_ONCE(done, i);
	}
}

static void host_register_anew(struct sdei_vm *v)
{
	pthread_t thread = sdei_start_vcpu(v->vcpu[1]);
	int i;

	for (i = 1; i <= NR_UNREGISTERS; i++) {
		sdei_run_to(v->vcpu[0], UCALL_SYNC);
		sdei_expect_reg(v->vcpu[0], SDEI_STATE(EV), 0);
	}
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	kvm_pthread_join(thread, NULL);
}

/* A signal that finds the event registered is for that registration, however new */
static void guest_register_once_more(void)
{
	int i;

	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	for (i = 1; i <= NR_UNREGISTERS; i++) {
		WRITE_ONCE(ready, i);
		sdei_register(EV, sdei_this_handler(), NULL);
		GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(done) == i);
		sdei_wait_until(sdei_own_runs() == i);
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_SUCCESS);
	}
}

static void guest_signal_until_accepted(void)
{
	int i;

	for (i = 1; i <= NR_UNREGISTERS; i++) {
		sdei_wait_until(READ_ONCE(ready) == i);
		sdei_wait_until(!sdei_signal(0));
		WRITE_ONCE(done, i);
	}
}

/* One signal after the other: each has a run of its own, which sees the stores before it */
static u64 message, received;

static void handle_message(struct sdei_handler *h)
{
	received = READ_ONCE(message);
}

static void guest_one_by_one(void)
{
	u64 runs;

	sdei_wait_until(READ_ONCE(ready));
	for (runs = 1; runs <= NR_SIGNALS; runs++) {
		WRITE_ONCE(message, runs);
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(received));
		GUEST_ASSERT_EQ(received, runs);
		GUEST_ASSERT_EQ(sdei_runs(1), runs);
		WRITE_ONCE(received, 0);
	}
	WRITE_ONCE(done, 1);
	/* It may sleep, or have this interrupt it just before the WFI */
	for (; READ_ONCE(done) == 1; runs++) {
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		sdei_wait_until(sdei_runs(1) >= runs || READ_ONCE(done) == 2);
	}
}

static void guest_sleeper(void)
{
	sdei_setup(handle_message);
	WRITE_ONCE(ready, 1);
	while (!READ_ONCE(done))
		wfi();
	WRITE_ONCE(done, 2);
}

static void guest_spinner(void)
{
	sdei_setup(handle_message);
	WRITE_ONCE(ready, 1);
	sdei_wait_until(READ_ONCE(done));
	WRITE_ONCE(done, 2);
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
	sdei_wait_until(sdei_runs(0) >= NR_SIGNALS && sdei_runs(1) >= NR_SIGNALS);
}

/*
 * Each access to a PMU that the vCPU doesn't have is an exception that KVM injects. An event
 * of that same exit interrupts the guest's vector: the exception came first.
 */
static u64 undefs, undef_pc, at_vector;

static void handle_undef(struct ex_regs *regs)
{
	GUEST_ASSERT_EQ(regs->pc, undef_pc);
	regs->pc += 4;
	WRITE_ONCE(undefs, undefs + 1);
}

static void handle_at_vector(struct sdei_handler *h)
{
	if (h->regs.x[2] == (u64)&vectors + 0x200)
		WRITE_ONCE(at_vector, at_vector + 1);
}

static void guest_undefs(void)
{
	sdei_setup(handle_at_vector);
	WRITE_ONCE(ready, 1);
	while (READ_ONCE(at_vector) < NR_AT_VECTOR)
		asm volatile("adr	x0, 1f\n"
			     "str	x0, [%0]\n"
			     "1:	mrs	x0, pmccntr_el0\n"
			     :: "r"(&undef_pc) : "x0", "memory");
	WRITE_ONCE(done, 1);
}

static void guest_signal_undefs(void)
{
	u64 seen;

	sdei_wait_until(READ_ONCE(ready));
	while (!READ_ONCE(done)) {
		seen = READ_ONCE(undefs);
		GUEST_EXPECT(sdei_signal(0), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(undefs) != seen || READ_ONCE(done));
	}
}

static void host_undefs(struct sdei_vm *v)
{
	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_UNKNOWN, handle_undef);
	sdei_run(v);
}

/* Three calls; the last returns SUCCESS */
#define FN(_fn)			SDEI_1_0_FN_SDEI_##_fn
#define WINDOW(_name, _close, _ret_close, _between, _ret_between, _open) \
	SDEI_TEST_DATA(_name, (&(const struct race){			\
		{ FN(_close), FN(_between), FN(_open) }, { _ret_close, _ret_between } \
	}), sdei_run, guest_race, guest_race_signaller)

static const struct sdei_test tests[] = {
	WINDOW("SIGNAL against PE_MASK, no run until PE_UNMASK", PE_MASK, 1,
	       EVENT_STATUS, ST_ENABLED, PE_UNMASK),
	WINDOW("SIGNAL against DISABLE, no run until ENABLE", EVENT_DISABLE, SDEI_SUCCESS,
	       EVENT_STATUS, ST_REGISTERED, EVENT_ENABLE),
	WINDOW("SIGNAL against UNREGISTER, no run until ENABLE", EVENT_UNREGISTER, SDEI_SUCCESS,
	       EVENT_REGISTER, SDEI_SUCCESS, EVENT_ENABLE),
	SDEI_TEST("SIGNAL against UNREGISTER, REGISTER, no run of the old", host_register_anew,
		  guest_register_anew, guest_signal_until_refused),
	SDEI_TEST("SIGNAL against REGISTER, what is accepted has a run", sdei_run,
		  guest_register_once_more, guest_signal_until_accepted),
	SDEI_TEST("SIGNAL to a PE that spins, each has its run", sdei_run,
		  guest_one_by_one, guest_spinner),
	SDEI_TEST("SIGNAL to a PE in WFI, each has its run", sdei_run,
		  guest_one_by_one, guest_sleeper),
	SDEI_TEST("SIGNAL by the handlers of two PEs, to each other", sdei_run,
		  guest_mutual, guest_mutual),
	SDEI_TEST("SIGNAL against injected exceptions, these come first", host_undefs,
		  guest_undefs, guest_signal_undefs),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
