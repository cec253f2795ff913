/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reference model of SDEI (Arm DEN0054C) as KVM offers it to its guests, to be
 * compared with KVM step by step, and to be read as a specification: here the PEs and
 * a table of states, in sdei_model_calls.h what each call does with them, in
 * sdei_model_regs.h what a VMM sees and changes. Plain C on purpose: no concurrency,
 * no KVM. The includer provides bool, u32, u64, s64, BIT_ULL() and the error numbers.
 *
 * C1 and up are the rules, D1 to D21 the decisions of spec/rules.md.
 *
 * The model shares no code with KVM, and has another form: each event is in one of six
 * states, where KVM keeps sets of events. But the same people wrote both. A comparison
 * finds where KVM's code does not do what they meant. Where they misread a manual, both
 * are wrong in the same way: what calls answer that have nothing to do is the same here as
 * there, and model_exception_pstate() follows the same text of the Arm ARM in nearly the
 * same words. For that one the fuzzer has exceptions of the CPU to compare with.
 *
 * All events are private. Number 0 has normal priority and is signalled by guests,
 * MODEL_NMI has critical priority and is raised by the VMM. KVM has no third event yet:
 * with MODEL_NR_EVENTS 3 the model has one of normal priority, which only a write of its
 * state makes pending, to show how several events share a priority. With MODEL_ASYNC_PF it is
 * that of the series async-pf, of a guest without late pages.
 */
#ifndef SELFTEST_KVM_SDEI_MODEL_H
#define SELFTEST_KVM_SDEI_MODEL_H

#define MODEL_MAX_PES		3
#define MODEL_NR_X		18	/* x0-x17 are the dispatcher's to restore */
#define MODEL_NMI		0x40000000
#define MODEL_THIRD		0x40000001

#ifdef MODEL_ASYNC_PF
#undef MODEL_NR_EVENTS
#define MODEL_NR_EVENTS		3
#else
#define MODEL_ASYNC_PF		0
#endif

#ifndef MODEL_NR_EVENTS
#define MODEL_NR_EVENTS		2
#endif

/* D10 */
#define MODEL_VERSION_1_0	0x00010000004b564dULL
#define MODEL_VERSION_1_1	0x00010001004b564dULL

/* What calls return in x0, sign-extended (C7) */
enum model_result {
	MODEL_SUCCESS		= 0,
	MODEL_NOT_SUPPORTED	= -1,
	MODEL_INVALID		= -2,
	MODEL_DENIED		= -3,
	MODEL_PENDING		= -5,
	MODEL_OUT_OF_RESOURCE	= -10,
};

enum { MODEL_NORMAL, MODEL_CRITICAL, MODEL_NR_PRIORITIES };

/* The events by their index in registers, which says nothing of their priority */
enum { MODEL_IDX_SW_SIGNALED, MODEL_IDX_NMI, MODEL_IDX_THIRD, MODEL_MAX_EVENTS };

static const struct {
	u32	number;
	int	priority;
	bool	signalable;	/* by the guest */
} model_events[MODEL_MAX_EVENTS] = {
	[MODEL_IDX_SW_SIGNALED]	= { 0, MODEL_NORMAL, true },
	[MODEL_IDX_NMI]		= { MODEL_NMI, MODEL_CRITICAL, false },
	[MODEL_IDX_THIRD]	= { MODEL_THIRD, MODEL_NORMAL, false },
};

/* The states of an event on a PE (DEN0054C table 13), and how it comes to them */
enum model_state {
	UNREGISTERED,
	REGISTERED,
	ENABLED,
	RUNNING_ENABLED,
	RUNNING_DISABLED,
	UNREGISTERING,		/* at the end of the handler, that is */
	MODEL_NR_STATES
};

/* A state as EVENT_STATUS returns it (D2: after UNREGISTER in the handler it is 4) */
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

/*
 * REGISTER: C14-C16, C103, C105. ENABLE, DISABLE: C27-C32, C101, C102, C105, D20.
 * UNREGISTER: C34-C37, C104-C106, D3. Dispatch: C62, C70, C71. Complete: C62, C101, C106.
 */
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

/* The registers that SDEI reads, writes, or must leave alone */
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
	bool			all_ready;	/* READY has all slots */
	u64			entry;
	u64			arg;
};

/* What the handler of a priority interrupted: one runs at each at most (C125-C133) */
struct model_context {
	u64	x[MODEL_NR_X];
	u64	pc;
	u64	pstate;
};

