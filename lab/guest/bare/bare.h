/* What the guests without an operating system share: calls, the serial port, time. */
typedef unsigned long u64;
typedef unsigned int u32;

#define CPU_SIZE	8192	/* known to start.S */

#define PSCI_CPU_ON			0xc4000003UL
#define PSCI_SYSTEM_OFF			0x84000008UL
#define SDEI_VERSION			0xc4000020UL
#define SDEI_EVENT_REGISTER		0xc4000021UL
#define SDEI_EVENT_ENABLE		0xc4000022UL
#define SDEI_EVENT_CONTEXT		0xc4000024UL
#define SDEI_EVENT_STATUS		0xc4000028UL
#define SDEI_PE_MASK			0xc400002bUL
#define SDEI_PE_UNMASK			0xc400002cUL
#define SDEI_EVENT_SIGNAL		0xc400002fUL
#define NOT_SUPPORTED			-1L
#define INVALID_PARAMETERS		-2L
#define REGISTERED_AND_ENABLED		3
#define VERSION_1_1			0x00010001004b564dUL

long hvc(u64 fn, u64 a, u64 b, u64 c, u64 d, u64 e);
#define call0(fn)	hvc(fn, 0, 0, 0, 0, 0)
#define call1(fn, a)	hvc(fn, a, 0, 0, 0, 0)
#define read(reg)	({ u64 val; asm volatile("mrs %0, " #reg : "=r"(val)); val; })
#define barrier()	asm volatile("dsb sy" ::: "memory")

/* The serial port: a PL011 where QEMU's virt machine has it. */
static volatile u32 *const uart = (volatile u32 *)0x09000000;

static inline void print(const char *text)
{
	for (; *text; text++)
		uart[0] = *text;
}
static inline void print_number(u64 n)
{
	char digits[21], *p = digits + 20;

	*p = 0;
	do
		*--p = '0' + n % 10;
	while (n /= 10);
	print(p);
}
static inline void print_hex(u64 n)
{
	print("0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		uart[0] = "0123456789abcdef"[n >> shift & 15];
}
static inline int command(void)
{
	return uart[6] & 1 << 4 ? 0 : uart[0] & 0xff;
}

/*
 * Time, in milliseconds; a nap is a WFI that the virtual timer's interrupt ends, which is
 * never taken. What the GICv3 needs for that.
 */
#define GICD_CTLR		0x08000000UL
#define GICR_IGROUPR0(cpu)	(0x080b0080UL + 0x20000 * (cpu))
#define GICR_ISENABLER0(cpu)	(0x080b0100UL + 0x20000 * (cpu))
#define TIMER_PPI		(1U << 27)

static inline void write32(u64 address, u32 val)
{
	*(volatile u32 *)address = val;
}
static inline void set_up_timer(u64 cpu)
{
	write32(GICD_CTLR, 1 << 4 | 1 << 1);
	write32(GICR_IGROUPR0(cpu), ~0U);
	write32(GICR_ISENABLER0(cpu), TIMER_PPI);
	asm volatile("msr S3_0_C4_C6_0, %0" :: "r"(0xffUL));	/* ICC_PMR_EL1 */
	asm volatile("msr S3_0_C12_C12_7, %0; isb" :: "r"(1UL));	/* ICC_IGRPEN1_EL1 */
}
static inline u64 now(void)
{
	return read(cntvct_el0) / (read(cntfrq_el0) / 1000);
}
static inline void nap(void)
{
	asm volatile("msr cntv_tval_el0, %0; msr cntv_ctl_el0, %1; isb; wfi; msr cntv_ctl_el0, %2"
		     :: "r"(read(cntfrq_el0) / 50), "r"(1UL), "r"(2UL) : "memory");
}
