/// Whose a workload is, and what it is there for. What nobody has said is nil, and shown as unknown.
package struct Ownership: Sendable, Hashable, Codable {
    package var owner: String?
    package var contact: String?
    package var purpose: String?
    package var repository: String?
    package var revision: String?
    package var pipeline: String?
    package var documentation: String?
    /// Days between two reviews.
    package var review: Int?
    /// The day of the last one.
    package var reviewed: String?
    /// The day from which on it should be gone: `2027-01-31`.
    package var expires: String?
    /// Who says whose it is: `file`, `label`, `package`.
    package var source: String?

    package init() {}

    static let fileSource = "file"

    package enum Finding: String, Sendable, CaseIterable {
        /// Nobody answers for it.
        case unowned
        /// It should be gone by now.
        case expired
        /// Nobody has looked at it for longer than was agreed.
        case unreviewed
    }

    /// What is wrong with it now, nanoseconds since the epoch.
    package func findings(at now: Int64) -> [Finding] {
        var findings: [Finding] = owner == nil ? [.unowned] : []
        if let expires, let day = Day.start(expires), now >= day { findings.append(.expired) }
        if let review, let reviewed, let day = Day.start(reviewed), now - day > Int64(review) * Day.length {
            findings.append(.unreviewed)
        }
        return findings
    }

    /// Takes over what is not known yet.
    mutating func fill(from other: Ownership) {
        if owner == nil, other.owner != nil {
            owner = other.owner
            source = other.source
        }
        contact = contact ?? other.contact
        purpose = purpose ?? other.purpose
        repository = repository ?? other.repository
        revision = revision ?? other.revision
        pipeline = pipeline ?? other.pipeline
        documentation = documentation ?? other.documentation
        // They belong together.
        if review == nil { (review, reviewed) = (other.review, other.reviewed) }
        expires = expires ?? other.expires
    }

    /// What the labels of an image, a container, a pod or a compose service say.
    init(labels: [String: String]) {
        func first(_ keys: String...) -> String? {
            keys.lazy.compactMap { labels[$0] }.first { !$0.isEmpty }
        }
        // Who ships an image answers for it less than who has put it to work.
        owner = first(
            "app.kubernetes.io/part-of", "com.docker.compose.project", "io.podman.compose.project",
            "org.opencontainers.image.vendor")
        contact = first("org.opencontainers.image.authors", "maintainer")
        purpose = first(
            "org.opencontainers.image.title", "app.kubernetes.io/component", "app.kubernetes.io/name",
            "com.docker.compose.service")
        repository = first("org.opencontainers.image.source")
        revision = first("org.opencontainers.image.revision")
        pipeline = first("app.kubernetes.io/managed-by", "helm.sh/chart")
        documentation = first("org.opencontainers.image.documentation", "org.opencontainers.image.url")
        if owner != nil { source = "label" }
    }
}
