#!/bin/bash
# test-runtimes.sh: who it is, with every runtime that can be had here; units also on a machine that systemd runs.
set -u
cd "$(dirname "$0")/.." || exit 1
make -s -C Tests/Provokers || exit 1
swift build --build-tests || exit 1
DRIFTWATCH_THOROUGH=1 swift test --skip-build --filter 'NodeTests.(RuntimeTests|ContainerTests|WhoTests|SystemdTests)|EnginesTests'
status=$?
[ ! -d /run/systemd/system ] || exit "$status"
scripts/bootstrap.sh kernels || exit 1
echo 'units of a real systemd, on Linux 6.12 under qemu:'
bundle=$(echo .build/debug/*PackageTests.xctest)
Tests/Support/vm.sh -s -t 600 6.12 -- env DRIFTWATCH_PATIENCE=20 "$PWD/$bundle" --testing-library swift-testing \
  --filter SystemdTests || status=1
exit "$status"
