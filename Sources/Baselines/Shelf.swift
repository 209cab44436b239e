/// Which workloads' armed baselines are loaded: those that were asked for last. Those of the others are in the store
/// alone, and are read again when their workload comes again.
struct Shelf {
    /// Workloads, several times what a large node runs. Of containers that live for seconds under ever new names there is
    /// no end.
    static let most = 1024

    private var lastUsed: [String: Int64] = [:]
    /// Hashes: names that many are remembered by are worth no memory, and a look into the store for nothing costs little.
    private var shelved: Set<Int> = []

    /// Whether the workload's are perhaps in the store alone.
    func holds(_ workload: String) -> Bool { !shelved.isEmpty && shelved.contains(workload.hashValue) }

    mutating func use(_ workload: String, at time: Int64) { lastUsed[workload] = time }

    /// The workload's are not loaded any more.
    mutating func put(_ workload: String) {
        lastUsed[workload] = nil
        shelved.insert(workload.hashValue)
    }

    /// The workload's are loaded now.
    mutating func take(_ workload: String, at time: Int64) {
        shelved.remove(workload.hashValue)
        use(workload, at: time)
    }

    /// Of the loaded ones those that are too many, unused for longest.
    func surplus(of loaded: some Collection<String>, most: Int = Shelf.most) -> [String] {
        guard loaded.count > most else { return [] }
        let age = { (workload: String) in lastUsed[workload] ?? .min }
        return Array(loaded.sorted { (age($0), $0) < (age($1), $1) }.prefix(loaded.count - most))
    }
}
