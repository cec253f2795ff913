// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI (Arm DEN0054C): the calls of one PE outside of a handler, and what they
 * return in each state of an event. Each test is run on a PE that calls with HVC
 * and on one that calls with SMC.
 */
#include "sdei_script.h"

#define KERNEL_VA		0xffff800080000000UL

static void expect_not_supported(u32 first, u32 last)
{
	u64 ret;
	u32 fn;

	for (fn = first; fn <= last; fn++) {
		ret = sdei_call(fn, (const u64[5]) { EV, read_sysreg(mpidr_el1) });
		__GUEST_ASSERT(ret == (u64)SDEI_NOT_SUPPORTED, "%#x: %ld", fn, (s64)ret);
	}
}

static void guest_unused_functions(void)
{
	expect_not_supported(0xc4000033, 0xc400003f);
	GUEST_DONE();
}

static void guest_smc32_functions(void)
{
	expect_not_supported(0x84000020, 0x8400003f);
	GUEST_DONE();
}

static void guest_yielding_functions(void)
{
	expect_not_supported(0x44000020, 0x4400003f);
	GUEST_DONE();
}

static void guest_no_sdei(void)
{
	expect_not_supported(0xc4000020, 0xc400003f);
	GUEST_DONE();
}

static void host_no_sdei(struct sdei_vm *v)
{
	u64 bmap = sdei_get_reg(v->vcpu[0], KVM_REG_ARM_STD_BMAP);

	bmap &= ~BIT(KVM_REG_ARM_STD_BIT_SDEI);
	vcpu_set_reg(v->vcpu[0], KVM_REG_ARM_STD_BMAP, bmap);
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

#define AARCH32_CODE		0x40000000
#define AARCH32_MMIO		0x50000000

static void host_aarch32_el1(struct sdei_vm *unused)
{
	struct kvm_vm *vm = vm_create_barebones();
	struct kvm_vcpu_init init;
	struct kvm_vcpu *vcpu;
	u32 i, fn, ret;

	if (!kvm_has_cap(KVM_CAP_ARM_EL1_32BIT)) {
		ksft_print_msg("no AArch32 EL1\n");
		sdei_exit(KSFT_SKIP);
	}

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, AARCH32_CODE, 0,
				    vm_calc_num_guest_pages(vm->mode, getpagesize()), 0);
	memcpy(addr_gpa2hva(vm, AARCH32_CODE), aarch32_code, sizeof(aarch32_code));

	vcpu = __vm_vcpu_add(vm, 0);
	vm_ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= BIT(KVM_ARM_VCPU_EL1_32BIT) | BIT(KVM_ARM_VCPU_PSCI_0_2);
	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), AARCH32_CODE);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[4]), AARCH32_MMIO);

	for (i = 0; i < 0x40; i++) {
		fn = (i < 0x20 ? 0xc4000020 : 0x84000020) + i % 0x20;
		vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[0]), fn);
		vcpu_run(vcpu);
		TEST_ASSERT(vcpu->run->exit_reason == KVM_EXIT_MMIO &&
			    vcpu->run->mmio.phys_addr == AARCH32_MMIO,
			    "unexpected exit %u", vcpu->run->exit_reason);
		memcpy(&ret, vcpu->run->mmio.data, sizeof(ret));
		TEST_ASSERT(ret == (u32)SDEI_NOT_SUPPORTED, "%#x: %d", fn, (int)ret);
		vcpu_run_complete_io(vcpu);
	}
}

static int stage __sdei_guest;

static void guest_peer_is_unaffected(void)
{
	struct sdei_handler *h = sdei_this_handler();

	sdei_wait_until(READ_ONCE(stage) == 1);
	h->fn = NULL;
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), 0);
	GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_DENIED);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_DENIED);
	GUEST_EXPECT(sdei(PE_MASK), 0);
	sdei_setup(NULL);
	GUEST_EXPECT(sdei(PRIVATE_RESET), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), 0);
	WRITE_ONCE(stage, 2);
	sdei_wait_until(READ_ONCE(stage) == 3);
	GUEST_DONE();
}

