// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the reference model of SDEI (sdei_model.h), for the machine that
 * builds: what the model says of the cases that the specification is clear about.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef int64_t s64;

#define BIT_ULL(n)	(1ULL << (n))

#include "sdei_model_calls.h"
#include "sdei_model_regs.h"

#define ENTRY		0x10000ULL
#define NMI_ENTRY	0x20000ULL
#define PC		0x4000ULL
#define UPPER		0xdead00000000ULL

static struct model m;
static int tests, failures, failed;

#define EXPECT(_val, _exp)						\
do {									\
	s64 __val = (_val), __exp = (_exp);				\
									\
	if (__val != __exp) {						\
		printf("# line %d: %s: %#llx, not %#llx\n", __LINE__, #_val, \
		       (long long)__val, (long long)__exp);		\
		failed = 1;						\
	}								\
} while (0)

static s64 call(int pe, enum model_fn fn, u64 x1, u64 x2, u64 x3, u64 x4)
{
	struct model_regs *regs = &m.pe[pe].regs;

	regs->x[0] = MODEL_FN_BASE + fn;
	regs->x[1] = x1;
	regs->x[2] = x2;
	regs->x[3] = x3;
	regs->x[4] = x4;
	regs->pc = PC;
	if (!model_hypercall(&m, &m.pe[pe]))
		return 1;
	return regs->x[0];
}

#define CALL1(_fn, _x1)		call(0, MODEL_##_fn, _x1, 0, 0, 0)
#define CALL(_fn)		CALL1(_fn, 0)

static s64 set(unsigned int reg, u64 val)
{
	return model_set_reg(&m, &m.pe[0], reg, val);
}

static u64 get(unsigned int reg)
{
	return model_get_reg(&m, &m.pe[0], reg);
}

static s64 raise_nmi(void)
{
	unsigned int reg = MODEL_REG_STATE + MODEL_CRITICAL;
	s64 err = set(reg, get(reg) | MODEL_STATUS_PENDING);

	model_deliver(&m.pe[0]);
	return err;
}

static s64 signal_to(int pe)
{
	return call(0, MODEL_SIGNAL, 0, m.pe[pe].mpidr | 1ULL << 31 | 1ULL << 24, 0, 0);
}

static void enable(u64 event, u64 entry)
{
	EXPECT(call(0, MODEL_REGISTER, event, entry, 7, 0), 0);
	EXPECT(CALL1(ENABLE, event), 0);
}

static void enable_all(void)
{
	enable(0, ENTRY);
	enable(MODEL_NMI, NMI_ENTRY);
	EXPECT(CALL(PE_UNMASK), 0);
}

static void test_identification(void)
{
	EXPECT(CALL(VERSION), 0x00010001004b564d);
	EXPECT(call(0, 0x13, 0, 0, 0, 0), -1);
	EXPECT(call(0, 0x1f, 0, 0, 0, 0), -1);
	EXPECT(call(0, 0x20, 0, 0, 0, 0), 1);
	EXPECT(CALL1(FEATURES, 0), 0);
	EXPECT(CALL1(FEATURES, UPPER | 1), 0);
	EXPECT(CALL1(FEATURES, 0x10), -2);
	m.version = MODEL_VERSION_1_0;
	EXPECT(CALL1(FEATURES, 1), -2);
}

static void test_initial(void)
{
	EXPECT(CALL(PE_MASK), 0);
	EXPECT(CALL1(STATUS, 0), 0);
	EXPECT(CALL1(STATUS, MODEL_NMI), 0);
	EXPECT(CALL1(STATUS, 0x10000), -2);
	EXPECT(CALL1(STATUS, 0x80000000), -2);
	EXPECT(CALL1(CONTEXT, 0), -3);
	EXPECT(CALL1(CONTEXT, 18), -2);
	EXPECT(CALL(COMPLETE), -3);
	EXPECT(CALL1(COMPLETE_AND_RESUME, 1), -3);
}

