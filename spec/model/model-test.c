// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the reference model of SDEI (sdei_model.h), for the machine that
 * builds: what the model says of the cases that the specification is clear about, and of
 * what KVM chose. With MODEL_NR_EVENTS 3 also of events that share a priority.
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
#define THIRD_ENTRY	0x30000ULL
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
	s64 err = model_nmi(&m.pe[0]);

	model_deliver(&m.pe[0]);
	return err;
}

/* As a restore does it */
static s64 set_pending(int event)
{
	unsigned int reg = MODEL_REG_STATE + event;
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
	EXPECT(raise_nmi(), -ENOENT);
	EXPECT(set_pending(MODEL_IDX_NMI), -EINVAL);
	enable_all();
	EXPECT(raise_nmi(), 0);
	EXPECT(CALL1(UNREGISTER, MODEL_NMI), -5);
	EXPECT(raise_nmi(), -ENOENT);
	EXPECT(set_pending(MODEL_IDX_NMI), -EINVAL);
	m.pe[0].no_sdei = true;
	EXPECT(raise_nmi(), -ENXIO);
}

static void test_nmi_kept(void)
{
	EXPECT(call(0, MODEL_REGISTER, MODEL_NMI, NMI_ENTRY, 0, 0), 0);
	EXPECT(raise_nmi(), 0);
	EXPECT(raise_nmi(), 0);
	EXPECT(CALL(PE_UNMASK), 0);
	EXPECT(m.pe[0].regs.pc, PC);
	CALL1(ENABLE, MODEL_NMI);
	EXPECT(m.pe[0].regs.pc, NMI_ENTRY);
	EXPECT(set_pending(MODEL_IDX_NMI), 0);
	EXPECT(m.pe[0].regs.pc, NMI_ENTRY);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, NMI_ENTRY);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, PC);
}

/* A PE that the VMM stops loses nothing, and enters no handler */
static void test_stopped(void)
{
	enable_all();
	model_set_runnable(&m.pe[0], false);
	EXPECT(raise_nmi(), 0);
	EXPECT(raise_nmi(), 0);
	EXPECT(m.pe[0].regs.pc, PC);
	EXPECT(get(MODEL_REG_STATE + MODEL_IDX_NMI), 11);
	EXPECT(call(1, MODEL_SIGNAL, 0, 0, 0, 0), 0);
	EXPECT(model_deliver(&m.pe[0]), false);
	model_set_runnable(&m.pe[0], true);
	EXPECT(model_deliver(&m.pe[0]), true);
	EXPECT(m.pe[0].regs.pc, NMI_ENTRY);
	EXPECT(m.pe[0].regs.x[2], PC);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, ENTRY);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, PC);
}

static void test_no_sdei(void)
{
	unsigned int reg;

	EXPECT(set(MODEL_REG_STATE, 11), 0);
	EXPECT(set(MODEL_REG_ENTRY, ENTRY), 0);
	EXPECT(set(MODEL_REG_PE_STATE, 0), 0);
	m.pe[0].no_sdei = true;
	EXPECT(model_deliver(&m.pe[0]), false);
	for (reg = 0; reg < MODEL_NR_REGS; reg++) {
		u64 val = get(reg);

		EXPECT(set(reg, val), 0);
		EXPECT(set(reg, val ^ 1), -EINVAL);
		EXPECT(get(reg), val);
	}
	EXPECT(CALL(VERSION), -1);
	EXPECT(CALL1(STATUS, 0), -1);
	EXPECT(CALL(COMPLETE), -1);
	EXPECT(CALL(PE_UNMASK), -1);
	EXPECT(m.pe[0].regs.pc, PC);
	EXPECT(get(MODEL_REG_STATE), 11);
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

	EXPECT(MODEL_NR_REGS, 42 + 3 * MODEL_NR_EVENTS);
	for (reg = MODEL_REG_STATE; reg < MODEL_NR_REGS; reg++)
		EXPECT(get(reg), 0);
	EXPECT(get(MODEL_REG_VERSION), MODEL_VERSION_1_1);
	EXPECT(get(MODEL_REG_PE_STATE), 1);
	enable_all();
	EXPECT(get(MODEL_REG_PE_STATE), 0);
	EXPECT(get(MODEL_REG_STATE), 3);
	EXPECT(get(MODEL_REG_ENTRY + MODEL_IDX_NMI), NMI_ENTRY);
	EXPECT(get(MODEL_REG_ARG + MODEL_IDX_NMI), 7);
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
}

