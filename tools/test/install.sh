#!/bin/sh
# Installs from Debian's packages what the tests on a real system need. For a machine that may be changed: CI, a VM.
set -eu
if [ "$(id -u)" != 0 ]; then
  echo "install: run as root, or install yourself: sudo polkitd pkexec dbus-daemon chromium python3 python3-cryptography gcc libc6-dev iproute2 rsyslog rsyslog-openssl" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
missing=""
for package in sudo polkitd pkexec dbus-daemon chromium fonts-liberation python3-minimal python3 python3-cryptography passwd procps iproute2 mount util-linux bsdutils gcc libc6-dev make openssl rsyslog rsyslog-openssl; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && { echo "install: everything is there"; exit 0; }
echo "install:$missing"
apt-get update -qq
# shellcheck disable=SC2086 # a list of names
apt-get install -y -qq --no-install-recommends $missing >/dev/null
