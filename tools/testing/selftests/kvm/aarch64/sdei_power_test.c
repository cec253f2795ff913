// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI events (Arm DEN0054C) of PEs that are powered off and on, suspended and
 * reset, by PSCI calls and by the VMM: a PE comes back masked, with nothing
 * registered, pending or running, and no event powers one on.
 */
#include "sdei.h"

static void run_to_system_event(struct kvm_vcpu *vcpu, u32 type)
{
	sdei_run_to(vcpu, UCALL_NONE);
	TEST_ASSERT_EQ(vcpu->run->system_event.type, type);
}

static void setup_masked_and_pending(void)
{
	sdei_setup(NULL);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	sdei_signal_self();
}

/* This PE must be as after a reset */
static void guest_check_reset(void)
{
	sdei_this_handler()->runs = 0;
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), 0);
	GUEST_EXPECT(sdei(PE_MASK), 0);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_COMPLETE, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_DENIED);
	sdei_setup(NULL);
	sdei_any_call();
	GUEST_ASSERT_EQ(sdei_own_runs(), 0);
	sdei_signal_self();
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
}

/*
 * vCPU 1 powers itself off, or was never on; vCPU 0 signals, sees that this doesn't power
 * it on, and does so. The VMM gives it back what an operating system needs to run.
 */
static void cpu_off(void)
{
	psci(0_2_FN_CPU_OFF);
	GUEST_FAIL("CPU_OFF returned");
}

static void guest_off_enabled(void)
{
	sdei_setup(NULL);
	cpu_off();
}

static void guest_off_pending(void)
{
	setup_masked_and_pending();
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
	/* Aff3-Aff0: PSCI wants all other bits clear */
	u64 affinity = sdei_mpidr[1] & 0xff00ffffff;

	GUEST_EXPECT(sdei_signal(1), SDEI_INVALID_PARAMETERS);
	GUEST_EXPECT(psci(0_2_FN64_AFFINITY_INFO, affinity, 0), PSCI_0_2_AFFINITY_LEVEL_OFF);
	GUEST_EXPECT(psci(0_2_FN64_CPU_ON, affinity, SDEI_USER_PAGE, 0), PSCI_RET_SUCCESS);
}

static void host_off(struct sdei_vm *v)
{
	static const u32 sysregs[] = {
		SYS_SCTLR_EL1, SYS_TCR_EL1, SYS_MAIR_EL1, SYS_TTBR0_EL1, SYS_CPACR_EL1,
		SYS_VBAR_EL1,
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
	for (i = 0; i < ARRAY_SIZE(sysregs); i++) {
		u64 id = KVM_ARM64_SYS_REG(sysregs[i]);

		vcpu_set_reg(vcpu, id, vcpu_get_reg(v->vcpu[0], id));
	}
	vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(SYS_TPIDR_EL1), vcpu->id);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(sp_el1), v->sp[1]);
	sdei_vcpu_enter(vcpu, guest_check_reset);
	sdei_run_to(vcpu, UCALL_DONE);
}

/* CPU_SUSPEND is a WFI to KVM: the state stays, an event ends it */
static void guest_suspended(void)
{
	sdei_setup(NULL);
	while (!sdei_own_runs())
		GUEST_EXPECT(psci(0_2_FN64_CPU_SUSPEND, 0, 0, 0), PSCI_RET_SUCCESS);
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED);
	GUEST_EXPECT(sdei(PE_MASK), 1);
}

static void guest_signal_1(void)
{
	GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
}

static void host_wake(struct sdei_vm *v)
{
	pthread_t thread = sdei_start_vcpu(v->vcpu[1]);

	sdei_wait_until_blocked(v->vcpu[1]);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	kvm_pthread_join(thread, NULL);
}

/* A PE that sleeps masked isn't woken by what is pending, over and over */
static void guest_sleep_masked(void)
{
	setup_masked_and_pending();
	sdei_wfi_until_timer();
	GUEST_ASSERT_EQ(sdei_own_runs(), 0);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
}

/* The VMM resets all vCPUs, wherever they are, since one of them asks for that */
static void guest_masked_and_pending(void)
{
	setup_masked_and_pending();
	GUEST_SYNC(0);
}

static void guest_unmasked(void)
{
	sdei_setup(NULL);
	GUEST_SYNC(0);
}

static void handle_system_reset(struct sdei_handler *h)
{
	/* One more is pending */
	sdei_signal_self();
	psci(0_2_FN_SYSTEM_RESET);
}