/* Of a saved PSTATE the mode counts */
static void test_set_pstate(void)
{
	u64 other = ~(u64)MODEL_PSTATE_M, val;

	for (val = 0; val < 32; val++) {
		bool good = val == 0 || val == 4 || val == 5;

		EXPECT(set(MODEL_REG_CONTEXT_PSTATE(0), val), good ? 0 : -EINVAL);
		EXPECT(set(MODEL_REG_CONTEXT_PSTATE(1), other | val), good ? 0 : -EINVAL);
		if (good)
			EXPECT(get(MODEL_REG_CONTEXT_PSTATE(1)), other | val);
		m.aarch32_el0 = true;
		EXPECT(set(MODEL_REG_CONTEXT_PSTATE(0), val), good || val == 16 ? 0 : -EINVAL);
		m.aarch32_el0 = false;
	}
}

/* An event that the VMM registered at 0 is entered there */
static void test_entry_0(void)
{
	EXPECT(set(MODEL_REG_STATE, 11), 0);
	EXPECT(set(MODEL_REG_ARG, 7), 0);
	CALL(PE_UNMASK);
	EXPECT(m.pe[0].regs.pc, 0);
	EXPECT(m.pe[0].regs.x[1], 7);
	EXPECT(m.pe[0].regs.x[2], PC);
}

static unsigned int nr_running_at(int prio)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < MODEL_NR_EVENTS; i++)
		n += model_events[i].priority == prio && model_is_running(&m.pe[0].event[i]);
	return n;
}

static const u64 running_states[] = { 0, 1, 3, 4, 5, 7 };

#define NR_STATES	(sizeof(running_states) / sizeof(running_states[0]))

/* One of NR_STATES^MODEL_NR_EVENTS; false if two events of one priority run in it */
static bool pick_states(unsigned int n, u64 *state)
{
	unsigned int running[MODEL_NR_PRIORITIES] = {};
	bool good = true;
	int i;

	for (i = 0; i < MODEL_NR_EVENTS; i++, n /= NR_STATES) {
		state[i] = running_states[n % NR_STATES];
		if (state[i] & MODEL_STATUS_RUNNING && running[model_events[i].priority]++)
			good = false;
	}
	return good;
}

/* All that can be, from all that can be, in every order: that is what it ends in */
static void test_set_running(void)
{
	static const int orders[][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	unsigned int nr = 1, from, to, o;
	u64 old[MODEL_NR_EVENTS], new[MODEL_NR_EVENTS];
	int i;

	for (i = 0; i < MODEL_NR_EVENTS; i++)
		nr *= NR_STATES;

	for (from = 0; from < nr; from++) {
		if (!pick_states(from, old))
			continue;
		for (to = 0; to < nr; to++) {
			if (!pick_states(to, new))
				continue;
			for (o = 0; o < sizeof(orders) / sizeof(orders[0]); o++) {
				for (i = 0; i < MODEL_NR_EVENTS; i++)
					set(MODEL_REG_STATE + i, old[i]);
				for (i = 0; i < 3; i++) {
					int event = orders[o][i];

					if (event >= MODEL_NR_EVENTS)
						continue;
					EXPECT(set(MODEL_REG_STATE + event, new[event]), 0);
					EXPECT(get(MODEL_REG_STATE + event), new[event]);
				}
				for (i = 0; i < MODEL_NR_EVENTS; i++)
					EXPECT(get(MODEL_REG_STATE + i), new[i]);
			}
		}
	}
}

/* Whatever is written: at each priority not more than one runs */
static void test_set_two_running(void)
{
	unsigned int nr = 1, n;
	u64 state[MODEL_NR_EVENTS];
	int i, prio;

	for (i = 0; i < MODEL_NR_EVENTS; i++)
		nr *= NR_STATES;

	for (n = 0; n < nr; n++) {
		pick_states(n, state);
		for (i = 0; i < MODEL_NR_EVENTS; i++) {
			EXPECT(set(MODEL_REG_STATE + i, state[i]), 0);
			EXPECT(get(MODEL_REG_STATE + i), state[i]);
		}
		for (prio = 0; prio < MODEL_NR_PRIORITIES; prio++)
			EXPECT(nr_running_at(prio) <= 1, true);
	}
}

/* What a VMM writes of one running event is what COMPLETE ends */
static void test_lone_running(void)
{
	enable_all();
	EXPECT(set(MODEL_REG_CONTEXT_PC(0), ENTRY + 4), 0);
	EXPECT(set(MODEL_REG_CONTEXT_PC(1), NMI_ENTRY + 4), 0);
	EXPECT(set(MODEL_REG_STATE, 7), 0);
	EXPECT(set(MODEL_REG_STATE + MODEL_IDX_NMI, 5), 0);
	EXPECT(get(MODEL_REG_STATE), 7);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, NMI_ENTRY + 4);
	EXPECT(CALL1(STATUS, MODEL_NMI), 1);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, ENTRY + 4);
	EXPECT(CALL1(STATUS, 0), 3);
	/* Without RUNNING the handler is over, and nothing is resumed */
	signal_to(0);
	EXPECT(m.pe[0].regs.pc, ENTRY);
	EXPECT(set(MODEL_REG_STATE, 3), 0);
	EXPECT(CALL(COMPLETE), -3);
	signal_to(0);
	EXPECT(m.pe[0].regs.pc, ENTRY);
}

