import Baselines
import Drift
import Engines
import Events
import Evidence
import Foundation
import Logging
import Probes
import Sinks
import Workloads

/// Joins the rooms: kernel -> ring -> event -> workload -> baseline -> drift -> line. Confined to one thread.
final class Monitor {
    struct Options {
        var tier = TierChoice.auto
        /// Off: every act is a record, and repeats are printed too.
        var firstSeen = true
        var filter = WorkloadFilter([])
        var kinds = Set(Kind.allCases)
        var shown = Shown.none
        /// What ran before the start is printed too.
        var showsSnapshot = false
        /// Seconds until it ends by itself.
        var duration: Double?
        var readyFile: String?
        var showsProgress = false
        /// Who else is asked about workloads.
        var identity = IdentityOptions.Choice()
        /// What counts as a credential in the register; nil: none is kept.
        var register: CredentialClasses?
        /// Rights that responses need beside those of watching.
        var acts: [SelfProtection.Capability] = []
    }

    let options: Options
    let probe: Probe
    let printer: Printer
    let log: Logger
    let judge: Judge?
    let registrar: Registrar?
    /// Nil: nothing is done about alerts.
    let responder: Responder?
    let resolver: Resolver
    let processes: Processes
    var clock = Clock()
    var decoder = EventDecoder()
    /// The consumer's half is counted as records come; the kernel's is read when it is needed.
    var accounts = Accounts(at: Clock.wall())
    /// Stretches of time without the monitor that were not told yet.
    var pauses: [Pulse.Pause] = []
    let started = Clock.wall()
    /// Records of any kind that could not be decoded.
    var undecodable: UInt64 = 0
    private var pulse = Pulse(Clock.reading())
    var held = HeldEvents()
    var lives = Lives()
    var beats = Beats()
    private var snapshot: Snapshot
    var names = PeerNames()
    var sweep: Sweep
    private let progress = Progress()
    private var failure: Failure?

    /// Loads the kernel half and lets it see, since all that comes after takes time; then gives up the right to.
    ///
    /// `files` and those in `directories` are made from then on; `-` is none.
    static func attach(
        _ options: Options, files: [String], directories: [String] = [], log: Logger
    ) throws(Failure) -> Probe {
        var configuration = Probe.Configuration()
        configuration.firstSeen = options.firstSeen
        let probe: Probe
        do { probe = try Probe(tier: options.tier, configuration: configuration) } catch { throw Failure("\(error)") }
        let parents = (files + [options.readyFile].compactMap(\.self)).filter { $0 != "-" }.map {
            ($0 as NSString).deletingLastPathComponent
        }
        try SelfProtection.apply(writes: Set(parents + directories), acts: options.acts, log: log)
        return probe
    }

    /// `judge` is asked for once all acts are caught: what it loads may take a while.
    init(
        options: Options, probe: Probe, printer: Printer, log: Logger, responder: Responder? = nil,
        judge makeJudge: () throws(Failure) -> Judge? = { () throws(Failure) in nil }
    ) throws(Failure) {
        self.options = options
        self.probe = probe
        self.printer = printer
        self.responder = responder
        self.log = log
        let hierarchy: Hierarchy
        do { hierarchy = try Hierarchy.current() } catch { throw Failure("\(error)") }
        // Every act is caught by now; what ran before is read while the rings fill.
        let processes = Processes(probe: probe)
        processes.snapshot(hierarchy)
        self.processes = processes
        let identity = options.identity
        resolver = Resolver(
            hierarchy: hierarchy, environment: identity.environment, words: { processes.words(of: $0) },
            warn: { log.warning("\($0)") })
        resolver.engines = RuntimeEngines(
            cluster: identity.cluster, environment: identity.environment, warn: { log.warning("\($0)") },
            wake: { Wakeup.wake() })
        try Self.announceReady(options.readyFile)
        ServiceManager.tellReady()
        do {
            let judge = try makeJudge()
            if let classes = options.register, let store = judge?.archive?.store {
                registrar = try Registrar(store, classes: classes)
            } else {
                registrar = nil
            }
            self.judge = judge
        } catch {
            if let path = options.readyFile { unlink(path) }
            throw error
        }
        snapshot = Snapshot(withFiles: judge != nil || options.showsSnapshot, log: log)
        sweep = Sweep(now: Clock.boot(), learning: judge?.learningTime)
        if options.showsProgress, isatty(STDOUT_FILENO) == 1 {
            printer.willPrint = { [progress] in progress.clear() }
        }
    }

    /// Runs until a signal, the end of the time, or an output that cannot go on; then drains, stores and says goodbye.
    func run() throws(Failure) {
        Wakeup.startIsDone()
        printer.state(.started(description(Ledger())), at: Clock.wall())
        tellRefusedHooks()
        if let gap = judge?.downtime() { printer.state(.gap(gap), at: gap.to) }
        resumeLives()
        snapshot.start(processes.running, hierarchy: resolver.tree.hierarchy)
        Heap.trim()
        let end = options.duration.map { Clock.boot() + UInt64($0 * 1e9) }
        while !Wakeup.isStopping, failure == nil {
            let now = Clock.boot()
            if let end, now >= end { break }
            let soon = held.isEmpty && !snapshot.waits ? .max : now + 20_000_000
            wait(until: min(sweep.due, end ?? .max, soon), from: now)
            beat()
            drain()
            tellDecisions()
            snapshot.step(self, now)
            tick(Clock.boot())
        }
        stop()
        if let failure { throw failure }
    }

