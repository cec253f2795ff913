/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reference model of SDEI (Arm DEN0054C) as KVM offers it to its guests, to be
 * compared with KVM step by step. It is written from the specification, not from
 * KVM, to be read as one: here the PEs and a table of states, in sdei_model_calls.h
 * what each call does with them, in sdei_model_regs.h what a VMM sees and changes.
 * Plain C on purpose: no concurrency, no KVM. The includer provides bool, u32, u64,
 * s64, BIT_ULL() and the error numbers.
 *
 * All events are private. Number 0 has normal priority and is signalled by guests,
 * MODEL_NMI has critical priority and is raised by the VMM.
 */
#ifndef SELFTEST_KVM_SDEI_MODEL_H
#define SELFTEST_KVM_SDEI_MODEL_H

#define MODEL_MAX_PES		3
#define MODEL_NR_X		18	/* x0-x17 are the dispatcher's to restore */
#define MODEL_NMI		0x40000000

#define MODEL_VERSION_1_0	0x00010000004b564dULL
#define MODEL_VERSION_1_1	0x00010001004b564dULL

enum model_result {
	MODEL_SUCCESS		= 0,
	MODEL_NOT_SUPPORTED	= -1,
	MODEL_INVALID		= -2,
	MODEL_DENIED		= -3,
	MODEL_PENDING		= -5,
	MODEL_OUT_OF_RESOURCE	= -10,
};

/* Events by ascending priority; an event is the only one of its priority */
enum { MODEL_NORMAL, MODEL_CRITICAL, MODEL_NR_EVENTS };

/* The states of an event on a PE (DEN0054C table 13) */
enum model_state {
	UNREGISTERED,
	REGISTERED,
	ENABLED,
	RUNNING_ENABLED,
	RUNNING_DISABLED,
	UNREGISTERING,		/* at the end of the handler, that is */
	MODEL_NR_STATES
};

/* A state as EVENT_STATUS returns it */
#define MODEL_STATUS_REGISTERED	1
#define MODEL_STATUS_ENABLED	2
#define MODEL_STATUS_RUNNING	4

static const u64 model_status[MODEL_NR_STATES] = {
	[UNREGISTERED]		= 0,
	[REGISTERED]		= MODEL_STATUS_REGISTERED,
	[ENABLED]		= MODEL_STATUS_REGISTERED | MODEL_STATUS_ENABLED,
	[RUNNING_ENABLED]	= MODEL_STATUS_REGISTERED | MODEL_STATUS_ENABLED |
				  MODEL_STATUS_RUNNING,
	[RUNNING_DISABLED]	= MODEL_STATUS_REGISTERED | MODEL_STATUS_RUNNING,
	[UNREGISTERING]		= MODEL_STATUS_RUNNING,
};

enum model_action {
	DO_REGISTER,
	DO_ENABLE,
	DO_DISABLE,
	DO_UNREGISTER,
	DO_DISPATCH,
	DO_COMPLETE,
	MODEL_NR_ACTIONS
};

struct model_rule {
	enum model_result	ret;
	enum model_state	next;
};

#define TO(_state)		{ MODEL_SUCCESS, _state }
#define NO(_state)		{ MODEL_DENIED, _state }
#define LATER(_state)		{ MODEL_PENDING, _state }

