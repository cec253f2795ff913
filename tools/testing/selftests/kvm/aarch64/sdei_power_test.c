// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI events (Arm DEN0054C) of PEs that are powered off and on, suspended and
 * reset, by PSCI calls and by the VMM: a PE comes back masked, with nothing
 * registered, pending or running, and no event powers one on.
 */
#include "sdei.h"

#define EV			SDEI_EVENT_SW_SIGNALED
#define ENABLED			(SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED)

#define BOOT_SLOT		2
#define NR_POWER_CYCLES		50

static u64 boot_stack[SDEI_MAX_VCPUS][1024] __sdei_guest __aligned(16);
static int stage __sdei_guest, done __sdei_guest;

static u64 affinity(unsigned int vcpu)
{
	/* Aff3-Aff0: PSCI wants all other bits clear */
	return sdei_mpidr[vcpu] & 0xff00ffffffUL;
}

static void cpu_on(unsigned int vcpu, void (*entry)(void))
{
	struct sdei_boot *boot = (void *)SDEI_BOOT_PAGE + SDEI_BOOT_OFFSET;
	u64 addr;

	boot->mair = read_sysreg(mair_el1);
	boot->tcr = read_sysreg(tcr_el1);
	boot->ttbr0 = read_sysreg(ttbr0_el1);
	boot->cpacr = read_sysreg(cpacr_el1);
	boot->vbar = read_sysreg(vbar_el1);
	boot->tpidr = vcpu;
	boot->sp = (u64)boot_stack[vcpu] + sizeof(boot_stack[vcpu]);
	boot->entry = (u64)entry;
	boot->sctlr = read_sysreg(sctlr_el1);

	/* It is read with the MMU off, as is the code */
	for (addr = SDEI_BOOT_PAGE; addr < SDEI_BOOT_PAGE + 0x1000; addr += 16)
		asm volatile("dc civac, %0" : : "r"(addr) : "memory");
	dsb(sy);

	GUEST_EXPECT(psci(0_2_FN64_CPU_ON, affinity(vcpu), SDEI_BOOT_PAGE,
			  (u64)boot), PSCI_RET_SUCCESS);
}

static u64 affinity_info(unsigned int vcpu)
{
	return psci(0_2_FN64_AFFINITY_INFO, affinity(vcpu), 0);
}

static void wait_for_cpu_off(unsigned int vcpu)
{
	while (affinity_info(vcpu) != PSCI_0_2_AFFINITY_LEVEL_OFF)
		cpu_relax();
}

static void cpu_off(void)
{
	psci(0_2_FN_CPU_OFF);
	GUEST_FAIL("CPU_OFF returned");
}

/* This PE must be as good as new */
static void check_reset(void)
{
	struct sdei_handler *h = sdei_this_handler();

	h->runs = 0;
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), 0);
	GUEST_EXPECT(sdei(EVENT_STATUS, SDEI_EVENT_NMI), 0);
	GUEST_EXPECT(sdei(PE_MASK), 0);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_COMPLETE, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_DENIED);
	sdei_setup(NULL);
	sdei_delay();
	GUEST_ASSERT_EQ(h->runs, 0);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(h->runs, 1);
}

static void guest_check_reset(void)
{
	check_reset();
	WRITE_ONCE(done, 1);
	GUEST_DONE();
}

static void guest_never(void)
{
	GUEST_FAIL("Powered on by nobody");
}

/*
 * vCPU 1 is off, or powers itself off in one of its functions below; vCPU 0
 * signals, sees that this doesn't power it on, and has it check its state.
 */
static void signal_off_and_power_on(void)
{
	GUEST_EXPECT(sdei_signal(1), SDEI_INVALID_PARAMETERS);
	sdei_delay();
	GUEST_EXPECT(affinity_info(1), PSCI_0_2_AFFINITY_LEVEL_OFF);
	cpu_on(1, guest_check_reset);
	sdei_wait_until(READ_ONCE(done));
	GUEST_ASSERT_EQ(READ_ONCE(sdei_handler[1].runs), 1);
}

