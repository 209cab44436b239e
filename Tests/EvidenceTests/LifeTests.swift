import Baselines
import Drift
import Events
import Foundation
import Testing
import Workloads

@testable import Evidence

private let job = Workload(id: "oci/job", kind: .oci, instance: "job")

private func observe(_ act: Act, cgroup: UInt64 = 7, at time: Int64 = 10) -> Observation {
    let actor = Actor(
        process: ProcessName(pid: 1, start: 1), parent: .none, cgroup: cgroup, executable: ResolvedPath("/bin/app"),
        parentExecutable: ResolvedPath(""))
    let event = Event(time: 1, key: BehaviourKey(high: 0, low: 1), actor: actor, act: act)
    return Observation(event: event, workload: job, origin: .child, time: time)
}

private func connect(_ peer: Connect.Peer, at time: Int64 = 10) -> Observation {
    observe(.connect(Connect(peer: peer, transport: .tcp)), at: time)
}

private func ledger(execs: UInt64, lost: UInt64 = 0) -> Ledger {
    var ledger = Ledger()
    ledger.setKernel(.exec, known: 0, emitted: execs, overQuota: 0, lost: lost)
    return ledger
}

@Suite struct LifeTests {
    @Test func isToldOnceAllOfItIsKnown() throws {
        var lives = Lives()
        let address = SocketAddress(ip: IPAddress(v4: 203, 0, 113, 7), port: 443)
        lives.acted(connect(.ip(address)), home: 7, isPreExisting: false)
        lives.acted(connect(.ip(address)), home: 7, isPreExisting: true)
        lives.acted(connect(.unix(path: "/run/spire/sockets/agent.sock"), at: 20), home: 7, isPreExisting: false)
        lives.acted(
            observe(.open(Open(path: ResolvedPath("/run/secrets/token"), access: .read, mode: 0o100600)), cgroup: 8),
            home: 7, isPreExisting: false)
        lives.alerted(home: 7)
        #expect(lives.takeEnded(at: 30, isGone: { _ in false }).isEmpty)
        lives.removed(7, at: 25)
        #expect(lives.takeEnded(at: 30, isGone: { _ in true }).isEmpty, "its cgroups are not accounted for yet")
        lives.closed(8, home: 7, ledger: ledger(execs: 1), of: job, at: 31)
        lives.closed(7, home: 7, ledger: ledger(execs: 2, lost: 5), of: job, at: 31)
        let (life, ended) = try #require(lives.takeEnded(at: 31, isGone: { _ in true }).first)
        #expect(ended == 25 && life.began == 10 && !life.isPreExisting)
        #expect(life.account.seen == [8, 0, 0, 0] && life.account.unseen == 5)
        #expect(life.destinations.names == ["203.0.113.7:443/tcp", "/run/spire/sockets/agent.sock"])
        #expect(life.credentials.names == ["/run/spire/sockets/agent.sock", "/run/secrets/token"])
        #expect(life.askedForIdentity == 20 && life.alerts == 1)
        #expect(lives.count == 0)
    }

    /// Between its last act, at 10, and the removal of its cgroup, at 25, a runtime may know better.
    @Test(arguments: [(nil, 25), (20, 20), (5, 10), (1000, 25), (-1, 10)] as [(Int64?, Int64)])
    func whenItsRuntimeSaysThatItEnded(_ said: Int64?, _ ended: Int64) throws {
        var lives = Lives()
        lives.acted(observe(.exec(Exec(filename: "/bin/app", arguments: []))), home: 7, isPreExisting: false)
        lives.closed(7, home: 7, ledger: ledger(execs: 1), of: job, at: 31)
        lives.removed(7, at: 25)
        let over = lives.takeEnded(at: 31, isGone: { _ in true }, said: { $0 == 7 ? said : nil })
        #expect(over.map(\.ended) == [ended])
    }

    @Test func oneWhoseActsWereAllLostEndsToo() throws {
        var lives = Lives()
        lives.closed(7, home: 7, ledger: ledger(execs: 0, lost: 3), of: job, at: 5)
        let ended = lives.takeEnded(at: 6, isGone: { $0 == 7 })
        #expect(ended.first?.life.account.unseen == 3 && ended.first?.ended == 6)
    }

