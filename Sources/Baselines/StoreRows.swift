import Events
import Foundation

/// What is stored of a baseline or of one on the way.
package struct StoredBaseline: Sendable, Equatable {
    package enum Source: String, Sendable { case learned, imported, allowed }

    package var key: BaselineKey
    package var image: String?
    package var state: BaselineStatus.State
    package var source: Source
    /// Frozen; of one that is learned, what was collapsed so far.
    package var spec: BaselineSpec
    /// What a person allowed on top.
    package var allowed: BaselineSpec
    /// Seconds of learning that were observed.
    package var learnedFor: Double
    /// Nanoseconds since the epoch, as all times here.
    package var learnedFrom: Int64?
    package var learnedUntil: Int64?
    package var units: Int
    package var incidences: Int
    package var completeness: Double?
    package var instances: Int
    package var seen: Int
    package var lost: Int
    package var gaps: Int
    /// The instances that were watched; see `Replicas.text`.
    package var replicas: String
    /// Starts that were watched; `units` are those after them.
    package var starts: Int
    /// See `DiscoveryCurve.text`.
    package var curve: String
    package var armedAt: Int64?

    package init(
        key: BaselineKey, image: String? = nil, state: BaselineStatus.State, source: Source = .learned,
        spec: BaselineSpec = BaselineSpec(), allowed: BaselineSpec = BaselineSpec(), learnedFor: Double = 0,
        learnedFrom: Int64? = nil, learnedUntil: Int64? = nil, units: Int = 0, incidences: Int = 0,
        completeness: Double? = nil, instances: Int = 0, seen: Int = 0, lost: Int = 0, gaps: Int = 0,
        replicas: String = "", starts: Int = 0, curve: String = "", armedAt: Int64? = nil
    ) {
        self.key = key
        self.image = image
        self.state = state
        self.source = source
        self.spec = spec
        self.allowed = allowed
        self.learnedFor = learnedFor
        self.learnedFrom = learnedFrom
        self.learnedUntil = learnedUntil
        self.units = units
        self.incidences = incidences
        self.completeness = completeness
        self.instances = instances
        self.seen = seen
        self.lost = lost
        self.gaps = gaps
        self.replicas = replicas
        self.starts = starts
        self.curve = curve
        self.armedAt = armedAt
    }

    package var status: BaselineStatus {
        BaselineStatus(
            state: state, completeness: completeness, coverage: BaselineStatus.Coverage(seen: seen, lost: lost),
            instances: instances, learnedFrom: learnedFrom, learnedUntil: learnedUntil, gaps: gaps)
    }

    /// Being learned, whether or not a person might arm it by now. A candidate of other origin waits for a person only.
    var isLearning: Bool { state == .learning || state == .candidate && source == .learned }

    /// As a file shows it: what was frozen and what was allowed.
    package var baseline: Baseline {
        Baseline(key: key, image: image, spec: spec.union(allowed), status: status)
    }
}

/// What is stored of a behaviour, which is a shape of the generaliser.
package struct StoredBehaviour: Sendable, Equatable {
    package var shape: Behaviour
    package var first: Int64
    package var last: Int64
    package var count: Int
    package var units: Int
    /// Starts in which it was seen; `units` are those after them.
    package var starts: Int
    package var instances: Int
    package var origin: String?
    /// Why it is not learned; nil where it is.
    package var quarantine: Quarantine?
    /// Which instance did it last; 0: none that counts.
    package var lastInstance: UInt64

    package init(
        shape: Behaviour, first: Int64, last: Int64, count: Int, units: Int = 1, starts: Int = 0, instances: Int = 1,
        origin: String? = nil, quarantine: Quarantine? = nil, lastInstance: UInt64 = 0
    ) {
        self.shape = shape
        self.first = first
        self.last = last
        self.count = count
        self.units = units
        self.starts = starts
        self.instances = instances
        self.origin = origin
        self.quarantine = quarantine
        self.lastInstance = lastInstance
    }
}