static void guest_peer(void)
{
	sdei_setup(NULL);
	WRITE_ONCE(stage, 1);
	sdei_wait_until(READ_ONCE(stage) == 2);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ENABLED);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	WRITE_ONCE(stage, 3);
	GUEST_DONE();
}

static void guest_register_again(void)
{
	struct sdei_handler *h = &sdei_handler[2];

	memset(h, 0, sizeof(*h));
	sdei_register();
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_REGISTER, EV, (u64)sdei_entry2, (u64)h), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 0);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_ASSERT_EQ(h->regs.x[1], (u64)h);
	/* sdei_entry2() does that */
	GUEST_ASSERT_EQ(h->regs.x[2], ~0UL);
	GUEST_DONE();
}

static u64 prng_state __sdei_guest;

static u32 prng(u32 below)
{
	prng_state = prng_state * 6364136223846793005UL + 1442695040888963407UL;
	return (prng_state >> 33) % below;
}

/* What each call may return outside of a handler, whatever its arguments */
static bool may_return(u64 fn, s64 ret)
{
	switch (fn) {
	case SDEI_1_0_FN_SDEI_VERSION:
		return ret == KVM_SDEI_VERSION;
	case SDEI_1_0_FN_SDEI_EVENT_REGISTER:
	case SDEI_1_0_FN_SDEI_EVENT_ENABLE:
	case SDEI_1_0_FN_SDEI_EVENT_DISABLE:
	case SDEI_1_0_FN_SDEI_EVENT_UNREGISTER:
		return ret == OK || ret == INVALID || ret == DENIED;
	case SDEI_1_0_FN_SDEI_EVENT_CONTEXT:
		return ret == INVALID || ret == DENIED;
	case SDEI_1_0_FN_SDEI_EVENT_COMPLETE:
	case SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME:
		return ret == DENIED;
	case SDEI_1_0_FN_SDEI_EVENT_STATUS:
		return ret == 0 || ret == REGISTERED || ret == ENABLED ||
		       ret == INVALID;
	case SDEI_1_0_FN_SDEI_EVENT_GET_INFO:
		return ret == 0 || ret == 1 || ret == INVALID;
	case SDEI_1_0_FN_SDEI_PE_MASK:
		return ret == 0 || ret == 1;
	case SDEI_1_0_FN_SDEI_INTERRUPT_BIND:
		return ret == INVALID || ret == SDEI_OUT_OF_RESOURCE;
	case SDEI_1_0_FN_SDEI_EVENT_SIGNAL:
	case SDEI_1_0_FN_SDEI_FEATURES:
		return ret == OK || ret == INVALID;
	case SDEI_1_0_FN_SDEI_EVENT_ROUTING_SET:
	case SDEI_1_0_FN_SDEI_INTERRUPT_RELEASE:
		return ret == INVALID;
	case SDEI_1_0_FN_SDEI_PE_UNMASK:
	case SDEI_1_0_FN_SDEI_PRIVATE_RESET:
	case SDEI_1_0_FN_SDEI_SHARED_RESET:
		return ret == OK;
	default:
		return ret == SDEI_NOT_SUPPORTED;
	}
}

