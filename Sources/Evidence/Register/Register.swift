import Baselines
import Drift
import Events
import Workloads

/// The non-human identities of a node: who they are, what they used, which credentials they read.
///
/// Confined to one thread. What is known of an identity lies in the store; here is what is new of it since the last
/// `takeChanges`, and in full only the credentials, so that it is known at once when one is shared.
package struct Register: Sendable {
    /// Something that is told when it happens.
    package enum Change: Sendable, Equatable {
        /// Seen for the first time.
        case identity(Workload)
        /// The workload runs another content than before.
        case content(Workload, before: String)
        /// It should be gone since a day, and was seen.
        case expired(Workload, day: String)
        /// It was seen, and nobody has looked at it for longer than was agreed.
        case overdue(Workload, reviewed: String)
        /// Read for the first time.
        case credential(StoredCredential, by: Workload)
        /// Read by a second workload, or a further one.
        case shared(StoredCredential, by: Workload)
        /// Read by a person, in an exec session or a login, for the first time.
        case person(StoredCredential, by: Workload)

        package var workload: Workload {
            switch self {
            case .identity(let workload), .content(let workload, _), .expired(let workload, _),
                .overdue(let workload, _), .credential(_, let workload), .shared(_, let workload),
                .person(_, let workload):
                workload
            }
        }
    }

    /// What became of an act.
    package struct Noted: Sendable, Equatable {
        package var changes: [Change] = []
        /// The credential that it read.
        package var read: Custody.Read?
    }

    struct Entry {
        var workload: Workload
        var first: Int64
        var last: Int64
        var ended = 0
        var alerts = 0
        var uses: [Use: (first: Int64, last: Int64)] = [:]
        var isChanged = true
        /// It was seen again, and that is all.
        var isLater = false
        var privilege: Privilege?
        /// When its privilege was last asked for, and of which instance.
        var asked: (time: Int64, instance: String)?
        /// What it ran of late: replicas of two contents are no change back and forth.
        var contents: [String] = []
        /// As they were last written.
        var written: IdentityFacts?
        /// Before all others where it never was.
        var writtenAt = Int64.min
        var writtenPrivilege: Privilege?
        var told: Set<Ownership.Finding> = []
    }

    struct Use: Hashable {
        var sort: StoredUse.Sort
        var name: String
    }

    /// A file by which a credential was read. File systems without a device of their own give their numbers away again,
    /// so there it is the same file only while one who read it still runs.
    struct File {
        var credential: StoredCredential.Key
        var instances: Set<String> = []
    }

    struct FileName: Hashable {
        var device: Device
        var inode: UInt64
        var sort: String
    }

    private let classes: CredentialClasses
    /// Devices without a number of their own that are there as long as the node is.
    let steady: Set<Device>
    let privileges: PrivilegeReader?
    var entries: [String: Entry] = [:]
    var known: Set<String>
    var credentials: [StoredCredential.Key: StoredCredential]
    var changedCredentials: Set<StoredCredential.Key> = []
    var dropped: [StoredCredential.Key] = []
    var files: [FileName: File] = [:]
    var filesOfInstances: [String: [FileName]] = [:]
    /// Whose repeats the kernel counts.
    var repeats: [BehaviourKey: (credential: StoredCredential.Key, reader: Int)] = [:]

    /// Identities of which something is new within a second or so; more are begun anew, and merged in the store.
    static let mostEntries = 2048
    static let mostCredentials = 4096
    /// Of one credential; who comes later is not told apart.
    static let mostReaders = 64
    static let mostFiles = 8192
    static let mostRepeats = 16_384
    /// Of one identity between two writes.
    private static let mostUses = 256
    /// Bytes of a name that are kept.
    private static let longestName = 1024
    private static let second: Int64 = 1_000_000_000

    /// `known` and `credentials` are what the store has, `mounts` is /proc/self/mountinfo. `privileges`: nil where processes
    /// are not to be looked at.
    package init(
        classes: CredentialClasses = CredentialClasses(), known: [String] = [], credentials: [StoredCredential] = [],
        mounts: String = "", privileges: PrivilegeReader? = nil
    ) {
        self.classes = classes
        steady = Self.steadyDevices(mounts)
        self.privileges = privileges
        self.known = Set(known)
        self.credentials = Dictionary(credentials.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: What is seen

    /// An act of an identity. `isPerson`: whether somebody in an exec session or a login does it; asked of credentials only.
    package mutating func acted(_ observation: Observation, isPerson: () -> Bool) -> Noted {
        var noted = Noted()
        note(observation, &noted.changes)
        switch observation.event.act {
        case .exec: use(.program, observation.event.actor.executable.text, by: observation)
        case .connect(let connect):
            if let name = Self.destination(observation) { use(.destination, name, by: observation) }
            if case .unix(let path) = connect.peer, let sort = classes.socket(path) {
                let key = StoredCredential.Key(sort: sort.sort, path: Self.kept(path), owner: "")
                read(key, sort, file: nil, by: observation, isPerson: isPerson(), &noted)
            }
        case .listen(let listen): use(.listen, "\(listen.address.port)/\(listen.transport)", by: observation)
        case .open(let open):
            guard let sort = classes.read(by: open) else { break }
            let path = Self.kept(Self.steady(open.path.text))
            let owner = observation.workload.isContainer ? observation.workload.id : ""
            let file = FileName(device: open.device, inode: open.inode, sort: sort.sort)
            let key = files[file]?.credential ?? StoredCredential.Key(sort: sort.sort, path: path, owner: owner)
            read(key, sort, file: file, by: observation, isPerson: isPerson(), &noted)
        }
        return noted
    }

    /// A process of an identity that ran before anybody watched.
    package mutating func found(_ observation: Observation) -> [Change] {
        var changes: [Change] = []
        note(observation, &changes)
        if observation.event.kind == .exec {
            use(.program, observation.event.actor.executable.text, by: observation)
        }
        return changes
    }

    package mutating func alerted(_ workload: Workload) {
        entries[workload.id]?.alerts += 1
        entries[workload.id]?.isChanged = true
    }

    package mutating func ended(_ workload: Workload, at time: Int64) {
        if isIdentity(workload) {
            if entries[workload.id] == nil { begin(workload, at: time) }
            entries[workload.id]!.ended += 1
            entries[workload.id]!.isChanged = true
        }
        for name in filesOfInstances.removeValue(forKey: workload.instance) ?? [] {
            files[name]?.instances.remove(workload.instance)
            if name.device.major == 0, !steady.contains(name.device), files[name]?.instances.isEmpty == true {
                files[name] = nil
            }
        }
    }

    /// Acts that were only counted show that it lives. `capabilities`: that it was seen to use, a bit for each.
    package mutating func lives(_ workload: Workload, using capabilities: UInt64 = 0, at time: Int64) {
        guard isIdentity(workload) else { return }
        if entries[workload.id] == nil {
            begin(workload, at: time)
            known.insert(workload.id)
        }
        entries[workload.id]!.last = max(entries[workload.id]!.last, time)
        entries[workload.id]!.isLater = true
        for name in Privilege.names(of: capabilities) { use(.capability, name, by: workload.id, at: time) }
    }

    /// The kernel's count of a behaviour.
    package mutating func counted(_ key: BehaviourKey, count: UInt64, last: Int64) {
        guard let (credential, reader) = repeats[key], let known = credentials[credential]?.readers[reader],
            last > known.last
        else { return }
        credentials[credential]!.readers[reader].last = last
        credentials[credential]!.readers[reader].count = max(known.count, Int(clamping: count))
        credentials[credential]!.last = max(credentials[credential]!.last, last)
        changedCredentials.insert(credential)
    }

    // MARK: Inside

    /// A person who is logged in is none.
    private func isIdentity(_ workload: Workload) -> Bool { workload.kind != .user }

    private mutating func note(_ observation: Observation, _ changes: inout [Change]) {
        let workload = observation.workload
        guard isIdentity(workload) else { return }
        if entries[workload.id] == nil { begin(workload, at: observation.time) }
        if known.insert(workload.id).inserted { changes.append(.identity(workload)) }
        let time = observation.time
        // In place: all that follows is done for each new act of the node.
        if entries[workload.id]!.workload != workload { renew(workload, &changes) }
        if time > entries[workload.id]!.last { entries[workload.id]!.last = time }
        use(.uid, String(observation.event.actor.uid), by: observation)
        ask(observation)
    }

    private mutating func begin(_ workload: Workload, at time: Int64) {
        entries[workload.id] = Entry(workload: workload, first: min(time, workload.started ?? time), last: time)
        if let digest = workload.digest { entries[workload.id]!.contents = [digest] }
    }

    private mutating func renew(_ workload: Workload, _ changes: inout [Change]) {
        if let digest = workload.digest, !entries[workload.id]!.contents.contains(digest) {
            if let before = entries[workload.id]!.contents.last {
                changes.append(.content(workload, before: before))
            }
            entries[workload.id]!.contents = entries[workload.id]!.contents.suffix(7) + [digest]
        }
        entries[workload.id]!.workload = workload
        entries[workload.id]!.isChanged = true
    }

    /// Once of each instance, and again a second later where nothing could be found out.
    private mutating func ask(_ observation: Observation) {
        guard let privileges, let entry = entries[observation.workload.id], observation.workload.kind != .host else {
            return
        }
        if let asked = entry.asked {
            let pause = entry.privilege == nil ? Self.second : 60 * Self.second
            guard observation.time - asked.time > pause,
                entry.privilege == nil || asked.instance != observation.workload.instance
            else { return }
        }
        guard privileges.ask(observation.event.actor.process, of: observation.workload) else { return }
        entries[observation.workload.id]!.asked = (observation.time, observation.workload.instance)
    }

    private mutating func use(_ sort: StoredUse.Sort, _ name: String, by observation: Observation) {
        use(sort, name, by: observation.workload.id, at: observation.time)
    }

    private mutating func use(_ sort: StoredUse.Sort, _ name: String, by id: String, at time: Int64) {
        // Not by a copy of the entry, which would make a copy of all its uses.
        guard let count = entries[id]?.uses.count else { return }
        let use = Use(sort: sort, name: Self.kept(name))
        if let known = entries[id]!.uses[use] {
            entries[id]!.uses[use] = (min(known.first, time), max(known.last, time))
        } else if count < Self.mostUses {
            entries[id]!.uses[use] = (time, time)
        }
        entries[id]!.isChanged = true
    }

    static func kept(_ name: String) -> String {
        name.utf8.count <= longestName ? name : String(decoding: name.utf8.prefix(longestName), as: UTF8.self) + "..."
    }

    /// By name where it has one; nil where nobody can say.
    private static func destination(_ observation: Observation) -> String? {
        guard case .connect(let connect) = observation.event.act else { return nil }
        if case .ip(let address) = connect.peer, case .connect(let behaviour) = observation.behaviour,
            case .ip(_, let domain?) = behaviour.peer
        {
            return "\(domain):\(address.port)/\(connect.transport)"
        }
        return connect.destination
    }
}
