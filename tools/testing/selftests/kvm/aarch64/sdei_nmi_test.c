// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM's critical SDEI event, the NMI that the VMM raises with a register of the
 * vCPU: whatever the guest does, its handler's run is the next thing to come,
 * and it nests in the handler of event 0 (Arm DEN0054C).
 */
#include "sdei_regs.h"

#define ENABLED			(SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED)
#define RUNNING			(ENABLED | SDEI_EVENT_RUNNING)

static int ready __sdei_guest, done __sdei_guest;

/* All tests but one have a single PE, which has two handlers */
#define handler		(&sdei_handler[EV])
#define nmi_handler	(&sdei_handler[NMI])

static void register_nmi(void (*fn)(struct sdei_handler *h))
{
	nmi_handler->fn = fn;
	GUEST_EXPECT(sdei(EVENT_REGISTER, SDEI_EVENT_NMI, (u64)sdei_entry,
			  (u64)nmi_handler), SDEI_SUCCESS);
}

static void setup_nmi(void (*fn)(struct sdei_handler *h))
{
	register_nmi(fn);
	GUEST_EXPECT(sdei(EVENT_ENABLE, SDEI_EVENT_NMI), SDEI_SUCCESS);
}

static void expect_status(u64 ev, u64 nmi)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, SDEI_EVENT_SW_SIGNALED), ev);
	GUEST_EXPECT(sdei(EVENT_STATUS, SDEI_EVENT_NMI), nmi);
}

static void expect_runs(u64 ev, u64 nmi)
{
	GUEST_ASSERT_EQ(READ_ONCE(handler->runs), ev);
	GUEST_ASSERT_EQ(READ_ONCE(nmi_handler->runs), nmi);
}

static void guest_raised(void)
{
	setup_nmi(NULL);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_SYNC(SYNC_NMI);
	expect_runs(0, 1);
	GUEST_ASSERT_EQ(nmi_handler->regs.x[0], SDEI_EVENT_NMI);
	GUEST_ASSERT_EQ(nmi_handler->regs.x[1], (u64)nmi_handler);
	expect_status(0, ENABLED);
	GUEST_DONE();
}

static void guest_raised_twice(void)
{
	setup_nmi(NULL);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_SYNC(SYNC_NMI_TWICE);
	expect_runs(0, 1);
	sdei_delay();
	expect_runs(0, 1);
	GUEST_DONE();
}

static void guest_masked(void)
{
	setup_nmi(NULL);
	GUEST_SYNC(SYNC_NMI);
	GUEST_SYNC(SYNC_NMI);
	sdei_delay();
	expect_runs(0, 0);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	expect_runs(0, 1);
	sdei_delay();
	expect_runs(0, 1);
	GUEST_DONE();
}

static void guest_disabled(void)
{
	register_nmi(NULL);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_SYNC(SYNC_NMI);
	sdei_delay();
	expect_runs(0, 0);
	GUEST_EXPECT(sdei(EVENT_ENABLE, SDEI_EVENT_NMI), SDEI_SUCCESS);
	expect_runs(0, 1);
	GUEST_DONE();
}

static void handle_and_unregister(struct sdei_handler *h)
{
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, SDEI_EVENT_NMI), SDEI_PENDING);
	GUEST_SYNC(SYNC_NMI_REFUSED);
}

static void guest_unregistered(void)
{
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_SYNC(SYNC_NMI_REFUSED);
	setup_nmi(handle_and_unregister);
	sdei_delay();
	expect_runs(0, 0);
	GUEST_SYNC(SYNC_NMI);
	expect_runs(0, 1);
	GUEST_SYNC(SYNC_NMI_REFUSED);
	setup_nmi(NULL);
	sdei_delay();
	expect_runs(0, 1);
	GUEST_DONE();
}

static void host_nmi(struct sdei_vm *v)
{
	struct ucall uc;
	u64 cmd = sdei_run_with_nmis(v->vcpu[0], &uc);

	TEST_ASSERT(cmd == UCALL_DONE, "ucall %lu", (unsigned long)cmd);
}

/* Without a ucall: the VMM takes the vCPU out of KVM_RUN */
static void guest_asleep(void)
{
	setup_nmi(NULL);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	WRITE_ONCE(ready, 1);
	while (!READ_ONCE(nmi_handler->runs))
		wfi();
	expect_runs(0, 1);
	GUEST_DONE();
}