static void guest_signal_off(void)
{
	signal_off_and_power_on();
	GUEST_DONE();
}

static void power_on_off(void (*entry)(void))
{
	cpu_on(1, entry);
	wait_for_cpu_off(1);
	GUEST_ASSERT_EQ(READ_ONCE(stage), 1);
	signal_off_and_power_on();
	GUEST_DONE();
}

static void cpu_off_enabled(void)
{
	sdei_setup(NULL);
	sdei_register_nmi();
	WRITE_ONCE(stage, 1);
	cpu_off();
}

static void guest_off_enabled(void)
{
	power_on_off(cpu_off_enabled);
}

static void cpu_off_pending(void)
{
	sdei_setup(NULL);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	WRITE_ONCE(stage, 1);
	cpu_off();
}

static void guest_off_pending(void)
{
	power_on_off(cpu_off_pending);
}

static void handle_cpu_off(struct sdei_handler *h)
{
	WRITE_ONCE(stage, 1);
	cpu_off();
}

static void cpu_off_in_handler(void)
{
	sdei_setup(handle_cpu_off);
	sdei_signal_self();
	GUEST_FAIL("CPU_OFF returned");
}

static void guest_off_in_handler(void)
{
	power_on_off(cpu_off_in_handler);
}

/* vCPU 1 goes off and on, while vCPU 2 signals to it */
static void power_cycle(void)
{
	GUEST_EXPECT(sdei(PE_MASK), 0);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), 0);
	sdei_setup(NULL);
	WRITE_ONCE(stage, stage + 1);
	cpu_off();
}

static void guest_power_cycles(void)
{
	int i;

	for (i = 0; i < NR_POWER_CYCLES; i++) {
		cpu_on(1, power_cycle);
		wait_for_cpu_off(1);
		GUEST_ASSERT_EQ(READ_ONCE(stage), i + 1);
	}
	WRITE_ONCE(done, 1);
	sdei_wait_until(READ_ONCE(done) == 2);
	/* For vCPU 1's thread to end */
	cpu_on(1, guest_check_reset);
	GUEST_DONE();
}

static void guest_signal_power_cycles(void)
{
	u64 ret;

	while (!READ_ONCE(done)) {
		ret = sdei_signal(1);
		GUEST_ASSERT(!ret || ret == (u64)SDEI_INVALID_PARAMETERS);
	}
	WRITE_ONCE(done, 2);
	GUEST_DONE();
}

static void host_power(struct sdei_vm *v)
{
	if (!v->boot_page) {
		v->boot_page = sdei_map_page(v, SDEI_BOOT_PAGE, BOOT_SLOT);
		memcpy(v->boot_page, sdei_boot_code, sdei_boot_code_end - sdei_boot_code);
	}
	sdei_set_mp_state(v->vcpu[1], KVM_MP_STATE_STOPPED);
	sdei_run(v);
}

/* CPU_SUSPEND is a WFI to KVM: the state stays, an event ends it */
static void guest_suspended(void)
{
	struct sdei_handler *h = sdei_this_handler();

	sdei_setup(NULL);
	WRITE_ONCE(stage, 1);
	while (!READ_ONCE(h->runs))
		GUEST_EXPECT(psci(0_2_FN64_CPU_SUSPEND, 0, 0, 0), PSCI_RET_SUCCESS);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ENABLED);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_DONE();
}

static void guest_wake(void)
{
	sdei_wait_until(READ_ONCE(stage) == 1);
	sdei_delay();
	GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
	GUEST_DONE();
}

/* A PE that sleeps masked isn't woken. It is left asleep. */
static void guest_sleep_masked(void)
{
	sdei_setup(NULL);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	WRITE_ONCE(stage, 1);
	wfi();
	WRITE_ONCE(stage, 2);
	for (;;)
		cpu_relax();
}

