import Drift
import Events
import Testing
import Workloads

@testable import Responses

/// What is done, and when it ends, by a clock of the test's own.
@Suite struct DocketTests {
    private static let outlet = Outlet.command(OutsideCommand(words: [try! Template("/bin/true")]))

    @Test func stepsInOrderAndTheirEnds() {
        var docket = Scene.docket([.notify(Self.outlet), .restrict(10), .freeze(5), .kill(.process)])
        let first = docket.take(Scene.order(), at: Scene.moment(100))
        #expect(first.map(\.words) == ["send notify", "restrict 7", "freeze 7", "kill process 7"])
        #expect(docket.due == 105 * Scene.second)
        #expect(docket.tick(Scene.moment(104)).isEmpty)
        #expect(docket.tick(Scene.moment(105)).map(\.words) == ["undo freeze 7: its time is over"])
        #expect(docket.tick(Scene.moment(110)).map(\.words) == ["undo restrict 7: its time is over"])
        #expect(docket.due == nil)
    }

    @Test func anotherAlertProlongsAndStacksNothing() {
        var docket = Scene.docket([.notify(Self.outlet), .restrict(10)])
        _ = docket.take(Scene.order(), at: Scene.moment(100))
        let again = docket.take(Scene.order(alert: 2), at: Scene.moment(109))
        #expect(again.map(\.words) == ["send notify"])
        #expect(docket.due == 110 * Scene.second)
        _ = docket.tick(Scene.moment(110))
        #expect(docket.take(Scene.order(alert: 3), at: Scene.moment(111)).map(\.words).contains("restrict 7"))
    }

    /// Set back by a day, or ahead: what ends by time ends by the time since boot.
    @Test(arguments: [-86_400.0, 86_400]) func aClockThatJumpsChangesNothing(_ jump: Double) {
        var docket = Scene.docket([.restrict(10)], approval: nil)
        _ = docket.take(Scene.order(), at: Scene.moment(100_000))
        #expect(docket.tick(Scene.moment(100_009, wall: 100_009 + jump)).isEmpty)
        #expect(docket.tick(Scene.moment(100_010, wall: 100_010 + jump)).count == 1)
    }

    @Test func whatFailedIsNotInForce() {
        var docket = Scene.docket([.freeze(10)])
        guard case .freeze(let measure)? = docket.take(Scene.order(), at: Scene.moment(1)).first else {
            Issue.record("nothing is frozen")
            return
        }
        docket.failed(measure)
        #expect(docket.due == nil && docket.measures.isEmpty)
        // What could not be undone is not forgotten.
        docket.stays(measure, at: Scene.moment(20))
        #expect(docket.tick(Scene.moment(30)).map(\.words) == ["undo freeze 7: its time is over"])
    }

    @Test func approvalIsWaitedForAndExpires() throws {
        var docket = Scene.docket([.notify(Self.outlet), .restrict(10)], approval: 60)
        let queued = docket.take(Scene.order(), at: Scene.moment(100))
        #expect(queued.map(\.words) == ["send notify", "queued"])
        #expect(docket.take(Scene.order(alert: 2), at: Scene.moment(101)).isEmpty, "one waits already")
        let id = try #require(queued.last?.decision?.ticket.id)
        let other = docket.approve(id &+ 1, who: "anna", why: "", at: Scene.moment(102))
        #expect(other == nil)
        let found = docket.approve(id, who: "anna", why: "seen", at: Scene.moment(102))
        let approved = try #require(found)
        #expect(approved.map(\.words) == ["approved: seen", "restrict 7"])
        #expect(approved.first?.decision?.who == "anna")

        _ = docket.take(Scene.order(Scene.target(8), alert: 3), at: Scene.moment(200))
        #expect(docket.tick(Scene.moment(260)).map(\.words).last == "expired: nobody approved it in time")
    }

    @Test func theQueueHasABound() {
        var docket = Scene.docket([.restrict(10)], approval: 60)
        for home in 1...UInt64(Docket.mostWaiting) {
            _ = docket.take(Scene.order(Scene.target(home)), at: Scene.moment(1))
        }
        let more = docket.take(Scene.order(Scene.target(9999)), at: Scene.moment(1))
        #expect(more.map(\.words) == ["refused: \(Docket.mostWaiting) responses wait for approval already"])
    }

    @Test(arguments: ["workload", "id", "nobody"]) func liftedByHand(_ by: String) {
        var docket = Scene.docket([.restrict(10), .freeze(10)])
        guard case .restrict(let measure, _)? = docket.take(Scene.order(), at: Scene.moment(1)).first else {
            Issue.record("nothing is restricted")
            return
        }
        let name = ["workload": "oci/web", "id": hex(measure.ticket.id)][by] ?? by
        let undone = docket.lift(name, .init(why: "enough", who: "anna"), at: Scene.moment(2))
        #expect(undone.map(\.words) == (by == "nobody" ? [] : ["undo restrict 7: enough", "undo freeze 7: enough"]))
    }

