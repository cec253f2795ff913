#!/bin/bash
# Debian packages of the kernel with the series, for arm64 servers: cross-built with the
# configuration of Debian's own kernel (or CONFIG=FILE), in build/BASE/deb.
. "$(dirname "$0")/../common.sh"

lab/build/packages.sh dpkg-dev debhelper libdw-dev pahole

config=${CONFIG:-}
package=${PACKAGE/source/config}
if [ -z "$config" ]; then
	apt_of_suite arm64
	step "asking $mirror for $package" deb-update apt-get "${options[@]}" update
	mkdir -p "$OUT/deb/config"
	download() { cd "$OUT/deb/config" && rm -f ./*.deb && apt-get "${options[@]}" download "$package" && dpkg-deb -x "$package"_*.deb .; }
	step "downloading $package" deb-config download
	config=$OUT/deb/config/usr/src/$package/config.arm64_none_arm64.xz
fi

OBJ=$OUT/deb/obj
mkdir -p "$OBJ"
xzcat -f "$config" >"$OBJ/.config"
# Debian's keys are Debian's. Debugging information would take most of the time: a choice, in
# which what Debian chose wins as long as it is there.
"$LINUX/scripts/config" --file "$OBJ/.config" --set-str SYSTEM_TRUSTED_KEYS '' \
	--set-str LOCALVERSION -sdei -d MODULE_SIG \
	-d DEBUG_INFO_BTF -d DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT -e DEBUG_INFO_NONE

# A second run builds only what changed; a cache would take its time of the first.
export CCACHE_DISABLE=1
say "Building all of Debian's configuration: hours, on few cores."
# Without headers: their programs are arm64's, and would want its libraries here.
step -c '^  CC' 19600 "building the packages" deb "${KMAKE[@]}" -C "$LINUX" "O=$OBJ" \
	DPKG_FLAGS=-Ppkg.linux-upstream.nokernelheaders olddefconfig bindeb-pkg
ls -1 "$OUT"/deb/*.deb
