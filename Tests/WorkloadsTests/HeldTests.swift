import Events
import Testing

@testable import Workloads

/// What waits for a name takes so much memory and no more, however long its words are.
@Suite struct HeldTests {
    private func event(_ cgroup: UInt64, words: [String] = []) -> Event {
        Event(
            time: 0, key: BehaviourKey(high: 0, low: 0),
            actor: Actor(
                process: ProcessName(pid: 7, start: 0), cgroup: cgroup, executable: ResolvedPath("/bin/x")),
            act: .exec(Exec(filename: "/bin/x", arguments: words)))
    }

    struct Load: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Of each event, in bytes.
        var words: Int
        /// How many are to fit.
        var most: ClosedRange<Int>
    }

    @Test(arguments: [
        Load(testDescription: "short words", words: 10, most: HeldEvents.most...HeldEvents.most),
        Load(testDescription: "8 KiB of words", words: 8192, most: 1500...2100),
    ])
    func isFull(_ load: Load) {
        var held = HeldEvents()
        var count = 0
        while !held.isFull {
            count += 1
            held.hold(
                event(UInt64(count % 3), words: [String(repeating: "w", count: load.words)]), for: UInt64(count % 3))
        }
        #expect(load.most.contains(count), "\(count)")
        let released = (0..<3).map { held.release($0).count }
        #expect(released.reduce(0, +) == count)
        #expect(held.isEmpty && !held.isFull)
    }

    @Test func comesOutInOrder() {
        var held = HeldEvents()
        for number in 0..<5 { held.hold(event(1, words: ["\(number)"]), for: 1) }
        held.hold(event(2), for: 2)
        #expect(held.waits(1) && held.waits(2) && !held.waits(3))
        let words: [[String]] = held.release(1).map { if case .exec(let exec) = $0.act { exec.arguments } else { [] } }
        #expect(words == (0..<5).map { ["\($0)"] })
        #expect(!held.waits(1) && !held.isEmpty)
        #expect(held.release(1).isEmpty)
    }
}
