// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI events (Arm DEN0054C) of PEs that are powered off and on, suspended and
 * reset, by PSCI calls and by the VMM: a PE comes back masked, with nothing
 * registered, pending or running, and no event powers one on.
 */
#include "sdei.h"

static u64 affinity(unsigned int vcpu)
{
	/* Aff3-Aff0: PSCI wants all other bits clear */
	return sdei_mpidr[vcpu] & 0xff00ffffffUL;
}

static void cpu_off(void)
{
	psci(0_2_FN_CPU_OFF);
	GUEST_FAIL("CPU_OFF returned");
}

/* This PE must be as good as new */
static void guest_check_reset(void)
{
	struct sdei_handler *h = sdei_this_handler();

	h->runs = 0;
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), 0);
	GUEST_EXPECT(sdei(PE_MASK), 0);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_COMPLETE, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_DENIED);
	sdei_setup(NULL);
	sdei_any_call();
	GUEST_ASSERT_EQ(h->runs, 0);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_DONE();
}

/*
 * vCPU 1 powers itself off, or was never on; vCPU 0 signals, sees that this doesn't power
 * it on, and does so. The VMM gives it back what an operating system needs to run.
 */
static void guest_off_enabled(void)
{
	sdei_setup(NULL);
	cpu_off();
}

static void guest_off_pending(void)
{
	sdei_setup(NULL);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	cpu_off();
}

static void handle_cpu_off(struct sdei_handler *h)
{
	cpu_off();
}

static void guest_off_in_handler(void)
{
	sdei_setup(handle_cpu_off);
	sdei_signal_self();
}

static void guest_never(void)
{
	GUEST_FAIL("Powered on by nobody");
}

static void guest_power_on(void)
{
	GUEST_EXPECT(sdei_signal(1), SDEI_INVALID_PARAMETERS);
	GUEST_EXPECT(psci(0_2_FN64_AFFINITY_INFO, affinity(1), 0), PSCI_0_2_AFFINITY_LEVEL_OFF);
	GUEST_EXPECT(psci(0_2_FN64_CPU_ON, affinity(1), SDEI_USER_PAGE, 0), PSCI_RET_SUCCESS);
	GUEST_DONE();
}

static void host_off(struct sdei_vm *v)
{
	static const u64 ids[] = {
		KVM_ARM64_SYS_REG(SYS_SCTLR_EL1), KVM_ARM64_SYS_REG(SYS_TCR_EL1),
		KVM_ARM64_SYS_REG(SYS_MAIR_EL1), KVM_ARM64_SYS_REG(SYS_TTBR0_EL1),
		KVM_ARM64_SYS_REG(SYS_CPACR_EL1), KVM_ARM64_SYS_REG(SYS_VBAR_EL1),
	};
	struct kvm_vcpu *vcpu = v->vcpu[1];
	int i;

	if (v->test->guest[1] == guest_never)
		sdei_set_mp_state(vcpu, KVM_MP_STATE_STOPPED);
	while (sdei_mp_state(vcpu) != KVM_MP_STATE_STOPPED)
		sdei_run_for_a_while(vcpu);

	sdei_run_to(v->vcpu[0], UCALL_DONE);
	TEST_ASSERT_EQ(sdei_mp_state(vcpu), KVM_MP_STATE_RUNNABLE);
	TEST_ASSERT_EQ(vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.pc)), SDEI_USER_PAGE);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		vcpu_set_reg(vcpu, ids[i], vcpu_get_reg(v->vcpu[0], ids[i]));
	vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(SYS_TPIDR_EL1), vcpu->id);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(sp_el1), v->sp[1]);
	vcpu_arch_set_entry_point(vcpu, guest_check_reset);
	sdei_run_to(vcpu, UCALL_DONE);
}

/* CPU_SUSPEND is a WFI to KVM: the state stays, an event ends it */
static void guest_suspended(void)
{
	struct sdei_handler *h = sdei_this_handler();

	sdei_setup(NULL);
	while (!READ_ONCE(h->runs))
		GUEST_EXPECT(psci(0_2_FN64_CPU_SUSPEND, 0, 0, 0), PSCI_RET_SUCCESS);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_DONE();
}

static void guest_signal_1(void)
{
	GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
	GUEST_DONE();
}

static void host_wake(struct sdei_vm *v)
{
	pthread_t thread = sdei_start_vcpu(v->vcpu[1]);

	sdei_wait_until_blocked(v->vcpu[1]);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	kvm_pthread_join(thread, NULL);
}

/* A PE that sleeps masked isn't woken by what is pending, over and over */
#define MAX_WAKES	20

static void guest_sleep_masked(void)
{
	u64 wakes;

	sdei_setup(NULL);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	wakes = sdei_wfi_until_timer();
	__GUEST_ASSERT(wakes < MAX_WAKES, "it woke %lu times", wakes);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 0);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_DONE();
}

static void host_sleep_masked(struct sdei_vm *v)
{
	sdei_need_gic(v);
	sdei_run(v);
}

/* The VMM resets all vCPUs, wherever they are */
static void guest_masked_pending(void)
{
	sdei_setup(NULL);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_SYNC(0);
}

static void guest_unmasked(void)
{
	sdei_setup(NULL);
	GUEST_SYNC(0);
}

static void handle_sync(struct sdei_handler *h)
{
	/* One more is pending */
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_SYNC(0);
}

static void guest_in_handler(void)
{
	sdei_setup(handle_sync);
	sdei_signal_self();
}

static void reset_and_check(struct sdei_vm *v)
{
	int i;

	for (i = 0; i < v->nr_vcpus; i++)
		sdei_vcpu_reset(v, i, guest_check_reset);
	sdei_run_in_turn(v);
}

