/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scripts for a guest with one PE: calls with the results they must have, and
 * calls to be made by the first run of each handler.
 */
#ifndef SELFTEST_KVM_SDEI_SCRIPT_H
#define SELFTEST_KVM_SDEI_SCRIPT_H

#include "sdei.h"

struct step {
	const char	*what;
	u64		fn;
	s64		ret;
	u64		arg[5];
};

/* The handlers are those of event 0 and of any other one */
struct script {
	const struct step	*steps;
	const struct step	*handler[2];
};

/* Not calls: how often both handlers have run by now; a ucall, for the VMM */
#define STEP_RUNS		1
#define STEP_SYNC		2
/* Two calls: register and enable the event; the status of event 0 and of this one */
#define STEP_REN		3
#define STEP_STATUS		4
/* What is so of event 0 and of the other one */
#define BOTH(_ev, _other)	((_ev) | (_other) << 8)

/* An argument with these bits 63:32 is the caller's MPIDR | bits 31:0 */
#define SELF			0x5e1f5e1f00000000UL
/* This argument is the event's struct sdei_handler */
#define HANDLER			0x4a9d1e4a00000000UL
#define ENTRY			((u64)sdei_entry)

#define OK			SDEI_SUCCESS
#define INVALID			SDEI_INVALID_PARAMETERS
#define DENIED			SDEI_DENIED
#define PENDING			SDEI_PENDING
#define NO_SLOT			SDEI_OUT_OF_RESOURCE

#define CALL(_ret, _fn, ...)						\
	{ #_fn "(" #__VA_ARGS__ ")", SDEI_1_0_FN_SDEI_##_fn, _ret, { __VA_ARGS__ } }
#define RUNS(_n)		{ "handler runs", STEP_RUNS, _n }
#define BOTH_STATUS(_both, _ev)	{ "STATUS of both", STEP_STATUS, _both, { _ev } }
#define SYNC(_cmd)		{ "ucall", STEP_SYNC, OK, { _cmd } }
#define REN_OF(_ev)		{ "REGISTER, ENABLE", STEP_REN, OK, { _ev } }
#define REN			REN_OF(EV)
#define REGISTER(_ret, _ev)	CALL(_ret, EVENT_REGISTER, _ev, ENTRY, HANDLER)
#define STATUS(_ret, _ev)	CALL(_ret, EVENT_STATUS, _ev)
#define UNREGISTER(_ret)	CALL(_ret, EVENT_UNREGISTER, EV)
#define ENABLE			CALL(OK, EVENT_ENABLE, EV)
#define DISABLE			CALL(OK, EVENT_DISABLE, EV)
#define MASK(_ret)		CALL(_ret, PE_MASK)
#define UNMASK			CALL(OK, PE_UNMASK)
#define SIGNAL			CALL(OK, EVENT_SIGNAL, EV, SELF)

#define STEPS(...)		((const struct step[]){ __VA_ARGS__, {} })
#define SCRIPT(_handler, _other, ...)					\
	(&(const struct script){					\
		.handler = { _handler, _other }, .steps = STEPS(__VA_ARGS__) \
	})

static struct sdei_handler *script_handler(u64 event)
{
	return sdei_this_handler() + (event == EV ? 0 : SDEI_MAX_VCPUS / 2);
}

static u64 both_runs(void)
{
	return BOTH(READ_ONCE(script_handler(EV)->runs), READ_ONCE(script_handler(~EV)->runs));
}

static u64 run_step(const struct step *step)
{
	u64 arg[5], runs, h = (u64)script_handler(step->arg[0]);
	int i;

	switch (step->fn) {
	case STEP_RUNS:
		runs = both_runs();
		/* What comes late is wrong too */
		sdei_any_call();
		return runs == both_runs() ? runs : -1;
	case STEP_STATUS:
		return BOTH(sdei(EVENT_STATUS, EV), sdei(EVENT_STATUS, step->arg[0]));
	case STEP_SYNC:
		GUEST_SYNC(step->arg[0]);
		return 0;
	case STEP_REN:
		return sdei(EVENT_REGISTER, step->arg[0], ENTRY, h) ?:
		       sdei(EVENT_ENABLE, step->arg[0]);
	}

	for (i = 0; i < ARRAY_SIZE(arg); i++) {
		arg[i] = step->arg[i];
		if (arg[i] >> 32 == SELF >> 32)
			arg[i] = (u32)arg[i] | read_sysreg(mpidr_el1);
		else if (arg[i] == HANDLER)
			arg[i] = h;
	}
	return sdei_call(step->fn, arg);
}

static void run_steps(const struct step *step)
{
	u64 ret;

	for (; step && step->what; step++) {
		ret = run_step(step);
		__GUEST_ASSERT(ret == (u64)step->ret, "%s: %ld, not %ld",
			       step->what, (s64)ret, step->ret);
	}
}

static void handle_script(struct sdei_handler *h)
{
	const struct script *script = sdei_test->data;

	GUEST_ASSERT_EQ((u64)script_handler(h->regs.x[0]), (u64)h);
	GUEST_ASSERT_EQ(h->regs.x[1], (u64)h);
	if (h->runs == 1)
		run_steps(script->handler[h != script_handler(EV)]);
}

static void guest_script(void)
{
	const struct script *script = sdei_test->data;
	const struct step *step;
	u64 runs = 0;

	script_handler(EV)->fn = handle_script;
	script_handler(~EV)->fn = handle_script;
	run_steps(script->steps);

	/* The last word on runs still holds */
	for (step = script->steps; step->what; step++) {
		if (step->fn == STEP_RUNS)
			runs = step->ret;
	}
	sdei_any_call();
	GUEST_ASSERT_EQ(both_runs(), runs);
}

#endif /* SELFTEST_KVM_SDEI_SCRIPT_H */