#if MODEL_NR_EVENTS > 2
static void enable_third(void)
{
	enable_all();
	enable(MODEL_THIRD, THIRD_ENTRY);
}

static void test_third(void)
{
	EXPECT(CALL1(STATUS, MODEL_THIRD), 0);
	EXPECT(call(0, MODEL_GET_INFO, MODEL_THIRD, 1, 0, 0), 1);
	EXPECT(call(0, MODEL_GET_INFO, MODEL_THIRD, 2, 0, 0), 0);
	EXPECT(set_pending(MODEL_IDX_THIRD), -EINVAL);
	enable_third();
	EXPECT(call(0, MODEL_SIGNAL, MODEL_THIRD, 0, 0, 0), -2);
	EXPECT(set_pending(MODEL_IDX_THIRD), 0);
	EXPECT(m.pe[0].regs.pc, THIRD_ENTRY);
	EXPECT(m.pe[0].regs.x[0], MODEL_THIRD);
	EXPECT(CALL1(STATUS, MODEL_THIRD), 7);
	EXPECT(CALL1(STATUS, 0), 3);
	EXPECT(CALL(PRIVATE_RESET), -3);
	EXPECT(CALL1(STATUS, MODEL_THIRD), 4);
	CALL(COMPLETE);
	EXPECT(CALL1(STATUS, MODEL_THIRD), 0);
}

/* The critical one, then the highest index, then the other of that priority */
static void test_third_order(void)
{
	enable_third();
	EXPECT(CALL(PE_MASK), 1);
	EXPECT(signal_to(0), 0);
	EXPECT(set_pending(MODEL_IDX_THIRD), 0);
	EXPECT(raise_nmi(), 0);
	CALL(PE_UNMASK);
	EXPECT(m.pe[0].regs.pc, NMI_ENTRY);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, THIRD_ENTRY);
	EXPECT(m.pe[0].regs.x[2], PC);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, ENTRY);
	EXPECT(m.pe[0].regs.x[2], PC);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, PC);
	/* One that is disabled holds nothing back */
	EXPECT(CALL1(DISABLE, MODEL_THIRD), 0);
	EXPECT(set_pending(MODEL_IDX_THIRD), 0);
	signal_to(0);
	EXPECT(m.pe[0].regs.pc, ENTRY);
}

