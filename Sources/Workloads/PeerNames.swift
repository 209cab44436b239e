import Events

/// By which names workloads know the addresses that they reach: what resolvers answered them.
///
/// A name holds for as long as its answer allows, at least `grace`, since programs keep addresses for longer than they
/// are told to. One by which a peer was reached holds until newer ones need its room: the kernel's filter does not ask
/// about a repeat again either. Confined to one thread; times are nanoseconds since boot.
package struct PeerNames {
    package struct Name: Sendable, Equatable {
        package var text: String
        package var resolver: IPAddress
    }

    private struct Entry {
        var name: Name
        var heard: UInt64
        /// .max: for as long as there is room.
        var until: UInt64
    }
    private typealias Table = [IPAddress: [Entry]]

    private var tables: [String: Table] = [:]
    /// What cgroups heard of which nobody knew whose they are.
    private var waiting: [UInt64: [Answer]] = [:]
    private var waitingCount = 0
    private var addressCount = 0

    static let grace: UInt64 = 600 * second
    /// However long an answer allows.
    static let longest: UInt64 = 86_400 * second
    private static let second: UInt64 = 1_000_000_000
    /// Addresses of one workload: several times what a crawler reaches within the grace.
    static let mostAddresses = 4096
    /// Addresses of all workloads, some 16 MiB.
    static let mostInAll = 65_536
    /// Names of one address: services that share one.
    static let mostNames = 4
    static let mostWaiting = 1024
    /// Longer than an identity is waited for.
    private static let patience: UInt64 = 30 * second

    package init() {}

    /// Takes an answer to a process of the cgroup; `workload` is nil while nobody knows whose that is.
    package mutating func hear(_ answer: Answer, of workload: String?) {
        guard let resolution = answer.resolution else { return }
        guard let workload else {
            if waitingCount >= Self.mostWaiting { forgetWaiting(before: answer.time) }
            guard waitingCount < Self.mostWaiting else { return }
            waiting[answer.cgroup, default: []].append(answer)
            waitingCount += 1
            return
        }
        let name = Name(text: resolution.name, resolver: answer.resolver)
        for address in resolution.addresses {
            let lifetime = min(max(UInt64(address.lifetime) * Self.second, Self.grace), Self.longest)
            add(Entry(name: name, heard: answer.time, until: answer.time &+ lifetime), address.ip, workload)
        }
    }

    /// The names of an address, the one heard last first. What the cgroup heard before it had a name is the workload's.
    package mutating func names(
        of address: IPAddress, for workload: String, in cgroup: UInt64, at time: UInt64
    ) -> [Name] {
        if let answers = waiting.removeValue(forKey: cgroup) {
            waitingCount -= answers.count
            for answer in answers { hear(answer, of: workload) }
        }
        return tables[workload]?[address]?.filter { $0.until >= time }.map(\.name) ?? []
    }

    /// Every name by which a workload knows an address.
    package func all(of workload: String, at time: UInt64) -> [(name: Name, address: IPAddress)] {
        (tables[workload] ?? [:]).flatMap { address, entries in
            entries.filter { $0.until >= time }.map { ($0.name, address) }
        }
    }

    /// The workload reached the address by this name.
    package mutating func keep(_ name: Name, of address: IPAddress, for workload: String) {
        guard let place = tables[workload]?[address]?.firstIndex(where: { $0.name == name }) else { return }
        tables[workload]![address]![place].until = .max
    }

    /// Who has no name by then gets none.
    private mutating func forgetWaiting(before time: UInt64) {
        waiting = waiting.filter { $0.value.last!.time &+ Self.patience >= time }
        waitingCount = waiting.values.reduce(0) { $0 + $1.count }
    }

    private mutating func add(_ entry: Entry, _ address: IPAddress, _ workload: String) {
        var entry = entry
        var entries = tables[workload]?[address] ?? []
        if entries.isEmpty {
            if tables[workload]?.count ?? 0 >= Self.mostAddresses { shrink(workload, at: entry.heard) }
            if addressCount >= Self.mostInAll, let largest = tables.max(by: { $0.value.count < $1.value.count })?.key {
                shrink(largest, at: entry.heard)
            }
            addressCount += 1
        }
        if let place = entries.firstIndex(where: { $0.name == entry.name }) {
            entry.until = max(entry.until, entries.remove(at: place).until)
        }
        entries.insert(entry, at: 0)
        if entries.count > Self.mostNames { entries.removeLast() }
        tables[workload, default: [:]][address] = entries
    }

    /// Lets go of what does not hold any more, and if that is little, of the oldest quarter.
    private mutating func shrink(_ workload: String, at time: UInt64) {
        guard var table = tables[workload] else { return }
        let before = table.count
        table = table.filter { $0.value.contains { $0.until >= time } }
        if table.count > before / 4 * 3 {
            let oldest = table.map { (heard: $0.value[0].heard, address: $0.key) }.sorted { $0.heard < $1.heard }
            for (_, address) in oldest.prefix(max(1, before / 4)) { table[address] = nil }
        }
        addressCount -= before - table.count
        tables[workload] = table.isEmpty ? nil : table
    }
}
