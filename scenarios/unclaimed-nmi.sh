# shellcheck shell=sh disable=SC2317
# The operator's NMI to guests in which nothing takes it: KVM says so, and they live on.
. /lab/host/lib.sh
plan 6
qemu=$qemu_nmi
quiet_guest() {
	guest "$@" <<-'END'
		say "ready"
		while :; do sleep 1; say "alive"; done
	END
	wait_for 120 'guest: ready'
	nmi all
}
lives_on() { wait_for 20 'guest: alive' $(($(console | grep -c 'guest: alive') + 3)); }
quiet_guest
check "a client of event 0 alone: ENOENT, from both vCPUs" wait_file 10 "$dir/qemu" 'nmi: vCPU .: No such file or directory' 2
check "it lives on" lives_on
stop
quiet_guest -m none
check "no node: ENOENT" wait_file 10 "$dir/qemu" 'nmi: vCPU .: No such file or directory' 2
check "it lives on" lives_on
stop
quiet_guest -k /lab/Image.nosdei
check "no SDEI in its kernel: ENOENT" wait_file 10 "$dir/qemu" 'nmi: vCPU .: No such file or directory' 2
check "it lives on" lives_on
stop
finish
