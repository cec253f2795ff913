# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# The operator's NMI and a live migration: raised before it, while the CPU is masked, it is taken
# after it, once; and each of some more is taken once, on either side of one (lab/guest/bare/nmi.c).
. /lab/host/operator.sh
plan 12
bare="$series -nodefaults -no-user-config -M virt,gic-version=3 -accel kvm -cpu host
	-smp 2 -m 16 -display none -kernel /lab/guest-bare/nmi.bin"

vmm
check "the guest has registered" wait_for 60 'up, with SDEI'
check "an NMI" injects
check "is taken, on CPU 0" wait_for 20 '^nmi 1 0'
uart m
check "CPU 0 masks SDEI" wait_for 20 '^masked'
check "an NMI" injects
check "waits, while the guest migrates" migrate
check "and is not taken yet" absent '^nmi 2'
uart u
check "CPU 0 unmasks, and takes it" wait_for 20 '^nmi 2 0'
check "one more NMI" injects
check "is taken there" wait_for 20 '^nmi 3 0'
uart q
check "the guest ends" ended 20
check "with each NMI taken once" seen '^in all: nmi 3 0'
finish