static void test_register(void)
{
	EXPECT(call(0, MODEL_REGISTER, 0, 0, 0, 0), -2);
	EXPECT(call(0, MODEL_REGISTER, 0, ENTRY + 2, 0, 0), -2);
	EXPECT(call(0, MODEL_REGISTER, 0, ENTRY, 0, 2), -2);
	EXPECT(call(0, MODEL_REGISTER, 0, ENTRY, 0, 1ULL << 63), -2);
	EXPECT(call(0, MODEL_REGISTER, 0x10000, ENTRY, 0, 0), -2);
	EXPECT(call(0, MODEL_REGISTER, UPPER, ENTRY, 0, 1), 0);
	EXPECT(CALL1(STATUS, 0), 1);
	EXPECT(call(0, MODEL_REGISTER, 0, ENTRY, 0, 0), -3);
	EXPECT(call(0, MODEL_REGISTER, 0, 0, 0, 0), -2);
}

static void test_enable(void)
{
	EXPECT(CALL1(ENABLE, 0), -3);
	EXPECT(CALL1(DISABLE, 0), -3);
	EXPECT(CALL1(UNREGISTER, 0), -3);
	EXPECT(CALL1(ENABLE, 0x10000), -2);
	enable(0, ENTRY);
	EXPECT(CALL1(STATUS, UPPER), 3);
	EXPECT(CALL1(ENABLE, 0), 0);
	EXPECT(CALL1(DISABLE, 0), 0);
	EXPECT(CALL1(STATUS, 0), 1);
	EXPECT(CALL1(ENABLE, 0), 0);
	EXPECT(CALL1(UNREGISTER, 0), 0);
	EXPECT(call(0, MODEL_REGISTER, 0, ENTRY, 0, 0), 0);
	EXPECT(CALL1(STATUS, 0), 1);
}

static void test_info(void)
{
	EXPECT(call(0, MODEL_GET_INFO, 0, 0, 0, 0), 0);
	EXPECT(call(0, MODEL_GET_INFO, 0, 1, 0, 0), 0);
	EXPECT(call(0, MODEL_GET_INFO, MODEL_NMI, 1, 0, 0), 1);
	EXPECT(call(0, MODEL_GET_INFO, 0, 2, 0, 0), 0);
	EXPECT(call(0, MODEL_GET_INFO, MODEL_NMI, UPPER | 2, 0, 0), 1);
	EXPECT(call(0, MODEL_GET_INFO, 0, 3, 0, 0), -2);
	EXPECT(call(0, MODEL_GET_INFO, 0, 5, 0, 0), -2);
	EXPECT(CALL1(ROUTING_SET, 0), -2);
	EXPECT(CALL1(BIND, 15), -2);
	EXPECT(CALL1(BIND, UPPER | 16), -10);
	EXPECT(CALL1(RELEASE, 0), -2);
}

static void test_resets(void)
{
	EXPECT(CALL(PRIVATE_RESET), 0);
	enable_all();
	EXPECT(CALL(SHARED_RESET), 0);
	EXPECT(CALL1(STATUS, 0), 3);
	EXPECT(CALL(PRIVATE_RESET), 0);
	EXPECT(CALL1(STATUS, 0), 0);
	EXPECT(CALL1(STATUS, MODEL_NMI), 0);
	EXPECT(CALL(PE_MASK), 1);
	EXPECT(CALL(PE_MASK), 0);
}

