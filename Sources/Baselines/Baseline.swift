import Crypto
import Events

/// Whose normal it is: a workload, and the content that it runs where that is known.
package struct BaselineKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var workload: String
    package var digest: String?

    package init(workload: String, digest: String? = nil) {
        self.workload = workload
        self.digest = digest
    }

    package var description: String { digest.map { "\(workload) (\($0))" } ?? workload }

    package static func < (left: Self, right: Self) -> Bool {
        (left.workload, left.digest ?? "") < (right.workload, right.digest ?? "")
    }
}

/// What is normal for a workload, and how well that is known.
package struct Baseline: Sendable, Equatable {
    package var key: BaselineKey
    package var image: String?
    package var spec: BaselineSpec
    package var status: BaselineStatus

    package init(
        key: BaselineKey, image: String? = nil, spec: BaselineSpec = BaselineSpec(),
        status: BaselineStatus = BaselineStatus()
    ) {
        self.key = key
        self.image = image
        self.spec = spec
        self.status = status
    }

    /// `sha256:<hex>` of what a person reviews: metadata and spec in canonical form, not the status.
    package var checksum: String {
        let text = BaselineWriter.metadata(self) + BaselineWriter.spec(spec)
        return "sha256:" + SHA256.hash(data: Array(text.utf8)).map { hexByte($0) }.joined()
    }
}

private func hexByte(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
}

/// The monitor's evidence for a baseline.
package struct BaselineStatus: Sendable, Equatable {
    /// `candidate`: enough was seen, but not all could be, so that a person decides.
    package enum State: String, Sendable, CaseIterable { case learning, candidate, armed }
    package struct Coverage: Sendable, Equatable {
        package var seen: Int
        package var lost: Int
        package init(seen: Int = 0, lost: Int = 0) {
            self.seen = seen
            self.lost = lost
        }
    }

    /// More than any count comes to in a node's life, and few enough for sums and for whoever reads numbers as JSON does.
    static let most = 1 << 53

    package var state: State?
    /// Estimated share of what the workload does that is known: 0...1.
    package var completeness: Double?
    package var coverage: Coverage?
    package var instances: Int?
    /// Nanoseconds since the epoch.
    package var learnedFrom: Int64?
    package var learnedUntil: Int64?
    /// How often learning was interrupted: by losses, pauses and ends of the monitor.
    package var gaps: Int

    package init(
        state: State? = nil, completeness: Double? = nil, coverage: Coverage? = nil, instances: Int? = nil,
        learnedFrom: Int64? = nil, learnedUntil: Int64? = nil, gaps: Int = 0
    ) {
        self.state = state
        self.completeness = completeness
        self.coverage = coverage
        self.instances = instances
        self.learnedFrom = learnedFrom
        self.learnedUntil = learnedUntil
        self.gaps = gaps
    }

    /// Why a baseline may lack what is normal, in words; nil where nothing speaks for that.
    package var doubt: String? {
        var reasons: [String] = []
        if let coverage, coverage.lost > 0 {
            reasons.append("\(coverage.lost) of \(coverage.seen) acts were not seen while it was learned")
        }
        if gaps > 0 { reasons.append("learning was interrupted \(gaps == 1 ? "once" : "\(gaps) times")") }
        return reasons.isEmpty ? nil : reasons.joined(separator: ", ")
    }
}

/// What a person reviews: the behaviours that are normal, as patterns.
package struct BaselineSpec: Sendable, Equatable {
    package var exec: [ExecEntry]
    package var connect: [ConnectEntry]
    package var listen: [ListenEntry]
    package var open: [OpenEntry]

    package init(
        exec: [ExecEntry] = [], connect: [ConnectEntry] = [], listen: [ListenEntry] = [], open: [OpenEntry] = []
    ) {
        self.exec = exec
        self.connect = connect
        self.listen = listen
        self.open = open
    }

    package var count: Int { exec.count + connect.count + listen.count + open.count }
    package var isEmpty: Bool { count == 0 }

    /// Without repeats, accesses of one path joined, in the order in which files are written.
    package var canonical: BaselineSpec {
        BaselineSpec(
            exec: sorted(distinct(exec)), connect: sorted(distinct(connect)), listen: sorted(distinct(listen)),
            open: joined(open))
    }

    /// Nearly all of a spec are opens, and as a rule they stand in their order already.
    private func joined(_ entries: [OpenEntry]) -> [OpenEntry] {
        var joined: [OpenEntry] = []
        joined.reserveCapacity(entries.count)
        for entry in entries.sorted(by: { ($0.executable, $0.path) < ($1.executable, $1.path) }) {
            if let last = joined.indices.last, joined[last].isAt(entry.executable, entry.path) {
                joined[last].access.formUnion(entry.access)
                joined[last].breadth.formUnion(entry.breadth)
            } else {
                joined.append(entry)
            }
        }
        return joined
    }

    private func distinct<Entry: BaselineEntry>(_ entries: [Entry]) -> some Sequence<Entry> {
        Dictionary(entries.map { ($0, $0) }) { one, other in
            var one = one
            one.breadth.formUnion(other.breadth)
            return one
        }.values
    }

    package func union(_ other: BaselineSpec) -> BaselineSpec {
        BaselineSpec(
            exec: exec + other.exec, connect: connect + other.connect, listen: listen + other.listen,
            open: open + other.open
        ).canonical
    }

    private func sorted<Entry: BaselineEntry>(_ entries: some Sequence<Entry>) -> [Entry] {
        entries.map { ($0.sortKey, $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0, by: <) }.map(\.1)
    }
}