    @Test func atTheEndNothingIsWaitedFor() {
        var lives = Lives()
        lives.acted(connect(.abstract(name: "bus")), home: 7, isPreExisting: true)
        lives.removed(7, at: 12)
        let ended = lives.takeEnded(at: 13, isGone: { _ in true }, atRest: true, ledger: { _ in ledger(execs: 4) })
        #expect(ended.first?.life.account.seen.first == 4 && ended.first?.life.isPreExisting == true)
    }

    @Test func idleOneThatRanBeforeEndsToo() throws {
        var lives = Lives()
        lives.found(observe(.exec(Exec(filename: "/bin/app", arguments: ["app"]))), home: 7, isFirst: true)
        lives.exited(ProcessName(pid: 1, start: 1), status: 3 << 8)
        let ended = lives.takeEnded(at: 40, isGone: { $0 == 7 })
        let life = try #require(ended.first?.life)
        #expect(life.isPreExisting && life.exit == 3 << 8)
        #expect(life.programs.names == ["/bin/app"] && life.account.seen == [0, 0, 0, 0])
    }

    @Test func exitOfSeveralIsNobodys() throws {
        var lives = Lives()
        for pid in UInt32(1)...2 {
            var act = observe(.exec(Exec(filename: "/bin/app", arguments: ["app"])))
            act.event.actor.process.pid = pid
            act.origin = .entrypoint
            lives.acted(act, home: 7, isPreExisting: false)
        }
        lives.exited(ProcessName(pid: 2, start: 1), status: 9)
        lives.closed(7, home: 7, ledger: ledger(execs: 2), of: job, at: 31)
        let ended = lives.takeEnded(at: 40, isGone: { _ in true })
        #expect(ended.count == 1 && ended.first?.life.exit == nil)
    }

    /// What one monitor keeps, the next goes on with; what is over is kept no more.
    @Test func isKeptAndGoneOnWith() throws {
        var lives = Lives()
        lives.acted(connect(.unix(path: "/run/a")), home: 7, isPreExisting: false)
        let early = lives.takeChanges(all: false) { _ in Ledger() }
        #expect(early.isEmpty, "it may be over within the second")
        let changes = lives.takeChanges(all: false) { _ in ledger(execs: 4) }
        let (home, kept) = try #require(changes.first)
        let unchanged = lives.takeChanges(all: false) { _ in Ledger() }
        #expect(unchanged.isEmpty)
        let life = try JSONDecoder().decode(Life.self, from: JSONEncoder().encode(#require(kept)))
        #expect(life == kept)

        var next = Lives()
        next.resume(life, home: home)
        next.acted(connect(.unix(path: "/run/b")), home: 7, isPreExisting: true)
        next.closed(7, home: 7, ledger: ledger(execs: 1), of: job, at: 50)
        let all = next.takeEnded(at: 60, isGone: { _ in true })
        let ended = try #require(all.first?.life)
        #expect(ended.began == 10 && ended.isPreExisting)
        #expect(ended.account.seen.first == 5 && ended.destinations.names == ["/run/a", "/run/b"])
        let over = next.takeChanges(all: true) { _ in Ledger() }
        #expect(over.map(\.home) == [7] && over.first?.life == nil)
    }

    @Test func countsOutliveTheirNames() throws {
        var seldom = Life.Seldom()
        for number in 0..<40 { seldom.add("\(number)") }
        var again = try JSONDecoder().decode(Life.Seldom.self, from: JSONEncoder().encode(seldom))
        #expect(again.names == seldom.names && again.count == 40)
        again.add("0")
        again.add("new")
        #expect(again.count == 41)
    }

    @Test func namesAreFewAndCountsAreBounded() {
        var seldom = Life.Seldom()
        for number in 0..<5000 { seldom.add("\(number % 2000)") }
        #expect(seldom.names.count == 32 && seldom.count == 1024)
    }
}
