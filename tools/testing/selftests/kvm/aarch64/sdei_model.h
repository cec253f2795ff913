/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reference model of SDEI (Arm DEN0054C) as KVM offers it to its guests, to be
 * compared with KVM step by step. It is written from the specification, not from
 * KVM, to be read as one: a table of states, and what each call does with it. Plain
 * C on purpose: no concurrency, no KVM. The includer provides bool, u32, u64, s64,
 * BIT_ULL() and the error numbers.
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

/* Function ids: 32 bits, one range */
#define MODEL_FN_BASE		0xc4000020U
#define MODEL_FN_LAST		0xc400003fU

enum model_fn {
	MODEL_VERSION,
	MODEL_REGISTER,
	MODEL_ENABLE,
	MODEL_DISABLE,
	MODEL_CONTEXT,
	MODEL_COMPLETE,
	MODEL_COMPLETE_AND_RESUME,
	MODEL_UNREGISTER,
	MODEL_STATUS,
	MODEL_GET_INFO,
	MODEL_ROUTING_SET,
	MODEL_PE_MASK,
	MODEL_PE_UNMASK,
	MODEL_BIND,
	MODEL_RELEASE,
	MODEL_SIGNAL,
	MODEL_FEATURES,
	MODEL_PRIVATE_RESET,
	MODEL_SHARED_RESET,
	MODEL_NR_FNS
};

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
/* What the pseudo-register of a state says besides */
#define MODEL_STATUS_PENDING	8

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

/* Bits that SPSR_EL1 does not have, in AArch64: 5, 13-19, 26, 27, 32-63 */
#define MODEL_PSTATE_RES0	0xffffffff0c0fe020ULL
#define MODEL_PSTATE_RES0_A32	0xffffffff00000000ULL

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

/*
 * The calls. Parameters are checked before states. A call gets x1-x5, most have the
 * event that is x1 looked up for them, and returns x0.
 */

struct model_call {
	struct model		*m;
	struct model_pe		*pe;
	struct model_event	*event;
	const u64		*x;
};

static inline s64 model_fn_version(struct model_call *c)
{
	return c->m->version;
}

static inline s64 model_fn_register(struct model_call *c)
{
	u64 entry = c->x[2], arg = c->x[3], flags = c->x[4];
	enum model_result ret;

	if (!entry || entry % 4)
		return MODEL_INVALID;
	/* The routing mode, bit 0, and the affinity are for shared events only */
	if (flags & ~1ULL)
		return MODEL_INVALID;

	ret = model_do(c->event, DO_REGISTER);
	if (ret == MODEL_SUCCESS) {
		c->event->entry = entry;
		c->event->arg = arg;
		c->event->pending = false;
	}
	return ret;
}

static inline s64 model_fn_enable(struct model_call *c)
{
	return model_do(c->event, DO_ENABLE);
}

static inline s64 model_fn_disable(struct model_call *c)
{
	return model_do(c->event, DO_DISABLE);
}

static inline s64 model_fn_unregister(struct model_call *c)
{
	/* The address and the argument stay to be read by the VMM, of no use */
	c->event->pending = false;
	return model_do(c->event, DO_UNREGISTER);
}

static inline s64 model_fn_status(struct model_call *c)
{
	return model_status[c->event->state];
}

static inline s64 model_fn_context(struct model_call *c)
{
	int prio = model_running_priority(c->pe);
	u32 n = c->x[1];

	if (n >= MODEL_NR_X)
		return MODEL_INVALID;
	if (prio < 0)
		return MODEL_DENIED;

	return c->pe->context[prio].x[n];
}

static inline s64 model_fn_get_info(struct model_call *c)
{
	bool critical = c->event == &c->pe->event[MODEL_CRITICAL];

	switch ((u32)c->x[2]) {
	case 0:		/* type: private */
		return 0;
	case 1:		/* whether it can not be signalled by software */
		return critical;
	case 2:		/* priority */
		return critical;
	default:	/* a private event has no routing */
		return MODEL_INVALID;
	}
}

