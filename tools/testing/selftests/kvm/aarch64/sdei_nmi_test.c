// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM's critical SDEI event, the NMI that the VMM raises with KVM_NMI: whatever
 * the guest does, its handler's run is the next thing to come, and it nests in
 * the handler of event 0 (Arm DEN0054C). And vCPUs that can't run: they keep
 * either event.
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

static void guest_dropped(void)
{
	setup_nmi(NULL);
	GUEST_SYNC(SYNC_NMI);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, SDEI_EVENT_NMI), SDEI_SUCCESS);
	setup_nmi(NULL);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	expect_runs(0, 0);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_SYNC(SYNC_NMI);
	GUEST_EXPECT(sdei(PRIVATE_RESET), SDEI_SUCCESS);
	setup_nmi(NULL);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	sdei_delay();
	expect_runs(0, 0);
	GUEST_DONE();
}

static void host_nmi(struct sdei_vm *v)
{
	struct ucall uc;
	u64 cmd = sdei_run_with_nmis(v->vcpu[0], &uc);

	TEST_ASSERT(cmd == UCALL_DONE, "ucall %lu", (unsigned long)cmd);
}

/* The VM goes on elsewhere, with what was pending */
static void guest_restored(void)
{
	setup_nmi(NULL);
	sdei_setup(NULL);
	GUEST_SYNC(0);
	expect_runs(0, 1);
	GUEST_SYNC(0);
	expect_runs(1, 1);
	GUEST_DONE();
}

static void host_restored(struct sdei_vm *v)
{
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	sdei_set_pending(v->vcpu[0], NMI);
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	sdei_set_pending(v->vcpu[0], EV);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/*
 * Another thread raises NMIs and does nothing else, the vCPU's is in KVM_RUN:
 * each has its run before there is the next one, which comes sooner or later.
 */
#define NR_NMIS			40

static void handle_daif(struct sdei_handler *h)
{
	GUEST_ASSERT_EQ(h->regs.x[3] & PSTATE_DAIF, PSTATE_DAIF);
}

static void setup_from_outside(void)
{
	setup_nmi(handle_daif);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	WRITE_ONCE(ready, 1);
}

static void guest_asleep(void)
{
	setup_from_outside();
	while (READ_ONCE(nmi_handler->runs) < NR_NMIS)
		wfi();
	GUEST_DONE();
}

static void guest_busy(void)
{
	setup_from_outside();
	while (READ_ONCE(nmi_handler->runs) < NR_NMIS)
		cpu_relax();
	GUEST_DONE();
}

static void host_from_outside(struct sdei_vm *v)
{
	pthread_t thread = sdei_start_vcpu(v->vcpu[0]);
	u64 i;

	while (!sdei_guest_var(v, ready))
		usleep(10);
	for (i = 0; i < NR_NMIS; i++) {
		usleep(50 * i);
		sdei_raise_nmi(v->vcpu[0]);
		while (sdei_guest_var(v, nmi_handler->runs) == i)
			usleep(10);
		TEST_ASSERT(sdei_guest_var(v, nmi_handler->runs) == i + 1, "two runs");
	}
	pthread_join(thread, NULL);
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

/* It is one vCPU's */
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

/* What KVM_NMI says where it can't */
static void host_cap(struct sdei_vm *v)
{
	TEST_ASSERT(kvm_check_cap(KVM_CAP_USER_NMI) == 1, "/dev/kvm does not have it");
	TEST_ASSERT(vm_check_cap(v->vm, KVM_CAP_USER_NMI) == 1, "the VM does not have it");

#ifdef KVM_VM_TYPE_ARM_PROTECTED
	int kvm_fd = open_kvm_dev_path_or_exit();
	int vm_fd = ioctl(kvm_fd, KVM_CREATE_VM, KVM_VM_TYPE_ARM_PROTECTED);

	if (vm_fd >= 0) {
		int vcpu_fd = ioctl(vm_fd, KVM_CREATE_VCPU, 0);

		TEST_ASSERT(!ioctl(vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_NMI),
			    "a protected VM has it");
		TEST_ASSERT(vcpu_fd < 0 || (ioctl(vcpu_fd, KVM_NMI) == -1 && errno == ENXIO),
			    "KVM_NMI in a protected VM: %s", strerror(errno));
		close(vcpu_fd);
	}
	close(vm_fd);
	close(kvm_fd);
#endif
}

static void host_no_init(struct sdei_vm *unused)
{
	struct kvm_vm *vm = vm_create_barebones();

	sdei_expect_nmi(__vm_vcpu_add(vm, 0), ENOENT);
	kvm_vm_free(vm);
}

static void guest_off(void)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, SDEI_EVENT_NMI), SDEI_NOT_SUPPORTED);
	GUEST_DONE();
}

