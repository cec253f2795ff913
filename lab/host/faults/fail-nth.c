// SPDX-License-Identifier: GPL-2.0
/*
 * A VM whose vCPUs take an SDEI event each, over and over: the first time its first
 * allocation in the kernel fails, then its second one, until there are no more. The step
 * that gives an error is tried once more, which must do, unless KVM says that the VM is
 * dead (EIO), or has a GIC whose file it could not open (EEXIST); the events are counted.
 *
 * Prints which steps failed. It takes a kernel with CONFIG_FAULT_INJECTION, and what may
 * fail is set in /sys/kernel/debug/fail*.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define VCPUS		2
#define MEMORY		0x40000000UL
#define SIZE		0x10000UL
#define DOORBELL	0x0a000000UL	/* nothing is there: a write is an exit */
#define GICD		0x08000000UL
#define GICR		0x080a0000UL
#define SIGNALS		3
#define HANG_SEC	60

#define CORE_REG(reg)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
			 offsetof(struct kvm_regs, regs.reg) / sizeof(uint32_t))

/*
 * The guest: registers event 0, signals it to itself SIGNALS times and writes the number
 * of times that the handler ran, or an SDEI error, to the address in x20.
 */
extern char guest[], guest_end[];
asm(
"	.global	guest, guest_end\n"
"	.balign	64\n"		/* MMU off: its constants must be aligned */
"guest:	mov	x19, #0\n"
"	mov	x1, #0\n"
"	adr	x2, 3f\n"
"	mov	x3, #0\n"
"	mov	x4, #0\n"
"	ldr	x0, =0xc4000021\n"	/* SDEI_EVENT_REGISTER */
"	hvc	#0\n"
"	cbnz	x0, 2f\n"
"	mov	x1, #0\n"
"	ldr	x0, =0xc4000022\n"	/* SDEI_EVENT_ENABLE */
"	hvc	#0\n"
"	cbnz	x0, 2f\n"
"	ldr	x0, =0xc400002c\n"	/* SDEI_PE_UNMASK */
"	hvc	#0\n"
"	cbnz	x0, 2f\n"
"	mov	x21, #3\n"
"1:	mov	x1, #0\n"
"	mrs	x2, mpidr_el1\n"
"	and	x2, x2, #0xffffff\n"
"	ldr	x0, =0xc400002f\n"	/* SDEI_EVENT_SIGNAL */
"	hvc	#0\n"
"	cbnz	x0, 2f\n"
"	sub	x21, x21, #1\n"
"	cbnz	x21, 1b\n"
"	mov	x0, x19\n"
"2:	str	x0, [x20]\n"
"	b	2b\n"
"	.align	2\n"
"3:	add	x19, x19, #1\n"
"	mov	x1, #0\n"
"	ldr	x0, =0xc4000025\n"	/* SDEI_EVENT_COMPLETE */
"	hvc	#0\n"
"	b	.\n"
"	.ltorg\n"
"guest_end:\n");

static int fail_nth = -1;
static int dead;			/* there is no way on with this VM */
static const char *failed;		/* the first step that gave an error, */
static int failed_errno;		/* and which */

static void arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(fail_nth, text, len, 0) != len) {
		perror("fail-nth");
		exit(1);
	}
}

/* Whether an allocation has failed since; none does from now on. */
static int disarm(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) <= 0) {
		perror("fail-nth");
		exit(1);
	}
	arm(0);
	return !atoi(text);
}

/* One step, and a second try at it if it fails; false if the VM is lost. */
static int step(const char *name, int *result, int fd, unsigned long request, unsigned long arg)
{
	for (int try = 0; try < 2 && !dead; try++) {
		*result = ioctl(fd, request, arg);
		if (*result >= 0)
			return 1;
		if (failed && (errno == EIO || errno == EEXIST)) {
			dead = 1;
			return 0;
		}
		if (failed) {
			printf("# %s: after %s had failed: %s\n", name, failed, strerror(errno));
			break;
		}
		failed = name;
		failed_errno = errno;
	}
	return 0;
}

static int set_reg(const char *name, int vcpu, uint64_t id, uint64_t val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uint64_t)&val };
	int result;

	return step(name, &result, vcpu, KVM_SET_ONE_REG, (unsigned long)&reg);
}

static int set_up_gic(int vm, int *gic)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	uint64_t gicd = GICD, gicr = GICR;
	struct kvm_device_attr dist = {
		.group = KVM_DEV_ARM_VGIC_GRP_ADDR, .attr = KVM_VGIC_V3_ADDR_TYPE_DIST,
		.addr = (uint64_t)&gicd,
	}, redist = {
		.group = KVM_DEV_ARM_VGIC_GRP_ADDR, .attr = KVM_VGIC_V3_ADDR_TYPE_REDIST,
		.addr = (uint64_t)&gicr,
	}, init = {
		.group = KVM_DEV_ARM_VGIC_GRP_CTRL, .attr = KVM_DEV_ARM_VGIC_CTRL_INIT,
	};
	int result;

	if (!step("KVM_CREATE_DEVICE", &result, vm, KVM_CREATE_DEVICE, (unsigned long)&device))
		return 0;
	*gic = device.fd;
	return step("the GIC's distributor", &result, *gic, KVM_SET_DEVICE_ATTR, (unsigned long)&dist) &&
	       step("the GIC's redistributors", &result, *gic, KVM_SET_DEVICE_ATTR, (unsigned long)&redist) &&
	       step("the GIC's initialisation", &result, *gic, KVM_SET_DEVICE_ATTR, (unsigned long)&init);
}

