import Baselines
import Drift
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
        /// Seconds until it ends by itself.
        var duration: Double?
        var readyFile: String?
        var showsProgress = false
    }

    let options: Options
    let probe: Probe
    let wakeup: Wakeup
    let printer: Printer
    let log: Logger
    let judge: Judge?
    let resolver: Resolver
    let processes: Processes
    var clock = Clock()
    var decoder = EventDecoder()
    /// The consumer's half of the account; the kernel's is read when it is needed.
    var account = Ledger()
    var held = HeldEvents()
    var sweep: Sweep
    private let progress = Progress()
    private var failure: Failure?

    /// Loads the kernel half and lets it see: the first thing to do, since all that comes after takes time.
    static func attach(_ options: Options) throws(Failure) -> Probe {
        var configuration = Probe.Configuration()
        configuration.firstSeen = options.firstSeen
        do { return try Probe(tier: options.tier, configuration: configuration) } catch { throw Failure("\(error)") }
    }

    /// `judge` is asked for once all acts are caught: what it loads may take a while.
    init(
        options: Options, probe: Probe, printer: Printer, wakeup: Wakeup, log: Logger,
        judge makeJudge: () throws(Failure) -> Judge? = { () throws(Failure) in nil }
    ) throws(Failure) {
        self.options = options
        self.probe = probe
        self.printer = printer
        self.wakeup = wakeup
        self.log = log
        let hierarchy: Hierarchy
        do { hierarchy = try Hierarchy.current() } catch { throw Failure("\(error)") }
        // Every act is caught by now; what ran before is read while the rings fill.
        let processes = Processes(probe: probe)
        processes.snapshot(hierarchy)
        self.processes = processes
        resolver = Resolver(hierarchy: hierarchy, words: { processes.words(of: $0) }, warn: { log.warning("\($0)") })
        try Self.announceReady(options.readyFile)
        do { judge = try makeJudge() } catch {
            if let path = options.readyFile { unlink(path) }
            throw error
        }
        sweep = Sweep(now: Clock.boot(), learning: judge?.learningTime)
        if options.showsProgress, isatty(STDOUT_FILENO) == 1 {
            printer.willPrint = { [progress] in progress.clear() }
        }
    }

    /// Runs until a signal, the end of the time, or an output that cannot go on; then drains, stores and says goodbye.
    func run() throws(Failure) {
        printer.state(.started(description(account)), at: Clock.wall())
        tellRefusedHooks()
        for gap in judge?.takeDowntime(now: Clock.wall()) ?? [] { printer.state(.gap(gap), at: gap.to) }
        Heap.trim()
        let end = options.duration.map { Clock.boot() + UInt64($0 * 1e9) }
        while !wakeup.isStopping, failure == nil {
            let now = Clock.boot()
            if let end, now >= end { break }
            wait(until: min(sweep.due, end ?? .max, held.isEmpty ? .max : now + 20_000_000), from: now)
            drain()
            tick(Clock.boot())
        }
        stop()
        if let failure { throw failure }
    }

    // MARK: Steps

    /// Sleeps until a ring has records, a signal comes, or the time, in nanoseconds since boot, is there.
    private func wait(until time: UInt64, from now: UInt64) {
        var descriptors = [probe.control.fileDescriptor, probe.opens.fileDescriptor, wakeup.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let milliseconds = time > now ? min((time - now) / 1_000_000 + 1, 1000) : 0
        poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds))
        wakeup.clear()
    }

    /// Takes what the rings hold. Opens may speak of an exec or a cgroup that the other ring still holds: it comes
    /// first, and again before each open that names what is not known yet.
    ///
    /// A flood of opens is left in its ring after `patience` nanoseconds, so that the clock goes on ticking.
    private func drain(patience: UInt64 = 200_000_000) {
        let end = Clock.boot() + patience
        drainControl()
        do {
            try probe.opens.consume { bytes in
                take(bytes, beforeAct: drainControl)
                return Clock.boot() < end ? .continue : .stop
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
        if wakeup.takeReopen() { printer.reopen() }
        if let trouble = printer.trouble { fail(trouble) }
        guard now >= sweep.due else { return }
        clock.follow()
        sweep(self, now)
        if options.showsProgress, let judge { progress.show(judge.progress()) }
    }

    func fail(_ text: String) { if failure == nil { failure = Failure(text) } }

    private static func announceReady(_ path: String?) throws(Failure) {
        guard let path else { return }
        guard FileManager.default.createFile(atPath: path, contents: Data()) else {
            throw Failure("cannot create the ready file \(path): \(reason(errno)); name one in a directory that exists")
        }
    }

    /// Nanoseconds that the last drain may take, out of the five seconds that an end may.
    private static let lastPatience: UInt64 = 1_200_000_000

    /// Accounts for what a flood has left in the ring at the end, without looking at it.
    private func countLeft() -> UInt64 {
        var left: UInt64 = 0
        _ = try? probe.opens.consume { bytes in
            let kind = EventDecoder.kind(of: bytes) ?? .open
            account[kind].received += 1
            account[kind].held += 1
            left += 1
            return .continue
        }
        return left
    }

    /// The kernel half is let go first, so that what is drained then is all there was.
    private func stop() {
        progress.clear()
        probe.detach()
        drain(patience: Self.lastPatience)
        releaseAllHeld()
        let left = countLeft()
        sweep.last(self, Clock.boot())
        if left > 0 {
            let now = Clock.wall()
            let why = "records were left in the ring: the time to end was over"
            printer.state(.gap(.init(from: now, to: now, why: why, lost: left)), at: now)
        }
        judge?.close()
        printer.state(.stopped(description(balance())), at: Clock.wall())
        printer.close()
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

    /// Both halves of the account, as they are now.
    func balance() -> Ledger {
        var ledger = account
        var kernel = Account()
        try? probe.forEachAccount { kernel += $1 }
        for (kind, tally) in [
            (Kind.exec, kernel.exec), (.connect, kernel.connect), (.listen, kernel.listen), (.open, kernel.open),
        ] {
            let seen = tally.known + tally.emitted + tally.overQuota + tally.lost
            ledger.setKernel(
                kind, seen: seen, known: tally.known, emitted: tally.emitted, overQuota: tally.overQuota,
                lost: tally.lost)
        }
        return ledger
    }
}
