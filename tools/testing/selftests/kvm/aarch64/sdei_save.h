/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saving and restoring a VM that uses one of its vCPUs, with every register
 * that KVM lists, as a VMM does that knows nothing of SDEI.
 */
#ifndef SELFTEST_KVM_SDEI_SAVE_H
#define SELFTEST_KVM_SDEI_SAVE_H

#include "sdei_state.h"

enum order { ASCENDING, DESCENDING, SHUFFLED, NR_ORDERS };

struct saved {
	struct kvm_reg_list	*list;
	u64			(*val)[2];
	struct sdei_state	sdei;
};

static int compare_ids(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* The vCPU's last exit is a ucall */
static void save(struct sdei_vm *v, struct saved *saved)
{
	unsigned int i, nr = 0;

	/* A store by MMIO is not over yet */
	vcpu_run_complete_io(v->vcpu[0]);

	memset(saved, 0, sizeof(*saved));
	saved->list = vcpu_get_reg_list(v->vcpu[0]);
	qsort(saved->list->reg, saved->list->n, sizeof(u64), compare_ids);
	saved->val = calloc(saved->list->n, sizeof(*saved->val));
	for (i = 0; i < saved->list->n; i++) {
		u64 id = saved->list->reg[i];
		int ret;

		TEST_ASSERT(KVM_REG_SIZE(id) <= sizeof(*saved->val), "size of %#lx",
			    (unsigned long)id);
		ret = __vcpu_get_reg(v->vcpu[0], id, saved->val[i]);
		TEST_ASSERT(!ret, KVM_IOCTL_ERROR(KVM_GET_ONE_REG, ret));
		if (id >= SDEI_REG(0) && id < SDEI_REG(NR_IDS)) {
			TEST_ASSERT(is_sdei_reg(id), "register %#x is listed", (u16)id);
			saved->sdei.val[id - SDEI_REG(0)] = saved->val[i][0];
			nr++;
		}
	}
	TEST_ASSERT(nr == NR_REGS, "%u registers are listed, not %u", nr, NR_REGS);
}

static void free_saved(struct saved *saved)
{
	free(saved->list);
	free(saved->val);
}

static void restore_reg(struct kvm_vcpu *vcpu, const struct saved *saved, int i)
{
	struct kvm_one_reg reg = {
		.id = saved->list->reg[i],
		.addr = (u64)saved->val[i],
	};

	TEST_ASSERT(!__vcpu_ioctl(vcpu, KVM_SET_ONE_REG, &reg), "register %#lx: %s",
		    (unsigned long)reg.id, strerror(errno));
}

static void restore_regs(struct kvm_vcpu *vcpu, const struct saved *saved,
			 enum order order)
{
	int i, n = saved->list->n, next = 0;

	for (i = 0; i < n; i++) {
		switch (order) {
		case ASCENDING:
			restore_reg(vcpu, saved, i);
			break;
		case DESCENDING:
			restore_reg(vcpu, saved, n - 1 - i);
			break;
		default:
			/* Each one once, as 1009 is a prime */
			next = (next + 1009) % n;
			restore_reg(vcpu, saved, next);
			break;
		}
	}
}

/* Guest memory. The library's message has its own host address in it. */
static void copy_memory(struct sdei_vm *to, struct sdei_vm *from, const struct ucall *uc)
{
	struct userspace_mem_region *src, *dst;
	struct ucall *copy;
	int slot;

	for (slot = 0; slot <= !!from->user_page; slot++) {
		src = memslot2region(from->vm, slot);
		dst = memslot2region(to->vm, slot);
		memcpy(dst->host_mem, src->host_mem, src->region.memory_size);
	}

	copy = addr_gpa2hva(to->vm, addr_hva2gpa(from->vm, uc->hva));
	copy->hva = copy;
}

static void restore(struct sdei_vm *v, struct sdei_vm *from, const struct ucall *uc,
		    const struct saved *saved, enum order order)
{
	v->test = from->test;
	sdei_set_mp_state(v->vcpu[0], KVM_MP_STATE_RUNNABLE);
	copy_memory(v, from, uc);
	restore_regs(v->vcpu[0], saved, order);
	expect_sdei_state(v->vcpu[0], &saved->sdei);
}

#endif /* SELFTEST_KVM_SDEI_SAVE_H */
