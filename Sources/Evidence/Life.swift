import Drift
import Events
import Workloads

/// What one instance of a workload did, from its first act to its end.
package struct Life: Sendable, Equatable, Codable {
    package var workload: Workload
    /// When its container or unit began, else its first act; nanoseconds since the epoch.
    package var began: Int64
    /// Of its latest act that was looked at.
    package var last: Int64
    /// It ran before the monitor did, so that its beginning was not seen.
    package var isPreExisting = false
    /// Acts by kind, repeats too, as the kernel counted them.
    package var account = Account()
    package var programs = Seldom()
    package var destinations = Seldom()
    /// Paths of secrets that it opened, and of sockets that give some.
    package var credentials = Seldom()
    package var alerts: UInt64 = 0
    /// Of its first process, as wait(2) gives it; nil where that was not seen, or where there was no such one.
    package var exit: UInt32?
    /// Nobody watched when it ended: then it still ran, nanoseconds since the epoch.
    package var lastKnownAlive: Int64?
    /// When it first asked for a cryptographic identity, by connecting to a SPIFFE Workload API.
    package var askedForIdentity: Int64?

    /// Nil where nobody keeps evidence.
    package var custody: Custody?

    package init(_ workload: Workload, began: Int64) {
        self.workload = workload
        self.began = began
        last = began
    }

    /// A few different things, and how many more there were.
    package struct Seldom: Sendable, Equatable, Codable {
        /// What a person still reads.
        static let most = 32
        /// More are not told apart: a thousand instances, each with as many of everything, take 50 MiB.
        static let counted = 1024
        package private(set) var names: [String] = []
        /// Hashes: the names themselves are kept of the first few only.
        private var seen: Set<Int> = []
        /// Those without a name that an earlier monitor counted.
        private var earlier = 0
        /// Different ones, those that are not in `names` included.
        package var count: Int { seen.count + earlier }

        package init() {}

        mutating func add(_ name: String) {
            guard count < Self.counted, seen.insert(name.hashValue).inserted else { return }
            if names.count < Self.most { names.append(name) }
        }

        private enum CodingKeys: String, CodingKey { case names, count }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            names = Array(try values.decode([String].self, forKey: .names).prefix(Self.most))
            seen = Set(names.map(\.hashValue))
            earlier = max(0, min(Self.counted, try values.decode(Int.self, forKey: .count)) - seen.count)
        }

        package func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(names, forKey: .names)
            try values.encode(count, forKey: .count)
        }
    }

    /// The kernel's counts of an instance's acts.
    package struct Account: Sendable, Equatable, Codable {
        package var seen: [UInt64] = Kind.allCases.map { _ in 0 }
        /// Lost, over quota or unreadable.
        package var unseen: UInt64 = 0

        package init() {}
    }

    /// It ran a program before anyone looked.
    mutating func ran(_ program: String) { programs.add(program) }

    mutating func acted(_ observation: Observation) {
        last = max(last, observation.time)
        let event = observation.event
        switch event.act {
        case .exec: programs.add(event.actor.executable.text)
        case .connect(let connect):
            if let name = connect.destination {
                destinations.add(name)
                if case .unix(let path) = connect.peer, let credential = Credential.at(path) {
                    credentials.add(path)
                    if credential.isIdentity, askedForIdentity == nil { askedForIdentity = observation.time }
                }
            }
        case .open(let open):
            if Credential.opened(by: open) != nil { credentials.add(open.path.text) }
        case .listen: break
        }
    }
}

extension Connect {
    /// As a person would write where it goes; nil where nobody can say.
    var destination: String? {
        switch peer {
        case .ip(let address):
            address.ip.isIPv4
                ? "\(address.ip):\(address.port)/\(transport)" : "[\(address.ip)]:\(address.port)/\(transport)"
        case .unix(let path): path
        case .abstract(let name): "@" + name
        case .unseen: nil
        }
    }
}

extension Life.Account {
    mutating func add(_ ledger: Ledger) {
        for (index, kind) in Kind.allCases.enumerated() { seen[index] &+= ledger[kind].seen }
        unseen &+= ledger.unseen
    }
}
