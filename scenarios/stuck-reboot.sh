# shellcheck shell=sh disable=SC2317
# The guest's operator reboots it and turns it off with a CPU that is wedged. With Linux's
# client that never ends; with patches/client SDEI stops that CPU.
. /lab/host/lib.sh
more=${LONG:+2}
plan $((5 + ${more:-0}))
# ask IMAGE COMMAND
ask() {
	guest -k "$1" -r yes <<-END
		wedge 1
		say "to $2"
		$2 -f
	END
	wait_for 60 "guest: to $2"
}
# The guest's console is gone by then: KVM counts the events of each VM.
stopped_by_sdei() { [ "$(cat /sys/kernel/debug/kvm/"$vmm"-*/sdei_events)" = 1 ]; }
ask /lab/Image.client reboot
check "patched: the guest boots again" wait_for 40 'guest: up' 2
check "patched: SDEI has stopped the wedged CPU" stopped_by_sdei
stop
ask /lab/Image.client poweroff
check "patched: the guest turns itself off" ended 20
ask /lab/Image reboot
check "stock: it does not reboot" eval '! wait_for 10 "guest: up" 2'
check "stock: it does not come as far as to stop its CPUs" eval '! stopped_by_sdei'
stop
if [ -n "${LONG:-}" ]; then
	ask /lab/Image poweroff
	check "stock: nor does it turn itself off" eval '! within 10 vmm_gone'
	stop
	guest -m none -r yes <<-'END'
		wedge 1
		reboot -f
	END
	check "without SDEI: it reboots" wait_for 60 'guest: up' 2
	stop
fi
finish
