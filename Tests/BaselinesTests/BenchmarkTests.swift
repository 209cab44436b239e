import Events
import Foundation
import Testing

@testable import Baselines

/// Run alone, in a release build: `DRIFTWATCH_BENCH=1 swift test -c release -Xswiftc -enable-testing --filter BenchmarkTests`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["DRIFTWATCH_BENCH"] != nil))
struct BenchmarkTests {
    private func spec(_ count: Int, seed: UInt64) -> BaselineSpec {
        var random = SplitMix(state: seed)
        func word() -> String { String(random.next() % 100_000, radix: 36) }
        var spec = BaselineSpec()
        for number in 0..<count {
            let exe = "/usr/sbin/program\(number % 5)"
            switch number % 10 {
            case 0: spec.exec.append(ExecEntry(executable: "/usr/bin/\(word())", parent: exe))
            case 1:
                spec.connect.append(
                    ConnectEntry(
                        executable: exe,
                        peer: .block(AddressBlock("10.\(number % 200).0.0/\(16 + number % 8)")!.masked),
                        ports: 443...443, transport: .tcp))
            case 2: spec.open.append(OpenEntry(executable: exe, path: "/srv/\(word())/**", access: .read))
            case 3: spec.open.append(OpenEntry(executable: exe, path: "/var/lib/\(word())/*.\(word())", access: .read))
            default:
                spec.open.append(
                    OpenEntry(executable: exe, path: "/usr/share/\(word())/\(word())/\(word())", access: .read))
            }
        }
        return spec
    }

    private func resident() -> Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
    }

    @Test(arguments: [10, 1000, 100_000]) func lookUp(_ count: Int) {
        let spec = spec(count, seed: 5)
        let index = BaselineIndex(spec)
        var behaviours: [Behaviour] = spec.open.prefix(2000).map {
            open($0.path.replacing("**", with: "a/b").replacing("*", with: "x"), by: $0.executable)
        }
        behaviours += behaviours.map {
            if case .open(var open) = $0 {
                open.path += "x/y"
                return .open(open)
            } else {
                return $0
            }
        }
        behaviours += spec.connect.prefix(500).map { _ in
            .connect(
                ConnectBehaviour(
                    executable: "/usr/sbin/program1",
                    peer: .ip(SocketAddress(ip: IPAddress("10.7.8.9")!, port: 443), domain: nil), transport: .tcp))
        }
        behaviours += spec.exec.prefix(500).map {
            .exec(ExecBehaviour(executable: $0.executable, parent: $0.parent!, arguments: ["a", "b"]))
        }
        behaviours.shuffle()
        var best = Double.infinity
        var known = 0
        for _ in 0..<9 {
            let clock = ContinuousClock()
            let rounds = max(1, 20_000 / behaviours.count)
            let time = clock.measure {
                for _ in 0..<rounds { for behaviour in behaviours where index.knows(behaviour) { known += 1 } }
            }
            best = min(
                best,
                Double(time.components.attoseconds) / 1e9 / Double(behaviours.count * rounds) + Double(
                    time.components.seconds) * 1e9)
        }
        print("bench: \(count) entries: \(Int(best)) ns per lookup (\(behaviours.count) behaviours, \(known) known)")
        #expect(best < 2000)
    }

    @Test func memory() {
        // Warm the allocator, so that what is measured is what is kept.
        _ = BaselineIndex(spec(1000, seed: 1))
        let store = Baselines(mode: .off)
        let before = resident()
        for number in 0..<500 {
            autoreleasepool {
                let baseline = Baseline(
                    key: BaselineKey(workload: "k8s/default/deployment/app-\(number)/main", digest: "sha256:\(number)"),
                    spec: spec(1000, seed: UInt64(number)))
                store.add(reviewed: [
                    BaselineFile.Document(
                        baseline: baseline, file: "/etc/driftwatch/baselines/app-\(number).yaml", line: 1,
                        lines: .init())
                ])
            }
        }
        let grown = resident() - before
        print("bench: 500 baselines of 1000 entries: \(grown >> 10) KiB resident, \(grown / 500) bytes each")
        #expect(store.armed.count == 500)
        #expect(grown < 30 << 20)
    }

    @Test func fileOfManyEntries() throws {
        let text = BaselineWriter.file(Baseline(key: BaselineKey(workload: "w"), spec: spec(20_000, seed: 2)))
        let clock = ContinuousClock()
        var count = 0
        let time = try clock.measure { count = try BaselineFile.parse(text, file: "f").first!.baseline.spec.count }
        print("bench: a file of \(count) entries (\(text.utf8.count >> 10) KiB) is read in \(time)")
    }

    @Test func shape() {
        let behaviours = [
            "/proc/1234/stat", "/usr/share/a/b/c", "/var/log/app-2026-11-20.log",
            "/srv/x/6b1f2c1e-8d0a-4f3e-9a57-0c2b6d3e4f5a",
        ].map { open($0) }
        let clock = ContinuousClock()
        let time = clock.measure {
            for _ in 0..<10_000 { for behaviour in behaviours { _ = Generaliser.shape(of: behaviour) } }
        }
        print("bench: a shape takes \(time / 40_000)")
    }
}

private func autoreleasepool(_ body: () -> Void) { body() }
