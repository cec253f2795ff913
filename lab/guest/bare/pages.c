/*
 * A guest without an operating system whose memory migrates late: it has a word in each page of
 * its upper 8 MiB, and looks at one after the other, "page N" before each. Its CPU runs with
 * interrupts masked; the handler of the operator's NMI, KVM's event 0x40000000, counts and prints
 * "nmi N" itself.
 *
 * Commands, by the serial port: q ends it, and has it print "in all".
 */
#include "bare.h"

#define EVENT_NMI	0x40000000UL
#define PAGE		4096UL
#define PAGES		2048UL
#define FIRST		0x40800000UL

struct cpu {
	volatile u64 received, bad;
	char stack[CPU_SIZE - 16] __attribute__((aligned(8)));
};
_Static_assert(sizeof(struct cpu) == CPU_SIZE, "start.S knows the size");

struct cpu cpus[1] __attribute__((aligned(CPU_SIZE)));

extern char entry[];

static volatile u64 *word(u64 page)
{
	return (volatile u64 *)(FIRST + page * PAGE + page % (PAGE / 8) * 8);
}

static void line(const char *name, u64 n)
{
	print(name);
	print_number(n);
	print(cpus[0].bad ? " FAILED\n" : "\n");
}

/* The handler, called with what x0 to x30 were when it was entered. */
void handle(u64 *x)
{
	if (x[0] != EVENT_NMI)
		cpus[0].bad++;
	cpus[0].received++;
	line("nmi ", cpus[0].received);
}

void lost(void)
{
	cpus[0].bad++;
}

void main(struct cpu *cpu)
{
	u64 page, round, next;

	cpu->bad |= hvc(SDEI_EVENT_REGISTER, EVENT_NMI, (u64)entry, (u64)cpu, 0, 0);
	cpu->bad |= call1(SDEI_EVENT_ENABLE, EVENT_NMI);
	cpu->bad |= call0(SDEI_PE_UNMASK);
	for (page = 0; page < PAGES; page++)
		*word(page) = page + 1;
	line("up ", cpu->received);

	for (round = 1;; round++) {
		for (page = 0; page < PAGES; page++) {
			line("page ", page);
			if (*word(page) != page + 1)
				cpu->bad++;
			/* A round takes long enough to be caught in the middle of */
			next = now() + 10;
			while (now() < next)
				;
			if (command() != 'q')
				continue;
			line("in all: nmi ", cpu->received);
			call0(PSCI_SYSTEM_OFF);
		}
		line("round ", round);
	}
}
