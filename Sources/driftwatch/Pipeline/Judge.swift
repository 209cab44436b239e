import Baselines
import Drift
import Events
import Evidence
import Foundation
import Logging
import Sinks
import Workloads

/// Judges acts by what is normal, and learns what is: joins detector, baselines and the store. Confined to the
/// pipeline's thread; only the store's writes happen elsewhere.
final class Judge {
    var detector = Detector(seed: .random(in: .min ... .max))
    let baselines: Baselines
    /// Baseline files that were left out.
    private(set) var refused = 0
    let archive: Archive?
    private let scans: ScanDirectory?
    /// The latest instance seen of each workload, to speak of it when its baseline is armed.
    private var latest: [BaselineKey: Workload] = [:]
    private var changed = false
    /// What alerts were explained by, under the checksums of the baselines: alerts come in bursts, and to read a baseline
    /// of a thousand entries anew for each would cost milliseconds that the rings have not.
    private var specs: [String: BaselineSpec] = [:]
    private static let mostSpecs = 8
    private var resolvers = KnownResolvers()
    private var toldAside = false
    /// Who armed which baseline.
    private(set) var approvals: [BaselineKey: StoredChange] = [:]
    private let log: Logger

    /// `archive` is where baselines are kept between runs; without one nothing is.
    init(
        learn: Learn, target: Double = Learner.defaultTarget, reviewed: [String], archive: Archive?,
        scans: ScanDirectory? = nil, log: Logger
    ) throws(Failure) {
        self.log = log
        baselines = Baselines(mode: learn.mode, target: target)
        self.archive = archive
        self.scans = scans
        for path in reviewed {
            try requireExistence(path)
            let loaded = BaselineFile.load(path: path)
            for refusal in loaded.refusals { log.error("\(refusal); the file is left out") }
            refused += loaded.refusals.count
            baselines.add(reviewed: loaded.documents)
        }
        if let archive {
            try failing {
                try baselines.load(archive.store, at: Clock.wall())
                approvals = try archive.store.approvals()
            }
        }
        archive?.write([.meta(name: Learner.Ending.name, value: baselines.learner.ending.text)])
    }

    /// Seconds that a workload is learned, where that is a matter of time.
    var learningTime: Double? {
        if case .duration(let seconds) = baselines.learner.mode { seconds } else { nil }
    }

    /// `startSeen`: its instance was watched from its start on.
    func judge(_ observation: Observation, startSeen: Bool = false) -> Verdict {
        let workload = observation.workload
        let verdict = baselines.verdict(
            for: observation.behaviour, workload: workload.id, digest: workload.digest, at: observation.time)
        let judged = detector.judge(
            observation, standing(verdict, of: observation, startSeen: startSeen),
            difference: { difference(of: observation.behaviour, by: workload.baselineKey, from: verdict) },
            scan: { scan(of: observation) })
        resolvers.judged(observation, isNormal: isNormal(verdict, judged))
        if verdict.isLearned {
            // Only for the line that says it is armed: whoever was put aside meanwhile must not stay here.
            if latest.count > 2 * Learner.mostWorkloads { latest.removeAll() }
            latest[workload.baselineKey] = workload
            if judged.outcome == .learn || judged.isLearned || judged.quarantine != nil {
                learn(observation, startSeen: startSeen, quarantine: judged.quarantine)
            }
        }
        return judged
    }

    private func isNormal(_ verdict: Baselines.Verdict, _ judged: Verdict) -> Bool {
        switch verdict {
        case .known, .noBaseline: true
        case .learning: judged.outcome == .learn
        case .release(_, let isKnown): isKnown
        case .unknown: false
        }
    }

    /// Whether names that the resolver gave may stand for the workload's peers.
    func believes(_ resolver: IPAddress, for workload: Workload) -> Bool {
        resolvers.believes(resolver, for: workload.id)
    }

    /// Whether the behaviour is part of what is normal, without its being judged.
    func knows(_ behaviour: Behaviour, of workload: Workload, at time: Int64) -> Bool {
        switch baselines.verdict(for: behaviour, workload: workload.id, digest: workload.digest, at: time) {
        case .known, .release(_, isKnown: true): true
        case .learning, .unknown, .release, .noBaseline: false
        }
    }

    func scan(of workload: Workload, at time: Int64) -> ScanStatus {
        scans?.status(of: workload, at: time) ?? .unscanned
    }

    func scan(of observation: Observation) -> ScanStatus {
        guard let scans else { return .unscanned }
        var status = scans.status(of: observation.workload, at: observation.time)
        if case .exec = observation.event.act {
            status.isListed = scans.lists(observation.event.actor.executable.text, of: observation.workload)
        }
        return status
    }

    private func learn(_ observation: Observation, startSeen: Bool, quarantine: Quarantine?) {
        let workload = observation.workload
        baselines.observe(
            observation.behaviour, workload: workload.id, digest: workload.digest,
            image: workload.container?.image?.reference, key: observation.event.key, instance: workload.instance,
            at: observation.time, origin: observation.origin.rawValue, startSeen: startSeen, quarantine: quarantine)
    }

