# shellcheck shell=sh
# Debian's own kernel as the guest, unmodified, by UEFI and ACPI: it finds SDEI, has no NMI
# service and no AGDI, so the operator is told that it has not registered.
. /lab/host/operator.sh
if [ ! -f /lab/Image.debian ]; then
	echo "1..0 # SKIP no Debian kernel"
	exit 4
fi
plan 6
qemu="$series -M virt -accel kvm -cpu host -m 768 -nic none -display none"
mkfifo /tmp/uart.in /tmp/uart.out
cat /tmp/uart.out >/tmp/uart &
# Its virtio console is a module: the serial port has the console, then.
operated "$uefi -chardev pipe,id=uart,path=/tmp/uart -serial chardev:uart" -k /lab/Image.debian \
	-a 'kpti=off console=ttyAMA0 loglevel=7' <<'END'
hold
END
log=/tmp/uart
check "it starts" wait_for 300 'guest: done'
check "it is Debian's" seen 'Linux version .*debian-kernel@lists.debian.org'
check "it booted by UEFI, and has the tables" seen 'ACPI: AGDI 0x'
check "it finds SDEI" seen 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
check "inject-nmi: it has not registered" refuses "$unregistered"
check "and it is not harmed" absent 'Kernel panic\|BUG\|WARNING'
stop
finish
