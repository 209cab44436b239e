#!/bin/bash
# Generates Sources/Engines/Generated from Sources/Engines/Protocol, after one of these changed. The result is
# committed: as a build plugin it would have every clone compile protoc, which takes ten minutes.
set -eu
cd "$(dirname "$0")/.."
command -v protoc >/dev/null || { echo "protoc is missing: apt-get install protobuf-compiler" >&2; exit 1; }
swift build --product protoc-gen-swift
protoc --plugin="$(swift build --show-bin-path)/protoc-gen-swift" -I Sources/Engines/Protocol \
  --swift_opt=Visibility=Internal --swift_out=Sources/Engines/Generated Sources/Engines/Protocol/*.proto
