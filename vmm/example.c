// SPDX-License-Identifier: GPL-2.0
/*
 * What a VMM has to do for SDEI, and a VM that shows that it works: vmm/README.md has the
 * part between the two lines. Built with the headers of a kernel that has the series.
 */
#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- for the VMM ---- */

/*
 * Whether a vCPU has SDEI, -1 with errno if KVM can't tell: after KVM_ARM_VCPU_INIT, and after
 * KVM_ARM_VCPU_FINALIZE if it has SVE.
 */
static int has_sdei(int vcpu)
{
	struct kvm_reg_list size = { .n = 0 }, *list;
	int found;

	/* Fails with E2BIG, and says how many there are */
	if (!ioctl(vcpu, KVM_GET_REG_LIST, &size) || errno != E2BIG)
		return -1;
	list = malloc(sizeof(*list) + size.n * sizeof(list->reg[0]));
	if (!list)
		return -1;
	list->n = size.n;
	found = ioctl(vcpu, KVM_GET_REG_LIST, list);
	for (uint64_t i = 0; !found && i < list->n; i++)
		found = list->reg[i] == KVM_REG_ARM_SDEI_VERSION;
	free(list);
	return found;
}

/* Turn it off for the VM: before the list is read, and before any vCPU runs. */
static int sdei_off(int vcpu)
{
	uint64_t services;
	struct kvm_one_reg reg = { KVM_REG_ARM_STD_BMAP, (uintptr_t)&services };

	if (ioctl(vcpu, KVM_GET_ONE_REG, &reg))
		return errno == ENOENT ? 0 : errno;	/* an older kernel */
	services &= ~(1ULL << KVM_REG_ARM_STD_BIT_SDEI);
	return ioctl(vcpu, KVM_SET_ONE_REG, &reg) ? errno : 0;
}

/* Tell a guest that boots by device tree. */
static int add_node(void *fdt)
{
	int node = fdt_add_subnode(fdt, 0, "firmware");

	if (node == -FDT_ERR_EXISTS)
		node = fdt_path_offset(fdt, "/firmware");
	if (node >= 0)
		node = fdt_add_subnode(fdt, node, "sdei");
	if (node < 0)
		return node;
	return fdt_setprop_string(fdt, node, "compatible", "arm,sdei-1.0") ?:
	       fdt_setprop_string(fdt, node, "method", "hvc");
}

/* Tell one that boots by ACPI. The FADT says that the conduit is HVC, for PSCI and this. */
struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem_id[6], oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __attribute__((packed));

struct acpi_agdi {
	struct acpi_header header;
	uint8_t flags, reserved[3];		/* 0: signalled by SDEI */
	uint32_t sdei_event, gsiv;
} __attribute__((packed));

static const struct acpi_header sdei_table = {
	.signature = "SDEI", .length = sizeof(struct acpi_header), .revision = 1,
};
static const struct acpi_agdi agdi_table = {
	.header = { .signature = "AGDI", .length = sizeof(struct acpi_agdi), .revision = 0 },
	.sdei_event = KVM_SDEI_EVENT_NMI,
};

/* The operator's NMI, from any thread: one vCPU that has registered for it is enough. */
static const char *inject_nmi(int vm, const int *vcpus, int n)
{
	const char *answer = "the VM has no NMI";

	/* A KVM that does not know the ioctl answers only when the vCPU leaves KVM_RUN. */
	if (ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_USER_NMI) <= 0)
		return answer;
	for (int i = 0; i < n; i++) {
		if (!ioctl(vcpus[i], KVM_NMI))
			return NULL;
		if (errno == ENOENT)
			answer = "the guest has not registered for the NMI";
	}
	return answer;
}

/* ---- for the show ---- */

#define RAM	0x80000000UL
#define MMIO	0x10000000UL

/* Registers for the event, says so by MMIO, spins with interrupts masked; so does the handler. */
asm(
"	.macro	call fn, event=0\n"
"	mov	w0, #\\fn\n"
"	movk	w0, #0xc400, lsl #16\n"
"	mov	w1, #\\event\n"
"	hvc	#0\n"
"	.endm\n"
"	.global	guest, guest_end\n"
"guest:	adr	x2, 2f\n"
"	mov	x3, xzr\n"
"	mov	x4, xzr\n"
"	mov	x5, xzr\n"
"	call	0x21, 0x40000000\n"	/* SDEI_EVENT_REGISTER */
"	call	0x22, 0x40000000\n"	/* SDEI_EVENT_ENABLE */
"	call	0x2c\n"			/* SDEI_PE_UNMASK */
"	mov	x9, #0x10000000\n"
"	str	w0, [x9]\n"
"1:	b	1b\n"
"2:	mov	x9, #0x10000000\n"
"	str	w0, [x9, #4]\n"
"	b	1b\n"
"guest_end:\n");
extern char guest[], guest_end[];

static int vm, vcpu, ready[2];

static void *raiser(void *arg)
{
	char c;

	/* The vCPU is in KVM_RUN, and does not leave it by itself. */
	if (read(ready[0], &c, 1) == 1) {
		const char *error;

		usleep(200000);
		error = inject_nmi(vm, &vcpu, 1);
		printf("while it spins: %s\n", error ?: "raised");
	}
	return arg;
}

int main(int argc, char **argv)
{
	int kvm = open("/dev/kvm", O_RDWR);
	void *ram = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM, .memory_size = 0x10000, .userspace_addr = (uintptr_t)ram,
	};
	uint64_t pc = RAM;
	struct kvm_one_reg reg = {
		KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(regs.pc),
		(uintptr_t)&pc,
	};
	struct kvm_vcpu_init init;
	struct kvm_run *run;
	char fdt[1024];
	pthread_t thread;
	int size, sdei;

	setvbuf(stdout, NULL, _IOLBF, 0);
	memcpy(ram, guest, guest_end - guest);
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0 || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) ||
	    ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init) ||
	    (init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2, ioctl(vcpu, KVM_ARM_VCPU_INIT, &init))) {
		perror("KVM");
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], "off"))
		printf("turned off: %s\n", strerror(sdei_off(vcpu)));
	sdei = has_sdei(vcpu);
	printf("SDEI: %s\n", sdei < 0 ? strerror(errno) : sdei ? "yes" : "no");

	fdt_create_empty_tree(fdt, sizeof(fdt));
	printf("node: %s\n", fdt_strerror(add_node(fdt)));
	printf("tables: %.4s %u, %.4s %u\n", sdei_table.signature, sdei_table.length,
	       agdi_table.header.signature, agdi_table.header.length);

	printf("before it runs: %s\n", inject_nmi(vm, &vcpu, 1) ?: "raised");
	if (sdei <= 0)
		return -sdei;

	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (ioctl(vcpu, KVM_SET_ONE_REG, &reg) || pipe(ready) || pthread_create(&thread, NULL, raiser, NULL))
		return 1;
	alarm(60);
	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0) || run->exit_reason != KVM_EXIT_MMIO) {
			printf("KVM_RUN: exit %u, %s\n", run->exit_reason, strerror(errno));
			return 1;
		}
		if (run->mmio.phys_addr == MMIO && write(ready[1], "", 1) == 1)
			continue;
		pthread_join(thread, NULL);
		printf("the guest's handler runs\n");
		return 0;
	}
}
