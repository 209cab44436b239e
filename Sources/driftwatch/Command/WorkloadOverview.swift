import Baselines
import Drift
import Evidence
import Foundation
import Workloads

/// Every workload that runs here or has left something in the state directory, with what is known of it.
struct WorkloadOverview {
    private(set) var rows: [WorkloadRow] = []

    /// `store` is nil where no monitor has run yet.
    init(running: [Running], store: Store?, dossiers: Dossiers, scans: ScanDirectory?) {
        let now = Clock.wall()
        let kept = (try? store?.baselines()) ?? []
        let lastSeen = (try? store?.lastSeen()) ?? [:]
        for (id, instances) in Dictionary(grouping: running, by: \.workload.id) {
            let workload = instances[0].workload
            let dossier = dossiers.dossier(of: workload)
            rows.append(
                WorkloadRow(
                    id: id, kind: workload.kind.rawValue, image: workload.container?.image?.reference,
                    digest: workload.digest, owner: dossier.ownership,
                    identities: dossier.identities,
                    scan: scans?.status(of: workload, at: now) ?? .unscanned,
                    baseline: Self.baseline(of: workload, in: kept), instances: instances, lastSeen: nil, now: now))
        }
        for (id, baselines) in Dictionary(grouping: kept, by: \.key.workload)
        where !rows.contains(where: { $0.id == id }) {
            let newest = baselines.max { $0.learnedFrom ?? 0 < $1.learnedFrom ?? 0 }
            let workload = Workload(remembered: id, image: newest?.image, digest: newest?.key.digest)
            let dossier = dossiers.dossier(of: workload)
            rows.append(
                WorkloadRow(
                    id: id, kind: workload.kind.rawValue, image: newest?.image, digest: newest?.key.digest,
                    owner: dossier.ownership, identities: dossier.identities,
                    scan: scans?.status(of: workload, at: now) ?? .unscanned, baseline: newest, instances: [],
                    lastSeen: lastSeen[id], now: now))
        }
        rows.sort { $0.id < $1.id }
    }

    private static func baseline(of workload: Workload, in kept: [StoredBaseline]) -> StoredBaseline? {
        let own = kept.filter { $0.key.workload == workload.id }
        return own.first { $0.key.digest == workload.digest } ?? own.max { $0.learnedFrom ?? 0 < $1.learnedFrom ?? 0 }
    }
}

extension Workload {
    /// What is left of one that does not run.
    fileprivate init(remembered id: String, image: String?, digest: String?) {
        let kind = Kind(rawValue: id.split(separator: "/").first.map(String.init) ?? id) ?? .cgroup
        self.init(id: id, kind: kind, instance: "", digest: digest)
        guard let image else { return }
        container = Container(id: "", runtime: "", image: Image(reference: image, digests: [digest].compactMap(\.self)))
    }
}

/// One workload of the overview.
struct WorkloadRow {
    var id: String
    var kind: String
    var image: String?
    var digest: String?
    var owner: Ownership
    var identities: [Dossier.Identity]
    var scan: ScanStatus
    var baseline: StoredBaseline?
    var instances: [Running]
    /// Nanoseconds since the epoch; nil: it runs.
    var lastSeen: Int64?
    var now: Int64

    var findings: [Ownership.Finding] { owner.findings(at: now) }

    var processes: Int { instances.reduce(0) { $0 + $1.processes } }

    var lastSeenText: String {
        if !instances.isEmpty { return "now" }
        return lastSeen.map { Explanation.duration(now - $0) + " ago" } ?? "-"
    }

    var scanText: String {
        switch scan.state {
        case .unscanned: "-"
        case .clean: "clean"
        case .stale: "stale"
        case .findings: scan.highest.map { "\(scan.findings[$0] ?? 0) \($0.name)" } ?? "findings"
        }
    }

    var baselineText: String {
        guard let baseline else { return "-" }
        guard let completeness = baseline.completeness, baseline.state != .armed else { return baseline.state.rawValue }
        return "\(baseline.state.rawValue) \(Int(completeness * 100)) %"
    }

