// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI (Arm DEN0054C): when an event that a PE signals to itself is delivered,
 * and what the calls of its handler return and do. Each test is run on a PE that
 * calls with HVC and on one that calls with SMC.
 */
#include "sdei_script.h"

static u64 complete_status __sdei_guest;

static void handle_complete_status(struct sdei_handler *h)
{
	h->exit_arg = complete_status;
}

static void guest_complete_status(void)
{
	static const u64 status[] = { SDEI_EV_HANDLED, SDEI_EV_FAILED, 2, ~0UL };
	int i;

	sdei_setup(handle_complete_status);
	for (i = 0; i < ARRAY_SIZE(status); i++) {
		complete_status = status[i];
		GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
		GUEST_ASSERT_EQ(sdei_this_handler()->runs, i + 1);
		GUEST_EXPECT(sdei(EVENT_STATUS, EV), ENABLED);
	}
	GUEST_DONE();
}

static u64 psci_version __sdei_guest;

static void handle_psci(struct sdei_handler *h)
{
	GUEST_EXPECT(psci(0_2_FN_PSCI_VERSION), psci_version);
	GUEST_EXPECT(psci(0_2_FN64_AFFINITY_INFO, read_sysreg(mpidr_el1) & 0xff00ffffff),
		     PSCI_0_2_AFFINITY_LEVEL_ON);
	GUEST_EXPECT(psci(1_0_FN_PSCI_FEATURES, PSCI_0_2_FN_CPU_OFF),
		     PSCI_RET_SUCCESS);
}

static void guest_psci(void)
{
	psci_version = psci(0_2_FN_PSCI_VERSION);
	GUEST_ASSERT(PSCI_VERSION_MAJOR(psci_version) == 1);

	sdei_setup(handle_psci);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_DONE();
}

static const struct sdei_test tests[] = {
	/* SIGNAL */
	TEST_IN_HANDLER("SIGNAL(0, self): SUCCESS, one run, STATUS is running only in it",
			STEPS(STATUS(ENABLED | RUNNING, EV), STATUS(0, NMI)),
			REN(EV), UNMASK, RUNS(0), SIGNAL, RUNS(1), STATUS(ENABLED, EV)),
	TEST_IN_HANDLER("SIGNAL(0, self), CONTEXT(0) in the handler: 0, the result of SIGNAL",
			STEPS(CALL(OK, EVENT_CONTEXT, 0)), REN(EV), UNMASK, SIGNAL, RUNS(1)),
	TEST("SIGNAL(0x40000000), SIGNAL of no event: INVALID_PARAMETERS",
	     REN(EV), REN(NMI), UNMASK, CALL(INVALID, EVENT_SIGNAL, NMI, SELF),
	     CALL(INVALID, EVENT_SIGNAL, UNKNOWN, SELF), CALL(INVALID, EVENT_SIGNAL, ~0UL, SELF)),
	TEST("SIGNAL(0, MPIDR of no PE): INVALID_PARAMETERS",
	     REN(EV), UNMASK, CALL(INVALID, EVENT_SIGNAL, EV, SELF | 8),
	     CALL(INVALID, EVENT_SIGNAL, EV, 0xff), CALL(INVALID, EVENT_SIGNAL, EV, 0xff00),
	     CALL(INVALID, EVENT_SIGNAL, EV, 0xff0000),
	     CALL(INVALID, EVENT_SIGNAL, EV, 0xff00000000), CALL(INVALID, EVENT_SIGNAL, EV, ~0UL)),
	TEST("SIGNAL(0, MPIDR_EL1 with bits that are not affinity): SUCCESS, it runs",
	     REN(EV), UNMASK, SIGNAL, RUNS(1), CALL(OK, EVENT_SIGNAL, EV, SELF | 0xff000000),
	     RUNS(2)),
	TEST("SIGNAL(0, self) three times while masked, PE_UNMASK: SUCCESS, one run",
	     REN(EV), SIGNAL, SIGNAL, SIGNAL, RUNS(0), UNMASK, RUNS(1), STATUS(ENABLED, EV)),
	TEST_IN_HANDLER("SIGNAL(0, self) three times in the handler: SUCCESS, one more run",
			STEPS(SIGNAL, SIGNAL, SIGNAL, RUNS(1)),
			REN(EV), UNMASK, SIGNAL, RUNS(2), STATUS(ENABLED, EV)),
	TEST("SIGNAL(0, self) while masked: SUCCESS, no run while masked",
	     REN(EV), SIGNAL, RUNS(0), UNMASK, RUNS(1), CALL(1, PE_MASK), SIGNAL, RUNS(1)),
	TEST("SIGNAL(0, self) while not enabled: SUCCESS, no run while not enabled",
	     REGISTER(OK, EV), UNMASK, SIGNAL, RUNS(0), STATUS(REGISTERED, EV)),
	TEST("SIGNAL(0, self) while unregistered: INVALID_PARAMETERS",
	     UNMASK, CALL(INVALID, EVENT_SIGNAL, EV, SELF), RUNS(0)),
	TEST("SIGNAL(0, self) while unregistered, REGISTER, ENABLE, PE_UNMASK: no run",
	     CALL(INVALID, EVENT_SIGNAL, EV, SELF), REN(EV), UNMASK, RUNS(0)),
	TEST_IN_HANDLER("SIGNAL(0, self) while masked, PE_UNMASK: it runs, CONTEXT(0) is 0",
			STEPS(CALL(0, EVENT_CONTEXT, 0)), REN(EV), SIGNAL, RUNS(0), UNMASK,
			RUNS(1)),
	TEST_IN_HANDLER("SIGNAL(0, self) while not enabled, ENABLE: it runs, CONTEXT(0) is 0",
			STEPS(CALL(0, EVENT_CONTEXT, 0)), REGISTER(OK, EV), UNMASK, SIGNAL,
			RUNS(0), CALL(OK, EVENT_ENABLE, EV), RUNS(1)),
	TEST("SIGNAL(0, self) while masked, UNREGISTER, REGISTER, ENABLE, PE_UNMASK: no run",
	     REN(EV), SIGNAL, CALL(OK, EVENT_UNREGISTER, EV), REN(EV), UNMASK, RUNS(0)),
	TEST("SIGNAL(0, self) while masked, DISABLE, ENABLE, PE_UNMASK: one run",
	     REN(EV), SIGNAL, CALL(OK, EVENT_DISABLE, EV), CALL(OK, EVENT_ENABLE, EV), RUNS(0),
	     UNMASK, RUNS(1)),
	TEST("SIGNAL(0, self) while masked, DISABLE, PE_UNMASK: no run until ENABLE",
	     REN(EV), SIGNAL, CALL(OK, EVENT_DISABLE, EV), UNMASK, RUNS(0),
	     CALL(OK, EVENT_ENABLE, EV), RUNS(1)),
	TEST("SIGNAL(0, self) while masked, PRIVATE_RESET, REGISTER, ENABLE, PE_UNMASK: no run",
	     REN(EV), SIGNAL, CALL(OK, PRIVATE_RESET), REN(EV), UNMASK, RUNS(0)),

	/* Inside of the handler */
	TEST_IN_HANDLER("STATUS(0) in the handler: registered, enabled, running",
			STEPS(STATUS(ENABLED | RUNNING, EV)), REN(EV), UNMASK, SIGNAL, RUNS(1)),
	TEST_IN_HANDLER("CONTEXT(18), CONTEXT(0x100) in the handler: INVALID_PARAMETERS",
			STEPS(CALL(INVALID, EVENT_CONTEXT, 18), CALL(INVALID, EVENT_CONTEXT, 0x100),
			      CALL(INVALID, EVENT_CONTEXT, ~0UL)),
			REN(EV), UNMASK, SIGNAL, RUNS(1)),
	TEST_IN_HANDLER("DISABLE(0), SIGNAL in the handler: no further run until ENABLE",
			STEPS(CALL(OK, EVENT_DISABLE, EV), STATUS(REGISTERED | RUNNING, EV),
			      SIGNAL),
			REN(EV), UNMASK, SIGNAL, STATUS(REGISTERED, EV), RUNS(1),
			CALL(OK, EVENT_ENABLE, EV), RUNS(2)),
	TEST_IN_HANDLER("DISABLE(0), ENABLE(0) in the handler: SUCCESS, STATUS has all bits",
			STEPS(CALL(OK, EVENT_DISABLE, EV), CALL(OK, EVENT_ENABLE, EV),
			      STATUS(ENABLED | RUNNING, EV)),
			REN(EV), UNMASK, SIGNAL, RUNS(1), STATUS(ENABLED, EV)),
	TEST_IN_HANDLER("REGISTER(0) in the handler: DENIED; ROUTING_SET: INVALID_PARAMETERS",
			STEPS(REGISTER(DENIED, EV), CALL(INVALID, EVENT_ROUTING_SET, EV, 0, 0)),
			REN(EV), UNMASK, SIGNAL, RUNS(1)),
	TEST_IN_HANDLER("UNREGISTER(0) in the handler: PENDING, STATUS is running",
			STEPS(CALL(PENDING, EVENT_UNREGISTER, EV), STATUS(RUNNING, EV)),
			REN(EV), UNMASK, SIGNAL, RUNS(1)),
	TEST_IN_HANDLER("After UNREGISTER in the handler: DENIED, UNREGISTER again: PENDING",
			STEPS(CALL(PENDING, EVENT_UNREGISTER, EV), CALL(DENIED, EVENT_ENABLE, EV),
			      CALL(DENIED, EVENT_DISABLE, EV), REGISTER(DENIED, EV),
			      CALL(INVALID, EVENT_SIGNAL, EV, SELF),
			      CALL(PENDING, EVENT_UNREGISTER, EV), STATUS(RUNNING, EV)),
			REN(EV), UNMASK, SIGNAL, RUNS(1)),
	TEST_IN_HANDLER("UNREGISTER in the handler, COMPLETE: STATUS is 0, REGISTER: SUCCESS",
			STEPS(CALL(PENDING, EVENT_UNREGISTER, EV)),
			REN(EV), UNMASK, SIGNAL, RUNS(1), STATUS(0, EV),
			CALL(DENIED, EVENT_UNREGISTER, EV), REN(EV), SIGNAL, RUNS(2)),
	TEST_IN_HANDLER("SIGNAL, UNREGISTER in the handler, COMPLETE: no further run",
			STEPS(SIGNAL, CALL(PENDING, EVENT_UNREGISTER, EV)),
			REN(EV), UNMASK, SIGNAL, RUNS(1), STATUS(0, EV), REN(EV), RUNS(1)),
	TEST_IN_HANDLER("PE_MASK, SIGNAL in the handler: 1, no further run until PE_UNMASK",
			STEPS(CALL(1, PE_MASK), SIGNAL),
			REN(EV), UNMASK, SIGNAL, RUNS(1), CALL(0, PE_MASK), UNMASK, RUNS(2)),
	TEST_IN_HANDLER("PE_UNMASK in the handler: SUCCESS",
			STEPS(UNMASK, CALL(1, PE_MASK), UNMASK, RUNS(1)),
			REN(EV), UNMASK, SIGNAL, RUNS(1), CALL(1, PE_MASK)),
	TEST_IN_HANDLER("PRIVATE_RESET in the handler: DENIED, unregisters the other event",
			STEPS(CALL(DENIED, PRIVATE_RESET), CALL(DENIED, PRIVATE_RESET),
			      STATUS(0, NMI), STATUS(RUNNING, EV)),
			REN(EV), REN(NMI), UNMASK, SIGNAL, RUNS(1), STATUS(0, EV),
			CALL(OK, PRIVATE_RESET)),
	TEST_IN_HANDLER("SHARED_RESET in the handler: SUCCESS, STATUS does not change",
			STEPS(CALL(OK, SHARED_RESET), STATUS(ENABLED | RUNNING, EV)),
			REN(EV), UNMASK, SIGNAL, RUNS(1), STATUS(ENABLED, EV)),
	TEST_IN_HANDLER("VERSION, FEATURES, GET_INFO, BIND, RELEASE in the handler: as outside",
			STEPS(CALL(KVM_SDEI_VERSION, VERSION), CALL(0, FEATURES, 0),
			      CALL(INVALID, FEATURES, 2), CALL(0, EVENT_GET_INFO, EV, 0),
			      CALL(1, EVENT_GET_INFO, NMI, SDEI_EVENT_INFO_EV_PRIORITY),
			      STATUS(INVALID, UNKNOWN), CALL(INVALID, INTERRUPT_BIND, 0),
			      CALL(SDEI_OUT_OF_RESOURCE, INTERRUPT_BIND, 32),
			      CALL(INVALID, INTERRUPT_RELEASE, EV)),
			REN(EV), UNMASK, SIGNAL, RUNS(1)),
	TEST_IN_HANDLER("REGISTER, ENABLE, UNREGISTER of the other event in the handler: SUCCESS",
			STEPS(REN(NMI), STATUS(ENABLED, NMI), CALL(OK, EVENT_DISABLE, NMI),
			      CALL(OK, EVENT_UNREGISTER, NMI), REGISTER(OK, NMI)),
			REN(EV), UNMASK, SIGNAL, RUNS(1), STATUS(REGISTERED, NMI)),
	TEST_IN_HANDLER("COMPLETE_AND_RESUME(misaligned): INVALID_PARAMETERS, still running",
			STEPS(CALL(INVALID, EVENT_COMPLETE_AND_RESUME, ENTRY + 1),
			      CALL(INVALID, EVENT_COMPLETE_AND_RESUME, ENTRY + 2),
			      STATUS(ENABLED | RUNNING, EV), CALL(0, EVENT_CONTEXT, 0)),
			REN(EV), UNMASK, SIGNAL, RUNS(1), STATUS(ENABLED, EV)),
	{
		.name = "PSCI_VERSION, AFFINITY_INFO, PSCI_FEATURES in the handler: as outside",
		.guest = { guest_psci, guest_psci },
		ON_BOTH,
	}, {
		.name = "COMPLETE(0), COMPLETE(1), COMPLETE(other): all the same",
		.guest = { guest_complete_status, guest_complete_status },
		ON_BOTH,
	},
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