static void host_off(struct sdei_vm *v)
{
	u64 bmap = sdei_get_reg(v->vcpu[0], KVM_REG_ARM_STD_BMAP);

	sdei_expect_nmi(v->vcpu[0], ENOENT);
	vcpu_set_reg(v->vcpu[0], KVM_REG_ARM_STD_BMAP, bmap & ~BIT(KVM_REG_ARM_STD_BIT_SDEI));
	sdei_expect_nmi(v->vcpu[0], ENXIO);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	sdei_expect_nmi(v->vcpu[0], ENXIO);
}

static void guest_reset(void)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, SDEI_EVENT_NMI), 0);
	setup_nmi(NULL);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	expect_runs(0, 0);
	GUEST_SYNC(0);
	psci(0_2_FN_CPU_OFF);
	GUEST_FAIL("CPU_OFF returned");
}

static u32 mp_state(struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state mp_state;

	vcpu_mp_state_get(vcpu, &mp_state);
	return mp_state.mp_state;
}

static void host_reset(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];

	sdei_run_to(vcpu, UCALL_SYNC);
	sdei_raise_nmi(vcpu);
	sdei_vcpu_reset(v, 0, guest_reset);
	sdei_expect_nmi(vcpu, ENOENT);
	sdei_run_to(vcpu, UCALL_SYNC);
	do
		sdei_run_for_a_while(vcpu);
	while (mp_state(vcpu) != KVM_MP_STATE_STOPPED);
	sdei_expect_nmi(vcpu, ENOENT);
	sdei_vcpu_reset(v, 0, guest_reset);
	sdei_run_to(vcpu, UCALL_SYNC);
}

/*
 * vCPU 0 is stopped, by the VMM or since vCPU 1 resets the system or turns it off;
 * a signal ends its KVM_RUN. It is as it was, and has its event once it can run.
 */
struct stopped {
	unsigned int	event;
	u32		fn;	/* PSCI's, which vCPU 1 calls, or 0 */
};

static void guest_stopped(void)
{
	const struct stopped *stopped = sdei_test->data;
	u64 ev = stopped->event == EV;

	setup_nmi(NULL);
	sdei_setup(NULL);
	GUEST_SYNC(0);
	expect_runs(ev, !ev);
	expect_status(ENABLED, ENABLED);
	expect_runs(ev, !ev);
	GUEST_DONE();
}

static void guest_stops(void)
{
	const struct stopped *stopped = sdei_test->data;

	if (stopped->event == EV)
		GUEST_EXPECT(sdei_signal(0), SDEI_SUCCESS);
	if (stopped->fn)
		sdei_call(stopped->fn, (const u64[5]) {});
	GUEST_DONE();
}

static void host_stopped(struct sdei_vm *v)
{
	const struct stopped *stopped = v->test->data;
	u32 type = stopped->fn == PSCI_0_2_FN_SYSTEM_OFF ? KVM_SYSTEM_EVENT_SHUTDOWN :
							   KVM_SYSTEM_EVENT_RESET;
	u64 state = EVENT_REGISTERED | EVENT_ENABLED | EVENT_PENDING;
	struct kvm_vcpu *vcpu = v->vcpu[0];
	struct ucall uc;
	u64 pc, now;

	sdei_run_to(vcpu, UCALL_SYNC);
	vcpu_run_complete_io(vcpu);
	pc = sdei_get_reg(vcpu, ARM64_CORE_REG(regs.pc));

	if (!stopped->fn)
		sdei_set_mp_state(vcpu, KVM_MP_STATE_STOPPED);
	now = sdei_vcpu_run(v->vcpu[1], &uc);
	TEST_ASSERT(now == (stopped->fn ? UCALL_NONE : UCALL_DONE), "ucall %lu",
		    (unsigned long)now);
	if (stopped->fn)
		TEST_ASSERT_EQ(v->vcpu[1]->run->system_event.type, type);
	if (stopped->event == NMI)
		sdei_raise_nmi(vcpu);

	/* Not ended before it began */
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	do
		sdei_run_for_a_while(vcpu);
	while (vcpu->run->exit_reason != KVM_EXIT_INTR);
	TEST_ASSERT_EQ(mp_state(vcpu), KVM_MP_STATE_STOPPED);
	now = sdei_get_reg(vcpu, ARM64_CORE_REG(regs.pc));
	TEST_ASSERT(now == pc, "PC is %#lx, not %#lx", (unsigned long)now, (unsigned long)pc);
	now = sdei_get_reg(vcpu, KVM_REG_ARM_SDEI_EVENT_STATE(stopped->event));
	TEST_ASSERT(now == state, "EVENT_STATE is %#lx, not %#lx", (unsigned long)now,
		    (unsigned long)state);

	sdei_set_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
	sdei_run_to(vcpu, UCALL_DONE);
}

