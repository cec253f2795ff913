# A lab for the series: builds a kernel with it, boots that as an emulated arm64 host
# with KVM and runs stock guests and selftests in it. lab/ does the work.

# What is tested where no base is named
BASES := $(if $(BASE)$(KDIR)$(FLAVOUR)$(CPU)$(SERIES),$(or $(BASE),7.3),7.3 6.12)
# The series on top of the first one, where that is tested: BASE/SERIES
ON_TOP := $(if $(KDIR)$(FLAVOUR)$(CPU)$(SERIES),,$(if $(filter 7.3,$(BASES)),7.3/async-pf))
BASE ?= 7.3
KDIR ?=
FLAVOUR ?=
CPU ?=
export BASE KDIR FLAVOUR CPU

help:
	@echo "See it, prove it:"
	@echo "  make run       a guest's wedged CPU answers to an NMI, and what happens without"
	@echo "  make test      everything that proves it, on all bases; BASE=$(BASE) on that one,"
	@echo "                 SUITES=vhe-guests TESTS='probe panic' for a part,"
	@echo "                 FLAVOUR=debug with a host kernel of another kind ($(notdir $(wildcard lab/build/flavours/*))),"
	@echo "                 CPU=cortex-a57, neoverse-n1... on another emulated CPU,"
	@echo "                 SERIES=async-pf with that series on top: all selftests, not just its own"
	@echo "  make test-long the same, all scenarios in all modes of the host, some for longer"
	@echo "  make list      what make test would run; LONG=1: what make test-long would"
	@echo "By hand, in an emulated host:"
	@echo "  make selftest  TESTS=sdei_test: this program, its results on screen; ARGS=... MODE=nvhe"
	@echo "  make shell     a prompt in the host; GDB=1 waits for a debugger before it boots"
	@echo "  make guest-shell   a prompt in a guest with SDEI"
	@echo "Find more:"
	@echo "  make fuzz      random steps against a model of SDEI; SECONDS=60 SEED=... MODE=vhe"
	@echo "  make bench     count what it costs, against the budgets and the kernel without the series"
	@echo "  make mutants   break KVM's SDEI code in some 350 small ways: does a selftest notice each?"
	@echo "  make coverage  which lines and branches of the series the selftests don't reach"
	@echo "  make check     the static checks alone"
	@echo "  make bisect    each patch of the series alone: builds with gcc and clang, selftests pass;"
	@echo "                 N='2 6' only these, SERIES=async-pf those of that series"
	@echo "Work on it:"
	@echo "  make tree      build/$(BASE)/linux: the source, one commit per patch of the series on top"
	@echo "  make refresh   take the commits made there back into patches/ and the new files"
	@echo "  make series    mail-ready patches in build/$(BASE)/series"
	@echo "  make kernel    build/$(BASE)/obj/arch/arm64/boot/Image"
	@echo "  make selftests build/$(BASE)/selftests: static programs"
	@echo "  make qemu      build/qemu/bin: a small qemu-system-aarch64 for arm64 hosts, with the QEMU series"
	@echo "  make qemu-series   that as mails, in build/qemu/series; qemu-refresh takes commits back"
	@echo "  make kit       a tarball that runs the proof on an arm64 server; kit-test tries it in a plain Debian"
	@echo "  make deb       Debian packages of the kernel for arm64 servers; takes hours"
	@echo "  make clean     remove build/; downloads and compiler cache stay"
	@echo "BASE=$(BASE) (of: $(notdir $(wildcard bases/*))), KDIR=/path/to/linux for a source tree of your own;"
	@echo "all other variables: lab/README.md"

packages:
	@lab/build/packages.sh
fetch: packages
	@lab/build/fetch.sh
tree: fetch
	@lab/build/tree.sh
refresh:
	@lab/build/refresh.sh
series: tree
	@lab/build/series.sh
kernel: tree
	@lab/build/kernel.sh
selftests: kernel
	@lab/build/selftests.sh
guest: kernel
	@lab/build/kernel.sh guest
qemu: packages
	@lab/build/qemu.sh
qemu-series: packages
	@lab/build/qemu-series.sh
qemu-refresh:
	@lab/build/qemu-refresh.sh
# As far as something runs there
builds: qemu
	@for base in $(BASES); do \
		lab/run/test.sh -n $$base >/dev/null 2>&1 || continue; \
		$(MAKE) --no-print-directory selftests guest BASE=$$base && BASE=$$base lab/build/debian-kernel.sh || exit; \
	done
builds-on-top: builds
	@for top in $(ON_TOP); do \
		lab/run/test.sh -n $$top >/dev/null 2>&1 || continue; \
		$(MAKE) --no-print-directory selftests BASE=$${top%/*} SERIES=$${top#*/} || exit; \
	done

run: guest qemu
	@lab/run/show.sh
test: match builds-on-top
	@lab/run/test.sh $(BASES) $(ON_TOP)
test-long: export LONG = 1
test-long: match builds-on-top
	@$(if $(FLAVOUR)$(KDIR)$(CPU)$(SERIES:sdei=)$(SUITES)$(TESTS),:,$(MAKE) --no-print-directory builds FLAVOUR=third)
	@lab/run/test.sh $(BASES) $(ON_TOP)
list:
	@lab/run/test.sh -n $(BASES) $(ON_TOP)
match:
	@lab/run/test.sh -n $(BASES) $(ON_TOP) >/dev/null
named:
	@lab/run/selftest.sh -n
selftest: named selftests
	@lab/run/selftest.sh $(or $(SECONDS),600)
shell: selftests guest
	@lab/run/shell.sh
guest-shell: guest
	@lab/run/shell.sh guest

fuzz: selftests
	@lab/tools/fuzz.sh $(or $(SECONDS),60)
bench: builds
	@for base in $(BASES); do BASE=$$base lab/tools/bench/count.sh || exit; done
mutants: guest
	@lab/tools/mutants/hunt.sh
coverage: guest
	@lab/tools/coverage/coverage.sh
check: kernel
	@lab/tools/check.sh
bisect: packages
	@lab/tools/bisect.sh
kit: selftests guest
	@lab/build/kernel.sh nosdei
	@lab/tools/kit.sh
kit-test: kit
	@lab/tools/kit-test.sh $(SECONDS)
deb: tree
	@lab/tools/deb.sh

clean:
	rm -rf build

.PHONY: help packages fetch tree refresh series kernel selftests guest qemu qemu-series qemu-refresh builds builds-on-top run test test-long list match named selftest \
	shell guest-shell fuzz bench mutants coverage check bisect kit kit-test deb clean
.NOTPARALLEL:
