#!/bin/bash
# Cross-build a small qemu-system-aarch64 for the emulated host from build/qemu/src: only the
# machine virt, virtio and KVM (vmm/qemu/lab.mak), with the qtest of the series, and the example
# for other VMMs. The result is kept in the cache, by the checksum of all that it is made from,
# and linked as build/qemu/bin.
. "$(dirname "$0")/../common.sh"
. vmm/qemu/base

# Debian of the host's root file system, for the libraries.
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
libraries=libc6-dev,libglib2.0-dev,libfdt-dev,zlib1g-dev
QEMU=$ROOT/build/qemu obj=$ROOT/build/qemu/obj
mkdir -p "$QEMU"
# shellcheck disable=SC2031
configure() {
	rm -rf "$obj" && mkdir "$obj" &&
	cp vmm/qemu/lab.mak "$QEMU/src/configs/devices/aarch64-softmmu/lab.mak" &&
	cd "$obj" &&
	PKG_CONFIG=pkg-config "$QEMU/src/configure" --cross-prefix=aarch64-linux-gnu- \
		--cc='ccache aarch64-linux-gnu-gcc' --host-cc='ccache gcc' \
		--extra-cflags="--sysroot=$sysroot" --extra-ldflags="--sysroot=$sysroot" \
		--target-list=aarch64-softmmu --with-devices-aarch64=lab \
		--without-default-features --without-default-devices --enable-kvm --disable-tcg --enable-fdt=system \
		--enable-vhost-kernel --enable-vhost-net --disable-tools --disable-docs --disable-download \
		--disable-werror --disable-debug-info --disable-install-blobs --with-pkgversion="$PACKAGE ${VERSION#*:}, SDEI series"
}
mapfile -t patches < <(sed '/^#/d; s/^lab //; s,^,vmm/qemu/,' vmm/qemu/series)
sum=$(SALT="1 $suite $libraries $(declare -f configure)" checksum vmm/example.c vmm/qemu/{base,lab.mak} ${patches[@]+"${patches[@]}"})
bin=$CACHE/qemu/${sum:0:12}
if [ -x "$bin/qemu-system-aarch64" ]; then
	touch "$bin"
	ln -sfn "$bin" "$QEMU/bin"
	exit 0
fi

lab/build/packages.sh dpkg-dev meson ninja-build pkg-config python3-venv python3-distlib
lab/build/qemu-tree.sh

# Debian 12's meson is too old: Debian 13's, by PYTHONPATH.
meson() {
	local dir=$CACHE/meson
	[ ! -d "$dir" ] || { export PYTHONPATH=$dir/usr/lib/python3/dist-packages; return 0; }
	! dpkg --compare-versions "$(dpkg-query -W -f '${Version}' meson 2>/dev/null || echo 0)" ge 1.5 || return 0
	apt_of_suite "$(dpkg --print-architecture)"
	apt-get "${options[@]}" update &&
	(cd "$CACHE/src" && rm -f meson_*.deb && apt-get "${options[@]}" download meson) &&
	dpkg-deb -x "$CACHE"/src/meson_*.deb "$dir.new" && mv "$dir.new" "$dir" && meson
}

sysroot=$CACHE/sysroot-$suite-$(checksum <(echo "$libraries") | head -c 12)
sysroot() {
	local dir=$sysroot.new link to
	rm -rf "$dir" && mkdir "$dir" &&
	as_root mmdebstrap --quiet --mode=root --variant=extract --architectures=arm64 \
		--aptopt='Apt::Install-Recommends "false"' --include="$libraries" "$suite" - \
		"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $suite main" \
		>"$dir.tar" &&
	tar -C "$dir" -xf "$dir.tar" --no-same-owner --exclude=./dev/* --exclude=./usr/share/doc/* &&
	rm -f "$dir.tar" || return
	# The links that start at the root would leave it.
	find "$dir" -type l -lname '/*' | while read -r link; do
		to=$(readlink "$link")
		ln -sfnr "$dir$to" "$link"
	done
	mv "$dir" "$sysroot"
}

locked_cache
step "meson" qemu-meson meson
[ ! -d "$CACHE/meson" ] || export PYTHONPATH=$CACHE/meson/usr/lib/python3/dist-packages
if [ ! -d "$sysroot" ]; then
	ask_for_root
	step "making a sysroot ($suite, arm64)" qemu-sysroot sysroot
fi
exec 9>&-

export PKG_CONFIG_SYSROOT_DIR=$sysroot
export PKG_CONFIG_LIBDIR=$sysroot/usr/lib/aarch64-linux-gnu/pkgconfig:$sysroot/usr/share/pkgconfig
export CCACHE_BASEDIR=$QEMU
stamp=$(SALT="$sysroot $(declare -f configure)" checksum vmm/qemu/lab.mak <(git -C "$QEMU/src" rev-parse refs/lab/base))
if ! stamped "$obj/lab-stamp" "$stamp"; then
	step "configuring QEMU" qemu-configure configure
	echo "$stamp" >"$obj/lab-stamp"
fi
tests=(); [ ! -r "$QEMU/src/tests/qtest/arm-virt-sdei-test.c" ] || tests=(tests/qtest/arm-virt-sdei-test)
step "building QEMU" qemu-build ninja -C "$obj" -j "$JOBS" qemu-system-aarch64 ${tests[@]+"${tests[@]}"}

rm -rf "$bin.new" && mkdir -p "$bin.new"
# The part for other VMMs, built with the headers of the series.
aarch64-linux-gnu-gcc -O2 -Wall -Wextra -s --sysroot="$sysroot" -I "$obj/linux-headers" -I "$QEMU/src/linux-headers" \
	-o "$bin.new/example" vmm/example.c -lfdt
for file in qemu-system-aarch64 ${tests[@]+"${tests[@]}"}; do
	aarch64-linux-gnu-strip -o "$bin.new/${file##*/}" "$obj/$file"
done
mv "$bin.new" "$bin"
ln -sfn "$bin" "$QEMU/bin"
# The last few stay.
find "$CACHE/qemu" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -rn | tail -n +6 | cut -d' ' -f2- | xargs -r rm -rf
say "  qemu: $(du -h "$bin/qemu-system-aarch64" | cut -f1) in build/qemu/bin"
