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
        Case("exec-dropped", "a program dropped into a container's upper layer", says: "`upper_layer`, origin child"),
        Case(
            "exec-session", "an exec session: crun exec, podman exec, nsenter",
            says: "origin `injected`; of nsenter, the tool itself is what comes in"),
        Case(
            "exec-runtime-init", "the runtime's own init inside the container's cgroup",
            says: "nothing: not the workload's behaviour"),
        Case("who-nested", "a nested cgroup made by the workload", says: "the workload that owns the outer one"),
        Case(
            "who-forged", "a cgroup named like a container id, made by the workload",
            says: "still the outer one: a name is no proof"),
        Case(
            "who-moved", "a process moved between cgroups", says: "each act the workload of the cgroup at its time"),
        Case(
            "who-short", "a container gone before anyone looks, and many at once",
            says: "every exec, its workload"),
        Case(
            "who-pid", "a process id used again", says: "start and entity id tell the two apart, a tick of 10 ms later"),
        Case(
            "who-cgroup", "a cgroup's path used again by another container", says: "each act its own container"),
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
            "monitor-poisoned", "bad acts while a workload is being learned",
            says: "the never-normal rules alert at once; nothing of it is learned"),
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
