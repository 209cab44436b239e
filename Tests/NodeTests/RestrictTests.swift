import Events
import Foundation
import Glibc
import Probes
import Testing

extension NodeTests {
    /// Where restricted workloads may go: the kernel's answer to each way of asking.
    @Suite(.needs("unshare", "ip")) struct RestrictTests {
        private let probe: Probe
        private let cgroup: Cgroup

        init() throws {
            probe = try Probe(tier: TierChoice(rawValue: Node.tier ?? "auto")!)
            cgroup = try Cgroup("restricted-\(UUID().uuidString.prefix(8))")
        }

        private static let ways = [
            "block", "nonblock", "fastopen", "connect32", "socketcall", "io_uring", "io_uring_async", "io_uring_polled",
            "mptcp", "udp", "sendto", "sendmsg", "sendmmsg", "io_uring_sendmsg", "connected", "bound",
        ]

        /// One peer by its IPv4 address, as IPv6 writes that, and one by IPv6; each way reaches it or is refused.
        @Test(.judges("connect-restricted")) func everyWayIsRefusedElsewhereAndNowhereElse() async throws {
            let here = ["10.77.0.1", "::ffff:10.77.0.1", "fd77::1"]
            let elsewhere = ["10.77.0.2", "::ffff:10.77.0.2", "fd77::2"]
            let asked = Self.ways.flatMap { way in (here + elsewhere).map { Attempt(way, $0, 80) } }
            let before = try await attempts(asked)
            #expect(before.filter { $0.value == .refused }.isEmpty, "nobody is restricted yet")

            try probe.restrict(cgroup.id, to: [.one("10.77.0.1", 80), .one("fd77::1", 80)], until: .max)
            let after = try await attempts(asked)
            // What this kernel cannot do at all it says in both.
            let possible = asked.filter { before[$0] == .reached }
            #expect(possible.count > asked.count / 2)
            for attempt in possible {
                let expected: Attempt.Outcome = here.contains(attempt.address) ? .reached : .refused
                #expect(after[attempt] == expected, "\(attempt)")
            }
            let refused = UInt64(possible.filter { elsewhere.contains($0.address) }.count)
            // A way that asks twice is refused twice.
            let counted = try #require(try probe.refusals(of: cgroup.id))
            #expect((refused...refused * 2).contains(counted))

            #expect(try probe.lift(cgroup.id) == counted)
            #expect(try await attempts(asked) == before, "lifted")
        }

        @Test func whatIsRefusedIsToldAsTheConnectThatItIs() async throws {
            try probe.restrict(cgroup.id, to: [], until: .max)
            let attempt = Attempt("block", "10.77.0.2", 4711)
            #expect(try await attempts([attempt]) == [attempt: .refused])
            #expect(
                try told() == [
                    Connect(peer: .ip(SocketAddress(ip: IPAddress("10.77.0.2")!, port: 4711)), transport: .tcp)
                ])
        }

        /// Of sockets that show no peers it gets none, but of the sort that it is let; each asking is told.
        @Test(.judges("connect-restricted-socket")) func otherSockets() async throws {
            let sorts = [("raw", Transport.raw), ("raw6", .raw), ("ping", .icmp), ("sctp", .sctp)]
            func outcome(_ sort: String) async throws -> Attempt.Outcome {
                let errors = try await cgroup.run(
                    "sh", "-c", "\(Node.provokers)/socket \(sort) 2>&1; echo $?")
                return errors == "0\n" ? .reached : errors.contains("Operation not permitted") ? .refused : .impossible
            }
            var possible: [(String, Transport)] = []
            for sort in sorts where try await outcome(sort.0) == .reached { possible.append(sort) }
            #expect(possible.count > 1)
            _ = try told()
            try probe.restrict(cgroup.id, to: [Probe.Destination(address: SIMD16(), transport: 1)], until: .max)
            for (name, transport) in possible {
                // Two of one transport are one behaviour.
                try probe.forgetAll()
                #expect(try await outcome(name) == (transport == .icmp ? .reached : .refused), "\(name)")
                #expect(try told().last == Connect(peer: .unseen, transport: transport), "\(name)")
            }
            #expect(try await outcome("tcp") == .reached)
        }

        /// The connects of the cgroup that the ring holds.
        private func told() throws -> [Connect] {
            var told: [Connect] = []
            var decoder = EventDecoder()
            try probe.control.consume { bytes in
                if case .behaviour(let event)? = try? decoder.decode(bytes), event.actor.cgroup == cgroup.id,
                    case .connect(let connect) = event.act
                {
                    told.append(connect)
                }
                return .continue
            }
            return told
        }

        @Test(.judges("connect-restricted-below")) func allBelowIsRestrictedAndNobodyBeside() async throws {
            let attempt = Attempt("block", "10.77.0.2", 80)
            try probe.restrict(cgroup.id, to: [], until: .max)
            for (name, outcome) in [
                (cgroup.name + "/made/later", Attempt.Outcome.refused), (cgroup.name + "-beside", .reached),
            ] {
                let other = try Cgroup(String(name.dropFirst("driftwatch-test/".count)))
                #expect(try await attempts([attempt], in: other) == [attempt: outcome], "\(name)")
            }
            // The nearest counts: a workload within another has its own destinations.
            let inner = try Cgroup(cgroup.name.dropFirst("driftwatch-test/".count) + "/inner")
            try probe.restrict(inner.id, to: [.one("10.77.0.2", 80)], until: .max)
            #expect(try await attempts([attempt], in: inner) == [attempt: .reached])
        }