static void guest_dont_wake(void)
{
	int i;

	sdei_wait_until(READ_ONCE(stage) == 1);
	sdei_delay();
	GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
	/* One that is woken may take longer to be seen on a busy host */
	for (i = 0; i < 20; i++)
		sdei_delay();
	GUEST_ASSERT_EQ(READ_ONCE(stage), 1);
	GUEST_ASSERT_EQ(READ_ONCE(sdei_handler[1].runs), 0);
	GUEST_DONE();
}

/* PSCI 0.1, for vCPUs without PSCI 0.2: its numbers are of no owner that SMCCC has */
static void guest_psci_0_1(void)
{
	const u64 on[5] = { ~0UL, (u64)guest_psci_0_1 };

	GUEST_EXPECT(sdei_call_hvc(KVM_PSCI_FN_CPU_ON, on), PSCI_RET_INVALID_PARAMS);
	GUEST_EXPECT(sdei_call_smc(KVM_PSCI_FN_CPU_ON, on), PSCI_RET_INVALID_PARAMS);
	GUEST_EXPECT(sdei_call_hvc(SDEI_1_0_FN_SDEI_PE_MASK, on), 0);
	GUEST_DONE();
}

static void host_psci_0_1(struct sdei_vm *unused)
{
	struct kvm_vm *vm = vm_create(1);
	struct kvm_vcpu_init init;
	struct kvm_vcpu *vcpu;

	vm_ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
	vcpu = aarch64_vcpu_add(vm, 0, &init, guest_psci_0_1);
	if (kvm_arch_vm_finalize_vcpus)
		kvm_arch_vm_finalize_vcpus(vm);
	sdei_run_to(vcpu, UCALL_DONE);
}

static void host_run_first(struct sdei_vm *v)
{
	sdei_start_vcpu(v->vcpu[1]);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

static void run_to_system_event(struct kvm_vcpu *vcpu, u32 type)
{
	struct ucall uc;

	TEST_ASSERT(sdei_vcpu_run(vcpu, &uc) == UCALL_NONE &&
		    vcpu->run->system_event.type == type,
		    "exit %u, system event %u, not %u", vcpu->run->exit_reason,
		    vcpu->run->system_event.type, type);
}

/* The VMM resets all vCPUs, wherever they are */
static void guest_masked_pending(void)
{
	sdei_setup(NULL);
	sdei_register_nmi();
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

	for (i = 0; i < SDEI_MAX_VCPUS; i++) {
		if (v->test->guest[i])
			sdei_vcpu_reset(v, i, guest_check_reset);
	}
	sdei_run_in_turn(v);
}

static void host_reset(struct sdei_vm *v)
{
	int i;

	for (i = 0; i < SDEI_MAX_VCPUS; i++)
		sdei_run_to(v->vcpu[i], UCALL_SYNC);
	reset_and_check(v);
}

/* PSCI's system calls, from inside of a handler */
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
	run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_RESET);
	reset_and_check(v);
}

static void handle_system_off(struct sdei_handler *h)
{
	psci(0_2_FN_SYSTEM_OFF);
}

static void guest_system_off(void)
{
	sdei_setup(handle_system_off);
	sdei_signal_self();
}

static void host_system_off(struct sdei_vm *v)
{
	run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_SHUTDOWN);
	reset_and_check(v);
}

/*
 * SYSTEM_SUSPEND: the VMM resumes it. The state is kept if it just sets the
 * registers that PSCI asks for, and is gone if it resets the vCPU first.
 */
static void guest_suspend(void)
{
	sdei_setup(NULL);
	psci(1_0_FN64_SYSTEM_SUSPEND, SDEI_BOOT_PAGE, 0);
	GUEST_FAIL("SYSTEM_SUSPEND returned");
}

static void guest_resumed(void)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ENABLED);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_DONE();
}

