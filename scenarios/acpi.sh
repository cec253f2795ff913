# shellcheck shell=sh
# A guest as most are, with UEFI and ACPI, in a QEMU with the series and without a word about
# SDEI: it finds SDEI, its NMI service and the dump request are there, and a CPU wedged with
# interrupts masked answers.
. /lab/host/operator.sh
plan 9
operated "$uefi" <<'END'
say "EFI: $(ls /sys/firmware/efi | tr '\n' ' ')"
for table in SDEI AGDI; do
	say "table $table: $(hexdump -v -e '1/1 "%02x"' /sys/firmware/acpi/tables/$table)"
done
say "AGDI: $(ls /sys/bus/platform/drivers/agdi | grep '^agdi')"
wedge 1
backtraces
hold
END
check "the guest stays alive" wait_for 200 "guest: done"
check "it booted by UEFI" seen 'guest: EFI: .*systab'
check "it finds SDEI by ACPI" seen 'sdei: SDEIv1.1 (0x4b564d) detected in firmware\.'
check "its NMI service is up" seen 'sdei_nmi: using SDEI cross-CPU NMI'
check "SDEI's table is a header of revision 1" seen 'table SDEI: 534445492400000001[0-9a-f]\{54\}$'
check "AGDI's, of revision 0, names SDEI event 0x40000000" \
	seen 'table AGDI: 414744493000000000[0-9a-f]\{54\}000000000000004000000000$'
check "AGDI is bound" seen 'guest: AGDI: agdi'
check "the wedged CPU answers" seen 'pc : lkdtm_HARDLOCKUP+'
stop
check "no SDEI call failed" absent -i '\(sdei\|agdi\).*\(fail\|error\|disabling\|warn\)'
finish