static void host_asleep(struct sdei_vm *v)
{
	do
		sdei_run_for_a_while(v->vcpu[0]);
	while (!sdei_guest_var(v, ready));
	sdei_run_for_a_while(v->vcpu[0]);
	sdei_raise_nmi(v->vcpu[0]);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* In the loop, with DAIF set */
static void check_interrupted_loop(struct sdei_handler *h)
{
	const struct sdei_regs *regs = &h->regs;
	int i;

	__GUEST_ASSERT(regs->x[2] >= (u64)sdei_loop && regs->x[2] <= (u64)sdei_loop_end,
		       "x2: %#lx", regs->x[2]);
	GUEST_ASSERT_EQ(regs->x[3] & (PSTATE_DAIF | PSR_MODE32_BIT | PSR_MODE_MASK),
			PSTATE_DAIF | PSR_MODE_EL1h);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), (u64)&done);
	for (i = 4; i < SDEI_NR_CONTEXT_REGS; i++)
		GUEST_EXPECT(sdei(EVENT_CONTEXT, i), regs->x[i]);
}

static void handle_end_loop(struct sdei_handler *h)
{
	check_interrupted_loop(h);
	WRITE_ONCE(done, 1);
}

static void guest_spinning(void)
{
	setup_nmi(handle_end_loop);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	sdei_loop(&done);
	expect_runs(0, 1);
	GUEST_DONE();
}

static void host_spinning(struct sdei_vm *v)
{
	sdei_run_to_pc(v->vcpu[0], (u64)sdei_loop, (u64)sdei_loop + 4);
	sdei_raise_nmi(v->vcpu[0]);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

static void handle_nest(struct sdei_handler *h)
{
	expect_status(RUNNING, RUNNING);
	expect_runs(1, 1);
	handle_end_loop(h);
}

static void handle_spin(struct sdei_handler *h)
{
	int i;

	sdei_loop(&done);
	expect_status(RUNNING, ENABLED);
	expect_runs(1, 1);
	for (i = 4; i < SDEI_NR_CONTEXT_REGS; i++)
		GUEST_EXPECT(sdei(EVENT_CONTEXT, i), h->regs.x[i]);
}

static void guest_nested(void)
{
	setup_nmi(handle_nest);
	sdei_setup(handle_spin);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	expect_runs(1, 1);
	expect_status(ENABLED, ENABLED);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	GUEST_DONE();
}

/* Event 0 waits for the end of the NMI's handler, a second NMI too */
static void handle_nmi_signal(struct sdei_handler *h)
{
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	sdei_delay();
	expect_runs(0, 1);
	expect_status(ENABLED, RUNNING);
}

static void guest_signal_in_nmi(void)
{
	setup_nmi(handle_nmi_signal);
	sdei_setup(NULL);
	GUEST_SYNC(SYNC_NMI);
	expect_runs(1, 1);
	expect_status(ENABLED, ENABLED);
	GUEST_DONE();
}

static void handle_nmi_again(struct sdei_handler *h)
{
	u64 runs = h->runs;

	if (runs == 1)
		GUEST_SYNC(SYNC_NMI);
	sdei_delay();
	GUEST_ASSERT_EQ(READ_ONCE(h->runs), runs);
}

static void guest_nmi_in_nmi(void)
{
	setup_nmi(handle_nmi_again);
	sdei_setup(NULL);
	GUEST_SYNC(SYNC_NMI);
	expect_runs(0, 2);
	GUEST_DONE();
}

static void handle_nmi_unregister(struct sdei_handler *h)
{
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, SDEI_EVENT_SW_SIGNALED), SDEI_PENDING);
	expect_status(SDEI_EVENT_RUNNING, RUNNING);
}

static void handle_sync_nmi(struct sdei_handler *h)
{
	GUEST_SYNC(SYNC_NMI);
	expect_runs(1, 1);
	expect_status(SDEI_EVENT_RUNNING, ENABLED);
}

static void guest_unregister_in_nmi(void)
{
	setup_nmi(handle_nmi_unregister);
	sdei_setup(handle_sync_nmi);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	expect_runs(1, 1);
	expect_status(0, ENABLED);
	GUEST_DONE();
}

static void handle_masked(struct sdei_handler *h)
{
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_SYNC(SYNC_NMI);
	sdei_delay();
	expect_runs(1, 0);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	expect_runs(1, 1);
}

static void guest_masked_handler(void)
{
	setup_nmi(NULL);
	sdei_setup(handle_masked);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	expect_runs(1, 1);
	GUEST_DONE();
}

static void handle_nmi_resume(struct sdei_handler *h)
{
	sdei_resume_at(h, (u64)sdei_resumed);
}

static void handle_resumed(struct sdei_handler *h)
{
	u64 tpidr = read_sysreg(tpidr_el0);
	u64 tpidrro = read_sysreg(tpidrro_el0);

	GUEST_SYNC(SYNC_NMI);
	expect_runs(1, 1);
	GUEST_ASSERT_EQ(read_sysreg(tpidr_el0), nmi_handler->regs.x[2]);
	GUEST_ASSERT_EQ(read_sysreg(tpidrro_el0), nmi_handler->regs.x[3]);
	GUEST_ASSERT_EQ(nmi_handler->regs.x[3] & (PSTATE_DAIF | PSR_MODE_MASK),
			PSTATE_DAIF | PSR_MODE_EL1h);
	expect_status(RUNNING, ENABLED);
	write_sysreg(tpidr, tpidr_el0);
	write_sysreg(tpidrro, tpidrro_el0);
}