    // MARK: What was not seen

    /// What workloads did since the last call; what is nobody's, all that are learned may lack.
    func count(_ changes: [(workload: Workload?, since: Int64, ledger: Ledger)], at time: Int64) {
        for (workload, since, ledger) in changes {
            let (seen, lost) = (Int(clamping: ledger.seen), Int(clamping: ledger.unseen))
            if let workload {
                baselines.count(seen: seen, lost: lost, of: workload.baselineKey, since: since, at: time)
            } else if lost > 0 {
                baselines.lost(lost)
            }
        }
    }

    /// The monitor did not run until then, in nanoseconds since the epoch: all that is learned has a gap.
    func paused(until time: Int64) { baselines.paused(until: time) }

    /// The time of day went on by so much without being a time of learning.
    func skip(_ nanoseconds: Int64) { baselines.skip(nanoseconds) }

    // MARK: By the clock

    /// Baselines that are armed from now on.
    func tick(now: Int64) -> [(Workload, BaselineFacts)] {
        let armed = baselines.tick(now: now).map { armed in
            let key = armed.baseline.key
            let workload =
                latest.removeValue(forKey: key)
                ?? Workload(id: key.workload, kind: .cgroup, instance: "", digest: key.digest)
            return (workload, BaselineFacts(armed.baseline, checksum: armed.checksum))
        }
        tellAside()
        for (key, doubt) in baselines.takeCandidates() {
            archive?.log.notice(
                """
                enough is known of \(key), but \(doubt): it is not armed by itself; look at it and say \
                driftwatch baseline approve \(key.workload)
                """)
        }
        // Before anything is written: what people replaced is not to be overwritten.
        if let archive, archive.takeEdited() {
            specs = [:]
            do {
                changed = try baselines.reload(archive.store, at: now)
                approvals = try archive.store.approvals()
            } catch { archive.log.error("\(error)") }
        }
        archive?.write(baselines.drain(now: now) + [.heartbeat])
        return armed
    }

    private func tellAside() {
        guard !toldAside, baselines.learner.asideCount > 0 else { return }
        toldAside = true
        log.warning(
            "more than \(Learner.mostWorkloads) workloads are learned at once: those idle for longest are put aside until they act again; watch fewer with --workload"
        )
    }

    /// An instance of the workload is over: its time is no time of observation any more.
    func ended(_ workload: Workload) {
        baselines.instanceEnded(workload: workload.id, digest: workload.digest, instance: workload.instance)
    }

    /// True once after a person changed what is normal: everything is to be asked again.
    func takeChanged() -> Bool {
        defer { changed = false }
        if changed { resolvers.forget() }
        return changed
    }

    /// The kernel's count of a behaviour; an alert where it is an anomaly's and due.
    func repeated(_ key: BehaviourKey, count: UInt64, last: Int64, now: Int64) -> Anomaly? {
        baselines.refresh(key, count: count, last: last)
        return detector.repeated(key: key, count: count, at: now)
    }

    func remember(_ alert: Anomaly) {
        archive?.write([
            .alert(
                StoredAlert(
                    id: hex(alert.id), time: alert.time, key: alert.workload.baselineKey, rule: alert.rule.id,
                    allow: alert.difference?.allow, json: alert.reason))
        ])
    }

    /// The time since the last sign of life of an earlier run, as a gap of all that was known then.
    func downtime() -> StateEvent.Gap? {
        // Only now: a start that came to nothing is part of the gap.
        archive?.write([.heartbeat])
        guard let gap = archive?.lastHeartbeat?.downtime(until: Clock.heartbeat()) else { return nil }
        let known = Set(baselines.armed.map(\.key.workload) + baselines.learner.keys.map(\.workload))
        return StateEvent.Gap(
            from: gap.from, to: gap.to, why: gap.why, lost: 0, workloads: Array(known.sorted().prefix(100)))
    }

    /// Leaves what the monitor says of itself where `doctor` finds it.
    func leave(_ vitals: Vitals) { archive?.write([.meta(name: Vitals.name, value: json(vitals))]) }

    /// `watched`: the moment until which acts were caught; what begins later is for the next monitor to judge.
    func close(watched: Heartbeat) {
        let now = Clock.wall()
        archive?.write(baselines.drain(now: now, whole: true) + [.heartbeat(watched)])
        archive?.close()
    }

    /// Behaviours that the kernel is to tell of again, since so far they were not learned.
    func takeForgettable(now: Int64) -> [BehaviourKey] { baselines.takeForgettable(now: now) }

    func progress() -> [Progress.Line] {
        baselines.progress(at: Clock.wall()).map { learning in
            let left = learning.left.map { "about \(Explanation.duration(seconds: $0.rounded(.up))) left" }
            let state = left ?? learning.missing.last ?? "learning"
            let share = learningTime.map { learning.learnedFor / $0 }
            return Progress.Line(
                workload: learning.key.workload, completeness: share ?? learning.completeness,
                behaviours: learning.behaviours, state: state)
        }
    }

    // MARK: What is known of a baseline