static const struct model_rule model_rules[MODEL_NR_STATES][MODEL_NR_ACTIONS] = {
	[UNREGISTERED] = {
		[DO_REGISTER]	= TO(REGISTERED),
		[DO_ENABLE]	= NO(UNREGISTERED),
		[DO_DISABLE]	= NO(UNREGISTERED),
		[DO_UNREGISTER]	= NO(UNREGISTERED),
		[DO_DISPATCH]	= NO(UNREGISTERED),
		[DO_COMPLETE]	= NO(UNREGISTERED),
	},
	[REGISTERED] = {
		[DO_REGISTER]	= NO(REGISTERED),
		[DO_ENABLE]	= TO(ENABLED),
		[DO_DISABLE]	= TO(REGISTERED),
		[DO_UNREGISTER]	= TO(UNREGISTERED),
		[DO_DISPATCH]	= NO(REGISTERED),
		[DO_COMPLETE]	= NO(REGISTERED),
	},
	[ENABLED] = {
		[DO_REGISTER]	= NO(ENABLED),
		[DO_ENABLE]	= TO(ENABLED),
		[DO_DISABLE]	= TO(REGISTERED),
		[DO_UNREGISTER]	= TO(UNREGISTERED),
		[DO_DISPATCH]	= TO(RUNNING_ENABLED),
		[DO_COMPLETE]	= NO(ENABLED),
	},
	[RUNNING_ENABLED] = {
		[DO_REGISTER]	= NO(RUNNING_ENABLED),
		[DO_ENABLE]	= TO(RUNNING_ENABLED),
		[DO_DISABLE]	= TO(RUNNING_DISABLED),
		[DO_UNREGISTER]	= LATER(UNREGISTERING),
		[DO_DISPATCH]	= NO(RUNNING_ENABLED),
		[DO_COMPLETE]	= TO(ENABLED),
	},
	[RUNNING_DISABLED] = {
		[DO_REGISTER]	= NO(RUNNING_DISABLED),
		[DO_ENABLE]	= TO(RUNNING_ENABLED),
		[DO_DISABLE]	= TO(RUNNING_DISABLED),
		[DO_UNREGISTER]	= LATER(UNREGISTERING),
		[DO_DISPATCH]	= NO(RUNNING_DISABLED),
		[DO_COMPLETE]	= TO(REGISTERED),
	},
	[UNREGISTERING] = {
		[DO_REGISTER]	= NO(UNREGISTERING),
		[DO_ENABLE]	= NO(UNREGISTERING),
		[DO_DISABLE]	= NO(UNREGISTERING),
		[DO_UNREGISTER]	= LATER(UNREGISTERING),
		[DO_DISPATCH]	= NO(UNREGISTERING),
		[DO_COMPLETE]	= TO(UNREGISTERED),
	},
};

#undef TO
#undef NO
#undef LATER

/* The registers that SDEI reads, writes, or is to leave alone */
struct model_regs {
	u64	x[31];
	u64	sp;
	u64	pc;
	u64	pstate;		/* as in SPSR_EL1 */
	u64	elr;
	u64	spsr;
};

struct model_event {
	enum model_state	state;
	bool			pending;
	u64			entry;
	u64			arg;
};

/* What the handler of a priority interrupted */
struct model_context {
	u64	x[MODEL_NR_X];
	u64	pc;
	u64	pstate;
};

struct model_pe {
	struct model_regs	regs;
	struct model_event	event[MODEL_NR_EVENTS];
	struct model_context	context[MODEL_NR_EVENTS];
	bool			masked;
	bool			on;
	u64			mpidr;
	/* What the PSTATE of an exception depends on */
	bool			span;		/* SCTLR_EL1.SPAN */
	bool			dssbs;		/* SCTLR_EL1.DSSBS */
	bool			mte;
};

struct model {
	struct model_pe	pe[MODEL_MAX_PES];
	u64		version;
	bool		has_run;
	bool		aarch32_el0;
};

/*
 * PSTATE
 */

#define MODEL_PSTATE_EL0T	0x0ULL
#define MODEL_PSTATE_EL1T	0x4ULL
#define MODEL_PSTATE_EL1H	0x5ULL
#define MODEL_PSTATE_USR	0x10ULL
#define MODEL_PSTATE_M		0x1fULL
#define MODEL_PSTATE_AARCH32	BIT_ULL(4)
#define MODEL_PSTATE_DAIF	(0xfULL << 6)
#define MODEL_PSTATE_SSBS	BIT_ULL(12)
#define MODEL_PSTATE_PAN	BIT_ULL(22)
#define MODEL_PSTATE_UAO	BIT_ULL(23)
#define MODEL_PSTATE_DIT	BIT_ULL(24)
#define MODEL_PSTATE_TCO	BIT_ULL(25)
#define MODEL_PSTATE_NZCV	(0xfULL << 28)

/* Bits that SPSR_EL1 does not have, in AArch64: 5, 14-19, 26, 27, 37-63 */
#define MODEL_PSTATE_RES0	0xffffffe00c0fc020ULL
#define MODEL_PSTATE_RES0_A32	0xffffffe000000000ULL

/* After an exception to EL1: section 5.2 of the rules for handlers */
static inline u64 model_exception_pstate(const struct model_pe *pe, u64 old)
{
	u64 new = MODEL_PSTATE_EL1H | MODEL_PSTATE_DAIF;

	new |= old & (MODEL_PSTATE_NZCV | MODEL_PSTATE_DIT | MODEL_PSTATE_PAN);
	if (!pe->span)
		new |= MODEL_PSTATE_PAN;
	if (pe->dssbs)
		new |= MODEL_PSTATE_SSBS;
	if (pe->mte)
		new |= MODEL_PSTATE_TCO;
	return new;
}