    /// For `workloads ID`.
    var details: String {
        var lines: [(String, String?)] = [
            ("workload", id), ("kind", kind), ("image", image), ("digest", digest),
            ("owner", owner.owner.map { "\($0) (by \(owner.source ?? "?"))" } ?? "unknown"), ("contact", owner.contact),
            ("purpose", owner.purpose), ("repository", owner.repository), ("revision", owner.revision),
            ("pipeline", owner.pipeline), ("documentation", owner.documentation),
            ("review", owner.review.map { "every \($0) days" }), ("expires", owner.expires),
        ]
        lines += identities.map { ("identity", "\($0.id) (by \($0.source.rawValue))") }
        lines += findings.map { ("finding", $0.words) }
        if let workload = instances.first?.workload {
            lines.append(("known by", workload.confidence.words))
            if let pod = workload.pod {
                lines += [
                    ("pod", pod.name), ("pod uid", pod.uid), ("node", pod.node),
                    ("service account", pod.serviceAccount),
                    ("stale", pod.staleSince.map { "the cluster said so \(Explanation.duration(now - $0)) ago" }),
                ]
            }
        }
        let ago = scan.scannedAt.map { " \(Explanation.duration(now - $0)) ago" } ?? ""
        lines.append(("scan", scan.scanner.map { "\(scanText), by \($0)\(ago)" } ?? "unscanned"))
        if let baseline {
            lines.append(
                (
                    "baseline",
                    "\(baselineText), \(baseline.spec.count) entries, of \(baseline.instances) instance\(baseline.instances == 1 ? "" : "s")"
                ))
        }
        lines.append(("last seen", lastSeenText))
        for instance in instances {
            let started = instance.workload.started.map { ", for \(Explanation.duration(now - $0))" } ?? ""
            lines.append(("instance", "\(instance.workload.instance), \(instance.processes) processes\(started)"))
            lines += instance.cgroups.prefix(3).map { ("  cgroup", $0) }
        }
        for (name, words) in [
            ("label", instances.first?.workload.labels), ("annotation", instances.first?.workload.annotations),
        ] {
            lines += (words ?? [:]).sorted { $0.key < $1.key }.map { (name, "\($0.key)=\($0.value)") }
        }
        return lines.compactMap { name, value in
            value.map { name.padding(toLength: 17, withPad: " ", startingAt: 0) + printable($0, limit: 300) }
        }.joined(separator: "\n")
    }

    /// For programs: a row for each instance; one without an instance for what does not run.
    var perInstance: [JSONRow] {
        guard !instances.isEmpty else { return [JSONRow(self, nil)] }
        return instances.map { JSONRow(self, $0) }
    }

    struct JSONRow: Encodable {
        struct Owner: Encodable {
            var name, contact, purpose, repository, revision, pipeline, documentation, reviewed, expires,
                source: String?
            var reviewDays: Int?
            var findings: [String]
        }
        struct Pod: Encodable {
            var namespace, name: String
            var uid, node, serviceAccount: String?
            var staleSince: Date?
        }
        struct Scan: Encodable {
            var status: String
            var scanner: String?
            var scannedAt: Date?
            var findings: [String: Int]
        }
        struct Kept: Encodable {
            var state: String
            var completeness: Double?
            var entries: Int
        }
        var id: String
        var kind: String
        var instance: String?
        var name: String?
        var runtime: String?
        var image: String?
        var digest: String?
        var labels: [String: String]
        var annotations: [String: String]
        var cgroups: [String]
        var processes: Int
        var started: Date?
        var owner: Owner
        var spiffeIds: [String]
        var confidence: String?
        var pod: Pod?
        var scan: Scan
        var baseline: Kept?
        var lastSeen: Date?

        fileprivate init(_ row: WorkloadRow, _ running: Running?) {
            func date(_ time: Int64) -> Date { Date(timeIntervalSince1970: Double(time) / 1e9) }
            id = row.id
            kind = row.kind
            instance = running?.workload.instance
            name = running?.workload.container?.name
            runtime = running?.workload.container?.runtime
            image = row.image
            digest = row.digest
            labels = running?.workload.labels ?? [:]
            annotations = running?.workload.annotations ?? [:]
            cgroups = running?.cgroups ?? []
            processes = running?.processes ?? 0
            started = running?.workload.started.map(date)
            owner = Owner(
                name: row.owner.owner, contact: row.owner.contact, purpose: row.owner.purpose,
                repository: row.owner.repository, revision: row.owner.revision, pipeline: row.owner.pipeline,
                documentation: row.owner.documentation, reviewed: row.owner.reviewed, expires: row.owner.expires,
                source: row.owner.source, reviewDays: row.owner.review, findings: row.findings.map(\.rawValue))
            spiffeIds = row.identities.map(\.id.description)
            confidence = running?.workload.confidence.rawValue
            pod = running?.workload.pod.map {
                Pod(
                    namespace: $0.namespace, name: $0.name, uid: $0.uid, node: $0.node,
                    serviceAccount: $0.serviceAccount, staleSince: $0.staleSince.map(date))
            }
            scan = Scan(
                status: row.scan.state.rawValue, scanner: row.scan.scanner, scannedAt: row.scan.scannedAt.map(date),
                findings: Dictionary(uniqueKeysWithValues: row.scan.findings.map { ($0.key.name, $0.value) }))
            baseline = row.baseline.map {
                Kept(state: $0.state.rawValue, completeness: $0.completeness, entries: $0.spec.count)
            }
            lastSeen = running == nil ? row.lastSeen.map(date) : date(row.now)
        }
    }
}

extension Ownership.Finding {
    fileprivate var words: String {
        switch self {
        case .unowned: "nobody answers for it"
        case .expired: "it should be gone by now"
        case .unreviewed: "its review is overdue"
        }
    }
}

extension Workload.Confidence {
    fileprivate var words: String {
        switch self {
        case .runtime: "its runtime vouches for it"
        case .kernel: "the kernel"
        case .systemd: "systemd gave it an invocation"
        case .name: "the name of its cgroup alone"
        }
    }
}
