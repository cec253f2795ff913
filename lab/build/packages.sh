#!/bin/bash
# Install what the lab needs, if it is not there already.
. "$(dirname "$0")/../common.sh"

packages=(
	make gcc libc6-dev git python3 xz-utils ca-certificates debian-archive-keyring
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross ccache	# the kernel, its selftests
	bc bison flex libssl-dev libelf-dev perl rsync kmod
	qemu-system-arm mmdebstrap e2fsprogs cpio		# the emulated host, its files
	sparse shellcheck codespell device-tree-compiler	# static checks
	python3-sphinx python3-yaml python3-ply python3-git
	"$@"							# what few commands need
)

missing=()
for package in "${packages[@]}"; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
	installed) ;;
	*) missing+=("$package") ;;
	esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

say "Packages to install: ${missing[*]}"
ask_for_root
step "apt-get update" apt-update as_root apt-get update
step "apt-get install" apt-install as_root env DEBIAN_FRONTEND=noninteractive \
	apt-get install -y --no-install-recommends "${missing[@]}"
