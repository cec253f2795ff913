// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI (Arm DEN0054C): the calls, what they return in each state of an event, and
 * when an event that a PE signals to itself or to another one has its run.
 *
 * Most tests are scripts, and run on a PE that calls with HVC and on one that calls
 * with SMC.
 */
#include "sdei_script.h"

#define UNKNOWN			SDEI_EVENT_UNKNOWN
#define KERNEL_VA		0xffff800080000000UL
#define KVM_SDEI_VERSION	0x00010001004b564dL

#define TEST(_name, ...)	TEST_IN_HANDLER(_name, NULL, __VA_ARGS__)
#define TEST_IN_HANDLER(_name, _handler, ...)				\
	SDEI_TEST_BOTH(_name, SCRIPT(_handler, NULL, __VA_ARGS__), guest_script)
/* What the handler calls in its one run, with the event enabled and the PE unmasked */
#define IN_HANDLER(_name, ...)						\
	TEST_IN_HANDLER(_name, STEPS(__VA_ARGS__), REN, UNMASK, SIGNAL, RUNS(1))

struct functions {
	u32	first, last;
};

static void guest_no_functions(void)
{
	const struct functions *f = sdei_test->data;
	const u64 arg[5] = { EV, read_sysreg(mpidr_el1) };
	u64 ret;
	u32 fn;

	for (fn = f->first; fn <= f->last; fn++) {
		ret = sdei_call(fn, arg);
		__GUEST_ASSERT(ret == (u64)SDEI_NOT_SUPPORTED, "%#x: %ld", fn, (s64)ret);
	}
}

static void host_no_sdei(struct sdei_vm *v)
{
	sdei_turn_off(v->vcpu[0]);
	sdei_run_in_turn(v);
}

/* A32, MMU off: make the call that is in r0, with event 0, report the result */
static const u32 aarch32_code[] = {
	0xe3a01000,	/* 1: mov	r1, #0 */
	0xe3a02000,	/*    mov	r2, #0 */
	0xe1400070,	/*    hvc	#0 */
	0xe5840000,	/*    str	r0, [r4] */
	0xeafffffa,	/*    b		1b */
};

static void host_aarch32_el1(struct sdei_vm *unused)
{
	struct kvm_vcpu *vcpu = sdei_add_aarch32_vcpu();
	u32 i, fn, ret;

	vm_userspace_mem_region_add(vcpu->vm, VM_MEM_SRC_ANONYMOUS, SDEI_USER_PAGE, 0,
				    vm_calc_num_guest_pages(vcpu->vm->mode, getpagesize()), 0);
	memcpy(addr_gpa2hva(vcpu->vm, SDEI_USER_PAGE), aarch32_code, sizeof(aarch32_code));
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), SDEI_USER_PAGE);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[4]), SDEI_MMIO_PAGE);

	for (i = 0; i < 0x40; i++) {
		fn = (i < 0x20 ? 0xc4000020 : 0x84000020) + i % 0x20;
		vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[0]), fn);
		vcpu_run(vcpu);
		TEST_ASSERT(vcpu->run->exit_reason == KVM_EXIT_MMIO &&
			    vcpu->run->mmio.phys_addr == SDEI_MMIO_PAGE,
			    "unexpected exit %u", vcpu->run->exit_reason);
		memcpy(&ret, vcpu->run->mmio.data, sizeof(ret));
		TEST_ASSERT(ret == (u32)SDEI_NOT_SUPPORTED, "%#x: %d", fn, (int)ret);
		vcpu_run_complete_io(vcpu);
	}
}

static void guest_register_again(void)
{
	struct sdei_handler *other = &sdei_handler[2];

	other->runs = 0;
	sdei_setup(NULL);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_REGISTER, EV, (u64)sdei_entry2, (u64)other), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
	sdei_signal_self();
	GUEST_ASSERT_EQ(sdei_own_runs(), 0);
	GUEST_ASSERT_EQ(other->runs, 1);
	GUEST_ASSERT_EQ(other->regs.x[1], (u64)other);
	GUEST_ASSERT_EQ(other->regs.x[2], ~0UL);
}

static const u64 complete_status[] = { SDEI_EV_HANDLED, SDEI_EV_FAILED, 2, ~0UL };

static void handle_complete_status(struct sdei_handler *h)
{
	h->exit_arg = complete_status[h->runs - 1];
}