static inline s64 model_fn_pe_mask(struct model_call *c)
{
	bool was_masked = c->pe->masked;

	c->pe->masked = true;
	return !was_masked;
}

static inline s64 model_fn_pe_unmask(struct model_call *c)
{
	c->pe->masked = false;
	return MODEL_SUCCESS;
}

/* There are no slots; SGIs could not be bound to one */
static inline s64 model_fn_bind(struct model_call *c)
{
	return (u32)c->x[1] < 16 ? MODEL_INVALID : MODEL_OUT_OF_RESOURCE;
}

#define MODEL_AFFINITY		0xff00ffffffULL

static inline struct model_pe *model_pe(struct model *m, u64 mpidr)
{
	int i;

	for (i = 0; i < MODEL_MAX_PES; i++) {
		if (!((m->pe[i].mpidr ^ mpidr) & MODEL_AFFINITY))
			return &m->pe[i];
	}
	return NULL;
}

static inline s64 model_fn_signal(struct model_call *c)
{
	struct model_pe *target = model_pe(c->m, c->x[2]);

	if (c->event != &c->pe->event[MODEL_NORMAL] || !target ||
	    model_raise(&target->event[MODEL_NORMAL]))
		return MODEL_INVALID;

	return MODEL_SUCCESS;
}

static inline s64 model_fn_features(struct model_call *c)
{
	switch ((u32)c->x[1]) {
	case 0:		/* slots for interrupts */
		return 0;
	case 1:		/* relative mode, which version 1.0 doesn't know */
		return c->m->version == MODEL_VERSION_1_0 ? MODEL_INVALID : 0;
	default:
		return MODEL_INVALID;
	}
}

/* Unregisters what is registered. Can't be said to be done while one runs. */
static inline s64 model_fn_private_reset(struct model_call *c)
{
	enum model_result ret = MODEL_SUCCESS;
	int prio;

	for (prio = 0; prio < MODEL_NR_EVENTS; prio++) {
		c->event = &c->pe->event[prio];
		if (model_fn_unregister(c) == MODEL_PENDING)
			ret = MODEL_DENIED;
	}
	return ret;
}

/* Nothing is shared, and nothing is bound */
static inline s64 model_fn_shared_reset(struct model_call *c)
{
	(void)c;
	return MODEL_SUCCESS;
}

static inline s64 model_fn_invalid(struct model_call *c)
{
	(void)c;
	return MODEL_INVALID;
}

static const struct {
	s64	(*fn)(struct model_call *c);
	bool	takes_event;
} model_calls[MODEL_NR_FNS] = {
	[MODEL_VERSION]		= { model_fn_version, false },
	[MODEL_REGISTER]	= { model_fn_register, true },
	[MODEL_ENABLE]		= { model_fn_enable, true },
	[MODEL_DISABLE]		= { model_fn_disable, true },
	[MODEL_CONTEXT]		= { model_fn_context, false },
	[MODEL_UNREGISTER]	= { model_fn_unregister, true },
	[MODEL_STATUS]		= { model_fn_status, true },
	[MODEL_GET_INFO]	= { model_fn_get_info, true },
	[MODEL_ROUTING_SET]	= { model_fn_invalid, false },
	[MODEL_PE_MASK]		= { model_fn_pe_mask, false },
	[MODEL_PE_UNMASK]	= { model_fn_pe_unmask, false },
	[MODEL_BIND]		= { model_fn_bind, false },
	[MODEL_RELEASE]		= { model_fn_invalid, false },
	[MODEL_SIGNAL]		= { model_fn_signal, true },
	[MODEL_FEATURES]	= { model_fn_features, false },
	[MODEL_PRIVATE_RESET]	= { model_fn_private_reset, false },
	[MODEL_SHARED_RESET]	= { model_fn_shared_reset, false },
};