static void test_delivery(void)
{
	struct model_regs *regs = &m.pe[0].regs;

	enable_all();
	regs->pstate = MODEL_PSTATE_EL1T | 0xaULL << 28;
	regs->x[17] = 17;
	regs->elr = 0xe;
	signal_to(0);
	EXPECT(regs->pc, ENTRY);
	EXPECT(regs->x[0], 0);
	EXPECT(regs->x[1], 7);
	EXPECT(regs->x[2], PC);
	EXPECT(regs->x[3], MODEL_PSTATE_EL1T | 0xaULL << 28);
	EXPECT(regs->x[17], 17);
	EXPECT(regs->elr, 0xe);
	EXPECT(regs->pstate, 0xa04003c5);
	EXPECT(CALL1(STATUS, 0), 7);
	EXPECT(CALL1(CONTEXT, 17), 17);
	EXPECT(CALL1(CONTEXT, 0), 0);
	EXPECT(CALL1(CONTEXT, 18), -2);
	regs->x[17] = 18;
	regs->x[18] = 18;
	CALL1(COMPLETE, 1);
	EXPECT(regs->pc, PC);
	EXPECT(regs->x[0], 0);
	EXPECT(regs->x[17], 17);
	EXPECT(regs->x[18], 18);
	EXPECT(regs->pstate, MODEL_PSTATE_EL1T | 0xaULL << 28);
	EXPECT(CALL1(STATUS, 0), 3);
}

static void test_resume(void)
{
	struct model_regs *regs = &m.pe[0].regs;

	m.pe[0].span = true;
	m.pe[0].dssbs = true;
	m.pe[0].mte = true;
	enable_all();
	regs->pstate = MODEL_PSTATE_EL0T | MODEL_PSTATE_DIT | MODEL_PSTATE_UAO;
	signal_to(0);
	EXPECT(CALL1(COMPLETE_AND_RESUME, 0x8002), -2);
	EXPECT(CALL1(STATUS, 0), 7);
	CALL1(COMPLETE_AND_RESUME, 0x8000);
	EXPECT(regs->pc, 0x8000);
	EXPECT(regs->elr, PC);
	EXPECT(regs->spsr, MODEL_PSTATE_DIT | MODEL_PSTATE_UAO);
	EXPECT(regs->pstate, 0x30013c5);
	EXPECT(regs->pstate & MODEL_PSTATE_UAO, 0);
	EXPECT(CALL1(STATUS, 0), 3);
}

static void test_kept(void)
{
	enable(0, ENTRY);
	EXPECT(signal_to(0), 0);
	EXPECT(signal_to(0), 0);
	EXPECT(CALL1(DISABLE, 0), 0);
	EXPECT(CALL(PE_UNMASK), 0);
	EXPECT(m.pe[0].regs.pc, PC);
	CALL1(ENABLE, 0);
	EXPECT(m.pe[0].regs.pc, ENTRY);
	EXPECT(m.pe[0].context[0].x[0], 0);
	EXPECT(signal_to(0), 0);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, ENTRY);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, PC);
	EXPECT(CALL1(STATUS, 0), 3);
}

static void test_dropped(void)
{
	EXPECT(signal_to(0), -2);
	enable(0, ENTRY);
	EXPECT(signal_to(0), 0);
	EXPECT(CALL1(UNREGISTER, 0), 0);
	enable(0, ENTRY);
	EXPECT(CALL(PE_UNMASK), 0);
	EXPECT(m.pe[0].regs.pc, PC);
	EXPECT(CALL(PE_MASK), 1);
	EXPECT(signal_to(0), 0);
	EXPECT(CALL(PRIVATE_RESET), 0);
	enable(0, ENTRY);
	EXPECT(CALL(PE_UNMASK), 0);
	EXPECT(m.pe[0].regs.pc, PC);
}

static void test_signal(void)
{
	enable(0, ENTRY);
	EXPECT(call(0, MODEL_SIGNAL, MODEL_NMI, 0, 0, 0), -2);
	EXPECT(call(0, MODEL_SIGNAL, 0x10000, 0, 0, 0), -2);
	EXPECT(call(0, MODEL_SIGNAL, 0, 0xff, 0, 0), -2);
	EXPECT(call(0, MODEL_SIGNAL, 0, 1ULL << 32, 0, 0), -2);
	EXPECT(call(0, MODEL_SIGNAL, UPPER, 0xffffff00ff000000ULL, 0, 0), 0);
	EXPECT(signal_to(1), -2);
	EXPECT(call(1, MODEL_REGISTER, 0, ENTRY, 0, 0), 0);
	EXPECT(signal_to(1), 0);
	EXPECT(model_get_reg(&m, &m.pe[1], MODEL_REG_STATE), 9);
	EXPECT(call(1, MODEL_ENABLE, 0, 0, 0, 0), 0);
	call(1, MODEL_PE_UNMASK, 0, 0, 0, 0);
	EXPECT(m.pe[1].regs.pc, ENTRY);
	EXPECT(m.pe[1].regs.x[2], PC);
}