static void host_reset(struct sdei_vm *v)
{
	int i;

	for (i = 0; i < v->nr_vcpus; i++)
		sdei_run_to(v->vcpu[i], UCALL_SYNC);
	reset_and_check(v);
}

static void handle_system_reset(struct sdei_handler *h)
{
	psci(0_2_FN_SYSTEM_RESET);
}

static void guest_system_reset(void)
{
	sdei_setup(handle_system_reset);
	sdei_signal_self();
}

static void host_system_reset(struct sdei_vm *v)
{
	sdei_run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_RESET);
	reset_and_check(v);
}

/*
 * SYSTEM_SUSPEND: the VMM resumes it. The state is kept if it just sets the
 * registers that PSCI asks for, and is gone if it resets the vCPU first.
 */
static void guest_suspend(void)
{
	sdei_setup(NULL);
	psci(1_0_FN64_SYSTEM_SUSPEND, SDEI_USER_PAGE, 0);
	GUEST_FAIL("SYSTEM_SUSPEND returned");
}

static void guest_resumed(void)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_DONE();
}

static void enable_suspend(struct sdei_vm *v)
{
	if (!kvm_has_cap(KVM_CAP_ARM_SYSTEM_SUSPEND))
		sdei_skip_test("no KVM_CAP_ARM_SYSTEM_SUSPEND");
	vm_enable_cap(v->vm, KVM_CAP_ARM_SYSTEM_SUSPEND, 0);
}

static void host_suspend(struct sdei_vm *v)
{
	enable_suspend(v);
	sdei_run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_SUSPEND);
	vcpu_arch_set_entry_point(v->vcpu[0], guest_resumed);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

static void host_suspend_reset(struct sdei_vm *v)
{
	enable_suspend(v);
	sdei_run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_SUSPEND);
	reset_and_check(v);
}

/* vCPU 1 is suspended by the VMM: an event is a reason to wake up */
static void guest_sync_then_run(void)
{
	sdei_setup(NULL);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_DONE();
}

static void host_mp_suspended(struct sdei_vm *v)
{
	enable_suspend(v);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_SUSPENDED);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	sdei_run_to_system_event(v->vcpu[1], KVM_SYSTEM_EVENT_WAKEUP);
	sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_RUNNABLE);
	sdei_run_to(v->vcpu[1], UCALL_DONE);
}

/*
 * vCPU 1 is stopped, by the VMM or since vCPU 0 resets the system or turns it off; a
 * signal ends its KVM_RUN. It is as it was, and has its event once it can run.
 */
static void guest_stops(void)
{
	const u32 *fn = sdei_test->data;

	GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
	if (*fn)
		sdei_call(*fn, (const u64[5]) {});
	GUEST_DONE();
}

static void host_stopped(struct sdei_vm *v)
{
	const u32 *fn = v->test->data;

	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	if (*fn) {
		sdei_run_to_system_event(v->vcpu[0], *fn == PSCI_0_2_FN_SYSTEM_OFF ?
					 KVM_SYSTEM_EVENT_SHUTDOWN : KVM_SYSTEM_EVENT_RESET);
	} else {
		sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_STOPPED);
		sdei_run_to(v->vcpu[0], UCALL_DONE);
	}
	sdei_run_stopped(v->vcpu[1]);
	sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_RUNNABLE);
	sdei_run_to(v->vcpu[1], UCALL_DONE);
}

#define OFF(_name, _guest)						\
	{								\
		.name = _name,						\
		.guest = { guest_power_on, _guest },			\
		.host = host_off,					\
	}
#define STOPPED(_name, _fn)						\
	{								\
		.name = _name,						\
		.guest = { guest_stops, guest_sync_then_run },		\
		.host = host_stopped,					\
		.data = &(const u32){ _fn },				\
	}

static const struct sdei_test tests[] = {
	OFF("never on, SIGNAL is INVALID_PARAMETERS", guest_never),
	OFF("enabled, CPU_OFF, CPU_ON, as after a reset", guest_off_enabled),
	OFF("masked, event pending, CPU_OFF, CPU_ON, no run", guest_off_pending),
	OFF("in a handler, CPU_OFF, CPU_ON, as after a reset", guest_off_in_handler),
	{
		.name = "in CPU_SUSPEND, SIGNAL wakes it, one run",
		.guest = { guest_signal_1, guest_suspended },
		.host = host_wake,
	}, {
		.name = "in WFI, masked, a pending event does not wake it",
		.guest = { guest_sleep_masked },
		.host = host_sleep_masked,
	}, {
		.name = "in a handler, SYSTEM_RESET, as after a reset",
		.guest = { guest_system_reset },
		.host = host_system_reset,
	}, {
		.name = "anywhere, KVM_ARM_VCPU_INIT, as after a reset",
		.guest = { guest_masked_pending, guest_unmasked, guest_in_handler },
		.host = host_reset,
	}, {
		.name = "SYSTEM_SUSPEND, resumed as it is, all is as before",
		.guest = { guest_suspend },
		.host = host_suspend,
	}, {
		.name = "SYSTEM_SUSPEND, KVM_ARM_VCPU_INIT, as after a reset",
		.guest = { guest_suspend },
		.host = host_suspend_reset,
	}, {
		.name = "KVM_MP_STATE_SUSPENDED, SIGNAL wakes it",
		.guest = { guest_signal_1, guest_sync_then_run },
		.host = host_mp_suspended,
	},
	STOPPED("KVM_MP_STATE_STOPPED, no run until it is RUNNABLE", 0),
	STOPPED("SYSTEM_OFF, no run until it is RUNNABLE", PSCI_0_2_FN_SYSTEM_OFF),
	STOPPED("SYSTEM_RESET, no run until it is RUNNABLE", PSCI_0_2_FN_SYSTEM_RESET),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
