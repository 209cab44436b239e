import Foundation
import Probes
import Testing

extension NodeTests {
    /// Run alone, with `make -C bench`: `DRIFTWATCH_BENCH=1 swift test --filter RestrictBenchmarkTests`.
    @Suite(.enabled(if: ProcessInfo.processInfo.environment["DRIFTWATCH_BENCH"] != nil))
    struct RestrictBenchmarkTests {
        private static let loops = (Node.tests as NSString).deletingLastPathComponent + "/bench/build/loops"
        private static let rounds = 5

        /// What a connect that is known takes, by who is restricted; in turn, so that the machine is the same to all.
        @Test func aConnect() async throws {
            let (cgroup, other) = (try Cgroup("measured"), try Cgroup("other"))
            let probe = try Probe()
            var slices: [String: [Double]] = [:]
            for _ in 0..<Self.rounds {
                for state in ["nobody", "somebody else", "itself, to 1 destination", "itself, to 10,000"] {
                    switch state {
                    case "nobody": break
                    case "somebody else": try probe.restrict(other.id, to: Self.destinations(10), until: .max)
                    case "itself, to 1 destination":
                        try probe.restrict(cgroup.id, to: Self.destinations(1), until: .max)
                    default: try probe.restrict(cgroup.id, to: Self.destinations(10_000), until: .max)
                    }
                    let printed = try await cgroup.run(Self.loops, "connect", "0.5").split(separator: "\n")
                    slices[state, default: []] += printed.dropLast().compactMap { Double($0) }
                    try probe.lift(cgroup.id)
                    try probe.lift(other.id)
                }
            }
            for (state, all) in slices.sorted(by: { $0.key < $1.key }) {
                let lowest = all.sorted().prefix(max(1, all.count / 10))
                print("bench: a connect while \(state) is restricted takes \(Int(lowest[lowest.count / 2])) ns")
            }
            #expect(slices.count == 4)
        }

        @Test(arguments: [10, 100, 1000, 10_000]) func restricting(_ count: Int) async throws {
            let cgroup = try Cgroup("measured")
            let probe = try Probe()
            let destinations = Self.destinations(count)
            var times: [Duration] = []
            for _ in 0..<21 {
                times.append(
                    try ContinuousClock().measure { try probe.restrict(cgroup.id, to: destinations, until: .max) })
                try probe.lift(cgroup.id)
            }
            print("bench: a restriction to \(count) destinations is in force after \(times.sorted()[10])")
            #expect(times.count == 21)
        }

        /// The one that bench/loops connects to, and others beside it.
        private static func destinations(_ count: Int) -> [Probe.Destination] {
            (0..<UInt32(count)).map { number in
                let address = SIMD16<UInt8>(
                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, UInt8(truncatingIfNeeded: number >> 16),
                    UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number &+ 1))
                return Probe.Destination(address: address, ports: 47300...47300, transport: 17)
            }
        }
    }
}
