/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scripts for a guest with one PE: calls with the results they must have, and
 * calls to be made by the first run of the handler. Each test is run on a PE that
 * calls with HVC and on one that calls with SMC.
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

struct script {
	const struct step	*steps;
	const struct step	*handler;
};

/* Not a call: how often the handler has run by now */
#define STEP_RUNS		1
/* Two calls: register and enable an event */
#define STEP_REN		2

/* An argument with these bits 63:32 is the caller's MPIDR | bits 31:0 */
#define SELF			0x5e1f5e1f00000000UL
/* This argument is the caller's own struct sdei_handler */
#define HANDLER			0x4a9d1e4a00000000UL

#define EV			SDEI_EVENT_SW_SIGNALED
#define NMI			SDEI_EVENT_NMI
#define UNKNOWN			SDEI_EVENT_UNKNOWN
#define KVM_SDEI_VERSION	0x00010001004b564dL
#define ENTRY			((u64)sdei_entry)

#define OK			SDEI_SUCCESS
#define INVALID			SDEI_INVALID_PARAMETERS
#define DENIED			SDEI_DENIED
#define PENDING			SDEI_PENDING
#define REGISTERED		SDEI_EVENT_REGISTERED
#define ENABLED			(SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED)
#define RUNNING			SDEI_EVENT_RUNNING

#define CALL(_ret, _fn, ...)						\
	{ #_fn "(" #__VA_ARGS__ ")", SDEI_1_0_FN_SDEI_##_fn, _ret, { __VA_ARGS__ } }
#define RAW_CALL(_ret, _id, ...)					\
	{ #_id "(" #__VA_ARGS__ ")", _id, _ret, { __VA_ARGS__ } }
#define RUNS(_n)		{ "handler runs", STEP_RUNS, _n }
#define REGISTER(_ret, _ev)	CALL(_ret, EVENT_REGISTER, _ev, ENTRY, HANDLER)
#define STATUS(_ret, _ev)	CALL(_ret, EVENT_STATUS, _ev)
#define UNMASK			CALL(OK, PE_UNMASK)
#define SIGNAL			CALL(OK, EVENT_SIGNAL, EV, SELF)
#define REN(_ev)		{ "REGISTER, ENABLE", STEP_REN, OK, { _ev } }

/* For a guest that is the same on both PEs */
#define ON_BOTH								\
	.smc = { [1] = true }, .host = sdei_run_in_turn

#define STEPS(...)		((const struct step[]){ __VA_ARGS__, {} })
#define TEST(_name, ...)	TEST_IN_HANDLER(_name, NULL, __VA_ARGS__)
#define TEST_IN_HANDLER(_name, _handler, ...)				\
	{								\
		.name = _name,						\
		.guest = { guest_script, guest_script },		\
		ON_BOTH,						\
		.data = &(const struct script){				\
			.steps = STEPS(__VA_ARGS__),			\
			.handler = _handler,				\
		},							\
	}

static void run_steps(const struct step *step)
{
	struct sdei_handler *h = sdei_this_handler();
	u64 ret, arg[5];
	int i;

	for (; step->what; step++) {
		for (i = 0; i < ARRAY_SIZE(arg); i++) {
			arg[i] = step->arg[i];
			if (arg[i] >> 32 == SELF >> 32)
				arg[i] = (u32)arg[i] | read_sysreg(mpidr_el1);
			else if (arg[i] == HANDLER)
				arg[i] = (u64)h;
		}

		if (step->fn == STEP_RUNS)
			ret = h->runs;
		else if (step->fn == STEP_REN)
			ret = sdei(EVENT_REGISTER, arg[0], ENTRY, (u64)h) ?:
			      sdei(EVENT_ENABLE, arg[0]);
		else
			ret = sdei_call(step->fn, arg);
		__GUEST_ASSERT(ret == (u64)step->ret, "%s: %ld, not %ld",
			       step->what, (s64)ret, step->ret);
	}
}

static void handle_script(struct sdei_handler *h)
{
	const struct script *script = sdei_test->data;

	if (h->runs == 1 && script->handler)
		run_steps(script->handler);
}

static void guest_script(void)
{
	const struct script *script = sdei_test->data;
	const struct step *step;
	s64 runs = 0;

	sdei_this_handler()->fn = handle_script;
	run_steps(script->steps);

	for (step = script->steps; step->what; step++) {
		if (step->fn == STEP_RUNS)
			runs = step->ret;
	}
	GUEST_ASSERT_EQ((s64)sdei_this_handler()->runs, runs);
	GUEST_DONE();
}

#endif /* SELFTEST_KVM_SDEI_SCRIPT_H */
