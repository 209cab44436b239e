import Drift
import Events
import Testing

@Suite struct IncidentTests {
    static let unknown = Standing.unknown(Acts.facts)

    @Test func childrenShareTheStory() throws {
        var detector = Detector(seed: 1)
        let shell = detector.judge(Acts.exec("/bin/sh", actor: Acts.actor("/bin/sh", pid: 100)), Self.unknown)
        let child = detector.judge(
            Acts.exec("/usr/bin/id", actor: Acts.actor("/usr/bin/id", pid: 101, parentPid: 100)), Self.unknown)
        let opened = detector.judge(
            Acts.open("/etc/x", actor: Acts.actor("/usr/bin/id", pid: 101, parentPid: 100)), Self.unknown)
        let first = try #require(shell.alert)
        #expect(first.incident == .init(id: first.id, first: first.id))
        #expect(shell.mark == .init(process: ProcessName(pid: 100, start: 100_000), incident: first.id))
        #expect(child.alert?.incident == first.incident)
        #expect(opened.alert?.incident == first.incident)
        #expect(opened.alert?.id != first.id)
    }

    @Test func aKnownProgramPassesTheStoryOn() throws {
        var detector = Detector(seed: 1)
        let first = try #require(detector.judge(Acts.exec("/bin/sh"), Self.unknown).alert)
        let known = detector.judge(
            Acts.exec("/bin/cat", actor: Acts.actor("/bin/cat", pid: 101, parentPid: 100)), .known(Acts.facts))
        #expect(known.outcome == .quiet)
        #expect(known.mark?.incident == first.id)
        let below = detector.judge(
            Acts.open("/etc/x", actor: Acts.actor("/bin/cat", pid: 102, parentPid: 101)), Self.unknown)
        #expect(below.alert?.incident == first.incident)
    }

    @Test func theKernelsMarkIsBelieved() throws {
        var detector = Detector(seed: 1)
        let first = try #require(detector.judge(Acts.exec("/bin/sh"), Self.unknown).alert)
        let far = detector.judge(
            Acts.open("/etc/x", actor: Acts.actor("/bin/z", pid: 999, parentPid: 998, incident: first.id)), Self.unknown
        )
        #expect(far.alert?.incident == first.incident)
        #expect(far.mark == nil)
    }

    @Test func aRepeatThatStayedInTheKernelIsOfTheStory() throws {
        var detector = Detector(seed: 1)
        let actor = Acts.actor("/bin/sh", pid: 100, exec: 77)
        let first = try #require(detector.judge(Acts.exec("/bin/sh", actor: actor), Self.unknown).alert)
        let again = Acts.actor("/bin/sh", pid: 500, parentPid: 499, exec: 77)
        let soon = detector.judge(Acts.open("/etc/x", after: 300 * Acts.second, actor: again), Self.unknown)
        #expect(soon.alert?.incident == first.incident)
        let late = detector.judge(Acts.open("/etc/y", after: 3000 * Acts.second, actor: again), Self.unknown)
        #expect(late.alert.map { $0.incident.id == $0.id } == true)
    }

    @Test func unrelatedAlertsAreStoriesOfTheirOwn() throws {
        var detector = Detector(seed: 1)
        let one = try #require(detector.judge(Acts.open("/etc/x"), Self.unknown).alert)
        let two = try #require(detector.judge(Acts.open("/etc/y"), Self.unknown).alert)
        #expect(one.incident.id != two.incident.id)
    }

    @Test func whatFollowsFromAnAnomalyIsNotLearned() {
        var detector = Detector(seed: 1)
        let learning = Standing.learning(Acts.facts)
        let dropped = detector.judge(Acts.exec("/tmp/x", flags: .upperLayer), learning)
        #expect(dropped.alert?.rule == .execDropped && dropped.quarantine == .neverNormal("exec.dropped"))
        let below = detector.judge(Acts.open("/etc/x", actor: Acts.actor("/tmp/x")), learning)
        #expect(below.outcome == .quiet && below.quarantine == .follows("exec.dropped"))
        let child = Acts.actor("/bin/id", pid: 101, parentPid: 100)
        #expect(detector.judge(Acts.exec("/bin/id", actor: child), learning).outcome == .quiet)
        #expect(detector.judge(Acts.open("/etc/x"), learning).outcome == .quiet)
        #expect(detector.judge(Acts.open("/etc/x", actor: Acts.actor("/bin/w", pid: 7)), learning).outcome == .learn)
    }

    @Test func aSessionIsNotLearnedAndItsFirstAlertOpensItsStory() throws {
        var detector = Detector(seed: 1)
        let learning = Standing.learning(Acts.facts)
        let session = detector.judge(Acts.exec("/bin/sh", origin: .injected), learning)
        #expect(session.outcome == .quiet && session.quarantine == .session)
        let mark = try #require(session.mark)
        let child = Acts.actor("/bin/ls", pid: 101, parentPid: 100)
        #expect(detector.judge(Acts.exec("/bin/ls", actor: child), learning).outcome == .quiet)
        let alert = try #require(detector.judge(Acts.open("/etc/shadow", actor: child), learning).alert)
        #expect(alert.incident == .init(id: mark.incident, first: alert.id))
    }

    /// Neither the exec of a session nor that of a dropped program leaves the kernel a second time.
    @Test(arguments: [Acts.session, Acts.dropped]) func repeatsAreNotLearnedLater(_ act: Observation) {
        var detector = Detector(seed: 1)
        let learning = Standing.learning(Acts.facts)
        #expect(detector.judge(act, learning).outcome != .learn)
        let hours = 7200 * Acts.second
        let again = Acts.actor("/x", pid: 900, parentPid: 899, exec: 77)
        #expect(detector.judge(Acts.open("/a", after: hours, actor: again), learning).outcome == .quiet)
        var child = Acts.actor("/y", pid: 901, parentPid: 900, exec: 78)
        child.parentExec = 77
        #expect(detector.judge(Acts.exec("/y", after: hours, actor: child), learning).outcome == .quiet)
        let other = Acts.actor("/y", pid: 902, parentPid: 1, exec: 79)
        #expect(detector.judge(Acts.exec("/y", after: hours, actor: other), learning).outcome == .learn)
    }

    @Test func startupFilesOfAnAlertedProgramAreQuiet() {
        var detector = Detector(seed: 1)
        let actor = Acts.actor("/usr/bin/id")
        let library = "/usr/lib/x86_64-linux-gnu/libc.so.6"
        #expect(detector.judge(Acts.open(library, actor: Acts.actor("/bin/w", pid: 5)), Self.unknown).alert != nil)
        #expect(detector.judge(Acts.exec("/usr/bin/id", actor: actor), Self.unknown).alert != nil)
        for path in [library, "/etc/ld.so.cache", "/usr/lib/locale/C.utf8/LC_CTYPE"] {
            #expect(detector.judge(Acts.open(path, actor: actor), Self.unknown).outcome == .quiet, "\(path)")
        }
        #expect(detector.judge(Acts.open(library, access: .write, actor: actor), Self.unknown).alert != nil)
        for path in ["/tmp/libc.so.6", "/usr/lib/x.soul", "/etc/passwd"] {
            #expect(detector.judge(Acts.open(path, actor: actor), Self.unknown).alert != nil, "\(path)")
        }
    }
}
