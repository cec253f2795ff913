#!/bin/bash
# Make the emulated host's disks: a root file system with Debian's own arm64 QEMU (in
# the cache: it changes with Debian only), and a small payload with all that is ours.
. "$(dirname "$0")/../common.sh"

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
packages=qemu-system-arm,qemu-efi-aarch64,busybox-static,device-tree-compiler,trace-cmd
sum=$(SALT="3 $suite $packages" checksum lab/host/root-init)
root=$CACHE/rootfs-$suite-${sum:0:12}

extract() {
	local dir=$root.dir
	rm -rf "$dir" && mkdir "$dir" &&
	debian_tar "$suite" "$packages" >"$root.tar" &&
	tar -C "$dir" -xf "$root.tar" --no-same-owner --exclude=./dev/* \
		--exclude=./usr/share/doc/* --exclude=./usr/share/locale/* --exclude=./usr/bin/qemu-system-arm \
		--exclude=./usr/share/AAVMF &&
	# QEMU's exec: migration needs a shell of that name.
	{ [ -e "$dir/bin/sh" ] || ln -s busybox "$dir/bin/sh"; } &&
	mkdir -p "$dir"/{dev,lab,proc,run,sys,tmp} && cp lab/host/root-init "$dir/init" && chmod 755 "$dir/init" &&
	rm -f "$root.new" && mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$dir" "$root.new" 600M &&
	rm -rf "$dir" "$root.tar" && mv "$root.new" "$root.img"
}
locked_cache
if [ ! -f "$root.img" ]; then
	# Those of other checkouts stay, as far as they are new.
	find "$CACHE" -maxdepth 1 -name "rootfs-$suite-*.img" -printf '%T@ %p\n' | sort -rn | tail -n +4 | cut -d' ' -f2- | xargs -r rm -f
	ask_for_root
	step "making the host's root file system ($suite, arm64)" rootfs extract
fi
exec 9>&-
ln -sfn "$root.img" "$OUT/root.img"

# The guest's initramfs: busybox from the same root file system, and a few programs.
guest=$OUT/guest
if [ ! -x "$guest/bin/busybox" ] || [ "$root.img" -nt "$guest/bin/busybox" ]; then
	mkdir -p "$guest/bin"
	for busybox in /usr/bin/busybox /bin/busybox; do
		debugfs -R "dump $busybox $guest/bin/busybox" "$root.img" 2>/dev/null
		[ ! -s "$guest/bin/busybox" ] || break
	done
	chmod 755 "$guest/bin/busybox" && touch "$guest/bin/busybox"
	[ -s "$guest/bin/busybox" ] || die "no busybox in $root.img"
fi
mkdir -p "$guest"/dev "$OUT/payload"
cp -p lab/guest/linux/{init,functions} "$guest/"
for source in lab/guest/linux/*.c; do
	program=$guest/bin/$(basename "$source" .c)
	[ "$program" -nt "$source" ] || aarch64-linux-gnu-gcc -O2 -Wall -static -s -o "$program" "$source"
done
(cd "$guest" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$OUT/payload/guest.cpio.new"
cmp -s "$OUT/payload/guest.cpio.new" "$OUT/payload/guest.cpio" ||
	cp "$OUT/payload/guest.cpio.new" "$OUT/payload/guest.cpio"
rm "$OUT/payload/guest.cpio.new"

# The guests without an operating system, what is preloaded into VMMs, what makes faults.
bare=$OUT/payload/guest-bare
mkdir -p "$bare" "$OUT/payload/vmm" "$OUT/payload/faults"
for source in lab/guest/bare/*.c; do
	name=$(basename "$source" .c)
	aarch64-linux-gnu-gcc -O2 -Wall -Wextra -Wno-main -ffreestanding -fno-pic -fno-stack-protector \
		-mgeneral-regs-only -mstrict-align -nostdlib -static -Wl,--build-id=none,--no-warn-rwx-segments \
		-T lab/guest/bare/bare.ld -o "$OUT/$name.elf" lab/guest/bare/start.S "$source"
	aarch64-linux-gnu-objcopy -O binary "$OUT/$name.elf" "$bare/$name.bin"
done
for source in vmm/preload/*.c lab/host/preload/*.c; do
	aarch64-linux-gnu-gcc -O2 -Wall -shared -fPIC -nostdlib \
		-o "$OUT/payload/vmm/$(basename "$source" .c).so" "$source"
done
for source in lab/host/faults/*.c; do
	program=$OUT/payload/faults/$(basename "$source" .c)
	[ "$program" -nt "$source" ] || aarch64-linux-gnu-gcc -O2 -Wall -static -s -o "$program" "$source"
done

# The guests' kernel, the one without SDEI, the one with the patches for Linux's client, those of
# the flavours field and undrained, and those of other bases, as far as they are built.
images() {
	local base boot=arch/arm64/boot/Image
	rm -f "$OUT/payload/Image".*
	[ ! -f "$GUEST_OUT/obj/$boot" ] || cp -p "$GUEST_OUT/obj/$boot" "$OUT/payload/Image" || return
	[ ! -f "$GUEST_OUT/obj-nosdei/lab-stamp" ] ||
		cp -p "$GUEST_OUT/obj-nosdei/$boot" "$OUT/payload/Image.nosdei" || return
	for base in client field client-undrained; do
		[ ! -f "build/$GUEST-$base/obj/$boot" ] ||
			cp -p "build/$GUEST-$base/obj/$boot" "$OUT/payload/Image.$base" || return
	done
	[ ! -f "$OUT/Image.debian" ] || cp -pL "$OUT/Image.debian" "$OUT/payload/Image.debian" || return
	for base in bases/*; do
		base=${base#bases/}
		[ "$base" = "$GUEST" ] || [ ! -f "build/$base/obj/$boot" ] ||
			cp -p "build/$base/obj/$boot" "$OUT/payload/Image.$base" || return
	done
}

# KVM's functions, all but those at EL2.
functions() {
	find "$OUT/obj"/{virt,arch/arm64}/kvm -name '*.o' ! -path '*/nvhe/*' -exec aarch64-linux-gnu-nm --defined-only {} + |
		sed -n 's/^[0-9a-f]* [tT] \([^$].*\)/\1/p' | sort -u
}

payload() {
	images &&
	rsync -a --delete --exclude=faults --exclude=preload lab/host scenarios "$OUT/payload/" &&
	rm -rf "$OUT/payload/selftests" "$OUT/payload/qemu" && mkdir "$OUT/payload/selftests" &&
	{ [ ! -d build/qemu/bin ] || cp -pLr build/qemu/bin "$OUT/payload/qemu"; } &&
	if [ -f "$OUT/selftests/list" ]; then
		rsync -a --files-from="$OUT/selftests/list" "$OUT/selftests/" "$OUT/payload/selftests/" &&
		cp "$OUT/selftests/list" "$OUT/payload/selftests/"
	fi &&
	{ ! grep -qx CONFIG_KCSAN=y "$OUT/obj/.config" || functions >"$OUT/payload/kcsan"; } &&
	rm -f "$OUT/payload.new" && mke2fs -q -t ext4 -O ^has_journal -d "$OUT/payload" "$OUT/payload.new" 384M &&
	mv "$OUT/payload.new" "$OUT/payload.img"
}
step "packing what the host runs" payload payload
