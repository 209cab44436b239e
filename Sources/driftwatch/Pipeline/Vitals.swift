import Events
import Evidence

/// What a monitor says of itself in its state directory, for those who look from outside.
struct Vitals: Codable {
    struct Workload: Codable {
        var id: String
        var ledger: [String: [String: UInt64]]
    }

    /// In the store.
    static let name = "monitor"

    var version: String
    var pid: Int32
    var tier: String
    var started: String
    /// It has said goodbye.
    var ended: Bool
    var ledger: [String: [String: UInt64]]
    /// Records of any kind that could not be decoded.
    var undecodable: UInt64
    /// The worst covered first.
    var workloads: [Workload]
}

extension Ledger {
    /// As lines have it.
    var counts: [String: [String: UInt64]] {
        Dictionary(
            uniqueKeysWithValues: Kind.allCases.map { kind in
                let fields = Entry.fields.map { ("\($0.name)", self[kind][keyPath: $0.path]) }
                return (kind.rawValue, Dictionary(uniqueKeysWithValues: fields))
            })
    }
}
