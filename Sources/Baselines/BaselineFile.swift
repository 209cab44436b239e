import Events
import Foundation

/// Reads baseline files strictly: a file is taken whole or refused with the place and the reason.
package enum BaselineFile {
    package static let largest = 16 << 20

    /// A baseline and where each entry of it was written.
    package struct Document: Sendable {
        package var baseline: Baseline
        package var file: String
        /// Line of the document.
        package var line: Int
        /// Lines of the entries of `spec`, in the order of the file.
        package var lines: Lines

        package struct Lines: Sendable, Equatable {
            package var exec: [Int] = []
            package var connect: [Int] = []
            package var listen: [Int] = []
            package var open: [Int] = []
        }
    }

    /// All baseline files of a directory and of those below, or the one file.
    package static func load(path: String) -> (documents: [Document], refusals: [FileRefusal]) {
        var documents: [Document] = []
        var refusals: [FileRefusal] = []
        do {
            for file in try files(path) {
                do {
                    documents += try read(file)
                } catch {
                    refusals.append(error)
                }
            }
        } catch {
            refusals.append(error)
        }
        return (documents, refusals)
    }

    package static func read(_ path: String) throws(FileRefusal) -> [Document] {
        try parse(bytes(path), file: path)
    }

    static func bytes(_ path: String) throws(FileRefusal) -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw FileRefusal(file: path, reason: "cannot be read: \(reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileRefusal(file: path, reason: "is not a file") }
        guard status.st_size <= largest else {
            throw FileRefusal(file: path, reason: "is larger than 16 MiB; split it")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw FileRefusal(file: path, reason: "cannot be read: \(reason(errno))")
        }
        return Array(data)
    }

    package static func parse(_ text: String, file: String) throws(FileRefusal) -> [Document] {
        try parse(Array(text.utf8), file: file)
    }

    package static func parse(_ bytes: [UInt8], file: String) throws(FileRefusal) -> [Document] {
        guard bytes.count <= largest else {
            throw FileRefusal(file: file, reason: "is larger than 16 MiB; split it")
        }
        var documents: [Document] = []
        for value in try YAMLValue.documents(bytes, file: file) {
            // A separator at the end of a stream begins an empty document.
            if !value.isNull { documents.append(try document(value)) }
        }
        guard !documents.isEmpty else { throw FileRefusal(file: file, line: 1, reason: "holds no baseline") }
        return documents
    }

    /// The lists of a spec alone, as `driftwatch.drift.allow` gives them; `spec:` above them is taken too.
    package static func parseSpec(_ text: String, file: String = "patch") throws(FileRefusal) -> BaselineSpec {
        guard let value = try YAMLValue.documents(Array(text.utf8), file: file).first else {
            throw FileRefusal(file: file, reason: "holds no entry")
        }
        return try SpecReader.spec(value.loneValue(of: "spec") ?? value).spec
    }

    static func document(_ value: YAMLValue) throws(FileRefusal) -> Document {
        // Looked at first: a file of another version may have other keys.
        if let version = value.value(of: "apiVersion") {
            let text = try version.text("apiVersion")
            guard !text.hasPrefix(Kubescape.group) else {
                throw version.refusal("is a profile of Kubescape; driftwatch baseline import takes it")
            }
            guard text == "driftwatch/v1" else {
                throw version.refusal(
                    "apiVersion \(shown(text)) is not known to this driftwatch, which reads driftwatch/v1")
            }
        }
        if let kind = value.value(of: "kind") {
            let text = try kind.text("kind")
            guard text == "Baseline" else { throw kind.refusal("kind must be Baseline, not \(shown(text))") }
        }
        let top = try value.mapping("a baseline", keys: ["apiVersion", "kind", "metadata", "spec", "status"])
        for key in ["apiVersion", "kind", "metadata", "spec"] where top[key] == nil {
            throw value.refusal("\(key) is missing")
        }
        let metadata = try top["metadata"]!.mapping("metadata", keys: ["workload", "image", "digest"])
        guard let name = metadata["workload"] else { throw top["metadata"]!.refusal("metadata.workload is missing") }
        let workload = try name.text("metadata.workload")
        guard !workload.isEmpty else { throw name.refusal("metadata.workload may not be empty") }
        let (spec, lines) = try SpecReader.spec(top["spec"]!)
        return Document(
            baseline: Baseline(
                key: BaselineKey(
                    workload: workload,
                    digest: try optional(metadata["digest"]) { v throws(FileRefusal) in
                        try v.text("metadata.digest")
                    }),
                image: try optional(metadata["image"]) { v throws(FileRefusal) in try v.text("metadata.image") },
                spec: spec,
                status: try optional(top["status"]) { v throws(FileRefusal) in try status(v) } ?? BaselineStatus()),
            file: value.file, line: value.node.line, lines: lines)
    }

    private static func status(_ value: YAMLValue) throws(FileRefusal) -> BaselineStatus {
        let keys = ["state", "completeness", "coverage", "instances", "learnedFrom", "learnedUntil", "gaps"]
        let fields = try value.mapping("status", keys: keys).withoutNulls
        var status = BaselineStatus()
        if let state = fields["state"] {
            let text = try state.text("status.state")
            guard let known = BaselineStatus.State(rawValue: text) else {
                throw state.refusal("status.state must be learning, candidate or armed, not \(shown(text))")
            }
            status.state = known
        }
        status.completeness = try fields["completeness"]?.fraction("status.completeness")
        if let coverage = fields["coverage"] {
            let counts = try coverage.mapping("status.coverage", keys: ["seen", "lost"])
            status.coverage = BaselineStatus.Coverage(
                seen: try counts["seen"]?.integer("status.coverage.seen", in: 0...BaselineStatus.most) ?? 0,
                lost: try counts["lost"]?.integer("status.coverage.lost", in: 0...BaselineStatus.most) ?? 0)
        }
        status.instances = try fields["instances"]?.integer("status.instances", in: 0...BaselineStatus.most)
        status.learnedFrom = try fields["learnedFrom"]?.time("status.learnedFrom")
        status.learnedUntil = try fields["learnedUntil"]?.time("status.learnedUntil")
        status.gaps = try fields["gaps"]?.integer("status.gaps", in: 0...BaselineStatus.most) ?? 0
        return status
    }

    private static func optional<Value>(
        _ value: YAMLValue?, _ read: (YAMLValue) throws(FileRefusal) -> Value
    ) throws(FileRefusal) -> Value? {
        guard let value, !value.isNull else { return nil }
        return try read(value)
    }

    static func files(_ path: String) throws(FileRefusal) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw FileRefusal(file: path, reason: "cannot be read: \(reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw FileRefusal(file: path, reason: "cannot be listed: \(reason(EACCES))")
        }
        var found: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            if stat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                // A link to a directory could lead back here.
                if lstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { found += try files(child) }
            } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                found.append(child)
            }
        }
        return found
    }
}

func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