    @Test func theEndOfAnInstanceAndOfTheMonitor() {
        var docket = Scene.docket([.restrict(10)])
        _ = docket.take(Scene.order(Scene.target(7)), at: Scene.moment(1))
        _ = docket.take(Scene.order(Scene.target(8)), at: Scene.moment(1))
        #expect(docket.ended(7, at: Scene.moment(2)).map(\.words) == ["undo restrict 7: the instance ended"])
        #expect(docket.ended(7, at: Scene.moment(2)).isEmpty)
        #expect(docket.endAll(.init(why: "over"), at: Scene.moment(3)).map(\.words) == ["undo restrict 8: over"])
    }

    @Test func aDryRunDoesNothingAndSaysItOnce() {
        var docket = Scene.docket([.notify(Self.outlet), .restrict(10), .freeze(10), .kill(.workload)], mode: .dryRun)
        let first = docket.take(Scene.order(), at: Scene.moment(1))
        #expect(first.map(\.words) == ["notified", "restricted", "frozen", "killed"])
        for action in first {
            #expect(action.decision?.outcome == .unknown && action.decision?.reason.hasPrefix("dry run: ") == true)
        }
        #expect(docket.take(Scene.order(), at: Scene.moment(2)).map(\.words) == ["notified"])
        #expect(docket.tick(Scene.moment(11)).isEmpty, "nothing was in force")
    }

    // MARK: Guards

    private static func refusals(_ docket: inout Docket, _ order: Order) -> [String] {
        docket.take(order, at: Scene.moment(1)).map(\.words)
    }

    @Test(arguments: [
        ("unit/containerd.service", Workload.Kind.unit, "the node cannot do without unit/containerd.service"),
        ("unit/systemd-journald.service", .unit, "the node cannot do without unit/systemd-journald.service"),
        ("k8s/kube-system/daemonset/proxy/proxy", .k8s, "k8s/kube-system/** is protected"),
        ("host", .host, "the host itself is never touched"),
    ])
    func neverTouched(_ id: String, _ kind: Workload.Kind, _ why: String) {
        var docket = Scene.docket([.restrict(10), .kill(.workload)]) { $0.protected = ["k8s/kube-system/**"] }
        let order = Scene.order(Scene.target(7, id: id, kind: kind))
        #expect(Self.refusals(&docket, order) == ["refused: " + why, "refused: " + why])
    }

    @Test(arguments: [
        ("/box/7", "the monitor runs in it"), ("/box/7/below/it", "the monitor runs in it"), ("/box/77", nil),
        ("/box", nil),
    ])
    func neverItsOwnCgroupNorWhatHoldsIt(_ own: String, _ why: String?) {
        var docket = Scene.docket([.freeze(10)], own: own)
        #expect(Self.refusals(&docket, Scene.order()) == [why.map { "refused: " + $0 } ?? "freeze 7"])
    }

    @Test func whatIsNotKnownIsNotTouched() {
        var docket = Scene.docket([.restrict(10), .kill(.process)])
        var order = Scene.order(hasBaseline: false)
        order.target.isInside = false
        #expect(
            Self.refusals(&docket, order) == [
                "refused: there is no baseline that is armed or a candidate, so nobody knows where it may go",
                "refused: the process is not in the workload",
            ])
        order.target.home = 0
        #expect(
            Self.refusals(&docket, order) == ["refused: nobody knows its cgroup", "refused: nobody knows its cgroup"])
    }

    @Test func atMostSoManyWorkloadsAMinute() {
        var docket = Scene.docket([.restrict(1), .freeze(1)]) { $0.mostPerMinute = 2 }
        for home in [1, 2] as [UInt64] { #expect(Self.refusals(&docket, Scene.order(Scene.target(home))).count == 2) }
        let third = Self.refusals(&docket, Scene.order(Scene.target(3)))
        #expect(third.allSatisfy { $0.contains("within a minute 2 workloads were dealt with") }, "\(third)")
        _ = docket.tick(Scene.moment(50))
        #expect(docket.take(Scene.order(Scene.target(1)), at: Scene.moment(50)).count == 2, "it is one of the two")
        let later = docket.take(Scene.order(Scene.target(3)), at: Scene.moment(70))
        #expect(later.map(\.words) == ["restrict 3", "freeze 3"])
    }

    @Test func theStopFileStopsAll() {
        var docket = Scene.docket([.notify(Self.outlet), .restrict(10)], stopFile: true)
        let why = "refused: /run/stop is there"
        #expect(Self.refusals(&docket, Scene.order()) == [why, why])
    }
}
