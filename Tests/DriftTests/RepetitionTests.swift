import Drift
import Events
import Testing

@Suite struct RepetitionTests {
    static let unknown = Standing.unknown(Acts.facts)
    static let minute = 60 * Acts.second
    static let key = BehaviourKey(high: 0, low: 2)

    @Test func theSameAnomalyIsToldOnceAMinute() throws {
        var detector = Detector(seed: 1)
        let first = try #require(detector.judge(Acts.open("/etc/x"), Self.unknown).alert)
        #expect(first.count == 1)
        for second in 1..<60 {
            let other = Acts.actor("/usr/sbin/nginx", pid: UInt32(second + 200))
            let again = detector.judge(
                Acts.open("/etc/x", after: Int64(second) * Acts.second, actor: other, key: 90), Self.unknown)
            #expect(again.outcome == .quiet)
        }
        let next = try #require(detector.judge(Acts.open("/etc/x", after: Self.minute), Self.unknown).alert)
        #expect(next.count == 60)
        #expect(next.id != first.id)
        #expect(next.incident == first.incident)
    }

    @Test func theKernelsCountsAreTold() throws {
        var detector = Detector(seed: 1)
        #expect(detector.judge(Acts.open("/etc/x"), Self.unknown).alert != nil)
        #expect(detector.repeated(key: Self.key, count: 1, at: Acts.now) == nil)
        #expect(detector.repeated(key: Self.key, count: 11, at: Acts.now + 5 * Acts.second) == nil)
        #expect(detector.tick(Acts.now + 59 * Acts.second).isEmpty)
        #expect(detector.untold == 10)
        let told = detector.tick(Acts.now + Self.minute)
        #expect(told.map(\.count) == [10])
        #expect(told.first?.time == Acts.now + 5 * Acts.second)
        #expect(detector.tick(Acts.now + 3 * Self.minute).isEmpty)
        let late = detector.repeated(key: Self.key, count: 15, at: Acts.now + 4 * Self.minute)
        #expect(late?.count == 4)
    }

    @Test func aCountThatBeganAnewIsNotLost() {
        var detector = Detector(seed: 1)
        _ = detector.judge(Acts.open("/etc/x"), Self.unknown)
        _ = detector.repeated(key: Self.key, count: 11, at: Acts.now)
        _ = detector.repeated(key: Self.key, count: 3, at: Acts.now)
        #expect(detector.tick(Acts.now + Self.minute).map(\.count) == [13])
    }

    @Test func aKeyThatIsNoAnomalyIsIgnored() {
        var detector = Detector(seed: 1)
        _ = detector.judge(Acts.open("/etc/x"), .learning(Acts.facts))
        #expect(detector.repeated(key: Self.key, count: 5, at: Acts.now) == nil)
        #expect(detector.tick(Acts.now + Self.minute).isEmpty)
    }

    @Test func differentAnomaliesDoNotHideEachOther() {
        var detector = Detector(seed: 1)
        for path in ["/a", "/b"] { #expect(detector.judge(Acts.open(path), Self.unknown).alert != nil) }
        #expect(detector.judge(Acts.open("/a", access: .write), Self.unknown).alert != nil)
        #expect(detector.judge(Acts.open("/a", in: Acts.cron), Self.unknown).alert != nil)
        #expect(detector.judge(Acts.exec("/bin/sh", ["-c", "a"]), Self.unknown).alert != nil)
        #expect(detector.judge(Acts.exec("/bin/sh", ["-c", "b"]), Self.unknown).alert != nil)
    }

    @Test func memoryIsBoundedAndWhatIsForgottenIsCounted() {
        var detector = Detector(seed: 1, capacity: 10)
        _ = detector.judge(Acts.open("/first"), Self.unknown)
        _ = detector.judge(Acts.open("/first"), Self.unknown)
        #expect(detector.forgotten == 0)
        for number in 0..<100 { _ = detector.judge(Acts.open("/\(number)", key: UInt64(number)), Self.unknown) }
        #expect(detector.forgotten == 1)
        #expect(detector.tick(Acts.now + Self.minute).isEmpty)
    }

    /// Its repeats would never leave the kernel again.
    @Test func whatIsForgottenTheKernelIsToTellAnew() {
        var detector = Detector(seed: 1, capacity: 10)
        for number in 0..<15 { _ = detector.judge(Acts.open("/\(number)", key: UInt64(number)), Self.unknown) }
        #expect(detector.takeStale(at: Acts.now + 59 * Acts.second).isEmpty, "told less than a minute ago")
        #expect(detector.takeStale(at: Acts.now + Self.minute).map(\.low) == [0, 1, 2, 3, 4])
        #expect(detector.takeStale(at: Acts.now + 2 * Self.minute).isEmpty)
        #expect(detector.repeated(key: BehaviourKey(high: 0, low: 0), count: 9, at: Acts.now + Self.minute) == nil)
        #expect(detector.judge(Acts.open("/0", after: Self.minute, key: 0), Self.unknown).alert?.count == 1)
    }

    @Test func saturationIsToldOnceAMinutePerWorkload() throws {
        var detector = Detector(seed: 1)
        func take(_ cgroup: UInt64, _ counts: [UInt64], _ after: Int64) -> Anomaly? {
            detector.turnedAway(counts, by: Acts.web, cgroup: cgroup)
            return detector.saturated(at: Acts.now + after * Acts.second).first
        }
        #expect(take(1, [0, 0, 0, 0], 0) == nil)
        let first = try #require(take(1, [0, 0, 0, 500], 1))
        #expect(first.rule == .monitorSaturated && first.kind == .open && first.count == 500)
        #expect(take(1, [0, 0, 0, 700], 2) == nil)
        #expect(take(2, [5, 0, 0, 0], 3) == nil)
        let next = try #require(take(1, [0, 0, 0, 700], 61))
        #expect(next.turnedAway == [5, 0, 0, 200])
        #expect(next.incident == first.incident)
        #expect(take(1, [0, 0, 0, 700], 200) == nil)
    }

    @Test func saturationOfWhatIsGoneIsToldToo() {
        var detector = Detector(seed: 1)
        detector.turnedAway([0, 0, 0, 500], by: Acts.web, cgroup: 1)
        #expect(detector.saturated(at: Acts.now).map(\.count) == [500])
        detector.turnedAway([0, 7, 1, 500], by: Acts.web, cgroup: 1)
        #expect(detector.saturated(at: Acts.now + Acts.second).isEmpty)
        // Nothing is heard of the cgroup any more.
        #expect(detector.saturated(at: Acts.now + Self.minute).map(\.turnedAway) == [[0, 7, 1, 0]])
        detector.turnedAway([0, 7, 1, 501], by: Acts.web, cgroup: 1)
        #expect(detector.saturated(at: Acts.now + Self.minute, all: true).map(\.count) == [1])
        #expect(detector.saturated(at: Acts.now + 9 * Self.minute, all: true).isEmpty)
    }

    @Test func memoryOfSaturationIsBounded() {
        var detector = Detector(seed: 1, capacity: 10)
        for cgroup in 1...100 {
            var workload = Acts.web
            workload.id = "cgroup/\(cgroup)"
            detector.turnedAway([0, 0, 0, 1], by: workload, cgroup: UInt64(cgroup))
        }
        #expect(detector.saturated(at: Acts.now).count == 10)
    }
}