static void test_unregister_running(void)
{
	enable_all();
	signal_to(0);
	EXPECT(signal_to(0), 0);
	EXPECT(CALL1(DISABLE, 0), 0);
	EXPECT(CALL1(STATUS, 0), 5);
	EXPECT(call(0, MODEL_REGISTER, 0, ENTRY, 0, 0), -3);
	EXPECT(CALL1(UNREGISTER, 0), -5);
	EXPECT(CALL1(STATUS, 0), 4);
	EXPECT(CALL1(UNREGISTER, 0), -5);
	EXPECT(CALL1(ENABLE, 0), -3);
	EXPECT(call(0, MODEL_REGISTER, 0, ENTRY, 0, 0), -3);
	EXPECT(signal_to(0), -2);
	EXPECT(CALL1(CONTEXT, 0), 0);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, PC);
	EXPECT(CALL1(STATUS, 0), 0);
}

static void test_reset_running(void)
{
	enable_all();
	signal_to(0);
	EXPECT(CALL(SHARED_RESET), 0);
	EXPECT(CALL(PRIVATE_RESET), -3);
	EXPECT(CALL(PRIVATE_RESET), -3);
	EXPECT(CALL1(STATUS, 0), 4);
	EXPECT(CALL1(STATUS, MODEL_NMI), 0);
	EXPECT(CALL(PE_MASK), 1);
	CALL(COMPLETE);
	EXPECT(CALL1(STATUS, 0), 0);
	EXPECT(CALL(PE_MASK), 0);
}

static void test_nested(void)
{
	struct model_regs *regs = &m.pe[0].regs;

	enable_all();
	regs->x[5] = 5;
	signal_to(0);
	regs->x[5] = 6;
	regs->pc = ENTRY + 8;
	EXPECT(raise_nmi(), 0);
	EXPECT(regs->pc, NMI_ENTRY);
	EXPECT(regs->x[0], MODEL_NMI);
	EXPECT(regs->x[2], ENTRY + 8);
	EXPECT(CALL1(STATUS, 0), 7);
	EXPECT(CALL1(STATUS, MODEL_NMI), 7);
	EXPECT(CALL1(CONTEXT, 5), 6);
	EXPECT(signal_to(0), 0);
	EXPECT(raise_nmi(), 0);
	EXPECT(CALL1(UNREGISTER, 0), -5);
	CALL(COMPLETE);
	/* Again, at once */
	EXPECT(regs->pc, NMI_ENTRY);
	EXPECT(regs->x[2], ENTRY + 8);
	CALL(COMPLETE);
	EXPECT(regs->pc, ENTRY + 8);
	EXPECT(CALL1(CONTEXT, 5), 5);
	CALL(COMPLETE);
	EXPECT(regs->pc, PC);
	EXPECT(CALL1(STATUS, 0), 0);
	EXPECT(CALL1(STATUS, MODEL_NMI), 3);
}

static void test_priority(void)
{
	enable(0, ENTRY);
	enable(MODEL_NMI, NMI_ENTRY);
	EXPECT(signal_to(0), 0);
	EXPECT(raise_nmi(), 0);
	CALL(PE_UNMASK);
	EXPECT(m.pe[0].regs.pc, NMI_ENTRY);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, ENTRY);
	EXPECT(m.pe[0].regs.x[2], PC);
	EXPECT(CALL(PE_MASK), 1);
	EXPECT(raise_nmi(), 0);
	EXPECT(m.pe[0].regs.pc, PC);
	CALL(PE_UNMASK);
	EXPECT(m.pe[0].regs.pc, NMI_ENTRY);
	/* A critical event that is disabled holds nothing back */
	CALL(COMPLETE);
	CALL(COMPLETE);
	EXPECT(CALL1(DISABLE, MODEL_NMI), 0);
	EXPECT(raise_nmi(), 0);
	signal_to(0);
	EXPECT(m.pe[0].regs.pc, ENTRY);
}