static void guest_complete_status(void)
{
	int i;

	sdei_setup(handle_complete_status);
	for (i = 1; i <= ARRAY_SIZE(complete_status); i++) {
		sdei_signal_self();
		GUEST_ASSERT_EQ(sdei_own_runs(), i);
		GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED);
	}
}

static u64 psci_version;

static void handle_psci(struct sdei_handler *h)
{
	GUEST_EXPECT(psci(0_2_FN_PSCI_VERSION), psci_version);
	GUEST_EXPECT(psci(0_2_FN64_AFFINITY_INFO, read_sysreg(mpidr_el1) & 0xff00ffffff),
		     PSCI_0_2_AFFINITY_LEVEL_ON);
	GUEST_EXPECT(psci(1_0_FN_PSCI_FEATURES, PSCI_0_2_FN_CPU_OFF), PSCI_RET_SUCCESS);
}

static void guest_psci(void)
{
	psci_version = psci(0_2_FN_PSCI_VERSION);
	GUEST_ASSERT_EQ(PSCI_VERSION_MAJOR(psci_version), 1);
	sdei_setup(handle_psci);
	sdei_signal_self();
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
}

/* Two PEs: what one does is nothing to the other */
static int stage;

static void guest_peer_is_unaffected(void)
{
	sdei_wait_until(READ_ONCE(stage) == 1);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), 0);
	GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_DENIED);
	GUEST_EXPECT(sdei(PE_MASK), 0);
	sdei_setup(NULL);
	GUEST_EXPECT(sdei(PRIVATE_RESET), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), 0);
	WRITE_ONCE(stage, 2);
}

static void guest_peer(void)
{
	sdei_setup(NULL);
	WRITE_ONCE(stage, 1);
	sdei_wait_until(READ_ONCE(stage) == 2);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED);
	GUEST_EXPECT(sdei(PE_MASK), 1);
}

/* The MPIDR says which PE it is */
static void guest_selected(void)
{
	sdei_setup(NULL);
	__atomic_fetch_add(&stage, 1, __ATOMIC_SEQ_CST);
	sdei_wait_until(READ_ONCE(stage) == 3);
}

static void guest_select(void)
{
	static const int order[] = { 2, 1, 1, 2, 2, 0, 1, 0, 2, 1 };
	u64 runs[3] = {};
	int i, j;

	sdei_setup(NULL);
	sdei_wait_until(READ_ONCE(stage) == 2);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		GUEST_EXPECT(sdei_signal(order[i]), SDEI_SUCCESS);
		runs[order[i]]++;
		sdei_wait_until(sdei_runs(order[i]) == runs[order[i]]);
		for (j = 0; j < ARRAY_SIZE(runs); j++)
			GUEST_ASSERT_EQ(sdei_runs(j), runs[j]);
	}
	WRITE_ONCE(stage, 3);
}

#define FUNCTIONS(_first, _last)	(&(const struct functions){ _first, _last })
#define NO_FUNCTIONS(_name, ...)					\
	SDEI_TEST_BOTH(_name " are NOT_SUPPORTED", FUNCTIONS(__VA_ARGS__), guest_no_functions)