/* COMPLETE, and COMPLETE_AND_RESUME at @resume: success is not returned to */
static inline enum model_result model_complete(struct model_pe *pe, const u64 *resume)
{
	int i, prio = model_running_priority(pe);
	struct model_regs *regs = &pe->regs;
	struct model_context *context;

	if (prio < 0)
		return MODEL_DENIED;
	if (resume && *resume % 4)
		return MODEL_INVALID;

	context = &pe->context[prio];
	if (resume) {
		/* As if what was interrupted had taken an exception */
		regs->elr = context->pc;
		regs->spsr = context->pstate;
		regs->pc = *resume;
		regs->pstate = model_exception_pstate(pe, context->pstate);
	} else {
		regs->pc = context->pc;
		regs->pstate = context->pstate;
	}
	for (i = 0; i < MODEL_NR_X; i++)
		regs->x[i] = context->x[i];

	return model_do(&pe->event[prio], DO_COMPLETE);
}

static inline s64 model_one_call(struct model *m, struct model_pe *pe, u32 fn)
{
	const u64 *x = pe->regs.x;
	struct model_call c = {
		.m = m,
		.pe = pe,
		.event = model_event(pe, x[1]),
		.x = x,
	};

	if (fn >= MODEL_NR_FNS)
		return MODEL_NOT_SUPPORTED;
	if (model_calls[fn].takes_event && !c.event)
		return MODEL_INVALID;

	return model_calls[fn].fn(&c);
}

/*
 * The call in x0-x5 of a PE whose PC is behind its HVC or SMC already. x1-x3 are 0
 * in a result, as they are for all of KVM's calls. A handler that the call makes
 * startable starts at its end. False if it is no SDEI call.
 */
static inline bool model_hypercall(struct model *m, struct model_pe *pe)
{
	struct model_regs *regs = &pe->regs;
	u32 id = regs->x[0];
	u64 resume = regs->x[1];
	s64 ret;

	if (id < MODEL_FN_BASE || id > MODEL_FN_LAST)
		return false;

	switch (id - MODEL_FN_BASE) {
	case MODEL_COMPLETE:
		ret = model_complete(pe, NULL);
		break;
	case MODEL_COMPLETE_AND_RESUME:
		ret = model_complete(pe, &resume);
		break;
	default:
		ret = model_one_call(m, pe, id - MODEL_FN_BASE);
		goto result;
	}
	if (ret == MODEL_SUCCESS)
		goto out;
result:
	regs->x[0] = ret;
	regs->x[1] = 0;
	regs->x[2] = 0;
	regs->x[3] = 0;
out:
	model_deliver(pe);
	return true;
}

/*
 * The pseudo-registers of a PE, by an index of their own
 */

#define MODEL_CONTEXT_REGS	(MODEL_NR_X + 2)

enum {
	MODEL_REG_VERSION,
	MODEL_REG_PE_STATE,
	MODEL_REG_STATE,
	MODEL_REG_ENTRY		= MODEL_REG_STATE + MODEL_NR_EVENTS,
	MODEL_REG_ARG		= MODEL_REG_ENTRY + MODEL_NR_EVENTS,
	MODEL_REG_CONTEXT	= MODEL_REG_ARG + MODEL_NR_EVENTS,
	MODEL_NR_REGS		= MODEL_REG_CONTEXT + MODEL_NR_EVENTS * MODEL_CONTEXT_REGS
};

#define MODEL_REG_CONTEXT_X(_prio, _n)	\
	(MODEL_REG_CONTEXT + (_prio) * MODEL_CONTEXT_REGS + (_n))
#define MODEL_REG_CONTEXT_PC(_prio)	MODEL_REG_CONTEXT_X(_prio, MODEL_NR_X)
#define MODEL_REG_CONTEXT_PSTATE(_prio)	MODEL_REG_CONTEXT_X(_prio, MODEL_NR_X + 1)

static inline u64 *model_context_reg(struct model_pe *pe, unsigned int reg)
{
	unsigned int n = reg - MODEL_REG_CONTEXT;
	struct model_context *context = &pe->context[n / MODEL_CONTEXT_REGS];

	switch (n % MODEL_CONTEXT_REGS) {
	case MODEL_NR_X:
		return &context->pc;
	case MODEL_NR_X + 1:
		return &context->pstate;
	default:
		return &context->x[n % MODEL_CONTEXT_REGS];
	}
}