static void guest_random_calls(void)
{
	static const u64 values[] = {
		0, 0, 1, 2, 3, 4, 18, 0xff, NMI, UNKNOWN, 0x40000001, 0x80000000,
		0xffffffff, 0x100000000, KERNEL_VA, ~0UL, ENTRY + 1,
	};
	u64 fn, ret, arg[5];
	int i, j;

	for (i = 0; i < 5000; i++) {
		fn = SDEI_1_0_FN(prng(0x20));
		for (j = 0; j < ARRAY_SIZE(arg); j++)
			arg[j] = values[prng(ARRAY_SIZE(values))];

		/* See to it that some succeed, so that the handler runs as well */
		if (prng(4))
			arg[0] = EV;

		switch (fn) {
		case SDEI_1_0_FN_SDEI_EVENT_REGISTER:
			arg[1] = ENTRY + !prng(4);
			arg[2] = (u64)sdei_this_handler();
			arg[3] = prng(4) ? 0 : arg[3];
			break;
		case SDEI_1_0_FN_SDEI_EVENT_SIGNAL:
			arg[1] = prng(4) ? read_sysreg(mpidr_el1) : arg[1];
			break;
		case SDEI_1_0_FN_SDEI_EVENT_UNREGISTER:
		case SDEI_1_0_FN_SDEI_PRIVATE_RESET:
			if (prng(8))
				continue;
		}

		ret = sdei_call(fn, arg);
		__GUEST_ASSERT(may_return(fn, ret), "%#lx(%#lx, %#lx, %#lx, %#lx, %#lx): %ld",
			       fn, arg[0], arg[1], arg[2], arg[3], arg[4], (s64)ret);
	}

	GUEST_ASSERT(sdei_this_handler()->runs > 0);
	GUEST_DONE();
}