    /// Whether there is something to judge the workload by.
    func hasBaseline(of workload: Workload) -> Bool { baselines.judges(workload.id) }

    func facts(of workload: Workload) -> BaselineFacts? {
        baselines.armed.first { $0.key == workload.baselineKey }.map(BaselineFacts.init)
    }

    private func standing(_ verdict: Baselines.Verdict, of observation: Observation, startSeen: Bool) -> Standing {
        let workload = observation.workload
        return switch verdict {
        case .learning:
            if let peers = baselines.learner.peersWithout(
                observation.behaviour, of: workload.baselineKey, instance: workload.instance, startSeen: startSeen)
            {
                .departing(learningFacts(of: workload), peers: peers)
            } else {
                .learning(learningFacts(of: workload))
            }
        case .known: .known(BaselineFacts(state: "armed"))
        case .unknown(let info): .unknown(BaselineFacts(info))
        case .release(let info, let isKnown):
            .release(BaselineFacts(info, release: workload.digest), isKnown: isKnown)
        case .noBaseline: .unjudged
        }
    }

    private func learningFacts(of workload: Workload) -> BaselineFacts {
        guard let status = baselines.learner.status(workload.baselineKey, at: Clock.wall()) else {
            return BaselineFacts(state: BaselineStatus.State.learning.rawValue)
        }
        return BaselineFacts(status, digest: workload.digest)
    }

    /// Goes through the whole baseline, which is why only a told alert asks for it.
    func difference(of behaviour: Behaviour, by key: BaselineKey, from verdict: Baselines.Verdict) -> Difference? {
        let known = verdict == .learning ? baselines.learner.shared(by: key) : verdict.unknownTo.flatMap(spec)
        guard let explanation = known?.nearest(to: behaviour) else { return nil }
        return Difference(
            dimension: explanation.dimension.rawValue, nearest: explanation.nearest,
            allow: BaselineSpec.allowText(for: behaviour))
    }

    func spec(_ info: Baselines.Info) -> BaselineSpec? {
        if let known = specs[info.checksum] { return known }
        let spec = read(info)
        if specs.count >= Self.mostSpecs { specs = [:] }
        specs[info.checksum] = spec
        return spec
    }

    private func read(_ info: Baselines.Info) -> BaselineSpec? {
        if let file = info.file {
            let documents = BaselineFile.load(path: file).documents.filter { $0.baseline.key == info.key }
            return documents.reduce(BaselineSpec()) { $0.union($1.baseline.spec) }
        }
        return (try? archive?.store.baseline(info.key))?.baseline.spec
    }
}

extension Baselines.Verdict {
    /// Whether what is done is going to be part of a baseline.
    fileprivate var isLearned: Bool {
        switch self {
        case .learning, .release: true
        default: false
        }
    }

    /// The baseline that did not know it.
    fileprivate var unknownTo: Baselines.Info? {
        switch self {
        case .unknown(let info), .release(let info, isKnown: false): info
        default: nil
        }
    }
}

extension Learn {
    var mode: Learner.Mode {
        switch self {
        case .auto: .auto
        case .seconds(let seconds): .duration(seconds)
        case .off: .off
        }
    }
}

extension Workload {
    var baselineKey: BaselineKey { BaselineKey(workload: id, digest: digest) }
}

extension BaselineFacts {
    /// Estimates are not known to more than four digits.
    fileprivate static func rounded(_ share: Double?) -> Double? { share.map { ($0 * 10_000).rounded() / 10_000 } }

    init(_ info: Baselines.Info) {
        self.init(
            state: info.state.rawValue, checksum: info.checksum, completeness: Self.rounded(info.completeness),
            learnedSince: info.learnedSince, learnedUntil: info.learnedUntil, digest: info.key.digest,
            seen: UInt64(clamping: info.coverage?.seen ?? 0), lost: UInt64(clamping: info.coverage?.lost ?? 0),
            gaps: info.gaps)
        instances = info.instances ?? 0
    }

    /// Of a release that is judged by the baseline of another content.
    init(_ info: Baselines.Info, release digest: String?) {
        self.init(info)
        state = BaselineStatus.State.candidate.rawValue
        predecessor = info.key.digest
        self.digest = digest
    }

    init(_ baseline: Baseline, checksum: String) {
        self.init(baseline.status, digest: baseline.key.digest)
        self.checksum = checksum
    }

    init(_ status: BaselineStatus, digest: String?) {
        self.init(
            state: status.state?.rawValue ?? "armed", completeness: Self.rounded(status.completeness),
            learnedSince: status.learnedFrom, learnedUntil: status.learnedUntil, digest: digest,
            seen: UInt64(clamping: status.coverage?.seen ?? 0), lost: UInt64(clamping: status.coverage?.lost ?? 0),
            gaps: status.gaps)
        instances = status.instances ?? 0
    }
}

extension Judge {
    /// All that was learned so far, as candidates for review.
    func recorded() -> [Baseline] {
        let now = Clock.wall()
        return baselines.learner.keys.sorted().compactMap { baselines.learner.snapshot($0, at: now) }
    }
}