static void guest_resume_in_nmi(void)
{
	setup_nmi(handle_nmi_resume);
	sdei_setup(handle_resumed);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	expect_runs(1, 1);
	expect_status(ENABLED, ENABLED);
	GUEST_DONE();
}

static void handle_signal_then_nmi(struct sdei_handler *h)
{
	if (h->runs == 2)
		return;
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_SYNC(SYNC_NMI);
	sdei_delay();
	expect_runs(1, 1);
}

static void guest_pending_below_nmi(void)
{
	setup_nmi(NULL);
	sdei_setup(handle_signal_then_nmi);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	expect_runs(2, 1);
	GUEST_DONE();
}

/* Both are pending at the same time: the NMI is first */
static void handle_first(struct sdei_handler *h)
{
	GUEST_ASSERT_EQ(handler->runs, 0);
}

static void handle_second(struct sdei_handler *h)
{
	GUEST_ASSERT_EQ(nmi_handler->runs, 1);
}

static void guest_both_at_unmask(void)
{
	setup_nmi(handle_first);
	sdei_setup(handle_second);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_SYNC(SYNC_NMI);
	expect_runs(0, 0);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	expect_runs(1, 1);
	GUEST_DONE();
}

static void handle_raise_both(struct sdei_handler *h)
{
	GUEST_ASSERT_EQ(handler->runs, 0);
	if (h->runs == 1) {
		GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
		GUEST_SYNC(SYNC_NMI);
		expect_runs(0, 1);
	}
}

static void handle_third(struct sdei_handler *h)
{
	GUEST_ASSERT_EQ(nmi_handler->runs, 2);
}

static void guest_both_at_complete(void)
{
	setup_nmi(handle_raise_both);
	sdei_setup(handle_third);
	GUEST_SYNC(SYNC_NMI);
	expect_runs(1, 2);
	GUEST_DONE();
}

/* The register is a vCPU's own */
static void guest_two(void)
{
	sdei_register_nmi();
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, guest_get_vcpuid());
	GUEST_DONE();
}

static void host_two(struct sdei_vm *v)
{
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	sdei_raise_nmi(v->vcpu[1]);
	sdei_run_in_turn(v);
}

#define TEST(_name, _guest)						\
	{ .name = _name, .guest = { _guest }, .host = host_nmi }

static const struct sdei_test tests[] = {
	TEST("PENDING set: the handler runs, x0 is 0x40000000, x1 its argument", guest_raised),
	TEST("PENDING set twice: one run", guest_raised_twice),
	TEST("PENDING set, masked: no run until PE_UNMASK, one then", guest_masked),
	TEST("PENDING set, disabled: no run until ENABLE, one then", guest_disabled),
	TEST("PENDING set, not registered: EINVAL, no run after REGISTER", guest_unregistered),
	{
		.name = "PENDING set, in WFI: it wakes, runs",
		.guest = { guest_asleep },
		.host = host_asleep,
	}, {
		.name = "PENDING set, in a loop with DAIF set: it runs there, the loop goes on",
		.guest = { guest_spinning },
		.host = host_spinning,
	}, {
		.name = "PENDING set, in event 0's handler: it nests, CONTEXT is of each handler",
		.guest = { guest_nested },
		.host = host_spinning,
	},
	TEST("SIGNAL(0, self) in the NMI's handler: runs after COMPLETE", guest_signal_in_nmi),
	TEST("PENDING set in the NMI's handler: runs again after COMPLETE", guest_nmi_in_nmi),
	TEST("UNREGISTER(0) in an NMI in event 0's handler: PENDING, STATUS is 0 at the end",
	     guest_unregister_in_nmi),
	TEST("PENDING set, event 0's handler has masked: no run until PE_UNMASK",
	     guest_masked_handler),
	TEST("COMPLETE_AND_RESUME in an NMI in event 0's handler: ELR_EL1 is there, it goes on",
	     guest_resume_in_nmi),
	TEST("NMI in event 0's handler, event 0 pending: runs after both have completed",
	     guest_pending_below_nmi),
	TEST("PE_UNMASK with both pending: the NMI runs, then event 0", guest_both_at_unmask),
	TEST("COMPLETE of the NMI with both pending: the NMI runs, then event 0",
	     guest_both_at_complete),
	{
		.name = "PENDING set on one of two vCPUs: runs on that one only",
		.guest = { guest_two, guest_two },
		.host = host_two,
	},
};

int main(void)
{
	return sdei_regs_main(tests, ARRAY_SIZE(tests));
}
