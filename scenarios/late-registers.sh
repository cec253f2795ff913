# shellcheck shell=sh disable=SC1091,SC2034
# registers.sh while parts of the guest's memory go away over and over, and each page comes back
# late, by userfaultfd (lab/host/preload/late.c).
late='env LD_PRELOAD=/lab/vmm/late.so LATE_US=500 LATE_PAGES=10000 LATE_MS=500 LATE_PARTS=16'
memory='-object memory-backend-memfd,id=ram,size=256M,share=on -machine memory-backend=ram'
comes_late() { [ "$(cat /sys/kernel/debug/kvm/async_pf_started)" -gt 200 ]; }
results=14 seconds=400
. /lab/scenarios/registers.sh