#define STOPPED(_name, _event, _fn)					\
	{								\
		.name = _name ": no run until it is RUNNABLE, one then", \
		.guest = { guest_stopped, guest_stops },		\
		.host = host_stopped,					\
		.data = &(const struct stopped){ _event, _fn },		\
	}

#define TEST(_name, _guest)						\
	{ .name = _name, .guest = { _guest }, .host = host_nmi }

static const struct sdei_test tests[] = {
	TEST("NMI raised: x0 is 0x40000000, x1 its argument", guest_raised),
	TEST("NMI raised twice: one run", guest_raised_twice),
	TEST("NMI raised, masked: no run until PE_UNMASK, one then", guest_masked),
	TEST("NMI raised, disabled: no run until ENABLE, one then", guest_disabled),
	TEST("NMI raised, not registered: ENOENT, no run", guest_unregistered),
	TEST("NMI raised; UNREGISTER, or PRIVATE_RESET: no run", guest_dropped),
	{
		.name = "NMI raised by another thread in WFI: each has its run",
		.guest = { guest_asleep },
		.host = host_from_outside,
	}, {
		.name = "NMI raised by another thread, DAIF set: each has its run",
		.guest = { guest_busy },
		.host = host_from_outside,
	}, {
		.name = "NMI raised in a loop with DAIF set: it runs there",
		.guest = { guest_spinning },
		.host = host_spinning,
	}, {
		.name = "NMI raised in event 0's handler: nests, two CONTEXTs",
		.guest = { guest_nested },
		.host = host_spinning,
	},
	TEST("SIGNAL(0, self) in the NMI's handler: runs after COMPLETE", guest_signal_in_nmi),
	TEST("NMI raised in its handler: runs again after COMPLETE", guest_nmi_in_nmi),
	TEST("UNREGISTER(0) in an NMI in its handler: PENDING, then 0",
	     guest_unregister_in_nmi),
	TEST("NMI raised, event 0's handler has masked: no run yet", guest_masked_handler),
	TEST("COMPLETE_AND_RESUME in an NMI in event 0's handler", guest_resume_in_nmi),
	TEST("NMI in event 0's handler, event 0 pending: runs after both",
	     guest_pending_below_nmi),
	TEST("PE_UNMASK with both pending: the NMI runs, then event 0", guest_both_at_unmask),
	TEST("COMPLETE of the NMI with both pending: NMI, then event 0",
	     guest_both_at_complete),
	{
		.name = "NMI raised on one of two vCPUs: runs on that one only",
		.guest = { guest_two, guest_two },
		.host = host_two,
	}, {
		.name = "EVENT_STATE written with PENDING: it runs, either event",
		.guest = { guest_restored },
		.host = host_restored,
	}, {
		.name = "KVM_CAP_USER_NMI: 1, of a protected VM 0",
		.host = host_cap,
	}, {
		.name = "No KVM_ARM_VCPU_INIT yet: KVM_NMI is ENOENT",
		.host = host_no_init,
	}, {
		.name = "KVM_ARM_VCPU_INIT, CPU_OFF: KVM_NMI is ENOENT, no run",
		.guest = { guest_reset },
		.host = host_reset,
	}, {
		.name = "STD_BMAP without SDEI: KVM_NMI is ENXIO",
		.guest = { guest_off },
		.host = host_off,
		.own_vm = true,
	},
	STOPPED("STOPPED, NMI", NMI, 0),
	STOPPED("STOPPED, SIGNAL", EV, 0),
	STOPPED("SYSTEM_OFF, NMI", NMI, PSCI_0_2_FN_SYSTEM_OFF),
	STOPPED("SYSTEM_OFF, SIGNAL", EV, PSCI_0_2_FN_SYSTEM_OFF),
	STOPPED("SYSTEM_RESET, NMI", NMI, PSCI_0_2_FN_SYSTEM_RESET),
	STOPPED("SYSTEM_RESET, SIGNAL", EV, PSCI_0_2_FN_SYSTEM_RESET),
};

int main(void)
{
	return sdei_regs_main(tests, ARRAY_SIZE(tests));
}
