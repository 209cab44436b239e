import Foundation

/// Registration entries of a SPIRE server, as `spire-server entry show -output json` writes them.
package struct Registrations: Sendable {
    struct Entry: Sendable, Equatable {
        var id: SPIFFEID
        /// `type:value`; all must hold.
        var selectors: [String]
    }

    package struct Refusal: Error, CustomStringConvertible {
        package var description: String
    }

    private(set) var entries: [Entry] = []

    package init() {}

    package init(_ bytes: [UInt8], file: String) throws(Refusal) {
        let file = file
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else {
            throw Refusal(
                description:
                    "\(file): no entries of a SPIRE server; write them with spire-server entry show -output json")
        }
        for (index, entry) in document.entries.enumerated() {
            guard let id = entry.spiffe_id.id else {
                throw Refusal(description: "\(file): entry \(index + 1) has no valid SPIFFE ID")
            }
            // An agent's own entry names a node, not a workload.
            let selectors = entry.selectors.map { "\($0.type):\($0.value)" }
            if !selectors.isEmpty { entries.append(Entry(id: id, selectors: selectors)) }
        }
    }

    /// The selectors of processes that entries name: `unix:uid`. Where there is none, these need not be looked at.
    var asked: Set<String> {
        Set(
            entries.flatMap(\.selectors).filter { $0.hasPrefix("unix:") }.map { selector in
                selector.split(separator: ":").prefix(2).joined(separator: ":")
            })
    }

    /// The words of environments that entries name: of all others nothing need be known.
    package var environment: Set<String> {
        let prefix = "docker:env:"
        return Set(
            entries.flatMap(\.selectors).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
    }

    /// Every identity that SPIRE would hand out, the one with the most conditions first.
    func ids(for selectors: Selectors) -> [SPIFFEID] {
        entries.filter { selectors.satisfy($0.selectors) }
            .sorted { ($1.selectors.count, $0.id.description) < ($0.selectors.count, $1.id.description) }.map(\.id)
    }

    private struct Document: Decodable {
        var entries: [Registered]
    }

    private struct Registered: Decodable {
        struct Name: Decodable {
            var id: SPIFFEID?

            /// An object in the API's JSON, one text in older exports.
            init(from decoder: any Decoder) throws {
                if let text = try? decoder.singleValueContainer().decode(String.self) {
                    id = SPIFFEID(text)
                } else {
                    let parts = try decoder.container(keyedBy: Keys.self)
                    id = SPIFFEID(
                        trustDomain: try parts.decode(String.self, forKey: .trust_domain),
                        path: try parts.decodeIfPresent(String.self, forKey: .path) ?? "")
                }
            }

            private enum Keys: CodingKey { case trust_domain, path }
        }

        struct Selector: Decodable {
            var type: String
            var value: String
        }

        var spiffe_id: Name
        var selectors: [Selector]
    }
}

/// `spiffe://{trust_domain}/ns/{ns}/sa/{sa}`: an identity made of what is known of a workload.
package struct SPIFFETemplate: Sendable {
    package static let placeholders = [
        "trust_domain", "ns", "sa", "pod", "container", "workload", "unit", "name", "image",
    ]

    private enum Part: Sendable {
        case text(String)
        case field(String)
    }

    private let parts: [Part]
    private let trustDomain: String

    /// Nil where the template names a field that is none, or could never make a valid ID.
    package init?(_ template: String, trustDomain: String) {
        var parts: [Part] = []
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { return nil }
            let field = String(rest[rest.index(after: open)..<close])
            guard Self.placeholders.contains(field) else { return nil }
            parts += [.text(String(rest[..<open])), .field(field)]
            rest = rest[rest.index(after: close)...]
        }
        parts.append(.text(String(rest)))
        self.parts = parts
        self.trustDomain = trustDomain
        let sample = text { $0 == "trust_domain" ? trustDomain : "x" }
        guard let sample, SPIFFEID(sample) != nil else { return nil }
    }

    /// Nil where a field is not known of this workload, or holds what no SPIFFE ID may.
    func id(_ fields: [String: String]) -> SPIFFEID? {
        text { $0 == "trust_domain" ? trustDomain : fields[$0] }.flatMap { SPIFFEID($0) }
    }

    private func text(_ field: (String) -> String?) -> String? {
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .field(let name):
                guard let value = field(name), !value.isEmpty else { return nil }
                text += value
            }
        }
        return text
    }
}
