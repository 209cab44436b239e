import Events
import Testing

@testable import Baselines

/// What a disk does not take waits in so many bytes, and in order.
@Suite struct BacklogTests {
    private func alert(_ number: Int, bytes: Int = 0) -> StoreWrite {
        .alert(
            StoredAlert(
                id: "\(number)", time: 0, key: BaselineKey(workload: "w"), rule: "r", allow: nil,
                json: String(repeating: "x", count: bytes)))
    }

    private func ids(_ batch: [StoreWrite]) -> [String] {
        batch.map {
            switch $0 {
            case .alert(let alert): alert.id
            case .meta(let name, let value): "\(name)=\(value)"
            default: "?"
            }
        }
    }

    @Test func keepsTheOrder() {
        var backlog = Backlog()
        var lost = backlog.append([alert(1), alert(2)])
        let failed = backlog.take()
        #expect(backlog.isEmpty && ids(failed) == ["1", "2"])
        lost += backlog.append([alert(3)])
        lost += backlog.putBack(failed)
        lost += backlog.append([alert(4)])
        #expect(lost == 0)
        #expect(ids(backlog.take()) == ["1", "2", "3", "4"])
    }

    @Test func theLatestValueIsTheOneThatCounts() {
        var backlog = Backlog()
        _ = backlog.append([.meta(name: "heartbeat", value: "1"), .meta(name: "clean", value: "0")])
        let failed = backlog.take()
        _ = backlog.append([.meta(name: "heartbeat", value: "2")])
        _ = backlog.putBack(failed)
        #expect(ids(backlog.take()) == ["clean=0", "heartbeat=2"])
        for second in 0..<100_000 { _ = backlog.append([.meta(name: "heartbeat", value: "\(second)")]) }
        #expect(ids(backlog.take()) == ["heartbeat=99999"])
    }

    @Test func theOldestGoFirst() {
        var backlog = Backlog(capacity: 1 << 20)
        var lost = 0
        for number in 0..<1000 { lost += backlog.append([alert(number, bytes: 10_000)]) }
        #expect(lost > 850 && lost < 1000)
        let left = backlog.take()
        #expect(ids(left) == (lost..<1000).map(String.init))
        // Those that come meanwhile are newer.
        let newer = backlog.append((1000..<1050).map { alert($0, bytes: 10_000) })
        let older = backlog.putBack(left)
        #expect(newer == 0 && older > 0)
        #expect(ids(backlog.take()) == (lost + older..<1050).map(String.init))
    }

    @Test func whatIsLongTakesMore() {
        let key = BaselineKey(workload: "w")
        let short = Behaviour.open(OpenBehaviour(executable: "/x", path: "/y", access: .read))
        let long = Behaviour.open(
            OpenBehaviour(executable: "/x", path: "/" + String(repeating: "y", count: 4000), access: .read))
        func cost(_ behaviour: Behaviour) -> [Int] {
            let spec = BaselineSpec.allowing(behaviour)
            let row = StoredBehaviour(shape: behaviour, first: 0, last: 0, count: 1)
            return [
                StoreWrite.behaviours(key, [row]), .amend(key, spec),
                .baseline(StoredBaseline(key: key, state: .armed, spec: spec)),
            ].map(\.footprint)
        }
        for (small, large) in zip(cost(short), cost(long)) { #expect(large >= small + 3990) }
    }
}