/* Neither interrupts the other, the critical one interrupts each */
static void test_third_nested(void)
{
	static const struct {
		u64	first, second, entry[2];
	} cases[] = {
		{ 0, MODEL_THIRD, { ENTRY, THIRD_ENTRY } },
		{ MODEL_THIRD, 0, { THIRD_ENTRY, ENTRY } },
	};
	struct model_regs *regs = &m.pe[0].regs;
	int i;

	enable_third();
	for (i = 0; i < 2; i++) {
		u64 first = cases[i].first, second = cases[i].second;
		int first_idx = first ? MODEL_IDX_THIRD : 0, second_idx = MODEL_IDX_THIRD - first_idx;

		regs->pc = PC;
		EXPECT(set_pending(first_idx), 0);
		EXPECT(regs->pc, cases[i].entry[0]);
		regs->pc += 8;
		EXPECT(set_pending(second_idx), 0);
		EXPECT(regs->pc, cases[i].entry[0] + 8);
		EXPECT(raise_nmi(), 0);
		EXPECT(regs->pc, NMI_ENTRY);
		EXPECT(regs->x[2], cases[i].entry[0] + 8);
		EXPECT(CALL1(STATUS, first), 7);
		EXPECT(CALL1(STATUS, second), 3);
		CALL(COMPLETE);
		EXPECT(regs->pc, cases[i].entry[0] + 8);
		EXPECT(CALL1(STATUS, first), 7);
		CALL(COMPLETE);
		EXPECT(regs->pc, cases[i].entry[1]);
		EXPECT(regs->x[2], PC);
		EXPECT(CALL1(STATUS, first), 3);
		EXPECT(CALL1(STATUS, second), 7);
		CALL(COMPLETE);
		EXPECT(regs->pc, PC);
	}
}

/* A lone write of RUNNING takes it from the other of that priority, in any state of it */
static void test_third_lone_running(void)
{
	static const struct {
		u64	old, new;
	} cases[] = { { 7, 3 }, { 5, 1 }, { 4, 0 }, { 3, 3 }, { 1, 1 }, { 0, 0 } };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT(set(MODEL_REG_STATE + MODEL_IDX_NMI, 7), 0);
		EXPECT(set(MODEL_REG_STATE, cases[i].old), 0);
		EXPECT(set(MODEL_REG_STATE + MODEL_IDX_THIRD, 5), 0);
		EXPECT(get(MODEL_REG_STATE), cases[i].new);
		EXPECT(get(MODEL_REG_STATE + MODEL_IDX_THIRD), 5);
		EXPECT(get(MODEL_REG_STATE + MODEL_IDX_NMI), 7);
		EXPECT(set(MODEL_REG_STATE, cases[i].old), 0);
		/* A write without RUNNING ends no other's */
		EXPECT(set(MODEL_REG_STATE + MODEL_IDX_THIRD, 1), 0);
		EXPECT(get(MODEL_REG_STATE), cases[i].old);
	}

	model_reset(&m.pe[0]);
	enable_third();
	signal_to(0);
	EXPECT(signal_to(0), 0);
	EXPECT(set(MODEL_REG_STATE + MODEL_IDX_THIRD, 7), 0);
	EXPECT(get(MODEL_REG_STATE), 11);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, ENTRY);
	EXPECT(CALL1(STATUS, MODEL_THIRD), 3);
	CALL(COMPLETE);
	EXPECT(m.pe[0].regs.pc, PC);
}
#endif

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
	{ "NMIs that are kept, and run once", test_nmi_kept },
	{ "CPU_OFF, CPU_ON in a handler", test_power },
	{ "a PE that the VMM stops", test_stopped },
	{ "a PE without SDEI", test_no_sdei },
	{ "pseudo-registers say what calls do", test_registers },
	{ "event states that can be written", test_set_state },
	{ "other registers that can be written", test_set_regs },
	{ "the mode of a saved PSTATE", test_set_pstate },
	{ "an event that the VMM registered at 0", test_entry_0 },
	{ "running events, in any order of writing", test_set_running },
	{ "running events of one priority: one at most", test_set_two_running },
	{ "a lone write of RUNNING", test_lone_running },
#if MODEL_NR_EVENTS > 2
	{ "a third event of normal priority", test_third },
	{ "a third event: the order of handlers", test_third_order },
	{ "a third event: what interrupts what", test_third_nested },
	{ "a third event: a lone write of RUNNING ends the other's", test_third_lone_running },
#endif
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