struct model_pe {
	struct model_regs	regs;
	struct model_event	event[MODEL_NR_EVENTS];
	struct model_context	context[MODEL_NR_PRIORITIES];
	bool			masked;
	bool			on;		/* false: powered off, or stopped by the VMM */
	bool			no_sdei;	/* turned off by the VMM, AArch32... */
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

/*
 * What an exception to EL1 leaves of it (ARM DDI 0487, D1.3.1; C90-C94, C122, D8, D9), in
 * a guest that has none of the features that KVM hides.
 */
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

/* Whether a VMM can write it: the mode alone counts, as in a core register (C172) */
static inline bool model_valid_pstate(const struct model *m, u64 pstate)
{
	switch (pstate & MODEL_PSTATE_M) {
	case MODEL_PSTATE_EL0T:
	case MODEL_PSTATE_EL1T:
	case MODEL_PSTATE_EL1H:
		return true;
	case MODEL_PSTATE_USR:
		return m->aarch32_el0;
	default:
		return false;
	}
}

/*
 * Events
 */

/* The number is a 32-bit argument (C8, C13) */
static inline struct model_event *model_event(struct model_pe *pe, u64 number)
{
	int i;

	for (i = 0; i < MODEL_NR_EVENTS; i++) {
		if (model_events[i].number == (u32)number)
			return &pe->event[i];
	}
	return NULL;
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

/* The event whose handler runs at a priority, or -1 */
static inline int model_running_at(const struct model_pe *pe, int prio)
{
	int i;

	for (i = 0; i < MODEL_NR_EVENTS; i++) {
		if (model_events[i].priority == prio && model_is_running(&pe->event[i]))
			return i;
	}
	return -1;
}

/* The event of the innermost handler, the one of the highest priority, or -1 (C126, C127) */
static inline int model_innermost(const struct model_pe *pe)
{
	int prio, i = -1;

	for (prio = MODEL_CRITICAL; prio >= MODEL_NORMAL && i < 0; prio--)
		i = model_running_at(pe, prio);
	return i;
}

/*
 * The event whose handler starts now, or -1: the critical one first, among those of
 * one priority the one with the highest index (C124, C162). A handler holds back all events
 * but those of a higher priority (C125, C128, C129, C133, C163). On a PE that is off, or has
 * no SDEI, none starts (C164, C180).
 */
static inline int model_deliverable(const struct model_pe *pe)
{
	int prio, i;

	if (pe->no_sdei || !pe->on || pe->masked)
		return -1;

	for (prio = MODEL_CRITICAL; prio >= MODEL_NORMAL; prio--) {
		if (model_running_at(pe, prio) >= 0)
			break;
		for (i = MODEL_NR_EVENTS - 1; i >= 0; i--) {
			if (model_events[i].priority == prio && pe->event[i].pending &&
			    pe->event[i].state == ENABLED)
				return i;
		}
	}
	return -1;
}

/*
 * Between two instructions of the PE: start a handler if there is one to start (C86-C89).
 * What was pending is no more, and may be again before the handler ends (C70, C71).
 */
static inline bool model_deliver(struct model_pe *pe)
{
	int n, i = model_deliverable(pe);
	struct model_regs *regs = &pe->regs;
	struct model_context *context;
	struct model_event *event;

	if (i < 0)
		return false;

	event = &pe->event[i];
	context = &pe->context[model_events[i].priority];

	event->pending = false;
	model_do(event, DO_DISPATCH);

	for (n = 0; n < MODEL_NR_X; n++)
		context->x[n] = regs->x[n];
	context->pc = regs->pc;
	context->pstate = regs->pstate;

	regs->x[0] = model_events[i].number;
	regs->x[1] = event->arg;
	regs->x[2] = context->pc;
	regs->x[3] = context->pstate;
	regs->pc = event->entry;
	regs->pstate = model_exception_pstate(pe, context->pstate);
	return true;
}

/*
 * Of signals only one is kept (C70, C85); for an event that is not registered none is
 * (D1, D21). Where the event is disabled or the PE masked, it waits (C72, C73, C83).
 */
static inline bool model_raise(struct model_event *event)
{
	if (!model_is_registered(event))
		return false;

	event->pending = true;
	return true;
}

/* The operator's NMI, by KVM_NMI (C82-C85, C156, C158-C160) */
static inline int model_nmi(struct model_pe *pe)
{
	if (pe->no_sdei)
		return -ENXIO;

	return model_raise(&pe->event[MODEL_IDX_NMI]) ? 0 : -ENOENT;
}

/*
 * Reset: KVM_ARM_VCPU_INIT, PSCI CPU_ON and CPU_OFF (C11, C12, C134, C137, C139, D15, D16)
 */

static inline void model_reset(struct model_pe *pe)
{
	static const struct model_event no_event;
	static const struct model_context no_context;
	int i;

	for (i = 0; i < MODEL_NR_EVENTS; i++)
		pe->event[i] = no_event;
	for (i = 0; i < MODEL_NR_PRIORITIES; i++)
		pe->context[i] = no_context;
	pe->masked = true;
	pe->on = true;
}

static inline void model_cpu_off(struct model_pe *pe)
{
	model_reset(pe);
	pe->on = false;
}

/* KVM_MP_STATE_RUNNABLE, or else KVM_MP_STATE_STOPPED: no reset, nothing is lost (C164) */
static inline void model_set_runnable(struct model_pe *pe, bool runnable)
{
	pe->on = runnable;
}

static inline void model_init(struct model *m, u64 version, bool aarch32_el0)
{
	int i;

	m->version = version;
	m->has_run = false;
	m->aarch32_el0 = aarch32_el0;
	for (i = 0; i < MODEL_MAX_PES; i++) {
		model_reset(&m->pe[i]);
		m->pe[i].no_sdei = false;
	}
}

#endif /* SELFTEST_KVM_SDEI_MODEL_H */
