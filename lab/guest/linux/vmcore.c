// SPDX-License-Identifier: GPL-2.0
/*
 * In a crash kernel: what /proc/vmcore has of the kernel that panicked. Both kernels are
 * built from the same source, so the names come from /proc/kallsyms.
 *
 *   vmcore		a line for each CPU's PRSTATUS: where it was
 *   vmcore log		the text of the log
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In struct elf_prstatus of arm64: x0 to x30, SP, PC, PSTATE */
#define PR_REG	112
#define SP	31
#define PC	32
#define PSTATE	33

static int vmcore;
static Elf64_Ehdr ehdr;
static Elf64_Phdr phdr[64];
static char *info = "";

static void get(void *to, size_t size, uint64_t offset)
{
	if (pread(vmcore, to, size, offset) != (ssize_t)size) {
		perror("vmcore: reading /proc/vmcore");
		exit(1);
	}
}

/* From the memory of the kernel that panicked */
static void get_virtual(void *to, size_t size, uint64_t address)
{
	for (int i = 0; i < ehdr.e_phnum; i++)
		if (phdr[i].p_type == PT_LOAD && address >= phdr[i].p_vaddr &&
		    address + size <= phdr[i].p_vaddr + phdr[i].p_memsz)
			return get(to, size, phdr[i].p_offset + address - phdr[i].p_vaddr);
	fprintf(stderr, "vmcore: address %llx is not in it\n", (unsigned long long)address);
	exit(1);
}

/* A number from VMCOREINFO */
static uint64_t number(const char *name, int base)
{
	char *at = strstr(info, name);

	if (!at) {
		fprintf(stderr, "vmcore: VMCOREINFO has no %s\n", name);
		exit(1);
	}
	return strtoull(at + strlen(name), NULL, base);
}

/* Print the function that address @pc is in: looked up @shift bytes away, in this kernel. */
static void print_symbol(uint64_t pc, uint64_t shift)
{
	char line[512], name[256], type, best[256] = "?";
	unsigned long long address, from = 0;
	FILE *file = fopen("/proc/kallsyms", "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%llx %c %255s", &address, &type, name) == 3 &&
		    strchr("tTwW", type) && address <= pc + shift && address > from) {
			from = address;
			strcpy(best, name);
		}
	if (file)
		fclose(file);
	printf("%s+0x%llx", best, (unsigned long long)(pc + shift) - from);
}

static uint64_t here(const char *wanted)
{
	char line[512], name[256], type;
	unsigned long long address;
	FILE *file = fopen("/proc/kallsyms", "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%llx %c %255s", &address, &type, name) == 3 && !strcmp(name, wanted))
			return fclose(file), address;
	return 0;
}

static void print_cpus(char *notes, size_t size)
{
	uint64_t shift = here("_stext") - number("SYMBOL(_stext)=", 16), reg[34];
	int cpu = 0;

	for (char *note = notes; note < notes + size;) {
		Elf64_Nhdr *nhdr = (Elf64_Nhdr *)note;
		char *name = note + sizeof(*nhdr), *desc = name + (nhdr->n_namesz + 3) / 4 * 4;

		note = desc + (nhdr->n_descsz + 3) / 4 * 4;
		if (nhdr->n_type != NT_PRSTATUS || strcmp(name, "CORE"))
			continue;
		memcpy(reg, desc + PR_REG, sizeof(reg));
		printf("vmcore: CPU %d: PC ", cpu++);
		print_symbol(reg[PC], shift);
		printf(", LR ");
		print_symbol(reg[30], shift);
		printf(", %s\n", (reg[PSTATE] & 0xc0) == 0xc0 ? "interrupts masked" : "interrupts on");
	}
}

static uint64_t value(uint64_t address, size_t size)
{
	uint64_t val = 0;

	get_virtual(&val, size, address);
	return val;
}

/* Descriptors, and beside them the lengths, point into a ring of texts, each headed by eight bytes. */
static void print_log(void)
{
	uint64_t prb = value(number("SYMBOL(prb)=", 16), 8);
	uint64_t ring = prb + number("OFFSET(printk_ringbuffer.desc_ring)=", 10);
	uint64_t text_ring = prb + number("OFFSET(printk_ringbuffer.text_data_ring)=", 10);
	uint64_t count = 1UL << value(ring + number("OFFSET(prb_desc_ring.count_bits)=", 10), 4);
	uint64_t size = 1UL << value(text_ring + number("OFFSET(prb_data_ring.size_bits)=", 10), 4);
	uint64_t descs = value(ring + number("OFFSET(prb_desc_ring.descs)=", 10), 8);
	uint64_t infos = value(ring + number("OFFSET(prb_desc_ring.infos)=", 10), 8);
	uint64_t texts = value(text_ring + number("OFFSET(prb_data_ring.data)=", 10), 8);
	uint64_t id = value(ring + number("OFFSET(prb_desc_ring.tail_id)=", 10), 8);
	uint64_t end = value(ring + number("OFFSET(prb_desc_ring.head_id)=", 10), 8) + 1;

	for (; id != end; id++) {
		uint64_t desc = descs + id % count * number("SIZE(prb_desc)=", 10) +
				number("OFFSET(prb_desc.text_blk_lpos)=", 10);
		uint64_t info_at = infos + id % count * number("SIZE(printk_info)=", 10);
		uint64_t begin = value(desc + number("OFFSET(prb_data_blk_lpos.begin)=", 10), 8);
		uint64_t next = value(desc + number("OFFSET(prb_data_blk_lpos.next)=", 10), 8);
		uint64_t length = value(info_at + number("OFFSET(printk_info.text_len)=", 10), 2);
		char text[65536];

		if (begin & 1)
			continue;	/* no text */
		/* What does not fit before the end of the ring is at its start. */
		if (begin / size != next / size && next % size)
			begin = 0;
		get_virtual(text, length, texts + begin % size + 8);
		printf("%.*s\n", (int)length, text);
	}
}

int main(int argc, char **argv)
{
	vmcore = open("/proc/vmcore", O_RDONLY);
	if (vmcore < 0) {
		perror("vmcore: /proc/vmcore");
		return 1;
	}
	get(&ehdr, sizeof(ehdr), 0);
	if (ehdr.e_phnum > 64)
		return 1;
	get(phdr, ehdr.e_phnum * sizeof(*phdr), ehdr.e_phoff);
	for (int i = 0; i < ehdr.e_phnum; i++) {
		char *notes;
		size_t size = phdr[i].p_filesz;

		if (phdr[i].p_type != PT_NOTE)
			continue;
		notes = malloc(size + 1);
		get(notes, size, phdr[i].p_offset);
		notes[size] = 0;
		for (char *note = notes; note < notes + size;) {
			Elf64_Nhdr *nhdr = (Elf64_Nhdr *)note;
			char *name = note + sizeof(*nhdr), *desc = name + (nhdr->n_namesz + 3) / 4 * 4;

			note = desc + (nhdr->n_descsz + 3) / 4 * 4;
			if (!strcmp(name, "VMCOREINFO"))
				info = strndup(desc, nhdr->n_descsz);
		}
		if (argc > 1)
			print_log();
		else
			print_cpus(notes, size);
	}
	return 0;
}