static inline u64 model_get_state(const struct model_event *event)
{
	return model_status[event->state] | (event->pending ? MODEL_STATUS_PENDING : 0);
}

static inline u64 model_get_reg(struct model *m, struct model_pe *pe, unsigned int reg)
{
	if (reg >= MODEL_REG_CONTEXT)
		return *model_context_reg(pe, reg);
	if (reg >= MODEL_REG_ARG)
		return pe->event[reg - MODEL_REG_ARG].arg;
	if (reg >= MODEL_REG_ENTRY)
		return pe->event[reg - MODEL_REG_ENTRY].entry;
	if (reg >= MODEL_REG_STATE)
		return model_get_state(&pe->event[reg - MODEL_REG_STATE]);
	return reg == MODEL_REG_VERSION ? m->version : pe->masked;
}

static inline int model_set_version(struct model *m, u64 val)
{
	if (val != MODEL_VERSION_1_0 && val != MODEL_VERSION_1_1)
		return -EINVAL;
	if (m->has_run && val != m->version)
		return -EBUSY;

	m->version = val;
	return 0;
}

/*
 * An event that is registered does not stop being pending when it is written: it
 * may have been signalled after it was read.
 */
static inline int model_set_state(struct model_event *event, u64 val)
{
	u64 status = val & ~(u64)MODEL_STATUS_PENDING;
	enum model_state state = 0;

	while (model_status[state] != status) {
		if (++state == MODEL_NR_STATES)
			return -EINVAL;
	}
	if (val & MODEL_STATUS_PENDING && !(val & MODEL_STATUS_REGISTERED))
		return -EINVAL;

	event->state = state;
	if (!model_is_registered(event))
		event->pending = false;
	else if (val & MODEL_STATUS_PENDING)
		event->pending = true;
	return 0;
}

/* 0, or an error that has changed nothing */
static inline int model_set_reg(struct model *m, struct model_pe *pe, unsigned int reg,
				u64 val)
{
	switch (reg) {
	case MODEL_REG_VERSION:
		return model_set_version(m, val);
	case MODEL_REG_PE_STATE:
		if (val > 1)
			return -EINVAL;
		pe->masked = val;
		return 0;
	case MODEL_REG_STATE ... MODEL_REG_STATE + MODEL_CRITICAL:
		return model_set_state(&pe->event[reg - MODEL_REG_STATE], val);
	case MODEL_REG_ENTRY ... MODEL_REG_ENTRY + MODEL_CRITICAL:
		if (val % 4)
			return -EINVAL;
		pe->event[reg - MODEL_REG_ENTRY].entry = val;
		return 0;
	case MODEL_REG_ARG ... MODEL_REG_ARG + MODEL_CRITICAL:
		pe->event[reg - MODEL_REG_ARG].arg = val;
		return 0;
	case MODEL_REG_CONTEXT_PSTATE(MODEL_NORMAL):
	case MODEL_REG_CONTEXT_PSTATE(MODEL_CRITICAL):
		if (!model_valid_pstate(m, val))
			return -EINVAL;
		break;
	}

	*model_context_reg(pe, reg) = val;
	return 0;
}

/* Whether KVM_RUN takes what the VMM wrote register by register, or has EINVAL */
static inline bool model_can_run(const struct model_pe *pe)
{
	int prio;

	for (prio = 0; prio < MODEL_NR_EVENTS; prio++) {
		const struct model_context *context = &pe->context[prio];

		if (model_is_registered(&pe->event[prio]) && !pe->event[prio].entry)
			return false;
		if (model_is_running(&pe->event[prio]) &&
		    context->pstate & MODEL_PSTATE_AARCH32 && context->pc >> 32)
			return false;
	}
	return true;
}

#endif /* SELFTEST_KVM_SDEI_MODEL_H */
