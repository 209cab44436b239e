import Events
import Foundation
import Testing

@testable import Evidence

/// Run alone, in a release build: `DRIFTWATCH_BENCH=1 swift test -c release -Xswiftc -enable-testing --filter BenchmarkTests`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["DRIFTWATCH_BENCH"] != nil))
struct AccountBenchmarkTests {
    /// The most that the kernel keeps, of which one in a hundred has acted since the last look.
    @Test func aLookAtAllAccounts() {
        var accounts = Accounts(at: 0)
        func look(_ round: UInt64) -> Int {
            for cgroup in UInt64(1)...8192 {
                let known = cgroup.isMultiple(of: 100) ? round : 1
                guard accounts[cgroup].seen != 4 * known else { continue }
                accounts.update(cgroup) {
                    for kind in Kind.allCases { $0.setKernel(kind, known: known, emitted: 0, overQuota: 0, lost: 0) }
                }
            }
            return accounts.takeChanges(at: Int64(round)).count
        }
        #expect(look(1) == 8192)
        var best = Duration.seconds(1)
        for round in UInt64(2)...40 {
            best = min(best, ContinuousClock().measure { #expect(look(round) == 81) })
        }
        print("bench: a look at 8192 accounts takes \(best)")
        #expect(best < .milliseconds(20))
    }
}