    // MARK: Steps

    /// Sleeps until a ring has records, a signal comes, or the time, in nanoseconds since boot, is there.
    private func wait(until time: UInt64, from now: UInt64) {
        var descriptors = [
            probe.control.fileDescriptor, probe.opens.fileDescriptor, probe.answers.fileDescriptor, Wakeup.descriptor,
        ].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let milliseconds = time > now ? min((time - now) / 1_000_000 + 1, 1000) : 0
        poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds))
        Wakeup.clear()
    }

    /// Notes that the monitor runs, and if it did not. Before the acts of a pause are looked at, so that they are not
    /// taken for acts of a time that was learned.
    private func beat() {
        if let pause = pulse.beat(Clock.reading()) {
            pauses.append(pause)
            judge?.paused(until: pause.to)
            sweep.hurry()
        }
        let unlearned = pulse.takeUnlearned()
        guard unlearned != 0 else { return }
        // Together: what is learned from now on must not begin in the time before a step that is skipped only once.
        clock.follow()
        judge?.skip(unlearned)
    }

    /// Takes what the rings hold. Opens may speak of an exec or a cgroup that the other ring still holds: it comes
    /// first, and again before each open that names what is not known yet.
    ///
    /// A flood of opens is left in its ring after `patience` nanoseconds, so that the clock goes on ticking.
    private func drain(patience: UInt64 = 200_000_000) {
        let end = Clock.boot() + patience
        resolver.hear()
        drainAnswers()
        drainControl()
        do {
            try probe.opens.consume { bytes in
                let now = Clock.boot()
                if now > end + Pulse.limit { beat() }
                take(bytes, beforeAct: drainControl)
                return now < end ? .continue : .stop
            }
        } catch { fail("\(error)") }
        releaseHeld()
    }

    private func drainControl() {
        do {
            try probe.control.consume { bytes in
                take(bytes, beforeAct: {})
                return .continue
            }
        } catch { fail("\(error)") }
    }

    private func tick(_ now: UInt64) {
        if Wakeup.takeReopen() { printer.reopen() }
        if let trouble = printer.trouble {
            fail(trouble)
        } else if let news = printer.takeNews() {
            log.error("\(news)")
        }
        guard now >= sweep.due else { return }
        clock.follow()
        sweep(self, now)
        if options.showsProgress, let judge { progress.show(judge.progress()) }
    }

    func fail(_ text: String) { if failure == nil { failure = Failure(text) } }

    private static func announceReady(_ path: String?) throws(Failure) {
        guard let path else { return }
        Wakeup.leaves(path)
        guard FileManager.default.createFile(atPath: path, contents: Data()) else {
            throw Failure("cannot create the ready file \(path): \(reason(errno)); name one in a directory that exists")
        }
    }

    /// Nanoseconds that the last drain may take, out of the five seconds that an end may.
    private static let lastPatience: UInt64 = 1_200_000_000

    /// Accounts for what a flood has left in the ring at the end, without looking at it.
    private func countLeft() -> [UInt64: UInt64] {
        var left: [UInt64: UInt64] = [:]
        _ = try? probe.opens.consume { bytes in
            let cgroup = Self.cgroup(of: bytes)
            accounts[cgroup][Self.kind(of: bytes)].received += 1
            accounts[cgroup][Self.kind(of: bytes)].held += 1
            left[cgroup, default: 0] += 1
            return .continue
        }
        return left
    }

    /// The kernel half is let go first, so that what is drained then is all there was.
    private func stop() {
        progress.clear()
        let watched = Clock.heartbeat()
        probe.detach()
        drain(patience: Self.lastPatience)
        releaseAllHeld()
        let left = countLeft()
        sweep.last(self, Clock.boot())
        if !left.isEmpty {
            let why = "records were left in the ring: the time to end was over"
            var gap = StateEvent.Gap(
                from: watched.wall, to: Clock.wall(), why: why, lost: left.values.reduce(0, +), workloads: [])
            gap.workloads = names(of: left)
            printer.state(.gap(gap), at: gap.to)
        }
        responder?.stop()
        tellDecisions()
        keepLives(all: true)
        keepRegister(all: true, isLast: true)
        judge?.leave(vitals(ended: true))
        judge?.close(watched: watched)
        var account = description(accounts.total)
        account.workloads = foremostAccounts(atRest: true)
        printer.state(.stopped(account), at: Clock.wall())
        let unwritten = printer.close()
        if unwritten > 0, printer.trouble == nil { log.error("\(unwritten) lines could not be written before the end") }
        if let path = options.readyFile { unlink(path) }
    }

    // MARK: What it says of itself

    /// A hook that this kernel refused leaves a gap for as long as the monitor runs: said at once.
    private func tellRefusedHooks() {
        let now = Clock.wall()
        for hook in probe.hooks where !hook.attached {
            let why = "the hook \(hook.name) (\(hook.purpose)) is not attached: \(hook.error ?? "refused")"
            log.warning("\(why)")
            printer.state(.gap(.init(from: now, to: now, why: why, lost: 0)), at: now)
        }
    }

    func description(_ ledger: Ledger) -> StateEvent.Monitor {
        StateEvent.Monitor(
            tier: probe.tier.rawValue, hooks: probe.hooks.filter(\.attached).map(\.name),
            gaps: probe.gaps.map { .init(id: $0.id, text: $0.text) }, ledger: ledger)
    }
}
