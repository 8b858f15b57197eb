#!/bin/sh
# Installs Debian packages, without letting them start a system service and take its standard port.
#
# Usage: install.sh PACKAGE...
set -eu

if ! command -v apt-get >/dev/null; then
    echo >&2 "cannot install $*: there is no apt-get on this machine; install them in its own way"
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo >&2 "cannot install $*: neither root nor sudo; ask for: apt-get install $*"
        exit 1
    fi
    exec sudo sh "$0" "$@"
fi

# Exit status 101 forbids every start (invoke-rc.d(8)); a policy of the machine's own stays as it is.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
install() { apt-get --quiet --yes --no-install-recommends install "$@"; }
# The lists of packages are fetched only where they are missing or out of date.
install "$@" 2>/dev/null || { apt-get --quiet update && install "$@"; }
