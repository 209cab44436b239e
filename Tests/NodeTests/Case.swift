import Testing

/// A row of docs/evasions.md that takes more than a provoker: judged by the tests that say `.judges(id)`.
struct Case: Sendable {
    let id: String
    let what: String
    let says: String

    init(_ id: String, _ what: String, says: String) {
        self.id = id
        self.what = what
        self.says = says
    }

    static let all = [
        Case(
            "connect-unix-closed", "AF_UNIX, a datagram to a socket that is closed as soon as it is there",
            says: "the path by which it was bound"),
        Case("exec-dropped", "a program dropped into a container's upper layer", says: "`upper_layer`, origin child"),
        Case(
            "exec-session", "an exec session: crun exec, podman exec, nsenter",
            says: "origin `injected`; of nsenter, the tool itself is what comes in"),
        Case(
            "exec-runtime-init", "the runtime's own init inside the container's cgroup",
            says: "nothing: not the workload's behaviour"),
        Case(
            "connect-named", "a peer asked for by name: by UDP and TCP, by way of other names and search domains, IPv6",
            says: "`destination.domain`, the name that was asked for; of a known one, new addresses are known"),
        Case("connect-unasked", "an answer of a resolver that nobody asked", says: "the address alone"),
        Case(
            "connect-forged", "a resolver of one's own that gives a known name to another peer",
            says: "`connect.unexpected`, the address alone"),
        Case(
            "connect-restricted", "a restricted workload asks for a peer that it is not let, in every way above",
            says: "the connect, as ever; it gets EPERM"),
        Case(
            "connect-restricted-socket", "the same by a raw, ping or SCTP socket", says: "the socket; it gets EPERM"),
        Case(
            "connect-restricted-below", "the same out of a cgroup that it makes below, however deep",
            says: "the connect; it gets EPERM"),
        Case(
            "connect-restricted-answer", "the same by a socket that has heard somebody else",
            says: "the connect; it gets EPERM; who was heard is answered"),
        Case("who-nested", "a nested cgroup made by the workload", says: "the workload that owns the outer one"),
        Case(
            "who-forged", "a cgroup named like a container of any runtime, made by the workload",
            says: "still the outer one: a name is no proof"),
        Case(
            "who-claimed", "a process that the state of a user's runtime claims, and that is not the user's",
            says: "still its own workload: a user's runtime is believed about that user's cgroups"),
        Case(
            "who-deep", "a cgroup nested deeper than anyone looks, made by the workload",
            says: "the workload that owns the outer one"),
        Case(
            "who-silent", "engines that take questions and never answer",
            says: "every exec at once, its workload by the runtimes' files; one warning for each engine"),
        Case(
            "who-moved", "a process moved between cgroups", says: "each act the workload of the cgroup at its time"),
        Case(
            "who-short", "a container gone before anyone looks, and many at once",
            says: "every exec, its workload"),
        Case(
            "who-pid", "a process id used again", says: "start and entity id tell the two apart, a tick of 10 ms later"),
        Case(
            "who-odd-name", "a cgroup named with spaces, quotes, escape codes and invalid UTF-8",
            says: "one valid line; nothing raw on a terminal"),
        Case(
            "who-cgroup", "a cgroup's path used again by another container", says: "each act its own container"),
        Case(
            "who-odd-bytes",
            "a cgroup whose name has quotes, spaces, escape codes, or is not UTF-8, before the start or after",
            says: "its workload, each byte that is no UTF-8 as U+00XX"),
        Case(
            "monitor-flood", "a flood of opens, then one exec", says: "the exec; what was lost is counted"),
        Case("monitor-saturated", "a workload floods", says: "`monitor.saturated`, once; its connects still come"),
        Case("monitor-killed", "kill -9, then a start", says: "`coverage-gap` with from, to and why; baselines whole"),
        Case(
            "monitor-stopped", "SIGSTOP, later SIGCONT",
            says: "`coverage-gap` with from and to; nothing is learned from silence"),
        Case("monitor-ring-full", "more than the ring holds", says: "`coverage-gap`: how much was lost, and whose"),
        Case(
            "monitor-broken-baseline", "a broken baseline file beside a good one",
            says: "file, line and reason; the good one is judged by"),
        Case("monitor-reader-gone", "the reader of the output is gone", says: "one line on stderr, an exit status"),
        Case(
            "monitor-million-paths",
            "1,000,000 distinct opens beside 50 new execs and 50 new connects of another workload",
            says: "all 100; one `monitor.saturated` a minute; memory stays bounded"),
        Case(
            "monitor-port-scan", "connects to 60,000 ports",
            says: "each told, or counted in `monitor.saturated`; others lose nothing"),
        Case(
            "monitor-nested-flood", "a flood out of forty cgroups that the workload makes itself",
            says: "one quota for all of them"),
        Case("monitor-exec-flood", "an exec that is new among thousands of new ones that are alike", says: "the exec"),
        Case(
            "monitor-foreign-record", "records in the rings that are none",
            says: "counted, shown by `doctor`, told as a `coverage-gap`"),
        Case(
            "monitor-killed-often", "kill -9 at any moment, again and again",
            says: "no baseline lost, none corrupt; each time a `coverage-gap`"),
        Case(
            "monitor-killed-starting", "kill -9 while the state is being made", says: "the next start finds it whole"),
        Case("monitor-terminated", "SIGTERM at any moment of the start", says: "it ends within 5 s, status 0"),
        Case(
            "monitor-disk-full", "the state's disk is full for a while",
            says: "said; what is learned waits, and is stored once there is room"),
        Case("monitor-disk-full-start", "the state's disk is full at the start", says: "one line on stderr, status 1"),
        Case("monitor-read-only", "the state's file system is read-only", says: "one line on stderr, status 1"),
        Case(
            "monitor-clock-set", "the clock is set an hour ahead, and back",
            says: "each act the time of its day; nothing is learned sooner"),
        Case(
            "monitor-state-removed", "the state is removed while the monitor runs", says: "said; it goes on judging"),
        Case(
            "monitor-state-damaged", "state that is torn, overwritten or rubbish",
            says: "moved aside and said; it learns anew"),
        Case(
            "monitor-state-locked", "somebody locks the state and never lets go", says: "said; the end comes in time"),
        Case(
            "monitor-second", "a second monitor on the same state",
            says: "one line on stderr, status 1; the first goes on"),
        Case(
            "monitor-pipe-blocked", "the reader of the output sleeps",
            says: "every line is there, or counted in a `coverage-gap`; the rings are read on"),
        Case(
            "monitor-output-full", "the output's disk is full for a while",
            says: "said; whole lines only, none lost, none twice"),
        Case("monitor-rotation", "log rotation under load: rename, SIGHUP", says: "no line lost, none twice"),
        Case(
            "monitor-rotation-failed", "the output's directory is gone at SIGHUP",
            says: "said; it goes on with the old file"),
        Case("monitor-log-blocked", "nobody reads stderr", says: "nothing is held up"),
        Case(
            "monitor-taken-over", "the monitor's own process is taken over",
            says: "three capabilities and no way to more; its state is for root alone"),
        Case(
            "monitor-poisoned", "bad acts while a workload is being learned",
            says: "the never-normal rules alert at once; nothing of it is learned"),
        Case(
            "learn-session", "an exec session while a workload is being learned",
            says: "what it does is in quarantine, with the reason, and an alert later"),
        Case(
            "learn-replica", "one of several replicas is compromised while they are being learned",
            says: "what only that one does is in quarantine, and an alert later"),
    ]
}

/// Judges the case of the same id: by one test, or by all the cases of a test with arguments.
struct Judging: TestTrait, TestScoping {
    let id: String

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await judged(id) {
            try await function()
            return .seen
        }
    }
}

extension Trait where Self == Judging {
    static func judges(_ id: String) -> Self {
        precondition(Case.all.contains { $0.id == id }, "no case \(id)")
        return Judging(id: id)
    }
}
