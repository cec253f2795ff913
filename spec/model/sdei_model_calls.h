/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls in the reference model of SDEI (DEN0054C section 5.1): what a guest reads
 * and changes of the states in sdei_model.h. Here too, C1 and D1 are of spec/rules.md.
 */
#ifndef SELFTEST_KVM_SDEI_MODEL_CALLS_H
#define SELFTEST_KVM_SDEI_MODEL_CALLS_H

#include "sdei_model.h"

/* Function ids: 32 bits, one range (C3-C5) */
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

/*
 * The calls. Parameters are checked before states (C23, D19). A call gets x1-x5, most
 * have the event that is x1 looked up for them (C8, C13, C17, C29, C35), and returns x0.
 */

struct model_call {
	struct model		*m;
	struct model_pe		*pe;
	struct model_event	*event;
	const u64		*x;
};

/* C1, D10 */
static inline s64 model_fn_version(struct model_call *c)
{
	return c->m->version;
}

/* C14-C26, C103, D5 */
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
		c->event->pending = false;	/* C75, D21 */
		c->event->all_ready = false;
	}
	return ret;
}

/* C27, C30, C31, C77 */
static inline s64 model_fn_enable(struct model_call *c)
{
	return model_do(c->event, DO_ENABLE);
}

/* C28, C32, C33; what is pending waits (C79, C101) */
static inline s64 model_fn_disable(struct model_call *c)
{
	return model_do(c->event, DO_DISABLE);
}

/* C34-C37, C104; what is pending is dropped (C78, C107, D21) */
static inline s64 model_fn_unregister(struct model_call *c)
{
	enum model_result ret = model_do(c->event, DO_UNREGISTER);

	/* The address and the argument stay to be read by the VMM, of no use */
	c->event->pending = false;
	if (ret != MODEL_DENIED)
		c->event->all_ready = false;
	return ret;
}

/* C13, C98 */
static inline s64 model_fn_status(struct model_call *c)
{
	return model_status[c->event->state];
}

/* C38, C39, C99, C100, C126, D19 */
static inline s64 model_fn_context(struct model_call *c)
{
	int i = model_innermost(c->pe);
	u32 n = c->x[1];

	if (n >= MODEL_NR_X)
		return MODEL_INVALID;
	if (i < 0)
		return MODEL_DENIED;

	return c->pe->context[model_events[i].priority].x[n];
}

/* C42-C46, D6 */
static inline s64 model_fn_get_info(struct model_call *c)
{
	int i = c->event - c->pe->event;

	switch ((u32)c->x[2]) {
	case 0:		/* type: private */
		return 0;
	case 1:		/* whether it can not be signalled by software */
		return !model_events[i].signalable;
	case 2:		/* priority */
		return model_events[i].priority;
	default:	/* a private event has no routing */
		return MODEL_INVALID;
	}
}

/* C11, C58-C60, C108, D7 */
static inline s64 model_fn_pe_mask(struct model_call *c)
{
	bool was_masked = c->pe->masked;

	c->pe->masked = true;
	return !was_masked;
}

/* C58, C76, C109 */
static inline s64 model_fn_pe_unmask(struct model_call *c)
{
	c->pe->masked = false;
	return MODEL_SUCCESS;
}

/* There are no slots; SGIs could not be bound to one (C49, C50, D12, D13) */
static inline s64 model_fn_bind(struct model_call *c)
{
	return (u32)c->x[1] < 16 ? MODEL_INVALID : MODEL_OUT_OF_RESOURCE;
}

#define MODEL_AFFINITY		0xff00ffffffULL

/* Only the affinity counts (C66) */
static inline struct model_pe *model_pe(struct model *m, u64 mpidr)
{
	int i;

	for (i = 0; i < MODEL_MAX_PES; i++) {
		if (!((m->pe[i].mpidr ^ mpidr) & MODEL_AFFINITY))
			return &m->pe[i];
	}
	return NULL;
}

/* DEN0054C 5.1.16; C62-C67, C72-C75, C81, D1 */
static inline s64 model_fn_signal(struct model_call *c)
{
	struct model_pe *target = model_pe(c->m, c->x[2]);
	int i = c->event - c->pe->event;

	if (!model_events[i].signalable || !target || !model_raise(&target->event[i]))
		return MODEL_INVALID;

	return MODEL_SUCCESS;
}

/* DEN0054C 5.1.17; C2, C9, C10, D11, D12 */
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