package struct StoredAlert: Sendable, Equatable {
    package var id: String
    package var time: Int64
    package var key: BaselineKey
    package var rule: String
    /// The YAML that would allow it.
    package var allow: String?
    /// The line as it was printed.
    package var json: String

    package init(id: String, time: Int64, key: BaselineKey, rule: String, allow: String?, json: String) {
        self.id = id
        self.time = time
        self.key = key
        self.rule = rule
        self.allow = allow
        self.json = json
    }
}

/// An entry of the change log.
package struct StoredChange: Sendable, Equatable {
    package enum Action: String, Sendable { case approve, allow, reset, `import`, merge, undo }

    /// Grows by one with each change, of whatever baseline.
    package var id: Int
    package var time: Int64
    package var who: String
    package var why: String
    package var action: Action
    /// What more is to say of the action: the entries allowed, the checksum imported.
    package var what: String
    package var key: BaselineKey
    /// The change that was taken back by this one.
    package var undoes: Int?
    package var undoneBy: Int?
    /// Whether more than what people allow was changed.
    var replaces: Bool
}

/// One thing to write; a batch of them is one transaction.
package enum StoreWrite: Sendable {
    /// All of the row but `allowed`, which only people change.
    case baseline(StoredBaseline)
    case behaviours(BaselineKey, [StoredBehaviour])
    /// What was learned of a baseline was collapsed into its spec.
    case dropBehaviours(BaselineKey)
    /// Entries that came late are added to a spec that is frozen already.
    case amend(BaselineKey, BaselineSpec)
    case alert(StoredAlert)
    case meta(name: String, value: String)
    /// Nil: it is over.
    case life(home: String, json: String?)
    /// What is new of an identity of the register; counts are added to what is there.
    case identity(StoredIdentity, [StoredUse])
    case credential(StoredCredential)
    case dropCredential(StoredCredential.Key)
}

extension Behaviour {
    /// The identity beyond kind and executable, as the store has it.
    var storedObject: String {
        let parts: [String] =
            switch self {
            case .exec(let exec): [exec.parent] + exec.arguments
            case .connect(let connect):
                switch connect.peer {
                case .ip(let address, let domain):
                    [connect.transport.description, address.ip.description, "\(address.port)"]
                        + (domain.map { [$0] } ?? [])
                case .unix(let path): [connect.transport.description, path]
                case .unseen: [connect.transport.description]
                }
            case .listen(let listen): [listen.transport.description, "\(listen.port)"]
            case .open(let open): [open.path, "\(open.access.rawValue)"]
            }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        // A list of strings always encodes.
        return String(decoding: (try? encoder.encode(parts)) ?? Data("[]".utf8), as: UTF8.self)
    }

    init?(kind: String, executable: String, storedObject: String) {
        guard let parts = try? JSONDecoder().decode([String].self, from: Data(storedObject.utf8)) else { return nil }
        switch (Kind(rawValue: kind), parts.count) {
        case (.exec?, 1...):
            self = .exec(ExecBehaviour(executable: executable, parent: parts[0], arguments: Array(parts.dropFirst())))
        case (.connect?, 1):
            guard let transport = Transport(parts[0]) else { return nil }
            self = .connect(ConnectBehaviour(executable: executable, peer: .unseen, transport: transport))
        case (.connect?, 2):
            guard let transport = Transport(parts[0]) else { return nil }
            self = .connect(ConnectBehaviour(executable: executable, peer: .unix(parts[1]), transport: transport))
        case (.connect?, 3...4):
            guard let transport = Transport(parts[0]), let ip = IPAddress(parts[1]), let port = UInt16(parts[2]) else {
                return nil
            }
            let address = SocketAddress(ip: ip, port: port)
            self = .connect(
                ConnectBehaviour(
                    executable: executable, peer: .ip(address, domain: parts.count == 4 ? parts[3] : nil),
                    transport: transport))
        case (.listen?, 2):
            guard let transport = Transport(parts[0]), let port = UInt16(parts[1]) else { return nil }
            self = .listen(ListenBehaviour(executable: executable, port: port, transport: transport))
        case (.open?, 2):
            guard let access = UInt32(parts[1]) else { return nil }
            self = .open(OpenBehaviour(executable: executable, path: parts[0], access: Access(rawValue: access)))
        default: return nil
        }
    }
}
