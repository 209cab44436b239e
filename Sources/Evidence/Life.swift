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

/// The lives of all instances that run, by the topmost cgroup of each. Confined to one thread.
package struct Lives: Sendable {
    private struct Entry {
        var life: Life
        /// Cgroups of its own whose accounts are still open.
        var acting: Set<UInt64> = []
        /// When its topmost cgroup was removed.
        var ended: Int64?
    }

    private var running: [UInt64: Entry] = [:]

    package init() {}

    package var count: Int { running.count }

    /// An act of an instance; `home` is its topmost cgroup, `isOwn` whether the act was done in or below it.
    package mutating func acted(
        _ observation: Observation, home: UInt64, isOwn: Bool = true, isPreExisting: @autoclosure () -> Bool
    ) {
        let workload = observation.workload
        var entry = running.removeValue(forKey: home)
        if entry == nil {
            entry = Entry(life: Life(workload, began: workload.started ?? observation.time))
            entry!.life.isPreExisting = isPreExisting()
        }
        // What was first known by its path alone may have been vouched for since.
        entry!.life.workload = workload
        entry!.life.acted(observation)
        if isOwn { entry!.acting.insert(observation.event.actor.cgroup) }
        running[home] = entry
    }

    package mutating func alerted(home: UInt64) { running[home]?.life.alerts += 1 }

    /// The topmost cgroup of an instance is gone. Records of it may still be on the way.
    package mutating func removed(_ home: UInt64, at time: Int64) {
        guard let entry = running[home], entry.ended == nil else { return }
        running[home]!.ended = max(time, entry.life.last)
    }

    /// The last count of one of an instance's cgroups.
    package mutating func closed(_ cgroup: UInt64, home: UInt64, ledger: Ledger, of workload: Workload, at time: Int64)
    {
        var entry =
            running.removeValue(forKey: home) ?? Entry(life: Life(workload, began: workload.started ?? time))
        entry.acting.remove(cgroup)
        entry.life.account.add(ledger)
        running[home] = entry
    }

    /// Those that have ended and of which all is told; `isGone` is asked of topmost cgroups. `atRest`: nothing more comes,
    /// and `ledger` gives the account of a cgroup.
    package mutating func takeEnded(
        at now: Int64, isGone: (UInt64) -> Bool, atRest: Bool = false, ledger: (UInt64) -> Ledger = { _ in Ledger() }
    ) -> [(life: Life, ended: Int64)] {
        var ended: [(life: Life, ended: Int64)] = []
        for (home, entry) in running {
            guard let time = entry.ended ?? (isGone(home) ? now : nil) else { continue }
            guard entry.acting.isEmpty || atRest else {
                running[home]!.ended = time
                continue
            }
            var life = entry.life
            for cgroup in entry.acting { life.account.add(ledger(cgroup)) }
            ended.append((life, max(time, life.last)))
            running[home] = nil
        }
        return ended.sorted { ($0.ended, $0.life.workload.instance) < ($1.ended, $1.life.workload.instance) }
    }
}

extension Life.Account {
    mutating func add(_ ledger: Ledger) {
        for (index, kind) in Kind.allCases.enumerated() { seen[index] &+= ledger[kind].seen }
        unseen &+= ledger.unseen
    }
}