static void enable_suspend(struct sdei_vm *v)
{
	if (!kvm_has_cap(KVM_CAP_ARM_SYSTEM_SUSPEND)) {
		ksft_print_msg("no KVM_CAP_ARM_SYSTEM_SUSPEND\n");
		sdei_exit(KSFT_SKIP);
	}
	vm_enable_cap(v->vm, KVM_CAP_ARM_SYSTEM_SUSPEND, 0);
}

static void host_suspend(struct sdei_vm *v)
{
	enable_suspend(v);
	run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_SUSPEND);
	vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc), (u64)guest_resumed);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

static void host_suspend_reset(struct sdei_vm *v)
{
	enable_suspend(v);
	run_to_system_event(v->vcpu[0], KVM_SYSTEM_EVENT_SUSPEND);
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

static void guest_signal_suspended(void)
{
	GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
	GUEST_DONE();
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

static const struct sdei_test tests[] = {
	{
		.name = "SIGNAL to a PE never on: INVALID_PARAMETERS, no run after CPU_ON",
		.guest = { guest_signal_off, guest_never },
		.host = host_power,
	}, {
		.name = "CPU_OFF with events registered, CPU_ON: STATUS is 0, PE_MASK is 0",
		.guest = { guest_off_enabled, guest_never },
		.host = host_power,
	}, {
		.name = "CPU_OFF masked with event 0 pending, CPU_ON: no run after PE_UNMASK",
		.guest = { guest_off_pending, guest_never },
		.host = host_power,
	}, {
		.name = "CPU_OFF in the handler, CPU_ON: COMPLETE is DENIED, STATUS is 0",
		.guest = { guest_off_in_handler, guest_never },
		.host = host_power,
	}, {
		.name = "CPU_OFF, CPU_ON against SIGNAL, 50 times: STATUS is 0, PE_MASK is 0",
		.guest = { guest_power_cycles, guest_never, guest_signal_power_cycles },
		.host = host_power,
	}, {
		.name = "SIGNAL to a PE in CPU_SUSPEND: it runs, CPU_SUSPEND returns SUCCESS",
		.guest = { guest_wake, guest_suspended },
	}, {
		.name = "SYSTEM_RESET in the handler: done; then STATUS is 0, PE_MASK is 0",
		.guest = { guest_system_reset },
		.host = host_system_reset,
	}, {
		.name = "SYSTEM_OFF in the handler: done; then STATUS is 0, PE_MASK is 0",
		.guest = { guest_system_off },
		.host = host_system_off,
	}, {
		.name = "KVM_ARM_VCPU_INIT of all vCPUs: STATUS is 0, PE_MASK is 0, no run",
		.guest = { guest_masked_pending, guest_unmasked, guest_in_handler },
		.host = host_reset,
	}, {
		.name = "SIGNAL to a masked PE in WFI: it does not wake",
		.guest = { guest_dont_wake, guest_sleep_masked },
		.host = host_run_first,
		.own_vm = true,
	}, {
		.name = "SYSTEM_SUSPEND, resumed without a reset: STATUS and PE_MASK as before",
		.guest = { guest_suspend },
		.host = host_suspend,
		.own_vm = true,
	}, {
		.name = "SYSTEM_SUSPEND, resumed with KVM_ARM_VCPU_INIT: STATUS is 0, PE_MASK is 0",
		.guest = { guest_suspend },
		.host = host_suspend_reset,
		.own_vm = true,
	}, {
		.name = "SIGNAL to a vCPU in KVM_MP_STATE_SUSPENDED: KVM_SYSTEM_EVENT_WAKEUP",
		.guest = { guest_signal_suspended, guest_sync_then_run },
		.host = host_mp_suspended,
		.own_vm = true,
	}, {
		.name = "vCPU without PSCI 0.2: PSCI 0.1 is called by its numbers, SDEI by its own",
		.host = host_psci_0_1,
		.own_vm = true,
	},
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