        /// Deeper than the kernel half looks.
        @Test(.judges("connect-restricted-below")) func nobodyHidesDeepBelow() async throws {
            let attempt = Attempt("block", "10.77.0.2", 80)
            let deep = try Cgroup(
                cgroup.name.dropFirst("driftwatch-test/".count) + String(repeating: "/n", count: 80))
            #expect(try await attempts([attempt], in: deep) == [attempt: .reached])
            try probe.restrict(cgroup.id, to: [], until: .max)
            #expect(try await attempts([attempt], in: deep) == [attempt: .refused])
        }

        /// The kernel ends it, whatever becomes of the monitor.
        @Test func itEndsByItself() async throws {
            let attempt = Attempt("block", "10.77.0.2", 80)
            let end = bootTime() + 3_000_000_000
            try probe.restrict(cgroup.id, to: [], until: end)
            #expect(try await attempts([attempt]) == [attempt: .refused])
            try await eventually("an end") { try await attempts([attempt])[attempt] == .reached ? true : nil }
            #expect(bootTime() >= end)
            try probe.restrict(cgroup.id, to: [], until: .max)
            #expect(try await attempts([attempt]) == [attempt: .refused])
            probe.detach()
            #expect(try await attempts([attempt]) == [attempt: .reached], "the programs are gone")
        }

        /// A server answers whom it heard, and nobody else, though it has heard somebody.
        @Test(.judges("connect-restricted-answer")) func answersGoToWhoAsked() async throws {
            try probe.restrict(
                cgroup.id, to: [.one("127.0.0.1", 47112, UInt8(IPPROTO_UDP)), .one("::1", 47112, UInt8(IPPROTO_UDP))],
                until: .max)
            let attempts = try await attempts([
                Attempt("answer", "127.0.0.1", 47112), Attempt("answer", "::1", 47112),
                Attempt("misanswer", "10.77.0.2", 53), Attempt("misanswer", "fd77::2", 53),
            ])
            let outcomes = attempts.map { ($0.key.way, $0.value) }
            #expect(outcomes.allSatisfy { $0.1 == ($0.0 == "answer" ? .reached : .refused) }, "\(attempts)")
        }

        /// Others have programs at the workload's own cgroup, attached in any way: all of them must let it.
        @Test(.needs("bpftool", "clang", "mount"), arguments: ["", "override", "multi"])
        func othersProgramsAreAskedToo(_ how: String) async throws {
            let files = Scratch("others")
            let source = try files.write(
                """
                __attribute__((section("cgroup/connect4"), used)) int pass(void *context) { return 1; }
                char terms[] __attribute__((section("license"))) = "GPL";
                """, to: "pass.bpf.c")
            try await must(["clang", "-target", "bpf", "-O2", "-g", "-c", source, "-o", files / "pass.o"])
            let pins = files / "pins"
            try FileManager.default.createDirectory(atPath: pins, withIntermediateDirectories: true)
            // What is pinned is gone with the namespace; what is attached, with the cgroup.
            try await must([
                "unshare", "--mount", "sh", "-ec",
                """
                mount -t bpf none \(pins)
                bpftool prog load \(files / "pass.o") \(pins)/pass type cgroup/connect4
                bpftool cgroup attach \(cgroup.path) connect4 pinned \(pins)/pass \(how)
                """,
            ])
            let (known, other) = (Attempt("block", "10.77.0.1", 80), Attempt("block", "10.77.0.2", 80))
            try probe.restrict(cgroup.id, to: [.one("10.77.0.1", 80)], until: .max)
            #expect(try await attempts([known, other]) == [known: .reached, other: .refused])
        }

