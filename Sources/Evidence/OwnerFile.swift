import Baselines
import Workloads

/// What people wrote down about whose workloads are: the first entry that applies and says something counts.
package struct OwnerFile: Sendable {
    struct Entry: Sendable {
        var workloads: [String] = []
        var images: [String] = []
        /// Globs by the name of a label.
        var labels: [String: String] = [:]
        var ownership = Ownership()

        func applies(to workload: Workload) -> Bool {
            if !workloads.isEmpty, !workloads.contains(where: { Glob.matchesPath($0, workload.id) }) { return false }
            if !images.isEmpty {
                guard let image = workload.container?.image,
                    images.contains(where: { Glob.matchesPath($0, image.reference) || Glob.matchesPath($0, image.name) }
                    )
                else { return false }
            }
            return labels.allSatisfy { key, glob in
                (workload.labels[key] ?? workload.annotations[key]).map { Glob.matchesPath(glob, $0) } ?? false
            }
        }
    }

    var entries: [Entry] = []

    package init() {}

    /// Strict as a baseline file: an unknown key, a bad value or a glob that cannot be read refuses the file.
    package init(_ bytes: [UInt8], file: String) throws(FileRefusal) {
        for document in try YAMLValue.documents(bytes, file: file) {
            let top = try document.mapping("a file of owners", keys: ["owners"])
            guard let list = top["owners"] else { throw document.refusal("owners is missing") }
            for value in try list.sequence("owners") { entries.append(try Self.entry(value)) }
        }
    }

    func ownership(of workload: Workload) -> Ownership {
        entries.reduce(into: Ownership()) { found, entry in
            if entry.applies(to: workload) { found.fill(from: entry.ownership) }
        }
    }

    private static let matchers = ["workload", "image", "labels"]
    private static let says = [
        "owner", "contact", "purpose", "repository", "pipeline", "documentation", "review", "reviewed",
        "expires",
    ]

    private static func entry(_ value: YAMLValue) throws(FileRefusal) -> Entry {
        let fields = try value.mapping("an owner's entry", keys: matchers + says)
        guard matchers.contains(where: { fields[$0] != nil }) else {
            throw value.refusal("the entry applies to nothing: name workload, image or labels")
        }
        guard says.contains(where: { fields[$0] != nil }) else {
            throw value.refusal("the entry says nothing: name owner, contact, purpose, ...")
        }
        var entry = Entry()
        if let globs = fields["workload"] { entry.workloads = try globs.texts("workload") }
        if let globs = fields["image"] { entry.images = try globs.texts("image") }
        if let labels = fields["labels"] {
            for (key, glob) in try labels.members("labels") { entry.labels[key] = try glob.text(key, numbersToo: true) }
        }
        entry.ownership.owner = try fields["owner"]?.text("owner")
        entry.ownership.contact = try fields["contact"]?.text("contact")
        entry.ownership.purpose = try fields["purpose"]?.text("purpose")
        entry.ownership.repository = try fields["repository"]?.text("repository")
        entry.ownership.pipeline = try fields["pipeline"]?.text("pipeline")
        entry.ownership.documentation = try fields["documentation"]?.text("documentation")
        if let review = fields["review"] {
            let text = try review.text("review")
            guard text.hasSuffix("d"), let days = Int(text.dropLast()), days > 0 else {
                throw review.refusal("review must be a number of days as in 90d")
            }
            entry.ownership.review = days
        }
        entry.ownership.expires = try fields["expires"].map { value throws(FileRefusal) in try day(value, "expires")
        }
        entry.ownership.reviewed = try fields["reviewed"].map { value throws(FileRefusal) in
            try day(value, "reviewed")
        }
        if fields["reviewed"] != nil, entry.ownership.review == nil {
            throw value.refusal("reviewed says when, review how often: name both")
        }
        if entry.ownership.owner != nil { entry.ownership.source = Ownership.fileSource }
        return entry
    }

    private static func day(_ value: YAMLValue, _ name: String) throws(FileRefusal) -> String {
        let text = try value.text(name, numbersToo: true)
        guard Day.isValid(text) else { throw value.refusal("\(name) must be a day as in 2027-01-31") }
        return text
    }
}
