import Foundation
import Workloads

/// What is known of an identity beside what it used, as it was last seen.
package struct IdentityFacts: Sendable, Equatable, Codable {
    package struct Identity: Sendable, Equatable, Codable {
        package var id: String
        package var source: String
    }

    package var workload: Workload
    package var ownership: Ownership
    package var identities: [Identity]
    package var scan: ScanStatus

    package init(_ workload: Workload, _ dossier: Dossier = Dossier(), scan: ScanStatus = .unscanned) {
        self.workload = workload
        ownership = dossier.ownership
        identities = dossier.identities.map { Identity(id: $0.id.description, source: $0.source.rawValue) }
        self.scan = scan
        self.scan.isListed = nil
    }

    /// As it was kept, with what a command was told: a file of owners comes first, else what the monitor knew.
    package init(_ kept: IdentityFacts, _ dossier: Dossier, scan: ScanStatus?) {
        self = kept
        if dossier.ownership.source == Ownership.fileSource {
            ownership = dossier.ownership
            ownership.fill(from: kept.ownership)
        } else {
            ownership.fill(from: dossier.ownership)
        }
        let named = dossier.identities.map { Identity(id: $0.id.description, source: $0.source.rawValue) }
        identities = named + kept.identities.filter { old in !named.contains { $0.id == old.id } }
        if let scan, scan.state != .unscanned { self.scan = scan }
    }

    var json: String { Evidence.json(self) }

    /// Nil where it is of another version, or was spoiled.
    package init?(json: String) {
        guard let facts: IdentityFacts = decoded(json) else { return nil }
        self = facts
    }
}

/// For the store: values of this program's own types always encode.
func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: (try? encoder.encode(value)) ?? Data("{}".utf8), as: UTF8.self)
}

func decoded<Value: Decodable>(_ json: String) -> Value? {
    try? JSONDecoder().decode(Value.self, from: Data(json.utf8))
}
