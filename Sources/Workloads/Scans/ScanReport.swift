/// How bad a scanner says that a finding is.
package enum Severity: Int, Sendable, Comparable, CaseIterable, Codable {
    case unknown, negligible, low, medium, high, critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }

    /// In any of the spellings that scanners use; what is none of them is `unknown`.
    init(_ word: String?) {
        switch word?.lowercased() {
        case "critical": self = .critical
        case "high", "important": self = .high
        case "medium", "moderate": self = .medium
        case "low", "minor": self = .low
        case "negligible", "none", "info": self = .negligible
        default: self = .unknown
        }
    }

    /// By a CVSS score; the bounds are those of the CVSS v3.1 specification, section 5.
    init(score: Double) {
        switch score {
        case 9...: self = .critical
        case 7...: self = .high
        case 4...: self = .medium
        case 0.1...: self = .low
        default: self = .negligible
        }
    }

    package var name: String { "\(self)" }
}

/// What one run of a scanner found in one image.
struct ScanReport: Sendable, Equatable {
    /// As the tool calls itself: `Trivy`.
    var scanner: String
    /// Nanoseconds since the epoch; nil where the report does not say.
    var scannedAt: Int64?
    var image: ImageKeys
    var findings: [Severity: Int] = [:]

    var total: Int { findings.values.reduce(0, +) }
    var highest: Severity? { findings.filter { $0.value > 0 }.keys.max() }
}

/// By what an image may be recognised, the surest first: content, then what somebody called it.
struct ImageKeys: Sendable, Equatable {
    /// Of manifest, index or configuration: `sha256:<hex>`.
    var digests: [String] = []
    /// `docker.io/library/nginx:1.27`, always with registry and tag.
    var names: [String] = []

    var isEmpty: Bool { digests.isEmpty && names.isEmpty }

    /// Takes `sha256:...`, `name@sha256:...`, `name:tag`, whichever it is.
    mutating func add(_ reference: String?) {
        guard let reference, !reference.isEmpty else { return }
        if Self.isDigest(reference) { return digests.appendNew(reference) }
        let (name, tag, digest) = ImageReference.parse(reference)
        if let digest, Self.isDigest(digest) { digests.appendNew(digest) }
        if digest == nil || tag != nil { names.appendNew(Self.canonical(name, tag: tag)) }
    }

    static func isDigest(_ text: String) -> Bool {
        text.hasPrefix("sha256:") && text.utf8.count == 71 && text.utf8.dropFirst(7).allSatisfy(ImageReference.isHex)
    }

    /// The full form of a name that Docker's users shorten: registry `docker.io`, its `library/`, tag `latest`.
    static func canonical(_ name: String, tag: String?) -> String {
        var name = name
        let first = name.split(separator: "/").first ?? ""
        if !name.contains("/") {
            name = "docker.io/library/" + name
        } else if !first.contains("."), !first.contains(":"), first != "localhost" {
            name = "docker.io/" + name
        } else if first == "index.docker.io" {
            name = "docker.io" + name.dropFirst(first.utf8.count)
        }
        return name + ":" + (tag ?? "latest")
    }
}

extension Array where Element: Equatable {
    fileprivate mutating func appendNew(_ element: Element) {
        if !contains(element) { append(element) }
    }
}
