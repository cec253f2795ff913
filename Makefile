# A lab for the series: builds a kernel with it, boots that as an emulated arm64 host
# with KVM and runs stock guests and selftests in it. lab/ does the work.

# What is tested where no base is named
BASES := $(if $(BASE)$(KDIR)$(FLAVOUR)$(CPU),$(or $(BASE),7.3),7.3 6.12)
BASE ?= 7.3
KDIR ?=
FLAVOUR ?=
CPU ?=
export BASE KDIR FLAVOUR CPU

help:
	@echo "make run       see it work: a guest's wedged CPU answers to an NMI, and what happens without"
	@echo "make test      everything that proves it, on all bases; BASE=$(BASE) on that one,"
	@echo "               SUITES=vhe-guests TESTS='probe panic' for a part"
	@echo "               FLAVOUR=debug with a host kernel of another kind ($(basename $(notdir $(wildcard lab/flavours/*)))),"
	@echo "               CPU=cortex-a57, neoverse-n1... on another emulated CPU"
	@echo "make test-long the same, all scenarios in all modes of the host, some for longer"
	@echo "make fuzz      random steps against a model of SDEI; SECONDS=60 SEED=... MODE=vhe"
	@echo "make bench     count what it costs, against the budgets and the kernel without the series"
	@echo "make mutants   break KVM's SDEI code in some 270 small ways: does a selftest notice each?"
	@echo "make coverage  which lines and branches of the series the selftests don't reach"
	@echo "make check     the static checks alone"
	@echo "make bisect    each patch of the series alone: builds with gcc and clang, selftests pass"
	@echo "make tree      build/$(BASE)/linux: the source, one commit per patch of the series on top"
	@echo "make refresh   take the commits made there back into patches/ and the new files"
	@echo "make series    mail-ready patches in build/$(BASE)/series"
	@echo "make qemu      build/qemu/bin: a small qemu-system-aarch64 for arm64 hosts, with the QEMU series"
	@echo "make qemu-series   that as mails in build/qemu/series; qemu-refresh takes commits back"
	@echo "make deb       Debian packages of the kernel for arm64 servers; takes hours"
	@echo "make kernel    build/$(BASE)/obj/arch/arm64/boot/Image"
	@echo "make clean     remove build/; downloads and compiler cache stay"
	@echo "BASE=$(BASE) (of: $(notdir $(wildcard bases/*))), KDIR=/path/to/linux for a source tree of your own"

packages:
	@lab/packages.sh
fetch: packages
	@lab/fetch.sh
tree: fetch
	@lab/tree.sh
refresh:
	@lab/refresh.sh
series: tree
	@lab/series.sh
kernel: tree
	@lab/kernel.sh
selftests: kernel
	@lab/selftests.sh

guest: kernel
	@lab/kernel.sh guest

qemu: packages
	@lab/build/qemu.sh
qemu-series: packages
	@lab/build/qemu-series.sh
qemu-refresh:
	@lab/build/qemu-refresh.sh

run: guest
	@lab/run.sh
builds: qemu
	@for base in $(BASES); do \
		$(MAKE) --no-print-directory selftests guest BASE=$$base && BASE=$$base lab/build/debian-kernel.sh || exit; \
	done
test: builds
	@lab/test.sh $(BASES)
test-long: builds
	@LONG=1 lab/test.sh $(BASES)
fuzz: selftests
	@lab/fuzz.sh $(or $(SECONDS),60)
deb: tree
	@lab/deb.sh
bisect: packages
	@lab/bisect.sh
bench: builds
	@for base in $(BASES); do BASE=$$base lab/bench.sh || exit; done
mutants: guest
	@lab/mutants.sh
coverage: guest
	@lab/coverage.sh
check: kernel
	@lab/check.sh

clean:
	rm -rf build

.PHONY: help packages fetch tree refresh series kernel selftests guest qemu qemu-series qemu-refresh run builds test test-long bench deb bisect fuzz mutants coverage check clean
.NOTPARALLEL:
