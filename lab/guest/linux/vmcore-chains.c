// SPDX-License-Identifier: GPL-2.0
/*
 * In a crash kernel: for each CPU whose registers are in /proc/vmcore, print where it was
 * and, by way of the frames on its stack and the old kernel's page tables, how it came there:
 *
 *   vmcore: pstate 614000c5 lkdtm_HARDLOCKUP < lkdtm_do_action < direct_entry ...
 *
 * and each panic that is in the old kernel's log. The names are this kernel's, which has to
 * be the same image, at whatever address.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PR_REG	112	/* in struct elf_prstatus */

struct symbol {
	uint64_t address;
	char name[48];
};

static int core;
static Elf64_Phdr *phdrs;
static int phnum;
static uint64_t swapper, voffset, stext;
static struct symbol *symbols;
static int count;

static int read_phys(uint64_t phys, void *to, size_t size)
{
	int i;

	for (i = 0; i < phnum; i++) {
		Elf64_Phdr *p = &phdrs[i];

		if (p->p_type == PT_LOAD && phys >= p->p_paddr && phys + size <= p->p_paddr + p->p_filesz)
			return pread(core, to, size, p->p_offset + phys - p->p_paddr) == (ssize_t)size;
	}
	return 0;
}

/* Pages of 4 KiB, addresses of 48 bits */
static int read_virt(uint64_t virt, void *to, size_t size)
{
	uint64_t table = swapper - voffset, entry, mask;
	int shift;

	for (shift = 39; shift >= 12; shift -= 9) {
		if (!read_phys(table + ((virt >> shift) & 511) * 8, &entry, 8) || !(entry & 1))
			return 0;
		table = entry & 0xfffffffff000;
		if (shift == 12 || !(entry & 2)) {
			mask = (1UL << shift) - 1;
			return read_phys((table & ~mask) | (virt & mask), to, size);
		}
	}
	return 0;
}

static const char *name_of(uint64_t address)
{
	struct symbol *best = NULL;
	int i;

	for (i = 0; i < count; i++)
		if (symbols[i].address <= address && (!best || symbols[i].address > best->address))
			best = &symbols[i];
	return best ? best->name : "?";
}

static void read_symbols(void)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	uint64_t address, here = 0;
	char type, name[512];
	int i;

	while (file && fscanf(file, "%lx %c %511s%*[^\n]", &address, &type, name) == 3) {
		if (!strchr("tTwW", type) || name[0] == '$')
			continue;
		if (!(count & 1023))
			symbols = realloc(symbols, (count + 1024) * sizeof(*symbols));
		symbols[count].address = address;
		snprintf(symbols[count].name, sizeof(symbols->name), "%.47s", name);
		if (!strcmp(name, "_stext"))
			here = address;
		count++;
	}
	for (i = 0; i < count; i++)
		symbols[i].address += stext - here;
}

static uint64_t info(const char *text, const char *key, int base)
{
	const char *at = strstr(text, key);

	return at ? strtoul(at + strlen(key), NULL, base) : 0;
}

/* The lines of the old kernel's log that say that it panicked. */
static void show_panics(const char *text)
{
	uint64_t at = 0, data = 0, ring;
	uint32_t bits = 0;
	char page[4096], line[1024];
	size_t length = 0, i, size;

	if (!read_virt(info(text, "SYMBOL(prb)=", 16), &at, 8))
		return;
	ring = at + info(text, "OFFSET(printk_ringbuffer.text_data_ring)=", 10);
	if (!read_virt(ring + info(text, "OFFSET(prb_data_ring.size_bits)=", 10), &bits, 4) ||
	    !read_virt(ring + info(text, "OFFSET(prb_data_ring.data)=", 10), &data, 8))
		return;

	for (at = data; at < data + (1UL << bits); at += size) {
		size = 4096 - (at & 4095);
		if (!read_virt(at, page, size))
			return;
		for (i = 0; i < size; i++) {
			if (page[i] >= ' ' && page[i] <= '~' && length < sizeof(line) - 1) {
				line[length++] = page[i];
				continue;
			}
			line[length] = 0;
			length = 0;
			if (strstr(line, "Kernel panic - "))
				printf("vmcore: log: %s\n", strstr(line, "Kernel panic - "));
		}
	}
}

static void show(const uint64_t *regs)
{
	uint64_t frame[2] = { regs[29] };
	int depth;

	printf("vmcore: pstate %lx %s", regs[33], regs[33] & 0xf ? name_of(regs[32]) : "in user space");
	for (depth = 0; regs[33] & 0xf && depth < 16 && frame[0]; depth++) {
		if (!read_virt(frame[0], frame, sizeof(frame)) || !frame[1])
			break;
		printf(" < %s", name_of((frame[1] | 0xffff000000000000) - 4));
	}
	printf("\n");
}

static char *each_note(void (*prstatus)(const uint64_t *))
{
	char *notes, *at, *text = NULL;
	int i;

	for (i = 0; i < phnum; i++) {
		Elf64_Phdr *p = &phdrs[i];

		if (p->p_type != PT_NOTE)
			continue;
		notes = malloc(p->p_filesz);
		if (pread(core, notes, p->p_filesz, p->p_offset) != (ssize_t)p->p_filesz)
			continue;
		for (at = notes; at + sizeof(Elf64_Nhdr) < notes + p->p_filesz;) {
			Elf64_Nhdr *note = (void *)at;
			char *name = at + sizeof(*note), *desc = name + ((note->n_namesz + 3) & ~3);

			if (!note->n_namesz)
				break;
			if (!strcmp(name, "VMCOREINFO"))
				text = strndup(desc, note->n_descsz);
			else if (note->n_type == NT_PRSTATUS && prstatus)
				prstatus((void *)(desc + PR_REG));
			at = desc + ((note->n_descsz + 3) & ~3);
		}
	}
	return text;
}

int main(void)
{
	Elf64_Ehdr header;
	char *text;

	core = open("/proc/vmcore", O_RDONLY);
	if (core < 0 || pread(core, &header, sizeof(header), 0) != sizeof(header)) {
		perror("/proc/vmcore");
		return 1;
	}
	phnum = header.e_phnum;
	phdrs = calloc(phnum, sizeof(*phdrs));
	if (pread(core, phdrs, phnum * sizeof(*phdrs), header.e_phoff) != (ssize_t)(phnum * sizeof(*phdrs)))
		return 1;

	text = each_note(NULL);
	if (!text) {
		printf("vmcore: no VMCOREINFO\n");
		return 1;
	}
	swapper = info(text, "SYMBOL(swapper_pg_dir)=", 16);
	stext = info(text, "SYMBOL(_stext)=", 16);
	voffset = info(text, "NUMBER(kimage_voffset)=", 0);
	read_symbols();
	each_note(show);
	show_panics(text);
	return 0;
}
