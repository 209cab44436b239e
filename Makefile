# What people type. Packages that are missing come through apt; nothing is installed elsewhere.
PREFIX ?= /usr/local
ARGUMENTS ?=
SECONDS ?= 20
TARGETS ?=

release := .build/release/driftwatch
swift = swift build --product driftwatch -c release

help:
	@sed -n 's/^## //p' Makefile

## make run           build, then watch this machine (ARGUMENTS="--learn 10m ...")
run: build
	@if [ -t 1 ]; then format=text; else format=ecs; fi; exec $(release) run --format $$format $(ARGUMENTS)

## make build         the release build
build: toolchain
	@scripts/bootstrap.sh build
	@scripts/preflight.sh
	@$(swift)

## make test          every test, those against the kernel included
test: toolchain
	@scripts/bootstrap.sh build tests browser
	@scripts/test.sh

## make test-kernels  what is seen, on other kernels under qemu and in both tiers: a table
test-kernels: toolchain
	@scripts/bootstrap.sh build tests kernels
	@scripts/test-kernels.sh $(KERNELS)

## make test-evasions every case of docs/evasions.md, here and on a kernel that takes fentry: a table
test-evasions: toolchain
	@scripts/bootstrap.sh build tests kernels
	@scripts/test-kernels.sh here 6.1:fentry

## make test-runtimes who it is: every runtime, 300 containers of 10 ms through each, units of a real systemd
test-runtimes: toolchain
	@scripts/bootstrap.sh build tests
	@scripts/test-runtimes.sh

## make fuzz          each parser of foreign bytes for SECONDS=20 (TARGETS="record baseline ...")
fuzz: toolchain
	@scripts/bootstrap.sh build
	@scripts/fuzz.sh $(SECONDS) $(TARGETS)

## make demo          a container is learned, then attacked
demo: build
	@scripts/bootstrap.sh tests
	@$(MAKE) -s -C Tests/Provokers
	@scripts/demo.sh $(release)

## make bench         what watching costs, against others
bench: build
	@scripts/bootstrap.sh bench
	@bench/run.py $(release)

## make bench-detection  how well drift is detected: real services, their life, attacks (ARGUMENTS="--service nginx")
bench-detection: build
	@scripts/bootstrap.sh tests detection
	@bench/detection/run.py $(release) $(ARGUMENTS)

## make soak          half an hour of containers and restarts: it must not grow (MINUTES=30)
soak: build
	@scripts/bootstrap.sh tests
	@$(MAKE) -s -C Tests/Provokers
	@scripts/soak.py $(release) $(or $(MINUTES),30)

## make install       to $PREFIX (/usr/local), with a systemd unit that is not started
install: build
	install -D -m 755 $(release) $(DESTDIR)$(PREFIX)/bin/driftwatch
	install -d $(DESTDIR)/etc/systemd/system
	sed 's|/usr/local|$(PREFIX)|' packaging/driftwatch.service >$(DESTDIR)/etc/systemd/system/driftwatch.service

## make format        Swift and C
format: toolchain
	swift format --in-place --recursive Package.swift Sources Tests Plugins
	clang-format -i bpf/*.[ch] Tests/Provokers/*.[ch] Tests/Support/*.c bench/*.c

## make clean
clean:
	rm -rf .build
	$(MAKE) -s -C Tests/Provokers clean
	$(MAKE) -s -C bench clean

toolchain:
	@command -v swift >/dev/null || { echo 'swift is not installed: get 6.2 or later from https://swift.org/install' >&2; exit 1; }

.PHONY: soak help run build test test-kernels test-evasions test-runtimes fuzz demo bench bench-detection install format clean toolchain