/* From KVM_CREATE_VM to the last event; true if every event came, and once. */
static int run(int kvm, void *memory, size_t run_size)
{
	int vm = -1, gic = -1, vcpus[VCPUS], result, good = 0, i;
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = MEMORY, .memory_size = SIZE, .userspace_addr = (uint64_t)memory,
	};
	struct kvm_run *runs[VCPUS];

	for (i = 0; i < VCPUS; i++) {
		vcpus[i] = -1;
		runs[i] = MAP_FAILED;
	}
	if (!step("KVM_CREATE_VM", &vm, kvm, KVM_CREATE_VM, 0) ||
	    !step("KVM_SET_USER_MEMORY_REGION", &result, vm, KVM_SET_USER_MEMORY_REGION,
		  (unsigned long)&region))
		goto out;

	for (i = 0; i < VCPUS; i++) {
		struct kvm_vcpu_init init = {};

		if (!step("KVM_CREATE_VCPU", &vcpus[i], vm, KVM_CREATE_VCPU, i) ||
		    !step("KVM_ARM_PREFERRED_TARGET", &result, vm, KVM_ARM_PREFERRED_TARGET,
			  (unsigned long)&init))
			goto out;
		init.features[0] = 1 << KVM_ARM_VCPU_PSCI_0_2;
		if (!step("KVM_ARM_VCPU_INIT", &result, vcpus[i], KVM_ARM_VCPU_INIT,
			  (unsigned long)&init) ||
		    !set_reg("KVM_SET_ONE_REG", vcpus[i], CORE_REG(pc), MEMORY) ||
		    !set_reg("KVM_SET_ONE_REG", vcpus[i], CORE_REG(regs[20]), DOORBELL))
			goto out;
		for (int try = 0; try < 2 && runs[i] == MAP_FAILED; try++) {
			runs[i] = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpus[i], 0);
			if (runs[i] == MAP_FAILED && !failed) {
				failed = "mmap";
				failed_errno = errno;
			}
		}
		if (runs[i] == MAP_FAILED)
			goto out;
	}
	if (!set_up_gic(vm, &gic))
		goto out;

	for (i = 0; i < VCPUS; i++) {
		uint64_t events;

		if (!step("KVM_RUN", &result, vcpus[i], KVM_RUN, 0))
			goto out;
		memcpy(&events, runs[i]->mmio.data, sizeof(events));
		if (runs[i]->exit_reason != KVM_EXIT_MMIO ||
		    runs[i]->mmio.phys_addr != DOORBELL || events != SIGNALS) {
			printf("# vCPU %d: exit %u, %ld events\n", i, runs[i]->exit_reason, (long)events);
			goto out;
		}
	}
	good = 1;
out:
	for (i = 0; i < VCPUS; i++) {
		if (runs[i] != MAP_FAILED)
			munmap(runs[i], run_size);
		if (vcpus[i] >= 0)
			close(vcpus[i]);
	}
	if (gic >= 0)
		close(gic);
	if (vm >= 0)
		close(vm);
	return good;
}

int main(void)
{
	unsigned int n, errors = 0, deaths = 0;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), more = 1, bad = 0;
	const char *last = NULL;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (kvm < 0 || fail_nth < 0) {
		perror(kvm < 0 ? "/dev/kvm" : "fail-nth");
		return 4;
	}
	for (n = 1; more; n++) {
		/* New for each VM: so is what maps it for the guest. */
		void *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		size_t run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
		int good;

		memcpy(memory, guest, guest_end - guest);
		failed = NULL;
		dead = 0;
		alarm(HANG_SEC);
		arm(n);
		good = run(kvm, memory, run_size);
		more = disarm();
		munmap(memory, SIZE);

		errors += !!failed;
		deaths += dead;
		if (failed && failed != last) {
			printf("# allocation %u: %s: %s\n", n, failed, strerror(failed_errno));
			last = failed;
		}
		if (dead)
			printf("# allocation %u: the VM is dead after %s: %s\n", n, failed,
			       strerror(failed_errno));
		if ((!good && !dead) || (failed && !more)) {
			printf("# allocation %u: WRONG\n", n);
			bad = 1;
		}
	}
	/* The last VM had fewer allocations than that, and the one before failed the last one. */
	printf("%u allocations failed in turn, %u gave an error, %u a dead VM\n", n - 2, errors,
	       deaths);
	return bad || !errors;
}
