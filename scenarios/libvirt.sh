# shellcheck shell=sh disable=SC2016,SC2317,SC2329
# Debian's libvirt as it is, on a disk of its own (lab/build/libvirt.sh), and the XML of the README:
# virsh inject-nmi, into a guest in its firmware, and into one in which every CPU is wedged.
. /lab/host/operator.sh
[ -b /dev/vdd ] || { echo "1..0 # SKIP no disk with libvirt: LONG=1"; exit 4; }
plan 9

root=/run/libvirt dir=/tmp/guest.$$.1 log=/tmp/guest.$$.1/console
mkdir -p $root "$dir/root"
mount -t ext4 -o ro /dev/vdd $root
for folder in proc sys dev tmp lab; do mount --bind /$folder $root/$folder; done
for folder in run var etc/libvirt; do mount -t tmpfs tmpfs $root/$folder; done
mkdir -p $root/run/lock $root/var/lib/libvirt $root/var/log/libvirt $root/var/cache/libvirt
ln -s /run $root/var/run
# The driver for QEMU alone: this host has nothing for the others.
drivers=$(echo $root/usr/lib/*/libvirt/connection-driver)
cp "$drivers/libvirt_driver_qemu.so" "$dir/"
mount -t tmpfs tmpfs "$drivers"
mv "$dir/libvirt_driver_qemu.so" "$drivers/"
# No security modules, namespaces or cgroups here.
cat >$root/etc/libvirt/qemu.conf <<'TEXT'
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
TEXT
echo 'auth_unix_rw = "none"' >$root/etc/libvirt/libvirtd.conf
ifconfig lo up
chroot "$root" /usr/sbin/libvirtd >"$dir/libvirtd" 2>&1 &
vmm=$!
virsh() { timeout 100 chroot "$root" /usr/bin/virsh -q -c qemu:///system "$@" 2>&1; }
gone() { virsh list --all >"$dir/list" && ! grep guest "$dir/list"; }

cat >"$dir/root/job" <<'TEXT'
dump
crash_kernel
wedge 1
echo HARDLOCKUP >/sys/kernel/debug/provoke-crash/DIRECT
TEXT
cp /lab/Image "$dir/root/"
(cd "$dir/root" && find . | cpio -o -H newc 2>/dev/null) | cat /lab/guest.cpio - >"$dir/initrd"
cp /usr/share/qemu-efi-aarch64/QEMU_EFI.fd "$dir/firmware"
truncate -s 64M "$dir/firmware" "$dir/variables"
: >"$log"
cat >"$dir/guest.xml" <<XML
<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>guest</name>
  <memory unit='MiB'>512</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch='aarch64' machine='virt-10.0'>hvm</type>
    <loader readonly='yes' type='pflash'>$dir/firmware</loader>
    <nvram>$dir/variables</nvram>
    <kernel>/lab/Image</kernel>
    <initrd>$dir/initrd</initrd>
    <cmdline>console=hvc0 loglevel=1 panic=-1 printk.devkmsg=on kpti=off crashkernel=192M</cmdline>
  </os>
  <features>
    <acpi/>
    <gic version='host'/>
  </features>
  <cpu mode='host-passthrough'/>
  <devices>
    <emulator>$series</emulator>
    <controller type='usb' model='none'/>
    <controller type='virtio-serial' index='0'>
      <address type='virtio-mmio'/>
    </controller>
    <console type='file'>
      <source path='$log'/>
      <target type='virtio'/>
    </console>
    <memballoon model='none'/>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-machine'/>
    <qemu:arg value='sdei=on'/>
  </qemu:commandline>
</domain>
XML

check "libvirt is there" within 90 virsh list
echo "# $(virsh --version), $($series --version | head -n 1)"
check "it takes the XML and starts the guest" virsh create --validate "$dir/guest.xml"
tells() { virsh inject-nmi guest | grep "$1"; }
check "in its firmware: it has not registered" tells "$unregistered"
check "its CPUs are wedged" wait_for 200 'guest: wedged: CPU 1'
sleep 2
check "virsh inject-nmi" virsh inject-nmi guest
check "the crash kernel comes up" wait_for 120 'guest: up, 1 CPUs, .*crash-kernel'
check "the dump has CPU 1 where it was wedged" \
	wait_for 60 'vmcore: CPU 1: PC lkdtm_HARDLOCKUP+.*, interrupts masked'
check "and the reason" wait_for 60 "^log: $panicked"
check "the guest ends" within 60 gone
cat "$root"/var/log/libvirt/qemu/*.log >"$dir/qemu" 2>/dev/null
[ -z "${failed:-}" ] || tail -n 20 "$dir/libvirtd" "$dir/qemu" | sed 's/^/# /'
kill "$vmm"
finish
