/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software Delegated Exception Interface (SDEI, Arm DEN0054C) for KVM guests
 */

#ifndef __ARM64_KVM_SDEI_H
#define __ARM64_KVM_SDEI_H

#include <linux/arm_sdei.h>
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include <asm/kvm.h>

struct kvm_vcpu;

/**
 * enum kvm_sdei_event - the events KVM offers
 * @KVM_SDEI_SW_SIGNALED: event 0, raised by any vCPU with SDEI_EVENT_SIGNAL
 * @KVM_SDEI_NMI: KVM_SDEI_EVENT_NMI, the operator's NMI, raised by KVM_NMI
 * @KVM_SDEI_NR_EVENTS: how many there are
 *
 * All of them are private to a vCPU. Their values are part of the ids of the
 * registers that hold an event's state, so new ones are added at the end. The
 * value says nothing about the priority; among events of the same priority the
 * higher one is delivered first.
 */
enum kvm_sdei_event {
	KVM_SDEI_SW_SIGNALED	= KVM_REG_ARM_SDEI_EVENT_IDX_SW_SIGNALED,
	KVM_SDEI_NMI		= KVM_REG_ARM_SDEI_EVENT_IDX_NMI,
	KVM_SDEI_NR_EVENTS
};

/* The events of critical priority, all others have normal priority */
#define KVM_SDEI_CRITICAL_EVENTS	BIT(KVM_SDEI_NMI)

/* SDEI_EVENT_PRIORITY_NORMAL and SDEI_EVENT_PRIORITY_CRITICAL */
#define KVM_SDEI_NR_PRIORITIES	2

/* The dispatcher saves and restores x0-x17, a handler preserves the rest */
#define KVM_SDEI_NR_REGS	18

/**
 * struct kvm_sdei_handler - what a guest registered for an event
 * @entry: virtual address of the handler, 4-byte aligned
 * @arg: passed to the handler in x1
 */
struct kvm_sdei_handler {
	u64	entry;
	u64	arg;
};

/**
 * struct kvm_sdei_context - what a handler interrupted
 * @regs: x0-x17
 * @pc: the interrupted PC
 * @pstate: the interrupted PSTATE, in the layout of SPSR_EL1
 */
struct kvm_sdei_context {
	u64	regs[KVM_SDEI_NR_REGS];
	u64	pc;
	u64	pstate;
};

/**
 * struct kvm_vcpu_sdei - SDEI state of a vCPU (DEN0054C section 6)
 * @registered: the events that have a handler
 * @enabled: the events whose handler may be entered, all of them registered
 * @running: for each priority, the one event whose handler was entered and has
 *	not completed, or none; an event that is unregistered meanwhile stays
 *	here until the handler completes
 * @pending: the events that were raised, and not delivered yet
 * @masked: the guest masked all events (SDEI_PE_MASK)
 * @handler: the handler of each event in @registered or @running
 * @context: what the handler running at each priority interrupted
 *
 * In these sets bit n stands for event n of enum kvm_sdei_event.
 *
 * @pending is atomic, because any thread may raise an event. Everything else is
 * written only under the vCPU's mutex, so after a call that forbids delivery no
 * handler starts. Other threads read the sets and @masked to raise an event, or
 * to see whether the vCPU is runnable.
 */
struct kvm_vcpu_sdei {
	u32			registered;
	u32			enabled;
	u32			running[KVM_SDEI_NR_PRIORITIES];
	atomic_t		pending;
	bool			masked;
	struct kvm_sdei_handler	handler[KVM_SDEI_NR_EVENTS];
	struct kvm_sdei_context	context[KVM_SDEI_NR_PRIORITIES];
};

static inline int kvm_sdei_priority(enum kvm_sdei_event event)
{
	return KVM_SDEI_CRITICAL_EVENTS & BIT(event) ? SDEI_EVENT_PRIORITY_CRITICAL :
						       SDEI_EVENT_PRIORITY_NORMAL;
}

/* The events whose handler runs, as a set */
static inline u32 kvm_sdei_running(struct kvm_vcpu_sdei *sdei)
{
	return READ_ONCE(sdei->running[SDEI_EVENT_PRIORITY_NORMAL]) |
	       READ_ONCE(sdei->running[SDEI_EVENT_PRIORITY_CRITICAL]);
}

bool vcpu_has_sdei(struct kvm_vcpu *vcpu);
int kvm_sdei_call(struct kvm_vcpu *vcpu);
int kvm_sdei_raise(struct kvm_vcpu *vcpu, enum kvm_sdei_event event);
bool kvm_sdei_deliverable(struct kvm_vcpu *vcpu);
void kvm_sdei_deliver(struct kvm_vcpu *vcpu);
void kvm_sdei_reset_vcpu(struct kvm_vcpu *vcpu);

unsigned int kvm_sdei_num_regs(void);
int kvm_sdei_copy_reg_indices(u64 __user *uindices);
int kvm_sdei_get_reg(struct kvm_vcpu *vcpu, u64 id, u64 *val);
int kvm_sdei_set_reg(struct kvm_vcpu *vcpu, u64 id, u64 val);

#endif /* __ARM64_KVM_SDEI_H */
