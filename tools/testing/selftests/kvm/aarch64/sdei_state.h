/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The SDEI registers of a vCPU, one by one and as a whole, with what they are
 * expected to be.
 */
#ifndef SELFTEST_KVM_SDEI_STATE_H
#define SELFTEST_KVM_SDEI_STATE_H

#include "sdei_regs.h"

#define VERSION			KVM_REG_ARM_SDEI_VERSION
#define VERSION_1_0		KVM_REG_ARM_SDEI_VERSION_1_0
#define VERSION_1_1		KVM_REG_ARM_SDEI_VERSION_1_1
#define PE_STATE		KVM_REG_ARM_SDEI_PE_STATE
#define STATE(_event)		KVM_REG_ARM_SDEI_EVENT_STATE(_event)
#define ENTRY(_event)		KVM_REG_ARM_SDEI_EVENT_ENTRY(_event)
#define ARG(_event)		KVM_REG_ARM_SDEI_EVENT_ARG(_event)
#define CONTEXT(_prio, _n)	KVM_REG_ARM_SDEI_CONTEXT_X(_prio, _n)
#define CONTEXT_PC(_prio)	KVM_REG_ARM_SDEI_CONTEXT_PC(_prio)
#define CONTEXT_PSTATE(_prio)	KVM_REG_ARM_SDEI_CONTEXT_PSTATE(_prio)
#define NR_REGS			(2 + 3 * NR_EVENTS + NR_EVENTS * (SDEI_NR_CONTEXT_REGS + 2))

/* All ids from here on, and those that are registers */
#define SDEI_REG(_n)		KVM_REG_ARM_FW_REG(0x100 + (_n))
#define NR_IDS			0x100

static inline bool is_sdei_reg(u64 id)
{
	return id == VERSION || id == PE_STATE ||
	       id == STATE(EV) || id == STATE(NMI) ||
	       id == ENTRY(EV) || id == ENTRY(NMI) ||
	       id == ARG(EV) || id == ARG(NMI) ||
	       (id >= CONTEXT(0, 0) && id < CONTEXT(2, 0));
}

/* The SDEI registers of a vCPU, by id */
struct sdei_state {
	u64	val[NR_IDS];
};

static inline void get_sdei_state(struct kvm_vcpu *vcpu, struct sdei_state *state)
{
	int i;

	for (i = 0; i < NR_IDS; i++)
		state->val[i] = is_sdei_reg(SDEI_REG(i)) ?
				sdei_get_reg(vcpu, SDEI_REG(i)) : 0;
}

static inline void set_sdei_state(struct kvm_vcpu *vcpu, const struct sdei_state *state)
{
	int i, err;

	for (i = 0; i < NR_IDS; i++) {
		if (!is_sdei_reg(SDEI_REG(i)))
			continue;
		err = sdei_set_reg(vcpu, SDEI_REG(i), state->val[i]);
		TEST_ASSERT(!err, "register %#x = %#lx: %s", 0x100 + i,
			    (unsigned long)state->val[i], strerror(err));
	}
}

static inline void expect_sdei_state(struct kvm_vcpu *vcpu, const struct sdei_state *state)
{
	struct sdei_state now;
	int i;

	get_sdei_state(vcpu, &now);
	for (i = 0; i < NR_IDS; i++)
		TEST_ASSERT(now.val[i] == state->val[i], "register %#x: %#lx, not %#lx",
			    0x100 + i, (unsigned long)now.val[i],
			    (unsigned long)state->val[i]);
}

static inline void expect_reg(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	u64 now = sdei_get_reg(vcpu, id);

	TEST_ASSERT(now == val, "register %#x: %#lx, not %#lx", (u16)id,
		    (unsigned long)now, (unsigned long)val);
}

static inline void expect_set(struct kvm_vcpu *vcpu, u64 id, u64 val, int err)
{
	int now = sdei_set_reg(vcpu, id, val);

	TEST_ASSERT(now == err, "register %#x = %#lx: %s, not %s", (u16)id,
		    (unsigned long)val, strerror(now), strerror(err));
}

#endif /* SELFTEST_KVM_SDEI_STATE_H */