/// One line of a spec.
package protocol BaselineEntry: Hashable, Sendable {
    /// A pattern of a path; `*` is any program.
    var executable: String { get }
    /// The line as it is written in a file, without the dash.
    var text: String { get }
    var sortKey: [String] { get }
    var breadth: Breadth { get set }
}

/// How many that were observed an entry stands for, where it was made of many; no part of what it allows, so all are
/// equal.
package struct Breadth: Hashable, Sendable {
    /// 0: it was written, or observed, as it is.
    package var count: Int

    package init(_ count: Int = 0) { self.count = count }

    package static func == (left: Self, right: Self) -> Bool { true }
    package func hash(into hasher: inout Hasher) {}

    /// Two observers may have seen the same ones: at least so many.
    mutating func formUnion(_ other: Breadth) { count = max(count, other.count) }
}

package struct ExecEntry: BaselineEntry {
    package var executable: String
    /// Nil: any.
    package var parent: String?
    /// Nil: any.
    package var arguments: [String]?
    package var breadth: Breadth

    package init(
        executable: String, parent: String? = nil, arguments: [String]? = nil, breadth: Breadth = Breadth()
    ) {
        self.executable = executable
        self.parent = parent
        self.arguments = arguments
        self.breadth = breadth
    }

    package var sortKey: [String] { [executable, parent ?? ""] + (arguments ?? []) }
}

package struct ConnectEntry: BaselineEntry {
    package enum Peer: Hashable, Sendable {
        case domain(String)
        case block(AddressBlock)
        /// Every address of the sort; one of `classes`.
        case scope(IPAddress.Scope)
        /// A path, or `@name` of an abstract socket.
        case path(String)
        /// Of a transport that shows none: the socket itself.
        case unseen
    }
    package var executable: String
    package var peer: Peer
    /// Nil: any.
    package var ports: ClosedRange<UInt16>?
    /// Nil: any.
    package var transport: Transport?
    package var breadth: Breadth

    /// The sorts of addresses that an entry may stand for as a whole.
    package static let classes: [IPAddress.Scope] = [.loopback, .linkLocal, .private, .public]

    package init(
        executable: String, peer: Peer, ports: ClosedRange<UInt16>? = nil, transport: Transport? = nil,
        breadth: Breadth = Breadth()
    ) {
        self.executable = executable
        self.peer = peer
        self.ports = ports
        self.transport = transport
        self.breadth = breadth
    }

    package var sortKey: [String] {
        let (kind, place) =
            switch peer {
            case .block(let block): ("cidr", block.sortText)
            case .scope(let scope): ("class", scope.rawValue)
            case .domain(let domain): ("domain", domain)
            case .path(let path): ("path", path)
            case .unseen: ("unseen", "")
            }
        return [executable, kind, place, portSortText(ports), transport?.description ?? ""]
    }
}

package struct ListenEntry: BaselineEntry {
    package var executable: String
    /// Nil: any.
    package var ports: ClosedRange<UInt16>?
    /// Nil: any.
    package var transport: Transport?
    package var breadth: Breadth

    package init(
        executable: String, ports: ClosedRange<UInt16>? = nil, transport: Transport? = nil,
        breadth: Breadth = Breadth()
    ) {
        self.executable = executable
        self.ports = ports
        self.transport = transport
        self.breadth = breadth
    }

    package var sortKey: [String] { [executable, portSortText(ports), transport?.description ?? ""] }
}

package struct OpenEntry: BaselineEntry {
    struct Place: Hashable {
        var executable: String
        var path: String
    }
    package var executable: String
    package var path: String
    package var access: Access
    package var breadth: Breadth

    package init(executable: String, path: String, access: Access, breadth: Breadth = Breadth()) {
        self.executable = executable
        self.path = path
        self.access = access
        self.breadth = breadth
    }

    fileprivate func isAt(_ executable: String, _ path: String) -> Bool {
        self.executable == executable && self.path == path
    }
    package var sortKey: [String] { [executable, path] }
}

/// Sorts as the number does.
private func portSortText(_ ports: ClosedRange<UInt16>?) -> String {
    guard let ports else { return "" }
    return [ports.lowerBound, ports.upperBound]
        .map { String(repeating: "0", count: 5 - String($0).count) + String($0) }.joined(separator: "-")
}

extension AddressBlock {
    /// Sorts as the address does.
    fileprivate var sortText: String {
        (0..<16).map { hexByte(base.bytes[$0]) }.joined() + "/" + (prefix < 100 ? "0" : "") + (prefix < 10 ? "0" : "")
            + "\(prefix)"
    }
}