        @Test func blocksPortsAndTransports() async throws {
            try probe.restrict(
                cgroup.id,
                to: [
                    Probe.Destination(address: IPAddress("10.77.0.0")!.bytes, prefix: 96 + 31, ports: 1000...1999),
                    .one("10.77.0.2", 53, UInt8(IPPROTO_UDP)),
                    Probe.Destination(address: IPAddress("fd77::")!.bytes, prefix: 64),
                ], until: .max)
            let reached = [
                Attempt("block", "10.77.0.1", 1000), Attempt("sendto", "10.77.0.1", 1999),
                Attempt("block", "10.77.0.1", 1536), Attempt("sendto", "10.77.0.2", 53),
                Attempt("block", "fd77::1", 1), Attempt("block", "fd77::2", 65535),
            ]
            let refused = [
                Attempt("block", "10.77.0.1", 999), Attempt("block", "10.77.0.1", 2000),
                Attempt("block", "10.77.0.2", 1000), Attempt("block", "10.77.0.2", 53), Attempt("block", "::1", 1),
                Attempt("block", "127.0.0.1", 1000),
            ]
            var expected = Dictionary(uniqueKeysWithValues: reached.map { ($0, Attempt.Outcome.reached) })
            for attempt in refused { expected[attempt] = .refused }
            #expect(try await attempts(reached + refused) == expected)

            let late = Attempt("block", "10.77.0.2", 2001)
            #expect(try await attempts([late]) == [late: .refused])
            #expect(try probe.allow([.one("10.77.0.2", 2001)], for: cgroup.id))
            #expect(try await attempts([late]) == [late: .reached])
            try probe.restrict(cgroup.id, to: [.one("10.77.0.2", 2001)], until: .max)
            #expect(
                try await attempts([late, reached[0]]) == [late: .reached, reached[0]: .refused],
                "others take the place of the first ones")
        }

        @Test func whatDoesNotFitChangesNothing() async throws {
            let known = Attempt("block", "10.77.0.1", 80)
            let other = Attempt("block", "10.77.0.2", 80)
            let many = (0..<UInt32(Probe.mostDestinations)).map { number in
                var address = IPAddress("fd88::")!.bytes
                for byte in 0..<4 { address[15 - byte] = UInt8(truncatingIfNeeded: number >> UInt32(8 * byte)) }
                return Probe.Destination(address: address)
            }
            try probe.restrict(cgroup.id, to: [.one("10.77.0.1", 80)], until: .max)
            let error = #expect(throws: ProbeError.self) { try probe.restrict(cgroup.id, to: many, until: .max) }
            let text = try #require(error).description
            #expect(text.contains("16384") && !text.contains("\n"), "\(text)")
            #expect(try await attempts([known, other]) == [known: .reached, other: .refused])
            try probe.lift(cgroup.id)
            // Nothing of it was left behind: now there is room for as many.
            try probe.restrict(cgroup.id, to: many, until: .max)
            #expect(try await attempts([known]) == [known: .refused])
            #expect(throws: ProbeError.self) { try probe.restrict(1, to: [], until: .max) }
            #expect(try probe.lift(cgroup.id + 1) == nil)
            #expect(try probe.allow(many, for: cgroup.id + 1) == false)
        }

        /// A real container, in a network of its own.
        @Test(.needs("crun", "busybox")) func aContainer() async throws {
            let agent = try await Agent(try await Box.shared(), "restricted")
            let path = try await Box.shared().cgroup(of: agent.container)
            var status = stat()
            try #require(stat(path, &status) == 0)
            func isRefused(_ order: String) async throws -> Bool {
                do { try await agent.order(order) } catch let trouble as Trouble {
                    #expect("\(trouble)".contains("Operation not permitted"))
                    return true
                }
                return false
            }
            #expect(try await !isRefused("connect 127.0.0.2 80"))
            try probe.restrict(UInt64(status.st_ino), to: [.one("127.0.0.1", 80)], until: .max)
            #expect(try await isRefused("connect 127.0.0.2 80"))
            #expect(try await !isRefused("connect 127.0.0.1 80"))
            try probe.lift(UInt64(status.st_ino))
            #expect(try await !isRefused("connect 127.0.0.2 80"))
            try await agent.stop()
        }

        /// Carries them out one by one, in a network namespace that has nothing but loopback.
        private func attempts(_ all: [Attempt], in other: Cgroup? = nil) async throws -> [Attempt: Attempt.Outcome] {
            let output = try await (other ?? cgroup).run(
                "unshare", "--net", "sh", "-ec",
                """
                ip link set lo up
                ip addr add 10.77.0.1/32 dev lo; ip addr add 10.77.0.2/32 dev lo
                ip addr add fd77::1/128 dev lo; ip addr add fd77::2/128 dev lo
                for words in \(all.map { "'\($0)'" }.joined(separator: " ")); do
                  said=$(\(Node.provokers)/connect $words 2>&1) && status=0 || status=$?
                  echo "$words $status $said"
                done
                """)
            var found: [Attempt: Attempt.Outcome] = [:]
            for line in output.split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 4)
                let attempt = Attempt(String(words[0]), String(words[1]), UInt16(words[2])!)
                let isRefused = words.count > 4 && words[4].contains("Operation not permitted")
                found[attempt] = words[3] == "0" ? .reached : isRefused ? .refused : .impossible
            }
            return found
        }
    }
}

/// One asking for a peer, as Tests/Provokers/connect.c does it.
private struct Attempt: Hashable, CustomStringConvertible {
    enum Outcome { case reached, refused, impossible }
    let way: String
    let address: String
    let port: UInt16

    init(_ way: String, _ address: String, _ port: UInt16) {
        (self.way, self.address, self.port) = (way, address, port)
    }

    var description: String { "\(way) \(address) \(port)" }
}

extension Probe.Destination {
    fileprivate static func one(_ address: String, _ port: UInt16, _ protocolNumber: UInt8 = 0) -> Self {
        Self(address: IPAddress(address)!.bytes, ports: port...port, transport: protocolNumber)
    }
}

extension Cgroup {
    var id: UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }
}

private func bootTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
