# shellcheck shell=sh
# The operator's NMI to a guest with patches/client that shall not panic: it shows what all
# CPUs do, whether one of them got it or all at once, and keeps running.
. /lab/host/lib.sh
plan 7
qemu=$qemu_nmi
guest -c 3 -k /lab/Image.client <<'END'
wedge 1
say "ready"
while :; do sleep 1; done
END
wait_for 120 'guest: ready'
nmi 1
check "NMI to the wedged CPU: it shows where it is" wait_for 20 'pc : lkdtm_HARDLOCKUP+'
check "and that it was the operator" seen 'sdei_nmi: NMI from the operator of this VM on CPU 1'
check "the others answer, too" wait_for 20 'NMI backtrace for cpu [02]' 2
nmi 0
check "NMI to another CPU: the wedged one answers" wait_for 20 'pc : lkdtm_HARDLOCKUP+' 2
nmi all
check "NMI to all three at once" wait_for 20 'NMI from the operator of this VM on CPU' 5
nmi 2
check "and the guest takes the next one" wait_for 20 'NMI from the operator of this VM on CPU 2' 2
check "none was without an answer" absent "still haven't responded"
stop
finish