static const struct sdei_test tests[] = {
	/* What is there */
	TEST("VERSION is 1.1 of vendor 0x4b564d", CALL(KVM_SDEI_VERSION, VERSION)),
	TEST("FEATURES, there are no slots, no relative mode",
	     CALL(0, FEATURES, SDEI_FEATURE_BIND_SLOTS),
	     CALL(0, FEATURES, SDEI_FEATURE_RELATIVE_MODE),
	     CALL(INVALID, FEATURES, 2), CALL(INVALID, FEATURES, 0x10)),
	NO_FUNCTIONS("functions 0xc4000050", 0xc4000050, 0xc4000050),
	NO_FUNCTIONS("functions 0xc4000033 to 0xc400003f", 0xc4000033, 0xc400003f),
	NO_FUNCTIONS("functions of SMC32", 0x84000020, 0x8400003f),
	NO_FUNCTIONS("yielding functions", 0x44000020, 0x4400003f),
	{
		.name = "feature bit cleared, all functions are NOT_SUPPORTED",
		.data = FUNCTIONS(0xc4000020, 0xc400003f), .host = host_no_sdei,
		.guest = { guest_no_functions, guest_no_functions }, .smc = { false, true },
	},
	SDEI_TEST("AArch32 EL1, all functions are NOT_SUPPORTED", host_aarch32_el1),
	TEST_IN_HANDLER("errors are 64 bits wide", STEPS(CALL(-5, EVENT_UNREGISTER, EV)),
			CALL(-2, EVENT_ENABLE, UNKNOWN), CALL(-3, EVENT_ENABLE, EV),
			CALL(-10, INTERRUPT_BIND, 32), REN, UNMASK, SIGNAL, RUNS(1)),

	/* Outside of a handler */
	TEST("after a reset, masked, STATUS is 0", MASK(0), STATUS(0, EV)),
	TEST("no event, all calls are INVALID_PARAMETERS",
	     STATUS(INVALID, UNKNOWN), STATUS(INVALID, 1), STATUS(INVALID, 0x40000001),
	     STATUS(INVALID, 0x80000000), STATUS(INVALID, 0xffffffff),
	     REGISTER(INVALID, UNKNOWN), REGISTER(INVALID, 1), REGISTER(INVALID, 0x80000000),
	     CALL(INVALID, EVENT_ENABLE, UNKNOWN), CALL(INVALID, EVENT_ENABLE, 0x80000000),
	     CALL(INVALID, EVENT_DISABLE, UNKNOWN), CALL(INVALID, EVENT_DISABLE, ~0UL),
	     CALL(INVALID, EVENT_UNREGISTER, UNKNOWN), CALL(INVALID, EVENT_UNREGISTER, 0x80000000),
	     CALL(INVALID, EVENT_GET_INFO, UNKNOWN, SDEI_EVENT_INFO_EV_TYPE),
	     CALL(INVALID, EVENT_ROUTING_SET, UNKNOWN, 0, 0),
	     CALL(INVALID, EVENT_SIGNAL, UNKNOWN, SELF), CALL(INVALID, EVENT_SIGNAL, ~0UL, SELF)),
	TEST("unregistered, ENABLE, DISABLE, UNREGISTER are DENIED",
	     CALL(DENIED, EVENT_ENABLE, EV), CALL(DENIED, EVENT_DISABLE, EV), UNREGISTER(DENIED),
	     STATUS(0, EV)),
	TEST("unregistered, REGISTER with a bad address is INVALID",
	     CALL(INVALID, EVENT_REGISTER, EV, 0, HANDLER),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY + 1, HANDLER),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY + 2, HANDLER),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY + 3, HANDLER),
	     CALL(INVALID, EVENT_REGISTER, EV, KERNEL_VA + 1, HANDLER), STATUS(0, EV)),
	TEST("unregistered, REGISTER with bad flags is INVALID",
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, 2),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, 4),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, 5),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, BIT(32)),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, BIT(63)), STATUS(0, EV)),
	TEST("unregistered, REGISTER with RM_PE, any MPIDR, is SUCCESS",
	     CALL(OK, EVENT_REGISTER, EV, ENTRY, HANDLER, SDEI_EVENT_REGISTER_RM_PE, SELF),
	     UNREGISTER(OK),
	     CALL(OK, EVENT_REGISTER, EV, ENTRY, HANDLER, SDEI_EVENT_REGISTER_RM_PE, ~0UL)),
	TEST("unregistered, REGISTER in the upper half is SUCCESS",
	     CALL(OK, EVENT_REGISTER, EV, KERNEL_VA, ~0UL), STATUS(ST_REGISTERED, EV)),
	TEST("registered, REGISTER is DENIED, at 0 it is INVALID",
	     REGISTER(OK, EV), STATUS(ST_REGISTERED, EV), REGISTER(DENIED, EV),
	     CALL(INVALID, EVENT_REGISTER, EV, 0, HANDLER), STATUS(ST_REGISTERED, EV)),
	TEST("registered, DISABLE, ENABLE are SUCCESS",
	     REGISTER(OK, EV), DISABLE, STATUS(ST_REGISTERED, EV), ENABLE, STATUS(ST_ENABLED, EV)),
	TEST("registered, ENABLE ignores bits 63 to 32 of the event",
	     REGISTER(OK, EV), CALL(OK, EVENT_ENABLE, 0x100000000), STATUS(ST_ENABLED, EV)),
	TEST("registered, UNREGISTER is SUCCESS", REGISTER(OK, EV), UNREGISTER(OK), STATUS(0, EV)),
	TEST("enabled, REGISTER is DENIED, ENABLE, DISABLE SUCCESS",
	     REN, REGISTER(DENIED, EV), STATUS(ST_ENABLED, EV), ENABLE, STATUS(ST_ENABLED, EV),
	     DISABLE, STATUS(ST_REGISTERED, EV)),
	TEST("enabled, UNREGISTER, REGISTER, STATUS is registered",
	     REN, UNREGISTER(OK), STATUS(0, EV), REGISTER(OK, EV), STATUS(ST_REGISTERED, EV)),
	SDEI_TEST("two PEs, what one registers, resets, masks is its own", sdei_run,
		  guest_peer, guest_peer_is_unaffected),
	SDEI_TEST_BOTH("registered anew, the handler has the new entry, argument", NULL,
		       guest_register_again),
	TEST("no handler, CONTEXT is DENIED, of x18 it is INVALID",
	     CALL(DENIED, EVENT_CONTEXT, 0), REGISTER(OK, EV), CALL(DENIED, EVENT_CONTEXT, 0),
	     ENABLE, CALL(DENIED, EVENT_CONTEXT, 17), CALL(INVALID, EVENT_CONTEXT, 18),
	     CALL(INVALID, EVENT_CONTEXT, ~0UL)),
	TEST("no handler, COMPLETE, COMPLETE_AND_RESUME are DENIED",
	     CALL(DENIED, EVENT_COMPLETE, 0), CALL(DENIED, EVENT_COMPLETE_AND_RESUME, 0),
	     CALL(DENIED, EVENT_COMPLETE_AND_RESUME, ENTRY),
	     CALL(DENIED, EVENT_COMPLETE_AND_RESUME, ENTRY + 1),
	     REN, UNMASK, CALL(DENIED, EVENT_COMPLETE, 0)),
	TEST("GET_INFO, private, can be signalled, normal priority",
	     CALL(SDEI_EVENT_TYPE_PRIVATE, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_TYPE),
	     CALL(0, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_SIGNALED),
	     CALL(SDEI_EVENT_PRIORITY_NORMAL, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_PRIORITY),
	     CALL(INVALID, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_ROUTING_MODE),
	     CALL(INVALID, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_ROUTING_AFF),
	     CALL(INVALID, EVENT_GET_INFO, EV, 5), CALL(INVALID, EVENT_GET_INFO, EV, ~0UL), REN,
	     CALL(SDEI_EVENT_TYPE_PRIVATE, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_TYPE),
	     CALL(INVALID, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_ROUTING_MODE),
	     CALL(INVALID, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_ROUTING_AFF)),
	TEST("registered, ROUTING_SET is INVALID_PARAMETERS",
	     REGISTER(OK, EV), CALL(INVALID, EVENT_ROUTING_SET, EV, 0, 0),
	     CALL(INVALID, EVENT_ROUTING_SET, EV, 1, SELF),
	     CALL(INVALID, EVENT_ROUTING_SET, EV, 2, 0), STATUS(ST_REGISTERED, EV)),
	TEST("no slots, INTERRUPT_BIND is OUT_OF_RESOURCE, RELEASE INVALID",
	     CALL(INVALID, INTERRUPT_BIND, 0), CALL(INVALID, INTERRUPT_BIND, 15),
	     CALL(NO_SLOT, INTERRUPT_BIND, 16), CALL(NO_SLOT, INTERRUPT_BIND, 29),
	     CALL(NO_SLOT, INTERRUPT_BIND, 32),
	     CALL(INVALID, INTERRUPT_RELEASE, EV), CALL(INVALID, INTERRUPT_RELEASE, UNKNOWN)),
	TEST("enabled, PRIVATE_RESET is SUCCESS, and once more",
	     REN, CALL(OK, PRIVATE_RESET), STATUS(0, EV), CALL(OK, PRIVATE_RESET)),
	TEST("enabled, SHARED_RESET is SUCCESS, STATUS enabled",
	     REN, CALL(OK, SHARED_RESET), STATUS(ST_ENABLED, EV)),
	TEST("unmasked, PE_MASK is 1, then 0",
	     UNMASK, UNMASK, CALL(OK, PRIVATE_RESET), MASK(1), MASK(0)),

	/* SIGNAL */
	IN_HANDLER("enabled, SIGNAL is SUCCESS, running in one run only",
		   STATUS(ST_ENABLED | ST_RUNNING, EV)),
	IN_HANDLER("in a handler, CONTEXT of x0 is the result of SIGNAL",
		   CALL(OK, EVENT_CONTEXT, 0)),
	TEST("no PE, SIGNAL is INVALID_PARAMETERS",
	     REN, UNMASK, CALL(INVALID, EVENT_SIGNAL, EV, SELF | 8),
	     CALL(INVALID, EVENT_SIGNAL, EV, 0xff), CALL(INVALID, EVENT_SIGNAL, EV, 0xff00),
	     CALL(INVALID, EVENT_SIGNAL, EV, 0xff0000),
	     CALL(INVALID, EVENT_SIGNAL, EV, 0xff00000000), CALL(INVALID, EVENT_SIGNAL, EV, ~0UL)),
	TEST("enabled, SIGNAL with bits that are no affinity, one run",
	     REN, UNMASK, SIGNAL, RUNS(1), CALL(OK, EVENT_SIGNAL, EV, SELF | 0xff000000), RUNS(2)),
	TEST("masked, SIGNAL three times, PE_UNMASK, one run",
	     REN, SIGNAL, SIGNAL, SIGNAL, RUNS(0), UNMASK, RUNS(1), STATUS(ST_ENABLED, EV)),
	TEST_IN_HANDLER("in a handler, SIGNAL three times, one more run",
			STEPS(SIGNAL, SIGNAL, SIGNAL, RUNS(1)),
			REN, UNMASK, SIGNAL, RUNS(2), STATUS(ST_ENABLED, EV)),
	TEST("masked, SIGNAL is SUCCESS, no run",
	     REN, SIGNAL, RUNS(0), UNMASK, RUNS(1), MASK(1), SIGNAL, RUNS(1)),
	TEST("registered, SIGNAL is SUCCESS, no run",
	     REGISTER(OK, EV), UNMASK, SIGNAL, RUNS(0), STATUS(ST_REGISTERED, EV)),
	TEST("unregistered, SIGNAL is INVALID_PARAMETERS, no run",
	     UNMASK, CALL(INVALID, EVENT_SIGNAL, EV, SELF), RUNS(0), REN, RUNS(0)),
	TEST_IN_HANDLER("masked, SIGNAL, PE_UNMASK, one run, x0 is SUCCESS",
			STEPS(CALL(0, EVENT_CONTEXT, 0)), REN, SIGNAL, RUNS(0), UNMASK, RUNS(1)),
	TEST_IN_HANDLER("registered, SIGNAL, ENABLE, one run, x0 is SUCCESS",
			STEPS(CALL(0, EVENT_CONTEXT, 0)),
			REGISTER(OK, EV), UNMASK, SIGNAL, RUNS(0), ENABLE, RUNS(1)),
	TEST("masked, SIGNAL, UNREGISTER, REGISTER, ENABLE, no run",
	     REN, SIGNAL, UNREGISTER(OK), REN, UNMASK, RUNS(0)),
	TEST("masked, SIGNAL, DISABLE, ENABLE, PE_UNMASK, one run",
	     REN, SIGNAL, DISABLE, ENABLE, RUNS(0), UNMASK, RUNS(1)),
	TEST("masked, SIGNAL, DISABLE, PE_UNMASK, no run until ENABLE",
	     REN, SIGNAL, DISABLE, UNMASK, RUNS(0), ENABLE, RUNS(1)),
	TEST("masked, SIGNAL, PRIVATE_RESET, REGISTER, ENABLE, no run",
	     REN, SIGNAL, CALL(OK, PRIVATE_RESET), REN, UNMASK, RUNS(0)),

	/* Inside of the handler */
	IN_HANDLER("in a handler, CONTEXT of x18 is INVALID_PARAMETERS",
		   CALL(INVALID, EVENT_CONTEXT, 18), CALL(INVALID, EVENT_CONTEXT, 0x100),
		   CALL(INVALID, EVENT_CONTEXT, ~0UL)),
	TEST_IN_HANDLER("in a handler, DISABLE, SIGNAL, no run until ENABLE",
			STEPS(DISABLE, STATUS(ST_REGISTERED | ST_RUNNING, EV), SIGNAL),
			REN, UNMASK, SIGNAL, STATUS(ST_REGISTERED, EV), RUNS(1), ENABLE, RUNS(2)),
	IN_HANDLER("in a handler, DISABLE, ENABLE, STATUS has all bits",
		   DISABLE, ENABLE, STATUS(ST_ENABLED | ST_RUNNING, EV)),
	IN_HANDLER("in a handler, REGISTER is DENIED",
		   REGISTER(DENIED, EV), CALL(INVALID, EVENT_ROUTING_SET, EV, 0, 0)),
	IN_HANDLER("in a handler, UNREGISTER is PENDING, STATUS running",
		   UNREGISTER(PENDING), STATUS(ST_RUNNING, EV)),
	IN_HANDLER("in a handler, UNREGISTER is PENDING, others DENIED",
		   UNREGISTER(PENDING), CALL(DENIED, EVENT_ENABLE, EV),
		   CALL(DENIED, EVENT_DISABLE, EV), REGISTER(DENIED, EV),
		   CALL(INVALID, EVENT_SIGNAL, EV, SELF), UNREGISTER(PENDING),
		   STATUS(ST_RUNNING, EV)),
	TEST_IN_HANDLER("in a handler, UNREGISTER, COMPLETE, STATUS is 0",
			STEPS(UNREGISTER(PENDING)), REN, UNMASK, SIGNAL, RUNS(1), STATUS(0, EV),
			UNREGISTER(DENIED), REN, SIGNAL, RUNS(2)),
	TEST_IN_HANDLER("in a handler, SIGNAL, UNREGISTER, COMPLETE, no run",
			STEPS(SIGNAL, UNREGISTER(PENDING)),
			REN, UNMASK, SIGNAL, RUNS(1), STATUS(0, EV), REN, RUNS(1)),
	TEST_IN_HANDLER("in a handler, PE_MASK, SIGNAL, no run until PE_UNMASK",
			STEPS(MASK(1), SIGNAL),
			REN, UNMASK, SIGNAL, RUNS(1), MASK(0), UNMASK, RUNS(2)),
	TEST_IN_HANDLER("in a handler, PE_UNMASK is SUCCESS",
			STEPS(UNMASK, MASK(1), UNMASK, RUNS(1)),
			REN, UNMASK, SIGNAL, RUNS(1), MASK(1)),
	TEST_IN_HANDLER("in a handler, PRIVATE_RESET is DENIED, unregisters",
			STEPS(CALL(DENIED, PRIVATE_RESET), CALL(DENIED, PRIVATE_RESET),
			      STATUS(ST_RUNNING, EV)),
			REN, UNMASK, SIGNAL, RUNS(1), STATUS(0, EV), CALL(OK, PRIVATE_RESET)),
	IN_HANDLER("in a handler, VERSION, GET_INFO and others are as outside",
		   CALL(KVM_SDEI_VERSION, VERSION), CALL(0, FEATURES, 0),
		   CALL(INVALID, FEATURES, 2), CALL(0, EVENT_GET_INFO, EV, 0),
		   CALL(OK, SHARED_RESET), STATUS(ST_ENABLED | ST_RUNNING, EV),
		   CALL(INVALID, INTERRUPT_BIND, 0),
		   CALL(NO_SLOT, INTERRUPT_BIND, 32), CALL(INVALID, INTERRUPT_RELEASE, EV)),
	IN_HANDLER("in a handler, COMPLETE_AND_RESUME, misaligned, is INVALID",
		   CALL(INVALID, EVENT_COMPLETE_AND_RESUME, ENTRY + 1),
		   CALL(INVALID, EVENT_COMPLETE_AND_RESUME, ENTRY + 2),
		   STATUS(ST_ENABLED | ST_RUNNING, EV), CALL(0, EVENT_CONTEXT, 0)),
	SDEI_TEST_BOTH("in a handler, PSCI calls are as outside", NULL, guest_psci),
	SDEI_TEST_BOTH("in a handler, COMPLETE ignores the status", NULL, guest_complete_status),

	SDEI_TEST("three PEs, SIGNAL runs the handler of its target only", sdei_run,
		  guest_select, guest_selected, guest_selected),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