static const struct sdei_test tests[] = {
	/* What is there */
	TEST("VERSION: 1.1, vendor 0x4b564d", CALL(KVM_SDEI_VERSION, VERSION)),
	TEST("VERSION with bits 63:32 of x0 set: 1.1",
	     RAW_CALL(KVM_SDEI_VERSION, 0xffffffffc4000020)),
	TEST("FEATURES(BIND_SLOTS): 0", CALL(0, FEATURES, SDEI_FEATURE_BIND_SLOTS)),
	TEST("FEATURES(RELATIVE_MODE): 0", CALL(0, FEATURES, SDEI_FEATURE_RELATIVE_MODE)),
	TEST("FEATURES(2), FEATURES(0x10): INVALID_PARAMETERS",
	     CALL(INVALID, FEATURES, 2), CALL(INVALID, FEATURES, 0x10)),
	TEST("Function 0xc4000050: NOT_SUPPORTED",
	     RAW_CALL(SDEI_NOT_SUPPORTED, 0xc4000050)),
	{
		.name = "Functions 0xc4000033 to 0xc400003f: NOT_SUPPORTED",
		.guest = { guest_unused_functions, guest_unused_functions },
		ON_BOTH,
	}, {
		.name = "Functions 0x84000020 to 0x8400003f (SMC32): NOT_SUPPORTED",
		.guest = { guest_smc32_functions, guest_smc32_functions },
		ON_BOTH,
	}, {
		.name = "Functions 0x44000020 to 0x4400003f (yielding): NOT_SUPPORTED",
		.guest = { guest_yielding_functions, guest_yielding_functions },
		ON_BOTH,
	}, {
		.name = "VM with the SDEI feature bit cleared: NOT_SUPPORTED for all functions",
		.guest = { guest_no_sdei, guest_no_sdei },
		.smc = { [1] = true },
		.host = host_no_sdei,
		.own_vm = true,
	}, {
		.name = "vCPU with AArch32 EL1: NOT_SUPPORTED for all functions",
		.guest = { guest_no_sdei },
		.host = host_aarch32_el1,
	},
	TEST_IN_HANDLER("Errors are 64 bits wide: -2, -3, -5 and -10, sign-extended",
			STEPS(CALL(-5, EVENT_UNREGISTER, EV)),
			CALL(-2, EVENT_ENABLE, UNKNOWN), CALL(-3, EVENT_ENABLE, EV),
			CALL(-10, INTERRUPT_BIND, 32), REN(EV), UNMASK, SIGNAL, RUNS(1)),
	TEST("ENABLE(0x100000000): SUCCESS, event 0 is enabled",
	     REGISTER(OK, EV), CALL(OK, EVENT_ENABLE, 0x100000000), STATUS(ENABLED, EV)),

	/* A fresh PE */
	TEST("PE_MASK, first call: 0, masked already", CALL(0, PE_MASK)),
	TEST("STATUS of both events, first call: 0", STATUS(0, EV), STATUS(0, NMI)),
	TEST("STATUS of no event: INVALID_PARAMETERS",
	     STATUS(INVALID, UNKNOWN), STATUS(INVALID, 1), STATUS(INVALID, 0x40000001),
	     STATUS(INVALID, 0x80000000), STATUS(INVALID, 0xffffffff)),

	/* Registration */
	TEST("REGISTER(0): SUCCESS, STATUS is registered",
	     REGISTER(OK, EV), STATUS(REGISTERED, EV), STATUS(0, NMI)),
	TEST("REGISTER(0x40000000): SUCCESS, STATUS is registered",
	     REGISTER(OK, NMI), STATUS(REGISTERED, NMI), STATUS(0, EV)),
	TEST("REGISTER(0) twice: SUCCESS, then DENIED",
	     REGISTER(OK, EV), REGISTER(DENIED, EV), STATUS(REGISTERED, EV)),
	TEST("REGISTER(0) while enabled: DENIED",
	     REN(EV), REGISTER(DENIED, EV), STATUS(ENABLED, EV)),
	TEST("REGISTER of no event: INVALID_PARAMETERS",
	     REGISTER(INVALID, UNKNOWN), REGISTER(INVALID, 1), REGISTER(INVALID, 0x40000001),
	     REGISTER(INVALID, 0x80000000), REGISTER(INVALID, 0xffffffff)),
	TEST("REGISTER(0), entry address 0: INVALID_PARAMETERS, STATUS is 0",
	     CALL(INVALID, EVENT_REGISTER, EV, 0, HANDLER), STATUS(0, EV)),
	TEST("REGISTER(0), unknown flags: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, 4),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, 5),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, BIT(32)),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, BIT(63)), STATUS(0, EV)),
	TEST("REGISTER(0), relative mode: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY, HANDLER, 2), STATUS(0, EV)),
	TEST("REGISTER(0), RM_PE, own MPIDR_EL1: SUCCESS",
	     CALL(OK, EVENT_REGISTER, EV, ENTRY, HANDLER, SDEI_EVENT_REGISTER_RM_PE, SELF)),
	TEST("REGISTER(0), RM_PE, MPIDR of no PE: SUCCESS, affinity ignored",
	     CALL(OK, EVENT_REGISTER, EV, ENTRY, HANDLER, SDEI_EVENT_REGISTER_RM_PE, ~0UL)),
	TEST("REGISTER(0) while registered, entry address 0: INVALID_PARAMETERS",
	     REGISTER(OK, EV), CALL(INVALID, EVENT_REGISTER, EV, 0, HANDLER),
	     STATUS(REGISTERED, EV)),
	TEST("REGISTER(0), misaligned entry address: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY + 1, HANDLER),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY + 2, HANDLER),
	     CALL(INVALID, EVENT_REGISTER, EV, ENTRY + 3, HANDLER),
	     CALL(INVALID, EVENT_REGISTER, EV, KERNEL_VA + 1, HANDLER), STATUS(0, EV)),
	TEST("REGISTER(0), entry address in the upper half: SUCCESS",
	     CALL(OK, EVENT_REGISTER, EV, KERNEL_VA, ~0UL), STATUS(REGISTERED, EV)),
	{
		.name = "REGISTER, ENABLE, PRIVATE_RESET on one PE: nothing changes on another",
		.guest = { guest_peer, guest_peer_is_unaffected },
		.smc = { [1] = true },
	}, {
		.name = "UNREGISTER, REGISTER with another entry and argument: SIGNAL runs that",
		.guest = { guest_register_again, guest_register_again },
		ON_BOTH,
	},

	/* Outside of a handler */
	TEST("ENABLE(0) while unregistered: DENIED",
	     CALL(DENIED, EVENT_ENABLE, EV), CALL(DENIED, EVENT_ENABLE, NMI)),
	TEST("DISABLE(0) while unregistered: DENIED",
	     CALL(DENIED, EVENT_DISABLE, EV), CALL(DENIED, EVENT_DISABLE, NMI)),
	TEST("ENABLE, DISABLE of no event: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_ENABLE, UNKNOWN), CALL(INVALID, EVENT_DISABLE, UNKNOWN),
	     CALL(INVALID, EVENT_ENABLE, 0x80000000), CALL(INVALID, EVENT_DISABLE, ~0UL)),
	TEST("REGISTER(0), ENABLE(0): SUCCESS, STATUS is registered, enabled",
	     REN(EV), STATUS(ENABLED, EV), STATUS(0, NMI)),
	TEST("ENABLE(0) twice: SUCCESS, SUCCESS, STATUS is registered, enabled",
	     REN(EV), CALL(OK, EVENT_ENABLE, EV), STATUS(ENABLED, EV)),
	TEST("DISABLE(0) while not enabled: SUCCESS, STATUS is registered",
	     REGISTER(OK, EV), CALL(OK, EVENT_DISABLE, EV), STATUS(REGISTERED, EV)),
	TEST("DISABLE(0) while enabled: SUCCESS, STATUS is registered",
	     REN(EV), CALL(OK, EVENT_DISABLE, EV), STATUS(REGISTERED, EV)),
	TEST("UNREGISTER(0) while unregistered: DENIED",
	     CALL(DENIED, EVENT_UNREGISTER, EV), CALL(DENIED, EVENT_UNREGISTER, NMI)),
	TEST("UNREGISTER of no event: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_UNREGISTER, UNKNOWN),
	     CALL(INVALID, EVENT_UNREGISTER, 0x80000000)),
	TEST("UNREGISTER(0) while registered: SUCCESS, STATUS is 0",
	     REGISTER(OK, EV), CALL(OK, EVENT_UNREGISTER, EV), STATUS(0, EV)),
	TEST("UNREGISTER(0) while enabled, REGISTER(0): STATUS is registered",
	     REN(EV), CALL(OK, EVENT_UNREGISTER, EV), STATUS(0, EV),
	     REGISTER(OK, EV), STATUS(REGISTERED, EV)),
	TEST("CONTEXT(0) outside of a handler: DENIED",
	     CALL(DENIED, EVENT_CONTEXT, 0), REGISTER(OK, EV), CALL(DENIED, EVENT_CONTEXT, 0),
	     CALL(OK, EVENT_ENABLE, EV), CALL(DENIED, EVENT_CONTEXT, 17)),
	TEST("CONTEXT(18) outside of a handler: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_CONTEXT, 18), CALL(INVALID, EVENT_CONTEXT, ~0UL)),
	TEST("COMPLETE outside of a handler: DENIED",
	     CALL(DENIED, EVENT_COMPLETE, 0), REN(EV), UNMASK, CALL(DENIED, EVENT_COMPLETE, 0)),
	TEST("COMPLETE_AND_RESUME outside of a handler: DENIED",
	     CALL(DENIED, EVENT_COMPLETE_AND_RESUME, 0),
	     CALL(DENIED, EVENT_COMPLETE_AND_RESUME, ENTRY),
	     CALL(DENIED, EVENT_COMPLETE_AND_RESUME, ENTRY + 1)),
	TEST("GET_INFO(EV_TYPE) of both events: private",
	     CALL(SDEI_EVENT_TYPE_PRIVATE, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_TYPE),
	     CALL(SDEI_EVENT_TYPE_PRIVATE, EVENT_GET_INFO, NMI, SDEI_EVENT_INFO_EV_TYPE)),
	TEST("GET_INFO(EV_SIGNALED): 0 for event 0, 1 for event 0x40000000",
	     CALL(0, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_SIGNALED),
	     CALL(1, EVENT_GET_INFO, NMI, SDEI_EVENT_INFO_EV_SIGNALED)),
	TEST("GET_INFO(EV_PRIORITY): normal for event 0, critical for event 0x40000000",
	     CALL(SDEI_EVENT_PRIORITY_NORMAL, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_PRIORITY),
	     CALL(SDEI_EVENT_PRIORITY_CRITICAL, EVENT_GET_INFO, NMI,
		  SDEI_EVENT_INFO_EV_PRIORITY)),
	TEST("GET_INFO of the routing of private events: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_ROUTING_MODE),
	     CALL(INVALID, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_ROUTING_AFF), REN(EV),
	     CALL(INVALID, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_ROUTING_MODE),
	     CALL(INVALID, EVENT_GET_INFO, EV, SDEI_EVENT_INFO_EV_ROUTING_AFF)),
	TEST("GET_INFO of no information, of no event: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_GET_INFO, EV, 5), CALL(INVALID, EVENT_GET_INFO, EV, ~0UL),
	     CALL(INVALID, EVENT_GET_INFO, UNKNOWN, SDEI_EVENT_INFO_EV_TYPE)),
	TEST("ROUTING_SET(0): INVALID_PARAMETERS, private",
	     REGISTER(OK, EV), CALL(INVALID, EVENT_ROUTING_SET, EV, 0, 0),
	     CALL(INVALID, EVENT_ROUTING_SET, EV, 1, SELF), STATUS(REGISTERED, EV)),
	TEST("ROUTING_SET, unknown mode, no event: INVALID_PARAMETERS",
	     CALL(INVALID, EVENT_ROUTING_SET, EV, 2, 0),
	     CALL(INVALID, EVENT_ROUTING_SET, UNKNOWN, 0, 0)),
	TEST("INTERRUPT_BIND of an SGI: INVALID_PARAMETERS",
	     CALL(INVALID, INTERRUPT_BIND, 0), CALL(INVALID, INTERRUPT_BIND, 15)),
	TEST("INTERRUPT_BIND of a PPI, of an SPI: OUT_OF_RESOURCE",
	     CALL(SDEI_OUT_OF_RESOURCE, INTERRUPT_BIND, 16),
	     CALL(SDEI_OUT_OF_RESOURCE, INTERRUPT_BIND, 29),
	     CALL(SDEI_OUT_OF_RESOURCE, INTERRUPT_BIND, 32)),
	TEST("INTERRUPT_RELEASE: INVALID_PARAMETERS, nothing is bound",
	     CALL(INVALID, INTERRUPT_RELEASE, EV), CALL(INVALID, INTERRUPT_RELEASE, NMI),
	     CALL(INVALID, INTERRUPT_RELEASE, UNKNOWN)),
	TEST("PRIVATE_RESET with nothing registered: SUCCESS", CALL(OK, PRIVATE_RESET)),
	TEST("PRIVATE_RESET with both events enabled: SUCCESS, STATUS is 0",
	     REN(EV), REN(NMI), CALL(OK, PRIVATE_RESET), STATUS(0, EV), STATUS(0, NMI)),
	TEST("PE_UNMASK, PRIVATE_RESET, PE_MASK: 1, was not masked",
	     UNMASK, CALL(OK, PRIVATE_RESET), CALL(1, PE_MASK)),
	TEST("SHARED_RESET: SUCCESS, STATUS of private events does not change",
	     REN(EV), REGISTER(OK, NMI), CALL(OK, SHARED_RESET), STATUS(ENABLED, EV),
	     STATUS(REGISTERED, NMI)),
	TEST("PE_UNMASK twice: SUCCESS, SUCCESS", UNMASK, UNMASK),
	TEST("PE_UNMASK, PE_MASK, PE_MASK: 1, then 0",
	     UNMASK, CALL(1, PE_MASK), CALL(0, PE_MASK)),
	{
		.name = "5000 random calls: what DEN0054C has for each of them",
		.guest = { guest_random_calls, guest_random_calls },
		ON_BOTH,
	},
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