static void guest_reset_in_handler(void)
{
	sdei_setup(handle_system_reset);
	sdei_signal_self();
}

static void host_reset(struct sdei_vm *v)
{
	int i;

	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	run_to_system_event(v->vcpu[2], KVM_SYSTEM_EVENT_RESET);
	for (i = 0; i < v->nr_vcpus; i++)
		sdei_vcpu_reset(v, i, guest_check_reset);
	sdei_run_in_turn(v);
}

/* SYSTEM_SUSPEND: the VMM resumes it, with the registers that PSCI asks for */
static void guest_suspend(void)
{
	sdei_setup(NULL);
	psci(1_0_FN64_SYSTEM_SUSPEND, SDEI_USER_PAGE, 0);
	GUEST_FAIL("SYSTEM_SUSPEND returned");
}

static void guest_resumed(void)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED);
	sdei_signal_self();
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
	GUEST_EXPECT(sdei(PE_MASK), 1);
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
	run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_SUSPEND);
	sdei_vcpu_enter(v->vcpu[0], guest_resumed);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* vCPU 1 is suspended by the VMM: an event is a reason to wake up */
static void guest_sync_then_run(void)
{
	sdei_setup(NULL);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
}

static void host_mp_suspended(struct sdei_vm *v)
{
	enable_suspend(v);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_SUSPENDED);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	run_to_system_event(v->vcpu[1], KVM_SYSTEM_EVENT_WAKEUP);
	sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_RUNNABLE);
	sdei_run_to(v->vcpu[1], UCALL_DONE);
}

/*
 * vCPU 1 is stopped, by the VMM or since vCPU 0 resets the system or turns it off; a
 * signal ends its KVM_RUN. It is as it was, and has its event once it can run.
 */
static void guest_signal_and_reset(void)
{
	guest_signal_1();
	psci(0_2_FN_SYSTEM_RESET);
}

static void guest_signal_and_off(void)
{
	guest_signal_1();
	psci(0_2_FN_SYSTEM_OFF);
}

static void host_stopped(struct sdei_vm *v)
{
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	if (v->test->guest[0] == guest_signal_and_reset) {
		run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_RESET);
	} else if (v->test->guest[0] == guest_signal_and_off) {
		run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_SHUTDOWN);
	} else {
		sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_STOPPED);
		sdei_run_to(v->vcpu[0], UCALL_DONE);
	}
	sdei_run_stopped(v->vcpu[1]);
	sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_RUNNABLE);
	sdei_run_to(v->vcpu[1], UCALL_DONE);
}

static const struct sdei_test tests[] = {
	SDEI_TEST("never on, SIGNAL is INVALID_PARAMETERS", host_off, guest_power_on, guest_never),
	SDEI_TEST("enabled, CPU_OFF, CPU_ON, as after a reset", host_off,
		  guest_power_on, guest_off_enabled),
	SDEI_TEST("masked, event pending, CPU_OFF, CPU_ON, no run", host_off,
		  guest_power_on, guest_off_pending),
	SDEI_TEST("in a handler, CPU_OFF, CPU_ON, as after a reset", host_off,
		  guest_power_on, guest_off_in_handler),
	SDEI_TEST("in CPU_SUSPEND, SIGNAL wakes it, one run", host_wake,
		  guest_signal_1, guest_suspended),
	SDEI_TEST("in WFI, masked, a pending event does not wake it", sdei_run, guest_sleep_masked),
	SDEI_TEST("anywhere, KVM_ARM_VCPU_INIT, as after a reset", host_reset,
		  guest_masked_and_pending, guest_unmasked, guest_reset_in_handler),
	SDEI_TEST("SYSTEM_SUSPEND, resumed as it is, all is as before", host_suspend,
		  guest_suspend),
	SDEI_TEST("KVM_MP_STATE_SUSPENDED, SIGNAL wakes it", host_mp_suspended,
		  guest_signal_1, guest_sync_then_run),
	SDEI_TEST("KVM_MP_STATE_STOPPED, no run until it is RUNNABLE", host_stopped,
		  guest_signal_1, guest_sync_then_run),
	SDEI_TEST("SYSTEM_RESET, no run until it is RUNNABLE", host_stopped,
		  guest_signal_and_reset, guest_sync_then_run),
	SDEI_TEST("SYSTEM_OFF, no run until it is RUNNABLE", host_stopped,
		  guest_signal_and_off, guest_sync_then_run),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