/* Whether a guest can have it */
static inline bool model_valid_pstate(const struct model *m, u64 pstate)
{
	switch (pstate & MODEL_PSTATE_M) {
	case MODEL_PSTATE_EL0T:
	case MODEL_PSTATE_EL1T:
	case MODEL_PSTATE_EL1H:
		return !(pstate & MODEL_PSTATE_RES0);
	case MODEL_PSTATE_USR:
		return m->aarch32_el0 && !(pstate & MODEL_PSTATE_RES0_A32);
	default:
		return false;
	}
}

/*
 * Events
 */

/* The number is a 32-bit argument */
static inline struct model_event *model_event(struct model_pe *pe, u64 number)
{
	switch ((u32)number) {
	case 0:
		return &pe->event[MODEL_NORMAL];
	case MODEL_NMI:
		return &pe->event[MODEL_CRITICAL];
	default:
		return NULL;
	}
}

static inline bool model_is_registered(const struct model_event *event)
{
	return model_status[event->state] & MODEL_STATUS_REGISTERED;
}

static inline bool model_is_running(const struct model_event *event)
{
	return model_status[event->state] & MODEL_STATUS_RUNNING;
}

static inline enum model_result model_do(struct model_event *event,
					 enum model_action action)
{
	const struct model_rule *rule = &model_rules[event->state][action];

	event->state = rule->next;
	return rule->ret;
}

/* The priority of the innermost handler, -1 outside of any */
static inline int model_running_priority(const struct model_pe *pe)
{
	int prio;

	for (prio = MODEL_CRITICAL; prio >= MODEL_NORMAL; prio--) {
		if (model_is_running(&pe->event[prio]))
			break;
	}
	return prio;
}

/* The event whose handler is to start now, the critical one first, or -1 */
static inline int model_deliverable(const struct model_pe *pe)
{
	int prio;

	if (pe->masked)
		return -1;

	for (prio = MODEL_CRITICAL; prio > model_running_priority(pe); prio--) {
		const struct model_event *event = &pe->event[prio];

		if (event->pending && event->state == ENABLED)
			return prio;
	}
	return -1;
}

/* Between two instructions of the PE: start a handler if there is one to start */
static inline bool model_deliver(struct model_pe *pe)
{
	int i, prio = model_deliverable(pe);
	struct model_regs *regs = &pe->regs;
	struct model_context *context;
	struct model_event *event;

	if (prio < 0)
		return false;

	event = &pe->event[prio];
	context = &pe->context[prio];

	event->pending = false;
	model_do(event, DO_DISPATCH);

	for (i = 0; i < MODEL_NR_X; i++)
		context->x[i] = regs->x[i];
	context->pc = regs->pc;
	context->pstate = regs->pstate;

	regs->x[0] = prio == MODEL_CRITICAL ? MODEL_NMI : 0;
	regs->x[1] = event->arg;
	regs->x[2] = context->pc;
	regs->x[3] = context->pstate;
	regs->pc = event->entry;
	regs->pstate = model_exception_pstate(pe, context->pstate);
	return true;
}

/* Of signals only one is kept; for an event that is not registered none is */
static inline int model_raise(struct model_event *event)
{
	if (!model_is_registered(event))
		return -EINVAL;

	event->pending = true;
	return 0;
}

/*
 * Reset: KVM_ARM_VCPU_INIT, PSCI CPU_ON and CPU_OFF
 */

static inline void model_reset(struct model_pe *pe)
{
	static const struct model_event no_event;
	static const struct model_context no_context;
	int prio;

	for (prio = 0; prio < MODEL_NR_EVENTS; prio++) {
		pe->event[prio] = no_event;
		pe->context[prio] = no_context;
	}
	pe->masked = true;
	pe->on = true;
}

static inline void model_cpu_off(struct model_pe *pe)
{
	model_reset(pe);
	pe->on = false;
}

static inline void model_init(struct model *m, u64 version, bool aarch32_el0)
{
	int i;

	m->version = version;
	m->has_run = false;
	m->aarch32_el0 = aarch32_el0;
	for (i = 0; i < MODEL_MAX_PES; i++)
		model_reset(&m->pe[i]);
}

#endif /* SELFTEST_KVM_SDEI_MODEL_H */