static void test_nmi_refused(void)
{
	EXPECT(raise_nmi(), -EINVAL);
	enable_all();
	EXPECT(raise_nmi(), 0);
	EXPECT(CALL1(UNREGISTER, MODEL_NMI), -5);
	EXPECT(raise_nmi(), -EINVAL);
}

static void test_power(void)
{
	enable_all();
	signal_to(0);
	EXPECT(signal_to(0), 0);
	model_cpu_off(&m.pe[0]);
	EXPECT(call(1, MODEL_SIGNAL, 0, 0, 0, 0), -2);
	EXPECT(m.pe[0].on, false);
	model_reset(&m.pe[0]);
	EXPECT(CALL(COMPLETE), -3);
	EXPECT(CALL(PE_MASK), 0);
	EXPECT(CALL1(STATUS, 0), 0);
	enable_all();
	EXPECT(m.pe[0].regs.pc, PC);
}

static void test_registers(void)
{
	unsigned int reg;

	EXPECT(MODEL_NR_REGS, 48);
	for (reg = MODEL_REG_STATE; reg < MODEL_NR_REGS; reg++)
		EXPECT(get(reg), 0);
	EXPECT(get(MODEL_REG_VERSION), MODEL_VERSION_1_1);
	EXPECT(get(MODEL_REG_PE_STATE), 1);
	enable_all();
	EXPECT(get(MODEL_REG_PE_STATE), 0);
	EXPECT(get(MODEL_REG_STATE), 3);
	EXPECT(get(MODEL_REG_ENTRY + 1), NMI_ENTRY);
	EXPECT(get(MODEL_REG_ARG + 1), 7);
	m.pe[0].regs.x[17] = 0x11;
	signal_to(0);
	EXPECT(get(MODEL_REG_STATE), 7);
	EXPECT(get(MODEL_REG_CONTEXT_X(0, 17)), 0x11);
	EXPECT(get(MODEL_REG_CONTEXT_PC(0)), PC);
	EXPECT(set(MODEL_REG_CONTEXT_X(0, 17), 0x12), 0);
	EXPECT(CALL1(CONTEXT, 17), 0x12);
}

static void test_set_state(void)
{
	u64 val;

	for (val = 0; val < 16; val++) {
		bool good = val & MODEL_STATUS_REGISTERED ||
			    !(val & ~(u64)MODEL_STATUS_RUNNING);

		EXPECT(set(MODEL_REG_STATE, 0), 0);
		EXPECT(set(MODEL_REG_STATE, val), good ? 0 : -EINVAL);
		EXPECT(get(MODEL_REG_STATE), good ? val : 0);
	}
	EXPECT(set(MODEL_REG_STATE, 3), 0);
	EXPECT(get(MODEL_REG_STATE), 11);
	EXPECT(set(MODEL_REG_STATE, 4), 0);
	EXPECT(set(MODEL_REG_STATE, 1), 0);
	EXPECT(get(MODEL_REG_STATE), 1);
	EXPECT(set(MODEL_REG_STATE, 17), -EINVAL);
	EXPECT(set(MODEL_REG_STATE, 1ULL << 32), -EINVAL);
}

