/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's pseudo-registers in the reference model of SDEI: what a VMM reads and writes of
 * the states in sdei_model.h. DEN0054C says nothing of this: all of it is KVM's choice
 * (C166-C180 of spec/rules.md).
 */
#ifndef SELFTEST_KVM_SDEI_MODEL_REGS_H
#define SELFTEST_KVM_SDEI_MODEL_REGS_H

#include "sdei_model.h"

/* What the pseudo-register of a state says besides */
#define MODEL_STATUS_PENDING	8

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
	MODEL_NR_REGS		= MODEL_REG_CONTEXT + MODEL_NR_PRIORITIES * MODEL_CONTEXT_REGS
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
	bool pending = event->pending || (event->all_ready && model_is_registered(event));

	return model_status[event->state] | (pending ? MODEL_STATUS_PENDING : 0);
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

/* C171 */
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
 * may have been signalled after it was read (C168, C169, C173).
 *
 * At most one handler runs at each priority: to write that this event's does ends that of
 * another event of its priority (C174, C175). So states in which at most one event of
 * each priority runs can be written in any order, and are what was written in the end.
 */
static inline int model_set_state(struct model_pe *pe, int i, u64 val)
{
	struct model_event *event = &pe->event[i];
	u64 status = val & ~(u64)MODEL_STATUS_PENDING;
	enum model_state state = 0;

	while (model_status[state] != status) {
		if (++state == MODEL_NR_STATES)
			return -EINVAL;
	}
	if (val & MODEL_STATUS_PENDING && !(val & MODEL_STATUS_REGISTERED))
		return -EINVAL;

	if (val & MODEL_STATUS_RUNNING) {
		int running = model_running_at(pe, model_events[i].priority);

		if (running >= 0)
			model_do(&pe->event[running], DO_COMPLETE);
	}
	if (!model_is_registered(event))
		event->all_ready = false;
	event->state = state;
	if (!model_is_registered(event))
		event->pending = false;
	else if (val & MODEL_STATUS_PENDING)
		event->pending = true;
	/* What a guest waits for is not in the registers: it has to look at all of it */
	if (MODEL_ASYNC_PF && i == MODEL_IDX_THIRD && val & MODEL_STATUS_PENDING)
		event->all_ready = true;
	return 0;
}

/*
 * 0, or an error that has changed nothing. The registers of a PE without SDEI are not
 * listed, can be read, and written with what they are (C177-C180). States that no call
 * leads to can be written, and an entry address of 0 (C176).
 */
static inline int model_set_reg(struct model *m, struct model_pe *pe, unsigned int reg,
				u64 val)
{
	if (pe->no_sdei)
		return val == model_get_reg(m, pe, reg) ? 0 : -EINVAL;

	switch (reg) {
	case MODEL_REG_VERSION:
		return model_set_version(m, val);
	case MODEL_REG_PE_STATE:
		if (val > 1)
			return -EINVAL;
		pe->masked = val;
		return 0;
	case MODEL_REG_STATE ... MODEL_REG_ENTRY - 1:
		return model_set_state(pe, reg - MODEL_REG_STATE, val);
	case MODEL_REG_ENTRY ... MODEL_REG_ARG - 1:
		if (val % 4)	/* C170 */
			return -EINVAL;
		pe->event[reg - MODEL_REG_ENTRY].entry = val;
		return 0;
	case MODEL_REG_ARG ... MODEL_REG_CONTEXT - 1:
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

/* All registers are written to a PE that was reset: what that changes (C167) */
static inline void model_move(struct model_pe *pe)
{
	int i;

	for (i = 0; i < MODEL_NR_EVENTS; i++) {
		struct model_event *event = &pe->event[i];

		event->pending = model_get_state(event) & MODEL_STATUS_PENDING;
		event->all_ready = MODEL_ASYNC_PF && i == MODEL_IDX_THIRD && event->pending;
	}
}

#endif /* SELFTEST_KVM_SDEI_MODEL_REGS_H */