/*
 * Unregisters what is registered, and leaves the mask alone (C52-C55, C80). While one
 * runs that is refused, and done all the same (C110).
 */
static inline s64 model_fn_private_reset(struct model_call *c)
{
	enum model_result ret = MODEL_SUCCESS;
	int i;

	for (i = 0; i < MODEL_NR_EVENTS; i++) {
		c->event = &c->pe->event[i];
		if (model_fn_unregister(c) == MODEL_PENDING)
			ret = MODEL_DENIED;
		c->event->all_ready = false;
	}
	return ret;
}

/* Nothing is shared, and nothing is bound (C56, C57, D14) */
static inline s64 model_fn_shared_reset(struct model_call *c)
{
	(void)c;
	return MODEL_SUCCESS;
}

/* ROUTING_SET, RELEASE: for shared and bound events only (C47, C48, C51) */
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

/*
 * COMPLETE, and COMPLETE_AND_RESUME at @resume, of the innermost handler: success is not
 * returned to (C40, C41, C114-C123, C127, C132, D4, D8).
 */
static inline enum model_result model_complete(struct model_pe *pe, const u64 *resume)
{
	int n, i = model_innermost(pe);
	struct model_regs *regs = &pe->regs;
	struct model_context *context;

	if (i < 0)
		return MODEL_DENIED;
	if (resume && *resume % 4)
		return MODEL_INVALID;

	context = &pe->context[model_events[i].priority];
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
	for (n = 0; n < MODEL_NR_X; n++)
		regs->x[n] = context->x[n];

	return model_do(&pe->event[i], DO_COMPLETE);
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

	if (pe->no_sdei || fn >= MODEL_NR_FNS)
		return MODEL_NOT_SUPPORTED;
	if (model_calls[fn].takes_event && !c.event)
		return MODEL_INVALID;

	return model_calls[fn].fn(&c);
}

/*
 * The call in x0-x5 of a PE whose PC is already past its HVC or SMC. x1-x3 are 0
 * in a result, as they are for all of KVM's calls. A handler that the call makes
 * startable starts at its end, and finds its result in the saved x0 (C63, C76, C77).
 * False if it is no SDEI call. C6: a PE without SDEI supports none.
 */
static inline bool model_hypercall(struct model *m, struct model_pe *pe)
{
	struct model_regs *regs = &pe->regs;
	u32 id = regs->x[0];
	u64 resume = regs->x[1];
	s64 ret;

	if (id < MODEL_FN_BASE || id > MODEL_FN_LAST)
		return false;

	id -= MODEL_FN_BASE;
	if (!pe->no_sdei && (id == MODEL_COMPLETE || id == MODEL_COMPLETE_AND_RESUME)) {
		ret = model_complete(pe, id == MODEL_COMPLETE ? NULL : &resume);
		if (ret == MODEL_SUCCESS)
			goto out;
	} else {
		ret = model_one_call(m, pe, id);
	}
	regs->x[0] = ret;
	regs->x[1] = 0;
	regs->x[2] = 0;
	regs->x[3] = 0;
out:
	model_deliver(pe);
	return true;
}

#define MODEL_ASYNC_PF_CALL	0xc6000042U
#define MODEL_ASYNC_PF_SLOTS	64

/*
 * KVM's call of asynchronous page faults, in x0-x2, where no page comes late: nothing is
 * on offer, and no slot in use. False if it is another call.
 */
static inline bool model_async_pf(struct model_pe *pe)
{
	struct model_event *event = &pe->event[MODEL_NR_EVENTS - 1];
	u64 *x = pe->regs.x, fn = x[1], slot = x[2];

	if (!MODEL_ASYNC_PF || pe->no_sdei || (u32)x[0] != MODEL_ASYNC_PF_CALL)
		return false;

	x[0] = 0;
	x[1] = 0;
	x[2] = 0;
	x[3] = 0;
	switch (fn) {
	case 0:		/* FEATURES */
		x[1] = MODEL_ASYNC_PF_SLOTS;
		break;
	case 1:		/* ACCEPT: an invalid slot, or nothing to wait for */
		x[0] = slot >= MODEL_ASYNC_PF_SLOTS ? -3 : -2;
		x[1] = event->all_ready;
		break;
	case 2:		/* READY */
		x[1] = event->all_ready ? ~0ULL : 0;
		event->all_ready = false;
		break;
	default:
		x[0] = MODEL_NOT_SUPPORTED;
	}
	return true;
}

#endif /* SELFTEST_KVM_SDEI_MODEL_CALLS_H */