static void test_set_regs(void)
{
	EXPECT(set(MODEL_REG_VERSION, MODEL_VERSION_1_0), 0);
	EXPECT(set(MODEL_REG_VERSION, MODEL_VERSION_1_1 + 1), -EINVAL);
	m.has_run = true;
	EXPECT(set(MODEL_REG_VERSION, MODEL_VERSION_1_0), 0);
	EXPECT(set(MODEL_REG_VERSION, MODEL_VERSION_1_1), -EBUSY);
	EXPECT(set(MODEL_REG_VERSION, 0), -EINVAL);
	EXPECT(set(MODEL_REG_PE_STATE, 2), -EINVAL);
	EXPECT(set(MODEL_REG_PE_STATE, 0), 0);
	EXPECT(set(MODEL_REG_ENTRY, ENTRY + 1), -EINVAL);
	EXPECT(set(MODEL_REG_ENTRY, 0), 0);
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(0), 9), -EINVAL);
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(1), 5 | 1ULL << 13), 0);
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(1), 5 | 1ULL << 14), -EINVAL);
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(1), 5 | 1ULL << 37), -EINVAL);
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(1), 5 | 1ULL << 20), 0);
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(0), 0x10), -EINVAL);
	m.aarch32_el0 = true;
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(0), 0x10 | 1ULL << 13), 0);
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(0), 0x13), -EINVAL);
}

static void test_can_run(void)
{
	EXPECT(model_can_run(&m.pe[0]), true);
	EXPECT(set(MODEL_REG_STATE + 1, 1), 0);
	EXPECT(model_can_run(&m.pe[0]), false);
	EXPECT(set(MODEL_REG_ENTRY + 1, NMI_ENTRY), 0);
	EXPECT(model_can_run(&m.pe[0]), true);
	m.aarch32_el0 = true;
	EXPECT(set(MODEL_REG_CONTEXT_PSTATE(1), 0x10), 0);
	EXPECT(set(MODEL_REG_CONTEXT_PC(1), 1ULL << 32), 0);
	EXPECT(model_can_run(&m.pe[0]), true);
	EXPECT(set(MODEL_REG_STATE + 1, 5), 0);
	EXPECT(model_can_run(&m.pe[0]), false);
	EXPECT(set(MODEL_REG_CONTEXT_PC(1), 0xfffffffc), 0);
	EXPECT(model_can_run(&m.pe[0]), true);
}

static const struct {
	const char	*name;
	void		(*fn)(void);
} cases[] = {
	{ "VERSION, FEATURES, ids of no call", test_identification },
	{ "a PE after reset", test_initial },
	{ "REGISTER: parameters before state, 32-bit event", test_register },
	{ "ENABLE, DISABLE, UNREGISTER outside of a handler", test_enable },
	{ "GET_INFO, ROUTING_SET, BIND, RELEASE", test_info },
	{ "PRIVATE_RESET, SHARED_RESET, PE_MASK", test_resets },
	{ "a handler's registers, CONTEXT, COMPLETE", test_delivery },
	{ "COMPLETE_AND_RESUME, PSTATE of an exception", test_resume },
	{ "signals that are kept, and run once", test_kept },
	{ "signals that are dropped", test_dropped },
	{ "SIGNAL: targets", test_signal },
	{ "UNREGISTER in the handler", test_unregister_running },
	{ "PRIVATE_RESET in the handler", test_reset_running },
	{ "the NMI in the handler of event 0", test_nested },
	{ "priorities, the NMI masked and disabled", test_priority },
	{ "the NMI of a guest that did not register for it", test_nmi_refused },
	{ "CPU_OFF, CPU_ON in a handler", test_power },
	{ "pseudo-registers say what calls do", test_registers },
	{ "event states that can be written", test_set_state },
	{ "other registers that can be written", test_set_regs },
	{ "states that KVM_RUN refuses", test_can_run },
};

int main(void)
{
	size_t i;
	int pe;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&m, 0, sizeof(m));
		model_init(&m, MODEL_VERSION_1_1, false);
		for (pe = 0; pe < MODEL_MAX_PES; pe++)
			m.pe[pe].mpidr = pe;
		failed = 0;
		cases[i].fn();
		printf("%sok %d %s\n", failed ? "not " : "", ++tests, cases[i].name);
		failures += failed;
	}
	printf("1..%d\n", tests);
	return !!failures;
}
