#!/bin/bash
# Pack what runs on an arm64 server of somebody's own: build/BASE/sdei-kit.tar.gz.
# lab/kit/README says what is in it. Its scenarios are those that scenarios/list has for the
# kind of host "kit".
. "$(dirname "$0")/../common.sh"

lab/build/rootfs.sh
kit=$OUT/sdei-kit

# For a device tree on a server that has no fdtput: the kernel's own tool, and the node.
fdtoverlay() {
	local dtc=$LINUX/scripts/dtc method
	aarch64-linux-gnu-gcc -O2 -static -s -DNO_YAML "-I$dtc" "-I$dtc/libfdt" -o "$kit/lab/bin/fdtoverlay" \
		"$dtc"/{fdtoverlay,util}.c "$dtc"/libfdt/fdt*.c || return
	for method in hvc smc; do
		dtc -q -I dts -O dtb -o "$kit/lab/sdei-$method.dtbo" <<-END || return
			/dts-v1/;
			/plugin/;
			/ {
				fragment@0 {
					target-path = "/";
					__overlay__ {
						firmware { sdei { compatible = "arm,sdei-1.0"; method = "$method"; }; };
					};
				};
			};
		END
	done
}

# Each line: the seconds that it may take, its name, its command.
tests() {
	local test args
	while read -r test; do
		args=''
		case $test in
		*/debug-exceptions) args=' -i 1000' ;;
		*_perf_test) echo "900 costs /tmp/lab/selftests/$test"; continue ;;
		esac
		echo "400 ${test##*/} /tmp/lab/selftests/$test$args"
	done <"$OUT/selftests/list"
	awk -v base="$BASE" -v host=kit -f lab/run/scenarios.awk scenarios/list |
		while read -r test seconds; do echo "$seconds $test sh /tmp/lab/scenarios/$test.sh"; done
}

pack() {
	local payload=$OUT/payload test
	rm -rf "$kit" && mkdir -p "$kit"/lab/{bin,host,scenarios} &&
	cp lab/kit/{run,README} COPYING "$kit/" &&
	cp "$OUT/guest/bin/busybox" "$kit/lab/bin/" && fdtoverlay &&
	tests >"$kit/lab/tests" &&
	cp lab/run/tap.awk lab/host/{frame,lib.sh,vmm.sh} "$kit/lab/host/" && mv "$kit/lab/host/tap.awk" "$kit/lab/" &&
	while read -r _ test _; do
		[ ! -f "scenarios/$test.sh" ] || cp "scenarios/$test.sh" "$kit/lab/scenarios/" || return
	done <"$kit/lab/tests" &&
	# There is no /lab on a server: the kit has it in a /tmp of its own.
	sed -i 's,/lab/,/tmp/lab/,g' "$kit"/lab/host/*.sh "$kit"/lab/scenarios/*.sh &&
	rsync -a --files-from="$OUT/selftests/list" "$OUT/selftests/" "$kit/lab/selftests/" &&
	(cd "$kit/lab/selftests" && xargs aarch64-linux-gnu-strip) <"$OUT/selftests/list" &&
	cp -r "$payload"/{Image,Image.nosdei,guest.cpio,guest-bare,vmm,faults} "$kit/lab/" &&
	tar -C "$OUT" --owner=0 --group=0 --numeric-owner -czf "$kit.tar.gz.new" sdei-kit &&
	mv "$kit.tar.gz.new" "$kit.tar.gz"
}
step "packing the kit" kit pack
say "result: ${kit#"$ROOT"/}.tar.gz, $(du -h "$kit.tar.gz" | cut -f1); unpack it on an arm64 server, and ./run"
