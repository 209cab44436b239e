import Drift
import Events
import Workloads

/// What one instance of a workload did, from its first act to its end.
package struct Life: Sendable, Equatable {
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
    /// When it first asked for a cryptographic identity, by connecting to a SPIFFE Workload API.
    package var askedForIdentity: Int64?

    package init(_ workload: Workload, began: Int64) {
        self.workload = workload
        self.began = began
        last = began
    }

    /// A few different things, and how many more there were.
    package struct Seldom: Sendable, Equatable {
        /// What a person still reads.
        static let most = 32
        /// More are not told apart: a thousand instances, each with as many of everything, take 50 MiB.
        static let counted = 1024
        package private(set) var names: [String] = []
        /// Hashes: the names themselves are kept of the first few only.
        private var seen: Set<Int> = []
        /// Different ones, those that are not in `names` included.
        package var count: Int { seen.count }

        package init() {}

        mutating func add(_ name: String) {
            guard seen.count < Self.counted, seen.insert(name.hashValue).inserted else { return }
            if names.count < Self.most { names.append(name) }
        }
    }

    /// The kernel's counts of an instance's acts.
    package struct Account: Sendable, Equatable {
        package var seen: [UInt64] = Kind.allCases.map { _ in 0 }
        /// Lost, over quota or unreadable.
        package var unseen: UInt64 = 0

        package init() {}
    }

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
    fileprivate var destination: String? {
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

/// The lives of all instances that run. Confined to one thread.
package struct Lives {
    private var running: [String: Life] = [:]

    package init() {}

    package var count: Int { running.count }

    package mutating func acted(_ observation: Observation) {
        let workload = observation.workload
        let key = Self.key(workload)
        var life = running.removeValue(forKey: key) ?? Life(workload, began: workload.started ?? observation.time)
        life.acted(observation)
        life.workload = workload
        running[key] = life
    }

    package mutating func alerted(_ workload: Workload) { running[Self.key(workload)]?.alerts += 1 }

    /// An instance that was there before anyone looked.
    package mutating func found(_ workload: Workload, at time: Int64) {
        var life = running[Self.key(workload)] ?? Life(workload, began: workload.started ?? time)
        life.isPreExisting = true
        running[Self.key(workload)] = life
    }

    /// Takes an instance out that has ended; nil where it never did anything that was told.
    package mutating func ended(_ workload: Workload) -> Life? { running.removeValue(forKey: Self.key(workload)) }

    private static func key(_ workload: Workload) -> String { workload.id + "\n" + workload.instance }
}
